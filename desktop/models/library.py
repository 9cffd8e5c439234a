"""The library as the window sees it: rows, records and what may be undone, kept up to date.

Views ask it to run an operation of the services; it runs off the UI thread, and whatever was
written is announced by one signal, so that no view has to know what an operation touches.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.models.first_look import first_screen
from desktop.models.library_table import LibraryTableModel
from desktop.models.task_runner import Task, TaskRunner
from desktop.services.errors import LorariumError
from desktop.services.library_row import LibraryRow, Row

if TYPE_CHECKING:
    from desktop.bootstrap import Services
    from desktop.services.records import (
        BaseModelRecord,
        DatasetRecord,
        JobRecord,
        PromptRecord,
    )

log = logging.getLogger(__name__)

RECORD_TABLES = ("models", "prompts", "datasets", "fine_tuning_jobs")
_RELOAD_ABOVE = 2000


def _is_much(touched: Any) -> bool:
    # A base model's name or a job's figures stand in rows that were not written.
    records = bool(touched.tables & set(RECORD_TABLES))
    return records or len(touched.adapter_ids) > _RELOAD_ABOVE


class Library(QObject):
    """Rows of the big table and the small lists beside it.

    Signals:
        ready: the catalogue is open and everything was read once.
        unavailable(object): it can't be opened; carries the LorariumError.
        changed(object): something was written; carries the frozenset of touched tables.
        adaptersChanged(object): rows were refreshed; carries the tuple of ids, or None for all.
        recordsChanged: base models, prompts, datasets or jobs were read anew.
        historyChanged(object, object): what undo and redo would do now (a label or None).
    """

    ready = Signal()
    unavailable = Signal(object)
    changed = Signal(object)
    adaptersChanged = Signal(object)
    recordsChanged = Signal()
    historyChanged = Signal(object, object)
    _touched = Signal(object)

    def __init__(
        self, services: Services, runner: TaskRunner, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.services = services
        self.runner = runner
        self.table = LibraryTableModel(self)
        self._first_titles: dict[str, str] = {}
        self._known: Sequence[LibraryRow] = ()
        self.base_models: list[BaseModelRecord] = []
        self.prompts: list[PromptRecord] = []
        self.datasets: list[DatasetRecord] = []
        self.jobs: list[JobRecord] = []
        self.read_only = ""
        self.trouble = ""
        self.is_ready = False
        self.undo_label: str | None = None
        self.redo_label: str | None = None
        self._asking = False
        self._touched.connect(self._refresh)

    @property
    def base_titles(self) -> dict[str, str]:
        """The titles of base models by id; before the first read those that the rows name."""
        if not self.is_ready:
            return self._first_titles
        return {model.id: model.title for model in self.base_models}

    @property
    def refusal(self) -> str:
        """Why nothing can be changed, "" if it can: the catalogue is there to be read only, or it
        could not be opened."""
        return self.trouble or self.read_only

    # -- start -----------------------------------------------------------------------------

    def show_first_rows(self) -> bool:
        """Fill the table without SQLAlchemy, for the first paint: with the first screen of a large
        library, else with all rows. False where that can't be."""
        column, descending = self.table.sorted_by()
        found = first_screen(self.services, self.table.columns[column].key, descending)
        if found is not None:
            rows, counts = found
            self._first_titles = {key: title for key, title in counts.base_titles.items() if title}
            self.table.set_first_screen(rows, counts)
            return True
        everything = self.services.first_rows()
        if everything is None:
            return False
        self._known = everything
        self._take_first_rows(everything)
        return True

    def _take_first_rows(self, rows: list[LibraryRow] | None) -> None:
        if rows is not None and not self.is_ready:
            at, title = Row.MODEL_ID, Row.BASE_MODEL
            self._first_titles = {row[at]: row[title] for row in rows if row[title]}
            self.table.set_rows(rows)

    def _read_rest(self, _ctx: Any) -> list[LibraryRow] | None:
        rows = self.services.first_rows()
        self._known = rows or []
        return rows

    def open(self) -> None:
        """Open the catalogue and read everything, off the UI thread: first the rows behind those of
        the first screen, for a person may scroll before SQLAlchemy is there."""
        if self.table.total() > len(self.table.ids()):
            rest = self.runner.run(
                self._read_rest, lane="db", title="Reading the library", visible=False
            )
            rest.succeeded.connect(self._take_first_rows)
        task = self.runner.run(self._open, lane="db", title="Opening the library", visible=False)
        task.succeeded.connect(self._opened)
        task.failed.connect(self._not_opened)

    def _open(self, _ctx: Any) -> dict[str, Any]:
        catalog = self.services.open()
        if self._announce not in catalog.listeners:
            catalog.listeners.append(self._announce)
        self._others(_ctx)  # what others write from here on is news
        known, self._known = self._known, []
        return {**self._read_all(known), "read_only": catalog.read_only}

    def _announce(self, touched: Any) -> None:
        # Called on the thread that wrote; the signal brings it to the UI thread.
        self._touched.emit(touched)

    def _read_all(self, known: Sequence[LibraryRow]) -> dict[str, Any]:
        return {"rows": self.services.adapters.list_rows(known=known), **self._read_records()}

    def _read_records(self) -> dict[str, Any]:
        training = self.services.training
        return {
            "base_models": self.services.base_models.list_base_models(),
            "prompts": training.list_prompts(),
            "datasets": training.list_datasets(),
            "jobs": training.list_jobs(),
            "history": self.services.history.labels(),
        }

    def _opened(self, found: dict[str, Any]) -> None:
        self.read_only = found["read_only"]
        self.is_ready, self.trouble = True, ""
        self._take(found)
        self.ready.emit()

    def _not_opened(self, error: Exception) -> None:
        if not isinstance(error, LorariumError):
            log.error("The library can't be opened", exc_info=error)
            error = LorariumError(
                "The library can't be opened.", "Look at the log for what happened."
            )
        self.table.no_more_rows()
        self.trouble = f"{error.message} {error.advice}".strip()
        self.unavailable.emit(error)

    # -- refresh ---------------------------------------------------------------------------

    def reload(self) -> None:
        """Read everything again."""
        task = self.runner.run(
            self._reload, self.table.rows(), lane="db", title="Reading the library", visible=False
        )
        task.succeeded.connect(self._take)

    def _reload(self, _ctx: Any, known: Sequence[LibraryRow]) -> dict[str, Any]:
        return self._read_all(known)

    def look_for_others(self) -> None:
        """Read everything again if another window, another machine or a studio has written since;
        quietly, off the UI thread. To be called when the person comes back to the window."""
        if self.is_ready and not self._asking:
            self._asking = True
            task = self.runner.run(
                self._others, lane="free", title="Looking for changes", visible=False
            )
            task.succeeded.connect(self._others_asked)
            task.finished.connect(self._asked)

    def _others(self, _ctx: Any) -> bool:
        try:
            return self.services.others.noticed()
        except LorariumError as error:
            # Nothing was asked for; the next thing that is will say what is the matter.
            log.info("Nobody knows whether others wrote: %s", error)
            return False

    def _others_asked(self, news: bool) -> None:
        if news:
            self.reload()

    def _asked(self) -> None:
        self._asking = False

    def _refresh(self, touched: Any) -> None:
        self.changed.emit(touched.tables)
        task = self.runner.run(
            self._read_touched,
            touched,
            self.table.rows() if _is_much(touched) else (),
            lane="db",
            title="Reading the library",
            visible=False,
        )
        task.succeeded.connect(self._take)

    def _read_touched(self, _ctx: Any, touched: Any, known: Sequence[LibraryRow]) -> dict[str, Any]:
        if _is_much(touched):
            return self._read_all(known)
        ids = touched.adapter_ids
        found: dict[str, Any] = {"history": self.services.history.labels()}
        if "adapters" in touched.tables:
            found["base_models"] = self.services.base_models.list_base_models()
        return {**found, "ids": ids, "some": self.services.adapters.list_rows(ids)}

    def _take(self, found: dict[str, Any]) -> None:
        for name in ("base_models", "prompts", "datasets", "jobs"):
            if name in found:
                setattr(self, name, found[name])
        if "rows" in found:
            self.table.set_rows(found["rows"])
            self.adaptersChanged.emit(None)
        elif "some" in found:
            self._take_some(found["ids"], found["some"])
        if "base_models" in found:
            self.recordsChanged.emit()
        if "history" in found:
            self.undo_label, self.redo_label = found["history"]
            self.historyChanged.emit(self.undo_label, self.redo_label)

    def _take_some(self, ids: tuple[str, ...], rows: list[LibraryRow]) -> None:
        there = {row[0] for row in rows}
        gone = [key for key in ids if key not in there]
        if gone:
            self.table.remove_ids(gone)
        if rows:
            self.table.upsert_rows(rows)
        self.adaptersChanged.emit(ids)

    # -- operations ------------------------------------------------------------------------

    def run(
        self,
        operation: Callable[..., Any],
        *args: Any,
        succeeded: Callable[[Any], None] | None = None,
        failed: Callable[[Any], None] | None = None,
        title: str = "",
        icon: str = "",
        lane: str = "db",
        visible: bool = False,
    ) -> Task:
        """Run `operation(ctx, *args)` off the UI thread; the results come back on it.

        succeeded, failed: bound methods of QObjects (a widget that is gone is not called).
        """
        task = self.runner.run(operation, *args, title=title, icon=icon, lane=lane, visible=visible)
        if succeeded is not None:
            task.succeeded.connect(succeeded)
        if failed is not None:
            task.failed.connect(failed)
        return task
