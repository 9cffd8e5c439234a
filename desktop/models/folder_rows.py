"""Rows of a tree that come and go while others stay: the mechanics under the folder tree.

Rows are found by number, never by address, so that an index that outlived its row finds nothing
instead of a stranger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.models.folder_nodes import Node, Read, Wanted

AnyIndex = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()

_FOLDER = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_NOTE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren


class NodeModel(QAbstractItemModel):
    """One column of nodes. What a node means is for the class above it to know."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._nodes: dict[int, Node] = {}
        self._top = Node(0, None, "", "")
        self._top.read = Read.DONE

    # -- Qt's questions --------------------------------------------------------------------

    def index(self, row: int, column: int, parent: AnyIndex = NOWHERE) -> QModelIndex:
        around = self._node(parent)
        if around is None or column != 0 or not 0 <= row < len(around.children):
            return QModelIndex()
        return self.createIndex(row, 0, around.children[row].number)

    def parent(self, child: AnyIndex = NOWHERE) -> QModelIndex:  # type: ignore[override]
        node = self._node(child)
        return QModelIndex() if node is None else self._index(node.parent)

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        node = self._node(parent)
        return 0 if node is None or parent.column() > 0 else len(node.children)

    def columnCount(self, _parent: AnyIndex = NOWHERE) -> int:
        return 1

    def hasChildren(self, parent: AnyIndex = NOWHERE) -> bool:
        node = self._node(parent)
        if node is None or node is self._top:
            return node is not None and bool(node.children)
        return node.has_children()

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        node = self._node(index)
        if node is None or node is self._top:
            return Qt.ItemFlag.NoItemFlags
        return _NOTE if node.note else _FOLDER

    # -- rows ------------------------------------------------------------------------------

    def _made(self, node: Node) -> None:
        """A node was made, and is not shown yet."""

    def _gone(self, node: Node) -> None:
        """A node is no row any more."""

    def _node(self, index: AnyIndex) -> Node | None:
        return self._nodes.get(index.internalId()) if index.isValid() else self._top

    def _index(self, node: Node | None) -> QModelIndex:
        if node is None or node is self._top:
            return QModelIndex()
        return self.createIndex(node.row, 0, node.number)

    def _merge(self, node: Node, wanted: Sequence[Wanted]) -> None:
        """Make these the children of a node; rows that stay are not touched otherwise."""
        place = {row.key: at for at, row in enumerate(wanted)}
        gone = []
        last = -1
        for child in node.children:
            at = place.get(child.key, -1)
            if at > last:
                last = at
            else:
                gone.append(child.row)
        for first, end in reversed(list(runs_of(gone))):
            self._remove(node, first, end)
        at = 0
        while at < len(wanted):
            kept = node.children[at].key if at < len(node.children) else None
            if kept == wanted[at].key:
                wanted[at].dress(node.children[at])
                at += 1
                continue
            stop = at
            while stop < len(wanted) and wanted[stop].key != kept:
                stop += 1
            self._insert(node, at, wanted[at:stop])
            at = stop

    def _insert(self, node: Node, at: int, rows: Sequence[Wanted]) -> None:
        self.beginInsertRows(self._index(node), at, at + len(rows) - 1)
        made = []
        for row in rows:
            self._count += 1
            child = Node(self._count, node, row.key, row.text)
            row.dress(child)
            self._nodes[child.number] = child
            self._made(child)
            made.append(child)
        node.children[at:at] = made
        _renumber(node, at)
        self.endInsertRows()

    def _remove(self, node: Node, first: int, last: int) -> None:
        self.beginRemoveRows(self._index(node), first, last)
        for child in node.children[first : last + 1]:
            self._forget(child)
        del node.children[first : last + 1]
        _renumber(node, first)
        self.endRemoveRows()

    def _forget(self, node: Node) -> None:
        self._nodes.pop(node.number, None)
        self._gone(node)
        for child in node.children:
            self._forget(child)


def _renumber(node: Node, first: int) -> None:
    for row in range(first, len(node.children)):
        node.children[row].row = row


def runs_of(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of each unbroken run of ascending numbers."""
    start = last = -2
    for row in rows:
        if row != last + 1:
            if start >= 0:
                yield start, last
            start = row
        last = row
    if start >= 0:
        yield start, last
