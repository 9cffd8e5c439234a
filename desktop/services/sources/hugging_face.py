"""Import from the Hugging Face Hub, or from whatever else speaks its protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop.services.errors import RemoteError, ValidationError
from desktop.services.hub.hub import Hub
from desktop.services.hub.names import check_revision, check_subfolder
from desktop.services.hub.records import MAIN, HubFile, HubReference, HubRepo
from desktop.services.hub.tokens import check_token
from desktop.services.peft_folder.reading import printable
from desktop.services.progress import Progress
from desktop.services.records import (
    AdapterRecord,
    AdapterType,
    Finding,
    Origin,
    Severity,
)
from desktop.services.sources.base import Ahead, Fetched, SourceField

_COMMIT = re.compile(r"[0-9a-f]{40}")
_WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
_CONFIG = "adapter_config.json"
_EVERYTHING = "all_files"


class HuggingFace:
    """An adapter in a repository of a hub.

    Fields: `huggingface_name`, `org/name` or a pasted page; `revision`, a branch, tag or commit;
    `subfolder`; `endpoint`, the hub's address; `token`, for this import alone (left out: the one
    that the person is signed in with there); `commit`, what the revision was when the person looked
    at it; `all_files`, True to fetch also what only serves training. With `location` the adapter
    is in the Hugging Face cache of this machine and stays there.
    """

    type = AdapterType.HUGGINGFACE.value
    title = "Hugging Face"
    icon = "cloud"
    fields = (
        SourceField("huggingface_name", "Repository", "org/name"),
        SourceField("revision", "Revision", MAIN),
        SourceField("subfolder", "Sub-folder", "none"),
        SourceField("endpoint", "Hub", "https://huggingface.co"),
        SourceField("token", "Token", kind="secret"),
        SourceField("commit", "Commit"),
        SourceField("all_files", "All files", kind="switch"),
    )

    def __init__(self, hub: Hub, partial: Path) -> None:
        """partial: the folder that keeps what a fetch that did not end well had whole."""
        self._hub = hub
        self._partial = partial

    # -- the fields ------------------------------------------------------------------------

    def understood(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """A pasted page is taken apart; what is said in a field of its own counts more."""
        text = str(fields.get("huggingface_name") or "").strip()
        if not text:
            return fields
        said = self._hub.parse(text)
        parts = {
            "huggingface_name": said.repo_id,
            "revision": _text(fields, "revision") or said.revision,
            "subfolder": _text(fields, "subfolder").strip("/") or said.subfolder,
            "endpoint": _text(fields, "endpoint") or said.endpoint,
        }
        return {**fields, **parts}

    def check(self, fields: Mapping[str, Any]) -> list[Finding]:
        """Whether the words can be those of a hub; nobody is asked."""
        found: list[Finding] = []
        try:
            fields = self.understood(fields)
        except ValidationError as error:
            found += error.findings
        token = fields.get("token")
        if token is not None and not isinstance(token, str):
            found.append(_no_token("A token is a text."))
        elif token:
            found += check_token(token)
        found += check_revision(_text(fields, "revision"))
        if not _lies_in(fields.get("location"), _text(fields, "subfolder")):
            found += check_subfolder(_text(fields, "subfolder"))
        commit = _text(fields, "commit")
        if commit and not _COMMIT.fullmatch(commit):
            found.append(
                Finding(
                    "commit",
                    "commit",
                    Severity.ERROR,
                    "This is not a commit.",
                    "A commit has 40 characters, 0 to 9 and a to f.",
                )
            )
        if not self.keeps_in_place(fields):
            try:
                self._hub.endpoint_for(_text(fields, "endpoint"))
            except RemoteError as error:
                found.append(
                    Finding("endpoint", error.code, Severity.ERROR, error.message, error.advice)
                )
        return found

    def keeps_in_place(self, fields: Mapping[str, Any]) -> bool:
        """What lies in the cache of this machine stays there."""
        return bool(fields.get("location"))

    def kept(self, fields: Mapping[str, Any]) -> Fetched:
        """The commit of the cache's snapshot, and the hub that it is from."""
        commit = _text(fields, "commit")
        where = self._reference(fields)
        origin = self._origin(where, where, commit) if commit else None
        return Fetched({}, revision=commit or None, origin=origin)

    def _reference(self, fields: Mapping[str, Any]) -> HubReference:
        return HubReference(
            _text(fields, "huggingface_name"),
            _text(fields, "revision"),
            _text(fields, "subfolder"),
            self._hub.endpoint_for(_text(fields, "endpoint")),
        )

    def _origin(
        self, found: HubReference, asked: HubReference, commit: str, *, everything: bool = False
    ) -> Origin:
        # By the name that it has now: an old one may be given to somebody else's repository.
        return Origin(
            server=asked.endpoint,
            name=found.repo_id,
            revision=asked.revision or MAIN,
            subfolder=asked.subfolder,
            version=commit,
            details=((_EVERYTHING, "1"),) if everything else (),
        )

    # -- fetching --------------------------------------------------------------------------

    def fetch(self, fields: Mapping[str, Any], staging: Path, progress: Progress) -> Fetched:
        """Resolve the revision to a commit, then fetch that commit's files, verified.

        Raises:
            RemoteError: why not. Cancelled: asked to stop, within a second.
        """
        from desktop.services.transfer import RemoteFile, Transfer
        from desktop.services.transfer_store import PartStore

        asked = self._reference(fields)
        token = _text(fields, "token") or self._hub.token_for(asked.endpoint, progress)
        progress(0, 0, f"Asking for {asked.repo_id}")
        client = self._hub.client(asked.endpoint, token)
        commit = _text(fields, "commit")
        repo = client.repo(replace(asked, revision=commit or asked.revision), progress)
        everything = bool(fields.get("all_files"))
        wanted = _wanted(repo, everything=everything)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        files = [
            RemoteFile(f.name, client.address(repo, f), f.size, f.sha256, f.git_sha1)
            for f in wanted
        ]
        transfer = Transfer(
            asked.endpoint,
            headers=headers,
            plain_http=self._hub.plain_http_agreed(asked.endpoint),
            store=PartStore(self._partial),
        )
        try:
            hashes = transfer.fetch(files, staging, progress)
        except RemoteError as error:
            if error.code in ("token", "forbidden", "entry"):
                # Bytes are refused in fewer words than the hub has for it.
                client.explain_refusal(repo, error, progress)
            raise
        return Fetched(
            hashes,
            revision=repo.commit,
            values={"huggingface_name": repo.reference.repo_id},
            origin=self._origin(repo.reference, asked, repo.commit, everything=everything),
            keep=lambda folder: transfer.keep(files, folder),
        )

    # -- updates ---------------------------------------------------------------------------

    def newest(self, record: AdapterRecord, progress: Progress) -> str | None:
        """The commit that the adapter's branch or tag points to now.

        Raises:
            RemoteError: the hub could not be asked. Cancelled: the person asked to stop.
        """
        origin = record.origin
        if origin is None or _COMMIT.fullmatch(origin.revision):
            return None
        where = HubReference(origin.name, origin.revision, origin.subfolder, origin.server)
        try:
            return self._hub.newest_commit(where, progress)
        except RemoteError as error:
            raise _gone(error, origin) from None

    def ahead(self, record: AdapterRecord, progress: Progress) -> Ahead | None:
        """The adapter at the commit that its branch or tag points to now.

        Raises:
            RemoteError: the hub could not be asked. Cancelled: the person asked to stop.
        """
        origin = record.origin
        if origin is None:
            return None
        where = HubReference(origin.name, origin.revision, origin.subfolder, origin.server)
        found = self._hub.preview(where, progress)
        return Ahead(found.repo.commit, found.inspection)

    def again(self, record: AdapterRecord) -> Mapping[str, Any]:
        """The same repository, revision and sub-folder on the same hub."""
        origin = record.origin or Origin()
        return {
            "huggingface_name": origin.name,
            "revision": origin.revision,
            "subfolder": origin.subfolder,
            "endpoint": origin.server,
            "all_files": bool(dict(origin.details).get(_EVERYTHING)),
        }


