"""Frozen values that travel between layers. No Qt, no SQL, nothing slow to import."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import NamedTuple

from desktop.services.findings import (
    SEVERITY_ORDER as SEVERITY_ORDER,
)
from desktop.services.findings import (
    Finding as Finding,
)
from desktop.services.findings import (
    Severity as Severity,
)
from desktop.services.findings import (
    blocks as blocks,
)
from desktop.services.findings import (
    errors_first as errors_first,
)
from desktop.services.kinds import (
    TRAINING_DEFAULT_DATASET_FRACTION as TRAINING_DEFAULT_DATASET_FRACTION,
)
from desktop.services.kinds import (
    TRAINING_DEFAULT_TRAIN_TEST_SPLIT as TRAINING_DEFAULT_TRAIN_TEST_SPLIT,
)
from desktop.services.kinds import (
    AdapterType as AdapterType,
)
from desktop.services.kinds import (
    FolderState as FolderState,
)
from desktop.services.library_row import (
    LibraryRow as LibraryRow,
)
from desktop.services.library_row import (
    Row as Row,
)
from desktop.services.library_row import (
    tags_of as tags_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAdapterRequest:
    """What a person asks for when adding an adapter. Empty string or None = not given."""

    type: str | None = None
    name: str | None = None
    description: str | None = None
    model_id: str | None = None
    location: str | None = None
    huggingface_name: str | None = None
    fine_tuning_job_id: str | None = None
    prompt_id: str | None = None
    cml_registered_model_id: str | None = None
    mlflow_experiment_id: str | None = None
    mlflow_run_id: str | None = None


ADAPTER_FIELDS = tuple(f.name for f in fields(AddAdapterRequest))
"""The request's fields, in the order of the design."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBaseModelRequest:
    """A base model to add. `project` needs location, `huggingface` huggingface_name,
    `model_registry` cml_registered_model_id; the name is taken from these if it is not given."""

    type: str | None = None
    name: str | None = None
    huggingface_name: str | None = None
    location: str | None = None
    cml_registered_model_id: str | None = None
    framework: str | None = None
    description: str | None = None
    mlflow_experiment_id: str | None = None
    mlflow_run_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDatasetRequest:
    """A dataset to add by hand. features: column names."""

    type: str | None = "huggingface"
    name: str | None = None
    description: str | None = None
    huggingface_name: str | None = None
    location: str | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPromptRequest:
    """A prompt to add by hand."""

    type: str | None = "in_place"
    name: str | None = None
    description: str | None = None
    dataset_id: str | None = None
    prompt_template: str | None = None
    input_template: str | None = None
    completion_template: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddJobRequest:
    """A fine-tuning job to add by hand, so that a split can be recorded.

    dataset_fraction and train_test_split: 0 < figure <= 1, None = not recorded.
    """

    adapter_name: str | None = None
    base_model_id: str | None = None
    dataset_id: str | None = None
    prompt_id: str | None = None
    out_dir: str | None = None
    dataset_fraction: float | None = None
    train_test_split: float | None = None
    num_epochs: int | None = None
    learning_rate: float | None = None


@dataclass(frozen=True, slots=True)
class DatasetSplit:
    """Which part of the dataset an adapter was trained on.

    dataset_fraction: part of the whole dataset that was used, 0 to 1.
    train_test_split: part of what was used that went into training, 0 to 1.
    `…_recorded` is False where the figure is the training default.
    """

    dataset_fraction: float = TRAINING_DEFAULT_DATASET_FRACTION
    train_test_split: float = TRAINING_DEFAULT_TRAIN_TEST_SPLIT
    dataset_fraction_recorded: bool = False
    train_test_split_recorded: bool = False
    job_id: str | None = None
    job_name: str | None = None
    dataset_name: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def dataset_fraction_source(self) -> str:
        """`recorded` or `assumed`."""
        return "recorded" if self.dataset_fraction_recorded else "assumed"

    @property
    def train_test_split_source(self) -> str:
        """`recorded` or `assumed`."""
        return "recorded" if self.train_test_split_recorded else "assumed"

    @property
    def recorded(self) -> bool:
        """Whether at least one figure comes from a job."""
        return self.dataset_fraction_recorded or self.train_test_split_recorded

    @property
    def drawable(self) -> bool:
        """Whether both figures are fractions of a whole."""
        return 0 <= self.dataset_fraction <= 1 and 0 <= self.train_test_split <= 1

    @property
    def parts(self) -> tuple[float, float, float]:
        """(train, test, not used) as parts of the whole dataset; they add up to 1."""
        train = self.dataset_fraction * self.train_test_split
        return train, self.dataset_fraction - train, 1 - self.dataset_fraction


class FileKind(StrEnum):
    """What a file in an adapter folder is there for."""

    CONFIG = "config"
    WEIGHTS = "weights"
    CARD = "card"
    TOKENIZER = "tokenizer"
    TRAINING = "training"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FolderFile:
    """One regular file directly in an adapter folder. size in bytes; note: why it is remarkable."""

    name: str
    size: int
    kind: FileKind
    note: str = ""


