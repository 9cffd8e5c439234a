"""A real MLflow server: everything that a person can ask of it."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled, RemoteError
from desktop.services.progress import silent
from desktop.services.registry.facts import base_model_of, job_of
from desktop.services.registry.mlflow_rest import PAGE_SIZE, MlflowBackend
from desktop.services.registry.records import (
    Artifact,
    Connection,
    JobOffer,
    ModelVersion,
    RegistryKind,
)
from desktop.services.transfer_store import PartStore
from tests.mlflow_server.store import MlflowServer, Registered
from tests.services.registry.false_mlflow import error_of
from tests.support import LLAMA

ADAPTERS = ("plain-lora", "nested-lora", "address-lora", "logged-lora", "pyfunc-lora")


@pytest.fixture
def registered(mlflow_server: MlflowServer) -> Registered:
    return mlflow_server.registered


@pytest.fixture
def backend(mlflow_server: MlflowServer) -> MlflowBackend:
    return MlflowBackend(Connection(RegistryKind.MLFLOW, mlflow_server.url), None)


def artifact_of(backend: MlflowBackend, version: ModelVersion) -> Artifact:
    found = backend.artifact(version, silent)
    assert found is not None
    return found


def test_it_says_which_version_answers(backend: MlflowBackend, mlflow_server: MlflowServer) -> None:
    host = mlflow_server.url.removeprefix("http://")
    said = backend.test(silent)
    assert said.startswith("MLflow 3.")
    assert said.endswith(f" answers at {host}.")


def test_all_models_are_found_page_by_page(backend: MlflowBackend, registered: Registered) -> None:
    names: list[str] = []
    cursor, pages = "", 0
    while True:
        page = backend.models("", cursor, silent)
        names += [model.name for model in page.models]
        cursor, pages = page.cursor, pages + 1
        if not cursor:
            break
    assert sorted(names) == sorted([*registered.versions, *registered.many])
    assert pages == -(-len(names) // PAGE_SIZE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("llama", {"llama-sql"}),
        ("LLAMA-S", {"llama-sql"}),
        (" nested ", {"nested-lora"}),
        ("%", set()),
        ("_", set()),
        ("'", set()),
        ('"', set()),
        ("\\", set()),
        ("' OR name LIKE '%", set()),
        ("nothing-like-it", set()),
    ],
)
def test_models_are_found_by_a_part_of_their_name(
    backend: MlflowBackend, text: str, expected: set[str]
) -> None:
    assert {model.name for model in backend.models(text, "", silent).models} == expected


def test_what_a_model_is(backend: MlflowBackend) -> None:
    (model,) = backend.models("llama-sql", "", silent).models
    assert (model.id, model.newest) == ("llama-sql", "2")
    assert dict(model.aliases) == {"champion": "1", "candidate": "2"}
    assert dict(model.tags) == {"kind": "peft", "team": "data"}
    assert model.description == "What llama-sql is for."
    assert model.changed is not None
    assert abs(model.changed - time.time()) < 24 * 3600


def test_versions_newest_first(backend: MlflowBackend, registered: Registered) -> None:
    page = backend.versions("llama-sql", "", silent)
    assert [version.version for version in page.versions] == ["2", "1"]
    assert [version.aliases for version in page.versions] == [("candidate",), ("champion",)]
    assert page.cursor == ""
    first = page.versions[-1]
    known = registered.version("llama-sql")
    assert (first.run_id, first.source, first.status) == (known.run_id, known.source, "READY")
    assert dict(first.tags) == {"rank": "8", "task": "text-to-sql"}
    assert first.description == "Trained with rank 8."
    error_of("not_found", backend.versions, "nothing-like-it", "", silent)
    assert backend.versions(registered.many[0], "", silent).versions == ()


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("llama-sql", "2"),
        ("llama-sql/1", "1"),
        ("llama-sql@champion", "1"),
        ("models:/llama-sql", "2"),
        ("models:/llama-sql/2", "2"),
        ("models:/llama-sql@candidate", "2"),
        ("models:/llama-sql/latest", "2"),
    ],
)
def test_what_a_typed_text_means(backend: MlflowBackend, text: str, version: str) -> None:
    found = backend.resolve(text, silent)
    assert (found.model_id, found.version) == ("llama-sql", version)
    assert found == next(
        one for one in backend.versions("llama-sql", "", silent).versions if one.version == version
    )


def test_the_address_of_a_page_is_understood(
    backend: MlflowBackend, mlflow_server: MlflowServer
) -> None:
    page = f"{mlflow_server.url}/#/models/llama-sql/versions/1"
    assert backend.resolve(page, silent).version == "1"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nothing-like-it", "not_found"),
        ("nothing-like-it/1", "not_found"),
        ("nothing-like-it@champion", "not_found"),
        ("llama-sql/99", "revision"),
        ("llama-sql@nobody", "revision"),
        ("llama-sql/Production", "revision"),
        ("many-000", "revision"),
    ],
)
def test_what_is_not_there(backend: MlflowBackend, text: str, code: str) -> None:
    error = error_of(code, backend.resolve, text, silent)
    assert text.partition("/")[0].partition("@")[0] in error.message or "nobody" in error.message


def test_what_the_run_logged(backend: MlflowBackend, registered: Registered) -> None:
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


def test_a_version_without_a_run(backend: MlflowBackend) -> None:
    assert backend.run(backend.resolve("bucket-lora", silent), silent) is None


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_is_found_looked_at_and_fetched(
    backend: MlflowBackend, registered: Registered, tmp_path: Path, name: str
) -> None:
    known = registered.version(name)
    assert known.path is not None
    version = backend.resolve(name, silent)
    artifact = artifact_of(backend, version)
    assert artifact.adapters == (known.path,)
    assert artifact.skipped == ()
    prefix = f"{known.path}/" if known.path else ""
    mine = {file.path.removeprefix(prefix): file for file in artifact.files}
    for file, content in known.files.items():
        assert mine[file].size == len(content)
        assert backend.read(version, mine[file], 10, silent) == content[:10]
    wanted = [(mine[file], file) for file in known.files]
    digests = backend.fetch(version, wanted, tmp_path, PartStore(tmp_path / "parts"), silent)
    assert digests == {
        file: hashlib.sha256(content).hexdigest() for file, content in known.files.items()
    }
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == known.files


def test_more_than_a_file_has_is_asked_for(backend: MlflowBackend, registered: Registered) -> None:
    version = backend.resolve("plain-lora", silent)
    for file in artifact_of(backend, version).files:
        content = registered.version("plain-lora").files[file.path]
        assert backend.read(version, file, 1 << 20, silent) == content


def test_a_model_that_is_no_adapter(backend: MlflowBackend) -> None:
    artifact = artifact_of(backend, backend.resolve("no-adapter", silent))
    assert artifact.adapters == ()
    assert [file.path for file in artifact.files] == ["config.json"]


def test_a_bucket_is_told_by_name(backend: MlflowBackend) -> None:
    version = backend.resolve("bucket-lora", silent)
    error = error_of("entry", backend.artifact, version, silent)
    assert "s3://acme-models/…" in error.message


def test_every_request_can_be_stopped(backend: MlflowBackend, tmp_path: Path) -> None:
    def stop(done: int, total: int, text: str) -> None:
        raise Cancelled

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


def test_a_path_that_is_none_of_the_server_s(mlflow_server: MlflowServer) -> None:
    lost = MlflowBackend(Connection(RegistryKind.MLFLOW, f"{mlflow_server.url}/elsewhere"), None)
    with pytest.raises(RemoteError, match="is not an MLflow server"):
        lost.test(silent)
