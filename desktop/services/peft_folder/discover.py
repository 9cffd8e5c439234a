"""Finding adapters in a folder: the folder itself, its named adapters, a training's checkpoints."""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from desktop.services.errors import Cancelled
from desktop.services.peft_folder.files import looks_like
from desktop.services.peft_folder.reading import (
    LFS_POINTER_START,
    UnreadableFileError,
    explain,
    read_start,
)
from desktop.services.peft_folder.weights import PICKLE_NAME, SAFETENSORS_NAME

_CONFIG_NAME = "adapter_config.json"
_CHECKPOINT = re.compile(r"checkpoint-(\d{1,12})")
_SKIPPED = frozenset({".git", ".cache", ".venv", "__pycache__", "node_modules"})
_MOST_NAMES = 2_000
_LARGEST_CONFIG = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundAdapter:
    """One adapter folder below a place.

    title: its path below that place, the place's own name for itself; step: N of `checkpoint-N`;
    mtime: seconds since 1970 of its weights, None without weights; size_bytes: of its weights;
    newest: whether it is the last of several checkpoints.
    """

    path: str
    title: str
    step: int | None = None
    mtime: float | None = None
    size_bytes: int | None = None
    newest: bool = False


class Mark(StrEnum):
    """What a folder is, at a glance."""

    ADAPTER = "adapter"
    BROKEN = "broken"
    NOT_PEFT = "not_peft"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class FolderMark:
    """A folder's mark with a word for a badge and a sentence for its tooltip, both may be empty."""

    mark: Mark
    word: str = ""
    reason: str = ""


