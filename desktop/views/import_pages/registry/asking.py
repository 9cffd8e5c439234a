"""What the page asks a registry; every function here runs off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.services.errors import RemoteError
from desktop.services.registry.records import Connection, ModelVersion, RegistryPreview
from desktop.views.import_pages.shared.asking import usable_name

if TYPE_CHECKING:
    from desktop.bootstrap import Services


@dataclass(frozen=True)
class Look:
    """What a registry has under what was asked for, the versions that can be chosen instead, newest
    first, and a name for it that is free. model: how `imports` asks for the same."""

    connection: Connection
    model: str
    preview: RegistryPreview
    versions: tuple[ModelVersion, ...]
    name: str


def look(
    services: Services,
    ctx: Any,
    connection: Connection,
    what: str | ModelVersion,
    folder: str,
) -> Look:
    """Ask the registry what is there.

    what: as typed, or the version that was chosen. folder: where in its artifact, "" = found.

    Raises:
        LorariumError: why that is not known. Cancelled: nobody waits for it any more.
    """
    registry = services.registry
    preview = registry.preview(connection, what, folder, ctx.report)
    version = preview.version
    try:
        others = registry.versions(connection, version.model_id, "", ctx.report).versions
    except RemoteError:
        others = ()  # there is the one that was asked for
    if all(other.version != version.version for other in others):
        others = (*others, version)
    last = folder.strip("/").rpartition("/")[2]
    name = services.adapters.free_name(usable_name(version.model_name or version.model_id, last))
    return Look(connection, _asked(what, version), preview, tuple(others), name)


def _asked(what: str | ModelVersion, version: ModelVersion) -> str:
    """The version that was seen, so that no other one is fetched. An alias stays one: it is what
    updates follow."""
    if isinstance(what, str):
        alias = what.strip().rpartition("@")[2]
        if "@" in what and alias in version.aliases:
            return f"{version.model_id}@{alias}"
    return f"{version.model_id}/{version.version}"
