"""Whether somebody else wrote to the catalogue: another window, another machine, a studio."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, suppress
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError

from desktop.services.catalog.engine import Catalog
from desktop.services.errors import CatalogError


class OtherWriters:
    """Notices, without reading a row on SQLite, that the catalogue was written by somebody else.

    SQLite tells a connection that another one has committed (PRAGMA data_version), so one is kept
    for asking. It can't say who wrote: it is asked once more before each write of our own, under
    the lock, and after it, so that what is our own is told from the rest. PostgreSQL has no such
    figure; the newest transaction and the count of each table's rows stand in for it, and a write
    of our own counts as one of somebody else's, too.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._lock = threading.Lock()
        self._kept: Any = None
        self._last: object = None
        self._missed = False
        self._is_sqlite = catalog.engine.dialect.name == "sqlite"
        if self._is_sqlite:
            event.listen(catalog.engine, "begin", self._before_write)
            event.listen(catalog.engine, "engine_disposed", self._close)
            catalog.listeners.append(self._after_write)
        with self._lock:
            self._last = self._revision()

    def noticed(self) -> bool:
        """Whether somebody else has written since this was made or asked last.

        Raises:
            CatalogError: the catalogue does not answer.
        """
        with self._lock:
            now = self._revision()
            news, self._missed = self._missed or now != self._last, False
            self._last = now
            return news

    def _before_write(self, connection: Connection) -> None:
        # The lock is ours by now: whatever was written until here was somebody else's.
        if connection.get_execution_options().get("lorarium_write"):
            with self._lock, suppress(CatalogError):
                now = self._revision()
                self._missed = self._missed or now != self._last
                self._last = now

    def _after_write(self, _touched: object) -> None:
        with self._lock, suppress(CatalogError):
            self._last = self._revision()

    def _close(self, _engine: object) -> None:
        with self._lock:
            kept, self._kept = self._kept, None
            if kept is not None:
                # Not back into the pool: that is gone by now.
                kept.invalidate()

    def _revision(self) -> object:
        if not self._is_sqlite:
            return self._server_revision()
        try:
            if self._kept is None:
                # Not through SQLAlchemy's own connection: that begins a transaction, in which
                # SQLite would go on showing the past.
                self._kept = self._catalog.engine.raw_connection()
            with closing(self._kept.cursor()) as cursor:
                return cursor.execute("PRAGMA data_version").fetchone()[0]
        except (sqlite3.Error, DBAPIError) as error:
            raise CatalogError("The catalogue does not answer.", "Try again.") from error

    def _server_revision(self) -> object:
        parts = [
            f"(SELECT count(*) || ':' || coalesce(max(xmin::text::bigint), 0) FROM {name})"
            for name in sorted(self._catalog.columns)
        ]
        with self._catalog.read() as connection:
            return tuple(connection.exec_driver_sql(f"SELECT {', '.join(parts)}").one())
