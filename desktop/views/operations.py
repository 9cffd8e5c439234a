"""What a person does with adapters from the window: each a service call off the UI thread, then a
notice that says what happened and how to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.models.library import Library
from desktop.services.catalog.paths import resolve
from desktop.services.errors import ConflictError
from desktop.services.library_row import Row
from desktop.views.file_manager import open_folder
from desktop.views.notices import Notice, notice_of


class Operations(QObject):
    """Remove, undo, check, locate, copy: with the ids of adapters."""

    notice = Signal(object)
    showRequested = Signal(object)  # ids that a notice offers to show
    checked = Signal()
    missed = Signal(object)  # {id: state} of those that are otherwise than they were
    stepping = Signal()  # undo or redo begins: what was the last step will not be it any more

    def __init__(self, library: Library, window: QWidget) -> None:
        super().__init__(window)
        self._library = library
        self._window = window
        self._looking = False
        self._look_again = False
        self._locating = ""
        self._relocating = ("", "")

    # -- remove, undo, redo ----------------------------------------------------------------

    def remove(self, ids: Sequence[str]) -> None:
        """Take adapters out of the library. Asks nothing: undo brings them back."""
        if ids:
            self._library.run(
                self._remove, tuple(ids), succeeded=self._removed, failed=self._not_done
            )

    def _remove(self, _ctx: Any, ids: tuple[str, ...]) -> Any:
        services = self._library.services
        return services.adapters.remove_adapters(ids), services.history.labels()[0]

    def _removed(self, result: tuple[Any, str | None]) -> None:
        removal, step = result
        many = len(removal.ids)
        what = f"“{removal.names[0]}”" if many == 1 else f"{many:,} adapters"
        its = "Its" if many == 1 else "Their"
        if removal.managed == many:
            files = f"{its} files wait in Lorarium's trash."
        elif removal.managed:
            files = "Copies that Lorarium made wait in its trash; other files stay where they are."
        else:
            files = f"{its} files stay where they are."
        referring = []
        if removal.jobs:
            referring.append(f"{removal.jobs:,} training job{'s' if removal.jobs > 1 else ''}")
        if removal.evaluations:
            count = removal.evaluations
            referring.append(f"{count:,} evaluation{'s' if count > 1 else ''}")
        if referring:
            one = removal.jobs + removal.evaluations == 1
            verb = "refers" if one else "refer"
            files += (
                f" {' and '.join(referring)} no longer {verb} to {'it' if many == 1 else 'them'}."
            )
        said = f"Removed {what}. {files}"
        self.notice.emit(Notice(said, "info", "Undo", self.undo, icon="bin", step=step or ""))

    def undo(self) -> None:
        """Take back the last step."""
        self.stepping.emit()
        self._library.run(self._undo, succeeded=self._undone, failed=self._not_done)

    def _undo(self, _ctx: Any) -> Any:
        return self._library.services.history.undo()

    def _undone(self, step: Any) -> None:
        if step is None:
            self.notice.emit(Notice("There is nothing to undo."))
            return
        said = f"Undone: {_lower(step.label)}."
        self.notice.emit(Notice(said, "ok", "Redo", self.redo, icon="undo", step=step.label))

    def redo(self) -> None:
        """Do the step again that was undone last."""
        self.stepping.emit()
        self._library.run(self._redo, succeeded=self._redone, failed=self._not_done)

    def _redo(self, _ctx: Any) -> Any:
        return self._library.services.history.redo()

    def _redone(self, step: Any) -> None:
        if step is None:
            self.notice.emit(Notice("There is nothing to redo."))
            return
        said = f"Done again: {_lower(step.label)}."
        self.notice.emit(Notice(said, "ok", "Undo", self.undo, icon="redo", step=step.label))

    def _not_done(self, error: Exception) -> None:
        self.notice.emit(notice_of(error))

    # -- looking at folders ----------------------------------------------------------------

    def look_at_folders(self) -> None:
        """See which folders are missing, changed or away; quietly, off the UI thread."""
        if self._looking:
            self._look_again = True
            return
        self._looking = True
        task = self._library.run(self._look, lane="free", title="Looking at the folders")
        task.succeeded.connect(self._looked)
        task.finished.connect(self._look_over)

    def _look(self, ctx: Any) -> dict[str, Any]:
        from desktop.services.folder_watch import look_at_all

        adapters = self._library.services.adapters
        places = adapters.fingerprints()
        before = {key: state for key, _, _, state in places}
        after = look_at_all([(key, path, mark) for key, path, mark, _ in places], ctx.report)
        return {key: state for key, state in after.items() if before.get(key) != state}

    def _looked(self, changed: dict[str, Any]) -> None:
        if changed and not self._library.read_only:
            self._library.run(self._mark, changed, failed=self._not_done)
            self.missed.emit(changed)

    def _mark(self, _ctx: Any, changed: dict[str, Any]) -> None:
        self._library.services.adapters.set_states(changed)

    def _look_over(self) -> None:
        self._looking = False
        self.checked.emit()
        if self._look_again:
            self._look_again = False
            self.look_at_folders()

    @property
    def busy(self) -> bool:
        """Whether folders are being looked at."""
        return self._looking

    def check(self, ids: Sequence[str]) -> None:
        """Look into the folders of these adapters again, with every finding."""
        if not ids:
            return
        title = "Checking 1 adapter" if len(ids) == 1 else f"Checking {len(ids):,} adapters"
        self._library.run(
            self._check,
            tuple(ids),
            succeeded=self._check_done,
            failed=self._not_done,
            title=title,
            icon="refresh",
            lane="free",
            visible=True,
        )

    def _check(self, ctx: Any, ids: tuple[str, ...]) -> tuple[int, int]:
        broken = self._library.services.adapters.check_adapters(ids, ctx.report)
        return len(ids), broken

    def _check_done(self, result: tuple[int, int]) -> None:
        count, broken = result
        what = "1 adapter" if count == 1 else f"{count:,} adapters"
        if broken:
            said = (
                f"Checked {what}. {broken:,} of them {'has' if broken == 1 else 'have'} an error."
            )
            if count == 1:
                said = "Checked 1 adapter. It has an error."
            self.notice.emit(Notice(said, "warning"))
        else:
            self.notice.emit(Notice(f"Checked {what}. None has an error.", "ok"))

    # -- locate ----------------------------------------------------------------------------

    def locate(self, adapter_id: str) -> None:
        """Ask where the folder of an adapter is now."""
        row = self._library.table.row_at(self._library.table.row_of(adapter_id))
        if row is None:
            return
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._window, f"Where is “{row[Row.NAME]}” now?")
        dialog.setObjectName("locateDialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._locating = adapter_id
        dialog.fileSelected.connect(self._located)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _located(self, path: str) -> None:
        self.relocate(self._locating, path)

    def relocate(self, adapter_id: str, path: str, *, force: bool = False) -> None:
        """Point an adapter to a folder, after a look whether it is the same adapter."""
        self._relocating = (adapter_id, path)
        self._library.run(
            self._relocate,
            adapter_id,
            path,
            force,
            succeeded=self._relocated,
            failed=self._not_relocated,
        )

    def _relocate(self, _ctx: Any, adapter_id: str, path: str, force: bool) -> Any:
        return self._library.services.adapters.relocate(adapter_id, path, force=force)

    def _relocated(self, record: Any) -> None:
        said = f"“{record.name}” is found again, and it is the same adapter."
        self.notice.emit(Notice(said, "ok", "Undo", self.undo))

    def _not_relocated(self, error: Exception) -> None:
        if isinstance(error, ConflictError):
            adapter_id, path = self._relocating
            take = partial(self.relocate, adapter_id, path, force=True)
            said = f"{error.message} {error.advice}"
            self.notice.emit(Notice(said, "error", "Take it", take))
        else:
            self.notice.emit(notice_of(error))

    # -- copying and opening ---------------------------------------------------------------

    def copy(self, text: str, said: str) -> None:
        """Put a text on the clipboard and say so."""
        QGuiApplication.clipboard().setText(text)
        self.notice.emit(Notice(said, icon="copy"))

    def copy_snippet(self, adapter_id: str) -> None:
        """Put Python that loads the adapter on the clipboard."""
        self._library.run(
            self._snippet, adapter_id, succeeded=self._snippet_made, failed=self._not_done
        )

    def _snippet(self, _ctx: Any, adapter_id: str) -> str:
        from desktop.services.peft_folder import loading_snippet

        details = self._library.services.adapters.get_details(adapter_id)
        base = details.base_model
        named = (base.huggingface_name or base.location or base.name) if base else None
        path = details.record.path or ""
        inspection = details.inspection
        return loading_snippet(replace(inspection, path=path) if inspection else path, named)

    def _snippet_made(self, snippet: str) -> None:
        self.copy(snippet, "Copied Python that loads this adapter.")

    def open_folder(self, path: str) -> None:
        """Show a folder in the system's file manager."""
        if path and not open_folder(path):
            self.notice.emit(
                Notice("This system has no file manager that Lorarium could open.", "warning")
            )

    def open_folder_of(self, adapter_id: str) -> None:
        """Show the folder of an adapter in the system's file manager."""
        row = self._library.table.row_at(self._library.table.row_of(adapter_id))
        if row is not None:
            root = self._library.services.location.root
            self.open_folder(resolve(row[Row.LOCATION], root) or "")

    def open_link(self, url: QUrl) -> None:
        """Open an address that the person has seen, in their browser."""
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
