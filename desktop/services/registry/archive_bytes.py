"""The bytes of an archive from a stranger: a part of a file, unpacked piece by piece, with an end.

Python's own readers are not used for untrusted archives: `tarfile` takes a header of any size into
memory, `gzip` and `lzma` give as much as a bomb holds, `zipfile` reads a directory of any size.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable, size_text
from desktop.services.transfer_file import NOTHING, disk_error
from desktop.services.transfer_rate import Meter

CHUNK = 256 << 10
"""Bytes that are read, and unpacked, at once."""

_LZMA_MEMORY = 192 << 20  # what the strongest usual setting needs is 65 MB
_FREE_MEMBERS = 100  # streams one after another in a file, besides one for each kB unpacked


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold.

    entries: files and folders. most_bytes: of everything in it, unpacked. ratio: unpacked bytes
    for each packed one, from `ratio_from` unpacked bytes on.
    """

    entries: int = 20_000
    most_bytes: int = 20 * 10**9
    ratio: int = 200
    ratio_from: int = 100 * 10**6


@dataclass(frozen=True, slots=True)
class Member:
    """A file or folder of an archive, its name as it stands there. size: bytes, unpacked."""

    name: str
    size: int
    is_file: bool


class Archive(Protocol):
    """An archive of whatever kind."""

    def members(self) -> Iterator[Member]:
        """Everything in it. Raises RemoteError for what no archive of an adapter holds."""

    def contents(self, wanted: dict[str, Member]) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """The files with these names, each with its bytes, in the order that they are there in."""


# -- errors --------------------------------------------------------------------------------------


def damaged(how: str) -> RemoteError:
    """The archive can't be read. how: continues "The archive …"."""
    return RemoteError(
        "answer", f"The archive {how}.", f"{NOTHING} Try again; it may have been cut on its way."
    )


def hostile(name: str, how: str) -> RemoteError:
    """The archive holds what none should. how: continues "“name”, …"."""
    return RemoteError(
        "listing",
        f"The archive holds “{printable(name, 80)}”, {how}.",
        f"{NOTHING} Ask whoever registered this version.",
    )


def too_large(how: str) -> RemoteError:
    """The archive unpacks to more than it may. how: continues "The archive …"."""
    return RemoteError(
        "too_large",
        f"The archive {how}.",
        f"{NOTHING} Ask whoever registered this version what is in it.",
    )


# -- a part of a file ----------------------------------------------------------------------------


class Window:
    """A part of an open file, read as if it were all there is. Close it at the end.

    start, end: bytes of the file; end None = to its end.

    Raises:
        RemoteError (`disk`): it can't be read.
    """

    def __init__(self, path: Path, start: int = 0, end: int | None = None) -> None:
        try:
            self._file = open(path, "rb", buffering=0)  # noqa: SIM115
            size = self._file.seek(0, 2)
        except OSError as error:
            raise disk_error("The archive", error) from error
        self._start = start
        self.size = (size if end is None else end) - start
        self.at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def read(self, count: int = CHUNK) -> bytes:
        """The next bytes, fewer only at the end."""
        count = min(count, self.size - self.at)
        made = bytearray()
        try:
            self._file.seek(self._start + self.at)
            while len(made) < count and (piece := self._file.read(count - len(made))):
                made += piece
        except OSError as error:
            raise disk_error("The archive", error) from error
        self.at += len(made)
        return bytes(made)

    def read_at(self, at: int, count: int) -> bytes:
        """Bytes from a place; all of them, or RemoteError (`answer`)."""
        if at < 0 or count < 0 or at + count > self.size:
            raise damaged("ends in the middle")
        self.at = at
        return self.read(count)


# -- unpacking -----------------------------------------------------------------------------------


