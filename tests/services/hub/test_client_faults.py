from __future__ import annotations

import threading
import time

import pytest
from huggingface_hub import constants

from desktop.services.errors import Cancelled
from desktop.services.hub.client import HubClient
from desktop.services.hub.explain import wait_of, wait_text
from desktop.services.hub.records import HubQuery, HubReference
from tests.hub_server import Fault, HubServer, Repo, http_date
from tests.services.hub.conftest import LORA, refused

HERE = HubReference(LORA)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("status", status=500), "server"),
        (Fault("status", status=503), "server"),
        (Fault("status", status=429), "rate"),
        (Fault("status", status=403), "forbidden"),
        (Fault("status", status=401), "not_found"),
        (Fault("status", status=404), "not_found"),
        (Fault("status", status=404, error_code="EntryNotFound"), "entry"),
        (Fault("status", status=400), "answer"),
        (Fault("status", status=418), "answer"),
        (Fault("page"), "answer"),
        (Fault("body", body=b""), "answer"),
        (Fault("body", body=b"[]"), "answer"),
        (Fault("body", body=b"null"), "answer"),
        (Fault("body", body=b"{}"), "answer"),
        (Fault("body", body=b"\xff\xfe"), "answer"),
        (Fault("body", body=b'{"a":' * 20_000), "answer"),
        (Fault("cut", after=-1), "cut"),
        (Fault("cut", after=20), "cut"),
        (Fault("reset", after=-1), "cut"),
        (Fault("reset", after=20), "cut"),
        (Fault("endless"), "answer"),
        (Fault("gzip_bomb", size=300 << 20), "answer"),
        (Fault("redirect_to", to=""), "answer"),
        (Fault("redirect_to", to="file:///etc/passwd"), "address"),
        (Fault("redirect_to", to="http://10.0.0.1/x"), "address"),
        (Fault("redirect_to", to="http://169.254.169.254/latest"), "address"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else value,
)
def test_faults_are_told_apart(
    server: HubServer, repo: Repo, client: HubClient, fault: Fault, code: str
) -> None:
    server.fault = fault
    start = time.monotonic()
    assert refused(lambda: client.repo(HERE)).code == code
    assert refused(lambda: client.commit(HERE)).code == code
    assert time.monotonic() - start < 8
    server.fault = None
    assert client.commit(HERE) == repo.commit


def test_a_server_that_asks_to_wait(server: HubServer, repo: Repo, client: HubClient) -> None:
    host = server.url.removeprefix("http://")
    server.fault = Fault("status", status=429, retry_after=30)
    error = refused(lambda: client.repo(HERE))
    assert error.message == f"{host} asks to wait 30 s: there were too many requests."
    assert error.advice == "Try again then; who is signed in may ask more often."


def test_how_long_to_wait() -> None:
    assert wait_of({"retry-after": "30"}) == 30
    assert wait_of({"retry-after": "0"}) == 1
    assert wait_of({"retry-after": "9" * 40}) == 86400
    later = wait_of({"retry-after": http_date(time.time() + 100)})
    assert later is not None
    assert 95 <= later <= 101
    assert wait_of({"retry-after": "soon"}) is None
    assert wait_of({"retry-after": "soon", "ratelimit": '"api";r=0;t=55'}) == 55
    assert wait_of({"ratelimit": '"api";r=7;t=55'}) is None
    assert wait_of({}) is None
    assert [wait_text(s) for s in (1, 119, 120, 301, 7200)] == [
        "1 s", "119 s", "2 min", "6 min", "2 h",
    ]  # fmt: skip


def test_nobody_there(client: HubClient, server: HubServer) -> None:
    server.close()
    start = time.monotonic()
    for call in (
        lambda: client.repo(HERE),
        lambda: client.search(HubQuery()),
        lambda: client.commit(HERE),
    ):
        assert refused(call).code == "unreachable"
    assert time.monotonic() - start < 3


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_told_to_stay_offline(
    server: HubServer, client: HubClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")
    for call in (
        lambda: client.repo(HERE),
        lambda: client.search(HubQuery()),
        lambda: client.commit(HERE),
    ):
        error = refused(call)
        assert (error.code, error.message) == ("offline", f"You are offline: {name} is set.")
    monkeypatch.delenv(name)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert refused(lambda: client.repo(HERE)).code == "offline"
    assert server.requests == []


def test_addresses_that_nobody_goes_to() -> None:
    for endpoint in ("ftp://hub.example", "http://hub.example", "https://me:x@hub.example", ""):
        assert refused(lambda endpoint=endpoint: HubClient(endpoint)).code == "address"
    assert HubClient("http://hub.example", plain_http=True).endpoint == "http://hub.example"


@pytest.mark.parametrize("kind", ["stall_headers", "stall"])
def test_cancel_acts_within_a_second(
    server: HubServer, repo: Repo, client: HubClient, kind: str
) -> None:
    repo.says = {"siblings": None}
    for match, call in (
        ("/revision/", lambda report: client.repo(HERE, report)),
        ("/revision/", lambda report: client.commit(HERE, report)),
        ("/tree/", lambda report: client.repo(HERE, report)),
        ("/api/models?", lambda report: client.search(HubQuery(), "", report)),
    ):
        server.fault = fault = Fault(kind, match.replace("?", r"\?"))
        cancelled = threading.Event()
        at: list[float] = []

        def report(
            done: int, total: int, text: str, cancelled: threading.Event = cancelled
        ) -> None:
            assert text
            if cancelled.is_set():
                raise Cancelled

        def cancel(
            fault: Fault = fault,
            cancelled: threading.Event = cancelled,
            at: list[float] = at,
        ) -> None:
            fault.wait()
            at.append(time.monotonic())
            cancelled.set()

        thread = threading.Thread(target=cancel)
        thread.start()
        with pytest.raises(Cancelled):
            call(report)
        thread.join()
        assert time.monotonic() - at[0] < 1
