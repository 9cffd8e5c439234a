"""Tasks and notices in the strip at the bottom of the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from desktop.views.notices import Notice
from desktop.views.widgets.notice_bar import NoticeBar
from desktop.views.widgets.strip import Strip
from desktop.views.widgets.task_bar import TaskBar, steps
from desktop.views.widgets.text import LinkButton
from tests.views.widgets.samples import FakeTask

# Said by the offscreen platform whenever a popup opens; means nothing.
pytestmark = pytest.mark.qt_log_ignore(
    r"This plugin does not support (raise\(\)|grabbing the keyboard)", extend=True
)


@pytest.fixture
def strip(themed: QApplication, qtbot: QtBot) -> Strip:
    made = Strip()
    qtbot.addWidget(made)
    made.resize(1200, made.height())
    made.show()
    return made


@pytest.fixture
def notices(strip: Strip) -> NoticeBar:
    return strip.notices


def _shown(bar: NoticeBar) -> str:
    notice = bar.current()
    return notice.text if notice else ""


# -- notices -----------------------------------------------------------------------------------


def test_the_place_is_kept_while_there_is_nothing_to_say(strip: Strip) -> None:
    height = strip.height()
    assert height >= 40
    assert not strip.findChild(QPushButton, "noticeAction").isVisible()  # type: ignore[union-attr]
    strip.notices.show_notice("Removed 3 adapters.")
    assert strip.height() == height


def test_the_action_is_done_once_and_closes(notices: NoticeBar) -> None:
    calls: list[str] = []

    def undo() -> None:
        calls.append("undo")

    notices.show_notice("Removed 3 adapters.", action="&Undo", callback=undo)
    button = notices.findChild(QPushButton, "noticeAction")
    assert button is not None
    assert button.accessibleName() == "&Undo"
    button.click()
    assert calls == ["undo"]
    assert notices.current() is None


def test_a_notice_goes_by_itself_and_the_next_follows(notices: NoticeBar, qtbot: QtBot) -> None:
    notices.stay_ms, notices.least_ms = 60, 20
    notices.show_notice("One.")
    notices.show_notice("Two.")
    assert _shown(notices) == "One."
    qtbot.waitUntil(lambda: _shown(notices) == "Two.")
    qtbot.waitUntil(lambda: notices.current() is None)


def test_an_error_stays_and_is_not_replaced(notices: NoticeBar, qtbot: QtBot) -> None:
    notices.stay_ms = notices.least_ms = 1
    notices.show_notice("It was not imported.", "error")
    notices.show_notice("Later.")
    notices.show_notice("Worse.", "error")
    qtbot.wait(40)
    assert _shown(notices) == "It was not imported."
    assert notices.waiting() == 2
    notices.findChild(QToolButton, "noticeClose").click()  # type: ignore[union-attr]
    assert _shown(notices) == "Worse."  # errors first
    QTest.keyClick(notices, Qt.Key.Key_Escape)
    assert _shown(notices) == "Later."
    notices.clear()


def test_the_same_again_does_not_pile_up(notices: NoticeBar) -> None:
    for _ in range(5):
        notices.post(Notice("The disk is full.", "error"))
    assert notices.waiting() == 0
    notices.clear()


def test_pointer_and_focus_stop_the_clock(notices: NoticeBar, qtbot: QtBot) -> None:
    notices.stay_ms, notices.least_ms = 50, 30
    notices.show_notice("One.", action="Undo")
    at = QPointF(5, 5)
    QApplication.sendEvent(notices, QEnterEvent(at, at, at))
    qtbot.wait(90)
    assert _shown(notices) == "One."
    button = notices.findChild(QPushButton, "noticeAction")
    assert button is not None
    QApplication.sendEvent(button, QFocusEvent(QEvent.Type.FocusIn))
    QApplication.sendEvent(notices, QEvent(QEvent.Type.Leave))
    QApplication.sendEvent(button, QFocusEvent(QEvent.Type.FocusOut))
    qtbot.waitUntil(lambda: notices.current() is None)


def test_details_hold_all_of_it(notices: NoticeBar, qtbot: QtBot) -> None:
    notices.show_notice("It broke.", "error", detail="<b>Trace</b>\nline two")
    notices.findChild(LinkButton, "noticeDetails").click()  # type: ignore[union-attr]
    text = notices.findChild(QPlainTextEdit, "noticeDetailsText")
    assert text is not None
    assert text.toPlainText() == "<b>Trace</b>\nline two"
    notices.findChild(QPushButton, "noticeDetailsCopy").click()  # type: ignore[union-attr]
    assert QApplication.clipboard().text() == "It broke.\n\n<b>Trace</b>\nline two"
    notices.findChild(QPushButton, "noticeDetailsClose").click()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: notices.findChild(QPlainTextEdit, "noticeDetailsText") is None)
    notices.clear()


# -- tasks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "total", "value"),
    [(0, 10, 0), (1, 3, 333), (10, 10, 1000), (11, 10, 1000), (1, 0, -1), (-5, 10, 0),
     (2**62, 2**63, 500), (None, None, -1)],
)  # fmt: skip
def test_steps(done: object, total: object, value: int) -> None:
    assert steps(done, total) == value


def test_a_short_task_is_never_shown(strip: Strip, qtbot: QtBot) -> None:
    strip.tasks.show_after_ms = 60_000
    task = FakeTask("Checking", "folder")
    strip.tasks.add_task(task)
    task.progress.emit(1, 2, "half")
    assert strip.tasks.titles() == []
    task.finished.emit()
    assert strip.tasks.titles() == []


def test_a_task_shows_how_far_it_is_and_is_cancelled_once(strip: Strip, qtbot: QtBot) -> None:
    strip.tasks.show_after_ms = 0
    task = FakeTask("Copying <b>sql</b>", "folder")
    strip.tasks.add_task(task)
    qtbot.waitUntil(lambda: strip.tasks.titles() != [])
    row = strip.tasks.row()
    assert row.title() == "Copying <b>sql</b>"
    assert row.bar.is_unknown()
    task.progress.emit(2**40, 2**41, "1.1 of 2.2 TB")
    assert row.bar.value() == 500
    assert row.text() == "1.1 of 2.2 TB"
    assert row.cancel_button.accessibleName() == "Cancel: Copying <b>sql</b>"
    row.cancel_button.click()
    strip.tasks.cancel_front()
    assert task.cancels == 1
    assert row.text() == "Stopping…"
    task.finished.emit()
    assert not row.isVisible()


def test_several_tasks_fold_into_one_link(strip: Strip, qtbot: QtBot) -> None:
    strip.tasks.show_after_ms = 0
    waits = FakeTask("Waits", "folder", "waiting")
    runs = [FakeTask(f"Task {n}", "folder") for n in range(2)]
    for task in (waits, *runs):
        strip.tasks.add_task(task)
    qtbot.waitUntil(lambda: len(strip.tasks.titles()) == 3)
    assert strip.tasks.titles() == ["Task 0", "Task 1", "Waits"]
    link = strip.tasks.findChild(LinkButton, "allTasks")
    assert link is not None
    assert link.text() == "3 tasks"
    link.click()
    popup = strip.tasks._popup
    assert popup is not None
    assert popup.isVisible()
    assert [row.title() for row in popup._rows] == ["Task 0", "Task 1", "Waits"]
    assert popup._rows[2].text() == "Waiting for its turn"
    for task in (*runs, waits):
        task.finished.emit()
    assert not popup.isVisible()


def test_an_invisible_task_is_left_alone(strip: Strip) -> None:
    task = FakeTask("Quiet", "folder")
    task.visible = False  # type: ignore[attr-defined]
    strip.tasks.add_task(task)
    task.finished.emit()
    assert strip.tasks.titles() == []


def test_the_bar_moves_only_while_it_is_seen(themed: QApplication, qtbot: QtBot) -> None:
    bar = TaskBar()
    qtbot.addWidget(bar)
    bar.set_steps(-1)
    assert not bar._timer.isActive()
    bar.show()
    moving = bar._timer.isActive()
    bar.grab()
    bar.set_steps(500)
    assert not bar._timer.isActive()
    bar.grab()
    bar.set_steps(-1)
    bar.hide()
    assert not bar._timer.isActive()
    assert moving in (True, False)


def test_both_halves_fit_at_the_smallest_window(strip: Strip, qtbot: QtBot) -> None:
    strip.tasks.show_after_ms = 0
    task = FakeTask("Fetching nvidia/llama-3-sql-adapter", "cloud")
    strip.tasks.add_task(task)
    qtbot.waitUntil(lambda: strip.tasks.titles() != [])
    task.progress.emit(1, 2, "33.5 of 54.5 MB · 8.4 MB/s · 3 s left")
    strip.notices.show_notice("Removed 3 adapters. Their files stay.", action="Undo")
    strip.resize(1024, strip.height())
    strip.layout().activate()
    assert strip.minimumSizeHint().width() <= 1024
    assert strip.tasks.geometry().right() < strip.notices.geometry().left()
    task.finished.emit()
    strip.notices.clear()
