"""The table of records: columns as data, words that filter, values that sort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop.models.formats import UNKNOWN
from desktop.models.record_table import (
    ICON_ROLE,
    RECORD_ROLE,
    SECONDARY_ROLE,
    SORT_ROLE,
    RecordColumn,
    RecordTableModel,
)

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@dataclass(frozen=True)
class Thing:
    id: str
    name: str | None = None
    size: Any = None


def name_of(thing: Thing) -> str | None:
    return thing.name


def size_of(thing: Thing) -> Any:
    return thing.size


def size_text(thing: Thing) -> str:
    return "" if thing.size is None else f"{thing.size} B"


def cube(_: Thing) -> str:
    return "cube"


def fail(_: Thing) -> str:
    raise RuntimeError("a column that does not work")


COLUMNS = (
    RecordColumn("name", "Name", name_of, icon=cube),
    RecordColumn("size", "Size", size_text, size_of, right=True, secondary=True),
)
THINGS = (
    Thing("a", "Beta", 10),
    Thing("b", "alpha", 9),
    Thing("c", "Gamma", None),
    Thing("d", None, 2**40),
)


@pytest.fixture
def model(qapp: Any) -> RecordTableModel:
    made = RecordTableModel(COLUMNS)
    made.set_records(THINGS)
    return made


def ids(model: RecordTableModel) -> str:
    return "".join(model.record_at(row).id for row in range(model.rowCount()))


def test_passes_the_model_tester_through_every_change(model: RecordTableModel) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.sort(1, DOWN)
    model.set_filter("a")
    model.set_records(THINGS[:2])
    model.set_filter("")
    model.set_records(())
    model.set_records(THINGS)
    assert tester.model() is model


def test_sorts_text_whatever_its_case_and_unknown_last_both_ways(model: RecordTableModel) -> None:
    assert ids(model) == "bacd"
    model.sort(0, DOWN)
    assert ids(model) == "cabd"


def test_sorts_figures_by_value(model: RecordTableModel) -> None:
    model.sort(1, UP)
    assert ids(model) == "badc"
    model.sort(1, DOWN)
    assert ids(model) == "dabc"
    assert model.sorted_by() == ("size", True)


def test_nan_and_words_among_figures_do_not_break_the_order() -> None:
    model = RecordTableModel(COLUMNS)
    model.set_records([Thing("a", "x", float("nan")), Thing("b", "y", "many"), Thing("c", "z", 3)])
    model.sort(1)
    assert ids(model) == "cba"


def test_filters_by_every_word(model: RecordTableModel, qtbot: Any) -> None:
    with qtbot.waitSignal(model.countsChanged) as counts:
        model.set_filter("  ET 10 ")
    assert ids(model) == "a"
    assert counts.args == [1, 4]
    model.set_filter("et 9")
    assert model.rowCount() == 0
    model.set_filter("")
    assert model.rowCount() == model.total == 4


def test_a_filter_holds_for_records_that_come_later(model: RecordTableModel) -> None:
    model.set_filter("beta")
    model.set_records([*THINGS, Thing("e", "alphabeta")])
    assert ids(model) == "ea"
    assert (model.row_of("e"), model.row_of("b")) == (0, -1)


def test_the_same_order_refreshes_cells_without_a_reset(
    model: RecordTableModel, qtbot: Any
) -> None:
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.set_records([Thing("a", "Beta", 11), *THINGS[1:]])
    assert model.index(1, 1).data() == "11 B"


def test_sorting_takes_persistent_indexes_along(model: RecordTableModel) -> None:
    kept = QPersistentModelIndex(model.index(model.row_of("a"), 1))
    model.sort(1, DOWN)
    assert kept.isValid()
    assert kept.data(RECORD_ROLE).id == "a"
    assert kept.row() == model.row_of("a")


def test_roles(model: RecordTableModel) -> None:
    row = model.row_of("d")
    name, size = model.index(row, 0), model.index(row, 1)
    assert name.data() == UNKNOWN
    assert name.data(SORT_ROLE) is None
    assert name.data(ICON_ROLE) == "cube"
    assert size.data(SORT_ROLE) == 2**40
    assert size.data(SECONDARY_ROLE) is True
    assert (
        Qt.AlignmentFlag(size.data(Qt.ItemDataRole.TextAlignmentRole)) & Qt.AlignmentFlag.AlignRight
    )
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Size"


def test_text_stays_plain_and_on_one_line() -> None:
    model = RecordTableModel(COLUMNS)
    model.set_records([Thing("a", "<b>bold</b>\r\nnext\u2028line")])
    assert model.index(0, 0).data() == "<b>bold</b> next line"
    assert model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) is None


def test_nothing_that_qt_calls_raises(model: RecordTableModel, expected_log: Any) -> None:
    expected_log("can't be searched", "has no value", "can't be shown")
    assert model.data(QModelIndex()) is None
    assert model.headerData(99, Qt.Orientation.Horizontal) is None
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    assert model.record_at(99) is None
    assert model.rowCount(model.index(0, 0)) == 0
    model.sort(99)
    broken = RecordTableModel([RecordColumn("name", "Name", fail, icon=fail)], fail)
    broken.set_records(THINGS)
    broken.set_filter("x")
    broken.set_filter("")
    assert broken.index(0, 0).data() == UNKNOWN
    assert broken.index(0, 0).data(ICON_ROLE) == ""
