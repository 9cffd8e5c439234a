"""What the tables of records show in a cell, sort it by, and search: functions of one record."""

from __future__ import annotations

from typing import Any

from desktop.models.record_table import RecordColumn
from desktop.services.records import AdapterType
from desktop.views.records.figures import number_text, percent_text, split_text

SOURCES = {
    AdapterType.HUGGINGFACE.value: ("Hugging Face", "cloud"),
    AdapterType.PROJECT.value: ("Local folder", "folder"),
    AdapterType.MODEL_REGISTRY.value: ("Registry", "cylinder"),
}
"""What the types of a base model are called, and their icons."""

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


def place_of(record: Any) -> str | None:
    """Where a base model or dataset is: what its type asks for first, else whatever is given."""
    given = {
        _HUB: record.huggingface_name,
        _FOLDER: record.location,
        _REGISTRY: getattr(record, "cml_registered_model_id", None),
    }
    own = _FOLDER if str(record.type).startswith(_FOLDER) else record.type
    return given.get(own) or next((value for value in given.values() if value), None)


def _text(value: Any) -> str | None:
    # A foreign catalogue may hold a number where text belongs.
    return str(value) if value else None


def _title(record: Any) -> str:
    return str(record.title)


def _source(record: Any) -> str | None:
    return SOURCES.get(record.type, (_text(record.type), ""))[0]


def _source_icon(record: Any) -> str:
    return SOURCES.get(record.type, ("", ""))[1]


def _adapters(record: Any) -> str:
    return f"{record.adapter_count:,}"


def _adapter_count(record: Any) -> int:
    return int(record.adapter_count)


def _adapters_said(record: Any) -> str:
    return f"{record.adapter_count:,} adapter{'' if record.adapter_count == 1 else 's'}"


def _dataset(record: Any) -> str | None:
    return _text(record.dataset_name or record.dataset_id)


def _description(record: Any) -> str | None:
    return _text(record.description)


def _dataset_kind(record: Any) -> str | None:
    return DATASET_KINDS.get(record.type, (_text(record.type), ""))[0]


def _dataset_icon(record: Any) -> str:
    return DATASET_KINDS.get(record.type, ("", ""))[1]


def _features(record: Any) -> str:
    return ", ".join(record.features)


def _feature_count(record: Any) -> int | None:
    return len(record.features) or None


def _base_model(record: Any) -> str | None:
    return _text(record.base_model_name or record.base_model_id)


def _prompt(record: Any) -> str | None:
    return _text(record.prompt_name or record.prompt_id)


def _fraction(record: Any) -> str:
    return percent_text(record.dataset_fraction)


def _fraction_value(record: Any) -> float | None:
    value = record.dataset_fraction
    return None if value is None else float(value)


def _split(record: Any) -> str:
    return split_text(record.train_test_split)


def _split_value(record: Any) -> float | None:
    value = record.train_test_split
    return None if value is None else float(value)


def _epochs(record: Any) -> str:
    return number_text(record.num_epochs)


def _epochs_value(record: Any) -> float | None:
    return None if record.num_epochs is None else float(record.num_epochs)


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


_NAME = RecordColumn("name", "Name", _title, elide_middle=True)
_TEXT = "meta-llama/Llama-2-7b-hf"

BASE_MODEL_COLUMNS = (
    _NAME,
    RecordColumn(
        "source", "Source", _source, None, "Hugging Face", icon=_source_icon, secondary=True
    ),
    RecordColumn(
        "place",
        "Hub name, folder or ID",
        place_of,
        None,
        _TEXT,
        elide_middle=True,
        secondary=True,
    ),
    RecordColumn(
        "adapters",
        "Adapters",
        _adapters,
        _adapter_count,
        "10,000",
        right=True,
        accessible=_adapters_said,
    ),
)
PROMPT_COLUMNS = (
    _NAME,
    RecordColumn("dataset", "Dataset", _dataset, None, _TEXT, elide_middle=True, secondary=True),
    RecordColumn("description", "Description", _description, None, _TEXT, secondary=True),
)
DATASET_COLUMNS = (
    _NAME,
    RecordColumn(
        "kind",
        "Kind",
        _dataset_kind,
        None,
        "JSON Lines file",
        icon=_dataset_icon,
        secondary=True,
    ),
    RecordColumn(
        "place", "Hub name or place", place_of, None, _TEXT, elide_middle=True, secondary=True
    ),
    RecordColumn(
        "columns", "Columns", _features, _feature_count, "instruction, output", secondary=True
    ),
)
JOB_COLUMNS = (
    _NAME,
    RecordColumn("base_model", "Base model", _base_model, None, "Llama-2-7b-hf", secondary=True),
    RecordColumn(
        "dataset",
        "Dataset",
        _dataset,
        None,
        "sql-create-context",
        elide_middle=True,
        secondary=True,
    ),
    RecordColumn("prompt", "Prompt", _prompt, None, "Text to SQL, v3", secondary=True),
    RecordColumn("fraction", "Data", _fraction, _fraction_value, "100 %", right=True),
    RecordColumn("split", "Split", _split, _split_value, "90/10", right=True),
    RecordColumn("epochs", "Epochs", _epochs, _epochs_value, "1000", right=True),
)
