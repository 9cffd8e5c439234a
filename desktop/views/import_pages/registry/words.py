"""What is said of a registered version before its files are fetched. Pure functions; no widget is
made.

All text of a registry is from strangers: it reaches the screen through `printable` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.models.formats import UNKNOWN, bytes_text, date_text, size_text, whole_text
from desktop.services.peft_folder.files import kind_for
from desktop.services.peft_folder.reading import printable
from desktop.services.records import FileKind, FolderInspection
from desktop.services.registry.preview import files_of
from desktop.services.registry.records import (
    Connection,
    ConnectionOffer,
    JobOffer,
    ModelVersion,
    RegistryKind,
    RegistryPreview,
    RunInfo,
)
from desktop.views.adapter_facts import alpha_fact, number_fact, rank_fact, targets_fact, type_fact
from desktop.views.widgets.fact_list import Fact
from desktop.views.widgets.split_bar import percent

AFTER_FETCH = "known after the fetch"
LOGGED = "logged"
"""The key of the link that unfolds what a run logged."""

_NAME = 96
_LONG = 300
_FIRST_LOGGED = 3
_MOST_LOGGED = 200
_MOST_TAGS = 8
_TELLING = (
    ("r", "rank", "lora_r", "lora_rank", "peft.r"),
    ("learning_rate", "lr"),
    ("eval_loss", "eval/loss", "val_loss", "validation_loss"),
)
"""What people look for first among all that a run logs, under the names that programs use."""


def kind_icon(connection: Connection) -> str:
    """The icon of a kind of registry."""
    return "folder" if connection.kind == RegistryKind.MLFLOW_STORE else "cylinder"


def connection_text(connection: Connection) -> str:
    """What a connection is called."""
    return printable(connection.title, _NAME)


def offer_text(offer: ConnectionOffer) -> str:
    """What the environment of this program names: `MLFLOW_TRACKING_URI names http://…`."""
    url = printable(offer.connection.url, _NAME)
    if offer.variable:
        return f"{offer.variable} names {url}{', with a token' if offer.has_secret else ''}"
    return f"{url} holds an MLflow store"


def version_text(version: ModelVersion, newest: str) -> str:
    """`3 · newest · champion · Production · 12 Nov 2026`: one line of the list of versions."""
    parts = [printable(version.version, 24), "newest" if version.version == newest else ""]
    parts += [printable(alias, 40) for alias in version.aliases[:4]]
    parts += [printable(version.stage, 24), date_text(version.created)]
    return " · ".join(part for part in parts if part and part != UNKNOWN)


def found_text(preview: RegistryPreview) -> str:
    """That a version was found, which one it is, and that nothing was fetched so far."""
    version = preview.version
    day = date_text(version.created)
    of = "" if day == UNKNOWN else f" of {day.lower() if day in ('Today', 'Yesterday') else day}"
    name = printable(version.model_name or version.model_id, 60)
    return f"Found “{name}”, version {printable(version.version, 24)}{of}. Nothing is fetched yet."


def job_text(offer: JobOffer) -> str:
    """What the box that records a training job says: `80 % of the data, split 90/10`."""
    parts = []
    if offer.dataset_fraction is not None:
        parts.append(f"{percent(offer.dataset_fraction)} of the data")
    if offer.train_test_split is not None:
        train = percent(offer.train_test_split).rstrip("%\N{NO-BREAK SPACE} ")
        test = percent(1 - offer.train_test_split).rstrip("%\N{NO-BREAK SPACE} ")
        parts.append(f"split {train}/{test}")
    return f"Record the run's figures as a training &job ({', '.join(parts)})"


# -- facts -------------------------------------------------------------------------------------


def facts_before(
    preview: RegistryPreview, *, all_files: bool = False, unfolded: bool = False
) -> list[Fact]:
    """The facts of a version, in the same order whichever one is looked at. unfolded: all that its
    run logged, not only what people look for first."""
    version, there = preview.version, preview.inspection
    name = printable(version.model_name or version.model_id, _NAME)
    facts = [Fact("Model", name, tooltip=printable(version.model_id, _LONG)), _version(preview)]
    if version.status and version.status != "READY":
        facts.append(Fact("Status", printable(version.status, 60)))
    facts.append(_description(version))
    facts.append(_run(preview))
    facts += logged_facts(preview.run, unfolded=unfolded)
    facts += _of_files(there, closed=preview.artifact is None and not _is_refused(preview))
    if preview.folder:
        facts.append(Fact("Folder", printable(f"{preview.folder}/", _NAME), aside="in its files"))
    facts.append(_size(preview, all_files))
    facts.append(_base_model(preview))
    facts.append(_tags(version.tags))
    return facts


def _version(preview: RegistryPreview) -> Fact:
    version = preview.version
    parts = [printable(version.version, 24)]
    parts += [f"@{printable(alias, 40)}" for alias in version.aliases[:4]]
    parts.append(printable(version.stage, 24))
    newest = preview.newest
    behind = f"newest is {printable(newest, 24)}" if newest and newest != version.version else ""
    return Fact("Version", " · ".join(part for part in parts if part), aside=behind)


def _description(version: ModelVersion) -> Fact:
    text = " ".join(version.about.split())
    shown = printable(text, 160)
    return Fact("Description", shown or None, tooltip=printable(text, 2000) if shown else "")


def _run(preview: RegistryPreview) -> Fact:
    run, version = preview.run, preview.version
    if run is None:
        return Fact("Source run", printable(version.run_id, 40) or None)
    key = printable(run.run_id, 64)
    return Fact("Source run", printable(run.name, 60) or key, tooltip=key)


def logged_facts(run: RunInfo | None, *, unfolded: bool) -> list[Fact]:
    """What a run logged: what people look for first, and the rest behind a link."""
    if run is None:
        return []
    logged = [*run.params, *run.metrics]
    first = [pair for names in _TELLING for pair in logged if pair[0].casefold() in names]
    first = list(dict.fromkeys(first))[:_FIRST_LOGGED]
    rest = [pair for pair in logged if pair not in first]
    shown = [*first, *rest[:_MOST_LOGGED]] if unfolded else first
    facts = [
        Fact(printable(name, 40), printable(value, _NAME), tooltip=_whole(name, value))
        for name, value in shown
    ]
    if rest:
        word = "Fold" if unfolded else f"{whole_text(len(rest))} more"
        facts.append(Fact("Run logged", word, key=LOGGED, link=True))
    return facts


def _whole(name: str, value: str) -> str:
    return f"{printable(name, _LONG)} = {printable(value, 1000)}"


def _is_refused(preview: RegistryPreview) -> bool:
    return any(finding.severity == "error" for finding in preview.findings)


def _of_files(there: FolderInspection | None, *, closed: bool) -> list[Fact]:
    labels = ("PEFT type", "Rank", "Alpha", "Targets", "Parameters")
    if there is None:
        if closed:
            return [Fact(label, AFTER_FETCH, tone="secondary") for label in labels]
        return [Fact(label, None) for label in labels]
    kind, kind_tip = type_fact(there)
    rank, rank_tip = rank_fact(there)
    alpha, alpha_tip = alpha_fact(there)
    targets, targets_tip = targets_fact(there)
    numbers, numbers_tip = number_fact(there.dtypes)
    count = whole_text(there.parameters)
    if count != UNKNOWN and numbers != UNKNOWN:
        count = f"{count} in {numbers}"
    return [
        Fact(label, None if value == UNKNOWN else value, tooltip=tip)
        for label, value, tip in (
            ("PEFT type", kind, kind_tip),
            ("Rank", rank, rank_tip),
            ("Alpha", alpha, alpha_tip),
            ("Targets", targets, targets_tip),
            ("Parameters", count, numbers_tip),
        )
    ]


def _size(preview: RegistryPreview, all_files: bool) -> Fact:
    files = files_before(preview)
    if not files:
        if preview.artifact is None and not _is_refused(preview):
            return Fact("Size", AFTER_FETCH, tone="secondary")
        return Fact("Size", None)
    every = _sum(files)
    fetched = every if all_files else _sum([file for file in files if file.needed])
    if fetched is None or every is None:
        return Fact("Size", None, aside="the registry does not say")
    rest = f"to fetch, {size_text(every)} in all"
    return Fact("Size", size_text(fetched), aside=rest, tooltip=bytes_text(fetched))


def _base_model(preview: RegistryPreview) -> Fact:
    there = preview.inspection
    if there is not None and there.base_model_name:
        return Fact("Base model", printable(there.base_model_name, 200))
    if preview.base_model:
        return Fact("Base model", printable(preview.base_model, 200), aside="says the run")
    return Fact("Base model", None)


def _tags(tags: Sequence[tuple[str, str]]) -> Fact:
    shown = [printable(f"{key}: {value}" if value else key, 60) for key, value in tags[:40]]
    text = ", ".join(shown[:_MOST_TAGS])
    if len(tags) > _MOST_TAGS:
        text = f"{text} and {len(tags) - _MOST_TAGS:,} more"
    return Fact("Tags", text or None, tooltip="\n".join(shown))


# -- files -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of an artifact as what is fetched of it (see `FileToFetch`)."""

    name: str
    size: int | None
    kind: FileKind
    needed: bool


def files_before(preview: RegistryPreview) -> tuple[ListedFile, ...]:
    """The files in the adapter's folder; none while there is no adapter, or they are not known."""
    if preview.artifact is None or preview.inspection is None:
        return ()
    needed = {name for _, name in files_of(preview.artifact, preview.folder)}
    every = files_of(preview.artifact, preview.folder, everything=True)
    return tuple(
        ListedFile(
            name,
            file.size,
            FileKind.OTHER if "/" in name else kind_for(name),
            name in needed,
        )
        for file, name in every
    )


def _sum(files: Sequence[ListedFile]) -> int | None:
    sizes = [file.size for file in files]
    return None if None in sizes else sum(size or 0 for size in sizes)
