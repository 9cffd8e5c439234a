"""What the tests of both of Cloudera's services need."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.services.errors import Cancelled, RemoteError
from desktop.services.progress import silent
from desktop.services.registry.backend import Backend
from desktop.services.registry.cloudera_workbench import WorkbenchBackend
from desktop.services.registry.preview import choose_folder, files_of
from desktop.services.registry.records import Connection, ModelVersion, RegistryKind
from tests.cloudera_server import WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.hub_server import Fault, HubServer

WEIGHTS = "adapter_model.safetensors"
NAME = "sql-lora"
PROJECT = "proj-abcd-ef01-2345"


def refusal(call: Callable[..., Any], *given: Any) -> RemoteError:
    """The error of a call, which is a whole sentence."""
    with pytest.raises(RemoteError) as caught:
        call(*given)
    error = caught.value
    assert error.message.endswith(".")
    assert error.advice.endswith(".")
    return error


def cancelled_within_a_second(
    server: HubServer, fault: Fault, call: Callable[..., Any], *given: Any
) -> None:
    """The call stops, once the fault has happened, less than a second after it is told to."""
    server.fault = fault
    stopped_at: list[float] = []

    def progress(done: int, total: int, text: str) -> None:
        if stopped.is_set():
            stopped_at.append(time.monotonic())
            raise Cancelled

    stopped = threading.Event()

    def wait() -> None:
        fault.wait()
        stopped.set()
        told_at.append(time.monotonic())

    told_at: list[float] = []
    waiter = threading.Thread(target=wait)
    waiter.start()
    try:
        with pytest.raises(Cancelled):
            call(*given, progress)
        ended = time.monotonic()
    finally:
        waiter.join()
        fault.release()
    assert fault.hits == 1
    assert ended - told_at[0] < 1
    assert server.wait_until_idle()


def fetch_all(backend: Backend, version: ModelVersion, target: Path) -> dict[str, str]:
    """What an import does after a version is chosen."""
    artifact = backend.artifact(version, silent)
    files = [] if artifact is None else files_of(artifact, choose_folder(artifact, ""))
    return dict(backend.fetch(version, files, target, None, silent))


def held(folder: Path) -> dict[str, bytes]:
    """The files below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def needed(files: dict[str, bytes]) -> dict[str, bytes]:
    """What of an adapter's folder is fetched."""
    left_out = ("optimizer.pt", ".gitattributes")
    return {name: data for name, data in files.items() if name not in left_out}


def connect(server: WorkbenchServer, token: str | None = TOKEN, path: str = "") -> WorkbenchBackend:
    url = f"{server.url}{path}"
    return WorkbenchBackend(Connection(RegistryKind.CLOUDERA_WORKBENCH, url), token)
