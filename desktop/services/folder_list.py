"""The folders in a folder, and what each of them is: what a tree of the file system needs.

Everything here blocks for as long as the disk does, so it runs off the UI thread. Names are taken
byte for byte (as os functions give them, with surrogate escapes), in whatever number they come.
"""

from __future__ import annotations

import heapq
import itertools
import os
import re
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from desktop.services.errors import Cancelled
from desktop.services.peft_folder import FolderMark, Mark, classify_folder
from desktop.services.peft_folder.reading import UnreadableFileError, explain
from desktop.services.scan.walk import PRUNED

MOST_FOLDERS = 5_000
"""How many sub-folders of one folder are listed."""

COUNT_SECONDS = 1.5
MOST_COUNTED = 50_000
"""How long, and through how many folders, the adapters below a folder are counted."""

_BETWEEN_LOOKS = 1_000
_CONFIG = "adapter_config.json"
_SYSTEM = frozenset({"/proc", "/sys", "/dev", "/run"})
_CHECKPOINT = re.compile(r"(checkpoint-)([0-9]{1,12})")
_NUMBER = re.compile(r"([0-9]+)")
_MOST_LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class SubFolder:
    """One folder in another. link: it is a link to a folder; loop: one that leads back to a folder
    above it, so that there is no end below it."""

    name: str
    path: str
    link: bool = False
    loop: bool = False


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The sub-folders of a folder in order, at most `limit` of `total`. problem: a sentence that
    says why it can't be read, "" if it can; missing: because it is not there any more."""

    folders: tuple[SubFolder, ...] = ()
    total: int = 0
    problem: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class FolderLook:
    """What one folder is, seen from above. opens: whether there are folders in it to show."""

    path: str
    mark: FolderMark
    opens: bool = True
    real: str = ""


@dataclass(frozen=True, slots=True)
class FolderCount:
    """How many adapters lie below a folder; complete: False where there may be more."""

    path: str
    count: int
    complete: bool = True


def sort_key(name: str) -> list[str | int]:
    """How names are ordered: without regard to case, numbers by their value, and of a training's
    checkpoints the latest first."""
    match = _CHECKPOINT.fullmatch(name)
    if match is not None:
        return [match.group(1), -int(match.group(2)), ""]
    # Always a text first, then in turns: two such lists can always be compared.
    parts = _NUMBER.split(name.casefold())
    return [int(part) if at % 2 else part for at, part in enumerate(parts)]


def list_folders(
    path: str,
    *,
    hidden: bool = False,
    limit: int = MOST_FOLDERS,
    cancelled: Callable[[], bool] | None = None,
) -> FolderListing:
    """The folders directly in `path`, sorted; of more than `limit`, the first ones.

    hidden: also those that the system hides. Links to folders are among them. Never raises for what
    is on the disk.

    Raises:
        Cancelled: as soon as `cancelled()` is true.
    """
    count = Counter[str]()
    try:
        real = os.path.realpath(path)
        with os.scandir(path) as entries:
            found = heapq.nsmallest(limit, _folders(entries, hidden, count, cancelled), key=_order)
    except (OSError, ValueError) as error:
        told = explain(error, "this folder")
        return FolderListing(problem=_sentence(told), missing=told.code == "missing")
    folders = (SubFolder(e.name, e.path, *_link(e, real)) for e in found)
    return FolderListing(tuple(folders), count["folders"])


def look_at(paths: Iterable[str], *, hidden: bool = False) -> tuple[FolderLook, ...]:
    """What each of these folders is. Never raises for what is on the disk."""
    looks = []
    for path in paths:
        mark = classify_folder(path)
        real = ""
        if mark.mark != Mark.PLAIN:
            try:
                real = os.path.realpath(path)
            except (OSError, ValueError):
                real = path
        looks.append(FolderLook(path, mark, _opens(path, hidden), real))
    return tuple(looks)


def count_adapters(
    path: str,
    *,
    seconds: float = COUNT_SECONDS,
    most: int = MOST_COUNTED,
    cancelled: Callable[[], bool] | None = None,
) -> FolderCount:
    """How many adapter folders lie below a folder, without itself, as far as it can be told in
    about so many seconds and from at most `most` folders.

    Follows no links, and enters neither places of the system nor what a scan leaves out (caches of
    programs and the like). Never raises for what is on the disk.

    Raises:
        Cancelled: as soon as `cancelled()` is true.
    """
    until = time.monotonic() + seconds
    count = looked = 0
    stack = [path]
    while stack:
        looked += 1
        if looked > most or time.monotonic() > until:
            return FolderCount(path, count, complete=False)
        folder = stack.pop()
        try:
            with os.scandir(folder) as entries:
                for number, entry in enumerate(entries, 1):
                    if number % _BETWEEN_LOOKS == 0:
                        if cancelled is not None and cancelled():
                            raise Cancelled
                        if time.monotonic() > until:
                            return FolderCount(path, count, complete=False)
                    if entry.name == _CONFIG and folder != path:
                        count += 1
                    elif entry.name not in PRUNED and entry.is_dir(follow_symlinks=False):
                        if entry.path not in _SYSTEM:
                            stack.append(entry.path)
        except (OSError, ValueError):
            continue  # what can't be read has nothing to count
        if cancelled is not None and cancelled():
            raise Cancelled
    return FolderCount(path, count)


