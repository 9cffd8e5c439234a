"""How the window behaves between actions: focus, keys, notices, room, leaving."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
)
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services, build_window, open_services
from desktop.services.records import AdapterRecord
from desktop.views.main_window import MainWindow
from desktop.views.notices import Notice
from desktop.views.theme import icon, metric
from tests.views.test_main_window import action, names, settled

Open = Callable[[], MainWindow]


def focused(window: MainWindow) -> str:
    widget = window.focusWidget()
    return "" if widget is None else widget.objectName()


# -- focus and keys ----------------------------------------------------------------------------


def test_work_begins_in_the_table(open_window: Open, filled: list[AdapterRecord]) -> None:
    assert focused(open_window()) == "adaptersTable"


def test_an_empty_library_begins_with_its_first_way_in(open_window: Open) -> None:
    window = open_window()
    assert window.focusWidget() is window.library_page.empty_library.card("folder")


def test_f6_goes_from_panel_to_panel_and_to_what_each_is_there_for(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    window.library_page.table.select_ids([filled[0].id])
    settled(qtbot, window)
    window.library_page.filter.setFocus()
    seen = []
    for _ in range(3):
        action(window, "nextPanelAction").trigger()
        seen.append(focused(window))
    assert seen == ["detailsTabs", "sidebar", "adaptersTable"]
    window.go_to("base_models")
    window.sidebar.setFocus()
    action(window, "nextPanelAction").trigger()
    assert focused(window) == "baseModelsTable"


def test_the_keyboard_goes_along_to_another_page(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    window.commands.show_base_model(filled[0].model_id or "")
    assert focused(window) == "baseModelsTable"
    window.go_to("all")
    assert focused(window) == "adaptersTable"
    window.sidebar.setFocus()
    window.go_to("jobs")
    assert focused(window) == "sidebar"
    settled(qtbot, window)


def test_enter_presses_the_button_that_has_the_focus(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    button = window.focusWidget()
    assert isinstance(button, QPushButton)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    qtbot.waitUntil(window.commands.dialog.isVisible, timeout=5000)
    window.commands.dialog.reject()
    settled(qtbot, window)


def test_only_delete_removes(open_window: Open, filled: list[AdapterRecord]) -> None:
    keys = action(open_window(), "removeAction").shortcuts()
    assert QKeySequence("Ctrl+D") not in keys
    assert QKeySequence("Del") in keys


def test_redo_has_both_of_its_keys_everywhere(open_window: Open) -> None:
    keys = action(open_window(), "redoAction").shortcuts()
    assert QKeySequence("Ctrl+Shift+Z") in keys
    assert QKeySequence("Ctrl+Y") in keys


def test_the_list_of_shortcuts_fits_and_names_no_key_that_few_have(
    open_window: Open, qtbot: QtBot
) -> None:
    window = open_window()
    window.commands.show_shortcuts()
    dialog = window.findChild(QDialog, "shortcutsDialog")
    assert isinstance(dialog, QDialog)
    qtbot.waitUntil(dialog.isVisible)
    said = [label.text() for label in dialog.findChildren(QLabel)]
    assert not [text for text in said if "F14" in text or "F16" in text]
    area = dialog.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    inside = area.widget()
    assert inside is not None
    assert inside.minimumSizeHint().width() <= area.viewport().width()
    dialog.close()


# -- notices -----------------------------------------------------------------------------------


def test_undo_takes_the_notice_of_what_it_undid_away(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    notices = window.strip.notices
    window.library_page.table.select_ids([filled[0].id])
    action(window, "removeAction").trigger()
    qtbot.waitUntil(lambda: len(names(window)) == 2, timeout=5000)
    qtbot.waitUntil(lambda: notices.current() is not None, timeout=5000)
    settled(qtbot, window)
    action(window, "undoAction").trigger()
    assert notices.current() is None
    qtbot.waitUntil(lambda: len(names(window)) == 3, timeout=5000)
    qtbot.waitUntil(lambda: notices.current() is not None, timeout=5000)
    assert notices.current().text == "Undone: remove “alpha”."
    assert notices.waiting() == 0
    settled(qtbot, window)


def test_a_later_step_takes_the_offer_to_undo_an_earlier_one_away(
    open_window: Open,
    filled: list[AdapterRecord],
    qtbot: QtBot,
    library_services: Services,
) -> None:
    window = open_window()
    notices = window.strip.notices
    window.library_page.table.select_ids([filled[0].id])
    action(window, "removeAction").trigger()
    qtbot.waitUntil(lambda: notices.current() is not None, timeout=5000)
    settled(qtbot, window)
    assert notices.current().action == "Undo"
    library_services.adapters.update_adapter(filled[1].id, description="changed elsewhere")
    qtbot.waitUntil(lambda: notices.current() is None, timeout=5000)
    settled(qtbot, window)


def test_the_newest_offer_to_undo_stands_alone(
    open_window: Open, filled: list[AdapterRecord]
) -> None:
    notices = open_window().strip.notices
    notices.post(Notice("First.", action="Undo"))
    notices.post(Notice("Copied."))
    notices.post(Notice("Second.", action="Undo"))
    assert notices.current() == Notice("Copied.")
    assert notices.waiting() == 1
    notices.dismiss()
    assert notices.current() == Notice("Second.", action="Undo")
    notices.post(Notice("Broken.", "error"))
    notices.dismiss()
    notices.post(Notice("Third.", action="Undo"))
    assert notices.current() == Notice("Broken.", "error")
    notices.clear()


# -- room --------------------------------------------------------------------------------------


def test_details_keep_their_width_when_other_pages_were_visited(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    window.resize(1024, 640)
    settled(qtbot, window)
    before = window.splitter.sizes()[1]
    for place in ("jobs", "folders", "prompts"):
        window.go_to(place)
        settled(qtbot, window)
    wide = window.record_pages()["jobs"]
    wide.setMinimumWidth(900)
    window.go_to("all")
    QApplication.processEvents()
    assert window.splitter.sizes()[1] == before


def test_the_rail_leaves_out_what_has_no_icon_of_its_own(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    base = filled[0].model_id
    bar = window.sidebar

    def hidden(key: str) -> bool:
        titles = [bar.model().index(row, 0) for row in range(bar.model().rowCount())]
        place = bar.place(key)
        assert place is not None
        return any(bar.isRowHidden(i.row()) for i in titles if i.data() == place.title)

    bar.set_rail(True)
    assert hidden(f"base:{base}")
    assert not hidden("source:project")
    window.go_to(f"base:{base}")
    bar.set_rail(True)
    assert not hidden(f"base:{base}")
    bar.set_rail(False)
    assert not hidden(f"base:{base}")


def test_the_sidebar_follows_the_width_until_a_person_chooses(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    toggle = action(window, "sidebarAction")
    window.resize(1440, 900)
    assert not window.sidebar.is_rail()
    window.go_to("folders")
    assert window.sidebar.is_rail()
    toggle.trigger()
    assert not window.sidebar.is_rail()
    toggle.trigger()
    assert window.sidebar.is_rail()
    window.go_to("all")
    assert not window.sidebar.is_rail()
    settled(qtbot, window)


def test_details_can_be_toggled_only_where_they_are(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    assert action(window, "detailsAction").isEnabled()
    window.go_to("jobs")
    assert not action(window, "detailsAction").isEnabled()
    window.go_to("all")
    assert action(window, "detailsAction").isEnabled()
    settled(qtbot, window)


def test_rows_reach_from_edge_to_edge(open_window: Open, filled: list[AdapterRecord]) -> None:
    page = open_window().library_page
    assert page.table.mapTo(page, page.table.rect().topLeft()).x() == 0
    assert page.table.width() == page.width()


# -- icons beside words ------------------------------------------------------------------------


def test_words_keep_their_distance_from_an_icon(
    open_window: Open, filled: list[AdapterRecord]
) -> None:
    window = open_window()
    button = window.library_page.filters_button
    size = metric(16, button.font())
    assert button.iconSize().width() > size
    assert button.iconSize().height() == size
    plain = window.findChild(QToolButton, "noticeClose")
    assert isinstance(plain, QToolButton)
    assert plain.iconSize().width() == plain.iconSize().height()


@pytest.mark.parametrize("way", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_gap_is_on_the_side_of_the_words(qapp: QApplication, way: Qt.LayoutDirection) -> None:
    qapp.setLayoutDirection(way)
    try:
        drawn = icon("funnel", gap=8).pixmap(24, 16).toImage()
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    inked = [
        x
        for x in range(drawn.width())
        if any(drawn.pixelColor(x, y).alpha() for y in range(drawn.height()))
    ]
    free = range(16, 24) if way == Qt.LayoutDirection.LeftToRight else range(8)
    scale = drawn.width() / 24
    assert inked
    assert not [x for x in inked if x / scale in free]


# -- what cannot be done is not offered --------------------------------------------------------


def test_a_library_that_cannot_be_opened_offers_nothing_but_another_try(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    path = tmp_path / "x.db"
    path.write_text("this is no database at all")
    with_trouble = open_services(path)
    window = build_window(with_trouble)
    window.show()
    window.go_to("prompts")
    qtbot.waitUntil(lambda: bool(window.library.trouble), timeout=10_000)
    settled(qtbot, window)
    page = window.record_pages()["prompts"]
    assert not action(window, "importFolderAction").isEnabled()
    assert not page.list.add_button.isEnabled()
    assert page.list.empty.isVisible()
    assert "not a SQLite file" in page.list.empty.text()
    assert not page.list.add_button.property("primary")
    window.go_to("all")
    assert window.details is not None
    assert not window.details.isVisible()
    path.unlink()
    window.library.open()
    qtbot.waitUntil(lambda: window.library.is_ready, timeout=10_000)
    settled(qtbot, window)
    assert action(window, "importFolderAction").isEnabled()
    assert page.list.add_button.isEnabled()
    window.close()
    window.deleteLater()
    with_trouble.close()


def test_the_toolbar_keeps_its_words(open_window: Open, filled: list[AdapterRecord]) -> None:
    window = open_window()
    button = window.findChild(QToolButton, "importFolderButton")
    assert isinstance(button, QToolButton)
    before = button.text()
    assert "Folder…" in before
    action(window, "importFolderAction").setEnabled(False)
    assert button.text() == before


def test_the_sidebar_is_whole_with_the_first_paint(
    qapp: QApplication,
    qtbot: QtBot,
    open_window: Open,
    filled: list[AdapterRecord],
    library_services: Services,
) -> None:
    library_services.close()
    window = build_window(library_services)
    before = window.sidebar.keys()
    assert f"base:{filled[0].model_id}" in before
    unknown = window.sidebar.place("prompts")
    assert unknown is not None
    assert unknown.count is None
    window.close()
    window.deleteLater()
    ready = open_window()
    assert ready.sidebar.keys() == before
    known = ready.sidebar.place("prompts")
    assert known is not None
    assert known.count == 0
