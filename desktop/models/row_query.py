"""What the library is asked for beside words and terms: facets, and how a row answers. No Qt.

A question becomes a list of tests. Each test takes a chunk of row numbers and gives those that
pass, with loops that run in C: a hundred thousand rows are asked on every key.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, repeat
from operator import contains, itemgetter, or_
from typing import Any

from desktop.services.kinds import FolderState
from desktop.services.library_row import LibraryRow, Row

DAY = 86_400
_LONGEST = 4096

PROBLEMS = {"errors": Row.ERRORS, "warnings": Row.WARNINGS, "notes": Row.NOTES}
"""Kinds of findings by the names that facets use, and where a row counts them. “none” is a row
that has none of them."""

Test = Callable[[list[int]], list[int]]


@dataclass(frozen=True, slots=True)
class Known:
    """What a row does not say of itself. now: seconds since 1970, when the question was asked;
    copies: how many rows have a content, by `Row.CONTENT`."""

    now: float = 0.0
    copies: Mapping[Any, int] = field(default_factory=dict)

    def is_copied(self, row: LibraryRow) -> bool:
        """Whether another row has the same weights."""
        content = row[Row.CONTENT]
        return bool(content) and self.copies.get(content, 0) > 1


@dataclass(frozen=True, slots=True)
class Facets:
    """What was ticked beside the words. Within one facet any value will do, between facets all
    must hold; an empty set asks for nothing.

    sources: types of adapters; base_models: ids, None = without one; types: variants as shown
    (“LoRA”), None = not known; problems: of “errors”, “warnings”, “notes”, “none”; missing: only
    folders that are gone; added_days: added in the last so many days; favourite: only favourites;
    duplicates: only rows whose weights another row has, too.
    """

    sources: frozenset[str] = frozenset()
    base_models: frozenset[str | None] = frozenset()
    types: frozenset[str | None] = frozenset()
    problems: frozenset[str] = frozenset()
    missing: bool = False
    added_days: int | None = None
    favourite: bool = False
    duplicates: bool = False

    def __bool__(self) -> bool:
        return self != _NO_FACETS

    def admits(self, row: LibraryRow, known: Known) -> bool:
        """Whether a row is what was ticked."""
        if self.sources and row[Row.TYPE] not in self.sources:
            return False
        if self.base_models and row[Row.MODEL_ID] not in self.base_models:
            return False
        if self.types and row[Row.PEFT_TYPE] not in self.types:
            return False
        if self.missing and row[Row.STATE] != FolderState.MISSING:
            return False
        if self.added_days is not None and not _since(row, known.now - self.added_days * DAY):
            return False
        if self.favourite and not row[Row.FAVOURITE]:
            return False
        if self.duplicates and not known.is_copied(row):
            return False
        return not self.problems or _has_problems(row, self.problems)


_NO_FACETS = Facets()


def _since(row: LibraryRow, start: float) -> bool:
    added = row[Row.ADDED]
    return isinstance(added, int | float) and added >= start


def _has_problems(row: LibraryRow, kinds: frozenset[str]) -> bool:
    if any(row[at] for kind, at in PROBLEMS.items() if kind in kinds):
        return True
    return "none" in kinds and not any(row[at] for at in PROBLEMS.values())


def fold(text: Any) -> str:
    """Text as the filter compares it, "" for none. A foreign catalogue may hold bytes or figures
    where text belongs."""
    if not text:
        return ""
    if not isinstance(text, str):
        text = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else str(text)
    folded = text[:_LONGEST].casefold()
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def fold_name(row: LibraryRow) -> str:
    """The row's name as names are compared."""
    name = row[Row.NAME]
    return name.casefold() if type(name) is str else fold(name)


def haystack(row: LibraryRow) -> str:
    """What the filter looks through, but for the base model: name, path, Hub name and tags."""
    # No word holds a line break, so none is found across two fields, nor across two tags.
    text = "\n".join(
        (fold(row[Row.NAME]), fold(row[Row.LOCATION]), fold(row[Row.HUGGINGFACE_NAME]))
    )
    tags = row[Row.TAGS]
    return f"{text}\n{fold(tags)}" if tags else text


def word_test(word: str, texts: Sequence[str], bases: Sequence[int], found: Sequence[bool]) -> Test:
    """Rows whose text holds the word, or whose base model does.

    texts: haystack by row; bases: number of the base model by row; found: whether that base model
    holds the word, by its number. A base model is looked through once, not once for each row.
    """
    if not any(found):

        def in_text(chunk: list[int]) -> list[int]:
            held = map(contains, map(texts.__getitem__, chunk), repeat(word))
            return list(compress(chunk, held))

        return in_text

    def in_text_or_base(chunk: list[int]) -> list[int]:
        held = map(contains, map(texts.__getitem__, chunk), repeat(word))
        of_base = map(found.__getitem__, map(bases.__getitem__, chunk))
        return list(compress(chunk, map(or_, held, of_base)))

    return in_text_or_base


def facet_tests(facets: Facets, rows: Sequence[LibraryRow], known: Known) -> list[Test]:
    """The tests of `Facets.admits`, one for each facet that asks for something."""
    tests: list[Test] = []
    sets: tuple[tuple[int, frozenset[Any]], ...] = (
        (Row.TYPE, facets.sources),
        (Row.MODEL_ID, facets.base_models),
        (Row.PEFT_TYPE, facets.types),
        (Row.STATE, frozenset({FolderState.MISSING.value} if facets.missing else ())),
    )
    for at, allowed in sets:
        if allowed:
            tests.append(_set_test(at, allowed, rows))
    if facets.added_days is not None:
        start = known.now - facets.added_days * DAY

        def recent(chunk: list[int]) -> list[int]:
            return [at for at in chunk if _since(rows[at], start)]

        tests.append(recent)
    if facets.problems:

        def troubled(chunk: list[int]) -> list[int]:
            return [at for at in chunk if _has_problems(rows[at], facets.problems)]

        tests.append(troubled)
    if facets.favourite:
        tests.append(row_test(itemgetter(Row.FAVOURITE), rows))
    if facets.duplicates:
        tests.append(row_test(known.is_copied, rows))
    return tests


def row_test(passes: Callable[[LibraryRow], Any], rows: Sequence[LibraryRow]) -> Test:
    """Rows for which `passes` says something true."""

    def passing(chunk: list[int]) -> list[int]:
        return list(compress(chunk, map(passes, map(rows.__getitem__, chunk))))

    return passing


def _set_test(at: int, allowed: frozenset[Any], rows: Sequence[LibraryRow]) -> Test:
    get = itemgetter(at)

    def among(chunk: list[int]) -> list[int]:
        values = map(get, map(rows.__getitem__, chunk))
        return list(compress(chunk, map(allowed.__contains__, values)))

    return among
