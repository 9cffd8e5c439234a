"""A titled part of a panel, parted from the one above by a line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.views.theme import FontRole
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.text import PlainLabel


def line(vertical: bool = False, parent: QWidget | None = None) -> QFrame:
    """A dividing line, 1 px, in the colour of borders."""
    result = QFrame(parent)
    result.setProperty("line", True)
    if vertical:
        result.setFixedWidth(1)
    else:
        result.setFixedHeight(1)
    return result


class Section(QWidget):
    """Title at the left, badge or any widget at the right, then `body`.

    line_above: whether a line parts it from what is above: 12, line, 12.
    """

    def __init__(
        self,
        title: str,
        badge: Badge | None = None,
        parent: QWidget | None = None,
        *,
        line_above: bool = False,
        aside: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.badge = badge
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        if line_above:
            outer.addSpacing(4)
            outer.addWidget(line())
            outer.addSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.title = PlainLabel(title, role=FontRole.FIELD_LABEL, elide="end")
        head.addWidget(self.title, 1)
        for widget in (aside, badge):
            if widget is not None:
                head.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        outer.addLayout(head)
        self.body = QVBoxLayout()
        self.body.setSpacing(6)
        outer.addLayout(self.body)

    def add(self, widget: QWidget) -> None:
        """Put a widget under what is there."""
        self.body.addWidget(widget)
