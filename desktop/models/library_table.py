"""The Qt model over the library's rows: filtered and sorted by an index, delivered in slices.

A key press asks for four milliseconds, shows what was found, lets the view paint, and only then
looks on. So a view has to say when it has painted (`painted`); else a timer looks on.

At the start only the rows of the first screen are there, and how many follow (`set_first_screen`):
these stand as empty rows until `set_rows` brings all.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from desktop.models.columns import COLUMNS, LibraryColumn
from desktop.models.filter_language import parse
from desktop.models.formats import one_line
from desktop.models.row_counts import Counts
from desktop.models.row_index import RowIndex, Scan
from desktop.models.row_query import Facets
from desktop.services.library_row import LibraryRow, Row, count_tags

log = logging.getLogger(__name__)

# Roles are compared as integers: an enum's short form costs more than the rest of a cell.
_DISPLAY, _ALIGNMENT, _ACCESSIBLE, _ACCESSIBLE_MORE = 0, 7, 11, 12
ROW_ROLE = 256
"""The whole `LibraryRow`."""
ID_ROLE = 257
"""The adapter's id."""
SORT_ROLE = 258
"""What the cell sorts by, None where it is not known."""

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_HORIZONTAL = Qt.Orientation.Horizontal

_SLICE = 0.004
"""Seconds of looking between two paints: a repaint takes about seven, a frame has sixteen."""
_LATER_SLICE = 0.008
"""The same once the first rows stand on the screen: nobody waits for a paint any more."""
_UNPAINTED = 50
"""Milliseconds after which it is looked on although nobody said that it was painted."""

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class LibraryTableModel(QAbstractTableModel):
    """All adapters, filtered by words and facets, sorted by one column.

    Signals:
        filterFinished(object, object): how many rows are shown, of how many; whenever that is known
            anew, also after rows came or went.
        countsChanged(): `counts()` has other numbers.
    """

    filterFinished = Signal(object, object)
    countsChanged = Signal()

    def __init__(
        self, parent: QObject | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """clock: what time it is, in seconds since 1970."""
        super().__init__(parent)
        self._index = RowIndex([column.value for column in COLUMNS], clock)
        self._counts: Counts | None = None
        self._ahead = 0
        self._text = ""
        self._cause = "refresh"
        self._complaints: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look_on)

    # -- what is in it ---------------------------------------------------------------------

    @property
    def columns(self) -> tuple[LibraryColumn, ...]:
        """The columns; their place is their number in this model."""
        return COLUMNS

    @property
    def cause(self) -> str:
        """Why the rows shown are about to change or just did: `refresh`, `sort` or `filter`."""
        return self._cause

    def total(self) -> int:
        """How many adapters there are, shown or not."""
        return len(self._index) + self._ahead

    def is_filtering(self) -> bool:
        """Whether more rows may answer than are shown yet."""
        return self._index.pending or self._ahead > 0

    def shows_all(self) -> bool:
        """Whether nothing is asked for: every adapter is shown."""
        return not self._index.question and not self._index.facets

    @property
    def filter_text(self) -> str:
        """What `set_filter` was given."""
        return self._text

    @property
    def facets(self) -> Facets:
        """What `set_facets` was given."""
        return self._index.facets

    def row_at(self, row: int) -> LibraryRow | None:
        """The adapter in a row, None where there is no such row."""
        shown = self._index.shown
        return self._index.row(shown[row]) if 0 <= row < len(shown) else None

    def row_of(self, adapter_id: str) -> int:
        """The row of an adapter, -1 where it is not shown."""
        return self._index.place_of(adapter_id)

    def rows_of(self, adapter_ids: Iterable[str]) -> list[int]:
        """The rows of those of the adapters that are shown, upwards."""
        wanted = list(adapter_ids)
        if len(wanted) > 8:
            self._index.places()
        places = [self._index.place_of(adapter_id) for adapter_id in wanted]
        return sorted(place for place in places if place >= 0)

    def holds(self, adapter_id: str) -> bool:
        """Whether there is such an adapter, shown or not."""
        return self._index.slot_of(adapter_id) is not None

    def row_by_id(self, adapter_id: str) -> LibraryRow | None:
        """An adapter by its id, shown or not."""
        return self._index.get(adapter_id)

    def rows(self) -> list[LibraryRow]:
        """All adapters that are here, shown or not, in no order."""
        return self._index.rows()

    def ids(self) -> list[str]:
        """The ids of the adapters shown, in order."""
        row = self._index.row
        return [row(slot)[Row.ID] for slot in self._index.shown]

    def ids_between(self, first: int, last: int) -> list[str]:
        """The ids in rows `first` to `last`."""
        row = self._index.row
        return [row(slot)[Row.ID] for slot in self._index.shown[max(0, first) : last + 1]]

    def counts(self) -> Counts:
        """Numbers over all adapters, whatever is filtered. Kept until rows change."""
        if self._counts is None:
            self._counts = self._index.counts()
        return self._counts

    def copies_of(self, adapter_id: str) -> list[str]:
        """The names of the other adapters with the same weights."""
        return sorted(one_line(row[Row.NAME]) for row in self._index.copies_of(adapter_id))

    def tag_counts(self) -> dict[str, int]:
        """Every tag, in order, with how many adapters have it."""
        return count_tags(Counter(map(itemgetter(Row.TAGS), self._index.rows())))

    def other_scan(self, text: str, facets: Facets) -> Scan:
        """A run through all adapters for another question, in slices; good until rows change."""
        return self._index.other_scan(text, facets)

    def find_name(self, start: str, after: int) -> int:
        """The first row behind `after`, going round, whose name starts so; -1 if none does."""
        start = start.casefold()
        shown, row = self._index.shown, self._index.row
        count = len(shown)
        for at in chain(range(after, count), range(min(after, count))):
            if str(row(shown[at])[Row.NAME]).casefold().startswith(start):
                return at
        return -1

    # -- rows come, go and change ----------------------------------------------------------

    def set_first_screen(self, rows: Sequence[LibraryRow], counts: Counts) -> None:
        """Show the first rows of `counts.total`; the rest follows with `set_rows`."""
        self._reset("refresh", self._take_first, rows, counts)
        self.countsChanged.emit()
        self._tell_finished()

    def _take_first(self, rows: Sequence[LibraryRow], counts: Counts) -> None:
        self._index.replace(rows)
        self._counts = counts
        self._ahead = counts.total - len(self._index)

    def no_more_rows(self) -> None:
        """The rest can't be read: what is here is all there is."""
        if self._ahead:
            self._replace(self._index.rows())

    def set_rows(self, rows: Sequence[LibraryRow]) -> None:
        """Show these rows instead; what stays is told apart by id, so nothing jumps."""
        if not len(self._index) or self._ahead:
            # The first rows of all, or all behind the first ones: no detour.
            self._replace(rows)
            return
        changed = self._index.changed(rows)
        there = {row[Row.ID] for row in rows}
        gone = [row[Row.ID] for row in self._index.rows() if row[Row.ID] not in there]
        if not changed and not gone:
            self._tell_finished()
        elif len(changed) + len(gone) > len(there) // 4:
            self._replace(rows)
        else:
            self._change(changed, gone)

    def _replace(self, rows: Sequence[LibraryRow]) -> None:
        self._reset("refresh", self._take_all, rows)
        self._rows_changed()

    def _take_all(self, rows: Sequence[LibraryRow]) -> None:
        self._index.replace(rows)
        self._ahead = 0

    def upsert_rows(self, rows: Sequence[LibraryRow]) -> None:
        """Take rows that are new or have changed."""
        self._change(self._index.changed(rows), [])

    def remove_ids(self, adapter_ids: Iterable[str]) -> None:
        """Let adapters go."""
        self._change([], [key for key in adapter_ids if self._index.get(key) is not None])

    def _change(self, changed: list[LibraryRow], gone: list[str]) -> None:
        if not changed and not gone:
            return
        if not gone and self._index.keeps_places(changed):
            self._index.apply(changed)
            self._tell_changed([row[Row.ID] for row in changed])
        else:
            self._reset("refresh", self._index.apply, changed, gone)
        self._rows_changed()

    def _tell_changed(self, adapter_ids: list[str]) -> None:
        rows = self.rows_of(adapter_ids)
        last = len(COLUMNS) - 1
        # One signal for each run of rows that lie side by side.
        start = 0
        for at in range(1, len(rows) + 1):
            if at == len(rows) or rows[at] != rows[at - 1] + 1:
                self.dataChanged.emit(self.index(rows[start], 0), self.index(rows[at - 1], last))
                start = at

    def _rows_changed(self) -> None:
        self._counts = None
        self.countsChanged.emit()
        self._tell_finished()

    # -- what is asked ---------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Show only adapters that answer: `filter_language` says what a text asks for."""
        self._text = text
        if parse(text) != self._index.question:
            self._ask(text, None)

    def set_facets(self, facets: Facets) -> None:
        """Show only adapters that are what was ticked."""
        if facets != self._index.facets:
            self._ask(None, facets)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by the native value; a number that is no column changes nothing."""
        descending = order == Qt.SortOrder.DescendingOrder
        if not 0 <= column < len(COLUMNS):
            return
        if (column, descending) != (self._index.column, self._index.descending):
            self._reset("sort", self._index.sort, column, descending, _SLICE)
            self._wait_for_paint()

    def sorted_by(self) -> tuple[int, bool]:
        """(number of the column that sorts, whether it does so downwards)."""
        return self._index.column, self._index.descending

    def painted(self) -> None:
        """A view has painted: look on, if there is anything to look for, or prepare to."""
        if self._index.pending or not self._index.warm(0.0):
            self._timer.start(0)

    def finish(self) -> None:
        """Look through everything now; for who can't wait, like a picture or a test."""
        self._timer.stop()
        while self._index.pending:
            self._add(self._index.look_on())

    def _ask(self, text: str | None, facets: Facets | None) -> None:
        self._reset("filter", self._index.search, text, facets, _SLICE)
        self._wait_for_paint()
        self._tell_finished()

    def _reset(self, cause: str, change: Callable[..., None], *args: Any) -> None:
        self._cause = cause
        self.beginResetModel()
        try:
            change(*args)
        finally:
            self.endResetModel()

    def _wait_for_paint(self) -> None:
        if self._index.pending:
            self._timer.start(_UNPAINTED)

    def _look_on(self) -> None:
        if self._index.pending:
            self._add(self._index.look_on(_LATER_SLICE))
            if self._index.pending:
                self._timer.start(0)
        elif not self._index.warm(_SLICE):
            self._timer.start(0)

    def _add(self, found: list[int]) -> None:
        if found:
            count = len(self._index.shown)
            self.beginInsertRows(_NO_INDEX, count, count + len(found) - 1)
            self._index.append(found)
            self.endInsertRows()
        self._tell_finished()

    def _tell_finished(self) -> None:
        if not self._index.pending and (not self._ahead or self.shows_all()):
            self.filterFinished.emit(self.rowCount(), self.total())

    # -- what Qt asks ----------------------------------------------------------------------
    # Nothing here may raise: on Python 3.11 an exception in headerData() ends the process.

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        if parent.isValid():
            return 0
        # Of the rows that are not read yet nobody knows whether they answer.
        ahead = self._ahead if self._ahead and self.shows_all() else 0
        return len(self._index.shown) + ahead

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        try:
            row = self.row_at(index.row())
            at = index.column()
            if row is None or not 0 <= at < len(COLUMNS):
                return None
            return self._answer(COLUMNS[at], row, role)
        except Exception as error:
            self._complain("data", error)
            return None

    def _answer(self, column: LibraryColumn, row: LibraryRow, role: int) -> Any:
        if role == _DISPLAY:
            return column.text(row)
        if role == ROW_ROLE:
            return row
        if role == ID_ROLE:
            return row[Row.ID]
        if role == _ALIGNMENT:
            return _RIGHT if column.right else _LEFT
        if role == _ACCESSIBLE:
            return column.accessible(row)
        if role == _ACCESSIBLE_MORE:
            return column.tooltip(row) if column.tooltip else None
        if role == SORT_ROLE:
            return column.value(row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != _HORIZONTAL or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role in (_DISPLAY, _ACCESSIBLE):
            return column.title
        if role == _ACCESSIBLE_MORE:
            return column.description or None
        if role == _ALIGNMENT:
            return _RIGHT if column.right else _LEFT
        return None

    def _complain(self, where: str, error: Exception) -> None:
        # Once for each kind: a cell is asked for again and again.
        what = f"{where}: {type(error).__name__}"
        if what not in self._complaints:
            self._complaints.add(what)
            log.error("A cell of the library can't be shown", exc_info=error)
