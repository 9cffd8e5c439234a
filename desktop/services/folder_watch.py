"""Are the adapters' folders still there, and still the same? Looked at without ever hanging.

A network drive that does not answer blocks the thread that asks it, in the kernel, for minutes. So
each mount is asked on a daemon thread of its own, with a time limit; what did not answer is
*not reachable now*, which is something else than *missing*.
"""

from __future__ import annotations

import errno
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterable

from desktop.services.peft_folder import fingerprint
from desktop.services.progress import Progress, silent
from desktop.services.records import FolderState

MOUNT_SECONDS = 4.0
"""How long a mount may stay silent before its folders count as not reachable."""

_AWAY = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG}

Place = tuple[str, str | None, str | None]
"""(adapter id, absolute path, fingerprint of the last check)."""


def mount_points() -> list[str]:
    """Where file systems are mounted, longest path first; only the root where that is unknown."""
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as file:
            points = {line.split(" ")[1] for line in file if line.count(" ") >= 2}
    except OSError:
        points = set()
    unescaped = {p.encode("utf-8", "surrogateescape").decode("unicode_escape") for p in points}
    return sorted(unescaped | {"/"}, key=len, reverse=True)


def mount_of(path: str, points: Iterable[str]) -> str:
    """The mount that a path lies on, from its text alone: asking the disk could hang."""
    for point in points:
        if path == point or path.startswith(point.rstrip("/") + "/"):
            return point
    return "/"


def look(path: str | None, known: str | None) -> FolderState:
    """What is with one folder, now; `known` is its fingerprint of the last check."""
    if not path:
        return FolderState.MISSING
    try:
        os.stat(path)
        if not os.path.isdir(path):
            return FolderState.MISSING
        seen = fingerprint(path)
    except ValueError:
        return FolderState.MISSING
    except OSError as error:
        return FolderState.MISSING if error.errno in _AWAY else FolderState.UNREACHABLE
    if known and seen != known:
        return FolderState.CHANGED
    return FolderState.OK


def look_at_all(
    places: Iterable[Place], progress: Progress | None = None, limit: float = MOUNT_SECONDS
) -> dict[str, FolderState]:
    """The state of every folder. Takes `limit` seconds longer at most per mount that hangs; mounts
    are asked side by side."""
    report = progress or silent
    points = mount_points()
    groups: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        groups[mount_of(place[1] or "/", points)].append(place)
    total = sum(map(len, groups.values()))
    lookers = [_Looker(group) for group in groups.values()]
    for looker in lookers:
        looker.start()
    while any(looker.busy(limit) for looker in lookers):
        time.sleep(0.02)
        report(sum(len(looker.states) for looker in lookers), total, "")
    states: dict[str, FolderState] = {}
    for looker in lookers:
        done = dict(looker.states)
        for key, _, _ in looker.places:
            states[key] = done.get(key, FolderState.UNREACHABLE)
        looker.stop = True
    return states


class _Looker(threading.Thread):
    """Looks at the folders of one mount, in order."""

    def __init__(self, places: list[Place]) -> None:
        super().__init__(daemon=True, name="lorarium-look")
        self.places = places
        self.states: dict[str, FolderState] = {}
        self.stop = False
        self._last = (0, time.monotonic())

    def run(self) -> None:
        for key, path, known in self.places:
            if self.stop:
                return
            self.states[key] = look(path, known)

    def busy(self, limit: float) -> bool:
        """Whether it is worth waiting on: alive, and not silent for longer than `limit`."""
        count, since = self._last
        now = time.monotonic()
        if len(self.states) != count:
            self._last = (len(self.states), now)
        elif now - since > limit:
            return False
        return self.is_alive()
