"""Import from a folder on this machine: kept in place, or copied into the library."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.services.errors import FolderError
from desktop.services.peft_folder import inspect_folder
from desktop.services.peft_folder.reading import open_file, printable, size_text, storable
from desktop.services.progress import Progress
from desktop.services.records import AdapterRecord, AdapterType, FileKind, Finding, FolderFile
from desktop.services.sources.base import Ahead, Fetched, SourceField

_CHUNK = 1 << 20
_MOST_SPARED = 64 << 20  # bytes that stay free on the disk, for the catalogue and others


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
        names = {_shown(name): name for name in os.listdir(source)}
        total = sum(f.size for f in wanted)
        free = shutil.disk_usage(staging).free
        needed = total + min(_MOST_SPARED, total // 4 + (64 << 10))
        if free < needed:
            raise FolderError(
                f"The copy needs {size_text(needed)}, and {size_text(free)} are free.",
                "Free some space, or keep the adapter in place.",
            )
        done = 0
        files: dict[str, str] = {}
        for file in wanted:
            progress(done, total, file.name)
            try:
                name = names.get(file.name, file.name)
                files[file.name] = self._copy(source, name, file, staging, done, total, progress)
            except OSError as error:
                raise _refusal(file.name, error) from error
            done += file.size
        progress(total, total, "")
        return Fetched(files)

    def _copy(
        self,
        source: str,
        name: str,
        file: FolderFile,
        staging: Path,
        done: int,
        total: int,
        progress: Progress,
    ) -> str:
        digest = hashlib.sha256()
        written = 0
        with (
            open(open_file(source, name).fd, "rb") as reader,
            open(os.path.join(os.fspath(staging), name), "xb") as writer,
        ):
            while chunk := reader.read(_CHUNK):
                written += len(chunk)
                if written > file.size:
                    break
                digest.update(chunk)
                writer.write(chunk)
                progress(done + written, total, file.name)
            writer.flush()
            os.fsync(writer.fileno())
        if written != file.size:
            raise FolderError(
                f"{file.name} changed while it was copied.",
                "Nothing was imported. Try again when the training has finished.",
            )
        return digest.hexdigest()


def _shown(name: str) -> str:
    return name if storable(name) == name else printable(name, 255)


def _refusal(name: str, error: OSError) -> FolderError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FolderError(
            "The disk is full.", "Nothing was imported. Free some space, then try again."
        )
    return FolderError(
        f"{name} can't be copied: {error.strerror or error}.", "Nothing was imported."
    )
