"""What the environment names is offered as far as it could be taken as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.services.credentials import Credentials
from desktop.services.registry.connections import Connections
from desktop.services.registry.records import Connection, RegistryKind
from desktop.services.settings import Settings


@pytest.fixture
def connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Connections:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME", "CDSW_API_URL"):
        monkeypatch.delenv(name, raising=False)
    return Connections(Settings(tmp_path / "config"), Credentials())


@pytest.mark.parametrize("variable", ["MLFLOW_TRACKING_URI", "CDSW_API_URL"])
@pytest.mark.parametrize(
    "text",
    [
        "http://[::1",
        "https://[::1]:port",
        "http://",
        "https://h:99999",
        "://",
        "https://a b/",
        "https://\u202eevil.example",
        "http://plain.example",
        "https://h/../x",
    ],
)
def test_what_could_not_be_taken_is_not_offered(
    connections: Connections, monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    monkeypatch.setenv(variable, text)
    assert connections.offers() == ()


def test_a_person_in_an_address_is_decoded(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "HTTPS://a%40corp:p%40ss%2Fword@H.example/x/")
    (offer,) = connections.offers()
    assert offer.connection == Connection(
        RegistryKind.MLFLOW, "https://h.example/x", "MLflow", user="a@corp"
    )
    assert offer.has_secret
    kept, _ = connections.take_offer(offer)
    assert connections.secret(kept) == "p@ss/word"
    assert connections.offers() == ()  # it is stored now, however the variable writes it


@pytest.mark.parametrize("person", ["a%3Ab:pw", "a:p%0Aw", "a%0Ab:pw"])
def test_a_person_that_can_not_be_sent_is_not_offered(
    connections: Connections, monkeypatch: pytest.MonkeyPatch, person: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"https://{person}@h.example")
    assert connections.offers() == ()


def test_an_offer_has_a_name_of_its_own(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections.save(Connection(RegistryKind.MLFLOW, "https://one.example", "MLflow"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://two.example")
    (offer,) = connections.offers()
    kept, _ = connections.take_offer(offer)
    assert kept.name == "MLflow 2"


@pytest.mark.parametrize("form", ["file://{}", "file://localhost{}", "{}"])
def test_a_store_that_the_environment_names(
    connections: Connections, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "with space"
    folder.mkdir()
    path = str(folder) if form == "{}" else str(folder).replace(" ", "%20")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", form.format(path))
    (offer,) = connections.offers()
    assert (offer.connection.kind, offer.connection.url) == (
        RegistryKind.MLFLOW_STORE,
        str(folder),
    )
    connections.take_offer(offer)


@pytest.mark.parametrize("text", ["databricks", "databricks://p", "uc:x", "postgresql://u:p@h/d"])
def test_other_places_are_not_offered(
    connections: Connections, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", text)
    assert connections.offers() == ()
