"""Paints one adapter of a server in two rows: name and figures, and what it is made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from desktop.models.result_lines import (
    IN_LIBRARY,
    IN_LIBRARY_ROLE,
    LINE_ROLE,
    QUIET_ROLE,
    ResultLine,
)
from desktop.views.theme import FontRole, font, metric, pixmap, tabular, tokens
from desktop.views.widgets.text import plain_tooltip, visible

if TYPE_CHECKING:
    from desktop.views.import_pages.shared.results_view import ResultList

_Index = QModelIndex | QPersistentModelIndex

_LINE = int(Qt.TextFlag.TextSingleLine | Qt.AlignmentFlag.AlignVCenter)
_MIDDLE, _END = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
_WIDEST = "888.8 M"
_RADIUS = 4


class ResultDelegate(QStyledItemDelegate):
    """Names elide in the middle; the figures stand right, one below the other."""

    def __init__(self, view: ResultList) -> None:
        super().__init__(view)
        self._view = view
        self.dress()

    def dress(self) -> None:
        """Make fonts and lengths again, after the font changed."""
        base = QFont(self._view.font())
        self._name = font(FontRole.NAME, base)
        self._small = tabular(font(FontRole.LABEL, base))
        self._badge = font(FontRole.BADGE, base)
        self._plain, self._names = QFontMetrics(base), QFontMetrics(self._name)
        self._smalls, self._badges = QFontMetrics(self._small), QFontMetrics(self._badge)
        self._base = base
        self._edge, self._gap = metric(10, base), metric(8, base)
        self._lock = metric(14, base)
        self._mark = metric(12, base)
        self._org_least = self._plain.horizontalAdvance("nn…n/")
        self._first = max(self._plain.height(), self._names.height())
        self._height = max(metric(44, base), self._first + self._smalls.height() + 9)
        self._figures = self._smalls.horizontalAdvance(_WIDEST) + self._mark + 5
        self._pad = metric(7, base)
        self._badge_words = self._badges.horizontalAdvance(IN_LIBRARY) + 4
        self._badge_height = max(metric(20, base), self._badges.height() + 4)
        # About so much of a name has to be seen before there is room for the words of a badge.
        self._least = self._plain.horizontalAdvance("n" * 20)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(metric(160, self._base), self._height)

    # -- where things stand --------------------------------------------------------------------

    def _mirrored(self, around: QRect, part: QRect) -> QRect:
        return QStyle.visualRect(self._view.layoutDirection(), around, part)

    def _rows(self, row: QRect) -> tuple[int, int]:
        """The top of the first and of the second row of words."""
        words = self._first + 1 + self._smalls.height()
        top = row.top() + (row.height() - words) // 2
        return top, top + self._first + 1

    def _has_badge_words(self, row: QRect) -> bool:
        """Whether there is room for the words of the badge; else it keeps its tick only."""
        badge = self._mark + 2 * self._pad + self._badge_words
        spare = row.width() - 2 * self._edge - self._figures - 2 * self._gap - badge
        return spare >= self._least

    def _badge_wide(self, row: QRect) -> int:
        tick = self._mark + 2 * self._pad
        return tick + self._badge_words if self._has_badge_words(row) else tick

    def _rooms(self, row: QRect, line: ResultLine, in_library: bool) -> tuple[int, int, int]:
        """(left of the words, room for the name, room for the second row), unmirrored."""
        left = row.left() + self._edge
        right = row.right() + 1 - self._edge
        if line.figures:
            right -= self._figures + self._gap
        if in_library:
            right -= self._badge_wide(row) + self._gap
        room = max(0, right - left)
        lock = self._lock + self._gap if line.lock else 0
        return left, max(0, room - lock), room

    def _cut(self, line: ResultLine, room: int) -> tuple[str, str, int, int]:
        """(org, name, their widths) as they fit: more of the name, which tells things apart."""
        org, name = line.org, line.name
        wide, rest = self._names.horizontalAdvance(name), self._plain.horizontalAdvance(org)
        if wide + rest > room:
            name = self._names.elidedText(name, _MIDDLE, room - min(rest, self._org_least))
            wide = self._names.horizontalAdvance(name)
            org = self._plain.elidedText(org, _MIDDLE, room - wide) if room > wide else ""
            rest = self._plain.horizontalAdvance(org)
        return org, name, rest, wide

    # -- painting ------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row, t = QRect(option.rect), tokens()
        painter.save()
        # Places are mirrored below; names and figures read from left to right everywhere.
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        quiet = index.data(QUIET_ROLE)
        line = index.data(LINE_ROLE)
        if quiet:
            painter.setFont(self._small)
            painter.setPen(t.text2)
            painter.drawText(row, _LINE | int(Qt.AlignmentFlag.AlignHCenter), str(quiet))
        elif isinstance(line, ResultLine):
            self._paint_ground(painter, row, option, index)
            in_library = bool(index.data(IN_LIBRARY_ROLE))
            self._paint_words(painter, row, line, in_library)
            self._paint_figures(painter, row, line)
            if in_library:
                self._paint_badge(painter, row, line)
        painter.restore()

    def _paint_ground(self, painter: QPainter, row: QRect, option: Any, index: _Index) -> None:
        t, state = tokens(), option.state
        focused = self._view.hasFocus()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(row).adjusted(1, 1, -1, -1)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(t.selection if focused else t.selection_inactive)
            painter.drawRoundedRect(area, _RADIUS, _RADIUS)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(t.row_hover)
            painter.drawRoundedRect(area, _RADIUS, _RADIUS)
        if focused and self._view.by_keyboard and index == self._view.currentIndex():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(t.accent, 2))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)

    def _paint_words(
        self, painter: QPainter, row: QRect, line: ResultLine, in_library: bool
    ) -> None:
        t = tokens()
        left, room, below = self._rooms(row, line, in_library)
        first, second = self._rows(row)
        org, name, org_wide, name_wide = self._cut(line, room)
        words = self._mirrored(row, QRect(left, first, org_wide + name_wide, self._first))
        painter.setFont(self._base)
        painter.setPen(t.text2)
        painter.drawText(words.adjusted(0, 0, 4, 0), _LINE, org)
        painter.setFont(self._name)
        painter.setPen(t.text)
        painter.drawText(words.adjusted(org_wide, 0, 4, 0), _LINE, name)
        if line.lock:
            at = QRect(left + words.width() + self._gap - 2, 0, self._lock, self._lock)
            at.moveTop(first + (self._first - self._lock) // 2)
            at = self._mirrored(row, at)
            tone = "note" if line.lock == "gated" else "text2"
            dpr = painter.device().devicePixelRatioF()
            painter.drawPixmap(at.topLeft(), pixmap("padlock", tone, self._lock, dpr))
        painter.setFont(self._small)
        painter.setPen(t.text2)
        more = self._smalls.elidedText(line.more, _END, below)
        wide = self._smalls.horizontalAdvance(more) + 2
        place = self._mirrored(row, QRect(left, second, wide, self._smalls.height()))
        painter.drawText(place, _LINE, more)

    def _paint_figures(self, painter: QPainter, row: QRect, line: ResultLine) -> None:
        t = tokens()
        first, second = self._rows(row)
        left = row.right() + 1 - self._edge - self._figures
        painter.setFont(self._small)
        painter.setPen(t.text2)
        dpr = painter.device().devicePixelRatioF()
        align = Qt.AlignmentFlag
        side = int(align.AlignLeft if self._view.isRightToLeft() else align.AlignRight)
        tops = ((first, self._first), (second, self._smalls.height()))
        for (icon, text), (top, height) in zip(line.figures, tops, strict=False):
            place = self._mirrored(row, QRect(left, top, self._figures, height))
            text = self._smalls.elidedText(text, _END, self._figures)
            painter.drawText(place, _LINE | side, text)
            if icon:
                wide = self._figures - self._smalls.horizontalAdvance(text) - self._mark - 5
                glyph = QRect(left + wide, top, self._mark, self._mark)
                glyph.moveTop(top + (height - self._mark) // 2)
                at = self._mirrored(row, glyph).topLeft()
                painter.drawPixmap(at, pixmap(icon, "text2", self._mark, dpr))

    def _paint_badge(self, painter: QPainter, row: QRect, line: ResultLine) -> None:
        tone = tokens().tone("ok")
        right = row.right() + 1 - self._edge
        if line.figures:
            right -= self._figures + self._gap
        wide, high = self._badge_wide(row), self._badge_height
        box = QRect(right - wide, row.top() + (row.height() - high) // 2, wide, high)
        box = self._mirrored(row, box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tone.edge, 1))
        painter.setBrush(tone.fill)
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        glyph = QRect(box.left() + self._pad - 1, 0, self._mark, self._mark)
        glyph.moveTop(box.top() + (box.height() - self._mark) // 2)
        dpr = painter.device().devicePixelRatioF()
        at = self._mirrored(box, glyph).topLeft()
        painter.drawPixmap(at, pixmap("ok", tone.ink, self._mark, dpr))
        if self._has_badge_words(row):
            words = box.adjusted(self._pad + self._mark + 3, 0, 2 - self._pad, 0)
            painter.setFont(self._badge)
            painter.setPen(tone.ink)
            painter.drawText(self._mirrored(box, words), _LINE, IN_LIBRARY)

    # -- pointing ------------------------------------------------------------------------------

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: _Index,
    ) -> bool:
        """What the line leaves out, as a plain tooltip."""
        if event.type() != QEvent.Type.ToolTip:
            return False
        text = self.tip(index, option.rect)
        if text:
            QToolTip.showText(event.globalPos(), plain_tooltip(visible(text, lines=True)), view)
        else:
            QToolTip.hideText()
        return True

    def tip(self, index: _Index, row: QRect) -> str:
        """What a line of this place on the screen leaves out, "" = nothing."""
        line = index.data(LINE_ROLE) if index.isValid() else None
        if not isinstance(line, ResultLine):
            return ""
        there = bool(index.data(IN_LIBRARY_ROLE))
        org, name, _, _ = self._cut(line, self._rooms(row, line, there)[1])
        whole = line.title if org + name != line.title else ""
        badge = f"{IN_LIBRARY}." if there and not self._has_badge_words(row) else ""
        return "\n".join(part for part in (whole, line.tip, badge) if part)
