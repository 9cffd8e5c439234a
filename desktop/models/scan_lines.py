"""The lines of a scan's results as Qt asks for them: heads of runs, and rows below them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.models.formats import base_title, one_line, size_text
from desktop.models.scan_columns import COLUMNS, FOLDER, NAME
from desktop.models.scan_index import SINGLE, Group, ScanIndex
from desktop.models.scan_rows import At, ScanRow, is_able, needs_base
from desktop.services.records import Row
from desktop.services.scan.records import FoundState

log = logging.getLogger(__name__)

DISPLAY, EDIT, CHECK = 0, 2, 10
_ALIGNMENT, _ACCESSIBLE, _ACCESSIBLE_MORE = 7, 11, 12
_HEAD = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_OFF, _PART, _ON = 0, 1, 2

AnyIndex = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a run says. ticked: 0 none of its rows is chosen, 1 some, 2 all; able: how
    many of them can be."""

    key: str
    title: str
    words: str
    folded: bool
    ticked: int
    able: int


class ScanLines(QAbstractTableModel):
    """Reads a `ScanIndex`, line by line; what changes it is for the class above this one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._index = ScanIndex()
        self._complained = False

    # -- what is in it ---------------------------------------------------------------------

    def total(self) -> int:
        """How many folders were found, shown or not."""
        return len(self._index)

    def shown_count(self) -> int:
        """How many of them are shown, also in folded runs."""
        return self._index.shown_count()

    def count(self, state: str) -> int:
        """How many are in this state, shown or not."""
        return self._index.counts[state]

    def is_filtering(self) -> bool:
        """Whether more rows may answer than are shown yet."""
        return self._index.pending

    def row_at(self, line: int) -> ScanRow | None:
        """The folder in a line, None where there is none: a head, or nothing."""
        lines = self._index.lines
        if not 0 <= line < len(lines) or lines[line] < 0:
            return None
        return self._index.row(lines[line])

    def head_at(self, line: int) -> Head | None:
        """The head of a run in a line, None where there is none."""
        group = self._group_at(line)
        if group is None:
            return None
        if group.said is None:
            group.said = self._said(group)
        head: Head = group.said
        return head

    def path_at(self, line: int) -> str:
        """The folder in a line; of a head, a word of its own that no path is."""
        row = self.row_at(line)
        if row is not None:
            return str(row[Row.ID])
        group = self._group_at(line)
        return "" if group is None else f"\0{group.key}"

    def line_of(self, path: str) -> int:
        """The line of what `path_at` said, -1 where it is not shown."""
        if not path:
            return -1
        index = self._index
        for line, slot in enumerate(index.lines):
            if slot < 0:
                if path[0] == "\0" and index.groups[~slot].key == path[1:]:
                    return line
            elif index.row(slot)[Row.ID] == path:
                return line
        return -1

    def row_of(self, path: str) -> ScanRow | None:
        """The row of a folder, shown or not."""
        return self._index.get(path)

    def rows(self) -> list[ScanRow]:
        """All rows, shown or not."""
        return self._index.rows()

    def is_chosen(self, line: int) -> bool:
        """Whether the folder in a line is chosen."""
        return self._index.lines[line] in self._index.chosen

    def chosen_count(self) -> int:
        """How many are chosen, shown or not."""
        return len(self._index.chosen)

    def chosen_rows(self) -> list[ScanRow]:
        """The rows that are chosen, shown or not."""
        return self._index.chosen_rows()

    def nameless(self) -> list[str]:
        """The folders that are chosen and wait for a base model, shown or not."""
        return [str(row[Row.ID]) for row in self.chosen_rows() if needs_base(row)]

    def new_bases(self) -> int:
        """How many base models an import of what is chosen would add."""
        named = {r[Row.BASE_MODEL] for r in self.chosen_rows() if r[Row.MODEL_ID] is None}
        return len(named - {None})

    def find_name(self, start: str, after: int) -> int:
        """The first line behind `after`, going round, whose folder starts so; -1 if none does."""
        start = start.casefold()
        count = len(self._index.lines)
        for step in range(count):
            line = (after + step) % count
            row = self.row_at(line)
            text = (
                self._index.groups[~self._index.lines[line]].title
                if row is None
                else row[At.FOLDER]
            )
            if text.casefold().startswith(start):
                return line
        return -1

    def _group_at(self, line: int) -> Group | None:
        lines = self._index.lines
        if not 0 <= line < len(lines) or lines[line] >= 0:
            return None
        return self._index.groups[~lines[line]]

    def _said(self, group: Group) -> Head:
        rows = [self._index.row(slot) for slot in group.shown]
        chosen, able = self._index.tally(group)
        ticked = _OFF if not chosen else _ON if chosen == able else _PART
        return Head(
            group.key, one_line(group.title), _summary(group, rows), group.folded, ticked, able
        )

    # -- what Qt asks ----------------------------------------------------------------------
    # Nothing here may raise: on Python 3.11 an exception in headerData() ends the process.

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._index.lines)

    def columnCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        row = self.row_at(index.row())
        flags = _HEAD
        if row is None:
            if index.column() == FOLDER:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
            return flags if index.isValid() else Qt.ItemFlag.NoItemFlags
        if is_able(row):
            if index.column() == FOLDER:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
            elif index.column() == NAME:
                flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: AnyIndex, role: int = DISPLAY) -> Any:
        try:
            line, at = index.row(), index.column()
            if not 0 <= line < len(self._index.lines) or not 0 <= at < len(COLUMNS):
                return None
            row = self.row_at(line)
            return (
                self._of_head(line, at, role) if row is None else self._of_row(row, line, at, role)
            )
        except Exception as error:
            if not self._complained:  # once: a cell is asked for again and again
                self._complained = True
                log.error("A cell of a scan can't be shown", exc_info=error)
            return None

    def _of_row(self, row: ScanRow, line: int, at: int, role: int) -> Any:
        column = COLUMNS[at]
        if role == DISPLAY:
            return column.text(row)
        if role == CHECK and at == FOLDER and is_able(row):
            return Qt.CheckState.Checked if self.is_chosen(line) else Qt.CheckState.Unchecked
        if role == EDIT and at == NAME:
            return row[Row.NAME]
        if role == _ALIGNMENT:
            return _RIGHT if column.right else _LEFT
        if role == _ACCESSIBLE:
            return column.text(row)
        if role == _ACCESSIBLE_MORE:
            return column.tip(row) if column.tip else None
        return None

    def _of_head(self, line: int, at: int, role: int) -> Any:
        head = self.head_at(line)
        if head is None or at != FOLDER:
            return None
        if role == DISPLAY:
            return head.title
        if role == _ACCESSIBLE:
            folded = ", folded" if head.folded else ""
            return f"{head.title}, {head.words}{folded}"
        if role == CHECK and head.able:
            return (
                Qt.CheckState.Unchecked,
                Qt.CheckState.PartiallyChecked,
                Qt.CheckState.Checked,
            )[head.ticked]
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        if role in (DISPLAY, _ACCESSIBLE):
            return COLUMNS[section].title
        if role == _ALIGNMENT:
            return _RIGHT if COLUMNS[section].right else _LEFT
        return None


def _summary(group: Group, rows: Sequence[ScanRow]) -> str:
    """`3 checkpoints · LoRA · Llama-3.1-8B · 252 MB`: what all of them share, and their size."""
    count = len(rows)
    there = [row for row in rows if row[At.KIND] not in (FoundState.GONE, FoundState.NOT_PEFT)]
    word = "adapter" if len(there) == count else "folder"
    if group.key != SINGLE and all(row[At.FOUND].step is not None for row in rows):
        word = "checkpoint"
    parts = [f"{count:,} {word}{'' if count == 1 else 's'}"]
    if group.key != SINGLE:
        kinds = {row[Row.PEFT_TYPE] for row in there} - {None}
        bases = {row[Row.BASE_MODEL] for row in there} - {None}
        parts += [one_line(kinds.pop())] if len(kinds) == 1 else []
        parts += [base_title(bases.pop())] if len(bases) == 1 else []
    size = sum(row[Row.SIZE] or 0 for row in there)
    return " · ".join([*parts, size_text(size)] if size else parts)
