"""What the page asks a hub, the disk and the catalogue; every function here runs off the UI
thread."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.services.hub.records import CachedAdapter, HubPreview, HubReference
from desktop.services.peft_folder import inspect_folder
from desktop.services.records import (
    AdapterType,
    AddAdapterRequest,
    BaseModelRecord,
    Finding,
    FolderInspection,
)

if TYPE_CHECKING:
    from desktop.bootstrap import Services

_NAME_LENGTH = 120


@dataclass(frozen=True)
class Look:
    """What is at a place on a hub, and a name for it that is free."""

    reference: HubReference
    preview: HubPreview
    name: str


@dataclass(frozen=True)
class CacheLook:
    """What is in a folder of the cache, and a name for it that is free."""

    cached: CachedAdapter
    inspection: FolderInspection
    name: str


@dataclass(frozen=True)
class Ask:
    """One import to check. bases: the names of its base model, the surest first."""

    request: AddAdapterRequest
    fields: dict[str, Any]
    inspection: FolderInspection | None
    bases: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What is to be said of it. base, fit, fits: as of a local folder."""

    request: AddAdapterRequest
    findings: tuple[Finding, ...]
    base: BaseModelRecord | None = None
    fit: str = ""
    fits: bool = False


def proposed_name(repo_id: str, subfolder: str) -> str:
    """The last part of the repository's name, with that of the sub-folder where there is one."""
    parts = [repo_id.rpartition("/")[2], subfolder.strip("/").rpartition("/")[2]]
    text = "-".join(part for part in parts if part)
    kept = "".join(c for c in text if unicodedata.category(c)[0] not in "CZ" or c == " ")
    return " ".join(kept.split())[:_NAME_LENGTH] or "adapter"


def look(services: Services, ctx: Any, reference: HubReference) -> Look:
    """Ask the hub what is there.

    Raises:
        LorariumError: why that is not known. Cancelled: nobody waits for it any more.
    """
    preview = services.hub.preview(reference, ctx.report)
    wanted = proposed_name(reference.repo_id, reference.subfolder)
    return Look(reference, preview, services.adapters.free_name(wanted))


def look_at_cached(services: Services, cached: CachedAdapter) -> CacheLook:
    """Look into a folder of the cache; no network."""
    wanted = proposed_name(cached.repo_id, cached.subfolder)
    name = services.adapters.free_name(wanted)
    return CacheLook(cached, inspect_folder(cached.path), name)


def check(services: Services, ask: Ask) -> Answer:
    """What is to be said of an import now."""
    from desktop.services.validation import base_fit_of

    found = services.imports.check(AdapterType.HUGGINGFACE.value, ask.fields, ask.inspection)
    models = services.base_models
    here = (models.find_base_model(name) for name in ask.bases)
    base = next((record for record in here if record is not None), None)
    there, wanted = ask.inspection, ask.request.model_id
    chosen = next((m for m in models.list_base_models() if m.id == wanted), None)
    if there is None or chosen is None:
        return Answer(ask.request, found, base)
    fit = base_fit_of(there, chosen)
    good = fit.verdict in ("fits", "named") and not fit.findings
    return Answer(ask.request, found, base, fit.sentence, good)
