"""What a spreadsheet gets: every value for what it is, and nothing that it would run."""

from __future__ import annotations

import csv
import io
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.services.csv_export import COLUMNS, safe_cell, write_csv
from desktop.services.errors import Cancelled, FolderError
from tests.models.library_rows import ROWS, make_row


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_every_column(tmp_path):
    target = tmp_path / "out.csv"
    row = make_row(
        "id-1",
        'a "quoted", name',
        base_model="meta-llama/Llama-3.1-8B",
        peft_type="LoRA",
        rank=16,
        parameters=41_900_000,
        size=83_900_000,
        fraction=0.8,
        fraction_recorded=1,
        added=0.0,
        location="/data/runs/a",
        favourite=1,
        tags="prod\nsql",
    )
    assert write_csv([row, make_row("id-2", "line\nbreak")], target) == 2
    first, second = read(target)
    assert list(first) == [title for title, _ in COLUMNS]
    assert first["name"] == 'a "quoted", name'
    assert (first["rank"], first["size_bytes"]) == ("16", "83900000")
    assert (first["dataset_fraction"], first["dataset_fraction_is"]) == ("0.8", "recorded")
    assert first["train_test_split_is"] == "assumed"
    assert first["added_utc"] == "1970-01-01T00:00:00+00:00"
    assert (first["favourite"], first["tags"]) == ("yes", "prod, sql")
    assert (second["name"], second["rank"], second["added_utc"]) == ("line\nbreak", "", "")


def test_lines_end_as_the_standard_says_and_the_mark_is_a_choice(tmp_path):
    marked, plain = tmp_path / "a.csv", tmp_path / "b.csv"
    write_csv([make_row("1")], marked)
    write_csv([make_row("1")], plain, bom=False)
    assert marked.read_bytes() == b"\xef\xbb\xbf" + plain.read_bytes()
    assert plain.read_bytes().count(b"\r\n") == 2
    assert plain.read_bytes().count(b"\n") == 2


def test_a_formula_is_a_text():
    for text in ("=1+1", "+1", "-1", "@x", "\tx", "\rx"):
        assert safe_cell(text) == f"'{text}"
    assert safe_cell("a=1") == "a=1"
    assert safe_cell(-1) == -1
    assert safe_cell(None) == ""
    assert safe_cell(b"=x") == "'=x"
    assert "\x00" not in str(safe_cell("a\x00"))


@given(st.lists(ROWS, max_size=5), st.text(max_size=10))
def test_no_cell_of_text_begins_like_a_formula(tmp_path_factory, rows, text):
    target = tmp_path_factory.mktemp("csv") / "x.csv"
    write_csv([*rows, make_row("x", text, tags=text, location=text, base_model=text)], target)
    for line in read(target):
        for cell in line.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_studios_relative_place_becomes_a_whole_path(tmp_path):
    target = tmp_path / "x.csv"
    write_csv([make_row("1", location="data/a")], target, root=Path("/project"))
    assert read(target)[0]["path"] == "/project/data/a"


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path):
    target = tmp_path / "x.csv"
    target.write_text("before")

    def stop(done: int, _total: int, _text: str) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_csv([make_row(str(n)) for n in range(2500)], target, progress=stop)
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_place_that_can_not_be_written_is_said(tmp_path):
    with pytest.raises(FolderError) as refused:
        write_csv([make_row("1")], tmp_path / "nowhere" / "x.csv")
    assert "x.csv" in str(refused.value)


def test_a_formula_in_wide_characters_is_a_text(tmp_path):
    for text in ("＝1+1", "＋1", "－1", "＠x", "\n=1"):
        assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("name", ["a\x00.csv", "\ud800.csv"])
def test_a_name_that_no_file_has_is_said(tmp_path, name):
    with pytest.raises(FolderError, match="no name that a file can have"):
        write_csv([make_row("1")], f"{tmp_path}/{name}")
    assert list(tmp_path.iterdir()) == []


def test_only_files_are_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "to-pipe").symlink_to("pipe")
    for name, word in (
        ("pipe", "a pipe"),
        ("folder", "a folder"),
        ("to-pipe", "a pipe"),
        ("loop", "can't be written"),
    ):
        with pytest.raises(FolderError, match=word):
            write_csv([make_row("1")], tmp_path / name)
    for other in ("/dev/null", "/", ""):
        with pytest.raises(FolderError, match=r"a device|a folder"):
            write_csv([make_row("1")], other)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert len(list(tmp_path.iterdir())) == 4


def test_a_link_stays_one_and_its_file_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "real.csv", tmp_path / "link.csv"
    link.symlink_to(real)
    for count in (1, 2):  # first the file is not there yet
        assert write_csv([make_row(str(n)) for n in range(count)], link) == count
        assert link.is_symlink()
        assert not real.is_symlink()
        assert len(read(real)) == count
    assert [path.name for path in real.parent.iterdir()] == ["real.csv"]


def test_a_file_of_the_persons_beside_it_is_never_touched(tmp_path):
    beside = tmp_path / ".x.csv.part"
    beside.write_text("mine")
    write_csv([make_row("1")], tmp_path / "x.csv")
    assert beside.read_text() == "mine"
    write_csv([make_row("1")], tmp_path / f"{'x' * 251}.csv")
