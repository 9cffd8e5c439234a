"""One MLflow server, and one store of each kind, for all tests of a run that need them.

A conftest.py that imports these names has the fixtures. They are for reading: who wants to change
what is registered makes a store of its own (`store.py`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.programs import ProgramMissingError
from tests.mlflow_server.store import (
    MlflowServer,
    Registered,
    make_database_store,
    make_folder_store,
)

# A fixture that several conftest.py import is several fixtures; the server is one all the same.
_SERVER = pytest.StashKey[MlflowServer]()
_FOLDER = pytest.StashKey[tuple[Path, Registered]]()
_DATABASE = pytest.StashKey[tuple[Path, Registered]]()


@pytest.fixture(scope="session")
def mlflow_server(pytestconfig: pytest.Config) -> MlflowServer:
    """A server with adapters registered. Fails, with the command that installs it, without it."""
    if _SERVER not in pytestconfig.stash:
        try:
            server = MlflowServer()
        except ProgramMissingError as error:
            pytest.fail(str(error), pytrace=False)
        pytestconfig.add_cleanup(server.close)
        pytestconfig.stash[_SERVER] = server
    return pytestconfig.stash[_SERVER]


@pytest.fixture(scope="session")
def mlflow_folder_store(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Registered]:
    """A store of files, its folder `mlruns`, and what is registered in it."""
    if _FOLDER not in pytestconfig.stash:
        try:
            made = make_folder_store(tmp_path_factory.mktemp("mlflow-folder"))
        except ProgramMissingError as error:
            pytest.fail(str(error), pytrace=False)
        pytestconfig.stash[_FOLDER] = made
    return pytestconfig.stash[_FOLDER]


@pytest.fixture(scope="session")
def mlflow_database_store(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Registered]:
    """A store in SQLite, its `mlflow.db`, and what is registered in it."""
    if _DATABASE not in pytestconfig.stash:
        try:
            made = make_database_store(tmp_path_factory.mktemp("mlflow-database"))
        except ProgramMissingError as error:
            pytest.fail(str(error), pytrace=False)
        pytestconfig.stash[_DATABASE] = made
    return pytestconfig.stash[_DATABASE]
