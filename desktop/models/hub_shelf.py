"""Which adapters of a hub the library has: by their Hub names and by where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.models.folder_nodes import key_of
from desktop.services.records import LibraryRow, Row

if TYPE_CHECKING:
    from desktop.models.library import Library

_Known = tuple[str, str]
"""Hub name and folder of an adapter, in the forms in which they are compared; "" = none."""


def _name_key(name: Any) -> str:
    return name.strip().casefold() if isinstance(name, str) else ""


def _known(row: LibraryRow) -> _Known:
    place = row[Row.LOCATION]
    return (
        _name_key(row[Row.HUGGINGFACE_NAME]),
        key_of(place) if isinstance(place, str) and place else "",
    )


class HubShelf(QObject):
    """One for each library (`HubShelf.of`). It reads when somebody first wants to know, and then
    follows what is written.

    Signals:
        changed: other adapters are there than before.
    """

    changed = Signal()

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self._library = library
        self._known: dict[str, _Known] = {}
        self._names: frozenset[str] = frozenset()
        self._places: frozenset[str] = frozenset()
        self._wanted = False
        self._reading = 0
        self._late: set[str] = set()
        library.adaptersChanged.connect(self._adapters_changed)

    @classmethod
    def of(cls, library: Library) -> HubShelf:
        """The shelf of this library."""
        return library.findChild(cls) or cls(library)

    def has_name(self, repo_id: str) -> bool:
        """Whether an adapter in the library has this Hub name. The Hub ignores case, so do we."""
        return _name_key(repo_id) in self._names

    def ids_of(self, repo_id: str) -> tuple[str, ...]:
        """The ids of the adapters in the library that have this Hub name."""
        wanted = _name_key(repo_id)
        return tuple(key for key, (name, _) in self._known.items() if wanted and name == wanted)

    def has_place(self, path: str) -> bool:
        """Whether an adapter in the library lies there."""
        return bool(path) and key_of(path) in self._places

    def want(self) -> None:
        """Begin to know; nothing happens the second time, or before the library is open."""
        if not self._wanted and self._library.is_ready:
            self._wanted = True
            self._read_all()

    def _read_all(self) -> None:
        self._reading += 1
        self._late.clear()
        self._library.run(self._read, self._reading, succeeded=self._take, failed=self._failed)

    def _read(self, _ctx: Any, number: int) -> tuple[int, dict[str, _Known]]:
        rows = self._library.services.adapters.list_rows()
        return number, {row[Row.ID]: known for row in rows if any(known := _known(row))}

    def _take(self, found: tuple[int, dict[str, _Known]]) -> None:
        number, known = found
        if number != self._reading:
            return
        self._known = known
        # Written while it was read: the table may know better.
        self._take_some(self._late)
        self._late.clear()
        self._tell()

    def _failed(self, _error: Exception) -> None:
        # The library says what is wrong with itself; the next change tries again.
        self._wanted = False

    def _adapters_changed(self, ids: Sequence[str] | None) -> None:
        if not self._wanted:
            return
        if ids is None:
            self._read_all()
            return
        self._late.update(ids)
        self._take_some(ids)
        self._tell()

    def _take_some(self, ids: Iterable[str]) -> None:
        for key in ids:
            row = self._library.table.row_by_id(key)
            if row is None:
                self._known.pop(key, None)
            else:
                self._known[key] = _known(row)

    def _tell(self) -> None:
        names = frozenset(name for name, _ in self._known.values() if name)
        places = frozenset(place for _, place in self._known.values() if place)
        if (names, places) != (self._names, self._places):
            self._names, self._places = names, places
            self.changed.emit()
