"""What a person notes of an adapter: written where it stands, kept when they go on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop.services.tag_rules import NOTES_LIMIT
from desktop.views.theme import metric
from desktop.views.widgets.section import Section

_LINES = (2, 12)
_AROUND = 16  # edge and padding of a field, above and below together


class NotesField(QPlainTextEdit):
    """As high as its text, between two and twelve lines.

    Signals:
        left: the person goes on: the focus is elsewhere, or Ctrl+Enter was pressed.
        dropped: Esc: what was typed is not wanted.
    """

    left = Signal()
    dropped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notesField")
        self.setAccessibleName("Notes")
        self.setPlaceholderText("Write a note")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self.fit)

    def fit(self) -> None:
        """Take the height of the text."""
        lines, block = 0, self.document().firstBlock()
        while block.isValid() and lines < _LINES[1]:
            lines += max(block.layout().lineCount(), 1)
            block = block.next()
        wanted = min(max(lines, _LINES[0]), _LINES[1])
        around = 2 * round(self.document().documentMargin()) + _AROUND
        self.setFixedHeight(wanted * QFontMetrics(self.font()).lineSpacing() + around)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.left.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.dropped.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own menu
            self.left.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()


class NotesSection(Section):
    """The notes of the adapter that is shown.

    Signals:
        changed(str, str): the id of the adapter, and what it notes now.
    """

    changed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Notes", parent=parent, line_above=True)
        self.setObjectName("notesSection")
        self.field = NotesField()
        self.field.setMinimumWidth(metric(60, self.font()))
        self.add(self.field)
        self._adapter_id = ""
        self._kept = ""
        self._sent: str | None = None
        self.field.left.connect(self.commit)
        self.field.dropped.connect(self._drop)

    def show_notes(self, adapter_id: str, notes: str, *, writable: bool) -> None:
        """Show the notes of an adapter; of the same one, what is being typed stays."""
        if adapter_id != self._adapter_id:
            self.commit()
            self._adapter_id, self._kept, self._sent = adapter_id, notes, None
            self._show(notes)
        else:
            typed = self.is_dirty()
            self._kept, self._sent = notes, None
            if not typed:
                self._show(notes)
        self.field.setReadOnly(not writable)
        self.setVisible(writable or bool(notes))

    def is_dirty(self) -> bool:
        """Whether something is typed that was neither kept nor sent to be kept."""
        return self._text() not in (self._kept, self._sent)

    def commit(self) -> bool:
        """Send what is typed to be kept; returns whether there was something."""
        if not self._adapter_id or self.field.isReadOnly() or not self.is_dirty():
            return False
        self._sent = self._text()
        self.changed.emit(self._adapter_id, self._sent)
        return True

    def refused(self) -> None:
        """What was sent is not kept; it stays in the field."""
        self._sent = None

    def _text(self) -> str:
        return self.field.toPlainText()[: 2 * NOTES_LIMIT].strip()

    def _show(self, notes: str) -> None:
        if self.field.toPlainText() != notes:
            self.field.setPlainText(notes)

    def _drop(self) -> None:
        self._show(self._kept)
        self.field.clearFocus()
