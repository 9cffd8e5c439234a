"""Doing the changes of a step again, or their inverse: checked first, then written in a few
statements, since a step may hold ten thousand rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Table

from desktop.services.catalog import store
from desktop.services.catalog.changes import Change, Transaction
from desktop.services.catalog.schema import TABLES, folders, origins
from desktop.services.errors import ConflictError

_Row = dict[str, Any]
_Written = tuple[str, Table, str, _Row]


def replay(
    transaction: Transaction, changes: Sequence[Change], twins: Collection[str], label: str
) -> None:
    """Make every row that the changes name as it was after them.

    changes: in the order in which they are to be made. twins: names that two adapters had when the
    step was made; elsewhere a name that is taken by now is a conflict. label: of the step.

    Raises:
        ConflictError: a row is not as it was before the changes, or what it needs is gone.
    """
    current = _rows_now(transaction, changes)
    # Adapters and jobs refer to each other, so references are set once every row is there and
    # cleared before any row goes, whatever the order of the step was.
    written: list[_Written] = []
    later: list[_Written] = []
    gone: list[tuple[Table, str]] = []
    names: dict[str, str] = {}
    for name, key, before, after in changes:
        table, links, row = TABLES[name], _links(name), current[name, key]
        if before is None:
            if row is not None:
                raise _changed(label)
            values = dict(after or {})
            held = {k: v for k, v in values.items() if k in links and v is not None}
            values |= dict.fromkeys(held)
            written.append(("insert", table, key, values))
            current[name, key] = values | held
        elif row is None or any(
            row.get(column) != value
            for column, value in before.items()
            if not _is_look(name, column)
        ):
            raise _changed(label)
        elif after is None:
            held_links = dict.fromkeys(k for k in links if row.get(k) is not None)
            if held_links:
                written.append(("update", table, key, held_links))
            gone.append((table, key))
            held = {}
        else:
            values = {k: v for k, v in after.items() if row.get(k) != v}
            held = {k: v for k, v in values.items() if k in links and v is not None}
            values = {k: v for k, v in values.items() if k not in held}
            if values:
                written.append(("update", table, key, values))
            current[name, key] = row | values | held
        if held:
            later.append(("update", table, key, held))
        wanted = (after or {}).get("name") if table is store.ADAPTERS else None
        if wanted and wanted not in twins:
            names[key] = wanted
    _names_are_free(transaction, names, {k for t, k, _, _ in changes if t == "adapters"}, label)
    _write(transaction, written)
    _targets_are_there(transaction, later, label)
    _write(transaction, later)
    for table, group in groupby(gone, key=lambda item: item[0]):
        transaction.delete_many(table, [key for _, key in group])


def _rows_now(
    transaction: Transaction, changes: Sequence[Change]
) -> dict[tuple[str, str], _Row | None]:
    keys: dict[str, list[str]] = {}
    for name, key, _, _ in changes:
        keys.setdefault(name, []).append(key)
    found: dict[tuple[str, str], _Row | None] = {}
    for name, wanted in keys.items():
        rows = transaction.get_many(TABLES[name], wanted)
        found |= {(name, key): rows.get(key) for key in wanted}
    return found


def _write(transaction: Transaction, written: Sequence[_Written]) -> None:
    # Neighbours that touch the same columns go to the database in one statement.
    for (what, table, _), group in groupby(written, key=_kind):
        rows = {key: values for _, _, key, values in group}
        if what == "insert":
            transaction.insert_many(table, rows)
        else:
            transaction.update_many(table, rows)


def _kind(item: _Written) -> tuple[str, Table, tuple[str, ...]]:
    return item[0], item[1], tuple(sorted(item[3]))


def _names_are_free(
    transaction: Transaction, names: dict[str, str], own: Collection[str], label: str
) -> None:
    for key, name in store.named_adapters(transaction.connection, set(names.values())):
        if key not in own:
            raise ConflictError(
                f"“{label}” can't be turned back: another adapter has the name “{name}” now.",
                "Rename that one, then try again. Nothing was changed.",
            )


def _targets_are_there(transaction: Transaction, later: Sequence[_Written], label: str) -> None:
    wanted: dict[str, set[str]] = {}
    for _, table, _, values in later:
        for target, column in _references(table.name):
            if values.get(column):
                wanted.setdefault(target, set()).add(values[column])
    for target, keys in wanted.items():
        if set(transaction.get_many(TABLES[target], sorted(keys))) != keys:
            raise ConflictError(
                f"“{label}” can't be turned back: a record it belongs to is gone.",
                "Nothing was changed.",
            )


def _references(table: str) -> Iterator[tuple[str, str]]:
    for target, referring, column in store.REFERENCES:
        if referring == table:
            yield target, column


def _links(table: str) -> set[str]:
    return {column for _, column in _references(table)}


def _is_look(table: str, column: str) -> bool:
    # What a look at folder or server found may differ by now; that is no change of the person's.
    if table == origins.name:
        return column in ("newest", "asked_at")
    return table == folders.name and column not in ("managed", "added_at", "revision")


def _changed(label: str) -> ConflictError:
    return ConflictError(
        f"“{label}” can't be turned back: the record was changed since.", "Nothing was changed."
    )
