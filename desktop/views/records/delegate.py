"""Paints one cell of a table of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from desktop.models.record_table import ICON_ROLE, SECONDARY_ROLE, RecordTableModel
from desktop.views.theme import FontRole, font, pixmap, tabular, tokens
from desktop.views.widgets.table_header import FIRST_MARGIN, MARGIN
from desktop.views.widgets.text import plain_tooltip, visible

if TYPE_CHECKING:
    from desktop.views.records.table import RecordTable

ICON, GAP = 16, 8
_BAR = 3
_DISPLAY, _ALIGNMENT = 0, 7
_RIGHT = int(Qt.AlignmentFlag.AlignRight)


class RecordDelegate(QStyledItemDelegate):
    """Selection, hover and focus by row; icon, then one line of plain text."""

    def __init__(self, table: RecordTable) -> None:
        super().__init__(table)
        self._table = table
        self._base = QFont()
        self._name = self._plain = QFont()
        self._fonts_of(table.font())

    def _fonts_of(self, base: QFont) -> None:
        self._base = QFont(base)
        self._name = font(FontRole.NAME, base)
        self._plain = tabular(base)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        table, colours = self._table, tokens()
        rect = option.rect
        if table.font() != self._base:
            self._fonts_of(table.font())
        painter.save()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        focused = table.hasFocus()
        if selected:
            painter.fillRect(rect, colours.selection if focused else colours.selection_inactive)
        elif index.row() == table.hovered_row:
            painter.fillRect(rect, colours.row_hover)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colours.hairline)
        first = self._is_first(index.column())
        if selected and first:
            painter.fillRect(rect.left(), rect.top(), _BAR, rect.height(), colours.accent)
        self._paint_text(painter, rect, index, first)
        if focused and table.by_keyboard and index.row() == table.currentIndex().row():
            self._paint_ring(painter, rect, index.column())
        painter.restore()

    def _paint_text(
        self,
        painter: QPainter,
        rect: QRect,
        index: QModelIndex | QPersistentModelIndex,
        first: bool,
    ) -> None:
        colours = tokens()
        room = self._text_rect(rect, index, first)
        secondary = bool(index.data(SECONDARY_ROLE))
        name = index.data(ICON_ROLE)
        if name:
            ratio = painter.device().devicePixelRatioF()
            icon = pixmap(name, "text2", ICON, ratio)
            painter.drawPixmap(room.left() - ICON - GAP, rect.center().y() - ICON // 2 + 1, icon)
        face = self._name if index.column() == 0 else self._plain
        painter.setFont(face)
        painter.setPen(colours.text2 if secondary else colours.text)
        elide = self._elide(index.column())
        text = QFontMetrics(face).elidedText(str(index.data()), elide, room.width())
        alignment = Qt.AlignmentFlag(index.data(_ALIGNMENT))
        painter.drawText(room, int(alignment | Qt.TextFlag.TextSingleLine), text)

    def _paint_ring(self, painter: QPainter, rect: QRect, column: int) -> None:
        header = self._table.horizontalHeader()
        painter.setPen(QPen(tokens().accent, 2))
        top, bottom = rect.top() + 1, rect.bottom()
        painter.drawLine(rect.left(), top, rect.right() + 1, top)
        painter.drawLine(rect.left(), bottom, rect.right() + 1, bottom)
        if self._is_first(column):
            painter.drawLine(rect.left() + 1, top, rect.left() + 1, bottom)
        if header.logicalIndexAt(header.length() - header.offset() - 1) == column:
            painter.drawLine(rect.right(), top, rect.right(), bottom)

    def _is_first(self, column: int) -> bool:
        header = self._table.horizontalHeader()
        return header.logicalIndexAt(-header.offset()) == column

    def _text_rect(
        self, rect: QRect, index: QModelIndex | QPersistentModelIndex, first: bool
    ) -> QRect:
        left = FIRST_MARGIN if first else MARGIN
        if index.data(ICON_ROLE):
            left += ICON + GAP
        return rect.adjusted(left, 0, -MARGIN, 0)

    def _elide(self, column: int) -> Qt.TextElideMode:
        model = self._table.model()
        middle = isinstance(model, RecordTableModel) and model.columns[column].elide_middle
        return Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """The whole value as a tooltip, where the cell shows only a part of it."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        room = self._text_rect(option.rect, index, self._is_first(index.column()))
        face = self._name if index.column() == 0 else self._plain
        text = str(index.data(_DISPLAY))
        if QFontMetrics(face).horizontalAdvance(text) <= room.width():
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPos(), plain_tooltip(visible(text[:2000])), view)
        return True
