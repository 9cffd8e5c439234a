"""What the two lists of the Hugging Face page share around them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from desktop.services.errors import LorariumError
from desktop.views.widgets.lens import Lens
from desktop.views.widgets.task_bar import TaskBar

MOVING_DELAY = 200
"""Milliseconds that a line has to be the highlighted one until others hear of it."""

_NO_LIMIT = 16_777_215  # Qt's QWIDGETSIZE_MAX


def said(error: Exception) -> str:
    """Sentence and advice of an error; one that is a fault of ours says so."""
    if isinstance(error, LorariumError):
        return f"{error.message} {error.advice}".strip()
    return (
        "Something did not work. This is a fault of Lorarium, not yours."
        " Try again, or look at the log."
    )


def moving_bar(name: str) -> TaskBar:
    """A bar as wide as the pane, to be shown while something is waited for; its place is kept."""
    bar = TaskBar()
    bar.setObjectName(name)
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    policy.setRetainSizeWhenHidden(True)
    bar.setSizePolicy(policy)
    bar.setMinimumSize(0, 3)
    bar.setMaximumSize(_NO_LIMIT, 3)
    bar.set_steps(-1)
    bar.hide()
    return bar


class SearchEdit(QLineEdit):
    """Esc clears it, and is the dialog's where it is empty; Down goes to the list.

    Signals:
        leaving: the list should have the focus now.
        asked: Enter was pressed.
    """

    leaving = Signal()
    asked = Signal()

    def __init__(self, name: str, hint: str, *, lens: bool = True) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setPlaceholderText(hint)
        self.setClearButtonEnabled(True)
        if lens:
            self._lens = Lens(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key == Qt.Key.Key_Down:
            self.leaving.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # Never the dialog's: its button imports.
            self.asked.emit()
        else:
            super().keyPressEvent(event)
