"""The current line of a scan's results: its details, its context menu, and what that does."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from desktop.models.scan_rows import At, is_able
from desktop.models.scan_session import ScanSession
from desktop.services.peft_folder.reading import printable
from desktop.services.records import Row
from desktop.services.scan.records import FoundState
from desktop.views.scan.details import ScanDetails
from desktop.views.scan.table import ScanTable


class CurrentLine(QObject):
    """Signals: showRequested, checkRequested, importRequested, openFolder as of `ScanPage`;
    chose(): the person ticked or cleared a box from the menu."""

    showRequested = Signal(object)
    checkRequested = Signal(object)
    importRequested = Signal(object)
    openFolder = Signal(object)
    chose = Signal()

    def __init__(
        self, session: ScanSession, table: ScanTable, details: ScanDetails, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._table, self._details = session, table, details
        details.showRequested.connect(self._show_one)
        details.checkRequested.connect(self._check_one)
        details.openRequested.connect(self.openFolder)
        details.importRequested.connect(self.importRequested)

    def show(self, path: str) -> None:
        """Show the details of the line that `path_at` calls so."""
        table = self._session.table
        row = table.row_of(path)
        head = None if row is not None else table.head_at(table.line_of(path))
        if row is not None:
            self._details.show_row(row)
        elif head is not None:
            self._details.show_head(head)
        else:
            self._details.show_nothing()

    def _show_one(self, adapter_id: str) -> None:
        self.showRequested.emit([adapter_id])

    def _check_one(self, adapter_id: str) -> None:
        self._session.expect_check(adapter_id)
        self.checkRequested.emit([adapter_id])

    def ask_menu(self, place: QPoint) -> None:
        """Show the context menu at this global place."""
        self.make_menu().popup(place)

    def make_menu(self) -> QMenu:
        """The context menu for the current line; it goes when it is closed."""
        table = self._session.table
        line = self._table.currentIndex().row()
        row, head = table.row_at(line), table.head_at(line)
        menu = QMenu(self._table)
        menu.setObjectName("scanMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if head is not None:
            word = "&Open" if head.folded else "&Fold"
            menu.addAction(word, self._table.edit_name).setObjectName("scanMenuFold")
        if head is not None or (row is not None and is_able(row)):
            menu.addAction("&Choose or not\tSpace", self._toggle).setObjectName("scanMenuToggle")
        if row is not None and is_able(row):
            menu.addAction("Re&name…\tF2", self._table.edit_name).setObjectName("scanMenuRename")
        if row is not None:
            if row[At.FOUND].adapter_id is not None:
                menu.addAction("&Show in library", self._menu_show).setObjectName("scanMenuShow")
            menu.addSeparator()
            if row[At.KIND] != FoundState.GONE:
                menu.addAction("Open &folder", self._menu_open).setObjectName("scanMenuOpen")
            menu.addAction("Copy &path", self._menu_copy).setObjectName("scanMenuCopy")
        return menu

    def _current_row(self) -> Any:
        return self._session.table.row_at(self._table.currentIndex().row())

    def _toggle(self) -> None:
        self.chose.emit()
        self._session.table.toggle(self._table.currentIndex().row())

    def _menu_show(self) -> None:
        row = self._current_row()
        if row is not None:
            self._show_one(row[At.FOUND].adapter_id)

    def _menu_open(self) -> None:
        row = self._current_row()
        if row is not None:
            self.openFolder.emit(row[Row.ID])

    def _menu_copy(self) -> None:
        row = self._current_row()
        if row is not None:
            QGuiApplication.clipboard().setText(printable(row[Row.ID], 8192))
