"""Find: a search, and a look at what is highlighted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.errors import Cancelled, LorariumError
from desktop.services.hub.records import HubPreview, HubReference
from desktop.views.import_pages.base import Verdict
from desktop.views.import_pages.hugging_face.facts import show_preview
from desktop.views.import_pages.hugging_face.find import FindPane
from desktop.views.import_pages.shared.facts import ServerFacts
from desktop.views.import_pages.shared.fields import findings_of
from desktop.views.import_pages.shared.ways import Way

_BEGIN = "Highlight an adapter, and what it holds stands here."


class FindWay(Way):
    """What is highlighted is shown at the right, what is picked goes to By name.

    picked(object): the HubReference that the person wants to look at.
    """

    picked = Signal(object)

    title = "Fin&d"

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self.find = FindPane(library)
        self.pane = self.find
        self._reference: HubReference | None = None
        self._preview: HubPreview | None = None
        self._trouble = ""
        self._number = 0
        self._task: Task | None = None
        self.find.highlighted.connect(self._glance)
        self.find.picked.connect(self.picked)
        self.find.list.moved.connect(self.changed)

    @property
    def ready(self) -> bool:
        """Whether a line is highlighted."""
        return self.find.reference() is not None

    def verb(self) -> str:
        """Take it to By name."""
        return "&Look at it"

    def verdict(self) -> Verdict:
        """Nothing blocks a search."""
        return Verdict("" if self.ready else "Choose an adapter to look at it.")

    def start(self) -> None:
        """Take what is highlighted to By name."""
        reference = self.find.reference()
        if reference is not None:
            self.picked.emit(reference)
        else:
            self.find.focus_first()

    # -- a look at what is highlighted -----------------------------------------------------

    def _glance(self, reference: HubReference | None) -> None:
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

    def _ask(self, ctx: Any, number: int, reference: HubReference) -> tuple[int, Any]:
        try:
            return number, self._library.services.hub.preview(reference, ctx.report)
        except Cancelled:
            raise
        except Exception as error:
            return number, error

    def _told(self, result: tuple[int, Any]) -> None:
        number, found = result
        if number != self._number:
            return
        self._task = None
        if isinstance(found, HubPreview):
            self._preview = found
        elif isinstance(found, LorariumError):
            self._trouble = f"{found.message} {found.advice}".strip()
        else:
            self._trouble = findings_of(found, "")[0].message
        self.changed.emit()

    def show_facts(self, panel: ServerFacts) -> None:
        """What is highlighted."""
        if self._preview is not None:
            show_preview(panel, self._preview, self._preview.findings)
        elif self._reference is not None:
            panel.say(self._trouble or "Lorarium is looking into the repository.")
        else:
            panel.say(_BEGIN)

    # -- its life --------------------------------------------------------------------------

    def focus_first(self) -> None:
        """Begin with the words to search for."""
        self.find.focus_first()

    def look_again(self) -> None:
        """Another hub or another account may show something else."""
        self.find.refresh()
        if self._reference is not None:
            self._glance(self._reference)

    def reset(self) -> None:
        """Forget what was typed."""
        self.find.reset()
