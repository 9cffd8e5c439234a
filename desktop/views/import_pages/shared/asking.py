"""What every page of a server asks the catalogue; every function here runs off the UI thread."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.services.records import (
    AddAdapterRequest,
    BaseModelRecord,
    Finding,
    FolderInspection,
)
from desktop.views.import_pages.shared.draft import RemoteDraft

if TYPE_CHECKING:
    from desktop.bootstrap import Services

_NAME_LENGTH = 120


@dataclass(frozen=True)
class Ask:
    """One import to check. source: its adapter type; bases: the names of its base model, the
    surest first; named_by: who names it, "" = the config."""

    source: str
    request: AddAdapterRequest
    fields: dict[str, Any]
    inspection: FolderInspection | None
    bases: tuple[str, ...]
    named_by: str = ""


@dataclass(frozen=True)
class Answer:
    """What is to be said of it. base, fit, fits: as of a local folder."""

    request: AddAdapterRequest
    findings: tuple[Finding, ...]
    base: BaseModelRecord | None = None
    fit: str = ""
    fits: bool = False


def ask_of(draft: RemoteDraft) -> Ask:
    """What is to be checked of a draft now."""
    return Ask(
        draft.source.value,
        draft.request(),
        draft.import_fields(),
        draft.inspection,
        draft.bases(),
        draft.named_by(),
    )


def usable_name(*parts: str) -> str:
    """A name for an adapter, out of parts that a server says, those that are empty left out."""
    text = "-".join(part for part in parts if part)
    kept = "".join(c for c in text if unicodedata.category(c)[0] not in "CZ" or c == " ")
    return " ".join(kept.split())[:_NAME_LENGTH] or "adapter"


def check(services: Services, ask: Ask) -> Answer:
    """What is to be said of an import now."""
    from desktop.services.validation import base_fit_of

    found = services.imports.check(ask.source, ask.fields, ask.inspection)
    models = services.base_models
    here = (models.find_base_model(name) for name in ask.bases)
    base = next((record for record in here if record is not None), None)
    there, wanted = ask.inspection, ask.request.model_id
    chosen = next((m for m in models.list_base_models() if m.id == wanted), None)
    if there is None or chosen is None:
        return Answer(ask.request, found, base)
    fit = base_fit_of(there, chosen)
    good = fit.verdict in ("fits", "named") and not fit.findings
    sentence = fit.sentence
    if ask.named_by and fit.verdict == "named":
        # There are no files yet whose widths could be compared.
        sentence = f"Named by {ask.named_by}."
    return Answer(ask.request, found, base, sentence, good)
