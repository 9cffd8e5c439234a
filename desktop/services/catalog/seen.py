"""What was seen in an adapter's folder: inspections and findings, in and out of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from desktop.services.records import (
    FileKind,
    Finding,
    FolderFile,
    FolderInspection,
    Severity,
)


def inspection_values(inspection: FolderInspection, findings: Sequence[Finding]) -> dict[str, Any]:
    """The columns of `lorarium_adapters` that a look at the folder fills. Big integers that no
    database could hold are left out of the columns (the JSON keeps them)."""

    def fits(figure: int | None) -> int | None:
        return figure if figure is not None and -(2**63) <= figure < 2**63 else None

    return {
        "fingerprint": inspection.fingerprint,
        "peft_type": clean_text(inspection.peft_type),
        "variant": clean_text(inspection.variant),
        "rank": fits(inspection.rank),
        "parameters": fits(inspection.parameters),
        "tensor_count": fits(inspection.tensor_count),
        "size_bytes": fits(inspection.size_bytes),
        "content_id": clean_text(inspection.content_id) or None,
        "inspection": inspection_json(inspection),
        **findings_values(findings),
    }


def findings_values(findings: Sequence[Finding]) -> dict[str, Any]:
    """The columns of `lorarium_adapters` that hold findings."""
    counts = {level: sum(f.severity == level for f in findings) for level in Severity}
    return {
        "errors": counts[Severity.ERROR],
        "warnings": counts[Severity.WARNING],
        "notes": counts[Severity.NOTE],
        "findings": findings_json(findings),
    }


def clean_text(text: str | None) -> str | None:
    """Text that both databases can hold: no NUL, no lone surrogates."""
    if text is None:
        return None
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


_INSPECTED = tuple(
    f.name for f in fields(FolderInspection) if f.name not in ("findings", "config_text")
)
_FINDING = tuple(f.name for f in fields(Finding))
_encode = json.JSONEncoder(check_circular=False).encode


def inspection_json(inspection: FolderInspection) -> str:
    """An inspection as JSON, pure ASCII so that any name survives; findings are stored apart."""
    values = {name: getattr(inspection, name) for name in _INSPECTED}
    values["files"] = [
        {"name": f.name, "size": f.size, "kind": f.kind, "note": f.note} for f in inspection.files
    ]
    return _encode(values)


def inspection_from_json(text: str | None) -> FolderInspection | None:
    """The inspection again; None where the text is not one."""
    try:
        data = json.loads(text or "null")
        if not isinstance(data, dict):
            return None
        known = {f.name for f in fields(FolderInspection)}
        given = {k: v for k, v in data.items() if k in known}
        for name in ("target_modules", "dtypes"):
            given[name] = tuple(given.get(name) or ())
        given["tensor_widths"] = tuple(tuple(w) for w in given.get("tensor_widths") or ())
        given["files"] = tuple(
            FolderFile(f["name"], f["size"], FileKind(f["kind"]), f.get("note", ""))
            for f in given.get("files") or ()
        )
        return FolderInspection(**given)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def findings_json(findings: Iterable[Finding]) -> str:
    """Findings as JSON."""
    return _encode([{name: getattr(f, name) for name in _FINDING} for f in findings])


def findings_from_json(text: str | None) -> tuple[Finding, ...]:
    """The findings again; none where the text is not a list of them."""
    try:
        listed = json.loads(text or "[]")
        return tuple(
            replace(Finding(**item), severity=Severity(item["severity"])) for item in listed
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
