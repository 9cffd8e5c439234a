"""Keeps Python's cyclic garbage collector on the UI thread.

It runs on whatever thread happens to allocate, and a Qt object that it frees on a worker thread
ends the process. So while a window is open it does not run by itself: a timer asks it to.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000
YOUNG = 10_000
"""New objects after which a collection is worth its time; Python's own threshold is 700."""
MOST = 1_000_000
"""New objects after which it collects even while it rests."""


class GarbageKeeper(QObject):
    """Collects on the thread it lives on, until `stop`. Several may live at once."""

    _alive = 0
    _was_on = True
    _resting = 0

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running = True
        if GarbageKeeper._alive == 0:
            GarbageKeeper._was_on = gc.isenabled()
        GarbageKeeper._alive += 1
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect if enough has come together; the old generations more rarely, as Python does."""
        young, middle, old = gc.get_count()
        if young > (MOST if GarbageKeeper._resting else YOUNG):
            gc.collect(2 if old > 10 else 1 if middle > 10 else 0)

    @classmethod
    def rest(cls) -> None:
        """Work begins that makes very many objects while somebody types: put collections off until
        as many calls of `wake`, or until there is really much."""
        cls._resting += 1

    @classmethod
    def wake(cls) -> None:
        """That work has ended."""
        cls._resting = max(0, cls._resting - 1)

    def stop(self) -> None:
        """Give the collector back to Python, when the last keeper has gone."""
        if self._running:
            self._running = False
            self._timer.stop()
            GarbageKeeper._alive -= 1
            if GarbageKeeper._alive == 0 and GarbageKeeper._was_on:
                gc.enable()
