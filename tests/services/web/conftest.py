"""A hub, a client, and names that lead where a test says."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from desktop.services import web
from tests.hub_server import HubServer
from tests.services.web.hands import (
    SECRET,
)


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
