"""The folder field: typed, browsed for, or dropped; keeps a path's bytes beside its text."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from desktop.views.import_pages.local_folder.paths import expanded, path_of_url, shown_path
from desktop.views.theme import bind


def dropped_paths(mime: QMimeData) -> list[str]:
    """The local paths of a drop, byte for byte; other URLs are passed over."""
    if not mime.hasUrls():
        return []
    encoded = QUrl.ComponentFormattingOption.FullyEncoded
    paths = (path_of_url(bytes(url.toEncoded(encoded).data())) for url in mime.urls())
    return [path for path in paths if path]


class LocationField(QWidget):
    """A line for a path and a button that browses.

    Signals:
        edited: the text was changed by typing.
        picked: a whole path was given at once (browsed for, dropped, set by the program).
    """

    edited = Signal()
    picked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths: tuple[str, ...] = ()
        self._chooser: QFileDialog | None = None
        self.edit = QLineEdit()
        self.edit.setObjectName("locationEdit")
        self.edit.setAccessibleName("Folder")
        self.edit.setPlaceholderText("Type a path, browse, or drop a folder here")
        self.edit.textChanged.connect(self._typed)
        # A drop on the field is a drop on the dialog: it replaces the path, byte for byte.
        self.edit.setAcceptDrops(False)
        self.button = QPushButton("Brow&se…")
        self.button.setObjectName("browseButton")
        self.button.setAccessibleName("Browse for a folder")
        self.button.setAutoDefault(False)
        bind(self.button, "folder")
        self.button.clicked.connect(self.browse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.edit)

    def paths(self) -> tuple[str, ...]:
        """The chosen folders, byte for byte, a leading `~/` expanded; empty if none is given."""
        return self._paths

    def set_paths(self, paths: Sequence[str]) -> None:
        """Take these folders, and say so by `picked`."""
        self._paths = tuple(dict.fromkeys(paths))
        first = shown_path(self._paths[0]) if self._paths else ""
        more = len(self._paths) - 1
        if more > 0:
            first += f" and {more:,} more folder{'s' if more > 1 else ''}"
        with QSignalBlocker(self.edit):
            self.edit.setText(first)
        self.picked.emit()

    def _typed(self, text: str) -> None:
        # Taken byte for byte, blanks at its ends too; only a blank line is no path.
        self._paths = (expanded(text),) if text.strip() else ()
        self.edited.emit()

    # -- browsing --------------------------------------------------------------------------

    def browse(self, _checked: bool = False, start: str = "") -> None:
        """Open the system's folder chooser; nothing waits for it."""
        if self._chooser is None:
            self._chooser = QFileDialog(self, "Choose the folder of an adapter")
            self._chooser.setObjectName("folderChooser")
            self._chooser.setFileMode(QFileDialog.FileMode.Directory)
            self._chooser.setOption(QFileDialog.Option.ShowDirsOnly)
            self._chooser.setWindowModality(Qt.WindowModality.WindowModal)
            self._chooser.urlSelected.connect(self._chosen)
        if self._paths and os.path.isabs(self._paths[0]):
            # The chooser looks at the disk itself; the folder above shows the chosen one.
            self._chooser.setDirectory(shown_path(os.path.dirname(self._paths[0].rstrip(os.sep))))
        self._chooser.open()

    def _chosen(self, url: QUrl) -> None:
        encoded = QUrl.ComponentFormattingOption.FullyEncoded
        path = path_of_url(bytes(url.toEncoded(encoded).data()))
        if path:
            self.set_paths([path])
