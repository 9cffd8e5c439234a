from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

from desktop.services.credentials import Credentials
from desktop.services.errors import RemoteError, ValidationError
from desktop.services.hub.hub import Hub
from desktop.services.hub.records import HUB, HubQuery, HubReference
from desktop.services.settings import Settings
from tests.hub_server import HubServer, Repo
from tests.hub_server.content import adapter_files
from tests.services.hub.conftest import LORA, refused
from tests.services.test_credentials import MemoryKeyring

TOKEN = "hf_TokenMarker" + "x" * 20 + "1234"
HERE = HubReference(LORA)


@pytest.fixture(autouse=True)
def backend() -> Iterator[MemoryKeyring]:
    before = keyring.core._keyring_backend
    own = MemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.core._keyring_backend = before


def open_hub(folder: Path) -> Hub:
    return Hub(Credentials(), Settings(folder / "config"), str(folder / "scratch"))


@pytest.fixture
def hub(tmp_path: Path, server: HubServer, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setenv("HF_ENDPOINT", f"{server.url}/")
    return open_hub(tmp_path)


# -- endpoints -----------------------------------------------------------------------------------


def test_which_hub_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = open_hub(tmp_path)
    assert hub.endpoint == hub.endpoint_for() == HUB
    monkeypatch.setenv("HF_ENDPOINT", "https://Mirror.Example/hub/")
    assert hub.endpoint == "https://mirror.example/hub"
    assert hub.set_endpoint("other.example:8443/") == "https://other.example:8443"
    assert hub.endpoint == open_hub(tmp_path).endpoint == "https://other.example:8443"
    assert hub.endpoint_for("HTTPS://Third.Example/") == "https://third.example"
    # The public one again, whatever the environment says.
    assert hub.set_endpoint("") == hub.endpoint == HUB


def test_plain_http_needs_consent_for_the_very_server(tmp_path: Path) -> None:
    hub = open_hub(tmp_path)
    plain = "http://mirror.example"
    assert refused(lambda: hub.set_endpoint(plain)).code == "address"
    assert hub.endpoint == HUB
    assert hub.set_endpoint(plain, plain_http=True) == hub.endpoint_for() == plain
    assert hub.plain_http_agreed(plain)
    assert not hub.plain_http_agreed("http://other.example")
    assert refused(lambda: hub.endpoint_for("http://other.example")).code == "address"
    hub.set_endpoint("https://mirror.example", plain_http=True)
    assert refused(lambda: hub.endpoint_for(plain)).code == "address"
    assert hub.set_endpoint("http://127.0.0.1:9") == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "text", ["http://mirror.example", "ftp://mirror.example", "not an address"]
)
def test_an_environment_that_leads_astray_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", text)
    hub = open_hub(tmp_path)
    assert hub.endpoint == text
    assert refused(lambda: hub.preview(HERE)).code == "address"
    assert refused(lambda: hub.sign_in(TOKEN)).code == "address"


def test_pages_of_the_hub_in_use(hub: Hub, server: HubServer) -> None:
    assert hub.parse(f"{server.url}/{LORA}/tree/dev") == HubReference(LORA, "dev")
    assert hub.parse(f"https://huggingface.co/{LORA}").endpoint == HUB
    with pytest.raises(ValidationError):
        hub.parse("datasets/a/b")


# -- asking --------------------------------------------------------------------------------------


def test_one_after_the_other(hub: Hub, repo: Repo, tmp_path: Path) -> None:
    (line,) = hub.search(HubQuery(text="sql")).results
    reference = hub.parse(line.repo_id)
    found = hub.preview(reference)
    assert found.inspection is not None
    assert found.repo == hub.repo(reference)
    assert hub.newest_commit(reference) == found.repo.commit == repo.commit
    file = found.repo.files[0]
    assert hub.download_address(found.repo, file) == (
        f"{hub.endpoint}/{LORA}/resolve/{repo.commit}/{file.path}"
    )
    assert not (tmp_path / "scratch").exists()


