"""Keys and pointer in the table of results, and what stays where it is while rows come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.models.scan_columns import FOLDER, NAME, SIZE
from desktop.models.scan_rows import STATES, make_row
from desktop.models.scan_table import ScanTableModel
from desktop.services.records import Row
from desktop.services.scan.records import FoundState
from desktop.views.scan.table import ScanTable
from tests.models.scan_found import found

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def table(qtbot: QtBot) -> Iterator[ScanTable]:
    model = ScanTableModel()
    model.set_states(frozenset(STATES))
    made = ScanTable(model)
    qtbot.addWidget(made)
    made.resize(760, 300)
    rows = [found(f"/d/run-{n:02d}/checkpoint-{s}") for n in range(20) for s in (10, 20)]
    rows.append(found("/d/zoo", FoundState.KNOWN, adapter_id="x"))
    model.take([make_row(one) for one in rows])
    made.show()
    made.setFocus()
    yield made
    made.hide()
    model.deleteLater()


def press(table: ScanTable, key: Qt.Key, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(table, key, modifier)


def chosen(table: ScanTable) -> list[str]:
    return [str(row[Row.ID]) for row in table.results.chosen_rows()]


def click(table: ScanTable, line: int, x: int) -> None:
    y = table.rowViewportPosition(line) + 5
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, y))


def test_space_ticks_a_row_and_a_run(table: ScanTable) -> None:
    table.select_path("/d/run-00/checkpoint-20")
    press(table, Key.Key_Space)
    assert chosen(table) == ["/d/run-00/checkpoint-20"]
    press(table, Key.Key_Up)
    press(table, Key.Key_Space)
    assert len(chosen(table)) == 2
    press(table, Key.Key_Space)
    assert chosen(table) == []


def test_all_and_none_by_key(table: ScanTable) -> None:
    press(table, Key.Key_A, CONTROL)
    assert len(chosen(table)) == 40
    press(table, Key.Key_A, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    assert chosen(table) == []


def test_left_and_right_fold_and_open(table: ScanTable) -> None:
    table.select_path("/d/run-00/checkpoint-10")
    press(table, Key.Key_Left)
    assert table.current_path() == "\0/d/run-00"
    press(table, Key.Key_Left)
    assert table.results.rowCount() == 20 + 40 + 2 - 2
    assert table.current_path() == "\0/d/run-00"
    press(table, Key.Key_Right)
    assert table.results.rowCount() == 20 + 40 + 2
    press(table, Key.Key_Return)
    assert table.results.head_at(0).folded  # type: ignore[union-attr]


def test_letters_jump(table: ScanTable) -> None:
    QTest.keyClicks(table, "zoo")
    assert table.current_path() == "/d/zoo"


def test_a_click_on_a_box_ticks_and_on_an_arrow_folds(table: ScanTable) -> None:
    box = table._painter.box_left() + 4
    click(table, 1, box)
    assert chosen(table) == ["/d/run-00/checkpoint-20"]
    click(table, 0, box)
    assert len(chosen(table)) == 2
    click(table, 0, 14)
    assert table.results.head_at(0).folded  # type: ignore[union-attr]
    click(table, 0, 200)
    assert table.current_path() == "\0/d/run-00"


def test_a_name_is_edited_in_place(table: ScanTable, qtbot: QtBot) -> None:
    table.select_path("/d/run-00/checkpoint-20")
    press(table, Key.Key_F2)
    assert table.is_editing()
    (editor,) = table.viewport().findChildren(QLineEdit)
    editor.setText("another")
    QTest.keyClick(editor, Key.Key_Return)
    qtbot.waitUntil(lambda: not table.is_editing())
    row = table.results.row_of("/d/run-00/checkpoint-20")
    assert row is not None
    assert row[Row.NAME] == "another"
    table.select_path("/d/zoo")
    press(table, Key.Key_F2)
    assert not table.is_editing()


def test_the_place_stays_while_rows_come(table: ScanTable) -> None:
    table.select_path("/d/run-10/checkpoint-10")
    bar = table.verticalScrollBar()
    bar.setValue(table.verticalHeader().defaultSectionSize() * 25 + 3)
    top = table.results.path_at(table.rowAt(0))
    offset = table.rowViewportPosition(table.rowAt(0))
    table.results.take([make_row(found(f"/d/earlier/checkpoint-{n}")) for n in range(1, 50)])
    QApplication.processEvents()
    assert table.results.path_at(table.rowAt(0)) == top
    assert table.rowViewportPosition(table.rowAt(0)) == offset
    assert table.current_path() == "/d/run-10/checkpoint-10"
    assert table.currentIndex().row() == table.results.line_of("/d/run-10/checkpoint-10")


def test_at_the_top_one_sees_what_comes_first(table: ScanTable) -> None:
    table.results.take([make_row(found("/d/a/checkpoint-1"))])
    assert table.verticalScrollBar().value() == 0
    assert table.results.path_at(0) == "\0/d/a"


def test_a_header_sorts(table: ScanTable) -> None:
    table.horizontalHeader().setSortIndicator(SIZE, Qt.SortOrder.DescendingOrder)
    assert table.results.sorted_by() == (SIZE, True)


def test_columns_fill_the_width(table: ScanTable) -> None:
    header = table.horizontalHeader()
    for width in (620, 760, 1100):
        table.resize(width, 300)
        QApplication.processEvents()
        assert header.length() == table.viewport().width()


def test_tooltips_say_what_a_cell_leaves_out(table: ScanTable) -> None:
    line = table.results.line_of("/d/run-00/checkpoint-20")
    assert table.tip(table.results.index(line, FOLDER)) == "/d/run-00/checkpoint-20"
    assert table.tip(table.results.index(line, SIZE)) == "83,886,080 bytes"
    assert table.tip(table.results.index(0, FOLDER)) == ""
    assert table.tip(table.results.index(line, NAME)) == ""


def test_the_menu_comes_by_key_and_pointer(table: ScanTable, qtbot: QtBot) -> None:
    table.select_path("/d/run-00/checkpoint-20")
    for reason in (QContextMenuEvent.Reason.Keyboard, QContextMenuEvent.Reason.Mouse):
        with qtbot.waitSignal(table.menuRequested):
            event = QContextMenuEvent(reason, QPoint(40, 40), QPoint(40, 40))
            by_key = reason == QContextMenuEvent.Reason.Keyboard
            QApplication.sendEvent(table if by_key else table.viewport(), event)


def test_it_paints_in_both_directions(table: ScanTable) -> None:
    left = table.grab().toImage()
    table.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    right = table.grab().toImage()
    assert left != right
