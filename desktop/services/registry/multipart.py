"""Finds the parts of a multipart/form-data body that lies in a file, however large it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from desktop.services.registry.archive_bytes import CHUNK, Window, damaged

_FIRST_LINE = re.compile(rb"--([0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-])[ \t]*\r\n")
_MOST_HEAD = 16 << 10
_MOST_PARTS = 20
_ENCODINGS = {b"", b"binary", b"8bit", b"7bit"}


@dataclass(frozen=True, slots=True)
class Part:
    """Where the content of one part is: bytes of the body."""

    start: int
    end: int


def boundary_of(head: bytes) -> bytes:
    """What parts the parts of a body that begins like this; b"" = it is no multipart body.

    The server's header is not asked: a body begins with its boundary, no archive begins like it.
    """
    found = _FIRST_LINE.match(head)
    return found[1] if found and b":" in head[found.end() : found.end() + 200] else b""


def parts(window: Window, boundary: bytes, check: Callable[[], None]) -> Iterator[Part]:
    """The parts of a body, in their order. check: called for each piece that is read.

    Raises:
        RemoteError (`answer`): it ends in the middle, or is in a form that nobody needs here.
    """
    mark = b"\r\n--" + boundary
    at = len(boundary) + 2
    for _ in range(_MOST_PARTS):
        start = _content(window, at)
        if start is None:
            return
        end = _find(window, mark, start, check)
        # A part without a byte: its end is the line break after its head.
        yield Part(start, max(start, end))
        at = end + len(mark)
    raise damaged("comes in too many parts")


def _content(window: Window, at: int) -> int | None:
    """Where the content after the boundary that ends at `at` begins; None = that was the last."""
    window.at = at
    head = window.read(_MOST_HEAD)
    if head.startswith(b"--"):
        return None
    line, _, _ = head.partition(b"\r\n")
    if line.strip(b" \t"):
        raise damaged("comes in parts that can't be told apart")
    # The line break before the head counts for its end: a head may be empty.
    end = head.find(b"\r\n\r\n", len(line))
    if end < 0:
        raise damaged("comes in parts that can't be told apart")
    for field in head[len(line) : end].split(b"\r\n"):
        name, _, value = field.partition(b":")
        if name.strip().lower() == b"content-transfer-encoding":
            if value.strip().lower() not in _ENCODINGS:
                raise damaged("comes in an encoding that Lorarium does not know")
    return at + end + 4


def _find(window: Window, mark: bytes, start: int, check: Callable[[], None]) -> int:
    """Where the next mark is: never before the line break that `start` follows."""
    at = start - 2
    held = b""
    window.at = at
    while True:
        piece = window.read(CHUNK)
        if not piece:
            raise damaged("ends in the middle")
        check()
        held += piece
        found = held.find(mark)
        if found >= 0:
            return at + found
        keep = min(len(held), len(mark) - 1)
        at += len(held) - keep
        held = held[len(held) - keep :]
