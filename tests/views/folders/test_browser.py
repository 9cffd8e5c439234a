"""The folder browser: counts below folders, favourites, and keys as in a file manager."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.models.folder_tree import ICON_ROLE, STATUS_ROLE
from desktop.services import folder_list
from desktop.services.errors import Cancelled
from desktop.services.folder_list import FolderCount, count_adapters
from desktop.services.settings import Settings
from tests.support import make_adapter
from tests.views.folders.conftest import Hands

Key = Qt.Key
SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)


def index_of(hands: Hands, *names: str) -> QModelIndex:
    """The row below Home with these names, one level each."""
    around = hands.model.index(0, 0)
    for name in names:
        around = hands.model.index(hands.names(around).index(name), 0, around)
    return around


def press(hands: Hands, key: Qt.Key, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(hands.tree, key, modifier)
    hands.settle()


def status(hands: Hands, *names: str) -> str:
    return str(index_of(hands, *names).data(STATUS_ROLE))


# -- what is marked ----------------------------------------------------------------------------


def test_plain_folders_say_how_many_adapters_lie_below(hands: Hands, home: Path) -> None:
    hands.go("~/runs")
    hands.qtbot.waitUntil(lambda: status(hands, "runs") == "4")
    hands.qtbot.waitUntil(lambda: status(hands, "runs", "sql") == "2")
    assert status(hands, "runs", "chat") == "New"
    assert status(hands, "runs", "broken") == "Broken"
    assert status(hands, "empty") == ""
    assert index_of(hands, "runs").data(SPOKEN) == "runs, 4 adapters below"
    # A count is nothing that the folder itself is.
    item = hands.model.item_of(index_of(hands, "runs"))
    assert item is not None
    assert item.status == ""


def test_reading_again_counts_again(hands: Hands, home: Path) -> None:
    hands.go("~/runs")
    hands.qtbot.waitUntil(lambda: status(hands, "runs", "sql") == "2")
    make_adapter(home / "runs" / "sql" / "checkpoint-2400")
    hands.page.read_again()
    hands.qtbot.waitUntil(lambda: status(hands, "runs", "sql") == "3")
    hands.qtbot.waitUntil(lambda: status(hands, "runs") == "5")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"pytorch_lora_weights.safetensors": b"x"}, "This looks like a Diffusers LoRA"),
        ({"config.json": b"{}", "model.safetensors": b"x"}, "This looks like a full model"),
        ({"portrait.safetensors": b'........{"ss_network_module"'}, "This looks like a Kohya LoRA"),
    ],
)
def test_what_is_not_peft_is_marked(
    hands: Hands, home: Path, files: dict[str, bytes], reason: str
) -> None:
    (home / "other").mkdir()
    for name, data in files.items():
        (home / "other" / name).write_bytes(data)
    hands.page.read_again()
    hands.go("~/other")
    assert status(hands, "other") == "Not PEFT"
    item = hands.model.item_of(index_of(hands, "other"))
    assert item is not None
    assert item.reason.startswith(reason)


def test_a_count_that_takes_too_long_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert count_adapters(str(home)) == FolderCount(str(home), 4)
    few = count_adapters(str(home), most=3)
    assert not few.complete
    assert few.count <= 4
    assert not count_adapters(str(home), seconds=-1).complete
    (home / "loop").symlink_to(home)
    assert count_adapters(str(home)).count == 4
    with pytest.raises(Cancelled):
        count_adapters(str(home), cancelled=lambda: True)
    monkeypatch.setattr(folder_list, "PRUNED", frozenset({"runs"}))
    assert count_adapters(str(home)).count == 0


def test_a_folder_that_vanishes_counts_nothing(tmp_path: Path) -> None:
    assert count_adapters(str(tmp_path / "gone")) == FolderCount(str(tmp_path / "gone"), 0)


# -- favourites --------------------------------------------------------------------------------


def test_favourites_stand_on_top_and_stay(hands: Hands, home: Path) -> None:
    hands.go("~/runs/sql")
    hands.page.head.star.click()
    hands.settle()
    first = hands.model.index(0, 0)
    assert first.data() == "sql"
    assert first.data(ICON_ROLE) == "star"
    assert Settings().get("folders.favourites") is None  # the settings are saved with the window
    hands.page._settings.save()
    assert Settings().get("folders.favourites") == [str(home / "runs" / "sql")]
    assert hands.page.head.star.accessibleName() == "No favourite any more"
    hands.page.toggle_favourite()
    hands.settle()
    assert hands.model.index(0, 0).data() == "Home"


def test_home_itself_can_be_a_favourite(hands: Hands, home: Path) -> None:
    hands.page.favourites.toggle([str(home)])
    hands.settle()
    assert hands.names(QModelIndex()).count("Home") == 1
    assert hands.model.index(0, 0).data(ICON_ROLE) == "star"


# -- keys --------------------------------------------------------------------------------------


def test_backspace_goes_up(hands: Hands, home: Path) -> None:
    hands.go("~/runs/sql")
    press(hands, Key.Key_Backspace)
    assert hands.selected() == [str(home / "runs")]
    press(hands, Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert hands.selected() == [str(home)]
    press(hands, Key.Key_Backspace)
    assert hands.selected() == [str(home)]


def test_control_l_asks_where_to_go(hands: Hands, home: Path) -> None:
    hands.go("~/runs/sql")
    hands.page.field.clear()
    press(hands, Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert hands.page.field.hasFocus() or hands.page.focusWidget() is hands.page.field
    assert hands.page.field.selectedText() == str(home / "runs" / "sql")


def test_letters_jump_by_name(hands: Hands, home: Path) -> None:
    hands.go("~/runs")
    press(hands, Key.Key_S)
    assert hands.selected() == [str(home / "runs" / "sql")]


def test_a_scan_of_the_selected_folders_is_asked_for(
    hands: Hands, home: Path, qtbot: QtBot
) -> None:
    hands.go("~/runs")
    menu = hands.page.make_menu()
    (action,) = [a for a in menu.actions() if a.objectName() == "folderMenuScan"]
    with qtbot.waitSignal(hands.page.scanRequested) as asked:
        action.trigger()
    assert asked.args[0] == [str(home / "runs")]
    menu.deleteLater()
