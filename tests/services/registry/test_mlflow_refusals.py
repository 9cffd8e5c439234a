"""What a server may say in the place of MLflow, and what a person is told then."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled
from desktop.services.progress import Progress, silent
from desktop.services.registry.mlflow_rest import MlflowBackend
from desktop.services.registry.names import MAX_DEPTH, MAX_ENTRIES, MAX_FOLDERS
from desktop.services.registry.records import ArtifactFile, Connection, RegistryKind
from desktop.services.registry.rest import Asked, Refusal, RestClient
from tests.hub_server import HOSTILE_NAMES
from tests.services.raw_server import CERTIFICATE, RawServer, answer
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
PAGE = answer(b"<!doctype html><title>Sign in</title>", Content_Type="text/html; charset=utf-8")


def stopping_after(seconds: float) -> Progress:
    end = time.monotonic() + seconds

    def report(done: int, total: int, text: str) -> None:
        if time.monotonic() >= end:
            raise Cancelled

    return report


def authorization(server: RawServer) -> str:
    lines = server.heads[-1].split("\r\n")
    found = [line.partition(": ")[2] for line in lines if line.lower().startswith("authorization")]
    return found[0] if found else ""


# -- who asks ----------------------------------------------------------------------------------


def test_a_token_goes_along() -> None:
    with FalseMlflow({SEARCH: {}}) as server:
        server.backend(SECRET).models("", "", silent)
        assert authorization(server) == f"Bearer {SECRET}"


def test_a_user_signs_in_with_a_password() -> None:
    with FalseMlflow({SEARCH: {}}) as server:
        server.backend("pass wörd", user="ann").models("", "", silent)
        kind, _, pair = authorization(server).partition(" ")
        assert kind == "Basic"
        assert base64.b64decode(pair).decode() == "ann:pass wörd"


def test_nobody_is_signed_in() -> None:
    with FalseMlflow({SEARCH: {}}) as server:
        server.backend().models("", "", silent)
        assert authorization(server) == ""


@pytest.mark.parametrize("secret", ["new\nline", "blank\x00", "ünicode", "  "])
def test_a_token_that_no_header_holds_is_refused(secret: str) -> None:
    connection = Connection(RegistryKind.MLFLOW, "http://127.0.0.1:1")
    error_of("token", MlflowBackend, connection, secret)


def test_a_user_name_that_would_move_the_password_is_refused() -> None:
    connection = Connection(RegistryKind.MLFLOW, "http://127.0.0.1:1", user="a:b")
    error_of("token", MlflowBackend, connection, SECRET)


def test_no_repr_tells_the_secret() -> None:
    connection = Connection(RegistryKind.MLFLOW, "http://127.0.0.1:1", user="ann")
    assert SECRET not in repr(MlflowBackend(connection, SECRET))
    assert SECRET not in repr(RestClient(connection, SECRET))


def test_plain_http_to_elsewhere_needs_consent() -> None:
    connection = Connection(RegistryKind.MLFLOW, "http://mlflow.example")
    error_of("address", MlflowBackend, connection, SECRET)


# -- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        (refused("401 Unauthorized", "UNAUTHENTICATED"), "token", "did not accept the token"),
        (answer(b"no", "401 Unauthorized"), "token", "did not accept the token"),
        (refused("403 Forbidden", "PERMISSION_DENIED"), "forbidden", "does not allow"),
        (answer(b"Invalid Host header - possible DNS rebinding attack detected", "403 Forbidden"),
         "forbidden", "does not answer to this name"),
        (answer(b"<html>no</html>", "404 Not Found", Content_Type="text/html"),
         "answer", "is not an MLflow server"),
        (answer(b"", "429 Too Many Requests", Retry_After="90"), "rate", "asks to wait 2 min"),
        (answer(b"", "429 Too Many Requests"), "rate", "asks to wait"),
        (answer(b"", "503 Service Unavailable"), "server", "has a fault"),
        (refused("400 Bad Request", "INVALID_STATE"), "answer", "INVALID_STATE"),
        (PAGE, "answer", "This is not an MLflow server: it answered with a web page."),
        (answer(b"  <!doctype html>"), "answer", "it answered with a web page."),
        (answer(b"[" * 5000), "answer", "does not give"),
        (answer(b'{"a":' * 50 + b"1" + b"}" * 50), "answer", "does not give"),
        (answer(b'{"registered_models": 1' + b"0" * 5000 + b"}"), "answer", "does not give"),
        (answer(b"\xff\xfe\x00"), "answer", "does not give"),
        (answer(b""), "answer", "does not give"),
        (as_json([1]), "answer", "does not give"),
    ],
)  # fmt: skip
def test_what_a_refusal_means(said: bytes, code: str, words: str) -> None:
    with FalseMlflow({SEARCH: said}) as server:
        error = error_of(code, server.backend(SECRET).models, "", "", silent)
    assert words in error.message


def test_401_without_a_token_and_with_a_password() -> None:
    with FalseMlflow({SEARCH: answer(b"", "401 Unauthorized")}) as server:
        assert "signed in" in error_of("token", server.backend().test, silent).message
        with_password = server.backend(SECRET, user="ann")
        assert "password" in error_of("token", with_password.test, silent).message


def test_what_was_asked_for_is_named() -> None:
    shut = refused("403 Forbidden", "PERMISSION_DENIED")
    with FalseMlflow({f"{API}/registered-models/get": shut}) as server:
        error = error_of("forbidden", server.backend(SECRET).resolve, "sql", silent)
        assert "may not read the model “sql”" in error.message
        assert isinstance(error, Refusal)
        assert (error.status, error.reason) == (403, "PERMISSION_DENIED")
    with FalseMlflow({}) as server:
        error = error_of("not_found", server.backend().resolve, "sq\u202el", silent)
        assert error.message == "There is no name of a model here."
        error = error_of("not_found", server.backend().versions, "sq\u202el", "", silent)
        assert error.message.startswith("There is no model “sq\\u202el” on 127.0.0.1:")


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    backend = MlflowBackend(Connection(RegistryKind.MLFLOW, f"http://127.0.0.1:{port}"), None)
    error_of("unreachable", backend.test, silent)


@pytest.mark.parametrize(
    "place",
    ["file:///etc/passwd", "https://mlflow.example/x", "http://127.0.0.1:1/x", "//other/x",
     "http://[", "ftp://127.0.0.1/x"],
)  # fmt: skip
def test_a_redirect_to_elsewhere_is_refused(place: str) -> None:
    with FalseMlflow({SEARCH: answer(b"", "302 Found", Location=place)}) as server:
        error_of("address", server.backend(SECRET).models, "", "", silent)


def test_a_redirect_inside_of_the_server_is_followed_but_not_for_ever() -> None:
    with FalseMlflow({SEARCH: answer(b"", "307 Moved", Location="/there"), "/there": {}}) as server:
        assert server.backend().models("", "", silent).models == ()
        server.routes["/there"] = answer(b"", "302 Found", Location="/there")
        error_of("answer", server.backend().models, "", "", silent)


def test_what_is_posted_goes_nowhere_else() -> None:
    with FalseMlflow({"/x": answer(b"", "307 Moved", Location="/there"), "/there": {}}) as server:
        rest = RestClient(Connection(RegistryKind.MLFLOW, server.url), SECRET)
        error_of("address", rest.post, "/x", {"a": 1}, silent, "Asking")
        server.routes["/x"] = {"b": 2}
        assert rest.post("/x", {"a": 1}, silent, "Asking", Asked()) == {"b": 2}
        assert server.heads[-1].startswith("POST /x ")


# -- certificates ------------------------------------------------------------------------------


def test_a_server_of_ones_own_is_trusted_by_its_file() -> None:
    with FalseMlflow({SEARCH: {}}, secure=True) as server:
        error_of("tls", server.backend(SECRET).models, "", "", silent)
        trusting = server.backend(SECRET, ca_file=str(CERTIFICATE))
        assert trusting.models("", "", silent).models == ()


def test_a_file_of_certificates_that_is_none(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no certificate")
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for path in (text, broken, tmp_path / "missing.pem", tmp_path):
        connection = Connection(RegistryKind.MLFLOW, "https://127.0.0.1:1", ca_file=str(path))
        error = error_of("tls", MlflowBackend(connection, None).test, silent)
        assert path.name in error.message


# -- lists that do not end ---------------------------------------------------------------------


def test_pages_that_lead_to_themselves() -> None:
    with FalseMlflow({SEARCH: {"next_page_token": "again"}}) as server:
        backend = server.backend()
        first = backend.models("", "", silent)
        error_of("listing", backend.models, "", first.cursor, silent)


def test_pages_without_end() -> None:
    def next_page(query: dict[str, str]) -> bytes:
        return as_json({"next_page_token": query.get("page_token", "") + "x"})

    with FalseMlflow({SEARCH: next_page}) as server:
        backend, cursor, pages = server.backend(), "", 0
        with pytest.raises(Exception, match="does not come to an end"):
            while pages <= 300:
                cursor = backend.models("", cursor, silent).cursor
                pages += 1
        assert pages == 200


@pytest.mark.parametrize("cursor", ["x", "²:", "-1:", ":::"])
def test_a_cursor_that_nobody_gave_is_the_first_page_or_what_the_server_says(cursor: str) -> None:
    with FalseMlflow({SEARCH: {}}) as server:
        assert server.backend().models("", cursor, silent).cursor == ""


def test_a_cursor_beyond_the_last_page() -> None:
    with FalseMlflow({SEARCH: {}}) as server:
        error_of("listing", server.backend().models, "", "9" * 4000 + ":a", silent)
        error_of("listing", server.backend().models, "", "201:a", silent)
        assert server.asked == []


def test_files_without_end() -> None:
    many = {"files": [{"path": f"adapter/{n}", "is_dir": False} for n in range(MAX_ENTRIES + 1)]}
    with with_files(many) as server:
        error_of("listing", server.backend().artifact, VERSION, silent)


def test_folders_without_end() -> None:
    def deeper(query: dict[str, str]) -> bytes:
        return as_json({"files": [{"path": f"{query['path']}/a", "is_dir": True}]})

    with with_files(deeper) as server:
        error_of("listing", server.backend().artifact, VERSION, silent)
        assert len(server.asked) <= MAX_DEPTH + 2

    def wider(query: dict[str, str]) -> bytes:
        folder = query["path"]
        below = [] if folder.count("/") > 1 else range(60)
        return as_json({"files": [{"path": f"{folder}/{n}", "is_dir": True} for n in below]})

    with with_files(wider) as server:
        error_of("listing", server.backend().artifact, VERSION, silent)
        assert len(server.asked) <= MAX_FOLDERS + 2


def test_pages_of_files_that_lead_to_themselves() -> None:
    with with_files({"files": [], "next_page_token": "t"}) as server:
        error_of("listing", server.backend().artifact, VERSION, silent)


def test_an_answer_without_end_is_cut_off() -> None:
    def flood(to: socket.socket, head: str) -> None:
        to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            to.sendall(b" " * 65536)

    with RawServer(flood) as server:
        backend = MlflowBackend(Connection(RegistryKind.MLFLOW, server.url), None)
        error = error_of("answer", backend.models, "", "", silent)
    assert "more than 33.6 MB" in error.message


@pytest.mark.parametrize("ask", ["models", "read", "fetch"])
def test_a_silent_server_is_left_within_a_second(ask: str, tmp_path: Path) -> None:
    waiting = threading.Event()

    def nothing(to: socket.socket, head: str) -> None:
        waiting.wait(20)

    file = ArtifactFile("a", 1, "/get-artifact?path=a")
    with RawServer(nothing) as server:
        backend = MlflowBackend(Connection(RegistryKind.MLFLOW, server.url), None)
        calls: dict[str, Callable[[Progress], object]] = {
            "models": lambda progress: backend.models("", "", progress),
            "read": lambda progress: backend.read(VERSION, file, 10, progress),
            "fetch": lambda progress: backend.fetch(
                VERSION, [(file, "a")], tmp_path, None, progress
            ),
        }
        start = time.monotonic()
        with pytest.raises(Cancelled):
            calls[ask](stopping_after(0.3))
        assert time.monotonic() - start < 1.3
        waiting.set()
    assert list(tmp_path.iterdir()) == []


# -- files -------------------------------------------------------------------------------------


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
