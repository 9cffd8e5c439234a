"""The window with its preferences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from desktop.views.main_window import MainWindow
from desktop.views.preferences.dialog import PreferencesDialog
from tests.cloudera_server import WorkbenchServer
from tests.mlflow_server.fixtures import mlflow_server

__all__ = ["mlflow_server"]


@pytest.fixture
def window(open_window: Callable[[], MainWindow], qtbot: Any) -> MainWindow:
    window = open_window()
    qtbot.waitUntil(window.is_settled, timeout=10_000)
    return window


@pytest.fixture
def dialog(window: MainWindow, qtbot: Any) -> Iterator[PreferencesDialog]:
    window.actions_["preferencesAction"].trigger()
    found = window.findChild(PreferencesDialog, "preferencesDialog")
    assert found is not None
    qtbot.waitExposed(found)
    qtbot.waitUntil(window.is_settled, timeout=10_000)
    yield found
    found.close()


@pytest.fixture
def workbench() -> Iterator[WorkbenchServer]:
    with WorkbenchServer() as made:
        yield made
