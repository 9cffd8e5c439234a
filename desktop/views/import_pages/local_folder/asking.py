"""What the import dialog asks the disk and the catalogue; every function here runs off the UI
thread, and what it returns says what it is about, so that a late answer can be told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from desktop.services.peft_folder import (
    BaseFit,
    FoundAdapter,
    base_fit,
    cached_base_dir,
    find_adapters,
    inspect_folder,
    printable,
)
from desktop.services.records import (
    AdapterType,
    AddAdapterRequest,
    BaseModelRecord,
    DatasetSplit,
    Finding,
    FolderInspection,
    Severity,
    errors_first,
)
from desktop.views.import_pages.local_folder.paths import (
    folder_title,
    found_by_bytes,
    proposed_name,
)

if TYPE_CHECKING:
    from desktop.bootstrap import Services


@dataclass(frozen=True)
class Look:
    """The adapters at one or several places, and which of them are ticked at first.

    refusals: what is wrong with the places that hold none.
    """

    paths: tuple[str, ...]
    found: tuple[FoundAdapter, ...]
    ticked: frozenset[str]
    refusals: tuple[Finding, ...]


@dataclass(frozen=True)
class Read:
    """What is in one adapter folder, and a name for it that is free."""

    path: str
    inspection: FolderInspection
    name: str


@dataclass(frozen=True)
class Ask:
    """One request to check, with what was read from its folder."""

    path: str
    request: AddAdapterRequest
    inspection: FolderInspection | None


@dataclass(frozen=True)
class Answer:
    """What is to be said of a request. base: the base model that the config means, if it is in the
    library; fit: how the chosen one fits, in a sentence; fits: whether that is good news."""

    path: str
    request: AddAdapterRequest
    findings: tuple[Finding, ...]
    split: DatasetSplit | None = None
    base: BaseModelRecord | None = None
    fit: str = ""
    fits: bool = False


def look(services: Services, ctx: Any, paths: Sequence[str]) -> Look:
    """Find the adapters at these places.

    Raises:
        Cancelled: nobody waits for it any more.
    """

    def stopped() -> bool:
        return bool(ctx.cancelled)

    found: list[FoundAdapter] = []
    ticked: set[str] = set()
    refusals: list[Finding] = []
    root = services.location.root
    for given in paths:
        path = found_by_bytes(given)
        # A relative path belongs to a studio's project; never to where the program was started.
        whole = path if os.path.isabs(path) else os.path.join(root, path) if root else ""
        here = find_adapters(whole, cancelled=stopped) if whole else ()
        if here:
            found += here
            ticked.add(_first_choice(whole, here).path)
        else:
            refusals += _refusals(services, path, alone=len(paths) == 1)
    unique = {adapter.path: adapter for adapter in found}
    return Look(tuple(paths), tuple(unique.values()), frozenset(ticked), tuple(refusals))


def _first_choice(place: str, found: Sequence[FoundAdapter]) -> FoundAdapter:
    """The folder itself, else the newest."""
    for adapter in found:
        if adapter.path == place:
            return adapter
    for adapter in found:
        if adapter.newest:
            return adapter
    return max(found, key=lambda adapter: adapter.mtime or 0.0)


def _refusals(services: Services, path: str, *, alone: bool) -> list[Finding]:
    if not alone:
        title = printable(folder_title(path), 80)
        return [Finding("location", "none_here", Severity.WARNING, f"“{title}” holds no adapter.")]
    request = AddAdapterRequest(type=AdapterType.PROJECT, location=path)
    return [f for f in services.adapters.validate(request) if f.field == "location"]


def read(services: Services, path: str, taken: Sequence[str]) -> Read:
    """Look into one folder, and propose a name that neither the library nor `taken` has."""
    inspection = inspect_folder(path)
    wanted = proposed_name(path)
    name = services.adapters.free_name(wanted)
    number = 1
    while name in taken:
        number += 1
        name = services.adapters.free_name(f"{wanted}-{number}")
    return Read(path, inspection, name)


def check(services: Services, asks: Sequence[Ask]) -> list[Answer]:
    """What is to be said of these requests now."""
    return [_answer(services, ask) for ask in asks]


def _answer(services: Services, ask: Ask) -> Answer:
    request, there = ask.request, ask.inspection
    models = services.base_models.list_base_models()
    base = services.base_models.find_base_model(there.base_model_name) if there else None
    if there is None:
        # The folder was looked at already and is not to be asked again: it may hang.
        found = services.adapters.validate(replace(request, location=None))
        found = tuple(f for f in found if f.field != "location")
    else:
        found = services.adapters.validate(request, inspection=there)
    split = services.adapters.get_split_by_name(request.name or "", request.fine_tuning_job_id)
    chosen = next((model for model in models if model.id == request.model_id), None)
    if there is None or chosen is None:
        return Answer(ask.path, request, found, split, base)
    fit = _fit(there, chosen)
    said = {(f.field, f.code) for f in found}
    found = errors_first((*found, *(f for f in fit.findings if (f.field, f.code) not in said)))
    good = fit.verdict in ("fits", "named") and not fit.findings
    return Answer(ask.path, request, found, split, base, fit.sentence, good)


def _fit(there: FolderInspection, model: BaseModelRecord) -> BaseFit:
    """How the chosen base model stands to the one that the config names, and to the weights."""
    folder = model.location
    if not folder and model.huggingface_name:
        folder = cached_base_dir(model.huggingface_name)
    return base_fit(
        there,
        named=there.base_model_name,
        base_title=model.huggingface_name or model.location or model.title,
        base_dir=folder,
    )
