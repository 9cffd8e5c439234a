"""The files of an artifact, out of lists that a registry gives, one for each folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import printable
from desktop.services.registry.records import Artifact, ArtifactFile
from desktop.services.safe_names import Taken, is_safe_path

MAX_ENTRIES = 20_000
MAX_DEPTH = 20
MAX_FOLDERS = 2_000
MAX_PAGES = 200
MAX_SIZE = 1 << 50
"""No file is larger than this, whatever is announced: 1 PB."""
MAX_SKIPPED = 200
CONFIG = "adapter_config.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder as a registry lists it. size in bytes, None where it does not say;
    where: as of ArtifactFile; refused: it must not be read, whatever its name."""

    name: str
    is_folder: bool
    size: int | None = None
    where: str = ""
    refused: bool = False


class Listing:
    """Collects the files of an artifact. Names that no folder should hold are skipped, never an
    error; of two that differ in case alone, the first one stays. host: for a sentence."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._files: list[ArtifactFile] = []
        self._skipped: list[str] = []
        self._taken = Taken()
        self._count = 0

    def add(self, folder: str, entries: Iterable[Entry]) -> list[str]:
        """Take what a folder holds; returns the folders in it, to be looked at next.

        folder: its path from the artifact's root, "" = the root.

        Raises:
            RemoteError (`listing`): more than Lorarium goes through.
        """
        below = []
        for entry in entries:
            self._count += 1
            if self._count > MAX_ENTRIES:
                raise too_many(self._host)
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.refused or "/" in entry.name or not is_safe_path(path):
                self._skip(path)
            elif entry.is_folder:
                if path.count("/") + 1 > MAX_DEPTH:
                    raise too_deep(self._host)
                below.append(path)
            elif self._taken.take(path):
                self._files.append(ArtifactFile(path, entry.size, entry.where))
            else:
                self._skip(path)
        return below

    def _skip(self, path: str) -> None:
        if len(self._skipped) < MAX_SKIPPED:
            self._skipped.append(printable(path, 200))

    def artifact(self) -> Artifact:
        """What was collected."""
        return Artifact(
            tuple(sorted(self._files, key=lambda file: file.path)),
            tuple(self._skipped),
            adapters_in(file.path for file in self._files),
        )


def walk(host: str, entries_of: Callable[[str], Iterable[Entry]]) -> Artifact:
    """All files below the root of an artifact. entries_of: asks for one folder, by its path from
    the root ("" = the root).

    Raises:
        RemoteError: `listing` more, or deeper, than Lorarium goes through. Whatever `entries_of`
            raises.
    """
    listing = Listing(host)
    waiting = [""]
    looked_at: set[str] = set()
    while waiting:
        folder = waiting.pop(0)
        if folder in looked_at:
            continue
        looked_at.add(folder)
        if len(looked_at) > MAX_FOLDERS:
            raise too_many(host)
        waiting += listing.add(folder, entries_of(folder))
    return listing.artifact()


def adapters_in(paths: Iterable[str]) -> tuple[str, ...]:
    """The folders that hold an adapter_config.json, shallowest first, "" = the root."""
    found = {path.rpartition("/")[0] for path in paths if path.rpartition("/")[2] == CONFIG}
    return tuple(sorted(found, key=lambda folder: (folder.count("/") + bool(folder), folder)))


def size_of(value: object) -> int | None:
    """A size as registries say it, in a number or a text; None where it is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    return value if type(value) is int and 0 <= value <= MAX_SIZE else None


def too_many(host: str) -> RemoteError:
    """More files or folders than Lorarium lists."""
    return RemoteError(
        "listing",
        f"{host} lists more than {MAX_ENTRIES:,} files and folders in this version.",
        "Lorarium does not go through that many.",
    )


def too_deep(host: str) -> RemoteError:
    """Folders in folders in folders."""
    return RemoteError(
        "listing",
        f"{host} lists folders that are nested more than {MAX_DEPTH} levels deep.",
        "Lorarium does not go through that many.",
    )
