"""The catalogue's tables: six shared with Fine Tuning Studio by exact name, ours beside them.

Names, types and nullability of the shared tables are an interface (see docs/architecture.md,
"The catalogue"): every column is nullable except `id`. The tables named `lorarium_…` are ours
alone and refer to adapters by id without a foreign key, so that a studio can delete its rows.
"""

from __future__ import annotations

from typing import Any, Self

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SHARED_TABLES = ("models", "datasets", "prompts", "configs", "adapters", "fine_tuning_jobs")


class MappedDict:
    """Turn an ORM object into a dict of its given fields, and back."""

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> Self:
        """An object with the fields of `d`; None is not given.

        Raises:
            ValueError: `d` has a key that is not a column.
        """
        columns = cls.__table__.columns.keys()  # type: ignore[attr-defined]
        unknown = sorted(set(d) - set(columns))
        if unknown:
            raise ValueError(f"{cls.__name__} has no column {', '.join(unknown)}.")
        return cls(**{key: value for key, value in d.items() if value is not None})

    def to_dict(self) -> dict[str, Any]:
        """The fields that are not None."""
        columns = self.__table__.columns.keys()  # type: ignore[attr-defined]
        values = ((key, getattr(self, key)) for key in columns)
        return {key: value for key, value in values if value is not None}


class MappedProtobuf:
    """Turn an ORM object into a protobuf message of the same field names, and back."""

    @classmethod
    def from_message(cls, message: Any) -> Self:
        """An object with the message's fields. What proto3 can't tell from "unset" (an empty
        string, a zero) is not given; fields without a column are skipped."""
        columns = set(cls.__table__.columns.keys())  # type: ignore[attr-defined]
        given = {field.name: value for field, value in message.ListFields()}
        return cls(**{key: value for key, value in given.items() if key in columns})

    def to_protobuf(self, message_class: Any) -> Any:
        """A message with every field that is not None and that the message knows."""
        known = message_class.DESCRIPTOR.fields_by_name
        columns = self.__table__.columns.keys()  # type: ignore[attr-defined]
        values = ((key, getattr(self, key)) for key in columns if key in known)
        return message_class(**{key: value for key, value in values if value is not None})


class Base(DeclarativeBase, MappedDict, MappedProtobuf):
    """What every shared table has in common."""

    metadata = MetaData()


def _text() -> Mapped[str | None]:
    return mapped_column(Text)


def _string() -> Mapped[str | None]:
    return mapped_column(String)


def _reference(target: str, **options: Any) -> Mapped[str | None]:
    return mapped_column(String, ForeignKey(target, **options))


class BaseModel(Base):
    """An LLM that adapters belong to."""

    __tablename__ = "models"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    type: Mapped[str | None] = _string()
    framework: Mapped[str | None] = _string()
    name: Mapped[str | None] = _string()
    description: Mapped[str | None] = _string()
    huggingface_model_name: Mapped[str | None] = _string()
    location: Mapped[str | None] = _string()
    cml_registered_model_id: Mapped[str | None] = _string()
    mlflow_experiment_id: Mapped[str | None] = _string()
    mlflow_run_id: Mapped[str | None] = _string()


class Dataset(Base):
    """A dataset; `features` is a JSON list of column names."""

    __tablename__ = "datasets"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    type: Mapped[str | None] = _string()
    name: Mapped[str | None] = _string()
    description: Mapped[str | None] = _text()
    huggingface_name: Mapped[str | None] = _string()
    location: Mapped[str | None] = _text()
    features: Mapped[str | None] = _text()


class Prompt(Base):
    """A prompt and its templates."""

    __tablename__ = "prompts"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    type: Mapped[str | None] = _string()
    name: Mapped[str | None] = _string()
    description: Mapped[str | None] = _string()
    dataset_id: Mapped[str | None] = _reference("datasets.id")
    prompt_template: Mapped[str | None] = _string()
    input_template: Mapped[str | None] = _string()
    completion_template: Mapped[str | None] = _string()


class Config(Base):
    """A stored configuration of the studio; `config` is JSON."""

    __tablename__ = "configs"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    type: Mapped[str | None] = _string()
    description: Mapped[str | None] = _string()
    config: Mapped[str | None] = _text()
    model_family: Mapped[str | None] = _string()
    is_default: Mapped[int | None] = mapped_column(Integer, default=1)


class Adapter(Base):
    """A PEFT adapter."""

    __tablename__ = "adapters"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    type: Mapped[str | None] = _string()
    name: Mapped[str | None] = _string()
    description: Mapped[str | None] = _string()
    huggingface_name: Mapped[str | None] = _string()
    model_id: Mapped[str | None] = _reference("models.id")
    location: Mapped[str | None] = _text()
    # Adapters and jobs refer to each other: one of the two keys has to come after both tables.
    fine_tuning_job_id: Mapped[str | None] = _reference(
        "fine_tuning_jobs.id", use_alter=True, name="adapters_fine_tuning_job_id_fkey"
    )
    prompt_id: Mapped[str | None] = _reference("prompts.id")
    cml_registered_model_id: Mapped[str | None] = _string()
    mlflow_experiment_id: Mapped[str | None] = _string()
    mlflow_run_id: Mapped[str | None] = _string()


