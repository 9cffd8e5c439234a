"""What earlier scans saw, so that a scan of what has not changed opens no file again.

`scan.cache` in the data folder: an SQLite file of its own, of which nothing is missed when it is
deleted; where it is damaged or of another version it begins anew. Paths are kept as bytes, for not
every path is text.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from desktop.services.scan.walk import Known
from desktop.services.scan.wire import Row

VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS folders (path BLOB PRIMARY KEY, mtime_ns INTEGER, below BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, path BLOB UNIQUE, {columns});
"""
_COLUMNS = [name for name in Row._fields if name != "path"]
_LARGEST = (1 << 63) - 1


class ScanCache:
    """The cache of one library."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, roots: Iterable[str]) -> dict[int, Row]:
        """The rows below these folders by their number; none where there is no sound cache."""
        found: dict[int, Row] = {}
        try:
            with closing(self._open()) as connection:
                for root in roots:
                    low, high = _range(root)
                    query = (
                        f"SELECT id, path, {', '.join(_COLUMNS)} FROM rows"
                        " WHERE (path >= ? AND path < ?) OR path = ?"
                    )
                    for number, path, *rest in connection.execute(query, (low, high, low[:-1])):
                        found[number] = Row(os.fsdecode(path), *rest)
        except sqlite3.Error:
            self._forget()
            return {}
        return found

    def learn(
        self,
        folders: Iterable[Sequence[Any]],
        rows: Iterable[Row],
        gone: Iterable[str],
    ) -> None:
        """Keep what a scan saw. gone: folders that are not there any more, or hold nothing of
        interest now. Never raises: a cache that can't be written is no trouble of a person's."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open()) as connection, connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(
                    "INSERT OR REPLACE INTO folders VALUES (?, ?, ?)",
                    (
                        (os.fsencode(path), mtime_ns, os.fsencode("/".join(below)))
                        for path, mtime_ns, below in folders
                    ),
                )
                marks = ", ".join("?" * len(Row._fields))
                connection.executemany(
                    f"INSERT OR REPLACE INTO rows (path, {', '.join(_COLUMNS)}) VALUES ({marks})",
                    (_stored(row) for row in rows),
                )
                keys = [(os.fsencode(path),) for path in gone]
                connection.executemany("DELETE FROM rows WHERE path = ?", keys)
                connection.executemany("DELETE FROM folders WHERE path = ?", keys)
        except (sqlite3.Error, OSError):
            self._forget()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=1)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = MEMORY")
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                connection.executescript("DROP TABLE IF EXISTS folders; DROP TABLE IF EXISTS rows;")
                connection.executescript(_TABLES.format(columns=", ".join(_COLUMNS)))
                connection.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _forget(self) -> None:
        with suppress(OSError):
            self.path.unlink()


def read_folders(path: str, root: str) -> dict[str, Known]:
    """What the cache at `path` knows of the folders below `root`. Reads only."""
    found: dict[str, Known] = {}
    low, high = _range(root)
    try:
        with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as connection:
            query = (
                "SELECT f.path, f.mtime_ns, f.below, r.id, r.fingerprint, r.level, r.names"
                " FROM folders f LEFT JOIN rows r ON r.path = f.path"
                " WHERE (f.path >= ? AND f.path < ?) OR f.path = ?"
            )
            decode = os.fsdecode
            for key, mtime_ns, below, number, mark, level, names in connection.execute(
                query, (low, high, low[:-1])
            ):
                found[decode(key)] = (
                    mtime_ns,
                    tuple(decode(below).split("/")) if below else (),
                    number or 0,
                    mark or "",
                    level or 0,
                    names or 0,
                )
    except (sqlite3.Error, OSError, ValueError):
        return {}
    return found


def _range(root: str) -> tuple[bytes, bytes]:
    """The paths below a folder are those from the first to before the second."""
    start = os.fsencode(root.rstrip("/")) + b"/"
    return start, start[:-1] + b"0"  # the character after the slash


def _stored(row: Row) -> tuple[Any, ...]:
    # A number that the file can't hold is kept out of it; the inspection has it still.
    return (
        os.fsencode(row[0]),
        *(None if isinstance(value, int) and abs(value) > _LARGEST else value for value in row[1:]),
    )
