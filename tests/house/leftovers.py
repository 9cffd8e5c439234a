"""What a test must not leave behind: threads, windows, running timers, unexpected log records."""

from __future__ import annotations

import gc
import logging
import re
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication, QTimer

PATIENCE = 3.0
"""Seconds in which a thread that was told to end has to have done so."""

# Qt's own, which it hides and deletes when it sees fit.
_QT_OWN_WINDOWS = {"QTipLabel"}


class LogWatch(logging.Handler):
    """Collects log records from WARNING up, and knows which of them a test expects."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def __call__(self, *patterns: str) -> None:
        """Expect, for each regular expression, at least one record with text that it finds."""
        self._expected += [re.compile(pattern) for pattern in patterns]

    def complaints(self) -> list[str]:
        """One line for each record that nobody expected, and for each that did not come."""
        unexpected = [
            f"logged: {line}"
            for line in self._lines
            if not any(pattern.search(line) for pattern in self._expected)
        ]
        missing = [
            f"never logged: {pattern.pattern}"
            for pattern in self._expected
            if not any(pattern.search(line) for line in self._lines)
        ]
        return unexpected + missing


class Snapshot:
    """What is there before a test; `complaints` says what is there too much after it."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        app = _application()
        self._windows = {key for key, _ in _windows(app)}
        self._timers = {key for key, _ in _application_timers(app)}

    def complaints(self) -> list[str]:
        """One line for each thing left behind. Windows that were left are closed."""
        # Threads first: what they still deliver may create nothing any more.
        return [*self._thread_complaints(), *self._qt_complaints()]

    def _thread_complaints(self) -> list[str]:
        left = [t for t in threading.enumerate() if t not in self._threads and _is_ours(t)]
        deadline = time.monotonic() + PATIENCE
        for thread in left:
            thread.join(max(0.0, deadline - time.monotonic()))
        return [f"thread still running: {t.name}" for t in left if t.is_alive()]

    def _qt_complaints(self) -> list[str]:
        app = _application()
        if app is None:
            return []
        from PySide6.QtCore import QThreadPool

        found = []
        pool = QThreadPool.globalInstance()
        if pool.activeThreadCount() and not pool.waitForDone(int(PATIENCE * 1000)):
            found.append(f"{pool.activeThreadCount()} tasks still running in the thread pool")
        _delete_what_is_due(app)
        if self._new_windows(app):
            # A window in a cycle of references goes with the next collection: that is in order.
            gc.collect()
            _delete_what_is_due(app)
        for window in self._new_windows(app):
            name = window.objectName() or "without a name"
            found.append(f"window left: {type(window).__name__} {name}")
            window.close()
            window.deleteLater()
        _delete_what_is_due(app)
        timers = [t for key, t in _application_timers(app) if key not in self._timers]
        return [*found, *(_timer_complaint(timer) for timer in timers)]

    def _new_windows(self, app: QCoreApplication) -> list[Any]:
        return [window for key, window in _windows(app) if key not in self._windows]


def ownerless_timers() -> list[str]:
    """One line for each running timer that no living window owns: its window went without it.

    Looks at every object that Python knows, so it takes some ten milliseconds.
    """
    if _application() is None:
        return []
    import shiboken6
    from PySide6.QtCore import QTimer

    return [
        _timer_complaint(timer)
        for timer in gc.get_objects()
        if issubclass(type(timer), QTimer)
        and shiboken6.isValid(timer)
        and timer.isActive()
        and timer.parent() is None
    ]


def _timer_complaint(timer: QTimer) -> str:
    return f"timer still running: {timer.objectName() or 'without a name'}, {timer.interval()} ms"


def _is_ours(thread: threading.Thread) -> bool:
    # Python keeps a stand-in for each foreign (Qt) thread that ever ran Python, even a gone one.
    return thread.is_alive() and not isinstance(thread, threading._DummyThread)


def _application() -> QCoreApplication | None:
    if "PySide6.QtCore" not in sys.modules:
        return None
    from PySide6.QtCore import QCoreApplication

    return QCoreApplication.instance()


def _windows(app: QCoreApplication | None) -> list[tuple[int, Any]]:
    if app is None or "PySide6.QtWidgets" not in sys.modules:
        return []
    import shiboken6
    from PySide6.QtWidgets import QApplication

    if not isinstance(app, QApplication):
        return []
    return [
        (shiboken6.getCppPointer(window)[0], window)
        for window in QApplication.topLevelWidgets()
        if window.metaObject().className() not in _QT_OWN_WINDOWS
    ]


def _application_timers(app: QCoreApplication | None) -> list[tuple[int, QTimer]]:
    if app is None:
        return []
    import shiboken6
    from PySide6.QtCore import QTimer

    timers = app.findChildren(QTimer)
    return [(shiboken6.getCppPointer(t)[0], t) for t in timers if t.isActive()]


def _delete_what_is_due(app: QCoreApplication) -> None:
    from PySide6.QtCore import QEvent

    # Outside of an event loop nobody else carries out deleteLater().
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
