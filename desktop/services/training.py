"""Prompts, datasets and fine-tuning jobs that an adapter can be linked to."""

from __future__ import annotations

import json
import math
import uuid
from dataclasses import fields, replace
from typing import Any, Protocol, TypeVar

from sqlalchemy import Table

from desktop.services.base_models import is_hub_name, refuse_if_used
from desktop.services.catalog import store
from desktop.services.catalog.engine import Catalog
from desktop.services.errors import NotFoundError, ValidationError
from desktop.services.records import (
    AddDatasetRequest,
    AddJobRequest,
    AddPromptRequest,
    DatasetRecord,
    Finding,
    JobRecord,
    PromptRecord,
    blocks,
)
from desktop.services.validation import TEXT_LIMIT, clean_name, error, text_findings


class _Record(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Record)
DATASET_TYPES = ("huggingface", "project", "project_csv", "project_json", "project_jsonl")
_LONG = {
    "description",
    "prompt_template",
    "input_template",
    "completion_template",
}
_WORDS = {
    "dataset_id": (store.DATASETS, "dataset"),
    "prompt_id": (store.PROMPTS, "prompt"),
    "base_model_id": (store.MODELS, "base model"),
}


class Training:
    """The prompts, datasets and jobs of one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    # -- datasets --------------------------------------------------------------------------

    def list_datasets(self) -> list[DatasetRecord]:
        """Every dataset, by title."""
        with self._catalog.read() as connection:
            rows = store.all_of(self._catalog, connection, store.DATASETS)
        records = [store.dataset_record(row) for row in rows]
        return sorted(records, key=lambda record: (record.title.casefold(), record.id))

    def get_dataset(self, dataset_id: str) -> DatasetRecord:
        """One dataset; NotFoundError where there is none."""
        return _one(self.list_datasets(), dataset_id, "dataset")

    def validate_dataset(self, request: AddDatasetRequest) -> tuple[Finding, ...]:
        """What adding this dataset would say."""
        request = _clean(request)
        found = self._texts(request)
        if request.type not in DATASET_TYPES:
            found.append(
                error(
                    "type",
                    "unknown_type",
                    "This kind of dataset is not known.",
                    f"It is one of {', '.join(DATASET_TYPES)}.",
                )
            )
        elif request.type == "huggingface" and not request.huggingface_name:
            found.append(
                error(
                    "huggingface_name",
                    "required",
                    "A dataset from the Hub needs its Hub name.",
                    "It looks like “org/name”.",
                )
            )
        elif request.type != "huggingface" and not request.location:
            found.append(error("location", "required", "This dataset needs its file or folder."))
        if request.huggingface_name and not is_hub_name(request.huggingface_name):
            found.append(
                error(
                    "huggingface_name",
                    "hub_name",
                    "This is not a name of the Hub.",
                    "It looks like “org/name”: letters, digits, dots, dashes, underscores.",
                )
            )
        return tuple(found)

    def add_dataset(self, request: AddDatasetRequest) -> DatasetRecord:
        """Add a dataset. Raises ValidationError with every finding."""
        _refuse(self.validate_dataset(request))
        request = _clean(request)
        values = _values(request)
        values["features"] = json.dumps(list(request.features)) if request.features else None
        values["name"] = request.name or request.huggingface_name or request.location
        return self.get_dataset(self._insert(store.DATASETS, values, "dataset"))

    def update_dataset(self, dataset_id: str, **changes: Any) -> DatasetRecord:
        """Change fields of a dataset."""
        record = self.get_dataset(dataset_id)
        request = _merged(AddDatasetRequest, record, changes)
        _refuse(self.validate_dataset(request), changes)
        values = {k: v for k, v in _values(request).items() if k in changes}
        if "features" in changes:
            values["features"] = json.dumps(list(request.features)) if request.features else None
        self._update(store.DATASETS, dataset_id, values, "dataset", record.title)
        return self.get_dataset(dataset_id)

    def remove_dataset(self, dataset_id: str) -> None:
        """Remove a dataset that nothing needs; InUseError names who does."""
        record = self.get_dataset(dataset_id)
        self._delete(store.DATASETS, dataset_id, "dataset", record.title)

    # -- prompts ---------------------------------------------------------------------------

    def list_prompts(self) -> list[PromptRecord]:
        """Every prompt, by title."""
        with self._catalog.read() as connection:
            titles = store.titles(self._catalog, connection)
            rows = store.all_of(self._catalog, connection, store.PROMPTS)
        records = [store.prompt_record(r, titles.get(r.get("dataset_id") or "")) for r in rows]
        return sorted(records, key=lambda record: (record.title.casefold(), record.id))

    def get_prompt(self, prompt_id: str) -> PromptRecord:
        """One prompt; NotFoundError where there is none."""
        return _one(self.list_prompts(), prompt_id, "prompt")

    def validate_prompt(self, request: AddPromptRequest) -> tuple[Finding, ...]:
        """What adding this prompt would say."""
        request = _clean(request)
        found = self._texts(request) + self._references(request)
        if not request.name:
            found.append(error("name", "required", "The prompt needs a name."))
        return tuple(found)

    def add_prompt(self, request: AddPromptRequest) -> PromptRecord:
        """Add a prompt. Raises ValidationError with every finding."""
        _refuse(self.validate_prompt(request))
        values = _values(_clean(request))
        values["type"] = values["type"] or "in_place"
        return self.get_prompt(self._insert(store.PROMPTS, values, "prompt"))

    def update_prompt(self, prompt_id: str, **changes: Any) -> PromptRecord:
        """Change fields of a prompt."""
        record = self.get_prompt(prompt_id)
        request = _merged(AddPromptRequest, record, changes)
        _refuse(self.validate_prompt(request), changes)
        values = {k: v for k, v in _values(request).items() if k in changes}
        self._update(store.PROMPTS, prompt_id, values, "prompt", record.title)
        return self.get_prompt(prompt_id)

    def remove_prompt(self, prompt_id: str) -> None:
        """Remove a prompt that nothing needs; InUseError names who does."""
        record = self.get_prompt(prompt_id)
        self._delete(store.PROMPTS, prompt_id, "prompt", record.title)

    # -- jobs ------------------------------------------------------------------------------

    def list_jobs(self) -> list[JobRecord]:
        """Every fine-tuning job, by title."""
        with self._catalog.read() as connection:
            titles = store.titles(self._catalog, connection)
            rows = store.each_of(self._catalog, connection, store.JOBS)
            records = [store.job_record(row, titles) for row in rows]
        return sorted(records, key=lambda record: (record.title.casefold(), record.id))

    def get_job(self, job_id: str) -> JobRecord:
        """One fine-tuning job; NotFoundError where there is none."""
        return _one(self.list_jobs(), job_id, "training job")

    def validate_job(self, request: AddJobRequest) -> tuple[Finding, ...]:
        """What adding this job would say. Figures: 0 < figure <= 1, not given = not recorded."""
        request = _clean(request)
        found = self._texts(request) + self._references(request)
        figures = (
            ("dataset_fraction", "dataset fraction", request.dataset_fraction),
            ("train_test_split", "train/test split", request.train_test_split),
        )
        for field, word, figure in figures:
            if figure is not None and not (_is_number(figure) and 0 < figure <= 1):
                found.append(
                    error(
                        field,
                        "out_of_range",
                        f"The {word} is a part of a whole: above 0, at most 1.",
                        "Write 0.8 for 80 %.",
                    )
                )
        epochs: Any = request.num_epochs
        if epochs is not None and not (
            isinstance(epochs, int) and not isinstance(epochs, bool) and 0 < epochs < 2**31
        ):
            found.append(error("num_epochs", "out_of_range", "The epochs are a count above 0."))
        if request.learning_rate is not None and not (
            _is_number(request.learning_rate) and request.learning_rate > 0
        ):
            found.append(
                error("learning_rate", "out_of_range", "The learning rate is a number above 0.")
            )
        return tuple(found)

    def add_job(self, request: AddJobRequest) -> JobRecord:
        """Add a job by hand, to record how an adapter was trained."""
        _refuse(self.validate_job(request))
        values = _values(_clean(request)) | {"framework_type": "legacy"}
        if not self._catalog.has("fine_tuning_jobs", "framework_type"):
            del values["framework_type"]
        return self.get_job(self._insert(store.JOBS, values, "training job"))

    def update_job(self, job_id: str, **changes: Any) -> JobRecord:
        """Change fields of a job."""
        record = self.get_job(job_id)
        request = _merged(AddJobRequest, record, changes)
        _refuse(self.validate_job(request), changes)
        values = {k: v for k, v in _values(request).items() if k in changes}
        self._update(store.JOBS, job_id, values, "training job", record.title)
        return self.get_job(job_id)

    def remove_job(self, job_id: str) -> None:
        """Remove a job that nothing needs; InUseError names who does."""
        record = self.get_job(job_id)
        self._delete(store.JOBS, job_id, "training job", record.title)

    def users(self, table: str, key: str) -> list[tuple[str, str, str]]:
        """What refers to a record: (kind, id, name); table and kinds are the tables' names."""
        with self._catalog.read() as connection:
            return store.users(self._catalog, connection, table, key)

    # -- shared ----------------------------------------------------------------------------

    def _texts(self, request: Any) -> list[Finding]:
        found: list[Finding] = []
        for spec in fields(request):
            value = getattr(request, spec.name)
            if isinstance(value, str):
                limit = TEXT_LIMIT if spec.name in _LONG else 4096
                found += text_findings(spec.name, value, limit=limit)
            elif isinstance(value, tuple):
                odd = [f for item in value for f in text_findings(spec.name, str(item))]
                found += odd[:1]
        return found

    def _references(self, request: Any) -> list[Finding]:
        found = []
        with self._catalog.read() as connection:
            for field, (table, word) in _WORDS.items():
                key = getattr(request, field, None)
                if key and self._catalog.row(connection, table, key) is None:
                    found.append(
                        error(
                            field,
                            "unknown",
                            f"This {word} is not in the library.",
                            "Choose another one, or leave it empty.",
                        )
                    )
        return found

    def _insert(self, table: Table, values: dict[str, Any], word: str) -> str:
        key = str(uuid.uuid4())
        with self._catalog.write(f"Add {word}") as transaction:
            transaction.insert(table, {"id": key, **values})
        return key

    def _update(
        self, table: Table, key: str, values: dict[str, Any], word: str, title: str
    ) -> None:
        with self._catalog.write(f"Change {word} “{title}”") as transaction:
            transaction.update(table, key, values)

    def _delete(self, table: Table, key: str, word: str, title: str) -> None:
        with self._catalog.write(f"Remove {word} “{title}”") as transaction:
            refuse_if_used(self._catalog, transaction, table.name, key, title)
            transaction.delete(table, key)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _one(records: list[T], key: str, word: str) -> T:
    for record in records:
        if record.id == key:
            return record
    raise NotFoundError(
        f"There is no such {word} in the library.", "It may have been removed meanwhile."
    )


