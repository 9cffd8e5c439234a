"""The index gives what plainly filtering and sorting gives, whatever happened before."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.synthetic import make_rows
from desktop.models import row_index
from desktop.models.columns import COLUMN, COLUMNS
from desktop.models.row_index import RowIndex
from desktop.models.row_query import Facets
from desktop.services.records import Row
from tests.models.library_rows import FACETS, NOW, ROWS, SORTS, STEPS, TEXTS, make_row, plain

KEYS = tuple(column.value for column in COLUMNS)


def new_index() -> RowIndex:
    return RowIndex(KEYS, clock=lambda: NOW)


def ids(index: RowIndex) -> list[str]:
    return [index.row(slot)[Row.ID] for slot in index.shown]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    # So that a dozen rows are several slices.
    monkeypatch.setattr(row_index, "_CHUNK", 2)
    monkeypatch.setattr(row_index, "_FEW", 3)


@settings(deadline=None, max_examples=400)
@given(st.lists(ROWS, max_size=12), STEPS, st.booleans())
def test_same_as_plain_filter_and_sort(rows, steps, in_slices):
    index = new_index()
    index.replace(rows)
    there = {row[Row.ID]: row for row in rows}
    text, facets, sort = "", Facets(), (0, False)
    seconds = 0.0 if in_slices else None
    for what, value in steps:
        if what == "replace":
            index.replace(value, seconds)
            there = {row[Row.ID]: row for row in value}
        elif what == "upsert":
            changed = index.changed(value)
            there.update((row[Row.ID], row) for row in value)
            before = ids(index)
            stays = index.keeps_places(changed)
            index.apply(changed)
            if stays:
                assert ids(index) == before
        elif what == "remove":
            index.apply([], value)
            for row_id in value:
                there.pop(row_id, None)
        elif what == "filter":
            text = value
            index.search(text, seconds=seconds)
        elif what == "facets":
            facets = value
            index.search(facets=facets, seconds=seconds)
        else:
            sort = value
            index.sort(*sort, seconds=seconds)
        # Sometimes on to the next step while rows are still to be asked.
        if index.pending and len(there) % 2:
            index.append(index.look_on(0.0))
        if not index.pending:
            assert ids(index) == plain(there, text, facets, *sort)
    while index.pending:
        index.append(index.look_on(0.0))
    assert ids(index) == plain(there, text, facets, *sort)
    assert len(index) == len(there)
    assert sorted(map(str, index.rows())) == sorted(map(str, there.values()))
    for row_id in there:
        place = index.place_of(row_id)
        assert place == (ids(index).index(row_id) if row_id in ids(index) else -1)
        slot = index.slot_of(row_id)
        assert index.places().get(slot, -1) == place


@settings(deadline=None, max_examples=100)
@given(st.lists(ROWS, max_size=12), STEPS)
def test_counts_are_kept(rows, steps):
    index = new_index()
    index.replace(rows)
    index.counts()
    for what, value in steps:
        if what == "upsert":
            index.apply(index.changed(value))
        elif what == "remove":
            index.apply([], value)
    fresh = new_index()
    fresh.replace(index.rows())
    kept, counted = index.counts(), fresh.counts()
    for name in counted.__dataclass_fields__:
        assert getattr(kept, name) == getattr(counted, name), name


@settings(deadline=None)
@given(st.lists(ROWS, max_size=12), TEXTS, TEXTS, FACETS, SORTS)
def test_a_longer_question_asks_fewer(rows, short, more, facets, sort):
    index = new_index()
    index.replace(rows)
    index.sort(*sort)
    index.search(short, facets)
    index.search(short + more)
    there = {row[Row.ID]: row for row in rows}
    assert ids(index) == plain(there, short + more, facets, *sort)


def test_looks_in_name_base_path_hub_name_and_tags_but_never_across_two():
    index = new_index()
    row = make_row(
        "1",
        "Alpha",
        base_model="org/Beta",
        location="/gamma",
        huggingface_name="delta/x",
        tags="Prod\nRe train",
    )
    index.replace([row])
    for text in ("alp", "BETA", "org/b", "/gam", "delta/", "prod", "re train", "beta prod"):
        index.search(text)
        assert ids(index) == ["1"], text
    for text in ("alpha/gamma", "xalpha", "epsilon", "alpha epsilon", "xprod", "prodre"):
        index.search(text)
        assert ids(index) == [], text


def test_a_row_is_a_duplicate_by_what_others_there_are():
    index = new_index()
    index.replace([make_row("1", "a", content="x"), make_row("2", "b"), make_row("3", "c")])
    index.search("", Facets(duplicates=True))
    assert ids(index) == []
    twin = make_row("3", "c", content="x")
    assert not index.keeps_places([twin])
    index.apply([twin])
    assert ids(index) == ["1", "3"]
    assert index.counts().duplicates == 2
    index.apply([make_row("4", "d", content="x")])
    assert ids(index) == ["1", "3", "4"]
    index.apply([], ["1", "4"])
    assert ids(index) == []
    assert index.counts().duplicates == 0
    index.search("-duplicates", Facets())
    assert ids(index) == ["2", "3"]


def test_another_question_is_counted_beside_the_one_on_screen():
    index = new_index()
    index.replace([make_row("1", "a", rank=8), make_row("2", "b", rank=32), make_row("3", "sql")])
    index.apply([], ["1"])
    index.search("sql")
    scan = index.other_scan("rank>16", Facets())
    found = []
    while not scan.done:
        found += scan.run(0.0)
    assert [index.row(slot)[Row.ID] for slot in found] == ["2"]
    assert len(index.other_scan("", Facets()).run(None)) == 2
    assert ids(index) == ["3"]


def test_unknown_is_last_both_ways_and_ties_go_by_name():
    index = new_index()
    index.replace(
        [
            make_row("1", "b", rank=8),
            make_row("2", "a"),
            make_row("3", "A", rank=8),
            make_row("4", "c", rank=16),
            make_row("0", "b", rank=8),
            make_row("5", "0"),
        ]
    )
    index.sort(COLUMN["rank"], False)
    assert ids(index) == ["3", "0", "1", "4", "5", "2"]
    index.sort(COLUMN["rank"], True)
    assert ids(index) == ["4", "3", "0", "1", "5", "2"]


def test_problems_sort_by_how_bad_it_is():
    index = new_index()
    index.replace(
        [
            make_row("clean"),
            make_row("note", notes=9),
            make_row("changed", state="changed"),
            make_row("warning", warnings=1, notes=50),
            make_row("warnings", warnings=2),
            make_row("away", state="unreachable"),
            make_row("missing", state="missing", errors=3),
            make_row("error", errors=1),
        ]
    )
    index.sort(COLUMN["problems"], True)
    expected = ["error", "missing", "away", "warnings", "warning", "changed", "note", "clean"]
    assert ids(index) == expected


@pytest.mark.parametrize("column", range(len(COLUMNS)))
def test_what_a_foreign_catalogue_holds_in_the_wrong_column_does_no_harm(column):
    junk = ["text", b"\xff\x00", 3, 2.5, float("nan"), float("inf"), None, 10**40]
    rows = []
    for number, (value, other) in enumerate(itertools.product(junk, junk)):
        row = [value] * Row.WIDTH
        row[Row.ID] = f"{number:03d}"
        row[Row.RANK] = row[Row.ADDED] = row[Row.NAME] = other
        rows.append(tuple(row))
    index = new_index()
    index.replace(rows[:40])
    for descending in (False, True):
        index.sort(column, descending)
        assert len(index.shown) == 40
    index.search("x", Facets(problems=frozenset({"none", "errors"}), added_days=3))
    index.search("", Facets())
    index.apply(index.changed(rows[40:]))
    for row in rows[40:]:
        index.apply(index.changed([row[:1] + row[2:3] + row[2:]]))
    assert len(index.shown) == 64
    assert index.counts().total == 64


def test_slices_find_the_rows_on_screen_first(monkeypatch):
    monkeypatch.setattr(row_index, "_CHUNK", 64)
    rows = make_rows(5000)
    index = new_index()
    index.replace(rows)
    index.sort(COLUMN["parameters"], True)
    index.search("llama sql", seconds=0.0)
    assert index.pending
    first = ids(index)
    slices = 1
    while index.pending:
        index.append(index.look_on(0.0))
        slices += 1
    assert slices > 10
    assert ids(index)[: len(first)] == first
    there = {row[Row.ID]: row for row in rows}
    assert ids(index) == plain(there, "llama sql", Facets(), COLUMN["parameters"], True)


def test_warming_up_is_done_in_slices():
    index = new_index()
    index.replace(make_rows(3000))
    steps = 1
    while not index.warm(0.0):
        steps += 1
    assert steps > 2
    index.search("llama")
    assert index.shown


def test_needs_neither_qt_nor_numpy():
    code = (
        "import sys; import desktop.models.row_index;"
        "print([m for m in ('PySide6', 'numpy', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
