"""A look at one folder that a walk came upon. Runs in a child process."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice

from desktop.services.catalog.seen import findings_json, inspection_json
from desktop.services.findings import Severity
from desktop.services.peft_folder.files import MAX_FILES, looks_like
from desktop.services.peft_folder.inspect import inspect_folder
from desktop.services.records import FolderInspection
from desktop.services.scan.quick import PICKLE, SAFETENSORS, quick_row, time_of
from desktop.services.scan.walk import CONFIG
from desktop.services.scan.wire import Row

QUICK, FULL = 1, 2


def look(path: str, names: Sequence[str] | None, checksum: int, level: int) -> Row:
    """What a folder is; kind "" for one of no interest. names: of its files, None to list
    them. Never raises for what is in the folder."""
    if names is None:
        names = _listed(path)
    there = set(names)
    if CONFIG not in there and SAFETENSORS not in there and PICKLE not in there:
        what = looks_like(path, there)
        # A row without interest is kept too, so that the next scan need not look again.
        return Row(path, "not_peft" if what else "", level, checksum, "", what)
    if level == QUICK:
        return quick_row(path, there, checksum)
    return full_row(inspect_folder(path, names=names), checksum)


def _listed(path: str) -> list[str]:
    try:
        with os.scandir(path) as entries:
            return [entry.name for entry in islice(entries, MAX_FILES + 1)]
    except (OSError, ValueError):
        return []


def full_row(inspection: FolderInspection, checksum: int) -> Row:
    """The row of a folder that was inspected."""
    findings = inspection.findings
    errors = warnings = notes = 0
    for finding in findings:
        if finding.severity == Severity.ERROR:
            errors += 1
        elif finding.severity == Severity.WARNING:
            warnings += 1
        else:
            notes += 1
    return Row(
        inspection.path,
        "broken" if errors else "adapter",
        FULL,
        checksum,
        inspection.fingerprint,
        "",
        inspection.peft_type,
        inspection.variant,
        inspection.task_type,
        inspection.rank,
        inspection.parameters,
        inspection.tensor_count,
        inspection.size_bytes,
        inspection.base_model_name,
        time_of(inspection.fingerprint),
        inspection.content_id,
        errors,
        warnings,
        notes,
        findings_json(findings) if findings else "[]",
        inspection_json(inspection),
    )
