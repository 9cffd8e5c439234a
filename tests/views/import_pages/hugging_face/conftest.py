"""The import dialog, turned to the Hub, over a real library and a hub of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.models.library import Library
from desktop.models.task_runner import TaskRunner
from desktop.services.records import AddBaseModelRequest, BaseModelRecord
from desktop.views.import_dialog import ImportDialog
from tests.hub_server import HubServer
from tests.support import LLAMA
from tests.views.import_pages.hugging_face.hands import HubHands


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


@pytest.fixture
def services(tmp_path: Path, hub: HubServer) -> Iterator[Services]:
    with open_services(tmp_path / "library" / "catalog.db") as opened:
        yield opened


@pytest.fixture
def base(services: Services) -> BaseModelRecord:
    """The base model that the adapters of the tests name."""
    return services.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
    )


@pytest.fixture
def hub_library(qtbot: Any, services: Services) -> Iterator[Library]:
    runner = TaskRunner()
    library = Library(services, runner)
    with qtbot.waitSignal(library.ready):
        library.open()
    yield library
    assert runner.shutdown()


@pytest.fixture
def hands(qtbot: Any, hub_library: Library) -> Iterator[HubHands]:
    dialog = ImportDialog(hub_library)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.show_source("huggingface")
    hands = HubHands(dialog, qtbot)
    hands.settle()
    yield hands
    dialog.close()
