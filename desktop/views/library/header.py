"""The header of the library: titles stand over their cells, also while they sort."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, Qt
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from desktop.models.columns import COLUMN, COLUMNS
from desktop.views.theme import pixmap, tokens
from desktop.views.widgets.table_header import FIRST_MARGIN, MARGIN, TableHeader

_GAP = 2
_SOURCE = COLUMN["source"]


class LibraryHeader(TableHeader):
    """The arrow stands behind a title, but before one over figures: those stay in line with it.

    It may use the margin on its side, so that no column is wider only because it could sort.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("adaptersHeader")
        self.setAccessibleName("Columns")
        self.source_as_icon = False
        self._hovered = -1

    def width_of(self, title: str) -> int:
        text = QFontMetrics(self._strong).horizontalAdvance(title)
        return text + _GAP + self._arrow + MARGIN

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if not rect.isValid() or not 0 <= section < len(COLUMNS):
            return
        t = tokens()
        column = COLUMNS[section]
        hovered = section == self._hovered
        painter.fillRect(rect, t.row_hover if hovered else t.base)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, t.border)
        sorts = self.isSortIndicatorShown() and self.sortIndicatorSection() == section
        face = self._strong if sorts else self._plain
        metrics = QFontMetrics(face)
        mirrored = self.isRightToLeft()
        to_right = column.right != mirrored
        before = FIRST_MARGIN if self.visualIndex(section) == 0 else MARGIN
        room = rect.adjusted(before, 0, -MARGIN, -1)
        if mirrored:
            room = rect.adjusted(MARGIN, 0, -before, -1)
        title = column.title
        if section == _SOURCE and self.source_as_icon:
            title = ""
        # The room for the arrow, less the margin that it may use.
        arrow = self._arrow + _GAP - MARGIN if sorts else 0
        title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room.width() - arrow)
        wide = metrics.horizontalAdvance(title)
        x = room.right() + 1 - wide if to_right else room.left()
        painter.setFont(face)
        painter.setPen(t.text if sorts or hovered else t.text2)
        place = QRect(x, room.top(), wide + 2, room.height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), title)
        if sorts:
            down = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            name = "chevron-down" if down else "chevron-up"
            glyph = pixmap(name, t.text, self._arrow, painter.device().devicePixelRatioF())
            at = x - _GAP - self._arrow if to_right else x + wide + (_GAP if wide else 0)
            painter.drawPixmap(QPointF(at, room.top() + (room.height() - self._arrow) / 2), glyph)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.logicalIndexAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, section: int) -> None:
        if section != self._hovered:
            self._hovered = section
            self.viewport().update()
