"""The one way out: where a request may go, what of an answer is read, how it is stopped."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from desktop.services import web
from desktop.services.errors import REMOTE_CODES, Cancelled, RemoteError
from tests.hub_server import Fault, HubServer
from tests.services.raw_server import CERTIFICATE, RawServer, answer

SECRET = "Bearer hf_SECRETSECRET"
PUBLIC_IP = "93.184.216.34"


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add_user("me", SECRET.removeprefix("Bearer "))
        server.add_repo("acme/sql", {"adapter_config.json": b"{}", "w.safetensors": b"w" * 5000})
        yield server


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with web.make_client(headers={"Authorization": SECRET}, timeout=5.0) as made:
        yield made


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Fill it: {host: [address, …]}, instead of what the system knows of these hosts."""
    known: dict[str, list[str]] = {}
    ask = socket.getaddrinfo

    def look_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host not in known:
            return ask(host, port, *args, **options)
        if not known[host]:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [found for address in known[host] for found in ask(address, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def refused(code: str, home: str, client: httpx2.Client, url: str, **options: Any) -> RemoteError:
    """The error of a GET, which has to have this code."""
    with pytest.raises(RemoteError) as caught, web.visit(home, **options):
        client.get(url)
    assert caught.value.code == code
    return caught.value


def after(seconds: float) -> Callable[[], None]:
    end = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() >= end:
            raise Cancelled

    return check


def redirecting(place: str) -> RawServer:
    return RawServer(lambda to, _: to.sendall(answer(status="302 Found", Location=place)))


# -- addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("huggingface.co", "https://huggingface.co"),
        (" HTTPS://Hub.Example:443/ ", "https://hub.example"),
        ("https://hub.example:8443/mirror/hf/", "https://hub.example:8443/mirror/hf"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("http://[::1]:5000/", "http://[::1]:5000"),
        ("localhost:5000", "https://localhost:5000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_endpoint_has_one_form(text: str, kept: str) -> None:
    assert web.normal_endpoint(text) == kept
    assert web.normal_endpoint(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "a b", "ftp://hub.example", "file:///etc/passwd", "https://", "https://a:99999",
        "https://me:secret@hub.example", "https://hub.example/?x", "https://hub.example/#x",
        "https://hub.example/a/../b", "https://a..b", "https://-", "https://a\\b", "https://[::1",
        "https://[zz]", "javascript:alert(1)", "https://hub\u202e.example", "https://a\tb",
    ],
)  # fmt: skip
def test_what_is_no_endpoint_is_told(text: str) -> None:
    with pytest.raises(RemoteError) as caught:
        web.normal_endpoint(text)
    assert caught.value.code == "address"
    assert caught.value.message.endswith(".")
    assert caught.value.advice.endswith(".")
    assert "secret" not in f"{caught.value} {caught.value.advice}"


def test_plain_http_takes_consent() -> None:
    with pytest.raises(RemoteError, match="unprotected"):
        web.normal_endpoint("http://hub.example")
    agreed = web.normal_endpoint("http://hub.example/", plain_http=True)
    assert agreed == "http://hub.example"
    with pytest.raises(RemoteError, match="unprotected"), web.visit("http://hub.example"):
        pytest.fail("got in")


def test_an_origin_is_what_a_token_belongs_to() -> None:
    assert web.origin("https://Hub.example:443/api/models?x=1") == "https://hub.example"
    assert web.origin("http://127.0.0.1:5000/x") == "http://127.0.0.1:5000"
    with pytest.raises(RemoteError):
        web.origin("file:///etc/passwd")


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("127.0.0.1", web.LOOPBACK), ("127.8.9.1", web.LOOPBACK), ("::1", web.LOOPBACK),
        ("::ffff:127.0.0.1", web.LOOPBACK), ("64:ff9b::7f00:1", web.LOOPBACK),
        ("10.1.2.3", web.PRIVATE), ("192.168.0.1", web.PRIVATE), ("100.64.0.1", web.PRIVATE),
        ("fd00::1", web.PRIVATE), ("2002:a00:1::", web.PRIVATE),
        ("169.254.169.254", web.OTHER), ("fe80::1%1", web.OTHER), ("0.0.0.0", web.OTHER),
        ("224.0.0.1", web.OTHER), ("255.255.255.255", web.OTHER), ("::", web.OTHER),
        (PUBLIC_IP, web.PUBLIC), ("2606:2800:220:1::1", web.PUBLIC),
    ],
)  # fmt: skip
def test_zones(address: str, zone: str) -> None:
    assert web.zone(address) == zone


# -- where a request may go --------------------------------------------------------------------


def test_without_a_visit_nothing_leaves_the_house(hub: HubServer, client: httpx2.Client) -> None:
    with pytest.raises(RuntimeError, match="visit"):
        client.get(f"{hub.url}/api/models/acme/sql")
    assert not hub.requests


def test_a_token_stays_with_the_home(hub: HubServer, client: httpx2.Client) -> None:
    with web.visit(hub.url):
        got = client.get(f"{hub.url}/acme/sql/resolve/main/w.safetensors")
    assert got.content == b"w" * 5000
    seen = {request.host.partition(":")[0]: request.headers for request in hub.requests}
    assert seen["127.0.0.1"]["authorization"] == SECRET
    assert "authorization" not in seen["localhost"]
    assert seen["localhost"]["user-agent"].startswith("lorarium/")
    hub.reset_requests()
    with web.visit("https://hub.example"), pytest.raises(RemoteError):
        client.get(f"{hub.url}/api/models/acme/sql")
    with web.visit(hub.lfs_host):
        client.get(f"{hub.url}/api/models/acme/sql")
    assert "authorization" not in hub.requests[0].headers


def test_no_cookie_is_kept(client: httpx2.Client) -> None:
    with (
        RawServer(lambda to, _: to.sendall(answer(b"x", Set_Cookie="who=me; Path=/"))) as server,
        web.visit(server.url),
    ):
        client.get(server.url)
        client.get(server.url)
    assert not any("cookie:" in head.lower() for head in server.heads)
    assert not client.cookies


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("file:///etc/passwd", "neither http nor https"),
        ("ftp://127.0.0.1/x", "neither http nor https"),
        ("http://169.254.169.254/latest/meta-data", "plain http"),
        ("https://169.254.169.254/latest/meta-data", "your own network"),
        ("https://10.0.0.1/", "your own network"),
        ("https://[fd00::1]/", "your own network"),
        ("http://93.184.216.34/", "plain http"),
        ("http://me:secret@localhost/", "user name"),
    ],
)
def test_redirects_that_nobody_follows(client: httpx2.Client, place: str, words: str) -> None:
    with redirecting(place) as server:
        error = refused("address", server.url, client, server.url)
    assert words in error.message
    assert "secret" not in error.message
    assert len(server.heads) == 1


