"""What is read of an answer, how it is stopped, and what went wrong, in words."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import threading
import time
from typing import Any

import httpx2
import pytest

from desktop.services import web
from desktop.services.errors import REMOTE_CODES, Cancelled, RemoteError
from tests.hub_server import Fault, HubServer
from tests.services.raw_server import CERTIFICATE, RawServer, answer
from tests.services.web.hands import (
    after,
    refused,
)

# -- what is read of an answer -----------------------------------------------------------------


def test_an_answer_ends_at_its_limit(client: httpx2.Client) -> None:
    packed = gzip.compress(bytes(3 << 20))
    assert len(packed) < 10_000
    answers = {
        "packed": answer(packed, Content_Encoding="gzip"),
        "twice": answer(gzip.compress(packed), Content_Encoding="gzip, gzip"),
        "plain": answer(bytes(3 << 20)),
        "moved": answer(bytes(3 << 20), status="302 Found", Location="/small"),
        "small": answer(b"small"),
    }

    def say(to: socket.socket, head: str) -> None:
        to.sendall(answers[head.split()[1].strip("/")])

    with RawServer(say) as server:
        for path in ("packed", "twice", "plain"):
            refused("answer", server.url, client, f"{server.url}/{path}", answer_limit=1 << 20)
        # What is no success has a limit even where the caller counts.
        refused("answer", server.url, client, f"{server.url}/moved", answer_limit=None)
        with web.visit(server.url, answer_limit=None):
            assert len(client.get(f"{server.url}/packed").content) == 3 << 20


def test_an_endless_answer_ends(hub: HubServer, client: httpx2.Client) -> None:
    hub.fault = Fault("endless", match="lfs")
    url = f"{hub.url}/acme/sql/resolve/main/w.safetensors"
    refused("answer", hub.url, client, url, answer_limit=1 << 20)
    assert hub.sent() < 20 << 20


@pytest.mark.parametrize("what", ["HEAD_TIME", "ANSWER_TIME"])
def test_an_answer_may_not_drip_for_ever(
    what: str, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, what, 0.5)
    start = "HTTP/1.1 200 OK\r\n" if what == "HEAD_TIME" else "HTTP/1.1 200 OK\r\n\r\n"

    def say(to: socket.socket, head: str) -> None:
        to.sendall(start.encode())
        while not server.closing.wait(0.05):
            to.sendall(b"x")

    begun = time.monotonic()
    with RawServer(say) as server:
        error = refused("slow", server.url, client, server.url)
        assert time.monotonic() - begun < 3
    assert "takes too long" in error.message


# -- how it is stopped -------------------------------------------------------------------------


def stopped_within_a_second(home: str, url: str, client: httpx2.Client) -> None:
    begun = time.monotonic()
    with pytest.raises(Cancelled), web.visit(home, after(0.3)):
        client.get(url)
    assert time.monotonic() - begun < 1.3


def test_cancel_while_the_head_does_not_come(hub: HubServer, client: httpx2.Client) -> None:
    hub.fault = Fault("stall_headers")
    stopped_within_a_second(hub.url, f"{hub.url}/api/models/acme/sql", client)


def test_cancel_in_a_body_that_stalls(hub: HubServer, client: httpx2.Client) -> None:
    hub.fault = Fault("stall", match="lfs", after=1000)
    stopped_within_a_second(hub.url, f"{hub.url}/acme/sql/resolve/main/w.safetensors", client)


def test_cancel_while_nobody_accepts(client: httpx2.Client) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = []
        while True:
            caller = socket.socket()
            waiting.append(caller)
            caller.settimeout(0.2)
            try:
                caller.connect(("127.0.0.1", port))
            except TimeoutError:
                break
        home = f"http://127.0.0.1:{port}"
        stopped_within_a_second(home, home, client)
        with web.make_client(timeout=0.5) as hasty, web.visit(home):
            with pytest.raises(httpx2.ConnectTimeout) as caught:
                hasty.get(home)
        assert web.explain(caught.value, "hub").code == "unreachable"
        for caller in waiting:
            caller.close()


def test_cancel_while_a_name_is_looked_up(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def look_up(*_: Any, **__: Any) -> Any:
        answered.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    stopped_within_a_second("https://hub.example", "https://hub.example", client)
    answered.set()


def test_cancel_in_a_handshake_that_stalls(client: httpx2.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        home = f"https://127.0.0.1:{mute.getsockname()[1]}"
        stopped_within_a_second(home, home, client)


def test_the_check_is_asked_often_also_while_bytes_come(
    hub: HubServer, client: httpx2.Client
) -> None:
    hub.fault = Fault("drip", match="lfs", interval=0.02)
    asked: list[float] = []

    def check() -> None:
        asked.append(time.monotonic())
        if asked[-1] - asked[0] > 1:
            raise Cancelled

    with pytest.raises(Cancelled), web.visit(hub.url, check):
        client.get(f"{hub.url}/acme/sql/resolve/main/w.safetensors")
    assert max(b - a for a, b in itertools.pairwise(asked)) < 0.3


def test_threads_share_a_client_and_each_has_its_own_visit(
    hub: HubServer, client: httpx2.Client
) -> None:
    hub.fault = Fault("stall_headers", match="/stalled/")
    hub.add_repo("acme/stalled", {})
    ended: list[str] = []

    def stalled() -> None:
        with web.visit(hub.url, after(0.5)):
            try:
                client.get(f"{hub.url}/acme/stalled/resolve/main/x")
            except Cancelled:
                ended.append("cancelled")

    threads = [threading.Thread(target=stalled) for _ in range(4)]
    for thread in threads:
        thread.start()
    with web.visit(hub.url):
        for _ in range(20):
            assert client.get(f"{hub.url}/api/models/acme/sql").status_code == 200
    for thread in threads:
        thread.join()
    assert ended == ["cancelled"] * 4


# -- what went wrong, in words -----------------------------------------------------------------


def told(client: httpx2.Client, home: str) -> RemoteError:
    with pytest.raises(httpx2.HTTPError) as caught, web.visit(home):
        client.get(home)
    error = web.explain(caught.value, "hub.example")
    assert error.code in REMOTE_CODES
    for sentence in (error.message, error.advice):
        assert sentence.endswith(".")
        assert "hf_SECRET" not in sentence
    return error


def test_refused_no_such_name_and_no_network(
    names: dict[str, list[str]], client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        home = f"http://127.0.0.1:{gone.getsockname()[1]}"
    assert "refuses the connection" in told(client, home).message
    names["hub.example"] = []
    error = told(client, "https://hub.example")
    assert (error.code, error.message) == ("unreachable", "There is no server called hub.example.")

    def no_network(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    assert told(client, "https://hub.example").code == "offline"


def test_cut_reset_and_nonsense(hub: HubServer, client: httpx2.Client) -> None:
    for kind in ("cut", "reset"):
        hub.fault = Fault(kind, after=-1)
        assert told(client, hub.url).code == "cut"
    with RawServer(lambda to, _: to.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")) as server:
        assert told(client, server.url).code == "answer"
    with RawServer(lambda to, _: to.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000)) as server:
        assert told(client, server.url).code == "answer"


def test_silence_is_slow(hub: HubServer) -> None:
    hub.fault = Fault("stall_headers")
    with web.make_client(timeout=0.4) as hasty:
        assert told(hasty, hub.url).code == "slow"


def test_a_certificate_that_nobody_trusts(client: httpx2.Client) -> None:
    with RawServer(lambda to, _: to.sendall(answer(b"secure")), secure=True) as server:
        error = told(client, server.url)
        assert error.code == "tls"
        assert "not trusted" in error.message
        trust = ssl.create_default_context(cafile=CERTIFICATE)
        with web.make_client(verify=trust) as trusting, web.visit(server.url):
            assert trusting.get(server.url).content == b"secure"
    with RawServer(lambda to, _: None, greeting=b"this is no TLS") as server:
        assert told(client, server.url.replace("http", "https")).code == "tls"


def test_an_error_for_people_stays_as_it_is() -> None:
    error = RemoteError("gated", "Its files are gated.")
    assert web.explain(error, "hub") is error
    assert web.explain(ValueError("garbage"), "hub").code == "answer"
