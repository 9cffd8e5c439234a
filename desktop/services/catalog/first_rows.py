"""The rows of the library, read with sqlite3 alone, read-only.

Importing SQLAlchemy costs more than a whole bare window, so the first paint does not wait for it.
Whatever can't be read here is left to the full catalogue, which says why.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from desktop.services.catalog.rows_sql import FOLDERS, MARKS, ORIGINS, library_rows
from desktop.services.catalog.shared_rows import CHUNK, SharedRows
from desktop.services.library_row import LibraryRow


def open_read_only(path: Path | None) -> sqlite3.Connection | None:
    """The SQLite catalogue at `path`, only to be read; None if there is none."""
    if path is None or not path.is_file():
        return None
    try:
        uri = f"file:{quote(os.fsencode(path))}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, timeout=0.2)
    except (sqlite3.Error, ValueError):
        return None
    return connection


def tables_of(connection: sqlite3.Connection) -> dict[str, frozenset[str]]:
    """{table that rows are read from: its columns}, none where there is no such table.

    Raises:
        sqlite3.Error: it can't be read right now, or is no database.
    """
    connection.execute("PRAGMA trusted_schema = OFF")
    return {
        table: frozenset(r[1] for r in connection.execute(f"PRAGMA table_info({table})"))
        for table in ("adapters", "models", "fine_tuning_jobs", FOLDERS, ORIGINS, MARKS)
    }


def read_first_rows(path: Path | None) -> list[LibraryRow] | None:
    """Every row of the SQLite catalogue at `path`, or None if it can't be read right now."""
    connection = open_read_only(path)
    if connection is None:
        return None
    try:
        columns = tables_of(connection)
        if not columns["adapters"]:
            return None
        present = {table: names for table, names in columns.items() if names}
        cursor, shared = connection.execute(library_rows(present)), SharedRows()
        rows: list[LibraryRow] = []
        while some := cursor.fetchmany(CHUNK):
            rows += shared.take(some)
        return rows
    except (sqlite3.Error, ValueError):
        return None
    finally:
        connection.close()
