"""The page “Folders”, through its real widgets, over real adapters on the disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
)
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services
from desktop.services.records import AddAdapterRequest
from desktop.views.folders import delegate, looking
from desktop.views.folders.words import NOTHING
from desktop.views.widgets.text import PlainLabel
from tests.support import make_adapter
from tests.views.folders.conftest import Hands

Key = Qt.Key


def press(hands: Hands, key: Qt.Key, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(hands.tree, key, modifier)
    hands.settle()


def labels(widget: QWidget) -> str:
    shown = [label for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    texts = [label.text() for label in shown]
    buttons = widget.findChildren(QPushButton)
    return " | ".join(texts + [button.text() for button in buttons if button.isVisibleTo(widget)])


# -- start -------------------------------------------------------------------------------------


def test_the_tree_starts_at_home_and_the_root(hands: Hands, home: Path) -> None:
    assert hands.names(QModelIndex()) == ["Home", "/"]
    assert hands.details.message.text() == NOTHING
    assert not hands.details.footer.isVisible()
    assert hands.page.objectName() == "foldersPage"
    # Nothing was read that nobody opened.
    assert hands.model.rowCount(hands.model.index(0, 0)) == 0


def test_no_disk_is_asked_before_somebody_comes(library: Any, qtbot: QtBot) -> None:
    from desktop.views.folders import FoldersPage

    page = FoldersPage(library)
    qtbot.addWidget(page)
    assert not library.runner.tasks
    assert page.model.rowCount() == 0


def test_where_most_adapters_lie_is_a_place(
    open_page: Callable[[], Hands], services: Services, base: str, home: Path
) -> None:
    for name in ("a", "b"):
        folder = make_adapter(home.parent / "data" / "adapters" / name)
        services.adapters.add_adapter(
            AddAdapterRequest(type="project", name=name, model_id=base, location=str(folder))
        )
    hands = open_page()
    assert hands.names(QModelIndex()) == ["Home", "adapters", "/"]


def test_volumes_are_places(
    open_page: Callable[[], Hands], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "volumes", lambda: ["/mnt/nas", "/media/disk"])
    assert open_page().names(QModelIndex()) == ["Home", "/", "nas", "disk"]


# -- going somewhere ---------------------------------------------------------------------------


def test_a_typed_path_is_found_step_by_step(hands: Hands, home: Path) -> None:
    hands.go("~/runs/sql/checkpoint-800")
    assert hands.selected() == [str(home / "runs" / "sql" / "checkpoint-800")]
    assert hands.tree.currentIndex().parent().data() == "sql"
    assert hands.tree.isExpanded(hands.tree.currentIndex().parent())
    assert hands.page.message.text() == ""
    hands.go(home / "runs" / "chat" / "adapter_config.json")  # a file means its folder
    assert hands.selected() == [str(home / "runs" / "chat")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("~/nowhere", "There is no such folder. Check the spelling."),
        ("nowhere", "This is not a whole path. Start with / or ~."),
        ("", "Type the path of a folder."),
        ("/a\0b", "This is not a whole path. Start with / or ~."),
    ],
)
def test_a_path_that_does_not_exist_is_said_beside_the_field(
    hands: Hands, typed: str, sentence: str
) -> None:
    hands.go("~/runs")
    hands.go(typed)
    assert hands.page.message.text() == sentence
    assert hands.page.message.tone() == "error"
    assert hands.tree.currentIndex().data() == "runs"  # nobody was sent anywhere
    assert hands.page.field.text() == typed.replace("\0", "\0")
    QTest.keyClicks(hands.page.field, "x")
    assert hands.page.message.text() == ""


def test_escape_leaves_the_field(hands: Hands) -> None:
    hands.page.field.setFocus()
    QTest.keyClick(hands.page.field, Key.Key_Escape)
    assert hands.tree.hasFocus() or QApplication.focusWidget() is None


# -- what is in a folder -----------------------------------------------------------------------


def test_an_adapter_shows_its_facts_and_can_be_imported(hands: Hands, home: Path) -> None:
    hands.go("~/runs/chat")
    details = hands.details
    assert details.title.text() == "chat"
    facts = {fact.label: fact.value for fact in details.facts.facts()}
    assert facts["PEFT type"] == "LoRA"
    assert facts["Rank"] == "8"
    assert facts["Targets"] == "q, v"
    assert facts["Base model"] == "meta-llama/Llama-2-7b-hf"
    assert details.state.text() == "New"
    hands.qtbot.waitUntil(lambda: "adapter_model.safetensors" in labels(details.files))
    assert details.import_button.isVisible()
    assert details.import_button.isEnabled()
    assert not details.show_button.isVisible()
    with hands.qtbot.waitSignal(hands.page.importRequested) as asked:
        details.import_button.click()
    assert asked.args == [[str(home / "runs" / "chat")]]
    with hands.qtbot.waitSignal(hands.page.openFolder) as opened:
        details.open_button.click()
    assert opened.args == [str(home / "runs" / "chat")]


def test_a_broken_adapter_says_why_and_can_not_be_imported(hands: Hands) -> None:
    hands.go("~/runs/broken")
    assert hands.details.state.text() == "Broken"
    said = [finding.message for finding in hands.details.findings.findings()]
    assert said == ["adapter_model.safetensors is empty."]
    assert hands.details.import_button.isVisible()
    assert not hands.details.import_button.isEnabled()
    assert hands.details.hint.text() == "What is wrong with it keeps it from being imported."
    press(hands, Key.Key_Return)  # opens or closes, and imports nothing


def test_a_close_look_corrects_the_tree(hands: Hands, home: Path) -> None:
    # As long as it should be, and full of noise: nothing that a look at names and sizes sees.
    config = home / "runs" / "chat" / "adapter_config.json"
    config.write_text('{"peft_type": "LORA", "r": ')
    hands.go("~/runs/chat")
    assert hands.details.state.text() == "Broken"
    assert hands.tree.currentIndex().data(256) == "Broken"


def test_a_plain_folder_tells_how_many_adapters_it_holds(hands: Hands, home: Path) -> None:
    hands.go("~/runs")
    assert hands.details.message.text() == (
        "4 adapters lie up to three levels below, 2 of them directly in it."
    )
    hands.qtbot.waitUntil(lambda: "checkpoint-1600" in labels(hands.details.adapters))
    assert hands.details.import_button.text() == "&Import the adapters in it…"
    with hands.qtbot.waitSignal(hands.page.importRequested) as asked:
        hands.details.import_button.click()
    assert asked.args == [[str(home / "runs")]]
    links = hands.details.adapters.findChildren(QPushButton)
    link = next(b for b in links if b.text() == "sql/checkpoint-800")
    link.click()
    hands.settle()
    assert hands.selected() == [str(home / "runs" / "sql" / "checkpoint-800")]
    hands.go("~/runs/sql")
    assert hands.details.message.text() == "2 adapters lie directly in this folder."
    hands.go("~/empty")
    assert hands.details.message.text() == (
        "There is no adapter in this folder, nor three levels below it."
    )
    assert not hands.details.import_button.isVisible()


def test_a_folder_that_is_no_peft_folder_says_what_it_is(hands: Hands, home: Path) -> None:
    fixtures = Path(__file__).parents[2] / "fixtures" / "adapters" / "other"
    shutil.copytree(fixtures / "kohya", home / "kohya")
    hands.go("~/kohya")
    assert hands.details.state.text() == "Not PEFT"
    assert hands.details.message.text() == "This looks like a Kohya LoRA, no PEFT adapter."
    assert not hands.details.import_button.isVisible()


def test_an_adapter_of_the_library_leads_to_its_row(
    hands: Hands, services: Services, base: str, home: Path
) -> None:
    hands.go("~/runs/chat")
    added = services.adapters.add_adapter(
        AddAdapterRequest(
            type="project", name="chat", model_id=base, location=str(home / "runs" / "chat")
        )
    )
    hands.qtbot.waitUntil(lambda: hands.details.state.text() == "In library", timeout=5000)
    assert hands.tree.currentIndex().data(256) == "In library"
    assert not hands.details.import_button.isVisible()
    with hands.qtbot.waitSignal(hands.page.showRequested) as shown:
        hands.details.show_button.click()
    assert shown.args == [added.id]
    services.adapters.remove_adapter(added.id)
    hands.qtbot.waitUntil(lambda: hands.details.state.text() == "New", timeout=5000)
    assert hands.details.import_button.isVisible()
    hands.settle()


def test_several_folders_are_imported_together(hands: Hands, home: Path) -> None:
    hands.go("~/runs/sql/checkpoint-800")
    first = hands.tree.currentIndex()
    other = hands.model.index(1 - first.row(), 0, first.parent())
    choose = hands.tree.selectionModel()
    choose.select(other, QItemSelectionModel.SelectionFlag.Select)
    hands.settle()
    assert hands.details.title.text() == "2 folders"
    assert hands.details.message.text() == "2 of them can be imported."
    assert hands.details.import_button.text() == "&Import 2 adapters…"
    assert not hands.details.open_button.isVisible()
    wanted = [str(home / "runs" / "sql" / f"checkpoint-{step}") for step in (1600, 800)]
    with hands.qtbot.waitSignal(hands.page.importRequested) as asked:
        press(hands, Key.Key_Return)
    assert asked.args == [wanted]
    # With a plain folder among them, what lies in it comes too, and nothing twice.
    choose.select(first.parent(), QItemSelectionModel.SelectionFlag.Select)
    hands.settle()
    assert hands.details.import_button.text() == "&Import the adapters in them…"
    with hands.qtbot.waitSignal(hands.page.importRequested) as asked:
        hands.details.import_button.click()
    assert asked.args == [[str(home / "runs" / "sql")]]


def test_names_that_are_not_utf8_reach_the_import_byte_for_byte(hands: Hands, home: Path) -> None:
    raw = os.fsencode(home) + b"/caf\xe9"
    make_adapter(Path(os.fsdecode(raw)))
    hands.go("~")
    around = hands.tree.currentIndex()
    row = hands.names(around).index("caf\\xe9")
    hands.tree.select(hands.model.index(row, 0, around))
    hands.settle()
    assert hands.details.title.text() == "caf\\xe9"
    assert hands.details.path.text().endswith("/caf\\xe9")
    with hands.qtbot.waitSignal(hands.page.importRequested) as asked:
        hands.details.import_button.click()
    assert os.fsencode(asked.args[0][0]) == raw
    with hands.qtbot.waitSignal(hands.page.openFolder) as opened:
        hands.details.open_button.click()
    assert os.fsencode(opened.args[0]) == raw


# -- what is remembered ------------------------------------------------------------------------


def test_the_last_place_comes_back(
    open_page: Callable[[], Hands], home: Path, services: Services
) -> None:
    first = open_page()
    first.go("~/runs/sql/checkpoint-800")
    first.page.splitter.setSizes([400, 700])
    first.page.splitter.splitterMoved.emit(400, 1)
    first.page.hide()
    services.settings.save()
    services.__dict__.pop("settings")  # read from the file, as after a restart
    second = open_page()
    assert second.tree.currentIndex().data() == "checkpoint-800"
    assert second.selected() == [str(home / "runs" / "sql" / "checkpoint-800")]
    assert abs(second.page.splitter.sizes()[0] - 400) < 5
    shutil.rmtree(home / "runs" / "sql")
    second.page.hide()
    third = open_page()
    assert third.selected() == []
    top = third.model.index(0, 0)
    runs = third.model.index(third.names(top).index("runs"), 0, top)
    assert third.names(runs) == ["broken", "chat"]  # as far as it is there


@pytest.mark.parametrize("rubbish", [{"folders.open": 7}, {"folders.open": [1, ["a"], [2, 3]]}])
def test_settings_that_make_no_sense_are_passed_over(
    open_page: Callable[[], Hands], services: Services, rubbish: dict[str, Any]
) -> None:
    for name, value in {**rubbish, "folders.current": "x", "folders.splitter": [-1, "a"]}.items():
        services.settings.set(name, value)
    assert open_page().names(QModelIndex()) == ["Home", "/"]


def test_hidden_folders_are_a_wish_that_is_kept(open_page: Callable[[], Hands], home: Path) -> None:
    (home / ".cache").mkdir()
    hands = open_page()
    hands.go("~")
    assert ".cache" not in hands.names(hands.tree.currentIndex())
    hands.page.hidden_action.trigger()
    hands.settle()
    assert ".cache" in hands.names(hands.tree.currentIndex())
    hands.page.hide()
    assert open_page().page.hidden_action.isChecked()


# -- how it is built ---------------------------------------------------------------------------


def test_every_control_has_a_name_and_every_label_is_plain(hands: Hands, home: Path) -> None:
    hands.go("~/runs/chat")
    named = "foldersTree goToFolder readFoldersAgain foldersMore importFromFolder openFolder"
    for name in [*named.split(), "showFolderInLibrary", "foldersSplitter"]:
        widget = hands.page.findChild(QWidget, name)
        assert isinstance(widget, QWidget), name
        assert widget.accessibleName() or name == "foldersSplitter", name
    for label in hands.page.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText
    assert isinstance(hands.details.title, PlainLabel)


def test_names_that_look_like_markup_stay_text(
    hands: Hands, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    class Tip:
        @staticmethod
        def showText(_place: QPoint, text: str, _view: QWidget) -> None:
            shown.append(text)

    monkeypatch.setattr(delegate, "QToolTip", Tip)
    odd = make_adapter(home / "<img src=x>&amp;")
    hands.go(odd)
    assert hands.details.title.text() == "<img src=x>&amp;"
    index = hands.tree.currentIndex()
    place = hands.tree.visualRect(index).center()
    event = QHelpEvent(QEvent.Type.ToolTip, place, hands.tree.viewport().mapToGlobal(place))
    QApplication.sendEvent(hands.tree.viewport(), event)
    assert "&lt;img src=x&gt;&amp;amp;" in shown[0]


def test_every_row_is_painted_in_every_state(hands: Hands, home: Path) -> None:
    hands.go("~/runs/chat")
    for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        hands.page.setLayoutDirection(direction)
        hands.tree.by_keyboard = True
        hands.tree.setFocus()
        rect = hands.tree.visualRect(hands.tree.currentIndex())
        QTest.mouseMove(hands.tree.viewport(), rect.center() + QPoint(0, rect.height()))
        assert not hands.page.grab().isNull()
    hands.page.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    font = hands.page.font()
    font.setPixelSize(30)
    before = hands.tree.visualRect(hands.tree.currentIndex()).height()
    hands.tree.setFont(font)
    assert hands.tree.visualRect(hands.tree.currentIndex()).height() > before
