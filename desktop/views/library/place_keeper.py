"""Selection, current row and scroll place outlive every refresh, filter and sort, by id.

The model resets, which is what makes it fast; so the table remembers here what it showed. What the
filter hides is not selected, but it is again when the filter lets it through, until a person
selects something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView

from desktop.models.library_table import LibraryTableModel
from desktop.services.library_row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from desktop.views.library.table_view import AdaptersTable

_Flag = QItemSelectionModel.SelectionFlag
_Hint = QAbstractItemView.ScrollHint


class PlaceKeeper(QObject):
    """Made after the table has its model.

    Signals:
        selectedIdsChanged(): other adapters are selected; once for a refresh, not for each row.
    """

    selectedIdsChanged = Signal()

    def __init__(self, table: AdaptersTable, model: LibraryTableModel) -> None:
        super().__init__(table)
        self._table = table
        self._model = model
        self._busy = False
        self._wanted: list[str] | None = None
        self._current = ""
        self._current_row = -1
        self._current_seen = False
        self._before: list[str] = []
        self._top: tuple[str, int, int] = ("", 0, 0)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        model.rowsInserted.connect(self._more_rows)
        table.selectionModel().selectionChanged.connect(self._selected)
        table.selectionModel().currentChanged.connect(self._current_changed)

    # -- what a person does ----------------------------------------------------------------

    def selected_ids(self) -> list[str]:
        """The ids of the selected adapters, from top to bottom."""
        selection = self._table.selectionModel().selection()
        found: dict[str, None] = {}
        ranges = [selection.at(at) for at in range(selection.count())]
        for top, bottom in sorted((part.top(), part.bottom()) for part in ranges):
            found.update(dict.fromkeys(self._model.ids_between(top, bottom)))
        return list(found)

    def select(self, adapter_ids: Iterable[str]) -> None:
        """Select those of the adapters that are shown, and show the first of them."""
        rows = self._model.rows_of(adapter_ids)
        if rows:
            self._set_current(rows[0])
            self._table.scrollTo(self._model.index(rows[0], self._table.first_column))
        self._select_rows(rows, _Flag.ClearAndSelect)

    def _selected(self, *_: object) -> None:
        if not self._busy:
            self._wanted = None
            self.selectedIdsChanged.emit()

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if not self._busy:
            row = self._model.row_at(current.row())
            self._current = "" if row is None else row[Row.ID]

    # -- over a reset ----------------------------------------------------------------------

    def _remember(self) -> None:
        self._busy = True
        table, model = self._table, self._model
        self._before = self.selected_ids()
        if self._wanted is None:
            self._wanted = self._before
        self._current_row = table.currentIndex().row()
        seen = table.visualRect(table.currentIndex())
        self._current_seen = table.viewport().rect().intersects(seen)
        top = table.rowAt(0)
        row = model.row_at(top)
        self._top = ("", 0, 0)
        # Who stands at the very top wants to see what comes in there.
        if row is not None and table.verticalScrollBar().value() > 0:
            self._top = (row[Row.ID], top, table.rowViewportPosition(top))

    def _restore(self) -> None:
        model = self._model
        wanted = self._wanted or []
        rows = model.rows_of(wanted)
        current = model.row_of(self._current) if self._current else -1
        gone = self._current_row >= 0 and not model.holds(self._current)
        if gone and model.cause == "refresh" and model.rowCount():
            # It was removed: go on with what has taken its place.
            current = min(self._current_row, model.rowCount() - 1)
            if not rows:
                rows = [current]
                self._wanted = None
        if current >= 0:
            self._set_current(current)
        self._select_rows(rows, _Flag.ClearAndSelect)
        self._scroll(current)
        self._busy = False
        if self.selected_ids() != self._before:
            self.selectedIdsChanged.emit()

    def _more_rows(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Rows that a later slice found: among them may be some that were selected."""
        if not self._wanted:
            return
        wanted = set(self._wanted)
        found = self._model.ids_between(first, last)
        rows = [first + at for at, key in enumerate(found) if key in wanted]
        if rows:
            self._busy = True
            if not self._table.currentIndex().isValid() and self._current in found:
                self._set_current(first + found.index(self._current))
            self._select_rows(rows, _Flag.Select)
            self._busy = False
            self.selectedIdsChanged.emit()

    def _set_current(self, row: int) -> None:
        index = self._model.index(row, self._table.first_column)
        self._current = self._model.ids_between(row, row)[0]
        self._table.selectionModel().setCurrentIndex(index, _Flag.NoUpdate)

    def _select_rows(self, rows: Sequence[int], how: QItemSelectionModel.SelectionFlag) -> None:
        selection = QItemSelection()
        last = self._model.columnCount() - 1
        start = 0
        for at in range(1, len(rows) + 1):
            if at == len(rows) or rows[at] != rows[at - 1] + 1:
                first, end = (
                    self._model.index(rows[start], 0),
                    self._model.index(rows[at - 1], last),
                )
                selection.append(QItemSelectionRange(first, end))
                start = at
        self._table.selectionModel().select(selection, how)

    def _scroll(self, current: int) -> None:
        table, model = self._table, self._model
        # The scroll bar has to know how many rows there are now before it is moved.
        table.updateGeometries()
        bar = table.verticalScrollBar()
        index = model.index(current, table.first_column)
        if model.cause == "refresh":
            key, place, offset = self._top
            row = model.row_of(key) if key else -1
            row = row if row >= 0 else place
            bar.setValue(row * table.verticalHeader().defaultSectionSize() - offset)
        elif model.cause == "sort" and self._current_seen and current >= 0:
            table.scrollTo(index)
        elif model.cause == "filter" and model.shows_all() and current >= 0:
            # The filter is off again: back to where one was.
            table.scrollTo(index, _Hint.PositionAtCenter)
        else:
            bar.setValue(0)
