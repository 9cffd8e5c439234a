"""The table of adapters: what it looks like, and what keys and pointer do in it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QToolTip, QWidget

from desktop.models.columns import COLUMN, COLUMNS
from desktop.models.first_look import FIRST_SORT
from desktop.models.library_table import LibraryTableModel
from desktop.services.library_row import LibraryRow
from desktop.views.library.column_layout import ColumnLayout
from desktop.views.library.header import LibraryHeader
from desktop.views.library.place_keeper import PlaceKeeper
from desktop.views.library.row_painter import RowPainter
from desktop.views.theme import notifier, row_height
from desktop.views.widgets.own_viewport import give_viewport
from desktop.views.widgets.text import plain_tooltip, visible

HEIGHTS = {"compact": 24, "normal": 28, "roomy": 34}
_SEARCH_SECONDS = 1.0
_Cursor = QAbstractItemView.CursorAction
_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_SIDEWAYS = (
    _Cursor.MoveLeft,
    _Cursor.MoveRight,
    _Cursor.MoveHome,
    _Cursor.MoveEnd,
)


class AdaptersTable(QTableView):
    """Rows of `LibraryTableModel`. The newest come first until a person sorts otherwise.

    Signals:
        painted(): the viewport was painted.
        activatedRow(): Enter or a double click on a row.
        menuRequested(object): a context menu is wanted at this global place (a QPoint).
        selectedIdsChanged(): other adapters are selected; once for a refresh, not for each row.
    """

    painted = Signal()
    activatedRow = Signal()
    menuRequested = Signal(object)
    selectedIdsChanged = Signal()

    def __init__(self, model: LibraryTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        give_viewport(self)
        self.setObjectName("adaptersTable")
        self.setAccessibleName("Adapters")
        self._library = model
        self.hovered_row = -1
        self.ring_row = -1
        self.focused = False
        self.ratio = 1.0
        self.first_column = 0
        self._by_keyboard = False
        self._density = "normal"
        self._typed, self._typed_at = "", 0.0
        self._header = LibraryHeader(self)
        self.setHorizontalHeader(self._header)
        super().setModel(model)
        self._painter = RowPainter(self)
        self.layout_ = ColumnLayout(self, self._header)
        self._keeper = PlaceKeeper(self, model)
        self._keeper.selectedIdsChanged.connect(self.selectedIdsChanged)
        self._dress()
        notifier().changed.connect(self._scheme_changed)

    def _dress(self) -> None:
        view = QAbstractItemView
        self.setSelectionBehavior(view.SelectionBehavior.SelectRows)
        self.setSelectionMode(view.SelectionMode.ExtendedSelection)
        self.setEditTriggers(view.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(view.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(view.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        # Not setSortingEnabled(True): that would sort once more, by what the header says by chance.
        self._header.setSortIndicatorShown(True)
        self._header.sortIndicatorChanged.connect(self._library.sort)
        self._header.customContextMenuRequested.connect(self._header_menu)
        rows = self.verticalHeader()
        rows.hide()
        # Fixed: measuring rows one by one is what makes big tables slow.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.set_density(self._density)
        key, descending = FIRST_SORT
        way = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.sortByColumn(COLUMN[key], way)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """The model is given when the table is made, and stays; another one is not taken."""

    # -- look ------------------------------------------------------------------------------

    def set_density(self, density: str) -> None:
        """How high rows are: compact, normal or roomy."""
        self._density = density if density in HEIGHTS else "normal"
        height = row_height(HEIGHTS[self._density], self.font())
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def _scheme_changed(self) -> None:
        self._painter.dress()
        self._header.dress()
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "layout_"):
            self._header.dress()
            self._painter.dress()
            self.set_density(self._density)
            self.layout_.measure()
            self.layout_.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        # First the columns: what is laid out before they fit shows a scroll bar for a moment.
        self.layout_.fit()
        super().resizeEvent(event)

    def columns_changed(self) -> None:
        """Another column may be the first one now: there stand the bar and the wider margin."""
        shown = self.shown_columns()
        if shown:
            self.first_column = shown[0]
        self.updateGeometries()
        self.viewport().update()

    def shown_columns(self) -> list[int]:
        """The numbers of the columns that are shown, from left to right."""
        header = self._header
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [at for at in order if not header.isSectionHidden(at)]

    def sizeHintForColumn(self, column: int) -> int:
        """What a double click on a column's edge makes of it: room for every text in sight."""
        rows = range(max(0, self.rowAt(0)), self._library.rowCount())
        height = self.verticalHeader().defaultSectionSize()
        seen = rows[: self.viewport().height() // max(1, height) + 2]
        found = [row for at in seen if (row := self._library.row_at(at)) is not None]
        return max((self._painter.cell_width(column, row) for row in found), default=0)

    def columns_menu(self) -> QMenu:
        """The menu that shows and hides columns, and sorts."""
        return self.layout_.menu

    def _header_menu(self, where: QPoint) -> None:
        self.layout_.menu.popup(self._header.mapToGlobal(where))

    def save_layout(self) -> str:
        """Columns and sort order as text, for `restore_layout`."""
        return self.layout_.save()

    def restore_layout(self, text: str) -> None:
        """Take columns and sort order of an earlier start."""
        self.layout_.restore(text)

    def sortByColumn(self, column: int, order: Qt.SortOrder) -> None:
        """Sort, and show by what."""
        self._header.setSortIndicator(column, order)
        self._library.sort(column, order)

    def sorted_by(self) -> tuple[int, bool]:
        """(number of the column that sorts, whether it does so downwards)."""
        return self._library.sorted_by()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.focused = self.hasFocus()
        self.ratio = self.viewport().devicePixelRatioF()
        ring = self.focused and self._by_keyboard
        self.ring_row = self.currentIndex().row() if ring else -1
        painter = QPainter(self.viewport())
        self._painter.paint(painter, event.rect())
        painter.end()
        self._library.painted()
        self.painted.emit()

    # -- rows and selection ----------------------------------------------------------------

    def row_at(self, row: int) -> LibraryRow | None:
        """What stands in a row."""
        return self._library.row_at(row)

    def selected_ids(self) -> list[str]:
        """The ids of the selected adapters, from top to bottom."""
        return self._keeper.selected_ids()

    def selected_count(self) -> int:
        """How many adapters are selected, without asking which."""
        selection = self.selectionModel().selection()
        return sum(selection.at(at).height() for at in range(selection.count()))

    def select_ids(self, ids: Iterable[str]) -> None:
        """Select those of these adapters that are shown, and show the first of them."""
        self._keeper.select(ids)

    def select_row(self, row: int) -> None:
        """Select the row of this number, if there is one."""
        if 0 <= row < self._library.rowCount():
            self.select_ids(self._library.ids_between(row, row))

    def selection_as_text(self) -> str:
        """The selected rows as tab-separated text with a line of titles; shown columns only."""
        shown = self.shown_columns()
        lines = ["\t".join(COLUMNS[at].title for at in shown)]
        for key in self.selected_ids():
            row = self._library.row_by_id(key)
            if row is not None:
                lines.append("\t".join(COLUMNS[at].text(row) for at in shown))
        return "\n".join(lines) + "\n"

    # -- keys ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._by_keyboard = True
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modifiers:
            if self.selectionModel().hasSelection():
                self.activatedRow.emit()
            return
        super().keyPressEvent(event)
        self.viewport().update()

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Rows are what one moves between: Home and End go to the first and the last of them, Left
        and Right scroll."""
        if action not in _SIDEWAYS:
            return super().moveCursor(action, modifiers)
        current = self.currentIndex()
        if action in (_Cursor.MoveHome, _Cursor.MoveEnd):
            row = 0 if action == _Cursor.MoveHome else self._library.rowCount() - 1
            return self._library.index(row, self.first_column)
        bar = self.horizontalScrollBar()
        step = bar.singleStep() if action == _Cursor.MoveRight else -bar.singleStep()
        bar.setValue(bar.value() + (-step if self.isRightToLeft() else step))
        return current

    def keyboardSearch(self, search: str) -> None:
        """Typing jumps to the next name that begins so."""
        now = time.monotonic()
        fresh = now - self._typed_at > _SEARCH_SECONDS
        # One letter again and again goes through the names that begin with it.
        again = not fresh and set(self._typed.casefold()) == {search.casefold()}
        self._typed = search if fresh or again else self._typed + search
        self._typed_at = now
        current = self.currentIndex().row()
        after = current + 1 if fresh or again else max(current, 0)
        row = self._library.find_name(self._typed, after)
        if row >= 0:
            self.select_row(row)

    # -- pointer and focus -----------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_left and self.indexAt(event.position().toPoint()).isValid():
            self.activatedRow.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            before, self.hovered_row = self.hovered_row, row
            for at in (before, row):
                if at >= 0:
                    height = self.rowHeight(at)
                    width = self.viewport().width()
                    self.viewport().update(0, self.rowViewportPosition(at), width, height)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in _KEYBOARD
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.visualRect(self.currentIndex()).bottomLeft()
            self.menuRequested.emit(self.viewport().mapToGlobal(place))
        elif self.indexAt(event.pos()).isValid():
            self.menuRequested.emit(event.globalPos())

    # -- tooltips --------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips: the exact figure, or the whole text where a part of it is shown."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        return super().viewportEvent(event)

    def tip(self, index: QModelIndex) -> str:
        """What a cell leaves out, "" where it says everything."""
        row = self._library.row_at(index.row())
        if row is None or not 0 <= index.column() < len(COLUMNS):
            return ""
        column = COLUMNS[index.column()]
        more = column.tooltip(row) if column.tooltip is not None else ""
        text = column.text(row)
        # A whole name says what the short one does.
        if not self._painter.is_cut(index.column(), row) or text in more:
            return more
        return f"{text}\n{more}" if more else text

    def _show_tip(self, event: QHelpEvent) -> None:
        index = self.indexAt(event.pos())
        said = self.tip(index)
        if said:
            shown = plain_tooltip(visible(said, lines=True))
            QToolTip.showText(event.globalPos(), shown, self, self.visualRect(index))
        else:
            QToolTip.hideText()
