"""What stands between a person and a registry, and what can be done about it."""

from __future__ import annotations

from desktop.services.records import Finding, Severity
from desktop.views.import_pages.registry.draft import MODEL
from desktop.views.import_pages.registry.session import RegistrySession
from desktop.views.import_pages.shared.boxes import Box

EDIT, AGAIN = "edit", "again"
WORDS = {EDIT: "Change the connection…", AGAIN: "Check again"}
"""The words of the links."""
AT_FIELD = ("not_found", "revision", "no_adapter", "renamed")
"""Codes of troubles that are about what was typed: they stand under the field."""

_PASSING = ("offline", "rate", "server", "unreachable", "slow", "cut")
_SIGN_IN = ("token", "forbidden", "gated")


def box_of(session: RegistrySession) -> Box | None:
    """What stands in the way of what is typed; None where nothing does."""
    trouble = session.trouble
    if trouble is None or trouble.code in AT_FIELD:
        return None
    severity = Severity.WARNING if trouble.code in _PASSING else Severity.ERROR
    finding = Finding(MODEL, trouble.code, severity, trouble.message, trouble.advice)
    return Box(finding, "padlock" if trouble.code in _SIGN_IN else "", (EDIT, AGAIN))
