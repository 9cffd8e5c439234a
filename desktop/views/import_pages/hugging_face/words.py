"""What is said of a repository before its files are fetched. Pure functions; no widget is made.

All text of a hub is from strangers: it reaches the screen through `printable` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from desktop.models.formats import (
    UNKNOWN,
    bytes_text,
    date_text,
    moment_text,
    size_text,
    whole_text,
)
from desktop.services.hub.records import HubPreview, HubReference, HubRepo
from desktop.services.peft_folder.reading import printable
from desktop.services.records import FolderInspection
from desktop.views.adapter_facts import (
    alpha_fact,
    number_fact,
    rank_fact,
    targets_fact,
    task_fact,
    type_fact,
)
from desktop.views.widgets.fact_list import Fact

AFTER_ACCESS = "known after access"
CARD = "says the model card"

_NAME = 96
_SHORT = 48
_MOST_TAGS = 8
_MACHINE_TAGS = ("base_model:", "license:", "region:", "arxiv:", "dataset:", "doi:")
"""Tags that say what another line says, or that only programs read."""


def host_of(endpoint: str) -> str:
    """`huggingface.co`: an endpoint as people call it, with its path where it has one."""
    parts = urlsplit(endpoint)
    return printable(f"{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/"), _NAME)


def page_of(endpoint: str, repo_id: str) -> str:
    """The address of a repository's page: where access is asked for."""
    return f"{endpoint}/{quote(repo_id, safe='/')}"


def place_text(reference: HubReference) -> str:
    """`org/name`, with its sub-folder."""
    parts = [reference.repo_id, reference.subfolder]
    return printable("/".join(part for part in parts if part), _NAME)


def found_text(repo: HubRepo, *, fetching: bool = False, stopped: bool = False) -> str:
    """That a repository was found, which commit it is, and whether anything was fetched so far.

    fetching: it is just now. stopped: some of it may have been.
    """
    if fetching:
        return f"Fetching commit {repo.commit[:7]}…"
    day = date_text(repo.changed)
    of = f" of {day}" if day not in (UNKNOWN, "Today", "Yesterday") else ""
    if day in ("Today", "Yesterday"):
        of = f" of {day.lower()}"
    rest = "" if stopped else " Nothing is downloaded yet."
    return f"Found. Commit {repo.commit[:7]}{of}.{rest}"


# -- facts -------------------------------------------------------------------------------------


def facts_before(preview: HubPreview, *, all_files: bool = False) -> list[Fact]:
    """The facts of a repository, always with the same labels in the same order, so that nothing
    moves when another one is looked at. What only the files tell is `known after access` while
    they are shut, never a guess."""
    repo = preview.repo
    return [
        _type(preview),
        *_of_files(preview.inspection, shut=bool(preview.locked)),
        _size(repo, all_files),
        _base_model(preview),
        Fact("Licence", printable(repo.licence, _SHORT) or None),
        _tags(repo.tags),
        Fact("Changed", _day(repo.changed), tooltip=_moment(repo.changed)),
        Fact("Popularity", popularity_text(repo.downloads, repo.likes)),
    ]


def _type(preview: HubPreview) -> Fact:
    there = preview.inspection
    if there is not None and there.peft_type:
        value, tip = type_fact(there)
        return Fact("PEFT type", value, tooltip=tip)
    if preview.card_type:
        return Fact("PEFT type", printable(preview.card_type, 24), aside=CARD)
    if preview.locked:
        return _shut("PEFT type")
    return Fact("PEFT type", None)


def _of_files(there: FolderInspection | None, *, shut: bool) -> list[Fact]:
    labels = ("Rank, alpha", "Targets", "Task", "Parameters")
    if there is None:
        return [_shut(label) if shut else Fact(label, None) for label in labels]
    rank, rank_tip = rank_fact(there)
    alpha, alpha_tip = alpha_fact(there)
    both = UNKNOWN if rank == alpha == UNKNOWN else f"{rank}, {alpha}"
    targets, targets_tip = targets_fact(there)
    task, task_tip = task_fact(there)
    numbers, numbers_tip = number_fact(there.dtypes)
    count = whole_text(there.parameters)
    if count != UNKNOWN and numbers != UNKNOWN:
        count = f"{count} in {numbers}"
    return [
        _known("Rank, alpha", both, rank_tip or alpha_tip),
        _known("Targets", targets, targets_tip),
        _known("Task", task, task_tip),
        _known("Parameters", count, numbers_tip),
    ]


def _known(label: str, value: str, tooltip: str = "") -> Fact:
    return Fact(label, None if value == UNKNOWN else value, tooltip=tooltip)


def _shut(label: str) -> Fact:
    return Fact(label, AFTER_ACCESS, tone="secondary")


def _size(repo: HubRepo, all_files: bool) -> Fact:
    if not repo.files:
        return Fact("Size", None)
    fetched = repo.all_bytes if all_files else repo.needed_bytes
    rest = f"to fetch, {size_text(repo.all_bytes)} in all"
    return Fact("Size", size_text(fetched), aside=rest, tooltip=bytes_text(fetched))


def _base_model(preview: HubPreview) -> Fact:
    there = preview.inspection
    if there is not None and there.base_model_name:
        return Fact("Base model", printable(there.base_model_name, 200))
    if preview.repo.base_models:
        name = printable(preview.repo.base_models[0], 200)
        return Fact("Base model", name, tooltip=f"{name}\n{CARD.capitalize()}.")
    return _shut("Base model") if preview.locked else Fact("Base model", None)


def _tags(tags: Sequence[str]) -> Fact:
    shown = [printable(tag, 40) for tag in tags if not tag.startswith(_MACHINE_TAGS)]
    text = ", ".join(shown[:_MOST_TAGS])
    if len(shown) > _MOST_TAGS:
        text = f"{text} and {len(shown) - _MOST_TAGS:,} more"
    return Fact("Tags", text or None, tooltip="\n".join(printable(tag, 80) for tag in tags[:40]))


def _day(seconds: float | None) -> str | None:
    day = date_text(seconds)
    return None if day == UNKNOWN else day


def _moment(seconds: float | None) -> str:
    moment = moment_text(seconds)
    return "" if moment == UNKNOWN else moment


def popularity_text(downloads: int | None, likes: int | None) -> str | None:
    """`18,204 downloads, 96 likes`; None where nobody counted."""
    parts = [
        f"{whole_text(count)} {word}{'' if count == 1 else 's'}"
        for count, word in ((downloads, "download"), (likes, "like"))
        if count is not None
    ]
    return ", ".join(parts) or None
