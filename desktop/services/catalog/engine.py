"""Opening a catalogue and keeping it safe: who made it, may we write, is it still the same file.

SQLite and PostgreSQL through the same code. Writes are serialised: one writer per process, and
BEGIN IMMEDIATE, since a deferred write fails at once when another writer was faster.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.pool import Pool, QueuePool, StaticPool

from desktop.services.catalog import sqlite_file
from desktop.services.catalog.changes import Transaction, can_be_key, primary_key
from desktop.services.catalog.location import CatalogLocation
from desktop.services.catalog.migrations import (
    HEAD,
    VERSION_TABLE,
    add_columns,
    migrate,
    needs_migration,
)
from desktop.services.catalog.schema import (
    OF_ADAPTERS,
    TABLES,
    UNIQUE_NAME,
    Base,
    meta,
    ours,
)
from desktop.services.errors import CatalogBusyError, CatalogError, CatalogReadOnlyError

BUSY_SECONDS = 5.0
_PG_LOCK = 0x4C6F5261


@dataclass(frozen=True)
class Touched:
    """What a committed write changed. adapter_ids: rows of the big table that came, went or have
    other values; tables: the names of the tables."""

    adapter_ids: tuple[str, ...]
    tables: frozenset[str]

    @classmethod
    def of(cls, transaction: Transaction) -> Touched:
        """What a transaction has written."""
        ids = [key for table, key, _, _ in transaction.changes if table in OF_ADAPTERS]
        tables = frozenset(table for table, _, _, _ in transaction.changes)
        return cls(tuple(dict.fromkeys(ids)), tables)


class Catalog:
    """An open catalogue.

    listeners: called after every committed write, on the thread that wrote.

    foreign: somebody else (a Fine Tuning Studio) made it: no unique index, no application id, no
    change of journal mode. read_only: a sentence that says why it can't be written, "" if it can.
    columns: the tables and columns that are really there.
    """

    def __init__(self, location: CatalogLocation) -> None:
        """Open the catalogue, create it where there is none, migrate it where it is behind.

        Raises:
            CatalogError: it can't be opened; the file is left as it is.
        """
        self.location = location
        self.foreign = False
        self.read_only = ""
        self.columns: dict[str, frozenset[str]] = {}
        self._write_lock = threading.RLock()
        self._identity: tuple[int, int] | None = None
        self.listeners: list[Callable[[Touched], None]] = []
        if location.path is not None:
            self._open_file(location.path)
        else:
            self._open_server()

    # -- opening ---------------------------------------------------------------------------

    def _open_file(self, path: Path) -> None:
        state = sqlite_file.probe(path, self.location.data)
        self.read_only = state.read_only
        self.foreign = state.kind == "foreign"
        mode = "?mode=rwc" if not self.read_only else ("?mode=ro" + state.immutable)
        self.engine = self._sqlite_engine(sqlite_file.uri(path) + mode)
        with self._translated():
            if self.read_only:
                self._learn()
                return
            if state.kind == "new":
                fresh = not path.exists()
                try:
                    self._create()
                except BaseException:
                    self.engine.dispose()
                    if fresh:
                        _remove_empty(path)
                    raise
            elif state.kind == "ours":
                self._learn()
                if needs_migration(state.version):
                    migrate(self.engine, path, self.location.backups, state.version)
                    self._learn()
            else:
                self._learn()
        stat = os.stat(path)
        self._identity = (stat.st_dev, stat.st_ino)

    def _sqlite_engine(self, uri: str) -> Engine:
        import sqlite3

        read_only = bool(self.read_only)
        foreign = self.foreign

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(
                uri,
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            if not read_only:
                if not foreign:
                    connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
            return connection

        # Said outright: without a name in the URL SQLAlchemy takes a pool that closes connections
        # which other threads are using.
        pool: type[Pool] = StaticPool if "mode=memory" in uri else QueuePool
        engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=pool)
        event.listen(engine, "begin", _begin)
        return engine

    def _open_server(self) -> None:
        try:
            url = make_url(self.location.url)
            if url.get_backend_name() == "sqlite":
                self.engine = self._sqlite_engine("file:lorarium?mode=memory")
            else:
                self.engine = create_engine(
                    url, pool_pre_ping=True, connect_args={"connect_timeout": 10}
                )
        except (ArgumentError, NoSuchModuleError) as error:
            raise CatalogError(
                "This is not an address of a catalogue.",
                "Give the path of a file, or an address that starts with postgresql://.",
            ) from error
        except ModuleNotFoundError as error:
            raise CatalogError(
                "The PostgreSQL driver is not installed.",
                "Install it with: pip install 'lorarium[postgresql]'",
            ) from error
        with self._translated():
            self._learn()
            if not self.columns.get("adapters"):
                self._create()
            else:
                self.foreign = meta.name not in self.columns
                version = self._stored_version()
                if version is not None and version > HEAD:
                    self.read_only = sqlite_file.NEWER
                elif version is not None and version < HEAD and not self.foreign:
                    migrate(self.engine, None, self.location.backups, version)
                    self._learn()

    def _create(self) -> None:
        with self.engine.connect().execution_options(lorarium_write=True) as connection:
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": _PG_LOCK})
                Base.metadata.create_all(connection)
                UNIQUE_NAME.create(connection, checkfirst=True)
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql(
                        f"PRAGMA application_id = {sqlite_file.APPLICATION_ID}"
                    )
                self._create_ours(connection)
        self._learn()

    def _create_ours(self, connection: Connection) -> None:
        ours.create_all(connection)
        add_columns(connection, self.columns)
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {VERSION_TABLE} (version_num VARCHAR(32) PRIMARY KEY)"
        )
        stamped = connection.exec_driver_sql(f"SELECT count(*) FROM {VERSION_TABLE}").scalar()
        if not stamped:
            connection.exec_driver_sql(f"INSERT INTO {VERSION_TABLE} VALUES ('{HEAD}')")
        else:  # a studio's, to which an older Lorarium added the tables of its day
            connection.exec_driver_sql(
                f"UPDATE {VERSION_TABLE} SET version_num = '{HEAD}' WHERE version_num < '{HEAD}'"
            )

    def _learn(self, connection: Connection | None = None) -> None:
        """Read which tables and columns there are: older studios lack some."""
        if connection is None:
            with self.engine.connect() as fresh:
                self._learn(fresh)
            return
        if connection.dialect.name == "sqlite":
            found = {
                name: frozenset(
                    row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({name})")
                )
                for name in TABLES
            }
        else:
            inspector = inspect(connection)
            there = set(inspector.get_table_names())
            found = {
                name: frozenset(c["name"] for c in inspector.get_columns(name))
                for name in TABLES
                if name in there
            }
        self.columns = {name: names for name, names in found.items() if names}

    def _stored_version(self) -> str | None:
        with self.engine.connect() as connection:
            if not inspect(connection).has_table(VERSION_TABLE):
                return None
            row = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").first()
            return str(row[0]) if row else None

    # -- use -------------------------------------------------------------------------------

    def has(self, table: str, column: str | None = None) -> bool:
        """Whether the catalogue has the table (and the column)."""
        names = self.columns.get(table)
        return names is not None and (column is None or column in names)

    def _has_ours(self) -> bool:
        """Whether our tables are there with every column of today."""
        return all(
            self.columns.get(table.name, frozenset()) >= set(table.columns.keys())
            for table in ours.tables.values()
        )

    def columns_of(self, table: Table) -> list[Any]:
        """The columns of `table` that are really there, in the order of the schema."""
        names = self.columns.get(table.name, frozenset())
        return [column for column in table.columns if column.name in names]

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for one read."""
        with self._translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self, label: str | None) -> Iterator[Transaction]:
        """One transaction that writes. With a label it becomes one step of the history.

        Raises:
            CatalogReadOnlyError: the catalogue can't be written.
            CatalogBusyError: another program kept it locked for longer than five seconds.
            CatalogError: the file was replaced, the disk is full, or the database said no.
        """
        if self.read_only:
            raise CatalogReadOnlyError(self.read_only)
        with self._write_lock, self._translated():
            self._same_file()
            with self.engine.connect().execution_options(lorarium_write=True) as connection:
                with connection.begin():
                    if connection.dialect.name == "postgresql":
                        connection.execute(
                            text("SELECT pg_advisory_xact_lock(:k)"), {"k": _PG_LOCK}
                        )
                    if not self._has_ours():
                        self._create_ours(connection)
                        self._learn(connection)
                    transaction = Transaction(connection, self.columns)
                    yield transaction
                    if label is not None:
                        transaction.record(label)
            self._same_file()
        if transaction.changes:
            touched = Touched.of(transaction)
            for listener in self.listeners:
                listener(touched)

    def _same_file(self) -> None:
        # SQLite commits silently into a file that was deleted or replaced under it.
        if self._identity is None or self.location.path is None:
            return
        try:
            stat = os.stat(self.location.path)
        except OSError as error:
            raise CatalogError(
                f"The catalogue {self.location.title} is no longer there.",
                "Put it back, or quit and open another one. The last change may not be saved.",
            ) from error
        if (stat.st_dev, stat.st_ino) != self._identity:
            raise CatalogError(
                f"Another file took the place of the catalogue {self.location.title}.",
                "Quit and open Lorarium again. The last change may not be saved.",
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise  # the services know which rule it is
        except DBAPIError as error:
            raise sentence_for(error, self.location) from error

    def close(self) -> None:
        """Give every connection back. The catalogue can't be used afterwards."""
        self.engine.dispose()

    # -- key and value ---------------------------------------------------------------------

    def row(self, connection: Connection, table: Table, key: str) -> Mapping[str, Any] | None:
        """One row by its id as a mapping, None if there is none. Missing columns are absent."""
        columns = self.columns_of(table)
        if not columns or not can_be_key(key):
            return None
        query = select(*columns).where(primary_key(table) == key)
        found = connection.execute(query).mappings().first()
        return dict(found) if found is not None else None


def _remove_empty(path: Path) -> None:
    """Take away the file without a table that a creation left which did not work."""
    with suppress(OSError):
        if path.stat().st_size <= 4096:  # one page at most: nobody has put anything into it
            for ending in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + ending).unlink(missing_ok=True)


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("lorarium_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def sentence_for(error: DBAPIError, location: CatalogLocation) -> CatalogError:
    """What a database error means to a person. The original stays as its cause."""
    said = str(error.orig).lower()
    title = location.title
    if "locked" in said or "busy" in said:
        return CatalogBusyError(
            f"Another program is writing to {title}.",
            "Nothing was changed. Try again when it has finished.",
        )
    if "readonly" in said or "read-only" in said:
        return CatalogReadOnlyError(f"{title} can't be written.", "Nothing was changed.")
    if "full" in said or "no space" in said:
        return CatalogError(
            f"The disk that holds {title} is full.", "Free some space, then try again."
        )
    if any(w in said for w in ("not a database", "malformed", "corrupt", "could not decode")):
        return CatalogError(
            f"{title} is damaged.", "Restore a copy of it. Lorarium leaves this one as it is."
        )
    if "unable to open" in said:
        return CatalogError(f"{title} can't be opened.", "Check that you may read its folder.")
    if "connect" in said or "server closed" in said or "password" in said:
        return CatalogError(
            f"The database server of {title} does not let us in or does not answer.",
            "Check the address, the user and the password, then try again.",
        )
    return CatalogError("The catalogue did not accept the change.", "Nothing was changed.")
