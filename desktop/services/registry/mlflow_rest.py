"""An MLflow server, by its REST API: models, versions, runs and files. No mlflow package."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable
from desktop.services.progress import Progress
from desktop.services.registry import mlflow_wire as wire
from desktop.services.registry.mlflow_names import Typed, parse_typed
from desktop.services.registry.mlflow_places import API, entries_in, place_of
from desktop.services.registry.names import MAX_PAGES, walk
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
from desktop.services.registry.rest import Asked, Refusal, RestCall, RestClient
from desktop.services.registry.rest_errors import endless, odd_answer
from desktop.services.transfer import Limits, RemoteFile
from desktop.services.transfer_store import PartStore

PAGE_SIZE = 50
_MAX_TOKEN = 4_000
_VERSION_TEXT = re.compile(r"[0-9][0-9A-Za-z.+-]{0,30}")
_WILD = re.compile("['\"\\\\%\x00-\x1f]")
# A server that proxies a bucket fetches a file itself before the first byte of it comes.
_LIMITS = Limits(silence=60.0)


class MlflowBackend:
    """One MLflow server.

    connection: of kind MLFLOW. secret: its token or password, None = none.

    Raises:
        RemoteError: see RestClient.
    """

    def __init__(self, connection: Connection, secret: str | None) -> None:
        self._rest = RestClient(connection, secret)

    def __repr__(self) -> str:
        return f"MlflowBackend({self._rest!r})"

    def test(self, progress: Progress) -> str:
        """Ask for a model; says which version of MLflow answered."""
        host = self._rest.host
        with self._rest.asking(progress, f"Asking {host}") as call:
            self._dict(call, f"{API}/registered-models/search", {"max_results": "1"}, Asked())
            try:
                with call.stream("GET", "/version") as response:
                    said = next(response.iter_raw(64), b"")[:64].decode("ascii", "replace").strip()
            except Refusal:
                said = ""  # servers before 2.0 do not tell
        number = f" {said}" if _VERSION_TEXT.fullmatch(said) else ""
        return f"MLflow{number} answers at {host}."

    def models(self, text: str, cursor: str, progress: Progress) -> ModelPage:
        """A page of models whose name holds `text`, in the server's order."""
        wanted = text.strip()
        params = {"max_results": str(PAGE_SIZE)}
        if wanted:
            # Quotes can't be escaped in MLflow's filters: _ stands for any one character.
            params["filter"] = f"name ILIKE '%{_WILD.sub('_', wanted)}%'"
        with self._rest.asking(progress, f"Looking for models on {self._rest.host}") as call:
            found, following = self._paged(call, f"{API}/registered-models/search", params, cursor)
        models = wire.models_of(found.get("registered_models"))
        held = tuple(model for model in models if wanted.casefold() in model.name.casefold())
        return ModelPage(held, following)

    def versions(self, model_id: str, cursor: str, progress: Progress) -> VersionPage:
        """A page of versions, newest first."""
        with self._rest.asking(progress, f"Looking at {printable(model_id, 60)}") as call:
            model = self._model(call, model_id)
            return self._versions(call, model, cursor)

    def resolve(self, text: str, progress: Progress) -> ModelVersion:
        """The version that a typed text means; `models:/…` and addresses of the server's pages are
        understood too."""
        meanings = parse_typed(text, self._rest.base)
        with self._rest.asking(progress, f"Looking for {printable(text.strip(), 60)}") as call:
            for typed in meanings[:-1]:
                try:
                    return self._resolved(call, typed)
                except Refusal as error:
                    if error.code != "not_found":
                        raise
            try:
                return self._resolved(call, meanings[-1])
            except Refusal as error:
                if error.code != "not_found" or len(meanings) == 1:
                    raise
                # Of all that it may mean, the likeliest is told.
                raise self._no_model(meanings[0].name) from None

    def run(self, version: ModelVersion, progress: Progress) -> RunInfo | None:
        """What the run logged; a deleted or shut one is None."""
        if not wire.is_run_id(version.run_id):
            return None
        with self._rest.asking(progress, f"Looking at the run of {_shown(version)}") as call:
            try:
                found = call.get(
                    f"{API}/runs/get", {"run_id": version.run_id}, Asked("the run", "entry")
                )
            except Refusal as error:
                if error.code in ("entry", "forbidden"):
                    return None
                raise
        return wire.run_of(found.get("run")) if isinstance(found, dict) else None

    def artifact(self, version: ModelVersion, progress: Progress) -> Artifact | None:
        """The files of a version, listed folder by folder."""
        who = self._rest.who
        with self._rest.asking(progress, f"Looking at the files of {_shown(version)}") as call:
            place = place_of(call, version, self._rest.base)
            return walk(who.host, lambda folder: entries_in(call, place, folder, who))

    def read(
        self, version: ModelVersion, file: ArtifactFile, limit: int, progress: Progress
    ) -> bytes:
        """The first `limit` bytes of a file."""
        asked = Asked(f"the file “{printable(file.path, 80)}”", "entry")
        text = f"Looking at {printable(file.path, 60)}"
        return self._rest.read(file.where, (), limit, progress, text, asked)

    def fetch(
        self,
        version: ModelVersion,
        files: Sequence[tuple[ArtifactFile, str]],
        target: Path,
        store: PartStore | None,
        progress: Progress,
    ) -> Mapping[str, str]:
        """Put files into `target`. MLflow announces no hashes, so `store` keeps nothing."""
        wanted = [RemoteFile(name, self._rest.url(file.where), file.size) for file, name in files]
        return self._rest.transfer(store, _LIMITS).fetch(wanted, target, progress)

    # -- how it is asked -------------------------------------------------------------------------

    def _dict(
        self, call: RestCall, path: str, params: Mapping[str, str], asked: Asked
    ) -> dict[str, Any]:
        found = call.get(path, params, asked)
        if not isinstance(found, dict):
            raise odd_answer(self._rest.who)
        return found

    def _paged(
        self, call: RestCall, path: str, params: Mapping[str, str], cursor: str
    ) -> tuple[dict[str, Any], str]:
        """A page, and the cursor of the next one: its number and its token."""
        number, _, token = cursor.partition(":")
        page = int(number[:6]) if number.isascii() and number.isdigit() else 1
        if page > MAX_PAGES:
            raise endless(self._rest.who)
        asked = {**params, **({"page_token": token} if token else {})}
        found = self._dict(call, path, asked, Asked())
        following = found.get("next_page_token") or ""
        if (
            not isinstance(following, str)
            or len(following) > _MAX_TOKEN
            or following == token != ""
        ):
            raise endless(self._rest.who)
        return found, f"{page + 1}:{following}" if following else ""

    def _model(self, call: RestCall, name: str) -> RegisteredModel:
        asked = Asked(f"the model “{printable(name, 100)}”")
        try:
            found = self._dict(call, f"{API}/registered-models/get", {"name": name}, asked)
        except Refusal as error:
            if error.status == 400:  # a name that no model of this server can have
                raise self._no_model(name) from None
            raise
        model = wire.model_of(found.get("registered_model"))
        if model is None:
            raise odd_answer(self._rest.who)
        return model

    def _versions(self, call: RestCall, model: RegisteredModel, cursor: str) -> VersionPage:
        params = {"filter": _is(model.name), "max_results": str(PAGE_SIZE)}
        path = f"{API}/model-versions/search"
        ordered = {**params, "order_by": "version_number DESC"}
        try:
            found, following = self._paged(call, path, ordered, cursor)
        except Refusal as error:
            if error.status != 400:
                raise
            # Old servers, and some that only speak like one, know no order.
            found, following = self._paged(call, path, params, cursor)
        versions = [
            wire.of_model(model, version)
            for item in wire.items_of(found.get("model_versions"))
            if (version := wire.version_of(item)) is not None and version.model_id == model.id
        ]
        return VersionPage(wire.newest_first(versions), following)

    def _resolved(self, call: RestCall, typed: Typed) -> ModelVersion:
        model = self._model(call, typed.name)
        shown = printable(typed.name, 80)
        if typed.alias:
            return self._of_alias(call, model, typed.alias)
        number = typed.version
        if typed.stage:
            number = self._number_of_stage(call, model, typed.stage)
        if not number:
            page = self._versions(call, model, "")
            if not page.versions:
                raise RemoteError(
                    "revision", f"“{shown}” has no version yet.", "Register one, then try again."
                )
            return page.versions[0]
        asked = Asked(f"version {number} of “{shown}”", "revision")
        params = {"name": model.id, "version": number}
        return self._version(call, "model-versions/get", params, model, asked)

    def _of_alias(self, call: RestCall, model: RegisteredModel, alias: str) -> ModelVersion:
        asked = Asked(f"the alias “{printable(alias, 60)}” of the model", "revision")
        params = {"name": model.id, "alias": alias}
        try:
            return self._version(call, "registered-models/alias", params, model, asked)
        except Refusal as error:
            if error.status == 400:
                raise _no_such("alias", alias, model) from None
            raise

    def _version(
        self,
        call: RestCall,
        path: str,
        params: Mapping[str, str],
        model: RegisteredModel,
        asked: Asked,
    ) -> ModelVersion:
        found = self._dict(call, f"{API}/{path}", params, asked)
        version = wire.version_of(found.get("model_version"))
        if version is None or version.model_id != model.id:
            raise odd_answer(self._rest.who)
        return wire.of_model(model, version)

    def _number_of_stage(self, call: RestCall, model: RegisteredModel, stage: str) -> str:
        cursor = ""
        while True:
            page = self._versions(call, model, cursor)
            for version in page.versions:
                if version.stage == stage:
                    return version.version
            cursor = page.cursor
            if not cursor:
                raise _no_such("stage", stage, model)

    def _no_model(self, name: str) -> Refusal:
        return Refusal(
            "not_found",
            f"There is no model “{printable(name, 100)}” on {self._rest.host}.",
            "Check the spelling, or whether you are allowed to see it.",
        )


def _is(name: str) -> str:
    """The filter for one name; where it can't be quoted, for those like it."""
    if "'" not in name and "\\" not in name:
        return f"name = '{name}'"
    if '"' not in name and "\\" not in name:
        return f'name = "{name}"'
    return f"name LIKE '{_WILD.sub('_', name)}'"


def _no_such(what: str, text: str, model: RegisteredModel) -> RemoteError:
    return RemoteError(
        "revision",
        f"There is no {what} “{printable(text, 60)}” of “{printable(model.name, 80)}”.",
        "Check the spelling, or leave it out for the newest version.",
    )


def _shown(version: ModelVersion) -> str:
    return f"“{printable(version.model_name, 60)}” {version.version}"
