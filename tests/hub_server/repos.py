"""The repositories of the test hub: commits, branches, and what its API says of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any

LFS_PATTERNS = ("*.safetensors", "*.bin", "*.pt")
"""What the hub keeps in LFS unless a repository says otherwise."""

HOSTILE_BODY = b"hostile\n"
"""What a name of `Repo.extra_names` holds."""


@dataclass(frozen=True)
class Blob:
    """One file at one commit."""

    data: bytes
    in_lfs: bool

    @property
    def size(self) -> int:
        return len(self.data)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def pointer(self) -> bytes:
        """What git itself holds of a file in LFS."""
        text = "version https://git-lfs.github.com/spec/v1\n"
        return f"{text}oid sha256:{self.sha256}\nsize {self.size}\n".encode()

    @cached_property
    def oid(self) -> str:
        """The sha1 of the git blob; of a file in LFS that of its pointer."""
        held = self.pointer if self.in_lfs else self.data
        return hashlib.sha1(b"blob %d\0" % len(held) + held).hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.in_lfs else self.oid


@dataclass(frozen=True)
class Commit:
    """All files at one moment. sha: 40 hex digits, from the content and the parent."""

    sha: str
    files: Mapping[str, Blob]


class Repo:
    """One model repository. Attributes may be changed at any time, also while it is served.

    renamed_to: its new id; what asks for the old one is redirected. disabled: nobody gets in.
    gated: "" or False, "auto" or "manual". says: entries that replace those of the info and of a
    list row, whatever they are. commit_says, etag_says: what is claimed instead of the truth.
    size_says, sha256_says: the same by file name, in the listings. extra_names: more names in the
    listings, each served with a few bytes; an entry need not be text.
    """

    def __init__(
        self,
        repo_id: str,
        files: Mapping[str, bytes] | None = None,
        folder: Path | None = None,
        *,
        private: bool = False,
        gated: str | bool = "",
        tags: Sequence[str] = (),
        card: Mapping[str, Any] | None = None,
        downloads: int = 0,
        likes: int = 0,
        last_modified: str = "2026-11-12T08:30:00.000Z",
        library: str | None = "peft",
        pipeline: str | None = "text-generation",
        lfs: Sequence[str] | None = None,
    ) -> None:
        self.id = repo_id
        self.private = private
        self.gated = gated
        self.given_tags = list(tags)
        self.given_card = card
        self.downloads = downloads
        self.likes = likes
        self.last_modified = last_modified
        self.library = library
        self.pipeline = pipeline
        self.lfs = lfs
        self.renamed_to = ""
        self.disabled = False
        self.extra_names: list[Any] = []
        self.commit_says: Any = None
        self.etag_says: str | None = None
        self.size_says: dict[str, Any] = {}
        self.sha256_says: dict[str, Any] = {}
        self.says: dict[str, Any] = {}
        self.commits: dict[str, Commit] = {}
        self.branches: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        held = dict(files or {})
        if folder is not None:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    held[path.relative_to(folder).as_posix()] = path.read_bytes()
        blobs = {name: self._as_blob(name, data) for name, data in held.items()}
        self.branches["main"] = self._commit("", blobs)

    # -- what the tests do with it -------------------------------------------------------------

    @property
    def commit(self) -> str:
        """The commit that main points to, 40 hex digits."""
        return self.branches["main"]

    @property
    def files(self) -> dict[str, bytes]:
        """The files of main by their names."""
        return {name: blob.data for name, blob in self.commits[self.commit].files.items()}

    def push(self, changes: Mapping[str, bytes | None], branch: str = "main") -> str:
        """Commit changed files (None: removed) to a branch; returns the new commit."""
        parent = self.branches[branch]
        held = dict(self.commits[parent].files)
        for name, data in changes.items():
            if data is None:
                del held[name]
            else:
                held[name] = self._as_blob(name, data)
        self.branches[branch] = self._commit(parent, held)
        return self.branches[branch]

    def tag(self, name: str, revision: str = "main") -> str:
        """Let a tag point to a revision; returns the commit."""
        self.tags[name] = self.at(revision).sha
        return self.tags[name]

    def branch(self, name: str, changes: Mapping[str, bytes | None] | None = None) -> str:
        """Start a branch at main, with changed files if any; returns its commit."""
        self.branches[name] = self.commit
        return self.push(changes, name) if changes else self.commit

    def at(self, revision: str) -> Commit:
        """The commit of a branch, a tag or a full hash. Raises KeyError."""
        if revision == self.commit_says:
            revision = self.commit
        revision = self.branches.get(revision) or self.tags.get(revision) or revision
        return self.commits[revision]

    def history(self, commit: str) -> list[str]:
        """The commits from this one back to the first."""
        found = []
        while commit:
            found.append(commit)
            commit = self._parents[commit]
        return found

    def blob(self, commit: Commit, name: str) -> Blob:
        """A file of a commit, or an extra name. Raises KeyError."""
        if name not in commit.files and name in self.extra_names:
            return Blob(HOSTILE_BODY, in_lfs=False)
        return commit.files[name]

    def _as_blob(self, name: str, data: bytes) -> Blob:
        patterns = LFS_PATTERNS if self.lfs is None else self.lfs
        return Blob(bytes(data), in_lfs=any(fnmatch(name, pattern) for pattern in patterns))

    def _commit(self, parent: str, held: Mapping[str, Blob]) -> str:
        files = {name: held[name] for name in sorted(held)}
        digest = hashlib.sha1(f"{self.id} {parent}".encode())
        for name, blob in files.items():
            digest.update(f"\0{name}\0{blob.oid}".encode("utf-8", "surrogatepass"))
        sha = digest.hexdigest()
        self.commits[sha] = Commit(sha, files)
        self._parents[sha] = parent
        return sha

    # -- what the API says ---------------------------------------------------------------------

    @property
    def shown_id(self) -> str:
        return self.renamed_to or self.id

    @property
    def card(self) -> dict[str, Any]:
        """The given card, else the front matter of the README."""
        if self.given_card is not None:
            return dict(self.given_card)
        return _front_matter(self.files.get("README.md", b""))

    @property
    def all_tags(self) -> list[str]:
        """The given tags, and those that the Hub makes from library and card."""
        found = [*self.given_tags, *([self.library] if self.library else [])]
        card = self.card
        found += _as_list(card.get("tags"))
        for base in _as_list(card.get("base_model")):
            found.append(f"base_model:{base}")
            if self.library == "peft":
                found.append(f"base_model:adapter:{base}")
        found += [f"license:{value}" for value in _as_list(card.get("license"))]
        return list(dict.fromkeys(found))

    def shown_commit(self, commit: Commit) -> Any:
        return commit.sha if self.commit_says is None else self.commit_says

    def properties(self, commit: Commit, *, blobs: bool) -> dict[str, Any]:
        """Everything that the API can say. blobs: with the sizes and hashes of the files."""
        bases = _as_list(self.card.get("base_model"))
        return {
            "_id": hashlib.sha1(self.id.encode()).hexdigest()[:24],
            "id": self.shown_id,
            "modelId": self.shown_id,
            "author": self.shown_id.split("/")[0],
            "sha": self.shown_commit(commit),
            "lastModified": self.last_modified,
            "createdAt": "2026-01-02T03:04:05.000Z",
            "private": self.private,
            "gated": self.gated or False,
            "disabled": self.disabled,
            "downloads": self.downloads,
            "downloadsAllTime": self.downloads * 3,
            "likes": self.likes,
            "trendingScore": self.likes,
            "tags": self.all_tags,
            "pipeline_tag": self.pipeline,
            "library_name": self.library,
            "cardData": self.card,
            "siblings": self._siblings(commit, blobs=blobs),
            "spaces": [],
            "usedStorage": sum(blob.size for blob in commit.files.values()),
            "baseModels": {"relation": "adapter", "models": [{"_id": b, "id": b} for b in bases]},
            **self.says,
        }

    def _siblings(self, commit: Commit, *, blobs: bool) -> list[dict[str, Any]]:
        rows = []
        for name, blob in self._named(commit):
            row: dict[str, Any] = {"rfilename": name}
            if blobs:
                row["blobId"] = blob.oid
                row["size"] = self._said(self.size_says, name, blob.size)
                if blob.in_lfs:
                    row["lfs"] = {
                        "sha256": self._said(self.sha256_says, name, blob.sha256),
                        "size": self._said(self.size_says, name, blob.size),
                        "pointerSize": len(blob.pointer),
                    }
            rows.append(row)
        return rows

    def tree(self, commit: Commit, folder: str, *, recursive: bool) -> list[dict[str, Any]]:
        """The entries below a folder ("" = the root), folders among them. Raises KeyError."""
        start = f"{folder}/" if folder else ""
        rows: dict[Any, dict[str, Any]] = {}
        for index, (name, blob) in enumerate(self._named(commit)):
            if not isinstance(name, str) or name not in commit.files:
                if not folder:
                    rows[("extra", index)] = self._tree_row(name, blob)
                continue
            if not name.startswith(start):
                continue
            parts = name[len(start) :].split("/")
            for depth in range(1, len(parts)):
                path = start + "/".join(parts[:depth])
                if recursive or depth == 1:
                    oid = hashlib.sha1(path.encode()).hexdigest()
                    rows[path] = {"type": "directory", "path": path, "size": 0, "oid": oid}
            if recursive or len(parts) == 1:
                rows[name] = self._tree_row(name, blob)
        if folder and not rows:
            raise KeyError(folder)
        return list(rows.values())

    def _tree_row(self, name: Any, blob: Blob) -> dict[str, Any]:
        size = self._said(self.size_says, name, blob.size)
        row = {"type": "file", "path": name, "size": size, "oid": blob.oid}
        if blob.in_lfs:
            row["lfs"] = {
                "oid": self._said(self.sha256_says, name, blob.sha256),
                "size": size,
                "pointerSize": len(blob.pointer),
            }
        return row

    def _named(self, commit: Commit) -> list[tuple[Any, Blob]]:
        extra = [(name, Blob(HOSTILE_BODY, in_lfs=False)) for name in self.extra_names]
        return [*commit.files.items(), *extra]

    @staticmethod
    def _said(lies: Mapping[str, Any], name: Any, truth: Any) -> Any:
        return lies.get(name, truth) if isinstance(name, str) else truth


def _as_list(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [] if value is None else [str(value)]


def _front_matter(readme: bytes) -> dict[str, Any]:
    import yaml

    lines = readme.decode("utf-8", "replace").splitlines()
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        return {}
    try:
        found = yaml.safe_load("\n".join(lines[1 : lines.index("---", 1)]))
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}
