"""What the first screen shows of a large library: its first rows and its numbers, nothing else.

Reading ten thousand whole rows takes as long as a bare window takes to appear. So they are put in
order by the one value that sorts, only those that can be seen are read, and the numbers beside the
places are counted by SQLite. The rest of the rows is read behind the first paint.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Set
from pathlib import Path
from typing import Any, NamedTuple

from desktop.services.catalog.first_rows import open_read_only, tables_of
from desktop.services.catalog.rows_sql import FOLDERS, MARKS, ORIGINS, base_title, library_rows
from desktop.services.library_row import LibraryRow, Row

FIRST = 128
"""Rows that are read: a screen has room for a hundred at most."""
SMALL = 4 * FIRST
"""Up to so many adapters reading all of them is as fast."""

_FIGURES = {
    Row.ADDED: "added_at",
    Row.SIZE: "size_bytes",
    Row.PARAMETERS: "parameters",
    Row.RANK: "rank",
}
_NEEDED = {
    "adapters": {"id", "name", "type", "model_id"},
    "models": {"id"},
    FOLDERS: {
        "adapter_id", "variant", "state", "errors", "warnings", "notes", "content_id",
        *_FIGURES.values(),
    },
    MARKS: {"adapter_id", "favourite"},
    ORIGINS: {"adapter_id", "version", "newest"},
    "fine_tuning_jobs": {"id", "adapter_name"},
}  # fmt: skip


class FirstScreen(NamedTuple):
    """rows: the first ones in the order that was asked for; total: how many there are at all.

    sources, types, states: {value as it stands in a row: how many rows}; bases: {id of the base
    model: (its title, how many rows)}; problems: {whether there are errors, warnings, notes: how
    many rows}; favourites, duplicates, recent: how many rows are so.
    """

    rows: list[LibraryRow]
    total: int
    sources: Mapping[str, int]
    types: Mapping[Any, int]
    states: Mapping[str, int]
    bases: Mapping[str, tuple[str | None, int]]
    problems: Mapping[tuple[bool, bool, bool], int]
    favourites: int
    duplicates: int
    recent: int


def read_first_screen(
    path: Path | None,
    by: int,
    descending: bool,
    fold: Callable[[Any], str],
    since: float,
) -> FirstScreen | None:
    """The first screen of the SQLite catalogue at `path`.

    by: the place in a row of what sorts: `Row.NAME`, or a figure that Lorarium keeps; ties stand by
    name and then by id. fold: a name as names are compared. since: what was added at this time
    (seconds since 1970) or later is recent. None where that is no quicker than reading all rows,
    or can't be said without them; `read_first_rows` is there for these.
    """
    if by != Row.NAME and by not in _FIGURES:
        return None
    connection = open_read_only(path)
    if connection is None:
        return None
    try:
        columns = tables_of(connection)
        # What is gone through once need not be kept: a start is short of memory, too.
        connection.execute("PRAGMA cache_size = -512")
        if any(not names <= columns[table] for table, names in _NEEDED.items()):
            return None
        total: int = connection.execute("SELECT count(*) FROM adapters").fetchone()[0]
        if total <= SMALL or not _is_tidy(connection):
            return None
        first = _first(connection, by, descending, fold)
        if first is None:
            return None
        rows = _read(connection, columns, first)
        return _counted(connection, columns["models"], rows, total, since)
    except (sqlite3.Error, ValueError, TypeError):
        return None
    finally:
        connection.close()


def _is_tidy(connection: sqlite3.Connection) -> bool:
    """Whether what we keep beside adapters is kept of adapters that are there: others may have
    removed some, and then it can't be counted by itself."""
    stray = f"SELECT 1 FROM {FOLDERS} WHERE adapter_id NOT IN (SELECT id FROM adapters) LIMIT 1"
    return connection.execute(stray).fetchone() is None


