"""What the window of a large library shows first. No Qt."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from desktop.models.row_counts import first_counts, recent_since
from desktop.models.row_query import fold
from desktop.services.library_row import LibraryRow, Row

if TYPE_CHECKING:
    from desktop.bootstrap import Services
    from desktop.models.row_counts import Counts

LAYOUT = "library.columns"
"""The setting that keeps the columns of the library, their order and what sorts."""
FIRST_SORT = ("added", True)
"""Key of the column that sorts until a person sorts otherwise, and whether downwards."""

_PLACES = {
    "name": Row.NAME,
    "rank": Row.RANK,
    "parameters": Row.PARAMETERS,
    "size": Row.SIZE,
    "added": Row.ADDED,
}
"""Columns by which the first screen can be read alone, and where their values stand in a row."""


def first_screen(
    services: Services, key: str, descending: bool
) -> tuple[list[LibraryRow], Counts] | None:
    """(the first rows as the column `key` sorts them, the numbers of all); None where all rows are
    to be read instead."""
    if key not in _PLACES:
        return None
    since = recent_since(time.time())
    screen = services.first_screen(_PLACES[key], descending, fold, since)
    return None if screen is None else (screen.rows, first_counts(screen))
