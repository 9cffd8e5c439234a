"""JSON from strangers: what Python's parser takes silently is noticed or limited here.

`json.loads` accepts NaN, Infinity, duplicate names, lone surrogates and UTF-16, ends in a
RecursionError on deep nesting and in a plain ValueError on numbers of 5,000 digits.
"""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple

from desktop.services.errors import FolderError
from desktop.services.peft_folder.reading import printable, storable

MAX_DIGITS = 64


class JsonLimitError(FolderError):
    """The text is over a limit. `message` continues "the file …"."""


class ParsedJson(NamedTuple):
    """A parsed value and what was odd on the way.

    duplicates: names that stand twice in one object, the last one counted; not_finite: whether NaN
    or Infinity occur; bom: the text began with a byte order mark; encoding: `utf-8` or another one.
    """

    value: Any
    text: str
    duplicates: tuple[str, ...] = ()
    not_finite: bool = False
    bom: bool = False
    encoding: str = "utf-8"


def decode(data: bytes) -> tuple[str, str, bool]:
    """The bytes as text, their encoding, and whether they began with a byte order mark.

    Raises FolderError when they are no text. Only UTF-8 is right for JSON; UTF-16 and UTF-32 are
    known by their mark or their zeros, as `json.detect_encoding` does.
    """
    encoding = json.detect_encoding(data)
    bom = data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise FolderError("is not UTF-8 text") from None
    return text, "utf-8" if encoding.startswith("utf-8") else encoding, bom


def parse(data: bytes, *, max_depth: int = 64) -> ParsedJson:
    """Parse JSON. Raises JsonLimitError over a limit and FolderError for what is no JSON; the
    messages continue "the file …"."""
    text, encoding, bom = decode(data)
    duplicates: list[str] = []
    not_finite: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) != len(items):
            seen: set[str] = set()
            for key, _ in items:
                if key in seen and len(duplicates) < 20:
                    duplicates.append(key)
                seen.add(key)
        return made

    def whole(digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            raise JsonLimitError(f"holds a number of {len(digits):,} digits")
        return int(digits)

    def fraction(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            not_finite.append(digits)
        return value

    def constant(word: str) -> float:
        not_finite.append(word)
        return float(word)

    try:
        value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=whole,
            parse_float=fraction,
            parse_constant=constant,
        )
    except RecursionError:
        raise JsonLimitError("is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise FolderError(f"is not JSON (line {error.lineno}, column {error.colno})") from None
    except ValueError:
        raise FolderError("is not JSON") from None
    if deeper_than(value, max_depth):
        raise JsonLimitError(f"is nested more than {max_depth} levels deep")
    return ParsedJson(
        value, text, tuple(dict.fromkeys(duplicates)), bool(not_finite), bom, encoding
    )


def deeper_than(value: Any, limit: int) -> bool:
    """Whether lists and objects are nested more than `limit` levels."""
    level = [value]
    for _ in range(limit + 1):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        level = [item for item in below if isinstance(item, dict | list)]
        if not level:
            return False
    return True


def lenient_text(data: bytes, limit: int = 1 << 20) -> str:
    """The bytes as text to look at, whatever they are, fit for a database."""
    return storable(data[:limit].decode("utf-8", "replace"))


def kind_word(value: Any) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "a table"


def shown_value(value: Any) -> str:
    """A value of the file for a sentence."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str):
        return f"“{printable(value, 60)}”"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return printable(str(value), 40)
    return kind_word(value)
