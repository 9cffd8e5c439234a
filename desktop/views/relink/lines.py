"""The lines of the preview: what is lost, where it is now, and how that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desktop.models.record_table import RecordColumn
from desktop.services.peft_folder.reading import printable

if TYPE_CHECKING:
    from desktop.services.relink import Copy, Lost, RelinkPlan

_HOW = {
    "sha256": "Every byte",
    "content": "Content",
    "fingerprint": "Names, sizes and times",
    "sizes": "Names and sizes",
}
_ICONS = {"match": "ok", "choose": "warning", "left": "close", "missing": "missing"}
_SAID = {
    "match": "will be relinked",
    "choose": "needs a choice",
    "left": "is left as it is",
    "missing": "was not found",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One adapter. copy: the folder that it gets, None = none so far; left: the person leaves it as
    it is; problem: why it has none, or, of one that is_refused, why it could not be relinked."""

    lost: Lost
    copies: tuple[Copy, ...] = ()
    copy: Copy | None = None
    left: bool = False
    problem: str = ""
    is_refused: bool = False

    @property
    def id(self) -> str:
        """The adapter's id."""
        return self.lost.adapter_id

    @property
    def kind(self) -> str:
        """`match`, `choose`, `left` or `missing`."""
        if self.left:
            return "left"
        if self.copy is not None:
            return "match"
        return "choose" if self.copies else "missing"

    def with_copy(self, copy: Copy | None) -> Line:
        """The line with another folder; None leaves the adapter as it is."""
        return replace(self, copy=copy, left=copy is None, problem="")

    def refused(self, sentence: str) -> Line:
        """The line of an adapter that could not be relinked."""
        return replace(self, copies=(), copy=None, left=False, problem=sentence, is_refused=True)


def lines_of(plan: RelinkPlan) -> list[Line]:
    """A line for every adapter that was looked for."""
    lines = [Line(m.lost, m.copies or (m.copy,), m.copy) for m in plan.matches]
    lines += [Line(one.lost, one.copies) for one in plan.ambiguous]
    return lines + [Line(one.lost, problem=one.reason) for one in plan.not_found]


def words_of(copy: Copy) -> str:
    """A folder as a choice: its path, and what speaks against it or for it."""
    path = printable(copy.path, 500)
    if copy.taken_by:
        return f"{path} (“{printable(copy.taken_by, 60)}” is there)"
    if not copy.is_sure:
        return f"{path} (only names and sizes are the same)"
    return path


def summary_of(lines: Sequence[Line]) -> tuple[str, str]:
    """(what the preview holds, in a sentence; its tone)."""
    counts = {kind: sum(line.kind == kind for line in lines) for kind in _ICONS}
    refused = sum(line.is_refused for line in lines)
    choose, left = counts["choose"], counts["left"]
    said = [f"{counts['match']:,} found."]
    if choose:
        said.append(f"{choose:,} {'needs' if choose == 1 else 'need'} a choice.")
    if left:
        said.append(f"{left:,} {'stays as it is' if left == 1 else 'stay as they are'}.")
    if counts["missing"] - refused:
        said.append(f"{counts['missing'] - refused:,} not found.")
    if refused:
        said.append(f"{refused:,} not relinked; each line says why.")
    return " ".join(said), "error" if refused else "warning" if choose else ""


def more_of(plan: RelinkPlan) -> str:
    """What else is to be said of a search: drives that are away, places that were left out."""
    more = []
    if plan.away:
        lie = "lies on a drive that is" if plan.away == 1 else "lie on drives that are"
        more.append(f"{plan.away:,} {lie} away, and stay marked.")
    if plan.skipped:
        others = len(plan.skipped) - 1
        place = printable(plan.skipped[0].path, 80)
        more.append(f"Not searched: “{place}”{f' and {others:,} more' if others else ''}.")
    if plan.unproven:
        what = "1 adapter" if plan.unproven == 1 else f"{plan.unproven:,} adapters"
        more.append(f"No sha256 was kept of {what}: content tells instead.")
    return " ".join(more)


def _name(line: Line) -> str:
    return printable(line.lost.name, 200)


def _old(line: Line) -> str:
    return printable(line.lost.path or "", 500)


def _new(line: Line) -> str:
    if line.copy is not None:
        return printable(line.copy.path, 500)
    if line.kind == "choose":
        count = len(line.copies)
        return "1 folder, not sure" if count == 1 else f"One of {count:,} folders"
    return ""


def _how(line: Line) -> str:
    if line.copy is not None:
        return _HOW.get(line.copy.by, line.copy.by)
    if line.is_refused:
        return "Not relinked"
    return {"choose": "Choose", "left": "Left as it is"}.get(line.kind, "Not found")


def _icon(line: Line) -> str:
    return _ICONS[line.kind]


def _state(line: Line) -> str:
    return f"{_name(line)}, {_SAID[line.kind]}"


COLUMNS = (
    RecordColumn("name", "Adapter", _name, elide_middle=True, icon=_icon, accessible=_state),
    RecordColumn("old", "Old place", _old, sample="m" * 24, secondary=True, elide_middle=True),
    RecordColumn("new", "New place", _new, sample="m" * 24, elide_middle=True),
    RecordColumn("how", "Known by", _how, sample="Names, sizes and times", secondary=True),
)
