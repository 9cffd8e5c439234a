"""The left side of the scan page: which folders are looked through."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.services.peft_folder.reading import printable
from desktop.services.settings import Settings
from desktop.views.theme import FontRole, bind, icon, notifier
from desktop.views.widgets.text import PlainLabel, plain_tooltip, visible

FOLDERS, TICKED = "scan.folders", "scan.ticked"
FAVOURITES = "folders.favourites"
_MOST = 40


class _FolderList(QListWidget):
    """Folders with boxes. Delete takes one off the list, Space ticks it."""

    removed = Signal(int)
    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self.currentRow() >= 0:
            self.removed.emit(self.currentRow())
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        from desktop.views.import_pages.local_folder.location import dropped_paths

        paths = dropped_paths(event.mimeData())
        if paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.dropped.emit(paths)


class ScanSources(QWidget):
    """Favourite folders, those scanned last, and what is added; ticked ones are scanned.

    Signals:
        changed(): other folders are ticked.
    """

    changed = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scanSources")
        self.setAccessibleName("Folders to scan")
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._settings = settings
        self._paths: list[str] = []
        title = PlainLabel("Folders to scan", role=FontRole.CARD_TITLE)
        self.list = _FolderList()
        self.list.setObjectName("scanFolders")
        self.list.setAccessibleName("Folders to scan")
        self.list.itemChanged.connect(self._ticked)
        self.list.removed.connect(self.remove)
        self.list.dropped.connect(self.add)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._ask_menu)
        self.setFocusProxy(self.list)
        self.add_button = QPushButton("&Add a folder…")
        self.add_button.setObjectName("addScanFolder")
        self.add_button.setAccessibleName("Add a folder")
        self.add_button.setToolTip("Choose a folder; dropping it here does the same")
        bind(self.add_button, "plus")
        self.add_button.clicked.connect(self.ask)
        hint = PlainLabel(
            "Everything below a ticked folder is looked at. Nothing in it is changed.",
            role=FontRole.LABEL,
            tone="secondary",
            wrap=True,
        )
        head = QHBoxLayout()
        head.setContentsMargins(12, 12, 12, 8)
        head.addWidget(title, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(12, 8, 12, 12)
        foot.setSpacing(8)
        foot.addWidget(self.add_button)
        foot.addWidget(hint)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(head)
        box.addWidget(self.list, 1)
        box.addLayout(foot)
        notifier().changed.connect(self._icons)
        self.renew()

    # -- which folders ---------------------------------------------------------------------

    def renew(self) -> None:
        """Read favourites and the folders scanned last from the settings."""
        ticked = set(_texts(self._settings.get(TICKED, []))) | set(self.ticked())
        paths: list[object] = [*_texts(self._settings.get(FAVOURITES, [])), *self._paths]
        paths += _texts(self._settings.get(FOLDERS, []))
        paths.append(os.path.expanduser("~"))
        self._show(list(dict.fromkeys(_texts(paths)))[:_MOST], ticked)

    def ticked(self) -> list[str]:
        """The folders that are ticked, byte for byte, in their order."""
        return [
            path
            for at, path in enumerate(self._paths)
            if self.list.item(at).checkState() == Qt.CheckState.Checked
        ]

    def choose(self, paths: Sequence[str]) -> None:
        """Tick just these; those that are not in the list come on top."""
        wanted = [os.path.abspath(path) for path in paths]
        self._show(list(dict.fromkeys([*wanted, *self._paths]))[:_MOST], set(wanted))
        self.changed.emit()

    def add(self, paths: Sequence[str]) -> None:
        """Put folders on top of the list and tick them, beside those that are ticked."""
        wanted = [os.path.abspath(path) for path in paths]
        ticked = {*self.ticked(), *wanted}
        self._show(list(dict.fromkeys([*wanted, *self._paths]))[:_MOST], ticked)
        self.changed.emit()

    def remove(self, row: int) -> None:
        """Take a folder off the list; nothing happens to the folder."""
        if 0 <= row < len(self._paths):
            ticked = set(self.ticked())
            paths = [path for at, path in enumerate(self._paths) if at != row]
            self._settings.set(FOLDERS, [p for p in self._stored() if p != self._paths[row]])
            self._show(paths, ticked)
            self.list.setCurrentRow(min(row, len(paths) - 1))
            self.changed.emit()

    def remember(self) -> None:
        """A scan of the ticked ones begins: next time they stand on top, ticked."""
        ticked = self.ticked()
        self._settings.set(FOLDERS, list(dict.fromkeys([*ticked, *self._stored()]))[:_MOST])
        self._settings.set(TICKED, ticked)

    def _stored(self) -> list[str]:
        return _texts(self._settings.get(FOLDERS, []))

    def _show(self, paths: list[str], ticked: set[str]) -> None:
        blocked = self.list.blockSignals(True)
        self.list.clear()
        self._paths = paths
        for path in paths:
            item = QListWidgetItem(visible(printable(path, 4096)))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = path in ticked
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            item.setToolTip(plain_tooltip(visible(printable(path, 4096))))
            self.list.addItem(item)
        self.list.blockSignals(blocked)
        self._icons()

    def _icons(self) -> None:
        blocked = self.list.blockSignals(True)
        starred = set(_texts(self._settings.get(FAVOURITES, [])))
        for at, path in enumerate(self._paths):
            self.list.item(at).setIcon(icon("star" if path in starred else "folder", "text2"))
        self.list.blockSignals(blocked)

    def _ticked(self, _item: QListWidgetItem) -> None:
        self.changed.emit()

    # -- asking ----------------------------------------------------------------------------

    def ask(self) -> None:
        """Let the person choose a folder."""
        dialog = QFileDialog(self, "Choose a folder to scan")
        dialog.setObjectName("scanFolderDialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.filesSelected.connect(self.add)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_menu(self, place: QPoint) -> None:
        if self.list.currentRow() >= 0:
            menu = QMenu(self)
            menu.setObjectName("scanFolderMenu")
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            action = menu.addAction("&Take off this list", self._remove_current)
            action.setObjectName("removeScanFolder")
            menu.popup(self.list.viewport().mapToGlobal(place))

    def _remove_current(self) -> None:
        self.remove(self.list.currentRow())


def _texts(values: Iterable[object]) -> list[str]:
    return [value for value in values if isinstance(value, str) and os.path.isabs(value)]
