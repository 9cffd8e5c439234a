"""The icon at the start of a field. Qt gives those of a field one size, whatever the font."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLineEdit

from desktop.views.theme import metric
from desktop.views.widgets.finding_row import IconLabel

_EDGE, _GAP = 10, 4
_SIZE = 16
_MOVES = (
    QEvent.Type.Resize,
    QEvent.Type.FontChange,
    QEvent.Type.LayoutDirectionChange,
    QEvent.Type.EnabledChange,
)


class Lens(IconLabel):
    """Stands before the words of `edit`, as large as its font wants it, and follows its state."""

    def __init__(self, edit: QLineEdit, name: str = "search") -> None:
        super().__init__(name, "text2", metric(_SIZE, edit.font()), edit)
        self._edit = edit
        self._icon = name
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        edit.installEventFilter(self)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._edit and event.type() in _MOVES:
            self._place()
        return False

    def _place(self) -> None:
        edit = self._edit
        size = self._size = metric(_SIZE, edit.font())
        self.setFixedSize(size, size)
        self.set(self._icon, "text2" if edit.isEnabled() else "disabled")
        mirrored = edit.layoutDirection() == Qt.LayoutDirection.RightToLeft
        room = size + _GAP
        edit.setTextMargins(0 if mirrored else room, 0, room if mirrored else 0, 0)
        left = edit.width() - _EDGE - size if mirrored else _EDGE
        self.move(left, (edit.height() - size) // 2)
