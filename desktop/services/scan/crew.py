"""Hands out the work of a scan to its children, and takes in what they find.

One child walks below each root, the others look at the adapter folders that it comes upon; when
the walk is done, it looks too. What a child was at when it died is tried again, one folder at a
time; a disk that does not answer is left alone, and the scan goes on elsewhere.
"""

from __future__ import annotations

import os
import selectors
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desktop.services.scan import wire
from desktop.services.scan.children import Child, end_all
from desktop.services.scan.records import MOST_SKIPPED, Skipped
from desktop.services.scan.wire import Row

SILENT_SECONDS = 4.0
"""How long a child may say nothing before its disk counts as not reachable."""
MOST_CHILDREN = 4
_AHEAD = 2
"""Pieces of work that a child has at a time, so that it never waits for the next one."""
_TICK_SECONDS = 0.05
_DIED = ("look_died", "The look at this folder ended without an answer. Lorarium left it out.")
_SILENT = ("unreachable", "The disk or server did not answer, so this place was left out.")


@dataclass
class _Root:
    """A place that is walked. tries: how often a child died on it; dead: it does not answer."""

    path: str
    tries: int = 0
    dead: bool = False


@dataclass
class _Piece:
    """Adapter folders to look at: [[path, names, checksum], …], and whose walk found them."""

    root: _Root
    folders: list[list[Any]]


