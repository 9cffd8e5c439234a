"""A PostgreSQL server of our own for one run of the tests: private, fast, gone at the end."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

PATTERNS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
PATIENCE = 60.0
"""Seconds that the server may take to answer."""

USER = "lorarium"

# It is thrown away at the end, so nothing has to survive a power failure.
OPTIONS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=16MB",
    "max_connections=40",
    "autovacuum=off",
    "lc_messages=C",
    "timezone=UTC",
)

# The server ends with us, however we end: the shell around it waits for the far end of its input to
# be closed, which the system does even for a killed process. SIGQUIT stops it at once.
KEEPER = """
"$@" >"$DIR/log" 2>&1 </dev/null &
server=$!
read -r _
kill -QUIT $server
wait $server
rm -rf "$DIR"
"""


class PostgresMissingError(Exception):
    """The server programs are not here; the text says how to get them."""


def find_binaries() -> Path:
    """The folder with initdb and postgres; the newest version that is installed.

    Raises:
        PostgresMissingError: there is none.
    """
    folders = [found for pattern in PATTERNS for found in glob.glob(pattern)]
    folders.sort(key=lambda name: [int(part) for part in name.split("/") if part.isdigit()])
    on_path = shutil.which("initdb")
    if on_path:
        folders.insert(0, str(Path(on_path).resolve().parent))
        folders.insert(0, str(Path(on_path).parent))
    for folder in reversed(folders):
        if all(os.access(Path(folder, name), os.X_OK) for name in ("initdb", "postgres")):
            return Path(folder)
    command = "apt-get install -y --no-install-recommends postgresql"
    if sys.platform == "darwin":
        command = "brew install postgresql@17"
    elif os.geteuid() != 0:
        command = f"sudo {command}"
    raise PostgresMissingError(
        f"This test needs PostgreSQL's server programs, which are not here. Run: {command}"
    )


class PostgresServer:
    """One server in a folder of its own under /tmp, reached over a Unix socket only.

    Where we are root it runs as another user, since PostgreSQL refuses root.
    """

    def __init__(self) -> None:
        binaries = find_binaries()
        self._count = 0
        # Short: the name of a Unix socket has at most some 100 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="lorarium-pg-", dir="/tmp"))
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = _other_account()
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._user = {
                "user": account.pw_uid,
                "group": account.pw_gid,
                "extra_groups": [],
            }
        try:
            self._create(binaries)
            self._keeper = self._start(binaries)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _environment(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "TMPDIR") if key in os.environ}
        return {**kept, "LC_ALL": "C", "DIR": str(self.folder)}

    def _create(self, binaries: Path) -> None:
        command = [
            str(binaries / "initdb"),
            f"--pgdata={self.folder / 'data'}",
            f"--username={USER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self._environment(),
            **self._user,
        )
        if done.returncode != 0:
            raise RuntimeError(f"initdb did not succeed: {done.stderr.strip()}")

    def _start(self, binaries: Path) -> subprocess.Popen[bytes]:
        server = [str(binaries / "postgres"), "-D", str(self.folder / "data")]
        server += ["-k", str(self.folder)]
        for option in OPTIONS:
            server += ["-c", option]
        return subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", *server],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=self._environment(),
            # A Ctrl+C in the terminal is for pytest, which then closes this.
            start_new_session=True,
            **self._user,
        )

    def _wait(self) -> None:
        import psycopg

        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._execute("SELECT 1")
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
                    raise RuntimeError(f"PostgreSQL does not answer:\n{log[-2000:]}") from error
                time.sleep(0.02)

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(
            host=str(self.folder), user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def create_database(self) -> str:
        """Make an empty database; returns its name."""
        self._count += 1
        name = f"t{self._count}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, also while somebody is connected to it."""
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{USER}@/{name}?host={quote(str(self.folder), safe='')}"

    def close(self) -> None:
        """Stop the server and remove its folder."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(timeout=PATIENCE)


def _other_account() -> pwd.struct_passwd:
    """An account that is not root's: PostgreSQL's own, or nobody."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresMissingError(
        "PostgreSQL does not run as root, and there is neither a user “postgres” nor “nobody”. "
        "Run the tests as another user."
    )
