"""Connections: what is refused, where their secrets are, and what was damaged by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import pytest

from desktop.services.credentials import Credentials
from desktop.services.errors import ValidationError
from desktop.services.registry.connections import Connections, connection_of
from desktop.services.registry.records import Connection, RegistryKind
from desktop.services.settings import Settings
from tests.services.test_credentials import MemoryKeyring

URL = "https://mlflow.example.com"
ONE = Connection(RegistryKind.MLFLOW, URL, "one")


@pytest.fixture(autouse=True)
def ring() -> Iterator[MemoryKeyring]:
    before = keyring.core._keyring_backend
    own = MemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.core._keyring_backend = before


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "config")


@pytest.fixture
def connections(settings: Settings) -> Connections:
    return Connections(settings, Credentials())


# -- secrets -----------------------------------------------------------------------------------


def test_two_connections_to_one_server_have_a_secret_each(
    connections: Connections, settings: Settings
) -> None:
    one, _ = connections.save(ONE, "token-of-one")
    two, _ = connections.save(replace(ONE, name="two"), "token-of-two")
    anew = Connections(settings, Credentials())
    for known in (connections, anew):
        assert known.secret(one) == "token-of-one"
        assert known.secret(two) == "token-of-two"
    connections.remove(one.id)
    assert connections.secret(two) == "token-of-two"
    assert connections.secret(one) is None


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://other.example.com"},
        {"kind": RegistryKind.CLOUDERA_WORKBENCH},
        {"user": "ada"},
    ],
)
def test_a_secret_does_not_go_along_to_another_place(
    connections: Connections, change: dict[str, Any]
) -> None:
    kept, _ = connections.save(ONE, "token-of-one")
    moved, where = connections.save(replace(kept, **change))
    assert where == ""
    assert connections.secret(moved) is None
    back, where = connections.save(kept)
    assert where == ""
    assert connections.secret(back) is None


def test_the_name_of_a_connection_does_not_matter_to_its_secret(connections: Connections) -> None:
    kept, _ = connections.save(ONE, "token-of-one")
    named, where = connections.save(replace(kept, name="another"))
    assert where == "keyring"
    assert connections.secret(named) == "token-of-one"


# -- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "a\nb"}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"name": "\u202eevil"}, "name"),
        ({"user": "a:b"}, "user"),
        ({"user": "a\nb"}, "user"),
        ({"kind": "nonsense"}, "kind"),
        ({"kind": RegistryKind.MLFLOW_STORE, "url": "~a\0b"}, "url"),
        ({"url": "http://[::1"}, "url"),
    ],
)
def test_what_no_connection_is(
    connections: Connections, change: dict[str, Any], field: str
) -> None:
    (found,) = connections.check(replace(ONE, **change))
    assert found.field == field
    with pytest.raises(ValidationError):
        connections.save(replace(ONE, **change))
    assert connections.all() == ()


@pytest.mark.parametrize(
    "url", ["javascript:x", "http://[::1", "\ud800", "", "https://a b", "http://plain.example"]
)
def test_a_damaged_address_in_the_settings_stays_to_be_mended(
    connections: Connections, settings: Settings, url: str
) -> None:
    kept, _ = connections.save(ONE, "token-of-one")
    (stored,) = settings.get("registry/connections", [])
    settings.set("registry/connections", [{**stored, "url": url}])
    (damaged,) = connections.all()
    assert damaged.url == url
    assert connections.secret(damaged) is None
    assert connections.where(damaged) == ""
    connections.offers()
    mended, _ = connections.save(kept)
    assert connections.all() == (mended,)


def test_a_store_as_mlflow_writes_its_address(connections: Connections, tmp_path: Path) -> None:
    folder = tmp_path / "with space" / "mlruns"
    folder.mkdir(parents=True)
    quoted = str(folder).replace(" ", "%20")
    for url in (f"file://{quoted}", f"file://localhost{quoted}", f"file:{quoted}", str(folder)):
        connection = Connection(RegistryKind.MLFLOW_STORE, url)
        assert connections.check(connection) == (), url
        assert connection_of(connection, connections)[0].url == str(folder)
    (found,) = connections.check(Connection(RegistryKind.MLFLOW_STORE, f"file://other{quoted}"))
    assert found.code == "missing"


# -- from a script -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({1: 2, "a": 1}, "no field “1”"),
        ({None: 1, "a": 1, 2: 3}, "no field “2”"),
        ({"token": b"SECRET"}, "“token” of the connection is no text"),
        ({"password": 5, "user": "a"}, "“password” of the connection is no text"),
        ({"url": 5}, "“url” of the connection is no text"),
        ({"kind": ["mlflow"]}, "“kind” of the connection is no text"),
        ({"kind": "nonsense"}, "what kind of registry"),
        ({"plain_http": "yes"}, "“plain_http” is either True or False"),
    ],
)
def test_a_mapping_that_is_no_connection(
    connections: Connections, given: dict[Any, Any], words: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        connection_of({"kind": "mlflow", "url": URL, **given}, connections)
    (found,) = caught.value.findings
    assert found.field == "connection"
    assert words in found.message
    assert "SECRET" not in f"{found}"


def test_a_mapping_may_leave_out_what_it_does_not_need(
    connections: Connections, tmp_path: Path
) -> None:
    given = {"kind": "mlflow", "url": URL, "token": None, "plain_http": None}
    assert connection_of(given, connections) == (Connection(RegistryKind.MLFLOW, URL), "")
    store, secret = connection_of({"kind": "mlflow_store", "url": tmp_path}, connections)
    assert (store.url, secret) == (str(tmp_path), "")
