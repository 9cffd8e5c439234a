"""The Qt model: correct for Qt whatever happens, the same rows as plainly filtered and sorted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from bench.synthetic import make_rows
from desktop.models import library_table, row_index
from desktop.models.columns import COLUMN, COLUMNS
from desktop.models.library_table import ID_ROLE, ROW_ROLE, SORT_ROLE, LibraryTableModel
from desktop.models.row_query import Facets
from desktop.services.records import Row
from tests.models.library_rows import NOW, ROWS, STEPS, make_row, plain

DOWN, UP = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def model(qapp):
    return LibraryTableModel(clock=lambda: NOW)


class Heard:
    """What a model said, for tests that count."""

    def __init__(self, model: LibraryTableModel) -> None:
        self.finished: list[tuple[int, int]] = []
        self.counts = self.resets = self.edits = 0
        model.filterFinished.connect(self.on_finished)
        model.countsChanged.connect(self.on_counts)
        model.modelReset.connect(self.on_reset)
        model.dataChanged.connect(self.on_edit)

    def on_finished(self, shown: int, total: int) -> None:
        self.finished.append((shown, total))

    def on_counts(self) -> None:
        self.counts += 1

    def on_reset(self) -> None:
        self.resets += 1

    def on_edit(self, *_: object) -> None:
        self.edits += 1


@settings(deadline=None, max_examples=150)
@given(st.lists(ROWS, max_size=12), STEPS)
def test_qt_finds_no_fault_and_rows_are_as_plainly_filtered_and_sorted(qapp, rows, steps):
    model = LibraryTableModel(clock=lambda: NOW)
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(model, mode)
    usual = row_index._CHUNK, row_index._FEW, library_table._SLICE, library_table._LATER_SLICE
    row_index._CHUNK, row_index._FEW = 2, 3
    library_table._SLICE = library_table._LATER_SLICE = 0.0
    try:
        model.set_rows(rows)
        there = {row[Row.ID]: row for row in rows}
        text, facets, sort = "", Facets(), (0, False)
        for what, value in steps:
            if what == "replace":
                model.set_rows(value)
                there = {row[Row.ID]: row for row in value}
            elif what == "upsert":
                model.upsert_rows(value)
                there.update((row[Row.ID], row) for row in value)
            elif what == "remove":
                model.remove_ids(value)
                for row_id in value:
                    there.pop(row_id, None)
            elif what == "filter":
                text = value
                model.set_filter(text)
            elif what == "facets":
                facets = value
                model.set_facets(facets)
            else:
                sort = value
                model.sort(sort[0], DOWN if sort[1] else UP)
            if len(there) % 3 == 0:
                model._look_on()
            assert model.counts().total == model.total() == len(there)
        model.finish()
        assert not model.is_filtering()
        assert model.ids() == plain(there, text, facets, *sort)
        assert model.rowCount() == len(model.ids())
        for place, row_id in enumerate(model.ids()):
            assert model.row_of(row_id) == place
            assert model.row_at(place) == there[row_id] == model.row_by_id(row_id)
        for row_id in there:
            assert model.holds(row_id)
            assert (model.row_of(row_id) >= 0) == (row_id in model.ids())
    finally:
        row_index._CHUNK, row_index._FEW, library_table._SLICE, library_table._LATER_SLICE = usual
        del tester


def test_texts_and_roles(model):
    model.set_rows(
        [
            make_row(
                "1",
                "sql",
                type="huggingface",
                base_model="meta-llama/Llama-3.1-8B",
                peft_type="LoRA",
                rank=16,
                parameters=41_943_040,
                size=83_886_080,
                fraction=0.8,
                fraction_recorded=1,
                errors=1,
                warnings=2,
                favourite=1,
                tags="prod\nsql",
                content="0123456789abcdef",
            )
        ]
    )
    cells = {c.key: model.index(0, at) for at, c in enumerate(COLUMNS)}
    assert {key: index.data() for key, index in cells.items()} == {
        "name": "sql",
        "source": "Hugging Face",
        "base_model": "Llama-3.1-8B",
        "type": "LoRA",
        "rank": "16",
        "parameters": "41.9 M",
        "size": "83.9 MB",
        "data": "80\u00a0%",
        "split": "90/10",
        "problems": "1",
        "added": "–",
        "tags": "prod, sql",
        "content": "01234567",
    }
    said = {key: index.data(ACCESSIBLE) for key, index in cells.items()}
    assert said["problems"] == "1 error, 2 warnings"
    assert said["split"] == "split 90/10, assumed"
    assert said["data"] == "80\u00a0% of the dataset, recorded"
    assert said["base_model"] == "meta-llama/Llama-3.1-8B"
    assert said["name"] == "sql, favourite"
    assert all(said.values())
    assert cells["size"].data(SORT_ROLE) == 83_886_080
    assert cells["added"].data(SORT_ROLE) is None
    assert cells["size"].data(ID_ROLE) == "1"
    assert cells["size"].data(ROW_ROLE) == model.row_at(0)
    right = Qt.AlignmentFlag.AlignRight
    assert cells["size"].data(Qt.ItemDataRole.TextAlignmentRole) & int(right)
    assert not cells["name"].data(Qt.ItemDataRole.TextAlignmentRole) & int(right)


def test_an_empty_row_says_that_nothing_is_known(model):
    model.set_rows([make_row("1", "", type="project")])
    texts = [model.index(0, at).data() for at in range(len(COLUMNS))]
    assert texts == [
        "", "Local folder", "–", "–", "–", "–", "–", "100\u00a0%", "90/10", "", "–", "", "–",
    ]  # fmt: skip
    assert all(model.index(0, at).data(ACCESSIBLE) for at in range(1, len(COLUMNS)))


def test_never_raises(model):
    model.set_rows([make_row("1", None, rank=b"\xff", added="soon", state=7, errors="many")])
    across = Qt.Orientation.Horizontal
    for role in (*range(40), ROW_ROLE, ID_ROLE, SORT_ROLE, 999):
        for at in (-1, 0, 12, 13, 99):
            model.headerData(at, across, role)
            model.headerData(at, Qt.Orientation.Vertical, role)
            for row in (-1, 0, 1):
                model.data(model.createIndex(row, at) if row >= 0 <= at else QModelIndex(), role)
    assert [model.headerData(at, across) for at in range(13)] == [c.title for c in COLUMNS]
    assert model.rowCount(model.index(0, 0)) == model.columnCount(model.index(0, 0)) == 0
    model.sort(99)
    model.sort(-1)
    assert model.row_at(-1) is None
    assert model.row_at(1) is None


def test_a_fault_in_a_column_is_logged_once(model, expected_log, monkeypatch):
    expected_log("A cell of the library can't be shown")
    model.set_rows([make_row("1")])

    def broken(*_: object) -> str:
        raise RuntimeError("broken")

    monkeypatch.setattr(model, "_answer", broken)
    for _ in range(3):
        assert model.index(0, 0).data() is None


def test_an_edit_that_moves_nothing_resets_nothing(model):
    rows = [make_row(str(n), f"name {n}", rank=n) for n in range(9)]
    model.set_rows(rows)
    heard = Heard(model)
    model.upsert_rows([make_row("4", "name 4", rank=99)])
    assert (heard.resets, heard.edits, heard.counts) == (0, 1, 1)
    assert model.row_at(4)[Row.RANK] == 99
    model.upsert_rows([make_row("4", "name 4", rank=99)])
    model.set_rows([*rows[:4], make_row("4", "name 4", rank=99), *rows[5:]])
    assert (heard.resets, heard.edits, heard.counts) == (0, 1, 1)
    model.upsert_rows([make_row("4", "zzz")])
    assert (heard.resets, model.row_of("4")) == (1, 8)
    model.set_rows(rows[:8])
    assert (heard.resets, model.total()) == (2, 8)


def test_edits_side_by_side_are_told_as_one(model):
    model.set_rows([make_row(str(n), f"name {n}") for n in range(9)])
    heard = Heard(model)
    model.upsert_rows([make_row(str(n), f"name {n}", rank=1) for n in (1, 2, 3, 6)])
    assert (heard.resets, heard.edits) == (0, 2)


def test_says_how_many_are_shown(model):
    heard = Heard(model)
    model.set_rows([make_row(str(n), f"name {n}") for n in range(9)])
    model.set_filter("name 3")
    model.set_filter("name  3 ")
    model.set_facets(Facets(missing=True))
    model.set_facets(Facets(missing=True))
    model.set_filter("")
    model.set_facets(Facets())
    assert heard.finished == [(9, 9), (1, 9), (0, 9), (0, 9), (9, 9)]
    assert model.shows_all()


def test_counts(model):
    model.set_rows(
        [
            make_row("1", model_id="m1", base_model="gpt2", peft_type="LoRA", errors=1, added=NOW),
            make_row("2", model_id="m1", base_model="gpt2", warnings=1, notes=1, added=0),
            make_row("3", type="huggingface", peft_type="LoRA", state="missing"),
        ]
    )
    counts = model.counts()
    assert counts.by_source == {"project": 2, "huggingface": 1}
    assert counts.by_base == {"m1": 2}
    assert counts.base_titles == {"m1": "gpt2"}
    assert counts.by_type == {"LoRA": 2}
    assert counts.by_problem == {"errors": 1, "warnings": 1, "notes": 1, "none": 1}
    assert (counts.total, counts.problems, counts.missing, counts.recent) == (3, 2, 1, 1)
    assert (counts.errors, counts.changed, counts.unreachable) == (1, 0, 0)
    assert model.counts() is counts
    model.set_filter("nothing")
    assert model.counts() is counts
    model.remove_ids(["3", "no such id"])
    assert model.counts().missing == 0


def test_without_a_view_a_timer_looks_on(model, qtbot, monkeypatch):
    monkeypatch.setattr(library_table, "_SLICE", 0.0)
    monkeypatch.setattr(library_table, "_LATER_SLICE", 0.0)
    monkeypatch.setattr(row_index, "_CHUNK", 64)
    model.set_rows(make_rows(2000))
    heard = Heard(model)
    model.set_filter("llama")
    assert model.is_filtering()
    assert 0 < model.rowCount() < 64
    assert heard.finished == []
    qtbot.waitUntil(lambda: not model.is_filtering(), timeout=5000)
    assert heard.finished == [(model.rowCount(), 2000)]
    assert heard.resets == 1


def test_changes_while_it_looks_are_not_lost(model, monkeypatch):
    monkeypatch.setattr(library_table, "_SLICE", 0.0)
    monkeypatch.setattr(library_table, "_LATER_SLICE", 0.0)
    monkeypatch.setattr(row_index, "_CHUNK", 64)
    rows = make_rows(1000)
    model.set_rows(rows)
    model.set_filter("llama")
    assert model.is_filtering()
    model.upsert_rows([make_row("new", "000 llama")])
    assert model.row_of("new") == 0
    model.set_filter("llam")
    model.sort(COLUMN["size"], DOWN)
    model.finish()
    there = {row[Row.ID]: row for row in rows} | {"new": make_row("new", "000 llama")}
    assert model.ids() == plain(there, "llam", Facets(), COLUMN["size"], True)


def test_finds_names(model):
    model.set_rows([make_row(str(n), name) for n, name in enumerate(["Alpha", "beta", "Beta 2"])])
    assert model.find_name("BE", 0) == 1
    assert model.find_name("be", 2) == 2
    assert model.find_name("be", 3) == 1
    assert model.find_name("x", 0) == -1
    assert model.ids_between(1, 5) == ["1", "2"]
    assert model.rows_of(["2", "gone", "0"]) == [0, 2]
