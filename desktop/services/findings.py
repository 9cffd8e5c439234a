"""What checks have to say. Part of `records`, which everybody imports them from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """error blocks an import, warning works but, note is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


SEVERITY_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check has to say.

    field: the request's field it belongs to; code: stable, for programs; message: a full sentence
    that says what is; advice: what to do or why it matters, may be empty. `suggestion` is a value
    for the field that would settle it ("" = none).
    """

    field: str
    code: str
    severity: Severity
    message: str
    advice: str = ""
    suggestion: str = ""


def errors_first(findings: Any) -> tuple[Finding, ...]:
    """The findings sorted by severity, otherwise in their order."""
    return tuple(sorted(findings, key=lambda f: SEVERITY_ORDER[f.severity]))


def blocks(findings: Any) -> bool:
    """Whether any finding is an error."""
    return any(f.severity == Severity.ERROR for f in findings)
