"""Which folders are watched: a section of the preferences."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.services.errors import LorariumError
from desktop.views.widgets.folder_box import FolderBox
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import PlainLabel


class WatchedFoldersPane(QWidget):
    """The watched folders, with Add and Remove. What is changed here holds at once.

    Signals:
        changed(): other folders are watched now.
    """

    changed = Signal()

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("watchedFoldersPane")
        self._library = library
        lead = PlainLabel(
            "Lorarium looks into these folders now and then and says what is new. It imports "
            "nothing by itself.",
            tone="secondary",
            wrap=True,
        )
        self.folders = FolderBox("watched", "Watched folders", rows=4)
        self.folders.added.connect(self.add)
        self.folders.removed.connect(self.remove)
        self.message = InlineMessage()
        self.message.setObjectName("watchedMessage")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(lead)
        box.addWidget(self.folders, 1)
        box.addWidget(self.message)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._renew()

    def add(self, path: str) -> None:
        """Watch a folder."""
        self._run(self._add, path)

    def remove(self, path: str) -> None:
        """Watch a folder no longer."""
        self._run(self._remove, path)

    def _run(self, change: Any, path: str) -> None:
        # Settings are written to disk: not on the UI thread.
        self.message.clear()
        self._library.run(change, path, succeeded=self._changed, failed=self._refused)

    def _add(self, _ctx: Any, path: str) -> None:
        self._library.services.watched.add(path)

    def _remove(self, _ctx: Any, path: str) -> None:
        self._library.services.watched.remove(path)

    def _changed(self, _result: object) -> None:
        self._renew()
        self.changed.emit()

    def _refused(self, error: Exception) -> None:
        said = "This is a fault of Lorarium, not yours; nothing was changed."
        if isinstance(error, LorariumError):
            said = f"{error.message} {error.advice}".strip()
        self.message.set_message(said, "error")

    def _renew(self) -> None:
        watched = self._library.services.watched
        away = watched.last.away if watched.last is not None else ()
        self.folders.set_folders(
            [(path, "not there now" if path in away else "") for path in watched.folders()]
        )
        if not watched.folders():
            self.message.set_message("No folder is watched.")
