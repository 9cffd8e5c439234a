"""How a scan ended, as the window says it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from desktop.services.scan.records import Skipped

_SILENT = ("no_permission", "unreachable")
"""Codes of what may well be there, though nobody can tell."""


@dataclass(frozen=True)
class Absent:
    """A folder to scan that is none: nothing is there, or a file."""

    path: str
    is_file: bool


@dataclass(frozen=True)
class ScanEnd:
    """How a scan ended. skipped: places that were left out; skipped_total counts all of them;
    absent: those among the folders to scan that are none."""

    folders: int
    seconds: float
    skipped: tuple[Skipped, ...]
    skipped_total: int
    absent: tuple[Absent, ...] = ()


def absent_of(paths: Sequence[str], skipped: Sequence[Skipped]) -> tuple[Absent, ...]:
    """Which of these are no folders. Asks the disk about those alone that were left out."""
    left_out = {one.path for one in skipped if one.code not in _SILENT}
    wanted = [path for path in paths if path in left_out]
    return tuple(Absent(path, os.path.exists(path)) for path in wanted if not os.path.isdir(path))
