"""Frozen values that the Hub's part of the house hands out."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.services.records import FileKind, Finding, FolderInspection

HUB = "https://huggingface.co"
"""The endpoint where nobody says another one."""

MAIN = "main"
"""The revision where nobody says another one. It is always said: some mirrors need it."""


@dataclass(frozen=True, slots=True)
class HubReference:
    """One place on a hub.

    repo_id: `org/name` (or `name`). revision: branch, tag or commit, "" = main. subfolder: POSIX
    path inside the repository, "" = its root. endpoint: `scheme://host[:port][/path]` without a
    slash at the end, "" = the one that the person has set.
    """

    repo_id: str
    revision: str = ""
    subfolder: str = ""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a repository. path: from its root; name: from the sub-folder of the reference,
    which is what it will be called in the adapter's folder. size in bytes. sha256: of a file in
    LFS; git_sha1: of the git blob of any other. needed: whether PEFT or its tokenizer wants it."""

    path: str
    name: str
    size: int
    kind: FileKind
    sha256: str | None = None
    git_sha1: str | None = None
    needed: bool = True


@dataclass(frozen=True, slots=True)
class HubRepo:
    """What the hub says of a repository at one commit; all text in it comes from strangers.

    commit: 40 hex digits. gated: "" (open), "auto" or "manual". changed: seconds since 1970.
    base_models: from card and tags. files: those of the sub-folder; skipped: names that no folder
    should hold and that are left out. folders: other places in it that hold an adapter_config.json.
    """

    reference: HubReference
    commit: str
    files: tuple[HubFile, ...] = ()
    skipped: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    gated: str = ""
    private: bool = False
    licence: str = ""
    tags: tuple[str, ...] = ()
    base_models: tuple[str, ...] = ()
    library: str = ""
    downloads: int | None = None
    likes: int | None = None
    changed: float | None = None

    @property
    def needed_bytes(self) -> int:
        """What the files that an adapter needs weigh together."""
        return sum(file.size for file in self.files if file.needed)

    @property
    def all_bytes(self) -> int:
        """What all files weigh together."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class HubPreview:
    """What can be known before the download.

    inspection: as of a local folder, from the config and the head of the weights; None while the
    files may not be read (gated). findings: those of the inspection, and what is to be said of the
    repository itself (field `huggingface_name`); errors first. locked: "" or the code of the
    RemoteError that keeps the files shut ("gated", "token", "forbidden").
    card_type: the PEFT type that tags or card claim, "" = unknown; only worth a look while locked.
    """

    repo: HubRepo
    inspection: FolderInspection | None = None
    findings: tuple[Finding, ...] = ()
    locked: str = ""
    card_type: str = ""


SORTS = ("downloads", "likes", "last_modified")


@dataclass(frozen=True, slots=True)
class HubQuery:
    """A search for adapters. base_model: a Hub id, "" = any; sort: one of SORTS, most first."""

    text: str = ""
    author: str = ""
    base_model: str = ""
    sort: str = "downloads"


@dataclass(frozen=True, slots=True)
class HubResult:
    """One line of a search."""

    repo_id: str
    downloads: int | None = None
    likes: int | None = None
    changed: float | None = None
    gated: bool = False
    private: bool = False
    licence: str = ""
    base_models: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HubPage:
    """Some lines of a search. cursor: hand it to `Hub.search` for the next ones, "" = no more."""

    results: tuple[HubResult, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class CachedAdapter:
    """An adapter in the Hugging Face cache of this machine.

    path: its folder in the snapshot. commit: of the snapshot. refs: branches and tags that point
    to it there. size: of its files, in bytes. seen: when it was last used, seconds since 1970.
    """

    repo_id: str
    path: str
    commit: str
    subfolder: str = ""
    refs: tuple[str, ...] = ()
    size: int = 0
    seen: float | None = None
    peft_type: str = ""
    base_model: str = ""


@dataclass(frozen=True, slots=True)
class TokenOffer:
    """A token that is on this machine already. It is offered, never taken by itself.

    kind: `environment` (HF_TOKEN) or `login` (`hf auth login`). hint: its last four characters.
    """

    kind: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whether somebody is signed in at an endpoint.

    user: the account's name, "" = nobody, or not asked yet. kept: `keyring` (until signed out),
    `session` (in memory, until the program ends), "" = not signed in.
    """

    endpoint: str
    user: str = ""
    kept: str = ""
    offers: tuple[TokenOffer, ...] = ()
