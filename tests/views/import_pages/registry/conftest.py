"""The import dialog, turned to the registries, over a real library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.models.library import Library
from desktop.models.task_runner import TaskRunner
from desktop.services.records import AdapterRecord, AddBaseModelRequest, BaseModelRecord
from desktop.views.import_dialog import ImportDialog
from tests.cloudera_server import WorkbenchServer
from tests.mlflow_server.fixtures import mlflow_database_store, mlflow_server
from tests.support import LLAMA
from tests.views.import_pages.registry.hands import RegistryHands

__all__ = ["mlflow_database_store", "mlflow_server"]


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    with open_services(tmp_path / "library" / "catalog.db") as opened:
        yield opened


@pytest.fixture
def base(services: Services) -> BaseModelRecord:
    """The base model that the adapters of the tests name."""
    return services.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
    )


@pytest.fixture
def registry_library(qtbot: Any, services: Services) -> Iterator[Library]:
    runner = TaskRunner()
    library = Library(services, runner)
    with qtbot.waitSignal(library.ready):
        library.open()
    yield library
    assert runner.shutdown()


@pytest.fixture
def hands(qtbot: Any, registry_library: Library) -> Iterator[RegistryHands]:
    dialog = ImportDialog(registry_library)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.show_source("model_registry")
    hands = RegistryHands(dialog, qtbot)
    hands.settle()
    yield hands
    dialog.close()


@pytest.fixture
def imported(hands: RegistryHands) -> list[AdapterRecord]:
    """What the dialog said came in."""
    found: list[AdapterRecord] = []
    hands.dialog.imported.connect(found.extend)
    return found


@pytest.fixture
def workbench() -> Iterator[WorkbenchServer]:
    with WorkbenchServer() as made:
        yield made
