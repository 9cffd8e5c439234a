"""Newer versions from the window: checked, seen on the row, compared, fetched, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services
from desktop.services.records import AddBaseModelRequest, Row
from desktop.views.compare_dialog import CompareDialog
from desktop.views.main_window import MainWindow
from tests.hub_server import Fault, HubServer, Repo
from tests.hub_server.content import adapter_files
from tests.support import LLAMA


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def repo(hub: HubServer) -> Repo:
    return hub.add_repo("acme/sql-lora", adapter_files(rank=8))


@pytest.fixture
def window(
    library_services: Services,
    hub: HubServer,
    repo: Repo,
    open_window: Callable[[], MainWindow],
) -> MainWindow:
    """A window over a library with one adapter of the hub, selected."""
    base = library_services.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
    )
    library_services.imports.import_adapter(
        "huggingface",
        {
            "huggingface_name": "acme/sql-lora",
            "endpoint": hub.url,
            "name": "sql",
            "model_id": base.id,
        },
    )
    opened = open_window()
    opened.library_page.table.select_row(0)
    return opened


def newer(repo: Repo) -> str:
    files = adapter_files(rank=16)
    wanted = ("adapter_config.json", "adapter_model.safetensors")
    return str(repo.push({name: files[name] for name in wanted}))


def notice(window: MainWindow) -> str:
    """What the notice bar says; it is empty afterwards."""
    current = window.strip.notices.current()
    window.strip.notices.clear()
    return current.text if current is not None else ""


def settle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(window.is_settled, timeout=10_000)


def notes(window: MainWindow) -> int:
    row = window.library.table.row_at(0)
    assert row is not None
    return int(row[Row.NOTES])


def test_an_adapter_that_is_behind_is_seen_on_its_row_and_updated(
    qtbot: QtBot, window: MainWindow, repo: Repo
) -> None:
    window.actions_["checkUpdatesAction"].trigger()
    settle(qtbot, window)
    assert notice(window) == "It is up to date."
    before = notes(window)
    commit = newer(repo)
    window.actions_["checkUpdatesAction"].trigger()
    settle(qtbot, window)
    assert notice(window) == "1 adapter has a newer version."
    assert notes(window) == before + 1
    assert window.details is not None
    qtbot.waitUntil(lambda: says(window.details, "There is a newer version."))
    link(window.details, "Update").click()
    settle(qtbot, window)
    assert notice(window).startswith("Updated “sql”.")
    assert notes(window) == before
    record = window.services.adapters.list_adapters()[0]
    assert record.revision == commit
    window.actions_["undoAction"].trigger()
    settle(qtbot, window)
    assert window.services.adapters.list_adapters()[0].revision != commit


def test_comparing_shows_what_differs_and_offers_the_update(
    qtbot: QtBot, window: MainWindow, repo: Repo
) -> None:
    old = window.services.adapters.list_adapters()[0].revision or ""
    commit = newer(repo)
    window.actions_["compareNewestAction"].trigger()
    dialog = window.findChild(CompareDialog)
    assert isinstance(dialog, CompareDialog)
    qtbot.waitUntil(dialog.update_button.isEnabled)
    assert old[:7] in dialog.lead.text()
    assert commit[:7] in dialog.lead.text()
    named = [label.accessibleName() for label in dialog.findChildren(QLabel)]
    assert "Rank: 8, differs" in named
    assert "Rank: 16, differs" in named
    assert "PEFT type: LoRA" in named
    dialog.update_button.click()
    settle(qtbot, window)
    assert window.services.adapters.list_adapters()[0].revision == commit


def test_comparing_with_the_same_has_nothing_to_update(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.updates.compare(window.library_page.table.selected_ids()[0])
    dialog = window.findChild(CompareDialog)
    assert isinstance(dialog, CompareDialog)
    qtbot.waitUntil(lambda: "newest one" in dialog.lead.text())
    assert not dialog.update_button.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_server_that_does_not_answer_is_said_where_it_was_asked(
    qtbot: QtBot, window: MainWindow, hub: HubServer, repo: Repo
) -> None:
    repo.private = True
    window.actions_["checkUpdatesAction"].trigger()
    settle(qtbot, window)
    assert notice(window).startswith("“sql”: ")
    window.updates.compare(window.library_page.table.selected_ids()[0])
    dialog = window.findChild(CompareDialog)
    assert isinstance(dialog, CompareDialog)
    qtbot.waitUntil(lambda: dialog.message.tone() == "error")
    repo.private = False
    dialog.message.linkActivated.emit()
    qtbot.waitUntil(lambda: "newest one" in dialog.lead.text())
    dialog.close_button.click()


def test_an_update_that_does_not_work_can_be_tried_again(
    qtbot: QtBot, window: MainWindow, hub: HubServer, repo: Repo
) -> None:
    commit = newer(repo)
    hub.fault = Fault("status", match="adapter_model", status=403)
    window.actions_["updateAction"].trigger()
    settle(qtbot, window)
    current = window.strip.notices.current()
    assert current is not None
    assert current.text.startswith("The version that is here stays.")
    assert current.action == "Try again"
    hub.fault = None
    window.strip.notices.trigger()
    settle(qtbot, window)
    assert window.services.adapters.list_adapters()[0].revision == commit


def test_a_dialog_that_is_left_stops_asking(
    qtbot: QtBot, window: MainWindow, hub: HubServer
) -> None:
    hub.fault = Fault("stall_headers", match="/api/models")
    window.updates.compare(window.library_page.table.selected_ids()[0])
    dialog = window.findChild(CompareDialog)
    assert isinstance(dialog, CompareDialog)
    hub.fault.wait()
    dialog.reject()
    settle(qtbot, window)


def says(widget: Any, sentence: str) -> bool:
    return any(sentence in label.text() for label in widget.findChildren(QLabel))


def link(widget: Any, word: str) -> QPushButton:
    found = [b for b in widget.findChildren(QPushButton) if b.isVisible() and b.text() == word]
    assert found, word
    return found[0]
