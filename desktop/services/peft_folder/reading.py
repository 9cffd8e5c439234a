"""Opening files that come from strangers: regular files inside their folder, with a size limit.

A folder that somebody sent may hold links to /etc, pipes that never answer, devices without an end
or sparse files of any size. Everything in this package that reads a byte comes through here.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import NamedTuple

from desktop.services.errors import FolderError

_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_CACHE_REPO = re.compile(r"(?:models|datasets|spaces)--[\w.-]+(?:--[\w.-]+)*")
_SHARED_BLOB = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}")
_SHARED_MARK = ".huggingface-shared-blobs"
LFS_POINTER_START = b"version https://git-lfs.github.com/spec/"


class UnreadableFileError(FolderError):
    """A file is there but can't or must not be read. `code` is stable, for programs."""

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        super().__init__(message, advice)
        self.code = code


class MissingFileError(UnreadableFileError):
    """There is no such file."""


class OpenFile(NamedTuple):
    """An open regular file. The caller closes `fd`; size in bytes as it was when opened."""

    fd: int
    size: int
    mtime_ns: int


def printable(text: str, limit: int = 160) -> str:
    """Outside text made safe for one line of a sentence.

    Control, direction and other characters that do not print are written as escapes, undecodable
    bytes as `\\xNN`, and a text of more than `limit` characters loses its middle.
    """
    if len(text) > limit:
        half = limit // 2
        text = f"{text[:half]}…{text[-half:]}"
    if text.isprintable():
        return text
    out = []
    for char in text:
        code = ord(char)
        if char.isprintable():
            out.append(char)
        elif 0xDC80 <= code <= 0xDCFF:  # surrogateescape: a byte that is no UTF-8
            out.append(f"\\x{code - 0xDC00:02x}")
        elif code < 0x100:
            out.append(f"\\x{code:02x}")
        else:
            out.append(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return "".join(out)


def storable(text: str, limit: int | None = None) -> str:
    """The text as every database takes it: no NUL, no lone surrogate (U+FFFD stands in), cut at
    `limit` characters."""
    if limit is not None and len(text) > limit:
        text = text[:limit]
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    return text


def size_text(size: int) -> str:
    """Bytes for a sentence, in powers of 1000 with three digits: `83.9 MB`, `328 kB`, `12 B`."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{size} B" if unit == "B" else f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:,.3g} TB" if value < 999.5 else f"{value:,.0f} TB"


def allowed_root(folder: str) -> str:
    """The real folder that links of `folder` may point into.

    That is the folder itself; for a snapshot of the Hugging Face cache, whose files are links to
    `../../blobs`, it is the folder of that one repository (`…/models--org--name`). `resolve` lets
    links of such a snapshot go to the cache's shared blobs as well.
    """
    real = os.path.realpath(folder)
    parts = real.split(os.sep)
    for i in range(len(parts) - 2, 0, -1):
        if parts[i + 1] == "snapshots" and i + 2 < len(parts) and _CACHE_REPO.fullmatch(parts[i]):
            return os.sep.join(parts[: i + 1])
    return real


def is_inside(path: str, root: str) -> bool:
    """Whether the real path `path` is `root` or below it. Both must be resolved already."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _is_shared_blob(path: str, root: str) -> bool:
    """Whether the real path `path` is in the store that the repositories of one cache share.

    huggingface_hub 2 keeps what came over Xet in `<cache>/blobs/<2 digits>/<64 digits>`, under the
    hash of its content, with links to it in `models--org--name/blobs`. It marks that folder.
    """
    cache, name = os.path.split(root)
    store = os.path.join(cache, "blobs")
    if not _CACHE_REPO.fullmatch(name) or not path.startswith(store + os.sep):
        return False
    if not _SHARED_BLOB.fullmatch(path[len(store) + 1 :].replace(os.sep, "/")):
        return False
    try:
        return stat.S_ISREG(os.lstat(os.path.join(store, _SHARED_MARK)).st_mode)
    except OSError:
        return False


def explain(error: OSError | ValueError, name: str) -> UnreadableFileError:
    """The error of a system call on `name`, in words."""
    shown = printable(name)
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.EACCES, errno.EPERM):
        return UnreadableFileError(
            "no_permission",
            f"You have no permission to read {shown}.",
            "Change its permissions, then check again.",
        )
    if number in (errno.ENOENT, errno.ENOTDIR):
        return MissingFileError("missing", f"There is no {shown} here.")
    if number == errno.ELOOP:
        return UnreadableFileError("link_loop", f"{shown} is a link that leads back to itself.")
    if number == errno.ENAMETOOLONG:
        return UnreadableFileError("name_too_long", "The path is longer than this system allows.")
    if number in (errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN, errno.EIO):
        return UnreadableFileError(
            "unreachable",
            f"The disk or server did not answer while reading {shown}.",
            "Check the connection, then try again.",
        )
    reason = os.strerror(number) if number else "the name holds a character that no file can have"
    return UnreadableFileError("unreadable", f"{shown} can’t be read: {reason}.")


