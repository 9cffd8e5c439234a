"""How an adapter's folder is written into the catalogue, and read back.

`location` is taken byte for byte. A path that is not valid UTF-8 can't be stored as text: it is
written as the file: URI of its bytes (RFC 8089, percent-encoded), which reads back to the same.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

_PREFIX = "file://"


def to_stored(location: str) -> str:
    """The text to store for a path as os functions give it (with surrogate escapes)."""
    try:
        location.encode("utf-8")
    except UnicodeEncodeError:
        return _PREFIX + quote_from_bytes(os.fsencode(location), safe="/")
    return location


def from_stored(stored: str) -> str:
    """The path, as os functions take it, of a stored text."""
    if stored.startswith(_PREFIX + "/"):
        return os.fsdecode(unquote_to_bytes(stored[len(_PREFIX) :]))
    return stored


def resolve(stored: str | None, root: Path | None) -> str | None:
    """The absolute path of a stored location; None if it has none.

    A relative one belongs to the studio project at `root`; without a root it can't be resolved,
    and must never depend on the folder that the program was started in.
    """
    if not stored:
        return None
    path = from_stored(stored)
    if os.path.isabs(path):
        return path
    return os.path.join(root, path) if root is not None else None
