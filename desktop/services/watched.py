"""Folders that are watched for new adapters: looked at now and then, never imported from.

Each new adapter is told of once. What was told is kept beside the library, as hashes of paths: it
says what is new to this library, and of that there may be more than settings should hold.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.services.errors import Cancelled, ConflictError, ValidationError
from desktop.services.findings import Finding, Severity
from desktop.services.peft_folder import printable
from desktop.services.progress import Progress, silent
from desktop.services.scan.records import Found, FoundState, Skipped
from desktop.services.scan.roots import AnyPath, can_be_asked, is_in, path_of, paths_of
from desktop.services.scan.scan import UNSURE, Scan
from desktop.services.settings import Settings

SETTING = "watched/folders"
LOOK_SECONDS = 120.0
"""How long one look may take; what it has not reached by then waits for the next."""
MOST_FOLDERS = 32
_LIMIT = 64 << 20
_VERSION = 1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class News:
    """New adapters below one watched folder, by path."""

    folder: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What a look saw. news: of each folder with something new; away: watched folders that are not
    there or do not answer; unfinished: whether the time was up before everything was seen."""

    news: tuple[News, ...] = ()
    away: tuple[str, ...] = ()
    unfinished: bool = False
    seconds: float = 0.0

    @property
    def count(self) -> int:
        """How many adapters are new."""
        return sum(len(one.paths) for one in self.news)


class Watched:
    """The watched folders of one person, seen from one library."""

    def __init__(self, settings: Settings, scan: Callable[[], Scan], data: Path) -> None:
        """scan: gives the scan when something is to be looked at; data: the library's folder.

        `last` is what the last look saw."""
        self._settings = settings
        self._scan = scan
        self._told_file = data / "watched.json"
        self.last: WatchReport | None = None

    # -- which -----------------------------------------------------------------------------

    def folders(self) -> tuple[str, ...]:
        """The watched folders, in the order in which they were added."""
        listed = self._settings.get(SETTING, [])
        known = [path for path in listed if isinstance(path, str) and os.path.isabs(path)]
        return tuple(dict.fromkeys(known))[:MOST_FOLDERS]

    def add(self, path: AnyPath) -> None:
        """Watch a folder. Asks no disk.

        Raises:
            TypeError: this is no path.
            ValidationError: no disk can hold such a path.
            ConflictError: it is watched already, or lies in a watched one, or there are too many.
        """
        folder, known = path_of(path), self.folders()
        if "\x00" in folder or not can_be_asked(folder):
            said = "A path can't hold a NUL character, or half of another one."
            raise ValidationError([Finding("location", "characters", Severity.ERROR, said)])
        holder = next((one for one in known if is_in(folder, one)), None)
        if holder is not None:
            word = "This folder" if holder == folder else f"“{printable(holder, 200)}” around it"
            raise ConflictError(f"{word} is watched already.")
        kept = [one for one in known if not is_in(one, folder)]
        if len(kept) >= MOST_FOLDERS:
            raise ConflictError(
                f"{MOST_FOLDERS} folders are the most that Lorarium watches.",
                "Watch a folder that holds several of them instead.",
            )
        self._keep([*kept, folder])

    def remove(self, path: AnyPath) -> None:
        """Watch a folder no longer.

        Raises:
            TypeError: this is no path.
        """
        folder = path_of(path)
        self._keep([one for one in self.folders() if folder not in (one, path_of(one))])

    def _keep(self, folders: list[str]) -> None:
        self._settings.set(SETTING, folders or None)
        self._settings.save()

    # -- looking ---------------------------------------------------------------------------

    def look(
        self,
        folders: AnyPath | Sequence[AnyPath] | None = None,
        progress: Progress | None = None,
        *,
        limit: float = LOOK_SECONDS,
    ) -> WatchReport:
        """What is new in these watched folders, None = in all; told now, so not told again.

        Opens no file that an earlier look or scan has read. A drive that hangs is left alone.
        limit: seconds after which the look ends with what it has.
        """
        roots = self.folders() if folders is None else tuple(paths_of(folders))
        if not roots:
            return WatchReport()
        started = time.monotonic()
        found, skipped, whole = self._scanned(roots, progress or silent, started + limit)
        away = tuple(root for root in roots if any(skip.path == root for skip in skipped))
        complete = whole and not any(skip.code in UNSURE for skip in skipped)
        told = self._told()
        news = []
        for root in roots:
            here = [one for one in found if _home_of(one.path, roots) == root]
            fresh = {one.path: _mark(one.path) for one in here if one.state == FoundState.NEW}
            known = told.get(root, frozenset())
            if complete and root not in away:
                # What is gone may be told of again, should it ever come back.
                told[root] = known & {_mark(one.path) for one in here} | set(fresh.values())
            else:
                told[root] = known | set(fresh.values())
            paths = sorted(path for path, mark in fresh.items() if mark not in known)
            if paths:
                news.append(News(root, tuple(paths)))
        kept = {*roots, *self.folders()}
        self._remember({root: marks for root, marks in told.items() if root in kept})
        self.last = WatchReport(tuple(news), away, not whole, time.monotonic() - started)
        return self.last

    def _scanned(
        self, roots: Sequence[str], progress: Progress, until: float
    ) -> tuple[list[Found], tuple[Skipped, ...], bool]:
        """(what is there, what was left out, whether there was time for everything)."""
        found: dict[str, Found] = {}
        late = False

        def take(batch: Sequence[Found]) -> None:
            found.update({one.path: one for one in batch})

        def tick(done: int, total: int, text: str) -> None:
            nonlocal late
            progress(done, total, text)
            if time.monotonic() > until:
                late = True
                raise Cancelled

        try:
            result = self._scan().scan_stream(roots, take, tick, full=False)
        except Cancelled:
            if not late:
                raise
            return list(found.values()), (), False
        there = [one for one in result.found if one.state != FoundState.GONE]
        return there, result.skipped, True

    # -- what was told ---------------------------------------------------------------------

    def _told(self) -> dict[str, frozenset[str]]:
        try:
            with self._told_file.open("rb") as file:
                data = json.loads(file.read(_LIMIT))
            if data["version"] != _VERSION:
                return {}
            return {
                str(folder): frozenset(str(mark) for mark in marks)
                for folder, marks in data["told"].items()
            }
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}

    def _remember(self, told: dict[str, frozenset[str]]) -> None:
        part = self._told_file.with_suffix(".part")
        data = {
            "version": _VERSION,
            "told": {folder: sorted(marks) for folder, marks in told.items()},
        }
        try:
            self._told_file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(data), encoding="utf-8")
            part.replace(self._told_file)
        except OSError as error:
            log.info("What was told of watched folders is not kept: %s", error)


def _home_of(path: str, roots: Sequence[str]) -> str | None:
    return max((root for root in roots if is_in(path, root)), key=len, default=None)


def _mark(path: str) -> str:
    return hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
