"""Rows of the library as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import os
import stat
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desktop.services.catalog.paths import resolve
from desktop.services.errors import FolderError
from desktop.services.peft_folder import printable
from desktop.services.peft_folder.reading import kind_of
from desktop.services.progress import Progress, silent
from desktop.services.records import LibraryRow, Row, tags_of

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_EVERY = 1000


def _recorded(at: int) -> Callable[[LibraryRow], str]:
    return lambda row: "recorded" if row[at] else "assumed"


def _value(at: int) -> Callable[[LibraryRow], Any]:
    return lambda row: row[at]


def _moment(row: LibraryRow) -> str:
    added = row[Row.ADDED]
    if isinstance(added, int | float):
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(added, UTC).isoformat(timespec="seconds")
    return ""


COLUMNS: tuple[tuple[str, Callable[[LibraryRow], Any]], ...] = (
    ("id", _value(Row.ID)),
    ("name", _value(Row.NAME)),
    ("source", _value(Row.TYPE)),
    ("base_model", _value(Row.BASE_MODEL)),
    ("type", _value(Row.PEFT_TYPE)),
    ("rank", _value(Row.RANK)),
    ("parameters", _value(Row.PARAMETERS)),
    ("size_bytes", _value(Row.SIZE)),
    ("dataset_fraction", _value(Row.FRACTION)),
    ("dataset_fraction_is", _recorded(Row.FRACTION_RECORDED)),
    ("train_test_split", _value(Row.SPLIT)),
    ("train_test_split_is", _recorded(Row.SPLIT_RECORDED)),
    ("folder_state", _value(Row.STATE)),
    ("errors", _value(Row.ERRORS)),
    ("warnings", _value(Row.WARNINGS)),
    ("notes", _value(Row.NOTES)),
    ("added_utc", _moment),
    ("path", _value(Row.LOCATION)),
    ("hub_name", _value(Row.HUGGINGFACE_NAME)),
    ("favourite", lambda row: "yes" if row[Row.FAVOURITE] else "no"),
    ("tags", lambda row: ", ".join(tags_of(row[Row.TAGS]))),
)
"""(title, what stands under it). Figures are plain ones: bytes, fractions, UTC."""


def safe_cell(value: object) -> object:
    """A value as a spreadsheet takes it for what it is: figures stay; a text that a spreadsheet
    would run as a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return f"'{text}" if text.startswith(_FORMULA) else text


def write_csv(
    rows: Sequence[LibraryRow],
    target: str | os.PathLike[str],
    *,
    root: Path | None = None,
    bom: bool = True,
    progress: Progress | None = None,
) -> int:
    """Write rows, in this order, to a file; returns how many.

    root: the project that a studio's relative locations belong to. bom: begin with a byte order
    mark, without which a spreadsheet may not see that this is UTF-8. The file is there when it is
    whole: until then, and after a cancel, one that was there before stays. A link stays one: what
    it leads to is written.

    Raises:
        FolderError: it can't be written there, or is something else than a file.
    """
    report = progress or silent
    path = Path(target)
    name = printable(path.name or str(path), 80)
    try:
        place = _place_of(path, name)
        part = place.with_name(f".lorarium-{uuid.uuid4().hex}.part")
        try:
            with part.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:
                if bom:
                    file.write("\N{ZERO WIDTH NO-BREAK SPACE}")
                writer = csv.writer(file)
                writer.writerow([title for title, _ in COLUMNS])
                for start in range(0, len(rows), _EVERY):
                    report(start, len(rows), "")
                    writer.writerows(_lines(rows[start : start + _EVERY], root))
                file.flush()
                os.fsync(file.fileno())
            part.replace(place)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise FolderError(
            f"“{name}” can't be written: {error.strerror or error}.",
            "Choose another folder, or free some space.",
        ) from error
    report(len(rows), len(rows), "")
    return len(rows)


def _place_of(path: Path, name: str) -> Path:
    """Where the file itself is, or will be, after all links."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        pass
    except ValueError as error:  # NUL, or half a character
        said = f"“{name}” is no name that a file can have."
        raise FolderError(said, "Choose another name.") from error
    else:
        if not stat.S_ISREG(mode):
            raise FolderError(
                f"“{name}” is {kind_of(mode)}, which a list is not written into.",
                "Choose another name.",
            )
    return Path(os.path.realpath(path))


def _lines(rows: Iterable[LibraryRow], root: Path | None) -> Iterable[list[object]]:
    for row in rows:
        cells = [safe_cell(value(row)) for _, value in COLUMNS]
        location = row[Row.LOCATION]
        if isinstance(location, str):
            cells[_PATH] = safe_cell(resolve(location, root) or location)
        yield cells


_PATH = [title for title, _ in COLUMNS].index("path")
