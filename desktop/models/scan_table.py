"""The Qt model over what a scan found: heads of runs and their rows, one below the other.

The rows that a batch of a scan brings come in between others everywhere; a reset for a batch costs
a view less than a hundred insertions. So a view keeps its place by path (`cause` says why).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.models.scan_columns import COLUMNS, FOLDER, NAME
from desktop.models.scan_lines import CHECK, EDIT, AnyIndex, Head, ScanLines
from desktop.models.scan_rows import ScanRow, is_able, renamed, with_base
from desktop.services.records import Row

_SLICE, _LATER_SLICE = 0.004, 0.008
_UNPAINTED = 50


class ScanTableModel(ScanLines):
    """What was found, by run.

    Signals:
        chosenChanged(): other rows are chosen.
        countsChanged(): there are other rows, or other states.
        filterFinished(): how many rows are shown is known anew.
    """

    chosenChanged = Signal()
    countsChanged = Signal()
    filterFinished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: dict[str, str] = {}
        self._bases: dict[str, tuple[str, str]] = {}
        self._text = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look_on)

    # -- rows come, go and change ----------------------------------------------------------

    def clear(self) -> None:
        """Forget everything that was found, the names that were typed and the base models."""
        self._names.clear()
        self._bases.clear()
        self._reset(self._index.clear)
        self._changed()

    def take(self, rows: Sequence[ScanRow], gone: Iterable[str] = ()) -> None:
        """Take rows that are new, or in the place of those of the same folders; let go of others.
        A name that was typed stays, and so does a base model that was chosen."""
        if self._bases:
            rows = [
                with_base(row, *self._bases[row[Row.ID]])
                if row[Row.ID] in self._bases and not row[Row.BASE_MODEL]
                else row
                for row in rows
            ]
        if self._names:
            rows = [
                renamed(row, self._names[row[Row.ID]]) if row[Row.ID] in self._names else row
                for row in rows
            ]
        self._reset(self._index.take, rows, gone, _SLICE)
        self._changed()

    def rename(self, path: str, name: str) -> None:
        """Give a folder another name for the library."""
        row = self._index.get(path)
        if row is not None and name != row[Row.NAME]:
            self._names[path] = name
            self.take([row])

    def choose_base(self, paths: Sequence[str], model_id: str | None, title: str = "") -> None:
        """Give folders whose configs name no base model this one of the library, None = none."""
        rows = [row for row in map(self._index.get, paths) if row is not None]
        rows = [row for row in rows if not row[Row.BASE_MODEL] and row[Row.MODEL_ID] != model_id]
        for row in rows:
            self._bases.pop(row[Row.ID], None)
            if model_id is not None:
                self._bases[row[Row.ID]] = (model_id, title)
        if rows:
            self.take([with_base(row, model_id, title) for row in rows])

    def _changed(self) -> None:
        self.countsChanged.emit()
        self.chosenChanged.emit()
        self._wait_for_paint()
        self._tell_finished()

    # -- what is asked ---------------------------------------------------------------------

    @property
    def states(self) -> frozenset[str]:
        """The states that are shown."""
        return self._index.states

    def set_filter(self, text: str) -> None:
        """Show only folders that answer; `filter_language` says what a text asks for."""
        if text != self._text:
            self._text = text
            self._ask(text, None)

    def set_states(self, states: frozenset[str]) -> None:
        """Show only folders in these states."""
        if states != self._index.states:
            self._ask(None, states)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by the native value: the rows in their runs, and the runs by their first rows."""
        down = order == Qt.SortOrder.DescendingOrder
        if not 0 <= column < len(COLUMNS):
            return
        if (column, down) != (self._index.column, self._index.descending):
            self._reset(self._index.sort, column, down, _SLICE)
            self._wait_for_paint()
            self._tell_finished()

    def sorted_by(self) -> tuple[int, bool]:
        """(number of the column that sorts, whether it does so downwards)."""
        return self._index.column, self._index.descending

    def painted(self) -> None:
        """A view has painted: look on, if there is anything to look for."""
        if self._index.pending:
            self._timer.start(0)

    def finish(self) -> None:
        """Look through everything now; for who can't wait, like a test."""
        self._timer.stop()
        if self._index.pending:
            self._reset(self._index.look_on)
            self._tell_finished()

    def _ask(self, text: str | None, states: frozenset[str] | None) -> None:
        self._reset(self._index.search, text, states, _SLICE)
        self._wait_for_paint()
        self._tell_finished()

    def _reset(self, change: Callable[..., None], *args: Any) -> None:
        self.beginResetModel()
        try:
            change(*args)
        finally:
            self.endResetModel()

    def _wait_for_paint(self) -> None:
        if self._index.pending:
            self._timer.start(_UNPAINTED)

    def _look_on(self) -> None:
        if self._index.pending:
            self._reset(self._index.look_on, _LATER_SLICE)
            if self._index.pending:
                self._timer.start(0)
        self._tell_finished()

    def _tell_finished(self) -> None:
        if not self._index.pending:
            self.filterFinished.emit()

    # -- folding and choosing --------------------------------------------------------------

    def fold(self, line: int, folded: bool) -> None:
        """Fold the run whose head is in this line, or open it."""
        group = self._group_at(line)
        if group is not None and group.folded != folded:
            group.said = None
            self._reset(self._index.fold, group, folded)

    def unfold(self, path: str) -> None:
        """Open the run that this folder belongs to."""
        group = self._index.group_at(path)
        if group is not None and group.folded:
            group.said = None
            self._reset(self._index.fold, group, False)

    def head_line(self, line: int) -> int:
        """The line of the head above a line."""
        lines = self._index.lines
        while 0 < line < len(lines) and lines[line] >= 0:
            line -= 1
        return line

    def toggle(self, line: int) -> None:
        """Choose what is in a line, or no longer; at a head, all of its run that is shown."""
        group = self._group_at(line)
        if group is not None:
            chosen, able = self._index.tally(group)
            self._choose(group.shown, chosen < able)
        elif self.row_at(line) is not None:
            slot = self._index.lines[line]
            self._choose([slot], slot not in self._index.chosen)

    def choose_shown(self) -> None:
        """Choose everything that is shown and can be imported, beside what is chosen already."""
        self._choose(self._index.shown(), True)

    def choose_none(self) -> None:
        """Choose nothing."""
        self._index.choose_none()
        self._tell_chosen()

    def choose_newest(self) -> None:
        """Choose the newest of each run among what is shown, and nothing else."""
        self._index.choose_newest()
        self._tell_chosen()

    def choose_paths(self, paths: Iterable[str], on: bool = True) -> None:
        """Choose what can be imported among these folders, shown or not, or choose it no longer."""
        self._index.choose_paths(paths, on)
        self._tell_chosen()

    def _choose(self, slots: Iterable[int], on: bool) -> None:
        self._index.choose(slots, on)
        self._tell_chosen()

    def _tell_chosen(self) -> None:
        last = len(self._index.lines) - 1
        if last >= 0:
            # One signal for all: heads change with their rows, and a view paints what it shows.
            self.dataChanged.emit(self.index(0, 0), self.index(last, 0), [CHECK])
        self.chosenChanged.emit()

    def setData(self, index: AnyIndex, value: Any, role: int = EDIT) -> bool:
        row = self.row_at(index.row())
        if role == CHECK and index.column() == FOLDER:
            if row is not None and not is_able(row):
                return False
            self.toggle(index.row())
            return True
        if role == EDIT and index.column() == NAME and row is not None and is_able(row):
            name = str(value).strip()
            if not name:
                return False
            self.rename(row[Row.ID], name)
            return True
        return False


__all__ = ["Head", "ScanTableModel"]
