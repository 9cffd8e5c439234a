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