def _no_token(message: str) -> Finding:
    return Finding("token", "token", Severity.ERROR, message, "Copy it from your settings page.")


def _lies_in(location: object, subfolder: str) -> bool:
    """Whether a folder on disk is the sub-folder of this name, however odd: it is there."""
    parts = tuple(subfolder.split("/"))
    plain = bool(subfolder) and not {"", ".", ".."} & set(parts)
    return plain and Path(str(location or "")).parts[-len(parts) :] == parts


def _text(fields: Mapping[str, Any], name: str) -> str:
    return str(fields.get(name) or "").strip()


def _gone(error: RemoteError, origin: Origin) -> RemoteError:
    """The same for somebody who asked for updates, and can't type another revision here."""
    if error.code != "revision":
        return error
    return RemoteError(
        "revision",
        f"“{printable(origin.name, 100)}” has no “{printable(origin.revision, 60)}” any more.",
        "The version that is here stays. Import another revision of it, if you want one.",
    )


def _wanted(repo: HubRepo, *, everything: bool) -> list[HubFile]:
    names = {file.name for file in repo.files}
    here = f"“{repo.reference.subfolder}”" if repo.reference.subfolder else "this repository"
    if _CONFIG not in names:
        advice = "Choose one that PEFT saved."
        if repo.folders:
            first = repo.folders[0]
            advice = f"Its sub-folder “{first}” holds one." if first else "Its root holds one."
        raise RemoteError("no_adapter", f"There is no {_CONFIG} in {here}.", advice)
    if not names & set(_WEIGHTS):
        raise RemoteError(
            "no_adapter",
            f"There are no weights in {here}.",
            f"PEFT keeps them in {_WEIGHTS[0]}.",
        )
    wanted = [file for file in repo.files if file.needed or everything]
    # What can be refused at once comes first, what takes long next.
    return sorted(wanted, key=lambda file: (file.name != _CONFIG, file.name not in _WEIGHTS))
