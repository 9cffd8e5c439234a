"""The header of every table: titles in line with their cells, the sorted one set off."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from desktop.views.theme import FontRole, font, metric, pixmap, row_height, tokens

_DISPLAY, _ALIGNMENT = 0, 7
_GAP = 4
MARGIN, FIRST_MARGIN = 6, 12
"""Room beside the text of a cell, and before that of the first one, in pixels."""


class TableHeader(QHeaderView):
    """Titles in line with their cells; the arrow stands beside the title that sorts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionsClickable(True)
        self.setMouseTracking(True)
        self.first_margin = FIRST_MARGIN
        self.dress()

    def dress(self) -> None:
        """Take the fonts from the parent's font."""
        parent = self.parentWidget()
        base = parent.font() if parent is not None else self.font()
        self._plain = font(FontRole.HEADER, base)
        self._strong = font(FontRole.FIELD_LABEL, base)
        self._arrow = metric(12, base)
        self._height = row_height(30, base)

    def width_of(self, title: str) -> int:
        """Room for a title as it is while it sorts, its arrow and its margins."""
        text = QFontMetrics(self._strong).horizontalAdvance(title)
        return text + _GAP + self._arrow + 2 * MARGIN

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        model = self.model()
        if not rect.isValid() or model is None:
            return
        t = tokens()
        painter.save()
        painter.fillRect(rect, t.base)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, t.border)
        sorts = self.isSortIndicatorShown() and self.sortIndicatorSection() == section
        right = bool(
            int(model.headerData(section, Qt.Orientation.Horizontal, _ALIGNMENT) or 0)
            & int(Qt.AlignmentFlag.AlignRight)
        )
        title = str(model.headerData(section, Qt.Orientation.Horizontal, _DISPLAY) or "")
        first = self.visualIndex(section) == 0
        room = rect.adjusted(self.first_margin if first else MARGIN, 0, -MARGIN, -1)
        face = self._strong if sorts else self._plain
        arrow = self._arrow + _GAP if sorts else 0
        metrics = QFontMetrics(face)
        title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room.width() - arrow)
        wide = metrics.horizontalAdvance(title)
        x = room.right() + 1 - wide - arrow if right else room.left()
        painter.setFont(face)
        painter.setPen(t.text if sorts else t.text2)
        place = QRect(x, room.top(), wide + 2, room.height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), title)
        if sorts:
            down = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            name = "chevron-down" if down else "chevron-up"
            glyph = pixmap(name, t.text, self._arrow, painter.device().devicePixelRatioF())
            y = room.top() + (room.height() - self._arrow) / 2
            painter.drawPixmap(QPointF(x + wide + _GAP, y), glyph)
        painter.restore()
