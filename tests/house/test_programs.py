"""A server of others starts, ends with the tests however they end, and leaves nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import programs
from tests.house.programs import (
    ProgramMissingError,
    ServerOfOthers,
    answers_ok,
    free_port,
    program,
    quiet_environment,
)
from tools import setup_venv

# A server with a child, as most have: the child keeps the pipe `alive` open as long as it runs.
SERVER = """
import subprocess, sys
from http.server import HTTPServer, SimpleHTTPRequestHandler
child = subprocess.Popen(
    [sys.executable, "-c", "import sys; f = open('alive', 'w'); sys.stdin.read()"],
    stdin=subprocess.PIPE,
)
HTTPServer(("127.0.0.1", int(sys.argv[1])), SimpleHTTPRequestHandler).serve_forever()
"""


def command(port: int) -> list[str]:
    return [sys.executable, "-c", SERVER, str(port)]


def with_pipe(server: ServerOfOthers) -> int:
    """Our end of a pipe whose other end the server's child has: it ends when the child does."""
    os.mkfifo(server.folder / "alive")
    return os.open(server.folder / "alive", os.O_RDONLY | os.O_NONBLOCK)


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def has_ended(pipe: int) -> bool:
    """Whether nobody has the other end open, who had it open before."""
    try:
        return os.read(pipe, 1) == b""
    except BlockingIOError:
        return False


def test_a_server_answers_and_is_gone_at_the_end() -> None:
    server = ServerOfOthers("example")
    pipe = with_pipe(server)
    try:
        server.start(command, quiet_environment(server.folder), answers_ok("/"))
        assert answers_ok("/")(server.url)
        assert not answers_ok("/nothing")(server.url)
        # The child has opened its end.
        wait_until(lambda: not has_ended(pipe))
        server.close()
        wait_until(lambda: has_ended(pipe))
    finally:
        os.close(pipe)
    assert not answers_ok("/")(server.url)
    assert not server.folder.exists()


KILLED = """
import sys, time
from tests.house.programs import ServerOfOthers, answers_ok, quiet_environment
from tests.house.test_programs import command
server = ServerOfOthers("example")
server.start(command, quiet_environment(server.folder), answers_ok("/"))
print(server.url, server.folder, flush=True)
time.sleep(600)
"""


def test_a_server_ends_with_killed_tests() -> None:
    tests = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True, cwd=setup_venv.ROOT
    )
    assert tests.stdout is not None
    with tests, tests.stdout:
        url, folder = tests.stdout.readline().split()
        assert answers_ok("/")(url)
        tests.send_signal(signal.SIGKILL)
    wait_until(lambda: not answers_ok("/")(url))
    wait_until(lambda: not Path(folder).exists())


def test_a_server_that_ends_by_itself_says_why() -> None:
    server = ServerOfOthers("example")
    ends = [sys.executable, "-c", "raise SystemExit('There is no configuration.')"]
    with pytest.raises(RuntimeError, match=r"(?s)example does not answer.*no configuration"):
        server.start(lambda port: ends, quiet_environment(server.folder), answers_ok("/"))
    assert not server.folder.exists()


def test_a_program_that_can_not_be_run_is_told() -> None:
    server = ServerOfOthers("example")
    with pytest.raises(RuntimeError, match="does not answer"):
        server.start(
            lambda port: ["/no/such/program"], quiet_environment(server.folder), answers_ok("/")
        )
    assert not server.folder.exists()


def test_another_port_is_tried_where_somebody_took_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        # Bound, and never listening: nobody answers there, and nobody else can.
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        offered = iter([taken, free_port()])
        monkeypatch.setattr(programs, "free_port", lambda: next(offered))
        server = ServerOfOthers("example")
        server.start(command, quiet_environment(server.folder), answers_ok("/"))
        try:
            assert server.url != f"http://127.0.0.1:{taken}"
            assert answers_ok("/")(server.url)
        finally:
            server.close()


def test_a_missing_program_is_told_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in setup_venv.PROGRAMS:
        place = tmp_path / one.requirements
        place.parent.mkdir(parents=True)
        place.write_text("", encoding="utf-8")
    monkeypatch.setattr(setup_venv, "ROOT", tmp_path)
    with pytest.raises(ProgramMissingError, match=r"olah, a hub mirror.* Run: tools/setup test"):
        program("olah", "olah-cli")
    with pytest.raises(ProgramMissingError, match=r"MLflow, a model registry.* Run: tools/setup"):
        program("mlflow", "python")


def test_a_program_sees_nothing_of_the_persons_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    seen = quiet_environment(tmp_path, EXTRA="1")
    assert set(seen) == {"PATH", "HOME", "TMPDIR", "LC_ALL", "EXTRA"}
    assert seen["HOME"] == str(tmp_path)
