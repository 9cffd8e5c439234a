"""Weights against the config, and files that are not what their name says."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path

import pytest

from desktop.services.peft_folder import inspect_folder
from desktop.services.records import Finding, FolderInspection, Severity
from tests.services.peft_folder.paths import (
    ADAPTERS,
    LORA_CONFIG,
    copy_adapter,
    lora_shapes,
    make_adapter,
    tensors_file,
)

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 8192\n"


def _only(seen: FolderInspection) -> Finding:
    assert len(seen.findings) == 1, seen.findings
    return seen.findings[0]


def test_a_sound_adapter_has_nothing_to_say(tmp_path: Path) -> None:
    assert inspect_folder(make_adapter(tmp_path / "a")).findings == ()


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b"", "weights_empty", "adapter_model.safetensors is empty."),
        (POINTER, "weights_pointer",
         "is a Git LFS pointer: the weights themselves were not fetched."),
        (tensors_file(lora_shapes())[:-100], "weights_truncated",
         "adapter_model.safetensors is not complete."),
        (b"\x80\x02}q\x00X\x01\x00\x00\x00aK\x01s.", "weights_disguised",
         "adapter_model.safetensors is a pickle under another name. It can run code, so Lorarium "
         "never opens it."),
        (b"PK\x03\x04" + bytes(200), "weights_disguised", "is a pickle under another name."),
        (b"<!DOCTYPE html><html>Sign in</html>", "weights_web_page",
         "adapter_model.safetensors is a web page, not weights."),
        (b"GGUF" + bytes(64), "weights_malformed",
         "is not a sound safetensors file: its first eight bytes are not the length of a header."),
    ],
)  # fmt: skip
def test_what_blocks(data: bytes, code: str, message: str, tmp_path: Path) -> None:
    seen = inspect_folder(make_adapter(tmp_path / "a", weights=data))
    finding = _only(seen)
    assert (finding.field, finding.code, finding.severity) == ("location", code, Severity.ERROR)
    assert message in finding.message
    assert seen.parameters is seen.tensor_count is None
    assert seen.size_bytes == len(data)
    assert seen.peft_type == "LORA"


def test_no_weights_at_all(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "a")
    (folder / "adapter_model.safetensors").unlink()
    finding = _only(inspect_folder(folder))
    assert finding.code == "weights_missing"
    assert finding.message == "There are no weights in this folder."


def test_a_broken_safetensors_file_has_no_stand_in(tmp_path: Path) -> None:
    folder = copy_adapter("ok/lora-llama-bin", tmp_path / "a")
    (folder / "adapter_model.safetensors").write_bytes(b"")
    assert [f.code for f in inspect_folder(folder).findings] == ["weights_empty"]


def test_safetensors_win_over_a_pickle(tmp_path: Path) -> None:
    folder = copy_adapter("ok/lora-llama-bin", tmp_path / "a")
    (folder / "adapter_model.safetensors").write_bytes(tensors_file(lora_shapes()))
    seen = inspect_folder(folder)
    assert seen.weights_file == "adapter_model.safetensors"
    finding = _only(seen)
    assert (finding.code, finding.severity) == ("pickle_beside", Severity.NOTE)


@pytest.mark.parametrize(
    ("real", "config_rank", "message"),
    [
        (16, 8, "Weights have rank 16, the config says 8."),
        (4, None, "Weights have rank 4, the config is silent, which means 8."),
    ],
)
def test_another_rank(real: int, config_rank: int | None, message: str, tmp_path: Path) -> None:
    config = {k: v for k, v in LORA_CONFIG.items() if k != "r" or config_rank}
    seen = inspect_folder(make_adapter(tmp_path / "a", config, lora_shapes(real)))
    finding = _only(seen)
    assert (finding.code, finding.severity) == ("rank_mismatch", Severity.WARNING)
    assert finding.message == message
    assert finding.advice == f"Set r to {real} in adapter_config.json, then check again."
    assert seen.rank == (config_rank or real)


def test_ranks_by_pattern(tmp_path: Path) -> None:
    shapes = lora_shapes(8) | {
        k: v for k, v in lora_shapes(2).items() if "layers.1.self_attn.q" in k
    }
    right = {"layers.1.self_attn.q_proj": 2}
    assert (
        inspect_folder(make_adapter(tmp_path / "a", None, shapes, rank_pattern=right)).findings
        == ()
    )
    whole = {"^model.layers.1.self_attn.q_proj": 2}
    assert (
        inspect_folder(make_adapter(tmp_path / "b", None, shapes, rank_pattern=whole)).findings
        == ()
    )
    finding = _only(inspect_folder(make_adapter(tmp_path / "c", None, shapes)))
    assert finding.message == (
        "“model.layers.1.self_attn.q_proj” has another rank than the config says: "
        "“model.layers.1.self_attn.q_proj” has 2, the config says 8."
    )
    # A real expression is not run: what it may cover is left alone.
    unknown = {r".*(layers|h)\.1\..*": 2}
    assert (
        inspect_folder(make_adapter(tmp_path / "d", None, shapes, rank_pattern=unknown)).findings
        == ()
    )


def test_half_pairs(tmp_path: Path) -> None:
    shapes = lora_shapes()
    for key in [k for k in shapes if "q_proj.lora_B" in k]:
        del shapes[key]
    finding = _only(inspect_folder(make_adapter(tmp_path / "a", None, shapes)))
    assert (finding.code, finding.severity) == ("half_pair", Severity.WARNING)
    assert finding.message == "2 modules (“q_proj”) have lora_A but no lora_B."
    shapes = lora_shapes(layers=1)
    del shapes["base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight"]
    finding = _only(inspect_folder(make_adapter(tmp_path / "b", None, shapes)))
    assert finding.message == "“model.layers.0.self_attn.v_proj” has lora_B but no lora_A."


def test_a_pair_that_does_not_fit(tmp_path: Path) -> None:
    shapes = lora_shapes()
    shapes["base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight"] = (32, 4)
    finding = _only(inspect_folder(make_adapter(tmp_path / "a", None, shapes)))
    assert finding.code == "pair_shapes"


@pytest.mark.parametrize("shape", [(0,), (256,), (0, 32), (8, 0)])
def test_shards_that_were_not_gathered(shape: tuple[int, ...], tmp_path: Path) -> None:
    shapes = {k: shape if "lora_A" in k else v for k, v in lora_shapes().items()}
    finding = _only(inspect_folder(make_adapter(tmp_path / "a", None, shapes)))
    assert (finding.code, finding.severity) == ("weights_ungathered", Severity.WARNING)
    assert "4 modules (“q_proj” and “v_proj”) are empty or flat" in finding.message
    assert "ZeRO-3" in finding.advice


def test_targets(tmp_path: Path) -> None:
    absent = make_adapter(tmp_path / "a", target_modules=["q_proj", "v_proj", "k_proj", "up_proj"])
    finding = _only(inspect_folder(absent))
    assert (finding.code, finding.severity) == ("targets_absent", Severity.WARNING)
    assert finding.message == (
        "The config targets “k_proj” and “up_proj”, but the weights have nothing for them."
    )
    extra = make_adapter(tmp_path / "b", target_modules=["q_proj"])
    finding = _only(inspect_folder(extra))
    assert finding.code == "targets_extra"
    assert "2 modules (“v_proj”), which the config does not target" in finding.message
    paths = ["self_attn.q_proj", "layers.0.self_attn.v_proj", "model.layers.1.self_attn.v_proj"]
    full = make_adapter(tmp_path / "c", target_modules=paths)
    assert inspect_folder(full).findings == ()
    for text in ("all-linear", ".*nothing_like_it"):
        assert inspect_folder(make_adapter(tmp_path / text, target_modules=text)).findings == ()


@pytest.mark.parametrize(
    ("folder", "peft_type", "message"),
    [
        ("ok/ia3-llama", "LORA", "The config says LoRA, but the weights look like IA³."),
        ("ok/lora-llama", "IA3", "The config says IA³, but the weights look like LoRA."),
        ("ok/lora-llama", "ADALORA", "The config says AdaLoRA, but the weights look like LoRA."),
        ("ok/adalora-llama", "LORA", "The config says LoRA, but the weights look like AdaLoRA."),
        ("ok/prompt-llama", "LORA", "The config says LoRA, but the weights look like a prompt."),
        ("ok/lora-llama", "PROMPT_TUNING",
         "The config says Prompt, but the weights look like LoRA."),
    ],
)  # fmt: skip
def test_another_type(folder: str, peft_type: str, message: str, tmp_path: Path) -> None:
    copy = copy_adapter(folder, tmp_path / "a")
    config = json.loads((copy / "adapter_config.json").read_text())
    (copy / "adapter_config.json").write_text(json.dumps({**config, "peft_type": peft_type}))
    found = [f for f in inspect_folder(copy).findings if f.severity == Severity.WARNING]
    assert [(f.code, f.message) for f in found] == [("type_mismatch", message)]


def test_weights_of_something_else(tmp_path: Path) -> None:
    finding = _only(inspect_folder(make_adapter(tmp_path / "a", None, {"model.weight": (2, 2)})))
    assert finding.message == "The config says LoRA, but the weights hold none of its tensors."
    finding = _only(inspect_folder(make_adapter(tmp_path / "b", None, {})))
    assert finding.code == "weights_no_tensors"
    new = make_adapter(tmp_path / "c", None, {"x.new_A": (2, 2)}, peft_type="HYPERLORA")
    assert [f.code for f in inspect_folder(new).findings] == ["peft_type_unknown"]


def test_dora_with_and_without_its_vectors(tmp_path: Path) -> None:
    finding = _only(inspect_folder(make_adapter(tmp_path / "a", use_dora=True)))
    assert finding.message == "The config says DoRA, but the weights have no magnitude vectors."
    copy = copy_adapter("ok/dora-llama", tmp_path / "b")
    config = json.loads((copy / "adapter_config.json").read_text())
    (copy / "adapter_config.json").write_text(json.dumps({**config, "use_dora": False}))
    assert _only(inspect_folder(copy)).code == "dora_mismatch"


# -- pickles -----------------------------------------------------------------------------------


def _bomb(target: Path) -> bytes:
    """A pickle, written by hand, that makes a folder when it is loaded: {"w": os.mkdir(target)}."""
    text = str(target).encode()
    call = b"cos\nmkdir\n(X" + struct.pack("<I", len(text)) + text + b"tR"
    return b"\x80\x02}X\x01\x00\x00\x00w" + call + b"s."


def _archive(path: Path, program: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("adapter_model/data.pkl", program)
        archive.writestr("adapter_model/data/0", bytes(64))


def _bin_folder(folder: Path) -> Path:
    make_adapter(folder)
    (folder / "adapter_model.safetensors").unlink()
    return folder


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_pickle_is_never_run(wrapped: bool, tmp_path: Path) -> None:
    folder = _bin_folder(tmp_path / "a")
    program = _bomb(tmp_path / "canary")
    if wrapped:
        _archive(folder / "adapter_model.bin", program)
    else:
        (folder / "adapter_model.bin").write_bytes(program)
    seen = inspect_folder(folder)
    finding = _only(seen)
    assert (finding.code, finding.severity) == ("weights_pickle", Severity.WARNING)
    assert finding.message == (
        "These weights are in a pickle format that can run code. Lorarium lists them and never "
        "opens them."
    )
    assert seen.parameters is seen.tensor_count is None
    assert not (tmp_path / "canary").exists()


def test_the_outline_of_a_real_pickle() -> None:
    seen = inspect_folder(ADAPTERS / "ok/lora-llama-bin")
    assert (seen.tensor_count, seen.parameters, seen.dtypes) == (8, 1792, ("float32",))
    assert seen.rank == 8
    assert set(seen.tensor_widths) == {("q_proj", 32, 32), ("v_proj", 32, 16)}


@pytest.mark.parametrize(
    "program",
    [
        b"\x80\x02c__builtin__\neval\nq\x00.",
        b"\x80\x02}q\x00X\x01\x00\x00\x00aK\x01s.",
        b"\x80\x02h\x63.",
        b"\x80\x02(((((t.",
        b"\x80\x02R.",
        b"\x80\x02",
        b"",
        b"garbage",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"\x80\x02" + b"]q\x00" * 100_000 + b".",
    ],
)
def test_a_strange_program_gives_no_figures(program: bytes, tmp_path: Path) -> None:
    folder = _bin_folder(tmp_path / "a")
    _archive(folder / "adapter_model.bin", program)
    seen = inspect_folder(folder)
    assert _only(seen).code == "weights_pickle"
    assert seen.parameters is None


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"", ["weights_empty"]),
        (POINTER, ["weights_pointer"]),
        (b"<html>", ["weights_web_page"]),
        (b"PK\x03\x04" + bytes(500), ["weights_truncated"]),
        (b"PK\x03\x04" + bytes(40) + b"PK\x05\x06" + b"\xff" * 18, ["weights_pickle"]),
        (b"nothing known", ["weights_pickle", "weights_unknown"]),
    ],
)
def test_other_files_called_bin(data: bytes, codes: list[str], tmp_path: Path) -> None:
    folder = _bin_folder(tmp_path / "a")
    (folder / "adapter_model.bin").write_bytes(data)
    seen = inspect_folder(folder)
    assert [f.code for f in seen.findings] == codes
    assert seen.weights_file == "adapter_model.bin"


def test_a_cut_archive(tmp_path: Path) -> None:
    folder = copy_adapter("ok/lora-llama-bin", tmp_path / "a")
    path = folder / "adapter_model.bin"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    finding = _only(inspect_folder(folder))
    assert (finding.code, finding.severity) == ("weights_truncated", Severity.ERROR)
