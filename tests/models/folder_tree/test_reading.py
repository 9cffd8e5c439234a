"""The folder tree: read off the UI thread, byte for byte, and never in the way of the window."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.qtbot import QtBot

from desktop.models import folder_reader
from desktop.models.folder_nodes import Place
from desktop.models.folder_reader import NO_ANSWER
from desktop.models.folder_tree import (
    ICON_ROLE,
    NOTE_ROLE,
    READING,
    STATUS_ROLE,
    FolderTreeModel,
)
from desktop.services import folder_list, folder_watch
from tests.models.folder_tree.conftest import Tree
from tests.support import make_adapter

FIXTURES = Path(__file__).parents[2] / "fixtures" / "adapters"
TOOL_TIP, ACCESSIBLE = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole


def test_a_folder_is_read_when_it_is_opened_and_not_before(tree: Tree) -> None:
    (tree.top / "runs" / "a").mkdir(parents=True)
    (tree.top / "file.txt").write_text("")
    assert tree.model.rowCount() == 1
    assert tree.root.data() == "Top"
    assert tree.model.hasChildren(tree.root)
    assert tree.model.rowCount(tree.root) == 0
    tree.open()
    assert tree.names() == ["runs"]
    assert not tree.model.canFetchMore(tree.root)
    assert tree.model.path_of(tree.child("runs")) == str(tree.top / "runs")
    assert tree.model.way_of(tree.child("runs")) == (str(tree.top), str(tree.top / "runs"))


def test_the_arrow_goes_where_nothing_is_below(tree: Tree) -> None:
    (tree.top / "empty").mkdir()
    (tree.top / "full" / "a").mkdir(parents=True)
    empty, full = tree.look("empty"), tree.look("full")
    assert not tree.model.hasChildren(empty)
    assert tree.model.hasChildren(full)


def test_the_arrow_comes_when_something_is_below(tree: Tree) -> None:
    (tree.top / "run").mkdir()
    run = tree.look("run")
    assert not tree.model.hasChildren(run)
    (tree.top / "run" / "checkpoint-1").mkdir()
    with tree.qtbot.waitSignal(tree.model.layoutChanged):
        tree.model.read_again(tree.root)
    assert tree.model.hasChildren(run)


def test_a_slow_folder_says_so_and_lets_the_others_be_read(
    tree: Tree, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree.top / "slow" / "deep").mkdir(parents=True)
    (tree.top / "quick" / "a").mkdir(parents=True)
    tree.open()
    monkeypatch.setattr(folder_reader, "mount_of", lambda path, _: path)  # each a mount of its own
    slow, quick = tree.child("slow"), tree.child("quick")
    tree.model.fetchMore(slow)
    tree.qtbot.waitUntil(lambda: tree.names(slow) == [READING], timeout=5000)
    note = tree.model.index(0, 0, slow)
    assert note.data(NOTE_ROLE)
    assert tree.model.path_of(note) is None
    assert tree.model.item_of(note) is None
    assert tree.model.way_of(note) == ()
    assert not tree.model.flags(note) & Qt.ItemFlag.ItemIsSelectable
    tree.open(quick)
    assert tree.names(quick) == ["a"]
    held.set()
    tree.open(slow)
    assert tree.names(slow) == ["deep"]


def test_a_folder_that_never_answers_says_so_and_may_still_answer(
    tree: Tree, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch, "MOUNT_SECONDS", 0.05)
    (tree.top / "slow" / "deep").mkdir(parents=True)
    slow = tree.child("slow")
    tree.model.fetchMore(slow)
    tree.qtbot.waitUntil(lambda: tree.names(slow) == [NO_ANSWER], timeout=5000)
    # Who asks the same mount is told at once, and has to wait like everybody.
    with tree.qtbot.waitSignal(tree.model.refused) as refused:
        tree.model.go_to(str(tree.top / "slow" / "deep"))
    assert refused.args == [NO_ANSWER]
    held.set()
    tree.qtbot.waitUntil(lambda: tree.names(slow) == ["deep"], timeout=5000)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "no"), "You may not read this folder."),
        (OSError(5, "no"), "The disk or server did not answer while reading this folder."),
    ],
)
def test_a_folder_that_may_not_be_read_says_why(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str
) -> None:
    (tree.top / "closed").mkdir()
    real = os.scandir

    def scandir(path: Any) -> Any:
        if os.path.basename(path) == "closed":
            raise error
        return real(path)

    monkeypatch.setattr(folder_list.os, "scandir", scandir)
    closed = tree.open(tree.child("closed"))
    assert tree.names(closed) == [sentence]
    item = tree.model.item_of(closed)
    assert item is not None
    assert item.reason == sentence
    with tree.qtbot.waitSignal(tree.model.refused) as refused:
        tree.model.go_to(str(tree.top / "closed" / "in"))
    assert refused.args == [sentence]
    # It was opened up meanwhile.
    monkeypatch.setattr(folder_list.os, "scandir", real)
    (tree.top / "closed" / "in").mkdir()
    tree.model.read_again(tree.model.index(0, 0, closed))
    tree.qtbot.waitUntil(lambda: tree.names(closed) == ["in"], timeout=5000)


def test_a_folder_that_goes_while_it_is_open_leaves_the_tree(tree: Tree) -> None:
    (tree.top / "a" / "deep").mkdir(parents=True)
    (tree.top / "b").mkdir()
    a = QPersistentModelIndex(tree.open(tree.child("a")))
    deep = tree.model.index(0, 0, tree.child("a"))
    shutil.rmtree(tree.top / "a")
    tree.model.read_again(tree.child("a"))
    tree.qtbot.waitUntil(lambda: tree.names() == ["b"], timeout=5000)
    assert not a.isValid()
    # An index that outlived its row finds nothing.
    assert tree.model.path_of(deep) is None
    assert deep.data() is None
    assert not tree.model.parent(deep).isValid()
    assert tree.model.rowCount(deep) == 0
    assert tree.model.flags(deep) == Qt.ItemFlag.NoItemFlags


def test_a_place_that_is_gone_stays_and_says_so(tree: Tree) -> None:
    tree.top.rmdir()
    tree.open()
    assert tree.names() == ["This folder is not there any more."]


def test_reading_again_keeps_what_is_still_there(tree: Tree) -> None:
    for name in ("a", "b", "c", "e"):
        (tree.top / name / "in").mkdir(parents=True)
    tree.open(tree.child("b"))
    kept = {name: QPersistentModelIndex(tree.child(name)) for name in ("a", "b", "e")}
    inner = QPersistentModelIndex(tree.child("b", "in"))
    (tree.top / "c" / "in").rmdir()
    (tree.top / "c").rmdir()
    (tree.top / "d").mkdir()
    (tree.top / "b" / "new").mkdir()
    tree.model.read_again()
    tree.qtbot.waitUntil(lambda: tree.names() == ["a", "b", "d", "e"], timeout=5000)
    b = tree.child("b")
    tree.qtbot.waitUntil(lambda: tree.names(b) == ["in", "new"], timeout=5000)
    for name, index in kept.items():
        assert index.data() == name
    assert inner.data() == "in"
    assert inner.parent().data() == "b"


def test_of_too_many_folders_the_first_ones_are_shown(tree: Tree) -> None:
    tree.tester.deleteLater()  # it would look at every row after every change
    for number in range(5_003):
        os.mkdir(f"{tree.top}/run-{number}")
    tree.open()
    names = tree.names()
    assert len(names) == 5_001
    assert names[:2] == ["run-0", "run-1"]
    assert names[-1] == "The first 5,000 of 5,003 folders. “Go to folder” finds the others."
    with tree.qtbot.waitSignal(tree.model.arrived) as arrived:
        tree.model.go_to(f"{tree.top}/run-5002")
    assert arrived.args[0].data() == "run-5002"
    assert arrived.args[0].row() == 5_000
    tree.model.read_again()
    tree.qtbot.wait(1)
    tree.open()
    assert len(tree.names()) == 5_002


def test_names_that_are_not_utf8_are_shown_escaped_and_kept(tree: Tree) -> None:
    raw = os.fsencode(tree.top) + b"/caf\xe9<b>\n"
    make_adapter(Path(os.fsdecode(raw)) / "sql")
    odd = tree.child("caf\\xe9<b>\\x0a")
    path = tree.model.path_of(odd)
    assert path is not None
    assert os.fsencode(path) == raw
    sql = tree.child("caf\\xe9<b>\\x0a", "sql")
    tree.wait_for(sql, STATUS_ROLE, "New")
    assert "\\xe9" in sql.data(TOOL_TIP)
    with tree.qtbot.waitSignal(tree.model.arrived) as arrived:
        tree.model.go_to(str(tree.model.path_of(sql)))
    assert arrived.args[0] == sql


def test_links_are_shown_and_circles_end(tree: Tree) -> None:
    (tree.top / "runs").mkdir()
    (tree.top / "runs" / "up").symlink_to("..")
    (tree.top / "runs" / "aside").symlink_to("../else")
    (tree.top / "else" / "deep").mkdir(parents=True)
    runs_ = tree.open(tree.child("runs"))
    assert tree.names(runs_) == ["aside", "up"]
    up = tree.child("runs", "up")
    assert not tree.model.hasChildren(up)
    assert not tree.model.canFetchMore(up)
    tree.model.fetchMore(up)
    assert "leads back to a folder above it" in up.data(TOOL_TIP)
    assert up.data(ACCESSIBLE) == "up, a link"
    aside = tree.open(tree.child("runs", "aside"))
    assert tree.names(aside) == ["deep"]
    # A way through a circle ends at the link.
    with tree.qtbot.waitSignal(tree.model.arrived) as arrived:
        tree.model.go_to(str(tree.top / "runs" / "up" / "runs"))
    assert arrived.args[0] == up


def test_hidden_folders_come_and_go(tree: Tree) -> None:
    (tree.top / ".cache" / "deep").mkdir(parents=True)
    (tree.top / "runs" / ".git").mkdir(parents=True)
    tree.open(tree.child("runs"))
    assert tree.names() == ["runs"]
    assert not tree.model.hidden
    tree.model.set_hidden(True)
    tree.qtbot.waitUntil(lambda: tree.names() == [".cache", "runs"], timeout=5000)
    tree.qtbot.waitUntil(lambda: tree.names(tree.child("runs")) == [".git"], timeout=5000)
    tree.model.set_hidden(False)
    tree.qtbot.waitUntil(lambda: tree.names() == ["runs"], timeout=5000)
    # Who goes to a hidden folder sees it, also after it is read again.
    with tree.qtbot.waitSignal(tree.model.arrived):
        tree.model.go_to(str(tree.top / ".cache" / "deep"))
    assert tree.names() == [".cache", "runs"]
    (tree.top / "x").mkdir()
    tree.model.read_again()
    tree.qtbot.waitUntil(lambda: tree.names() == [".cache", "runs", "x"], timeout=5000)
    shutil.rmtree(tree.top / ".cache")
    tree.model.read_again()
    tree.qtbot.waitUntil(lambda: tree.names() == ["runs", "x"], timeout=5000)


# -- places and ways ---------------------------------------------------------------------------


def test_places_come_and_go_and_keep_what_is_open(tree: Tree, tmp_path: Path) -> None:
    (tree.top / "a").mkdir()
    tree.open()
    other = tmp_path / "other"
    other.mkdir()
    kept = QPersistentModelIndex(tree.child("a"))
    tree.model.set_places([Place(str(other), "Other", "cylinder"), Place(str(tree.top), "Top")])
    assert tree.model.places() == [str(other), str(tree.top)]
    assert kept.data() == "a"
    assert tree.model.index(0, 0).data(ICON_ROLE) == "cylinder"
    # Another order: rows that stay in order stay, the others are made anew.
    tree.model.set_places([Place(str(tree.top), "Top"), Place(str(other), "Other")])
    assert tree.model.places() == [str(tree.top), str(other)]
    tree.model.set_places([])
    assert not tree.model.hasChildren()
    assert not kept.isValid()


def test_the_way_to_a_folder_is_read_step_by_step(tree: Tree) -> None:
    deep = tree.top / "a" / "b" / "c"
    deep.mkdir(parents=True)
    with tree.qtbot.waitSignal(tree.model.arrived) as arrived:
        tree.model.go_to(str(deep))
    index = arrived.args[0]
    assert tree.model.path_of(index) == str(deep)
    assert index.parent().parent().data() == "a"
    with tree.qtbot.waitSignal(tree.model.arrived) as arrived:
        tree.model.go_to(str(tree.top))
    assert arrived.args[0] == tree.root


def test_a_folder_outside_of_all_places_is_refused(tree: Tree) -> None:
    with tree.qtbot.waitSignal(tree.model.refused) as refused:
        tree.model.go_to("/elsewhere")
    assert refused.args == ["This folder lies under none of the places."]


def test_one_may_go_somewhere_before_it_is_known_where_the_tree_begins(
    runs: Any, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "runs" / "sql").mkdir(parents=True)
    model = FolderTreeModel(runs)
    model.go_to(str(tmp_path / "runs" / "sql"))
    with qtbot.waitSignal(model.arrived) as arrived:
        model.set_places([Place(str(tmp_path), "Top")])
    assert arrived.args[0].data() == "sql"
    # Places that come later are no reason to go there again.
    with qtbot.assertNotEmitted(model.arrived):
        model.set_places([Place(str(tmp_path), "Top"), Place(str(tmp_path / "runs"), "Runs")])


def test_a_place_that_goes_on_the_way_is_no_end_of_it(
    runs: Any, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "runs" / "sql").mkdir(parents=True)
    model = FolderTreeModel(runs)
    model.set_places([Place(str(tmp_path / "runs"), "Runs")])
    model.go_to(str(tmp_path / "runs" / "sql"))
    with qtbot.waitSignal(model.arrived) as arrived:
        model.set_places([Place(str(tmp_path), "Top")])
    assert arrived.args[0].data() == "sql"
