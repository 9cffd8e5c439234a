"""The stores that MLflow's client leaves on a disk are as README.md says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.mlflow_server.store import EXPERIMENT, MlflowServer, Registered, Version


def meta(folder: Path) -> dict[str, str]:
    """The plain `key: value` lines of a `meta.yaml`."""
    lines = (folder / "meta.yaml").read_text(encoding="utf-8").splitlines()
    found = (line.split(": ", 1) for line in lines if ": " in line and not line.startswith(" "))
    return {key: value.strip("'") for key, value in found}


def assert_holds(artifact: Path, version: Version) -> None:
    """The artifact of a version holds the adapter's bytes."""
    assert version.path is not None
    folder = artifact / version.path
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == version.files


def test_a_folder_store_has_a_folder_for_everything(
    mlflow_folder_store: tuple[Path, Registered],
) -> None:
    store, registered = mlflow_folder_store
    experiment = store / registered.experiment_id
    assert meta(experiment)["name"] == EXPERIMENT
    model = store / "models" / "llama-sql"
    assert meta(model)["description"] == "What llama-sql is for."
    assert (model / "aliases" / "champion").read_text() == "1"
    assert (model / "tags" / "team").read_text() == "data"
    for version in registered.versions["llama-sql"]:
        place = model / f"version-{version.version}"
        found = meta(place)
        assert found["source"] == version.source == f"runs:/{version.run_id}/adapter"
        assert found["run_id"] == version.run_id
        run = experiment / version.run_id
        assert urlsplit(meta(run)["artifact_uri"]).path == str(run / "artifacts")
        assert (run / "params" / "r").read_text() == (place / "tags" / "rank").read_text()
        losses = (run / "metrics" / "eval_loss").read_text().splitlines()
        assert [line.split()[1:] for line in losses] == [["2.5", "0"], ["1.25", "1"], ["0.75", "2"]]
        assert_holds(run / "artifacts" / "adapter", version)


@pytest.mark.parametrize("name", ["logged-lora", "pyfunc-lora", "address-lora"])
def test_a_folder_store_says_where_the_artifact_is(
    mlflow_folder_store: tuple[Path, Registered], name: str
) -> None:
    store, registered = mlflow_folder_store
    version = registered.version(name)
    found = meta(store / "models" / name / "version-1")
    place = urlsplit(found["storage_location"])
    assert place.scheme == "file"
    assert_holds(Path(unquote(place.path)), version)
    if name != "address-lora":
        assert version.source == f"models:/{version.model_id}"
        logged = store / registered.experiment_id / "models" / version.model_id
        assert meta(logged)["artifact_location"] == found["storage_location"]


@pytest.mark.parametrize(
    "name", ["llama-sql", "plain-lora", "nested-lora", "address-lora", "logged-lora", "pyfunc-lora"]
)
def test_a_database_leads_to_the_bytes(
    mlflow_database_store: tuple[Path, Registered], name: str
) -> None:
    database, registered = mlflow_database_store
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute(
            "SELECT version, storage_location FROM model_versions WHERE name = ? ORDER BY version",
            (name,),
        ).fetchall()
        runs = dict(connection.execute("SELECT run_uuid, artifact_uri FROM runs"))
    versions = registered.versions[name]
    assert [str(number) for number, _ in found] == [one.version for one in versions]
    for version, (_, place) in zip(versions, found, strict=True):
        if place.startswith("runs:/"):
            run, _, path = place.removeprefix("runs:/").partition("/")
            place = f"{runs[run]}/{path}"
        # Neither a scheme nor relative.
        assert Path(place).is_relative_to(database.parent)
        assert_holds(Path(place), version)


def test_a_database_keeps_aliases_params_and_metrics(
    mlflow_database_store: tuple[Path, Registered],
) -> None:
    database, registered = mlflow_database_store
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        aliases = connection.execute(
            "SELECT alias, version FROM registered_model_aliases WHERE name = 'llama-sql'"
        ).fetchall()
        run = registered.version("llama-sql", 2).run_id
        params = dict(
            connection.execute("SELECT key, value FROM params WHERE run_uuid = ?", (run,))
        )
        metrics = dict(
            connection.execute("SELECT key, value FROM latest_metrics WHERE run_uuid = ?", (run,))
        )
    assert dict(aliases) == {"champion": 1, "candidate": 2}
    assert params["r"] == "16"
    assert metrics == {"eval_loss": 0.75, "train_runtime": 12.5}


def test_the_store_of_a_server_is_left_beside_its_database(
    mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    database = mlflow_server.copy_store(tmp_path / "copy")
    version = mlflow_server.registered.version("logged-lora")
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        (place,) = connection.execute(
            "SELECT storage_location FROM model_versions WHERE name = 'logged-lora'"
        ).fetchone()
    assert place.startswith("mlflow-artifacts:/")
    folder = database.parent / "mlartifacts" / place.removeprefix("mlflow-artifacts:/")
    assert_holds(folder, version)
