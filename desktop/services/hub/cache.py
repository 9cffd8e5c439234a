"""The adapters in the Hugging Face cache of this machine.

A cache is written by many programs, some of which were killed while they wrote, so this looks at
its layout itself: huggingface_hub's own scan leaves out a whole repository for one broken link or
one reference to a snapshot that is gone. Nothing in the cache is changed.

    models--<org>--<name>/refs/<branch or tag>      the commit, as text
    models--<org>--<name>/snapshots/<commit>/…      links to ../../blobs/<etag>
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice

from desktop.services.hub.records import CachedAdapter
from desktop.services.peft_folder import find_adapters, is_hub_name, storable
from desktop.services.peft_folder.base_models import hub_cache_folder
from desktop.services.peft_folder.config import CONFIG_NAME, read_config
from desktop.services.peft_folder.files import kind_for
from desktop.services.peft_folder.reading import (
    MissingFileError,
    UnreadableFileError,
    allowed_root,
    explain,
    read_start,
    resolve,
)
from desktop.services.peft_folder.weights import PICKLE_NAME, SAFETENSORS_NAME
from desktop.services.progress import Progress, silent
from desktop.services.records import FileKind

MAX_REPOSITORIES = 50_000
MAX_SNAPSHOTS = 500
MAX_ENTRIES = 5_000
"""Directory entries that are looked at below one snapshot."""

_MODELS = "models--"
_DEPTH = 3
_MAX_REFS = 500
_MAX_REF_NAME = 255
_COMMIT = re.compile(r"[0-9a-f]{40}")
_COUNTED = (FileKind.CARD, FileKind.TOKENIZER)


def list_cached(progress: Progress | None = None) -> list[CachedAdapter]:
    """The adapters in the cache, every snapshot of each, the last used first; no network.

    Only those whose config can be read and whose weights are there whole: what a download left
    half-done is not listed. A repository may hold several, down to three folders deep. Without a
    cache the list is empty.

    Raises:
        UnreadableFileError: the cache is there and can't be read. Cancelled: from `progress`.
    """
    progress = progress or silent
    cache = os.path.abspath(hub_cache_folder())
    repositories = _repositories(cache)
    found: list[CachedAdapter] = []
    for done, (repo_id, folder) in enumerate(repositories):
        progress(done, len(repositories), repo_id)
        found += _adapters(repo_id, folder)
    progress(len(repositories), len(repositories), "")
    # Stable: of two snapshots that share their weights, the newer one stays first.
    return sorted(found, key=lambda adapter: -(adapter.seen or 0.0))


def _repositories(cache: str) -> list[tuple[str, str]]:
    """(id, folder) of the models in the cache, by name."""
    try:
        with os.scandir(cache) as entries:
            names = [
                entry.name
                for entry in islice(entries, 4 * MAX_REPOSITORIES)
                if entry.name.startswith(_MODELS)
            ]
    except (OSError, ValueError) as error:
        told = explain(error, "the Hugging Face cache")
        if isinstance(told, MissingFileError):
            return []
        raise told from None
    found = []
    for name in sorted(names)[:MAX_REPOSITORIES]:
        repo_id = name.removeprefix(_MODELS).replace("--", "/")
        if is_hub_name(repo_id):
            found.append((repo_id, os.path.join(cache, name)))
    return found


def _adapters(repo_id: str, folder: str) -> Iterator[CachedAdapter]:
    snapshots = _snapshots(os.path.join(folder, "snapshots"))
    refs = _refs(os.path.join(folder, "refs")) if snapshots else {}
    for snapshot in snapshots:
        commit = os.path.basename(snapshot)
        names = tuple(sorted(name for name, target in refs.items() if target == commit))
        root = allowed_root(snapshot)
        for place in find_adapters(snapshot, max_depth=_DEPTH, max_entries=MAX_ENTRIES):
            adapter = _adapter(repo_id, snapshot, place.path, names, root)
            if adapter is not None:
                yield adapter


def _adapter(
    repo_id: str, snapshot: str, path: str, refs: tuple[str, ...], root: str
) -> CachedAdapter | None:
    """The adapter in one folder of a snapshot; None where something of it is missing."""
    below = os.path.relpath(path, snapshot)
    subfolder = "" if below == os.curdir else below.replace(os.sep, "/")
    if subfolder != storable(subfolder) or not subfolder.isprintable():
        return None
    weights = _weights(path, root)
    if weights is None:
        return None
    config = read_config(path, root)
    if not config.readable:
        return None
    size, seen = weights
    return CachedAdapter(
        repo_id=repo_id,
        path=path,
        commit=os.path.basename(snapshot),
        subfolder=subfolder,
        refs=refs,
        size=size + _small_files(path, root),
        seen=seen,
        peft_type=config.peft_type or "",
        base_model=config.base_model_name or "",
    )


def _weights(path: str, root: str) -> tuple[int, float] | None:
    """(size, when they were last used) of the weights that PEFT would take."""
    for name in (SAFETENSORS_NAME, PICKLE_NAME):
        try:
            info = os.stat(resolve(path, name, root))
        except (UnreadableFileError, OSError):
            continue
        # The time of the weights, not of the config: that one is read to make this list.
        return info.st_size, max(info.st_atime, info.st_mtime)
    return None


def _small_files(path: str, root: str) -> int:
    """Bytes of the config, the card and the tokenizer; what else is there is not the adapter's."""
    try:
        with os.scandir(path) as entries:
            names = [
                entry.name
                for entry in islice(entries, MAX_ENTRIES)
                if entry.name == CONFIG_NAME or kind_for(entry.name) in _COUNTED
            ]
    except OSError:
        return 0
    size = 0
    for name in names:
        try:
            size += os.stat(resolve(path, name, root)).st_size
        except (UnreadableFileError, OSError):
            continue
    return size


def _snapshots(folder: str) -> list[str]:
    """The snapshots of a repository, the newest first. A linked one is not followed."""
    found: list[tuple[float, str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, MAX_SNAPSHOTS):
                if _COMMIT.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False):
                    found.append((entry.stat(follow_symlinks=False).st_mtime, entry.path))
    except OSError:
        pass  # what was seen until then still counts
    return [path for _, path in sorted(found, reverse=True)]


def _refs(folder: str) -> dict[str, str]:
    """{branch or tag: commit}. A branch's name may hold slashes, so it may lie deeper."""
    found: dict[str, str] = {}
    left = _MAX_REFS
    waiting = [("", 0)]
    while waiting and left > 0:
        below, depth = waiting.pop()
        place = os.path.join(folder, below)
        try:
            with os.scandir(place) as entries:
                seen = [
                    (entry.name, entry.is_dir(follow_symlinks=False))
                    for entry in islice(entries, left)
                ]
        except OSError:
            continue
        left -= len(seen)
        for name, is_folder in seen:
            whole = f"{below}/{name}" if below else name
            if len(whole) > _MAX_REF_NAME or not whole.isprintable():
                continue
            if is_folder:
                if depth < _DEPTH:
                    waiting.append((whole, depth + 1))
                continue
            try:
                data, _ = read_start(place, name, 64)
            except UnreadableFileError:
                continue
            commit = data.decode("ascii", "replace").strip()
            if _COMMIT.fullmatch(commit):
                found[whole] = commit
    return found
