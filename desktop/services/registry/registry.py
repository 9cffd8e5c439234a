"""Registries as the rest of the house sees them."""

from __future__ import annotations

from dataclasses import replace

from desktop.services.credentials import Credentials
from desktop.services.errors import RemoteError
from desktop.services.progress import Progress, silent
from desktop.services.records import AdapterType, AddBaseModelRequest
from desktop.services.registry.backend import Backend
from desktop.services.registry.connections import Connections, normal
from desktop.services.registry.records import (
    Connection,
    ModelPage,
    ModelVersion,
    RegistryKind,
    RegistryPreview,
    VersionPage,
)
from desktop.services.settings import Settings


class Registry:
    """Asks registries for one person. Every method may take seconds and is stopped by a
    `progress` that raises `Cancelled`; what stands in the way is a RemoteError."""

    def __init__(self, settings: Settings, credentials: Credentials, scratch: str) -> None:
        """scratch: a folder for what a preview puts together; made and removed as needed."""
        self.connections = Connections(settings, credentials)
        self._scratch = scratch

    def backend(
        self, connection: Connection, secret: str | None = None, progress: Progress | None = None
    ) -> Backend:
        """Who answers for a connection. secret: for this alone; None = the one that is kept, "" =
        none.

        Raises:
            RemoteError (`address`): no address that Lorarium goes to.
        """
        connection = normal(connection)
        if connection.kind == RegistryKind.MLFLOW_STORE:
            from desktop.services.registry.mlflow_store import MlflowStoreBackend

            return MlflowStoreBackend(connection)
        if secret is None:
            secret = self.connections.secret(connection, progress)
        secret = secret or None
        if connection.kind == RegistryKind.CLOUDERA_WORKBENCH:
            from desktop.services.registry.cloudera_workbench import WorkbenchBackend

            return WorkbenchBackend(connection, secret)
        if connection.kind == RegistryKind.CLOUDERA_AI_REGISTRY:
            from desktop.services.registry.cloudera_ai_registry import AiRegistryBackend

            return AiRegistryBackend(connection, secret)
        from desktop.services.registry.mlflow_rest import MlflowBackend

        return MlflowBackend(connection, secret)

    def test(
        self, connection: Connection, secret: str | None = None, progress: Progress | None = None
    ) -> str:
        """Ask whether a connection works; returns a sentence about what answered."""
        report = progress or silent
        return self.backend(connection, secret, report).test(report)

    def models(
        self,
        connection: Connection,
        text: str = "",
        cursor: str = "",
        progress: Progress | None = None,
    ) -> ModelPage:
        """A page of registered models whose name holds `text`."""
        report = progress or silent
        return self.backend(connection, None, report).models(text, cursor, report)

    def versions(
        self,
        connection: Connection,
        model_id: str,
        cursor: str = "",
        progress: Progress | None = None,
    ) -> VersionPage:
        """A page of the versions of a model, newest first."""
        report = progress or silent
        return self.backend(connection, None, report).versions(model_id, cursor, report)

    def preview(
        self,
        connection: Connection,
        what: str | ModelVersion,
        folder: str = "",
        progress: Progress | None = None,
        *,
        secret: str | None = None,
    ) -> RegistryPreview:
        """What a version is, before its files move.

        what: as typed (see `Backend.resolve`), or one that was picked. folder: where in its
        artifact the adapter is, "" = found.
        """
        from desktop.services.registry.preview import preview

        report = progress or silent
        backend = self.backend(connection, secret, report)
        version = what if isinstance(what, ModelVersion) else backend.resolve(what, report)
        found = preview(backend, normal(connection), version, self._scratch, report, folder)
        return replace(found, newest=self._newest(backend, version, report))

    def _newest(self, backend: Backend, version: ModelVersion, progress: Progress) -> str:
        try:
            page = backend.versions(version.model_id, "", progress)
        except RemoteError:
            return ""  # good to know, not needed
        return page.versions[0].version if page.versions else ""

    def base_model_request(
        self, connection: Connection, what: str, progress: Progress | None = None
    ) -> AddBaseModelRequest:
        """What to add for a base model that is registered there under this ID."""
        report = progress or silent
        backend = self.backend(connection, None, report)
        version = backend.resolve(what, report)
        run = None if version.experiment_id else backend.run(version, report)
        return AddBaseModelRequest(
            type=AdapterType.MODEL_REGISTRY,
            name=version.model_name or version.model_id,
            cml_registered_model_id=version.model_id,
            description=version.about or None,
            mlflow_experiment_id=version.experiment_id or (run.experiment_id if run else None),
            mlflow_run_id=version.run_id or None,
        )
