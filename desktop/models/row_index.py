"""The choice and the order of a hundred thousand rows, fast enough for a frame. No Qt, no numpy.

Rows lie in slots that keep their number while they live. The filter runs through the slots in
the order that is on screen, in slices of time, so that the first matches found are the first rows
seen; a longer question only asks those that answered the shorter one. The result is always the same
as plainly filtering all rows and sorting them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from operator import itemgetter
from typing import Any

from desktop.models.filter_language import WORD, Question, narrows, parse
from desktop.models.row_counts import Counts, Tally
from desktop.models.row_order import RowOrder
from desktop.models.row_query import (
    Facets,
    Known,
    Test,
    facet_tests,
    fold,
    haystack,
    word_test,
)
from desktop.models.row_terms import answers, term_tests
from desktop.services.library_row import LibraryRow, Row

_CHUNK, _WARM_CHUNK = 1024, 256
_MANY, _ENOUGH = 20_000, 256
"""Of so many candidates the first slice only looks for so many rows: a screen has room for fewer,
and what is found beyond it would make the paint wait."""
_FEW = 500
"""Up to so many changes are put in place one by one; more are sorted anew."""


class Scan:
    """One run through candidates, in slices."""

    def __init__(self, candidates: list[int], tests: Sequence[Test]) -> None:
        self._candidates = candidates
        self._tests = tests
        self._at = 0

    @property
    def rest(self) -> list[int]:
        """The candidates that were not asked yet."""
        return self._candidates[self._at :]

    @property
    def done(self) -> bool:
        return self._at >= len(self._candidates)

    def first(self, seconds: float | None) -> list[int]:
        """What passes of the first ones, to be painted at once: see `run`."""
        many = seconds is not None and len(self._candidates) > _MANY
        return self.run(seconds, _ENOUGH if many else None)

    def run(self, seconds: float | None, enough: int | None = None) -> list[int]:
        """What passes; stops after about so many seconds, or with `enough` rows; None = never."""
        until = math.inf if seconds is None else time.perf_counter() + seconds
        enough = len(self._candidates) if enough is None else enough
        found: list[int] = []
        while not self.done:
            chunk = self._candidates[self._at : self._at + _CHUNK]
            self._at += _CHUNK
            for test in self._tests:
                chunk = test(chunk)
                if not chunk:
                    break
            found += chunk
            if len(found) >= enough or time.perf_counter() >= until:
                break
        return found


class RowIndex:
    """Rows, filtered and sorted.

    shown: the slots that answer, in order; read it, never change it. While `pending`, it holds the
    first ones, and `look_on` finds more.
    """

    def __init__(
        self,
        keys: Sequence[Callable[[LibraryRow], Any]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """keys: for each column what a row sorts by, see `RowOrder`. clock: what time it is, in
        seconds since 1970."""
        self._keys = tuple(keys)
        self._clock = clock
        self.column = 0
        self.descending = False
        self.question = Question()
        self.facets = Facets()
        self.shown: list[int] = []
        self._asked_at = clock()
        self._rows: list[LibraryRow | None] = []
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._order = RowOrder(self._rows, self._keys)
        self._base_numbers: dict[Any, int] = {}
        self._bases: list[int] = []
        self._texts: list[str] = []
        self._warm = True
        self._warmed = 0
        self._tally: Tally | None = None
        self._scan: Scan | None = None
        self._places: dict[int, int] | None = None

    # -- what is in it ---------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def pending(self) -> bool:
        """Whether rows are still to be asked."""
        return self._scan is not None

    def row(self, slot: int) -> LibraryRow:
        """The row in a slot; it must hold one."""
        return self._rows[slot]  # type: ignore[return-value]

    def slot_of(self, row_id: str) -> int | None:
        """The slot of the row with this id, None where there is none."""
        return self._slots.get(row_id)

    def get(self, row_id: str) -> LibraryRow | None:
        """The row with this id, shown or not."""
        slot = self._slots.get(row_id)
        return None if slot is None else self._rows[slot]

    def rows(self) -> list[LibraryRow]:
        """All rows, in no order."""
        return [row for row in self._rows if row is not None]

    def places(self) -> dict[int, int]:
        """Slot of each row shown: its place. Made when it is asked for, then kept."""
        if self._places is None:
            self._places = {slot: place for place, slot in enumerate(self.shown)}
        return self._places

    def place_of(self, row_id: str) -> int:
        """Where the row is shown, -1 if it is not."""
        slot = self._slots.get(row_id)
        if slot is None:
            return -1
        if self._places is not None:
            return self._places.get(slot, -1)
        try:
            # For one row, a look along the list is faster than making the dictionary.
            return self.shown.index(slot)
        except ValueError:
            return -1

    def copies_of(self, row_id: str) -> list[LibraryRow]:
        """The other rows with the same weights, in no order."""
        row = self.get(row_id)
        content = row[Row.CONTENT] if row is not None else None
        if not content or self._tallied().copies.get(content, 0) < 2:
            return []
        return [other for other in self.rows() if other[Row.CONTENT] == content and other != row]

    def counts(self) -> Counts:
        """Numbers over all rows."""
        added = map(itemgetter(Row.ADDED), self.rows())
        return self._tallied().counts(added, self._clock())

    def _tallied(self) -> Tally:
        if self._tally is None:
            self._tally = Tally(self.rows())
        return self._tally

    # -- what is asked ---------------------------------------------------------------------

    def search(
        self, text: str | None = None, facets: Facets | None = None, seconds: float | None = None
    ) -> None:
        """Ask for rows that answer `text` (models/filter_language.py) and are what was ticked; None
        = as before.

        seconds: how long to look before `look_on` is needed, None = until all are found.
        """
        question = self.question if text is None else parse(text)
        candidates = None
        if facets is not None and facets != self.facets:
            self.facets = facets
            self._asked_at = self._clock()
        elif narrows(self.question, question):
            # Only what answered so far, and what was not asked yet, can answer now.
            candidates = self.shown + self._scan.rest if self._scan else self.shown
        else:
            self._asked_at = self._clock()
        self.question = question
        self._start(seconds, candidates)

    def sort(self, column: int, descending: bool, seconds: float | None = None) -> None:
        """Sort by a column; unknown comes last in both directions."""
        self.column, self.descending = column, descending
        if self._scan is not None:
            self._start(seconds)
            return
        order = self._order.order(column, descending)
        if len(self.shown) == len(order):
            self._show(order)
        else:
            self._show(list(filter(set(self.shown).__contains__, order)))

    def look_on(self, seconds: float | None = None) -> list[int]:
        """Ask more rows; returns the slots that were found, for `append`."""
        if self._scan is None:
            return []
        found = self._scan.run(seconds)
        if self._scan.done:
            self._scan = None
        return found

    def append(self, found: list[int]) -> None:
        """Put what `look_on` found behind what is shown."""
        self._show(self.shown + found)

    def _start(self, seconds: float | None, candidates: list[int] | None = None) -> None:
        if candidates is None:
            candidates = self._order.order(self.column, self.descending)
        self._scan = None
        tests = self._tests(self.question, self.facets, self._known())
        if not tests:
            self._show(candidates)
            return
        scan = Scan(candidates, tests)
        found = scan.first(seconds)
        self._scan = None if scan.done else scan
        self._show(found)

    def _show(self, shown: list[int]) -> None:
        self.shown = shown
        self._places = None

    def other_scan(self, text: str, facets: Facets) -> Scan:
        """A run through all rows for another question; only good until rows change."""
        slots = [slot for slot, row in enumerate(self._rows) if row is not None]
        known = Known(self._clock(), self._tallied().copies)
        return Scan(slots, self._tests(parse(text), facets, known))

    def _known(self) -> Known:
        # Who does not ask for duplicates does not wait until they are counted.
        copies = self._tallied().copies if self._asks_for_copies() else {}
        return Known(self._asked_at, copies)

    def _asks_for_copies(self) -> bool:
        asked = any(term.key == "duplicates" for term in self.question.terms)
        return asked or self.facets.duplicates

    def _tests(self, question: Question, facets: Facets, known: Known) -> list[Test]:
        rows: Any = self._rows
        tests = facet_tests(facets, rows, known)
        if not self._warm and (question.words or any(t.key == WORD for t in question.terms)):
            tests.append(self._prepare)
        tests += map(self._word_test, question.words)
        return tests + term_tests(question.terms, rows, known, self._word_test)

    def _word_test(self, word: str) -> Test:
        found = [word in fold(title) for title in self._base_numbers]
        return word_test(word, self._texts, self._bases, found)

    def _answers(self, row: LibraryRow) -> bool:
        return answers(row, self.question, self.facets, self._known())

    # -- what the words are looked for in --------------------------------------------------

    def warm(self, seconds: float | None = None) -> bool:
        """Prepare for the first word, for about so many seconds. True when all is prepared."""
        until = math.inf if seconds is None else time.perf_counter() + seconds
        while not self._warm:
            end = self._warmed + _WARM_CHUNK
            self._prepare(list(range(self._warmed, min(end, len(self._rows)))))
            self._warmed = end
            self._warm = end >= len(self._rows)
            if time.perf_counter() >= until:
                break
        return self._warm

    def _prepare(self, chunk: list[int]) -> list[int]:
        """A test that all pass: before a word is looked for, the texts have to be there."""
        texts, rows = self._texts, self._rows
        for slot in chunk:
            if not texts[slot]:
                row = rows[slot]
                if row is not None:
                    texts[slot] = haystack(row)
        return chunk

    # -- what comes, goes and changes ------------------------------------------------------

    def replace(self, rows: Iterable[LibraryRow], seconds: float | None = None) -> None:
        """All rows anew; of two with one id the last. The question and the order stay."""
        self._take_all(list(rows))
        self._start(seconds)

    def _take_all(self, rows: list[LibraryRow]) -> None:
        slots = dict(zip(map(itemgetter(0), rows), count()))
        if len(slots) < len(rows):
            rows = list({row[0]: row for row in rows}.values())
            slots = dict(zip(map(itemgetter(0), rows), count()))
        self._rows = [*rows]
        self._slots = slots
        self._free = []
        self._order = RowOrder(self._rows, self._keys)
        titles = [row[Row.BASE_MODEL] for row in rows]
        self._base_numbers = {t: n for n, t in enumerate(dict.fromkeys(titles))}
        self._bases = list(map(self._base_numbers.__getitem__, titles))
        self._texts = [""] * len(rows)
        self._warm = not rows
        self._warmed = 0
        self._tally = None
        self._scan = None
        self._show([])

    def changed(self, rows: Iterable[LibraryRow]) -> list[LibraryRow]:
        """Those of the rows that are new or not as they are here; of two with one id the last."""
        return [row for row in {row[0]: row for row in rows}.values() if self.get(row[0]) != row]

    def keeps_places(self, rows: Iterable[LibraryRow]) -> bool:
        """Whether all these rows are here already and would stay where they are."""
        if self._scan is not None:
            return False
        copies = self._asks_for_copies()
        for row in rows:
            old = self.get(row[0])
            if copies and (old is None or old[Row.CONTENT] != row[Row.CONTENT]):
                return False  # another row may be the only one of its kind now
            if old is None or not self._order.same_place(old, row, self.column):
                return False
            if self._answers(old) != self._answers(row):
                return False
        return True

    def apply(self, rows: Iterable[LibraryRow], gone: Iterable[str] = ()) -> None:
        """Take the rows that `changed` gave, and let those with the ids `gone` go."""
        away = self._let_go(gone)
        before: dict[int, LibraryRow | None] = {}
        for row in rows:
            slot = self._slots.get(row[0])
            if slot is None:
                slot = self._new_slot(row[0])
            before[slot] = self._rows[slot]
            self._rows[slot] = row
            self._bases[slot] = self._base_numbers.setdefault(
                row[Row.BASE_MODEL], len(self._base_numbers)
            )
            self._texts[slot] = haystack(row)
        if self._tally is not None:
            old = [row for row in (*before.values(), *away.values()) if row is not None]
            self._tally.change(old, [self.row(slot) for slot in before])
        self._place(before, set(away))
        self._free += away

    def _let_go(self, gone: Iterable[str]) -> dict[int, LibraryRow]:
        away: dict[int, LibraryRow] = {}
        for row_id in gone:
            slot = self._slots.pop(row_id, None)
            if slot is not None:
                away[slot] = self.row(slot)
                self._rows[slot] = None
        return away

    def _new_slot(self, row_id: str) -> int:
        if self._free:
            slot = self._free.pop()
        else:
            slot = len(self._rows)
            self._rows.append(None)
            self._texts.append("")
            self._bases.append(0)
        self._slots[row_id] = slot
        return slot

    def _place(self, before: dict[int, LibraryRow | None], away: set[int]) -> None:
        if len(before) + len(away) > _FEW or self._scan is not None:
            self._order.clear()
            self._start(None)
            return
        part = self._order.change(before, away, self.shown, self.column, self.descending)
        if self._asks_for_copies():
            # A row answers or not by what others there are.
            self._start(None)
            return
        hidden = {slot for slot in before if not self._answers(self.row(slot))}
        self._show([slot for slot in part if slot not in hidden] if hidden else part)
