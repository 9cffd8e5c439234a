"""The files of a version in a Cloudera AI Workbench, by a loopback server with its field names."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from desktop.services.progress import silent
from desktop.services.registry.cloudera_workbench import WorkbenchBackend
from tests.cloudera_server import Fault, Model, Workbench, WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.hub_server.content import adapter_files
from tests.services.registry.cloudera.cases import (
    NAME,
    PROJECT,
    WEIGHTS,
    fetch_all,
    held,
    needed,
    refusal,
)

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
