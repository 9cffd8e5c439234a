"""One read-only table model for every kind of record: what a column shows is data, not code here.

Made for the small lists beside the adapters (base models, prompts, datasets, jobs): hundreds of
rows, seldom thousands. So it keeps its records in a plain list and filters and sorts all of them at
once; the big table has a model of its own.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from desktop.models.formats import UNKNOWN

log = logging.getLogger(__name__)

# Roles are compared as integers: an enum's short form costs more than the rest of a cell.
_DISPLAY, _ALIGNMENT, _ACCESSIBLE = 0, 7, 11
SORT_ROLE = 256
"""The column's native value of a row, None where it is not known."""
RECORD_ROLE = 257
"""The record of a row."""
ICON_ROLE = 258
"""The name of the icon before the text, "" for none."""
SECONDARY_ROLE = 259
"""True where the cell says less than the row's main text."""

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_DESCENDING = Qt.SortOrder.DescendingOrder

_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """One column of a table of records.

    key: stable, for settings. text: what a cell says, None or "" = not known. value: what it sorts
    by, the text where it is not given. sample: the widest text the column is made for, "" where it
    takes what is left. icon: the name of the icon before the text. accessible: what a screen reader
    says where the text alone is too short. leaves: where room is short, columns leave in this
    order, 1 first; 0 stays.
    """

    key: str
    title: str
    text: Callable[[Any], str | None]
    value: Callable[[Any], Any] | None = None
    sample: str = ""
    right: bool = False
    secondary: bool = False
    elide_middle: bool = False
    icon: Callable[[Any], str] | None = None
    accessible: Callable[[Any], str] | None = None
    leaves: int = 0


