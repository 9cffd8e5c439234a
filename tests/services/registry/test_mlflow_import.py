"""From a script: registered versions of a real MLflow become rows with their folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import RemoteError, ValidationError
from desktop.services.peft_folder.files import kind_for
from desktop.services.records import AddBaseModelRequest, FileKind
from desktop.services.registry.records import Connection, RegistryKind
from tests.mlflow_server.store import MlflowServer, Registered
from tests.support import LLAMA

_FORMS = ("plain-lora", "nested-lora", "address-lora", "logged-lora", "pyfunc-lora")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    with open_services(tmp_path / "library" / "catalog.db") as opened:
        opened.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        )
        yield opened


def take(services: Services, connection: Any, what: str, **more: Any) -> Any:
    fields = {
        "connection": connection,
        "cml_registered_model_id": what,
        "name": what.replace("/", " "),
        "model_id": services.base_models.list_base_models()[0].id,
        **more,
    }
    return services.imports.import_adapter("model_registry", fields)


def server_at(mlflow_server: MlflowServer) -> dict[str, Any]:
    return {"kind": "mlflow", "url": mlflow_server.url, "token": None}


def check_row(record: Any, registered: Registered, name: str, number: int = 1) -> None:
    """The row of a version, and every byte of its folder."""
    version = registered.version(name, number)
    wanted = {
        file: data
        for file, data in version.files.items()
        if kind_for(file) not in (FileKind.TRAINING, FileKind.OTHER)
    }
    folder = Path(record.path)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == wanted
    assert record.type == "model_registry"
    assert record.managed
    assert record.cml_registered_model_id == name
    assert record.revision == str(number)
    assert record.origin.version == str(number)
    if version.run_id:
        assert record.mlflow_run_id == version.run_id
        assert record.mlflow_experiment_id == registered.experiment_id


@pytest.mark.parametrize("name", _FORMS)
def test_every_form_from_a_server(
    library: Services, mlflow_server: MlflowServer, name: str
) -> None:
    record = take(library, server_at(mlflow_server), name)
    check_row(record, mlflow_server.registered, name)
    assert record.origin.server == mlflow_server.url
    assert not library.location.staging.exists()


@pytest.mark.parametrize("kind", ["folder", "database"])
@pytest.mark.parametrize("name", ["llama-sql/1", "nested-lora", "logged-lora"])
def test_the_same_from_a_store_without_a_server(
    library: Services, request: pytest.FixtureRequest, kind: str, name: str
) -> None:
    path, registered = request.getfixturevalue(f"mlflow_{kind}_store")
    record = take(library, {"kind": "mlflow_store", "url": str(path)}, name)
    check_row(record, registered, name.partition("/")[0])
    assert record.origin.server == str(path)


@pytest.mark.parametrize(
    ("what", "number"),
    [
        ("llama-sql", 2),
        ("llama-sql/1", 1),
        ("llama-sql@champion", 1),
        ("models:/llama-sql/2", 2),
        ("models:/llama-sql@champion", 1),
    ],
)
def test_what_is_typed_means_a_version(
    library: Services, mlflow_server: MlflowServer, what: str, number: int
) -> None:
    record = take(library, server_at(mlflow_server), what, name="x")
    check_row(record, mlflow_server.registered, "llama-sql", number)
    assert record.description == f"Trained with rank {8 * number}."


def test_the_runs_figures_become_a_job_where_that_is_wanted(
    library: Services, mlflow_server: MlflowServer
) -> None:
    plain = take(library, server_at(mlflow_server), "llama-sql/1", name="without")
    assert plain.fine_tuning_job_id is None
    record = take(library, server_at(mlflow_server), "llama-sql/2", name="with", record_job=True)
    split = library.adapters.get_dataset_split_by_adapter(record.id)
    assert split.recorded
    assert split.job_id == record.fine_tuning_job_id
    (job,) = library.training.list_jobs()
    assert job.adapter_name == "with"
    assert job.base_model_id == record.model_id
    assert (split.dataset_fraction, split.train_test_split) == (
        job.dataset_fraction,
        job.train_test_split,
    )
    # One step takes both back.
    library.history.undo()
    assert library.training.list_jobs() == []
    assert [r.name for r in library.adapters.list_adapters()] == ["without"]
    library.history.redo()
    assert library.adapters.get_adapter(record.id) == record


def test_a_preview_shows_the_run_and_the_adapter_before_the_fetch(
    library: Services, mlflow_server: MlflowServer
) -> None:
    connection = Connection(RegistryKind.MLFLOW, mlflow_server.url)
    found = library.registry.preview(connection, "llama-sql@champion")
    assert (found.version.version, found.newest) == ("1", "2")
    assert found.inspection is not None
    assert (found.inspection.peft_type, found.inspection.rank) == ("LORA", 8)
    assert found.run is not None
    assert dict(found.run.params)["r"] == "8"
    assert "eval_loss" in dict(found.run.metrics)
    assert found.base_model == LLAMA
    assert found.job.is_worth_it
    assert not any(f.severity == "error" for f in found.findings)
    sizes = mlflow_server.registered.version("llama-sql").files
    assert found.needed_bytes is not None
    assert 0 < found.needed_bytes <= sum(map(len, sizes.values()))
    nested = library.registry.preview(connection, "nested-lora")
    assert nested.folder == "peft"
    assert not library.location.staging.exists()


def test_what_is_no_adapter_is_said(library: Services, mlflow_server: MlflowServer) -> None:
    connection = server_at(mlflow_server)
    for what, code, words in (
        ("no-adapter", "no_adapter", "adapter_config.json"),
        ("bucket-lora", "entry", "s3://acme-models"),
        ("nothing-here", "not_found", "nothing-here"),
        ("llama-sql/9", "revision", "9"),
        ("llama-sql@nobody", "revision", "nobody"),
    ):
        with pytest.raises(RemoteError) as caught:
            take(library, connection, what, name="x")
        assert caught.value.code == code
        assert words in str(caught.value)
    where = Connection(RegistryKind.MLFLOW, mlflow_server.url)
    seen = library.registry.preview(where, "no-adapter")
    assert {f.code for f in seen.findings if f.severity == "error"} == {"no_adapter"}
    assert library.adapters.list_adapters() == []


def test_a_newer_version_is_seen_compared_and_fetched(
    library: Services, mlflow_server: MlflowServer
) -> None:
    connection = server_at(mlflow_server)
    old = take(library, connection, "llama-sql/1", name="first")
    champion = take(library, connection, "llama-sql@champion", name="champion")
    report = library.updates.check()
    assert report.asked == 2
    assert report.behind == (old.id,)
    found = library.updates.compare(old.id)
    assert found.ahead.version == "2"
    assert found.ahead.inspection is not None
    assert found.ahead.inspection.rank == 16
    assert dict(found.ahead.more)["r"] == "16"
    updated = library.updates.update(old.id)
    check_row(updated, mlflow_server.registered, "llama-sql", 2)
    assert library.updates.check([champion.id]).behind == ()
    library.history.undo()
    assert library.adapters.get_adapter(old.id).revision == "1"
    check_row(library.adapters.get_adapter(old.id), mlflow_server.registered, "llama-sql", 1)


def test_a_stored_connection_is_named(library: Services, mlflow_server: MlflowServer) -> None:
    kept, _ = library.registry.connections.save(
        Connection(RegistryKind.MLFLOW, f"{mlflow_server.url}/", "Team")
    )
    assert "3" in library.registry.test(kept)
    record = take(library, "Team", "llama-sql/1", name="x")
    assert record.origin.server == mlflow_server.url
    with pytest.raises(ValidationError, match="no connection"):
        take(library, "Nobody", "llama-sql/1", name="y")


def test_base_models_come_by_id_too(library: Services, mlflow_server: MlflowServer) -> None:
    connection = Connection(RegistryKind.MLFLOW, mlflow_server.url)
    request = library.registry.base_model_request(connection, "plain-lora")
    record = library.base_models.add_base_model(request)
    assert record.type == "model_registry"
    assert record.cml_registered_model_id == "plain-lora"
    assert record.mlflow_run_id == mlflow_server.registered.version("plain-lora").run_id
