"""Cloudera's records, as both of its services put them into JSON, made into ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from desktop.services.registry.mlflow_wire import (
    MAX_NAME,
    items_of,
    name_of,
    number_text,
    pairs_of,
    prose_of,
    text_of,
)
from desktop.services.registry.records import ModelVersion, RegisteredModel, RunInfo

MAX_ROWS = 20_000
"""Models or versions on one page."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_MODEL_ID = re.compile(
    r"[a-z0-9]{4}(?:-[a-z0-9]{4}){3}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_NUMBERS = ("number", "version_number", "version")
_READY = re.compile(r"(?:|REGISTERED|(?:MODEL_VERSION_|VERSION_)?READY)", re.IGNORECASE)


def is_id(value: object) -> bool:
    """Whether a text can be the id of something: it becomes part of addresses and paths."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_model_id(text: str) -> bool:
    """Whether a text has the form of the ids that Cloudera gives to models."""
    return _MODEL_ID.fullmatch(text) is not None


def is_ready(version: ModelVersion) -> bool:
    """Whether the registry says nothing else of a version."""
    return _READY.fullmatch(version.status.strip()) is not None


def rows_of(found: object) -> list[Mapping[str, Any]]:
    """The objects in a list of models or versions, as far as they are any."""
    rows = found[:MAX_ROWS] if isinstance(found, list) else []
    return [row for row in rows if isinstance(row, Mapping)]


def model_of(found: object) -> RegisteredModel | None:
    """A model of either service; None where it is none."""
    if not isinstance(found, Mapping):
        return None
    model_id = found.get("model_id") or found.get("id")
    name = name_of(found.get("name"))
    if not is_id(model_id) or not name:
        return None
    numbers = [n for item in rows_of(found.get("model_versions")) if (n := number_of(item))]
    return RegisteredModel(
        id=str(model_id),
        name=name,
        description=prose_of(found.get("description")),
        newest=max(numbers, key=int, default=""),
        tags=pairs_of(found.get("tags")),
        owner=_person(found.get("owner")) or _person(found.get("creator")),
        changed=seconds_of(found.get("updated_at")) or seconds_of(found.get("created_at")),
    )


def number_of(found: Mapping[str, Any]) -> str:
    """The number of a version as people say it, "" where it has none."""
    for field in _NUMBERS:
        value = found.get(field)
        text = str(value) if type(value) in (int, str) else ""
        if text.isascii() and text.isdigit() and int(text[:18]) > 0 and len(text) < 19:
            return str(int(text))
    return ""


def version_of(found: object, model: RegisteredModel) -> ModelVersion | None:
    """A version of a model; None where it is none."""
    if not isinstance(found, Mapping) or not (number := number_of(found)):
        return None
    about = _mapping(found.get("model_version_metadata")) or _mapping(found.get("metadata"))
    run = _mapping(about.get("mlflow_metadata"))
    version_id = found.get("model_version_id") or found.get("id")
    tags = {**dict(pairs_of(about.get("tags"))), **dict(pairs_of(found.get("tags")))}
    return ModelVersion(
        model_id=model.id,
        model_name=model.name,
        model_description=model.description,
        version=number,
        version_id=_id(version_id),
        description=prose_of(found.get("notes")) or prose_of(found.get("description")),
        status=text_of(found.get("status"), 60),
        tags=tuple(sorted(tags.items())),
        source=_git_of(about) or _without_person(text_of(found.get("artifact_uri"), 4_000)),
        run_id=_id(run.get("run_id")),
        experiment_id=_id(run.get("experiment_id")),
        project_id=_id(about.get("project_id")),
        user=_person(found.get("user")) or _person(found.get("creator")),
        created=seconds_of(found.get("created_at")),
    )


def run_of(found: object, version: ModelVersion) -> RunInfo | None:
    """What an ExperimentRun logged; None where it is none."""
    if not isinstance(found, Mapping):
        return None
    return _run(version, _mapping(found.get("data")), text_of(found.get("status"), 60))


def run_in_version(found: object, version: ModelVersion) -> RunInfo | None:
    """The same, of what the registry keeps of the run beside a version; None where that is
    nothing."""
    about = _mapping(_mapping(found).get("model_version_metadata"))
    run = _mapping(about.get("mlflow_metadata"))
    made = _run(version, run, "")
    return made if made.params or made.metrics or made.tags else None


def _run(version: ModelVersion, data: Mapping[str, Any], status: str) -> RunInfo:
    tags = pairs_of(data.get("tags"))
    return RunInfo(
        run_id=version.run_id,
        name=dict(tags).get("mlflow.runName", ""),
        experiment_id=version.experiment_id,
        status=status,
        params=pairs_of(data.get("params")),
        metrics=tuple(sorted(_metrics(data.get("metrics")).items())),
        tags=tags,
    )


def model_paths_of(found: object, version: ModelVersion) -> tuple[str, ...]:
    """Where, among the artifacts of a run, this version was registered from: at most one, unless
    the run does not say for which version it is."""
    data = _mapping(_mapping(found).get("data"))
    entries = [
        item
        for item in items_of(data.get("registered_model_metadata"))
        if isinstance(item.get("model_path"), str)
    ]
    for mine in (
        lambda item: version.version_id and item.get("model_version_id") == version.version_id,
        lambda item: (
            item.get("model_id") == version.model_id
            and str(item.get("version_number")) == version.version
        ),
        lambda item: item.get("model_id") == version.model_id,
    ):
        paths = {str(item["model_path"]) for item in entries if mine(item)}
        if paths:
            return tuple(sorted(paths))
    return ()


def newest_first(versions: Iterable[ModelVersion]) -> tuple[ModelVersion, ...]:
    """Sorted by number, each of them once."""
    by_number = {int(version.version): version for version in versions}
    return tuple(by_number[number] for number in sorted(by_number, reverse=True))


def seconds_of(value: object) -> float | None:
    """A date as `2026-01-31T12:00:00.5Z`, in seconds since 1970; None where it is none."""
    if not isinstance(value, str) or not 10 <= len(value) <= 40:
        return None
    try:
        # Python takes six digits after the point, Go writes nine.
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _metrics(found: object) -> dict[str, str]:
    """The last value of each metric, where a run lists all of them."""
    last: dict[str, tuple[float, str]] = {}
    for item in items_of(found):
        name, step = name_of(item.get("key")), item.get("step")
        text = str(step) if type(step) in (int, str) else ""
        at = float(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0.0
        if name and (name not in last or at >= last[name][0]):
            last[name] = (at, number_text(item.get("value")))
    return {name: text for name, (_, text) in last.items()}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _id(value: object) -> str:
    return str(value) if is_id(value) else ""


def _person(found: object) -> str:
    about = _mapping(found)
    names = (text_of(about.get(field), MAX_NAME) for field in ("name", "username", "user_name"))
    return next((name for name in names if name), "")


def _git_of(about: Mapping[str, Any]) -> str:
    simple = _mapping(about.get("simple_metadata"))
    return _without_person(text_of(simple.get("git_url"), 1_000))


def _without_person(address: str) -> str:
    """An address without a user name or a password in it: some people paste them along."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if "@" not in parts.netloc or parts.scheme not in ("http", "https"):
        return address
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
