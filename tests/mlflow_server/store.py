"""A real MLflow server, and stores without one, with adapters that MLflow's own client registered.

Nothing here imports MLflow: it runs in an environment of its own, .venvs/mlflow.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.house.programs import ServerOfOthers, answers_ok, program, quiet_environment
from tests.hub_server.content import adapter_files
from tests.support import LLAMA

MANY = 120
"""So many registered models besides, more than a page of MLflow holds (100)."""

RANKS = (8, 16)
EXPERIMENT = "sql-tuning"
_SCRIPT = Path(__file__).with_name("register.py")
_PATIENCE = 180.0


@dataclass(frozen=True)
class Version:
    """A registered version.

    source: what MLflow keeps as its source. model_id: `m-…` where MLflow says it, else "".
    path: where the adapter's files are below the artifact ("" = its root), None = there are none.
    files: what they hold, by name.
    """

    name: str
    version: str
    run_id: str
    source: str
    model_id: str
    path: str | None
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Registered:
    """What was registered in one store. versions: by registered name, oldest first.

    llama-sql: two versions with ranks 8 and 16, aliases `champion` (1) and `candidate` (2), tags
    and descriptions. plain-lora: `runs:/`, stage Production. nested-lora: in `peft/`.
    address-lora: the address of the run's artifacts. logged-lora, pyfunc-lora: `models:/m-…`, the
    latter with the adapter below `artifacts/`. no-adapter: has none. bucket-lora: `s3://`. many:
    names without a version.
    """

    experiment_id: str
    versions: Mapping[str, tuple[Version, ...]]
    many: tuple[str, ...]

    def version(self, name: str, number: int = 1) -> Version:
        """A version of a registered model."""
        return self.versions[name][number - 1]


def register(store: str, folder: Path, *, many: int = 0) -> Registered:
    """Register adapters in every form with a store.

    store: the address of a server, or a URI of files as MLflow understands it. folder: where the
    client works and may leave files; made if needed. many: so many names besides.

    Raises:
        ProgramMissingError: MLflow is not installed.
        RuntimeError: its client did not succeed; with what it said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    adapters = [_adapter(folder / "trained" / f"rank-{rank}", rank) for rank in RANKS]
    command = [str(program("mlflow", "python")), "-P", str(_SCRIPT), store]
    command += [*map(str, adapters), "--base", LLAMA, "--many", str(many)]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=_environment(folder),
        timeout=_PATIENCE,
    )
    if done.returncode != 0:
        raise RuntimeError(f"Nothing was registered:\n{done.stderr[-3000:]}")
    return _understood(json.loads(done.stdout))


def _adapter(folder: Path, rank: int) -> Path:
    folder.mkdir(parents=True)
    for name, content in adapter_files(rank=rank, extra=False).items():
        (folder / name).write_bytes(content)
    return folder


def _understood(said: dict[str, Any]) -> Registered:
    files = [adapter_files(rank=rank, extra=False) for rank in RANKS]
    versions = {
        name: tuple(
            Version(name=name, files={} if one["path"] is None else files[place], **one)
            for place, one in enumerate(found)
        )
        for name, found in said["models"].items()
    }
    return Registered(said["experiment_id"], versions, tuple(said["many"]))


def _environment(home: Path) -> dict[str, str]:
    return quiet_environment(
        home,
        MLFLOW_DISABLE_TELEMETRY="true",
        # Its own warnings: stores of files are still what people have.
        MLFLOW_ALLOW_FILE_STORE="true",
        # Workers for evaluations, at some hundred megabytes each.
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION="false",
        MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    )


def make_folder_store(folder: Path) -> tuple[Path, Registered]:
    """A store in files, `mlruns`; returns its path and what is in it."""
    store = folder / "mlruns"
    return store, register(store.as_uri(), folder)


def make_database_store(folder: Path) -> tuple[Path, Registered]:
    """A store in a database, `mlflow.db`, with its artifacts in `mlruns` beside it; returns the
    database's path and what is in it."""
    store = folder / "mlflow.db"
    return store, register(f"sqlite:///{store}", folder)


class MlflowServer:
    """One tracking server and model registry on loopback, its database and artifacts its own."""

    def __init__(self) -> None:
        """Start it, wait until it answers, and register adapters with it.

        Raises:
            ProgramMissingError: MLflow is not installed.
            RuntimeError: it does not answer.
        """
        command = program("mlflow", "mlflow")
        self._server = ServerOfOthers("mlflow")
        self._server.start(
            lambda port: [
                str(command),
                "server",
                "--backend-store-uri",
                f"sqlite:///{self.folder / 'mlflow.db'}",
                "--artifacts-destination",
                str(self.folder / "mlartifacts"),
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--workers",
                "1",
            ],
            _environment(self._server.folder),
            answers_ok("/health"),
        )
        try:
            self.registered = register(self.url, self._server.folder / "client", many=MANY)
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """The tracking URI that clients are given."""
        return self._server.url

    @property
    def folder(self) -> Path:
        """Where its store is: `mlflow.db` and `mlartifacts`, as MLflow names them by default."""
        return self._server.folder

    @property
    def log(self) -> str:
        """What the server has said so far."""
        return self._server.log

    def copy_store(self, folder: Path) -> Path:
        """Copy its store as it is now into `folder`, for who opens it without a server.

        Returns the path of the database; what it says of `mlflow-artifacts:/` is in `mlartifacts`
        beside it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        copied = folder / "mlflow.db"
        with (
            closing(sqlite3.connect(self.folder / "mlflow.db")) as source,
            closing(sqlite3.connect(copied)) as target,
        ):
            source.backup(target)
        shutil.copytree(self.folder / "mlartifacts", folder / "mlartifacts")
        return copied

    def close(self) -> None:
        """End it; its store goes too."""
        self._server.close()
