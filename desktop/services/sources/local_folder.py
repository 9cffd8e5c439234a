"""Import from a folder on this machine: kept in place, or copied into the library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.services.copying import CopyFile, copy_files, shown_name
from desktop.services.peft_folder import inspect_folder
from desktop.services.progress import Progress
from desktop.services.records import AdapterRecord, AdapterType, FileKind, Finding
from desktop.services.sources.base import Ahead, Fetched, SourceField


class LocalFolder:
    """A folder that holds an adapter.

    Fields: `location`, an absolute path; `copy`, True to copy the adapter's files into the library.
    Training files (optimizer state and the like) are never copied: they stay where they are.
    """

    type = AdapterType.PROJECT.value
    title = "Local folder"
    icon = "folder"
    fields = (
        SourceField("location", "Folder", "/data/runs/my-adapter", "folder"),
        SourceField("copy", "Copy into the library", kind="switch"),
    )

    def understood(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """A path is taken as it is."""
        return fields

    def check(self, fields: Mapping[str, Any]) -> list[Finding]:
        """Nothing beyond the rules that every request is held to."""
        return []

    def keeps_in_place(self, fields: Mapping[str, Any]) -> bool:
        """Keep in place is the default."""
        return not fields.get("copy")

    def kept(self, fields: Mapping[str, Any]) -> Fetched:
        """Nothing beyond what the folder itself tells."""
        return Fetched({})

    def newest(self, record: AdapterRecord, progress: Progress) -> str | None:
        """A folder has no versions; that it changed is seen by looking at it."""
        return None

    def ahead(self, record: AdapterRecord, progress: Progress) -> Ahead | None:
        """A folder has no versions."""
        return None

    def again(self, record: AdapterRecord) -> Mapping[str, Any]:
        """Where the folder is."""
        return {"location": record.path, "copy": record.managed}

    def fetch(self, fields: Mapping[str, Any], staging: Path, progress: Progress) -> Fetched:
        """Copy the adapter's regular files, hashing what is written; the source is only read.

        Raises:
            FolderError: a file can't be read, changed meanwhile, or the disk is full.
        """
        source = os.fspath(fields["location"])
        wanted = [f for f in inspect_folder(source).files if f.kind != FileKind.TRAINING]
        # An inspection shows a name that is no text with escapes; the file needs its own bytes.
        names = {shown_name(name): name for name in os.listdir(source)}
        files = [
            CopyFile(source, names.get(f.name, f.name), f.size, names.get(f.name, f.name))
            for f in wanted
        ]
        digests = copy_files(
            files, staging, progress, "Free some space, or keep the adapter in place."
        )
        return Fetched({f.name: digest for f, digest in zip(wanted, digests, strict=True)})
