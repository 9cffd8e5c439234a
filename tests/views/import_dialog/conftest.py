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
from tests.support import LLAMA


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with open_services(tmp_path / "library" / "catalog.db") as opened:
        yield opened


@pytest.fixture
def base(services: Services) -> BaseModelRecord:
    """The base model that the adapters of the tests name."""
    return services.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
    )


@pytest.fixture
def library(qtbot: Any, services: Services) -> Iterator[Library]:
    runner = TaskRunner()
    library = Library(services, runner)
    with qtbot.waitSignal(library.ready):
        library.open()
    yield library
    runner.shutdown()


@pytest.fixture
def dialog(qtbot: Any, library: Library) -> Iterator[ImportDialog]:
    dialog = ImportDialog(library)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: not library.runner.tasks)
    yield dialog
    dialog.close()
