"""The table of what a scan found: boxes and folding, keys and pointer."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
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
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QWidget

from desktop.models.scan_columns import BASE, COLUMNS, FOLDER, NAME, RANK, SIZE, TYPE
from desktop.models.scan_table import ScanTableModel
from desktop.views.scan.painter import ScanPainter
from desktop.views.theme import metric, notifier, row_height
from desktop.views.widgets.table_header import MARGIN, TableHeader
from desktop.views.widgets.text import plain_tooltip, visible

_SEARCH_SECONDS = 1.0
_TYPE_FROM = 900
"""Below this width the type stands in the heads of the runs alone."""
_BASE_FROM = 700
"""Below this one the base model does, too."""
_LEAST_NAME = 120
_NAME_ROOM = 160
"""Figures go, the least important first, before the name for the library gets less than this."""
_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ScanTable(QTableView):
    """Lines of `ScanTableModel`. One line is the current one; boxes say what is chosen.

    Space ticks, Left and Right fold and open a run, letters jump by name, F2 or Enter edits the
    name for the library, Ctrl+A chooses all that is shown and Ctrl+Shift+A nothing.

    Signals:
        currentPathChanged(str): another line is the current one (what `path_at` says).
        menuRequested(object): a context menu is wanted at this global place.
        painted(): the viewport was painted.
    """

    currentPathChanged = Signal(str)
    menuRequested = Signal(object)
    painted = Signal()

    def __init__(self, model: ScanTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scanTable")
        self.setAccessibleName("What was found")
        self.results = model
        self.hovered_row = self.ring_row = -1
        self.focused = False
        self.ratio = 1.0
        self._by_keyboard = False
        self._typed, self._typed_at = "", 0.0
        self._path = ""
        self._top: tuple[str, int] = ("", 0)
        self._held = 0
        header = TableHeader(self)
        header.setObjectName("scanHeader")
        header.setAccessibleName("Columns")
        self.setHorizontalHeader(header)
        self.setModel(model)
        self._painter = ScanPainter(self)
        header.first_margin = self._painter.indent()
        self._dress()
        model.modelAboutToBeReset.connect(self._hold_place)
        model.modelReset.connect(self._find_place)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        notifier().changed.connect(self._renew)

    def _dress(self) -> None:
        view = QAbstractItemView
        self.setSelectionBehavior(view.SelectionBehavior.SelectRows)
        self.setSelectionMode(view.SelectionMode.SingleSelection)
        self.setEditTriggers(view.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(view.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(10)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(FOLDER, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self.results.sort)
        rows = self.verticalHeader()
        rows.hide()
        # Fixed: measuring rows one by one is what makes big tables slow.
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._measure()

    def _measure(self) -> None:
        height = row_height(28, self.font())
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def _renew(self) -> None:
        self._painter.dress()
        header = self.horizontalHeader()
        if isinstance(header, TableHeader):
            header.dress()
            header.first_margin = self._painter.indent()
        self._fit()
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_painter"):
            self._measure()
            self._renew()

    # -- columns ---------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def _fit(self) -> None:
        """Figures and states get what they need; folder and name share the rest."""
        header = self.horizontalHeader()
        width, indent = self.viewport().width(), self._painter.indent()
        widths = {at: self._need(at) for at, column in enumerate(COLUMNS) if not column.share}
        hidden = {
            at
            for at, least in ((TYPE, _TYPE_FROM), (BASE, _BASE_FROM))
            if width < metric(least, self.font())
        }
        left = width - sum(wide for at, wide in widths.items() if at not in hidden)
        needed = metric(_NAME_ROOM, self.font()) * 100 // COLUMNS[NAME].share
        for at in (TYPE, BASE, SIZE, RANK):
            if left - indent < needed and at not in hidden:
                hidden.add(at)
                left += widths[at]
        for at, wide in widths.items():
            header.setSectionHidden(at, at in hidden)
            if at not in hidden:
                self.setColumnWidth(at, wide)
        room = max(left - indent, 2 * _LEAST_NAME)
        folder = indent + room * COLUMNS[FOLDER].share // 100
        self.setColumnWidth(FOLDER, folder)
        self.setColumnWidth(NAME, max(left - folder, _LEAST_NAME))

    def _need(self, at: int) -> int:
        """The width of a column of figures or states."""
        header, column = self.horizontalHeader(), COLUMNS[at]
        wide = self._painter.width_of(column)
        if isinstance(header, TableHeader):
            wide = max(wide, header.width_of(column.title) - (MARGIN if column.right else 0))
        return wide

    # -- the place stays where it is -------------------------------------------------------

    def _hold_place(self) -> None:
        self._held += 1
        bar = self.verticalScrollBar()
        line = self.rowAt(0)
        # At the top one sees what comes first, whatever that is; elsewhere the same as before.
        at_top = bar.value() == 0 or line < 0
        self._top = (
            ("", 0) if at_top else (self.results.path_at(line), self.rowViewportPosition(line))
        )

    def _find_place(self) -> None:
        self._held -= 1
        line = self.results.line_of(self._path)
        if line >= 0:
            blocked = self.selectionModel().blockSignals(True)
            self.setCurrentIndex(self.results.index(line, FOLDER))
            self.selectionModel().blockSignals(blocked)
        bar = self.verticalScrollBar()
        path, offset = self._top
        line = self.results.line_of(path)
        if line >= 0:
            self.updateGeometries()
            bar.setValue(line * self.verticalHeader().defaultSectionSize() - offset)
        elif not path:
            bar.setValue(0)

    def _current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if self._held:
            return
        self._path = self.results.path_at(current.row())
        self.viewport().update()
        self.currentPathChanged.emit(self._path)

    def current_path(self) -> str:
        """What `path_at` says of the current line, also while a filter hides it."""
        return self._path

    def select_path(self, path: str) -> None:
        """Make a line the current one, if it is shown."""
        line = self.results.line_of(path)
        if line >= 0:
            self.setCurrentIndex(self.results.index(line, FOLDER))

    def forget_place(self) -> None:
        """There is something new in it altogether: no line is the current one."""
        self._path, self._top = "", ("", 0)

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        self.focused = self.hasFocus()
        self.ratio = self.viewport().devicePixelRatioF()
        ring = self.focused and self._by_keyboard
        self.ring_row = self.currentIndex().row() if ring else -1
        painter = QPainter(self.viewport())
        self._painter.paint(painter, event.rect())
        painter.end()
        self.results.painted()
        self.painted.emit()

    # -- keys ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._own_key(event):
                event.accept()
                return True
        return super().event(event)

    def _own_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_A:
            return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return event.key() in (Qt.Key.Key_F2, *_ENTER) and not event.modifiers()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_editing():  # what the field for a name leaves over
            super().keyPressEvent(event)
            return
        self._by_keyboard = True
        key, line = event.key(), self.currentIndex().row()
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        mirrored = self.isRightToLeft()
        opens, closes = Qt.Key.Key_Right, Qt.Key.Key_Left
        if mirrored:
            opens, closes = closes, opens
        if key == Qt.Key.Key_A and control:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.results.choose_none()
            else:
                self.results.choose_shown()
        elif (
            key == Qt.Key.Key_Space
            and line >= 0
            and time.monotonic() - self._typed_at > _SEARCH_SECONDS
        ):
            self.results.toggle(line)
        elif key == opens and line >= 0:
            self.results.fold(line, False)
        elif key == closes and line >= 0:
            self._close(line)
        elif key == Qt.Key.Key_F2 or (key in _ENTER and not event.modifiers()):
            self.edit_name()
        else:
            super().keyPressEvent(event)
        self.viewport().update()

    def _close(self, line: int) -> None:
        head = self.results.head_line(line)
        if head == line:
            self.results.fold(line, True)
        else:
            self.setCurrentIndex(self.results.index(head, FOLDER))

    def is_editing(self) -> bool:
        """Whether a name is being typed: a reset of the model would end that."""
        return self.state() == QAbstractItemView.State.EditingState

    def edit_name(self) -> None:
        """Edit the name that the current folder gets in the library; at a head, fold or open."""
        line = self.currentIndex().row()
        head = self.results.head_at(line)
        if head is not None:
            self.results.fold(line, not head.folded)
            return
        index = self.results.index(line, NAME)
        if self.results.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)

    def keyboardSearch(self, search: str) -> None:
        """Typing jumps to the next folder that begins so."""
        now = time.monotonic()
        fresh = now - self._typed_at > _SEARCH_SECONDS
        self._typed = search if fresh else self._typed + search
        self._typed_at = now
        line = self.results.find_name(self._typed, max(0, self.currentIndex().row() + fresh))
        if line >= 0:
            self.setCurrentIndex(self.results.index(line, FOLDER))

    # -- pointer and focus -----------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        line = self.rowAt(event.position().toPoint().y())
        if event.button() == Qt.MouseButton.LeftButton and line >= 0:
            x = event.position().toPoint().x()
            if self.isRightToLeft():
                x = self.viewport().width() - x
            if self._painter.box_left() - 6 <= x < self._painter.indent() - 2:
                super().mousePressEvent(event)
                self.results.toggle(line)
                return
            head = self.results.head_at(line)
            if head is not None and x < self._painter.box_left() - 6:
                self.setCurrentIndex(self.results.index(line, FOLDER))
                self.results.fold(line, not head.folded)
                return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        line, x = self.rowAt(place.y()), place.x()
        if self.isRightToLeft():
            x = self.viewport().width() - x
        if x < self._painter.indent() - 2:
            self.mousePressEvent(event)  # two quick clicks on a box are two clicks
        elif line >= 0 and (
            self.results.head_at(line) is not None or self.columnAt(place.x()) == NAME
        ):
            self.edit_name()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, line: int) -> None:
        if line != self.hovered_row:
            self.hovered_row = line
            self.viewport().update()

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
        elif self.rowAt(event.pos().y()) >= 0:
            self.menuRequested.emit(event.globalPos())

    # -- tooltips --------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips: the whole path, the exact figure, or the whole text where it is cut."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            said = self.tip(self.indexAt(event.pos()))
            if said:
                shown = plain_tooltip(visible(said, lines=True))
                QToolTip.showText(event.globalPos(), shown, self)
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def tip(self, index: QModelIndex) -> str:
        """What a cell leaves out, "" where it says everything."""
        row = self.results.row_at(index.row())
        if row is None or not 0 <= index.column() < len(COLUMNS):
            return ""
        column = COLUMNS[index.column()]
        more = column.tip(row) if column.tip is not None else ""
        text = column.text(row)
        if not self._painter.is_cut(index.column(), row) or text in more:
            return more
        return f"{text}\n{more}" if more else text
