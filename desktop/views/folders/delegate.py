"""Paints one row of the folder tree: arrow, icon, name, and the word at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from desktop.models.folder_tree import (
    ICON_ROLE,
    ICON_TONE_ROLE,
    NOTE_ROLE,
    STATUS_ROLE,
    TONE_ROLE,
)
from desktop.views.theme import FontRole, font, metric, pixmap, row_height, tokens
from desktop.views.widgets.text import plain_tooltip, visible

if TYPE_CHECKING:
    from desktop.views.folders.tree import FolderTree

_Index = QModelIndex | QPersistentModelIndex

_DISPLAY, _TOOL_TIP = 0, 3
_LINE = int(Qt.TextFlag.TextSingleLine | Qt.AlignmentFlag.AlignVCenter)
_START = _LINE | int(Qt.AlignmentFlag.AlignLeading)
_END = _LINE | int(Qt.AlignmentFlag.AlignTrailing)
_INSET = 4
_MIDDLE = Qt.TextElideMode.ElideMiddle


class FolderDelegate(QStyledItemDelegate):
    """Names elide in the middle; a sentence among the folders is secondary."""

    def __init__(self, tree: FolderTree) -> None:
        super().__init__(tree)
        self._tree = tree
        self.renew()

    def renew(self) -> None:
        """Make fonts and lengths again, after the font changed."""
        base = QFont(self._tree.font())
        self._plain = base
        self._name = font(FontRole.NAME, base)
        self._word = font(FontRole.BADGE, base)
        self._plain_metrics = QFontMetrics(self._plain)
        self._name_metrics = QFontMetrics(self._name)
        self._word_metrics = QFontMetrics(self._word)
        self.icon = metric(16, base)
        self.arrow = metric(12, base)
        self._gap = metric(8, base)
        self._least = self._plain_metrics.horizontalAdvance("nnn…nnn")
        self._height = row_height(26, base)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(10, self._height)

    def paint_row(self, painter: QPainter, row: QRect, item: QRect, index: _Index) -> None:
        """Paint a whole row. row: as wide as the view; item: from where the name's icon is."""
        tree, t = self._tree, tokens()
        selection = tree.selectionModel()
        selected = selection is not None and selection.isSelected(index)
        focused = tree.hasFocus()
        item = item.adjusted(*((0, 0, -_INSET, 0) if tree.isRightToLeft() else (_INSET, 0, 0, 0)))
        painter.save()
        if selected:
            painter.fillRect(row, t.selection if focused else t.selection_inactive)
        elif index == tree.hovered and not index.data(NOTE_ROLE):
            painter.fillRect(row, t.row_hover)
        self._paint_arrow(painter, item, index)
        self._paint_words(painter, item, index)
        if focused and tree.by_keyboard and index == tree.currentIndex():
            painter.setPen(QPen(t.accent, 2))
            painter.drawRect(row.adjusted(1, 1, -1, -1))
        painter.restore()

    def _paint_arrow(self, painter: QPainter, item: QRect, index: _Index) -> None:
        model = index.model()
        if model is None or not model.hasChildren(index):
            return
        mirrored = self._tree.isRightToLeft()
        if self._tree.isExpanded(index):
            name = "chevron-down"
        else:
            name = "chevron-left" if mirrored else "chevron-right"
        glyph = pixmap(name, "text2", self.arrow, painter.device().devicePixelRatioF())
        step = self._tree.indentation()
        left = item.right() + 1 if mirrored else item.left() - step
        painter.drawPixmap(
            left + (step - self.arrow) // 2, item.center().y() - self.arrow // 2 + 1, glyph
        )

    def _paint_words(self, painter: QPainter, item: QRect, index: _Index) -> None:
        t = tokens()
        room = self._text_room(item, index)
        icon = index.data(ICON_ROLE)
        word = index.data(STATUS_ROLE)
        tone = index.data(TONE_ROLE)
        if icon:
            glyph = pixmap(
                icon, index.data(ICON_TONE_ROLE), self.icon, painter.device().devicePixelRatioF()
            )
            left = item.right() - 1 - self.icon if self._tree.isRightToLeft() else item.left() + 2
            painter.drawPixmap(left, item.center().y() - self.icon // 2 + 1, glyph)
        if word:
            painter.setFont(self._word)
            painter.setPen(t.color(tone))
            painter.drawText(item.adjusted(self._gap, 0, -self._gap, 0), _END, word)
        named = self._is_name(index)
        metrics = self._name_metrics if named else self._plain_metrics
        quiet = bool(index.data(NOTE_ROLE)) or icon == "file"
        painter.setFont(self._name if named else self._plain)
        painter.setPen(t.text2 if quiet else t.text)
        text = metrics.elidedText(str(index.data(_DISPLAY)), _MIDDLE, room.width())
        painter.drawText(room, _START, text)

    def _is_name(self, index: _Index) -> bool:
        return bool(index.data(ICON_ROLE) == "cube")

    def _text_room(self, item: QRect, index: _Index) -> QRect:
        """The place of the name: after the icon, before the word (which gives way to a name of
        seven letters)."""
        before = self.icon + 2 + self._gap if index.data(ICON_ROLE) else 2
        after = self._gap
        word = index.data(STATUS_ROLE)
        if word:
            after += self._word_metrics.horizontalAdvance(word) + self._gap
        after = min(after, max(self._gap, item.width() - before - self._least))
        if self._tree.isRightToLeft():
            return item.adjusted(after, 0, -before, 0)
        return item.adjusted(before, 0, -after, 0)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: _Index,
    ) -> bool:
        """The whole path, and what there is to say, as a plain tooltip."""
        if event.type() != QEvent.Type.ToolTip:
            return False
        text = str(index.data(_TOOL_TIP) or "") if index.isValid() else ""
        if not text and index.isValid():
            shown = str(index.data(_DISPLAY))
            wide = self._plain_metrics.horizontalAdvance(shown)
            text = shown if wide > self._text_room(option.rect, index).width() else ""
        if text:
            QToolTip.showText(event.globalPos(), plain_tooltip(visible(text, lines=True)), view)
        else:
            QToolTip.hideText()
        return True
