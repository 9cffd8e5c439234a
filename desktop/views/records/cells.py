"""What the tables of records show in a cell, sort it by, and search: functions of one record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desktop.models.formats import (
    SOURCES,
    number_of,
    one_line,
    percent_text,
    split_text,
    whole_text,
)
from desktop.models.record_table import RecordColumn
from desktop.services.records import AdapterType

DATASET_KINDS = {
    "huggingface": ("Hugging Face", "cloud"),
    "project": ("Folder", "folder"),
    "project_csv": ("CSV file", "file"),
    "project_json": ("JSON file", "file"),
    "project_jsonl": ("JSON Lines file", "file"),
}
"""What the types of a dataset are called, and their icons."""

_HUB, _FOLDER, _REGISTRY = (
    AdapterType.HUGGINGFACE.value,
    AdapterType.PROJECT.value,
    AdapterType.MODEL_REGISTRY.value,
)


def place_of(record: Any) -> str:
    """Where a base model or dataset is: what its type asks for first, else whatever is given."""
    given = {
        _HUB: record.huggingface_name,
        _FOLDER: record.location,
        _REGISTRY: getattr(record, "cml_registered_model_id", None),
    }
    own = _FOLDER if str(record.type).startswith(_FOLDER) else record.type
    return shown(given.get(own) or next((value for value in given.values() if value), None))


def shown(value: Any) -> str:
    """Outside text as one line that can be read and shown as it is, "" where there is none.

    A foreign catalogue may hold a number where text belongs; a path may hold bytes that are none.
    """
    return one_line(" ".join(str(value).split())) if value else ""


def title_of(record: Any) -> str:
    """What a record is called on screen."""
    return shown(record.title)


def _source(record: Any) -> str:
    return SOURCES.get(record.type, (shown(record.type), ""))[0]


def _source_icon(record: Any) -> str:
    return SOURCES.get(record.type, ("", ""))[1]


def _adapters(record: Any) -> str:
    return whole_text(record.adapter_count)


def _adapter_count(record: Any) -> int:
    return int(record.adapter_count)


def _adapters_said(record: Any) -> str:
    return f"{record.adapter_count:,} adapter{'' if record.adapter_count == 1 else 's'}"


def _dataset(record: Any) -> str:
    return shown(record.dataset_name or record.dataset_id)


def _description(record: Any) -> str:
    return shown(record.description)


def _dataset_kind(record: Any) -> str:
    return DATASET_KINDS.get(record.type, (shown(record.type), ""))[0]


def _dataset_icon(record: Any) -> str:
    return DATASET_KINDS.get(record.type, ("", ""))[1]


def _features(record: Any) -> str:
    return shown(", ".join(record.features))


def _feature_count(record: Any) -> int | None:
    return len(record.features) or None


def _base_model(record: Any) -> str:
    return shown(record.base_model_name or record.base_model_id)


def _prompt(record: Any) -> str:
    return shown(record.prompt_name or record.prompt_id)


def _fraction(record: Any) -> str:
    return percent_text(record.dataset_fraction)


def _fraction_value(record: Any) -> int | float | None:
    return number_of(record.dataset_fraction)


def _split(record: Any) -> str:
    return split_text(record.train_test_split)


def _split_value(record: Any) -> int | float | None:
    return number_of(record.train_test_split)


def _epochs(record: Any) -> str:
    return whole_text(record.num_epochs)


def _epochs_value(record: Any) -> int | float | None:
    return number_of(record.num_epochs)


def of_base_model(record: Any) -> tuple[str | None, ...]:
    """What the filter looks through of a base model."""
    place = (record.huggingface_name, record.location, record.cml_registered_model_id)
    return (record.title, _source(record), record.description, record.framework, *place)


def of_prompt(record: Any) -> tuple[str | None, ...]:
    """What the filter looks through of a prompt."""
    templates = (record.prompt_template, record.input_template, record.completion_template)
    return (record.title, record.dataset_name, record.description, *templates)


def of_dataset(record: Any) -> tuple[str | None, ...]:
    """What the filter looks through of a dataset."""
    place = (record.huggingface_name, record.location)
    return (record.title, _dataset_kind(record), record.description, *place, *record.features)


def of_job(record: Any) -> tuple[str | None, ...]:
    """What the filter looks through of a training job."""
    linked = (record.base_model_name, record.dataset_name, record.prompt_name)
    return (record.title, record.out_dir, record.id, *linked)


_Text = Callable[[Any], str]
_WIDE = "meta-llama/Llama-2-7b-hf"


def _column(
    key: str, title: str, text: Callable[[Any], str], sample: str, **more: Any
) -> RecordColumn:
    # What stands beside the name is quieter than it.
    return RecordColumn(key, title, text, sample=sample, secondary=True, **more)


def _figure(
    key: str,
    title: str,
    text: Callable[[Any], str],
    sample: str,
    value: Callable[[Any], Any],
    **more: Any,
) -> RecordColumn:
    return RecordColumn(key, title, text, value, sample, right=True, **more)


_NAME = RecordColumn("name", "Name", title_of, elide_middle=True)

BASE_MODEL_COLUMNS = (
    _NAME,
    _column("source", "Source", _source, "Hugging Face", icon=_source_icon, leaves=1),
    _column("place", "Hub name, folder or ID", place_of, _WIDE, elide_middle=True, leaves=2),
    _figure("adapters", "Adapters", _adapters, "10,000", _adapter_count, accessible=_adapters_said),
)
PROMPT_COLUMNS = (
    _NAME,
    _column("dataset", "Dataset", _dataset, _WIDE, elide_middle=True, leaves=2),
    _column("description", "Description", _description, _WIDE, leaves=1),
)
DATASET_COLUMNS = (
    _NAME,
    _column("kind", "Kind", _dataset_kind, "JSON Lines file", icon=_dataset_icon, leaves=2),
    _column("place", "Hub name or place", place_of, _WIDE, elide_middle=True, leaves=3),
    _column("columns", "Columns", _features, "instruction, output", value=_feature_count, leaves=1),
)
JOB_COLUMNS = (
    _NAME,
    _column("base_model", "Base model", _base_model, "Llama-2-7b-hf", leaves=4),
    _column("dataset", "Dataset", _dataset, "sql-create-context", elide_middle=True, leaves=3),
    _column("prompt", "Prompt", _prompt, "Text to SQL, v3", leaves=1),
    _figure("fraction", "Data", _fraction, "100 %", _fraction_value),
    _figure("split", "Split", _split, "90/10", _split_value),
    _figure("epochs", "Epochs", _epochs, "1,000", _epochs_value, leaves=2),
)
