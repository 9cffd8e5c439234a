"""The folders that somebody asks to look below, however they are given."""

from __future__ import annotations

import os
from collections.abc import Iterable

AnyPath = str | bytes | os.PathLike[str]
"""A path as it may be given."""


def paths_of(given: AnyPath | Iterable[AnyPath]) -> list[str]:
    """Absolute paths of what was given, each once. A path by itself is one path.

    Raises:
        TypeError: one of them is no path.
    """
    if isinstance(given, str | bytes | os.PathLike):
        given = [given]
    elif not isinstance(given, Iterable):
        raise TypeError(f"Give a path or a list of paths, not {type(given).__name__}.")
    return list(dict.fromkeys(map(path_of, given)))


def path_of(given: object) -> str:
    """The absolute path of what was given; asks no disk.

    Raises:
        TypeError: it is no path.
    """
    if not isinstance(given, str | bytes | os.PathLike):
        raise TypeError(f"A path is a text, not {type(given).__name__}.")
    path = os.path.abspath(os.fsdecode(given))
    # POSIX lets exactly two slashes in front mean something else; no system here does.
    return path[1:] if os.sep == "/" and path.startswith("//") else path


def is_in(path: str, folder: str) -> bool:
    """Whether a path is this folder or lies in it, by their text."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def outermost(paths: Iterable[str]) -> list[str]:
    """Those that lie in no other one of them."""
    wanted = list(paths)
    return [
        path for path in wanted if not any(path != other and is_in(path, other) for other in wanted)
    ]


def can_be_asked(path: str) -> bool:
    """Whether a system could be asked for a path: half a character is in none."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True
