from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services, open_services
from desktop.models.library import Library
from desktop.models.task_runner import TaskRunner
from desktop.services.records import Row
from desktop.views.scan import ScanPage
from tests.support import make_adapter


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two runs, one of them with its end result, two folders by themselves, and a link in a
    circle."""
    runs = tmp_path / "runs"
    for step in (800, 1600, 2400):
        make_adapter(runs / "sql" / f"checkpoint-{step}", rank=16)
    for step in (10, 20):
        make_adapter(runs / "chat" / f"checkpoint-{step}", base="Qwen/Qwen2.5-7B")
    make_adapter(runs / "chat", base="Qwen/Qwen2.5-7B")
    make_adapter(runs / "alone")
    broken = make_adapter(runs / "broken")
    (broken / "adapter_model.safetensors").write_bytes(b"")
    full = runs / "full"
    full.mkdir()
    (full / "config.json").write_text('{"model_type": "llama"}')
    (full / "model.safetensors").write_bytes(b"12345678")
    (runs / "round").symlink_to(runs)
    return runs


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("LORARIUM_DATA", str(tmp_path / "data"))
    with open_services(tmp_path / "data" / "catalog.db") as opened:
        yield opened


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

    def __init__(self, page: ScanPage, library: Library, qtbot: QtBot) -> None:
        self.page = page
        self.table = page.table
        self.results = page.session.table
        self.library = library
        self.qtbot = qtbot

    def settle(self) -> None:
        """Wait until nothing runs and every row is there."""
        self.qtbot.waitUntil(self.is_settled, timeout=20_000)

    def is_settled(self) -> bool:
        page = self.page
        waits = page.session._soon.isActive() or page.details._soon.isActive()
        return not (self.library.runner.tasks or page.session.is_scanning or waits)

    def scan(self, *paths: Path) -> None:
        self.page.scan([str(path) for path in paths])
        self.settle()

    def lines(self) -> list[str]:
        """What is on screen: heads by their titles, folders by their last part."""
        said = []
        for line in range(self.results.rowCount()):
            head = self.results.head_at(line)
            path = self.results.path_at(line)
            said.append(f"# {head.title}" if head is not None else path.rpartition("/")[2])
        return said

    def states(self) -> dict[str, str]:
        return {
            str(row[Row.ID]).rpartition("/")[2]: str(row[Row.WIDTH + 1])
            for row in self.results.rows()
        }

    def chosen(self) -> set[str]:
        return {str(row[Row.ID]).rpartition("/")[2] for row in self.results.chosen_rows()}

    def names(self) -> set[str]:
        return {str(row[Row.NAME]) for row in self.library.services.adapters.list_rows()}


@pytest.fixture
def hands(qtbot: QtBot, library: Library) -> Iterator[Hands]:
    page = ScanPage(library)
    qtbot.addWidget(page)
    page.undoRequested.connect(library.services.history.undo)
    page.resize(1388, 800)
    page.show()
    hands = Hands(page, library, qtbot)
    hands.settle()
    yield hands
    page.hide()


@pytest.fixture
def many(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a tree of so many small adapters, five a run."""

    def make(count: int) -> Path:
        root = tmp_path / "many"
        first = make_adapter(root / "run-0000" / "checkpoint-1")
        config = (first / "adapter_config.json").read_bytes()
        weights = (first / "adapter_model.safetensors").read_bytes()
        for number in range(1, count):
            folder = root / f"run-{number // 5:04d}" / f"checkpoint-{number % 5 + 1}"
            folder.mkdir(parents=True)
            (folder / "adapter_config.json").write_bytes(config)
            (folder / "adapter_model.safetensors").write_bytes(weights)
        return root

    return make
