"""What a scan found, as rows: library rows with a tail, so that the library's filter reads them."""

from __future__ import annotations

import os
from typing import Any

from desktop.models.formats import base_title
from desktop.models.row_query import haystack
from desktop.services.folder_list import sort_key
from desktop.services.peft_folder.reading import printable
from desktop.services.records import AdapterType, FolderState, LibraryRow, Row
from desktop.services.scan.records import Found, FoundState

_LONGEST = 300
_SAID = {
    FoundState.NEW: "New",
    FoundState.CHANGED: "Changed",
    FoundState.KNOWN: "In library",
    FoundState.GONE: "Gone",
    FoundState.BROKEN: "Broken",
    FoundState.NOT_PEFT: "Not PEFT",
}
STATES = tuple(_SAID)
"""The states in the order in which they are offered."""

ScanRow = tuple[Any, ...]
"""A tuple of At.WIDTH values: a `LibraryRow`, and what `At` adds to it."""


class At:
    """Positions in a row of a scan, after those of `Row`."""

    FOUND = Row.WIDTH  # the whole `Found`
    KIND = Row.WIDTH + 1  # a FoundState, as it is now: an import makes what was new known
    FOLDER = Row.WIDTH + 2  # the name of its folder, as it is shown
    ORDER = Row.WIDTH + 3  # where it stands among others by its folder
    TEXT = Row.WIDTH + 4  # what a word is looked for in
    BASE = Row.WIDTH + 5  # the short name of its base model
    WIDTH = Row.WIDTH + 6


def state_title(state: str) -> str:
    """What a state is called on screen."""
    return _SAID[FoundState(state)]


def make_row(found: Found) -> ScanRow:
    """The row of something found. May run on any thread."""
    folder = printable(os.path.basename(found.path.rstrip(os.sep)) or found.path, _LONGEST)
    named = printable(found.base_model_name or "", _LONGEST) or None
    gone = found.state == FoundState.GONE
    row: LibraryRow = (
        found.path,
        printable(found.name, _LONGEST),
        AdapterType.PROJECT.value,
        found.base_model_id,
        named,
        found.variant or found.peft_type,
        found.rank,
        found.parameters,
        found.size_bytes,
        1.0,
        0.9,
        0,
        0,
        FolderState.MISSING.value if gone else FolderState.OK.value,
        found.errors,
        found.warnings,
        found.notes,
        found.mtime,
        found.path,
        None,
        0,
        None,
        found.content_id or None,
    )
    return (
        *row,
        found,
        found.state,
        folder,
        # What a run ended with stands above its checkpoints, of which the latest comes first.
        (found.step is not None, natural(folder), found.path),
        haystack(row),
        base_title(named) if named else "",
    )


def renamed(row: ScanRow, name: str) -> ScanRow:
    """The same with another name for the library."""
    return _changed(row, {Row.NAME: name, At.FOUND: row[At.FOUND]._replace(name=name)})


def with_state(row: ScanRow, state: FoundState, adapter_id: str | None) -> ScanRow:
    """The same in another state. adapter_id: of the library's row for it."""
    found = row[At.FOUND]._replace(adapter_id=adapter_id)
    return _changed(row, {At.KIND: state, At.FOUND: found})


def with_base(row: ScanRow, model_id: str | None, title: str = "") -> ScanRow:
    """The same with another base model of the library, None where an import adds it.

    title: of that base model; shown where the config names none.
    """
    found = row[At.FOUND]._replace(base_model_id=model_id)
    values = {Row.MODEL_ID: model_id, At.FOUND: found}
    if not row[Row.BASE_MODEL]:
        values[At.BASE] = base_title(printable(title, _LONGEST)) if title else ""
    return _changed(row, values)


def _changed(row: ScanRow, values: dict[int, Any]) -> ScanRow:
    cells = list(row)
    for at, value in values.items():
        cells[at] = value
    cells[At.TEXT] = haystack(tuple(cells))
    return tuple(cells)


def natural(text: str) -> tuple[str | int, ...]:
    """How names are ordered: numbers by their value, of checkpoints the latest first."""
    return tuple(sort_key(text))


def is_able(row: ScanRow) -> bool:
    """Whether it can be imported."""
    return bool(row[At.KIND] == FoundState.NEW)


def needs_base(row: ScanRow) -> bool:
    """Whether somebody has to choose its base model before it can be imported."""
    return is_able(row) and not row[Row.BASE_MODEL] and row[Row.MODEL_ID] is None
