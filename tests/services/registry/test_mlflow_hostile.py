"""What a server may say in the place of MLflow about models and
files: believed as far as it can be."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from desktop.services.progress import silent
from desktop.services.registry.mlflow_rest import MlflowBackend
from desktop.services.registry.records import ArtifactFile, Connection, RegistryKind
from tests.hub_server import HOSTILE_NAMES
from tests.services.raw_server import RawServer, answer
from tests.services.registry.false_mlflow import (
    API,
    SECRET,
    VERSION,
    FalseMlflow,
    as_json,
    error_of,
    refused,
    with_files,
)

SEARCH = f"{API}/registered-models/search"


def test_names_that_no_folder_should_hold_are_skipped() -> None:
    names = ["adapter_config.json", *HOSTILE_NAMES]
    listed = {"files": [{"path": f"adapter/{name}", "file_size": 1} for name in names]}
    with with_files(listed) as server:
        artifact = server.backend().artifact(VERSION, silent)
    assert artifact is not None
    kept = [file.path for file in artifact.files]
    assert "adapter_config.json" in kept
    assert not set(kept) & {name for name in HOSTILE_NAMES if ".." in name or "\0" in name}
    assert all(name.isprintable() for name in artifact.skipped)
    assert len(artifact.skipped) + len(kept) == len(names)
    assert artifact.adapters == ("",)


@pytest.mark.parametrize("path", ["../secret", "other/x", "/etc/passwd", "adapter/../../x", ""])
def test_a_path_outside_of_what_was_asked_for_is_skipped(path: str) -> None:
    with with_files({"files": [{"path": path, "is_dir": False}]}) as server:
        artifact = server.backend().artifact(VERSION, silent)
    assert artifact is not None
    assert artifact.files == ()
    assert len(artifact.skipped) == 1


@pytest.mark.parametrize("item", ["text", {"no": "path"}, {"path": 7}, None])
def test_a_list_that_is_none(item: object) -> None:
    with with_files({"files": [item]}) as server:
        error_of("answer", server.backend().artifact, VERSION, silent)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("s3://bucket/a/b", "s3://bucket/…"),
        (f"s3://key:{SECRET}@bucket/a", "s3://bucket/…"),
        ("dbfs:/models/x", "dbfs:/…"),
        ("abfss://box@acme.dfs.core.windows.net/x", "abfss://acme.dfs.core.windows.net/…"),
        ("hdfs://name:9000/x", "hdfs://name:9000/…"),
        ("file:///etc", "“file:///etc”"),
        ("/etc", "“/etc”"),
        ("mlflow-artifacts://other/x", "mlflow-artifacts://other/…"),
        ("mlflow-artifacts:/../../etc", "mlflow-artifacts:/…"),
        (f"runs:/{'0' * 32}/../../x", "runs:/…"),
        ("runs:/../x", "runs:/…"),
        ("http://other.example/api/2.0/mlflow-artifacts/artifacts/x", "http://other.example/…"),
        ("", "“”"),
    ],
)
def test_files_that_are_not_handed_out_are_told_by_name(source: str, words: str) -> None:
    uri = {"artifact_uri": source}
    with with_files({}, **{f"{API}/model-versions/get-download-uri": uri}) as server:
        version = VERSION if source else type(VERSION)("sql", "sql", "1")
        error = error_of("entry", server.backend().artifact, version, silent)
    assert words in error.message


def test_a_bucket_that_the_server_can_not_read_is_told_by_name() -> None:
    run = {"run": {"info": {"run_id": "0" * 32, "artifact_uri": "s3://bucket/1/artifacts"}}}
    fault = answer(b"", "500 Internal Server Error")
    with with_files(fault, **{f"{API}/runs/get": run}) as server:
        error = error_of("entry", server.backend().artifact, VERSION, silent)
        assert "s3://bucket/…" in error.message
        server.routes[f"{API}/runs/get"] = fault
        error_of("server", server.backend().artifact, VERSION, silent)


def test_a_whole_address_inside_of_the_run_is_asked_for_by_the_run() -> None:
    uri = {"artifact_uri": "s3://bucket/1/artifacts/adapter"}
    run = {"run": {"info": {"run_id": "0" * 32, "artifact_uri": "s3://bucket/1/artifacts"}}}
    files = {
        "root_uri": "s3://bucket/1/artifacts",
        "files": [{"path": "adapter/adapter_config.json", "file_size": "2"}],
    }
    routes = {f"{API}/model-versions/get-download-uri": uri, f"{API}/runs/get": run}
    with with_files(files, **routes, **{"/get-artifact": answer(b"{}")}) as server:
        backend = server.backend()
        artifact = backend.artifact(VERSION, silent)
        assert artifact is not None
        assert [(file.path, file.size) for file in artifact.files] == [("adapter_config.json", 2)]
        assert backend.read(VERSION, artifact.files[0], 100, silent) == b"{}"
        path, query = server.asked[-1]
        assert path == "/get-artifact"
        assert query == {"run_uuid": "0" * 32, "path": "adapter/adapter_config.json"}


def test_the_server_s_own_address_of_its_storage() -> None:
    listed = {"files": [{"path": "a b.txt", "is_dir": False}]}
    proxy = "/api/2.0/mlflow-artifacts/artifacts"
    with with_files({}, **{proxy: listed, f"{proxy}/1/ä/a b.txt": answer(b"hi")}) as server:
        uri = {"artifact_uri": f"{server.url}{proxy}/1/%C3%A4"}
        server.routes[f"{API}/model-versions/get-download-uri"] = uri
        backend = server.backend()
        artifact = backend.artifact(VERSION, silent)
        assert artifact is not None
        assert backend.read(VERSION, artifact.files[0], 10, silent) == b"hi"


def test_a_server_without_ranges_is_not_read_to_its_end() -> None:
    sent = []

    def whole(to: socket.socket, head: str) -> None:
        to.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        try:
            for _ in range(1000):
                to.sendall(b"x" * 100_000)
                sent.append(100_000)
        except OSError:
            pass

    with RawServer(whole) as server:
        backend = MlflowBackend(Connection(RegistryKind.MLFLOW, server.url), None)
        file = ArtifactFile("a", None, "/a")
        assert backend.read(VERSION, file, 1000, silent) == b"x" * 1000
        assert backend.read(VERSION, file, 0, silent) == b""
    assert sum(sent) < 50_000_000


def test_another_part_than_was_asked_for() -> None:
    part = answer(b"abc", "206 Partial Content", Content_Range="bytes 5-7/8")
    with FalseMlflow({"/a": part, "/b": answer(b"", "416 Range Not Satisfiable")}) as server:
        backend = server.backend()
        error_of("answer", backend.read, VERSION, ArtifactFile("a", 8, "/a"), 3, silent)
        assert backend.read(VERSION, ArtifactFile("b", 0, "/b"), 3, silent) == b""


def test_wrong_sizes_end_a_fetch_with_nothing_left_behind(tmp_path: Path) -> None:
    with FalseMlflow({"/a": answer(b"abc"), "/b": answer(b"toolong")}) as server:
        files = [(ArtifactFile("a", 3, "/a"), "a"), (ArtifactFile("b", 3, "/b"), "b")]
        error_of("too_large", server.backend().fetch, VERSION, files, tmp_path, None, silent)
    assert not (tmp_path / "b").exists()


def test_hostile_records_are_left_out() -> None:
    models = [
        {"name": "good", "description": "a\0b", "tags": [{"key": "k", "value": 7}, "x"],
         "aliases": [{"alias": "a", "version": "x"}, {"alias": "b", "version": "2"}],
         "latest_versions": [{"version": "9"}, {"version": "10"}, {"version": "²"}, 5],
         "last_updated_timestamp": 1e300},
        {"name": ""}, {"name": "n" * 5000}, {"name": "x\ud800"}, {"name": 5}, "text", None,
    ]  # fmt: skip
    with FalseMlflow({SEARCH: {"registered_models": models}}) as server:
        page = server.backend().models("", "", silent)
    assert [model.name for model in page.models] == ["good"]
    model = page.models[0]
    assert (model.description, model.newest, model.changed) == ("a\ufffdb", "10", None)
    assert (model.aliases, model.tags) == ((("b", "2"),), (("k", ""),))
    with FalseMlflow({SEARCH: {"registered_models": {"a": 1}}}) as server:
        assert server.backend().models("", "", silent).models == ()


def test_versions_are_sorted_as_numbers_and_old_servers_know_no_order() -> None:
    def search(query: dict[str, str]) -> bytes:
        if "order_by" in query:
            return refused("400 Bad Request", "INVALID_PARAMETER_VALUE")
        found = [{"name": "sql", "version": number} for number in ("9", "10", "x", "2")]
        return as_json({"model_versions": [*found, {"name": "other", "version": "99"}]})

    with with_files({}, **{f"{API}/model-versions/search": search}) as server:
        page = server.backend().versions("sql", "", silent)
    assert [version.version for version in page.versions] == ["10", "9", "2"]


def test_a_run_that_may_not_be_read_is_none() -> None:
    shut = refused("403 Forbidden", "PERMISSION_DENIED")
    with FalseMlflow({f"{API}/runs/get": shut}) as server:
        assert server.backend().run(VERSION, silent) is None
        server.routes[f"{API}/runs/get"] = {"run": {"info": {"run_id": "../x"}}}
        assert server.backend().run(VERSION, silent) is None
        server.routes[f"{API}/runs/get"] = answer(b"", "500 Internal Server Error")
        error_of("server", server.backend().run, VERSION, silent)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("sql", "name = 'sql'"),
        ("it's", 'name = "it\'s"'),
        ('a "b"', "name = 'a \"b\"'"),
        ('it\'s "b"', "name LIKE 'it_s _b_'"),
        ("back\\", "name LIKE 'back_'"),
        ("100%", "name = '100%'"),
    ],
)
def test_a_name_with_quotes_asks_for_itself_only(name: str, asked: str) -> None:
    def search(query: dict[str, str]) -> bytes:
        assert query["filter"] == asked
        found = [{"name": name, "version": "1"}, {"name": "other", "version": "2"}]
        return as_json({"model_versions": found})

    routes = {
        f"{API}/registered-models/get": {"registered_model": {"name": name}},
        f"{API}/model-versions/search": search,
    }
    with FalseMlflow(routes) as server:
        page = server.backend().versions(name, "", silent)
        assert [version.model_id for version in page.versions] == [name]
        assert server.backend().resolve(name, silent) == page.versions[0]


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("o'name", "name ILIKE '%o_name%'"),
        ("%' OR '1", "name ILIKE '%__ OR _1%'"),
        ("a_b", "name ILIKE '%a_b%'"),
    ],
)
def test_a_search_can_not_leave_its_quotes(typed: str, asked: str) -> None:
    found = {"registered_models": [{"name": f"x{typed}x"}, {"name": "something else"}]}
    with FalseMlflow({SEARCH: found}) as server:
        page = server.backend().models(typed, "", silent)
        assert server.asked[0][1]["filter"] == asked
    assert [model.name for model in page.models] == [f"x{typed}x"]
