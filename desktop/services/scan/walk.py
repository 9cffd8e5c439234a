"""Walking a tree of folders: without recursion, without following links, never stuck on numbers.

Runs in a child process. Of each folder it takes one listing and no more than its names tell; where
the cache knows the folder and its time is the same, not even that.
"""

from __future__ import annotations

import os
import stat
import time
import zlib
from collections.abc import Iterable, Mapping
from typing import Protocol

from desktop.services.peft_folder.reading import explain, kind_of

CONFIG = "adapter_config.json"
PRUNED = frozenset({".git", ".cache", ".venv", "__pycache__", "node_modules"})
"""Folders that hold no adapters and many files; entered only if a scan begins there. Of `.cache`
what the Hugging Face Hub was asked for is walked all the same."""
SYSTEM = frozenset({"/proc", "/sys", "/dev"})
"""What the kernel makes up, by whatever file system: in a container /dev is an ordinary one."""
_HUB_CACHE = os.path.join("huggingface", "hub")
_HUB_REPO = ("models--", "datasets--", "spaces--")

MAX_FILES = 5_000
"""So many names of one folder are kept: as many as an inspection lists."""

_TELLING = frozenset(
    {
        CONFIG, "adapter_model.safetensors", "adapter_model.bin", "model_index.json",
        "pytorch_lora_weights.safetensors", "pytorch_lora_weights.bin", "config.json",
    }
)  # fmt: skip
_BETWEEN_BEATS = 2_000
_YOUNG_NS = 2_000_000_000
_MAX_PATH = 4_000

Known = tuple[int, tuple[str, ...], str | None, int, int]
"""What the cache knows of a folder: time of change, sub-folders, and of its row: fingerprint (None
= there is no row), level, checksum of the files' names."""


class Sink(Protocol):
    """Where a walk tells what it meets."""

    def beat(self, path: str) -> None:
        """It is alive, and here."""

    def folder(self, path: str, mtime_ns: int, below: tuple[str, ...]) -> None:
        """A folder was listed; the cache may keep this."""

    def adapter(self, path: str, names: list[str], checksum: int) -> None:
        """A folder that needs a look. checksum: of its files' names."""

    def same(self, path: str, mark: str) -> None:
        """A folder whose row in the cache, with this fingerprint, still holds."""

    def mount(self, path: str) -> None:
        """Another file system begins here; it was not entered."""

    def store(self, path: str) -> None:
        """The managed store lies here, as it is spelled from the root."""

    def skip(self, path: str, code: str, reason: str) -> None:
        """Something was not looked at."""


