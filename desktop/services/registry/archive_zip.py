"""Reads a zip of a stranger by its directory, without trusting a number in it."""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from desktop.services.peft_folder.reading import printable, size_text
from desktop.services.registry.archive_bytes import (
    CHUNK,
    ArchiveLimits,
    Budget,
    Inflater,
    Member,
    Window,
    damaged,
    decode,
    hostile,
    too_large,
)

ZIP_START = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
_END = struct.Struct("<4s4H2LH")
_END_64_AT = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MOST_COMMENT = 0xFFFF
_MOST_ENTRY = 1200  # bytes of one entry in the directory, on average
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_UNIX = (3, 19)  # made on Unix or macOS: the file's mode is kept


class _Entry(NamedTuple):
    member: Member
    raw_name: bytes
    method: int
    crc: int
    packed: int
    at: int


class ZipArchive:
    """A zip whose first file begins where the window does."""

    def __init__(self, window: Window, budget: Callable[[], Budget]) -> None:
        self._window = window
        self._budget = budget
        self._entries: list[_Entry] = []
        self._directory = 0

    def members(self) -> Iterator[Member]:
        """`Archive.members`; reads the directory at the end of it, and no file."""
        limits = self._budget().limits
        self._entries = self._read_directory(limits)
        _check_sizes(self._entries, limits)
        _check_overlaps(self._entries, self._directory)
        yield from (entry.member for entry in self._entries)

    def contents(self, wanted: dict[str, Member]) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """`Archive.contents`, once `members` has been gone through."""
        budget = self._budget()
        for entry in self._entries:
            if entry.member.is_file and entry.member.name in wanted:
                yield entry.member, self._bytes_of(entry, budget)

    # -- its directory -------------------------------------------------------------------------

    def _read_directory(self, limits: ArchiveLimits) -> list[_Entry]:
        count, size, at = self._find_directory()
        if count > limits.entries:
            raise too_large(f"holds more than {limits.entries:,} files and folders")
        if size > (count + 1) * _MOST_ENTRY:
            raise damaged("has a list of files that does not fit their number")
        self._directory = at
        data = self._window.read_at(at, size)
        entries: list[_Entry] = []
        start = 0
        while start < size:
            if len(entries) == count:
                raise damaged("lists more files than it says")
            entry, start = _entry(data, start)
            entries.append(entry)
        if len(entries) != count:
            raise damaged("lists fewer files than it says")
        return entries

    def _find_directory(self) -> tuple[int, int, int]:
        """Entries, bytes and place of the directory."""
        window = self._window
        tail_at = max(0, window.size - _END.size - _MOST_COMMENT)
        tail = window.read_at(tail_at, window.size - tail_at)
        found = tail.rfind(EMPTY_ZIP)
        while found >= 0:
            # Only one whose comment ends with the file; a comment may hold the mark too.
            if found + _END.size <= len(tail):
                _, disk, first, here, count, size, at, comment = _END.unpack_from(tail, found)
                if found + _END.size + comment == len(tail):
                    break
            found = tail.rfind(EMPTY_ZIP, 0, found)
        else:
            raise damaged("ends in the middle")
        if disk or first or here != count:
            raise damaged("is one of several parts")
        end = tail_at + found
        if count == 0xFFFF or size == 0xFFFFFFFF or at == 0xFFFFFFFF:
            count, size, at, end = self._find_directory_64(end)
        if at + size != end:
            raise damaged("is damaged")
        return count, size, at

    def _find_directory_64(self, end: int) -> tuple[int, int, int, int]:
        mark, disk, where, disks = _END_64_AT.unpack(
            self._window.read_at(end - _END_64_AT.size, _END_64_AT.size)
        )
        if mark != b"PK\x06\x07" or disk or disks > 1:
            raise damaged("is damaged")
        record = self._window.read_at(where, _END_64.size)
        mark, *_, disk, first, here, count, size, at = _END_64.unpack(record)
        if mark != b"PK\x06\x06" or disk or first or here != count:
            raise damaged("is damaged")
        return count, size, at, where

    # -- its files -----------------------------------------------------------------------------

    def _bytes_of(self, entry: _Entry, budget: Budget) -> Iterator[bytes]:
        name, size = entry.member.name, entry.member.size
        at = self._data_of(entry)
        decoder = Inflater(-15) if entry.method == _DEFLATED else None
        left, got, crc = entry.packed, 0, 0
        while True:
            data = b""
            if left and (decoder is None or decoder.needs_input):
                data = self._window.read_at(at, min(CHUNK, left))
                at, left = at + len(data), left - len(data)
                budget.take(len(data))
            made = data if decoder is None else decode(decoder, data)
            if not made:
                if left and not (decoder is not None and decoder.eof):
                    continue
                break
            got += len(made)
            if got > size:
                raise too_large(f"holds more of “{printable(name, 80)}” than it says")
            budget.give(len(made))
            crc = zlib.crc32(made, crc)
            yield made
        whole = decoder is None or (decoder.eof and not decoder.unused_data and not left)
        if got != size or crc != entry.crc or not whole:
            raise damaged("is damaged")

    def _data_of(self, entry: _Entry) -> int:
        """Where the bytes of a file begin, by the header before them."""
        head = self._window.read_at(entry.at, _LOCAL.size)
        mark, _, flags, method, *_, name_length, extra_length = _LOCAL.unpack(head)
        name = self._window.read_at(entry.at + _LOCAL.size, name_length)
        if mark != ZIP_START or name != entry.raw_name or method != entry.method:
            raise hostile(entry.member.name, "which has another name or form inside")
        if flags & _ENCRYPTED:
            raise _locked(entry.member.name)
        at = entry.at + _LOCAL.size + name_length + extra_length
        if at + entry.packed > self._directory:
            raise damaged("is damaged")
        return int(at)


