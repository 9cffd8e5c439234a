"""Rows that share what they have in common.

A hundred thousand rows name ten base models and a handful of types. A database cursor makes each of
these texts anew for every row, which is a third of what the rows weigh; and whoever reads all rows
again would hold most of them twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from desktop.services.library_row import LibraryRow, Row

_COMMON = (
    Row.TYPE,
    Row.MODEL_ID,
    Row.BASE_MODEL,
    Row.PEFT_TYPE,
    Row.FRACTION,
    Row.SPLIT,
    Row.STATE,
    Row.TAGS,
)
CHUNK = 1000
"""Rows that a reader should take at a time: so many are held twice for a moment."""


class SharedRows:
    """Takes rows as they are read, and gives equal ones that weigh less."""

    def __init__(self, known: Iterable[LibraryRow] = ()) -> None:
        """known: rows that are there already, of which the same are given again."""
        self._known = {row[0]: row for row in known}
        self._values: dict[Any, Any] = {}

    def take(self, rows: Iterable[Iterable[Any]]) -> list[LibraryRow]:
        """The rows, in the same order."""
        known, values = self._known, self._values
        found = []
        for row in rows:
            cells = list(row)
            for at in _COMMON:
                value = cells[at]
                # Text and figures never equal each other; 1, 1.0 and True do.
                if type(value) is str or type(value) is float:
                    cells[at] = values.setdefault(value, value)
            fresh = tuple(cells)
            old = known.get(fresh[0])
            if old is not None:
                fresh = old if _are_same(old, fresh) else tuple(map(_either, old, fresh))
            found.append(fresh)
        return found


def _are_same(old: LibraryRow, new: LibraryRow) -> bool:
    return old == new and all(map(_same_type, old, new))


def _same_type(old: Any, new: Any) -> bool:
    return type(old) is type(new)


def _either(old: Any, new: Any) -> Any:
    return old if type(old) is type(new) and old == new else new
