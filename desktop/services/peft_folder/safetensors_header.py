"""The header of a safetensors file, read strictly and without touching the tensors.

Format: eight bytes little-endian header length N, N bytes of UTF-8 JSON that begin with `{` and may
be padded with spaces, then the tensors' bytes without hole or overlap up to the end of the file.
Where the usual library is more lenient than the specification (duplicate names, other padding,
unknown fields, `__metadata__: null`) this reader follows the specification, and adds limits.

The JSON is not handed to `json.loads`: 16 MB of brackets would become gigabytes of objects, and
duplicate names, which hide behind escapes, would be gone. The grammar is small enough to walk. A
header as the usual library writes it, which is nearly every one, is read by one expression that has
to cover it from end to end (`compact_header`); whatever does not fit, to the letter, is walked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import NamedTuple

from desktop.services.peft_folder.compact_header import (
    MAX_DIMENSIONS,
    MAX_NAME_CHARACTERS,
    MAX_TENSORS,
    NUMBER,
    U64,
    elements,
    read_compact,
)
from desktop.services.peft_folder.dtypes import DTYPE_BITS
from desktop.services.peft_folder.reading import (
    OpenFile,
    UnreadableFileError,
    open_file,
    printable,
    read_at,
    size_text,
)
from desktop.services.records import TensorInfo

MAX_HEADER_BYTES = 16 << 20
MAX_METADATA_ENTRIES = 20_000
_FIRST_READ = 32 << 10

_WS = r"[ \t\n\r]*"
_SPACE = re.compile(_WS)
_USUAL = re.compile(  # a tensor as every known writer puts it; anything else goes the slow way
    rf'"([^"\\\x00-\x1f]{{0,{MAX_NAME_CHARACTERS}}})": ?'
    rf'\{{"dtype": ?"(\w{{1,16}})", ?"shape": ?\[((?:{NUMBER}(?:, ?{NUMBER}){{0,7}})?)\], ?'
    rf'"data_offsets": ?\[({NUMBER}), ?({NUMBER})\]\}}',
    re.ASCII,
)
_LIST = re.compile(r"\[([0-9, \t\n\r]*)\]")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,19})")

_scan: Callable[[str, int], tuple[str, int]] = scanstring


class HeaderError(UnreadableFileError):
    """The file breaks the safetensors format or a limit. The message is a full sentence."""


class SafetensorsHeader(NamedTuple):
    """What a header says. Sizes in bytes; tensors in the file's order of names."""

    tensors: tuple[TensorInfo, ...]
    sizes: tuple[int, ...]
    metadata: tuple[tuple[str, str], ...]
    header_size: int
    file_size: int

    @property
    def parameters(self) -> int:
        """Elements of all tensors together."""
        return sum(elements(tensor.shape) for tensor in self.tensors)


def read_header(folder: str, name: str, root: str | None = None) -> SafetensorsHeader:
    """Read and check the header of `name` in `folder`.

    Raises HeaderError when the file is malformed, empty, truncated or over a limit, and
    MissingFileError or UnreadableFileError when it can't be opened.
    """
    opened = open_file(folder, name, root)
    try:
        return header_of(opened, name)
    finally:
        os.close(opened.fd)


def header_of(opened: OpenFile, name: str) -> SafetensorsHeader:
    """As read_header, of a file that is open."""
    shown = printable(name)
    if opened.size == 0:
        raise HeaderError("weights_empty", f"{shown} is empty.", "Fetch or save the file again.")
    start = read_at(opened.fd, _FIRST_READ, 0, name)
    if len(start) < 8:
        raise _truncated(shown, f"It has only {opened.size} bytes")
    length = int.from_bytes(start[:8], "little")
    if length + 8 > opened.size:
        if length > MAX_HEADER_BYTES:
            # No writer makes such headers: these eight bytes are no length at all.
            raise _malformed(shown, "its first eight bytes are not the length of a header")
        raise _truncated(shown, "Its header is longer than the file")
    if length > MAX_HEADER_BYTES:
        raise HeaderError(
            "weights_limit",
            f"The header of {shown} takes {size_text(length)}; Lorarium reads up to "
            f"{size_text(MAX_HEADER_BYTES)}.",
        )
    raw = start[8 : 8 + length]
    if len(raw) < length:
        del start
        raw += read_at(opened.fd, length - len(raw), 8 + len(raw), name)
        if len(raw) < length:
            raise _truncated(shown, "Its header is longer than the file")
    if not raw.startswith(b"{"):
        raise _malformed(shown, "its header does not begin with “{”")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed(shown, "its header is not UTF-8 text") from None
    del raw
    try:
        walker = _Walker(text, shown)
        metadata, at = walker.metadata_first()
        known = read_compact(text, at, opened.size - 8 - length)
        if known is not None:
            return SafetensorsHeader(*known, metadata, length, opened.size)
        entries, metadata = walker.walk()
    except JSONDecodeError:
        raise _malformed(shown, "its header is not JSON") from None
    sizes = _check_layout(entries, opened.size - 8 - length, opened.size, shown)
    return SafetensorsHeader(
        tuple([TensorInfo(n, d, s) for n, d, s, _, _ in entries]),
        sizes, metadata, length, opened.size,
    )  # fmt: skip


