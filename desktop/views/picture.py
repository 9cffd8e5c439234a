"""Draw the window into a PNG file and leave: for machines without a display, and for the README."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow

SIZE = (1440, 900)
SETTLE_MS = 150
PATIENCE_MS = 30_000


class Photographer(QObject):
    """Waits until the library is there and nothing moves any more, then grabs the window.

    result: the exit code, 0 when the file was written.
    """

    def __init__(self, window: MainWindow, path: str) -> None:
        super().__init__(window)
        self._window = window
        self._path = Path(path)
        self.result = 0
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._look)
        self._limit = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._limit.timeout.connect(self._take)

    def start(self) -> None:
        """Begin to wait. The event loop ends when the picture is taken."""
        self._window.resize(*SIZE)
        self._window.select_first_when_ready = True
        self._settle.start()
        self._limit.start()

    def _look(self) -> None:
        if self._window.is_settled():
            self._take()
        else:
            self._settle.start()

    def _take(self) -> None:
        self._settle.stop()
        self._limit.stop()
        image = self._window.grab()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            pass
        if image.save(str(self._path), "PNG"):
            sys.stdout.write(f"The window is in {self._path.absolute()}.\n")
            sys.stdout.flush()
        else:
            sys.stderr.write(f"The picture can't be written to {self._path}.\n")
            self.result = 1
        self._window.close()
        QCoreApplication.exit(self.result)
