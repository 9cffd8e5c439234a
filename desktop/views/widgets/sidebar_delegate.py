"""How a row of the sidebar is painted, as words and count or as an icon with a dot for trouble."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.views.theme import FontRole, font, metric, pixmap, row_height, tabular, tokens

WIDE = 196
RAIL = 52

_USER = Qt.ItemDataRole.UserRole.value
HEADING = _USER + 1
ICON = _USER + 2
COUNT = _USER + 3
TONE = _USER + 4  # of a heading: whether it is the first
_DISPLAY = Qt.ItemDataRole.DisplayRole.value
_Index = QModelIndex | QPersistentModelIndex
_SELECTED = QStyle.StateFlag.State_Selected
_HOVER = QStyle.StateFlag.State_MouseOver
_ACTIVE = QStyle.StateFlag.State_HasFocus


class SidebarDelegate(QStyledItemDelegate):
    """Paints rows, headings and, in the rail, separators in their place."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.by_keyboard = False
        self._rail = False
        self.renew()

    def renew(self) -> None:
        """Make the fonts again, after the application's font changed."""
        base = QApplication.font()
        self._base = base
        self._strong = font(FontRole.STRONG, base)
        self._heading = font(FontRole.HEADING, base)
        self._count = tabular(font(FontRole.LABEL, base))
        self._count_strong = tabular(font(FontRole.FIELD_LABEL, base))
        self._metrics = QFontMetrics(base)
        self._metrics_strong = QFontMetrics(self._strong)
        self._row = row_height(28, base)
        self._rail_row = metric(36, base)
        self._head = row_height(32, base)

    def set_rail(self, rail: bool) -> None:
        """Paint icons only, or words."""
        self._rail = rail

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        if index.data(HEADING):
            if self._rail:
                return QSize(10, 6 if index.data(TONE) else 13)
            return QSize(10, self._head)
        return QSize(10, self._rail_row if self._rail else self._row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(HEADING):
            self._paint_heading(painter, option, index)
        else:
            self._paint_row(painter, option, index)
        painter.restore()

    def _paint_heading(
        self, painter: QPainter, option: QStyleOptionViewItem, index: _Index
    ) -> None:
        t = tokens()
        area: QRect = option.rect
        if self._rail:
            if not index.data(TONE):
                y = area.center().y()
                painter.fillRect(QRect(area.left() + 12, y, area.width() - 24, 1), t.border)
            return
        painter.setFont(self._heading)
        painter.setPen(t.text2)
        # Sits low in its row: nearer to what it names than to what is above.
        place = area.adjusted(16, 0, -16, -5)
        bottom = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading
        painter.drawText(place, bottom, index.data(_DISPLAY))

    def _paint_row(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        t = tokens()
        side = 6 if self._rail else 8
        area: QRect = option.rect.adjusted(side, 0, -side, -0)
        state = option.state
        selected = bool(state & _SELECTED)
        fill = t.selection if selected else t.button_hover if state & _HOVER else None
        if fill is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(QRectF(area), 6, 6)
        if selected and state & _ACTIVE and self.by_keyboard:
            painter.setPen(QPen(t.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 5, 5)
        tone = index.data(TONE) or ""
        ink = t.accent if selected else t.text2 if t.dark else t.text
        dpr = painter.device().devicePixelRatioF()
        if self._rail:
            self._paint_icon(painter, area, str(index.data(ICON)), ink, tone, dpr)
            return
        size = metric(16, self._base)
        rtl = option.direction == Qt.LayoutDirection.RightToLeft
        x = area.right() + 1 - 8 - size if rtl else area.left() + 8
        glyph = pixmap(str(index.data(ICON)), ink, size, dpr)
        painter.drawPixmap(QPointF(x, area.top() + (area.height() - size) / 2), glyph)
        count = index.data(COUNT) or ""
        room = 0
        end = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignTrailing
        start = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        lead, trail = size + 16, 8
        if count:
            counts = self._count_strong if tone else self._count
            painter.setFont(counts)
            painter.setPen(t.color(tone) if tone else t.text2)
            box = area.adjusted(trail, 0, -trail, 0)
            painter.drawText(box, end, count)
            room = QFontMetrics(counts).horizontalAdvance(count) + 8
        left, right = (room + trail, lead) if rtl else (lead, room + trail)
        words = area.adjusted(left, 0, -right, 0)
        metrics = self._metrics_strong if selected else self._metrics
        painter.setFont(self._strong if selected else self._base)
        painter.setPen(t.text)
        text = metrics.elidedText(
            str(index.data(_DISPLAY)), Qt.TextElideMode.ElideMiddle, words.width()
        )
        painter.drawText(words, start, text)

    def _paint_icon(
        self, painter: QPainter, area: QRect, icon: str, ink: object, tone: str, dpr: float
    ) -> None:
        t = tokens()
        size = metric(18, self._base)
        x = area.left() + (area.width() - size) / 2
        y = area.top() + (area.height() - size) / 2
        colour = t.accent if ink is t.accent else t.text2
        painter.drawPixmap(QPointF(x, y), pixmap(icon, colour, size, dpr))
        if tone:
            # The dot says that there is something; which, the tooltip and the name say in words.
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.color(tone))
            painter.drawEllipse(QPointF(x + size, y + 1), 3.5, 3.5)
