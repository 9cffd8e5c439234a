"""What the folders of the tree are: looked at in batches, off the UI thread, and told apart."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.models.folder_counts import FolderCounts
from desktop.models.folder_nodes import LookQueue, Node, key_of
from desktop.models.folder_reader import FolderReader, Question
from desktop.models.folder_rows import NodeModel, runs_of
from desktop.services.folder_list import FolderCount, FolderLook, look_at
from desktop.services.peft_folder import FolderMark

if TYPE_CHECKING:
    from desktop.models.library import Library

_BATCH = 64


class MarkedModel(NodeModel):
    """Nodes with marks: adapter, broken, no PEFT, in the library.

    Signals:
        known(object): the paths, as a frozenset, of folders of which something new is known.
    """

    known = Signal(object)

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hidden = False
        self._library: dict[str, tuple[str, ...]] = {}
        self._looks = LookQueue(_BATCH)
        self._reader = FolderReader(library, self)
        self.counts = FolderCounts(library, self)
        self.counts.counted.connect(self._counted)

    def set_library(self, paths: Mapping[str, tuple[str, ...]]) -> None:
        """Which folders hold adapters of the library: `key_of(path)` to adapter ids."""
        self._library = dict(paths)
        changed: dict[int, list[Node]] = {}
        for node in self._nodes.values():
            if not node.note and node.parent is not None and self._find_ids(node):
                changed.setdefault(node.parent.number, []).append(node)
        for nodes in changed.values():
            self._tell_rows(nodes)

    def learn(self, path: str, mark: FolderMark) -> None:
        """A closer look at a folder has told what it is."""
        for node in list(self._nodes.values()):
            if node.path == path and not node.note and node.parent is not self._top:
                node.learned = True
                if node.mark != mark:
                    node.mark = mark
                    self._tell(node)

    def _counted(self, below: FolderCount) -> None:
        for node in list(self._nodes.values()):
            if node.path == below.path and not node.note and node.parent is not None:
                node.below = below
                self._tell(node)

    def _recount(self, path: str) -> None:
        """What lies below a folder may be something else now; what is painted is counted anew."""
        self.counts.forget(path)
        around = path.rstrip(os.sep) + os.sep
        for node in self._nodes.values():
            if f"{node.path}{os.sep}".startswith(around) or path.startswith(node.path + os.sep):
                node.below = None

    def _made(self, node: Node) -> None:
        self._find_ids(node)

    def _gone(self, node: Node) -> None:
        self._looks.forget(node.number)

    def _look_at(self, around: Node, nodes: Iterable[Node]) -> None:
        wanted = [node for node in nodes if not node.note]
        for node in wanted:
            node.learned = False
        self._looks.add(around.number, [node.number for node in wanted])
        self._look_on(around)

    def _look_on(self, around: Node) -> None:
        while batch := self._looks.take(around.number):
            there = [
                (number, self._nodes[number].path) for number in batch if number in self._nodes
            ]
            if there:
                args = (tuple(path for _, path in there), self._hidden)
                about = (around.number, tuple(number for number, _ in there))
                question = Question("look", around.path, _look, args, about)
                self._reader.ask(question, urgent=False)
                return
            self._looks.came_back(around.number)  # all of them are gone meanwhile

    def _looked(self, about: tuple[int, tuple[int, ...]], looks: tuple[FolderLook, ...]) -> None:
        number, numbers = about
        changed: list[Node] = []
        opening = False
        for one, look in zip(numbers, looks, strict=False):
            node = self._nodes.get(one)
            if node is None or node.path != look.path:
                continue
            opened = node.has_children()
            before = (node.mark, node.opens, node.ids)
            # A closer look may have been answered first: it knows more than names and sizes tell.
            mark = node.mark if node.learned else look.mark
            node.mark, node.real, node.opens = mark, look.real, look.opens
            self._find_ids(node)
            opening = opening or (node.has_children() and not opened)
            if (node.mark, node.opens, node.ids) != before:
                changed.append(node)
        self._tell_rows(changed)
        if opening:
            # A view asks whether a row opens only when it lays its rows out.
            self.layoutAboutToBeChanged.emit()
            self.layoutChanged.emit()
        self._looks.came_back(number)
        around = self._nodes.get(number)
        if around is not None:
            self._look_on(around)

    def _find_ids(self, node: Node) -> bool:
        """Look the folder up in the library; whether that is new."""
        ids = self._library.get(node.ident, ())
        if not ids and node.real:
            ids = self._library.get(key_of(node.real), ())
        changed = ids != node.ids
        node.ids = ids
        return changed

    def _tell(self, node: Node) -> None:
        self._tell_rows([node])

    def _tell_rows(self, nodes: Sequence[Node]) -> None:
        """Something new is known of these nodes, all in the same folder."""
        rows = {node.row: node for node in nodes if node is not self._top}
        for first, last in runs_of(sorted(rows)):
            self.dataChanged.emit(self._index(rows[first]), self._index(rows[last]))
        if rows:
            self.known.emit(frozenset(node.path for node in rows.values()))


def _look(_ctx: Any, paths: tuple[str, ...], hidden: bool) -> tuple[FolderLook, ...]:
    return look_at(paths, hidden=hidden)