def _clean(request: Any) -> Any:
    values: dict[str, Any] = {}
    for spec in fields(request):
        value = getattr(request, spec.name)
        if isinstance(value, str):
            if spec.name in ("name", "adapter_name"):
                value = clean_name(value) or None
            elif spec.name.endswith("_template"):
                # Blanks in a template are part of what the model sees.
                value = value if value.strip() else None
            else:
                value = value.strip() or None
        elif isinstance(value, list | tuple):
            value = tuple(str(item).strip() for item in value if str(item).strip())
        values[spec.name] = value
    return replace(request, **values)


def _values(request: Any) -> dict[str, Any]:
    return {spec.name: getattr(request, spec.name) for spec in fields(request)}


def _merged(kind: Any, record: Any, changes: dict[str, Any]) -> Any:
    unknown = sorted(set(changes) - {spec.name for spec in fields(kind)})
    if unknown:
        raise TypeError(f"There is no field {', '.join(unknown)} to change.")
    given = {spec.name: getattr(record, spec.name) for spec in fields(kind)}
    return _clean(kind(**(given | changes)))


def _refuse(found: tuple[Finding, ...], changed: dict[str, Any] | None = None) -> None:
    # What was wrong before an edit must not keep a person from mending something else.
    mine = tuple(f for f in found if changed is None or f.field in changed)
    if blocks(mine):
        raise ValidationError(mine)
