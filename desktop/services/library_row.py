"""A row of the big table: a plain tuple, and what stands where in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any


class Row:
    """Positions in a library row.

    A row of the big table is a plain tuple straight from the database cursor: a hundred thousand of
    them must load in a breath, and `catalog.first_rows` makes the same ones with sqlite3 alone.
    """

    ID = 0
    NAME = 1
    TYPE = 2
    MODEL_ID = 3
    BASE_MODEL = 4  # the base model's title, or None
    PEFT_TYPE = 5  # the variant as shown ("LoRA", "DoRA", …), or None
    RANK = 6
    PARAMETERS = 7
    SIZE = 8  # bytes
    FRACTION = 9  # float, never None: the default stands in
    SPLIT = 10
    FRACTION_RECORDED = 11  # 0 or 1
    SPLIT_RECORDED = 12
    STATE = 13  # a FolderState value
    ERRORS = 14  # counts of findings
    WARNINGS = 15
    NOTES = 16
    ADDED = 17  # seconds since 1970, or None
    LOCATION = 18
    HUGGINGFACE_NAME = 19
    FAVOURITE = 20  # 0 or 1
    TAGS = 21  # one a line, or None
    CONTENT = 22  # the same for adapters that are the same, or None
    WIDTH = 23


LibraryRow = tuple[Any, ...]
"""A tuple of Row.WIDTH values at the positions of `Row`."""


def tags_of(stored: object) -> tuple[str, ...]:
    """The tags that stand in `Row.TAGS`, none where a foreign catalogue holds no text there."""
    return tuple(tag for tag in stored.split("\n") if tag) if isinstance(stored, str) else ()


def count_tags(stored: Mapping[Any, int]) -> dict[str, int]:
    """Tags in order with how often they occur. stored: {what stands in `Row.TAGS`: how many rows
    have it}. Of several spellings the most usual one, then the first."""
    spelled: dict[str, Counter[str]] = {}
    for text, number in stored.items():
        for tag in tags_of(text):
            spelled.setdefault(tag.casefold(), Counter())[tag] += number
    return {
        min(ways, key=lambda tag: (-ways[tag], tag)): ways.total()
        for _, ways in sorted(spelled.items())
    }
