"""The fetches: one that the open dialog shows, and those that go on without it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.peft_folder.reading import printable
from desktop.services.records import AdapterRecord, AdapterType
from desktop.views.notices import Notice, notice_of

_TITLE = 96
_SAID_TWICE = " Nothing was imported."


class Fetches(QObject):
    """Imports from one kind of server, each a task that the window shows.

    source: the adapter type; named_by: the field whose value people call an adapter by.

    Signals:
        progressed(object, object, str): of the one in front: bytes done and in all (0 = unknown),
            and a line that says how far it is.
        imported(object): the AdapterRecord that came in.
        succeeded: the one in front came in.
        failed(object): the one in front did not; carries the exception.
        stopped: the one in front was stopped; nothing of it stays.
        notice(object): a `Notice` about one that goes on without the dialog.
    """

    progressed = Signal(object, object, str)
    imported = Signal(object)
    succeeded = Signal()
    failed = Signal(object)
    stopped = Signal()
    notice = Signal(object)

    def __init__(
        self,
        library: Library,
        source: AdapterType,
        named_by: str,
        icon: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._source, self._named_by, self._icon = source, named_by, icon
        self._front: Task | None = None
        self._asked: dict[Task, tuple[dict[str, Any], str]] = {}

    @property
    def running(self) -> bool:
        """Whether one is in front."""
        return self._front is not None

    def start(self, fields: dict[str, Any], called: str = "") -> None:
        """Fetch and import in front. called: what people call it, "" = by the field for that."""
        self._front = self._run(fields, called or str(fields[self._named_by]))
        self.progressed.emit(0, 0, "Waiting for its turn")

    def cancel(self) -> None:
        """Stop the one in front."""
        if self._front is not None:
            self._front.cancel()

    def let_go(self) -> None:
        """The one in front goes on without the dialog."""
        self._front = None

    def _run(self, fields: dict[str, Any], called: str) -> Task:
        here = "location" in fields
        name = printable(called, _TITLE)
        task = self._library.run(
            self._import,
            fields,
            title=f"Importing {name}" if here else f"Fetching {name}",
            icon=self._icon,
            lane="free" if here else "fetch",
            visible=True,
        )
        self._asked[task] = fields, called
        task.progress.connect(self._progressed)
        task.succeeded.connect(self._succeeded)
        task.failed.connect(self._failed)
        task.cancelled.connect(self._cancelled)
        return task

    def _import(self, ctx: Any, fields: dict[str, Any]) -> AdapterRecord:
        return self._library.services.imports.import_adapter(
            self._source.value, fields, progress=ctx.report
        )

    def _again(self, fields: dict[str, Any], called: str) -> None:
        self._run(fields, called)

    # -- how they end ----------------------------------------------------------------------

    def _progressed(self, done: int, total: int, text: str) -> None:
        if self.sender() is self._front and self._front is not None:
            self.progressed.emit(done, total, text)

    def _ended(self) -> tuple[bool, dict[str, Any], str]:
        """Whether the task that ended was in front, its fields, and what it is called."""
        task = self.sender()
        if not isinstance(task, Task):
            return False, {}, ""
        front = task is self._front
        if front:
            self._front = None
        return front, *self._asked.pop(task, ({}, ""))

    def _succeeded(self, record: AdapterRecord) -> None:
        front, _fields, _called = self._ended()
        self.imported.emit(record)
        if front:
            self.succeeded.emit()

    def _failed(self, error: Exception) -> None:
        front, fields, called = self._ended()
        if front:
            self.failed.emit(error)
        else:
            self.notice.emit(self._told(error, fields, called))

    def _told(self, error: Exception, fields: dict[str, Any], called: str) -> Notice:
        name = printable(called, _TITLE)
        said = notice_of(error, f"“{name}” was not imported.")
        text = said.text.removesuffix(_SAID_TWICE)
        again = partial(self._again, fields, called)
        return Notice(text, "error", "Try again", again, said.detail, self._icon)

    def _cancelled(self) -> None:
        front, _fields, _called = self._ended()
        if front:
            self.stopped.emit()
