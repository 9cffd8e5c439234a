"""Watched folders in the window: looked at quietly, and what is new is offered in a notice.

No file is watched by the system: over thousands of folders that costs more than it tells, and on a
network drive it tells nothing. The folders are looked at when the library is there, when the person
comes back to the window, and now and then while it is in front; each look is a scan in a process of
its own, which a drive that hangs does not hold up.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.library import Library
from desktop.services.peft_folder.reading import printable
from desktop.views.notices import Notice, notice_of

if TYPE_CHECKING:
    from desktop.services.watched import WatchReport

SETTING = "watched/folders"  # as services.watched has it, which the start does not import
REST_SECONDS = (30.0, 1800.0)
"""The least and the most time between two looks: one that took long is followed by a long rest."""
_REST_FACTOR = 20
_POLL_MS = 180_000


class Watching(QObject):
    """Looks at the watched folders while the window is in use.

    Signals:
        notice(object): a `Notice`.
        scanRequested(object): the notice's “Look at them” was pressed; the list of folders.
        looked(object): a look is over; its `WatchReport`.
    """

    notice = Signal(object)
    scanRequested = Signal(object)
    looked = Signal(object)

    def __init__(self, library: Library, window: QWidget) -> None:
        super().__init__(window)
        self._library = library
        self._window = window
        self._looking = False
        self._stopped = False
        self._rest_until = 0.0
        self._seen: list[str] = []
        self._timer = QTimer(self, singleShot=True, interval=_POLL_MS)
        self._timer.timeout.connect(self._poll)
        library.ready.connect(self.look)

    def look(self) -> None:
        """Look for new adapters, unless it was done just now. Other folders than last time are
        looked at in any case."""
        folders = self._library.services.settings.get(SETTING, [])
        if self._looking or self._stopped or not self._library.is_ready:
            return
        if not folders:
            self._seen = []
            self._timer.stop()
            return
        if folders == self._seen and time.monotonic() < self._rest_until:
            self._timer.start()
            return
        self._looking, self._seen = True, list(folders)
        self._timer.stop()
        task = self._library.run(
            self._look,
            succeeded=self._report,
            failed=self._not_done,
            lane="free",
            title="Looking at the watched folders",
        )
        task.finished.connect(self._over)

    def stop(self) -> None:
        """No look any more: the window closes."""
        self._timer.stop()
        self._stopped = True

    def _look(self, ctx: Any) -> WatchReport:
        return self._library.services.watched.look(None, ctx.report)

    def _poll(self) -> None:
        if self._window.isActiveWindow():
            self.look()

    def _over(self) -> None:
        self._looking = False
        if not self._stopped:
            self._timer.start()

    def _not_done(self, error: Exception) -> None:
        self._rest_until = time.monotonic() + REST_SECONDS[1]
        self.notice.emit(notice_of(error, "The watched folders could not be looked at."))

    def _report(self, report: WatchReport) -> None:
        least, most = REST_SECONDS
        rest = min(max(report.seconds * _REST_FACTOR, least), most)
        self._rest_until = time.monotonic() + rest
        if report.news:
            show = partial(self.scanRequested.emit, [one.folder for one in report.news])
            said = _said(report)
            self.notice.emit(Notice(said, "info", "Look at them", show, icon="clock"))
        self.looked.emit(report)


def _said(report: WatchReport) -> str:
    count = report.count
    what = "1 new adapter" if count == 1 else f"{count:,} new adapters"
    if len(report.news) == 1:
        return f"{what} in “{printable(report.news[0].folder, 120)}”."
    return f"{what} in {len(report.news):,} watched folders."