class Budget:
    """How much an archive has unpacked to, and how far the work is; told through `meter`."""

    def __init__(self, limits: ArchiveLimits, meter: Meter) -> None:
        self.limits = limits
        self._meter = meter
        self._packed = 0
        self._unpacked = 0

    def take(self, packed: int) -> None:
        """Packed bytes that were read. Raises what the meter's progress raises."""
        self._packed += packed
        self._meter.have(packed)
        self._meter.check()

    def give(self, unpacked: int) -> None:
        """Bytes that came of it. Raises RemoteError (`too_large`); what the progress raises."""
        limits = self.limits
        self._unpacked += unpacked
        if self._unpacked > limits.most_bytes:
            raise too_large(f"unpacks to more than {size_text(limits.most_bytes)}")
        if self._unpacked > limits.ratio_from and self._unpacked > limits.ratio * self._packed:
            raise too_large(f"unpacks to more than {limits.ratio} times its size")
        self._meter.check()


class Decoder(Protocol):
    """What the decoders of `bz2` and `lzma` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Inflater:
    """zlib's decoder in the shape of the others. wbits: 31 for gzip, -15 for the bytes alone."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


class _Plain:
    """Nothing is packed."""

    eof = False
    needs_input = True
    unused_data = b""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return data


PACKINGS: tuple[tuple[bytes, Callable[[], Decoder]], ...] = (
    (b"\x1f\x8b\x08", lambda: Inflater(31)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY)),
)
"""How a tar may be packed, by its first bytes."""


def packing_of(head: bytes) -> Callable[[], Decoder] | None:
    """The decoder for what begins like this; None = not packed, or in an unknown way."""
    return next((make for magic, make in PACKINGS if head.startswith(magic)), None)


def decode(decoder: Decoder, data: bytes) -> bytes:
    """At most CHUNK bytes of what `data`, and what came before, unpacks to.

    Raises:
        RemoteError: the bytes are damaged, or need more memory than they get.
    """
    try:
        return decoder.decompress(data, CHUNK)
    except lzma.LZMAError as error:
        if "emory" in str(error):
            raise too_large("needs more memory to unpack than Lorarium gives it") from None
        raise damaged("is damaged") from None
    except (zlib.error, OSError, EOFError, ValueError):
        raise damaged("is damaged") from None


class Unpacked:
    """What a window unpacks to, from the beginning to the end, once."""

    def __init__(self, window: Window, packing: Callable[[], Decoder] | None, budget: Budget):
        self._window = window
        self._window.at = 0
        self._make: Callable[[], Decoder] = packing or _Plain
        self._is_plain = packing is None
        self._budget = budget
        self._decoder = self._make()
        self._pending = b""
        self._held = b""
        self._streams = 1
        self._given = 0

    def read(self, count: int) -> bytes:
        """The next `count` bytes, all of them. Raises RemoteError (`answer`) at the end."""
        return b"".join(self.pieces(count))

    def pieces(self, count: int) -> Iterator[bytes]:
        """The same, piece by piece."""
        while count > 0:
            piece = self._held or self._more()
            if not piece:
                raise damaged("ends in the middle")
            self._held = piece[count:]
            yield piece[:count]
            count -= min(count, len(piece))

    def drain(self) -> None:
        """Go through the rest, so that its checksums are compared."""
        self._held = b""
        while self._more():
            pass

    def _more(self) -> bytes:
        """The next piece, b"" = that was all."""
        while True:
            if self._decoder.eof and not self._next_stream():
                return b""
            data, self._pending = self._pending, b""
            if not data and self._decoder.needs_input:
                data = self._fill()
            made = decode(self._decoder, data)
            if made:
                self._given += len(made)
                self._budget.give(len(made))
                return made
            if not data and self._decoder.needs_input and not self._decoder.eof:
                if self._is_plain:
                    return b""
                raise damaged("ends in the middle")

    def _fill(self) -> bytes:
        data = self._window.read()
        self._budget.take(len(data))
        return data

    def _next_stream(self) -> bool:
        """Whether another packed stream follows; zeros between them are padding."""
        rest = self._decoder.unused_data.lstrip(b"\0")
        while not rest:
            data = self._fill()
            if not data:
                return False
            rest = data.lstrip(b"\0")
        self._streams += 1
        if self._streams > _FREE_MEMBERS + self._given // 1000:
            raise damaged("consists of too many pieces")
        self._decoder = self._make()
        self._pending = rest
        return True
