"""Leaving the window while something is typed and not saved."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.services.progress import TaskContext
from desktop.services.records import AdapterRecord
from desktop.views.main_window import MainWindow
from tests.views.test_main_window import action, settled
from tests.views.test_window_manners import Open, focused


@pytest.fixture
def edited(open_window: Open, filled: list[AdapterRecord], qtbot: QtBot) -> MainWindow:
    """A window in which the name of alpha was changed and not saved."""
    window = open_window()
    window.library_page.table.select_ids([filled[0].id])
    settled(qtbot, window)
    action(window, "renameAction").trigger()
    assert window.details is not None
    edit = window.details.one.form.findChild(QLineEdit, "editNameField")
    assert isinstance(edit, QLineEdit)
    edit.setText("half typed")
    return window


@pytest.fixture
def download(
    open_window: Open, filled: list[AdapterRecord]
) -> Iterator[tuple[MainWindow, threading.Event]]:
    """A window with two downloads that go on until the event."""
    window, enough = open_window(), threading.Event()
    begin_downloads(window, enough)
    yield window, enough
    enough.set()


def begin_downloads(window: MainWindow, enough: threading.Event) -> None:
    def fetch(ctx: TaskContext) -> None:
        while not enough.wait(0.01):
            ctx.report(0, 0, "Fetching")

    for _ in range(2):
        window.runner.run(fetch, lane="fetch")


def leave_button(window: MainWindow, name: str, qtbot: QtBot) -> QPushButton:
    def shown() -> list[QDialog]:
        return [box for box in window.findChildren(QDialog, "unsavedDialog") if box.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    found = shown()[0].findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def test_what_is_not_saved_is_not_thrown_away_unasked(edited: MainWindow, qtbot: QtBot) -> None:
    window = edited
    window.close()
    assert window.isVisible()
    keep = leave_button(window, "keepEditingButton", qtbot)
    said = "“alpha” has changes that are not saved."
    assert keep.window().accessibleDescription() == said
    keep.click()
    qtbot.waitUntil(lambda: focused(window) == "editNameField", timeout=5000)
    settled(qtbot, window)
    window.close()
    assert window.isVisible()
    leave_button(window, "leaveButton", qtbot).click()
    qtbot.waitUntil(window.isHidden)


def test_a_record_that_is_being_typed_is_asked_about_too(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    window.go_to("prompts")
    page = window.record_pages()["prompts"]
    page.add()
    edit = page.findChild(QLineEdit, "promptsNameEdit")
    assert isinstance(edit, QLineEdit)
    edit.setText("Question")
    window.go_to("all")
    window.close()
    assert window.isVisible()
    leave_button(window, "keepEditingButton", qtbot).click()
    qtbot.waitUntil(edit.isVisible)
    assert edit.text() == "Question"
    page.editor.footer.cancel_button.click()
    settled(qtbot, window)
    window.close()
    assert window.isHidden()


def test_downloads_are_not_stopped_unasked(
    download: tuple[MainWindow, threading.Event], qtbot: QtBot
) -> None:
    window, _ = download
    window.close()
    assert window.isVisible()
    stay = leave_button(window, "keepEditingButton", qtbot)
    assert stay.text() == "&Stay"
    assert stay.window().accessibleDescription() == "2 downloads are under way."
    stay.click()
    assert len(window.runner.tasks) == 2
    window.close()
    leave = leave_button(window, "leaveButton", qtbot)
    assert leave.text() == "&Leave"
    leave.click()
    qtbot.waitUntil(window.isHidden)
    assert not window.runner.tasks


def test_a_download_that_has_ended_is_no_question(
    download: tuple[MainWindow, threading.Event], qtbot: QtBot
) -> None:
    window, enough = download
    enough.set()
    settled(qtbot, window)
    window.close()
    assert window.isHidden()


def test_both_are_asked_about_at_once(edited: MainWindow, qtbot: QtBot) -> None:
    window = edited
    begin_downloads(window, threading.Event())
    window.close()
    said = leave_button(window, "leaveButton", qtbot).window().accessibleDescription()
    assert said == "“alpha” has changes that are not saved. 2 downloads are under way."
    leave_button(window, "leaveButton", qtbot).click()
    qtbot.waitUntil(window.isHidden)
