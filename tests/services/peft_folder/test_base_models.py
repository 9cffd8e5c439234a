"""Names of base models, their shapes, and whether an adapter fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.services.peft_folder import (
    BaseShape,
    base_fit,
    base_shape,
    cached_base_dir,
    inspect_folder,
    is_hub_name,
    loading_snippet,
    same_name,
    split_base_name,
)
from desktop.services.peft_folder.base_models import shape_of
from desktop.services.records import FolderInspection, Severity
from tests.services.peft_folder.paths import ADAPTERS, lora_shapes, make_adapter

BASE = str(ADAPTERS / "other/full-model")
SHA = "01c7f73d771dfac7d292323805ebc428287df4f9"
LLAMA = "meta-llama/Llama-2-7b-hf"


@pytest.mark.parametrize(
    ("name", "title", "revision", "hub"),
    [
        (LLAMA, LLAMA, None, LLAMA),
        ("gpt2", "gpt2", None, "gpt2"),
        (f"/home/a/.cache/huggingface/hub/models--meta-llama--Llama-2-7b-hf/snapshots/{SHA}",
         LLAMA, SHA, LLAMA),
        (rf"C:\cache\models--gpt2\snapshots\{SHA}", "gpt2", SHA, "gpt2"),
        ("models--org--name", "org/name", None, "org/name"),
        (r"C:\models\Llama-2-7b-hf", "Llama-2-7b-hf", None, None),
        ("/home/cdsw/base_models/llama-2-7b/", "llama-2-7b", None, None),
        (r"\\server\share\model", "model", None, None),
        ("https://huggingface.co/a/b", "a/b", None, "a/b"),
        ("https://example.org/x", "x", None, None),
        ("../../etc/passwd", "passwd", None, None),
        ("/x/models--..--..--etc", "models--..--..--etc", None, None),
        ("  ", "", None, None),
        (None, "", None, None),
    ],
)  # fmt: skip
def test_names_taken_apart(
    name: str | None, title: str, revision: str | None, hub: str | None
) -> None:
    parts = split_base_name(name)
    assert (parts.title, parts.revision, parts.hub_name) == (title, revision, hub)


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        (LLAMA, "META-llama/llama-2-7B-hf", "same"),
        ("NousResearch/Llama-2-7b-hf", LLAMA, "alike"),
        ("unsloth/llama-2-7b-bnb-4bit", LLAMA, "alike"),
        (
            "unsloth/mistral-7b-instruct-v0.3-bnb-4bit",
            "mistralai/Mistral-7B-Instruct-v0.3",
            "alike",
        ),
        (r"C:\models\Llama-2-7b-hf", LLAMA, "alike"),
        ("/a/llama", "/a/llama", "same"),
        ("/a/llama", "/b/llama", "alike"),
        (f"/hub/models--meta-llama--Llama-2-7b-hf/snapshots/{SHA}", LLAMA, "same"),
        ("bigscience/bloom-1b1", LLAMA, "different"),
        ("meta-llama/Llama-2-13b-hf", LLAMA, "different"),
        (None, LLAMA, "unknown"),
    ],
)
def test_when_two_names_mean_one_model(one: str | None, other: str, relation: str) -> None:
    assert same_name(one, other) == relation
    assert same_name(other, one) == relation


def test_names_that_may_become_a_path() -> None:
    assert all(is_hub_name(n) for n in ("gpt2", "a/b", "A-1.b/c_d"))
    bad = (
        "",
        "a/b/c",
        "../x",
        "a/..",
        "a--b",
        "/a",
        "a/",
        ".a",
        "a.",
        "a b",
        "é/x",
        "a\n",
        "x" * 97,
    )
    assert not any(is_hub_name(n) for n in bad)


@pytest.mark.parametrize(
    ("config", "shape"),
    [
        ({"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12},
         BaseShape("gpt2", 768, 12, 768, 768, (3072,))),
        ({"model_type": "t5", "d_model": 512, "num_layers": 6, "num_decoder_layers": 8,
          "num_heads": 8, "d_kv": 64, "d_ff": 2048}, BaseShape("t5", 512, 8, 512, 512, (2048,))),
        ({"model_type": "llava", "text_config": {"hidden_size": 64, "num_hidden_layers": 3,
          "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 128}},
         BaseShape("llava", 64, 3, 64, 32, (128,))),
        ({"model_type": "falcon", "hidden_size": 64, "num_attention_heads": 8, "multi_query": True},
         BaseShape("falcon", 64, None, 64, 8, ())),
        ({"model_type": "deepseek_v3", "hidden_size": 64, "num_attention_heads": 8,
          "kv_lora_rank": 512}, BaseShape("deepseek_v3", 64, None, None, None, ())),
        ({"model_type": 7, "hidden_size": 10, "num_attention_heads": 3},
         BaseShape(None, 10, None, None, None, ())),
    ],
)  # fmt: skip
def test_shapes_of_base_models(config: dict[str, Any], shape: BaseShape) -> None:
    assert shape_of(config) == shape


def test_a_config_without_a_shape(tmp_path: Path) -> None:
    assert base_shape(str(tmp_path)) is None
    for text in (
        "[]",
        "{}",
        '{"hidden_size": -1}',
        '{"hidden_size": true}',
        "{",
        '{"hidden_size": 1e9}',
    ):
        (tmp_path / "config.json").write_text(text)
        assert base_shape(str(tmp_path)) is None
    (tmp_path / "config.json").write_bytes(b" " * (2 << 20))
    assert base_shape(str(tmp_path)) is None


def _fit(adapter: str | FolderInspection, title: str = LLAMA, folder: str | None = BASE) -> Any:
    seen = inspect_folder(ADAPTERS / "ok" / adapter) if isinstance(adapter, str) else adapter
    return base_fit(seen, named=seen.base_model_name, base_title=title, base_dir=folder)


@pytest.mark.parametrize(
    ("adapter", "verdict", "sentence"),
    [
        ("lora-llama", "fits", "Named in the config; widths and 2 layers match."),
        ("ia3-llama", "fits", "Named in the config; widths and 2 layers match."),
        ("prompt-llama", "fits", "Named in the config; widths match."),
        ("lora-bnbbase", "fits", "Named alike in the config; widths and 2 layers match."),
        ("lora-winbase", "fits", "Named alike in the config; widths and 2 layers match."),
        ("lora-nobase", "fits", "Widths and 2 layers match."),
        ("oft-llama", "named", "Named in the config."),
        ("prefix-llama", "named", "Named in the config."),
    ],
)
def test_adapters_that_fit(adapter: str, verdict: str, sentence: str) -> None:
    fit = _fit(adapter)
    assert (fit.verdict, fit.sentence) == (verdict, sentence)
    assert all(f.severity == Severity.NOTE for f in fit.findings)


def test_only_the_name_is_known() -> None:
    assert _fit("lora-llama", folder=None).verdict == "named"
    assert _fit("lora-nobase", folder=None).verdict == "unknown"
    fit = _fit("lora-llama", "bigscience/bloom-1b1", None)
    assert fit.verdict == "differs"
    (finding,) = fit.findings
    assert (finding.field, finding.code, finding.severity) == (
        "model_id", "base_name", Severity.WARNING,
    )  # fmt: skip
    assert finding.message == f"The config names “{LLAMA}”, not “bigscience/bloom-1b1”."
    assert finding.suggestion == LLAMA


def test_another_shape(tmp_path: Path) -> None:
    fit = _fit("lora-gpt2-bias", "openai-community/gpt2")
    assert fit.verdict == "differs"
    assert fit.findings[0].code == "base_shape"
    assert fit.sentence == (
        "The adapter does not fit “openai-community/gpt2”: “c_attn” gives 96 values in the adapter "
        "and 64 in the model."
    )
    wide = inspect_folder(make_adapter(tmp_path / "a", None, lora_shapes(width=64)))
    assert "takes 64 values in the adapter and 32 in the model" in _fit(wide).sentence
    deep = inspect_folder(
        make_adapter(tmp_path / "b", None, lora_shapes(layers=5, modules=("q_proj",)))
    )
    assert "tensors for layer 5, the model has 2 layers" in _fit(deep).sentence
    shallow = inspect_folder(
        make_adapter(tmp_path / "c", None, lora_shapes(layers=1, modules=("q_proj",)))
    )
    assert _fit(shallow).sentence == (
        "Named in the config; widths match, layers up to 1 of 2 are trained."
    )
    other = _fit("lora-llama", "someone/fine-tuned")
    assert other.verdict == "fits"
    assert other.sentence == f"Widths and 2 layers match, but the config names “{LLAMA}”."
    assert [f.code for f in other.findings] == ["base_name"]


def test_the_local_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert cached_base_dir(LLAMA) is None
    repo = tmp_path / "models--meta-llama--Llama-2-7b-hf"
    for sha in ("a" * 40, "b" * 40):
        (repo / "snapshots" / sha).mkdir(parents=True)
    blob = repo / "blobs" / "1"
    blob.parent.mkdir()
    blob.write_text(json.dumps({"hidden_size": 32}))
    (repo / "snapshots" / ("a" * 40) / "config.json").symlink_to("../../blobs/1")
    assert cached_base_dir(LLAMA) == str(repo / "snapshots" / ("a" * 40))
    (repo / "snapshots" / ("b" * 40) / "config.json").write_text("{}")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("b" * 40)
    assert cached_base_dir(LLAMA) == str(repo / "snapshots" / ("b" * 40))
    (repo / "refs" / "main").write_text("../../../../etc")
    assert cached_base_dir(LLAMA) in {str(repo / "snapshots" / (c * 40)) for c in "ab"}
    shape = base_shape(str(repo / "snapshots" / ("a" * 40)))
    assert shape is not None
    assert shape.hidden == 32
    for bad in ("../x", "a/../b", "/etc", "", "a--b"):
        assert cached_base_dir(bad) is None
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    assert cached_base_dir(LLAMA) is None


def test_snippets_load_by_task(tmp_path: Path) -> None:
    seen = inspect_folder(ADAPTERS / "ok/lora-cachebase")
    text = loading_snippet(seen)
    compile(text, "snippet", "exec")
    assert "AutoModelForCausalLM.from_pretrained(base_name, revision=" in text
    assert f"base_name = '{LLAMA}'" in text
    assert SHA in text
    assert repr(str(ADAPTERS / "ok/lora-cachebase")) in text
    assert "SequenceClassification" in loading_snippet(ADAPTERS / "ok/lora-bert-seqcls")
    nobase = loading_snippet(ADAPTERS / "ok/lora-nobase")
    assert "AutoPeftModelForCausalLM.from_pretrained(" in nobase
    assert "base_name = 'other/model'" in loading_snippet(seen, "other/model")
    evil = loading_snippet("/x'); import os #\udcff\n", "a'\n+b")
    compile(evil, "snippet", "exec")
    assert "os.fsdecode(b" in evil
    assert evil.count("\n") == len(evil.splitlines())
    assert not any(line.startswith("+") for line in evil.splitlines())
