"""Filters that are saved as places, and what can be typed into one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QLineEdit,
    QMenu,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from desktop.services.records import AdapterRecord
from desktop.views.main_window import MainWindow
from desktop.views.saved_places import NameDialog
from tests.views.organising import (
    Open,
    dialog_of,
    names,
    select,
    settled,
    trigger,
)


@pytest.fixture
def window(open_window: Open, filled: list[AdapterRecord], qtbot: QtBot) -> MainWindow:
    opened = open_window()
    select(opened, qtbot, [filled[0].id])
    return opened


def save_filter(window: MainWindow, qtbot: QtBot, name: str) -> NameDialog:
    trigger(window, qtbot, "saveFilterAction")
    dialog: NameDialog = dialog_of(window, NameDialog)
    dialog.field.setText(name)
    return dialog


def test_a_filter_is_saved_as_a_place_renamed_and_removed(
    window: MainWindow, open_window: Open, qtbot: QtBot
) -> None:
    assert not window.actions_["saveFilterAction"].isEnabled()
    window.library_page.filter.setText("-beta rank<16")
    save_filter(window, qtbot, "Small ones").button.click()
    settled(qtbot, window)
    assert window.place() == "saved:Small ones"
    assert window.library_page.title.text() == "Small ones"
    assert window.library_page.filter.text() == ""
    assert names(window) == ["alpha"]
    qtbot.waitUntil(lambda: window.sidebar.place("saved:Small ones").count == 1)
    # More can be asked beside it.
    window.library_page.filter.setText("zeta")
    assert names(window) == []
    window.library_page.filter.clear()
    trigger(window, qtbot, "renameFilterAction")
    dialog: NameDialog = dialog_of(window, NameDialog)
    dialog.field.setText("  ")
    assert not dialog.button.isEnabled()
    dialog.field.setText("Tiny")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert window.place() == "saved:Tiny"
    window.close()
    again = open_window()
    again.go_to("saved:Tiny")
    assert names(again) == ["alpha"]
    trigger(again, qtbot, "removeFilterAction")
    assert again.place() == "all"
    assert again.sidebar.place("saved:Tiny") is None
    button = again.strip.findChild(QPushButton, "noticeAction")
    assert button is not None
    button.click()
    assert again.sidebar.place("saved:Tiny") is not None


def test_a_name_that_is_taken_is_said(window: MainWindow, qtbot: QtBot) -> None:
    window.library_page.filter.setText("alpha")
    save_filter(window, qtbot, "One").button.click()
    window.library_page.filter.setText("beta")
    dialog = save_filter(window, qtbot, "ONE")
    assert not dialog.button.isEnabled()
    assert "Another filter" in dialog.message.text()
    dialog.reject()


def test_the_menu_of_a_saved_filter(window: MainWindow, qtbot: QtBot) -> None:
    window.library_page.filter.setText("alpha")
    save_filter(window, qtbot, "One").button.click()
    sidebar = window.sidebar
    spots = [QPoint(20, y) for y in range(0, sidebar.viewport().height(), 4)]
    spot = next(p for p in spots if sidebar.key_at(p) == "saved:One")
    sidebar.customContextMenuRequested.emit(spot)
    menu = window.findChild(QMenu, "savedFilterMenu")
    assert menu is not None
    remove = menu.findChild(QAction, "removeSavedAction")
    assert remove is not None
    remove.trigger()
    menu.close()
    assert sidebar.place("saved:One") is None
    sidebar.customContextMenuRequested.emit(QPoint(20, 2))
    assert not [m for m in window.findChildren(QMenu, "savedFilterMenu") if m.isVisible()]


def test_the_filter_says_what_can_be_typed(window: MainWindow) -> None:
    field = window.findChild(QLineEdit, "adapterFilter")
    assert field is not None
    assert "rank&gt;16" in field.toolTip()
    assert "tag" in field.placeholderText()
