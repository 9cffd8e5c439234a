"""The window as a person drives it: import, filter, remove, undo, rename, restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLineEdit, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services
from desktop.services.errors import CatalogError
from desktop.services.records import AdapterRecord, AddJobRequest, Row
from desktop.views.main_window import MainWindow
from tests.support import LLAMA, make_adapter

Open = Callable[[], MainWindow]


def action(window: MainWindow, name: str) -> QAction:
    found = window.findChild(QAction, name)
    assert isinstance(found, QAction)
    return found


def table(window: MainWindow) -> QTableView:
    found = window.findChild(QTableView, "adaptersTable")
    assert isinstance(found, QTableView)
    return found


def names(window: MainWindow) -> list[str]:
    model = table(window).model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def part(dialog: QDialog, kind: Any, name: str) -> Any:
    found = dialog.findChild(kind, name)
    assert found is not None, name
    return found


def link(dialog: QDialog, text: str) -> QPushButton | None:
    shown = (b for b in dialog.findChildren(QPushButton) if b.isVisible())
    return next((b for b in shown if b.text().replace("&", "") == text), None)


def settled(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(window.is_settled, timeout=10_000)


def test_an_empty_library_offers_the_first_import(open_window: Open, qtbot: QtBot) -> None:
    window = open_window()
    assert window.library_page.is_empty()
    assert window.windowTitle() == "Lorarium"
    for name in ("removeAction", "undoAction", "renameAction", "checkAction"):
        assert not action(window, name).isEnabled()
    assert action(window, "importFolderAction").isEnabled()


def test_import_by_the_dialog_then_undo_and_redo(
    open_window: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "runs" / "llama-sql")
    window = open_window()
    action(window, "importFolderAction").trigger()
    dialog = window.findChild(QDialog, "importDialog")
    assert isinstance(dialog, QDialog)
    qtbot.waitUntil(dialog.isVisible)
    button = part(dialog, QPushButton, "importButton")
    assert not button.isEnabled()
    part(dialog, QLineEdit, "locationEdit").setText(str(folder))
    name = part(dialog, QLineEdit, "nameEdit")
    qtbot.waitUntil(lambda: name.text() == "llama-sql", timeout=5000)
    qtbot.waitUntil(lambda: link(dialog, f"Add {LLAMA}") is not None, timeout=5000)
    offered = link(dialog, f"Add {LLAMA}")
    assert offered is not None
    offered.click()
    combo = part(dialog, QComboBox, "baseModelCombo")
    qtbot.waitUntil(lambda: combo.currentText() == LLAMA, timeout=5000)
    qtbot.waitUntil(button.isEnabled, timeout=5000)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=5000)
    qtbot.waitUntil(lambda: names(window) == ["llama-sql"], timeout=5000)
    settled(qtbot, window)
    assert table(window).selectionModel().hasSelection()
    said = "Imported “llama-sql”."
    qtbot.waitUntil(lambda: window.strip.notices.current().text == said, timeout=5000)
    qtbot.waitUntil(action(window, "undoAction").isEnabled)
    action(window, "undoAction").trigger()
    qtbot.waitUntil(lambda: names(window) == [], timeout=5000)
    qtbot.waitUntil(action(window, "redoAction").isEnabled)
    action(window, "redoAction").trigger()
    qtbot.waitUntil(lambda: names(window) == ["llama-sql"], timeout=5000)
    settled(qtbot, window)


def test_filter_as_you_type(open_window: Open, filled: list[AdapterRecord], qtbot: QtBot) -> None:
    window = open_window()
    assert sorted(names(window)) == ["alpha", "beta", "gamma"]
    edit = window.findChild(QLineEdit, "adapterFilter")
    assert isinstance(edit, QLineEdit)
    qtbot.keyClicks(edit, "GAM")
    qtbot.waitUntil(lambda: names(window) == ["gamma"])
    edit.setText("llama-2 runs/be")
    qtbot.waitUntil(lambda: names(window) == ["beta"])
    edit.setText("nothing like it <b>")
    qtbot.waitUntil(lambda: names(window) == [])
    assert window.library_page.empty_place.text() == "No adapter matches “nothing like it <b>”."
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(names(window)) == 3)
    window.go_to("problems")
    qtbot.waitUntil(lambda: names(window) == ["beta"])
    window.go_to("missing")
    qtbot.waitUntil(lambda: names(window) == [])
    assert window.library_page.empty_place.text() == "Every adapter's folder is where it should be."


def test_remove_many_and_undo(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot, library_services: Services
) -> None:
    library_services.training.add_job(AddJobRequest(adapter_name="alpha", dataset_fraction=0.5))
    window = open_window()
    window.library_page.table.select_ids([filled[0].id, filled[2].id])
    qtbot.waitUntil(action(window, "removeAction").isEnabled)
    action(window, "removeAction").trigger()
    qtbot.waitUntil(lambda: names(window) == ["beta"], timeout=5000)
    assert window.strip.notices.current().text.startswith("Removed 2 adapters. Their files stay")
    assert all(Path(a.path or "").exists() for a in filled)
    window.strip.notices.trigger()
    qtbot.waitUntil(lambda: len(names(window)) == 3, timeout=5000)
    settled(qtbot, window)
    row = window.library.table.row_at(window.library.table.row_of(filled[0].id))
    assert row is not None
    assert row[Row.FRACTION] == 0.5


def test_delete_key_acts_only_in_the_table(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    window.activateWindow()
    window.library_page.table.select_ids([filled[0].id])
    edit = window.findChild(QLineEdit, "adapterFilter")
    assert isinstance(edit, QLineEdit)
    edit.setFocus()
    qtbot.keyClicks(edit, "a")
    edit.setCursorPosition(0)
    qtbot.keyClick(edit, Qt.Key.Key_Delete)
    assert edit.text() == ""
    settled(qtbot, window)
    assert len(names(window)) == 3


def test_drop_a_folder_on_the_window(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "dropped here")
    window = open_window()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    dialog = window.findChild(QDialog, "importDialog")
    assert isinstance(dialog, QDialog)
    button = part(dialog, QPushButton, "importButton")
    qtbot.waitUntil(button.isEnabled, timeout=5000)
    assert part(dialog, QComboBox, "baseModelCombo").currentText() == LLAMA
    button.click()
    qtbot.waitUntil(lambda: "dropped here" in names(window), timeout=5000)
    settled(qtbot, window)


def test_everything_is_found_again_after_a_restart(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot
) -> None:
    window = open_window()
    window.library_page.table.hideColumn(3)
    window.library_page.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert names(window) == ["gamma", "beta", "alpha"]
    window.library_page.table.select_ids([filled[0].id])
    action(window, "removeAction").trigger()
    qtbot.waitUntil(lambda: names(window) == ["gamma", "beta"], timeout=5000)
    settled(qtbot, window)
    window.close()
    again = open_window()
    assert names(again) == ["gamma", "beta"]
    assert again.library_page.table.isColumnHidden(3)
    action(again, "undoAction").trigger()
    qtbot.waitUntil(lambda: names(again) == ["gamma", "beta", "alpha"], timeout=5000)
    settled(qtbot, again)


def test_a_folder_that_goes_away_marks_its_row_and_locate_finds_it(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot, tmp_path: Path
) -> None:
    Path(filled[0].path or "").rename(tmp_path / "moved")
    window = open_window()

    def state() -> str:
        row = window.library.table.row_at(window.library.table.row_of(filled[0].id))
        return str(row[Row.STATE]) if row else ""

    qtbot.waitUntil(lambda: state() == "missing", timeout=5000)
    missing = window.strip.notices.current()
    assert missing is not None
    assert missing.text.startswith("1 adapter is missing.")
    window.strip.notices.dismiss()
    window.operations.relocate(filled[0].id, str(tmp_path / "runs" / "gamma"))
    qtbot.waitUntil(lambda: window.strip.notices.current() is not None, timeout=5000)
    assert "Another adapter is in this folder" in window.strip.notices.current().text
    window.strip.notices.dismiss()
    window.operations.relocate(filled[0].id, str(tmp_path / "moved"))
    qtbot.waitUntil(lambda: state() == "ok", timeout=5000)
    settled(qtbot, window)


def test_copying(open_window: Open, filled: list[AdapterRecord], qtbot: QtBot) -> None:
    window = open_window()
    window.library_page.table.select_ids([filled[0].id])
    clipboard = QGuiApplication.clipboard()
    action(window, "copyPathAction").trigger()
    assert clipboard.text() == filled[0].path
    action(window, "copyIdAction").trigger()
    assert clipboard.text() == filled[0].id
    action(window, "copyRowsAction").trigger()
    assert "alpha" in clipboard.text()
    action(window, "copySnippetAction").trigger()
    qtbot.waitUntil(lambda: "PeftModel" in clipboard.text(), timeout=5000)
    assert repr(filled[0].path) in clipboard.text() or f'"{filled[0].path}"' in clipboard.text()
    settled(qtbot, window)


def test_every_place_opens(open_window: Open, filled: list[AdapterRecord], qtbot: QtBot) -> None:
    window = open_window()
    places = window.sidebar.keys()
    for key in places:
        window.go_to(key)
        settled(qtbot, window)
        if key != "more-bases":
            assert window.sidebar.current() == key
    window.go_to("all")


def test_a_library_that_cannot_be_opened_says_so(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop.bootstrap import build_window, open_services

    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    path = tmp_path / "x.db"
    path.write_text("this is no database at all")
    services = open_services(path)
    window = build_window(services)
    window.show()
    qtbot.waitUntil(window.is_settled, timeout=10_000)
    assert window.library_page.is_unavailable()
    assert "not a SQLite file" in window.library_page.message.text()
    assert not action(window, "removeAction").isEnabled()
    with pytest.raises(CatalogError):
        services.open()
    assert path.read_text() == "this is no database at all"
    path.unlink()
    retry = window.library_page.message.findChild(QPushButton, "inlineMessageLink")
    assert isinstance(retry, QPushButton)
    assert retry.text() == "Try again"
    retry.click()
    qtbot.waitUntil(lambda: window.library.is_ready, timeout=5000)
    qtbot.waitUntil(window.is_settled, timeout=5000)
    assert not window.library_page.is_unavailable()
    assert window.library_page.message.text() == ""
    window.close()


def test_a_newer_library_opens_for_reading(
    open_window: Open, filled: list[AdapterRecord], qtbot: QtBot, library_services: Services
) -> None:
    import sqlite3

    assert library_services.location.path is not None
    library_services.close()
    connection = sqlite3.connect(library_services.location.path)
    connection.execute("UPDATE lorarium_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    window = open_window()
    assert len(names(window)) == 3
    assert "newer Lorarium" in window.library_page.message.text()
    window.library_page.table.select_ids([filled[0].id])
    for name in ("removeAction", "renameAction", "importFolderAction", "undoAction"):
        assert not action(window, name).isEnabled()
