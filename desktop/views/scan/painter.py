"""Paints the lines of a scan's results: heads of runs, and rows with their boxes and states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QStaticText

from desktop.models.scan_columns import COLUMNS, FOLDER, STATE, ScanColumn
from desktop.models.scan_rows import At, ScanRow, is_able
from desktop.models.scan_table import Head
from desktop.services.scan.records import FoundState
from desktop.views.theme import FontRole, Tokens, font, metric, pixmap, tabular, tokens
from desktop.views.widgets.table_header import FIRST_MARGIN, MARGIN

if TYPE_CHECKING:
    from desktop.views.scan.table import ScanTable

_GAP, _BAR, _RING, _KEPT = 6, 3, 2, 4_000
_PLAIN, _NAME, _STRONG = range(3)
_MIDDLE, _END = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
_QUIET = frozenset({FoundState.KNOWN, FoundState.GONE, FoundState.BROKEN, FoundState.NOT_PEFT})
"""States whose rows are read, not chosen."""

_Set = tuple[QStaticText, int]


class ScanPainter:
    """What a text looks like at a width is kept: the same lines are painted again and again."""

    def __init__(self, table: ScanTable) -> None:
        self._table = table
        self._kept: dict[tuple[str, int, int], _Set] = {}
        self.dress()

    def dress(self) -> None:
        """Take the fonts anew."""
        base = self._table.font()
        plain = tabular(base)
        self._fonts = (plain, font(FontRole.NAME, base), font(FontRole.STRONG, base))
        self._metrics = tuple(QFontMetrics(face) for face in self._fonts)
        self.icon = metric(14, base)
        self.box = metric(16, base)
        self.arrow = metric(12, base)
        self._kept.clear()

    # -- where things are ------------------------------------------------------------------

    def indent(self) -> int:
        """How far the text of the first column stands from the left edge."""
        return self.box_left() + self.box + 8

    def box_left(self) -> int:
        """Where the box of a row or head begins."""
        return FIRST_MARGIN + self.arrow + 8

    def width_of(self, column: ScanColumn) -> int:
        """How wide a column has to be for its usual texts."""
        wide = self._metrics[_PLAIN].horizontalAdvance(column.room)
        if column.look is not None:
            wide += self.icon + _GAP
        return wide + 2 * MARGIN

    def is_cut(self, at: int, row: ScanRow) -> bool:
        """Whether a cell shows less than its whole text."""
        column = COLUMNS[at]
        face = _NAME if column.name else _PLAIN
        wide = self._metrics[face].horizontalAdvance(column.text(row))
        return wide > self._room(column, at, row).width()

    def _room(self, column: ScanColumn, at: int, row: ScanRow) -> QRect:
        width = self._table.columnWidth(at)
        before = self.indent() if at == FOLDER else MARGIN
        if column.look is not None and column.look(row)[0]:
            before += self.icon + _GAP
        return QRect(before, 0, width - before - MARGIN, 0)

    def _set(self, text: str, face: int, width: int, middle: bool) -> _Set:
        key = (text, face, width)
        found = self._kept.get(key)
        if found is None:
            metrics = self._metrics[face]
            wide = metrics.horizontalAdvance(text)
            if wide > width:
                text = metrics.elidedText(text, _MIDDLE if middle else _END, width)
                wide = metrics.horizontalAdvance(text)
            static = QStaticText(text)
            static.setTextFormat(Qt.TextFormat.PlainText)
            static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[key] = (static, wide)
        return found

    # -- painting --------------------------------------------------------------------------

    def paint(self, painter: QPainter, area: QRect) -> None:
        """Paint the lines that lie in `area`, in viewport coordinates."""
        table = self._table
        height = table.verticalHeader().defaultSectionSize()
        line = table.rowAt(max(0, area.top()))
        if line < 0:
            return
        top = table.rowViewportPosition(line)
        colours = tokens()
        count = table.results.rowCount()
        width = table.viewport().width()
        while top <= area.bottom() and line < count:
            place = QRect(0, top, width, height)
            row = table.results.row_at(line)
            selected = self._ground(painter, place, line, row is None, colours)
            if row is not None:
                self._paint_row(painter, place, line, row, selected, colours)
            else:
                head = table.results.head_at(line)
                if head is not None:
                    self._paint_head(painter, place, head, colours)
            if line == table.ring_row:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colours.accent, _RING))
                painter.drawRect(place.adjusted(1, 1, -1, -1))
            top += height
            line += 1

    def _ground(
        self, painter: QPainter, place: QRect, line: int, head: bool, colours: Tokens
    ) -> bool:
        table = self._table
        selected = line == table.currentIndex().row()
        if selected:
            active = colours.selection if table.focused else colours.selection_inactive
            painter.fillRect(place, active)
        elif line == table.hovered_row:
            painter.fillRect(place, colours.row_hover)
        elif head:
            painter.fillRect(place, colours.window)
        painter.fillRect(place.left(), place.bottom(), place.width(), 1, colours.hairline)
        if selected:
            left = place.right() + 1 - _BAR if table.isRightToLeft() else 0
            painter.fillRect(left, place.top(), _BAR, place.height(), colours.accent)
        return selected

    def _mirrored(self, place: QRect, x: int, width: int) -> int:
        return place.width() - x - width if self._table.isRightToLeft() else x

    def _paint_head(self, painter: QPainter, place: QRect, head: Head, colours: Tokens) -> None:
        table = self._table
        closed = "chevron-left" if table.isRightToLeft() else "chevron-right"
        name = closed if head.folded else "chevron-down"
        middle = place.top() + (place.height() - self.arrow) // 2
        glyph = pixmap(name, "text2", self.arrow, table.ratio)
        painter.drawPixmap(self._mirrored(place, FIRST_MARGIN, self.arrow), middle, glyph)
        self._paint_box(painter, place, head.ticked, head.able > 0, colours)
        left, room = self.indent(), place.width() - self.indent() - MARGIN
        static, wide = self._set(head.title, _STRONG, max(40, room * 2 // 3), True)
        y = place.top() + (place.height() - self._metrics[_STRONG].height()) // 2
        painter.setFont(self._fonts[_STRONG])
        painter.setPen(colours.text)
        painter.drawStaticText(self._mirrored(place, left, wide), y, static)
        left += wide + 10
        if room > wide + 40:
            static, wide = self._set(head.words, _PLAIN, room - wide - 10, False)
            painter.setFont(self._fonts[_PLAIN])
            painter.setPen(colours.text2)
            painter.drawStaticText(self._mirrored(place, left, wide), y, static)

    def _paint_row(
        self,
        painter: QPainter,
        place: QRect,
        line: int,
        row: ScanRow,
        selected: bool,
        colours: Tokens,
    ) -> None:
        table, header = self._table, self._table.horizontalHeader()
        able = is_able(row)
        if able or row[At.KIND] == FoundState.KNOWN:
            self._paint_box(
                painter, place, 2 if table.results.is_chosen(line) else 0, able, colours
            )
        faded = row[At.KIND] in _QUIET
        face, ink = -1, None
        down = (place.height() - self._metrics[_PLAIN].height()) // 2
        mirrored = table.isRightToLeft()
        for at, column in enumerate(COLUMNS):
            if header.isSectionHidden(at):
                continue
            text = column.text(row)
            room = self._room(column, at, row)
            x = header.sectionViewportPosition(at)
            wide_column = header.sectionSize(at)
            look = column.look(row) if column.look is not None else ("", "")
            colour: QColor = colours.text2 if column.quiet and not selected else colours.text
            if faded and at != STATE:
                colour = colours.text2
            if look[0]:
                tone = colours.color(look[1])
                left = x + wide_column - MARGIN - self.icon if mirrored else x + MARGIN
                glyph = pixmap(look[0], tone, self.icon, table.ratio)
                painter.drawPixmap(left, place.top() + (place.height() - self.icon) // 2, glyph)
                if look[1] != "text2":
                    colour = tone
            if not text or room.width() <= 8:
                continue
            wanted = _NAME if column.name or (at == STATE and look[1] != "text2") else _PLAIN
            static, wide = self._set(text, wanted, room.width(), at != STATE and column.share > 0)
            if wanted != face:
                face = wanted
                painter.setFont(self._fonts[face])
            if colour is not ink:
                ink = colour
                painter.setPen(ink)
            left = x + room.left()
            if column.right != mirrored:
                left = x + (MARGIN if mirrored and column.right else room.left())
                left += room.width() - wide
            if mirrored:
                left = x + wide_column - room.left() - wide if not column.right else x + MARGIN
            painter.drawStaticText(left, place.top() + down, static)

    def _paint_box(
        self, painter: QPainter, place: QRect, ticked: int, able: bool, colours: Tokens
    ) -> None:
        left = self._mirrored(place, self.box_left(), self.box)
        top = place.top() + (place.height() - self.box) // 2
        area = QRectF(left, top, self.box, self.box).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not able:
            painter.setPen(QPen(colours.border, 1))
            painter.setBrush(colours.sunken)
        elif ticked:
            painter.setPen(QPen(colours.accent, 1))
            painter.setBrush(colours.accent)
        else:
            painter.setPen(QPen(colours.control, 1))
            painter.setBrush(colours.base)
        painter.drawRoundedRect(area, 4, 4)
        painter.restore()
        if able and ticked:
            glyph = "check" if ticked == 2 else "minus"
            size = self.box - 4
            mark = pixmap(glyph, colours.on_accent, size, self._table.ratio)
            painter.drawPixmap(left + 2, top + 2, mark)
