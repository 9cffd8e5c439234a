"""A hub on this machine, and the real huggingface_hub to talk to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest

from desktop.services.errors import REMOTE_CODES, RemoteError
from desktop.services.hub.client import HubClient
from desktop.services.hub.preview import preview
from desktop.services.hub.records import HubPreview, HubReference
from desktop.services.records import FolderInspection
from tests.hub_server import HubServer, Repo
from tests.hub_server.content import adapter_files

LORA = "acme/sql-lora"
HERE = HubReference(LORA)


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as hub:
        yield hub
    huggingface_hub.close_session()


@pytest.fixture
def repo(server: HubServer) -> Repo:
    """An adapter as people publish them."""
    return server.add_repo(LORA, adapter_files(), downloads=5, likes=2, tags=["peft", "lora"])


@pytest.fixture
def client(server: HubServer) -> HubClient:
    """Nobody is signed in."""
    return HubClient(server.url)


def refused(call: Callable[[], Any]) -> RemoteError:
    """The error that a person is told, which holds nothing of the request that failed."""
    with pytest.raises(RemoteError) as error:
        call()
    assert error.value.code in REMOTE_CODES
    assert error.value.message.endswith(".")
    assert error.value.message.isprintable()
    assert error.value.__cause__ is None
    return error.value


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Not there before, and not there after."""
    return tmp_path / "scratch"


def look(client: HubClient, scratch: Path, reference: HubReference = HERE) -> HubPreview:
    found = preview(client, reference, str(scratch))
    assert not scratch.exists()
    return found


def look_refused(client: HubClient, scratch: Path, reference: HubReference = HERE) -> RemoteError:
    with pytest.raises(RemoteError) as error:
        preview(client, reference, str(scratch))
    assert not scratch.exists()
    return error.value


def inspected(found: HubPreview) -> FolderInspection:
    assert found.inspection is not None
    return found.inspection
