"""A short list of folders that a person adds to and takes from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.views.theme import icon, metric, notifier, row_height
from desktop.views.widgets.text import plain_tooltip, visible

_PATH = Qt.ItemDataRole.UserRole.value


class _Folders(QListWidget):
    """Delete takes the current folder away."""

    deletePressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deletePressed.emit()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), 0)


class FolderBox(QWidget):
    """The list, with Add folder… and Remove at its right.

    Signals:
        added(str): a folder was chosen; the list stays as it is until `set_folders`.
        removed(str): Remove was pressed for this folder.
    """

    added = Signal(str)
    removed = Signal(str)

    def __init__(self, key: str, title: str, *, rows: int = 3, icon_name: str = "folder") -> None:
        """key: the names of the parts begin with it; title: what the list is, for a screen reader;
        rows: how many folders are seen at once."""
        super().__init__()
        self.setObjectName(f"{key}Box")
        self._icon = icon_name
        self._title = title
        self.list = _Folders()
        self.list.setObjectName(f"{key}List")
        self.list.setAccessibleName(title)
        self.list.setProperty("framed", True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setUniformItemSizes(True)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.list.setMinimumHeight(rows * row_height(26, self.font()) + 4)
        self.list.deletePressed.connect(self._remove)
        self.list.currentItemChanged.connect(self._renew)
        self.add_button = QPushButton("Add &folder…")
        self.add_button.setObjectName(f"{key}Add")
        self.add_button.setAccessibleName(f"{title}: add a folder")
        self.remove_button = QPushButton("Re&move")
        self.remove_button.setObjectName(f"{key}Remove")
        self.remove_button.setAccessibleName(f"{title}: remove the folder")
        for button in (self.add_button, self.remove_button):
            button.setAutoDefault(False)
        self.add_button.clicked.connect(self.choose)
        self.remove_button.clicked.connect(self._remove)
        buttons = QVBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.list, 1)
        row.addLayout(buttons)
        notifier().changed.connect(self._dress)
        self._renew()

    def set_folders(self, folders: Sequence[tuple[str, str]]) -> None:
        """Show these: (path, what is to be said of it). The current one stays, if it is there."""
        here = self.current()
        row = self.list.currentRow()
        self.list.clear()
        for path, remark in folders:
            shown = visible(path)
            item = QListWidgetItem(f"{shown}   {remark}" if remark else shown)
            item.setData(_PATH, path)
            item.setToolTip(plain_tooltip(shown))
            item.setSizeHint(QSize(0, row_height(26, self.font())))
            self.list.addItem(item)
        paths = self.folders()
        if paths:
            at = paths.index(here) if here in paths else min(max(row, 0), len(paths) - 1)
            self.list.setCurrentRow(at)
        self._dress()
        self._renew()

    def folders(self) -> list[str]:
        """The paths, from top to bottom."""
        return [str(self.list.item(at).data(_PATH)) for at in range(self.list.count())]

    def current(self) -> str:
        """The folder that is highlighted, "" where there is none."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(_PATH))

    def choose(self) -> None:
        """Ask for a folder."""
        dialog = QFileDialog(self.window(), self._title)
        dialog.setObjectName(f"{self.objectName()}Chooser")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.added)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _remove(self) -> None:
        if self.current():
            self.removed.emit(self.current())

    def _renew(self) -> None:
        self.remove_button.setEnabled(bool(self.current()))

    def _dress(self) -> None:
        glyph = icon(self._icon, "text2", metric(16, self.font()))
        for at in range(self.list.count()):
            self.list.item(at).setIcon(glyph)
