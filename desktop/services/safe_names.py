"""Which paths, out of a list that a server gives, may become one on a disk."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

MAX_PATH = 1_000
MAX_SEGMENTS = 30
MAX_SEGMENT_BYTES = 255

_FORBIDDEN = frozenset('\\/:<>"|?*')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)")
_OWN_FOLDERS = frozenset({".git", ".cache", "git~1"})


def is_safe_path(path: str) -> bool:
    """Whether a relative POSIX path may become one on this or any other disk.

    Every segment is looked at as it is and once decoded (`%2e`). Refused are `.`, `..`, empty ones,
    characters that do not print or that Windows keeps for itself, its device names, names of more
    than 255 bytes, a dot or blank at the end, `.git` and `.cache`.
    """
    if not 0 < len(path) <= MAX_PATH:
        return False
    for text in {path, unquote(path, errors="surrogateescape")}:
        segments = text.split("/")
        if len(segments) > MAX_SEGMENTS or not all(map(_is_safe_segment, segments)):
            return False
    return True


def _is_safe_segment(segment: str) -> bool:
    if not segment or not segment.isprintable() or segment.endswith((".", " ")):
        return False
    if not _FORBIDDEN.isdisjoint(segment) or len(segment.encode()) > MAX_SEGMENT_BYTES:
        return False
    folded = segment.casefold()
    return folded not in _OWN_FOLDERS and not _DEVICES.match(folded)


class Taken:
    """The places that are taken, as a disk sees them that tells no case."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def take(self, path: str) -> bool:
        """Whether the place was free: no twin, no folder of that name, no file above it."""
        folded = unicodedata.normalize("NFC", path).casefold()
        above = [folded[:at] for at, char in enumerate(folded) if char == "/"]
        if folded in self._files or folded in self._folders or not self._files.isdisjoint(above):
            return False
        self._files.add(folded)
        self._folders.update(above)
        return True
