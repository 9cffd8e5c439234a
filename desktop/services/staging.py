"""A folder for one import while it is put together; nothing of it stays at the end.

A lock beside it tells a live import from what a killed run left.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from desktop.services.errors import FolderError

_KEY = re.compile(r"[0-9a-f]{32}")
"""What a staging folder is called; others are not ours to remove."""


class Staging:
    """A folder for one import, on the file system of the store; nothing of it stays at the end.

    A lock beside it tells a live import from what a killed run left, so that a second window
    that starts meanwhile does not sweep it away.
    """

    def __init__(self, parent: Path, key: str) -> None:
        self._parent = parent
        self.folder = parent / key
        self._lock_path = parent / f"{key}.lock"

    def __enter__(self) -> Staging:
        from filelock import FileLock

        try:
            self._parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._lock_path)
            self._lock.acquire(timeout=10)
            self.folder.mkdir()
        except OSError as failure:
            raise FolderError(
                f"The library can't be written: {failure.strerror or failure}.",
                f"Check {self._parent.parent} and the space on its disk.",
            ) from failure
        return self

    def keep_as(self, target: Path) -> None:
        """Sync the folder and give it its place in the store in one step.

        Raises:
            FolderError: the disk said no.
        """
        try:
            _sync_folder(self.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            self.folder.rename(target)
            _sync_folder(target.parent)
        except OSError as failure:
            raise FolderError(
                f"The library can't be written: {failure.strerror or failure}.",
                "Nothing was imported.",
            ) from failure

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()
        with suppress(OSError):
            self._lock_path.unlink()
        with suppress(OSError):
            self._parent.rmdir()


def sweep_staging(parent: Path) -> bool:
    """Remove what a killed run left in staging; returns False if an import is at work there."""
    from filelock import FileLock, Timeout

    quiet = True
    try:
        entries = sorted(parent.iterdir())
    except OSError:
        return True
    for entry in entries:
        if not _KEY.fullmatch(entry.name) or entry.is_symlink():
            continue
        lock_path = parent / f"{entry.name}.lock"
        lock = FileLock(lock_path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            quiet = False
            continue
        shutil.rmtree(entry, ignore_errors=True)
        lock.release()
        with suppress(OSError):
            lock_path.unlink()
    for entry in parent.glob("*.lock"):
        if not _KEY.fullmatch(entry.stem):
            continue
        lock = FileLock(entry)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            quiet = False
            continue
        lock.release()
        with suppress(OSError):
            entry.unlink()
    with suppress(OSError):
        parent.rmdir()
    return quiet


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
