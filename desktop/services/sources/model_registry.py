"""Import by registry ID: from MLflow, a store of MLflow on this machine, or Cloudera."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desktop.services.errors import LorariumError, NotFoundError, RemoteError, ValidationError
from desktop.services.progress import Progress
from desktop.services.records import AdapterRecord, AdapterType, Finding, Origin, Severity
from desktop.services.registry.connections import connection_of
from desktop.services.registry.records import Connection, JobOffer, ModelVersion, RegistryKind
from desktop.services.registry.registry import Registry
from desktop.services.sources.base import DESCRIBED, Ahead, Fetched, SourceField, trace_of

_SWITCHES = ("all_files", "record_job")
_NEEDS_CONNECTION = ("token", "forbidden", "address", "tls")
_GONE = "No connection to it is kept: connect this registry in the preferences, then try again."


class ModelRegistry:
    """A version of a registered model.

    Fields: `connection`, the name of a stored one, or a mapping with `kind` (a RegistryKind),
    `url` and, as needed, `token`, or `user` and `password`, `ca_file`; `cml_registered_model_id`,
    a model's ID or name (its newest version), with a version (`name/3`) or an alias
    (`name@champion`), or a `models:/…` address; `subfolder`, where in the artifact the adapter is,
    if it holds several; `all_files`, True to fetch also what only serves training; `record_job`,
    True to record the run's dataset figures as a training job.
    """

    type = AdapterType.MODEL_REGISTRY.value
    title = "Registry"
    icon = "registry"
    fields = (
        SourceField("connection", "Connection"),
        SourceField("cml_registered_model_id", "Model", "name, name/3, name@champion or an ID"),
        SourceField("subfolder", "Sub-folder", "found"),
        SourceField("all_files", "All files", kind="switch"),
        SourceField("record_job", "Record the training job", kind="switch"),
    )

    def __init__(self, registry: Registry, partial: Path) -> None:
        """partial: the folder for what a fetch that did not end well had whole, of a registry that
        announces hashes by which that can be told."""
        self._registry = registry
        self._partial = partial

    # -- the fields ------------------------------------------------------------------------

    def understood(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """They are taken as they are: what a name means, only the registry knows."""
        return fields

    def check(self, fields: Mapping[str, Any]) -> list[Finding]:
        """Whether there is a connection, and switches are switches; nobody is asked."""
        found = [
            _no_switch(name) for name in _SWITCHES if not isinstance(fields.get(name), bool | None)
        ]
        given = fields.get("connection")
        try:
            with _connected(given):
                connection_of(given, self._registry.connections)
        except ValidationError as error:
            found += error.findings
        except (NotFoundError, RemoteError) as error:
            found.append(
                Finding("connection", "unknown", Severity.ERROR, error.message, error.advice)
            )
        return found

    def keeps_in_place(self, fields: Mapping[str, Any]) -> bool:
        """A registry's files are always fetched."""
        return False

    def kept(self, fields: Mapping[str, Any]) -> Fetched:
        """Never asked: see `keeps_in_place`."""
        return Fetched({})

    # -- fetching --------------------------------------------------------------------------

    def fetch(self, fields: Mapping[str, Any], staging: Path, progress: Progress) -> Fetched:
        """Find out which version is meant, then fetch what an adapter needs of its artifact.

        Raises:
            RemoteError: why not. Cancelled: asked to stop, within a second.
        """
        given = fields.get("connection")
        with _connected(given):
            return self._fetch(given, fields, staging, progress)

    def _fetch(
        self, given: object, fields: Mapping[str, Any], staging: Path, progress: Progress
    ) -> Fetched:
        from desktop.services.registry.facts import job_of
        from desktop.services.registry.preview import choose_folder, files_of
        from desktop.services.transfer_store import PartStore

        connection, secret = connection_of(given, self._registry.connections)
        asked = str(fields.get("cml_registered_model_id") or "").strip()
        backend = self._registry.backend(connection, secret, progress)
        version = backend.resolve(asked, progress)
        run = backend.run(version, progress)
        artifact = backend.artifact(version, progress)
        wanted = str(fields.get("subfolder") or "").strip("/ ")
        files = []
        if artifact is not None:
            folder = choose_folder(artifact, wanted)
            files = files_of(artifact, folder, everything=bool(fields.get("all_files")))
        hashes = backend.fetch(version, files, staging, PartStore(self._partial), progress)
        job = job_of(run)
        return Fetched(
            hashes,
            revision=version.version,
            values={
                "cml_registered_model_id": version.model_id,
                "mlflow_experiment_id": version.experiment_id or (run.experiment_id if run else ""),
                "mlflow_run_id": version.run_id or (run.run_id if run else ""),
                "description": version.about,
            },
            origin=_origin(connection, version, asked, wanted),
            job=_columns(job, version) if fields.get("record_job") and job.is_worth_it else None,
        )

    # -- updates ---------------------------------------------------------------------------

    def newest(self, record: AdapterRecord, progress: Progress) -> str | None:
        """The number of the newest version, or of the one that the adapter's alias points to.

        Raises:
            RemoteError: the registry could not be asked. Cancelled: the person asked to stop.
        """
        origin = record.origin or Origin()
        connection = self._connection(record)
        with _connected(connection):
            backend = self._registry.backend(connection, None, progress)
            found = backend.resolve(_asked(origin), progress).version
        if origin.revision:
            return found  # an alias is followed, also where it was put back to an older one
        present = origin.version
        if found.isdigit() and present.isdigit() and int(found) < int(present):
            return None  # newer ones were taken away: the one here is none the worse for it
        return found

    def ahead(self, record: AdapterRecord, progress: Progress) -> Ahead | None:
        """The version that `newest` names, with what its run logged.

        Raises:
            RemoteError: the registry could not be asked. Cancelled: the person asked to stop.
        """
        origin = record.origin
        if origin is None:
            return None
        connection = self._connection(record)
        with _connected(connection):
            found = self._registry.preview(connection, _asked(origin), origin.subfolder, progress)
        logged = (*found.run.params, *found.run.metrics) if found.run else ()
        return Ahead(found.version.version, found.inspection, tuple(logged))

    def again(self, record: AdapterRecord) -> Mapping[str, Any]:
        """The same model of the same registry: its alias, or its newest version."""
        origin = record.origin or Origin()
        return {
            "connection": self._connection(record),
            "cml_registered_model_id": _asked(origin),
            "subfolder": origin.subfolder,
        }

    def _connection(self, record: AdapterRecord) -> Connection:
        """The stored connection that an adapter came by; else one of the same person, then any, to
        the same registry; else one without a secret."""
        origin = record.origin or Origin()
        known = dict(origin.details)
        alike = [
            connection
            for connection in self._registry.connections.all()
            if connection.url == origin.server and connection.kind == known.get("kind")
        ]
        if alike:
            return max(
                alike,
                key=lambda c: (c.id == known.get("connection"), c.user == known.get("user", "")),
            )
        try:
            return Connection(RegistryKind(known.get("kind", "")), origin.server)
        except ValueError:
            raise LorariumError(
                f"It is not known which registry “{record.name}” came from.",
                "Import it again; then updates are found.",
            ) from None


