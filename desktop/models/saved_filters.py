"""Filters that a person keeps by name: what they ask for, and how many adapters answer each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.models.filter_language import closed
from desktop.models.library_table import LibraryTableModel
from desktop.models.row_index import Scan
from desktop.models.row_query import PROBLEMS, Facets
from desktop.services.settings import Settings

SETTING = "library.saved_filters"
NAME_LIMIT = 60
MOST = 50
_REST_MS = 150
"""After rows changed: the table comes first."""
_SLICE = 0.004


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """name: what the place is called; text: of the filter box; facets: what was ticked beside."""

    name: str
    text: str
    facets: Facets


class SavedFilters(QObject):
    """The saved filters in the order in which they were made, kept in the settings.

    Signals:
        changed: another filter is there, or one has another name or count.
    """

    changed = Signal()

    def __init__(
        self, table: LibraryTableModel, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._table = table
        self._settings = settings
        self._filters = _read(settings.get(SETTING, []))
        self._counts: dict[str, int] = {}
        self._waiting: list[SavedFilter] = []
        self._scan: Scan | None = None
        self._found = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._count_on)
        table.countsChanged.connect(self._count_again)
        self._count_again()

    # -- what is in it ---------------------------------------------------------------------

    def all(self) -> list[tuple[SavedFilter, int | None]]:
        """Every filter with how many adapters answer; None until that is known."""
        return [(kept, self._counts.get(kept.name)) for kept in self._filters]

    def get(self, name: str) -> SavedFilter | None:
        """The filter of this name."""
        return next((kept for kept in self._filters if kept.name == name), None)

    def refusal(self, name: str, own: str = "") -> str:
        """Why a filter can't have this name, "" if it can. own: the name that it has now."""
        name = " ".join(name.split())
        if not name:
            return "The filter needs a name."
        if len(name) > NAME_LIMIT:
            return f"The name has {len(name)} characters; {NAME_LIMIT} are the most."
        taken = {kept.name.casefold() for kept in self._filters if kept.name != own}
        if name.casefold() in taken:
            return "Another filter has this name."
        if not own and len(self._filters) >= MOST:
            return f"There are {MOST} filters already. Remove one first."
        return ""

    # -- changes ---------------------------------------------------------------------------

    def add(self, name: str, text: str, facets: Facets) -> SavedFilter:
        """Keep a filter under a name that `refusal` says nothing against."""
        kept = SavedFilter(" ".join(name.split()), closed(" ".join(text.split())), facets)
        self._filters.append(kept)
        self._keep()
        return kept

    def rename(self, old: str, new: str) -> None:
        """Call a filter something else; `refusal` says whether it can be."""
        new = " ".join(new.split())
        self._filters = [
            SavedFilter(new, kept.text, kept.facets) if kept.name == old else kept
            for kept in self._filters
        ]
        self._keep()

    def remove(self, name: str) -> tuple[int, SavedFilter] | None:
        """Forget a filter; returns where it was, for `put_back`."""
        for place, kept in enumerate(self._filters):
            if kept.name == name:
                del self._filters[place]
                self._keep()
                return place, kept
        return None

    def put_back(self, place: int, kept: SavedFilter) -> None:
        """Bring a filter back that was removed, unless its name is taken by now."""
        if not self.refusal(kept.name):
            self._filters.insert(place, kept)
            self._keep()

    def _keep(self) -> None:
        self._settings.set(SETTING, [_plain(kept) for kept in self._filters] or None)
        self._settings.save()
        self.changed.emit()
        self._count_again()

    # -- counting --------------------------------------------------------------------------

    def _count_again(self) -> None:
        # In slices, behind everything else: a hundred thousand rows are asked for each filter.
        self._scan = None
        self._waiting = list(self._filters)
        if self._waiting:
            self._timer.start(_REST_MS)

    def _count_on(self) -> None:
        if self._scan is None:
            if not self._waiting:
                return
            kept = self._waiting[0]
            self._scan, self._found = self._table.other_scan(kept.text, kept.facets), 0
        self._found += len(self._scan.run(_SLICE))
        if self._scan.done:
            self._scan = None
            kept = self._waiting.pop(0)
            if self._counts.get(kept.name) != self._found:
                self._counts[kept.name] = self._found
                self.changed.emit()
        if self._scan is not None or self._waiting:
            self._timer.start(0)


# -- in the settings -----------------------------------------------------------------------------

_SETS = ("sources", "base_models", "types", "problems")
_SWITCHES = ("missing", "favourite", "duplicates")


def _plain(kept: SavedFilter) -> dict[str, Any]:
    facets = kept.facets
    found: dict[str, Any] = {"name": kept.name, "text": kept.text}
    for name in _SETS:
        if getattr(facets, name):
            # None stands for "not known"; it has no place among texts that are sorted.
            found[name] = sorted(getattr(facets, name), key=lambda value: (value is None, value))
    found |= {name: True for name in _SWITCHES if getattr(facets, name)}
    if facets.added_days is not None:
        found["added_days"] = facets.added_days
    return found


def _read(stored: object) -> list[SavedFilter]:
    """What the settings hold; what is no filter is passed over."""
    found: dict[str, SavedFilter] = {}
    for item in stored if isinstance(stored, list) else ():
        if isinstance(item, Mapping) and isinstance(item.get("name"), str):
            name = " ".join(item["name"].split())[:NAME_LIMIT]
            if name and name.casefold() not in found and len(found) < MOST:
                text = item.get("text")
                text = text if isinstance(text, str) else ""
                found[name.casefold()] = SavedFilter(name, closed(text), _facets(item))
    return list(found.values())


def _facets(item: Mapping[str, Any]) -> Facets:
    days = item.get("added_days")
    return Facets(
        sources=frozenset(v for v in _values(item, "sources") if v is not None),
        base_models=_values(item, "base_models"),
        types=_values(item, "types"),
        problems=frozenset(
            v for v in _values(item, "problems") if v is not None and v in (*PROBLEMS, "none")
        ),
        added_days=days if type(days) is int and 0 < days < 100_000 else None,
        **{name: item.get(name) is True for name in _SWITCHES},
    )


def _values(item: Mapping[str, Any], name: str) -> frozenset[str | None]:
    values = item.get(name)
    if not isinstance(values, list):
        return frozenset()
    return frozenset(value for value in values if value is None or isinstance(value, str))
