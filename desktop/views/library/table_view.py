"""The table of adapters: painting, keys, selection by id, columns that fit themselves."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableView,
    QToolTip,
    QWidget,
)

from desktop.models.columns import COLUMN, COLUMNS
from desktop.models.library_table import LibraryTableModel
from desktop.services.records import LibraryRow
from desktop.views.library.column_layout import ColumnLayout, dress_header
from desktop.views.library.row_delegate import RowDelegate
from desktop.views.theme import notifier, row_height
from desktop.views.widgets.table_header import TableHeader
from desktop.views.widgets.text import plain_tooltip, visible

HEIGHTS = {"compact": 24, "normal": 28, "roomy": 34}
_SEARCH_SECONDS = 1.0
_Flag = QItemSelectionModel.SelectionFlag


class AdaptersTable(QTableView):
    """Rows of `LibraryTableModel`.

    Signals:
        painted: the viewport was painted.
        activatedRow: Enter or a double click on a row.
        menuRequested(object): a context menu is wanted at this global place (a QPoint).
        selectedIdsChanged: other adapters are selected; said once for a refresh, not for each row.
    """

    painted = Signal()
    activatedRow = Signal()
    menuRequested = Signal(object)
    selectedIdsChanged = Signal()

    def __init__(self, model: LibraryTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("adaptersTable")
        self.setAccessibleName("Adapters")
        self._library = model
        self.hovered_row = -1
        self.ring_row = -1
        self.focused = False
        self.ratio = 1.0
        self.first_column = 0
        self.last_column = len(COLUMNS) - 1
        self._by_keyboard = False
        self._density = "normal"
        self._typed, self._typed_at = "", 0.0
        self._kept: list[str] = []
        self._kept_current = ""
        self._top: tuple[str, int] = ("", 0)
        self._restoring = False
        self._header = TableHeader(self)
        self.setHorizontalHeader(self._header)
        self.setModel(model)
        self._delegate = RowDelegate(self)
        self.setItemDelegate(self._delegate)
        dress_header(self._header)
        self.layout_ = ColumnLayout(self, self._header)
        self._header.customContextMenuRequested.connect(self._header_menu)
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
        self.setSortingEnabled(False)
        header = self._header
        header.setSortIndicatorShown(True)
        column, down = self._library.sorted_by()
        order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(column, order)
        header.sortIndicatorChanged.connect(self._library.sort)
        rows = self.verticalHeader()
        rows.hide()
        # Fixed: measuring rows one by one is what makes big tables slow.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.set_density(self._density)

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show this model; selection and scroll place are kept over its resets."""
        super().setModel(model)
        if model is self._library:
            model.modelAboutToBeReset.connect(self._before_reset)
            model.modelReset.connect(self._after_reset)
            self._library.filterFinished.connect(self._complete)
            self.selectionModel().selectionChanged.connect(self._selection_changed)

    # -- look ------------------------------------------------------------------------------

    def set_density(self, density: str) -> None:
        """How high rows are: compact, normal or roomy."""
        self._density = density if density in HEIGHTS else "normal"
        height = row_height(HEIGHTS[self._density], self.font())
        if self._density == "compact":
            height = min(height, row_height(24, self.font()))
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def _scheme_changed(self) -> None:
        self._delegate.dress()
        self._header.dress()
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "layout_"):
            self._header.dress()
            self._delegate.dress()
            self.set_density(self._density)
            self.layout_.measure()
            self.layout_.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout_.fit()

    def columns_changed(self) -> None:
        """First and last column may be others now: bar and ring stand there."""
        shown = [
            at
            for visual in range(self._header.count())
            if not self._header.isSectionHidden(at := self._header.logicalIndex(visual))
        ]
        if shown:
            self.first_column, self.last_column = shown[0], shown[-1]
        self.viewport().update()

    def icons_only(self, column: int) -> bool:
        """Whether a column shows its icon without the word."""
        return self.layout_.source_as_icon and column == COLUMN["source"]

    def columns_menu(self) -> QMenu:
        """The menu that shows and hides columns."""
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

    def paintEvent(self, event: QPaintEvent) -> None:
        self.focused = self.hasFocus()
        self.ratio = self.viewport().devicePixelRatioF()
        ring = self.focused and self._by_keyboard
        self.ring_row = self.currentIndex().row() if ring else -1
        super().paintEvent(event)
        self._library.painted()
        self.painted.emit()

    # -- rows and selection ----------------------------------------------------------------

    def row_at(self, row: int) -> LibraryRow | None:
        """What stands in a row."""
        return self._library.row_at(row)

    def selected_ids(self) -> list[str]:
        """The ids of the selected adapters, from top to bottom."""
        selection = self.selectionModel().selection()
        parts = [selection.at(at) for at in range(selection.count())]
        ranges = sorted((part.top(), part.bottom()) for part in parts)
        found: dict[str, None] = {}
        for top, bottom in ranges:
            found.update(dict.fromkeys(self._library.ids_between(top, bottom)))
        return list(found)

    def select_ids(self, ids: Iterable[str]) -> None:
        """Select those of these adapters that are shown, and show the first of them."""
        rows = self._library.rows_of(ids)
        self._kept = []
        self._select_rows(rows)
        if rows:
            first = self._library.index(rows[0], self.first_column)
            self.selectionModel().setCurrentIndex(first, _Flag.NoUpdate)
            self.scrollTo(first)

    def select_row(self, row: int) -> None:
        """Select the row of this number, if there is one."""
        if 0 <= row < self._library.rowCount():
            self.select_ids(self._library.ids_between(row, row))

    def _select_rows(self, rows: Sequence[int]) -> None:
        selection = QItemSelection()
        last = len(COLUMNS) - 1
        start = 0
        for at in range(1, len(rows) + 1):
            if at == len(rows) or rows[at] != rows[at - 1] + 1:
                top, bottom = rows[start], rows[at - 1]
                selection.select(self._library.index(top, 0), self._library.index(bottom, last))
                start = at
        self.selectionModel().select(selection, _Flag.ClearAndSelect)

    def selection_as_text(self) -> str:
        """The selected rows as tab-separated text with a line of titles; shown columns only."""
        shown = [
            at
            for visual in range(self._header.count())
            if not self._header.isSectionHidden(at := self._header.logicalIndex(visual))
        ]
        lines = ["\t".join(COLUMNS[at].title for at in shown)]
        for key in self.selected_ids():
            row = self._library.row_by_id(key)
            if row is not None:
                lines.append("\t".join(COLUMNS[at].text(row) for at in shown))
        return "\n".join(lines) + "\n"

    def _selection_changed(self, *_: Any) -> None:
        if not self._restoring:
            self._kept = []
            self.selectedIdsChanged.emit()

    # -- nothing jumps ---------------------------------------------------------------------

    def _before_reset(self) -> None:
        self._restoring = True
        if not self._kept:
            self._kept = self.selected_ids()
        self._before = list(self._kept)
        current = self._library.row_at(self.currentIndex().row())
        self._kept_current = current[0] if current else ""
        top = self.rowAt(0)
        row = self._library.row_at(top)
        self._top = (row[0], self.rowViewportPosition(top)) if row else ("", 0)

    def _after_reset(self) -> None:
        self._restore_selection()
        if self._library.cause == "filter":
            self.scrollToTop()
        else:
            key, offset = self._top
            row = self._library.row_of(key) if key else -1
            if row >= 0 and self._library.cause == "refresh":
                bar = self.verticalScrollBar()
                bar.setValue(row * self.verticalHeader().defaultSectionSize() - offset)
        self._restoring = False
        if self.selected_ids() != self._before:
            self.selectedIdsChanged.emit()

    def _restore_selection(self) -> None:
        rows = self._library.rows_of(self._kept)
        self._select_rows(rows)
        row = self._library.row_of(self._kept_current) if self._kept_current else -1
        if row < 0 and rows:
            row = rows[0]
        if row >= 0:
            index = self._library.index(row, self.first_column)
            self.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)

    def _complete(self, *_: object) -> None:
        # Rows that were selected may have come with a later slice.
        if not self._kept:
            return
        if len(self.selected_ids()) < len(self._kept):
            self._restoring = True
            self._restore_selection()
            self._restoring = False
        self._kept = []

    # -- keys and pointer ------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._by_keyboard = True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if self.selectionModel().hasSelection():
                self.activatedRow.emit()
            return
        super().keyPressEvent(event)
        self.viewport().update()

    def keyboardSearch(self, search: str) -> None:
        """Typing jumps to the next name that begins so."""
        now = time.monotonic()
        fresh = now - self._typed_at > _SEARCH_SECONDS
        self._typed = search if fresh else self._typed + search
        self._typed_at = now
        current = self.currentIndex().row()
        row = self._library.find_name(self._typed, current + 1 if fresh else max(current, 0))
        if row >= 0:
            self.select_row(row)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        if self.indexAt(event.position().toPoint()).isValid():
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
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._by_keyboard = event.reason() in reasons
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

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips: the exact figure, or the whole text where a part of it is shown."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        return super().viewportEvent(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        index = self.indexAt(event.pos())
        row = self._library.row_at(index.row())
        if row is None:
            QToolTip.hideText()
            return
        column = COLUMNS[index.column()]
        said = column.tooltip(row) if column.tooltip is not None else ""
        text = column.text(row)
        rect = self.visualRect(index)
        first = index.column() == self.first_column
        room = self._delegate.text_rect(rect, index.column(), column.icon is not None, first)
        width = self._delegate.width_of(text, index.column())
        if not said and (width > room.width() or self.icons_only(index.column())):
            said = text
        if said:
            QToolTip.showText(event.globalPos(), plain_tooltip(visible(said[:2000])), self, rect)
        else:
            QToolTip.hideText()
