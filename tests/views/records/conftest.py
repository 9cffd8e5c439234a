from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.models.library import Library
from desktop.models.task_runner import TaskRunner
from desktop.services.records import (
    AddAdapterRequest,
    AddBaseModelRequest,
    AddDatasetRequest,
    AddJobRequest,
    AddPromptRequest,
)
from desktop.services.settings import CONFIG_VARIABLE
from desktop.views.records import RecordsPage
from tests.support import make_adapter

HOSTILE = "<b>bold</b><img src='file:///etc/passwd'>"


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "config"))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with open_services(tmp_path / "library" / "catalog.db") as opened:
        yield opened


class Filled:
    """A small library: two base models, a dataset, a prompt, a job and one adapter of all these."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services = services
        models, training = services.base_models, services.training
        self.llama = models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name="meta-llama/Llama-3.1-8B")
        )
        self.gpt2 = models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name="gpt2", name=HOSTILE)
        )
        self.dataset = training.add_dataset(
            AddDatasetRequest(huggingface_name="b-mc2/sql-create-context", features=("q", "a"))
        )
        self.prompt = training.add_prompt(
            AddPromptRequest(
                name="Text to SQL", dataset_id=self.dataset.id, prompt_template="Q: {q}\nA: {a}"
            )
        )
        self.job = training.add_job(
            AddJobRequest(
                adapter_name="sql",
                base_model_id=self.llama.id,
                dataset_id=self.dataset.id,
                prompt_id=self.prompt.id,
                dataset_fraction=0.8,
                train_test_split=0.9,
                num_epochs=3,
            )
        )
        self.adapter = services.adapters.add_adapter(
            AddAdapterRequest(
                type="project",
                name="sql",
                model_id=self.llama.id,
                location=str(make_adapter(folder)),
                fine_tuning_job_id=self.job.id,
                prompt_id=self.prompt.id,
            )
        )

    def sql(self, statement: str, *values: Any) -> None:
        """Write as another program would."""
        path = self.services.location.path
        assert path is not None
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(statement, values)
        connection.close()


@pytest.fixture
def filled(services: Services, tmp_path: Path) -> Filled:
    return Filled(services, tmp_path / "sql")


@pytest.fixture
def library(qtbot: Any, services: Services) -> Iterator[Library]:
    runner = TaskRunner()
    library = Library(services, runner)
    yield library
    runner.shutdown()


Open = Callable[..., RecordsPage]


@pytest.fixture
def open_page(qtbot: Any, library: Library) -> Iterator[Open]:
    """Opens the library and shows a page of it; `settle` afterwards to see what was asked for."""
    pages: list[RecordsPage] = []

    def make(kind: str, size: tuple[int, int] = (1100, 700)) -> RecordsPage:
        if not library.is_ready:
            with qtbot.waitSignal(library.ready):
                library.open()
        page = RecordsPage(kind, library)
        qtbot.addWidget(page)
        page.resize(*size)
        page.show()
        page.activateWindow()
        pages.append(page)
        qtbot.waitUntil(page.isActiveWindow)
        qtbot.waitUntil(lambda: not library.runner.tasks)
        return page

    yield make
    for page in pages:
        page.close()


@pytest.fixture
def settle(qtbot: Any, library: Library) -> Callable[[], None]:
    """Waits until everything that was asked for is answered."""

    def wait() -> None:
        qtbot.waitUntil(lambda: not library.runner.tasks)
        # What ended may have asked for a refresh, which is on its way through the event loop.
        qtbot.wait(1)
        qtbot.waitUntil(lambda: not library.runner.tasks)

    return wait
