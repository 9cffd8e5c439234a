"""A panel over a real library of a few adapters in a folder of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services, open_services
from desktop.models.library import Library
from desktop.models.task_runner import TaskRunner
from desktop.services.records import (
    AdapterRecord,
    AddAdapterRequest,
    AddBaseModelRequest,
    AddDatasetRequest,
    AddJobRequest,
    AddPromptRequest,
)
from desktop.views.details import DetailsPanel
from desktop.views.theme import apply_theme
from tests.support import LLAMA, make_adapter

FIXTURES = Path(__file__).parents[2] / "fixtures" / "adapters"
EVIL = "<b>bold</b><img src='file:///etc/passwd'>"


class World:
    """The services, with what tests put into them by short names."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services = services
        self.folder = folder
        models, training = services.base_models, services.training
        self.llama = models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        )
        self.qwen = models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name="Qwen/Qwen2.5-7B")
        )
        self.dataset = training.add_dataset(
            AddDatasetRequest(huggingface_name="b-mc2/sql-create-context")
        )
        self.prompt = training.add_prompt(
            AddPromptRequest(
                name="Text to SQL, v3",
                dataset_id=self.dataset.id,
                prompt_template="Q: {q}\nA: {a}",
                input_template="Q: {q}\nA: ",
                completion_template="{a}",
            )
        )

    def folder_of(self, fixture: str, name: str) -> Path:
        """A copy of a committed adapter folder."""
        target = self.folder / name
        shutil.copytree(FIXTURES / fixture, target)
        return target

    def add(self, name: str, folder: Path | None = None, **given: Any) -> AdapterRecord:
        folder = folder or make_adapter(self.folder / name)
        request = {"type": "project", "model_id": self.llama.id, **given}
        return self.services.adapters.add_adapter(
            AddAdapterRequest(name=name, location=str(folder), **request)
        )

    def add_job(self, **given: Any) -> str:
        request = {"dataset_id": self.dataset.id, **given}
        return self.services.training.add_job(AddJobRequest(**request)).id

    def write(self, statement: str, *values: object) -> None:
        """Write as another program would."""
        from sqlalchemy import text

        with self.services.open().write(None) as transaction:
            names = {f"v{at}": value for at, value in enumerate(values)}
            transaction.connection.execute(text(statement), names)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    with open_services(tmp_path / "library" / "catalog.db") as services:
        yield World(services, tmp_path / "runs")


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.font()
    base = qapp.font()
    base.setPixelSize(13)
    qapp.setFont(base)
    apply_theme(qapp, "light")
    yield qapp
    qapp.setFont(before)
    apply_theme(qapp, "light")


@pytest.fixture
def library(themed: QApplication, world: World) -> Iterator[Library]:
    runner = TaskRunner()
    library = Library(world.services, runner)
    yield library
    runner.shutdown()


@pytest.fixture
def panel(qtbot: QtBot, library: Library) -> DetailsPanel:
    """The panel, 324 wide, over the open library."""
    with qtbot.waitSignal(library.ready):
        library.open()
    panel = DetailsPanel(library)
    qtbot.addWidget(panel)
    panel.resize(324, 700)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    return panel


Show = Callable[..., None]


@pytest.fixture
def settle(qtbot: QtBot, library: Library) -> Callable[[], None]:
    """Waits until everything that was asked for is answered."""

    def wait() -> None:
        for _ in range(3):
            qtbot.waitUntil(lambda: not library.runner.tasks)
            # What ended may have asked for a refresh, which is on its way through the event loop.
            qtbot.wait(1)

    return wait


@pytest.fixture
def show(panel: DetailsPanel, settle: Callable[[], None]) -> Show:
    """Selects adapters and waits until they are shown."""

    def show_them(*adapters: AdapterRecord) -> None:
        panel.show_adapters([adapter.id for adapter in adapters])
        settle()

    return show_them


def texts(widget: Any, name: str = "") -> list[str]:
    """What the visible labels under a widget say."""
    found = widget.findChildren(QLabel, name) if name else widget.findChildren(QLabel)
    return [label.text() for label in found if label.isVisibleTo(widget) and label.text()]


def facts(fact_list: Any) -> dict[str, str | None]:
    """The facts of a list by label."""
    shown: Sequence[Any] = fact_list.facts()
    return {fact.label: fact.value for fact in shown}
