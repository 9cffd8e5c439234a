"""The foot of a dialog that does long work: what still blocks, how far it is, and two buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.views.theme import FontRole, metric
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import PlainLabel, restyle

_STEPS = 1000


class Footer(QWidget):
    """Message or progress at the left, Cancel and the verb at the right.

    linkActivated: the link after the message was clicked.
    """

    linkActivated = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "sidebar")
        self.message = InlineMessage(keep=False)
        self.message.setObjectName("importMessage")
        self.message.linkActivated.connect(self.linkActivated)
        self.bar = QProgressBar()
        self.bar.setObjectName("importProgress")
        self.bar.setAccessibleName("Progress of the import")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.bar.setMaximumWidth(metric(320, self.font()))
        self.progress_text = PlainLabel(role=FontRole.LABEL, tone="secondary", elide="middle")
        self._progress = QWidget()
        box = QVBoxLayout(self._progress)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addStretch(1)
        box.addWidget(self.progress_text)
        box.addWidget(self.bar)
        box.addStretch(1)
        self._progress.hide()
        self.cancel = QPushButton("&Cancel")
        self.cancel.setObjectName("cancelButton")
        self.cancel.setAccessibleName("Cancel")
        self.cancel.setAutoDefault(False)
        self.go = QPushButton("&Import")
        self.go.setObjectName("importButton")
        self.go.setAccessibleName("Import")
        self.go.setDefault(True)
        restyle(self.go, "primary", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 12, 24, 12)
        row.setSpacing(8)
        # As many lines as it has at the width of now; its own hint is that of the width before.
        policy = self.message.sizePolicy()
        policy.setVerticalPolicy(QSizePolicy.Policy.Preferred)
        self.message.setSizePolicy(policy)
        row.addWidget(self.message, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._progress, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.go)

    def say(self, text: str, tone: str = "", link: str = "") -> None:
        """Show this sentence; tone and link as in `InlineMessage`."""
        self.message.set_message(text, tone, link)

    def set_verb(self, verb: str) -> None:
        """Name what the button would do, with its mnemonic."""
        self.go.setText(verb)
        self.go.setAccessibleName(verb.replace("&", ""))

    def set_busy(self, verb: str) -> None:
        """While an import runs (verb: the button's word then, "" = none runs) the button keeps its
        width, and progress has the message's place."""
        busy = bool(verb)
        self._progress.setVisible(busy)
        self.message.setVisible(not busy)
        self.go.setMinimumWidth(max(self.go.width() if busy else 0, self._busy_width(verb)))
        if busy:
            self.go.setText(verb)
            self.go.setAccessibleName(verb.replace("&", "").rstrip("…"))

    def _busy_width(self, verb: str) -> int:
        words = verb.replace("&", "") or "Importing…"
        return self.go.fontMetrics().horizontalAdvance(words) + metric(30, self.font())

    def show_progress(self, done: int, total: int, text: str) -> None:
        """done, total: bytes, of any size; total 0 = unknown. text: how far that is, in words."""
        if total > 0:
            self.bar.setRange(0, _STEPS)
            self.bar.setValue(min(done * _STEPS // total, _STEPS))
        else:
            self.bar.setRange(0, 0)
        self.progress_text.setText(text or "Checking…")
