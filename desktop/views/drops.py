"""Folders dropped anywhere on the window are offered for import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow


class FolderDrops:
    """Lights the drop zone up, and opens the import dialog on a drop."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        window.setAcceptDrops(True)

    def enter(self, event: QDragEnterEvent) -> None:
        """Take what is a local path; leave everything else alone."""
        if self._paths(event.mimeData()) and not self._window.library.refusal:
            event.acceptProposedAction()
            self._window.library_page.set_dropping(True)

    def leave(self) -> None:
        """The drag went elsewhere."""
        self._window.library_page.set_dropping(False)

    def drop(self, event: QDropEvent) -> None:
        """Offer what was dropped."""
        self.leave()
        paths = self._paths(event.mimeData())
        if paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._window.commands.import_folders(paths)

    def _paths(self, data: QMimeData) -> list[str]:
        from desktop.views.import_pages.local_folder.location import dropped_paths

        return dropped_paths(data)
