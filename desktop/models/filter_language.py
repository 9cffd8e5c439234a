"""What is typed into the filter, as a question: words to look for, and terms like `rank>16`. No Qt.

    base:llama rank>16 tag:prod -missing "a b"

A key and a value ask for one column; a flag word (`missing`) for a state; a minus in front turns a
term around; quotes make anything literal. Whatever is none of these (an unknown key, a value that
is no figure) is a plain word, so that no name becomes impossible to find. A key without its value
yet asks for nothing: the table does not go empty under the typing hand.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

TEXTS = ("name", "base", "type", "source", "tag", "path", "hub")
"""Keys that are compared as text. Type, source and tag begin with the value, the others hold it; in
quotes, or after `=`, type, source and tag are the value."""
FIGURES = ("rank", "params", "size", "errors", "warnings", "notes")
"""Keys that are compared as figures."""
FLAGS = {
    "favourite": "favourite",
    "favourites": "favourite",
    "favorite": "favourite",
    "favorites": "favourite",
    "problems": "problems",
    "missing": "missing",
    "duplicate": "duplicates",
    "duplicates": "duplicates",
}
"""Words that ask for a state."""
WORD = "word"
"""The key of a plain word that must not be there."""

_BEGINS = frozenset({"type", "source", "tag"})
_TOKEN = re.compile(r"([a-z]+)(>=|<=|[:=<>])")
_UNTIL_SPACE = re.compile(r"\S*")
_FIGURE = re.compile(r"(\d{1,15}(?:[.,]\d{0,6})?)\s?([a-z]*)")
_SPACED = re.compile(
    rf"({'|'.join(FIGURES)}|added)\s*(>=|<=|[:=<>])(?:\s*(\d\S*)(?:\s+([a-z]+)(?!\S))?|\s*\Z)"
)
"""A comparison of figures may have blanks around its sign and before its unit."""
_DAY = 86_400
_SPANS = {"": _DAY, "h": 3600, "d": _DAY, "w": 7 * _DAY, "m": 30 * _DAY, "y": 365 * _DAY}
_SIZES = {"": 1.0, "b": 1.0}
_COUNTS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9}
for _letter, _power in (("k", 1), ("m", 2), ("g", 3), ("t", 4)):
    _SIZES[_letter] = _SIZES[f"{_letter}b"] = 1000.0**_power
    _SIZES[f"{_letter}ib"] = 1024.0**_power

HINTS: tuple[tuple[str, str], ...] = (
    ("base:llama", "the base model’s name holds “llama”; name, path and hub likewise"),
    ("tag:prod", "has a tag that begins so; type and source likewise"),
    ("rank>16", "also params, size, errors, warnings, notes; with < <= = >= >"),
    ("size>100MB", "kB, MB, GB; params>10M"),
    ("added<30d", "in the last 30 days; h, d, w, m, y, or a day: added>2025-11-19"),
    ("favourite", "also problems, missing, duplicates"),
    ("-missing", "a minus in front: all others"),
    ('"rank>16"', "in quotes: just these characters"),
)
"""(example, what it asks for), for a person who wants to know what can be typed."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is asked of a row.

    key: of TEXTS, FIGURES, the values of FLAGS, WORD, `age` (seconds since it was added), `added`
    (seconds since 1970) or `day` (when the day began on which it was added). test: `has`, `begins`,
    `is` for texts; `<`, `<=`, `=`, `>=`, `>` for figures; none for flags. negated: rows that do not
    answer are wanted.
    """

    key: str
    test: str = ""
    value: str | float = ""
    negated: bool = False

    def implied_by(self, other: Term) -> bool:
        """Whether every row that answers `other` answers this one, too."""
        if self == other:
            return True
        if (self.key, self.negated, other.negated) != (other.key, False, False):
            return False
        mine, theirs = self.value, other.value
        if isinstance(mine, str) and isinstance(theirs, str):
            if self.test == "has":
                return mine in theirs
            return self.test == "begins" and other.test != "has" and theirs.startswith(mine)
        if isinstance(mine, str) or isinstance(theirs, str) or self.test != other.test:
            return False
        if self.test in (">", ">="):
            return theirs >= mine
        return self.test in ("<", "<=") and theirs <= mine


@dataclass(frozen=True, slots=True)
class Question:
    """words: what a row must hold, the longest first, for it finds the least; terms: what else is
    asked of it."""

    words: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.terms)


def narrows(before: Question, after: Question) -> bool:
    """Whether every row that answers `after` must also have answered `before`."""
    return all(any(old in new for new in after.words) for old in before.words) and all(
        any(old.implied_by(new) for new in after.terms) for old in before.terms
    )


def parse(text: str) -> Question:
    """The question that a text asks. Every text asks one."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    words: list[str] = []
    terms: list[Term] = []
    at = 0
    while at < len(folded):
        if folded[at].isspace():
            at += 1
            continue
        at = _read(folded, at, words, terms)
    return Question(
        tuple(sorted(dict.fromkeys(words), key=_by_length)), tuple(dict.fromkeys(terms))
    )


