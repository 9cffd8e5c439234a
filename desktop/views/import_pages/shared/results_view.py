"""The list of adapters of a server: keys, pointer, and the end that is coming into view."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from desktop.models.result_lines import ResultLinesModel
from desktop.views.import_pages.shared.results_delegate import ResultDelegate
from desktop.views.theme import notifier

_Index = QModelIndex | QPersistentModelIndex
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOVES = (
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)
_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
    Qt.FocusReason.OtherFocusReason,
)
_AHEAD = 4
"""So many lines before the last one, more is wanted."""
_LEAST_LINES = 3


class ResultList(QListView):
    """One line is highlighted, or none.

    Signals:
        moved: another line is highlighted, or none any more.
        chosen: Enter or a double click on the highlighted line.
        leaving: Up was pressed on the first line.
        endSeen: the last lines are in view.
    """

    moved = Signal()
    chosen = Signal()
    leaving = Signal()
    endSeen = Signal()

    def __init__(self, model: ResultLinesModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = model
        self._kept = ""
        self.by_keyboard = False
        self.setObjectName(name)
        self.setProperty("framed", True)
        self.setModel(model)
        self._delegate = ResultDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Not from within a change of the model: who loads more changes it again.
        self._end_timer = QTimer(self)
        self._end_timer.setSingleShot(True)
        self._end_timer.timeout.connect(self._look_now)
        self._measure()
        notifier().changed.connect(self._repaint)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        model.rowsInserted.connect(self.look_at_end)
        self.verticalScrollBar().valueChanged.connect(self.look_at_end)
        self.verticalScrollBar().rangeChanged.connect(self.look_at_end)

    def _measure(self) -> None:
        self._delegate.dress()
        height = self._delegate.sizeHint(None, None).height()  # type: ignore[arg-type]
        self.verticalScrollBar().setSingleStep(height // 2)
        self.setMinimumHeight(_LEAST_LINES * height + 4)

    def _repaint(self) -> None:
        self.viewport().update()

    # -- what is highlighted -------------------------------------------------------------------

    def current(self) -> Any:
        """The record of the highlighted line, None where there is none."""
        index = self.currentIndex()
        return self._lines.item_at(index.row()) if index.isValid() else None

    def enter(self) -> None:
        """Go on by keyboard here; where nothing is highlighted, the first line will be."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.current() is None and self._lines.count:
            self.setCurrentIndex(self._lines.index(0))

    def _remember(self) -> None:
        item = self.current()
        self._kept = "" if item is None else self._lines.key_of(item)

    def _restore(self) -> None:
        kept, self._kept = self._kept, ""
        row = self._lines.row_of(kept) if kept else -1
        if row >= 0:
            self.setCurrentIndex(self._lines.index(row))
        else:
            self.scrollToTop()
        self.moved.emit()
        self.look_at_end()

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        self.moved.emit()

    # -- the end -------------------------------------------------------------------------------

    @property
    def is_settled(self) -> bool:
        """Whether it was looked whether the last lines are in view."""
        return not self._end_timer.isActive()

    def look_at_end(self) -> None:
        """Say so, in a moment, if the last lines are in view."""
        if self.isVisible():
            self._end_timer.start(0)

    def _look_now(self) -> None:
        count = self._lines.count
        if not self.isVisible() or not count:
            return
        last = self._lines.index(max(0, count - 1 - _AHEAD))
        if self.visualRect(last).top() < self.viewport().height():
            self.endSeen.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.look_at_end()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_at_end()

    # -- keys and pointer ----------------------------------------------------------------------

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        # Qt would stop at, or jump over, the line at the end that is no adapter.
        move = QAbstractItemView.CursorAction
        count, row = self._lines.count, self.currentIndex().row()
        page = max(1, self.viewport().height() // max(1, self.sizeHintForRow(0)) - 1)
        steps = {
            move.MoveUp: -1,
            move.MovePrevious: -1,
            move.MoveDown: 1,
            move.MoveNext: 1,
            move.MovePageUp: -page,
            move.MovePageDown: page,
            move.MoveHome: -count,
            move.MoveEnd: count,
        }
        if not count or action not in steps:
            return self.currentIndex()
        if row < 0:
            return self._lines.index(count - 1 if action == move.MoveEnd else 0)
        return self._lines.index(min(max(row + steps[action], 0), count - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._note_keyboard(True)
        if event.key() in _ENTER:
            if self.current() is not None:
                self.chosen.emit()
            return
        if event.key() == Qt.Key.Key_Up and self.currentIndex().row() <= 0:
            self.leaving.emit()
            return
        super().keyPressEvent(event)
        if event.key() in _MOVES and self.currentIndex().isValid():
            # Also where it is the same line: the bar may have scrolled it out of sight.
            self.scrollTo(self.currentIndex())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._note_keyboard(False)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self._lines.item_at(index.row()) is not None:
            self.chosen.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._note_keyboard(event.reason() != Qt.FocusReason.MouseFocusReason)
        super().focusInEvent(event)
        index = self.currentIndex()
        if index.isValid() and not self.selectionModel().isSelected(index):
            # Qt makes the first line current, but does not select it.
            self.setCurrentIndex(index)
        if index.isValid() and event.reason() in _BY_KEYBOARD:
            self.scrollTo(index)

    def _note_keyboard(self, by_keyboard: bool) -> None:
        if by_keyboard != self.by_keyboard:
            self.by_keyboard = by_keyboard
            self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_delegate"):
            self._measure()
            self.scheduleDelayedItemsLayout()
