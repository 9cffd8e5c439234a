"""Reads a tar of a stranger, in one go from its beginning, without trusting a number in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from desktop.services.registry.archive_bytes import (
    Budget,
    Decoder,
    Member,
    Unpacked,
    Window,
    damaged,
    hostile,
    too_large,
)

BLOCK = 512
_MOST_EXTRA = 1 << 20  # bytes of a long name or of a pax header
_MOST_EXTRAS = 4  # of them before one entry
_OCTAL = re.compile(rb"[0-7]{1,24}")
_DIGITS = re.compile(r"[0-9]{1,18}")
_FILES = (b"0", b"\0", b"7")
_FOLDER = b"5"
_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL = b"L", b"K", b"x", b"g"
_REFUSED = {
    b"1": "a link",
    b"2": "a link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"S": "a file with holes",
}


def is_header(block: bytes) -> bool:
    """Whether a block can be the header of a tar's entry, by its checksum."""
    if len(block) < BLOCK or not block[0]:
        return False
    found = _OCTAL.search(block[148:156])
    as_blanks = block[:148] + b" " * 8 + block[156:BLOCK]
    return found is not None and int(found[0], 8) in (
        sum(as_blanks),
        # Some old writers add the bytes up with a sign.
        sum(as_blanks) - 256 * sum(byte > 127 for byte in as_blanks),
    )


class TarArchive:
    """A tar, packed or not. `packing`: None = not packed."""

    def __init__(
        self, window: Window, packing: Callable[[], Decoder] | None, budget: Callable[[], Budget]
    ) -> None:
        self._window = window
        self._packing = packing
        self._budget = budget

    def members(self) -> Iterator[Member]:
        """`Archive.members`; goes through all of it."""
        for member, _ in self._walk():
            yield member

    def contents(self, wanted: dict[str, Member]) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """`Archive.contents`; goes on as far as the last of them."""
        left = len(wanted)
        for member, pieces in self._walk():
            if member.is_file and member.name in wanted:
                yield member, pieces
                left -= 1
            if not left:
                return

    def _walk(self) -> Iterator[tuple[Member, Iterator[bytes]]]:
        budget = self._budget()
        stream = Unpacked(self._window, self._packing, budget)
        count = 0
        while (found := _next_entry(stream)) is not None:
            count += 1
            if count > budget.limits.entries:
                raise too_large(f"holds more than {budget.limits.entries:,} files and folders")
            pieces = stream.pieces(found.size)
            yield found, pieces
            for _ in pieces:
                pass
            stream.read(-found.size % BLOCK)
        stream.drain()


def _next_entry(stream: Unpacked) -> Member | None:
    """The entry whose header comes next, after what extends it; None = the end."""
    name: str | None = None
    size: int | None = None
    for extras in range(_MOST_EXTRAS + 1):
        block = stream.read(BLOCK)
        if not block.strip(b"\0"):
            if extras:
                raise damaged("ends in the middle")
            return None
        if not is_header(block):
            raise damaged("is damaged")
        kind = block[156:157]
        if kind not in (_LONG_NAME, _LONG_LINK, _PAX, _PAX_GLOBAL):
            return _entry(block, kind, name, size)
        extra = _extra(stream, _number(block[124:136]))
        if kind == _LONG_NAME:
            name = _text(extra.partition(b"\0")[0])
        elif kind in (_PAX, _PAX_GLOBAL):
            said = _records(extra)
            if kind == _PAX_GLOBAL and ("path" in said or "size" in said):
                raise damaged("gives all its files one name or one size")
            name = said.get("path", name)
            if "size" in said:
                size = _pax_size(said["size"])
    raise damaged("has too many headers for one file")


def _entry(block: bytes, kind: bytes, name: str | None, size: int | None) -> Member:
    if name is None:
        name = _text(block[:100].partition(b"\0")[0])
        prefix = _text(block[345:500].partition(b"\0")[0])
        if block[257:263] == b"ustar\0" and prefix:
            name = f"{prefix}/{name}"
    if kind in _REFUSED:
        raise hostile(name, f"{_REFUSED[kind]}, which is not unpacked")
    # Old writers mark a folder by the slash alone.
    if kind == _FOLDER or (kind == b"\0" and name.endswith("/")):
        return Member(name, 0, is_file=False)
    if kind not in _FILES:
        raise hostile(name, "which is neither a file nor a folder")
    return Member(name, _number(block[124:136]) if size is None else size, is_file=True)


def _extra(stream: Unpacked, size: int) -> bytes:
    if size > _MOST_EXTRA:
        raise damaged("has a file name of more than a megabyte")
    data = stream.read(size)
    stream.read(-size % BLOCK)
    return data


def _records(data: bytes) -> dict[str, str]:
    """The records of a pax header: `length key=value` with a line break, length of all of it."""
    said: dict[str, str] = {}
    at = 0
    while at < len(data) and data[at]:
        digits = data[at : at + 8].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        record = data[at : at + length]
        key, sign, value = record[len(digits) + 1 : -1].partition(b"=")
        if len(record) != length or length < len(digits) + 4 or record[-1:] != b"\n" or not sign:
            raise damaged("is damaged")
        if key.startswith(b"GNU.sparse."):
            raise damaged("holds a file with holes, which is not unpacked")
        said[_text(key)] = _text(value)
        at += length
    return said


def _pax_size(text: str) -> int:
    if not _DIGITS.fullmatch(text):
        raise damaged("has a file without a size")
    return int(text)


def _number(field: bytes) -> int:
    """A size: octal digits, or after a byte of 0x80 the number itself."""
    if field[0] == 0x80:
        number = int.from_bytes(field[1:], "big")
    else:
        digits = field.strip(b" \0")
        if digits and not _OCTAL.fullmatch(digits):
            raise damaged("has a file without a size")
        number = int(digits or b"0", 8)
    if number >= 1 << 62:
        raise damaged("has a file of an impossible size")
    return number


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
