"""What a plain design does: QSortFilterProxyModel over a table model, both as Qt's own examples
have them, but with the traps that are known avoided (roles compared as integers, rows of one
height, one searched text for a row, filtered in C++)."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHeaderView, QTableView

from desktop.models.columns import COLUMNS
from desktop.models.row_query import fold, haystack
from desktop.services.records import LibraryRow, Row

TEXT_ROLE, SORT_ROLE = 256, 257
_NOTHING = QModelIndex()


class PlainModel(QAbstractTableModel):
    """The rows as they are, with a text to search and a value to sort by."""

    def __init__(self, rows: list[LibraryRow]) -> None:
        super().__init__()
        self._rows = rows
        self._texts = [f"{haystack(row)}\n{fold(row[Row.BASE_MODEL])}" for row in rows]

    def rowCount(self, parent: QModelIndex = _NOTHING) -> int:
        return len(self._rows)

    def columnCount(self, parent: QModelIndex = _NOTHING) -> int:
        return len(COLUMNS)

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        if role == 0:
            return COLUMNS[index.column()].text(self._rows[index.row()])
        if role == TEXT_ROLE:
            return self._texts[index.row()]
        if role == SORT_ROLE:
            return COLUMNS[index.column()].value(self._rows[index.row()])
        return None


class PlainTable(QTableView):
    """A table view that says when it has painted."""

    def __init__(self, rows: list[LibraryRow]) -> None:
        super().__init__()
        self.paints = 0
        self.painted_at = 0.0
        self.proxy = QSortFilterProxyModel()
        self.source = PlainModel(rows)
        self.proxy.setSourceModel(self.source)
        self.proxy.setFilterKeyColumn(0)
        self.proxy.setFilterRole(TEXT_ROLE)
        self.proxy.setSortRole(SORT_ROLE)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseSensitive)
        self.setModel(self.proxy)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(28)
        self.setSortingEnabled(False)

    def type_filter(self, text: str) -> None:
        self.proxy.setFilterFixedString(text)

    def sort(self, column: int, order: Qt.SortOrder) -> None:
        self.proxy.sort(column, order)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.paints += 1
        self.painted_at = self.painted_at or time.perf_counter()
