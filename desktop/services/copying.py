"""Copies files of a folder that others made: hashed on the way, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.services.errors import FolderError
from desktop.services.peft_folder.reading import open_file, printable, size_text, storable
from desktop.services.progress import Progress

_CHUNK = 1 << 20
_MOST_SPARED = 64 << 20  # bytes that stay free on the disk, for the catalogue and others


@dataclass(frozen=True, slots=True)
class CopyFile:
    """A file to copy. folder: where it is; name: what it is called there. size in bytes, as it was
    when it was looked at. target: what it is called below the target folder, a relative path that
    was checked. root: where its links may lead, None = as `reading.allowed_root` says."""

    folder: str
    name: str
    size: int
    target: str
    root: str | None = None

    @property
    def shown(self) -> str:
        """What it is called, for a sentence."""
        return shown_name(self.target)


def copy_files(
    files: Sequence[CopyFile],
    target: Path,
    progress: Progress,
    advice: str = "Free some space, then try again.",
) -> list[str]:
    """Copy files into a folder that exists; the source is only read. Each is synced to disk.

    progress: in bytes. advice: what to do where there is no room.

    Returns: the sha256 of each file, of the bytes that were written.

    Raises:
        FolderError: a file can't be read, changed meanwhile, or the disk is full.
    """
    total = sum(file.size for file in files)
    free = shutil.disk_usage(target).free
    needed = total + min(_MOST_SPARED, total // 4 + (64 << 10))
    if free < needed:
        raise FolderError(
            f"The copy needs {size_text(needed)}, and {size_text(free)} are free.", advice
        )
    done = 0
    digests = []
    for file in files:
        progress(done, total, file.shown)
        try:
            digests.append(_copy(file, target, done, total, progress))
        except OSError as error:
            raise _refusal(file.shown, error) from error
        done += file.size
    progress(total, total, "")
    return digests


def _copy(file: CopyFile, target: Path, done: int, total: int, progress: Progress) -> str:
    digest = hashlib.sha256()
    written = 0
    path = os.path.join(os.fspath(target), file.target)
    if "/" in file.target:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with (
        open(open_file(file.folder, file.name, file.root).fd, "rb") as reader,
        open(path, "xb") as writer,
    ):
        while chunk := reader.read(_CHUNK):
            written += len(chunk)
            if written > file.size:
                break
            digest.update(chunk)
            writer.write(chunk)
            progress(done + written, total, file.shown)
        writer.flush()
        os.fsync(writer.fileno())
    if written != file.size:
        raise FolderError(
            f"{file.shown} changed while it was copied.",
            "Nothing was imported. Try again when the training has finished.",
        )
    return digest.hexdigest()


def shown_name(name: str) -> str:
    """A file's name as it is, with escapes where it is no text."""
    return name if storable(name) == name else printable(name, 255)


def _refusal(name: str, error: OSError) -> FolderError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FolderError(
            "The disk is full.", "Nothing was imported. Free some space, then try again."
        )
    return FolderError(
        f"{name} can't be copied: {error.strerror or error}.", "Nothing was imported."
    )
