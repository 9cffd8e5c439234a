"""Servers that others wrote, for one run of the tests: private, on loopback, gone at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tools.setup_venv import PROGRAMS

PATIENCE = 60.0
"""Seconds that a server may take to answer: its first start also compiles it."""

_ATTEMPTS = 3
_TAKEN = "address already in use"

# The server and what it starts end with us, however we end: a small process of its own waits for
# the far end of its input to be closed, which the system does even for a killed process. Nothing
# of theirs is worth an orderly end.
_KEEPER = """
import os, shutil, signal, subprocess, sys, threading

folder, command = sys.argv[1], sys.argv[2:]
with open(os.path.join(folder, "log"), "ab") as log:
    server = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )

def end_group():
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass

def wait_for_us():
    os.read(0, 1)
    left.set()
    end_group()

left = threading.Event()
threading.Thread(target=wait_for_us, daemon=True).start()
server.wait()
end_group()
if left.is_set():
    shutil.rmtree(folder, ignore_errors=True)
"""


class ProgramMissingError(Exception):
    """The program is not here; the text says how to get it."""


def program(name: str, command: str) -> Path:
    """A command of one of the programs in .venvs.

    name: of the program in tools/setup_venv.py. command: in the `bin` of its environment.

    Raises:
        ProgramMissingError: it is not installed, or not in the version that is wanted now.
    """
    wanted = next(one for one in PROGRAMS if one.name == name)
    found = wanted.folder / "bin" / command
    if not wanted.ready() or not os.access(found, os.X_OK):
        raise ProgramMissingError(
            f"This test needs {wanted.what}, and it is not here. Run: tools/setup test"
        )
    return found


def quiet_environment(home: Path, **more: str) -> dict[str, str]:
    """What a program of others gets to see: none of the person's own settings, no proxy."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LC_ALL": "C.UTF-8",
        **more,
    }


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerOfOthers:
    """One server in a folder of its own, which is removed at the end with all that is in it."""

    def __init__(self, name: str) -> None:
        """name: for people, and of the folder. Nothing is started yet; see `start`."""
        self._name = name
        self._keeper: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix=f"lorarium-{name}-"))
        self.url = ""
        """Where it answers: `http://127.0.0.1:<port>`."""

    @property
    def log(self) -> str:
        """What the server has said so far."""
        try:
            return (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def start(
        self,
        command: Callable[[int], list[str]],
        environment: Mapping[str, str],
        answers: Callable[[str], bool],
    ) -> None:
        """Start it and wait until it answers.

        command: for a port. answers: whether the server at an address does.

        Raises:
            RuntimeError: it does not; with the end of its log. Its folder is gone then.
        """
        try:
            for attempt in range(1, _ATTEMPTS + 1):
                port = free_port()
                self.url = f"http://127.0.0.1:{port}"
                self._keeper = self._run(command(port), environment)
                if self._wait(answers):
                    return
                # Between our look and its own somebody else may have taken the port.
                if attempt == _ATTEMPTS or _TAKEN not in self.log.lower():
                    raise RuntimeError(f"{self._name} does not answer:\n{self.log[-3000:]}")
                self._end()
        except BaseException:
            self.close()
            raise

    def _run(self, command: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _KEEPER, str(self.folder), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=dict(environment),
            # A Ctrl+C in the terminal is for pytest, which then closes this.
            start_new_session=True,
        )

    def _wait(self, answers: Callable[[str], bool]) -> bool:
        assert self._keeper is not None
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._keeper.poll() is None:
            if answers(self.url):
                return True
            time.sleep(0.05)
        return False

    def _end(self) -> None:
        if self._keeper is not None:
            assert self._keeper.stdin is not None
            self._keeper.stdin.close()
            self._keeper.wait(timeout=PATIENCE)

    def close(self) -> None:
        """End the server and all that it started, and remove its folder."""
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)


def answers_ok(path: str) -> Callable[[str], bool]:
    """Asks a server for a path; whether it answered 200."""

    def ask(url: str) -> bool:
        host, _, port = url.removeprefix("http://").partition(":")
        connection = HTTPConnection(host, int(port), timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    return ask
