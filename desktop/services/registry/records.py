"""Frozen values that the registries' part of the house hands out. Text in them is a stranger's."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from desktop.services.records import Finding, FolderInspection


class RegistryKind(StrEnum):
    """What a connection leads to."""

    MLFLOW = "mlflow"
    MLFLOW_STORE = "mlflow_store"
    CLOUDERA_WORKBENCH = "cloudera_workbench"
    CLOUDERA_AI_REGISTRY = "cloudera_ai_registry"


KIND_TITLES = {
    RegistryKind.MLFLOW: "MLflow server",
    RegistryKind.MLFLOW_STORE: "MLflow store on this machine",
    RegistryKind.CLOUDERA_WORKBENCH: "Cloudera AI Workbench",
    RegistryKind.CLOUDERA_AI_REGISTRY: "Cloudera AI Registry",
}


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one registry. No secret stands in it: tokens and passwords are `Credentials`.

    id: 32 hex digits, "" = not stored. name: the person's word for it. url: an endpoint in normal
    form; for MLFLOW_STORE the path of an `mlruns` folder or of an MLflow SQLite file. user: for
    user and password, "" = a token, or nothing. ca_file: a file of certificates that are trusted
    for this server besides those of the system, "" = none. plain_http: the person agreed to it.
    """

    kind: RegistryKind
    url: str
    name: str = ""
    id: str = ""
    user: str = ""
    ca_file: str = ""
    plain_http: bool = False

    @property
    def title(self) -> str:
        """What to call it on screen."""
        return self.name or self.url


@dataclass(frozen=True, slots=True)
class ConnectionOffer:
    """A connection that the environment of this program names. It is offered, never taken by
    itself. variable: which one; has_secret: whether a token comes with it."""

    connection: Connection
    variable: str
    has_secret: bool = False


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """One model of a registry. id: what `cml_registered_model_id` will be (MLflow: its name).
    newest: the number of its newest version, "" = none. changed: seconds since 1970."""

    id: str
    name: str
    description: str = ""
    newest: str = ""
    aliases: tuple[tuple[str, str], ...] = ()  # (alias, version)
    tags: tuple[tuple[str, str], ...] = ()
    owner: str = ""
    changed: float | None = None


@dataclass(frozen=True, slots=True)
class ModelPage:
    """Some models. cursor: for the next ones, "" = no more."""

    models: tuple[RegisteredModel, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version of a registered model.

    version: its number as people say it; version_id: the registry's own id of it, where that is
    another one (Cloudera). source: where its files are, as the registry says (`runs:/…`). status:
    "" or READY, else what the registry says. stage: MLflow's old stages. project_id: Cloudera.
    model_description: what is said of the model, whichever version it is.
    """

    model_id: str
    model_name: str
    version: str
    version_id: str = ""
    description: str = ""
    status: str = ""
    stage: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    source: str = ""
    run_id: str = ""
    experiment_id: str = ""
    project_id: str = ""
    user: str = ""
    created: float | None = None
    model_description: str = ""

    @property
    def about(self) -> str:
        """What is said of it, else of its model; "" = nothing."""
        return self.description or self.model_description


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Some versions, newest first. cursor: for the next ones, "" = no more."""

    versions: tuple[ModelVersion, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What the run that made a version logged. params and metrics: (name, text), by name."""

    run_id: str
    name: str = ""
    experiment_id: str = ""
    status: str = ""
    params: tuple[tuple[str, str], ...] = ()
    metrics: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()

    def param(self, *names: str) -> str:
        """The first of these params (or tags) that was logged, "" if none was."""
        known = {**dict(self.tags), **dict(self.params)}
        return next((known[name] for name in names if known.get(name)), "")


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """A file of a version's artifact. path: from the artifact's root, checked. size: bytes, None =
    not said. where: how the backend fetches it; nobody else reads it."""

    path: str
    size: int | None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Artifact:
    """The files of a version, as far as they may be listed.

    files: all of them; skipped: names that no folder should hold. adapters: the folders in it that
    hold an adapter_config.json, shallowest first, "" = its root.
    """

    files: tuple[ArtifactFile, ...]
    skipped: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobOffer:
    """Figures of a run that can become a training job's record; None = not logged."""

    dataset_fraction: float | None = None
    train_test_split: float | None = None
    num_epochs: int | None = None
    learning_rate: float | None = None
    dataset: str = ""

    @property
    def is_worth_it(self) -> bool:
        """Whether there is a figure of the dataset split in it."""
        return self.dataset_fraction is not None or self.train_test_split is not None


@dataclass(frozen=True, slots=True)
class RegistryPreview:
    """What can be known before the fetch.

    folder: where in the artifact the adapter lies. inspection: as of a local folder; None where the
    registry hands out nothing but whole archives. base_model: named by the config, else by the
    run's params or tags, "" = nobody names one. findings: errors first; field
    `cml_registered_model_id` for what is to be said of the registry's side.
    """

    connection: Connection
    version: ModelVersion
    run: RunInfo | None = None
    artifact: Artifact | None = None
    folder: str = ""
    inspection: FolderInspection | None = None
    base_model: str = ""
    job: JobOffer = field(default_factory=JobOffer)
    findings: tuple[Finding, ...] = ()
    needed_bytes: int | None = None
    newest: str = ""
