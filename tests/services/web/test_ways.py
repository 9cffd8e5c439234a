"""What the environment says of the way out, and what it can say that nobody can use."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import httpx2
import pytest

from desktop.services import web
from desktop.services.errors import RemoteError
from desktop.services.registry.certificates import trust_with
from desktop.services.web_ways import system_trust
from tests.hub_server import HubServer
from tests.services.raw_server import CERTIFICATE, RawServer, answer
from tests.services.web.hands import PUBLIC_IP, refused

BAD_PROXIES = [
    ("ALL_PROXY", "socks5://127.0.0.1:1080", "leads to a SOCKS proxy"),
    ("all_proxy", "socks5h://me:secret@127.0.0.1:1080", "leads to a SOCKS proxy"),
    ("ALL_PROXY", "foo://bar", "is no address of a proxy"),
    ("HTTPS_PROXY", ":::", "is no address of a proxy"),
    ("HTTPS_PROXY", "http://", "is no address of a proxy"),
    ("https_proxy", "http://me:secret@proxy:99999", "is no address of a proxy"),
]


def of_ours(hub: HubServer, client: httpx2.Client) -> None:
    """This machine is reached whatever the environment says."""
    with web.visit(hub.url):
        assert client.get(f"{hub.url}/api/models/acme/sql").status_code == 200


# -- proxies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("variable", "value", "words"), BAD_PROXIES)
def test_a_proxy_that_nobody_can_use_is_named(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    with web.make_client() as client:
        error = refused("address", "https://hub.example", client, "https://hub.example/x")
        assert error.message.startswith(f"{variable} {words}.")
        assert "unset it" in error.advice
        assert "secret" not in f"{error.message} {error.advice}"
        of_ours(hub, client)


def test_a_proxy_for_others_is_nobodys_trouble(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]
) -> None:
    names["hub.example"] = ["127.0.0.1"]
    monkeypatch.setenv("HTTPS_PROXY", "foo://bar")
    monkeypatch.setenv("ALL_PROXY", "foo://bar")
    monkeypatch.setenv("NO_PROXY", "hub.example")
    with RawServer(lambda to, _: to.sendall(answer(b"straight"))) as server:
        home = f"http://hub.example:{server.port}"
        with web.make_client() as client, web.visit(home, plain_http=True):
            assert client.get(home).content == b"straight"


def test_a_proxy_is_told_from_the_file_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An https address goes through a tunnel, and plain http is asked of the proxy."""
    seen = []

    def say(to: object, head: str) -> None:
        seen.append(head.split()[0])
        to.sendall(answer(status="502 No") if head.startswith("CONNECT") else answer(b"x"))  # type: ignore[attr-defined]

    with RawServer(say) as proxy, web.make_client() as client:
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        with web.visit("https://hub.example"), pytest.raises(httpx2.ProxyError) as caught:
            client.get("https://hub.example")
        assert "proxy" in web.explain(caught.value, "hub.example").message
        with web.visit("http://hub.example", plain_http=True):
            assert client.get("http://hub.example").content == b"x"
    assert seen == ["CONNECT", "GET"]


# -- certificates ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SSL_CERT_FILE", "/no place/ca.pem", "names a file of certificates that can't be read"),
        ("SSL_CERT_FILE", "{}", "names a file of certificates that can't be read"),
        ("SSL_CERT_FILE", "{}/no.pem", "There is no certificate in the file that"),
        ("SSL_CERT_DIR", "/no such place", "names a folder of certificates that is not there"),
    ],
)
def test_certificates_that_nobody_can_use_are_named(
    hub: HubServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    words: str,
) -> None:
    (tmp_path / "no.pem").write_text("no certificate at all\n")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    monkeypatch.setenv(variable, value.format(tmp_path))
    with web.make_client() as client:
        error = refused("tls", "https://hub.example", client, "https://hub.example/x")
        assert words in error.message
        assert variable in error.message
        assert "unset it" in error.advice
        of_ours(hub, client)


def test_certificates_of_the_environment_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(lambda to, _: to.sendall(answer(b"secure")), secure=True) as server:
        with web.make_client() as client, web.visit(server.url):
            with pytest.raises(httpx2.ConnectError):
                client.get(server.url)
        monkeypatch.setenv("SSL_CERT_FILE", os.fspath(CERTIFICATE))
        with web.make_client() as client, web.visit(server.url):
            assert client.get(server.url).content == b"secure"


def test_what_one_adds_to_the_trust_is_ones_own() -> None:
    assert system_trust() is not system_trust()
    assert system_trust().verify_mode == ssl.CERT_REQUIRED


def test_a_file_of_ones_own_is_not_blamed_for_the_systems(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no such place")
    with pytest.raises(RemoteError, match="SSL_CERT_FILE") as caught:
        trust_with(os.fspath(CERTIFICATE))
    assert caught.value.code == "tls"


def test_a_certificate_for_another_name_is_one_sentence(
    names: dict[str, list[str]],
) -> None:
    names["hub.example"] = ["127.0.0.1"]
    trust = ssl.create_default_context(cafile=CERTIFICATE)
    with RawServer(lambda to, _: to.sendall(answer(b"secure")), secure=True) as server:
        home = f"https://hub.example:{server.port}"
        with web.make_client(verify=trust) as client, web.visit(home):
            with pytest.raises(httpx2.ConnectError) as caught:
                client.get(home)
    message = web.explain(caught.value, "hub.example").message
    assert message == (
        "The certificate of hub.example is not trusted: Hostname mismatch, certificate is not "
        "valid for 'hub.example'."
    )


# -- what is called this machine ---------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1.", "10.0.0.1.", "localhost."])
def test_an_address_with_a_dot_at_its_end_is_none(host: str) -> None:
    with pytest.raises(RemoteError) as caught:
        web.normal_endpoint(f"http://{host}:8000", plain_http=True)
    assert (caught.value.code, "dot" in caught.value.advice) == ("address", True)
    assert web.normal_endpoint("https://hub.example./") == "https://hub.example."


def test_a_name_below_localhost_is_this_machine_where_it_leads_there(
    names: dict[str, list[str]], client: httpx2.Client
) -> None:
    with RawServer(lambda to, _: to.sendall(answer(b"here"))) as server:
        home = web.normal_endpoint(f"http://hub.localhost:{server.port}")
        names["hub.localhost"] = ["127.0.0.1"]
        with web.visit(home):
            assert client.get(home).content == b"here"
        assert "host: hub.localhost" in server.heads[0].lower()
    names["hub.localhost"] = []
    with web.visit(home), pytest.raises(httpx2.ConnectError) as caught:
        client.get(home)
    said = web.explain(caught.value, "hub.localhost").message
    assert said == "There is no server called hub.localhost."
    # Nobody agreed to plain http to another machine.
    names["hub.localhost"] = [PUBLIC_IP]
    assert "by plain http" in refused("address", home, client, home).message
