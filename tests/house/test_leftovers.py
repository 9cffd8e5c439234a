"""The checks that run after every test find what they are for, and let the rest pass."""

from __future__ import annotations

import logging
import threading

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.house.leftovers import LogWatch, Snapshot, ownerless_timers


def test_a_thread_that_ends_in_time_is_in_order() -> None:
    before = Snapshot()
    threading.Thread(target=threading.Event().wait, args=(0.05,)).start()
    assert before.complaints() == []


def test_a_thread_that_does_not_end_is_found(monkeypatch) -> None:
    monkeypatch.setattr("tests.house.leftovers.PATIENCE", 0.01)
    release = threading.Event()
    before = Snapshot()
    thread = threading.Thread(target=release.wait, name="stuck")
    thread.start()
    assert before.complaints() == ["thread still running: stuck"]
    release.set()
    thread.join()


def test_a_window_left_open_is_found_and_closed(qapp: QApplication) -> None:
    before = Snapshot()
    window = QWidget()
    window.setObjectName("forgotten")
    window.show()
    assert before.complaints() == ["window left: QWidget forgotten"]
    assert before.complaints() == []


def test_a_hidden_window_that_somebody_holds_is_found(qapp: QApplication) -> None:
    before = Snapshot()
    window = QWidget()
    assert before.complaints() == ["window left: QWidget without a name"]
    del window


def test_a_window_that_goes_with_a_collection_is_in_order(qapp: QApplication) -> None:
    before = Snapshot()
    window = QWidget()
    window.itself = window  # type: ignore[attr-defined]
    del window
    assert before.complaints() == []


def test_a_window_of_qtbot_is_its_business(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()


def test_a_timer_of_the_application_is_found(qapp: QApplication) -> None:
    before = Snapshot()
    timer = QTimer(qapp, objectName="ticking", interval=60_000)
    timer.start()
    assert before.complaints() == ["timer still running: ticking, 60000 ms"]
    timer.stop()
    timer.deleteLater()
    assert before.complaints() == []


def test_a_timer_that_no_window_owns_is_found(qapp: QApplication) -> None:
    assert ownerless_timers() == []
    timer = QTimer(objectName="lonely", interval=60_000)
    timer.start()
    assert ownerless_timers() == ["timer still running: lonely, 60000 ms"]
    timer.stop()
    window = QWidget()
    owned = QTimer(window, interval=60_000)
    owned.start()
    assert ownerless_timers() == []
    window.deleteLater()


def test_unexpected_and_missing_log_records_are_found() -> None:
    watch = LogWatch()
    logger = logging.Logger("lorarium.test")
    logger.addHandler(watch)
    watch(r"disk \w+", "never said")
    logger.info("nothing to see")
    logger.warning("disk %s", "full")
    logger.error("odd")
    assert watch.complaints() == ["logged: ERROR lorarium.test: odd", "never logged: never said"]


def test_a_record_that_is_expected_is_in_order(expected_log: LogWatch) -> None:
    expected_log("^WARNING lorarium.test: meant$")
    logging.getLogger("lorarium.test").warning("meant")
