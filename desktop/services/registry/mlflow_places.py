"""Where an MLflow server keeps the files of a version, and how they are listed there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from desktop.services.peft_folder.reading import printable
from desktop.services.registry.mlflow_names import (
    below,
    is_address_of,
    is_plain,
    logged_model_of,
    not_handed_out,
    run_of_uri,
    split_uri,
)
from desktop.services.registry.mlflow_wire import is_run_id
from desktop.services.registry.names import MAX_ENTRIES, MAX_PAGES, Entry, size_of
from desktop.services.registry.records import ModelVersion
from desktop.services.registry.rest import Asked, Refusal, RestCall
from desktop.services.registry.rest_errors import Answerer, endless, odd_answer

API = "/api/2.0/mlflow"
PROXY = "/api/2.0/mlflow-artifacts/artifacts"
_LOGGED_FILES = "/ajax-api/2.0/mlflow/logged-models"


@dataclass(frozen=True, slots=True)
class RunPlace:
    """In the artifacts of a run, which the server lists and hands out wherever they lie."""

    run_id: str
    root: str

    @property
    def asked(self) -> Asked:
        """What is asked for."""
        return Asked("the run of this version", "entry")

    def listed(self, folder: str) -> tuple[str, dict[str, str]]:
        """The path and params of the request for a folder's list."""
        params = {"run_id": self.run_id}
        return f"{API}/artifacts/list", {**params, "path": folder} if folder else params

    def where(self, path: str, root_uri: str) -> str:
        """The path and query of a file. root_uri: where the list says that the run's files are."""
        uri = split_uri(root_uri)
        if uri.scheme == "mlflow-artifacts" and not uri.host and is_plain(uri.inner):
            return f"{PROXY}/{quote(f'{uri.inner}/{path}')}"
        return f"/get-artifact?{urlencode({'run_uuid': self.run_id, 'path': path})}"


@dataclass(frozen=True, slots=True)
class ProxyPlace:
    """In the storage that the server keeps for its clients."""

    root: str

    @property
    def asked(self) -> Asked:
        """What is asked for."""
        return Asked("the folder of this version", "entry")

    def listed(self, folder: str) -> tuple[str, dict[str, str]]:
        """The path and params of the request for a folder's list."""
        return PROXY, {"path": folder}

    def where(self, path: str, root_uri: str) -> str:
        """The path of a file."""
        return f"{PROXY}/{quote(path)}"


@dataclass(frozen=True, slots=True)
class LoggedPlace:
    """In the files of a logged model, which the server lists and hands out wherever they lie."""

    model_id: str
    root: str = ""

    @property
    def asked(self) -> Asked:
        """What is asked for."""
        return Asked("the logged model of this version", "entry")

    def listed(self, folder: str) -> tuple[str, dict[str, str]]:
        """The path and params of the request for a folder's list."""
        path = f"{API}/logged-models/{quote(self.model_id)}/artifacts/directories"
        return path, {"artifact_directory_path": folder} if folder else {}

    def where(self, path: str, root_uri: str) -> str:
        """The path and query of a file."""
        files = f"{_LOGGED_FILES}/{quote(self.model_id)}/artifacts/files"
        return f"{files}?{urlencode({'artifact_file_path': path})}"


Place = RunPlace | ProxyPlace | LoggedPlace


def place_of(call: RestCall, version: ModelVersion, base: str) -> Place:
    """Where the files of a version are. base: the server's address.

    Raises:
        RemoteError (`entry`): somewhere that the server does not hand out.
    """
    asked = Asked(f"version {version.version} of “{printable(version.model_name, 60)}”", "revision")
    params = {"name": version.model_id, "version": version.version}
    found = call.get(f"{API}/model-versions/get-download-uri", params, asked)
    text = found.get("artifact_uri") if isinstance(found, dict) else None
    text = text if isinstance(text, str) and text else version.source
    uri = split_uri(text)
    if run := run_of_uri(uri):
        return RunPlace(*run)
    if uri.scheme == "mlflow-artifacts" and not uri.host and is_plain(uri.inner):
        return ProxyPlace(uri.inner)
    proxied = is_address_of(text, base, PROXY)
    if proxied is not None and is_plain(proxied):
        return ProxyPlace(proxied)
    if model_id := logged_model_of(uri) or logged_model_of(split_uri(version.source)):
        return LoggedPlace(model_id)
    if is_run_id(version.run_id):
        # Older clients register the whole address: s3://bucket/1/<run>/artifacts/model.
        path = below(uri, split_uri(root_of_run(call, version.run_id)))
        if path is not None:
            return RunPlace(version.run_id, path)
    raise not_handed_out(text)


def root_of_run(call: RestCall, run_id: str) -> str:
    """The address of a run's artifacts, "" where it can't be known."""
    try:
        found = call.get(f"{API}/runs/get", {"run_id": run_id}, Asked("the run", "entry"))
        text = found["run"]["info"]["artifact_uri"]
    except (Refusal, KeyError, TypeError):
        return ""
    return text if isinstance(text, str) else ""


def entries_in(call: RestCall, place: Place, folder: str, who: Answerer) -> Iterator[Entry]:
    """What a folder holds. folder: from the root of the artifact."""
    path = "/".join(part for part in (place.root, folder) if part)
    address, params = place.listed(path)
    token = ""
    seen: set[str] = set()
    while True:
        found = _page(call, place, address, {**params, **({"page_token": token} if token else {})})
        root_uri = found.get("root_uri")
        root_uri = root_uri if isinstance(root_uri, str) else ""
        files = found.get("files", [])
        if not isinstance(files, list) or len(files) > MAX_ENTRIES * 2:
            raise odd_answer(who)
        for item in files:
            yield _entry(item, path, place, root_uri, who)
        following = found.get("next_page_token") or ""
        if not following:
            return
        if not isinstance(following, str) or following in seen or len(seen) >= MAX_PAGES:
            raise endless(who)
        seen.add(following)
        token = following


def _page(call: RestCall, place: Place, address: str, params: dict[str, str]) -> dict[str, Any]:
    try:
        found = call.get(address, params, place.asked)
    except Refusal as error:
        if isinstance(place, RunPlace) and error.code in ("server", "answer"):
            # Perhaps the server can't read them itself: then it is said where they lie.
            root = root_of_run(call, place.run_id)
            if root and split_uri(root).scheme != "mlflow-artifacts":
                raise not_handed_out(root) from None
        raise
    return found if isinstance(found, dict) else {}


def _entry(item: Any, folder: str, place: Place, root_uri: str, who: Answerer) -> Entry:
    path = item.get("path") if isinstance(item, dict) else None
    if not isinstance(path, str):
        raise odd_answer(who)
    # Paths are from the root of the run, or of the storage, or from the folder: by the server.
    name = path.removeprefix(f"{folder}/") if folder else path
    whole = f"{folder}/{name}" if folder else name
    where = "" if not is_plain(name) else place.where(whole, root_uri)
    return Entry(name, item.get("is_dir") is True, size_of(item.get("file_size")), where)
