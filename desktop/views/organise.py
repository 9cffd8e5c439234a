"""Putting adapters in order from the window: favourites, tags, notes, the base model of several,
and the table as a file. Each is a service call off the UI thread, then a notice."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.library import Library
from desktop.services.library_row import LibraryRow, Row, tags_of
from desktop.services.peft_folder.reading import printable
from desktop.views.notices import Notice, notice_of

_FORMATS = ("CSV for spreadsheets (*.csv)", "CSV without a byte order mark (*.csv)")


class Organise(QObject):
    """What a person says of adapters, with their ids.

    Signals:
        notice(object): a `Notice`.
        undoRequested: the notice's Undo was pressed.
        notesKept: notes were kept; notesRefused: they were not.
    """

    notice = Signal(object)
    undoRequested = Signal()
    notesKept = Signal()
    notesRefused = Signal()

    def __init__(self, library: Library, window: QWidget) -> None:
        super().__init__(window)
        self._library = library
        self._window = window
        self._exporting: tuple[LibraryRow, ...] = ()

    def _rows(self, ids: Sequence[str]) -> list[LibraryRow]:
        table = self._library.table
        return [row for key in ids if (row := table.row_by_id(key)) is not None]

    def _named(self, ids: Sequence[str]) -> str:
        """The adapters in words."""
        rows = self._rows(ids[:1])
        if len(ids) != 1 or not rows:
            return f"{len(ids):,} adapters"
        return f"“{printable(str(rows[0][Row.NAME]), 60)}”"

    # -- favourites and tags ---------------------------------------------------------------

    def toggle_favourite(self, ids: Sequence[str]) -> None:
        """Mark adapters as favourites; where all of them are, they are no longer."""
        rows = self._rows(ids)
        if rows:
            on = not all(row[Row.FAVOURITE] for row in rows)
            self._library.run(self._favourite, tuple(ids), on, failed=self._not_done)

    def _favourite(self, _ctx: Any, ids: tuple[str, ...], on: bool) -> None:
        # The star says what happened; undo is in the menu.
        self._library.services.marks.set_favourite(ids, on)

    def edit_tags(self, ids: Sequence[str]) -> None:
        """Ask which tags adapters have."""
        from desktop.views.tags_dialog import TagsDialog

        rows = self._rows(ids)
        if not rows:
            return
        have = [tags_of(row[Row.TAGS]) for row in rows]
        what = self._named([row[Row.ID] for row in rows])
        dialog = TagsDialog(what, have, self._library.table.tag_counts(), self._window)
        dialog.setProperty("ids", [row[Row.ID] for row in rows])
        dialog.applied.connect(self._tags_chosen)
        dialog.open()

    def _tags_chosen(self, add: Sequence[str], remove: Sequence[str]) -> None:
        dialog = self.sender()
        if dialog is not None and (add or remove):
            self.change_tags(dialog.property("ids"), add, remove)

    def change_tags(
        self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Give adapters tags and take others from them, in one step."""
        self._library.run(
            self._change_tags,
            (self._named(ids), tuple(ids), tuple(add), tuple(remove)),
            succeeded=self._done,
            failed=self._not_done,
        )

    def _change_tags(self, _ctx: Any, change: tuple[str, Any, Any, Any]) -> tuple[str, str]:
        services = self._library.services
        what, ids, add, remove = change
        step = _step(services, services.marks.change_tags(ids, add, remove))
        if add and remove:
            return f"Changed the tags of {what}.", step
        if add:
            return f"Tagged {what} with {_listed(add)}.", step
        return f"Took {_listed(remove)} from {what}.", step

    def set_notes(self, adapter_id: str, text: str) -> None:
        """Keep what a person notes of an adapter."""
        self._library.run(
            self._set_notes,
            adapter_id,
            text,
            succeeded=self._notes_kept,
            failed=self._notes_refused,
        )

    def _set_notes(self, _ctx: Any, adapter_id: str, text: str) -> None:
        self._library.services.marks.set_notes(adapter_id, text)

    def _notes_kept(self, _result: Any) -> None:
        self.notesKept.emit()

    def _notes_refused(self, error: Exception) -> None:
        self.notesRefused.emit()
        self._not_done(error)

    # -- base model ------------------------------------------------------------------------

    def choose_base_model(self, ids: Sequence[str]) -> None:
        """Ask which base model adapters belong to."""
        from desktop.views.base_model_dialog import BaseModelDialog

        rows = self._rows(ids)
        if not rows:
            return
        present = {row[Row.MODEL_ID] for row in rows}
        what = self._named([row[Row.ID] for row in rows])
        dialog = BaseModelDialog(
            what,
            [(model.id, model.title) for model in self._library.base_models],
            present.pop() if len(present) == 1 else None,
            self._window,
        )
        dialog.setProperty("ids", [row[Row.ID] for row in rows])
        dialog.chosen.connect(self._base_model_chosen)
        dialog.open()

    def _base_model_chosen(self, model_id: str) -> None:
        dialog = self.sender()
        if dialog is not None:
            self.set_base_model(dialog.property("ids"), model_id)

    def set_base_model(self, ids: Sequence[str], model_id: str) -> None:
        """Say which base model adapters belong to."""
        self._library.run(
            self._set_base_model,
            (self._named(ids), tuple(ids), model_id),
            succeeded=self._done,
            failed=self._not_done,
        )

    def _set_base_model(self, _ctx: Any, choice: tuple[str, Any, str]) -> tuple[str, str]:
        services = self._library.services
        what, ids, model_id = choice
        step = _step(services, services.adapters.set_base_model(ids, model_id))
        return f"Set the base model of {what}.", step

    def _done(self, result: tuple[str, str]) -> None:
        said, step = result
        if step:
            undo = self.undoRequested.emit
            self.notice.emit(Notice(said, "ok", "Undo", undo, step=step))
        else:
            self.notice.emit(Notice("That is how it was already. Nothing was changed."))

    def _not_done(self, error: Exception) -> None:
        self.notice.emit(notice_of(error))

    # -- the table as a file ---------------------------------------------------------------

    def export(self, ids: Sequence[str]) -> None:
        """Ask for a file, and write these rows of the table into it."""
        from PySide6.QtWidgets import QFileDialog

        self._exporting = tuple(self._rows(ids))
        if not self._exporting:
            return
        count = len(self._exporting)
        what = "1 row" if count == 1 else f"{count:,} rows"
        dialog = QFileDialog(self._window, f"Export {what} as CSV")
        dialog.setObjectName("exportDialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(_FORMATS))
        dialog.setDefaultSuffix("csv")
        dialog.selectFile("adapters.csv")
        dialog.fileSelected.connect(self._file_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _file_chosen(self, path: str) -> None:
        from PySide6.QtWidgets import QFileDialog

        dialog = self.sender()
        plain = isinstance(dialog, QFileDialog) and dialog.selectedNameFilter() == _FORMATS[1]
        self.write_csv(self._exporting, path, bom=not plain)
        self._exporting = ()

    def write_csv(self, rows: Sequence[LibraryRow], path: str, *, bom: bool = True) -> None:
        """Write rows of the table into a file."""
        self._library.run(
            self._write_csv,
            (tuple(rows), path, bom),
            succeeded=self._written,
            failed=self._not_done,
            title="Writing the table",
            icon="file",
            lane="free",
            visible=True,
        )

    def _write_csv(self, ctx: Any, what: tuple[Any, str, bool]) -> tuple[int, str]:
        from desktop.services.csv_export import write_csv

        rows, path, bom = what
        root = self._library.services.location.root
        return write_csv(rows, path, root=root, bom=bom, progress=ctx.report), path

    def _written(self, result: tuple[int, str]) -> None:
        count, path = result
        rows = "1 row" if count == 1 else f"{count:,} rows"
        name = printable(os.path.basename(path), 80)
        self.notice.emit(Notice(f"Wrote {rows} to “{name}”.", "ok", icon="file"))


def _step(services: Any, changed: int) -> str:
    """What the step is called that was just made, "" where nothing was changed."""
    return (services.history.labels()[0] or "") if changed else ""


def _listed(tags: Sequence[str]) -> str:
    shown = ", ".join(f"“{tag}”" for tag in tags[:3])
    return shown if len(tags) <= 3 else f"{shown} and {len(tags) - 3} more"
