"""One write, with a note of every row before and after it: what undo and redo are made of."""

from __future__ import annotations

import getpass
import json
import math
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from desktop.services.catalog.schema import TABLES, history
from desktop.services.errors import CatalogError

KEPT_STEPS = 200
"""Steps of the history kept per person; managed files of older ones leave the trash."""

_CHUNK = 500

Change = tuple[str, str, dict[str, Any] | None, dict[str, Any] | None]
"""(table, id, before, after): None where the row was not there. An update holds touched columns."""


class Step(NamedTuple):
    """What one step of the history holds. rows: its changes in order. moves: managed folders that
    went (from, to). twins: names that another adapter had, too, and may have again after undo."""

    rows: list[Change]
    moves: list[tuple[str, str]]
    twins: list[str]


def chunks(keys: Iterable[str]) -> Iterable[Sequence[str]]:
    """The keys in pieces that fit into one statement."""
    listed = list(keys)
    return (listed[i : i + _CHUNK] for i in range(0, len(listed), _CHUNK))


def author() -> str:
    """Who works here: undo takes back one's own steps, also where a team shares a catalogue."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "somebody"
    return f"{user}@{platform.node()}"


def primary_key(table: Table) -> Any:
    """The one column that identifies a row."""
    return next(iter(table.primary_key.columns))


def can_be_key(key: object) -> bool:
    """Whether a database can be asked for this id: a text without what it could not hold."""
    if not isinstance(key, str) or "\x00" in key:
        return False
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


class Transaction:
    """Writes rows and remembers what they were. Made by `Catalog.write`."""

    def __init__(self, connection: Connection, columns: Mapping[str, frozenset[str]]) -> None:
        self.connection = connection
        self.changes: list[Change] = []
        self.moves: list[tuple[str, str]] = []
        self.twins: list[str] = []
        self._columns = columns

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the catalogue has the table (and the column)."""
        names = self._columns.get(table)
        return names is not None and (column is None or column in names)

    def get(self, table: Table, key: str) -> dict[str, Any] | None:
        """The row as it is inside this transaction."""
        there = [c for c in table.columns if self.has(table.name, c.name)]
        if not there or not can_be_key(key):
            return None
        found = self.connection.execute(select(*there).where(primary_key(table) == key))
        row = found.mappings().first()
        return dict(row) if row is not None else None

    def insert(self, table: Table, values: Mapping[str, Any]) -> None:
        """Add one row."""
        row = self._fit(table, values)
        self.connection.execute(insert(table).values(**row))
        self.changes.append((table.name, str(row[primary_key(table).name]), None, row))

    def update(self, table: Table, key: str, values: Mapping[str, Any]) -> None:
        """Change columns of one row; columns that keep their value are not touched."""
        before = self.get(table, key)
        if before is None:
            return
        row = self._fit(table, values)
        changed = {name: value for name, value in row.items() if before.get(name) != value}
        if not changed:
            return
        self.connection.execute(update(table).where(primary_key(table) == key).values(**changed))
        old = {name: before.get(name) for name in changed}
        self.changes.append((table.name, key, old, changed))

    def delete(self, table: Table, key: str) -> None:
        """Remove one row."""
        before = self.get(table, key)
        if before is None:
            return
        self.connection.execute(delete(table).where(primary_key(table) == key))
        self.changes.append((table.name, key, before, None))

    def get_many(self, table: Table, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The rows of these keys that are there, by key."""
        there = [c for c in table.columns if self.has(table.name, c.name)]
        found: dict[str, dict[str, Any]] = {}
        key = primary_key(table)
        if there:
            for piece in chunks(k for k in dict.fromkeys(keys) if can_be_key(k)):
                rows = self.connection.execute(select(*there).where(key.in_(piece))).mappings()
                found |= {row[key.name]: dict(row) for row in rows}
        return found

    def insert_many(self, table: Table, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Add rows that fill the same columns. rows: values by key."""
        fitted = {key: self._fit(table, values) for key, values in rows.items()}
        self.connection.execute(insert(table), list(fitted.values()))
        self.changes += [(table.name, key, None, row) for key, row in fitted.items()]

    def update_many(self, table: Table, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Change the same columns of several rows. rows: values by key; all have to be there."""
        before = self.get_many(table, rows)
        fitted = {key: self._fit(table, rows[key]) for key in before}
        if not fitted:
            return
        names = list(next(iter(fitted.values())))
        if not names:
            return
        statement = update(table).where(primary_key(table) == bindparam("the_key"))
        statement = statement.values({name: bindparam(f"new_{name}") for name in names})
        self.connection.execute(
            statement,
            [
                {"the_key": key, **{f"new_{name}": value for name, value in row.items()}}
                for key, row in fitted.items()
            ],
        )
        self.changes += [
            (table.name, key, {name: before[key].get(name) for name in names}, row)
            for key, row in fitted.items()
        ]

    def delete_many(self, table: Table, keys: Sequence[str]) -> None:
        """Remove the rows of these keys that are there."""
        before = self.get_many(table, keys)
        for piece in chunks(before):
            self.connection.execute(delete(table).where(primary_key(table).in_(piece)))
        self.changes += [(table.name, key, row, None) for key, row in before.items()]

    def release(self, table: Table, column: str, keys: Iterable[str]) -> int:
        """Empty the references of `column` to rows with these keys; returns how many there were."""
        if not self.has(table.name, column):
            return 0
        key = primary_key(table)
        found: list[str] = []
        for piece in chunks(keys):
            query = select(key).where(table.c[column].in_(piece))
            found += [str(k) for k in self.connection.execute(query).scalars()]
        self.update_many(table, {k: {column: None} for k in found})
        return len(found)

    def moved(self, source: str, target: str) -> None:
        """Note that a managed folder goes from `source` to `target` with this step."""
        self.moves.append((source, target))

    def record(self, label: str) -> None:
        """Write this transaction as one step of the history; undone steps are gone then."""
        if not self.changes:
            return
        me = author()
        mine = history.c.author == me
        self.connection.execute(delete(history).where(mine, history.c.state == "undone"))
        self.connection.execute(
            insert(history).values(
                author=me,
                label=label,
                state="done",
                created_at=time.time(),
                changes=json.dumps(
                    {"rows": self.changes, "moves": self.moves, "twins": self.twins}
                ),
            )
        )
        newest = self.connection.execute(select(func.max(history.c.seq)).where(mine)).scalar()
        kept = (
            select(history.c.seq)
            .where(mine)
            .order_by(history.c.seq.desc())
            .limit(1)
            .offset(KEPT_STEPS - 1)
        )
        oldest = self.connection.execute(kept).scalar()
        if newest is not None and oldest is not None:
            self.connection.execute(delete(history).where(mine, history.c.seq < oldest))

    def _fit(self, table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
        row = {}
        for name, value in values.items():
            if self.has(table.name, name):
                # SQLite would store NaN as NULL, PostgreSQL as NaN: neither is a figure.
                row[name] = None if isinstance(value, float) and math.isnan(value) else value
            elif value is not None:
                raise CatalogError(
                    f"This catalogue is of an older Fine Tuning Studio and can't hold {name}.",
                    "Leave that field empty, or open the project with a newer studio first.",
                )
        return row


def load(text: str) -> Step:
    """A step as it was written. Tables are checked: the history is data, not trust.

    Raises:
        CatalogError: it is not a step that we wrote.
    """
    try:
        data = json.loads(text)
        rows = [(str(t), str(k), b, a) for t, k, b, a in data["rows"]]
        moves = [(str(s), str(t)) for s, t in data["moves"]]
        twins = [str(name) for name in data.get("twins", ())]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CatalogError("This step of the history can't be read.") from error
    for name, _, before, after in rows:
        table = TABLES.get(name)
        known = set(table.columns.keys()) if table is not None else set()
        for values in (before, after):
            if values is not None and not set(values) <= known:
                raise CatalogError("This step of the history does not fit the catalogue.")
    return Step(rows, moves, twins)
