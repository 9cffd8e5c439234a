"""How many adapters there are of each kind: what the sidebar and the chips show. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from desktop.models.row_query import DAY, PROBLEMS
from desktop.services.kinds import FolderState
from desktop.services.library_row import LibraryRow, Row

if TYPE_CHECKING:
    from desktop.services.catalog.first_screen import FirstScreen

RECENT_DAYS = 30
"""“Recently added” looks this many days back."""


def recent_since(now: float) -> float:
    """From when on an adapter was added recently; both in seconds since 1970."""
    return now - RECENT_DAYS * DAY


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers over all rows, whatever is filtered.

    total: rows; by_source: by type of adapter; by_base: by id of the base model, with
    `base_titles` {id: name}; by_type: by variant as shown (both without the rows where it is not
    known); by_problem: rows that have “errors”, “warnings”, “notes”, or “none” of them; problems:
    rows with errors or warnings; missing, changed, unreachable: by state of the folder; recent:
    added in the last RECENT_DAYS; favourites: marked as such; duplicates: rows whose weights
    another row has, too.
    """

    total: int = 0
    by_source: Mapping[str, int] = field(default_factory=dict)
    by_base: Mapping[str, int] = field(default_factory=dict)
    base_titles: Mapping[str, str] = field(default_factory=dict)
    by_type: Mapping[str, int] = field(default_factory=dict)
    by_problem: Mapping[str, int] = field(default_factory=dict)
    problems: int = 0
    missing: int = 0
    changed: int = 0
    unreachable: int = 0
    recent: int = 0
    favourites: int = 0
    duplicates: int = 0

    @property
    def errors(self) -> int:
        """Rows that have at least one error."""
        return self.by_problem.get("errors", 0)


_FIGURE = (int, float)


def _troubles(row: LibraryRow) -> tuple[bool, ...]:
    return tuple(bool(row[at]) for at in PROBLEMS.values())


class Tally:
    """Keeps the counts of a set of rows while rows come and go."""

    def __init__(self, rows: Sequence[LibraryRow]) -> None:
        self._total = len(rows)
        self._sources = Counter(map(itemgetter(Row.TYPE), rows))
        self._bases = Counter(map(itemgetter(Row.MODEL_ID, Row.BASE_MODEL), rows))
        self._types = Counter(map(itemgetter(Row.PEFT_TYPE), rows))
        self._states = Counter(map(itemgetter(Row.STATE), rows))
        self._favourites = sum(1 for value in map(itemgetter(Row.FAVOURITE), rows) if value)
        self.copies = Counter(filter(None, map(itemgetter(Row.CONTENT), rows)))
        """How many rows have a content, by `Row.CONTENT`."""
        self._duplicates = sum(n for n in self.copies.values() if n > 1)
        found = Counter(map(itemgetter(*PROBLEMS.values()), rows))
        self._troubles: Counter[tuple[bool, ...]] = Counter()
        for having, number in found.items():
            self._troubles[tuple(map(bool, having))] += number

    def change(self, gone: Iterable[LibraryRow], come: Iterable[LibraryRow]) -> None:
        """Some rows go and some come; an edited row does both."""
        for rows, step in ((gone, -1), (come, 1)):
            for row in rows:
                self._total += step
                self._sources[row[Row.TYPE]] += step
                self._bases[row[Row.MODEL_ID], row[Row.BASE_MODEL]] += step
                self._types[row[Row.PEFT_TYPE]] += step
                self._states[row[Row.STATE]] += step
                self._favourites += step if row[Row.FAVOURITE] else 0
                if row[Row.CONTENT]:
                    self._copy(row[Row.CONTENT], step)
                self._troubles[_troubles(row)] += step

    def _copy(self, content: Any, step: int) -> None:
        before = self.copies[content]
        after = self.copies[content] = before + step
        self._duplicates += (after if after > 1 else 0) - (before if before > 1 else 0)
        if not after:
            del self.copies[content]

    def counts(self, added: Iterable[Any], now: float) -> Counts:
        """The numbers. added: when each row was added, since what is recent changes with the day;
        now: seconds since 1970."""
        start = recent_since(now)
        bases: Counter[str] = Counter()
        titles: dict[str, str] = {}
        for (model_id, title), number in self._bases.items():
            if number and model_id is not None:
                bases[model_id] += number
                # Of several names, always the same one.
                titles[model_id] = max(titles.get(model_id, ""), str(title or ""))
        return Counts(
            total=self._total,
            by_source={kind: n for kind, n in self._sources.items() if n},
            by_base=bases,
            base_titles=titles,
            by_type={kind: n for kind, n in self._types.items() if n and kind is not None},
            favourites=self._favourites,
            duplicates=self._duplicates,
            recent=sum(1 for at in added if isinstance(at, _FIGURE) and at >= start),
            **_of_problems(self._troubles),
            **_of_states(self._states),
        )


def first_counts(screen: FirstScreen) -> Counts:
    """The numbers of a library of which only the first screen was read."""
    return Counts(
        total=screen.total,
        by_source=screen.sources,
        by_base={key: number for key, (_, number) in screen.bases.items()},
        base_titles={key: str(title or "") for key, (title, _) in screen.bases.items()},
        by_type={kind: n for kind, n in screen.types.items() if kind is not None},
        favourites=screen.favourites,
        duplicates=screen.duplicates,
        recent=screen.recent,
        **_of_problems(screen.problems),
        **_of_states(screen.states),
    )


def _of_problems(troubles: Mapping[Any, int]) -> dict[str, Any]:
    by_problem = {
        kind: sum(n for having, n in troubles.items() if having[at])
        for at, kind in enumerate(PROBLEMS)
    }
    by_problem["none"] = sum(n for having, n in troubles.items() if not any(having))
    problems = sum(n for having, n in troubles.items() if having[0] or having[1])
    return {"by_problem": by_problem, "problems": problems}


def _of_states(states: Mapping[str, int]) -> dict[str, Any]:
    return {
        "missing": states.get(FolderState.MISSING, 0),
        "changed": states.get(FolderState.CHANGED, 0),
        "unreachable": states.get(FolderState.UNREACHABLE, 0),
    }
