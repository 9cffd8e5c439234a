"""The import itself: one draft after the other, each a task of its own that can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.models.candidates import Draft
from desktop.models.formats import size_text
from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.errors import ValidationError
from desktop.services.records import AdapterRecord, AdapterType, Finding, Severity
from desktop.views.import_pages.local_folder.session import finding_of


@dataclass
class Outcome:
    """How it went. imported: what is in now, and the drafts of it; refused: the drafts that are
    not, their findings stand in `refusals`; cancelled: whether the person stopped it."""

    records: list[AdapterRecord] = field(default_factory=list)
    imported: list[Draft] = field(default_factory=list)
    refused: list[Draft] = field(default_factory=list)
    cancelled: bool = False


class ImportRun(QObject):
    """Imports drafts in their order. One that is refused does not keep the others out.

    Signals:
        progressed(object, object, str): bytes done and in all of the present one (0 = unknown),
            and a line that says what is done.
        ended(object): an `Outcome`; nothing of a refused or stopped import stays.
    """

    progressed = Signal(object, object, str)
    ended = Signal(object)

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._queue: list[Draft] = []
        self._all = 0
        self._copy = False
        self._draft: Draft | None = None
        self._task: Task | None = None
        self._stopped = False
        self._outcome = Outcome()

    @property
    def running(self) -> bool:
        """Whether an import is under way."""
        return self._draft is not None

    def start(self, drafts: Sequence[Draft], *, copy: bool) -> None:
        """Import these; copy: into the library, else they stay where they are."""
        self._queue, self._all = list(drafts), len(drafts)
        self._copy, self._stopped = copy, False
        self._outcome = Outcome()
        self._next()

    def cancel(self) -> None:
        """Stop as soon as it can; what is in already stays in."""
        self._stopped = True
        if self._task is not None:
            self._task.cancel()

    def _next(self) -> None:
        self._task = None
        if self._stopped or not self._queue:
            self._draft = None
            self._outcome.cancelled = self._stopped and bool(self._left())
            self.ended.emit(self._outcome)
            return
        draft = self._draft = self._queue.pop(0)
        self.progressed.emit(0, 0, self._line(draft))
        self._task = self._library.run(
            self._import,
            draft.fields(copy=self._copy),
            succeeded=self._succeeded,
            failed=self._failed,
            title=f"Importing “{draft.name.strip()}”",
            icon="folder",
            lane="free",
            visible=True,
        )
        self._task.progress.connect(self._progress)
        self._task.cancelled.connect(self._cancelled)

    def _left(self) -> int:
        return self._all - len(self._outcome.imported) - len(self._outcome.refused)

    def _line(self, draft: Draft) -> str:
        if self._all == 1:
            return ""
        return f"{self._all - len(self._queue):,} of {self._all:,}: {draft.title}"

    def _import(self, ctx: Any, fields: dict[str, Any]) -> AdapterRecord:
        services = self._library.services
        return services.imports.import_adapter(AdapterType.PROJECT, fields, progress=ctx.report)

    def _progress(self, done: int, total: int, _text: str) -> None:
        if self._draft is not None:
            sizes = f"{size_text(done)} of {size_text(total)}" if total else ""
            line = " · ".join(part for part in (self._line(self._draft), sizes) if part)
            self.progressed.emit(done, total, line)

    def _succeeded(self, record: AdapterRecord) -> None:
        if self._draft is not None:
            self._outcome.records.append(record)
            self._outcome.imported.append(self._draft)
        self._next()

    def _failed(self, error: Exception) -> None:
        draft = self._draft
        if draft is not None:
            if isinstance(error, ValidationError):
                found = tuple(f for f in error.findings if f.severity == Severity.ERROR)
                draft.refusals = found or (_refused(),)
            else:
                draft.refusals = (finding_of(error, ""),)
            self._outcome.refused.append(draft)
        self._next()

    def _cancelled(self) -> None:
        self._stopped = True
        self._next()


def _refused() -> Finding:
    return Finding("", "refused", Severity.ERROR, "The import was refused.", "Nothing was changed.")
