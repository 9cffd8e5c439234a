"""What the Problems column of the library says: the worst that is known of an adapter."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import Any

from desktop.models.formats import whole_text
from desktop.services.kinds import FolderState
from desktop.services.library_row import LibraryRow, Row


def _count(number: int, word: str) -> str:
    return f"{whole_text(number)} {word}{'' if number == 1 else 's'}"


_problem_fields = itemgetter(Row.STATE, Row.ERRORS, Row.WARNINGS, Row.NOTES)


@lru_cache(maxsize=1024)
def _worst(fields: tuple[Any, Any, Any, Any]) -> tuple[int, str, str, str]:
    """(how bad, icon, token, text) of what stands in the Problems column."""
    state, errors, warnings, notes = fields
    if state == FolderState.MISSING:
        return _level(5), "missing", "warning", "Missing"
    if state == FolderState.UNREACHABLE:
        return _level(4), "missing", "warning", "Away"
    if errors:
        return _level(6, errors), "error", "error", whole_text(errors)
    if warnings:
        return _level(3, warnings), "warning", "warning", whole_text(warnings)
    if state == FolderState.CHANGED:
        return _level(2), "refresh", "note", "Changed"
    if notes:
        return _level(1, notes), "note", "note", whole_text(notes)
    return 0, "", "", ""


def _level(level: int, count: Any = 0) -> int:
    # First how bad it is, then how many there are.
    return (level << 32) + (min(count, 1 << 31) if isinstance(count, int) else 0)


def problems_text(row: LibraryRow) -> str:
    """The word or the count that stands in the cell."""
    return _worst(_problem_fields(row))[3]


def problems_value(row: LibraryRow) -> int:
    """How bad it is; more is worse."""
    return _worst(_problem_fields(row))[0]


def problems_icon(row: LibraryRow) -> tuple[str, str]:
    """(name, token of its colour), empty where there is nothing to say."""
    _, icon, token, _ = _worst(_problem_fields(row))
    return icon, token


def problems_said(row: LibraryRow) -> str:
    """What a screen reader says: everything that is known."""
    said = [
        _count(row[at], word)
        for at, word in ((Row.ERRORS, "error"), (Row.WARNINGS, "warning"), (Row.NOTES, "note"))
        if row[at]
    ]
    state = row[Row.STATE]
    if state == FolderState.MISSING:
        said.insert(0, "folder missing")
    elif state == FolderState.UNREACHABLE:
        said.insert(0, "folder not reachable now")
    elif state == FolderState.CHANGED:
        said.append("changed since it was checked")
    return ", ".join(said) or "no problems"


def problems_more(row: LibraryRow) -> str:
    """The same as a sentence, "" where there is nothing to say."""
    return "" if not problems_text(row) else f"{problems_said(row).capitalize()}."
