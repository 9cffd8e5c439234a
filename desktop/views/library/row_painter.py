"""Paints the rows of the library, all that are visible in one go.

A delegate is asked for one cell at a time, three hundred of them for a window, and every key in the
filter waits for that. So the table's rows are painted here: column by column, from the rows as they
lie, with one font and one pen for a column, which takes a third of the time. What a text looks like
at a width, where it is cut and how it is set, is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QStaticText

from desktop.models.columns import COLUMNS, GONE, LibraryColumn
from desktop.services.library_row import LibraryRow, Row
from desktop.views.theme import FontRole, Tokens, font, italic, metric, pixmap, tabular, tokens
from desktop.views.widgets.table_header import FIRST_MARGIN, MARGIN

if TYPE_CHECKING:
    from desktop.views.library.table_view import AdaptersTable

ICON, GAP = 16, 6
_BAR, _RING = 3, 2
_KEPT = 4_000
_MIDDLE, _END = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
_PLAIN, _ASSUMED, _NAME = range(3)

_Set = tuple[QStaticText, int, bool]
"""A text set in its font, how wide it is, and whether something was cut off."""


class RowPainter:
    """Paints rows, and knows what of a cell could not be shown."""

    def __init__(self, table: AdaptersTable) -> None:
        self._table = table
        self._kept: dict[tuple[str, int, int], _Set] = {}
        self.dress()

    def dress(self) -> None:
        """Take the fonts anew: the table's font is another one, or the screen is."""
        base = self._table.font()
        plain = tabular(base)
        self._fonts = (plain, italic(plain), font(FontRole.NAME, base))
        self._metrics = tuple(QFontMetrics(face) for face in self._fonts)
        self.icon = metric(ICON, base)
        self._kept.clear()

    # -- cells -----------------------------------------------------------------------------

    def _face(self, column: LibraryColumn, row: LibraryRow) -> int:
        if column.assumed is not None and column.assumed(row):
            return _ASSUMED
        return _NAME if column.elide_middle else _PLAIN

    def _set(self, text: str, face: int, width: int, middle: bool) -> _Set:
        key = (text, face, width)
        found = self._kept.get(key)
        if found is None:
            metrics = self._metrics[face]
            wide = metrics.horizontalAdvance(text)
            cut = wide > width
            if cut:
                text = metrics.elidedText(text, _MIDDLE if middle else _END, width)
                wide = metrics.horizontalAdvance(text)
            static = QStaticText(text)
            # Never guessed: a name from outside may look like markup.
            static.setTextFormat(Qt.TextFormat.PlainText)
            static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            found = self._kept[key] = (static, wide, cut)
        return found

    def cell_width(self, at: int, row: LibraryRow) -> int:
        """How wide a cell has to be to show all of its text, margins included."""
        column = COLUMNS[at]
        wide = self._metrics[self._face(column, row)].horizontalAdvance(column.text(row))
        if column.icon is not None and column.icon(row)[0]:
            wide += self.icon + GAP
        if column.mark is not None and column.mark(row)[0]:
            wide += self.icon + GAP
        return wide + (FIRST_MARGIN if at == self._table.first_column else MARGIN) + MARGIN

    def is_cut(self, at: int, row: LibraryRow) -> bool:
        """Whether the cell shows less than its whole text."""
        return self.cell_width(at, row) > self._table.columnWidth(at)

    # -- painting --------------------------------------------------------------------------

    def paint(self, painter: QPainter, area: QRect) -> None:
        """Paint the rows that lie in `area`, in viewport coordinates."""
        table, header = self._table, self._table.horizontalHeader()
        height = table.verticalHeader().defaultSectionSize()
        first = table.rowAt(max(0, area.top()))
        if first < 0:
            return
        top = table.rowViewportPosition(first)
        rows: list[LibraryRow] = []
        while top + height * len(rows) <= area.bottom():
            row = table.row_at(first + len(rows))
            if row is None:
                break
            rows.append(row)
        colours = tokens()
        selected = self._paint_ground(painter, first, len(rows), top, height, colours)
        for at, column in enumerate(COLUMNS):
            if header.isSectionHidden(at):
                continue
            x, width = header.sectionViewportPosition(at), header.sectionSize(at)
            if x <= area.right() and x + width > area.left():
                before = FIRST_MARGIN if at == table.first_column else MARGIN
                left = MARGIN if table.isRightToLeft() else before
                room = QRect(x + left, top, width - before - MARGIN, height)
                self._paint_column(painter, column, rows, selected, room, colours)
        if first <= table.ring_row < first + len(rows):
            self._paint_ring(painter, top + (table.ring_row - first) * height, height, colours)

    def _paint_ground(
        self, painter: QPainter, first: int, count: int, top: int, height: int, colours: Tokens
    ) -> list[bool]:
        table = self._table
        selection, root = table.selectionModel(), table.rootIndex()
        chosen = colours.selection if table.focused else colours.selection_inactive
        width = table.viewport().width()
        bar_left = width - _BAR if table.isRightToLeft() else 0
        selected = []
        for number in range(first, first + count):
            is_selected = selection.isRowSelected(number, root)
            if is_selected:
                painter.fillRect(0, top, width, height, chosen)
            elif number == table.hovered_row:
                painter.fillRect(0, top, width, height, colours.row_hover)
            painter.fillRect(0, top + height - 1, width, 1, colours.hairline)
            if is_selected:
                painter.fillRect(bar_left, top, _BAR, height, colours.accent)
            selected.append(is_selected)
            top += height
        return selected

    def _paint_column(
        self,
        painter: QPainter,
        column: LibraryColumn,
        rows: list[LibraryRow],
        selected: list[bool],
        room: QRect,
        colours: Tokens,
    ) -> None:
        mirrored = self._table.isRightToLeft()
        to_right = column.right != mirrored
        icon_of, mark_of, assumed = column.icon, column.mark, column.assumed
        text_of, middle = column.text, column.elide_middle
        usual_face = _NAME if middle else _PLAIN
        usual_ink = colours.text2 if column.secondary else colours.text
        face, pen = -1, None
        left, y, height = room.left(), room.top(), room.height()
        indent = self.icon + GAP if icon_of is not None else 0
        text_left = left if mirrored else left + indent
        width = room.width() - indent
        down = (height - self._metrics[_PLAIN].height()) // 2
        for at, row in enumerate(rows):
            wanted, ink = usual_face, usual_ink
            if selected[at]:
                # What is quieter than the name is less quiet on a coloured ground.
                ink = colours.text
            if row[Row.STATE] in GONE:
                ink = colours.text2
            if assumed is not None and assumed(row):
                wanted, ink = _ASSUMED, colours.text2
            if icon_of is not None:
                name, token = icon_of(row)
                if name:
                    tone = colours.color(token)
                    x = left + room.width() - self.icon if mirrored else left
                    self._paint_icon(painter, name, tone, x, y + (height - self.icon) // 2)
                    if token != "text2":
                        wanted, ink = _NAME, tone
            text = text_of(row) if width > indent // 2 else ""
            if text:
                mark, token = mark_of(row) if mark_of is not None else ("", "")
                room_left = width - self.icon - GAP if mark else width
                static, wide, _ = self._set(text, wanted, room_left, middle)
                if wanted != face:
                    face = wanted
                    painter.setFont(self._fonts[face])
                if ink is not pen:
                    pen = ink
                    painter.setPen(ink)
                x = text_left + width - wide if to_right else text_left
                painter.drawStaticText(x, y + down, static)
                if mark:
                    # Names are left-aligned: behind one is at its right, or its left if mirrored.
                    x = x - GAP - self.icon if mirrored else x + wide + GAP
                    tone, middle_of = colours.color(token), (height - self.icon) // 2
                    self._paint_icon(painter, mark, tone, x, y + middle_of)
            y += height

    def _paint_icon(self, painter: QPainter, name: str, tone: QColor, x: int, y: int) -> None:
        painter.drawPixmap(x, y, pixmap(name, tone, self.icon, self._table.ratio))

    def _paint_ring(self, painter: QPainter, top: int, height: int, colours: Tokens) -> None:
        width = self._table.viewport().width()
        painter.fillRect(0, top, width, _RING, colours.accent)
        painter.fillRect(0, top + height - _RING, width, _RING, colours.accent)
        painter.fillRect(0, top, _RING, height, colours.accent)
        painter.fillRect(width - _RING, top, _RING, height, colours.accent)