class RecordTableModel(QAbstractTableModel):
    """Frozen records that have an `id`, one row each, filtered by words and sorted by value.

    Signals:
        countsChanged(object, object): how many rows are shown, and of how many.
    """

    countsChanged = Signal(object, object)

    def __init__(
        self,
        columns: Sequence[RecordColumn],
        haystack: Callable[[Any], Iterable[str | None]] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """haystack: the texts of a record that the filter looks through; by default, all cells."""
        super().__init__(parent)
        self._columns = tuple(columns)
        self._haystack = haystack
        self._records: list[Any] = []
        self._texts: list[str] = []
        self._shown: list[int] = []
        self._rows: dict[str, int] = {}
        self._words: tuple[str, ...] = ()
        self._sorted_by = 0
        self._descending = False
        self._complaints: set[str] = set()

    # -- what is in it ---------------------------------------------------------------------

    @property
    def columns(self) -> tuple[RecordColumn, ...]:
        """The columns, in their first order."""
        return self._columns

    @property
    def total(self) -> int:
        """How many records there are, shown or not."""
        return len(self._records)

    def set_records(self, records: Sequence[Any]) -> None:
        """Show these records instead. Where the same ones stay in the same places, their cells are
        refreshed and nothing else moves; otherwise the model resets."""
        before = [self._records[at].id for at in self._shown]
        found = list(records)
        texts = [self._searched(record) for record in found]
        shown = self._order(found, texts)
        if [found[at].id for at in shown] == before:
            self._records, self._texts, self._shown = found, texts, shown
            if before:
                last = self.index(len(before) - 1, len(self._columns) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
        else:
            self.beginResetModel()
            self._records, self._texts = found, texts
            self._place(shown)
            self.endResetModel()
        self.countsChanged.emit(len(self._shown), len(self._records))

    def set_filter(self, text: str) -> None:
        """Show only the records that hold every word of `text`, whatever its case."""
        words = tuple(text.casefold().split())
        if words == self._words:
            return
        self._words = words
        shown = self._order(self._records, self._texts)
        if shown != self._shown:
            self.beginResetModel()
            self._place(shown)
            self.endResetModel()
        self.countsChanged.emit(len(self._shown), len(self._records))

    def record_at(self, row: int) -> Any:
        """The record of a row, None where there is no such row."""
        return self._records[self._shown[row]] if 0 <= row < len(self._shown) else None

    def row_of(self, record_id: str) -> int:
        """The row of a record, -1 where it is not shown."""
        return self._rows.get(record_id, -1)

    def sorted_by(self) -> tuple[str, bool]:
        """(key of the column that sorts, whether it does so downwards)."""
        return self._columns[self._sorted_by].key, self._descending

    # -- the order -------------------------------------------------------------------------

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        descending = order == _DESCENDING
        if not 0 <= column < len(self._columns):
            return
        if (column, descending) == (self._sorted_by, self._descending):
            return
        self.layoutAboutToBeChanged.emit()
        kept = [(index, self._shown[index.row()]) for index in self.persistentIndexList()]
        self._sorted_by, self._descending = column, descending
        self._place(self._order(self._records, self._texts))
        rows = {at: row for row, at in enumerate(self._shown)}
        self.changePersistentIndexList(
            [index for index, _ in kept],
            [self.index(rows[at], index.column()) for index, at in kept],
        )
        self.layoutChanged.emit()

    def _place(self, shown: list[int]) -> None:
        self._shown = shown
        self._rows = {self._records[at].id: row for row, at in enumerate(shown)}

    def _order(self, records: list[Any], texts: list[str]) -> list[int]:
        found = [at for at, text in enumerate(texts) if all(word in text for word in self._words)]
        column = self._columns[self._sorted_by]
        known: list[tuple[Any, int]] = []
        unknown: list[int] = []
        for at in found:
            value = self._value(column, records[at])
            if value is None:
                unknown.append(at)
            else:
                known.append((value, at))
        try:
            known.sort(key=_first, reverse=self._descending)
        except TypeError:
            # A foreign catalogue may hold words where numbers belong.
            known.sort(key=_as_text, reverse=self._descending)
        return [at for _, at in known] + unknown

    def _searched(self, record: Any) -> str:
        try:
            if self._haystack is not None:
                texts: Iterable[str | None] = self._haystack(record)
            else:
                texts = [column.text(record) for column in self._columns]
            return "\n".join(text for text in texts if text).casefold()
        except Exception:
            self._complain("A record can't be searched")
            return ""

    def _value(self, column: RecordColumn, record: Any) -> Any:
        try:
            value = column.value(record) if column.value is not None else column.text(record)
        except Exception:
            self._complain(f"Column {column.key} has no value for a record")
            return None
        if isinstance(value, str):
            return value.casefold() or None
        # What equals not even itself (NaN) has no place in an order.
        return value if value == value else None

    # -- for Qt: an override that raises takes the process along, so none does -----------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        row, at = index.row(), index.column()
        if not (0 <= row < len(self._shown) and 0 <= at < len(self._columns)):
            return None
        column, record = self._columns[at], self._records[self._shown[row]]
        if role == _DISPLAY:
            return self._text(column, record)
        if role == RECORD_ROLE:
            return record
        if role == _ALIGNMENT:
            return _RIGHT if column.right else _LEFT
        if role == SECONDARY_ROLE:
            return column.secondary
        if role == ICON_ROLE:
            return self._asked(column.icon, record)
        if role == _ACCESSIBLE:
            return self._asked(column.accessible, record) or self._text(column, record)
        if role == SORT_ROLE:
            return self._value(column, record)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == _DISPLAY:
            return self._columns[section].title
        if role == _ALIGNMENT:
            return _RIGHT if self._columns[section].right else _LEFT
        return None

    def _text(self, column: RecordColumn, record: Any) -> str:
        text = self._asked(column.text, record)
        # One line: whatever breaks lines would grow into the next row.
        return _BREAKS.sub(" ", text).strip() or UNKNOWN

    def _asked(self, ask: Callable[[Any], str | None] | None, record: Any) -> str:
        if ask is None:
            return ""
        try:
            return ask(record) or ""
        except Exception:
            self._complain("A cell can't be shown")
            return ""

    def _complain(self, what: str) -> None:
        # Once: a column that does not work fails for every row, at every repaint.
        if what not in self._complaints:
            self._complaints.add(what)
            log.exception(what)


def _first(pair: tuple[Any, int]) -> Any:
    return pair[0]


def _as_text(pair: tuple[Any, int]) -> str:
    return str(pair[0])
