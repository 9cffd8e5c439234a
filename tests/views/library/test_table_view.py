"""The table of adapters: what one sees, selects and types."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest

from desktop.models import library_table, row_index
from desktop.models.columns import COLUMN, COLUMNS
from desktop.models.library_table import LibraryTableModel
from desktop.services.records import Row
from desktop.views.library.table_view import AdaptersTable
from tests.models.library_rows import NOW, make_row
from tests.views.library.conftest import ROWS, ids, top_id

Key, Mod = Qt.Key, Qt.KeyboardModifier

# -- order and layout --------------------------------------------------------------------------


def test_newest_first(table, model):
    assert model.sorted_by() == (COLUMN["added"], True)
    assert table.row_at(0)[Row.ID] == "id00"
    header = table.horizontalHeader()
    assert header.sortIndicatorSection() == COLUMN["added"]


def test_click_on_a_title_sorts(table, model):
    header = table.horizontalHeader()
    x = header.sectionViewportPosition(COLUMN["rank"]) + 10
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
    assert model.sorted_by() == (COLUMN["rank"], False)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
    assert model.sorted_by() == (COLUMN["rank"], True)
    assert table.row_at(0)[Row.ID] == "id59"


def shown(table: AdaptersTable) -> list[str]:
    return [COLUMNS[at].key for at in table.shown_columns()]


@pytest.mark.parametrize("mirrored", [False, True])
def test_columns_give_way_in_their_order(table, mirrored):
    if mirrored:
        table.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    expected = [[column.key for column in COLUMNS if not column.hidden]]
    for key in ("added", "data", "split", "parameters", "type"):
        expected.append([other for other in expected[-1] if other != key])
    seen: list[list[str]] = []
    icon_only = False
    for width in range(1300, 380, -5):
        table.resize(width, 400)
        if not seen or seen[-1] != shown(table):
            seen.append(shown(table))
        icon_only = table.columnWidth(COLUMN["source"]) < 40
        assert not icon_only or shown(table) == expected[-1]
        assert table.columnWidth(0) >= 160
        whole = sum(table.columnWidth(at) for at in table.shown_columns())
        tight = icon_only and table.columnWidth(0) == table.layout_._wanted[0]
        assert whole == table.viewport().width() or tight
    assert seen == expected
    assert icon_only


@pytest.mark.parametrize(
    ("window", "side", "details"), [(1440, 196, 324), (1200, 52, 300), (1024, 52, 300)]
)
def test_columns_at_the_widths_of_the_window(table, window, side, details):
    table.resize(window - side - details, 500)
    room = table.viewport().width()
    assert sum(table.columnWidth(at) for at in table.shown_columns()) == room
    assert {"name", "source", "base_model", "rank", "size", "problems"} <= set(shown(table))
    assert not table.horizontalScrollBar().isVisible()
    if window == 1024:
        assert not {"added", "data", "split"} & set(shown(table))


def test_a_persons_arrangement_stays(table, model, qtbot):
    menu = table.columns_menu()
    menu.aboutToShow.emit()
    actions = {a.objectName(): a for a in menu.actions() if a.objectName()}
    assert not actions["nameColumnAction"].isEnabled()
    assert not actions["resetColumnsAction"].isEnabled()
    actions["rankColumnAction"].trigger()
    assert "rank" not in shown(table)
    table.horizontalHeader().moveSection(2, 0)
    table.setColumnWidth(COLUMN["size"], 150)
    table.sortByColumn(COLUMN["size"], Qt.SortOrder.AscendingOrder)
    before = shown(table)
    table.resize(500, 400)
    assert shown(table) == before
    assert table.horizontalScrollBar().isVisible()

    other = AdaptersTable(LibraryTableModel())
    qtbot.addWidget(other)
    other.restore_layout(table.save_layout())
    other.resize(600, 400)
    other.show()
    assert shown(other) == before
    assert other.columnWidth(COLUMN["size"]) == 150
    assert other.sorted_by() == (COLUMN["size"], False)
    assert other.first_column == COLUMN["base_model"]

    menu.aboutToShow.emit()
    next(a for a in menu.actions() if a.objectName() == "resetColumnsAction").trigger()
    assert shown(table)[0] == "name"
    table.resize(1000, 400)
    assert not table.horizontalScrollBar().isVisible()


def test_automatic_layout_stays_automatic(table, qtbot):
    table.sortByColumn(COLUMN["name"], Qt.SortOrder.DescendingOrder)
    saved = table.save_layout()
    other = AdaptersTable(LibraryTableModel())
    qtbot.addWidget(other)
    other.restore_layout(saved)
    assert other.layout_.automatic
    assert other.sorted_by() == (COLUMN["name"], True)


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "[]",
        "null",
        "{",
        "[" * 5000,
        '{"automatic": false, "order": 3}',
        '{"automatic": false, "order": ["name", "gone"], "widths": {"name": -5, "size": true}}',
        '{"automatic": false, "widths": []}',
        '{"sort": 7}',
        '{"sort": [["x"], 1]}',
    ],
)
def test_a_layout_that_makes_no_sense_does_no_harm(table, junk):
    table.restore_layout(junk)
    assert "name" in shown(table)
    assert table.columnWidth(0) >= 28
    table.grab()


def test_sorts_from_the_menu(table, model):
    menu = table.columns_menu()
    menu.aboutToShow.emit()
    actions = {a.objectName(): a for a in menu.sorts.actions()}
    assert actions["addedSortAction"].isChecked()
    assert actions["descendingAction"].isChecked()
    actions["sizeSortAction"].trigger()
    assert model.sorted_by() == (COLUMN["size"], True)
    menu.aboutToShow.emit()
    {a.objectName(): a for a in menu.sorts.actions()}["ascendingAction"].trigger()
    assert model.sorted_by() == (COLUMN["size"], False)
    assert table.horizontalHeader().sortIndicatorSection() == COLUMN["size"]


@pytest.mark.parametrize(("density", "height"), [("compact", 24), ("normal", 28), ("roomy", 34)])
def test_density(table, density, height):
    table.set_density(density)
    assert table.rowHeight(0) >= height
    table.grab()


# -- selection, current row and scroll place ---------------------------------------------------


class Heard:
    def __init__(self, table: AdaptersTable) -> None:
        self.times = 0
        table.selectedIdsChanged.connect(self.on_change)

    def on_change(self) -> None:
        self.times += 1


def test_selection_is_by_id_over_sort_filter_and_refresh(table, model):
    table.select_ids(ids(3, 4, 9))
    heard = Heard(table)
    table.sortByColumn(COLUMN["size"], Qt.SortOrder.DescendingOrder)
    assert sorted(table.selected_ids()) == ids(3, 4, 9)
    assert table.selected_count() == 3
    model.upsert_rows([make_row("new", "alpha-000", size=10**12)])
    model.upsert_rows([make_row("id03", "alpha-renamed", size=1)])
    assert sorted(table.selected_ids()) == ids(3, 4, 9)
    model.set_filter("a")
    assert sorted(table.selected_ids()) == ids(3, 4, 9)
    assert heard.times == 0 or table.selected_ids() != ids(3, 4, 9)
    table.sortByColumn(COLUMN["added"], Qt.SortOrder.DescendingOrder)
    heard = Heard(table)
    model.set_filter("beta")
    assert table.selected_ids() == ids(9)
    assert heard.times == 1
    model.set_filter("")
    assert sorted(table.selected_ids()) == ids(3, 4, 9)


def test_what_a_person_selects_under_a_filter_is_what_counts(table, model):
    table.select_ids(ids(2))
    model.set_filter("beta")
    assert table.selected_ids() == []
    table.select_ids(ids(5))
    model.set_filter("")
    assert table.selected_ids() == ids(5)


def test_current_row_goes_on_after_a_removal(table, model):
    table.select_ids(ids(7))
    model.remove_ids(ids(7))
    assert table.selected_ids() == ids(8)
    assert table.currentIndex().row() == 7
    model.remove_ids(ids(59))
    assert table.selected_ids() == ids(8)
    table.select_ids(ids(58))
    model.remove_ids(ids(58))
    assert table.selected_ids() == ids(57)
    model.remove_ids([row[Row.ID] for row in ROWS])
    assert table.selected_ids() == []
    model.set_rows(ROWS)
    assert model.rowCount() == 60


def test_scroll_place_stays_over_a_refresh(table, model):
    table.verticalScrollBar().setValue(20 * table.rowHeight(0) + 5)
    assert top_id(table) == "id20"
    model.upsert_rows([make_row(f"n{n}", "new", added=NOW + n) for n in range(5)])
    assert top_id(table) == "id20"
    assert table.rowViewportPosition(table.rowAt(0)) == -5
    model.remove_ids(ids(0, 1, 2, 40))
    assert top_id(table) == "id20"
    model.remove_ids(ids(20))
    assert top_id(table) == "id21"
    model.set_rows(ROWS)
    assert top_id(table) == "id21"
    table.verticalScrollBar().setValue(0)
    model.upsert_rows([make_row("newest", "new", added=NOW + 99)])
    assert top_id(table) == "newest"


def test_filter_starts_at_the_top_and_comes_back(table, model):
    table.select_ids(ids(40))
    model.set_filter("alpha")
    assert table.verticalScrollBar().value() == 0
    model.set_filter("")
    seen = table.visualRect(table.currentIndex())
    assert table.row_at(table.currentIndex().row())[Row.ID] == "id40"
    assert table.viewport().rect().contains(seen)


def test_sort_keeps_the_current_row_in_sight(table, model):
    table.select_ids(ids(2))
    table.sortByColumn(COLUMN["rank"], Qt.SortOrder.DescendingOrder)
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()))
    table.verticalScrollBar().setValue(0)
    table.sortByColumn(COLUMN["name"], Qt.SortOrder.AscendingOrder)
    assert table.verticalScrollBar().value() == 0


def test_selection_that_comes_with_a_later_slice(table, model, qtbot, monkeypatch):
    monkeypatch.setattr(library_table, "_SLICE", 0.0)
    monkeypatch.setattr(library_table, "_LATER_SLICE", 0.0)
    monkeypatch.setattr(row_index, "_CHUNK", 8)
    table.select_ids(ids(1, 55))
    model.set_filter("beta")
    assert table.selected_ids() == ids(1)
    qtbot.waitUntil(lambda: not model.is_filtering(), timeout=5000)
    assert table.selected_ids() == ids(1, 55)


def test_several_rows_and_all_of_them(table, model):
    table.select_row(0)
    QTest.keyClick(table, Key.Key_Down, Mod.ShiftModifier)
    QTest.keyClick(table, Key.Key_Down, Mod.ShiftModifier)
    assert table.selected_ids() == ids(0, 1, 2)
    QTest.keyClick(table, Key.Key_A, Mod.ControlModifier)
    assert len(table.selected_ids()) == 60
    text = table.selection_as_text()
    assert text.count("\n") == 61
    assert text.startswith("Name\tSource\t")
    assert "\nalpha-00\tLocal folder\tLlama-3.1-8B\t" in text
    table.select_row(99)
    assert len(table.selected_ids()) == 60


# -- keys and pointer --------------------------------------------------------------------------


def test_home_and_end_are_the_first_and_last_row(table):
    table.select_row(5)
    QTest.keyClick(table, Key.Key_End)
    assert table.selected_ids() == ids(59)
    QTest.keyClick(table, Key.Key_Home)
    assert table.selected_ids() == ids(0)
    QTest.keyClick(table, Key.Key_End, Mod.ShiftModifier)
    assert len(table.selected_ids()) == 60


def test_left_and_right_scroll_and_select_nothing_else(table):
    table.layout_.show_column(COLUMN["rank"], False)
    table.resize(400, 300)
    table.select_row(5)
    QTest.keyClick(table, Key.Key_Right)
    assert table.horizontalScrollBar().value() > 0
    QTest.keyClick(table, Key.Key_Left)
    assert table.horizontalScrollBar().value() == 0
    assert table.selected_ids() == ids(5)


def test_typing_jumps_by_name(table, model, monkeypatch):
    table.sortByColumn(COLUMN["name"], Qt.SortOrder.AscendingOrder)
    QTest.keyClicks(table, "beta-07")
    assert table.selected_ids() == ids(7)
    table._typed_at = 0.0
    table.select_row(0)
    QTest.keyClicks(table, "BB")
    assert table.selected_ids() == ids(3)
    QTest.keyClick(table, Key.Key_Y)
    assert table.selected_ids() == ids(3)


def test_enter_and_double_click_activate(table, qtbot):
    with qtbot.assertNotEmitted(table.activatedRow):
        QTest.keyClick(table, Key.Key_Return)
    table.select_row(1)
    with qtbot.waitSignal(table.activatedRow):
        QTest.keyClick(table, Key.Key_Enter)
    place = table.visualRect(table.model().index(2, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(table.activatedRow):
        QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_context_menu_by_key_stands_at_the_row(table, qtbot):
    table.select_row(3)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint(), Mod.NoModifier)
    with qtbot.waitSignal(table.menuRequested) as heard:
        table.contextMenuEvent(event)
    place = table.viewport().mapFromGlobal(heard.args[0])
    assert place.y() == table.visualRect(table.model().index(3, 0)).bottom()