def _first(
    connection: sqlite3.Connection, by: int, descending: bool, fold: Callable[[Any], str]
) -> list[tuple[str, str]] | None:
    """(id, name) of the first rows in order; None where some of them have nothing to sort by."""
    if by == Row.NAME:
        named = [
            (fold(name), key, name)
            for key, name in connection.execute("SELECT id, coalesce(name, '') FROM adapters")
        ]
        known = sorted(entry for entry in named if entry[0])
        if descending:
            # Equal names stay in the order of their ids.
            known.sort(key=lambda entry: entry[0], reverse=True)
        found = [(key, name) for _, key, name in known[:FIRST]]
    else:
        column = f"f.{_FIGURES[by]}"
        way, beyond = ("DESC", ">=") if descending else ("ASC", "<=")
        # A foreign hand may have put words where a figure belongs.
        figures = f"typeof({column}) IN ('integer', 'real') AND abs({column}) < 9e999"
        last = connection.execute(
            f"SELECT {column} FROM {FOLDERS} f WHERE {figures}"
            f" ORDER BY 1 {way} LIMIT 1 OFFSET {FIRST - 1}"
        ).fetchone()
        if last is None:
            return None
        # With all that share the last one's place: which of them come first, their names decide.
        candidates = connection.execute(
            f"SELECT {column}, a.id, coalesce(a.name, '') FROM {FOLDERS} f"
            f" CROSS JOIN adapters a ON a.id = f.adapter_id WHERE {figures}"
            f" AND {column} {beyond} ?",
            last,
        ).fetchall()
        candidates.sort(key=lambda entry: (fold(entry[2]), entry[1]))
        candidates.sort(key=lambda entry: entry[0], reverse=descending)
        found = [(key, name) for _, key, name in candidates[:FIRST]]
    return found if len(found) == FIRST else None


def _read(
    connection: sqlite3.Connection,
    columns: Mapping[str, Set[str]],
    first: list[tuple[str, str]],
) -> list[LibraryRow]:
    marks = ", ".join("?" * len(first))
    present = {table: names for table, names in columns.items() if names}
    sql = library_rows(present, jobs_where=f"adapter_name IN ({marks})", where=f"a.id IN ({marks})")
    ids = [key for key, _ in first]
    found = {row[0]: row for row in connection.execute(sql, [*(name for _, name in first), *ids])}
    return [found[key] for key in ids]


def _counted(
    connection: sqlite3.Connection,
    models: Set[str],
    rows: list[LibraryRow],
    total: int,
    since: float,
) -> FirstScreen:
    def counted(column: str, table: str) -> dict[Any, int]:
        return dict(connection.execute(f"SELECT {column}, count(*) FROM {table} GROUP BY 1"))

    def number(sql: str, *given: float) -> int:
        return int(connection.execute(sql, given).fetchone()[0])

    titles = dict(connection.execute(f"SELECT m.id, {base_title(models)} FROM models m"))
    bases = counted("model_id", "adapters")
    bases.pop(None, None)
    states = counted("coalesce(state, 'unknown')", FOLDERS)
    unseen = total - sum(states.values())
    if unseen:
        states["unknown"] = states.get("unknown", 0) + unseen
    recent = "typeof(added_at) IN ('integer', 'real') AND added_at >= ?"
    return FirstScreen(
        rows=rows,
        total=total,
        sources=counted("coalesce(type, '')", "adapters"),
        types=counted("variant", FOLDERS),
        states=states,
        bases={key: (titles.get(key), number) for key, number in bases.items()},
        problems=_problems(connection, total),
        favourites=number(
            f"SELECT count(*) FROM {MARKS} JOIN adapters a ON a.id = adapter_id"
            " WHERE favourite <> 0"
        ),
        duplicates=_duplicates(connection),
        recent=number(f"SELECT count(*) FROM {FOLDERS} WHERE {recent}", since),
    )


def _duplicates(connection: sqlite3.Connection) -> int:
    found = connection.execute(
        f"SELECT total(number) FROM (SELECT count(*) AS number FROM {FOLDERS}"
        " WHERE content_id <> '' GROUP BY substr(content_id, 1, 32) HAVING number > 1)"
    )
    return int(found.fetchone()[0])


def _problems(connection: sqlite3.Connection, total: int) -> Counter[tuple[bool, bool, bool]]:
    found = {
        key: (bool(errors), bool(warnings), bool(notes))
        for key, errors, warnings, notes in connection.execute(
            f"SELECT adapter_id, errors, warnings, notes FROM {FOLDERS}"
            " WHERE errors <> 0 OR warnings <> 0 OR notes <> 0"
        )
    }
    # A newer version on the server is a note like any other.
    for (key,) in connection.execute(
        f"SELECT adapter_id FROM {ORIGINS} JOIN adapters a ON a.id = adapter_id"
        " WHERE newest <> version"
    ):
        errors, warnings, _ = found.get(key, (False, False, False))
        found[key] = (errors, warnings, True)
    counted = Counter(found.values())
    counted[False, False, False] += total - len(found)
    return counted
