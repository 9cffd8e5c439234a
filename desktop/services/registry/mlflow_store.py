"""An MLflow store on this machine, without a server: an `mlruns` folder or a SQLite file.

It is opened for reading only, for each question anew, and holds nothing open in between.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from desktop.services.copying import CopyFile, copy_files
from desktop.services.errors import FolderError, RemoteError
from desktop.services.peft_folder.reading import UnreadableFileError, printable, read_start
from desktop.services.progress import Progress
from desktop.services.registry import mlflow_wire as wire
from desktop.services.registry.mlflow_disk import entries_in, folder_of, locate, shown
from desktop.services.registry.mlflow_folders import MlflowFolders
from desktop.services.registry.mlflow_names import Typed, parse_typed
from desktop.services.registry.mlflow_tables import MlflowTables
from desktop.services.registry.names import walk
from desktop.services.registry.records import (
    Artifact,
    ArtifactFile,
    Connection,
    ModelPage,
    ModelVersion,
    RegisteredModel,
    RunInfo,
    VersionPage,
)
from desktop.services.transfer_store import PartStore

PAGE_SIZE = 50
_HOST = "This store"
_DATABASE = "mlflow.db"
_RUNS = "mlruns"


class _Store(Protocol):
    """What the two kinds of store can be asked; records in the shape of MLflow's REST API."""

    def count(self) -> int: ...
    def models(self, text: str, offset: int, limit: int) -> list[wire.Record]: ...
    def model(self, name: str) -> wire.Record | None: ...
    def versions(self, name: str, offset: int, limit: int) -> list[wire.Record]: ...
    def version(self, name: str, number: int) -> wire.Record | None: ...
    def version_in_stage(self, name: str, stage: str) -> wire.Record | None: ...
    def run(self, run_id: str) -> wire.Record | None: ...
    def logged_model(self, model_id: str) -> wire.Record | None: ...
    def close(self) -> None: ...


