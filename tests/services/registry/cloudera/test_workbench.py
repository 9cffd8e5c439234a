"""What a Cloudera AI Workbench is asked of models, by a loopback server with its field names."""

from __future__ import annotations

import pytest

from desktop.services.progress import silent
from desktop.services.registry.cloudera_workbench import WorkbenchBackend
from tests.cloudera_server import Fault, Model, Workbench, WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.services.registry.cloudera.cases import (
    NAME,
    PROJECT,
    connect,
    refusal,
)

# -- whether it answers ----------------------------------------------------------------------------


def test_the_key_is_validated(server: WorkbenchServer, backend: WorkbenchBackend) -> None:
    host = server.url.removeprefix("http://")
    assert backend.test(silent) == f"{host} answers; the key is that of “ada”."
    assert [r.path for r in server.requests] == ["/api/v2/auth/validate_key"]
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_an_older_workbench_is_asked_for_a_model(
    server: WorkbenchServer, backend: WorkbenchBackend
) -> None:
    server.bench.validates = False
    assert backend.test(silent).endswith("answers, and accepts the key.")
    assert server.requests[-1].path.startswith("/api/v2/registry/models?")
    assert "page_size=1&" in server.requests[-1].path


def test_a_key_that_is_not_good(server: WorkbenchServer, backend: WorkbenchBackend) -> None:
    assert refusal(connect(server, "other").test, silent).code == "token"
    assert refusal(connect(server, None).test, silent).code == "token"
    server.bench.key_is_valid = False
    assert refusal(backend.test, silent).code == "token"
    server.bench.validates = False
    assert refusal(connect(server, "other").test, silent).code == "token"


@pytest.mark.parametrize("path", ["/", "/api/v1", "/api/v2", "/api/v2/"])
def test_the_address_that_a_workbench_tells_its_programs(
    server: WorkbenchServer, path: str
) -> None:
    assert "ada" in connect(server, path=path).test(silent)


def test_the_key_is_in_no_text(server: WorkbenchServer, backend: WorkbenchBackend) -> None:
    assert TOKEN not in repr(backend)
    server.fault = Fault("status", status=400, message=f"your token is {TOKEN}")
    error = refusal(backend.test, silent)
    assert TOKEN not in f"{error!r} {error.message} {error.advice}"


# -- models and versions ---------------------------------------------------------------------------


def test_models_come_in_pages(bench: Workbench, backend: WorkbenchBackend) -> None:
    for n in range(7):
        bench.add_model(f"m{n}", description=f"number {n}")
    bench.page_size = 3
    names, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        page = backend.models("", cursor, silent)
        names += [m.name for m in page.models]
        cursor, pages = page.cursor, pages + 1
    assert names == [f"m{n}" for n in range(7)]
    assert pages == 3


def test_what_a_model_says(model: Model, backend: WorkbenchBackend) -> None:
    (found,) = backend.models(NAME, "", silent).models
    assert found.id == model.id
    assert found.description == "Questions into SQL"
    assert found.owner == "Ada L."
    assert found.changed == pytest.approx(1769860800.123456)


@pytest.mark.parametrize("filters", ["part", "whole", "no"])
def test_a_part_of_a_name_is_found_however_the_workbench_searches(
    bench: Workbench, backend: WorkbenchBackend, filters: str
) -> None:
    bench.filters = filters
    bench.page_size = 2
    for name in ("a", "b", "c", "SQL-lora", "d", "my-sql"):
        bench.add_model(name)
    found, cursor = [], ""
    for _ in range(4):
        page = backend.models("-lo", cursor, silent)
        found += page.models
        cursor = page.cursor
        if not cursor:
            break
    assert [m.name for m in found] == ["SQL-lora"]
    assert backend.models("no such", "", silent).models == ()


def test_versions_are_newest_first_over_all_pages(
    bench: Workbench, backend: WorkbenchBackend
) -> None:
    model = bench.add_model("many")
    for _ in range(11):
        bench.register(model, {})
    bench.page_size = 4
    found = backend.versions(model.id, "", silent)
    assert [v.version for v in found.versions] == [str(n) for n in range(11, 0, -1)]
    assert found.cursor == ""


