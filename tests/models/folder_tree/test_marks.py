"""What the folders of the tree are: marks, the library, and who is looked at first."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.qtbot import QtBot

from desktop.models.folder_nodes import LookQueue, key_of
from desktop.models.folder_tree import (
    ICON_ROLE,
    ICON_TONE_ROLE,
    STATUS_ROLE,
    TONE_ROLE,
)
from desktop.services.peft_folder import FolderMark, Mark
from tests.models.folder_tree.conftest import Tree
from tests.support import make_adapter

FIXTURES = Path(__file__).parents[2] / "fixtures" / "adapters"
TOOL_TIP, ACCESSIBLE = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole


def test_adapters_are_marked(tree: Tree) -> None:
    make_adapter(tree.top / "fresh")
    make_adapter(tree.top / "known")
    broken = make_adapter(tree.top / "broken")
    (broken / "adapter_model.safetensors").write_bytes(b"")
    shutil.copytree(FIXTURES / "other" / "kohya", tree.top / "kohya")
    (tree.top / "plain").mkdir()
    tree.model.set_library({key_of(str(tree.top / "known")): ("id-1",)})
    wanted = {
        "fresh": ("New", "accent", "cube", "accent", "fresh, adapter, new"),
        "known": ("In library", "ok", "cube", "text", "known, adapter, in library"),
        "broken": ("Broken", "error", "cube", "error", "broken, adapter, broken"),
        "kohya": ("Not PEFT", "text2", "file", "text2", "kohya, not PEFT"),
        "plain": ("", "", "folder", "text2", "plain"),
    }
    for name, (word, tone, icon, ink, said) in wanted.items():
        index = tree.look(name)
        roles = (STATUS_ROLE, TONE_ROLE, ICON_ROLE, ICON_TONE_ROLE, ACCESSIBLE)
        assert tuple(index.data(role) for role in roles) == (word, tone, icon, ink, said)
    assert "adapter_model.safetensors is empty." in tree.look("broken").data(TOOL_TIP)
    fresh, known = tree.model.item_of(tree.look("fresh")), tree.model.item_of(tree.look("known"))
    assert fresh is not None
    assert fresh.importable
    assert known is not None
    assert not known.importable
    assert known.ids == ("id-1",)


def test_every_adapter_that_peft_made_is_marked(runs: Any, qtbot: QtBot) -> None:
    zoo = Path(os.environ.get("LORARIUM_ZOO") or FIXTURES)
    tree = Tree(runs, zoo / "ok", qtbot)
    tree.open()
    last = tree.model.index(tree.model.rowCount(tree.root) - 1, 0, tree.root)
    assert last.data(STATUS_ROLE) in ("", "New")
    assert tree.model.rowCount(tree.root) > 32  # more than one batch
    for row in range(tree.model.rowCount(tree.root)):
        tree.wait_for(tree.model.index(row, 0, tree.root), STATUS_ROLE, "New")


def test_what_enters_and_leaves_the_library_changes_its_word(tree: Tree) -> None:
    folder = make_adapter(tree.top / "sql")
    (tree.top / "link").symlink_to("sql")
    sql, link = tree.look("sql"), tree.look("link")
    assert sql.data(STATUS_ROLE) == "New"
    with tree.qtbot.waitSignal(tree.model.dataChanged):
        tree.model.set_library({key_of(str(folder)): ("a", "b")})
    assert sql.data(STATUS_ROLE) == "In library"
    assert link.data(STATUS_ROLE) == "In library"  # the same folder by another name
    tree.model.set_library({})
    assert sql.data(STATUS_ROLE) == "New"


def test_a_closer_look_corrects_a_mark(tree: Tree) -> None:
    folder = make_adapter(tree.top / "sql")
    sql = tree.look("sql")
    mark = FolderMark(Mark.BROKEN, "Weights", "The tensors overlap.")
    with tree.qtbot.waitSignal(tree.model.known):
        tree.model.learn(str(folder), mark)
    assert sql.data(STATUS_ROLE) == "Broken"
    # Read again, the look at the names is what counts, until somebody looks closer.
    tree.model.read_again(tree.child("sql"))
    tree.wait_for(sql, STATUS_ROLE, "New")


def test_a_closer_look_counts_more_than_one_that_began_before_it(
    tree: Tree, held: threading.Event
) -> None:
    folder = make_adapter(tree.top / "slow")
    tree.open()
    slow = QPersistentModelIndex(tree.child("slow"))
    mark = FolderMark(Mark.BROKEN, "Config", "The config is cut off.")
    tree.model.learn(str(folder), mark)
    held.set()
    tree.qtbot.waitUntil(lambda: not tree.runs.runner.tasks, timeout=5000)
    assert slow.data(STATUS_ROLE) == "Broken"


def test_what_is_painted_is_looked_at_first() -> None:
    queue = LookQueue(3)
    queue.add(1, range(10, 20))
    assert queue.take(1) == [10, 11, 12]
    assert queue.take(1) == []  # one batch at a time
    queue.painted(1, 18)
    queue.painted(1, 99)
    queue.came_back(1)
    assert queue.take(1) == [18, 13, 14]
    queue.came_back(1)
    rest = []
    while batch := queue.take(1):
        rest += batch
        queue.came_back(1)
    assert rest == [15, 16, 17, 19]
    # One that is no more leaves nothing behind, neither in the queue nor out.
    queue.add(1, [20])
    queue.forget(1)
    assert queue.take(1) == []
