"""The files of a run in a project of a Cloudera AI Workbench."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable
from desktop.services.progress import Progress
from desktop.services.registry.cloudera_names import API
from desktop.services.registry.cloudera_wire import model_paths_of
from desktop.services.registry.mlflow_wire import text_of
from desktop.services.registry.names import MAX_ENTRIES, Entry, size_of, too_many, walk
from desktop.services.registry.records import Artifact, ArtifactFile, ModelVersion
from desktop.services.registry.rest import Asked, Refusal, RestCall, RestClient
from desktop.services.registry.rest_errors import Answerer, odd_answer, page_instead
from desktop.services.safe_names import is_safe_path

_HOME = "/home/cdsw/"
_ROOM = 1 << 20  # beyond what is asked for, before an answer is cut off


def root_of(run: Mapping[str, Any], version: ModelVersion, who: Answerer) -> str:
    """Where in its project the files of a version are, by the run that made it.

    Raises:
        RemoteError: `entry` they lie outside of the project; `answer` a path that is none.
    """
    artifacts = f".experiments/{version.experiment_id}/{version.run_id}/artifacts"
    said = text_of(run.get("artifact_uri"), 1_000)
    scheme = urlsplit(said).scheme if "://" in said else ""
    if scheme not in ("", "file"):
        raise RemoteError(
            "entry",
            f"The files of this version lie in {printable(said.split('?')[0], 100)}, which the "
            "workbench does not hand out.",
            "Ask whoever registered it for a copy.",
        )
    said = said.removeprefix("file://")
    if said.startswith(_HOME):
        artifacts = said.removeprefix(_HOME).strip("/")
    paths = model_paths_of(run, version)
    # A run that registered several things for one version is listed from its root.
    below = paths[0] if len(paths) == 1 else ""
    if below.startswith("/"):
        home = f"{_HOME}{artifacts}"
        if below.rstrip("/") != home and not below.startswith(f"{home}/"):
            raise odd_answer(who)
        below = below.removeprefix(home)
    below = below.removeprefix("./").strip("/")
    root = f"{artifacts}/{below}" if below and below != "." else artifacts
    if not is_safe_path(root):
        raise odd_answer(who)
    return root


def list_files(
    rest: RestClient, project_id: str, root: str, progress: Progress, what: str
) -> Artifact:
    """All files below a folder of a project. what: the version, for the beginning of a sentence.

    Raises:
        RemoteError: `entry` the folder is gone; `listing`; a Refusal.
    """
    base = f"{API}/projects/{quote(project_id, safe='')}/files/"
    with rest.asking(progress, f"Asking {rest.host} for the files") as call:
        folder = _Folder(call, base, root, rest.who)

        def entries_of(path: str) -> Iterable[Entry]:
            return folder.entries(f"{root}/{path}" if path else root)

        try:
            return walk(rest.host, entries_of)
        except Refusal as error:
            if error.status != 404:
                raise
            raise RemoteError(
                "entry",
                f"{what} has no files any more: there is no such folder in project {project_id}.",
                "Ask the owner of the project; the run may have been removed.",
            ) from None


class _Folder:
    """Asks for folders of a project. Some workbenches take the path as it is, others only as one
    piece, with its slashes encoded: the first answer shows which."""

    def __init__(self, call: RestCall, base: str, root: str, who: Answerer) -> None:
        self._call = call
        self._base = base
        self._root = root
        self._who = who
        self._quote: Callable[[str], str] = quote

    def entries(self, path: str) -> list[Entry]:
        found = self._ask(path)
        files = found.get("files") if isinstance(found, Mapping) else None
        if not isinstance(files, list):
            # An empty folder is left out of the answer.
            if isinstance(found, Mapping) and files is None:
                return []
            raise odd_answer(self._who)
        if len(files) > MAX_ENTRIES:
            raise too_many(self._who.host)
        return [self._entry(item, path) for item in files]

    def _ask(self, path: str) -> Any:
        asked = Asked("that folder", "entry")
        try:
            return self._call.get(f"{self._base}{self._quote(path)}", {}, asked)
        except Refusal as error:
            if error.status != 404 or path != self._root:
                raise
            found = self._call.get(f"{self._base}{_in_one(path)}", {}, asked)
            self._quote = _in_one
            return found

    def _entry(self, item: object, folder: str) -> Entry:
        if not isinstance(item, Mapping) or not isinstance(item.get("path"), str):
            raise odd_answer(self._who)
        # A name as a rule; a path where some version of the workbench says more.
        name = item["path"].removeprefix(f"{folder}/").rstrip("/")
        where = f"{self._base}{self._quote(f'{folder}/{name}')}:download"
        return Entry(name, item.get("is_dir") is True, size_of(item.get("file_size")), where)


def read_start(rest: RestClient, file: ArtifactFile, limit: int, progress: Progress) -> bytes:
    """The first bytes of a file. It is a POST, and few servers know ranges of those: then the
    answer is left after so many bytes."""
    if limit <= 0:
        return b""
    name = printable(file.path, 80)
    headers = {"Content-Type": "application/json", "Range": f"bytes=0-{limit - 1}"}
    data = bytearray()
    with (
        rest.asking(progress, f"Looking at {name}", limit + _ROOM) as call,
        call.stream(
            "POST",
            file.where,
            (),
            Asked(f"the file “{name}”", "entry"),
            content=b"{}",
            headers=headers,
            empty=416,
        ) as response,
    ):
        if response.status_code == 416:
            return b""
        if not response.headers.get("content-range", "bytes 0-").startswith("bytes 0-"):
            raise odd_answer(rest.who)
        if response.headers.get("content-type", "").lower().startswith("text/html"):
            raise page_instead(rest.who)
        for chunk in response.iter_raw():
            data += chunk
            if len(data) >= limit:
                break
    return bytes(data[:limit])


def _in_one(path: str) -> str:
    return quote(path, safe="")