def test_what_a_version_says(model: Model, backend: WorkbenchBackend) -> None:
    found = backend.versions(model.id, "", silent).versions[0]
    said = model.versions[1]
    assert (found.model_id, found.model_name, found.version) == (model.id, NAME, "2")
    assert (found.version_id, found.status, found.description) == (said.id, "READY", said.notes)
    assert (found.project_id, found.experiment_id) == (PROJECT, said.experiment_id)
    assert (found.run_id, found.user, found.tags) == (said.run_id, "grace", (("stage", "tried"),))
    assert found.created == pytest.approx(1769860800.123456)


@pytest.mark.parametrize("lists_less", [True, False])
@pytest.mark.parametrize(
    ("text", "number"),
    [
        (NAME, "2"),
        (f" {NAME}/1 ", "1"),
        (f"{NAME}/002", "2"),
        (f"models:/{NAME}/1", "1"),
        ("ab12-cd34-ef56-gh78", "2"),
        ("ab12-cd34-ef56-gh78/1", "1"),
        ("SQL-LoRA", "2"),
    ],
)
def test_what_people_type(
    bench: Workbench,
    model: Model,
    backend: WorkbenchBackend,
    text: str,
    number: str,
    lists_less: bool,
) -> None:
    bench.lists_less = lists_less
    found = backend.resolve(text, silent)
    assert (found.model_id, found.model_name, found.version) == (model.id, NAME, number)
    assert found.project_id == PROJECT
    assert found.run_id == model.versions[int(number) - 1].run_id


@pytest.mark.parametrize("filters", ["part", "whole", "no"])
def test_a_name_that_is_the_beginning_of_others(
    bench: Workbench, backend: WorkbenchBackend, filters: str
) -> None:
    bench.filters = filters
    for name in ("sql-lora-2", "my-sql-lora", "sql-lora", "team/sql", "ab12-cd34-ef56-gh78", "odd"):
        bench.register(bench.add_model(name, "mdl-7" if name == "odd" else ""), {})
    names = ("sql-lora", "team/sql", "team/sql/1", "ab12-cd34-ef56-gh78", "mdl-7")
    found = [backend.resolve(name, silent).model_name for name in names]
    assert found == ["sql-lora", "team/sql", "team/sql", "ab12-cd34-ef56-gh78", "odd"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_found"),
        ("nothing", "not_found"),
        ("ab12-cd34-ef56-0000", "not_found"),
        ("../../secrets", "not_found"),
        (f"{NAME}/3", "revision"),
        (f"{NAME}/0", "revision"),
        (f"{NAME}@champion", "revision"),
        ("another", "revision"),
    ],
)
def test_what_is_not_there(model: Model, backend: WorkbenchBackend, text: str, code: str) -> None:
    assert refusal(backend.resolve, text, silent).code == code


def test_two_models_of_one_name(bench: Workbench, backend: WorkbenchBackend) -> None:
    ids = [bench.add_model("twin").id for _ in range(2)]
    error = refusal(backend.resolve, "twin", silent)
    assert error.code == "not_found"
    assert all(model_id in error.advice for model_id in ids)


# -- runs --------------------------------------------------------------------------------------


def test_what_a_run_logged(model: Model, backend: WorkbenchBackend) -> None:
    found = backend.run(backend.resolve(NAME, silent), silent)
    assert found is not None
    assert (found.run_id, found.name) == (model.versions[1].run_id, "wise-owl-7")
    assert found.params == (("base_model_name_or_path", "meta-llama/Llama-2-7b-hf"), ("r", "16"))
    assert found.metrics == (("eval_loss", "0.5"),)


@pytest.mark.parametrize("status", [403, 404])
def test_a_run_in_a_shut_project_is_what_the_registry_keeps_of_it(
    bench: Workbench, model: Model, backend: WorkbenchBackend, status: int
) -> None:
    bench.projects[PROJECT].shut = status
    version = backend.resolve(NAME, silent)
    found = backend.run(version, silent)
    assert found is not None
    assert found.param("r") == "16"
    assert backend.run(backend.resolve(f"{NAME}/1", silent), silent) is not None


def test_a_version_without_a_run(bench: Workbench, model: Model, backend: WorkbenchBackend) -> None:
    bench.register(model, {}, git_url="https://ada:s3cret@git.example.com/x.git")
    version = backend.resolve(NAME, silent)
    assert version.source == "https://git.example.com/x.git"
    assert backend.run(version, silent) is None
    error = refusal(backend.artifact, version, silent)
    assert error.code == "entry"
    assert "git repository" in error.message
