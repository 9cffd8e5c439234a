"""Bringing our own tables up to date. Alembic is imported only when the schema is behind.

The version stands in a table of our own: `alembic_version` belongs to the studio.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Mapping, Set
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

VERSION_TABLE = "lorarium_version"
HEAD = "0003"
"""The newest revision in `versions/`. Revisions are numbers, so that newer ones sort behind."""


def needs_migration(version: str | None) -> bool:
    """Whether a catalogue of ours at this version is behind."""
    return version is None or version < HEAD


def add_columns(connection: Connection, there: Mapping[str, Set[str]]) -> None:
    """Add the columns that our tables lack, empty. there: {table: its columns}; a table that is not
    in it is passed over."""
    from desktop.services.catalog.schema import ours

    quote = connection.dialect.identifier_preparer.quote
    for table in ours.tables.values():
        for column in table.columns:
            if table.name in there and column.name not in there[table.name]:
                kind = column.type.compile(connection.dialect)
                connection.exec_driver_sql(
                    f"ALTER TABLE {table.name} ADD COLUMN {quote(column.name)} {kind}"
                )


def back_up(path: Path, folder: Path, *, stamp: str | None = None) -> Path:
    """Copy the catalogue with SQLite's backup API (rows in the WAL included), synced to disk."""
    folder.mkdir(parents=True, exist_ok=True)
    when = stamp or time.strftime("%Y%m%d-%H%M%S")
    target = folder / f"{path.stem}-{when}.db"
    part = target.with_suffix(".part")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    return target


def migrate(engine: Engine, path: Path | None, backups: Path, version: str | None) -> None:
    """Back up, then upgrade to HEAD in one transaction; a failure leaves everything as it was."""
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    if path is not None:
        back_up(path, backups)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    script = ScriptDirectory.from_config(config)

    def upgrade(revision: object, _context: object) -> object:
        return script._upgrade_revs("head", revision)  # type: ignore[arg-type]

    with engine.connect().execution_options(lorarium_write=True) as connection:
        with connection.begin():
            if version is None:
                connection.exec_driver_sql(
                    f"CREATE TABLE IF NOT EXISTS {VERSION_TABLE}"
                    " (version_num VARCHAR(32) PRIMARY KEY)"
                )
            context = MigrationContext.configure(
                connection,
                opts={
                    "version_table": VERSION_TABLE,
                    "fn": upgrade,
                    "transaction_per_migration": False,
                },
            )
            with Operations.context(context):
                context.run_migrations()
