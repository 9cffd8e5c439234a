"""What an update of a registry's adapter follows: its connection, its alias, its description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import RemoteError, ValidationError
from desktop.services.progress import silent
from desktop.services.records import AdapterRecord, AddBaseModelRequest
from desktop.services.registry.records import Connection, RegistryKind
from tests.cloudera_server import Model, WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.hub_server.content import adapter_files
from tests.services.registry.false_mlflow import API, SECRET, FalseMlflow, Route, as_json
from tests.support import LLAMA

OTHER = "cdp-another-token-2222"


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    with open_services(tmp_path / "library" / "catalog.db") as opened:
        opened.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        )
        yield opened


@pytest.fixture
def workbench() -> Iterator[WorkbenchServer]:
    with WorkbenchServer() as made:
        made.bench.users[OTHER] = "bob"
        yield made


def registered(workbench: WorkbenchServer, *notes: str, about: str = "") -> Model:
    """A model with a version for each of these notes."""
    model = workbench.bench.add_model("sql-lora", description=about)
    for text in notes:
        workbench.bench.register(model, adapter_files(), "model/peft", notes=text)
    return model


def take(library: Services, connection: Any, what: str, **more: Any) -> AdapterRecord:
    fields = {
        "connection": connection,
        "cml_registered_model_id": what,
        "name": "mine",
        "model_id": library.base_models.list_base_models()[0].id,
        **more,
    }
    return library.imports.import_adapter("model_registry", fields)


def connect(library: Services, url: str, name: str, secret: str, **more: Any) -> Connection:
    connection = Connection(RegistryKind.CLOUDERA_WORKBENCH, url, name, **more)
    return library.registry.connections.save(connection, secret)[0]


def used(library: Services, record: AdapterRecord) -> Connection:
    """The connection by which an adapter is fetched again."""
    found = library.imports.source("model_registry").again(record)["connection"]
    assert isinstance(found, Connection)
    return found


# -- the connection ----------------------------------------------------------------------------


def test_an_update_goes_by_the_connection_that_brought_the_adapter_in(
    library: Services, workbench: WorkbenchServer
) -> None:
    registered(workbench, "first", "second")
    first = connect(library, workbench.url, "first", "wrong-token")
    second = connect(library, workbench.url, "second", TOKEN)
    record = take(library, "second", "sql-lora/1")
    assert used(library, record) == second
    assert library.updates.check().behind == (record.id,)
    assert library.updates.update(record.id).revision == "2"
    # Where it is gone there may be another one; what that one may see, it says.
    library.registry.connections.remove(second.id)
    assert used(library, record) == first


def test_without_it_one_of_the_same_person_goes_first(
    library: Services, workbench: WorkbenchServer
) -> None:
    registered(workbench, "first")
    connection = connect(library, workbench.url, "mine", TOKEN)
    record = take(library, "mine", "sql-lora/1")
    library.registry.connections.remove(connection.id)
    connect(library, workbench.url, "ada", TOKEN, user="ada")
    again = connect(library, workbench.url, "again", TOKEN)
    assert used(library, record) == again
    assert record.origin is not None
    details = {**dict(record.origin.details), "user": "ada"}
    of_ada = replace(record, origin=replace(record.origin, details=tuple(details.items())))
    assert used(library, of_ada).name == "ada"


def test_two_connections_to_one_server_are_asked_each_for_itself(
    library: Services, workbench: WorkbenchServer
) -> None:
    registered(workbench, "first")
    shut = connect(library, workbench.url, "shut", TOKEN)
    connect(library, workbench.url, "open", OTHER)
    take(library, "shut", "sql-lora/1", name="one")
    two = take(library, "open", "sql-lora/1", name="two")
    workbench.bench.register(next(iter(workbench.bench.models.values())), adapter_files())
    library.registry.connections.save(shut, "expired")
    report = library.updates.check()
    assert report.behind == (two.id,)
    assert [name for name, _ in report.troubles] == ["one"]


def test_a_connection_that_was_removed_is_to_be_made_again(
    library: Services, workbench: WorkbenchServer
) -> None:
    registered(workbench, "first")
    connection = connect(library, workbench.url, "mine", TOKEN)
    record = take(library, "mine", "sql-lora/1")
    library.registry.connections.remove(connection.id)
    ((_, sentence),) = library.updates.check().troubles
    with pytest.raises(RemoteError) as compared:
        library.updates.compare(record.id)
    with pytest.raises(RemoteError) as updated:
        library.updates.update(record.id)
    for said in (sentence, compared.value.advice, updated.value.advice):
        assert said.endswith("connect this registry in the preferences, then try again.")
        assert "Add a token" not in said
    assert updated.value.code == "token"


# -- the alias ---------------------------------------------------------------------------------


def false_mlflow(alias: dict[str, str]) -> FalseMlflow:
    """A server with versions 1 to 3 of a model; alias: "version" is where its alias points to."""

    def version(number: str) -> dict[str, Any]:
        return {"name": "sql", "version": number, "source": "s3://bucket/x"}

    def model(_: dict[str, str]) -> bytes:
        aliases = [{"alias": "champion", "version": alias["version"]}]
        return as_json({"registered_model": {"name": "sql", "aliases": aliases}})

    def pointed(_: dict[str, str]) -> bytes:
        return as_json({"model_version": version(alias["version"])})

    routes: dict[str, Route] = {
        f"{API}/registered-models/get": model,
        f"{API}/registered-models/alias": pointed,
        f"{API}/model-versions/search": {"model_versions": [version(n) for n in "321"]},
    }
    return FalseMlflow(routes)


@pytest.mark.parametrize(
    ("revision", "present", "newest"),
    [
        ("@champion", "2", "1"),  # it was rolled back
        ("@champion", "1", "1"),
        ("", "2", "3"),
        ("", "4", None),  # newer ones were taken away
    ],
)
def test_an_alias_is_followed_wherever_it_goes(
    library: Services,
    workbench: WorkbenchServer,
    revision: str,
    present: str,
    newest: str | None,
) -> None:
    registered(workbench, "first")
    connect(library, workbench.url, "mine", TOKEN)
    record = take(library, "mine", "sql-lora/1")
    assert record.origin is not None
    with false_mlflow({"version": "1"}) as server:
        origin = replace(
            record.origin,
            server=server.url,
            name="sql",
            revision=revision,
            version=present,
            details=(("kind", "mlflow"),),
        )
        source = library.imports.source("model_registry")
        assert source.newest(replace(record, origin=origin), silent) == newest


# -- the description ---------------------------------------------------------------------------

HOSTILE = "Trained.\x1b[31m red\x07\u202e end\r\n\tr = 8\u2028line"
CLEAN = "Trained.[31m red end\n\tr = 8\nline"


def test_a_description_comes_without_what_can_not_be_shown(
    library: Services, workbench: WorkbenchServer
) -> None:
    registered(workbench, HOSTILE)
    connection = connect(library, workbench.url, "mine", TOKEN)
    assert take(library, "mine", "sql-lora/1").description == CLEAN
    assert library.registry.preview(connection, "sql-lora").version.description == CLEAN
    (model,) = library.registry.models(connection).models
    assert model.description == ""


def test_a_version_without_words_takes_those_of_its_model(
    library: Services, workbench: WorkbenchServer
) -> None:
    registered(workbench, "", "second", about="Questions into \x07SQL")
    connection = connect(library, workbench.url, "mine", TOKEN)
    assert library.registry.preview(connection, "sql-lora/1").version.about == "Questions into SQL"
    first = take(library, "mine", "sql-lora/1")
    assert first.description == "Questions into SQL"
    assert take(library, "mine", "sql-lora/2", name="other").description == "second"


@pytest.mark.parametrize(
    ("given", "after"), [(None, "second"), ("first", "second"), ("my own words", "my own words")]
)
def test_a_description_that_was_taken_over_is_the_new_version_s_after_an_update(
    library: Services, workbench: WorkbenchServer, given: str | None, after: str
) -> None:
    registered(workbench, "first", "second")
    connect(library, workbench.url, "mine", TOKEN)
    record = take(library, "mine", "sql-lora/1", description=given)
    assert library.updates.update(record.id).description == after
    library.history.undo()
    assert library.adapters.get_adapter(record.id).description == (given or "first")


def test_a_description_that_a_person_changed_stays(
    library: Services, workbench: WorkbenchServer
) -> None:
    registered(workbench, "first", "")
    connect(library, workbench.url, "mine", TOKEN)
    record = take(library, "mine", "sql-lora/1")
    library.adapters.update_adapter(record.id, description="changed")
    assert library.updates.update(record.id).description == "changed"


# -- switches ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["record_job", "all_files"])
@pytest.mark.parametrize("value", ["false", "true", 1, b"", [True]])
def test_a_switch_is_on_or_off(library: Services, name: str, value: object) -> None:
    connection = {"kind": "mlflow", "url": "http://127.0.0.1:9", "token": SECRET}
    with pytest.raises(ValidationError) as caught:
        take(library, connection, "sql", **{name: value})
    assert {f.field for f in caught.value.findings} == {name}