@dataclass
class Crew:
    """One scan's children and their work.

    level: 1 quick, 2 with every finding. mounts: {where a file system begins: whether it holds a
    person's files}. cache: the path of the scan cache, "" without one. on_rows: told of new rows as
    they come; on_same: of (folder, fingerprint) of rows in the cache that still hold; gives back
    the folders that need a look after all. gentle: the children give way to other work.
    own, store: real paths of what Lorarium keeps for itself, and of the managed store; stores: the
    latter as it is spelled from the roots, each with a slash at its end.
    """

    roots: Sequence[str]
    level: int
    mounts: Mapping[str, bool]
    cache: str
    on_rows: Callable[[list[Row]], None]
    on_same: Callable[[list[tuple[str, str]]], list[str]]
    gentle: bool = False
    own: Sequence[str] = ()
    store: str = ""
    stores: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    skipped_total: int = 0
    folders: int = 0
    listed: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._walks: deque[_Root] = deque(_Root(path) for path in self.roots)
        self._pieces: deque[_Piece] = deque()
        self._children: list[Child] = []
        self._seen_roots = set(self.roots)
        self._looked: set[str] = set()
        self._selector = selectors.DefaultSelector()
        self._most = max(2, min(MOST_CHILDREN, os.cpu_count() or 2))

    def start(self) -> None:
        """Start as many children as there will be work for at once."""
        self._hand_out()
        if len(self._children) < self._most:
            self._add_child()

    def end(self) -> None:
        """End every child, whatever it does."""
        end_all(self._children)
        self._children.clear()
        self._selector.close()

    def run(self, tick: Callable[[], None]) -> None:
        """Work until everything was seen. tick: called at least every 50 ms; what it raises ends
        the scan at once."""
        try:
            while self._walks or self._pieces or any(child.work for child in self._children):
                self._hand_out()
                for key, events in self._selector.select(_TICK_SECONDS):
                    child: Child = key.data
                    if events & selectors.EVENT_WRITE:
                        child.flush()
                    if events & selectors.EVENT_READ:
                        self._take(child)
                self._watch()
                tick()
        finally:
            self.end()

    # -- handing out -----------------------------------------------------------------------

    def _hand_out(self) -> None:
        while self._walks and (child := self._idle(walks=True)) is not None:
            root = self._walks.popleft()
            child.work.append(root)
            mounts = {p: files for p, files in self.mounts.items() if _below(p, root.path)}
            given = [root.path, self.cache, mounts, list(self.own), self.store]
            self._ask(child, wire.WALK, given)
        while self._pieces and (child := self._idle()) is not None:
            piece = self._pieces.popleft()
            if piece.root.dead:
                continue
            child.work.append(piece)
            self._ask(child, wire.LOOK, piece.folders)
        for child in self._children:
            self._watch_writes(child)

    def _watch_writes(self, child: Child) -> None:
        registered = child.writes in self._selector.get_map()
        if child.wants_to_write and not registered:
            self._selector.register(child.writes, selectors.EVENT_WRITE, child)
        elif not child.wants_to_write and registered:
            self._selector.unregister(child.writes)

    def _ask(self, child: Child, kind: bytes, value: Any) -> None:
        if len(child.work) == 1:
            child.heard = time.monotonic()
        child.send(kind, value)

    def _idle(self, *, walks: bool = False) -> Child | None:
        """A child that can take more; started if there may be one more."""
        free = [
            child
            for child in self._children
            if (not child.work)
            or (
                not walks
                and len(child.work) < _AHEAD
                and not any(isinstance(work, _Root) for work in child.work)
            )
        ]
        if free:
            best = min(free, key=lambda child: len(child.work))
            if not best.work or len(self._children) >= self._most:
                return best
        if len(self._children) >= self._most:
            return None
        return self._add_child()

    def _add_child(self) -> Child:
        child = Child(self.level, gentle=self.gentle)
        self._children.append(child)
        self._selector.register(child.reads, selectors.EVENT_READ, child)
        return child

    # -- taking in -------------------------------------------------------------------------

    def _take(self, child: Child) -> None:
        frames = child.receive()
        if frames is None:
            self._lost(child, silent=False)
            return
        for kind, body in frames:
            if kind == wire.FOUND:
                self._rows(child, [Row(*row) for row in wire.loads(body)])
            elif kind == wire.SAME:
                lost = self.on_same(wire.loads(body))
                if lost:
                    self._pieces.append(_Piece(child.work[0], [[path, None, 0] for path in lost]))
            elif kind == wire.DIRS:
                self.listed.append(body)
            elif kind == wire.TODO:
                self._pieces.append(_Piece(child.work[0], wire.loads(body)))
            elif kind == wire.FOLDERS:
                self.folders += wire.loads(body)[0]
            elif kind == wire.MOUNTS:
                self._mount(wire.loads(body))
            elif kind == wire.STORE:
                self.stores.append(wire.loads(body).rstrip(os.sep) + os.sep)
            elif kind == wire.SKIPPED:
                self.skip(*wire.loads(body))
            elif kind == wire.DONE:
                child.work.pop(0)

    def _rows(self, child: Child, rows: list[Row]) -> None:
        fresh = [row for row in rows if row.path not in self._looked]
        self._looked.update(row.path for row in fresh)
        self.on_rows(fresh)

    def _mount(self, path: str) -> None:
        if path not in self._seen_roots:
            self._seen_roots.add(path)
            self._walks.append(_Root(path))

    def skip(self, path: str, code: str, reason: str) -> None:
        """Note a place that was not looked at."""
        self.skipped_total += 1
        if len(self.skipped) < MOST_SKIPPED:
            self.skipped.append(Skipped(path, code, reason))

    # -- trouble ---------------------------------------------------------------------------

    def _watch(self) -> None:
        now = time.monotonic()
        for child in [c for c in self._children if c.work]:
            if now - child.heard > SILENT_SECONDS:
                self._lost(child, silent=True)

    def _lost(self, child: Child, *, silent: bool) -> None:
        """A child died or hangs: its work is done by another, or left out."""
        self._children.remove(child)
        self._selector.unregister(child.reads)
        if child.writes in self._selector.get_map():
            self._selector.unregister(child.writes)
        child.end()
        for number, work in enumerate(child.work):
            if isinstance(work, _Root):
                self._lost_walk(work, silent=silent)
            elif number == 0:
                self._lost_look(work, silent=silent)
            else:
                self._pieces.appendleft(work)

    def _lost_walk(self, root: _Root, *, silent: bool) -> None:
        root.tries += 1
        if silent:
            root.dead = True
            self.skip(root.path, *_SILENT)
        elif root.tries > 1:
            self.skip(root.path, "walk_died", "The scan of this folder ended before its end.")
        else:
            self._walks.append(root)

    def _lost_look(self, piece: _Piece, *, silent: bool) -> None:
        left = [folder for folder in piece.folders if folder[0] not in self._looked]
        if silent:
            piece.root.dead = True
            self.skip(left[0][0] if left else piece.root.path, *_SILENT)
        elif len(piece.folders) == 1:
            self.skip(left[0][0] if left else piece.folders[0][0], *_DIED)
        else:
            self._pieces.extendleft(_Piece(piece.root, [folder]) for folder in reversed(left))


def _below(path: str, root: str) -> bool:
    return path.startswith(root.rstrip(os.sep) + os.sep)


def listed_folders(bodies: Sequence[bytes]) -> Iterator[list[Any]]:
    """What the children listed: [path, time of change, sub-folders] each."""
    for body in bodies:
        yield from wire.loads(body)
