"""Figures as a person types them in a form: parts of a whole, counts and rates.

A part is shown and typed in percent, above 0 and at most 100, because that is how the table shows
it. What could mean two things (“0.8” is 80 % as a fraction and 0.8 % as it stands) is asked back,
never guessed.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

from desktop.services.records import Finding, Severity

_NO_BREAK = "\u00a0"
_SPLIT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*/\s*(\d{1,3}(?:\.\d+)?)")
_WORDS = {
    "dataset_fraction": "part of the dataset",
    "train_test_split": "part for training",
}


def percent_text(figure: float | None) -> str:
    """A part of a whole as the form shows it (0.8 -> “80 %”), "" where none is recorded."""
    if figure is None:
        return ""
    if not isinstance(figure, int | float) or not math.isfinite(figure):
        return str(figure)
    percent = (Decimal(repr(float(figure))) * 100).normalize()
    return f"{percent:f}{_NO_BREAK}%"


def number_text(figure: float | int | None) -> str:
    """A count or a rate as the form shows it, "" where none is recorded."""
    return "" if figure is None else str(figure)


def read_part(field: str, text: str) -> tuple[float | None, Finding | None]:
    """(the part of a whole that `text` says, what is wrong with it).

    “80 %”, “80” and, for the split, “90/10” are understood; empty is not recorded: (None, None).
    """
    said = _plain(text)
    if not said:
        return None, None
    word = _WORDS.get(field, "part")
    split = _SPLIT.fullmatch(said)
    if split is not None and field == "train_test_split":
        parts = Decimal(split[1]), Decimal(split[2])
        if sum(parts) != 100:
            return None, _refused(field, "The two parts of the split do not add up to 100.")
        said = f"{parts[0]}%"
    signed = said.endswith("%")
    figure = _decimal(said.removesuffix("%").strip())
    if figure is None:
        advice = "Write it in percent: 80 for four fifths."
        return None, _refused(field, f"The {word} is a number in percent.", advice)
    if not 0 < figure <= 100:
        return None, _refused(field, f"The {word} is above 0 and at most 100{_NO_BREAK}%.")
    if not signed and figure <= 1:
        meant = percent_text(float(figure))
        return None, Finding(
            field,
            "ambiguous",
            Severity.ERROR,
            f"This could mean {meant} or {figure:f}{_NO_BREAK}%.",
            "Write the % sign after it.",
            meant,
        )
    return float(figure / 100), None


def read_count(field: str, text: str) -> tuple[int | None, Finding | None]:
    """(the whole number above 0 that `text` says, what is wrong with it)."""
    said = _plain(text)
    if not said:
        return None, None
    if not re.fullmatch(r"[0-9]{1,9}", said) or int(said) == 0:
        return None, _refused(field, "The epochs are a whole number above 0.")
    return int(said), None


def read_rate(field: str, text: str) -> tuple[float | None, Finding | None]:
    """(the number above 0 that `text` says, “2e-4” too; what is wrong with it)."""
    said = _plain(text)
    if not said:
        return None, None
    figure = _decimal(said)
    rate = float(figure) if figure is not None else math.nan
    if not math.isfinite(rate) or rate <= 0:
        advice = "Write 0.0002 or 2e-4."
        return None, _refused(field, "The learning rate is a number above 0.", advice)
    return rate, None


def _plain(text: str) -> str:
    # Blanks inside say nothing; a comma is how half of the world writes the decimal point.
    said = "".join(text.split()).replace(",", ".")
    return said if said.count(".") <= 2 else text


def _decimal(said: str) -> Decimal | None:
    if len(said) > 40 or not re.fullmatch(r"[+-]?[0-9]*\.?[0-9]*(?:[eE][+-]?[0-9]{1,3})?", said):
        return None
    try:
        return Decimal(said)
    except InvalidOperation:
        return None


def _refused(field: str, message: str, advice: str = "") -> Finding:
    return Finding(field, "figure", Severity.ERROR, message, advice)
