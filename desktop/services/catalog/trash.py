"""The store of managed folders and the trash beside it.

Only what Lorarium itself copied or fetched ever moves here, and nothing outside the store is
touched, whatever a row says: rows of a shared catalogue are not trusted (docs/architecture.md).
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from desktop.services.catalog.location import CatalogLocation
from desktop.services.errors import FolderError

KEEP_SECONDS = 30 * 24 * 3600
"""How long a folder that no step of the history needs any more stays in the trash."""

_OURS = re.compile(r"[a-z0-9][a-z0-9-]*-[0-9a-f]{8}")
"""What the folders are called that an import makes; others are not ours to move."""


class Trash:
    """Moves managed folders out of the store and back."""

    def __init__(self, location: CatalogLocation) -> None:
        self._store = location.adapters
        self._trash = location.trash

    def is_empty(self) -> bool:
        """Whether neither store nor trash holds a folder."""
        return not _folders(self._store) and not _folders(self._trash)

    def plan(self, stored: str) -> tuple[str, str] | None:
        """(from, to) for taking a managed folder out of the store; None if it is not one of it."""
        path = Path(stored)
        if not self._in_store(path):
            return None
        return str(path), str(self._trash / path.name)

    def _in_store(self, path: Path) -> bool:
        # Exactly one level below the store, by its real place: no way out by links or dots.
        return (
            path.is_absolute()
            and path.name not in ("", ".", "..")
            and os.path.realpath(path.parent) == os.path.realpath(self._store)
            and not path.is_symlink()
        )

    def _ours(self, path: Path) -> bool:
        parent = os.path.realpath(path.parent)
        homes = (os.path.realpath(self._store), os.path.realpath(self._trash))
        return parent in homes and path.name not in ("", ".", "..") and not path.is_symlink()

    def move(self, source: str, target: str) -> bool:
        """Rename a folder between store and trash; False where there is nothing to move.

        Raises:
            FolderError: the disk said no, or the paths are not of the store and the trash.
        """
        here, there = Path(source), Path(target)
        if not (self._ours(here) and self._ours(there)):
            raise FolderError("This folder is not one that Lorarium made.", "It stays as it is.")
        if not here.is_dir():
            return False
        try:
            there.parent.mkdir(parents=True, exist_ok=True)
            if there.exists():
                raise FolderError(f"“{there.name}” is in the way.", f"Look at {there}.")
            here.rename(there)
            if there.parent == self._trash:
                # Its time in the trash begins now, however old the adapter is.
                with suppress(OSError):
                    os.utime(there)
        except OSError as error:
            raise FolderError(
                f"“{here.name}” can't be moved: {error.strerror or error}.",
                "Its files stay where they are.",
            ) from error
        return True

    @contextmanager
    def moving(self) -> Iterator[Callable[[str, str], bool]]:
        """`move` for the time of one write to the catalogue: where that fails, all goes back."""
        moved: list[tuple[str, str]] = []

        def move(source: str, target: str) -> bool:
            there = self.move(source, target)
            if there:
                moved.append((target, source))
            return there

        try:
            yield move
        except BaseException:
            for back in reversed(moved):
                with suppress(FolderError):
                    self.move(*back)
            raise

    def sweep(
        self, in_use: Collection[str], remembered: Collection[str], *, look: bool = False
    ) -> bool:
        """Tidy up after a run that was killed; returns whether there is (was) anything to do.

        in_use: folders that rows point to. remembered: folders in the trash that the history can
        bring back; others leave after 30 days. look: change nothing.
        """
        # By name, too: in a library that was moved elsewhere the rows still say the old place.
        names = {os.path.basename(path) for path in in_use}
        moves: list[tuple[str, str]] = []
        gone: list[Path] = []
        for entry in _folders(self._store):
            if entry.name not in names:
                moves.append((str(entry), str(self._trash / entry.name)))
        for entry in _folders(self._trash):
            here = str(self._store / entry.name)
            if here in in_use:
                if not os.path.exists(here):
                    moves.append((str(entry), here))
            elif str(entry) not in remembered and entry.name not in names and _is_old(entry):
                gone.append(entry)
        if not look:
            for source, target in moves:
                # One that can't be moved keeps no other from its place.
                with suppress(FolderError):
                    self.move(source, target)
            for entry in gone:
                shutil.rmtree(entry, ignore_errors=True)
        return bool(moves or gone)


def _is_old(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > KEEP_SECONDS
    except OSError:
        return False


def _folders(parent: Path) -> list[Path]:
    try:
        return [
            entry
            for entry in parent.iterdir()
            if _OURS.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink()
        ]
    except OSError:
        return []
