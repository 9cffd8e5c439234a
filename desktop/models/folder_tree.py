"""The file system as a tree that is read one folder at a time, off the UI thread.

Not QFileSystemModel: that one watches and stats on its own account, knows nothing of adapters, and
loses names that are not UTF-8. Here a row's path stays byte for byte what the system gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.models.folder_marks import MarkedModel
from desktop.models.folder_nodes import (
    FolderItem,
    Node,
    Place,
    Read,
    Wanted,
    wanted_folder,
    wanted_note,
    wanted_place,
)
from desktop.models.folder_reader import NO_ANSWER, Question
from desktop.models.folder_rows import NOWHERE, AnyIndex
from desktop.services.folder_list import (
    MOST_FOLDERS,
    FolderListing,
    SubFolder,
    find_way,
    list_folders,
    sort_key,
)

if TYPE_CHECKING:
    from desktop.models.library import Library

STATUS_ROLE = 256
"""The word at the right: In library, New, Broken, Not PEFT, or ""."""
TONE_ROLE = 257
"""The colour token of that word."""
ICON_ROLE = 258
"""The name of the icon, "" for none."""
ICON_TONE_ROLE = 259
"""The colour token of the icon."""
NOTE_ROLE = 260
"""True for a row that is a sentence and no folder."""

READING = "Reading…"

_DISPLAY, _TOOL_TIP, _ACCESSIBLE = 0, 3, 11
_PATIENCE = 120  # milliseconds before a row says that a folder is being read


class FolderTreeModel(MarkedModel):
    """Folders below a few places.

    Signals:
        arrived(object): the QModelIndex of the folder that `go_to` was asked for.
        refused(str): why `go_to` did not get there.
    """

    arrived = Signal(object)
    refused = Signal(str)

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, parent)
        self._goal = ""
        self._way: tuple[str, ...] = ()
        self._placed = False
        self._reader.answered.connect(self._answered)
        self._reader.silent.connect(self._silent)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_PATIENCE)
        self._late.timeout.connect(self._say_reading)

    # -- Qt's questions --------------------------------------------------------------------

    def canFetchMore(self, parent: AnyIndex) -> bool:
        node = self._node(parent)
        return node is not None and node.read == Read.NOT and not node.note and not node.loop

    def fetchMore(self, parent: AnyIndex) -> None:
        node = self._node(parent)
        if node is not None and node is not self._top and self.canFetchMore(parent):
            self._read(node)

    def data(self, index: AnyIndex, role: int = _DISPLAY) -> Any:
        node = self._node(index)
        if node is None or node is self._top:
            return None
        if role == _DISPLAY:
            return node.text
        if role == STATUS_ROLE:
            if node.mark is None and node.parent is not None:
                self._looks.painted(node.parent.number, node.number)
            else:
                self.counts.painted(node)
            return node.status()[0]
        if role == TONE_ROLE:
            return node.status()[1]
        if role == ICON_ROLE:
            return node.look()[0]
        if role == ICON_TONE_ROLE:
            return node.look()[1]
        if role == NOTE_ROLE:
            return node.note
        if role == _TOOL_TIP:
            return node.tip()
        if role == _ACCESSIBLE:
            return node.said()
        return None

    # -- what a view asks ------------------------------------------------------------------

    def path_of(self, index: AnyIndex) -> str | None:
        """The path of a row, byte for byte; None for a sentence.

        Through `data` it would become a text of Qt, which can't hold every name.
        """
        node = self._node(index)
        return None if node is None or node is self._top or node.note else node.path

    def item_of(self, index: AnyIndex) -> FolderItem | None:
        """What is known of the folder in a row; None for a sentence."""
        node = self._node(index)
        return None if node is None or node is self._top or node.note else node.item()

    def way_of(self, index: AnyIndex) -> tuple[str, ...]:
        """(path of the place, path of the folder): tells rows of the same folder apart."""
        node = self._node(index)
        if node is None or node is self._top or node.note:
            return ()
        last = node.path
        while node.parent is not None and node.parent is not self._top:
            node = node.parent
        return (node.path, last)

    @property
    def hidden(self) -> bool:
        """Whether hidden folders are among the rows."""
        return self._hidden

    def set_hidden(self, hidden: bool) -> None:
        """Show hidden folders, or leave them out. What was read is read again."""
        if hidden != self._hidden:
            self._hidden = hidden
            for place in self._top.children:
                self._refresh(place)

    def set_places(self, places: Sequence[Place]) -> None:
        """The folders that the tree starts at. Those that stay keep what is open below them."""
        self._merge(self._top, [wanted_place(place) for place in places])
        self._tell_rows(self._top.children)  # those that stay may have another icon
        self._placed = True
        if self._goal:
            # Asked for before there were places, or on the way from one that is gone.
            self._set_out()

    def places(self) -> list[str]:
        """The paths that the tree starts at."""
        return [node.path for node in self._top.children]

    def read_again(self, index: AnyIndex = NOWHERE) -> None:
        """Read a folder, and what was read below it, again; without an index, everything. Rows that
        are still there stay, with what is open and selected."""
        node = self._node(index)
        if node is self._top:
            self._reader.look_for_mounts()
            for place in self._top.children:
                self._refresh(place)
        elif node is not None:
            self._refresh(node.parent if node.note and node.parent is not None else node)

    def go_to(self, path: str) -> None:
        """Find the row of a folder that is there, reading its way down to it; `arrived` or
        `refused` tells the end of it. A later call takes the place of an earlier one."""
        self._goal, self._way = path, ()
        if self._placed:
            self._set_out()

    def _set_out(self) -> None:
        self._way = find_way(self._goal, self.places())
        if self._way:
            self._travel()
        else:
            self._refuse("This folder lies under none of the places.")

    # -- reading ---------------------------------------------------------------------------

    def _read(self, node: Node, *, again: bool = False, deep: bool = False) -> None:
        """deep: also what was read below it."""
        if node.note or node.loop or (node.read == Read.NOW and not again):
            return
        if node.read == Read.NOT:
            node.read = Read.NOW
            self._late.start()
        kind = "list all" if deep else "list"
        args = (node.path, self._hidden)
        self._reader.ask(Question(kind, node.path, _list, args, node.number))

    def _refresh(self, node: Node) -> None:
        self._recount(node.path)
        if node.read != Read.NOT:
            self._read(node, again=True, deep=True)
        if node.parent is not None and node.parent is not self._top:
            self._look_at(node.parent, [node])

    def _say_reading(self) -> None:
        for node in list(self._nodes.values()):
            if node.read == Read.NOW and not node.children:
                self._merge(node, [wanted_note(READING)])

    def _silent(self, question: Question) -> None:
        if question.kind == "look":
            return
        node = self._nodes.get(question.about)
        if node is None:
            return
        node.silent = True
        if node.read == Read.NOW:
            self._merge(node, [wanted_note(NO_ANSWER)])
        if node.path in self._way:
            self._refuse(NO_ANSWER)

    def _answered(self, question: Question, answer: Any) -> None:
        if question.kind == "look":
            self._looked(question.about, answer if isinstance(answer, tuple) else ())
            return
        node = self._nodes.get(question.about)
        if node is None:
            return
        deep = question.kind == "list all"
        if question.args[1] != self._hidden:  # another wish meanwhile
            self._read(node, again=True, deep=deep)
            return
        if not isinstance(answer, tuple):
            answer = FolderListing(problem="This folder can’t be read."), []
        self._take(node, *answer)
        if deep:
            for child in node.children:
                if child.read == Read.DONE:
                    self._read(child, again=True, deep=True)
        if self._way:
            self._travel()

    def _take(self, node: Node, listing: FolderListing, rows: list[Wanted]) -> None:
        node.read, node.silent = Read.DONE, False
        node.problem = listing.problem
        if listing.problem:
            rows = [wanted_note(listing.problem)]
        else:
            rows = self._with_extras(node, rows)
            if listing.total > len(listing.folders):
                rows.append(wanted_note(_capped(len(listing.folders), listing.total)))
        self._merge(node, rows)
        self._look_at(node, node.children)
        self._tell(node)
        if listing.missing and node.parent is not None and node.parent is not self._top:
            # It is gone: so will its row be.
            node.extra = False
            self._read(node.parent, again=True)

    def _with_extras(self, node: Node, rows: list[Wanted]) -> list[Wanted]:
        """The listing, and the rows that somebody went to although it leaves them out."""
        extras = [child for child in node.children if child.extra]
        if not extras:
            return rows
        there = {row.key for row in rows}
        for child in extras:
            child.extra = child.key not in there
            if child.extra:
                folder = SubFolder(_name(child.path), child.path, child.link, child.loop)
                rows.append(wanted_folder(folder))
        rows.sort(key=_order)
        return rows

    def _travel(self) -> None:
        node = next((n for n in self._top.children if n.path == self._way[0]), None)
        for step in self._way[1:]:
            if node is None or node.loop:
                break
            if node.read != Read.DONE:
                if node.silent:
                    self._refuse(NO_ANSWER)
                else:
                    self._read(node)
                return
            child = next((n for n in node.children if n.key == step), None)
            if child is None and node.problem:
                self._refuse(node.problem)
                return
            node = child or self._add_extra(node, step)
        self._goal, self._way = "", ()
        if node is not None:
            self.arrived.emit(self._index(node))

    def _refuse(self, sentence: str) -> None:
        self._goal, self._way = "", ()
        self.refused.emit(sentence)

    def _add_extra(self, node: Node, path: str) -> Node:
        """A row for a folder that the listing left out: a hidden one, or one of too many."""
        folder = SubFolder(_name(path), path)
        at = 0
        for child in node.children:
            if child.note or sort_key(_name(child.path)) > sort_key(folder.name):
                break
            at += 1
        self._insert(node, at, [wanted_folder(folder)])
        child = node.children[at]
        child.extra = True
        self._look_at(node, [child])
        return child


def _list(ctx: Any, path: str, hidden: bool) -> tuple[FolderListing, list[Wanted]]:
    listing = list_folders(path, hidden=hidden, cancelled=lambda: bool(ctx.cancelled))
    # Here and not on the UI thread: there may be thousands.
    return listing, [wanted_folder(folder) for folder in listing.folders]


def _name(path: str) -> str:
    return path.rstrip("/\\").replace("\\", "/").rpartition("/")[2]


def _order(row: Wanted) -> tuple[list[str | int], str]:
    name = _name(row.key)
    return sort_key(name), name


def _capped(shown: int, total: int) -> str:
    most = f"{min(shown, MOST_FOLDERS):,}"
    return f"The first {most} of {total:,} folders. “Go to folder” finds the others."
