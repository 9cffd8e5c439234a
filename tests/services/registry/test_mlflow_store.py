"""MLflow's stores on this machine, as MLflow's own client makes them, opened without a server."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled
from desktop.services.progress import silent
from desktop.services.registry.facts import base_model_of, job_of
from desktop.services.registry.mlflow_rest import MlflowBackend
from desktop.services.registry.mlflow_store import PAGE_SIZE, MlflowStoreBackend
from desktop.services.registry.records import (
    Artifact,
    Connection,
    JobOffer,
    ModelVersion,
    RegistryKind,
)
from tests.mlflow_server.store import MlflowServer, Registered
from tests.services.registry.false_mlflow import error_of
from tests.support import LLAMA

ADAPTERS = ("plain-lora", "nested-lora", "address-lora", "logged-lora", "pyfunc-lora")
Store = tuple[Path, Registered]


@pytest.fixture(params=["folder", "database"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store of either kind. Not one byte of it may change, and nothing come beside it."""
    made: Store = request.getfixturevalue(f"mlflow_{request.param}_store")
    before = state_of(made[0].parent)
    yield made
    assert state_of(made[0].parent) == before


def state_of(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
            path.lstat().st_mtime_ns,
        )
        for path in folder.rglob("*")
    }


def opened(path: Path) -> MlflowStoreBackend:
    return MlflowStoreBackend(Connection(RegistryKind.MLFLOW_STORE, str(path)))


def artifact_of(backend: MlflowStoreBackend, version: ModelVersion) -> Artifact:
    found = backend.artifact(version, silent)
    assert found is not None
    return found


def fetched(backend: MlflowStoreBackend, name: str, target: Path) -> dict[str, bytes]:
    """Everything of a model's newest version, as it arrives."""
    version = backend.resolve(name, silent)
    artifact = artifact_of(backend, version)
    target.mkdir()
    digests = backend.fetch(
        version, [(file, file.path) for file in artifact.files], target, None, silent
    )
    found = {str(path.relative_to(target)): path for path in target.rglob("*") if path.is_file()}
    contents = {name: path.read_bytes() for name, path in found.items()}
    assert digests == {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    return contents


def test_it_says_how_many_models_there_are(store: Store) -> None:
    path, registered = store
    count = len(registered.versions) + len(registered.many)
    assert opened(path).test(silent) == f"“{path.name}” holds {count} registered models."


def test_models(store: Store) -> None:
    path, registered = store
    backend = opened(path)
    names: list[str] = []
    cursor = ""
    while True:
        page = backend.models("", cursor, silent)
        assert len(page.models) <= PAGE_SIZE
        names += [model.name for model in page.models]
        cursor = page.cursor
        if not cursor:
            break
    assert names == sorted([*registered.versions, *registered.many])
    (model,) = backend.models(" LLAMA ", "", silent).models
    assert (model.id, model.newest) == ("llama-sql", "2")
    assert dict(model.aliases) == {"champion": "1", "candidate": "2"}
    assert dict(model.tags) == {"kind": "peft", "team": "data"}
    assert model.description == "What llama-sql is for."
    for text in ("%", "_", "'", "\\"):
        assert backend.models(text, "", silent).models == ()


def test_versions_and_what_a_typed_text_means(store: Store) -> None:
    path, registered = store
    backend = opened(path)
    page = backend.versions("llama-sql", "", silent)
    assert [version.version for version in page.versions] == ["2", "1"]
    newest, first = page.versions
    assert first.aliases == ("champion",)
    assert dict(first.tags) == {"rank": "8", "task": "text-to-sql"}
    assert first.description == "Trained with rank 8."
    assert first.run_id == registered.version("llama-sql").run_id
    for text in ("llama-sql", "llama-sql/2", "models:/llama-sql@candidate", "llama-sql/latest"):
        assert backend.resolve(text, silent) == newest
    for text in ("llama-sql/1", "llama-sql@champion", "models:/llama-sql/1"):
        assert backend.resolve(text, silent) == first


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nothing-like-it", "not_found"),
        ("nothing-like-it@x", "not_found"),
        ("../models/llama-sql", "not_found"),
        ("llama-sql/99", "revision"),
        ("llama-sql/999999999999999999", "revision"),
        ("llama-sql@nobody", "revision"),
        ("llama-sql/Production", "revision"),
    ],
)
def test_what_is_not_there(store: Store, text: str, code: str) -> None:
    error_of(code, opened(store[0]).resolve, text, silent)


