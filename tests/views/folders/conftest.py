from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services, open_services
from desktop.models.library import Library
from desktop.models.task_runner import TaskRunner
from desktop.services.records import AddBaseModelRequest
from desktop.views.folders import FoldersPage, looking
from tests.support import LLAMA, make_adapter


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own, with a few adapters; no other disk is there."""
    home = tmp_path / "home"
    for step in (800, 1600):
        make_adapter(home / "runs" / "sql" / f"checkpoint-{step}")
    make_adapter(home / "runs" / "chat")
    broken = make_adapter(home / "runs" / "broken")
    (broken / "adapter_model.safetensors").write_bytes(b"")
    (home / "empty").mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    monkeypatch.setattr(looking, "volumes", list)
    return home


@pytest.fixture
def services(home: Path, tmp_path: Path) -> Iterator[Services]:
    with open_services(tmp_path / "library" / "catalog.db") as opened:
        yield opened


@pytest.fixture
def base(services: Services) -> str:
    """The id of the base model that the adapters name."""
    request = AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
    return services.base_models.add_base_model(request).id


@pytest.fixture
def library(qtbot: QtBot, services: Services) -> Iterator[Library]:
    runner = TaskRunner()
    library = Library(services, runner)
    with qtbot.waitSignal(library.ready):
        library.open()
    yield library
    runner.shutdown()


class Hands:
    """A page, and what a person does with it."""

    def __init__(self, page: FoldersPage, library: Library, qtbot: QtBot) -> None:
        self.page = page
        self.tree = page.tree
        self.model = page.model
        self.details = page.details
        self.library = library
        self.qtbot = qtbot

    def settle(self) -> None:
        """Wait until nothing is being read."""
        self.qtbot.waitUntil(self.is_settled, timeout=10_000)

    def is_settled(self) -> bool:
        return not self.library.runner.tasks and not self.page._soon.isActive()

    def go(self, path: str | os.PathLike[str]) -> None:
        """Type a path and press Enter."""
        self.page.field.setText(os.fspath(path))
        self.page.field.returnPressed.emit()
        self.settle()

    def names(self, index: QModelIndex) -> list[str]:
        rows = range(self.model.rowCount(index))
        return [str(self.model.index(row, 0, index).data()) for row in rows]

    def selected(self) -> list[str]:
        return [item.path for item in self.page.selected_items()]


@pytest.fixture
def open_page(qtbot: QtBot, library: Library) -> Iterator[Callable[[], Hands]]:
    """Opens pages over the library, settled, one after another like restarts."""
    pages: list[FoldersPage] = []

    def start() -> Hands:
        page = FoldersPage(library)
        pages.append(page)
        qtbot.addWidget(page)
        page.resize(1100, 700)
        page.show()
        hands = Hands(page, library, qtbot)
        hands.settle()
        return hands

    yield start
    for page in pages:
        page.hide()


@pytest.fixture
def hands(open_page: Callable[[], Hands]) -> Hands:
    return open_page()