_Entry = tuple[str, str, tuple[int, ...], int, int]


class _Walker:
    """Goes through the header's text once, from left to right."""

    def __init__(self, text: str, shown: str) -> None:
        self.text = text
        self.shown = shown

    def metadata_first(self) -> tuple[tuple[tuple[str, str], ...], int]:
        """The metadata where it is the first entry, and where the next one begins."""
        if not self.text.startswith('{"__metadata__":{'):
            return (), 1
        metadata, at = self.metadata(len('{"__metadata__":'))
        return (metadata, at + 1) if self.text[at : at + 1] == "," else ((), 1)

    def walk(self) -> tuple[list[_Entry], tuple[tuple[str, str], ...]]:
        text, shown = self.text, self.shown
        entries: list[_Entry] = []
        names: set[str] = set()
        metadata: tuple[tuple[str, str], ...] = ()
        at = self.space(1)
        if text[at : at + 1] == "}":
            return entries, self.end(at + 1, metadata)
        while True:
            usual = _USUAL.match(text, at)
            if usual and usual.group(1) != "__metadata__":
                name, dtype, shape, begin, end = usual.groups()
                self.admit(name, names, len(entries))
                dims = tuple(map(int, shape.split(","))) if shape else ()
                entries.append((name, dtype, dims, int(begin), int(end)))
                at = usual.end()
            else:
                name, at = self.string(at)
                at = self.colon(at)
                if name == "__metadata__":
                    self.once(name, names)
                    metadata, at = self.metadata(at)
                else:
                    self.admit(name, names, len(entries))
                    entry, at = self.entry(name, at)
                    entries.append(entry)
            at = self.space(at)
            char = text[at : at + 1]
            if char == "}":
                return entries, self.end(at + 1, metadata)
            if char != ",":
                raise _malformed(shown, "its header is not JSON")
            at = self.space(at + 1)

    def once(self, name: str, names: set[str]) -> None:
        if name in names:
            raise _malformed(self.shown, f"the name “{printable(name)}” stands twice in its header")
        names.add(name)

    def admit(self, name: str, names: set[str], count: int) -> None:
        """Refuse a tensor whose name stands twice or breaks a limit."""
        self.once(name, names)
        if count >= MAX_TENSORS:
            raise HeaderError(
                "weights_limit",
                f"{self.shown} holds more than {MAX_TENSORS:,} tensors; Lorarium reads no more.",
            )
        if len(name) > MAX_NAME_CHARACTERS:
            raise HeaderError(
                "weights_limit",
                f"A tensor in {self.shown} has a name of {len(name):,} characters; Lorarium reads "
                f"up to {MAX_NAME_CHARACTERS}.",
            )
        if not name.isprintable():
            raise _malformed(
                self.shown,
                f"the tensor name “{printable(name)}” holds characters that do not print",
            )

    def space(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def string(self, at: int) -> tuple[str, int]:
        if self.text[at : at + 1] != '"':
            raise _malformed(self.shown, "its header is not JSON")
        return _scan(self.text, at + 1)

    def colon(self, at: int) -> int:
        at = self.space(at)
        if self.text[at : at + 1] != ":":
            raise _malformed(self.shown, "its header is not JSON")
        return self.space(at + 1)

    def end(self, at: int, metadata: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if self.text[at:].strip(" "):
            raise _malformed(self.shown, "something other than spaces follows its header")
        return metadata

    def metadata(self, at: int) -> tuple[tuple[tuple[str, str], ...], int]:
        found: dict[str, str] = {}
        if self.text[at : at + 1] != "{":
            raise _malformed(self.shown, "“__metadata__” is not a table of texts")
        at = self.space(at + 1)
        if self.text[at : at + 1] == "}":
            return (), at + 1
        while True:
            key, at = self.string(at)
            at = self.colon(at)
            if self.text[at : at + 1] != '"':
                raise _malformed(self.shown, "“__metadata__” is not a table of texts")
            value, at = _scan(self.text, at + 1)
            for part in (key, value):
                if not part.isascii() and not _encodable(part):
                    raise _malformed(self.shown, "“__metadata__” holds half a character")
            if key in found:
                raise _malformed(self.shown, f"“{printable(key)}” stands twice in “__metadata__”")
            found[key] = value
            if len(found) > MAX_METADATA_ENTRIES:
                raise HeaderError(
                    "weights_limit",
                    f"“__metadata__” in {self.shown} has more than {MAX_METADATA_ENTRIES:,} "
                    "entries; Lorarium reads no more.",
                )
            at = self.space(at)
            char = self.text[at : at + 1]
            if char == "}":
                return tuple(found.items()), at + 1
            if char != ",":
                raise _malformed(self.shown, "its header is not JSON")
            at = self.space(at + 1)

    def entry(self, name: str, at: int) -> tuple[_Entry, int]:
        fields: dict[str, object] = {}
        if self.text[at : at + 1] != "{":
            raise self.wrong(name)
        at = self.space(at + 1)
        while True:
            key, at = self.string(at)
            at = self.colon(at)
            if key in fields:
                raise _malformed(
                    self.shown, f"“{key}” stands twice for the tensor “{printable(name)}”"
                )
            if key == "dtype":
                fields[key], at = self.string(at)
            elif key in ("shape", "data_offsets"):
                found = _LIST.match(self.text, at)
                if not found:
                    raise self.wrong(name)
                fields[key], at = self.numbers(found.group(1), name), found.end()
            else:
                raise _malformed(
                    self.shown,
                    f"the tensor “{printable(name)}” has a field that the format does not know, "
                    f"“{printable(key, 40)}”",
                )
            at = self.space(at)
            char = self.text[at : at + 1]
            if char == "}":
                break
            if char != ",":
                raise self.wrong(name)
            at = self.space(at + 1)
        match fields:
            case {"dtype": str(dtype), "shape": tuple(dims), "data_offsets": (int(b), int(e))}:
                return (name, dtype, dims, b, e), at + 1
        raise self.wrong(name)

    def numbers(self, inside: str, name: str) -> tuple[int, ...]:
        """The numbers between two brackets."""
        if not inside.strip(" \t\n\r"):
            return ()
        if inside.count(",") >= MAX_DIMENSIONS:
            raise HeaderError(
                "weights_limit",
                f"The tensor “{printable(name)}” in {self.shown} has {inside.count(',') + 1:,} "
                f"dimensions; Lorarium reads up to {MAX_DIMENSIONS}.",
            )
        return tuple([self.number(part.strip(" \t\n\r"), name) for part in inside.split(",")])

    def number(self, text: str, name: str) -> int:
        if not _NUMBER.fullmatch(text):
            raise self.wrong(name)
        value = int(text)
        if value >= U64:
            raise self.wrong(name)
        return value

    def wrong(self, name: str) -> HeaderError:
        return _malformed(
            self.shown, f"the entry of the tensor “{printable(name)}” is not as the format asks"
        )


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _check_layout(
    entries: list[_Entry], data_size: int, file_size: int, shown: str
) -> tuple[int, ...]:
    """The tensors' sizes, after checking that they cover the data exactly once."""
    sizes = []
    for name, dtype, shape, begin, end in entries:
        bits = DTYPE_BITS.get(dtype)
        if bits is None:
            raise _malformed(
                shown,
                f"the tensor “{printable(name)}” has a data type that is not known, "
                f"“{printable(dtype, 40)}”",
            )
        count = 1
        for size in shape:
            count *= size
            if count >= U64:
                raise _malformed(shown, f"the shape of “{printable(name)}” overflows")
        if count * bits >= U64:
            raise _malformed(shown, f"the shape of “{printable(name)}” overflows")
        if end < begin or count * bits != (end - begin) * 8:
            raise _malformed(
                shown, f"the place of “{printable(name)}” does not match its shape and data type"
            )
        sizes.append(end - begin)
    reached = 0
    for name, _, _, begin, end in sorted(entries, key=lambda e: (e[3], e[4])):
        if begin < reached:
            raise _malformed(shown, f"the tensor “{printable(name)}” overlaps another one")
        if begin > reached:
            raise _malformed(shown, f"there is a hole before the tensor “{printable(name)}”")
        reached = end
    if reached > data_size:
        raise _truncated(
            shown,
            f"It has {file_size:,} of {file_size - data_size + reached:,} bytes",
        )
    if reached < data_size:
        raise _malformed(shown, f"{data_size - reached:,} bytes follow the last tensor")
    return tuple(sizes)


def _malformed(shown: str, why: str) -> HeaderError:
    return HeaderError(
        "weights_malformed",
        f"{shown} is not a sound safetensors file: {why}.",
        "Fetch or save the file again.",
    )


def _truncated(shown: str, how: str) -> HeaderError:
    return HeaderError(
        "weights_truncated",
        f"{shown} is not complete. {how}.",
        "Fetch or copy the file again.",
    )
