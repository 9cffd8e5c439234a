"""Files that were fetched whole and verified before the fetch as a whole broke off."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

_NAME = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")
_COPY = re.compile(r"[0-9a-f]{32}\.tmp")
_CHUNK = 1 << 20
_DAY = 86400.0


class PartStore:
    """Keeps files by their digest, for the next try.

    folder: of its own, made and removed as needed; what is not the store's in there is left
    alone. A digest is the sha256 of the content or the SHA-1 of its git blob, in lower-case hex.
    most_bytes and days: what goes beyond is removed by `tidy`, the oldest first. Several
    processes may use one folder: a file leaves the store before it is looked at.
    """

    def __init__(self, folder: Path, most_bytes: int = 20 * 10**9, days: float = 7) -> None:
        self.folder = folder
        self._most_bytes = most_bytes
        self._seconds = days * _DAY

    def take(
        self, digest: str, size: int, target: Path, count: Callable[[int], None] | None = None
    ) -> str:
        """Move the file with this digest to `target`, which must not exist yet.

        Its size and content are verified; a wrong one is deleted. count: called with the bytes of
        each MiB that was looked at; what it raises ends this, and the file is back in the store.

        Returns: the sha256 of the content, "" = there is none.
        """
        if not _NAME.fullmatch(digest) or os.path.lexists(target):
            return ""
        try:
            _move(self.folder / digest, target)
        except OSError:
            return ""
        try:
            found = _digests(target, size, count or _go_on)
        except OSError:
            found = ()
        except BaseException:
            self.keep(target, digest)
            raise
        if digest in found:
            return found[0]
        with suppress(OSError):
            target.unlink()
        return ""

    def keep(self, path: Path, digest: str) -> bool:
        """Move a whole and verified file into the store; returns whether that worked."""
        if not _NAME.fullmatch(digest):
            return False
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                return False
            self.folder.mkdir(parents=True, exist_ok=True)
            os.utime(path)
            _move(path, self.folder / digest)
        except OSError:
            return False
        return True

    def tidy(self) -> None:
        """Remove what is too old or too much, and the folder if nothing is in it."""
        now = time.time()
        kept: list[tuple[float, int, Path]] = []
        for path, info in self._entries():
            # A clock that was wrong once must not keep a file for ever.
            age = abs(now - info.st_mtime)
            if age > (self._seconds if _NAME.fullmatch(path.name) else min(self._seconds, _DAY)):
                with suppress(OSError):
                    path.unlink()
            else:
                kept.append((info.st_mtime, info.st_size, path))
        room = self._most_bytes - sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept):
            if room >= 0:
                break
            with suppress(OSError):
                path.unlink()
            room += size
        with suppress(OSError):
            self.folder.rmdir()

    def _entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        try:
            names = os.listdir(self.folder)
        except OSError:
            return
        for name in names:
            if _NAME.fullmatch(name) or _COPY.fullmatch(name):
                path = self.folder / name
                with suppress(OSError):
                    info = path.lstat()
                    if stat.S_ISREG(info.st_mode):
                        yield path, info


def _go_on(count: int) -> None:
    pass


def _move(source: Path, target: Path) -> None:
    """A rename, or on another disk a copy that appears whole or not at all."""
    try:
        source.replace(target)
    except OSError:
        if not stat.S_ISREG(source.lstat().st_mode):
            raise
        copy = target.parent / f"{uuid.uuid4().hex}.tmp"
        try:
            shutil.copyfile(source, copy, follow_symlinks=False)
            copy.replace(target)
        except BaseException:
            with suppress(OSError):
                copy.unlink()
            raise
        source.unlink()


def _digests(path: Path, size: int, count: Callable[[int], None]) -> tuple[str, ...]:
    """The sha256 and the git SHA-1 of a file; nothing if it is no file of this size."""
    info = path.lstat()
    # A second name would let somebody change the content after it was verified.
    if not stat.S_ISREG(info.st_mode) or info.st_size != size or info.st_nlink > 1:
        return ()
    sha256 = hashlib.sha256()
    git = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb", buffering=0) as reader:
        while chunk := reader.read(_CHUNK):
            sha256.update(chunk)
            git.update(chunk)
            count(len(chunk))
    return sha256.hexdigest(), git.hexdigest()
