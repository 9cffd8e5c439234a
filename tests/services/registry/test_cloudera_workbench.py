"""Everything that is asked of a Cloudera AI Workbench, on a loopback server with its field names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.services.peft_folder.reading import size_text
from desktop.services.progress import silent
from desktop.services.registry.cloudera_workbench import WorkbenchBackend
from desktop.services.registry.records import Connection, RegistryKind
from tests.cloudera_server import Fault, Model, Version, Workbench, WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.hub_server.content import adapter_files
from tests.services.registry.cloudera import (
    cancelled_within_a_second,
    fetch_all,
    held,
    needed,
    refusal,
)

WEIGHTS = "adapter_model.safetensors"
NAME = "sql-lora"
PROJECT = "proj-abcd-ef01-2345"


@pytest.fixture(scope="module")
def adapter() -> dict[str, bytes]:
    return adapter_files()


@pytest.fixture
def server() -> Iterator[WorkbenchServer]:
    with WorkbenchServer() as made:
        yield made


@pytest.fixture
def bench(server: WorkbenchServer) -> Workbench:
    return server.bench


@pytest.fixture
def model(bench: Workbench, adapter: dict[str, bytes]) -> Model:
    """Two versions of an adapter, among other models."""
    bench.add_model("another")
    made = bench.add_model(NAME, "ab12-cd34-ef56-gh78", "Questions into SQL")
    bench.register(made, {"MLmodel": b"", "peft/adapter_config.json": b"{}"}, "model", PROJECT)
    bench.register(
        made,
        adapter,
        "model/peft",
        PROJECT,
        {"base_model_name_or_path": "meta-llama/Llama-2-7b-hf", "r": "16"},
        {"eval_loss": 0.5},
        notes="The second one",
        tags={"stage": "tried"},
    )
    return made


@pytest.fixture
def backend(server: WorkbenchServer) -> WorkbenchBackend:
    return connect(server)


def connect(server: WorkbenchServer, token: str | None = TOKEN, path: str = "") -> WorkbenchBackend:
    url = f"{server.url}{path}"
    return WorkbenchBackend(Connection(RegistryKind.CLOUDERA_WORKBENCH, url), token)


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


# -- files -------------------------------------------------------------------------------------


@pytest.mark.parametrize("paths", ["both", "plain", "whole"])
@pytest.mark.parametrize("lists_less", [True, False])
def test_the_whole_way(
    server: WorkbenchServer,
    backend: WorkbenchBackend,
    model: Model,
    adapter: dict[str, bytes],
    tmp_path: Path,
    paths: str,
    lists_less: bool,
) -> None:
    server.bench.paths = paths
    server.bench.lists_less = lists_less
    (found,) = backend.models("sql", "", silent).models
    version = backend.versions(found.id, "", silent).versions[0]
    artifact = backend.artifact(version, silent)
    assert artifact is not None
    assert artifact.adapters == ("",)
    assert {f.path: f.size for f in artifact.files} == {n: len(d) for n, d in adapter.items()}
    hashes = fetch_all(backend, version, tmp_path)
    assert held(tmp_path) == needed(adapter)
    assert hashes == {n: hashlib.sha256(d).hexdigest() for n, d in needed(adapter).items()}
    assert {r.method for r in server.asked(":download")} == {"POST"}
    assert not [r for r in server.requests if TOKEN in r.path]


def test_an_adapter_below_the_model(
    bench: Workbench, backend: WorkbenchBackend, adapter: dict[str, bytes], tmp_path: Path
) -> None:
    model = bench.add_model("deep")
    files = {"MLmodel": b"x", **{f"artifacts/peft/{n}": d for n, d in adapter.items()}}
    bench.register(model, files)
    version = backend.resolve("deep", silent)
    artifact = backend.artifact(version, silent)
    assert artifact is not None
    assert artifact.adapters == ("artifacts/peft",)
    fetch_all(backend, version, tmp_path)
    assert held(tmp_path) == needed(adapter)


@pytest.mark.parametrize("form", ["absolute", "dotted", "none", "root", "several", "by number"])
def test_forms_of_a_model_path(
    bench: Workbench,
    backend: WorkbenchBackend,
    adapter: dict[str, bytes],
    tmp_path: Path,
    form: str,
) -> None:
    model = bench.add_model("forms")
    version = bench.register(model, adapter, "" if form == "root" else "model")
    run = bench.run_of(version)
    (said,) = run["data"]["registered_model_metadata"]
    if form == "absolute":
        said["model_path"] = f"{run['artifact_uri']}/model"
    elif form == "dotted":
        said["model_path"] = "./model/"
    elif form == "none":
        del run["data"]["registered_model_metadata"]
        run["artifact_uri"] = ""
    elif form == "several":
        del said["model_version_id"]
        run["data"]["registered_model_metadata"] = [
            {**said, "version_number": "2", "model_path": "other"},
            said,
            {**said, "model_id": "ffff-0000-ffff-0000", "model_path": "third"},
        ]
    elif form == "by number":
        said["model_version_id"], said["version_number"] = "gone", 1
    fetch_all(backend, backend.resolve("forms", silent), tmp_path)
    assert held(tmp_path) == needed(adapter)


@pytest.mark.parametrize("ranges", [True, False])
def test_the_first_bytes_of_a_file(
    server: WorkbenchServer, backend: WorkbenchBackend, ranges: bool
) -> None:
    big = adapter_files(weights_mb=30)
    server.bench.ranges = ranges
    server.bench.register(server.bench.add_model("big"), big)
    version = backend.resolve("big", silent)
    artifact = backend.artifact(version, silent)
    assert artifact is not None
    file = next(f for f in artifact.files if f.path == WEIGHTS)
    assert backend.read(version, file, 1000, silent) == big[WEIGHTS][:1000]
    assert server.wait_until_idle()
    assert server.sent("download") < 20_000_000
    assert backend.read(version, file, 0, silent) == b""
    config = next(f for f in artifact.files if f.path == "adapter_config.json")
    assert backend.read(version, config, 99_999, silent) == big["adapter_config.json"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_project_that_may_not_be_read(
    bench: Workbench, model: Model, backend: WorkbenchBackend, status: int
) -> None:
    version = backend.resolve(NAME, silent)
    bench.projects[PROJECT].shut = status
    error = refusal(backend.artifact, version, silent)
    assert error.code == "forbidden"
    assert error.message == (
        f"You may not read project {PROJECT}, where the run of this version lies."
    )
    assert error.advice == "Ask its owner for access."


def test_a_project_that_is_shut_meanwhile(
    server: WorkbenchServer, model: Model, backend: WorkbenchBackend, tmp_path: Path
) -> None:
    version = backend.resolve(NAME, silent)
    artifact = backend.artifact(version, silent)
    assert artifact is not None
    server.bench.projects[PROJECT].shut = 403
    file = artifact.files[0]
    for error in (
        refusal(backend.read, version, file, 9, silent),
        refusal(backend.fetch, version, [(file, "x")], tmp_path, None, silent),
    ):
        assert error.code == "forbidden"
        assert PROJECT in error.message
    server.bench.projects[PROJECT].shut = 0
    server.fault = Fault("status", match="/files/", status=403)
    assert PROJECT in refusal(backend.artifact, version, silent).message
    assert held(tmp_path) == {}


def test_files_that_are_gone(
    bench: Workbench, model: Model, backend: WorkbenchBackend, tmp_path: Path
) -> None:
    version = backend.resolve(NAME, silent)
    artifact = backend.artifact(version, silent)
    assert artifact is not None
    bench.projects[PROJECT].files.clear()
    file = artifact.files[0]
    assert refusal(backend.fetch, version, [(file, "x")], tmp_path, None, silent).code == "entry"
    assert refusal(backend.read, version, file, 9, silent).code == "entry"
    error = refusal(backend.artifact, version, silent)
    assert error.code == "entry"
    assert PROJECT in error.message
    assert held(tmp_path) == {}


@pytest.mark.parametrize("status", ["CREATING", "PENDING_REGISTRATION", "FAILED", "NOT_READY"])
def test_a_version_that_is_not_ready(model: Model, backend: WorkbenchBackend, status: str) -> None:
    model.versions[1].status = status
    version = backend.resolve(NAME, silent)
    error = refusal(backend.artifact, version, silent)
    assert error.code == "entry"
    assert status in error.message


def test_a_version_that_names_no_run(model: Model, backend: WorkbenchBackend) -> None:
    model.versions[1].says["model_version_metadata"] = {"mlops_type": "MLFLOW"}
    version = backend.resolve(NAME, silent)
    assert backend.run(version, silent) is None
    assert refusal(backend.artifact, version, silent).code == "entry"


def test_files_elsewhere_are_named(
    bench: Workbench, model: Model, backend: WorkbenchBackend
) -> None:
    bench.run_of(model.versions[1])["artifact_uri"] = "s3://bucket/models/7?key=secret"
    error = refusal(backend.artifact, backend.resolve(NAME, silent), silent)
    assert error.code == "entry"
    assert "s3://bucket/models/7," in error.message


# -- bad answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("artifact_uri", "model_path"),
    [
        ("/home/cdsw/../../etc", "model"),
        ("/home/cdsw/.experiments/x", "../../../../../etc"),
        ("/home/cdsw/.experiments/x", "/etc"),
        ("/home/cdsw/.experiments/x", "a%2e%2e/../b"),
        ("/home/cdsw/.experiments/x", "a\\b"),
        ("/home/cdsw/", ".git"),
    ],
)
def test_hostile_paths_of_a_run(
    server: WorkbenchServer,
    model: Model,
    backend: WorkbenchBackend,
    artifact_uri: str,
    model_path: str,
) -> None:
    run = server.bench.run_of(model.versions[1])
    run["artifact_uri"] = artifact_uri
    run["data"]["registered_model_metadata"][0]["model_path"] = model_path
    error = refusal(backend.artifact, backend.resolve(NAME, silent), silent)
    assert error.code == "answer"
    assert not server.asked("/files/")


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", "a/../../x", "a\\b", "C:x", ".git", "con", "", ".", "..", "n" * 300, "a\0b"],
)
def test_hostile_names_of_files(
    bench: Workbench,
    model: Model,
    backend: WorkbenchBackend,
    adapter: dict[str, bytes],
    tmp_path: Path,
    name: str,
) -> None:
    version = model.versions[1]
    folder = f"{bench.root_of(version)}/model/peft"
    true = [{"path": n, "is_dir": False, "file_size": str(len(d))} for n, d in adapter.items()]
    odd = [{"path": name, "is_dir": is_dir, "file_size": "3"} for is_dir in (False, True)]
    bench.projects[PROJECT].listed[folder] = [*odd, *true]
    found = backend.resolve(NAME, silent)
    artifact = backend.artifact(found, silent)
    assert artifact is not None
    assert artifact.skipped
    fetch_all(backend, found, tmp_path / "in" if (tmp_path / "in").mkdir() is None else tmp_path)
    assert held(tmp_path) == {f"in/{n}": d for n, d in needed(adapter).items()}


def test_folders_without_end(
    server: WorkbenchServer, model: Model, backend: WorkbenchBackend
) -> None:
    body = json.dumps({"files": [{"path": "deeper", "is_dir": True, "file_size": "1"}]})
    server.fault = Fault("body", match="/files/", body=body.encode())
    error = refusal(backend.artifact, backend.resolve(NAME, silent), silent)
    assert error.code == "listing"


def test_more_files_than_lorarium_lists(
    bench: Workbench, model: Model, backend: WorkbenchBackend
) -> None:
    folder = f"{bench.root_of(model.versions[1])}/model/peft"
    rows = [{"path": f"f{n}", "is_dir": False, "file_size": "1"} for n in range(20_001)]
    bench.projects[PROJECT].listed[folder] = rows
    error = refusal(backend.artifact, backend.resolve(NAME, silent), silent)
    assert error.code == "listing"


@pytest.mark.parametrize("tokens", [["same"], ["a", "b"]])
def test_pages_that_lead_back(
    bench: Workbench, model: Model, backend: WorkbenchBackend, tokens: list[str]
) -> None:
    bench.token_says = tokens
    assert refusal(backend.versions, model.id, "", silent).code == "listing"
    assert refusal(backend.resolve, NAME, silent).code == "listing"
    assert refusal(backend.models, "no such", "", silent).code == "listing"


def test_pages_without_end(bench: Workbench, model: Model, backend: WorkbenchBackend) -> None:
    bench.token_says = [f"t{n}" for n in range(5000)]
    assert refusal(backend.versions, model.id, "", silent).code == "listing"
    cursor = ""
    with pytest.raises(Exception, match="come to an end"):
        for _ in range(300):
            cursor = backend.models("", cursor, silent).cursor


@pytest.mark.parametrize("token", [7, {"a": 1}, "line\nbreak", "x" * 9000])
def test_odd_page_tokens(
    bench: Workbench, model: Model, backend: WorkbenchBackend, token: object
) -> None:
    bench.token_says = [token]
    assert refusal(backend.versions, model.id, "", silent).code == "answer"


CALLS = ("registry/models\\?", "registry/models/[^?]+\\?", "/runs/", "/files/")


@pytest.mark.parametrize("match", CALLS)
@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"7", b"null", b'"x"', b'{"files": 7, "models": "x", "name": []}', b""]
)
def test_answers_of_another_shape(
    server: WorkbenchServer, model: Model, backend: WorkbenchBackend, match: str, body: bytes
) -> None:
    version = backend.resolve(NAME, silent)
    server.fault = Fault("body", match=match, body=body)
    if match == CALLS[0]:
        if body.startswith(b'{"'):
            assert backend.models("", "", silent).models == ()
        else:
            assert refusal(backend.models, "", "", silent).code == "answer"
    elif match == CALLS[1]:
        assert refusal(backend.versions, model.id, "", silent).code == "answer"
    elif match == CALLS[2] and body.startswith(b'{"'):
        # A run that says nothing of its artifacts is looked for where they always are.
        found = backend.artifact(version, silent)
        assert found is not None
        assert found.adapters == ("model/peft",)
    else:
        assert refusal(backend.artifact, version, silent).code == "answer"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("page"), "answer"),
        (Fault("status", status=401), "token"),
        (Fault("status", status=403), "forbidden"),
        (Fault("status", status=429, retry_after=7), "rate"),
        (Fault("status", status=500), "server"),
        (Fault("status", status=418), "answer"),
        (Fault("redirect_to", to="file:///etc/passwd"), "address"),
        (Fault("redirect_to", to="http://192.0.2.1/x"), "address"),
        (Fault("redirect_to"), "answer"),
        (Fault("deep_json"), "answer"),
        (Fault("huge_json", size=40 << 20), "answer"),
        (Fault("gzip_bomb"), "answer"),
        (Fault("cut", after=20), "cut"),
        (Fault("reset", after=20), "cut"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value.kind} {value.status or ''}",
)
def test_what_goes_wrong_is_said(
    server: WorkbenchServer, model: Model, backend: WorkbenchBackend, fault: Fault, code: str
) -> None:
    server.fault = fault
    assert refusal(backend.models, "", "", silent).code == code
    assert refusal(backend.resolve, NAME, silent).code == code


def test_a_wrong_address(backend: WorkbenchBackend) -> None:
    gone = WorkbenchServer()
    gone.close()
    assert refusal(connect(gone).test, silent).code == "unreachable"
    url = "http://workbench.example.com"
    odd = Connection(RegistryKind.CLOUDERA_WORKBENCH, url)
    assert refusal(WorkbenchBackend, odd, TOKEN).code == "address"


# -- the fetch breaks off ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cut", "reset", "chunked", "wrong_bytes"])
def test_a_fetch_begins_anew_after_a_break(
    server: WorkbenchServer, tmp_path: Path, kind: str
) -> None:
    files = adapter_files(weights_mb=2)
    server.bench.register(server.bench.add_model("big"), files)
    backend = connect(server)
    version = backend.resolve("big", silent)
    server.fault = Fault(kind, match=WEIGHTS, after=1 << 20, times=1)
    fetch_all(backend, version, tmp_path)
    if kind == "wrong_bytes":
        # No digest is announced, so nobody can tell; what arrives is what is hashed.
        assert held(tmp_path)[WEIGHTS] != files[WEIGHTS]
    else:
        assert held(tmp_path) == needed(files)
    assert not [r for r in server.asked(WEIGHTS) if "range" in r.headers]


@pytest.mark.parametrize("kind", ["endless", "too_long"])
def test_more_bytes_than_listed(
    server: WorkbenchServer, model: Model, backend: WorkbenchBackend, tmp_path: Path, kind: str
) -> None:
    version = backend.resolve(NAME, silent)
    server.fault = Fault(kind, match=WEIGHTS)
    with pytest.raises(Exception, match="larger than the announced"):
        fetch_all(backend, version, tmp_path)
    assert WEIGHTS not in held(tmp_path)
    assert server.wait_until_idle()
    assert server.sent(WEIGHTS) < 8 << 20, size_text(server.sent(WEIGHTS))


def test_a_page_instead_of_a_file(
    server: WorkbenchServer, model: Model, backend: WorkbenchBackend, tmp_path: Path
) -> None:
    version = backend.resolve(NAME, silent)
    artifact = backend.artifact(version, silent)
    assert artifact is not None
    server.fault = Fault("page", match="download")
    file = artifact.files[0]
    assert refusal(backend.read, version, file, 50, silent).code == "answer"
    assert refusal(backend.fetch, version, [(file, "x")], tmp_path, None, silent).code == "answer"


@pytest.mark.parametrize("match", ["registry/models", "/runs/", "/files/"])
def test_cancel_while_the_workbench_is_silent(
    server: WorkbenchServer, model: Model, backend: WorkbenchBackend, match: str
) -> None:
    version = backend.resolve(NAME, silent)
    fault = Fault("stall_headers", match=match)
    if match == "registry/models":
        cancelled_within_a_second(server, fault, backend.resolve, NAME)
    else:
        cancelled_within_a_second(server, fault, backend.artifact, version)


def test_cancel_while_a_file_stands_still(
    server: WorkbenchServer, model: Model, backend: WorkbenchBackend, tmp_path: Path
) -> None:
    version: Version | object = backend.resolve(NAME, silent)
    artifact = backend.artifact(version, silent)
    assert artifact is not None
    files = [(f, f.path) for f in artifact.files]
    fault = Fault("stall", match=WEIGHTS, after=100)
    cancelled_within_a_second(server, fault, backend.fetch, version, files, tmp_path, None)
    assert WEIGHTS not in held(tmp_path)
    fault = Fault("stall", match=WEIGHTS, after=100)
    file = next(f for f in artifact.files if f.path == WEIGHTS)
    cancelled_within_a_second(server, fault, backend.read, version, file, 5000)
