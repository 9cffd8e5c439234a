"""The places of the sidebar: what is shown, with what count, and what it means to the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desktop.models.formats import base_title, source_title
from desktop.services.records import AdapterType
from desktop.views.widgets.sidebar import Place, PlaceGroup

ALL = "all"
RECENT_DAYS = 30
BASE_MODELS_SHOWN = 6
RECORD_KINDS = ("base_models", "prompts", "datasets", "jobs")


@dataclass(frozen=True)
class PlaceFilter:
    """What a place shows of the library: arguments of `LibraryTableModel.set_place`."""

    title: str
    empty: str = ""
    source: str = ""
    base_model: str = ""
    problems: bool = False
    missing: bool = False
    days: int = 0


LIBRARY_PLACES: dict[str, PlaceFilter] = {
    ALL: PlaceFilter("All adapters"),
    "recent": PlaceFilter(
        "Recently added", f"Nothing was added in the last {RECENT_DAYS} days.", days=RECENT_DAYS
    ),
    "problems": PlaceFilter("Problems", "No adapter has a problem.", problems=True),
    "missing": PlaceFilter(
        "Missing", "Every adapter's folder is where it should be.", missing=True
    ),
}

_ICONS = {ALL: "books", "recent": "clock", "problems": "warning", "missing": "missing"}
PLACE_KEYS = {ALL: "Ctrl+1", "recent": "Ctrl+3", "problems": "Ctrl+4", "missing": "Ctrl+5"}
_SOURCE_ICONS = {
    AdapterType.PROJECT: "folder",
    AdapterType.HUGGINGFACE: "cloud",
    AdapterType.MODEL_REGISTRY: "cylinder",
}
_RECORDS = {
    "base_models": ("Base models", "layers"),
    "prompts": ("Prompts", "prompt"),
    "datasets": ("Datasets", "dataset"),
    "jobs": ("Training jobs", "job"),
}


def place_filter(key: str, titles: Mapping[str, str]) -> PlaceFilter | None:
    """What the library place `key` shows; None where it is no place of the library. titles: of the
    base models, by id."""
    if key in LIBRARY_PLACES:
        return LIBRARY_PLACES[key]
    kind, _, value = key.partition(":")
    if kind == "source":
        title = source_title(value)
        return PlaceFilter(title, f"No adapter comes from here: {title}.", source=value)
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
    all_models: bool = False,
) -> list[PlaceGroup]:
    """Every place with its count. counts: of `LibraryTableModel.counts()`; titles: of the base
    models, by id; records: how many of each kind, as far as it is known. An empty library shows no
    counts. Sources and base models that no adapter has are left out, except for the local folder,
    which one can import from."""
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
                library("recent", counts.recent),
                library("problems", counts.problems, "error" if counts.errors else "warning"),
                library("missing", counts.missing, "warning"),
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
    found.append(PlaceGroup("On disk", [Place("folders", "folder-open", "Folders")]))
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
