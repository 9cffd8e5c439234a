"""A workbench: models, the projects that their runs are in, and API v2 over them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote

from tests.cloudera_server.common import MOMENT, Refused, Service, made_id
from tests.hub_server.answers import Answer


@dataclass
class Version:
    """One version. says: fields of its JSON put over the true ones."""

    id: str
    number: int
    project_id: str
    experiment_id: str
    run_id: str
    status: str = "READY"
    notes: str = ""
    git_url: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    says: dict[str, Any] = field(default_factory=dict)


@dataclass
class Model:
    """A registered model."""

    id: str
    name: str
    description: str = ""
    versions: list[Version] = field(default_factory=list)


@dataclass
class Project:
    """A project. files: by path from /home/cdsw. shut: nobody but its owner sees it; the status
    of the refusal. listed: entries of a folder's list put in place of the true ones."""

    files: dict[str, bytes] = field(default_factory=dict)
    runs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    shut: int = 0
    listed: dict[str, list[Any]] = field(default_factory=dict)


class Workbench(Service):
    """API v2. validates: whether it knows `validate_key`. paths: which form of a path it takes:
    `plain` with slashes, `whole` with %2F, or `both`. filters: whether a search looks for a `part`
    of a name, the `whole` of it, or is ignored (`no`). lists_less: lists of versions leave out
    where they are from. ranges: whether the download of a file knows them."""

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, Model] = {}
        self.projects: dict[str, Project] = {}
        self.validates = True
        self.key_is_valid = True
        self.paths = "both"
        self.filters = "part"
        self.lists_less = False
        self.ranges = False

    # -- what it holds -------------------------------------------------------------------------

    def add_model(self, name: str, model_id: str = "", description: str = "") -> Model:
        model_id = model_id or made_id("model", name, len(self.models))
        model = self.models[model_id] = Model(model_id, name, description)
        return model

    def register(
        self,
        model: Model,
        files: Mapping[str, bytes],
        folder: str = "model",
        project_id: str = "",
        params: Mapping[str, str] | None = None,
        metrics: Mapping[str, float] | None = None,
        **about: Any,
    ) -> Version:
        """A version from a new run, whose artifacts hold these files below `folder`."""
        number = len(model.versions) + 1
        project_id = project_id or made_id("project", model.name)
        experiment, run = made_id("experiment", model.name), made_id("run", model.name, number)
        version = Version(
            made_id("version", model.name, number), number, project_id, experiment, run, **about
        )
        model.versions.append(version)
        project = self.projects.setdefault(project_id, Project())
        root = f".experiments/{experiment}/{run}/artifacts"
        project.files[f"{root}/notes.txt"] = b"beside the model\n"
        for name, data in files.items():
            project.files["/".join(filter(None, (root, folder, name)))] = data
        project.runs[experiment, run] = {
            "id": run,
            "experiment_id": experiment,
            "status": "EXPERIMENT_RUN_FINISHED",
            "start_time": MOMENT,
            "end_time": MOMENT,
            "artifact_uri": f"/home/cdsw/{root}",
            "data": {
                "params": [{"key": k, "value": v} for k, v in (params or {}).items()],
                "metrics": [
                    {"key": k, "value": v + 2 - n, "step": str(n), "timestamp": MOMENT}
                    for k, v in (metrics or {}).items()
                    for n in (0, 1, 2)
                ],
                "tags": [{"key": "mlflow.runName", "value": "wise-owl-7"}],
                "files": [],
                "registered_model_metadata": [
                    {
                        "model_path": folder,
                        "model_name": model.name,
                        "model_id": model.id,
                        "model_version_id": version.id,
                        "version_number": str(number),
                        "run_id": run,
                    }
                ],
            },
        }
        return version

    def run_of(self, version: Version) -> dict[str, Any]:
        """The JSON of its run, to be changed at will."""
        return self.projects[version.project_id].runs[version.experiment_id, version.run_id]

    def root_of(self, version: Version) -> str:
        """The folder of the artifacts of its run."""
        return f".experiments/{version.experiment_id}/{version.run_id}/artifacts"

    # -- what it answers -----------------------------------------------------------------------

    def route(
        self,
        method: str,
        parts: SplitResult,
        query: dict[str, str],
        user: str,
        headers: dict[str, str],
        body: bytes,
    ) -> Any:
        if not parts.path.startswith("/api/v2/"):
            raise Refused(404, "page not found", 5)
        steps = parts.path.removeprefix("/api/v2/").split("/")
        match (method, *steps):
            case ("POST", "auth", "validate_key") if self.validates:
                if json.loads(body) != {"audience": "API"}:
                    raise Refused(400, "no audience", 3)
                return {"valid": self.key_is_valid, "username": user}
            case ("GET", "registry", "models"):
                return self._list_models(query)
            case ("GET", "registry", "models", model_id):
                return self._show_model(self._model(model_id), query)
            case ("GET", "registry", "models", model_id, "versions", version_id):
                model = self._model(model_id)
                for version in model.versions:
                    if version.id == version_id:
                        return self._version(model, version)
                raise Refused(404, "model version not found", 5)
            case ("GET", "projects", project_id, "experiments", experiment, "runs", run):
                found = self._project(project_id).runs.get((experiment, run))
                if found is None:
                    raise Refused(404, "run not found", 5)
                return found
            case ("GET", "projects", project_id, "files", *rest):
                return self._list_files(self._project(project_id), self._path(rest))
            case ("POST", "projects", project_id, "files", *rest) if rest[-1].endswith(":download"):
                path = self._path(rest).removesuffix(":download")
                return self._download(self._project(project_id), path, headers)
        raise Refused(404, "Not Found", 5)

    def _model(self, model_id: str) -> Model:
        if model_id not in self.models:
            raise Refused(404, "registered model not found", 5)
        return self.models[model_id]

    def _project(self, project_id: str) -> Project:
        project = self.projects.get(project_id)
        if project is None or project.shut:
            status = project.shut if project else 404
            raise Refused(status, "project not found or not allowed", 7)
        return project

    def _path(self, rest: list[str]) -> str:
        if (self.paths == "whole" and len(rest) > 1) or (
            self.paths == "plain" and "%2F" in rest[0]
        ):
            raise Refused(404, "Not Found", 5)
        return unquote("/".join(rest))

    def _list_models(self, query: dict[str, str]) -> Any:
        wanted = json.loads(query.get("search_filter", "{}")).get("model_name", "")
        rows = []
        for model in self.models.values():
            fits = wanted in model.name if self.filters == "part" else wanted == model.name
            if fits or not wanted or self.filters == "no":
                rows.append(self._details(model))
        shown, following = self.page(rows, query)
        return {"models": shown, "next_page_token": following}

    def _details(self, model: Model) -> dict[str, Any]:
        return {
            "model_id": model.id,
            "name": model.name,
            "description": model.description,
            "owner": {"username": "ada", "name": "Ada L.", "email": "ada@example.com"},
            "permission": "read",
            "visibility": "PRIVATE",
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "count": len(model.versions),
        }

    def _show_model(self, model: Model, query: dict[str, str]) -> Any:
        shown, following = self.page(model.versions, query)
        versions = [self._version(model, version) for version in shown]
        if self.lists_less:
            versions = [{**v, "model_version_metadata": None} for v in versions]
        return {
            **self._details(model),
            "model_versions": versions,
            "next_page_token": following,
        }

    def _version(self, model: Model, version: Version) -> dict[str, Any]:
        about: dict[str, Any] = {"workspace_url": "https://workbench.example.com", "owner": "ada"}
        if version.git_url:
            about["mlops_type"] = "SIMPLE"
            about["simple_metadata"] = {"git_url": version.git_url, "commit_id": "0" * 40}
        else:
            run = self.run_of(version)["data"]
            about["mlops_type"] = "MLFLOW"
            about["project_id"] = version.project_id
            about["mlflow_metadata"] = {
                "experiment_id": version.experiment_id,
                "run_id": version.run_id,
                "metrics": run["metrics"],
                "params": run["params"],
                "tags": run["tags"],
            }
        return {
            "model_id": model.id,
            "model_version_id": version.id,
            "version_name": f"Version {version.number}",
            "number": version.number,
            "notes": version.notes,
            "user": {"username": "grace", "name": "", "email": "grace@example.com"},
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "status": version.status,
            "tags": [{"key": key, "value": value} for key, value in version.tags.items()],
            "model_version_metadata": about,
            **version.says,
        }

    def _list_files(self, project: Project, path: str) -> Any:
        if path in project.listed:
            return {"files": project.listed[path]}
        prefix = "" if path == "." else f"{path}/"
        rows: dict[str, Any] = {}
        for name, data in sorted(project.files.items()):
            if name.startswith(prefix):
                first, slash, _ = name[len(prefix) :].partition("/")
                size = "4096" if slash else str(len(data))
                rows[first] = {"path": first, "is_dir": bool(slash), "file_size": size}
        if not rows:
            raise Refused(404, "file not found", 5)
        return {"files": list(rows.values())}

    def _download(self, project: Project, path: str, headers: dict[str, str]) -> Answer:
        if path not in project.files:
            raise Refused(404, "file not found", 5)
        data = project.files[path]
        said = {"Content-Type": "application/octet-stream"}
        asked = headers.get("range", "")
        if self.ranges and asked:
            end = int(asked.partition("-")[2]) + 1
            said["Content-Range"] = f"bytes 0-{min(end, len(data)) - 1}/{len(data)}"
            return Answer(206, said, data[:end], data)
        return Answer(200, said, data, data)
