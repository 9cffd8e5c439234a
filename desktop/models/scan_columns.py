"""The columns of a scan's results: what each says, sorts by and is drawn with."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desktop.models.formats import UNKNOWN, bytes_text, one_line, size_text, whole_text
from desktop.models.scan_rows import STATES, At, ScanRow, state_title
from desktop.services.records import Row
from desktop.services.scan.records import FoundState

_RANK_OF = {state: number for number, state in enumerate(STATES)}
_LOOKS = {
    FoundState.NEW: ("plus", "accent"),
    FoundState.CHANGED: ("refresh", "note"),
    FoundState.KNOWN: ("check", "ok"),
    FoundState.GONE: ("missing", "warning"),
    FoundState.BROKEN: ("error", "error"),
    FoundState.NOT_PEFT: ("file", "text2"),
}
_WORST = (("error", Row.ERRORS), ("warning", Row.WARNINGS), ("note", Row.NOTES))


@dataclass(frozen=True)
class ScanColumn:
    """One column. value: what a row sorts by, None = not known; look: (icon, colour token) before
    the text, ("", "") for none; room: the widest usual text, which gives its width; a column
    without one shares what is left, by `share`."""

    key: str
    title: str
    text: Callable[[ScanRow], str]
    value: Callable[[ScanRow], Any]
    room: str = ""
    share: int = 0
    right: bool = False
    name: bool = False
    quiet: bool = False
    look: Callable[[ScanRow], tuple[str, str]] | None = None
    tip: Callable[[ScanRow], str] | None = None


def state_look(state: str) -> tuple[str, str]:
    """(icon, colour token) of a state."""
    return _LOOKS[FoundState(state)]


def _state_text(row: ScanRow) -> str:
    return state_title(row[At.KIND])


def _state_look(row: ScanRow) -> tuple[str, str]:
    return state_look(row[At.KIND])


def _state_tip(row: ScanRow) -> str:
    looks = row[At.FOUND].looks_like
    return f"This looks like {looks}." if looks else ""


def _name_text(row: ScanRow) -> str:
    return row[Row.NAME] or UNKNOWN


def _base_text(row: ScanRow) -> str:
    return row[At.BASE] or UNKNOWN


def _base_look(row: ScanRow) -> tuple[str, str]:
    added = row[At.BASE] and row[Row.MODEL_ID] is None and row[At.KIND] == FoundState.NEW
    return ("plus", "text2") if added else ("", "")


def _base_tip(row: ScanRow) -> str:
    named = row[Row.BASE_MODEL]
    if not named:
        return ""
    return f"{named}\nAn import adds this base model." if _base_look(row)[0] else str(named)


def _type_text(row: ScanRow) -> str:
    return one_line(row[Row.PEFT_TYPE]) or UNKNOWN


def _findings_text(row: ScanRow) -> str:
    count = next((row[at] for _, at in _WORST if row[at]), 0)
    return whole_text(count) if count else ""


def _findings_look(row: ScanRow) -> tuple[str, str]:
    return next(((tone, tone) for tone, at in _WORST if row[at]), ("", ""))


def _findings_value(row: ScanRow) -> tuple[int, int, int]:
    return row[Row.ERRORS], row[Row.WARNINGS], row[Row.NOTES]


def said_findings(row: ScanRow) -> str:
    """The findings in words: `1 error, 2 warnings`."""
    words = [f"{row[at]:,} {word}{'' if row[at] == 1 else 's'}" for word, at in _WORST if row[at]]
    return ", ".join(words)


def _text_value(at: int) -> Callable[[ScanRow], Any]:
    def value(row: ScanRow) -> Any:
        text = row[at]
        return str(text).casefold() if text else None

    return value


def _figure_value(at: int) -> Callable[[ScanRow], Any]:
    def value(row: ScanRow) -> Any:
        figure = row[at]
        kind = type(figure)
        return figure if kind is int or (kind is float and math.isfinite(figure)) else None

    return value


def _order(row: ScanRow) -> Any:
    return row[At.ORDER]


def _folder_text(row: ScanRow) -> str:
    return str(row[At.FOLDER])


def _rank_text(row: ScanRow) -> str:
    return whole_text(row[Row.RANK])


def _size_text(row: ScanRow) -> str:
    return size_text(row[Row.SIZE])


def _size_tip(row: ScanRow) -> str:
    return bytes_text(row[Row.SIZE]) if row[Row.SIZE] is not None else ""


def _state_value(row: ScanRow) -> int:
    return _RANK_OF[row[At.KIND]]


def _path_tip(row: ScanRow) -> str:
    return one_line(row[Row.LOCATION])


COLUMNS = (
    ScanColumn("folder", "Folder", _folder_text, _order, share=40, name=True, tip=_path_tip),
    ScanColumn("name", "Name in the library", _name_text, _text_value(Row.NAME), share=60),
    ScanColumn(
        "base", "Base model", _base_text, _text_value(At.BASE), "Llama-3.1-8B-Inst",
        quiet=True, look=_base_look, tip=_base_tip,
    ),
    ScanColumn("type", "Type", _type_text, _text_value(Row.PEFT_TYPE), "rsLoRA+", quiet=True),
    ScanColumn("rank", "Rank", _rank_text, _figure_value(Row.RANK), "1,024", right=True,
               quiet=True),
    ScanColumn("size", "Size", _size_text, _figure_value(Row.SIZE), "999.9 MB", right=True,
               quiet=True, tip=_size_tip),
    ScanColumn("state", "State", _state_text, _state_value, "In library", look=_state_look,
               tip=_state_tip),
    ScanColumn("findings", "Findings", _findings_text, _findings_value, "9,999",
               look=_findings_look, tip=said_findings),
)  # fmt: skip
FOLDER, NAME, BASE, TYPE, RANK, SIZE, STATE, FINDINGS = range(len(COLUMNS))
