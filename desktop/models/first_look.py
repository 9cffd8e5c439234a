"""What the window will show first, asked for while Qt is still being imported. No Qt.

Until the first paint one core is busy importing and building; SQLite needs Python only for moments,
so its part is done by then. A wrong guess costs nothing but that: the window asks by itself.
"""

from __future__ import annotations

import json
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


def read_ahead(services: Services) -> None:
    """Begin to read the first screen, as the settings say that it will be sorted."""
    key, descending = FIRST_SORT
    try:
        key, descending = json.loads(services.settings.get(LAYOUT, ""))["sort"]
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    if isinstance(key, str) and key in _PLACES:
        services.read_ahead(_PLACES[key], bool(descending), fold, recent_since(time.time()))


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
