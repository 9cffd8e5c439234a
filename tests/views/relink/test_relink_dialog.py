"""Folders that moved are found again from the window, with a preview, and taken back by Undo."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services
from desktop.services.records import AdapterRecord, AddAdapterRequest, AddBaseModelRequest, Row
from desktop.views.main_window import MainWindow
from desktop.views.relink.choice_row import LEAVE
from desktop.views.relink.dialog import ROOTS, RelinkDialog
from tests.services.relinking import real_adapter
from tests.support import LLAMA


@pytest.fixture
def runs(library_services: Services, tmp_path: Path) -> list[AdapterRecord]:
    """Adapters run 0, run 1, run 2 in old/run-0 …"""
    services = library_services
    base = services.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
    )
    return [
        services.adapters.add_adapter(
            AddAdapterRequest(
                type="project",
                name=f"run {n}",
                model_id=base.id,
                location=str(real_adapter(tmp_path / "old" / f"run-{n}", n + 1)),
            )
        )
        for n in range(3)
    ]


def dialog_of(window: MainWindow) -> RelinkDialog:
    (found,) = window.findChildren(RelinkDialog)
    return found


def search(qtbot: QtBot, dialog: RelinkDialog, *roots: Path) -> None:
    for root in roots:
        dialog.add_root(str(root))
    tester = QAbstractItemModelTester(
        dialog.model, QAbstractItemModelTester.FailureReportingMode.Fatal, dialog
    )
    assert tester is not None
    qtbot.mouseClick(dialog.search_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.search_button.isEnabled(), timeout=20_000)


def press(qtbot: QtBot, dialog: RelinkDialog, window: MainWindow) -> None:
    qtbot.mouseClick(dialog.footer.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.is_settled, timeout=10_000)


def said(window: MainWindow) -> str:
    notice = window.strip.notices.current()
    return "" if notice is None else notice.text


def places(window: MainWindow) -> dict[str, str]:
    table = window.library.table
    rows = [table.row_by_id(key) for key in table.ids()]
    return {row[Row.NAME]: row[Row.LOCATION] for row in rows if row is not None}


def test_a_moved_tree_is_relinked_and_taken_back(
    qtbot: QtBot,
    runs: list[AdapterRecord],
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    shutil.move(tmp_path / "old", tmp_path / "new")
    window = open_window()
    assert said(window) == "3 adapters are missing. If they have moved, they can be found."
    window.strip.notices.trigger()  # Find moved folders…
    dialog = dialog_of(window)
    assert not dialog.footer.go.isEnabled()
    assert not dialog.search_button.isEnabled()
    search(qtbot, dialog, tmp_path / "new")
    assert dialog.model.rowCount() == 3
    assert dialog.footer.go.text() == "&Relink 3 adapters"
    press(qtbot, dialog, window)
    assert said(window) == "Relinked 3 adapters."
    assert places(window)["run 1"] == str(tmp_path / "new" / "run-1")
    assert window.library.table.counts().missing == 0
    assert window.library.undo_label == "Relink 3 adapters"
    window.strip.notices.trigger()  # Undo
    qtbot.waitUntil(window.is_settled, timeout=10_000)
    assert places(window)["run 1"] == str(tmp_path / "old" / "run-1")
    assert window.services.settings.get(ROOTS, []) == [str(tmp_path / "new")]


def test_copies_are_a_choice(
    qtbot: QtBot,
    runs: list[AdapterRecord],
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    new = tmp_path / "new"
    for name in ("first", "second"):
        shutil.copytree(tmp_path / "old" / "run-0", new / name)
    shutil.move(tmp_path / "old" / "run-1", new / "run-1")
    shutil.rmtree(tmp_path / "old" / "run-0")
    window = open_window()
    window.actions_["relinkAction"].trigger()
    dialog = dialog_of(window)
    search(qtbot, dialog, new)
    assert dialog.footer.go.text() == "&Relink 1 adapter"
    assert dialog.footer.message.tone() == "warning"
    assert dialog.footer.message.text() == "1 found. 1 needs a choice."
    box = dialog.choice.box
    dialog.table.setCurrentIndex(dialog.model.index(dialog.model.row_of(runs[1].id), 0))
    qtbot.mouseClick(dialog.footer.message.link(), Qt.MouseButton.LeftButton)
    assert dialog.table.currentIndex().row() == dialog.model.row_of(runs[0].id)
    assert box.currentText() == "Choose one of 2"
    assert [box.itemData(at) for at in range(1, box.count())] == [
        str(new / "first"),
        str(new / "second"),
        LEAVE,
    ]
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert dialog.footer.go.text() == "&Relink 2 adapters"
    row = dialog.model.row_of(runs[1].id)
    dialog.table.setCurrentIndex(dialog.model.index(row, 0))
    dialog.table.setFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Delete)  # leave it as it is
    assert dialog.footer.go.text() == "&Relink 1 adapter"
    press(qtbot, dialog, window)
    assert places(window) == {
        "run 0": str(new / "second"),
        "run 1": str(tmp_path / "old" / "run-1"),
        "run 2": str(tmp_path / "old" / "run-2"),
    }


def test_only_the_selected_ones(
    qtbot: QtBot,
    runs: list[AdapterRecord],
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    shutil.move(tmp_path / "old", tmp_path / "new")
    window = open_window()
    window.library_page.table.select_ids([runs[2].id])
    window.actions_["relinkAction"].trigger()
    dialog = dialog_of(window)
    assert dialog.which.current() == "selected"
    search(qtbot, dialog, tmp_path / "new")
    assert [m.lost.adapter_id for m in dialog.matches()] == [runs[2].id]
    dialog.which.set_current("missing")
    search(qtbot, dialog)
    assert len(dialog.matches()) == 3
    dialog.reject()


def test_what_is_refused_stays_with_its_reason(
    qtbot: QtBot,
    runs: list[AdapterRecord],
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    shutil.move(tmp_path / "old", tmp_path / "new")
    window = open_window()
    window.relink.find(())
    dialog = dialog_of(window)
    search(qtbot, dialog, tmp_path / "new")
    shutil.rmtree(tmp_path / "new" / "run-0")
    press(qtbot, dialog, window)
    assert dialog.isVisible()
    assert dialog.model.rowCount() == 1
    assert "not there any more" in dialog.choice.reason.text()
    assert dialog.footer.message.text() == "0 found. 1 not relinked; each line says why."
    assert not dialog.footer.go.isEnabled()
    assert window.library.undo_label == "Relink 2 adapters"
    dialog.reject()


def test_a_search_can_be_stopped_and_leaving_stops_it(
    qtbot: QtBot,
    runs: list[AdapterRecord],
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    shutil.rmtree(tmp_path / "old")
    window = open_window()
    for n in range(40):
        os.makedirs(tmp_path / "new" / str(n))
    window.relink.find(())
    dialog = dialog_of(window)
    dialog.add_root(str(tmp_path / "new"))
    dialog.search()
    qtbot.mouseClick(dialog.footer.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.search_button.isEnabled(), timeout=10_000)
    assert dialog.isVisible()
    dialog.search()
    dialog.reject()
    qtbot.waitUntil(window.is_settled, timeout=10_000)


def test_nothing_that_is_missing(
    qtbot: QtBot,
    runs: list[AdapterRecord],
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    window = open_window()
    window.relink.find(())
    dialog = dialog_of(window)
    search(qtbot, dialog, tmp_path)
    assert dialog.footer.message.text() == "Nothing is missing."
    dialog.roots.list.setCurrentRow(0)
    qtbot.keyClick(dialog.roots.list, Qt.Key.Key_Delete)
    assert dialog.roots.folders() == []
    assert not dialog.search_button.isEnabled()
    dialog.reject()


def test_the_missing_place_has_the_link(
    qtbot: QtBot,
    runs: list[AdapterRecord],
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    shutil.rmtree(tmp_path / "old" / "run-0")
    window = open_window()
    link = window.findChild(QPushButton, "findMovedLink")
    assert link is not None
    assert not link.isVisible()
    window.go_to("missing")
    qtbot.waitUntil(link.isVisible, timeout=5_000)
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    dialog_of(window).reject()
    window.go_to("all")
    qtbot.waitUntil(lambda: not link.isVisible(), timeout=5_000)
