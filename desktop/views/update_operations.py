"""Newer versions from the window: ask the servers, and fetch what is new."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.library import Library
from desktop.services.library_row import Row
from desktop.views.notices import Notice, notice_of


class UpdateOperations(QObject):
    """Check for updates, and update, with the ids of adapters.

    Signals:
        notice(object): a `Notice`.
        showRequested(object): ids that a notice offers to show.
        undoRequested: the notice's Undo was pressed.
    """

    notice = Signal(object)
    showRequested = Signal(object)
    undoRequested = Signal()

    def __init__(self, library: Library, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._library = library
        self._updating: set[str] = set()

    # -- asking ----------------------------------------------------------------------------

    def check(self, ids: Sequence[str] | None) -> None:
        """Ask the servers for newer versions of these adapters; None: of all."""
        self._library.run(
            self._check,
            None if ids is None else tuple(ids),
            succeeded=self._checked,
            failed=self._not_done,
            title="Checking for updates",
            icon="cloud",
            lane="net",
            visible=True,
        )

    def _check(self, ctx: Any, ids: tuple[str, ...] | None) -> Any:
        return self._library.services.updates.check(ids, ctx.report)

    def _checked(self, report: Any) -> None:
        behind = len(report.behind)
        if not report.asked:
            said = "None of them was fetched from a server, so there is nobody to ask."
            self.notice.emit(Notice(said))
            return
        if report.troubles:
            self.notice.emit(self._troubled(report, behind))
            return
        if not behind:
            what = "It is" if report.asked == 1 else f"All {report.asked:,} are"
            self.notice.emit(Notice(f"{what} up to date.", "ok"))
            return
        show = partial(self.showRequested.emit, list(report.behind))
        self.notice.emit(Notice(_have_newer(behind), "info", "Show", show, icon="cloud"))

    def compare(self, adapter_id: str) -> None:
        """Show an adapter beside its newest version."""
        from desktop.views.compare_dialog import CompareDialog

        row = self._library.table.row_at(self._library.table.row_of(adapter_id))
        if row is None:
            return
        dialog = CompareDialog(self._library, adapter_id, row[Row.NAME], self._window)
        dialog.updateWanted.connect(self._update_one)
        dialog.open()

    def _update_one(self, adapter_id: str) -> None:
        self.update([adapter_id])

    def _troubled(self, report: Any, behind: int) -> Notice:
        """What is known and what is not, where a server did not answer for all."""
        name, sentence = report.troubles[0]
        said = f"“{name}”: {sentence}"
        if report.unknown > 1:
            said += f" The same or another trouble with {report.unknown - 1:,} more."
        detail = "\n".join(f"“{other}”: {words}" for other, words in report.troubles)
        if not behind:
            return Notice(said, "warning", detail=detail)
        show = partial(self.showRequested.emit, list(report.behind))
        return Notice(f"{_have_newer(behind)} {said}", "warning", "Show", show, detail)

    # -- fetching --------------------------------------------------------------------------

    def update(self, ids: Sequence[str]) -> None:
        """Fetch the newest version of each; two at once, the others wait for their turn."""
        for adapter_id in ids:
            row = self._library.table.row_at(self._library.table.row_of(adapter_id))
            if row is None or adapter_id in self._updating:
                continue
            self._updating.add(adapter_id)
            task = self._library.run(
                self._update,
                adapter_id,
                succeeded=self._updated,
                failed=self._not_updated,
                title=f"Updating “{row[Row.NAME]}”",
                icon="cloud",
                lane="fetch",
                visible=True,
            )
            task.setProperty("adapter", adapter_id)
            task.finished.connect(self._finished)

    def _update(self, ctx: Any, adapter_id: str) -> Any:
        services = self._library.services
        return services.updates.update(adapter_id, ctx.report), services.history.labels()[0]

    def _updated(self, result: Any) -> None:
        record, step = result
        undo = self.undoRequested.emit
        said = f"Updated “{record.name}”. Undo brings the version before it back."
        self.notice.emit(Notice(said, "ok", "Undo", undo, step=step or ""))

    def _not_updated(self, error: Exception) -> None:
        task = self.sender()
        again = None
        if task is not None and task.property("adapter"):
            again = partial(self.update, [str(task.property("adapter"))])
        notice = notice_of(error, "The version that is here stays.")
        self.notice.emit(
            Notice(notice.text, "error", "Try again" if again else "", again, notice.detail)
        )

    def _finished(self) -> None:
        task = self.sender()
        if task is not None:
            self._updating.discard(str(task.property("adapter")))

    def _not_done(self, error: Exception) -> None:
        self.notice.emit(notice_of(error))


def _have_newer(count: int) -> str:
    if count == 1:
        return "1 adapter has a newer version."
    return f"{count:,} adapters have a newer version."
