"""What Lorarium keeps for itself: nobody's adapters, whatever a scan sees there."""

from __future__ import annotations

import os
from dataclasses import dataclass

from desktop.services.catalog.location import CatalogLocation
from desktop.services.scan.roots import is_in


@dataclass(frozen=True, slots=True)
class OwnFolders:
    """private: real paths of trash, staging and the like; store: that of the managed adapters, of
    which only those are anybody's that are in the library."""

    private: tuple[str, ...]
    store: str

    def holds(self, real: str) -> bool:
        """Whether a folder, by its real path, is Lorarium's own."""
        return any(is_in(real, folder) for folder in (*self.private, self.store))


def own_folders(location: CatalogLocation) -> OwnFolders:
    """The folders of one library, after all links."""
    private = (location.trash, location.staging, location.partial, location.backups)
    return OwnFolders(tuple(map(os.path.realpath, private)), os.path.realpath(location.adapters))
