"""Brings files from a server to a folder: whole and verified, or not at all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.services import web
from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import size_text
from desktop.services.progress import Progress
from desktop.services.transfer_body import AFTER_CUT, TRY_AGAIN, Again, Body, Limits
from desktop.services.transfer_file import (
    NOTHING,
    Landing,
    RemoteFile,
    disk_error,
    place_files,
    sync_folders,
)
from desktop.services.transfer_rate import Meter, amount, time_text
from desktop.services.transfer_store import PartStore

if TYPE_CHECKING:
    import ssl

    import httpx2

__all__ = ["Limits", "PartStore", "RemoteFile", "Transfer"]

_CHECKING = "Checking what was fetched before"
_SLICE = 0.2
_ENOUGH = 1 << 20  # bytes after which a try counts as one that worked


class Transfer:
    """Fetches files of one server.

    home: its endpoint. headers: sent with every request; `Authorization` only to the home.
    verify: whom to trust, None = whom the system trusts. plain_http: the person agreed to it.
    store: where whole files wait for the next try, None = nowhere. wait: sleeps for seconds.
    """

    def __init__(
        self,
        home: str,
        *,
        headers: Mapping[str, str] | None = None,
        verify: ssl.SSLContext | None = None,
        plain_http: bool = False,
        store: PartStore | None = None,
        limits: Limits | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._home = home
        self._headers = dict(headers or {})
        self._verify = verify
        self._plain_http = plain_http
        self._store = store
        self._limits = limits or Limits()
        self._wait = wait

    def fetch(
        self, files: Sequence[RemoteFile], target: Path, progress: Progress
    ) -> dict[str, str]:
        """Fetch files into a folder that exists, under their names, verified and synced.

        progress: bytes of all files; what it raises (`Cancelled`) ends the transfer within a
        second. What an earlier try left in the store is taken from there, without a request. If
        this try breaks off, what is whole and has a digest goes there; the rest is the caller's
        to remove.

        Returns: {name: sha256} of every file.

        Raises:
            RemoteError: why not.
        """
        paths = place_files(files, target)
        known = [file.size for file in files if file.size is not None]
        meter = Meter(sum(known) if len(known) == len(files) else 0, progress)
        done: dict[str, str] = {}
        try:
            with web.visit(
                self._home,
                meter.check,
                plain_http=self._plain_http,
                answer_limit=None,
                head_time=self._limits.head,
            ):
                meter.tell()
                self._take_kept(files, paths, done, meter)
                self._need_room([file for file in files if file.name not in done], target)
                with web.make_client(
                    headers={**self._headers, "Accept-Encoding": "identity"},
                    verify=self._verify,
                    timeout=self._limits.connect,
                ) as client:
                    errand = _Errand(client, self._limits, self._wait, meter)
                    for file in files:
                        if file.name not in done:
                            done[file.name] = errand.fetch(file, paths[file.name])
                _sync({path.parent for path in paths.values()} | {target})
                if self._store is not None:
                    self._store.tidy()
                meter.note = ""
                meter.tell()
        except BaseException:
            self.keep([file for file in files if file.name in done], target)
            raise
        return {file.name: done[file.name] for file in files}

    def keep(self, files: Sequence[RemoteFile], folder: Path) -> None:
        """Move files that `fetch` has brought there into the store: what came after it went wrong,
        and the next try need not fetch them again. What has no digest stays."""
        if self._store is None:
            return
        for file in files:
            if file.digest:
                self._store.keep(folder / file.name, file.digest)
        self._store.tidy()

    def _take_kept(
        self,
        files: Sequence[RemoteFile],
        paths: Mapping[str, Path],
        done: dict[str, str],
        meter: Meter,
    ) -> None:
        if self._store is None:
            return

        def looked_at(count: int) -> None:
            meter.have(count)
            meter.check()

        self._store.tidy()
        for file in files:
            if not file.digest or file.size is None:
                continue
            path = paths[file.name]
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise disk_error(file.shown, error) from error
            before = meter.done
            meter.note = _CHECKING
            if sha256 := self._store.take(file.digest, file.size, path, looked_at):
                done[file.name] = sha256
            else:
                meter.lose(meter.done - before)
        meter.note = ""
        meter.forget_rate()

    def _need_room(self, files: Sequence[RemoteFile], target: Path) -> None:
        total = sum(file.size or 0 for file in files)
        needed = total + min(self._limits.spare, total // 4 + (64 << 10))
        free = shutil.disk_usage(target).free
        if free < needed:
            raise RemoteError(
                "disk",
                f"The download needs {size_text(needed)}, and {size_text(free)} are free.",
                "Free some space, then try again.",
            )


class _Errand:
    """The files of one fetch that have to come from the server."""

    def __init__(
        self,
        client: httpx2.Client,
        limits: Limits,
        wait: Callable[[float], None],
        meter: Meter,
    ) -> None:
        self._client = client
        self._limits = limits
        self._wait = wait
        self._meter = meter
        self._server = web.current_visit().server

    def fetch(self, file: RemoteFile, path: Path) -> str:
        """Fetch one file; returns its sha256."""
        landing = Landing(file, path, self._limits.most_bytes)
        try:
            self._until_whole(landing)
            if complaint := landing.complaint():
                # Once more from the start: the wrong byte may have been one of the way.
                self._restart(landing)
                self._until_whole(landing)
                complaint = landing.complaint()
                if complaint:
                    raise RemoteError("wrong_bytes", complaint, NOTHING)
            landing.finish()
        except BaseException:
            landing.discard()
            raise
        return landing.sha256

    def _restart(self, landing: Landing) -> None:
        self._meter.lose(landing.got)
        landing.restart()

    def _until_whole(self, landing: Landing) -> None:
        spent = 0
        body = Body(self._client, landing, self._meter, self._limits, self._server)
        while True:
            before = self._meter.fetched
            try:
                body.read()
                return
            except Again as again:
                if self._meter.fetched - before >= _ENOUGH:
                    spent = 0
                spent += again.cost
                if spent >= self._limits.tries:
                    raise self._final(again.error) from None
                self._pause(again, spent)

    def _pause(self, again: Again, spent: int) -> None:
        limits, meter = self._limits, self._meter
        rest = min(limits.most_backoff, limits.backoff * 2 ** (spent - 1))
        said = f"{again.error.message[:-1]}: trying again in"
        if again.wait is not None and again.wait >= rest:
            rest = min(limits.most_wait, again.wait)
            said = "The server asks to wait"
        while rest > 0:
            meter.note = f"{said} {time_text(rest)}"
            meter.tell()
            self._wait(min(_SLICE, rest))
            rest -= _SLICE
        meter.note = ""
        meter.check()

    def _final(self, error: RemoteError) -> RemoteError:
        meter = self._meter
        if not meter.done or error.code not in AFTER_CUT:
            return error
        far = amount(meter.done, meter.total)
        if error.code == "slow":
            return RemoteError("slow", f"{self._server} stopped sending after {far}.", TRY_AGAIN)
        return RemoteError("cut", f"The connection broke after {far}.", TRY_AGAIN)


def _sync(folders: set[Path]) -> None:
    try:
        sync_folders(folders)
    except OSError as error:
        raise disk_error("The folder", error) from error
