"""The four kinds of record as data: what a page is called, shows, searches and asks for.

One page, one editor and one reader serve all of them; what differs stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from desktop.models.record_table import RecordColumn
from desktop.services.records import (
    AdapterType,
    AddBaseModelRequest,
    AddDatasetRequest,
    AddJobRequest,
    AddPromptRequest,
)
from desktop.views.records import cells

FRAMEWORKS = (
    ("", "Not said"),
    ("pytorch", "PyTorch"),
    ("tensorflow", "TensorFlow"),
    ("onnx", "ONNX"),
)

_HUB, _FOLDER, _REGISTRY = (
    AdapterType.HUGGINGFACE.value,
    AdapterType.PROJECT.value,
    AdapterType.MODEL_REGISTRY.value,
)
_ON_DISK = ("project", "project_csv", "project_json", "project_jsonl")


@dataclass(frozen=True, slots=True)
class RecordField:
    """One field of a request, as the form asks for it.

    key: the request's field. label: with its mnemonic, which is none of the menus'. kind: text,
    long (several lines), template (several lines, fixed width), place (a path, with Browse),
    registry (an ID, with Look up), lines
    (one value a line), switch or options (one of `options`), record (one of the library's
    `records`), names (a text, with the adapters' names offered), part (percent), count or rate.
    types: shown only for these values of `type`. more: kept behind "More fields".
    """

    key: str
    label: str
    kind: str = "text"
    hint: str = ""
    optional: bool = True
    records: str = ""
    options: tuple[tuple[str, str], ...] = ()
    types: tuple[str, ...] = ()
    more: bool = False

    @property
    def title(self) -> str:
        """The label without its mnemonic."""
        return self.label.replace("&", "")


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of record and its page.

    key: the page's key, and the library's list. prefix: how the page's objectNames begin. table:
    the catalogue's. service, one: the service that keeps them, and the ending of its methods.
    """

    key: str
    prefix: str
    table: str
    service: str
    one: str
    request: type[Any]
    title: str
    noun: str
    icon: str
    empty: str
    add: str
    columns: tuple[RecordColumn, ...]
    fields: tuple[RecordField, ...]
    haystack: Callable[[Any], Iterable[str | None]]

    def field(self, key: str) -> RecordField:
        """The form's field of this key. Raises KeyError where there is none."""
        for spec in self.fields:
            if spec.key == key:
                return spec
        raise KeyError(key)


BASE_MODELS = RecordKind(
    key="base_models",
    prefix="baseModels",
    table="models",
    service="base_models",
    one="base_model",
    request=AddBaseModelRequest,
    title="Base models",
    noun="base model",
    icon="layers",
    empty="There is no base model yet.",
    add="Add base model",
    columns=cells.BASE_MODEL_COLUMNS,
    fields=(
        RecordField(
            "type",
            "Where it is",
            "switch",
            optional=False,
            options=((_HUB, "Hub"), (_FOLDER, "Folder"), (_REGISTRY, "Registry")),
        ),
        RecordField(
            "huggingface_name", "Hub na&me", hint="org/name", optional=False, types=(_HUB,)
        ),
        RecordField(
            "location",
            "F&older",
            "place",
            "The folder that holds its config.json",
            optional=False,
            types=(_FOLDER,),
        ),
        RecordField(
            "cml_registered_model_id",
            "Re&gistry ID",
            "registry",
            "name, name/3 or an ID",
            optional=False,
            types=(_REGISTRY,),
        ),
        RecordField("name", "&Name", hint="As where it is from"),
        RecordField("description", "&Description", "long"),
        RecordField("framework", "Framewor&k", "options", options=FRAMEWORKS, more=True),
        RecordField("mlflow_experiment_id", "MLflow e&xperiment ID", more=True),
        RecordField("mlflow_run_id", "MLflow &run ID", more=True),
    ),
    haystack=cells.of_base_model,
)

PROMPTS = RecordKind(
    key="prompts",
    prefix="prompts",
    table="prompts",
    service="training",
    one="prompt",
    request=AddPromptRequest,
    title="Prompts",
    noun="prompt",
    icon="prompt",
    empty="There is no prompt yet.",
    add="Add prompt",
    columns=cells.PROMPT_COLUMNS,
    fields=(
        RecordField("name", "&Name", optional=False),
        RecordField("dataset_id", "Data&set", "record", records="datasets"),
        RecordField("description", "&Description", "long"),
        RecordField("prompt_template", "&Prompt template", "template", "{instruction}"),
        RecordField("input_template", "&Input template", "template"),
        RecordField("completion_template", "&Completion template", "template"),
    ),
    haystack=cells.of_prompt,
)

DATASETS = RecordKind(
    key="datasets",
    prefix="datasets",
    table="datasets",
    service="training",
    one="dataset",
    request=AddDatasetRequest,
    title="Datasets",
    noun="dataset",
    icon="dataset",
    empty="There is no dataset yet.",
    add="Add dataset",
    columns=cells.DATASET_COLUMNS,
    fields=(
        RecordField(
            "type",
            "&Kind",
            "options",
            optional=False,
            options=tuple((key, words) for key, (words, _) in cells.DATASET_KINDS.items()),
        ),
        RecordField(
            "huggingface_name", "Hub na&me", hint="org/name", optional=False, types=("huggingface",)
        ),
        RecordField("location", "File or f&older", "place", optional=False, types=_ON_DISK),
        RecordField("name", "&Name", hint="As where it is from"),
        RecordField("description", "&Description", "long"),
        RecordField("features", "&Columns, one a line", "lines"),
    ),
    haystack=cells.of_dataset,
)

JOBS = RecordKind(
    key="jobs",
    prefix="jobs",
    table="fine_tuning_jobs",
    service="training",
    one="job",
    request=AddJobRequest,
    title="Training jobs",
    noun="training job",
    icon="job",
    empty="There is no training job yet.",
    add="Add training job",
    columns=cells.JOB_COLUMNS,
    fields=(
        RecordField("adapter_name", "&Adapter", "names", "The name of the adapter it made"),
        RecordField("base_model_id", "&Base model", "record", records="base_models"),
        RecordField("dataset_id", "Data&set", "record", records="datasets"),
        RecordField("prompt_id", "&Prompt", "record", records="prompts"),
        RecordField("dataset_fraction", "Part of the &dataset", "part", "80 %"),
        RecordField("train_test_split", "Part for &training", "part", "90 %"),
        RecordField("num_epochs", "Epo&chs", "count", "3"),
        RecordField("learning_rate", "Learnin&g rate", "rate", "0.0002"),
        RecordField("out_dir", "&Output folder", "place"),
    ),
    haystack=cells.of_job,
)

KINDS = {kind.key: kind for kind in (BASE_MODELS, PROMPTS, DATASETS, JOBS)}
"""Every kind by its key."""
KIND_OF_TABLE = {kind.table: kind.key for kind in KINDS.values()}
"""The page's key of a table's name."""