def _no_switch(name: str) -> Finding:
    return Finding(
        name, "no_switch", Severity.ERROR, f"“{name}” is either on or off.", "Give True or False."
    )


@contextmanager
def _connected(given: object) -> Iterator[None]:
    """A refusal to a connection that is not stored (any more) does not tell to change it."""
    try:
        yield
    except RemoteError as error:
        gone = isinstance(given, Connection) and not given.id
        if not gone or error.code not in _NEEDS_CONNECTION:
            raise
        raise RemoteError(error.code, error.message, _GONE) from None


def _asked(origin: Origin) -> str:
    """The model, with the alias that was asked for."""
    return f"{origin.name}{origin.revision}" if origin.revision.startswith("@") else origin.name


def _origin(connection: Connection, version: ModelVersion, asked: str, folder: str) -> Origin:
    alias = asked.rpartition("@")[2] if "@" in asked else ""
    return Origin(
        server=connection.url,
        name=version.model_id,
        revision=f"@{alias}" if alias in version.aliases else "",
        subfolder=folder,
        version=version.version,
        details=(
            ("kind", str(connection.kind)),
            ("model", version.model_name),
            ("connection", connection.id),
            ("user", connection.user),
            (DESCRIBED, trace_of(version.about)),
        ),
    )


def _columns(job: JobOffer, version: ModelVersion) -> dict[str, Any]:
    """The columns of a training job's record."""
    figures = {
        "dataset_fraction": job.dataset_fraction,
        "train_test_split": job.train_test_split,
        "num_epochs": job.num_epochs,
        "learning_rate": job.learning_rate,
        "out_dir": f"{version.model_name}/{version.version}",
    }
    return {name: value for name, value in figures.items() if value is not None}
