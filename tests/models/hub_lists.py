"""A library, and hubs with many small adapters, for the tests of the two lists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desktop.bootstrap import Services, open_services
from desktop.models.library import Library
from desktop.models.task_runner import TaskRunner
from desktop.services.records import AdapterRecord, AddAdapterRequest, AddBaseModelRequest
from tests.hub_server import HubServer
from tests.support import LLAMA, make_adapter


@contextmanager
def opened_library(tmp_path: Path, qtbot: Any) -> Iterator[Library]:
    """A library in a folder of the test's own, read once."""
    with open_services(tmp_path / "library" / "catalog.db") as services:
        runner = TaskRunner()
        library = Library(services, runner)
        with qtbot.waitSignal(library.ready):
            library.open()
        qtbot.waitUntil(lambda: not runner.tasks)
        yield library
        runner.shutdown()
        library.deleteLater()


def fill(hub: HubServer, count: int, org: str = "acme", **about: Any) -> list[str]:
    """Repositories of an adapter with only a name, the most downloaded first. Returns their ids."""
    ids = [f"{org}/lora-{n:03}" for n in range(count)]
    for n, repo_id in enumerate(ids):
        hub.add_repo(repo_id, {"adapter_config.json": b"{}"}, downloads=10_000 - n, **about)
    return ids


def add_row(
    services: Services, folder: Path, name: str, hub_name: str | None = None
) -> AdapterRecord:
    """An adapter in the library: one that came from the Hub where hub_name is given."""
    models = services.base_models.list_base_models()
    named = [model.id for model in models if model.huggingface_name == LLAMA]
    if not named:
        request = AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        named = [services.base_models.add_base_model(request).id]
    if not (folder / "adapter_config.json").exists():
        make_adapter(folder)
    kind = "huggingface" if hub_name else "project"
    return services.adapters.add_adapter(
        AddAdapterRequest(
            type=kind,
            name=name,
            model_id=named[0],
            location=str(folder),
            huggingface_name=hub_name,
        )
    )
