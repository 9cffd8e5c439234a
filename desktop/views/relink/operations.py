"""Moved folders in the window: the way into the search, and what is said of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.library import Library
from desktop.services.kinds import FolderState
from desktop.views.notices import Notice

if TYPE_CHECKING:
    from desktop.services.relink import Relinked
    from desktop.views.relink.dialog import RelinkDialog


class RelinkOperations(QObject):
    """Opens the dialog; says what is missing, and what was found again.

    Signals:
        notice(object): a `Notice`.
        undoRequested: the notice's Undo was pressed.
    """

    notice = Signal(object)
    undoRequested = Signal()

    def __init__(self, library: Library, window: QWidget) -> None:
        super().__init__(window)
        self._library = library
        self._window = window

    def find(self, ids: Sequence[str]) -> RelinkDialog | None:
        """Open the dialog, unless nothing can be changed. ids: the adapters that are selected; none
        of them need be missing."""
        from desktop.views.relink.dialog import RelinkDialog

        if self._library.refusal:
            self.notice.emit(Notice(self._library.refusal, "warning"))
            return None
        dialog = RelinkDialog(self._library, ids, self._window)
        dialog.relinked.connect(self._relinked)
        dialog.open()
        return dialog

    def say_missing(self, changed: Mapping[str, Any]) -> None:
        """Say that folders went missing. changed: {id: state} of those whose state is another now
        than before."""
        count = sum(state == FolderState.MISSING for state in changed.values())
        if not count or self._library.read_only:
            return
        if count == 1:
            said = "1 adapter is missing. If it has moved, it can be found."
        else:
            said = f"{count:,} adapters are missing. If they have moved, they can be found."
        self.notice.emit(
            Notice(said, "warning", "Find moved folders…", self._find_all, icon="missing")
        )

    def _find_all(self) -> None:
        self.find(())

    def _relinked(self, done: Relinked) -> None:
        count = len(done.ids)
        said = "Relinked 1 adapter." if count == 1 else f"Relinked {count:,} adapters."
        undo = self.undoRequested.emit
        self.notice.emit(Notice(said, "ok", "Undo", undo, icon="folder", step=done.label))
