"""How many adapters lie below the folders on the screen: counted off the UI thread, and kept.

The counts have a reader of their own, so that a listing never waits for one of them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.models.folder_nodes import Node
from desktop.models.folder_reader import FolderReader, Question
from desktop.services.folder_list import FolderCount, count_adapters
from desktop.services.peft_folder import Mark

if TYPE_CHECKING:
    from desktop.models.library import Library

_SOON = 100  # milliseconds: who scrolls by wants nothing counted
_MOST = 40
"""So many folders wait to be counted: those that were painted last."""


class FolderCounts(QObject):
    """Counts what was painted.

    Signals:
        counted(object): a FolderCount.
    """

    counted = Signal(object)

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: dict[str, FolderCount] = {}
        self._wanted: dict[str, None] = {}
        self._asked: set[str] = set()
        self._reader = FolderReader(library, self)
        self._reader.answered.connect(self._answered)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self._ask)

    def painted(self, node: Node) -> None:
        """A folder is on the screen: count, unless that is known or makes no sense."""
        if node.below is not None or node.note or node.loop or node.icon == "cylinder":
            return
        if node.mark is None or node.mark.mark != Mark.PLAIN or node.path in self._asked:
            return
        known = self._known.get(node.path)
        if known is not None:
            node.below = known
            return
        self._wanted.pop(node.path, None)
        self._wanted[node.path] = None
        if not self._soon.isActive():
            self._soon.start()

    def forget(self, path: str) -> None:
        """What was counted below this folder, and above it, may not hold any more."""
        below = path.rstrip(os.sep) + os.sep
        for known in list(self._known):
            if known == path or known.startswith(below) or path.startswith(known + os.sep):
                del self._known[known]

    def forget_all(self) -> None:
        """Nothing that was counted may hold any more."""
        self._known.clear()

    def stop(self) -> None:
        """Nobody looks: count nothing more."""
        self._soon.stop()
        self._wanted.clear()
        self._asked.clear()
        self._reader.drop("count")

    def is_counting(self) -> bool:
        """Whether something waits to be counted."""
        return self._soon.isActive()

    def _ask(self) -> None:
        wanted = list(self._wanted)[-_MOST:]
        self._wanted.clear()
        self._asked.update(wanted)
        for path in wanted:
            self._reader.ask(Question("count", path, _count, (path,)), urgent=False)

    def _answered(self, question: Question, answer: Any) -> None:
        self._asked.discard(question.path)
        if isinstance(answer, FolderCount):
            self._known[answer.path] = answer
            self.counted.emit(answer)


def _count(ctx: Any, path: str) -> FolderCount:
    return count_adapters(path, cancelled=lambda: bool(ctx.cancelled))
