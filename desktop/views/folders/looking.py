"""What the folders page asks the disk and the library: functions for another thread, no widgets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop.models.folder_nodes import Place, key_of
from desktop.services.errors import NotFoundError
from desktop.services.folder_list import common_parents, typed_folder
from desktop.services.folder_watch import volumes
from desktop.services.peft_folder import (
    FolderMark,
    FoundAdapter,
    Mark,
    check_folder,
    classify_folder,
    find_adapters,
    inspect_folder,
)
from desktop.services.records import Finding, FolderInspection, blocks

if TYPE_CHECKING:
    from desktop.services.adapters import Adapters

LEVELS = 3
"""How deep a plain folder is searched for adapters."""

Shelf = dict[str, str]
"""Adapter id to the path of its folder."""


@dataclass(frozen=True)
class Looked:
    """One folder, looked into. refusal: why that was not possible; inspection: of an adapter
    folder, also a broken one."""

    path: str
    mark: FolderMark
    refusal: Finding | None = None
    inspection: FolderInspection | None = None

    @property
    def importable(self) -> bool:
        """Whether it is an adapter that nothing keeps from being imported."""
        return self.inspection is not None and not blocks(self.inspection.findings)


def look_into(_ctx: Any, path: str) -> Looked:
    """Everything about one folder itself. Never raises for what is on the disk."""
    refusal = check_folder(path)
    if refusal is not None:
        return Looked(path, FolderMark(Mark.PLAIN, "", refusal.message), refusal)
    mark = classify_folder(path)
    if mark.mark not in (Mark.ADAPTER, Mark.BROKEN):
        return Looked(path, mark)
    inspection = inspect_folder(path)
    errors = [f for f in inspection.findings if blocks([f])]
    if errors:
        # A look at a few names took it for whole; now it is known better.
        mark = FolderMark(Mark.BROKEN, mark.word, errors[0].message)
    return Looked(path, mark, None, inspection)


def search(ctx: Any, paths: Sequence[str]) -> dict[str, tuple[FoundAdapter, ...]]:
    """The adapters below each of these folders, without the folder itself. Raises Cancelled."""

    def stopped() -> bool:
        return bool(ctx.cancelled)

    found = {}
    for path in paths:
        adapters = find_adapters(path, max_depth=LEVELS, cancelled=stopped)
        found[path] = tuple(adapter for adapter in adapters if adapter.path != path)
    return found


def typed(_ctx: Any, text: str) -> tuple[str, str]:
    """What a person typed as a folder: see `typed_folder`."""
    return typed_folder(text)


def find_places(_ctx: Any, paths: Sequence[str], favourites: Sequence[str] = ()) -> list[Place]:
    """Where the tree starts. paths: the folders of the library's adapters; favourites: folders that
    stand on top."""
    home = os.path.normpath(os.path.expanduser("~"))
    found: dict[str, Place] = {}
    for path in favourites:
        found[path] = Place(path, "Home" if path == home else _title(path), "star")
    if os.path.isabs(home):
        found.setdefault(home, Place(home, "Home", "folder"))
    for shelf in common_parents(paths):
        # Text alone: a look at it could hang, and opening it tells.
        found.setdefault(shelf, Place(shelf, _title(shelf), "books"))
    drives = volumes()
    root = os.path.abspath(os.sep)
    if root not in drives:
        found.setdefault(root, Place(root, root, "cylinder"))
    for volume in drives:
        found.setdefault(volume, Place(volume, _title(volume), "cylinder"))
    return list(found.values())


def read_shelf(_ctx: Any, adapters: Adapters, ids: Sequence[str] | None) -> tuple[Any, Shelf]:
    """(ids, where these adapters lie); None means all of them. Those that are gone are left out."""
    if ids is None:
        return None, {key: path for key, path, _, _ in adapters.fingerprints() if path}
    shelf: Shelf = {}
    for key in ids:
        try:
            path = adapters.get_adapter(key).path
        except NotFoundError:
            continue
        if path:
            shelf[key] = path
    return ids, shelf


def by_folder(_ctx: Any, shelf: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Which adapters lie in a folder, by `key_of(path)`."""
    found: dict[str, tuple[str, ...]] = {}
    for key, path in shelf.items():
        folder = key_of(path)
        found[folder] = (*found.get(folder, ()), key)
    return found


def directly_below(path: str, found: Iterable[FoundAdapter]) -> int:
    """How many of the found adapters lie directly in the folder."""
    return sum(os.path.dirname(adapter.path) == path.rstrip(os.sep) for adapter in found)


def without_nested(paths: Iterable[str]) -> list[str]:
    """The paths in their order, without those that lie in another one of them."""
    every = list(dict.fromkeys(paths))
    around = set(every)
    return [path for path in every if not any(p in around for p in _above(path))]


def _above(path: str) -> Iterator[str]:
    parent = os.path.dirname(path)
    while parent != path:
        yield parent
        path, parent = parent, os.path.dirname(parent)


def _title(path: str) -> str:
    return os.path.basename(path) or path
