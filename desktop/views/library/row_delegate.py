"""Paints the cells of the library table.

This runs for some three hundred cells a frame: fonts, colours and icons are made once for each
scheme, font and screen, and nothing is measured that was measured before.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.models.columns import COLUMNS, GONE
from desktop.services.records import Row
from desktop.views.theme import FontRole, font, italic, metric, pixmap, tabular, tokens
from desktop.views.widgets.table_header import FIRST_MARGIN, MARGIN

if TYPE_CHECKING:
    from desktop.views.library.table_view import AdaptersTable

ICON = 16
GAP = 6
BAR = 3
_PLAIN, _ITALIC, _NAME = 0, 1, 2
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_RIGHT = int(
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
)
_SELECTED = QStyle.StateFlag.State_Selected
_MIDDLE = Qt.TextElideMode.ElideMiddle
_END = Qt.TextElideMode.ElideRight


class RowDelegate(QStyledItemDelegate):
    """Hairline, hover, selection with its bar, focus ring, icon and one line of plain text."""

    def __init__(self, table: AdaptersTable) -> None:
        super().__init__(table)
        self._table = table
        self.dress()

    def dress(self) -> None:
        """Take fonts and colours anew: after a change of font or scheme."""
        base = self._table.font()
        plain = tabular(base)
        self._fonts = (plain, italic(plain), font(FontRole.NAME, base))
        self._metrics = tuple(QFontMetrics(face) for face in self._fonts)
        self._icon = metric(ICON, base)
        t = tokens()
        self._t = t
        self._ring = QPen(t.accent, 2)
        self._colours: dict[str, QColor] = {
            name: getattr(t, name) for name in ("text", "text2", "error", "warning", "note", "ok")
        }
        metrics = self._metrics

        @lru_cache(maxsize=20_000)
        def elided(text: str, face: int, middle: bool, width: int) -> str:
            return metrics[face].elidedText(text, _MIDDLE if middle else _END, width)

        self._elided = elided

    def width_of(self, text: str, column: int) -> int:
        """How wide a text is in the font of a column."""
        return self._metrics[_NAME if column == 0 else _PLAIN].horizontalAdvance(text)

    def text_rect(self, rect: QRect, column: int, has_icon: bool, first: bool) -> QRect:
        """Where the text of a cell stands."""
        left = FIRST_MARGIN if first else MARGIN
        if has_icon:
            left += self._icon + GAP
        return rect.adjusted(left, 0, -MARGIN, 0)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One cell."""
        table = self._table
        at, column = index.row(), index.column()
        row = table.row_at(at)
        if row is None:
            return
        t, rect, spec = self._t, option.rect, COLUMNS[column]
        x, y, width, height = rect.x(), rect.y(), rect.width(), rect.height()
        first = column == table.first_column
        selected = bool(option.state & _SELECTED)
        if selected:
            painter.fillRect(rect, t.selection if table.focused else t.selection_inactive)
        elif at == table.hovered_row:
            painter.fillRect(rect, t.row_hover)
        painter.fillRect(x, y + height - 1, width, 1, t.hairline)
        if selected and first:
            painter.fillRect(x, y, BAR, height, t.accent)

        gone = row[Row.STATE] in GONE
        left = x + (FIRST_MARGIN if first else MARGIN)
        right = x + width - MARGIN
        token = "text2" if spec.secondary or gone else "text"
        if spec.icon is not None:
            name, tone = spec.icon(row)
            if name:
                if spec.key == "problems":
                    token = tone
                image = pixmap(name, self._colours.get(tone, t.text2), self._icon, table.ratio)
                painter.drawPixmap(left, y + (height - self._icon) // 2, image)
                left += self._icon + GAP
        if not (spec.icon is not None and table.icons_only(column)):
            assumed = spec.assumed is not None and spec.assumed(row)
            face = _NAME if column == 0 else _ITALIC if assumed else _PLAIN
            if assumed:
                token = "text2"
            text = spec.text(row)
            if text:
                painter.setFont(self._fonts[face])
                painter.setPen(self._colours[token])
                text = self._elided(text, face, spec.elide_middle, right - left)
                painter.drawText(
                    left, y, right - left, height, _RIGHT if spec.right else _LEFT, text
                )
        if at == table.ring_row:
            self._paint_ring(painter, rect, column)

    def _paint_ring(self, painter: QPainter, rect: QRect, column: int) -> None:
        painter.setPen(self._ring)
        top, bottom = rect.top() + 1, rect.bottom()
        painter.drawLine(rect.left(), top, rect.right() + 1, top)
        painter.drawLine(rect.left(), bottom, rect.right() + 1, bottom)
        if column == self._table.first_column:
            painter.drawLine(rect.left() + 1, top, rect.left() + 1, bottom)
        if column == self._table.last_column:
            painter.drawLine(rect.right(), top, rect.right(), bottom)
