"""How a row answers the terms of a filter: `rank>16`, `tag:prod`, `-missing`. No Qt."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from itertools import compress
from operator import itemgetter
from typing import Any

from desktop.models.filter_language import WORD, Question, Term, day_after
from desktop.models.row_query import Facets, Known, Test, fold, haystack, row_test
from desktop.services.kinds import AdapterType, FolderState
from desktop.services.library_row import LibraryRow, Row

_Passes = Callable[[Any], bool]

_TEXTS = {
    "name": Row.NAME,
    "base": Row.BASE_MODEL,
    "type": Row.PEFT_TYPE,
    "source": Row.TYPE,
    "tag": Row.TAGS,
    "path": Row.LOCATION,
    "hub": Row.HUGGINGFACE_NAME,
}
_FIGURES = {
    "rank": Row.RANK,
    "params": Row.PARAMETERS,
    "size": Row.SIZE,
    "errors": Row.ERRORS,
    "warnings": Row.WARNINGS,
    "notes": Row.NOTES,
    "added": Row.ADDED,
    "age": Row.ADDED,
    "day": Row.ADDED,
}
_FEW_VALUES = frozenset({"base", "type", "source", "tag", "rank", "errors", "warnings", "notes"})
"""Columns that say the same again and again: each value is asked once, not once for each row."""
_SOURCES = {
    AdapterType.PROJECT.value: ("local folder", "folder", "project"),
    AdapterType.HUGGINGFACE.value: ("hugging face", "huggingface", "hub", "hf"),
    AdapterType.MODEL_REGISTRY.value: ("registry", "model registry", "model_registry"),
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


class _Memo(dict[Any, bool]):
    """Remembers what a value was answered."""

    def __init__(self, passes: _Passes) -> None:
        super().__init__()
        self._passes = passes

    def __missing__(self, value: Any) -> bool:
        answer = self[value] = self._passes(value)
        return answer


def answers(row: LibraryRow, question: Question, facets: Facets, known: Known) -> bool:
    """Whether one row answers the question and is what was ticked."""
    if question.words:
        text, base = haystack(row), fold(row[Row.BASE_MODEL])
        if not all(word in text or word in base for word in question.words):
            return False
    return all(admits(term, row, known) for term in question.terms) and facets.admits(row, known)


def admits(term: Term, row: LibraryRow, known: Known) -> bool:
    """Whether one row answers a term."""
    if term.key == WORD:
        word = str(term.value)
        return (word in haystack(row) or word in fold(row[Row.BASE_MODEL])) != term.negated
    at = _TEXTS.get(term.key, _FIGURES.get(term.key))
    if at is None:
        return bool(_flag(term.key, known)(row)) != term.negated
    return _passes(term, known)(row[at]) != term.negated


def term_tests(
    terms: Sequence[Term], rows: Sequence[LibraryRow], known: Known, words: Callable[[str], Test]
) -> list[Test]:
    """The tests of `admits`, one for each term. words: makes the test of a plain word."""
    return [_term_test(term, rows, known, words) for term in terms]


def _term_test(
    term: Term, rows: Sequence[LibraryRow], known: Known, words: Callable[[str], Test]
) -> Test:
    if term.key == WORD:
        return _others(words(str(term.value)))
    at = _TEXTS.get(term.key, _FIGURES.get(term.key))
    if at is None:
        test = row_test(_flag(term.key, known), rows)
        return _others(test) if term.negated else test
    passes: _Passes = _passes(term, known)
    if term.key in _FEW_VALUES:
        passes = _Memo(passes).__getitem__
    get = itemgetter(at)

    def passing(chunk: list[int]) -> list[int]:
        values = map(get, map(rows.__getitem__, chunk))
        return list(compress(chunk, map(passes, values)))

    return _others(passing) if term.negated else passing


def _others(test: Test) -> Test:
    def failing(chunk: list[int]) -> list[int]:
        passed = set(test(chunk))
        return [at for at in chunk if at not in passed]

    return failing


def _flag(key: str, known: Known) -> Callable[[LibraryRow], Any]:
    if key == "favourite":
        return itemgetter(Row.FAVOURITE)
    if key == "duplicates":
        return known.is_copied
    return _is_missing if key == "missing" else _has_problems


def _is_missing(row: LibraryRow) -> bool:
    return bool(row[Row.STATE] == FolderState.MISSING)


def _has_problems(row: LibraryRow) -> bool:
    return bool(row[Row.ERRORS] or row[Row.WARNINGS])


def _passes(term: Term, known: Known) -> _Passes:
    """What a value of the term's column has to be; not turned around yet."""
    if term.key in _TEXTS:
        return _text_passes(term.key, term.test, str(term.value))
    return _figure_passes(term, known)


def _text_passes(key: str, test: str, wanted: str) -> _Passes:
    def compare(text: str) -> bool:
        if test == "has":
            return wanted in text
        return text.startswith(wanted) if test == "begins" else text == wanted

    if key == "source":
        return lambda value: any(map(compare, _source_names(value)))
    if key == "tag":
        return lambda value: bool(value) and any(map(compare, fold(value).split("\n")))
    return lambda value: bool(value) and compare(fold(value))


def _source_names(value: Any) -> tuple[str, ...]:
    return _SOURCES.get(value, (fold(value),)) if isinstance(value, str) else ()


def _figure_passes(term: Term, known: Known) -> _Passes:
    wanted, test = float(term.value), term.test
    if term.key == "day":
        end = day_after(wanted)
        return lambda value: _is_figure(value) and wanted <= value < end
    if term.key == "age":
        # Younger is later.
        wanted = known.now - wanted
        test = test.replace("<", "?").replace(">", "<").replace("?", ">")
    compare = _COMPARE[test]
    return lambda value: _is_figure(value) and compare(value, wanted)


def _is_figure(value: Any) -> bool:
    kind = type(value)
    return kind is int or (kind is float and math.isfinite(value))
