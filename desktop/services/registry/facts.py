"""What a run tells about an adapter besides its files: its base model, and figures of its training.

People log these under whatever name their training program uses, so several are known here.
"""

from __future__ import annotations

import math
import re

from desktop.services.peft_folder import is_hub_name
from desktop.services.peft_folder.reading import storable
from desktop.services.registry.records import JobOffer, ModelVersion, RunInfo

BASE_NAMES = (
    "base_model_name_or_path",
    "base_model_name",
    "base_model",
    "base_model_id",
    "peft.base_model_name_or_path",
    "model_args.model_name_or_path",
    "model_name_or_path",
    "pretrained_model_name_or_path",
    "model_id",
    "model_name",
    "_name_or_path",
)
_FRACTION = ("dataset_fraction", "data_fraction")
_SPLIT = ("train_test_split", "test_split", "test_size", "validation_split", "val_split")
_EPOCHS = ("num_train_epochs", "num_epochs", "epochs")
_RATE = ("learning_rate", "lr")
_DATASET = ("dataset_name", "dataset", "dataset_id", "dataset_path", "train_dataset")
_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?")
_MAX_NAME = 200
_MOST_EPOCHS = 1_000_000


def base_model_of(run: RunInfo | None, version: ModelVersion) -> str:
    """The base model that a version's tags, or its run's params or tags, name; "" if none do.

    A name of the Hub ("org/name") goes before anything else, such as a path on the machine that
    trained.
    """
    tags = dict(version.tags)
    found = [tags[name] for name in BASE_NAMES if tags.get(name)]
    if run is not None:
        found += [text for name in BASE_NAMES if (text := run.param(name))]
    names = [text.strip() for text in found if _is_name(text.strip())]
    return next(
        (name for name in names if "/" in name and is_hub_name(name)), next(iter(names), "")
    )


def job_of(run: RunInfo | None) -> JobOffer:
    """The figures of a run that a training job's record holds. What is no figure, or none that a
    record takes, counts as not logged."""
    if run is None:
        return JobOffer()
    rate = _number(run.param(*_RATE))
    return JobOffer(
        dataset_fraction=_share(run, _FRACTION),
        train_test_split=_share(run, _SPLIT),
        num_epochs=_epochs(run.param(*_EPOCHS)),
        learning_rate=rate if rate is not None and 0 < rate < 1e6 else None,
        dataset=_dataset(run.param(*_DATASET)),
    )


def _is_name(text: str) -> bool:
    return (
        0 < len(text) <= _MAX_NAME and text.isprintable() and text.lower() not in ("none", "null")
    )


def _number(text: str) -> float | None:
    """A number in digits, and nothing else: no NaN, no 1_000, no digits of other scripts."""
    text = text.strip()
    if not text.isascii() or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _share(run: RunInfo, names: tuple[str, ...]) -> float | None:
    value = _number(run.param(*names))
    return value if value is not None and 0 < value <= 1 else None


def _epochs(text: str) -> int | None:
    value = _number(text)
    if value is None or value != int(value) or not 0 < value <= _MOST_EPOCHS:
        return None
    return int(value)


def _dataset(text: str) -> str:
    text = storable(text.strip(), _MAX_NAME)
    return text if text.isprintable() else ""