def test_another_endpoint_is_asked_where_the_reference_says_so(
    hub: Hub, server: HubServer, repo: Repo
) -> None:
    with HubServer() as other:
        other.add_repo("acme/there", adapter_files())
        there = HubReference("acme/there", endpoint=other.url)
        assert hub.preview(there).repo.reference.endpoint == other.url
        assert hub.newest_commit(there)
    assert server.requests == []


def test_offline(hub: Hub, repo: Repo, server: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not hub.is_offline()
    monkeypatch.setenv("HF_HUB_OFFLINE", "true")
    assert hub.is_offline()
    for call in (
        lambda: hub.preview(HERE),
        lambda: hub.search(HubQuery()),
        lambda: hub.newest_commit(HERE),
        lambda: hub.repo(HERE),
        lambda: hub.sign_in(TOKEN),
    ):
        assert refused(call).code == "offline"
    assert server.requests == []
    assert list(hub.cached()) == []


# -- signing in ----------------------------------------------------------------------------------


def test_sign_in_and_out(hub: Hub, server: HubServer, backend: MemoryKeyring) -> None:
    server.add_user("alice", TOKEN, {"acme/secret"})
    server.add_repo("acme/secret", adapter_files(), private=True)
    secret = HubReference("acme/secret")
    assert hub.signed_in().user == ""
    assert refused(lambda: hub.preview(secret)).code == "not_found"
    state = hub.sign_in(f" {TOKEN}\n")
    assert (state.user, state.kept, state.endpoint) == ("alice", "keyring", server.url)
    assert hub.signed_in() == state
    assert hub.token_for() == TOKEN
    assert hub.preview(secret).repo.private
    assert hub.sign_out().user == ""
    assert refused(lambda: hub.preview(secret)).code == "not_found"
    assert backend.entries == {}


def test_a_token_is_for_one_hub(hub: Hub, server: HubServer) -> None:
    server.add_user("alice", TOKEN)
    hub.sign_in(TOKEN)
    with HubServer() as other:
        other.add_repo("acme/there", adapter_files())
        hub.preview(HubReference("acme/there", endpoint=other.url))
        hub.set_endpoint(other.url)
        hub.search(HubQuery())
        assert other.requests
        assert not any("authorization" in request.headers for request in other.requests)


@pytest.mark.parametrize("token", ["", "hf_a b", "hf_\nX-Other: y", "x" * 2000, TOKEN])
def test_a_token_that_is_none(
    hub: Hub, server: HubServer, backend: MemoryKeyring, token: str
) -> None:
    error = refused(lambda: hub.sign_in(token))
    assert error.code == "token"
    assert TOKEN not in str(error)
    assert backend.entries == {}


def test_a_token_on_this_machine_is_offered_not_taken(
    hub: Hub, server: HubServer, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add_user("alice", TOKEN)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    (offer,) = hub.signed_in().offers
    hub.preview(HERE)
    assert not any("authorization" in request.headers for request in server.requests)
    assert hub.take_offer(offer.kind).user == "alice"
    assert hub.token_for() == TOKEN
    with pytest.raises(RemoteError):
        hub.take_offer("login")


def test_the_token_is_in_no_file(hub: Hub, server: HubServer, repo: Repo, tmp_path: Path) -> None:
    server.add_user("alice", TOKEN)
    hub.sign_in(TOKEN)
    hub.set_endpoint(server.url)
    hub.preview(HERE)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(TOKEN.encode() in path.read_bytes() for path in files)


def test_nothing_is_imported_before_somebody_asks(tmp_path: Path) -> None:
    code = """
import sys
from desktop.services.credentials import Credentials
from desktop.services.hub import client, explain, hub, listing, names, preview, ranges, search
from desktop.services.settings import Settings
it = hub.Hub(Credentials(), Settings(), "scratch")
it.endpoint, it.parse("org/name"), it.is_offline(), it.set_endpoint("https://mirror.example")
print([n for n in ("huggingface_hub", "httpx2", "keyring", "PySide6", "ssl") if n in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout == "[]\n"