def test_what_the_run_logged(store: Store) -> None:
    path, registered = store
    backend = opened(path)
    version = backend.resolve("llama-sql", silent)
    run = backend.run(version, silent)
    assert run is not None
    assert run.run_id == registered.version("llama-sql", 2).run_id
    assert run.experiment_id == registered.experiment_id
    assert (run.name, run.status) == ("train", "FINISHED")
    assert run.param("r") == "16"
    assert dict(run.metrics) == {"eval_loss": "0.75", "train_runtime": "12.5"}
    assert base_model_of(run, version) == LLAMA
    assert job_of(run) == JobOffer(0.5, 0.8, 3, 0.0002, "sql-create-context")
    assert backend.run(backend.resolve("bucket-lora", silent), silent) is None


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_is_found_looked_at_and_fetched(store: Store, tmp_path: Path, name: str) -> None:
    path, registered = store
    known = registered.version(name)
    assert known.path is not None
    backend = opened(path)
    version = backend.resolve(name, silent)
    artifact = artifact_of(backend, version)
    assert artifact.adapters == (known.path,)
    contents = fetched(backend, name, tmp_path / "all")
    prefix = f"{known.path}/" if known.path else ""
    for file, content in known.files.items():
        assert contents[f"{prefix}{file}"] == content
    sizes = {file.path: file.size for file in artifact.files}
    assert sizes == {name: len(content) for name, content in contents.items()}
    for one in artifact.files:
        assert backend.read(version, one, 10, silent) == contents[one.path][:10]


def test_no_adapter_and_a_bucket(store: Store) -> None:
    backend = opened(store[0])
    assert artifact_of(backend, backend.resolve("no-adapter", silent)).adapters == ()
    version = backend.resolve("bucket-lora", silent)
    assert "s3://acme-models/…" in error_of("entry", backend.artifact, version, silent).message


def test_a_store_that_was_moved_as_a_whole(store: Store, tmp_path: Path) -> None:
    path, registered = store
    moved = tmp_path / "moved"
    shutil.copytree(path.parent, moved)
    # What it says is absolute: the old place must not be asked.
    for file in moved.rglob("meta.yaml"):
        file.write_text(file.read_text().replace(str(path.parent), "/gone"))
    for database in moved.glob("*.db"):
        with closing(sqlite3.connect(database)) as sql, sql:
            for table, column in (
                ("runs", "artifact_uri"), ("model_versions", "source"),
                ("model_versions", "storage_location"), ("logged_models", "artifact_location"),
            ):  # fmt: skip
                sql.execute(
                    f"UPDATE {table} SET {column} = replace({column}, ?, '/gone')",
                    (str(path.parent),),
                )
    backend = opened(moved / path.name)
    for name in ADAPTERS:
        known = registered.version(name)
        contents = fetched(backend, name, tmp_path / name)
        assert set(known.files.values()) <= set(contents.values())


def test_every_question_can_be_stopped(store: Store, tmp_path: Path) -> None:
    def stop(done: int, total: int, text: str) -> None:
        raise Cancelled

    backend = opened(store[0])
    version = backend.resolve("plain-lora", silent)
    file = artifact_of(backend, version).files[0]
    for call in (
        lambda: backend.test(stop),
        lambda: backend.models("", "", stop),
        lambda: backend.versions("llama-sql", "", stop),
        lambda: backend.resolve("llama-sql", stop),
        lambda: backend.run(version, stop),
        lambda: backend.artifact(version, stop),
        lambda: backend.read(version, file, 10, stop),
        lambda: backend.fetch(version, [(file, file.path)], tmp_path, None, stop),
    ):
        with pytest.raises(Cancelled):
            call()
    assert list(tmp_path.iterdir()) == []


def test_the_folder_around_a_store_is_understood(store: Store) -> None:
    path = store[0]
    assert opened(path.parent).test(silent).startswith(f"“{path.name}” holds")


def test_the_store_of_a_server_says_what_the_server_says(
    mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    server = MlflowBackend(Connection(RegistryKind.MLFLOW, mlflow_server.url), None)
    copied = opened(mlflow_server.copy_store(tmp_path / "copy"))
    for name, versions in mlflow_server.registered.versions.items():
        for known in versions:
            there = server.resolve(f"{name}/{known.version}", silent)
            here = copied.resolve(f"{name}/{known.version}", silent)
            assert here == there
            assert copied.run(here, silent) == server.run(there, silent)
            if name != "bucket-lora":
                listed = server.artifact(there, silent)
                assert listed is not None
                found = artifact_of(copied, here)
                assert [(f.path, f.size) for f in found.files] == [
                    (f.path, f.size) for f in listed.files
                ]
                assert found.adapters == listed.adapters
    contents = fetched(copied, "nested-lora", tmp_path / "nested")
    assert os.fspath("peft/adapter_model.safetensors") in contents
