"""olah, a mirror of the Hub that others wrote, over git repositories of our own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.house.programs import ServerOfOthers, answers_ok, program, quiet_environment

# Nobody listens there: whatever it does not hold itself, it may not ask others for.
_NO_HUB = "127.0.0.1:9"


class Repository:
    """A git work tree that the mirror serves as `<org>/<name>`, with the branch main."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._folder = folder
        # Neither the settings nor the name of whoever runs the tests.
        self._environment = quiet_environment(
            home,
            GIT_CONFIG_NOSYSTEM="1",
            GIT_AUTHOR_NAME="Acme",
            GIT_AUTHOR_EMAIL="acme@example.org",
            GIT_COMMITTER_NAME="Acme",
            GIT_COMMITTER_EMAIL="acme@example.org",
        )
        folder.mkdir(parents=True)
        self._git("init", "--quiet", "-b", "main")

    def commit(self, files: Mapping[str, bytes], tag: str = "") -> str:
        """Make these the files (path -> bytes) of the next commit; returns its hash."""
        for path, content in files.items():
            place = self._folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", "The adapter as it was trained")
        if tag:
            self._git("tag", tag)
        return self._git("rev-parse", "HEAD")

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            check=True,
            capture_output=True,
            text=True,
            cwd=self._folder,
            env=self._environment,
        )
        return done.stdout.strip()


class Mirror:
    """One server that never asks the Hub itself. Repositories may be added while it runs."""

    def __init__(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ProgramMissingError: olah is not installed.
            RuntimeError: it does not answer.
        """
        command = program("olah", "olah-cli")
        self._server = ServerOfOthers("olah")
        self._server.start(
            lambda port: [str(command), "-c", str(self._configure(port))],
            quiet_environment(self._server.folder),
            # Its front page breaks with newer versions of what it is made from.
            answers_ok("/openapi.json"),
        )

    @property
    def url(self) -> str:
        """What a client is given as its endpoint."""
        return self._server.url

    @property
    def log(self) -> str:
        """What the server has said so far."""
        return self._server.log

    @property
    def _mirrors(self) -> Path:
        return self._server.folder / "mirrors"

    def _configure(self, port: int) -> Path:
        path = self._server.folder / "olah.toml"
        # JSON's strings are TOML's too.
        path.write_text(
            "[basic]\n"
            'host = "127.0.0.1"\n'
            f"port = {port}\n"
            'hf-scheme = "http"\n'
            f'hf-netloc = "{_NO_HUB}"\n'
            f'hf-lfs-netloc = "{_NO_HUB}"\n'
            f"repos-path = {json.dumps(str(self._server.folder / 'repos'))}\n"
            f"mirrors-path = [{json.dumps(str(self._mirrors))}]\n"
            "[accessibility]\n"
            "offline = true\n",
            encoding="utf-8",
        )
        return path

    def repository(self, name: str) -> Repository:
        """Make an empty repository. name: `org/name`."""
        return Repository(self._mirrors / "models" / name, self._server.folder)

    def close(self) -> None:
        """End it; its repositories go too."""
        self._server.close()
