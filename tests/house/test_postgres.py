"""The PostgreSQL server of the tests: fresh databases, and gone with the process that made it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.house import postgres
from tests.house.postgres import PostgresMissingError, PostgresServer, find_binaries

ROOT = Path(__file__).resolve().parent.parent.parent


def test_each_database_is_empty_and_its_own(postgres_server: PostgresServer) -> None:
    names = [postgres_server.create_database() for _ in range(2)]
    for name in names:
        host = str(postgres_server.folder)
        with psycopg.connect(host=host, user=postgres.USER, dbname=name) as connection:
            connection.execute("CREATE TABLE things (id int)")
            encoding = connection.execute("SHOW server_encoding").fetchone()
            assert encoding == ("UTF8",)
    for name in names:
        postgres_server.drop_database(name)


def test_the_url_is_one_for_sqlalchemy(postgres_url: str) -> None:
    from sqlalchemy import create_engine, text

    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_user")).scalar() == postgres.USER
    engine.dispose()


def test_without_the_programs_the_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PATTERNS", ())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PostgresMissingError, match=r"Run: .*install.* postgresql"):
        find_binaries()


def test_a_killed_run_leaves_no_server() -> None:
    code = (
        "from tests.house.postgres import PostgresServer\n"
        "server = PostgresServer()\n"
        "print(server.folder, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        folder = Path(run.stdout.readline().strip())
        assert (folder / "data" / "postmaster.pid").exists()
        server = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        run.send_signal(signal.SIGKILL)
        run.wait()
        deadline = time.monotonic() + postgres.PATIENCE
        while folder.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
