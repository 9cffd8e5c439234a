"""The child processes of a scan, from the parent's side.

Not forked (Qt and threads do not survive that) but started anew, with nothing but the standard
library and this package in reach. A child that hangs in the kernel can't be ended at once: it is
killed, and left alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from desktop.services.scan import wire

_HOME = str(Path(__file__).resolve().parents[3])
_START = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from desktop.services.scan.worker import main; main()"
)
_END_SECONDS = 0.2
_GENTLE = 10
"""How nice a gentle child is, as the system counts: 0 is usual, 19 the most."""
_stuck: list[subprocess.Popen[bytes]] = []
"""Killed, but not gone yet: their disk has to answer first."""


def command() -> list[str]:
    """How a child is started: without site packages, the current folder and the environment."""
    utf8 = ["-X", "utf8"] if sys.flags.utf8_mode else []
    return [sys.executable, "-I", "-S", *utf8, "-c", _START, _HOME]


class Child:
    """One child process with its pipes. work: what it was asked for and has not done yet.

    gentle: it gives way to whatever else wants a processor, like the window that waits for it.
    """

    def __init__(self, level: int, *, gentle: bool = False) -> None:
        _stuck[:] = [process for process in _stuck if process.poll() is None]
        self.process = subprocess.Popen(
            command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        if gentle and hasattr(os, "setpriority"):
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.process.pid, _GENTLE)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.reads = self.process.stdout.fileno()
        self.writes = self.process.stdin.fileno()
        os.set_blocking(self.reads, False)
        os.set_blocking(self.writes, False)
        self.heard = time.monotonic()
        self.work: list[Any] = []
        self._frames = wire.Frames()
        self._out = b""
        self.send(wire.START, level)

    @property
    def wants_to_write(self) -> bool:
        """Whether there is something left to send."""
        return bool(self._out)

    def send(self, kind: bytes, value: Any) -> None:
        """Send a frame, or keep it until the pipe takes it."""
        self.send_bytes(wire.frame(kind, value))

    def send_bytes(self, data: bytes) -> None:
        """Send frames that are made already."""
        self._out += data
        self.flush()

    def flush(self) -> None:
        """Send what the pipe takes."""
        try:
            while self._out:
                self._out = self._out[os.write(self.writes, self._out) :]
        except BlockingIOError:
            pass
        except OSError:
            self._out = b""  # it is gone: reading will tell

    def receive(self) -> list[tuple[bytes, bytes]] | None:
        """The frames that have come; None when the child is gone."""
        try:
            data = os.read(self.reads, 1 << 18)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not data:
            return None
        self.heard = time.monotonic()
        try:
            return self._frames.feed(data)
        except ValueError:
            return None

    def end(self) -> None:
        """End it, whatever it does."""
        with suppress(OSError):
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            _stuck.append(self.process)


def end_all(children: Sequence[Child]) -> None:
    """End all of them at once, so that the wait for each is short."""
    for child in children:
        with suppress(OSError):
            child.process.kill()
    for child in children:
        child.end()
