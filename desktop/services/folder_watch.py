"""Are the adapters' folders still there, and still the same? Looked at without ever hanging.

A network drive that does not answer blocks the thread that asks it, in the kernel, for minutes. So
each mount is asked on a daemon thread of its own, with a time limit; what did not answer is
*not reachable now*, which is something else than *missing*.
"""

from __future__ import annotations

import errno
import os
import re
import sys
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

_WITHOUT_FILES = frozenset(
    {
        "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts",
        "devtmpfs", "efivarfs", "fusectl", "hugetlbfs", "mqueue", "nsfs", "overlay", "proc",
        "pstore", "ramfs", "rpc_pipefs", "securityfs", "selinuxfs", "squashfs", "sysfs", "tmpfs",
        "tracefs",
    }
)  # fmt: skip
_MADE_UP = _WITHOUT_FILES - {"hugetlbfs", "overlay", "ramfs", "squashfs", "tmpfs"}
_OF_THE_SYSTEM = (
    "/boot/", "/dev/", "/etc/", "/proc/", "/snap/", "/sys/", "/usr/", "/var/lib/", "/var/snap/",
    "/run/user/", "/run/docker/", "/run/credentials/", "/run/systemd/",
)  # fmt: skip

Place = tuple[str, str | None, str | None]
"""(adapter id, absolute path, fingerprint of the last check)."""


def mount_points() -> list[str]:
    """Where file systems are mounted, longest path first; only the root where that is unknown."""
    points = {point for point, _ in _mounts()}
    return sorted(points | {os.path.abspath(os.sep)}, key=len, reverse=True)


def mount_kinds() -> dict[str, bool]:
    """{where a file system is mounted: whether files can lie on it}: none are on proc, sysfs and
    others that the kernel only makes up. Nothing is asked of a file system."""
    return {point: kind not in _MADE_UP for point, kind in _mounts()}


def volumes() -> list[str]:
    """The mounted disks and shares that a person keeps files on, by path; without the root.

    Left out is what the system mounts for itself: file systems without files of their own (proc,
    cgroup, tmpfs and the like) and its own places (/boot, /snap, /var/lib …). Nothing is asked of a
    volume: one that hangs is listed like the others.
    """
    root = os.path.abspath(os.sep)
    return sorted(
        {
            point
            for point, kind in _mounts()
            if point != root
            and kind not in _WITHOUT_FILES
            and not f"{point}/".startswith(_OF_THE_SYSTEM)
        }
    )


def _mounts() -> list[tuple[str, str]]:
    """(mount point, kind of file system) of everything that is mounted, as far as it is known."""
    if sys.platform == "win32":
        # Python 3.12; before that, all drives count as one mount.
        return [(drive, "drive") for drive in getattr(os, "listdrives", list)()]
    if sys.platform == "darwin":
        try:
            paths = [f"/Volumes/{name}" for name in os.listdir("/Volumes")]
        except OSError:
            return []
        # The start disk is among them as a link to the root.
        return [(path, "volume") for path in paths if not os.path.islink(path)]
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as file:
            rows = [line.split(" ") for line in file]
    except OSError:
        return []
    return [(_unescaped(row[1]), row[2]) for row in rows if len(row) > 2]


def _unescaped(field: str) -> str:
    # The kernel writes blank, tab, newline and backslash as three octal digits, and nothing else.
    return re.sub(r"\\([01][0-7]{2})", _character, field)


def _character(match: re.Match[str]) -> str:
    return chr(int(match.group(1), 8))


def mount_of(path: str, points: Iterable[str]) -> str:
    """The mount that a path lies on, from its text alone: asking the disk could hang."""
    for point in points:
        if path == point or path.startswith(point.rstrip(os.sep) + os.sep):
            return point
    return os.path.abspath(os.sep)


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
    try:
        # All are asked each time: a looker's clock must run also beside one that is busy.
        while [looker for looker in lookers if looker.busy(limit)]:
            time.sleep(0.02)
            report(sum(len(looker.states) for looker in lookers), total, "")
    finally:
        for looker in lookers:  # also when the person asked to stop
            looker.stop = True
    states: dict[str, FolderState] = {}
    for looker in lookers:
        done = dict(looker.states)
        for key, _, _ in looker.places:
            states[key] = done.get(key, FolderState.UNREACHABLE)
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
