"""The model of a scan's results, as Qt sees it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from desktop.models.scan_columns import COLUMNS, FINDINGS, FOLDER, NAME, STATE
from desktop.models.scan_pairs import PairsModel
from desktop.models.scan_rows import STATES, At, make_row, with_state
from desktop.models.scan_table import ScanTableModel
from desktop.services.records import Row
from desktop.services.scan.records import FoundState
from tests.models.scan_found import found, random_row

CHECK = int(Qt.ItemDataRole.CheckStateRole)
SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)


@pytest.fixture
def model(qtbot: QtBot) -> Iterator[ScanTableModel]:
    made = ScanTableModel()
    tester = QAbstractItemModelTester(
        made, QAbstractItemModelTester.FailureReportingMode.Fatal, made
    )
    yield made
    tester.deleteLater()


def fill(model: ScanTableModel) -> None:
    rows = [found(f"/d/sql/checkpoint-{n}", name=f"sql-{n}", newest=n == 20) for n in (10, 20)]
    rows += [found("/d/alone", FoundState.BROKEN, errors=2), found("/d/kohya", FoundState.NOT_PEFT)]
    model.take([make_row(one) for one in rows])


def text(model: ScanTableModel, line: int, column: int) -> str:
    return str(model.index(line, column).data())


def test_a_long_life_keeps_the_tester_quiet(model: ScanTableModel) -> None:
    chance = random.Random(5)
    for number in range(80):
        what = chance.random()
        if what < 0.5:
            model.take([random_row(chance, number * 50 + n) for n in range(30)])
        elif what < 0.65:
            model.set_filter(chance.choice(["", "sql", "run-1", "rank>8"]))
        elif what < 0.8:
            model.sort(chance.randrange(-1, len(COLUMNS) + 1), chance.choice(list(Qt.SortOrder)))
        elif what < 0.9:
            model.toggle(chance.randrange(max(1, model.rowCount())))
        else:
            model.fold(chance.randrange(max(1, model.rowCount())), chance.random() < 0.5)
        for line in range(0, model.rowCount(), 7):
            for column in range(len(COLUMNS)):
                model.index(line, column).data(SPOKEN)
    model.set_filter("")
    model.finish()
    model.set_states(frozenset(STATES))
    model.finish()
    assert model.shown_count() == model.total()


def test_a_head_says_what_its_run_shares(model: ScanTableModel) -> None:
    fill(model)
    head = model.head_at(0)
    assert head is not None
    assert head.title == "sql"
    assert head.words == "2 checkpoints · LoRA · Llama-3.1-8B · 168 MB"
    assert model.head_at(1) is None
    assert "2 checkpoints" in model.index(0, FOLDER).data(SPOKEN)
    model.fold(0, True)
    assert model.rowCount() == 1 + 3
    assert model.index(0, FOLDER).data(SPOKEN).endswith(", folded")


def test_boxes_choose_rows_and_runs(model: ScanTableModel, qtbot: QtBot) -> None:
    fill(model)
    assert model.index(0, FOLDER).data(CHECK) == Qt.CheckState.Unchecked
    with qtbot.waitSignal(model.chosenChanged):
        model.setData(model.index(1, FOLDER), Qt.CheckState.Checked, CHECK)
    assert model.index(0, FOLDER).data(CHECK) == Qt.CheckState.PartiallyChecked
    model.toggle(0)
    assert model.index(0, FOLDER).data(CHECK) == Qt.CheckState.Checked
    model.toggle(0)
    assert model.chosen_count() == 0
    broken = model.line_of("/d/alone")
    assert not model.setData(model.index(broken, FOLDER), Qt.CheckState.Checked, CHECK)
    assert model.index(broken, FOLDER).data(CHECK) is None


def test_a_name_is_typed_once_and_stays(model: ScanTableModel) -> None:
    fill(model)
    line = model.line_of("/d/sql/checkpoint-20")
    assert model.setData(model.index(line, NAME), "  mine ")
    assert text(model, line, NAME) == "mine"
    # The end of the scan tells every row again, with the name that it proposes.
    model.take([make_row(found("/d/sql/checkpoint-20", name="sql-20", newest=True))])
    line = model.line_of("/d/sql/checkpoint-20")
    assert text(model, line, NAME) == "mine"
    model.toggle(line)
    assert [row[At.FOUND].name for row in model.chosen_rows()] == ["mine"]
    assert not model.setData(model.index(line, NAME), "   ")


def test_what_is_known_is_read_only(model: ScanTableModel) -> None:
    fill(model)
    row = model.row_of("/d/sql/checkpoint-20")
    assert row is not None
    model.take([with_state(row, FoundState.KNOWN, "a")])
    line = model.line_of("/d/sql/checkpoint-20")
    flags = model.flags(model.index(line, NAME))
    assert not flags & Qt.ItemFlag.ItemIsEditable
    assert text(model, line, STATE) == "In library"
    assert model.count(FoundState.KNOWN) == 1
    assert model.count(FoundState.NEW) == 1


def test_states_and_findings_are_told(model: ScanTableModel) -> None:
    fill(model)
    line = model.line_of("/d/alone")
    assert text(model, line, STATE) == "Broken"
    assert text(model, line, FINDINGS) == "2"
    assert model.index(line, FINDINGS).data(int(Qt.ItemDataRole.AccessibleDescriptionRole)) == (
        "2 errors"
    )
    model.set_states(frozenset({FoundState.NOT_PEFT}))
    assert [model.path_at(n) for n in range(model.rowCount())][1:] == ["/d/kohya"]


def test_names_from_outside_stay_one_line(model: ScanTableModel) -> None:
    model.take([make_row(found("/d/two\nlines\udcff", name="<b>x</b>"))])
    assert text(model, 1, FOLDER) == "two\\x0alines\\xff"
    assert text(model, 1, NAME) == "<b>x</b>"
    row = model.row_at(1)
    assert row is not None
    assert row[Row.ID] == "/d/two\nlines\udcff"


def test_new_base_models_are_counted_once(model: ScanTableModel) -> None:
    model.take(
        [
            make_row(found("/d/a", base_model_name="x/one")),
            make_row(found("/d/b", base_model_name="x/one")),
            make_row(found("/d/c", base_model_name="x/two", base_model_id="known")),
            make_row(found("/d/e", base_model_name=None)),
        ]
    )
    model.choose_shown()
    assert model.new_bases() == 1


def test_letters_find_folders(model: ScanTableModel) -> None:
    fill(model)
    assert model.find_name("ko", 0) == model.line_of("/d/kohya")
    assert model.find_name("zz", 0) == -1


def test_the_list_of_places(qtbot: QtBot) -> None:
    pairs = PairsModel([("/a\udcff", "Why <b>not</b>."), ("/b", "So.")])
    tester = QAbstractItemModelTester(
        pairs, QAbstractItemModelTester.FailureReportingMode.Fatal, pairs
    )
    assert pairs.index(0, 0).data() == "/a\\xff"
    assert pairs.index(0, 1).data() == "Why <b>not</b>."
    assert pairs.data(QModelIndex()) is None
    assert pairs.text().splitlines()[1] == "/b\tSo."
    tester.deleteLater()
