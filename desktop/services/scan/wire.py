"""How a scan's child processes talk to it: frames of JSON over a pipe.

A frame is five bytes (its kind, the length of what follows) and JSON in ASCII, in which any path
survives. Nothing here could run code, whatever an adapter folder put into a child's memory.
"""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple

HEAD = struct.Struct(">cI")
MAX_FRAME = 64 << 20

# What the parent sends
START = b"A"  # the level of this scan
WALK = b"W"  # [root, cache, {mount: has files}, own folders, store]: walk below a folder
LOOK = b"L"  # [[path, names, checksum], …]: look at these adapter folders
# What a child sends
FOLDERS = b"F"  # how many folders it has seen since, and where it is
TODO = b"T"  # adapter folders to look at, as LOOK takes them
MOUNTS = b"M"  # mount points below the root, not entered
STORE = b"O"  # how the managed store is spelled from this root
SAME = b"S"  # rows of the cache that still hold
DIRS = b"D"  # what the cache has to learn about folders
FOUND = b"R"  # rows
SKIPPED = b"K"  # [[path, code, reason], …]
DONE = b"E"  # the work that was asked for is done

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False).encode


class Row(NamedTuple):
    """What a look at one folder says. kind: `adapter`, `broken` or `not_peft`; level: 1 quick, 2
    with every finding; names: a checksum of the files' names; inspection and findings as the
    catalogue stores them."""

    path: str
    kind: str
    level: int
    names: int
    fingerprint: str
    looks_like: str = ""
    peft_type: str | None = None
    variant: str | None = None
    task_type: str | None = None
    rank: int | None = None
    parameters: int | None = None
    tensor_count: int | None = None
    size_bytes: int | None = None
    base_model_name: str | None = None
    mtime: float | None = None
    content_id: str = ""
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    findings: str = ""
    inspection: str = ""


def loads(body: bytes) -> Any:
    """What a frame holds."""
    return json.loads(body)


def frame(kind: bytes, value: Any) -> bytes:
    """A frame, ready to be written."""
    body = _encode(value).encode("ascii")
    return HEAD.pack(kind, len(body)) + body


class Frames:
    """Takes bytes as they come and gives whole frames."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        """(kind, body) of every frame that is complete by now.

        Raises:
            ValueError: this is no frame.
        """
        held = self._held
        held += data
        found = []
        at = 0
        while len(held) - at >= HEAD.size:
            kind, length = HEAD.unpack_from(held, at)
            if length > MAX_FRAME:
                raise ValueError("A frame of a scan is too long.")
            end = at + HEAD.size + length
            if len(held) < end:
                break
            found.append((kind, bytes(held[at + HEAD.size : end])))
            at = end
        if at:
            del held[:at]
        return found