def test_redirects_end(hub: HubServer, client: httpx2.Client) -> None:
    hub.fault = Fault("redirect_to")
    with web.visit(hub.url), pytest.raises(httpx2.TooManyRedirects) as caught:
        client.get(f"{hub.url}/api/models/acme/sql")
    assert web.explain(caught.value, "hub").code == "answer"
    assert len(hub.requests) == 11


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_public_home_leads_nobody_into_the_own_network(
    names: dict[str, list[str]], client: httpx2.Client, scheme: str
) -> None:
    names.update({"hub.example": [PUBLIC_IP], "inner.example": ["127.0.0.1"]})
    home = f"{scheme}://hub.example"
    with RawServer(lambda to, _: to.sendall(answer(b"inner"))) as server:
        for host in ("127.0.0.1", "localhost", "inner.example", "0x7f000001"):
            url = f"{scheme}://{host}:{server.port}/"
            error = refused("address", home, client, url, plain_http=True)
            assert "hub.example" in error.message
    assert not server.heads


def test_a_name_is_resolved_once(names: dict[str, list[str]], client: httpx2.Client) -> None:
    """A home that was public when the visit began stays so: its name may not move inside."""
    names["hub.example"] = [PUBLIC_IP]
    with RawServer(lambda to, _: to.sendall(answer(b"inner"))) as server:
        home = f"http://hub.example:{server.port}"
        with web.visit(home, plain_http=True):
            with pytest.raises(RemoteError) as first:
                client.get(f"http://127.0.0.1:{server.port}/")
            names["hub.example"] = ["127.0.0.1"]
            with pytest.raises(RemoteError) as second:
                client.get(home)
    assert {first.value.code, second.value.code} == {"address"}
    assert not server.heads


def test_an_inner_home_may_use_its_own_network(
    names: dict[str, list[str]], client: httpx2.Client
) -> None:
    names.update({"hub.corp": ["127.0.0.1"], "files.corp": ["127.0.0.1"]})
    with RawServer(lambda to, _: to.sendall(answer(b"inner"))) as server:
        with web.visit(f"http://hub.corp:{server.port}", plain_http=True):
            assert client.get(f"http://files.corp:{server.port}/").content == b"inner"


def test_a_connection_of_another_visit_is_no_back_door(
    names: dict[str, list[str]], client: httpx2.Client
) -> None:
    names["hub.example"] = [PUBLIC_IP]
    with RawServer(lambda to, _: to.sendall(answer(b"inner"))) as server:
        with web.visit(server.url):
            client.get(server.url)
        # The connection is still open, and would be used again.
        refused("address", "http://hub.example", client, server.url, plain_http=True)
        assert len(server.heads) == 1


def test_https_never_ends_in_plain_http() -> None:
    trust = ssl.create_default_context(cafile=CERTIFICATE)
    with (
        RawServer(lambda to, _: to.sendall(answer(b"plain"))) as plain,
        RawServer(
            lambda to, _: to.sendall(answer(status="302 Found", Location=plain.url)), secure=True
        ) as secure,
        redirecting(secure.url) as first,
        web.make_client(verify=trust) as client,
    ):
        refused("address", secure.url, client, secure.url)
        refused("address", first.url, client, first.url)
        assert not plain.heads
        with web.visit(plain.url):
            assert client.get(plain.url).content == b"plain"


def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with (
        RawServer(lambda to, _: to.sendall(answer(b"by proxy"))) as proxy,
        RawServer(lambda to, _: to.sendall(answer(b"direct"))) as direct,
    ):
        monkeypatch.setenv("http_proxy", proxy.url)
        with web.make_client(headers={"Authorization": SECRET}) as client:
            with web.visit("http://hub.example", plain_http=True):
                assert client.get("http://hub.example/x").content == b"by proxy"
                with pytest.raises(RemoteError):
                    client.get("http://10.0.0.1/x")
            with web.visit(direct.url):
                assert client.get(direct.url).content == b"direct"
    assert proxy.heads[0].startswith("GET http://hub.example/x ")
    assert len(proxy.heads) == 1


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
