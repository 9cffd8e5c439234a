"""Undo and redo: every change is kept with its inverse in a table of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import IntegrityError

from desktop.services.catalog import store
from desktop.services.catalog.changes import author, load
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import from_stored
from desktop.services.catalog.replay import replay
from desktop.services.catalog.schema import OF_ADAPTERS, history
from desktop.services.catalog.trash import Trash
from desktop.services.errors import CatalogError, ConflictError, LorariumError


@dataclass(frozen=True)
class HistoryStep:
    """What undo or redo did. label: what the step is called ("Remove “x”"). adapter_ids: rows of
    the big table that came, went or changed. tables: which tables were touched."""

    label: str
    adapter_ids: tuple[str, ...]
    tables: frozenset[str]


class History:
    """The steps of one catalogue that this person can take back."""

    def __init__(self, catalog: Catalog, trash: Trash) -> None:
        self._catalog = catalog
        self._trash = trash

    def labels(self) -> tuple[str | None, str | None]:
        """(what undo would take back, what redo would bring), None where there is nothing."""
        if not self._catalog.has(history.name):
            return None, None
        with self._catalog.read() as connection:
            steps = (self._step(connection, "done"), self._step(connection, "undone"))
        undo, redo = (step["label"] if step is not None else None for step in steps)
        return undo, redo

    def undo(self) -> HistoryStep | None:
        """Take the last step back; None if there is none.

        Raises:
            ConflictError: what it would restore was changed or taken since; nothing is changed.
        """
        return self._turn("done", "undone")

    def redo(self) -> HistoryStep | None:
        """Do the step again that was undone last; None if there is none.

        Raises:
            ConflictError: as for undo.
        """
        return self._turn("undone", "done")

    def forget(self) -> None:
        """Forget this person's steps: what was done before can't be taken back any more."""
        with self._catalog.write(None) as transaction:
            transaction.connection.execute(delete(history).where(history.c.author == author()))

    def _step(self, connection: Connection, state: str) -> Any:
        # Undo takes the newest step that is done, redo the oldest that is undone.
        order = history.c.seq.desc() if state == "done" else history.c.seq.asc()
        query = select(history).where(history.c.author == author(), history.c.state == state)
        return connection.execute(query.order_by(order).limit(1)).mappings().first()

    def _turn(self, now: str, then: str) -> HistoryStep | None:
        if not self._catalog.has(history.name):
            return None
        undo = now == "done"
        try:
            with self._trash.moving() as move, self._catalog.write(None) as transaction:
                step = self._step(transaction.connection, now)
                if step is None:
                    return None
                changes, moves, twins = load(step["changes"])
                if undo:
                    changes = [(t, k, after, before) for t, k, before, after in reversed(changes)]
                    moves = [(target, source) for source, target in moves]
                replay(transaction, changes, twins, step["label"])
                transaction.connection.execute(
                    update(history).where(history.c.seq == step["seq"]).values(state=then)
                )
                # Rows that come back need their files, so files first; the sweep at the next start
                # mends what a crash leaves between the two.
                for source, target in moves:
                    move(source, target)
        except IntegrityError as error:
            raise ConflictError(
                f"“{step['label']}” can't be turned back: what it needs is gone or taken.",
                "Nothing was changed.",
            ) from error
        touched = frozenset(name for name, _, _, _ in changes)
        ids = [key for table, key, _, _ in changes if table in OF_ADAPTERS]
        return HistoryStep(step["label"], tuple(dict.fromkeys(ids)), touched)


def sweep(catalog: Catalog, trash: Trash) -> None:
    """Tidy store and trash after a run that was killed; nothing a row or a step needs goes."""
    if trash.is_empty():
        return
    with catalog.read() as connection:
        if not trash.sweep(*_needed(catalog, connection), look=True):
            return
    # Under the lock, or a folder would go that another window is just bringing back.
    try:
        with catalog.write(None) as transaction:
            trash.sweep(*_needed(catalog, transaction.connection))
    except CatalogError:
        return  # the next start will do


def _needed(catalog: Catalog, connection: Connection) -> tuple[set[str], set[str]]:
    """(folders that rows point to, folders that a step of the history may bring back)."""
    rows = store.all_of(catalog, connection, store.ADAPTERS)
    remembered: set[str] = set()
    if catalog.has(history.name):
        for text in connection.execute(select(history.c.changes)).scalars():
            try:
                for pair in load(text).moves:
                    remembered.update(pair)
            except LorariumError:
                continue
    return {from_stored(r["location"]) for r in rows if r.get("location")}, remembered