class TensorInfo(NamedTuple):
    """One tensor of a safetensors header."""

    name: str
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FolderInspection:
    """What is in one adapter folder, read without torch and without running anything.

    Figures are None where they can't be known (never 0). target_modules is sorted; a regex is
    one entry and target_is_regex. size_bytes: the weights file; fingerprint: changes when config or
    weights change (names, sizes, mtime_ns). `variant` is how people call it: LoRA, DoRA, rsLoRA …
    content_id: sha256 over the tensors' names, types and shapes and samples of their bytes, the
    same wherever the folder lies.
    """

    path: str
    fingerprint: str = ""
    peft_type: str | None = None
    variant: str | None = None
    task_type: str | None = None
    base_model_name: str | None = None
    base_model_revision: str | None = None
    rank: int | None = None
    alpha: float | None = None
    scaling: float | None = None
    target_modules: tuple[str, ...] = ()
    target_is_regex: bool = False
    parameters: int | None = None
    tensor_count: int | None = None
    dtypes: tuple[str, ...] = ()
    size_bytes: int | None = None
    weights_file: str | None = None
    tensor_widths: tuple[tuple[str, int, int], ...] = ()
    layer_count: int | None = None
    training_bytes: int = 0
    content_id: str = ""
    files: tuple[FolderFile, ...] = ()
    config_text: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an adapter was fetched from.

    server: the address of the hub or registry. name: what it is called there. revision: what was
    asked for (a branch, a tag, an alias; "" = the usual one), version: what that was then (a
    commit, a version's number). newest: what it was when the server was last asked, at `asked_at`
    (seconds since 1970); None = not asked yet.
    """

    server: str = ""
    name: str = ""
    revision: str = ""
    subfolder: str = ""
    version: str = ""
    newest: str | None = None
    asked_at: float | None = None
    details: tuple[tuple[str, str], ...] = ()

    @property
    def is_behind(self) -> bool:
        """Whether the server has a newer version of it."""
        return bool(self.newest and self.newest != self.version)


@dataclass(frozen=True, slots=True)
class AdapterRecord:
    """One row of the catalogue, with what Lorarium knows about its folder."""

    id: str
    type: str
    name: str
    description: str | None = None
    huggingface_name: str | None = None
    model_id: str | None = None
    location: str | None = None
    fine_tuning_job_id: str | None = None
    prompt_id: str | None = None
    cml_registered_model_id: str | None = None
    mlflow_experiment_id: str | None = None
    mlflow_run_id: str | None = None
    path: str | None = None
    managed: bool = False
    added_at: float | None = None
    state: FolderState = FolderState.UNKNOWN
    base_model_name: str | None = None
    revision: str | None = None
    origin: Origin | None = None
    favourite: bool = False
    tags: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True)
class BaseModelRecord:
    """A base model an adapter can belong to."""

    id: str
    type: str | None = None
    framework: str | None = None
    name: str | None = None
    description: str | None = None
    huggingface_name: str | None = None
    location: str | None = None
    cml_registered_model_id: str | None = None
    mlflow_experiment_id: str | None = None
    mlflow_run_id: str | None = None
    adapter_count: int = 0

    @property
    def title(self) -> str:
        """The name to show: name, Hub name, folder, registry id, whichever is there first."""
        return (
            self.name
            or self.huggingface_name
            or self.location
            or self.cml_registered_model_id
            or self.id
        )


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """A dataset that prompts and jobs refer to."""

    id: str
    type: str | None = None
    name: str | None = None
    description: str | None = None
    huggingface_name: str | None = None
    location: str | None = None
    features: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name to show."""
        return self.name or self.huggingface_name or self.location or self.id


@dataclass(frozen=True, slots=True)
class PromptRecord:
    """A prompt with its templates."""

    id: str
    type: str | None = None
    name: str | None = None
    description: str | None = None
    dataset_id: str | None = None
    prompt_template: str | None = None
    input_template: str | None = None
    completion_template: str | None = None
    dataset_name: str | None = None

    @property
    def title(self) -> str:
        """The name to show."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A fine-tuning job. `title`: its adapter_name, else the last part of out_dir, else its id."""

    id: str
    adapter_name: str | None = None
    base_model_id: str | None = None
    dataset_id: str | None = None
    prompt_id: str | None = None
    adapter_id: str | None = None
    out_dir: str | None = None
    dataset_fraction: float | None = None
    train_test_split: float | None = None
    num_epochs: int | None = None
    learning_rate: float | None = None
    framework_type: str | None = None
    base_model_name: str | None = None
    dataset_name: str | None = None
    prompt_name: str | None = None
    extra: tuple[tuple[str, str], ...] = field(default=())

    @property
    def title(self) -> str:
        """The name to show."""
        if self.adapter_name:
            return self.adapter_name
        last = (self.out_dir or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
        return last or self.id