def _by_length(word: str) -> tuple[int, str]:
    return -len(word), word


def _read(text: str, at: int, words: list[str], terms: list[Term]) -> int:
    """Read what begins at `at`; returns where it ends."""
    negated = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
    start = at + negated
    spaced = _SPACED.match(text, start)
    if spaced:
        end = _read_spaced(spaced, negated, terms)
        if end:
            return end
    named = _TOKEN.match(text, start)
    if named and (named[1] in TEXTS or named[1] in FIGURES or named[1] == "added"):
        value, end, quoted = _value(text, named.end())
        if not value:
            return end  # half typed
        found = _terms(named[1], named[2], value, quoted, negated)
        if found:
            terms.extend(found)
            return end
    elif text[start] == '"':
        value, end, _ = _value(text, start)
        if value.strip():
            _add_word(" ".join(value.split()), negated, words, terms)
        return end
    end = _UNTIL_SPACE.match(text, start).end()  # type: ignore[union-attr]
    word = text[start:end]
    if word in FLAGS:
        terms.append(Term(FLAGS[word], negated=negated))
    else:
        _add_word(word, negated, words, terms)
    return end


def _read_spaced(read: re.Match[str], negated: bool, terms: list[Term]) -> int:
    """Read a comparison of figures; returns where it ends, 0 where it is none after all."""
    key, sign, value, unit = read.groups()
    if value is None:
        return read.end()  # half typed
    if unit and value[-1].isdigit():
        found = _terms(key, sign, value + unit, False, negated)
        if found:
            terms.extend(found)
            return read.end()
    found = _terms(key, sign, value, False, negated)
    terms.extend(found)
    return read.end(3) if found else 0


def _add_word(word: str, negated: bool, words: list[str], terms: list[Term]) -> None:
    if negated:
        terms.append(Term(WORD, "has", word, True))
    else:
        words.append(word)


def _value(text: str, start: int) -> tuple[str, int, bool]:
    """(value, where it ends, whether it stood in quotes). An open quote reaches to the end."""
    if start < len(text) and text[start] == '"':
        end = text.find('"', start + 1)
        if end < 0:
            return text[start + 1 :], len(text), True
        return text[start + 1 : end], end + 1, True
    end = _UNTIL_SPACE.match(text, start).end()  # type: ignore[union-attr]
    return text[start:end], end, False


def _terms(key: str, sign: str, value: str, quoted: bool, negated: bool) -> list[Term]:
    """The term for a key and a value, none where they do not fit together."""
    if key in TEXTS:
        if sign not in ":=":
            return []
        if key in _BEGINS:
            test = "is" if quoted or sign == "=" else "begins"
        else:
            test = "is" if sign == "=" else "has"
        return [Term(key, test, value, negated)]
    found = _added(sign, value) if key == "added" else _figure(key, sign, value)
    return [Term(name, test, figure, negated) for name, test, figure in found]


def _figure(key: str, sign: str, value: str) -> list[tuple[str, str, float]]:
    read = _FIGURE.fullmatch(value)
    units = {"size": _SIZES, "params": _COUNTS}.get(key, {"": 1.0})
    if read is None or read[2] not in units:
        return []
    return [(key, "=" if sign == ":" else sign, _number(read[1]) * units[read[2]])]


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _added(sign: str, value: str) -> list[tuple[str, str, float]]:
    read = _FIGURE.fullmatch(value)
    if read is not None and read[2] in _SPANS:
        return [("age", "<" if sign in ":=" else sign, _number(read[1]) * _SPANS[read[2]])]
    try:
        day = date.fromisoformat(value)
        first, last = _midnight(day), _midnight(day + timedelta(days=1))
    except (ValueError, OverflowError):
        return []
    # A day is a stretch of time: after it, from it on, before it, up to its end, within it.
    bounds = {">": (">=", last), ">=": (">=", first), "<": ("<", first), "<=": ("<", last)}
    if sign in bounds:
        return [("added", *bounds[sign])]
    return [("day", "=", first)]


def day_after(start: float) -> float:
    """When the day ends that began at `start`, both in seconds since 1970."""
    return _midnight(date(*time.localtime(start)[:3]) + timedelta(days=1))


def _midnight(day: date) -> float:
    return time.mktime(day.timetuple())


def closed(text: str) -> str:
    """The text, its last quote closed, so that more can be typed behind it."""
    probe = "\x01"  # a word that no text holds
    return text if probe in parse(f"{text} {probe}").words else f'{text}"'


def quoted(text: str) -> str:
    """A text as a word of a filter that is taken literally."""
    return '"' + text.replace('"', " ") + '"'


def described(examples: Iterable[tuple[str, str]] = HINTS) -> str:
    """The examples, one a line, for a tooltip."""
    return "\n".join(f"{example}   {meaning}" for example, meaning in examples)
