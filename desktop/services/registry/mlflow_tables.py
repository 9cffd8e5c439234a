"""MLflow's SQLite database, read without MLflow and without changing a byte of it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable
from desktop.services.registry.mlflow_wire import MAX_PAIRS, Record

_MAGIC = b"SQLite format 3\0"
_BUSY_SECONDS = 2.0
_STEPS = 20_000  # of SQLite's machine, between two looks at whether to stop
_PROMPT = "mlflow.prompt.is_prompt"
_DEFAULT = "default"
_ADVICE = "Choose the database that MLflow keeps its runs in (mlflow.db)."

# What is read, by table.
_TABLES: dict[str, tuple[str, ...]] = {
    "registered_models": ("name", "last_updated_time", "description"),
    "registered_model_tags": ("name", "key", "value"),
    "model_versions": (
        "name", "version", "creation_time", "description", "user_id", "current_stage", "source",
        "run_id", "status",
    ),
    "model_version_tags": ("name", "version", "key", "value"),
    "experiments": ("experiment_id", "artifact_location"),
    "runs": ("run_uuid", "name", "status", "artifact_uri", "experiment_id"),
    "params": ("key", "value", "run_uuid"),
    "latest_metrics": ("key", "value", "is_nan", "run_uuid"),
    "tags": ("key", "value", "run_uuid"),
}  # fmt: skip
_OPTIONAL: dict[str, tuple[str, ...]] = {
    "registered_model_aliases": ("name", "alias", "version"),  # since 2.3
    "logged_models": ("model_id", "artifact_location", "source_run_id"),  # since 3.0
    "datasets": ("dataset_uuid", "name"),  # since 2.4, as the next one
    "inputs": ("source_id", "destination_id"),
}


class MlflowTables:
    """An open database. Whoever makes one closes it.

    path: a SQLite file. check: called now and then while a query runs; what it raises ends it.

    Raises:
        RemoteError: `unreachable` it is not there, or locked; `answer` it is no database of
            MLflow, damaged, or of a version that Lorarium does not know.
    """

    def __init__(self, path: Path, check: Callable[[], None]) -> None:
        self._name = f"“{printable(path.name, 80)}”"
        self._check = check
        self._raised: BaseException | None = None
        real = Path(os.path.realpath(path))
        suffix = self._suffix(real)
        try:
            self._sql = sqlite3.connect(
                f"file:{quote(os.fsencode(real))}?mode=ro{suffix}",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
            )
        except sqlite3.Error as error:
            raise self._refusal(error) from None
        try:
            self._sql.text_factory = lambda data: data.decode("utf-8", "replace")
            self._sql.set_progress_handler(self._go_on, _STEPS)
            self._columns = self._known_columns()
        except BaseException:
            self._sql.close()
            raise

    def close(self) -> None:
        """Close it."""
        self._sql.close()

    # -- what it is asked ------------------------------------------------------------------------

    def count(self) -> int:
        """How many models are registered."""
        found = self._rows(
            f"SELECT count(*) FROM registered_models AS m WHERE {self._is_model()}", ()
        )
        return int(found[0][0])

    def models(self, text: str, offset: int, limit: int) -> list[Record]:
        """Some of the models whose name holds `text`, by name."""
        like = "".join(f"\\{char}" if char in "\\%_" else char for char in text)
        rows = self._rows(
            "SELECT name, last_updated_time, description FROM registered_models AS m "
            f"WHERE {self._is_model()} AND name LIKE ? ESCAPE '\\' "
            "ORDER BY name LIMIT ? OFFSET ?",
            (f"%{like}%", limit, offset),
        )
        return [self._model(row) for row in rows]

    def model(self, name: str) -> Record | None:
        """The model with this name."""
        rows = self._rows(
            "SELECT name, last_updated_time, description FROM registered_models AS m "
            f"WHERE {self._is_model()} AND name = ?",
            (name,),
        )
        return self._model(rows[0]) if rows else None

    def versions(self, name: str, offset: int, limit: int) -> list[Record]:
        """Some versions of a model, newest first."""
        return self._versions("ORDER BY version DESC LIMIT ? OFFSET ?", name, limit, offset)

    def version(self, name: str, number: int) -> Record | None:
        """One version of a model."""
        rows = self._versions("AND version = ?", name, number)
        return rows[0] if rows else None

    def version_in_stage(self, name: str, stage: str) -> Record | None:
        """The newest version of a model in a stage."""
        rows = self._versions(
            "AND current_stage = ? COLLATE NOCASE ORDER BY version DESC LIMIT 1", name, stage
        )
        return rows[0] if rows else None

    def run(self, run_id: str) -> Record | None:
        """A run, in the shape of MLflow's `runs/get`."""
        rows = self._rows(
            "SELECT run_uuid, name, status, artifact_uri, experiment_id FROM runs "
            "WHERE run_uuid = ?",
            (run_id,),
        )
        if not rows:
            return None
        row = rows[0]
        names = ("run_id", "run_name", "status", "artifact_uri")
        info = {**dict(zip(names, row, strict=False)), "experiment_id": str(row[4])}
        metrics = self._rows(
            "SELECT key, value, is_nan FROM latest_metrics WHERE run_uuid = ? ORDER BY key LIMIT ?",
            (run_id, MAX_PAIRS),
        )
        data = {
            "params": self._pairs("params", "run_uuid", run_id),
            "tags": self._pairs("tags", "run_uuid", run_id),
            "metrics": [
                {"key": key, "value": float("nan") if is_nan else value}
                for key, value, is_nan in metrics
            ],
        }
        return {"info": info, "data": data, "inputs": {"dataset_inputs": self._datasets(run_id)}}

    def logged_model(self, model_id: str) -> Record | None:
        """A logged model: `artifact_location` and `source_run_id`."""
        if "logged_models" not in self._columns:
            return None
        rows = self._rows(
            "SELECT artifact_location, source_run_id FROM logged_models WHERE model_id = ?",
            (model_id,),
        )
        return (
            dict(zip(("artifact_location", "source_run_id"), rows[0], strict=True))
            if rows
            else None
        )

    # -- how it is read --------------------------------------------------------------------------

    def _model(self, row: Sequence[Any]) -> Record:
        name = row[0]
        newest = self._rows(
            f"SELECT max(version) FROM model_versions AS m WHERE name = ? {self._mine('m')}",
            (name,),
        )
        aliases: list[Record] = []
        if "registered_model_aliases" in self._columns:
            aliases = [
                {"alias": alias, "version": version}
                for alias, version in self._rows(
                    "SELECT alias, version FROM registered_model_aliases AS m "
                    f"WHERE name = ? {self._mine('m', 'registered_model_aliases')} "
                    "ORDER BY alias LIMIT ?",
                    (name, MAX_PAIRS),
                )
            ]
        number = newest[0][0]
        return {
            "name": name,
            "last_updated_timestamp": row[1],
            "description": row[2],
            "latest_versions": [] if number is None else [{"version": number}],
            "aliases": aliases,
            "tags": self._pairs("registered_model_tags", "name", name),
        }

    def _versions(self, rest: str, name: str, *values: object) -> list[Record]:
        stored = self._has("model_versions", "storage_location")
        rows = self._rows(
            "SELECT name, version, creation_time, description, user_id, current_stage, source, "
            f"run_id, status, {'storage_location' if stored else 'NULL'} "
            f"FROM model_versions AS m WHERE name = ? {self._mine('m', 'model_versions')} {rest}",
            (name, *values),
        )
        names = (
            "name", "version", "creation_timestamp", "description", "user_id", "current_stage",
            "source", "run_id", "status", "storage_location",
        )  # fmt: skip
        made = []
        for row in rows:
            record: Record = dict(zip(names, row, strict=True))
            if record["current_stage"] == "Deleted_Internal":
                continue
            record["tags"] = self._pairs("model_version_tags", "name", name, row[1])
            made.append(record)
        return made

    def _pairs(
        self, table: str, column: str, value: str, version: int | None = None
    ) -> list[Record]:
        more = "" if version is None else "AND version = ?"
        rows = self._rows(
            f"SELECT key, value FROM {table} AS m WHERE {column} = ? {more} "
            f"{self._mine('m', table)} ORDER BY key LIMIT ?",
            (value, *(() if version is None else (version,)), MAX_PAIRS),
        )
        return [{"key": key, "value": found} for key, found in rows]

    def _datasets(self, run_id: str) -> list[Record]:
        if "inputs" not in self._columns or "datasets" not in self._columns:
            return []
        rows = self._rows(
            "SELECT d.name FROM inputs AS i JOIN datasets AS d ON d.dataset_uuid = i.source_id "
            "WHERE i.destination_id = ? ORDER BY i.rowid LIMIT 20",
            (run_id,),
        )
        return [{"dataset": {"name": name}} for (name,) in rows]

    def _is_model(self) -> str:
        """Prompts are kept among the models; they are none."""
        return (
            "NOT EXISTS (SELECT 1 FROM registered_model_tags AS t WHERE t.name = m.name "
            f"AND t.key = '{_PROMPT}' AND lower(t.value) = 'true') {self._mine('m')}"
        )

    def _mine(self, alias: str, table: str = "registered_models") -> str:
        """Since 3.10 models belong to a workspace; the others are not of those who use none."""
        return f"AND {alias}.workspace = '{_DEFAULT}'" if self._has(table, "workspace") else ""

    def _has(self, table: str, column: str) -> bool:
        return column in self._columns.get(table, frozenset())

    def _rows(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        try:
            with closing(self._sql.execute(query, values)) as cursor:
                return cursor.fetchall()
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            raise self._refusal(error) from None

    # -- what it is ------------------------------------------------------------------------------

    def _suffix(self, path: Path) -> str:
        """What the address needs besides mode=ro. Looks at the file alone."""
        try:
            info = path.stat()
            if not stat.S_ISREG(info.st_mode):
                raise self._not_mlflow("is not a file")
            with path.open("rb") as file:
                head = file.read(20)
        except OSError as error:
            raise RemoteError(
                "unreachable",
                f"{self._name} can't be opened: {error.strerror or 'unknown error'}.",
                "Check where it is, or choose another one in the connection.",
            ) from None
        if head[:16] != _MAGIC:
            raise self._not_mlflow("is not a SQLite file")
        wal = Path(f"{path}-wal")
        journalled = head[18:20] == b"\x02\x02"
        with suppress(OSError):
            if journalled and wal.stat().st_size > 0:
                if os.path.exists(f"{path}-shm"):
                    return ""  # somebody writes: SQLite reads beside them
                raise RemoteError(
                    "unreachable",
                    f"{self._name} was not closed: a part of it is still in the file beside it.",
                    "Open it with MLflow once, then try again.",
                )
        # Nobody writes now. Without this, SQLite would make files beside it even for reading.
        return "&immutable=1" if journalled else ""

    def _known_columns(self) -> dict[str, frozenset[str]]:
        """The columns of the tables that are read. A view or another program in their place is
        none of MLflow's."""
        try:
            for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
                self._sql.execute(f"PRAGMA {pragma}")
            master = self._sql.execute(
                "SELECT type, name, sql FROM sqlite_master LIMIT 5000"
            ).fetchall()
            kinds = {str(name): (kind, str(sql or "")) for kind, name, sql in master}
            columns: dict[str, frozenset[str]] = {}
            for table, needed in {**_TABLES, **_OPTIONAL}.items():
                kind, sql = kinds.get(table, ("", ""))
                if not kind and table in _OPTIONAL:
                    continue
                if kind != "table" or "VIRTUAL" in sql[:40].upper():
                    raise self._not_mlflow(f"has no table {table}")
                found = self._sql.execute(f"PRAGMA table_xinfo({table})").fetchall()
                columns[table] = frozenset(str(row[1]) for row in found if row[6] == 0)
                if not columns[table].issuperset(needed):
                    raise RemoteError(
                        "answer",
                        f"{self._name} was written by an MLflow that Lorarium does not know.",
                        "Start MLflow over it, and connect to the server instead.",
                    )
        except (sqlite3.Error, UnicodeError) as error:
            raise self._refusal(error) from None
        return columns

    def _not_mlflow(self, why: str) -> RemoteError:
        return RemoteError("answer", f"{self._name} is no store of MLflow: it {why}.", _ADVICE)

    def _refusal(self, error: Exception) -> RemoteError:
        if self._raised is not None:
            raise self._raised
        said = str(error).lower()
        if "locked" in said or "busy" in said:
            return RemoteError(
                "unreachable",
                f"Another program has locked {self._name}.",
                "Try again when it has finished.",
            )
        if "readonly" in said or "unable to open" in said or "disk i/o" in said:
            return RemoteError(
                "unreachable",
                f"{self._name} was left in the middle of a change.",
                "Open it with MLflow once, then try again.",
            )
        return RemoteError(
            "answer", f"{self._name} is damaged.", "Restore a copy of it. Nothing was changed."
        )

    def _go_on(self) -> int:
        try:
            self._check()
        except BaseException as error:
            # An exception does not get through SQLite; it is raised again on the other side.
            self._raised = error
            return 1
        return 0
