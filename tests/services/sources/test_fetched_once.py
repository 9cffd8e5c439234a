"""What was fetched whole is not fetched again, whatever came after the last byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services
from desktop.services.adapters import Adapters
from desktop.services.errors import Cancelled, CatalogError, FolderError, ValidationError
from desktop.services.staging import Staging
from tests.hub_server import HubServer
from tests.hub_server.content import adapter_files
from tests.support import make_adapter

FILES = adapter_files(weights_mb=1)


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add_repo("acme/sql-lora", FILES)
        yield server


def take(services: Services, hub: HubServer, base: str, progress: Any = None) -> Any:
    fields = {
        "huggingface_name": "acme/sql-lora",
        "endpoint": hub.url,
        "token": None,
        "name": "sql",
        "model_id": base,
    }
    return services.imports.import_adapter("huggingface", fields, progress)


def nothing_half_done(services: Services) -> None:
    home = services.location
    assert not home.staging.exists()
    assert not home.adapters.exists() or not any(home.adapters.iterdir())


def the_next_try_fetches_nothing(services: Services, hub: HubServer, base: str) -> None:
    nothing_half_done(services)
    hub.reset_requests()
    record = take(services, hub, base)
    assert not hub.asked("resolve")
    folder = Path(record.path)
    assert (folder / "adapter_model.safetensors").read_bytes() == FILES["adapter_model.safetensors"]
    assert not services.location.partial.exists()


def test_a_cancel_while_it_is_checked(services: Services, hub: HubServer, base: str) -> None:
    def stop(done: int, total: int, text: str) -> None:
        if text == "Checking":
            raise Cancelled

    with pytest.raises(Cancelled):
        take(services, hub, base, stop)
    the_next_try_fetches_nothing(services, hub, base)


def test_a_name_that_is_taken_meanwhile(
    services: Services, hub: HubServer, base: str, tmp_path: Path
) -> None:
    other: list[str] = []

    def first(done: int, total: int, text: str) -> None:
        if text == "Checking" and not other:
            fields = {"location": str(folder), "name": "sql", "model_id": base}
            other.append(services.imports.import_adapter("project", fields).id)

    folder = make_adapter(tmp_path / "other")
    with pytest.raises(ValidationError, match="has this name"):
        take(services, hub, base, first)
    services.adapters.remove_adapter(other[0])
    the_next_try_fetches_nothing(services, hub, base)


@pytest.mark.parametrize("owner", [Adapters, Staging])
def test_a_database_or_a_disk_that_says_no(
    services: Services,
    hub: HubServer,
    base: str,
    owner: type,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = CatalogError("The disk is full.") if owner is Adapters else FolderError("No room.")

    def refuse(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(owner, "add_adapter" if owner is Adapters else "keep_as", refuse)
        with pytest.raises(type(error)):
            take(services, hub, base)
    the_next_try_fetches_nothing(services, hub, base)


def test_what_is_no_sound_adapter_is_not_kept(
    services: Services, hub: HubServer, base: str
) -> None:
    weights = FILES["adapter_model.safetensors"]
    hub.add_repo("acme/sql-lora", {**FILES, "adapter_model.safetensors": b"\xff" * len(weights)})
    with pytest.raises(ValidationError):
        take(services, hub, base)
    nothing_half_done(services)
    assert not services.location.partial.exists()
    assert services.adapters.list_adapters() == []
