"""Figures, sizes, dates and names as the screen shows them, all through the locale.

Every function takes what a foreign catalogue may hold in a column, also text where a figure should
be, and never raises: what is not known is an en dash, never 0. What is shown often is cached.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QDate, QDateTime, QLocale

UNKNOWN = "–"
"""What a cell shows where nothing is known."""

NO_BREAK = "\u00a0"

SOURCES = {
    "project": ("Local folder", "folder"),
    "huggingface": ("Hugging Face", "cloud"),
    "model_registry": ("Registry", "cylinder"),
}
"""Type of an adapter: what it is called on screen, and its icon."""

_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_LONGEST = 4096
_SIZES = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_COUNTS = ("", "K", "M", "B", "T")
_TALLIES = ("", "K", "M", "bn", "tn")
_INT64 = 1 << 63
_LARGEST = 1e300


def number_of(value: Any) -> int | float | None:
    """The figure in a database field, None where there is none that can be shown."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if -_LARGEST < value < _LARGEST:
            return value
    return None


def whole_text(value: Any) -> str:
    """A count with the thousands marks of the locale: `41,943,040`."""
    number = number_of(value)
    if number is None:
        return UNKNOWN
    whole = round(number)
    return QLocale().toString(whole) if -_INT64 <= whole < _INT64 else f"{whole:,}"


@lru_cache(maxsize=4096)
def _scaled(number: int | float, units: tuple[str, ...], _locale: str) -> str:
    # One decimal below 100, none above; 999,950 is 1.0 M, not 1,000.0 K.
    size = abs(number)
    step = 0
    while step < len(units) - 1 and size >= (999.5 if step else 1000):
        size /= 1000
        step += 1
    digits = _decimal(-size if number < 0 else size, 1 if step and size < 99.95 else 0)
    return f"{digits} {units[step]}".rstrip()


def _decimal(number: int | float, decimals: int) -> str:
    if abs(number) >= 1e15:
        return QLocale().toString(float(number), "g", 3)
    return QLocale().toString(float(number), "f", decimals)


def _locale() -> str:
    # A part of the key of what is cached: the locale may change while the program runs.
    return QLocale().name()


def parameters_text(value: Any) -> str:
    """A number of parameters: `41.9 M`, `614 K`, `0`; an en dash if it is not known."""
    number = number_of(value)
    return UNKNOWN if number is None else _scaled(number, _COUNTS, _locale())


def tally_text(value: Any) -> str:
    """How often people did something: `18.2 K`, `1.2 bn`; an en dash if it is not known."""
    number = number_of(value)
    return UNKNOWN if number is None else _scaled(number, _TALLIES, _locale())


def size_text(value: Any) -> str:
    """Bytes in powers of 1000: `83.9 MB`, `328 kB`, `0 B`; an en dash if they are not known."""
    number = number_of(value)
    return UNKNOWN if number is None else _scaled(number, _SIZES, _locale())


def bytes_text(value: Any) -> str:
    """The exact size: `83,886,080 bytes`, `1 byte`."""
    number = number_of(value)
    if number is None:
        return UNKNOWN
    return f"{whole_text(number)} byte{'' if number == 1 else 's'}"


def _digits(percent: int | float) -> str:
    rounded = round(percent, 1)
    if rounded == 0 and percent != 0:
        # Little is not nothing.
        return QLocale().toString(float(percent), "g", 1)
    return _decimal(rounded, 0 if rounded == int(rounded) else 1)


@lru_cache(maxsize=1024)
def _percent(value: int | float, _locale: str) -> str:
    return f"{_digits(value * 100)}{NO_BREAK}%"


def percent_text(value: Any) -> str:
    """A part of a whole, 0 to 1, in percent: `80 %`, `12.5 %`, with a space that does not break.

    A figure outside is shown as it is: 1.5 is `150 %`.
    """
    number = number_of(value)
    return UNKNOWN if number is None else _percent(number, _locale())


@lru_cache(maxsize=1024)
def _split(value: int | float, _locale: str) -> str:
    train = round(value * 100, 1)
    return f"{_digits(train)}/{_digits(round(100 - train, 1))}"


def split_text(value: Any) -> str:
    """The part that went into training, and the rest: 0.9 is `90/10`.

    A figure outside 0 to 1 divides nothing and is shown as a percentage.
    """
    number = number_of(value)
    if number is None:
        return UNKNOWN
    return _split(number, _locale()) if 0 <= number <= 1 else _percent(number, _locale())


@lru_cache(maxsize=4096)
def _date(day: int, today: int, _locale: str) -> str:
    if day == today:
        return "Today"
    if day == today - 1:
        return "Yesterday"
    date = QDate.fromJulianDay(day)
    same_year = date.year() == QDate.fromJulianDay(today).year()
    return QLocale().toString(date, "d MMM" if same_year else "d MMM yyyy")


def _moment(value: Any) -> QDateTime | None:
    number = number_of(value)
    # Seconds that still are a year of four digits; beyond, it is no date.
    if number is None or not -62_135_596_800 <= number < 253_402_300_800:
        return None
    return QDateTime.fromMSecsSinceEpoch(round(number * 1000))


def day_of(value: Any) -> int:
    """The local day (Julian day number) of seconds since 1970, 0 where that is no date."""
    moment = _moment(value)
    return 0 if moment is None else int(moment.date().toJulianDay())


def today() -> int:
    """The local day now, as a Julian day number."""
    return int(QDate.currentDate().toJulianDay())


def date_text(value: Any, now: int | None = None) -> str:
    """Seconds since 1970 as a local day: `Today`, `Yesterday`, `19 Nov`, `19 Nov 2025`.

    now: the day that counts as today, a Julian day number.
    """
    day = day_of(value)
    return UNKNOWN if not day else _date(day, today() if now is None else now, _locale())


def moment_text(value: Any) -> str:
    """Seconds since 1970 as a local day and time, in the long form of the locale."""
    moment = _moment(value)
    if moment is None:
        return UNKNOWN
    return QLocale().toString(moment, QLocale.FormatType.LongFormat).replace(NO_BREAK, " ")


def one_line(value: Any) -> str:
    """Outside text as one line that can be read; bytes that are no text show as escapes."""
    text = value if isinstance(value, str) else _as_text(value)
    if len(text) <= _LONGEST and text.isprintable():
        return text
    # Only now: what reads folders takes its time to import.
    from desktop.services.peft_folder.reading import printable

    return printable(_BREAKS.sub(" ", text), _LONGEST)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


@lru_cache(maxsize=4096)
def base_title(name: Any) -> str:
    """The short name of a base model: `meta-llama/Llama-3.1-8B` is `Llama-3.1-8B`.

    Of a path, the last part; "" where there is no name.
    """
    text = one_line(name).strip()
    last = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return last or text


def source_title(kind: Any) -> str:
    """What the type of an adapter is called: `project` is `Local folder`."""
    known = SOURCES.get(kind) if isinstance(kind, str) else None
    return known[0] if known else one_line(kind)


def source_icon(kind: Any) -> str:
    """The name of the icon for the type of an adapter, "" where there is none."""
    known = SOURCES.get(kind) if isinstance(kind, str) else None
    return known[1] if known else ""
