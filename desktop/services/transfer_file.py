"""One file on its way to the disk: written and hashed in one pass, then compared."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable, size_text

NOTHING = "Nothing was imported."

_CHUNK = 1 << 20
_BAD = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file to fetch.

    name: a relative POSIX path, what it is called in the target folder. url: where it is; some
    are as good as a token, so it is in no repr. size: announced bytes, None = unknown. sha256,
    git_sha1: announced digests in hex, of the content and of its git blob; None = unknown.
    method, content: how it is asked for; what is no GET begins anew after every break.
    """

    name: str
    url: str = field(repr=False)
    size: int | None = None
    sha256: str | None = None
    git_sha1: str | None = None
    method: str = "GET"
    content: bytes | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """The announced digest that counts, in lower case; "" = none."""
        return (self.sha256 or self.git_sha1 or "").lower()

    @property
    def shown(self) -> str:
        """Its name for a sentence."""
        return printable(self.name, 80)


def place_files(files: Iterable[RemoteFile], target: Path) -> dict[str, Path]:
    """Where the files go: {name: path}. Nothing is made.

    Raises:
        RemoteError (`listing`): a name that leads elsewhere, or that is there twice.
    """
    root = target.resolve()
    paths: dict[str, Path] = {}
    for file in files:
        parts = file.name.split("/")
        path = root.joinpath(*parts)
        if (
            any(part.strip(". ") == "" or _BAD.search(part) for part in parts)
            or not path.parent.resolve().is_relative_to(root)
            or file.name in paths
        ):
            raise RemoteError(
                "listing",
                f"“{file.shown}” is no name that a file in the library can have.",
                NOTHING,
            )
        paths[file.name] = path
    return paths


class Landing:
    """A file that is being written. got: bytes so far.

    path must not exist; its folder is made. Whoever makes one calls `finish` or `discard`.

    Raises:
        RemoteError (`disk`): the disk said no.
    """

    def __init__(self, file: RemoteFile, path: Path, most_bytes: int) -> None:
        self.file = file
        self.path = path
        self.got = 0
        self._most = most_bytes if file.size is None else file.size
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = open(path, "xb", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise disk_error(file.shown, error) from error
        self._begin()

    def _begin(self) -> None:
        self.got = 0
        self._sha256 = hashlib.sha256()
        size, wanted = self.file.size, self.file.git_sha1 and not self.file.sha256
        # The blob's head says its size: one that nobody announced is hashed at the end.
        self._git = (
            hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
            if wanted and size is not None
            else None
        )

    def expect(self, count: int) -> None:
        """So many bytes are to come. Raises RemoteError (`too_large`) if that is too much."""
        if self.got + count > self._most:
            raise self._too_large()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; none are written beyond the limit.

        Raises:
            RemoteError: `too_large`, or `disk`.
        """
        if self.got + len(chunk) > self._most:
            raise self._too_large()
        try:
            written = self._writer.write(chunk)
            while written < len(chunk):
                written += self._writer.write(memoryview(chunk)[written:])
        except OSError as error:
            raise disk_error(self.file.shown, error) from error
        self._sha256.update(chunk)
        if self._git is not None:
            self._git.update(chunk)
        self.got += len(chunk)

    def restart(self) -> None:
        """Forget what came: the file begins anew."""
        try:
            self._writer.seek(0)
            self._writer.truncate()
        except OSError as error:
            raise disk_error(self.file.shown, error) from error
        self._begin()

    @property
    def sha256(self) -> str:
        """Of what is written."""
        return self._sha256.hexdigest()

    def complaint(self) -> str:
        """What is not as announced, in a sentence; "" = nothing."""
        file = self.file
        if file.size is not None and self.got != file.size:
            return (
                f"{file.shown} has {size_text(self.got)} instead of the announced "
                f"{size_text(file.size)}."
            )
        if file.sha256 and self.sha256 != file.sha256.lower():
            return f"{file.shown} does not match its announced sha256."
        if file.git_sha1 and not file.sha256 and self._git_sha1() != file.git_sha1.lower():
            return f"{file.shown} does not match its announced git SHA-1."
        return ""

    def _git_sha1(self) -> str:
        if self._git is None:
            self._git = hashlib.sha1(b"blob %d\0" % self.got, usedforsecurity=False)
            with open(self.path, "rb", buffering=0) as reader:
                while chunk := reader.read(_CHUNK):
                    self._git.update(chunk)
        return self._git.hexdigest()

    def finish(self) -> None:
        """Bring it to the disk, and close it. Raises RemoteError (`disk`)."""
        try:
            os.fsync(self._writer.fileno())
            self._writer.close()
        except OSError as error:
            raise disk_error(self.file.shown, error) from error

    def discard(self) -> None:
        """Close it, and delete it."""
        for step in (self._writer.close, self.path.unlink):
            try:
                step()
            except OSError:
                # Staging goes as a whole; the error that led here is the one to tell.
                continue

    def _too_large(self) -> RemoteError:
        announced = self.file.size is not None
        limit = size_text(self._most)
        return RemoteError(
            "too_large",
            f"{self.file.shown} is larger than the announced {limit}."
            if announced
            else f"{self.file.shown} is larger than {limit}, the most that Lorarium fetches.",
            NOTHING,
        )


def sync_folders(folders: Iterable[Path]) -> None:
    """Bring the entries of folders to the disk, where the system can. Raises OSError."""
    if os.name != "posix":
        return
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def disk_error(name: str, error: OSError) -> RemoteError:
    """What the disk said, for a person."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return RemoteError(
            "disk", "The disk is full.", f"{NOTHING} Free some space, then try again."
        )
    return RemoteError(
        "disk", f"{name} can't be written: {error.strerror or 'unknown error'}.", NOTHING
    )
