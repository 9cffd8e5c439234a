"""What a search on a server asks for."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.views.import_pages.shared.pane_parts import SearchEdit

TYPING_DELAY = 300
"""Milliseconds after the last key until it is searched for."""


class SearchFilters(QWidget):
    """Fields over a list of results; `text` is the first of them.

    Signals:
        changed: something else is asked for; after typing only when it has paused.
        leaving: the list should have the focus now.
    """

    changed = Signal()
    leaving = Signal()

    text: SearchEdit

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_DELAY)
        self._timer.timeout.connect(self.changed)

    def make_edit(self, name: str, hint: str, *, lens: bool) -> SearchEdit:
        """A line of words to look for."""
        edit = SearchEdit(name, hint, lens=lens)
        edit.textChanged.connect(self._typed)
        edit.asked.connect(self._asked)
        edit.leaving.connect(self.leaving)
        return edit

    def query(self) -> Any:
        """What the fields say now."""
        return self.text.text().strip()

    def clear(self) -> None:
        """Ask for nothing in particular."""
        with QSignalBlocker(self.text):
            self.text.clear()
        self.ask()

    def ask(self) -> None:
        """Something else is asked for, now."""
        self._timer.stop()
        self.changed.emit()

    def stop(self) -> None:
        """Nobody waits for the pause in typing any more."""
        self._timer.stop()

    @property
    def waiting(self) -> bool:
        """Whether something was typed that is not asked for yet."""
        return self._timer.isActive()

    def _typed(self) -> None:
        self._timer.start()

    def _asked(self) -> None:
        if self._timer.isActive():
            self.ask()
        else:
            self.leaving.emit()
