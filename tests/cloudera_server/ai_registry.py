"""An AI Registry: models, and versions that are archives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult

from tests.cloudera_server.common import MOMENT, Refused, Service, made_id
from tests.hub_server.answers import Answer


@dataclass
class Archived:
    """One version. kind: MLFLOW, or a type whose archives are not handed out."""

    number: int
    archive: bytes
    status: str = "READY"
    kind: str = "MLFLOW"
    content_type: str = "application/gzip"
    says: dict[str, Any] = field(default_factory=dict)


@dataclass
class ArchiveModel:
    """A model. shut: the status of the refusal to hand out its archives."""

    id: str
    name: str
    versions: list[Archived] = field(default_factory=list)
    shut: int = 0


class AiRegistry(Service):
    """The standalone API, over these models."""

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, ArchiveModel] = {}

    def add_model(self, name: str, model_id: str = "") -> ArchiveModel:
        model_id = model_id or made_id("archived", name, len(self.models))
        model = self.models[model_id] = ArchiveModel(model_id, name)
        return model

    def add_version(self, model: ArchiveModel, archive: bytes, **about: Any) -> Archived:
        version = Archived(len(model.versions) + 1, archive, **about)
        model.versions.append(version)
        return version

    def route(
        self,
        method: str,
        parts: SplitResult,
        query: dict[str, str],
        user: str,
        headers: dict[str, str],
        body: bytes,
    ) -> Any:
        match (method, *parts.path.removeprefix("/").split("/")):
            case ("GET", "api", "v2", "models"):
                shown, following = self.page(list(self.models.values()), query)
                page: dict[str, Any] = {"models": [self._row(model) for model in shown]}
                return {**page, "next_page_token": following} if following else page
            case ("GET", "api", "v2", "models", model_id):
                model = self._model(model_id)
                versions = [self._version(model, version) for version in model.versions]
                return {**self._row(model), "model_versions": versions}
            case ("GET", "api", "v2", "models", model_id, "versions", number, "artifact"):
                return self._artifact(self._model(model_id), number, headers)
        raise Refused(404, "Not Found", 5)

    def _model(self, model_id: str) -> ArchiveModel:
        if model_id not in self.models:
            raise Refused(404, "model not found", 5)
        return self.models[model_id]

    def _row(self, model: ArchiveModel) -> dict[str, Any]:
        return {
            "id": model.id,
            "name": model.name,
            "creator": {"user_name": "grace"},
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "tags": None,
            "visibility": "PUBLIC",
        }

    def _version(self, model: ArchiveModel, version: Archived) -> dict[str, Any]:
        return {
            "artifact_uri": f"abfs://registry@store.example.com/{model.id}/model.tar.gz",
            "created_at": MOMENT,
            "model_id": model.id,
            "status": version.status,
            "version": version.number,
            **version.says,
        }

    def _artifact(self, model: ArchiveModel, number: str, headers: dict[str, str]) -> Answer:
        if model.shut:
            raise Refused(model.shut, "not allowed", 7)
        if headers.get("accept") != "multipart/form-data":
            raise Refused(406, "not acceptable", 3)
        for version in model.versions:
            if str(version.number) == number and version.kind == "MLFLOW":
                return Answer(200, {"Content-Type": version.content_type}, version.archive)
        raise Refused(404, "no such version", 5)
