"""The table of a page of records: dense rows, columns that give way, a layout that is kept."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from desktop.models.record_table import RecordColumn, RecordTableModel
from desktop.services.settings import Settings
from desktop.views.records.delegate import GAP, ICON, RecordDelegate
from desktop.views.theme import row_height, tabular
from desktop.views.widgets.table_header import MARGIN, TableHeader

_NAME_AT_LEAST = 160
_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2)


class RecordTable(QTableView):
    """The rows of one kind of record.

    Signals:
        editRequested: Enter, F2 or a double click on the current row.
        removeRequested: Delete was pressed.
        filterRequested: “/” was pressed.
        menuRequested(object): a context menu is wanted at this global place.
    """

    editRequested = Signal()
    removeRequested = Signal()
    filterRequested = Signal()
    menuRequested = Signal(object)

    def __init__(
        self, model: RecordTableModel, settings: Settings, key: str, parent: QWidget | None = None
    ) -> None:
        """settings, key: where the layout is kept, and under which name."""
        super().__init__(parent)
        self._records = model
        self._settings = settings
        self._key = f"records.{key}"
        self._arranging = False
        self._automatic = True
        self.hovered_row = -1
        self.by_keyboard = False
        self._header = TableHeader(self)
        self.setHorizontalHeader(self._header)
        self.setModel(model)
        self.setItemDelegate(RecordDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        self._dress_headers()
        self._columns_menu = QMenu(self)
        self._columns_menu.setObjectName("recordColumnsMenu")
        self._measure()
        self._restore()

    def _dress_headers(self) -> None:
        self.verticalHeader().hide()
        # Fixed: measuring rows one by one is what makes tables slow.
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self._header
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._ask_columns)
        header.sectionResized.connect(self._changed_by_hand)
        header.sectionMoved.connect(self._changed_by_hand)
        header.sortIndicatorChanged.connect(self._sorted)

    # -- widths ----------------------------------------------------------------------------

    def _measure(self) -> None:
        self._header.dress()
        self.verticalHeader().setDefaultSectionSize(row_height(28, self.font()))
        self._wanted = [self._width_of(column) for column in self._records.columns]

    def _width_of(self, column: RecordColumn) -> int:
        if not column.sample:
            return _NAME_AT_LEAST
        text = QFontMetrics(tabular(self.font())).horizontalAdvance(column.sample)
        text += (ICON + GAP if column.icon else 0) + 2 * MARGIN
        return max(self._header.width_of(column.title), text + 2)

    def arrange(self) -> None:
        """Give the columns their widths while the arrangement is still the program's own."""
        if not self._automatic or self._arranging:
            return
        columns = self._records.columns
        room = self.viewport().width()
        shown = set(range(len(columns)))
        leaving = sorted((at for at in shown if columns[at].leaves), key=self._leaves)
        while leaving and sum(self._wanted[at] for at in shown) > room:
            shown.remove(leaving.pop(0))
        others = sum(self._wanted[at] for at in shown if columns[at].sample)
        self._arranging = True
        for at, column in enumerate(columns):
            self.setColumnHidden(at, at not in shown)
            wide = self._wanted[at] if column.sample else max(_NAME_AT_LEAST, room - others)
            self.setColumnWidth(at, wide)
        self._arranging = False

    def _leaves(self, at: int) -> int:
        return self._records.columns[at].leaves

    def arrange_automatically(self) -> None:
        """Forget what was moved, hidden and resized by hand."""
        header = self._header
        self._arranging = True
        for at in range(len(self._records.columns)):
            header.moveSection(header.visualIndex(at), at)
        self._arranging = False
        self._automatic = True
        self._settings.set(f"{self._key}.columns", None)
        self.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self.model():
            self._measure()
            self.arrange()

    # -- what is remembered ----------------------------------------------------------------

    def _restore(self) -> None:
        header = self._header
        keys = [column.key for column in self._records.columns]
        sort = self._settings.get(f"{self._key}.sort", [])
        if len(sort) == 2 and sort[0] in keys:
            at, order = keys.index(sort[0]), Qt.SortOrder(int(bool(sort[1])))
        else:
            at, order = 0, Qt.SortOrder.AscendingOrder
        self._arranging = True
        header.setSortIndicator(at, order)
        self.setSortingEnabled(True)
        state = self._settings.get(f"{self._key}.columns", "")
        if state and header.restoreState(QByteArray.fromBase64(QByteArray(state.encode()))):
            self._automatic = False
            header.setSortIndicator(at, order)
        self._arranging = False

    def _changed_by_hand(self, *_: int) -> None:
        if self._arranging:
            return
        self._automatic = False
        state = self._header.saveState().toBase64()
        self._settings.set(f"{self._key}.columns", bytes(state.data()).decode())

    def _sorted(self, section: int, order: Qt.SortOrder) -> None:
        if not self._arranging and 0 <= section < len(self._records.columns):
            down = order == Qt.SortOrder.DescendingOrder
            self._settings.set(f"{self._key}.sort", [self._records.columns[section].key, down])

    # -- which columns ---------------------------------------------------------------------

    def _ask_columns(self, place: QPoint) -> None:
        menu = self._columns_menu
        menu.clear()
        for at, column in enumerate(self._records.columns):
            action = menu.addAction(column.title)
            action.setObjectName(f"{column.key}ColumnAction")
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(at))
            action.setEnabled(bool(column.sample))
            action.setData(at)
        menu.addSeparator()
        arrange = menu.addAction("Arrange automatically")
        arrange.setObjectName("arrangeColumnsAction")
        arrange.triggered.connect(self.arrange_automatically)
        menu.triggered.connect(self._toggle, Qt.ConnectionType.UniqueConnection)
        menu.popup(self._header.mapToGlobal(place))

    def _toggle(self, action: QAction) -> None:
        at: Any = action.data()
        if isinstance(at, int):
            self.setColumnHidden(at, not action.isChecked())
            self._changed_by_hand()

    # -- keys and pointer ------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.by_keyboard = True
        if event.key() in _KEYS and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.editRequested.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.removeRequested.emit()
        elif event.text() == "/":
            self.filterRequested.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # These keys are the table's own while it has the focus, whatever the window does
            # with them.
            if event.key() in (*_KEYS, Qt.Key.Key_Delete) or event.text() == "/":
                event.accept()
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.by_keyboard = False
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        if self.indexAt(event.position().toPoint()).isValid():
            self.editRequested.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            self.hovered_row = row
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