class Walk:
    """One walk below a root. known: the cache by path; mounts: where other file systems begin, by
    their text, with whether they hold a person's files; level: the least that a row has to say;
    own: real paths of folders that Lorarium keeps for itself, not entered; store: that of the
    managed store; folders: how many were seen."""

    def __init__(
        self,
        root: str,
        sink: Sink,
        known: Mapping[str, Known] | None = None,
        mounts: Mapping[str, bool] | None = None,
        level: int = 2,
        own: Iterable[str] = (),
        store: str = "",
    ) -> None:
        self.root = root
        self.sink = sink
        self.known = known or {}
        self.mounts = mounts or {}
        self.level = level
        self.own = tuple(own)
        self.store = store
        self.folders = 0
        self._pruned: dict[str, list[str]] = {}

    def run(self) -> None:
        """Walk until every folder was seen."""
        self._pruned.clear()
        own = self._spelled()
        if self.root in own:
            self.sink.skip(self.root, "own", _OWN)
            return
        self._walk(own)
        for name, paths in self._pruned.items():
            self.sink.skip(paths[0], "pruned", _pruned_reason(name, len(paths)))

    def _spelled(self) -> frozenset[str]:
        """Lorarium's own folders as this walk comes upon them; the root where it lies in one."""
        if not (self.own or self.store):
            return frozenset()
        try:
            # No link is followed below the root, so it alone can be spelled in another way.
            real = os.path.realpath(self.root)
        except (OSError, ValueError):
            return frozenset()
        if any(_is_in(real, folder) for folder in self.own):
            return frozenset({self.root})
        if self.store and _is_in(real, self.store):
            self.sink.store(self.root)
        elif self.store and _is_in(self.store, real):
            self.sink.store(self._from_root(self.store, real))
        return frozenset(self._from_root(one, real) for one in self.own if _is_in(one, real))

    def _from_root(self, path: str, real: str) -> str:
        return os.path.join(self.root, path[len(real) :].lstrip(os.sep))

    def _walk(self, own: frozenset[str]) -> None:
        stack = [self.root]
        seen: set[tuple[int, int]] = set()  # the same folder by two mounts is one folder
        sink, known = self.sink, self.known
        join = "/" if os.sep == "/" else os.sep
        while stack:
            path = stack.pop()
            if path != self.root and self._stays_out(path, own, stack):
                continue
            self.folders += 1
            if not self.folders & 63:
                sink.beat(path)
            try:
                info = os.stat(path)
                identity = (info.st_dev, info.st_ino)
                if identity in seen and info.st_ino:
                    sink.skip(path, "twice", "This folder was looked at by another path.")
                    continue
                seen.add(identity)
                cached = known.get(path)
                if (
                    cached is not None
                    and cached[0] == info.st_mtime_ns
                    and (cached[2] is None or self._holds(path, cached))
                ):
                    below: Iterable[str] = cached[1]
                else:
                    below = self._list(path, info, cached)
            except (OSError, ValueError) as error:
                self._failed(path, error)
                continue
            start = path if path.endswith(join) else path + join
            stack += [start + name for name in below]

    def _stays_out(self, path: str, own: frozenset[str], stack: list[str]) -> bool:
        """Whether a folder below the root is not entered, after telling why."""
        if path in SYSTEM or not self.mounts.get(path, True):
            self.sink.skip(path, "system", "This is a place of the system, without files.")
        elif path in self.mounts:
            self.sink.mount(path)
        elif path in own:
            self.sink.skip(path, "own", _OWN)
        else:
            above, _, name = path.rpartition(os.sep)
            if name in PRUNED:
                self._pruned.setdefault(name, []).append(path)
                hub = os.path.join(path, _HUB_CACHE)
                if name == ".cache" and os.path.isdir(hub):
                    stack.append(hub)
                return True
            # The files of a repository in a cache of the Hub; its snapshots are links to them.
            return name == "blobs" and os.path.basename(above).startswith(_HUB_REPO)
        return True

    def _holds(self, path: str, cached: Known) -> bool:
        """Whether the row of a folder whose names are the same is still right; tells it then."""
        mark = cached[2] or ""
        if cached[3] < self.level or fingerprint(path) != mark:
            return False
        self.sink.same(path, mark)
        return True

    def _list(self, path: str, info: os.stat_result, cached: Known | None) -> list[str]:
        """The sub-folders of a folder, after telling what else is in it."""
        sink = self.sink
        now = time.time_ns()
        below: list[str] = []
        names: list[str] = []
        telling = False
        odd = False
        count = 0
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    below.append(name)
                    continue
                count += 1
                if count <= MAX_FILES:
                    names.append(name)
                    if name in _TELLING or name.endswith(".safetensors"):
                        telling = True
                elif name in _TELLING or name.endswith(".safetensors"):
                    telling = True
                    if len(names) < 2 * MAX_FILES:
                        names.append(name)
                if not entry.is_file(follow_symlinks=False):
                    odd = self._odd(entry) or odd
                if not count % _BETWEEN_BEATS:
                    sink.beat(path)
        if len(path) > _MAX_PATH:
            sink.skip(path, "too_long", "The path is longer than this system allows.")
            return []
        below.sort(reverse=True)  # a stack gives the last one first
        # A folder that changed just now may change again within the same tick of its clock, and one
        # whose clock counts whole seconds (FAT) can't be told from one that did.
        old = now - info.st_mtime_ns > _YOUNG_NS and info.st_mtime_ns % 1_000_000_000
        mtime_ns = info.st_mtime_ns if old and not odd else 0
        sink.folder(path, mtime_ns, tuple(below))
        if telling:
            names.sort()
            checksum = zlib.crc32("/".join(names).encode("utf-8", "surrogatepass"))
            alike = cached is not None and cached[2] is not None and cached[4] == checksum
            if cached is None or not alike or not self._holds(path, cached):
                sink.adapter(path, names, checksum)
        return below

    def _odd(self, entry: os.DirEntry[str]) -> bool:
        """Say what was left out: a link to a folder, or something that is no file."""
        try:
            if entry.is_symlink():
                info = os.stat(entry.path)
                if not stat.S_ISDIR(info.st_mode):
                    return False  # a link to a file belongs to its folder
            else:
                info = entry.stat(follow_symlinks=False)
        except OSError as error:
            if entry.is_symlink():
                if isinstance(error, FileNotFoundError):
                    return False  # a link to nothing: of interest only where it is an adapter's
                self.sink.skip(entry.path, "link_loop", "This is a link that leads to itself.")
                return True
            return False  # it vanished
        if not entry.is_symlink():
            self.sink.skip(
                entry.path, "special", f"This is {kind_of(info.st_mode)}, not a file or folder."
            )
            return True
        if self._leads_up(entry.path):
            self.sink.skip(
                entry.path, "link_loop", "This is a link that leads back to a folder above it."
            )
        else:
            self.sink.skip(
                entry.path,
                "link",
                "This is a link to another folder. Scan that folder itself to see what is in it.",
            )
        return True

    def _leads_up(self, path: str) -> bool:
        target = os.path.realpath(path)
        parent = os.path.realpath(os.path.dirname(path))
        return parent == target or parent.startswith(target.rstrip(os.sep) + os.sep)

    def _failed(self, path: str, error: OSError | ValueError) -> None:
        told = explain(error, "this folder")
        if told.code == "no_permission":
            self.sink.skip(path, "no_permission", "You may not read this folder.")
        elif told.code == "missing":
            self.sink.skip(path, "vanished", "This folder is not there any more.")
        else:
            message = told.message
            self.sink.skip(path, told.code, message[:1].upper() + message[1:])


_OWN = "Lorarium keeps this folder for itself: for its trash, its copies, or a running import."


def _pruned_reason(name: str, count: int) -> str:
    but = ", but for what was fetched from the Hugging Face Hub" if name == ".cache" else ""
    if count == 1:
        start = f"A folder with the name “{name}” is not searched{but}."
    else:
        start = f"{count:,} folders with the name “{name}” are not searched{but}; this is one."
    return f"{start} Scan it itself to see what is in it."


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def fingerprint(folder: str) -> str:
    """As `peft_folder.fingerprint`, for a folder whose path needs no care."""
    try:
        info = os.stat(folder + "/adapter_config.json")
    except (OSError, ValueError):
        return ""
    text = f"adapter_config.json:{info.st_size}:{info.st_mtime_ns}"
    try:
        info = os.stat(folder + "/adapter_model.safetensors")
        return f"{text}|adapter_model.safetensors:{info.st_size}:{info.st_mtime_ns}"
    except (OSError, ValueError):
        pass
    try:
        info = os.stat(folder + "/adapter_model.bin")
        return f"{text}|adapter_model.bin:{info.st_size}:{info.st_mtime_ns}"
    except (OSError, ValueError):
        return text
