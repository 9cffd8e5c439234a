"""The places of the sidebar: what is shown, with what count, and what it means to the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from desktop.models.formats import base_title, source_title
from desktop.models.row_query import Facets
from desktop.models.saved_filters import SavedFilter
from desktop.services.kinds import AdapterType
from desktop.views.widgets.sidebar import Place, PlaceGroup

ALL = "all"
RECENT_DAYS = 30
BASE_MODELS_SHOWN = 6
RECORD_KINDS = ("base_models", "prompts", "datasets", "jobs")


_V = TypeVar("_V", str, str | None)
_NOBODY = "\0"
_TROUBLES = frozenset({"errors", "warnings"})


PROBLEMS = (
    ("errors", "Errors"),
    ("warnings", "Warnings"),
    ("notes", "Notes"),
    ("none", "None"),
)
"""What the chip of problems offers: a key of the facets, and its word."""


@dataclass(frozen=True)
class PlaceFilter:
    """What a place shows of the library. text: of a filter, beside the one that is typed; facets:
    of a saved filter, to which the other fields are added."""

    title: str
    empty: str = ""
    source: str = ""
    base_model: str = ""
    problems: bool = False
    missing: bool = False
    days: int = 0
    favourite: bool = False
    duplicates: bool = False
    text: str = ""
    facets: Facets = field(default_factory=Facets)

    def facets_with(self, ticked: Facets) -> Facets:
        """What the table is asked here when this is ticked beside."""
        kept = self.facets
        sources, bases = (
            _both(ticked.sources, kept.sources),
            _both(ticked.base_models, kept.base_models),
        )
        problems = _both(ticked.problems, kept.problems)
        if self.source:
            sources = frozenset({self.source})
        if self.base_model:
            bases = frozenset({self.base_model})
        if self.problems:
            problems = (problems & _TROUBLES) or _TROUBLES
        return Facets(
            sources=sources,
            base_models=bases,
            types=_both(ticked.types, kept.types),
            problems=problems,
            missing=self.missing or kept.missing,
            added_days=self.days or kept.added_days,
            favourite=self.favourite or kept.favourite,
            duplicates=self.duplicates or kept.duplicates,
        )


def _both(chosen: frozenset[_V], kept: frozenset[_V]) -> frozenset[_V]:
    """What is both ticked and of the place; an empty set asks for nothing."""
    if not chosen or not kept:
        return chosen or kept
    # Nothing can be both: then no row answers, where an empty set would admit all.
    return chosen & kept or frozenset({_NOBODY})


LIBRARY_PLACES: dict[str, PlaceFilter] = {
    ALL: PlaceFilter("All adapters"),
    "favourites": PlaceFilter(
        "Favourites", "No adapter is a favourite yet. Ctrl+D marks one.", favourite=True
    ),
    "recent": PlaceFilter(
        "Recently added", f"Nothing was added in the last {RECENT_DAYS} days.", days=RECENT_DAYS
    ),
    "problems": PlaceFilter("Problems", "No adapter has a problem.", problems=True),
    "missing": PlaceFilter(
        "Missing", "Every adapter's folder is where it should be.", missing=True
    ),
    "duplicates": PlaceFilter(
        "Duplicates", "No two adapters have the same weights.", duplicates=True
    ),
}

_ICONS = {
    ALL: "books",
    "favourites": "star",
    "recent": "clock",
    "problems": "warning",
    "missing": "missing",
    "duplicates": "copy",
}
PLACE_KEYS = {key: f"Ctrl+{number}" for number, key in enumerate(_ICONS, start=1)}
_SOURCE_ICONS = {
    AdapterType.PROJECT: "folder",
    AdapterType.HUGGINGFACE: "cloud",
    AdapterType.MODEL_REGISTRY: "cylinder",
}
_DISK = (Place("folders", "folder-open", "Folders"), Place("scan", "scan", "Scan"))
DISK_KINDS = tuple(place.key for place in _DISK)
_RECORDS = {
    "base_models": ("Base models", "layers"),
    "prompts": ("Prompts", "prompt"),
    "datasets": ("Datasets", "dataset"),
    "jobs": ("Training jobs", "job"),
}


SAVED = "saved"
"""A saved filter's place is called `saved:<its name>`."""


