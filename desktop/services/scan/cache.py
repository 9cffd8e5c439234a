"""What earlier scans saw, so that a scan of what has not changed opens no file again.

`scan.cache` in the data folder: an SQLite file of its own, of which nothing is missed when it is
deleted; where it is damaged or of another version it begins anew. Paths are kept as bytes, for not
every path is text.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from desktop.services.scan.walk import Known
from desktop.services.scan.wire import Row

VERSION = 2
_TABLES = """
CREATE TABLE folders (
  path BLOB PRIMARY KEY, mtime_ns INTEGER, below BLOB,
  fingerprint TEXT, level INTEGER, names INTEGER
) WITHOUT ROWID;
CREATE TABLE rows (path BLOB PRIMARY KEY, {columns}) WITHOUT ROWID;
CREATE TABLE inspections (path BLOB PRIMARY KEY, fingerprint TEXT, inspection TEXT);
"""
_COLUMNS = [name for name in Row._fields if name not in ("path", "inspection")]
_LARGEST = (1 << 63) - 1


class ScanCache:
    """The cache of one library."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, roots: Iterable[str]) -> dict[str, Row]:
        """The rows below these folders by path; none where there is no sound cache."""
        found: dict[str, Row] = {}
        try:
            with closing(self._open()) as connection:
                for root in roots:
                    low, high = _range(root)
                    query = (
                        f"SELECT path, {', '.join(_COLUMNS)} FROM rows"
                        " WHERE (path >= ? AND path < ?) OR path = ?"
                    )
                    for values in connection.execute(query, (low, high, low[:-1])):
                        path = os.fsdecode(values[0])
                        found[path] = Row(path, *values[1:])
        except sqlite3.Error:
            self._forget()
            return {}
        return found

    def learn(
        self,
        folders: Iterable[Sequence[Any]],
        rows: Iterable[Row],
        held: Mapping[str, Row],
        gone: Iterable[str],
    ) -> None:
        """Keep what a scan saw.

        folders: [path, time of change, sub-folders] of those that were listed; rows: those that are
        new; held: all rows, by path; gone: folders that are not there any more, or hold nothing of
        interest now. Never raises for the disk: a cache that can't be written is nobody's trouble.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open()) as connection, connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(
                    "INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        (
                            os.fsencode(path),
                            mtime_ns,
                            os.fsencode("/".join(below)),
                            *_of_row(held.get(path)),
                        )
                        for path, mtime_ns, below in folders
                    ),
                )
                rows = list(rows)
                marks = ", ".join("?" * (len(_COLUMNS) + 1))
                connection.executemany(
                    f"INSERT OR REPLACE INTO rows (path, {', '.join(_COLUMNS)}) VALUES ({marks})",
                    map(_stored, rows),
                )
                connection.executemany(
                    "INSERT OR REPLACE INTO inspections VALUES (?, ?, ?)",
                    (
                        (os.fsencode(r.path), r.fingerprint, r.inspection)
                        for r in rows
                        if r.inspection
                    ),
                )
                keys = [(os.fsencode(path),) for path in gone]
                connection.executemany("DELETE FROM rows WHERE path = ?", keys)
                connection.executemany("DELETE FROM inspections WHERE path = ?", keys)
                connection.executemany("DELETE FROM folders WHERE path = ?", keys)
        except sqlite3.ProgrammingError:
            raise  # a mistake of ours, not the file's
        except (sqlite3.Error, OSError):
            self._forget()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=1)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = MEMORY")
            if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                connection.executescript(
                    "DROP TABLE IF EXISTS folders; DROP TABLE IF EXISTS rows;"
                    "DROP TABLE IF EXISTS inspections;"
                    + _TABLES.format(columns=", ".join(_COLUMNS))
                )
                connection.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _forget(self) -> None:
        with suppress(OSError):
            self.path.unlink()


def read_inspections(path: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """The inspections of these folders, as the catalogue stores them.

    wanted: {folder: fingerprint}; those of another fingerprint, and those that are not there any
    more, are left out.
    """
    found: dict[str, str] = {}
    try:
        with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as connection:
            few = len(wanted) <= 100
            rows = (
                row
                for folder in (wanted if few else [""])
                for row in connection.execute(
                    "SELECT path, fingerprint, inspection FROM inspections"
                    + (" WHERE path = ?" if few else ""),
                    (os.fsencode(folder),) if few else (),
                )
            )
            for key, mark, text in rows:
                folder = os.fsdecode(key)
                if text and wanted.get(folder) == mark:
                    found[folder] = text
    except (sqlite3.Error, OSError, ValueError):
        return found
    return found


def read_folders(path: str, root: str) -> dict[str, Known]:
    """What the cache at `path` knows of the folders below `root`. Reads only."""
    found: dict[str, Known] = {}
    low, high = _range(root)
    try:
        with closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as connection:
            query = (
                "SELECT path, mtime_ns, below, fingerprint, level, names FROM folders"
                " WHERE (path >= ? AND path < ?) OR path = ?"
            )
            decode = os.fsdecode
            for key, mtime_ns, below, mark, level, names in connection.execute(
                query, (low, high, low[:-1])
            ):
                folders = tuple(decode(below).split("/")) if below else ()
                found[decode(key)] = (mtime_ns, folders, mark, level, names)
    except (sqlite3.Error, OSError, ValueError):
        return {}
    return found


def _range(root: str) -> tuple[bytes, bytes]:
    """The paths below a folder are those from the first to before the second."""
    start = os.fsencode(root.rstrip("/")) + b"/"
    return start, start[:-1] + b"0"  # the character after the slash


def _of_row(row: Row | None) -> tuple[str | None, int, int]:
    return (None, 0, 0) if row is None else (row.fingerprint, row.level, row.names)


def _stored(row: Row) -> tuple[Any, ...]:
    # A number that the file can't hold is kept out of it; the inspection has it still.
    values = row[1:-1]
    return (
        os.fsencode(row.path),
        *(None if type(v) is int and abs(v) > _LARGEST else v for v in values),
    )