def _entry(data: bytes, start: int) -> tuple[_Entry, int]:
    """The entry of the directory at `start`, and where the next one is."""
    if start + _ENTRY.size > len(data):
        raise damaged("is damaged")
    (
        mark, _, made_on, _, _, flags, method, _, _, crc, packed, size,
        name_length, extra_length, comment_length, disk, _, mode, at,
    ) = _ENTRY.unpack_from(data, start)  # fmt: skip
    name_at = start + _ENTRY.size
    extra_at = name_at + name_length
    end = extra_at + extra_length + comment_length
    if mark != b"PK\x01\x02" or end > len(data) or disk not in (0, 0xFFFF):
        raise damaged("is damaged")
    raw = data[name_at:extra_at]
    name = raw.decode("utf-8", "surrogateescape") if flags & _UTF8 else raw.decode("cp437")
    if flags & _ENCRYPTED:
        raise _locked(name)
    size, packed, at = _sizes(data[extra_at : extra_at + extra_length], size, packed, at)
    kind = stat.S_IFMT(mode >> 16) if made_on in _UNIX else 0
    if kind == stat.S_IFLNK:
        raise hostile(name, "a link, which is not unpacked")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise hostile(name, "which is neither a file nor a folder")
    is_file = not name.endswith("/") and kind != stat.S_IFDIR
    if is_file and method not in (_STORED, _DEFLATED):
        raise hostile(name, "packed in a way that Lorarium does not know")
    if is_file and method == _STORED and packed != size:
        raise hostile(name, "whose size is not the one that is said")
    member = Member(name, size if is_file else 0, is_file)
    return _Entry(member, raw, method, crc, packed, at), end


def _sizes(extra: bytes, size: int, packed: int, at: int) -> tuple[int, int, int]:
    """Sizes and place, from the extra field where they do not fit into 32 bits."""
    found = [size, packed, at]
    missing = [n for n, value in enumerate(found) if value == 0xFFFFFFFF]
    while missing and len(extra) >= 4:
        tag, length = struct.unpack_from("<2H", extra)
        if tag == 1:
            if length < 8 * len(missing) or len(extra) < 4 + length:
                raise damaged("is damaged")
            for order, n in enumerate(missing):
                found[n] = struct.unpack_from("<Q", extra, 4 + 8 * order)[0]
            break
        extra = extra[4 + length :]
    return found[0], found[1], found[2]


def _check_sizes(entries: list[_Entry], limits: ArchiveLimits) -> None:
    if sum(entry.member.size for entry in entries) > limits.most_bytes:
        raise too_large(f"unpacks to more than {size_text(limits.most_bytes)}")
    for entry in entries:
        size = entry.member.size
        if size > limits.ratio_from and size > limits.ratio * entry.packed:
            raise too_large(f"unpacks to more than {limits.ratio} times its size")


def _check_overlaps(entries: list[_Entry], directory: int) -> None:
    """Files that share their bytes are how a small archive becomes a large one."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.at):
        if entry.at < end:
            raise hostile(entry.member.name, "which shares its bytes with another file")
        end = entry.at + _LOCAL.size + len(entry.raw_name) + entry.packed
    if end > directory:
        raise damaged("is damaged")


def _locked(name: str) -> Exception:
    return hostile(name, "which is locked with a password")
