"""Finding adapters below a folder, and marking folders of a tree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled
from desktop.services.peft_folder import Mark, classify_folder, find_adapters
from tests.services.peft_folder.paths import ADAPTERS, copy_adapter, make_adapter


def test_checkpoints_newest_first() -> None:
    found = find_adapters(ADAPTERS / "training/llama-sft")
    assert [(a.title, a.step, a.newest) for a in found] == [
        ("llama-sft", None, False),
        ("checkpoint-20", 20, True),
        ("checkpoint-10", 10, False),
    ]
    assert all(a.size_bytes == 4608 and a.mtime for a in found)
    assert Path(found[1].path) == ADAPTERS / "training/llama-sft/checkpoint-20"


def test_named_adapters_and_deeper_ones() -> None:
    assert [a.title for a in find_adapters(ADAPTERS / "multi/llama-three")] == [
        "llama-three", "chat", "sql",
    ]  # fmt: skip
    assert [a.title for a in find_adapters(ADAPTERS / "multi")] == [
        "llama-three", os.path.join("llama-three", "chat"), os.path.join("llama-three", "sql"),
    ]  # fmt: skip
    assert find_adapters(ADAPTERS / "other") == ()


def test_steps_are_numbers_and_each_run_has_its_newest(tmp_path: Path) -> None:
    for run, steps in (("b", (9, 10, 100)), ("a", (5, 6)), ("c", (3,))):
        for step in steps:
            make_adapter(tmp_path / run / f"checkpoint-{step}")
    make_adapter(tmp_path / "b" / "final")
    found = find_adapters(tmp_path)
    assert [(a.title.replace(os.sep, "/"), a.newest) for a in found] == [
        ("b/final", False),
        ("a/checkpoint-6", True), ("a/checkpoint-5", False),
        ("b/checkpoint-100", True), ("b/checkpoint-10", False), ("b/checkpoint-9", False),
        ("c/checkpoint-3", False),
    ]  # fmt: skip


def test_limits_of_depth_entries_and_patience(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(6):
        deep /= "d"
        make_adapter(deep)
    assert len(find_adapters(tmp_path)) == 3
    assert len(find_adapters(tmp_path, max_depth=6)) == 6
    assert len(find_adapters(tmp_path, max_depth=0)) == 0
    assert len(find_adapters(tmp_path, max_entries=4)) <= 2
    with pytest.raises(Cancelled):
        find_adapters(tmp_path, cancelled=lambda: True)


def test_links_are_not_followed(tmp_path: Path) -> None:
    make_adapter(tmp_path / "a")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / ".git").mkdir()
    make_adapter(tmp_path / ".git" / "x")
    assert [a.title for a in find_adapters(tmp_path)] == ["a"]
    # But a person may choose a link.
    assert [a.title for a in find_adapters(tmp_path / "b")] == ["b"]


def test_an_adapter_without_weights_is_found(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "a")
    (folder / "adapter_model.safetensors").unlink()
    (found,) = find_adapters(tmp_path)
    assert (found.size_bytes, found.mtime) == (None, None)
    copy_adapter("ok/lora-llama-bin", tmp_path / "b")
    assert find_adapters(tmp_path / "b")[0].size_bytes


@pytest.mark.parametrize(
    ("folder", "mark", "word"),
    [
        ("ok/lora-llama", Mark.ADAPTER, "Adapter"),
        ("ok/prompt-llama", Mark.ADAPTER, "Adapter"),
        ("ok/lora-llama-bin", Mark.ADAPTER, "Unsafe format"),
        ("training/llama-sft", Mark.ADAPTER, "Adapter"),
        ("training", Mark.PLAIN, ""),
        ("other/diffusers", Mark.NOT_PEFT, "Diffusers LoRA"),
        ("other/kohya", Mark.NOT_PEFT, "Kohya LoRA"),
        ("other/full-model", Mark.NOT_PEFT, "Full model"),
    ],
)
def test_marks_of_real_folders(folder: str, mark: Mark, word: str) -> None:
    seen = classify_folder(ADAPTERS / folder)
    assert (seen.mark, seen.word) == (mark, word)


@pytest.mark.parametrize(
    ("config", "weights", "word"),
    [
        (b"[]", None, "Config"),
        (b"", None, "Config"),
        (b"version https://git-lfs.github.com/spec/v1\n", None, "Pointer"),
        (None, b"", "Empty"),
        (None, b"version https://git-lfs.github.com/spec/v1\n", "Pointer"),
        (None, b"\xff" * 100, "Weights"),
        (None, b"PK\x03\x04" + bytes(100), "Weights"),
    ],
)
def test_marks_of_broken_folders(
    config: bytes | None, weights: bytes | None, word: str, tmp_path: Path
) -> None:
    seen = classify_folder(make_adapter(tmp_path / "a", config, weights))
    assert (seen.mark, seen.word) == (Mark.BROKEN, word)
    assert seen.reason.endswith(".")


def test_half_an_adapter_is_broken(tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "a")
    (folder / "adapter_config.json").unlink()
    assert classify_folder(folder).word == "No config"
    make_adapter(folder)
    (folder / "adapter_model.safetensors").unlink()
    assert classify_folder(folder).word == "No weights"
    for form in ("utf-8-sig", "utf-16"):
        marked = make_adapter(tmp_path / form, '{"peft_type": "LORA"}'.encode(form))
        assert classify_folder(marked).mark == Mark.ADAPTER
