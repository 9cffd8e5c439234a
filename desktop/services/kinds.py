"""Words and figures of the shared catalogue that a row is made of. Apart from the other records, so
that the first screen does not wait until those are made."""

from __future__ import annotations

from enum import StrEnum

TRAINING_DEFAULT_DATASET_FRACTION = 1.0
TRAINING_DEFAULT_TRAIN_TEST_SPLIT = 0.9


class AdapterType(StrEnum):
    """Where an adapter comes from, in the words of the shared catalogue."""

    PROJECT = "project"
    HUGGINGFACE = "huggingface"
    MODEL_REGISTRY = "model_registry"


class FolderState(StrEnum):
    """What the folder of a row was when it was last looked at."""

    OK = "ok"
    CHANGED = "changed"
    MISSING = "missing"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
