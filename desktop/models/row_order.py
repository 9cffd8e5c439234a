"""The rows in order, for each column that was sorted by, kept while rows come and go. No Qt.

By value; unknown last in both directions; ties by name and then by id, upwards in both directions.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cmp_to_key
from operator import eq, itemgetter
from typing import Any

from desktop.models.row_query import fold_name
from desktop.services.library_row import LibraryRow

_FIGURES = frozenset({int, float, type(None)})
_SOME = 32
"""Up to so many slots are looked for one by one."""
_BY_NAME = -1
"""The column that breaks ties: no row's name is unknown in it."""


def figure(value: Any) -> Any:
    """The value if it is a figure that has a place in an order, else None."""
    kind = type(value)
    if kind is int or (kind is float and math.isfinite(value)):
        return value
    return None


class RowOrder:
    """Slots of rows in order. A slot without a row holds None and is in no order."""

    def __init__(
        self, rows: Sequence[LibraryRow | None], keys: Sequence[Callable[[LibraryRow], Any]]
    ) -> None:
        """rows: by slot, shared with the owner, who tells of every change. keys: by column, what a
        row sorts by, None = unknown; an `itemgetter` gives a figure, any other key text (or only
        figures). Whatever else stands in a column of figures counts as unknown."""
        self._rows = rows
        self._keys = tuple(keys)
        self._values: dict[int, list[Any]] = {}
        self._orders: dict[tuple[int, bool], list[int]] = {}
        self._ids: list[str] = []

    def order(self, column: int, descending: bool) -> list[int]:
        """All slots that hold a row, in order. Kept: never change it."""
        found = self._orders.get((column, descending))
        if found is None:
            found = self._sorted(column, descending)
            self._orders[column, descending] = found
        return found

    def same_place(self, old: LibraryRow, new: LibraryRow, column: int) -> bool:
        """Whether a row keeps its place in the order of this column when it changes so."""
        if fold_name(old) != fold_name(new):
            return False
        return bool(self._value(column, old) == self._value(column, new))

    def clear(self) -> None:
        """Forget all orders: too much has changed to mend them."""
        self._values.clear()
        self._orders.clear()
        self._ids.clear()

    def change(
        self,
        before: dict[int, LibraryRow | None],
        away: set[int],
        part: list[int],
        column: int,
        descending: bool,
    ) -> list[int]:
        """Mend all kept orders, and a part of one of them, after rows have come, changed or gone.

        before: what was in each slot that holds another row now (None = no row); away: slots that
        hold no row any more; part: slots in the order of `column`. Returns the part with every
        slot of `before` in its place and without those that are away.
        """
        were = {slot for slot, old in before.items() if old is not None}
        part = self._without(part, away | were, column, descending)
        if len(before) + len(away) > _SOME:
            # Only what is on the screen is worth that much work; the rest is sorted when asked for.
            wanted = {(column, descending), (_BY_NAME, False)}
            self._orders = {key: order for key, order in self._orders.items() if key in wanted}
        moved: dict[tuple[int, bool], set[int]] = {}
        for key, order in self._orders.items():
            moves = {slot for slot, old in before.items() if self._moves(slot, old, key[0])}
            if moves or away:
                moved[key] = moves
                self._orders[key] = self._without(order, (moves & were) | away, *key)
        self._take_values(set(before), away)
        for key, moves in moved.items():
            self._put(self._orders[key], moves, *key)
        self._put(part, set(before), column, descending)
        return part

    def _without(
        self, order: list[int], slots: set[int], column: int, descending: bool
    ) -> list[int]:
        """The order without these slots, whose values must still be those that they stand by."""
        ties_known = self._ids and _BY_NAME in self._values
        if len(slots) > _SOME or not ties_known:
            return [slot for slot in order if slot not in slots]
        kept = order.copy()
        key = cmp_to_key(self._comparison(column, descending))
        for slot in slots:
            at = bisect_left(kept, key(slot), key=key)
            if at < len(kept) and kept[at] == slot:
                del kept[at]
        return kept

    def _put(self, order: list[int], slots: set[int], column: int, descending: bool) -> None:
        key = cmp_to_key(self._comparison(column, descending))
        for slot in slots:
            order.insert(bisect_left(order, key(slot), key=key), slot)

    # -- values ----------------------------------------------------------------------------

    def _value(self, column: int, row: LibraryRow | None) -> Any:
        if row is None:
            return None
        if column == _BY_NAME:
            return fold_name(row)
        key = self._keys[column]
        return figure(key(row)) if isinstance(key, itemgetter) else key(row)

    def _values_of(self, column: int) -> list[Any]:
        values = self._values.get(column)
        if values is None:
            values = self._values[column] = self._all_values(column)
        return values

    def _all_values(self, column: int) -> list[Any]:
        key = fold_name if column == _BY_NAME else self._keys[column]
        if None in self._rows:
            return [self._value(column, row) for row in self._rows]
        rows: Any = self._rows
        values = list(map(key, rows))
        if isinstance(key, itemgetter):
            kinds = set(map(type, values))
            if float in kinds or not kinds <= _FIGURES:
                return list(map(figure, values))
        return values

    def _moves(self, slot: int, old: LibraryRow | None, column: int) -> bool:
        new = self._rows[slot]
        if old is None or new is None:
            return True
        if column == _BY_NAME:
            return fold_name(old) != fold_name(new)
        return not self.same_place(old, new, column)

    def _take_values(self, changed: set[int], away: set[int]) -> None:
        ids = self._all_ids()
        ids += [""] * (len(self._rows) - len(ids))
        for slot in changed:
            ids[slot] = self._id(slot)
        for column, values in self._values.items():
            values += [None] * (len(self._rows) - len(values))
            for slot in changed | away:
                values[slot] = self._value(column, self._rows[slot])

    # -- order ---------------------------------------------------------------------------

    def _sorted(self, column: int, descending: bool) -> list[int]:
        values = self._values_of(column)
        if column == _BY_NAME or _mostly_different(values):
            return self._sorted_by_value(values, descending)
        by_name = self.order(_BY_NAME, False)
        known, unknown = by_name.copy(), []
        if None in values:
            known = [slot for slot in by_name if values[slot] is not None]
            unknown = [slot for slot in by_name if values[slot] is None]
        # Python sorts stably in both directions: equal values stay in the order of their names.
        known.sort(key=values.__getitem__, reverse=descending)
        return known + unknown

    def _sorted_by_value(self, values: list[Any], descending: bool) -> list[int]:
        # Names only matter where values are equal; to run along the rows as they lie is faster.
        rows = self._rows
        order = [slot for slot, value in enumerate(values) if value is not None]
        order.sort(key=values.__getitem__, reverse=descending)
        in_order = list(map(values.__getitem__, order))
        done = 0
        for first in [at for at, same in enumerate(map(eq, in_order, in_order[1:])) if same]:
            if first >= done:
                done = first + 2
                while done < len(order) and in_order[done] == in_order[first]:
                    done += 1
                order[first:done] = self._by_ties(order[first:done])
        if None in values:
            unknown = [s for s, v in enumerate(values) if v is None and rows[s] is not None]
            order += self._by_ties(unknown)
        return order

    def _by_ties(self, slots: list[int]) -> list[int]:
        names, ids = self._values_of(_BY_NAME), self._all_ids()
        return sorted(slots, key=lambda slot: (names[slot], ids[slot]))

    def _all_ids(self) -> list[str]:
        if not self._ids:
            self._ids = [self._id(slot) for slot in range(len(self._rows))]
        return self._ids

    def _id(self, slot: int) -> str:
        row = self._rows[slot]
        return "" if row is None else str(row[0])

    def _comparison(self, column: int, descending: bool) -> Callable[[int, int], int]:
        values, names = self._values_of(column), self._values_of(_BY_NAME)
        ids = self._all_ids()
        up = -1 if not descending else 1

        def compare(a: int, b: int) -> int:
            one, other = values[a], values[b]
            if one is None or other is None:
                if one is not other:
                    return 1 if one is None else -1
            elif one != other:
                return up if one < other else -up
            if names[a] != names[b]:
                return -1 if names[a] < names[b] else 1
            mine, theirs = ids[a], ids[b]
            return (mine > theirs) - (mine < theirs)

        return compare


def _mostly_different(values: Sequence[Any]) -> bool:
    """Whether equal values are rare, as far as a sample shows."""
    sample = values[:: max(1, len(values) // 500)]
    return len(set(sample)) > len(sample) // 2
