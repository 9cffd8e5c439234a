"""What the page asks a hub, the disk and the catalogue; every function here runs off the UI
thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.services.hub.records import CachedAdapter, HubPreview, HubReference
from desktop.services.peft_folder import inspect_folder
from desktop.services.records import FolderInspection
from desktop.views.import_pages.shared.asking import usable_name

if TYPE_CHECKING:
    from desktop.bootstrap import Services


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


def proposed_name(repo_id: str, subfolder: str) -> str:
    """The last part of the repository's name, with that of the sub-folder where there is one."""
    return usable_name(repo_id.rpartition("/")[2], subfolder.strip("/").rpartition("/")[2])


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
