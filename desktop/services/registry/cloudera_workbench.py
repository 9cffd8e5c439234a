"""The registry of a Cloudera AI Workbench, through its API v2.

The registry itself hands out no files. They lie in the project that made the run, below
`.experiments/<experiment>/<run>/artifacts`, and are fetched from there: who may not read that
project can't have them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable
from desktop.services.progress import Progress
from desktop.services.registry import cloudera_files, cloudera_wire
from desktop.services.registry.cloudera_names import (
    API,
    Cursor,
    all_pages,
    by_name,
    home_of,
    load_model,
    next_token,
    no_model,
    not_ready,
    pick,
    read_cursor,
    typed,
    version_text,
)
from desktop.services.registry.records import (
    Artifact,
    ArtifactFile,
    Connection,
    ModelPage,
    ModelVersion,
    RegisteredModel,
    RunInfo,
    VersionPage,
)
from desktop.services.registry.rest import Asked, Refusal, RestClient
from desktop.services.registry.rest_errors import endless, odd_answer
from desktop.services.transfer import RemoteFile
from desktop.services.transfer_store import PartStore

PAGE_SIZE = 100
_ABSENT = (404, 405, 501)


class WorkbenchBackend:
    """One workbench, with the API v2 key of a person; see `Backend`."""

    def __init__(self, connection: Connection, secret: str | None) -> None:
        """Raises RemoteError: `address`, `token`."""
        self._rest = RestClient(home_of(connection), secret)
        self._who = self._rest.who

    def __repr__(self) -> str:
        return f"WorkbenchBackend({self._rest!r})"

    def test(self, progress: Progress) -> str:
        """Ask whether the key is good; older workbenches are asked for a model instead."""
        text = f"Asking {self._who.host}"
        body = {"audience": "API"}
        try:
            found = self._rest.post(f"{API}/auth/validate_key", body, progress, text)
        except Refusal as error:
            if error.status not in _ABSENT:
                raise
            self._page("", False, "", progress, 1)
            return f"{self._who.host} answers, and accepts the key."
        if not isinstance(found, Mapping) or not isinstance(found.get("valid"), bool):
            raise odd_answer(self._who)
        if not found["valid"]:
            raise RemoteError(
                "token",
                f"{self._who.host} did not accept the key.",
                "It may have expired: make a new API v2 key in the user settings of the workbench.",
            )
        user = found.get("username")
        if not isinstance(user, str) or not user.strip():
            return f"{self._who.host} answers, and accepts the key."
        return f"{self._who.host} answers; the key is that of “{printable(user.strip(), 80)}”."

    # -- models and versions ---------------------------------------------------------------------

    def models(self, text: str, cursor: str, progress: Progress) -> ModelPage:
        """A page of models. Whether the workbench looks for parts of names is nowhere said, so
        where it finds nothing the whole list is gone through."""
        at = read_cursor(cursor, self._who)
        text = text.strip()
        seen = {at.token}
        while True:
            page = self._page(text, at.whole, at.token, progress)
            found = tuple(m for m in _models(page) if text.casefold() in m.name.casefold())
            token = next_token(page, at.token, self._who)
            if not (found or token or cursor or at.whole) and text:
                at, seen = Cursor("", whole=True), {""}
                continue
            following = Cursor(token, at.whole, at.page + 1)
            if found or not token:
                return ModelPage(found, str(following) if token else "")
            if token in seen:
                raise endless(self._who)
            seen.add(token)
            at = read_cursor(str(following), self._who)

    def versions(self, model_id: str, cursor: str, progress: Progress) -> VersionPage:
        """All versions of a model: their order on pages is nowhere said."""
        return VersionPage(self._model_and_versions(model_id, progress)[1])

    def resolve(self, text: str, progress: Progress) -> ModelVersion:
        """See `Backend`; also a model's id, or one with the number of a version."""
        wanted = typed(text)
        model, versions = load_model(
            wanted.model,
            lambda name: self._find(name, progress),
            lambda model_id: self._model_and_versions(model_id, progress),
        )
        version = pick(versions, wanted, model)
        if version.project_id or not version.version_id:
            return version
        return self._whole(version, progress)

    def _page(
        self, text: str, whole: bool, token: str, progress: Progress, size: int = PAGE_SIZE
    ) -> Mapping[str, Any]:
        params = {"sort": "-created_at", "page_size": str(size), "page_token": token}
        if text and not whole:
            params["search_filter"] = json.dumps({"model_name": text})
        what = f"Asking {self._who.host} for models"
        found = self._rest.get(f"{API}/registry/models", params, progress, what)
        return self._object(found)

    def _find(self, name: str, progress: Progress) -> str:
        """The id of the model with this name."""

        def named(whole: bool) -> Iterator[RegisteredModel]:
            for page in all_pages(lambda t: self._page(name, whole, t, progress), self._who):
                yield from (m for m in _models(page) if m.name.casefold() == name.casefold())

        found = list(named(whole=False)) or list(named(whole=True))
        return by_name(found, name, self._who.host).id

    def _model_and_versions(
        self, model_id: str, progress: Progress
    ) -> tuple[RegisteredModel, tuple[ModelVersion, ...]]:
        if not cloudera_wire.is_id(model_id):
            raise no_model(model_id, self._who.host)
        path = f"{API}/registry/models/{quote(model_id, safe='')}"
        asked = Asked(f"the model “{printable(model_id, 60)}”")
        text = f"Looking at {printable(model_id, 60)}"
        model: RegisteredModel | None = None
        versions: list[ModelVersion] = []
        with self._rest.asking(progress, text) as call:
            for page in all_pages(
                lambda token: self._object(
                    call.get(path, {"page_size": str(PAGE_SIZE), "page_token": token}, asked)
                ),
                self._who,
            ):
                model = cloudera_wire.model_of(page)
                if model is None or model.id != model_id:
                    raise odd_answer(self._who)
                for item in cloudera_wire.rows_of(page.get("model_versions")):
                    version = cloudera_wire.version_of(item, model)
                    if version is not None:
                        versions.append(version)
        assert model is not None
        return model, cloudera_wire.newest_first(versions)

    def _raw_version(self, version: ModelVersion, progress: Progress) -> Mapping[str, Any]:
        path = (
            f"{API}/registry/models/{quote(version.model_id, safe='')}"
            f"/versions/{quote(version.version_id, safe='')}"
        )
        asked = Asked(f"the version {version.version} of that model", "revision")
        text = f"Looking at {printable(version.model_name, 60)}"
        return self._object(self._rest.get(path, {}, progress, text, asked))

    def _whole(self, version: ModelVersion, progress: Progress) -> ModelVersion:
        """The version with all that the registry says of it: lists may say less."""
        found = self._raw_version(version, progress)
        model = RegisteredModel(version.model_id, version.model_name, version.model_description)
        whole = cloudera_wire.version_of(found, model)
        if whole is None or whole.version != version.version:
            raise odd_answer(self._who)
        return replace(whole, version_id=version.version_id)

    # -- its run and its files -------------------------------------------------------------------

    def run(self, version: ModelVersion, progress: Progress) -> RunInfo | None:
        """The run as its project has it, else as the registry keeps it beside the version."""
        version = self._with_project(version, progress)
        if not version.run_id:
            return None
        if version.project_id and version.experiment_id:
            try:
                return cloudera_wire.run_of(self._raw_run(version, progress), version)
            except Refusal as error:
                if error.status not in (403, 404):
                    raise
        if not version.version_id:
            return None
        return cloudera_wire.run_in_version(self._raw_version(version, progress), version)

    def artifact(self, version: ModelVersion, progress: Progress) -> Artifact | None:
        """The files of a version in the project of its run.

        Raises:
            RemoteError: `entry` nothing to fetch; `forbidden` the project may not be read.
        """
        if not cloudera_wire.is_ready(version):
            raise not_ready(version)
        version = self._with_project(version, progress)
        if not (version.project_id and version.experiment_id and version.run_id):
            raise _no_files(version)
        try:
            run = self._raw_run(version, progress)
        except Refusal as error:
            if error.status not in (403, 404):
                raise
            raise self._no_project(version) from None
        root = cloudera_files.root_of(run, version, self._who)
        try:
            return cloudera_files.list_files(
                self._rest, version.project_id, root, progress, version_text(version)
            )
        except Refusal as error:
            if error.status != 403:
                raise
            raise self._no_project(version) from None

    def read(
        self, version: ModelVersion, file: ArtifactFile, limit: int, progress: Progress
    ) -> bytes:
        """See `Backend`."""
        try:
            return cloudera_files.read_start(self._rest, file, limit, progress)
        except Refusal as error:
            if error.status != 403:
                raise
            raise self._no_project(version) from None

    def fetch(
        self,
        version: ModelVersion,
        files: Sequence[tuple[ArtifactFile, str]],
        target: Path,
        store: PartStore | None,
        progress: Progress,
    ) -> Mapping[str, str]:
        """See `Backend`. No digest is announced: a file that breaks off begins anew."""
        wanted = [
            RemoteFile(name, self._rest.url(file.where), file.size, method="POST", content=b"{}")
            for file, name in files
        ]
        transfer = self._rest.transfer(store, headers={"Content-Type": "application/json"})
        try:
            return transfer.fetch(wanted, target, progress)
        except RemoteError as error:
            if error.code != "forbidden":
                raise
            raise self._no_project(version) from None

    def _with_project(self, version: ModelVersion, progress: Progress) -> ModelVersion:
        if version.project_id or version.source or not version.version_id:
            return version
        return self._whole(version, progress)

    def _raw_run(self, version: ModelVersion, progress: Progress) -> Mapping[str, Any]:
        path = (
            f"{API}/projects/{quote(version.project_id, safe='')}"
            f"/experiments/{quote(version.experiment_id, safe='')}"
            f"/runs/{quote(version.run_id, safe='')}"
        )
        asked = Asked(f"the run “{version.run_id}”", "entry")
        text = f"Looking at the run of {printable(version.model_name, 60)}"
        return self._object(self._rest.get(path, {}, progress, text, asked))

    def _object(self, found: object) -> Mapping[str, Any]:
        if not isinstance(found, Mapping):
            raise odd_answer(self._who)
        return found

    def _no_project(self, version: ModelVersion) -> RemoteError:
        return RemoteError(
            "forbidden",
            f"You may not read project {version.project_id}, where the run of this version lies.",
            "Ask its owner for access.",
        )


def _models(page: Mapping[str, Any]) -> list[RegisteredModel]:
    found = (cloudera_wire.model_of(item) for item in cloudera_wire.rows_of(page.get("models")))
    return [model for model in found if model is not None]


def _no_files(version: ModelVersion) -> RemoteError:
    if version.source:
        return RemoteError(
            "entry",
            f"{version_text(version)} was registered from a git repository, not from a run: "
            "there is nothing to fetch here.",
            "Clone the repository, and import the adapter from its folder.",
        )
    return RemoteError(
        "entry",
        f"The registry does not say which run made version {version.version} of "
        f"“{printable(version.model_name, 80)}”, so its files can't be found.",
        "Choose a version that was registered from a run.",
    )
