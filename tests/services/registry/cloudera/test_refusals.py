"""What goes wrong with a Cloudera AI Workbench, each in a sentence, with nothing left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.services.progress import silent
from desktop.services.registry.cloudera_workbench import WorkbenchBackend
from desktop.services.registry.records import Connection, RegistryKind
from tests.cloudera_server import Fault, Model, Workbench, WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.hub_server.content import adapter_files
from tests.services.registry.cloudera.cases import (
    NAME,
    PROJECT,
    WEIGHTS,
    cancelled_within_a_second,
    connect,
    fetch_all,
    held,
    needed,
    refusal,
)

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
    (tmp_path / "in").mkdir()
    fetch_all(backend, found, tmp_path / "in")
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
    assert server.sent(WEIGHTS) < 8 << 20


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
    version = backend.resolve(NAME, silent)
    artifact = backend.artifact(version, silent)
    assert artifact is not None
    files = [(f, f.path) for f in artifact.files]
    fault = Fault("stall", match=WEIGHTS, after=100)
    cancelled_within_a_second(server, fault, backend.fetch, version, files, tmp_path, None)
    assert WEIGHTS not in held(tmp_path)
    fault = Fault("stall", match=WEIGHTS, after=100)
    file = next(f for f in artifact.files if f.path == WEIGHTS)
    cancelled_within_a_second(server, fault, backend.read, version, file, 5000)