def kind_of(mode: int) -> str:
    """What a thing that is no regular file is, in words ("a pipe")."""
    for test, word in _KINDS:
        if test(mode):
            return word
    return "not a regular file"


def resolve(folder: str, name: str, root: str | None = None) -> str:
    """The real path of a file in a folder, after all links.

    Takes the folder's path, the file's name and, to save work, `allowed_root(folder)`. Raises
    MissingFileError, or UnreadableFileError when a link leaves the folder or it is no regular file.
    """
    path = os.path.join(folder, name)
    try:
        info = os.lstat(path)
        if stat.S_ISLNK(info.st_mode):
            real = os.path.realpath(path)
            root = root or allowed_root(folder)
            if not is_inside(real, root) and not _is_shared_blob(real, root):
                raise UnreadableFileError(
                    "link_outside",
                    f"{printable(name)} is a link to a file outside this folder.",
                    "Put the file itself into the folder.",
                )
            try:
                info = os.lstat(real)
            except FileNotFoundError:
                raise UnreadableFileError(
                    "link_broken",
                    f"{printable(name)} is a link to a file that is not there.",
                    "Put the file itself into the folder.",
                ) from None
            path = real
    except (OSError, ValueError) as error:
        raise explain(error, name) from None
    if stat.S_ISLNK(info.st_mode):  # realpath gave up: a circle
        raise explain(OSError(errno.ELOOP, ""), name)
    if not stat.S_ISREG(info.st_mode):
        raise UnreadableFileError(
            "not_a_file", f"{printable(name)} is {kind_of(info.st_mode)}, not a file."
        )
    return path


def open_file(folder: str, name: str, root: str | None = None) -> OpenFile:
    """Open a regular file of a folder for reading; never follows a link out of it, never waits.

    Returns an OpenFile whose fd the caller closes. Raises MissingFileError, UnreadableFileError.
    """
    path = resolve(folder, name, root)
    try:
        fd = os.open(path, _OPEN_FLAGS)
    except (OSError, ValueError) as error:
        raise explain(error, name) from None
    try:
        info = os.fstat(fd)
        # Looked at again on the open file: it may have been swapped since the look at its name.
        if not stat.S_ISREG(info.st_mode):
            raise UnreadableFileError(
                "not_a_file", f"{printable(name)} is {kind_of(info.st_mode)}, not a file."
            )
        return OpenFile(fd, info.st_size, info.st_mtime_ns)
    except OSError as error:
        os.close(fd)
        raise explain(error, name) from None
    except BaseException:
        os.close(fd)
        raise


def read_at(fd: int, length: int, offset: int, name: str) -> bytes:
    """Exactly `length` bytes from `offset`, fewer only at the end of the file."""
    chunks = []
    try:
        while length > 0:
            chunk = os.pread(fd, min(length, 1 << 20), offset)
            if not chunk:
                break
            chunks.append(chunk)
            offset += len(chunk)
            length -= len(chunk)
    except OSError as error:
        raise explain(error, name) from None
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def read_start(folder: str, name: str, limit: int, root: str | None = None) -> tuple[bytes, int]:
    """The first `limit` bytes of a file in a folder, and the file's whole size.

    Raises MissingFileError, UnreadableFileError.
    """
    opened = open_file(folder, name, root)
    try:
        # Not more than is there, and one byte to see the end: room for it is made beforehand.
        return read_at(opened.fd, min(limit, opened.size + 1), 0, name), opened.size
    finally:
        os.close(opened.fd)
