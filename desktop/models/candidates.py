"""What a person is about to import: one draft per adapter folder, and the list of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from desktop.models.formats import size_text
from desktop.services.records import (
    AdapterType,
    AddAdapterRequest,
    DatasetSplit,
    Finding,
    FolderInspection,
    Severity,
    blocks,
    errors_first,
)

_Index = QModelIndex | QPersistentModelIndex
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_CHECK = int(Qt.ItemDataRole.CheckStateRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
SIZE_ROLE = int(Qt.ItemDataRole.UserRole)
"""What stands at the right of a line: "newest · 83.9 MB"."""
BLOCKED_ROLE = SIZE_ROLE + 1
"""Whether a ticked line can't be imported as it is."""
_NOWHERE = QModelIndex()


@dataclass(eq=False)
class Draft:
    """One adapter that may be imported, with what was typed for it.

    path: its folder, byte for byte; "" before one is chosen. title: what it is called on screen,
    one line. place: what is wrong with a path in which no adapter was found. is_read: the
    inspection is of now. `proposed`: the name that Lorarium proposed, which tells a typed one.
    `checked`: the request that `findings`, `split` and `fit` are about; they are stale as soon as
    it is not `request()` any more. twin: set where another chosen draft has the same name.
    refusals: what only an import that was tried could know; they are told, and do not block.
    """

    path: str = ""
    title: str = ""
    chosen: bool = True
    newest: bool = False
    size: int | None = None
    place: tuple[Finding, ...] = ()
    inspection: FolderInspection | None = None
    is_read: bool = False
    name: str = ""
    proposed: str = ""
    description: str = ""
    model_id: str | None = None
    model_picked: bool = False
    prompt_id: str | None = None
    job_id: str | None = None
    checked: AddAdapterRequest | None = None
    findings: tuple[Finding, ...] = ()
    split: DatasetSplit | None = None
    fit: str = ""
    fits: bool = False
    twin: Finding | None = None
    refusals: tuple[Finding, ...] = ()
    touched: set[str] = field(default_factory=set)

    @property
    def name_typed(self) -> bool:
        """Whether the name is the person's own."""
        return bool(self.name.strip()) and self.name != self.proposed

    @property
    def place_blocks(self) -> bool:
        """Whether there is no adapter at its path."""
        return blocks(self.place)

    @property
    def is_checked(self) -> bool:
        """Whether the findings are about the present text."""
        return self.checked is not None and self.checked == self.request()

    def request(self) -> AddAdapterRequest:
        """What the services are asked about it."""
        return AddAdapterRequest(
            type=AdapterType.PROJECT,
            name=self.name,
            description=self.description,
            model_id=self.model_id,
            location=self.path or None,
            fine_tuning_job_id=self.job_id,
            prompt_id=self.prompt_id,
        )

    def fields(self, *, copy: bool) -> dict[str, Any]:
        """The same for `imports.import_adapter`."""
        return {
            "name": self.name,
            "description": self.description,
            "model_id": self.model_id,
            "location": self.path,
            "fine_tuning_job_id": self.job_id,
            "prompt_id": self.prompt_id,
            "copy": copy,
        }

    def blocking(self) -> list[Finding]:
        """What is known to keep it from being imported."""
        known = [*self.place, *self.findings, *((self.twin,) if self.twin else ())]
        return [f for f in known if f.severity == Severity.ERROR]

    def of_field(self, name: str) -> tuple[Finding, ...]:
        """The findings to show beside a field, errors first. That it is empty is no news before
        the person was there; what is in the folder is told elsewhere (`in_folder`)."""
        elsewhere = self.in_folder() if name == "location" else ()
        known = [*self.findings, *self.refusals, *((self.twin,) if self.twin else ())]
        if name == "location":
            known += self.place
        found = [
            f
            for f in dict.fromkeys(known)
            if f.field == name
            and f not in elsewhere
            and f.code != "base_not_named"
            and (f.code != "required" or name in self.touched)
        ]
        return errors_first(found)

    def in_folder(self) -> tuple[Finding, ...]:
        """What is to be said of the contents of the folder, if there is an adapter in it."""
        there = self.inspection
        if there is None or not (there.config_text or there.weights_file):
            return ()
        return tuple(f for f in there.findings if f.code != "base_not_named")

    def take_over(self, other: Draft) -> None:
        """What the person typed for another folder, or before any folder, goes on here."""
        if other.name_typed:
            self.name, self.proposed = other.name, ""
        self.description = other.description
        self.prompt_id, self.job_id = other.prompt_id, other.job_id
        if other.model_picked and other.inspection is None:
            self.model_id, self.model_picked = other.model_id, True
        self.touched |= other.touched - {"model_id"}


class CandidatesModel(QAbstractListModel):
    """The drafts as lines. chosenChanged: a box was ticked or cleared; carries the row."""

    chosenChanged = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drafts: list[Draft] = []

    def set_drafts(self, drafts: list[Draft]) -> None:
        """Show other drafts."""
        self.beginResetModel()
        self._drafts = list(drafts)
        self.endResetModel()

    def refresh(self) -> None:
        """The drafts are the same, what is known of them is new."""
        if self._drafts:
            self.dataChanged.emit(self.index(0), self.index(len(self._drafts) - 1))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._drafts)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not 0 <= index.row() < len(self._drafts):
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def data(self, index: _Index, role: int = _DISPLAY) -> Any:
        row = index.row()
        if not 0 <= row < len(self._drafts):
            return None
        draft = self._drafts[row]
        if role == _DISPLAY:
            return draft.title
        if role == _CHECK:
            return Qt.CheckState.Checked if draft.chosen else Qt.CheckState.Unchecked
        if role == SIZE_ROLE:
            return self._size(draft)
        if role == BLOCKED_ROLE:
            return draft.chosen and draft.is_checked and bool(draft.blocking())
        if role == _SPOKEN:
            parts = [draft.title, self._size(draft)]
            if draft.chosen and draft.is_checked and bool(draft.blocking()):
                parts.append("something keeps it from being imported")
            return ", ".join(part for part in parts if part)
        return None

    def _size(self, draft: Draft) -> str:
        size = "" if draft.size is None else size_text(draft.size)
        return " · ".join(part for part in ("newest" if draft.newest else "", size) if part)

    def setData(self, index: _Index, value: Any, role: int = _DISPLAY) -> bool:
        row = index.row()
        if role != _CHECK or not 0 <= row < len(self._drafts):
            return False
        self._drafts[row].chosen = Qt.CheckState(value) == Qt.CheckState.Checked
        changed = self.index(row)
        self.dataChanged.emit(changed, changed)
        self.chosenChanged.emit(row)
        return True
