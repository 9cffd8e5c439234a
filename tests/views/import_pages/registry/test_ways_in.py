"""The window leads to the page of the registries: by menu, toolbar, key and the empty library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QToolButton

from desktop.views.import_dialog import ImportDialog
from desktop.views.main_window import MainWindow


@pytest.mark.parametrize("way", ["action", "button", "card"])
def test_the_page_opens(open_window: Callable[[], MainWindow], qtbot: Any, way: str) -> None:
    window = open_window()
    action = window.actions_["importRegistryAction"]
    assert action.shortcuts() == [QKeySequence("Ctrl+Shift+R")]
    if way == "action":
        action.trigger()
    elif way == "button":
        button = window.toolbar.findChild(QToolButton, "importRegistryButton")
        assert button is not None
        assert button.text().strip("\N{THIN SPACE}") == "Registry…"
        button.click()
    else:
        window.library_page.empty_library.card("registry").click()
    dialog = window.findChild(ImportDialog)
    assert dialog is not None
    assert dialog.isVisible()
    assert dialog.page.key == "model_registry"
    qtbot.waitUntil(lambda: not window.runner.tasks, timeout=10_000)
    dialog.reject()
