"""Keys and the menu of the folder tree, and disks that do not behave."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
)
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from desktop.models.folder_reader import NO_ANSWER
from desktop.services import folder_list, folder_watch
from desktop.views.folders.words import READING
from tests.support import make_adapter
from tests.views.folders.conftest import Hands

Key = Qt.Key


def press(hands: Hands, key: Qt.Key, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(hands.tree, key, modifier)
    hands.settle()


def labels(widget: QWidget) -> str:
    shown = [label for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    texts = [label.text() for label in shown]
    buttons = widget.findChildren(QPushButton)
    return " | ".join(texts + [button.text() for button in buttons if button.isVisibleTo(widget)])


# -- disks that do not behave ------------------------------------------------------------------


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[threading.Event]:
    """The folder “slow” answers when the event is set, and not before."""
    (home / "slow" / "deep").mkdir(parents=True)
    answer = threading.Event()
    real = os.scandir

    def scandir(path: Any) -> Any:
        if os.path.basename(os.fspath(path)) == "slow":
            assert answer.wait(20)
        return real(path)

    monkeypatch.setattr(folder_list.os, "scandir", scandir)
    yield answer
    answer.set()


def test_a_folder_that_hangs_never_stops_the_window(
    hands: Hands, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch, "MOUNT_SECONDS", 0.1)
    hands.page.field.setText("~/slow/deep")
    began = time.monotonic()
    hands.page.field.returnPressed.emit()
    assert time.monotonic() - began < 1
    hands.qtbot.waitUntil(lambda: hands.page.message.text() == NO_ANSWER, timeout=5000)
    home = hands.model.index(0, 0)
    slow = hands.model.index(hands.names(home).index("slow"), 0, home)
    hands.tree.select(slow)
    hands.qtbot.waitUntil(lambda: hands.details.message.text() == READING, timeout=5000)
    hands.qtbot.waitUntil(lambda: hands.details.message.text() == NO_ANSWER, timeout=5000)
    hands.page.grab()  # the window paints meanwhile
    held.set()
    hands.settle()
    assert hands.names(slow) == ["deep"]
    assert "no adapter in this folder" in hands.details.message.text()


def test_a_folder_without_permission_says_so(
    hands: Hands, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def scandir(path: Any) -> Any:
        if os.path.basename(os.fspath(path)) == "empty":
            raise PermissionError(13, "no")
        return real(path)

    monkeypatch.setattr(folder_list.os, "scandir", scandir)
    hands.go("~/empty")
    assert hands.names(hands.tree.currentIndex()) == ["You may not read this folder."]
    said = [finding.message for finding in hands.details.findings.findings()]
    assert said == ["You have no permission to read this folder."]
    assert not hands.details.import_button.isVisible()


def test_a_folder_that_goes_leaves_the_tree_and_the_rest_stays(hands: Hands, home: Path) -> None:
    hands.go("~/runs/chat")
    runs = QPersistentModelIndex(hands.tree.currentIndex().parent())
    shutil.rmtree(home / "runs" / "chat")
    press(hands, Key.Key_F5)
    assert hands.names(QModelIndex(runs)) == ["broken", "sql"]
    assert str(home / "runs" / "chat") not in hands.selected()
    assert hands.tree.isExpanded(runs)


def test_a_selected_folder_that_is_gone_says_so(hands: Hands, home: Path) -> None:
    hands.go("~/runs")
    around = hands.tree.currentIndex()
    hands.tree.select(hands.model.index(hands.names(around).index("chat"), 0, around))
    shutil.rmtree(home / "runs" / "chat")
    hands.details.look_again()
    hands.settle()
    assert [f.code for f in hands.details.findings.findings()] == ["folder_missing"]
    assert not hands.details.import_button.isVisible()


# -- keys --------------------------------------------------------------------------------------


def test_keys_open_close_jump_and_import(hands: Hands, home: Path) -> None:
    hands.go("~")
    hands.page.focus_tree()
    QTest.keyClicks(hands.tree, "run")
    assert hands.tree.currentIndex().data() == "runs"
    assert not hands.tree.isExpanded(hands.tree.currentIndex())
    press(hands, Key.Key_Right)
    assert hands.tree.isExpanded(hands.tree.currentIndex())
    press(hands, Key.Key_Right)
    assert hands.tree.currentIndex().data() == "broken"
    press(hands, Key.Key_Down)
    with hands.qtbot.waitSignal(hands.page.importRequested) as asked:
        press(hands, Key.Key_Enter)
    assert asked.args == [[str(home / "runs" / "chat")]]
    press(hands, Key.Key_Left)
    assert hands.tree.currentIndex().data() == "runs"
    press(hands, Key.Key_Left)
    assert not hands.tree.isExpanded(hands.tree.currentIndex())
    press(hands, Key.Key_Return)  # a folder opens, and is not imported by a key
    assert hands.tree.isExpanded(hands.tree.currentIndex())
    press(hands, Key.Key_Return)
    assert not hands.tree.isExpanded(hands.tree.currentIndex())
    press(hands, Key.Key_Asterisk)  # one level, not the whole disk
    assert hands.tree.isExpanded(hands.tree.currentIndex())
    sql = hands.model.index(2, 0, hands.tree.currentIndex())
    assert sql.data() == "sql"
    assert hands.model.rowCount(sql) == 0


@pytest.mark.parametrize(
    ("key", "own"), [(Key.Key_F5, True), (Key.Key_Return, True), (Key.Key_F1, False)]
)
def test_the_tree_keeps_its_own_keys_from_the_window(hands: Hands, key: Qt.Key, own: bool) -> None:
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    QApplication.sendEvent(hands.tree, event)
    assert event.isAccepted() is own


def test_new_folders_come_with_f5(hands: Hands, home: Path) -> None:
    hands.go("~/runs")
    make_adapter(home / "runs" / "new")
    press(hands, Key.Key_F5)
    runs = hands.tree.currentIndex()
    assert hands.names(runs) == ["broken", "chat", "new", "sql"]
    assert "5 adapters" in hands.details.message.text()
    hands.tree.clearSelection()
    make_adapter(home / "runs" / "newer")
    hands.page.read_again()
    hands.settle()
    assert "newer" in hands.names(runs)


def test_the_menu_offers_what_the_buttons_do(hands: Hands, home: Path) -> None:
    hands.go("~/runs/chat")
    asked: list[QPoint] = []
    hands.tree.menuRequested.disconnect()
    hands.tree.menuRequested.connect(asked.append)
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(hands.tree, QContextMenuEvent(reason, QPoint(5, 5), QPoint(5, 5)))
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, QPoint(5, 5), QPoint(7, 7))
    QApplication.sendEvent(hands.tree.viewport(), event)
    rect = hands.tree.visualRect(hands.tree.currentIndex())
    assert asked == [hands.tree.viewport().mapToGlobal(rect.bottomLeft()), QPoint(7, 7)]
    menu = hands.page.make_menu()
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts == [
        "&Import…", "S&can this folder", "&Open folder", "&Favourite", "Copy &path", "&Read again",
    ]  # fmt: skip
    next(a for a in menu.actions() if a.objectName() == "folderMenuCopy").trigger()
    assert QGuiApplication.clipboard().text() == str(home / "runs" / "chat")
    menu.deleteLater()
