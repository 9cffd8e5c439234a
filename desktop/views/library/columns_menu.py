"""The menu of the columns: which are shown, and what the rows are sorted by, all by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from desktop.models.columns import COLUMNS

if TYPE_CHECKING:
    from desktop.views.library.column_layout import ColumnLayout
    from desktop.views.library.table_view import AdaptersTable


class ColumnsMenu(QMenu):
    """Filled anew whenever it opens."""

    def __init__(self, table: AdaptersTable, layout: ColumnLayout) -> None:
        super().__init__(table)
        self._table = table
        self._layout = layout
        self.setObjectName("columnsMenu")
        self.sorts = QMenu("&Sort by", self)
        self.sorts.setObjectName("sortMenu")
        self.aboutToShow.connect(self._fill)
        self.triggered.connect(self._chosen)

    def _fill(self) -> None:
        self.clear()
        for at, column in enumerate(COLUMNS):
            action = self._tick(self, column.title, f"{column.key}ColumnAction", ("show", at))
            action.setChecked(self._layout.is_shown(at))
            # A row without its name would be nobody's.
            action.setEnabled(at != 0)
        self.addSeparator()
        self._fill_sorts()
        self.addMenu(self.sorts)
        self.addSeparator()
        action = self.addAction("&Reset columns")
        action.setObjectName("resetColumnsAction")
        action.setEnabled(not self._layout.automatic)
        action.setData(("reset", 0))

    def _fill_sorts(self) -> None:
        sorts = self.sorts
        sorts.clear()
        sorted_by, descending = self._table.sorted_by()
        columns, ways = QActionGroup(sorts), QActionGroup(sorts)
        for at, column in enumerate(COLUMNS):
            action = self._tick(sorts, column.title, f"{column.key}SortAction", ("sort", at))
            action.setChecked(at == sorted_by)
            columns.addAction(action)
        sorts.addSeparator()
        for title, name, down in (
            ("&Ascending", "ascendingAction", False),
            ("&Descending", "descendingAction", True),
        ):
            action = self._tick(sorts, title, name, ("descending", down))
            action.setChecked(down == descending)
            ways.addAction(action)

    def _tick(self, menu: QMenu, title: str, name: str, data: Any) -> QAction:
        action = menu.addAction(title)
        action.setObjectName(name)
        action.setCheckable(True)
        action.setData(data)
        return action

    def _chosen(self, action: QAction) -> None:
        what, value = action.data() or ("", 0)
        column, descending = self._table.sorted_by()
        if what == "show":
            self._layout.show_column(value, action.isChecked())
        elif what == "reset":
            self._layout.reset()
        elif what == "sort":
            self._sort(value, descending)
        elif what == "descending":
            self._sort(column, bool(value))

    def _sort(self, column: int, descending: bool) -> None:
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self._table.sortByColumn(column, order)
