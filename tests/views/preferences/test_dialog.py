"""The preferences: registries are added, tested and removed; the rest counts at once."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLabel, QWidget

from desktop.services.registry.records import Connection, RegistryKind
from desktop.views.main_window import MainWindow
from desktop.views.preferences.connect_dialog import ConnectDialog
from desktop.views.preferences.dialog import PreferencesDialog
from tests.cloudera_server import WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.hub_server import Fault
from tests.mlflow_server.store import MlflowServer

WAIT = 20_000


def settle(qtbot: Any, window: MainWindow) -> None:
    qtbot.waitUntil(window.is_settled, timeout=WAIT)


def add(qtbot: Any, dialog: PreferencesDialog, window: MainWindow, **fields: str) -> None:
    """Connect a registry the way a person does."""
    qtbot.mouseClick(dialog.registries.add, Qt.MouseButton.LeftButton)
    connecting = dialog.findChild(ConnectDialog)
    assert connecting is not None
    form = connecting.fields
    kind = RegistryKind(fields.pop("kind", "mlflow"))
    form.kind.setCurrentIndex(form.kind.findData(kind))
    for name, text in fields.items():
        qtbot.keyClicks(getattr(form, name), text)
    qtbot.mouseClick(connecting.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not connecting.isVisible(), timeout=WAIT)
    settle(qtbot, window)


def lines(dialog: PreferencesDialog) -> list[str]:
    shown = dialog.registries.list
    return [shown.item(row).text() for row in range(shown.count())]


def test_both_lists_and_their_buttons_end_at_the_same_edges(dialog: PreferencesDialog) -> None:
    box, folders = dialog.registries, dialog.watched.folders

    def right(widget: QWidget) -> int:
        return widget.mapTo(dialog, widget.rect().topRight()).x()

    assert right(box.list) == right(folders.list)
    buttons = (box.add, box.edit, box.test, box.remove, folders.add_button, folders.remove_button)
    assert len({right(button) for button in buttons}) == 1
    assert len({button.width() for button in buttons}) == 1


def test_the_test_of_a_connection_is_in_sight_whatever_the_fields_need(
    dialog: PreferencesDialog, qtbot: Any
) -> None:
    dialog.registries.connect_another()
    connecting = dialog.findChild(ConnectDialog)
    assert connecting is not None
    connecting.resize(connecting.width(), 260)
    assert connecting.area.verticalScrollBar().maximum() > 0
    assert not connecting.area.isAncestorOf(connecting.test)
    assert not connecting.area.isAncestorOf(connecting.answer)
    for button in (connecting.test, connecting.go):
        assert connecting.rect().contains(button.mapTo(connecting, button.rect().bottomRight()))
    connecting.reject()


def test_the_action_opens_it_beside_the_window(
    dialog: PreferencesDialog, window: MainWindow
) -> None:
    action = window.actions_["preferencesAction"]
    assert QKeySequence("Ctrl+,") in action.shortcuts()
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert dialog.registries.message.text().startswith("No registry is connected yet.")
    for button in (dialog.registries.edit, dialog.registries.test, dialog.registries.remove):
        assert not button.isEnabled()
    assert dialog.hub.host.text() == "huggingface.co"


def test_a_registry_is_added_tested_changed_and_removed(
    dialog: PreferencesDialog, window: MainWindow, mlflow_server: MlflowServer, qtbot: Any
) -> None:
    box = dialog.registries
    add(qtbot, dialog, window, url=mlflow_server.url, name="Team")
    assert lines(dialog) == ["Team · MLflow server"]
    qtbot.mouseClick(box.test, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert box.message.tone() == "ok"
    assert "answers at" in box.message.text()
    box.list.setFocus()
    qtbot.keyClick(box.list, Qt.Key.Key_Return)
    connecting = dialog.findChild(ConnectDialog)
    assert connecting is not None
    assert connecting.fields.name.text() == "Team"
    connecting.fields.name.setText("All of us")
    qtbot.keyClick(connecting, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not connecting.isVisible(), timeout=WAIT)
    assert lines(dialog) == ["All of us · MLflow server"]
    qtbot.keyClick(box.list, Qt.Key.Key_Delete)
    settle(qtbot, window)
    assert lines(dialog) == []
    assert window.services.registry.connections.all() == ()


def test_what_goes_with_a_connection_is_told(
    dialog: PreferencesDialog, window: MainWindow, mlflow_server: MlflowServer, qtbot: Any
) -> None:
    add(qtbot, dialog, window, url=mlflow_server.url, name="One")
    add(qtbot, dialog, window, url=mlflow_server.url, name="Two")
    assert len(lines(dialog)) == 2
    box = dialog.registries
    box.list.setCurrentRow(0)
    qtbot.mouseClick(box.remove, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert lines(dialog) == ["Two · MLflow server"]
    assert box.message.text() == "Removed “One”. Adapters that came from it stay."


def test_a_token_is_asked_for_kept_and_never_shown(
    dialog: PreferencesDialog, window: MainWindow, workbench: WorkbenchServer, qtbot: Any
) -> None:
    add(
        qtbot,
        dialog,
        window,
        kind="cloudera_workbench",
        url=workbench.url,
        secret_edit=TOKEN,
    )
    (kept,) = window.services.registry.connections.all()
    assert window.services.registry.connections.secret(kept) == TOKEN
    labels = [label.text() for label in dialog.findChildren(QLabel)]
    assert TOKEN not in " ".join([*labels, *lines(dialog), repr(kept)])
    qtbot.mouseClick(dialog.registries.test, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert dialog.registries.message.tone() == "ok"
    # Signing in with nothing forgets it; keeping the field empty does not.
    qtbot.mouseClick(dialog.registries.edit, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    connecting = dialog.findChild(ConnectDialog)
    assert connecting is not None
    assert connecting.fields.secret() is None
    # Another address does not take it along.
    connecting.fields.url.setText("https://elsewhere.example.com")
    assert connecting.fields.secret() == ""
    assert "elsewhere.example.com" in connecting.fields.note.text()
    assert "until Lorarium closes" in connecting.fields.note.text()
    connecting.reject()


def test_a_test_of_a_silent_server_is_stopped_with_the_dialog(
    dialog: PreferencesDialog, window: MainWindow, workbench: WorkbenchServer, qtbot: Any
) -> None:
    add(
        qtbot,
        dialog,
        window,
        kind="cloudera_workbench",
        url=workbench.url,
        secret_edit=TOKEN,
    )
    workbench.fault = Fault("stall_headers")
    box = dialog.registries
    qtbot.mouseClick(box.test, Qt.MouseButton.LeftButton)
    assert box.test.text() == "S&top"
    workbench.fault.wait()
    qtbot.mouseClick(box.test, Qt.MouseButton.LeftButton)
    assert box.message.text().startswith("Stopped.")
    qtbot.mouseClick(box.test, Qt.MouseButton.LeftButton)
    dialog.close()
    settle(qtbot, window)
    assert box.test.text() == "&Test"


@pytest.mark.parametrize(("switch", "word"), [("scheme", "dark"), ("density", "compact")])
def test_how_it_looks_counts_at_once_and_in_the_menu(
    dialog: PreferencesDialog, window: MainWindow, switch: str, word: str, qtbot: Any
) -> None:
    choices: Any = getattr(dialog, switch)
    before = getattr(window.state, switch)
    qtbot.mouseClick(choices.segment(word), Qt.MouseButton.LeftButton)
    assert getattr(window.state, switch) == word
    chosen = window.findChild(QAction, f"{word}Action")
    assert chosen is not None
    assert chosen.isChecked()
    qtbot.mouseClick(choices.segment(before), Qt.MouseButton.LeftButton)
    assert getattr(window.state, switch) == before


def test_the_hub_in_use_can_be_changed(
    dialog: PreferencesDialog, window: MainWindow, qtbot: Any
) -> None:
    qtbot.mouseClick(dialog.hub.change, Qt.MouseButton.LeftButton)
    edit = dialog.hub.row.edit
    edit.setText("https://hub.example.com")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert dialog.hub.host.text() == "hub.example.com"
    assert window.services.hub.endpoint == "https://hub.example.com"
    assert dialog.isVisible()
    settle(qtbot, window)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_long_name_is_cut_and_an_odd_one_is_harmless(
    dialog: PreferencesDialog, window: MainWindow, qtbot: Any
) -> None:
    named = "<b>b</b>" + "n" * 60
    odd = Connection(RegistryKind.MLFLOW, "https://x.example.com", named)
    window.services.registry.connections.save(odd)
    # Nobody can type that; a file of settings that was changed by hand may hold it.
    (kept,) = window.services.settings.get("registry/connections", [])
    kept = {**kept, "name": f"\u202e{named}"}
    window.services.settings.set("registry/connections", [kept])
    dialog.registries.show_links()
    (line,) = lines(dialog)
    assert "<b>b</b>" in line
    assert "\u202e" not in line
    assert dialog.registries.list.horizontalScrollBar().maximum() == 0
