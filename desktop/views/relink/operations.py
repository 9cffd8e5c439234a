"""Moved folders in the window: the way into the search, and what is said of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.library import Library
from desktop.services.records import FolderState
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

    def find(self, ids: Sequence[str]) -> RelinkDialog:
        """Open the dialog. ids: the adapters that are selected; none of them need be missing."""
        from desktop.views.relink.dialog import RelinkDialog

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
        what = (
            "The folder of 1 adapter is" if count == 1 else f"The folders of {count:,} adapters are"
        )
        moved = "If it has moved, it" if count == 1 else "If they have moved, they"
        said = f"{what} not there any more. {moved} can be found again."
        self.notice.emit(
            Notice(said, "warning", "Find moved folders…", self._find_all, icon="missing")
        )

    def _find_all(self) -> None:
        self.find(())

    def _relinked(self, done: Relinked) -> None:
        count = len(done.ids)
        said = "Relinked 1 adapter." if count == 1 else f"Relinked {count:,} adapters."
        self.notice.emit(Notice(said, "ok", "Undo", self.undoRequested.emit, icon="folder"))
