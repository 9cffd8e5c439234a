"""The tree of folders: keys, pointer, and what stays open."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
)
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QTreeView, QWidget

from desktop.models.folder_tree import FolderTreeModel
from desktop.views.folders.delegate import FolderDelegate
from desktop.views.theme import metric, notifier

_INDENTATION = 20
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OWN_KEYS = (*_ENTER, Qt.Key.Key_F5, Qt.Key.Key_Asterisk, Qt.Key.Key_Backspace)
_MOST_OPEN = 200
_CONTROL = Qt.KeyboardModifier.ControlModifier

_Index = QModelIndex | QPersistentModelIndex


class FolderTree(QTreeView):
    """Right opens, Left closes, letters jump by name, Enter and F5 are told to the page.

    Signals:
        chosen: Enter was pressed on the selection.
        readAgain: F5 was pressed.
        pathWanted: Ctrl+L was pressed, to type where to go.
        menuRequested(object): a context menu is wanted at this global place.
        selectionMoved: other folders are selected.
        openChanged: another folder was opened or closed.
    """

    chosen = Signal()
    readAgain = Signal()
    pathWanted = Signal()
    menuRequested = Signal(object)
    selectionMoved = Signal()
    openChanged = Signal()

    def __init__(self, model: FolderTreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("foldersTree")
        self.setAccessibleName("Folders")
        self._folders = model
        self._open: dict[tuple[str, ...], None] = {}
        self._wish: set[tuple[str, ...]] = set()
        self._wished_current: tuple[str, ...] = ()
        self.hovered: QPersistentModelIndex | QModelIndex = QModelIndex()
        self.by_keyboard = False
        self.setModel(model)
        self._delegate = FolderDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAllColumnsShowFocus(True)
        self.setMouseTracking(True)
        self._measure()
        notifier().changed.connect(self._repaint)
        model.rowsInserted.connect(self._rows_came)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.expanded.connect(self._opened)
        self.collapsed.connect(self._closed)

    def _measure(self) -> None:
        self._delegate.renew()
        self.setIndentation(metric(_INDENTATION, self.font()))

    def _repaint(self) -> None:
        self.viewport().update()

    # -- what is selected and open ---------------------------------------------------------

    def selected(self) -> list[QModelIndex]:
        """The selected folders, from top to bottom."""
        rows = self.selectionModel().selectedRows()
        return sorted(rows, key=self._place)

    def _place(self, index: QModelIndex) -> int:
        return self.visualRect(index).top()

    def open_ways(self) -> list[list[str]]:
        """The open folders as (place, path), at most the last 200: what `open_again` takes."""
        return [list(way) for way in list(self._open)[-_MOST_OPEN:]]

    def open_again(self, ways: Any, current: Any) -> None:
        """Open these folders and select one, as they come; what is gone is passed over."""
        self._wish = {tuple(way) for way in _ways(ways)[:_MOST_OPEN]}
        self._wished_current = next((tuple(way) for way in _ways([current])), ())
        self._rows_came(QModelIndex(), 0, self._folders.rowCount() - 1)

    def forget_wishes(self) -> None:
        """The person went somewhere: what was open the last time is not selected any more."""
        self._wished_current = ()

    def select(self, index: _Index) -> None:
        """Make this the one selected folder, open everything above it, and show it."""
        self.forget_wishes()
        self.setCurrentIndex(index)
        self.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def _rows_came(self, around: _Index, first: int, last: int) -> None:
        if not self._wish and not self._wished_current:
            return
        for row in range(first, last + 1):
            index = self._folders.index(row, 0, around)
            way = self._folders.way_of(index)
            if way and way == self._wished_current:
                self.select(index)
            if way in self._wish:
                self._wish.discard(way)
                self.expand(index)

    def _selection_changed(self, *_: object) -> None:
        self.selectionMoved.emit()

    def _opened(self, index: QModelIndex) -> None:
        if way := self._folders.way_of(index):
            self._open[way] = None
            self.openChanged.emit()

    def _closed(self, index: QModelIndex) -> None:
        self._open.pop(self._folders.way_of(index), None)
        self.openChanged.emit()

    # -- painting --------------------------------------------------------------------------

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        # All of it here: a view asks whether a row opens only when it lays its rows out, and what
        # is known of a folder changes more often than that.
        item = self.visualRect(index)
        self._delegate.paint_row(painter, option.rect, item, index)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            if hasattr(self, "_delegate"):  # the base class calls this while it is made
                self._measure()
                self.doItemsLayout()

    # -- keys and pointer ------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # These are the tree's own while it has the focus, whatever the window does with them.
            if event.key() == Qt.Key.Key_L and event.modifiers() == _CONTROL:
                event.accept()
                return True
            if event.key() in _OWN_KEYS and event.modifiers() in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.KeypadModifier,
            ):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.by_keyboard = True
        self.forget_wishes()
        key = event.key()
        if key in _ENTER and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.chosen.emit()
        elif key == Qt.Key.Key_F5:
            self.readAgain.emit()
        elif key == Qt.Key.Key_Asterisk:
            # Qt would open everything below, and so read the whole disk.
            self.expand(self.currentIndex())
        elif key == Qt.Key.Key_L and event.modifiers() == _CONTROL:
            self.pathWanted.emit()
        elif key == Qt.Key.Key_Backspace or (
            key == Qt.Key.Key_Up and event.modifiers() & Qt.KeyboardModifier.AltModifier
        ):
            self._go_up()
        else:
            super().keyPressEvent(event)

    def _go_up(self) -> None:
        """To the folder around this one, as a file manager does."""
        above = self.currentIndex().parent()
        if above.isValid():
            self.select(above)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.by_keyboard = False
        self.forget_wishes()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(QModelIndex())

    def _hover(self, index: QModelIndex) -> None:
        if index != self.hovered:
            self.hovered = QPersistentModelIndex(index)
            self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.by_keyboard = event.reason() in reasons
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.visualRect(self.currentIndex()).bottomLeft()
            self.menuRequested.emit(self.viewport().mapToGlobal(place))
        else:
            self.menuRequested.emit(event.globalPos())


def _ways(value: Any) -> list[list[str]]:
    """What may come from a settings file, as (place, path) pairs."""
    if not isinstance(value, list):
        return []
    return [
        way
        for way in value
        if isinstance(way, list) and len(way) == 2 and all(isinstance(p, str) for p in way)
    ]
