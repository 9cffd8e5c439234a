"""Which files of a repository make an adapter, out of a list that a server gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from desktop.services.errors import RemoteError
from desktop.services.hub.records import HubFile
from desktop.services.peft_folder.files import kind_for
from desktop.services.peft_folder.reading import printable
from desktop.services.records import FileKind
from desktop.services.safe_names import Taken, is_safe_path

MAX_ENTRIES = 50_000
MAX_SIZE = 1 << 50
"""No file is larger than this, whatever is announced: 1 PB."""
MAX_FOLDERS = 200
MAX_SKIPPED = 200
CONFIG = "adapter_config.json"
SAFETENSORS = "adapter_model.safetensors"
PICKLE = "adapter_model.bin"
_OURS = frozenset({CONFIG, SAFETENSORS, PICKLE})

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHA1 = re.compile(r"[0-9a-f]{40}")
_NEEDED = frozenset({FileKind.CONFIG, FileKind.WEIGHTS, FileKind.TOKENIZER})


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as a server announces it. size in bytes, None where it does not say."""

    path: str
    size: int | None = None
    sha256: str | None = None
    git_sha1: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of one folder of a repository; the fields are those of HubRepo."""

    files: tuple[HubFile, ...]
    skipped: tuple[str, ...]
    folders: tuple[str, ...]


def of_siblings(siblings: Iterable[Any]) -> list[Entry]:
    """The entries of a model info; huggingface_hub has made objects of them."""
    entries = []
    for sibling in siblings:
        if not isinstance(sibling.rfilename, str):
            raise TypeError
        lfs = sibling.lfs
        entries.append(
            Entry(
                sibling.rfilename,
                _size(sibling.size if lfs is None else lfs.size),
                None if lfs is None else _hash(lfs.sha256, _SHA256, sibling.rfilename),
                None if lfs else _hash(sibling.blob_id, _SHA1, sibling.rfilename),
            )
        )
    return entries


def of_tree(page: Any) -> list[Entry]:
    """The entries of a page of `…/tree/…`, as JSON gives them.

    Raises:
        TypeError, KeyError: it is no such page.
    """
    if not isinstance(page, list):
        raise TypeError
    entries = []
    for item in page:
        if not isinstance(item, Mapping) or not isinstance(item["path"], str):
            raise TypeError
        if item.get("type") != "file":
            continue
        path, lfs = item["path"], item.get("lfs")
        if isinstance(lfs, Mapping):
            sha256 = _hash(lfs.get("oid"), _SHA256, path)
            entries.append(Entry(path, _size(lfs.get("size", item.get("size"))), sha256))
        else:
            sha1 = _hash(item.get("oid"), _SHA1, path)
            entries.append(Entry(path, _size(item.get("size")), git_sha1=sha1))
    return entries


def list_files(entries: Iterable[Entry], subfolder: str) -> Listing:
    """Choose among the files of a repository.

    subfolder: the adapter's folder, "" = the root. Files outside it are left out, and so are those
    of other adapters below it. Names that no folder should hold are skipped, never an error; of two
    that differ in case alone, the one that PEFT looks for stays, else the first one.

    Raises:
        RemoteError (`listing`): the size of a file that is needed is not announced.
    """
    prefix = f"{subfolder}/" if subfolder else ""
    inside: list[Entry] = []
    skipped: list[str] = []
    folders: list[str] = []
    taken = Taken()
    # First those that an adapter can't do without: a twin of theirs has to give way.
    for entry in sorted(entries, key=_is_twin_of_ours):
        mine = entry.path.startswith(prefix)
        if not is_safe_path(entry.path) or not taken.take(entry.path):
            if mine and len(skipped) < MAX_SKIPPED:
                skipped.append(printable(entry.path[len(prefix) :] or entry.path, 200))
            continue
        folder, _, name = entry.path.rpartition("/")
        if name == CONFIG and folder != subfolder and len(folders) < MAX_FOLDERS:
            folders.append(folder)
        if mine:
            inside.append(entry)
    others = tuple(f"{folder}/" for folder in folders if folder.startswith(prefix) and folder)
    inside = [entry for entry in inside if not entry.path.startswith(others)]
    names = {entry.path[len(prefix) :] for entry in inside}
    files = [_file(entry, entry.path[len(prefix) :], SAFETENSORS in names) for entry in inside]
    return Listing(tuple(files), tuple(skipped), tuple(in_order(folders)))


def in_order(folders: Iterable[str]) -> list[str]:
    """Folders by name; of those that differ in a number, the highest first: of checkpoints that
    is the newest one."""

    def key(folder: str) -> list[str | int]:
        # Words and digits take turns, so that like is compared with like.
        parts = re.split(r"([0-9]{1,18})", folder.casefold())
        return [-int(part) if at % 2 else part for at, part in enumerate(parts)]

    return sorted(folders, key=lambda folder: (key(folder), folder))


def _is_twin_of_ours(entry: Entry) -> bool:
    """Whether it has the name of a file that PEFT looks for, in other letters."""
    name = entry.path.rpartition("/")[2]
    return name not in _OURS and name.casefold() in _OURS


def sizes_missing(entries: Iterable[Entry]) -> bool:
    """Whether the server left a size out: some mirrors do so in a model info."""
    return any(entry.size is None for entry in entries)


def _file(entry: Entry, name: str, has_safetensors: bool) -> HubFile:
    kind = kind_for(name) if "/" not in name else _kind_below(name)
    needed = "/" not in name and (kind in _NEEDED or name == "README.md")
    if name == PICKLE and has_safetensors:
        needed = False
    if entry.size is None and needed:
        raise RemoteError(
            "listing",
            f"The server does not say how large “{printable(name, 60)}” is.",
            "Try another hub: without its size a file can't be fetched safely.",
        )
    return HubFile(entry.path, name, entry.size or 0, kind, entry.sha256, entry.git_sha1, needed)


def _kind_below(name: str) -> FileKind:
    """A file in a folder below is none of the adapter's own, whatever it is called."""
    folder, _, last = name.rpartition("/")
    if kind_for(last) == FileKind.TRAINING or kind_for(folder.split("/")[0]) == FileKind.TRAINING:
        return FileKind.TRAINING
    return FileKind.OTHER


def _size(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= MAX_SIZE:
        raise ValueError
    return value


def _hash(value: object, pattern: re.Pattern[str], path: str) -> str | None:
    """A hash that can be compared with, None where none is announced.

    Raises:
        RemoteError (`answer`): what is announced is none. Taken for "none" it would let any bytes
            through.
    """
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise RemoteError(
            "answer",
            f"The server announces a hash for “{printable(path, 60)}” that is none.",
            "Nothing was fetched; try another hub.",
        )
    return value