class MlflowStoreBackend:
    """One store. connection: of kind MLFLOW_STORE, its url a path. A folder that holds an
    `mlflow.db` or an `mlruns` is understood too."""

    def __init__(self, connection: Connection) -> None:
        path = Path(connection.url).expanduser()
        if path.is_dir() and not (path / "models").is_dir():
            for inner in (path / _DATABASE, path / _RUNS):
                if inner.exists():
                    path = inner
                    break
        self._path = path.absolute()

    def __repr__(self) -> str:
        return f"MlflowStoreBackend({str(self._path)!r})"

    def test(self, progress: Progress) -> str:
        """Count the models."""
        with self._open(progress, "Looking at the store") as store:
            count = store.count()
        name = printable(self._path.name, 80)
        return f"“{name}” holds {count} registered model{'' if count == 1 else 's'}."

    def models(self, text: str, cursor: str, progress: Progress) -> ModelPage:
        """A page of models, by name."""
        start = _offset(cursor)
        with self._open(progress, "Looking for models") as store:
            found = store.models(text.strip(), start, PAGE_SIZE + 1)
        following = str(start + PAGE_SIZE) if len(found) > PAGE_SIZE else ""
        return ModelPage(wire.models_of(found[:PAGE_SIZE]), following)

    def versions(self, model_id: str, cursor: str, progress: Progress) -> VersionPage:
        """A page of versions, newest first."""
        start = _offset(cursor)
        with self._open(progress, f"Looking at {printable(model_id, 60)}") as store:
            model = self._model(store, model_id)
            found = store.versions(model.id, start, PAGE_SIZE + 1)
        versions = [_version(record, model) for record in found[:PAGE_SIZE]]
        following = str(start + PAGE_SIZE) if len(found) > PAGE_SIZE else ""
        return VersionPage(
            wire.newest_first(version for version in versions if version is not None), following
        )

    def resolve(self, text: str, progress: Progress) -> ModelVersion:
        """The version that a typed text means."""
        meanings = parse_typed(text)
        with self._open(progress, f"Looking for {printable(text.strip(), 60)}") as store:
            for typed in meanings:
                if store.model(typed.name) is not None:
                    return self._resolved(store, typed)
            # Of all that it may mean, the likeliest is told.
            self._model(store, meanings[0].name)
            raise AssertionError(text)

    def run(self, version: ModelVersion, progress: Progress) -> RunInfo | None:
        """What the run logged; None where it is gone."""
        if not wire.is_run_id(version.run_id):
            return None
        with self._open(progress, f"Looking at the run of {shown(version)}") as store:
            return wire.run_of(store.run(version.run_id))

    def artifact(self, version: ModelVersion, progress: Progress) -> Artifact | None:
        """The files of a version."""
        text = f"Looking at the files of {shown(version)}"
        root = self._root(version, progress)

        def check() -> None:
            progress(0, 0, text)

        return walk(_HOST, lambda folder: entries_in(root, folder, check))

    def read(
        self, version: ModelVersion, file: ArtifactFile, limit: int, progress: Progress
    ) -> bytes:
        """The first `limit` bytes of a file."""
        root = self._root(version, progress)
        folder, name = locate(root, file.path)
        try:
            return read_start(folder, name, limit, root)[0]
        except UnreadableFileError as error:
            raise RemoteError("entry", error.message, error.advice) from None

    def fetch(
        self,
        version: ModelVersion,
        files: Sequence[tuple[ArtifactFile, str]],
        target: Path,
        store: PartStore | None,
        progress: Progress,
    ) -> Mapping[str, str]:
        """Copy files into `target`; `store` has no part in it."""
        root = self._root(version, progress)
        wanted = [
            CopyFile(*locate(root, file.path), file.size or 0, name, root) for file, name in files
        ]
        try:
            digests = copy_files(wanted, target, progress)
        except FolderError as error:
            raise RemoteError("disk", error.message, error.advice) from None
        return {name: digest for (_, name), digest in zip(files, digests, strict=True)}

    # -- how it is asked -------------------------------------------------------------------------

    @contextmanager
    def _open(self, progress: Progress, text: str) -> Iterator[_Store]:
        def check() -> None:
            progress(0, 0, text)

        check()
        store: _Store = (
            MlflowFolders(self._path, check)
            if self._path.is_dir()
            else MlflowTables(self._path, check)
        )
        try:
            yield store
        finally:
            store.close()

    def _model(self, store: _Store, name: str) -> RegisteredModel:
        model = wire.model_of(store.model(name))
        if model is None:
            raise RemoteError(
                "not_found",
                f"There is no model “{printable(name, 100)}” in this store.",
                "Check the spelling.",
            )
        return model

    def _resolved(self, store: _Store, typed: Typed) -> ModelVersion:
        model = self._model(store, typed.name)
        name = printable(model.name, 80)
        number = typed.version or (dict(model.aliases).get(typed.alias, "") if typed.alias else "")
        record = None
        if number:
            record = store.version(model.id, int(number))
        elif typed.stage:
            record = store.version_in_stage(model.id, typed.stage)
        elif not typed.alias:
            record = next(iter(store.versions(model.id, 0, 1)), None)
            if record is None:
                raise RemoteError(
                    "revision", f"“{name}” has no version yet.", "Register one, then try again."
                )
        version = _version(record, model)
        if version is None:
            what = "alias" if typed.alias else "stage" if typed.stage else "version"
            raise RemoteError(
                "revision",
                f"There is no {what} “{printable(typed.selector, 60)}” of “{name}”.",
                "Check the spelling, or leave it out for the newest version.",
            )
        return version

    def _root(self, version: ModelVersion, progress: Progress) -> str:
        """The folder of a version's files, after all links."""
        with self._open(progress, f"Looking at the files of {shown(version)}") as store:

            def run_root(run_id: str) -> str:
                return _text(store.run(run_id), "info", "artifact_uri")

            def model_root(model_id: str) -> str:
                return _text(store.logged_model(model_id), "artifact_location")

            def stored(typed: Typed) -> str:
                return self._storage(store, self._resolved(store, typed))

            uri = self._storage(store, version)
            return os.path.realpath(folder_of(uri, self._path.parent, run_root, model_root, stored))

    def _storage(self, store: _Store, version: ModelVersion) -> str:
        record = store.version(version.model_id, int(version.version))
        uri = _text(record, "storage_location") or _text(record, "source") or version.source
        if not uri:
            raise RemoteError(
                "entry",
                f"MLflow does not say where the files of {shown(version)} lie.",
                "Register the version again, then try again.",
            )
        return uri


def _version(record: wire.Record | None, model: RegisteredModel) -> ModelVersion | None:
    version = wire.version_of(record, model.aliases)
    if version is None:
        return None
    return replace(version, model_name=model.name, model_description=model.description)


def _offset(cursor: str) -> int:
    return int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 10 else 0


def _text(record: object, *names: str) -> str:
    """A text in a record of records, "" where there is none."""
    for name in names:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record if isinstance(record, str) else ""
