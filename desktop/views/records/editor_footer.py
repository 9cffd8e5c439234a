"""The foot of the form: what has no field to stand beside, Cancel, and the one primary button."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.section import line


class EditorFooter(QFrame):
    """Stays where it is while the form scrolls. prefix: how the objectNames begin."""

    def __init__(self, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "sidebar")
        self._word = ""
        self.message = InlineMessage(keep=False)
        self.message.setObjectName(f"{prefix}EditorMessage")
        self.message.hide()
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setObjectName(f"{prefix}CancelButton")
        self.cancel_button.setAccessibleName("Cancel, and forget what was typed")
        self.save_button = QPushButton()
        self.save_button.setObjectName(f"{prefix}SaveButton")
        self.save_button.setProperty("primary", True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.save_button)
        box = QVBoxLayout()
        box.setContentsMargins(16, 11, 16, 11)
        box.setSpacing(8)
        box.addWidget(self.message)
        box.addLayout(row)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(line())
        outer.addLayout(box)

    def start(self, verb: str) -> None:
        """Name what the primary button does, and say nothing."""
        self._word = verb
        self.say("")
        self.set_busy(False)

    def say(self, text: str) -> None:
        """Say an error here; "" says nothing and takes no room."""
        self.message.set_message(text, "error" if text else "")
        self.message.setVisible(bool(text))

    def set_busy(self, busy: bool) -> None:
        """While it works the button keeps its width and says so."""
        if busy:
            self.save_button.setMinimumWidth(self.save_button.width())
        words = f"{self._word.removesuffix('e')}ing…" if busy else self._word
        self.save_button.setText(words)
        self.save_button.setAccessibleName(words)