def find_adapters(
    path: str | os.PathLike[str],
    *,
    max_depth: int = 3,
    max_entries: int = 20_000,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[FoundAdapter, ...]:
    """The adapters in a folder and its sub-folders.

    Looks `max_depth` levels down and at `max_entries` directory entries at most; never follows a
    linked folder. Returns the folder itself first, then named adapters by name, then checkpoints,
    the latest step first. Folders that can't be read are passed over. Raises Cancelled as soon as
    `cancelled()` is true.
    """
    top = os.fspath(path)
    found = list(_walk(top, max_depth, max_entries, cancelled))
    steps: dict[str, list[int]] = {}
    for adapter in found:
        if adapter.step is not None:
            steps.setdefault(os.path.dirname(adapter.path), []).append(adapter.step)
    last = {parent: max(s) for parent, s in steps.items() if len(s) > 1}
    found = [
        replace(a, newest=True)
        if a.step is not None and last.get(os.path.dirname(a.path)) == a.step
        else a
        for a in found
    ]
    return tuple(sorted(found, key=lambda a: _order(a, top)))


def _order(adapter: FoundAdapter, top: str) -> tuple[bool, bool, str, int, str]:
    checkpoint = adapter.step is not None
    parent = os.path.dirname(adapter.title) if checkpoint else ""
    return (adapter.path != top, checkpoint, parent, -(adapter.step or 0), adapter.title)


def _walk(
    top: str, max_depth: int, max_entries: int, cancelled: Callable[[], bool] | None
) -> Iterator[FoundAdapter]:
    queue: deque[tuple[str, str, int]] = deque([(top, "", 0)])
    seen: set[tuple[int, int]] = set()  # the same folder by two mounts is one folder
    left = max_entries
    while queue and left > 0:
        folder, title, depth = queue.popleft()
        below: list[str] = []
        is_adapter = False
        try:
            info = os.stat(folder)
            if info.st_ino and (info.st_dev, info.st_ino) in seen:
                continue
            seen.add((info.st_dev, info.st_ino))
            with os.scandir(folder) as entries:
                for entry in entries:
                    if cancelled is not None and cancelled():
                        raise Cancelled
                    left -= 1
                    if left < 0:
                        break
                    if entry.name == _CONFIG_NAME:
                        is_adapter = True
                    elif (
                        depth < max_depth
                        and entry.name not in _SKIPPED
                        and entry.is_dir(follow_symlinks=False)
                    ):
                        below.append(entry.name)
        except (OSError, ValueError):
            pass  # what was seen until then still counts
        if is_adapter:
            yield _found(folder, title)
        for name in sorted(below):
            queue.append((os.path.join(folder, name), os.path.join(title, name), depth + 1))


def _found(folder: str, title: str) -> FoundAdapter:
    name = os.path.basename(os.path.abspath(folder))
    match = _CHECKPOINT.fullmatch(name)
    mtime = size = None
    for weights in (SAFETENSORS_NAME, PICKLE_NAME):
        try:
            info = os.stat(os.path.join(folder, weights))
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(info.st_mode):
            mtime, size = info.st_mtime, info.st_size
            break
    return FoundAdapter(folder, title or name, int(match.group(1)) if match else None, mtime, size)


def classify_folder(path: str | os.PathLike[str]) -> FolderMark:
    """A mark for one folder of a tree, from its names and a few looks; the whole truth about an
    adapter needs inspect_folder. Never raises for what is in the folder."""
    folder = os.fspath(path)
    try:
        with os.scandir(folder) as entries:
            names = {entry.name for entry in islice(entries, _MOST_NAMES)}
        for name in (_CONFIG_NAME, SAFETENSORS_NAME, PICKLE_NAME):
            if len(names) >= _MOST_NAMES and os.path.lexists(os.path.join(folder, name)):
                names.add(name)
    except (OSError, ValueError) as error:
        return FolderMark(Mark.PLAIN, "", explain(error, "this folder").message)
    if _CONFIG_NAME in names:
        return _classify_adapter(folder, names)
    if SAFETENSORS_NAME in names or PICKLE_NAME in names:
        return FolderMark(
            Mark.BROKEN, "No config", "Weights of an adapter are here, but no adapter_config.json."
        )
    what = looks_like(folder, names)
    if what:
        word = what.removeprefix("a ")
        return FolderMark(
            Mark.NOT_PEFT, word[0].upper() + word[1:], f"This looks like {what}, no PEFT adapter."
        )
    return FolderMark(Mark.PLAIN)


def _classify_adapter(folder: str, names: set[str]) -> FolderMark:
    try:
        start, size = read_start(folder, _CONFIG_NAME, 256)
    except UnreadableFileError as error:
        return FolderMark(Mark.BROKEN, "Config", error.message)
    if start.startswith(LFS_POINTER_START):
        return FolderMark(Mark.BROKEN, "Pointer", "adapter_config.json is a Git LFS pointer.")
    text = start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    if size > _LARGEST_CONFIG or not text.startswith(b"{"):
        return FolderMark(Mark.BROKEN, "Config", "adapter_config.json is not a table of settings.")
    weights = next((n for n in (SAFETENSORS_NAME, PICKLE_NAME) if n in names), None)
    if weights is None:
        return FolderMark(Mark.BROKEN, "No weights", "There are no weights in this folder.")
    try:
        start, size = read_start(folder, weights, 256)
    except UnreadableFileError as error:
        return FolderMark(Mark.BROKEN, "Weights", error.message)
    if size == 0:
        return FolderMark(Mark.BROKEN, "Empty", f"{weights} is empty.")
    if start.startswith(LFS_POINTER_START):
        return FolderMark(Mark.BROKEN, "Pointer", f"{weights} is a Git LFS pointer.")
    if weights == PICKLE_NAME:
        return FolderMark(
            Mark.ADAPTER, "Unsafe format", "Its weights are in a pickle format that can run code."
        )
    if int.from_bytes(start[:8], "little") + 8 > size or start[8:9] != b"{":
        return FolderMark(Mark.BROKEN, "Weights", f"{weights} is cut short or no safetensors file.")
    return FolderMark(Mark.ADAPTER, "Adapter")