def common_parents(paths: Iterable[str], most: int = 3) -> list[str]:
    """The folders that most of these adapter folders lie in: worth a place of their own.

    A training's `checkpoint-N` counts for the folder around its run. Returns at most `most`, those
    with the most adapters first, and none that lies in another one of them.
    """
    counts = Counter(_shelf(path) for path in paths)
    counts.pop(os.path.abspath(os.sep), None)
    chosen: list[str] = []
    for folder, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if any(folder.startswith(other + os.sep) for other in chosen):
            continue
        chosen = [other for other in chosen if not other.startswith(folder + os.sep)]
        if len(chosen) < most:
            chosen.append(folder)
    return chosen


def find_way(path: str, roots: Iterable[str]) -> tuple[str, ...]:
    """The steps to a folder: the root that it lies under, then each folder down to it.

    The longest root wins. Empty when it lies under none of them.
    """
    path = os.path.normpath(path)
    best = ""
    for root in roots:
        below = path == root or path.startswith(root.rstrip(os.sep) + os.sep)
        if below and len(root) > len(best):
            best = root
    if not best:
        return ()
    steps = [best]
    rest = path[len(best) :].strip(os.sep)
    for name in rest.split(os.sep) if rest else ():
        steps.append(os.path.join(steps[-1], name))
    return tuple(steps)


def typed_folder(text: str) -> tuple[str, str]:
    """(absolute path, "") of what a person typed as a folder, or ("", sentence) where it is none.

    `~` and `~name` mean a home folder; a file means the folder around it. Looks at the disk.
    """
    wanted = text.strip()
    if wanted.startswith("file:///"):  # from a browser, with its escapes
        wanted = os.fsdecode(unquote_to_bytes(wanted.removeprefix("file://")))
    wanted = os.path.expanduser(wanted)
    if not wanted:
        return "", "Type the path of a folder."
    if "\0" in wanted or not os.path.isabs(wanted):
        return "", "This is not a whole path. Start with / or ~."
    wanted = os.path.normpath(wanted)
    try:
        mode = os.stat(wanted).st_mode
    except (OSError, ValueError) as error:
        told = explain(error, "this folder")
        if told.code == "missing":
            return "", "There is no such folder. Check the spelling."
        return "", _sentence(told)
    if stat.S_ISDIR(mode):
        return wanted, ""
    return os.path.dirname(wanted), ""


def _folders(
    entries: Iterator[os.DirEntry[str]],
    hidden: bool,
    count: Counter[str],
    cancelled: Callable[[], bool] | None,
) -> Iterator[os.DirEntry[str]]:
    # Reading an entry lets go of the interpreter each time, so the window runs on beside a million.
    for number, entry in enumerate(entries, 1):
        if number % _BETWEEN_LOOKS == 0 and cancelled is not None and cancelled():
            raise Cancelled
        if _is_folder(entry) and (hidden or not _is_hidden(entry)):
            count["folders"] += 1
            yield entry


def _order(entry: os.DirEntry[str]) -> tuple[list[str | int], str]:
    return sort_key(entry.name), entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle
        return False


def _is_hidden(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith("."):
        return True
    flag = getattr(stat, "FILE_ATTRIBUTE_HIDDEN", 0)
    if os.name != "nt" or not flag:
        return False
    try:
        return bool(getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0) & flag)
    except OSError:
        return False


def _link(entry: os.DirEntry[str], parent: str) -> tuple[bool, bool]:
    """(is a link, leads back to a folder above it). parent: the real path around it."""
    try:
        if not entry.is_symlink():
            return False, False
        target = os.path.realpath(entry.path)
    except OSError:
        return True, False
    return True, parent == target or parent.startswith(target.rstrip(os.sep) + os.sep)


def _opens(path: str, hidden: bool) -> bool:
    try:
        with os.scandir(path) as entries:
            for entry in itertools.islice(entries, _MOST_LOOKED_AT):
                if _is_folder(entry) and (hidden or not _is_hidden(entry)):
                    return True
            # More entries than were looked at: opening it will tell.
            return next(entries, None) is not None
    except (OSError, ValueError):
        return True  # opening it says why not


def _shelf(path: str) -> str:
    parent = os.path.dirname(os.path.normpath(path))
    if _CHECKPOINT.fullmatch(os.path.basename(path)):
        return os.path.dirname(parent)
    return parent


def _sentence(told: UnreadableFileError) -> str:
    if told.code == "no_permission":
        return "You may not read this folder."
    if told.code == "missing":
        return "This folder is not there any more."
    return f"{told.message[:1].upper()}{told.message[1:]}"
