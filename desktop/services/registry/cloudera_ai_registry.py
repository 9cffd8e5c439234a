"""A Cloudera AI Registry, through its own API: it hands out versions as whole archives."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable
from desktop.services.progress import Progress
from desktop.services.registry import cloudera_wire
from desktop.services.registry.archives import extract_adapter
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
from desktop.services.registry.rest import Asked, RestClient
from desktop.services.registry.rest_errors import endless, odd_answer
from desktop.services.transfer import Limits, RemoteFile
from desktop.services.transfer_file import disk_error
from desktop.services.transfer_store import PartStore

ARCHIVE = "model.archive"


class AiRegistryBackend:
    """One registry, with a token of the Cloudera Data Platform; see `Backend`."""

    def __init__(
        self, connection: Connection, secret: str | None, limits: Limits | None = None
    ) -> None:
        """limits: what the fetch of an archive puts up with.

        Raises:
            RemoteError: `address`, `token`.
        """
        self._rest = RestClient(home_of(connection), secret)
        self._who = self._rest.who
        self._limits = limits

    def __repr__(self) -> str:
        return f"AiRegistryBackend({self._rest!r})"

    def test(self, progress: Progress) -> str:
        """Ask for the first models."""
        self._page("", progress)
        return f"{self._who.host} answers, and accepts the token."

    def models(self, text: str, cursor: str, progress: Progress) -> ModelPage:
        """A page of models; the registry does not search, so that is done here."""
        at = read_cursor(cursor, self._who)
        wanted = text.strip().casefold()
        seen = {at.token}
        while True:
            page = self._page(at.token, progress)
            found = tuple(m for m in _models(page) if wanted in m.name.casefold())
            token = next_token(page, at.token, self._who)
            following = str(Cursor(token, whole=True, page=at.page + 1))
            if found or not token:
                return ModelPage(found, following if token else "")
            if token in seen:
                raise endless(self._who)
            seen.add(token)
            at = read_cursor(following, self._who)

    def versions(self, model_id: str, cursor: str, progress: Progress) -> VersionPage:
        """All versions of a model: the registry gives them at once."""
        return VersionPage(self._model_and_versions(model_id, progress)[1])

    def resolve(self, text: str, progress: Progress) -> ModelVersion:
        """See `Backend`; also a model's id, or one with the number of a version."""
        wanted = typed(text)
        model, versions = load_model(
            wanted.model,
            lambda name: self._find(name, progress),
            lambda model_id: self._model_and_versions(model_id, progress),
        )
        return pick(versions, wanted, model)

    def run(self, version: ModelVersion, progress: Progress) -> RunInfo | None:
        """None: the registry keeps no runs."""
        return None

    def artifact(self, version: ModelVersion, progress: Progress) -> Artifact | None:
        """None: only a whole archive can be fetched.

        Raises:
            RemoteError (`entry`): there is none yet.
        """
        if not cloudera_wire.is_ready(version):
            raise not_ready(version)
        return None

    def read(
        self, version: ModelVersion, file: ArtifactFile, limit: int, progress: Progress
    ) -> bytes:
        """Raises RemoteError (`entry`): single files are not handed out."""
        raise RemoteError(
            "entry",
            f"{self._who.host} hands out no single files, only whole archives.",
            "Import the version: its files are checked before anything is added.",
        )

    def fetch(
        self,
        version: ModelVersion,
        files: Sequence[tuple[ArtifactFile, str]],
        target: Path,
        store: PartStore | None,
        progress: Progress,
    ) -> Mapping[str, str]:
        """See `Backend`. The archive lies in `target` meanwhile: what a killed run leaves there
        is swept at the next start."""
        if not cloudera_wire.is_ready(version):
            raise not_ready(version)
        path = (
            f"{API}/models/{quote(version.model_id, safe='')}"
            f"/versions/{quote(version.version, safe='')}/artifact"
        )
        headers = {"Accept": "multipart/form-data"}
        transfer = self._rest.transfer(store, self._limits, headers=headers)
        try:
            scratch = tempfile.TemporaryDirectory(prefix=".archive-", dir=target)
        except OSError as error:
            raise disk_error("The folder", error) from error
        with scratch as folder:
            try:
                transfer.fetch([RemoteFile(ARCHIVE, self._rest.url(path))], Path(folder), progress)
            except RemoteError as error:
                raise self._explained(error, version) from None
            return extract_adapter(Path(folder) / ARCHIVE, target, progress)

    def _explained(self, error: RemoteError, version: ModelVersion) -> RemoteError:
        """What a transfer says of a file, said of a version."""
        name, host = printable(version.model_name, 80), self._who.host
        if error.code == "token":
            return RemoteError(
                "token",
                f"{host} did not accept the token.",
                "It is good for an hour: enter a new one in the connection.",
            )
        if error.code == "forbidden":
            return RemoteError(
                "forbidden",
                f"You may not fetch version {version.version} of “{name}” from {host}.",
                "Ask its owner for access.",
            )
        if error.code == "entry":
            return RemoteError(
                "revision",
                f"{host} has no archive of version {version.version} of “{name}”.",
                "It hands out versions that were registered through MLflow only.",
            )
        return error

    # -- asking ----------------------------------------------------------------------------------

    def _page(self, token: str, progress: Progress) -> Mapping[str, Any]:
        params = {"page_token": token} if token else {}
        text = f"Asking {self._who.host} for models"
        found = self._rest.get(f"{API}/models", params, progress, text)
        if not isinstance(found, Mapping) or not isinstance(found.get("models"), list | None):
            raise odd_answer(self._who)
        return found

    def _find(self, name: str, progress: Progress) -> str:
        found = [
            model
            for page in all_pages(lambda token: self._page(token, progress), self._who)
            for model in _models(page)
            if model.name.casefold() == name.casefold()
        ]
        return by_name(found, name, self._who.host).id

    def _model_and_versions(
        self, model_id: str, progress: Progress
    ) -> tuple[RegisteredModel, tuple[ModelVersion, ...]]:
        if not cloudera_wire.is_id(model_id):
            raise no_model(model_id, self._who.host)
        path = f"{API}/models/{quote(model_id, safe='')}"
        asked = Asked(f"the model “{printable(model_id, 60)}”")
        text = f"Looking at {printable(model_id, 60)}"
        found = self._rest.get(path, {}, progress, text, asked)
        model = cloudera_wire.model_of(found)
        if model is None or model.id != model_id:
            raise odd_answer(self._who)
        versions = (
            cloudera_wire.version_of(item, model)
            for item in cloudera_wire.rows_of(found.get("model_versions"))
        )
        return model, cloudera_wire.newest_first(v for v in versions if v is not None)


def _models(page: Mapping[str, Any]) -> list[RegisteredModel]:
    found = (cloudera_wire.model_of(item) for item in cloudera_wire.rows_of(page.get("models")))
    return [model for model in found if model is not None]
