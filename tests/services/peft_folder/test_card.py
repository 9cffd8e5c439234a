"""Model cards: read, split, and made harmless to lay out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.services.peft_folder import ModelCard, read_card
from desktop.services.peft_folder.card import MAX_LINES, MAX_WORD, make_card
from tests.services.peft_folder.paths import ADAPTERS


def test_a_card_as_peft_writes_it() -> None:
    card = read_card(ADAPTERS / "ok/lora-llama")
    assert card.front_matter == (
        ("base_model", "meta-llama/Llama-2-7b-hf"),
        ("library_name", "peft"),
        ("pipeline_tag", "text-generation"),
        ("tags", "base_model:adapter:meta-llama/Llama-2-7b-hf, lora, transformers"),
    )
    assert card.markdown.startswith("# lora-llama\n\nTiny adapter")
    assert not card.truncated
    assert card.problem == ""


def test_no_card_and_cards_that_cannot_be_read(tmp_path: Path) -> None:
    assert read_card(tmp_path) == ModelCard()
    assert read_card(tmp_path / "gone") == ModelCard()
    (tmp_path / "README.md").symlink_to("/etc/passwd")
    assert read_card(tmp_path).problem == "README.md is a link to a file outside this folder."
    (tmp_path / "README.md").unlink()
    (tmp_path / "README.md").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    assert "Git LFS pointer" in read_card(tmp_path).problem
    (tmp_path / "README.md").write_bytes(b"x \n" * 200_000)
    assert read_card(tmp_path).truncated


@pytest.mark.parametrize(
    ("text", "front", "markdown"),
    [
        ("---\na: 'b'\n---\n# x", (("a", "b"),), "# x"),
        ("---\na: [x, \"y\"]\nb:\n  - 1\n  - 2\n---\n", (("a", "x, y"), ("b", "1, 2")), ""),
        ("---\na:\n  b:\n    c: d\n# note\n---\nx", (("a", "b:, c: d"),), "x"),
        ("---\na: &x [1]\nb: *x\n---\n", (("a", "&x [1]"), ("b", "*x")), ""),
        ("---\na: !!python/object/apply:os.system ['x']\n---\n",
         (("a", "!!python/object/apply:os.system ['x']"),), ""),
        ("---\nnever closed\n", (), "---\nnever closed"),
        ("no front", (), "no front"),
        ("\ufeff---\na: b\n---\nx", (("a", "b"),), "x"),
        ("---\r\na: b\r\n---\r\nx\r\ny", (("a", "b"),), "x\ny"),
        ("---\n---\n", (), ""),
        ("", (), ""),
    ],
)  # fmt: skip
def test_front_matter(text: str, front: tuple[tuple[str, str], ...], markdown: str) -> None:
    card = make_card(text.encode())
    assert card.front_matter == front
    assert card.markdown == markdown


def test_text_that_would_hold_the_window_up() -> None:
    word = make_card(b"a" * 400_000).markdown
    assert max(map(len, word.split())) <= MAX_WORD
    table = make_card(b"|a|b|\n|-|-|\n" + b"|1|2|\n" * 5000)
    assert table.truncated
    assert table.markdown.count("\n") < 210
    wide = make_card(b"|" + b"x|" * 5000)
    assert wide.truncated
    assert wide.markdown.count("|") <= 40
    lines = make_card(b"a\n\n" * 50_000)
    assert lines.truncated
    assert lines.markdown.count("\n") <= MAX_LINES
    assert make_card(b">" * 5000 + b" deep").markdown.count(">") <= 8
    assert make_card(b"- " * 5000 + b"deep").markdown.count("-") <= 8
    assert len(make_card(b" " * 5000 + b"- x").markdown) < 40
    assert len(make_card(b"*" * 5000).markdown) <= 81
    assert "\0" not in make_card(b"a\0b").markdown


def test_common_markdown_is_untouched() -> None:
    text = (
        "# Title\n\nSome *text* with `code` and [a link](https://example.org/x).\n\n- one\n"
        "  - two\n    1. three\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\n"
        "x = {'a': [1, 2]}\n```\n\n---\n\nEnd."
    )
    card = make_card(text.encode())
    assert card.markdown == text
    assert not card.truncated


def test_hostile_cards_are_read_quickly() -> None:
    for data in (b"-" * 512_000, b"> " * 256_000, b"1. " * 170_000, b"|" * 512_000, b"\n" * 512_000,
                 b"[" * 512_000, b"---\n" + b"a: b\n" * 100_000, b"ab" * 256_000):  # fmt: skip
        began = time.process_time()
        make_card(data)
        assert time.process_time() - began < 1.5


@settings(max_examples=100, deadline=None)
@given(
    data=st.binary(max_size=300) | st.text(alphabet="-|>* \n#a:[]`&!", max_size=300).map(str.encode)
)
def test_any_bytes_make_a_card(data: bytes) -> None:
    card = make_card(data)
    card.markdown.encode("utf-8")
    assert all(len(word) <= MAX_WORD for word in card.markdown.split())
