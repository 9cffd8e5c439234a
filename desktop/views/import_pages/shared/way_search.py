"""A search on a server, and a look at what is highlighted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.errors import Cancelled, LorariumError
from desktop.services.progress import Progress
from desktop.views.import_pages.base import Verdict
from desktop.views.import_pages.shared.facts import ServerFacts
from desktop.views.import_pages.shared.fields import findings_of
from desktop.views.import_pages.shared.search_pane import SearchPane
from desktop.views.import_pages.shared.ways import Way


class SearchWay(Way):
    """What is highlighted is shown at the right, what is picked goes to the way that imports.

    A subclass asks the server about one (`look`) and shows what it said (`show_found`).

    picked(object): what is told of the line that the person wants to look at.
    """

    picked = Signal(object)

    begin = "Highlight an adapter, and what it holds stands here."
    looking = "Lorarium is asking the server."

    def __init__(self, library: Library, find: SearchPane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self.find = find
        self.pane = self.find
        self._reference: Any = None
        self._preview: Any = None
        self._trouble = ""
        self._number = 0
        self._task: Task | None = None
        self.find.highlighted.connect(self._glance)
        self.find.picked.connect(self.picked)
        self.find.list.moved.connect(self.changed)

    def look(self, reference: Any, progress: Progress) -> Any:
        """What the server says of one, not None. Runs off the UI thread.

        Raises:
            LorariumError: why that is not known. Cancelled: nobody waits for it any more.
        """
        raise NotImplementedError

    def show_found(self, panel: ServerFacts, found: Any) -> None:
        """Say at the right what the server said."""
        raise NotImplementedError

    @property
    def ready(self) -> bool:
        """Whether a line is highlighted."""
        return self.find.reference() is not None

    def verb(self) -> str:
        """Take it to the way that imports."""
        return "&Look at it"

    def verdict(self) -> Verdict:
        """Nothing blocks a search."""
        return Verdict("" if self.ready else "Choose an adapter to look at it.")

    def start(self) -> None:
        """Take what is highlighted to the way that imports."""
        reference = self.find.reference()
        if reference is not None:
            self.picked.emit(reference)
        else:
            self.find.focus_first()

    # -- a look at what is highlighted -----------------------------------------------------

    def _glance(self, reference: Any) -> None:
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        self._reference, self._preview, self._trouble = reference, None, ""
        if reference is not None:
            self._task = self._library.run(
                self._ask, self._number, reference, succeeded=self._told, lane="net"
            )
        self.changed.emit()

    def _ask(self, ctx: Any, number: int, reference: Any) -> tuple[int, Any]:
        try:
            return number, self.look(reference, ctx.report)
        except Cancelled:
            raise
        except Exception as error:
            return number, error

    def _told(self, result: tuple[int, Any]) -> None:
        number, found = result
        if number != self._number:
            return
        self._task = None
        if not isinstance(found, Exception):
            self._preview = found
        elif isinstance(found, LorariumError):
            self._trouble = f"{found.message} {found.advice}".strip()
        else:
            self._trouble = findings_of(found, "")[0].message
        self.changed.emit()

    def show_facts(self, panel: ServerFacts) -> None:
        """What is highlighted."""
        if self._preview is not None:
            self.show_found(panel, self._preview)
        elif self._reference is not None:
            panel.say(self._trouble or self.looking)
        else:
            panel.say(self.begin)

    # -- its life --------------------------------------------------------------------------

    def shown(self) -> None:
        """A look that was given up is taken again."""
        if self._reference is not None and self._task is None and self._preview is None:
            self._glance(self._reference)

    def left(self) -> None:
        """Nobody waits for what the server says of it."""
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def focus_first(self) -> None:
        """Begin with the words to search for."""
        self.find.focus_first()

    def look_again(self) -> None:
        """Another server or another account may show something else."""
        self.find.refresh()
        if self._reference is not None:
            self._glance(self._reference)

    def reset(self) -> None:
        """Forget what was typed."""
        self.find.reset()
