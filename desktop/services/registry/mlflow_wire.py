"""MLflow's records, as its REST API and its stores hold them, made into ours."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from desktop.services.peft_folder.reading import storable
from desktop.services.registry.records import ModelVersion, RegisteredModel, RunInfo

Record = dict[str, Any]
"""Something of MLflow's, in the shape of its REST API."""

MAX_NAME = 1_000
MAX_TEXT = 20_000
MAX_PAIRS = 2_000
MAX_VALUE = 8_000
DATASET = "dataset_name"
"""The param that a run gets from the dataset that it logged as such, unless it has it itself."""

_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VERSION = re.compile(r"[0-9]{1,18}")
_DROPPED = frozenset({"Cc", "Cf", "Cs"})
_KEPT = frozenset("\n\t\u200c\u200d")  # joiners: words of some scripts, and emoji, need them
_UNSET_STAGES = frozenset({"", "None"})


def is_run_id(text: object) -> bool:
    """Whether a text can be the id of a run (or of a logged model): it becomes part of paths."""
    return isinstance(text, str) and _RUN_ID.fullmatch(text) is not None


def is_version(text: object) -> bool:
    """Whether a text is the number of a version."""
    return isinstance(text, str) and text.isascii() and _VERSION.fullmatch(text) is not None


def models_of(found: object) -> tuple[RegisteredModel, ...]:
    """The models in a list; what is none is left out."""
    return tuple(model for item in items_of(found) if (model := model_of(item)) is not None)


def model_of(found: object) -> RegisteredModel | None:
    """A `registered_model`; None where it is none."""
    if not isinstance(found, Mapping):
        return None
    name = name_of(found.get("name"))
    if not name:
        return None
    aliases = tuple(
        (alias, version)
        for item in items_of(found.get("aliases"))
        if (alias := name_of(item.get("alias"))) and is_version(version := str(item.get("version")))
    )
    newest = [
        number
        for item in items_of(found.get("latest_versions"))
        if is_version(number := str(item.get("version")))
    ]
    return RegisteredModel(
        id=name,
        name=name,
        description=prose_of(found.get("description")),
        newest=max(newest, key=int, default=""),
        aliases=aliases,
        tags=pairs_of(found.get("tags")),
        owner=text_of(found.get("user_id"), MAX_NAME),
        changed=seconds_of(found.get("last_updated_timestamp")),
    )


def version_of(
    found: object, aliases: Iterable[tuple[str, str]] | None = None
) -> ModelVersion | None:
    """A `model_version`; None where it is none. aliases: (alias, version) of its model, None = as
    the version says itself."""
    if not isinstance(found, Mapping):
        return None
    name, number = name_of(found.get("name")), str(found.get("version"))
    if not name or not is_version(number):
        return None
    number = str(int(number))
    if aliases is None:
        mine = tuple(text for item in list_of(found.get("aliases")) if (text := name_of(item)))
    else:
        mine = tuple(alias for alias, version in aliases if version == number)
    run_id = found.get("run_id")
    stage = text_of(found.get("current_stage"), 60)
    return ModelVersion(
        model_id=name,
        model_name=name,
        version=number,
        description=prose_of(found.get("description")),
        status=text_of(found.get("status"), 60),
        stage="" if stage in _UNSET_STAGES else stage,
        aliases=mine,
        tags=pairs_of(found.get("tags")),
        source=text_of(found.get("source"), 4_000),
        run_id=str(run_id) if is_run_id(run_id) else "",
        user=text_of(found.get("user_id"), MAX_NAME),
        created=seconds_of(found.get("creation_timestamp")),
    )


def newest_first(versions: Iterable[ModelVersion]) -> tuple[ModelVersion, ...]:
    """Sorted by number: 10 comes before 9."""
    return tuple(sorted(versions, key=lambda version: int(version.version), reverse=True))


def run_of(found: object) -> RunInfo | None:
    """A `run` of runs/get; None where it is none."""
    if not isinstance(found, Mapping) or not isinstance(found.get("info"), Mapping):
        return None
    info, data = found["info"], found.get("data")
    data = data if isinstance(data, Mapping) else {}
    run_id = info.get("run_id") or info.get("run_uuid")
    if not is_run_id(run_id):
        return None
    tags = dict(pairs_of(data.get("tags")))
    params = dict(pairs_of(data.get("params")))
    if dataset := _dataset_of(found.get("inputs")):
        params.setdefault(DATASET, dataset)
    return RunInfo(
        run_id=str(run_id),
        name=text_of(info.get("run_name"), MAX_NAME) or tags.get("mlflow.runName", ""),
        experiment_id=text_of(info.get("experiment_id"), 64),
        status=text_of(info.get("status"), 60),
        params=tuple(sorted(params.items())),
        metrics=tuple(sorted(metrics_of(data.get("metrics")))),
        tags=tuple(sorted(tags.items())),
    )


def of_model(model: RegisteredModel, version: ModelVersion) -> ModelVersion:
    """The version with what its model says of it: its aliases, and what all versions are."""
    mine = tuple(alias for alias, number in model.aliases if number == version.version)
    return replace(version, aliases=mine or version.aliases, model_description=model.description)


def metrics_of(found: object) -> list[tuple[str, str]]:
    """The metrics in a list, each with its last value as text."""
    return [
        (name, number_text(item.get("value")))
        for item in items_of(found)
        if (name := name_of(item.get("key")))
    ]


def number_text(value: object) -> str:
    """A figure as people read it: `1.25`, `0.000316`, `NaN`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text_of(value, 60)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return f"{value:.7g}"


def pairs_of(found: object) -> tuple[tuple[str, str], ...]:
    """The tags or params in a list of {"key": …, "value": …}, by name."""
    pairs = {
        name: text_of(item.get("value"), MAX_VALUE)
        for item in items_of(found)
        if (name := name_of(item.get("key")))
    }
    return tuple(sorted(pairs.items()))


def items_of(found: object) -> list[Mapping[str, Any]]:
    """The objects in a list, as far as they are any."""
    return [item for item in list_of(found) if isinstance(item, Mapping)]


def list_of(found: object) -> list[Any]:
    """A list of no more than MAX_PAIRS; anything else is an empty one."""
    return found[:MAX_PAIRS] if isinstance(found, list) else []


def name_of(value: object) -> str:
    """A name that can be asked for again as it is, "" where it is none."""
    good = isinstance(value, str) and 0 < len(value) <= MAX_NAME and storable(value) == value
    return str(value) if good else ""


def text_of(value: object, limit: int = MAX_TEXT) -> str:
    """A text that a database takes; "" for what is none."""
    return storable(value, limit) if isinstance(value, str) else ""


def prose_of(value: object, limit: int = MAX_TEXT) -> str:
    """A text of several lines that people read and keep: without the characters that steer a
    terminal or turn the direction of what follows; "" for what is none."""
    lines = text_of(value, limit).replace("\r\n", "\n").replace("\r", "\n")
    lines = lines.replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(
        c for c in lines if c in _KEPT or unicodedata.category(c) not in _DROPPED
    ).strip()


def seconds_of(value: object) -> float | None:
    """Milliseconds since 1970, in a number or a text, as seconds."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 18:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value / 1000 if 0 < value < 1e15 else None


def _dataset_of(inputs: object) -> str:
    """The name of the first dataset that a run logged."""
    if not isinstance(inputs, Mapping):
        return ""
    for item in items_of(inputs.get("dataset_inputs")):
        dataset = item.get("dataset")
        if isinstance(dataset, Mapping) and (name := name_of(dataset.get("name"))):
            return name
    return ""
