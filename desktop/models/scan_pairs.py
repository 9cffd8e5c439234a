"""Places and what there is to say of each: what a scan left out, what an import refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desktop.services.peft_folder.reading import printable
from desktop.services.scan.records import Refused, Skipped

_DISPLAY, _TOOL_TIP = 0, 3
_TITLES = ("Place", "Why")
_NOWHERE = QModelIndex()
_LONGEST = 4096

Pair = tuple[str, str]
"""(path, sentence)."""


class PairsModel(QAbstractTableModel):
    """Two columns of plain text."""

    def __init__(self, pairs: Sequence[Pair], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pairs = tuple(pairs)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._pairs)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _DISPLAY) -> Any:
        if role != _DISPLAY or not 0 <= index.row() < len(self._pairs):
            return None
        return printable(self._pairs[index.row()][index.column() == 1], _LONGEST)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        return _TITLES[section] if role == _DISPLAY else None

    def text(self) -> str:
        """All of it, one place a line, tabs between."""
        return "\n".join(
            f"{printable(path, _LONGEST)}\t{printable(why, _LONGEST)}" for path, why in self._pairs
        )


def of_skipped(skipped: Sequence[Skipped]) -> list[Pair]:
    """What a scan left out, and why."""
    return [(one.path, one.reason) for one in skipped]


def of_refused(refused: Sequence[Refused]) -> list[Pair]:
    """What an import left out, and why: the first of its findings, the errors come first."""
    pairs = []
    for one in refused:
        first = one.findings[0] if one.findings else None
        said = "" if first is None else f"{first.message} {first.advice}".strip()
        pairs.append((one.found.path, said))
    return pairs
