"""A child process of a scan: walks and looks, and tells what it finds through a pipe.

It lives as long as the pipe that it is asked through: where the parent ends, however it ends, the
pipe does too, and the child after it.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable
from typing import Any

from desktop.services.scan import wire
from desktop.services.scan.walk import Known, Walk

_IN, _OUT = 0, 1
_FLUSH_SECONDS = 0.04
_BATCH = 24
"""Adapter folders that are handed out together."""
_MOST_NAMES = 2_000
"""Names of their files that go with them; of a folder of more, that folder alone."""
_MOST_HELD = 256 << 10


class Worker:
    """Does one piece of work after the other."""

    def __init__(self, send: Callable[[bytes], None], level: int) -> None:
        self._send = send
        self._level = level
        self._folders = 0
        self._walk: Walk | None = None
        self._same: list[tuple[str, str]] = []
        self._todo: list[list[Any]] = []
        self._names = 0
        self._dirs: list[list[Any]] = []
        self._rows: list[Any] = []
        self._row_bytes = 0
        self._last = time.monotonic()

    # -- walking: the sink of a Walk -------------------------------------------------------

    def walk(
        self, root: str, cache: str, mounts: dict[str, bool], own: list[str], store: str
    ) -> None:
        """Walk below `root` and tell everything that there is."""
        known: dict[str, Known] = {}
        if cache:
            from desktop.services.scan.cache import read_folders

            known = read_folders(cache, root)
        self._walk = Walk(root, self, known, mounts, self._level, own, store)
        self._folders = 0
        self._walk.run()
        self.beat(root, now=True)

    def beat(self, path: str, *, now: bool = False) -> None:
        """Send what has come together, at times."""
        if not now and time.monotonic() - self._last < _FLUSH_SECONDS:
            return
        walked = self._walk.folders if self._walk is not None else 0
        out = [wire.frame(wire.FOLDERS, [walked - self._folders, path])]
        self._folders = walked
        for kind, held in (
            (wire.SAME, self._same),
            (wire.DIRS, self._dirs),
        ):
            if held:
                out.append(wire.frame(kind, held))
                held.clear()
        self._hand_out(out)
        self._write(b"".join(out))

    def folder(self, path: str, mtime_ns: int, below: tuple[str, ...]) -> None:
        self._dirs.append([path, mtime_ns, below])

    def adapter(self, path: str, names: list[str], checksum: int) -> None:
        self._todo.append([path, names, checksum])
        self._names += len(names)
        if len(self._todo) >= _BATCH or self._names > _MOST_NAMES:
            out: list[bytes] = []
            self._hand_out(out)
            self._write(b"".join(out))

    def same(self, path: str, mark: str) -> None:
        self._same.append((path, mark))

    def mount(self, path: str) -> None:
        self._write(wire.frame(wire.MOUNTS, path))

    def store(self, path: str) -> None:
        self._write(wire.frame(wire.STORE, path))

    def skip(self, path: str, code: str, reason: str) -> None:
        self._write(wire.frame(wire.SKIPPED, [path, code, reason]))

    def _hand_out(self, out: list[bytes]) -> None:
        if self._todo:
            out.append(wire.frame(wire.TODO, self._todo))
            self._todo = []
            self._names = 0

    # -- looking ---------------------------------------------------------------------------

    def look(self, work: list[tuple[str, list[str], int]]) -> None:
        """Look at these adapter folders and tell what they are."""
        from desktop.services.scan.look import look

        rows = self._rows
        for path, names, checksum in work:
            row = look(path, names, checksum, self._level)
            rows.append(row)
            self._row_bytes += len(row.inspection) + len(row.findings) + 300
            if self._row_bytes > _MOST_HELD or time.monotonic() - self._last > _FLUSH_SECONDS:
                self._tell()
        self._tell()

    def _tell(self) -> None:
        if self._rows:
            self._write(wire.frame(wire.FOUND, self._rows))
            self._rows.clear()
            self._row_bytes = 0

    def _write(self, data: bytes) -> None:
        self._last = time.monotonic()
        if data:
            self._send(data)


def main() -> None:
    """Serve the pipe until it ends."""
    gc.disable()  # plain values without circles: a collection costs more than it frees
    frames = wire.Frames()
    worker: Worker | None = None
    while True:
        data = os.read(_IN, 1 << 16)
        if not data:
            return
        for kind, body in frames.feed(data):
            given = wire.loads(body)
            if kind == wire.START:
                worker = Worker(_send, given)
            elif worker is not None and kind == wire.WALK:
                worker.walk(*given)
                _send(wire.frame(wire.DONE, 0))
            elif worker is not None and kind == wire.LOOK:
                worker.look(given)
                _send(wire.frame(wire.DONE, 0))


def _send(data: bytes) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(_OUT, view) :]
    except OSError:  # the parent is gone
        os._exit(0)


if __name__ == "__main__":
    main()
