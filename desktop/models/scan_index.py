"""Ten thousand found folders by run: filtered, sorted, folded and chosen. No Qt.

Rows lie in slots. Each run is a group; groups stand in the order of their best row, and what
belongs to no run comes last. What comes while a scan runs only touches the groups that it belongs
to. The filter runs through the slots in the order that is on screen, in slices of time.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain, compress
from operator import itemgetter
from typing import Any

from desktop.models.filter_language import Question, parse
from desktop.models.row_query import Known, Test, fold, word_test
from desktop.models.row_terms import term_tests
from desktop.models.scan_columns import COLUMNS, FOLDER
from desktop.models.scan_rows import STATES, At, ScanRow, is_able, natural, needs_base
from desktop.services.records import Row

_CHUNK = 1024
SINGLE = ""
"""The key of the group for what belongs to no run."""


class Group:
    """One run. all: its slots in order; shown: those that answer; said: what was said of it, until
    something about it changes."""

    __slots__ = ("all", "folded", "key", "number", "order", "said", "shown", "title")

    def __init__(self, number: int, key: str, title: str) -> None:
        self.number = number
        self.key = key
        self.title = title
        self.order = (natural(title), key)
        self.all: list[int] = []
        self.shown: list[int] = []
        self.folded = False
        self.said: Any = None


class ScanIndex:
    """lines: what stands on screen, one number a line: a slot, or ~number of a group's head. Read
    it, never change it; while `pending`, it holds the first ones."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.column, self.descending = FOLDER, False
        self.question = Question()
        self.states: frozenset[str] = frozenset(STATES)
        self.clear()

    def clear(self) -> None:
        """Forget all rows. What is asked, and the order, stay."""
        self.lines: list[int] = []
        self.chosen: set[int] = set()
        self.counts: Counter[str] = Counter()
        self.groups: list[Group] = []
        self._by_key: dict[str, Group] = {}
        self._named: list[Group] = []
        self._order: list[Group] = []
        self._rows: list[ScanRow] = []
        self._slots: dict[str, int] = {}
        self._group_of: list[Group] = []
        self._orders: list[Any] = []
        self._values: list[Any] = []
        self._texts: list[str] = []
        self._base_numbers: dict[Any, int] = {}
        self._bases: list[int] = []
        self._candidates: list[int] = []
        self._asked = 0
        self._tests: list[Test] = self._make_tests()

    # -- what is in it ---------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def pending(self) -> bool:
        """Whether rows are still to be asked."""
        return self._asked < len(self._candidates)

    def row(self, slot: int) -> ScanRow:
        """The row in a slot."""
        return self._rows[slot]

    def get(self, path: str) -> ScanRow | None:
        """The row of a folder, shown or not."""
        slot = self._slots.get(path)
        return None if slot is None else self._rows[slot]

    def rows(self) -> list[ScanRow]:
        """All rows, shown or not, in the order in which they came."""
        return [self._rows[slot] for slot in self._slots.values()]

    def group_of(self, slot: int) -> Group:
        """The group of a slot."""
        return self._group_of[slot]

    def group_at(self, path: str) -> Group | None:
        """The group of a folder, shown or not."""
        slot = self._slots.get(path)
        return None if slot is None else self._group_of[slot]

    def shown(self) -> list[int]:
        """The slots that answer, in order, also those in folded groups."""
        return list(chain.from_iterable(group.shown for group in self._order))

    def shown_count(self) -> int:
        """How many rows answer, as far as they were asked."""
        return sum(len(group.shown) for group in self._order)

    # -- what is asked ---------------------------------------------------------------------

    def search(
        self,
        text: str | None = None,
        states: frozenset[str] | None = None,
        seconds: float | None = None,
    ) -> None:
        """Ask for rows that answer a text (models/filter_language.py) in one of these states; None
        = as before. seconds: how long to look before `look_on` is needed, None = until all is
        found."""
        if text is not None:
            self.question = parse(text)
        if states is not None:
            self.states = states
        self._ask_all(seconds)

    def look_on(self, seconds: float | None = None) -> None:
        """Ask more rows; what answers is behind what is shown."""
        until = math.inf if seconds is None else time.perf_counter() + seconds
        group_of = self._group_of
        while self.pending:
            found = self._passing(self._candidates[self._asked : self._asked + _CHUNK])
            self._asked += _CHUNK
            for slot in found:
                group_of[slot].shown.append(slot)
            if time.perf_counter() >= until:
                break
        self._lay_out()

    def sort(self, column: int, descending: bool, seconds: float | None = None) -> None:
        """Sort by a column; unknown comes last in both directions."""
        self.column, self.descending = column, descending
        value = COLUMNS[column].value
        self._values = list(map(value, self._rows))
        for group in self.groups:
            group.all = self._arranged(group.all)
        self._order_groups()
        self._ask_all(seconds)

    def fold(self, group: Group, folded: bool) -> None:
        """Hide the rows of a group behind its head, or show them again."""
        group.folded = folded
        self._lay_out()

    def _ask_all(self, seconds: float | None) -> None:
        self._tests = self._make_tests()
        for group in self.groups:
            group.shown = []
            group.said = None
        self._candidates = list(chain.from_iterable(group.all for group in self._order))
        self._asked = 0
        self.look_on(seconds)

    def _make_tests(self) -> list[Test]:
        rows: Any = self._rows
        tests: list[Test] = []
        if len(self.states) < len(STATES):
            kind, among = itemgetter(At.KIND), self.states.__contains__

            def in_states(chunk: list[int]) -> list[int]:
                kinds = map(kind, map(rows.__getitem__, chunk))
                return list(compress(chunk, map(among, kinds)))

            tests.append(in_states)
        tests += map(self._word_test, self.question.words)
        copies: Counter[Any] = Counter()
        if self._asks_for_copies():
            copies.update(row[Row.CONTENT] for row in self.rows())
        known = Known(self._clock(), copies)
        return tests + term_tests(self.question.terms, rows, known, self._word_test)

    def _word_test(self, word: str) -> Test:
        found = [word in fold(title) for title in self._base_numbers]
        return word_test(word, self._texts, self._bases, found)

    def _passing(self, chunk: list[int]) -> list[int]:
        for test in self._tests:
            if not chunk:
                break
            chunk = test(chunk)
        return chunk

    # -- order -----------------------------------------------------------------------------

    def _arranged(self, slots: Iterable[int]) -> list[int]:
        by_folder = sorted(slots, key=self._orders.__getitem__)
        if self.column == FOLDER:
            return by_folder[::-1] if self.descending else by_folder
        return self._by_value(by_folder, self._values.__getitem__)

    def _by_value(self, items: list[Any], value: Callable[[Any], Any]) -> list[Any]:
        """Equal values stay as they are; those without one come last."""
        known = [item for item in items if value(item) is not None]
        unknown = [item for item in items if value(item) is None]
        known.sort(key=value, reverse=self.descending)
        return known + unknown

    def _order_groups(self) -> None:
        self._named.sort(key=_group_order)  # all but the new ones stand in order: that is quick
        groups = [group for group in self._named if group.all]
        if self.column == FOLDER:
            if self.descending:
                groups.reverse()
        else:
            groups = self._by_value(groups, self._best)
        single = self._by_key.get(SINGLE)
        self._order = [*groups, single] if single is not None and single.all else groups

    def _best(self, group: Group) -> Any:
        return self._values[group.all[0]]

    def _lay_out(self) -> None:
        lines: list[int] = []
        for group in self._order:
            if group.shown:
                lines.append(~group.number)
                if not group.folded:
                    lines += group.shown
        self.lines = lines

    # -- what comes, goes and changes ------------------------------------------------------

    def take(
        self, rows: Iterable[ScanRow], gone: Iterable[str] = (), seconds: float | None = None
    ) -> None:
        """Take rows that are new, or in the place of those of the same folders; let go of others.

        seconds: how long to look where a search is under way anyway.
        """
        searching = self.pending
        touched: dict[Group, None] = {}
        for path in gone:
            self._let_go(path, touched)
        for row in rows:
            self._put(row, touched)
        for group in touched:
            group.all = self._arranged(group.all)
            group.said = None
        self._order_groups()
        if searching or self._asks_for_copies():
            self._ask_all(seconds)
            return
        self._tests = self._make_tests()
        for group in touched:
            group.shown = self._passing(group.all)
        self._lay_out()

    def _asks_for_copies(self) -> bool:
        # Then what others there are decides whether a row answers.
        return any(term.key == "duplicates" for term in self.question.terms)

    def _put(self, row: ScanRow, touched: dict[Group, None]) -> None:
        path = row[Row.ID]
        slot = self._slots.get(path)
        if slot is None:
            slot = self._slots[path] = len(self._rows)
            self._rows.append(row)
            self._orders.append(row[At.ORDER])
            self._values.append(COLUMNS[self.column].value(row))
            self._texts.append(row[At.TEXT])
            self._bases.append(self._base_number(row))
            group = self._home(row, touched)
            self._group_of.append(group)
            group.all.append(slot)
        else:
            self.counts[self._rows[slot][At.KIND]] -= 1
            self._rows[slot] = row
            self._values[slot] = COLUMNS[self.column].value(row)
            self._texts[slot] = row[At.TEXT]
            self._bases[slot] = self._base_number(row)
            if not is_able(row):
                self.chosen.discard(slot)
        self.counts[row[At.KIND]] += 1
        touched[self._group_of[slot]] = None

    def _base_number(self, row: ScanRow) -> int:
        return self._base_numbers.setdefault(row[Row.BASE_MODEL], len(self._base_numbers))

    def _home(self, row: ScanRow, touched: dict[Group, None]) -> Group:
        found = row[At.FOUND]
        key = found.run if found.step is not None or found.run in self._by_key else SINGLE
        group = self._by_key.get(key)
        if group is None:
            title = "Single folders" if key == SINGLE else found.run_title
            group = Group(len(self.groups), key, title)
            self.groups.append(group)
            self._by_key[key] = group
            if key != SINGLE:
                self._named.append(group)
                self._move_in(group, touched)
        return group

    def _move_in(self, group: Group, touched: dict[Group, None]) -> None:
        """The adapter in a run's own folder stood alone until its first checkpoint came."""
        slot = self._slots.get(group.key)
        if slot is not None and slot < len(self._group_of):
            before = self._group_of[slot]
            before.all.remove(slot)
            self._group_of[slot] = group
            group.all.append(slot)
            touched[before] = None

    def _let_go(self, path: str, touched: dict[Group, None]) -> None:
        slot = self._slots.pop(path, None)
        if slot is None:
            return
        self.counts[self._rows[slot][At.KIND]] -= 1
        self.chosen.discard(slot)
        group = self._group_of[slot]
        group.all.remove(slot)
        touched[group] = None

    # -- what is chosen --------------------------------------------------------------------

    def choose(self, slots: Iterable[int], on: bool) -> None:
        """Choose what can be imported among these, or choose them no longer."""
        rows = self._rows
        able = [slot for slot in slots if is_able(rows[slot])]
        if on:
            self.chosen.update(able)
        else:
            self.chosen.difference_update(able)
        for group in {self._group_of[slot] for slot in able}:
            group.said = None

    def choose_newest(self) -> None:
        """Choose the last state of each run among what is shown, and nothing else; without those
        that wait for a base model."""
        self.choose_none()
        rows = self._rows
        newest = [slot for slot in self.shown() if rows[slot][At.FOUND].newest]
        self.choose([slot for slot in newest if not needs_base(rows[slot])], True)

    def choose_paths(self, paths: Iterable[str], on: bool) -> None:
        """The same as `choose`, of these folders, shown or not."""
        self.choose([self._slots[path] for path in paths if path in self._slots], on)

    def choose_none(self) -> None:
        """Choose nothing."""
        self.choose(list(self.chosen), False)

    def chosen_rows(self) -> list[ScanRow]:
        """What is chosen, also what the filter hides, in the order in which it was found."""
        return [self._rows[slot] for slot in sorted(self.chosen)]

    def tally(self, group: Group) -> tuple[int, int]:
        """(how many of the rows shown in a group are chosen, how many can be)."""
        rows, chosen = self._rows, self.chosen
        able = [slot for slot in group.shown if is_able(rows[slot])]
        return sum(slot in chosen for slot in able), len(able)


def _group_order(group: Group) -> Any:
    return group.order