def place_filter(
    key: str, titles: Mapping[str, str], saved: SavedFilter | None = None
) -> PlaceFilter | None:
    """What the library place `key` shows; None where it is no place of the library. titles: of the
    base models, by id; saved: the saved filter of that place."""
    if key in LIBRARY_PLACES:
        return LIBRARY_PLACES[key]
    kind, _, value = key.partition(":")
    if kind == "source":
        title = source_title(value)
        return PlaceFilter(title, f"No adapter comes from here: {title}.", source=value)
    if kind == SAVED and saved is not None:
        said = "No adapter answers this filter now."
        return PlaceFilter(saved.name, said, text=saved.text, facets=saved.facets)
    if kind == "base":
        name = titles.get(value)
        if name is None:
            return None
        return PlaceFilter(base_title(name), "No adapter has this base model.", base_model=value)
    return None


def groups(
    counts: Any,
    titles: Mapping[str, str],
    records: Mapping[str, int],
    *,
    saved: Sequence[tuple[SavedFilter, int | None]] = (),
    all_models: bool = False,
) -> list[PlaceGroup]:
    """Every place with its count.

    counts: of `LibraryTableModel.counts()`; titles: of the base models, by id; records: how many of
    each kind, as far as it is known; saved: the saved filters with their counts. An empty library
    shows no counts. Sources and base models that no adapter has are left out, except for the local
    folder, which one can import from.
    """
    empty = counts.total == 0

    def n(count: int | None) -> int | None:
        return None if empty else count

    def library(key: str, count: int, tone: str = "") -> Place:
        return Place(
            key,
            _ICONS[key],
            LIBRARY_PLACES[key].title,
            n(count),
            tone if count else "",
            PLACE_KEYS[key],
        )

    found = [
        PlaceGroup(
            "Library",
            [
                library(ALL, counts.total),
                library("favourites", counts.favourites),
                library("recent", counts.recent),
                library("problems", counts.problems, "error" if counts.errors else "warning"),
                library("missing", counts.missing, "warning"),
                library("duplicates", counts.duplicates),
            ],
        )
    ]
    sources = [
        Place(f"source:{kind}", _SOURCE_ICONS[kind], source_title(kind), n(by))
        for kind in AdapterType
        if (by := counts.by_source.get(kind, 0)) or kind == AdapterType.PROJECT
    ]
    found.append(PlaceGroup("Source", sources))
    used = [(key, title) for key, title in titles.items() if counts.by_base.get(key)]
    used.sort(key=lambda m: (-counts.by_base[m[0]], m[1].casefold()))
    if used:
        shown = (
            used if all_models or len(used) <= BASE_MODELS_SHOWN else used[: BASE_MODELS_SHOWN - 1]
        )
        places = [
            Place(f"base:{key}", "layers", base_title(title), counts.by_base[key], rail=False)
            for key, title in shown
        ]
        if len(shown) < len(used):
            more = f"{len(used) - len(shown)} more base models"
            places.append(Place("more-bases", "more", more, rail=False))
        found.append(PlaceGroup("Base model", places))
    if saved:
        kept = [
            Place(f"{SAVED}:{one.name}", "funnel", one.name, n(count), rail=False)
            for one, count in saved
        ]
        found.append(PlaceGroup("Saved filters", kept))
    found.append(PlaceGroup("On disk", list(_DISK)))
    found.append(
        PlaceGroup(
            "Records",
            [
                Place(key, icon, title, n(records.get(key)))
                for key, (title, icon) in _RECORDS.items()
            ],
        )
    )
    return found