class FineTuningJob(Base):
    """A training job. Its adapter_name is the name that its adapter gets."""

    __tablename__ = "fine_tuning_jobs"
    id: Mapped[str] = mapped_column(String, primary_key=True)
    base_model_id: Mapped[str | None] = _reference("models.id")
    dataset_id: Mapped[str | None] = _reference("datasets.id")
    prompt_id: Mapped[str | None] = _reference("prompts.id")
    num_workers: Mapped[int | None] = mapped_column(Integer)
    cml_job_id: Mapped[str | None] = _string()
    adapter_id: Mapped[str | None] = _reference("adapters.id")
    num_cpu: Mapped[int | None] = mapped_column(Integer)
    num_gpu: Mapped[int | None] = mapped_column(Integer)
    num_memory: Mapped[int | None] = mapped_column(Integer)
    num_epochs: Mapped[int | None] = mapped_column(Integer)
    learning_rate: Mapped[float | None] = mapped_column(Double)
    out_dir: Mapped[str | None] = _string()
    training_arguments_config_id: Mapped[str | None] = _reference("configs.id")
    model_bnb_config_id: Mapped[str | None] = _reference("configs.id")
    adapter_bnb_config_id: Mapped[str | None] = _reference("configs.id")
    lora_config_id: Mapped[str | None] = _reference("configs.id")
    training_arguments_config: Mapped[str | None] = _string()
    model_bnb_config: Mapped[str | None] = _string()
    adapter_bnb_config: Mapped[str | None] = _string()
    lora_config: Mapped[str | None] = _string()
    dataset_fraction: Mapped[float | None] = mapped_column(Double)
    train_test_split: Mapped[float | None] = mapped_column(Double)
    user_script: Mapped[str | None] = _string()
    user_config_id: Mapped[str | None] = _reference("configs.id")
    framework_type: Mapped[str | None] = _string()
    axolotl_config_id: Mapped[str | None] = _reference("configs.id")
    gpu_label_id: Mapped[int | None] = mapped_column(Integer)
    adapter_name: Mapped[str | None] = _string()


# Only in catalogues that we create: a foreign one may hold twins already.
UNIQUE_NAME = Index("lorarium_adapters_name", Adapter.__table__.c.name, unique=True)
Adapter.__table__.indexes.discard(UNIQUE_NAME)  # type: ignore[attr-defined]

ours = MetaData()

meta = Table(
    "lorarium_meta",
    ours,
    Column("key", String, primary_key=True),
    Column("value", Text),
)

folders = Table(
    # What was seen in an adapter's folder when it was last looked at, and whether it is ours.
    "lorarium_adapters",
    ours,
    Column("adapter_id", String, primary_key=True),
    Column("managed", Integer, nullable=False, server_default="0"),
    Column("added_at", Double),  # seconds since 1970
    Column("checked_at", Double),
    Column("state", String, nullable=False, server_default="unknown"),
    Column("fingerprint", Text),
    Column("peft_type", String),
    Column("variant", String),
    Column("rank", BigInteger),
    Column("parameters", BigInteger),
    Column("tensor_count", BigInteger),
    Column("size_bytes", BigInteger),
    Column("content_id", String),  # the same for adapters that are the same, wherever they lie
    Column("errors", Integer, nullable=False, server_default="0"),
    Column("warnings", Integer, nullable=False, server_default="0"),
    Column("notes", Integer, nullable=False, server_default="0"),
    Column("inspection", Text),  # a FolderInspection as JSON, without its findings
    Column("findings", Text),  # what the last check said: a list of Finding as JSON
    Column("files", Text),  # managed folders: {name: sha256} as JSON
    Column("revision", String),  # the commit or version it was fetched from
)

origins = Table(
    # Where an adapter was fetched from, so that it can be asked whether there is a newer one.
    "lorarium_origins",
    ours,
    Column("adapter_id", String, primary_key=True),
    Column("server", Text),  # the address of the hub or registry
    Column("name", Text),  # what it is called there
    Column("revision", Text),  # what was asked for: a branch, a tag, an alias
    Column("subfolder", Text),
    Column("version", Text),  # what that was: a commit, a version's number
    Column("newest", Text),  # what it was when the server was last asked
    Column("asked_at", Double),  # seconds since 1970
    Column("details", Text),  # what only this kind of server knows, as JSON
)

marks = Table(
    # What a person says of an adapter: favourite, tags, notes.
    "lorarium_marks",
    ours,
    Column("adapter_id", String, primary_key=True),
    Column("favourite", Integer, nullable=False, server_default="0"),
    Column("tags", Text),  # one a line, sorted without regard to case; NULL = none
    Column("notes", Text),
    # The table is read along with every row of the library: one look for each, not two.
    sqlite_with_rowid=False,
)

history = Table(
    "lorarium_history",
    ours,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("author", String, nullable=False),
    Column("label", String, nullable=False),
    Column("state", String, nullable=False),  # done or undone
    Column("created_at", Double, nullable=False),
    Column("changes", Text, nullable=False),  # JSON, see history.py
    sqlite_autoincrement=True,
)

Index("lorarium_history_author", history.c.author, history.c.seq)

# evaluation_jobs belongs to the studio alone: never created, its adapter_id kept consistent.
evaluation_jobs = Table(
    "evaluation_jobs",
    MetaData(),
    Column("id", String, primary_key=True),
    Column("type", String),
    Column("base_model_id", String),
    Column("dataset_id", String),
    Column("prompt_id", String),
    Column("adapter_id", String),
    Column("evaluation_dir", String),
)

TABLES: dict[str, Table] = {
    **{name: Base.metadata.tables[name] for name in SHARED_TABLES},
    meta.name: meta,
    folders.name: folders,
    origins.name: origins,
    marks.name: marks,
    history.name: history,
    evaluation_jobs.name: evaluation_jobs,
}
"""Every table that Lorarium reads or writes, by name."""

OF_ADAPTERS = frozenset({"adapters", folders.name, origins.name, marks.name})
"""The tables whose rows stand in the big table, by the adapter's id."""
