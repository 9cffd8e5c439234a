"""A list of adapters of a server: what each line says, and the Qt model that the lists share.

All text in a line comes from strangers; it gets here through `printable` and is cut to a length
that can be painted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from desktop.models.formats import base_title

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)

ITEM_ROLE = int(Qt.ItemDataRole.UserRole)
"""The record that the line is about, None of a line that only says something."""
LINE_ROLE = ITEM_ROLE + 1
"""The `ResultLine`, None of a line that only says something."""
IN_LIBRARY_ROLE = ITEM_ROLE + 2
"""Whether the library has this adapter."""
QUIET_ROLE = ITEM_ROLE + 3
"""The words of a line that only says something, "" of any other."""

IN_LIBRARY = "In library"

_LONGEST = 160


def plain(text: object, limit: int = _LONGEST) -> str:
    """Outside text for a line: of at most `limit` characters, with nothing hidden in it."""
    shown = text if isinstance(text, str) else ""
    if len(shown) <= limit and shown.isprintable():
        return shown
    # Only now: what reads folders takes its time to import.
    from desktop.services.peft_folder.reading import printable

    return printable(shown, limit)


def bases_title(names: tuple[str, ...]) -> str:
    """The short name of the first base model, and how many more are named; "" where none is."""
    named = [name for name in names if isinstance(name, str) and name.strip()]
    if not named:
        return ""
    first = plain(base_title(plain(named[0])))
    return first if len(named) == 1 else f"{first} and {len(named) - 1} more"


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One adapter as a line of two rows.

    org: with the slash after it, "" without one; name: what tells it apart, also the sub-folder;
    more: the second row; figures: (icon or "", text) for the right of the first and the second
    row; lock: "", "gated" or "private"; tip: what the line leaves out; spoken: all of it in words,
    but for whether it is in the library.
    """

    org: str
    name: str
    more: str = ""
    figures: tuple[tuple[str, str], ...] = ()
    lock: str = ""
    tip: str = ""
    spoken: str = ""

    @property
    def title(self) -> str:
        """The whole name."""
        return self.org + self.name


class ResultLinesModel(QAbstractListModel):
    """Records as lines; after them, where there is something to say, one line that only says it.

    A subclass makes lines of records (`line_of`), tells them apart (`key_of`) and knows which ones
    the library has (`is_in_library`).
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[Any] = []
        self._lines: list[ResultLine] = []
        self._last = ""

    def line_of(self, item: Any) -> ResultLine:
        """What the line of a record says."""
        raise NotImplementedError

    def key_of(self, item: Any) -> str:
        """What tells a record from the others, also after it was read anew."""
        raise NotImplementedError

    def is_in_library(self, item: Any) -> bool:
        """Whether the library has this adapter."""
        raise NotImplementedError

    # -- what is in it -------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many adapters are listed."""
        return len(self._items)

    def item_at(self, row: int) -> Any:
        """The record of a row, None where there is none."""
        return self._items[row] if 0 <= row < len(self._items) else None

    def row_of(self, key: str) -> int:
        """The row of the record with this key, -1 where there is none."""
        return next((n for n, item in enumerate(self._items) if self.key_of(item) == key), -1)

    def set_items(self, items: list[Any]) -> None:
        """List these instead."""
        lines = [self.line_of(item) for item in items]
        self.beginResetModel()
        self._items, self._lines = list(items), lines
        self.endResetModel()

    def add_items(self, items: list[Any]) -> None:
        """List these too, after those that are listed already."""
        if not self._items:
            self.set_items(items)
        elif items:
            lines = [self.line_of(item) for item in items]
            count = len(self._items)
            self.beginInsertRows(_NOWHERE, count, count + len(items) - 1)
            self._items += items
            self._lines += lines
            self.endInsertRows()

    def set_last(self, words: str) -> None:
        """Let the last line say this, "" = no such line. An empty list has none."""
        if words == self._last:
            return
        row = len(self._items)
        if not row:
            self._last = words
        elif not words:
            self.beginRemoveRows(_NOWHERE, row, row)
            self._last = words
            self.endRemoveRows()
        elif not self._last:
            self.beginInsertRows(_NOWHERE, row, row)
            self._last = words
            self.endInsertRows()
        else:
            self._last = words
            self.dataChanged.emit(self.index(row), self.index(row))

    def library_changed(self) -> None:
        """The library has other adapters than before."""
        if self._items:
            first, last = self.index(0), self.index(len(self._items) - 1)
            self.dataChanged.emit(first, last, [IN_LIBRARY_ROLE, _SPOKEN])

    # -- what Qt asks --------------------------------------------------------------------------
    # Nothing here may raise: Qt asks at any time, for any row.

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        if parent.isValid() or not self._items:
            return 0
        return len(self._items) + bool(self._last)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid() or not 0 <= index.row() < len(self._items):
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        row = index.row()
        if not index.isValid() or not 0 <= row < self.rowCount():
            return None
        if row >= len(self._items):
            return self._last if role in (_DISPLAY, _SPOKEN, QUIET_ROLE) else None
        if role == LINE_ROLE:
            return self._lines[row]
        if role == _DISPLAY:
            return self._lines[row].title
        if role == IN_LIBRARY_ROLE:
            return self.is_in_library(self._items[row])
        if role == ITEM_ROLE:
            return self._items[row]
        if role == QUIET_ROLE:
            return ""
        if role == _SPOKEN:
            there = self.is_in_library(self._items[row])
            return self._lines[row].spoken + (", in the library" if there else "")
        return None
