"""Adapters that PEFT itself saved: every figure as zoo.json tells it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest

from desktop.services.peft_folder import fingerprint, inspect_folder
from desktop.services.records import FileKind, Severity
from tests.services.peft_folder.paths import ADAPTERS, expectations, make_adapter

ALL = expectations()


@pytest.mark.parametrize(
    ("folder", "facts"), ALL, ids=[f"{f.parent.name}/{f.name}" for f, _ in ALL]
)
def test_figures_of_a_real_adapter(folder: Path, facts: dict[str, Any]) -> None:
    seen = inspect_folder(folder)
    assert seen.peft_type == facts["peft_type"]
    assert seen.tensor_count == facts["tensors"]
    assert seen.parameters == facts["params"]
    assert list(seen.dtypes) == facts["dtypes"]
    assert seen.task_type == facts["task_type"]
    assert seen.base_model_name == facts["base"]
    assert seen.weights_file == facts["file"]
    assert seen.size_bytes == facts["file_bytes"]
    assert {f.name: f.size for f in seen.files} == {
        p.name: p.stat().st_size for p in folder.iterdir()
    }
    assert json.loads(seen.config_text)["peft_type"] == facts["peft_type"]
    assert seen.fingerprint == fingerprint(folder) != ""
    assert list(seen.target_modules) == sorted(seen.target_modules)
    expected = set()
    if facts["file"].endswith(".bin"):
        expected.add("weights_pickle")
    if facts["base"] is None:
        expected.add("base_not_named")
    assert {f.code for f in seen.findings if f.severity != Severity.NOTE} == expected


def test_enough_types_are_covered() -> None:
    types = {facts["peft_type"] for folder, facts in ALL if folder.is_relative_to(ADAPTERS)}
    assert len(types) >= 20


@pytest.mark.parametrize(
    ("name", "variant", "rank", "alpha", "scaling"),
    [
        ("lora-llama", "LoRA", 8, 16, 2.0),
        ("dora-llama", "DoRA", 8, 16, 2.0),
        ("rslora-llama", "rsLoRA", 16, 16, 4.0),
        ("adalora-llama", "AdaLoRA", 8, 8, 1.0),
        ("ia3-llama", "IA³", None, None, None),
        ("loha-llama", "LoHa", 4, 8, 2.0),
        ("lokr-llama", "LoKr", 4, 8, 2.0),
        ("oft-llama", "OFT", None, None, None),
        ("prompt-llama", "Prompt", None, None, None),
        ("prefix-llama", "Prefix", None, None, None),
        ("vera-llama", "VeRA", 16, None, None),
        ("lora-mixtral-params", "LoRA", 2, 8, 4.0),
    ],
)
def test_variant_rank_and_scaling(
    name: str, variant: str, rank: int | None, alpha: float | None, scaling: float | None
) -> None:
    seen = inspect_folder(ADAPTERS / "ok" / name)
    assert (seen.variant, seen.rank, seen.alpha, seen.scaling) == (variant, rank, alpha, scaling)


@pytest.mark.parametrize(
    ("name", "widths"),
    [
        ("lora-llama", {("q_proj", 32, 32), ("v_proj", 32, 16)}),
        ("loha-llama", {("q_proj", 32, 32), ("v_proj", 32, 16)}),
        ("lokr-llama", {("q_proj", 32, 32), ("v_proj", 32, 16)}),
        ("delora-llama", {("q_proj", 32, 32), ("v_proj", 32, 16)}),
        ("gralora-llama", {("o_proj", 32, 32), ("q_proj", 32, 32)}),
        ("ia3-llama", {("down_proj", 64, 0), ("k_proj", 0, 16), ("v_proj", 0, 16)}),
        ("hra-llama", {("q_proj", 32, 0), ("v_proj", 32, 0)}),
        ("miss-llama", {("q_proj", 0, 32), ("v_proj", 0, 16)}),
        ("vera-llama", {("o_proj", 0, 32), ("q_proj", 0, 32)}),
        ("prompt-llama", {("prompt_embeddings", 0, 32)}),
        ("lora-llama-embeddings", {("embed_tokens", 96, 32), ("q_proj", 32, 32)}),
        ("lora-mixtral-params", set()),
    ],
)
def test_widths_of_the_modules(name: str, widths: set[tuple[str, int, int]]) -> None:
    seen = inspect_folder(ADAPTERS / "ok" / name)
    assert set(seen.tensor_widths) == widths


def test_layers_are_counted_but_not_replicated_ones() -> None:
    assert inspect_folder(ADAPTERS / "ok/lora-llama").layer_count == 2
    assert inspect_folder(ADAPTERS / "ok/lora-llama-layers").layer_count == 2
    assert inspect_folder(ADAPTERS / "ok/lora-llama-replication").layer_count is None
    assert inspect_folder(ADAPTERS / "ok/prompt-llama").layer_count is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lora-llama-modulestosave", "whole tensors of “lm_head”, 12.3 kB in all."),
        ("lora-bert-seqcls", "whole tensors of “classifier”, 396 B in all."),
        ("lora-llama-embeddings", "whole tensors of “embed_tokens”, 12.3 kB in all."),
        ("lora-gpt2-bias", "whole tensors of “c_attn.bias”, 768 B in all."),
    ],
)
def test_whole_tensors_are_named_with_their_size(name: str, message: str) -> None:
    (note,) = inspect_folder(ADAPTERS / "ok" / name).findings
    assert note.severity == Severity.NOTE
    assert note.code == "full_tensors"
    assert note.message == f"The adapter also holds {message}"


def test_a_regular_expression_is_one_target() -> None:
    seen = inspect_folder(ADAPTERS / "ok/lora-llama-regex")
    assert seen.target_is_regex
    assert seen.target_modules == (r".*\.layers\.1\..*\.(q|k)_proj",)


def test_a_checkpoint_says_what_serves_training_only() -> None:
    seen = inspect_folder(ADAPTERS / "training/llama-sft/checkpoint-20")
    (note,) = seen.findings
    assert note.code == "training_files"
    assert note.message == (
        "4.24 kB here only serves training: “trainer_state.json”, “optimizer.pt” and "
        "“rng_state.pth”."
    )
    assert "never opens" in note.advice
    assert seen.training_bytes == 4238
    kinds = {f.name: f.kind for f in seen.files}
    assert kinds["optimizer.pt"] == FileKind.TRAINING
    assert kinds["adapter_config.json"] == FileKind.CONFIG
    assert kinds["adapter_model.safetensors"] == FileKind.WEIGHTS
    assert kinds["README.md"] == FileKind.CARD
    assert "never opened" in {f.name: f.note for f in seen.files}["optimizer.pt"]


def test_names_from_a_scan_save_the_listing() -> None:
    seen = inspect_folder(ADAPTERS / "ok/lora-llama", names=["adapter_config.json", "gone"])
    assert [f.name for f in seen.files] == ["adapter_config.json"]
    assert seen.parameters == 1792


def test_the_fingerprint_changes_with_the_weights(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "a")
    first = fingerprint(folder)
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes() + b"x")
    assert fingerprint(folder) != first
    (folder / "README.md").write_text("hello")
    second = fingerprint(folder)
    (folder / "README.md").write_text("hello again")
    assert fingerprint(folder) == second
    assert fingerprint(tmp_path) == ""
    assert fingerprint("\0") == ""


def test_importing_the_package_brings_nothing_heavy() -> None:
    code = (
        "import sys, desktop.services.peft_folder as p; p.inspect_folder(sys.argv[1]);"
        "print(sorted(set(sys.modules) & {'numpy','torch','safetensors','yaml',"
        "'huggingface_hub','sqlalchemy','PySide6','pickle','pickletools','zipfile','pathlib'}))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, str(ADAPTERS / "ok/lora-llama")],
        capture_output=True, text=True, check=True, cwd=ADAPTERS.parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_usual_adapter_is_read_in_a_breath(tmp_path: Path) -> None:
    from tests.services.peft_folder.paths import lora_shapes

    folder = make_adapter(tmp_path / "a", weights=lora_shapes(layers=50))
    inspect_folder(folder)
    best = 1.0
    for _ in range(7):
        began = time.process_time()
        assert inspect_folder(folder).tensor_count == 200
        best = min(best, time.process_time() - began)
    assert best < 0.03  # about 3 ms here; ten times that on a slow machine


def test_every_public_name_is_there() -> None:
    import desktop.services.peft_folder as package

    for name in package.__all__:
        assert not isinstance(getattr(package, name), types.ModuleType)
    assert sorted(package._HOME_OF) == sorted(package.__all__)
    with pytest.raises(AttributeError):
        package.nothing  # noqa: B018
