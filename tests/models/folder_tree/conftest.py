"""What the tests of the folder tree share: a runner, a tree over a folder, a disk that waits."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from desktop.models.folder_nodes import Place
from desktop.models.folder_tree import (
    FolderTreeModel,
)
from desktop.models.task_runner import TaskRunner
from desktop.services import folder_list


class Runs(QObject):
    """The one thing that a model takes from the library: it runs functions."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = TaskRunner(self)

    def run(
        self,
        work: Callable[..., Any],
        *args: Any,
        succeeded: Any = None,
        failed: Any = None,
        lane: str,
    ) -> Any:
        task = self.runner.run(work, *args, lane=lane, visible=False)
        if succeeded is not None:
            task.succeeded.connect(succeeded)
        if failed is not None:
            task.failed.connect(failed)
        return task


@pytest.fixture
def runs(qapp: object) -> Iterator[Any]:
    runs = Runs()
    yield runs
    assert runs.runner.shutdown(5)


class Tree:
    """A model over `top`, with its tester, and short words for what tests ask of it."""

    def __init__(self, runs: Any, top: Path, qtbot: QtBot) -> None:
        self.top = top
        self.runs = runs
        self.qtbot = qtbot
        self.model = FolderTreeModel(runs)
        self.tester = QAbstractItemModelTester(
            self.model, QAbstractItemModelTester.FailureReportingMode.Fatal
        )
        # It would read the whole disk by itself.
        self.tester.setUseFetchMore(False)
        self.model.set_places([Place(str(top), "Top")])
        self.root = self.model.index(0, 0)

    def open(self, index: QModelIndex | None = None) -> QModelIndex:
        """Read a folder to the end."""
        index = self.root if index is None else index
        if self.model.canFetchMore(index):
            self.model.fetchMore(index)
        path = self.model.path_of(index)
        self.qtbot.waitUntil(lambda: self.is_read(path), timeout=5000)
        return index

    def is_read(self, path: str | None) -> bool:
        nodes = [n for n in self.model._nodes.values() if n.path == path]
        return all(n.read == 2 for n in nodes)

    def names(self, index: QModelIndex | None = None) -> list[str]:
        index = self.root if index is None else index
        rows = range(self.model.rowCount(index))
        return [str(self.model.index(row, 0, index).data()) for row in rows]

    def child(self, *names: str) -> QModelIndex:
        """A row by its names, reading the way to it."""
        index = self.root
        for name in names:
            self.open(index)
            index = self.model.index(self.names(index).index(name), 0, index)
        return index

    def wait_for(self, index: Any, role: int, value: Any) -> None:
        self.qtbot.waitUntil(lambda: index.data(role) == value, timeout=5000)

    def look(self, name: str) -> QPersistentModelIndex:
        """A row whose mark is known."""
        index = QPersistentModelIndex(self.child(name))
        node = self.model._nodes[index.internalId()]
        self.qtbot.waitUntil(lambda: node.mark is not None, timeout=5000)
        return index


@pytest.fixture
def tree(runs: Any, tmp_path: Path, qtbot: QtBot) -> Iterator[Tree]:
    top = tmp_path / "top"
    top.mkdir()
    tree = Tree(runs, top, qtbot)
    yield tree
    qtbot.waitUntil(lambda: not runs.runner.tasks, timeout=5000)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Folders called “slow” answer when the event is set, and not before."""
    answer = threading.Event()
    real = os.scandir

    def scandir(path: Any) -> Any:
        if os.path.basename(path) == "slow":
            assert answer.wait(20)
        return real(path)

    monkeypatch.setattr(folder_list.os, "scandir", scandir)
    yield answer
    answer.set()
