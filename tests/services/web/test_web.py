"""The one way out: where a request may go, what of an answer is read, how it is stopped."""

from __future__ import annotations

import ssl

import httpx2
import pytest

from desktop.services import web
from desktop.services.errors import RemoteError
from tests.hub_server import Fault, HubServer
from tests.services.raw_server import CERTIFICATE, RawServer, answer
from tests.services.web.hands import (
    PUBLIC_IP,
    SECRET,
    redirecting,
    refused,
)

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
