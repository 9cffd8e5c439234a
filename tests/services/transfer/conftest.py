"""A hub with three files, and a folder for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub_server import HubServer
from tests.services.transfer.hands import (
    DATA,
    SECRET,
)


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add_user("me", SECRET.removeprefix("Bearer "))
        server.add_repo("acme/sql", DATA)
        yield server


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "staging"
    folder.mkdir()
    return folder
