"""Values that a scan hands out. Cheap to import, and cheap to make ten thousand of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from desktop.services.records import AdapterRecord, Finding, FolderInspection


class FoundState(StrEnum):
    """What a found folder is to the library."""

    NEW = "new"
    KNOWN = "known"
    CHANGED = "changed"
    GONE = "gone"
    BROKEN = "broken"
    NOT_PEFT = "not_peft"


class Found(NamedTuple):
    """One folder that a scan has something to say about. `found._replace(name=…)` changes a copy.

    state: what it is to the library; `gone` ones are adapters of the library that lay below a
    scanned folder and are not there any more. looks_like: of a `not_peft` one, in words ("a full
    model"). Figures are None where they can't be known. run: the folder of the training that it
    belongs to, run_title: how to call that; step: N of `checkpoint-N`; newest: whether it is the
    last state of its run. name: a free name for it. base_model_name: as its config names it;
    base_model_id: the library's base model that this means, if there is one. adapter_id,
    adapter_name: of the library's row at this folder. fingerprint: changes when config or weights
    change; content_id: the same wherever the same weights lie. full: whether every finding was
    looked for. findings_text, inspection_text: as the catalogue stores them; the latter stays in
    the file `cache` where an earlier scan put it, until somebody asks for `inspection`.
    """

    path: str
    state: FoundState
    looks_like: str = ""
    peft_type: str | None = None
    variant: str | None = None
    task_type: str | None = None
    rank: int | None = None
    parameters: int | None = None
    tensor_count: int | None = None
    size_bytes: int | None = None
    base_model_name: str | None = None
    base_model_id: str | None = None
    run: str = ""
    run_title: str = ""
    step: int | None = None
    newest: bool = False
    name: str = ""
    adapter_id: str | None = None
    adapter_name: str | None = None
    fingerprint: str = ""
    content_id: str = ""
    mtime: float | None = None
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    full: bool = False
    findings_text: str = ""
    inspection_text: str = ""
    cache: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is to be said about the folder, errors first."""
        if self.findings_text in ("", "[]"):
            return ()
        from desktop.services.catalog.seen import findings_from_json

        return findings_from_json(self.findings_text)

    @property
    def inspection(self) -> FolderInspection | None:
        """What is in the folder, without its tensors and the config's text; None after a quick
        look, and for what is no adapter."""
        text = self.inspection_text
        if not text and self.cache and self.full:
            from desktop.services.scan.cache import read_inspections

            text = read_inspections(self.cache, {self.path: self.fingerprint}).get(self.path, "")
        if not text:
            return None
        from dataclasses import replace

        from desktop.services.catalog.seen import inspection_from_json

        inspection = inspection_from_json(text)
        return None if inspection is None else replace(inspection, findings=self.findings)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A place that was not looked at. code: stable, for programs; reason: a full sentence."""

    path: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan found, by path. folders: how many were looked at; seconds: how long it took.

    skipped: at most MOST_SKIPPED places; skipped_total counts all.
    """

    found: tuple[Found, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    seconds: float = 0.0
    folders: int = 0
    skipped_total: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """A found folder that was not imported, and why."""

    found: Found
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ImportedMany:
    """What an import of many did. records: the new adapters, in the order of what was asked for;
    refused: the others with their findings; base_models: ids of base models that were added."""

    records: tuple[AdapterRecord, ...] = ()
    refused: tuple[Refused, ...] = ()
    base_models: tuple[str, ...] = ()


MOST_SKIPPED = 10_000
"""So many skipped places are kept by name."""
