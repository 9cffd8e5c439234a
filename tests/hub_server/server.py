"""The test hub: what it holds, what was asked of it, and what goes wrong with it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.hub_server.answers import Answer
from tests.hub_server.faults import Fault
from tests.hub_server.repos import Repo
from tests.hub_server.routes import Routes, User
from tests.hub_server.wire import Connection, Request, Sockets

PATIENCE = 5.0
"""Seconds that a test waits for something to arrive here before it fails."""


class HubServer:
    """A hub on a free port of this machine, up from construction until `close`.

    url: the endpoint. lfs_host: where it sends people for the bytes of files in LFS: the same
    port under the other name of this machine. page_size, tree_page_size: rows on a page of a
    search and of a listing. resolve_cache: small files move to another path of the same host, as
    the Hub has it. xet: files in LFS also offer themselves over Xet, which nobody serves here.
    faults: what goes wrong; the first that fits a request has it.
    """

    def __init__(self, prefix: str = "") -> None:
        """prefix: a path such as "/mirror" that the hub lives below, as some mirrors do."""
        self.routes = Routes()
        self.routes.prefix = prefix
        self.faults: list[Fault] = []
        self.closing = threading.Event()
        self._requests: list[Request] = []
        self._bytes_sent: dict[str, int] = {}
        self._busy = 0
        self._trouble: list[BaseException] = []
        self._changed = threading.Condition()
        self._server = Sockets(("127.0.0.1", 0), Connection)
        self._server.hub = self
        port = self._server.server_address[1]
        self.url = self.routes.url = f"http://127.0.0.1:{port}{prefix}"
        self.lfs_host = self.routes.lfs_host = f"http://localhost:{port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="hub-server", daemon=True
        )
        self._thread.start()

    # -- what it holds -------------------------------------------------------------------------

    def add_repo(
        self,
        repo_id: str,
        files: Mapping[str, bytes] | None = None,
        folder: Path | None = None,
        **about: Any,
    ) -> Repo:
        """A repository with the given files, or those of a folder; the rest as for `Repo`."""
        repo = self.routes.repos[repo_id] = Repo(repo_id, files, folder, **about)
        return repo

    def remove_repo(self, repo_id: str) -> None:
        del self.routes.repos[repo_id]

    def add_user(
        self, name: str, token: str, can_read: Sequence[str] | set[str] = (), role: str = "read"
    ) -> User:
        """An account and its token. can_read: ids of private and gated repositories; those under
        its own name it may read anyway."""
        user = self.routes.users[token] = User(name, token, set(can_read), role)
        return user

    def remove_user(self, token: str) -> None:
        """The token is worth nothing any more."""
        del self.routes.users[token]

    page_size = property(
        lambda self: self.routes.page_size,
        lambda self, value: setattr(self.routes, "page_size", value),
    )
    tree_page_size = property(
        lambda self: self.routes.tree_page_size,
        lambda self, value: setattr(self.routes, "tree_page_size", value),
    )
    resolve_cache = property(
        lambda self: self.routes.resolve_cache,
        lambda self, value: setattr(self.routes, "resolve_cache", value),
    )
    xet = property(
        lambda self: self.routes.xet,
        lambda self, value: setattr(self.routes, "xet", value),
    )

    @property
    def fault(self) -> Fault | None:
        """The first of the faults; set it to have this one only, None to have none."""
        return self.faults[0] if self.faults else None

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self.faults = [] if fault is None else [fault]

    # -- what was asked of it ------------------------------------------------------------------

    @property
    def requests(self) -> list[Request]:
        """All requests since the start or the last `reset_requests`, oldest first."""
        with self._changed:
            return list(self._requests)

    @property
    def bytes_sent(self) -> dict[str, int]:
        """Bytes of bodies that went into sockets, by path without query."""
        with self._changed:
            return dict(self._bytes_sent)

    def sent(self, pattern: str = "") -> int:
        """The same, summed over the paths in which the regular expression finds something."""
        return sum(n for path, n in self.bytes_sent.items() if re.search(pattern, path))

    def asked(self, pattern: str = "", method: str = "") -> list[Request]:
        """The requests for paths in which the regular expression finds something."""
        return [
            request
            for request in self.requests
            if re.search(pattern, request.path) and method in ("", request.method)
        ]

    def reset_requests(self) -> None:
        """Forget what was asked and sent so far."""
        with self._changed:
            self._requests.clear()
            self._bytes_sent.clear()

    def wait_for_request(self, pattern: str = "", seconds: float = PATIENCE) -> bool:
        """Wait until such a request has come; whether it has."""
        return self._wait(lambda: any(re.search(pattern, r.path) for r in self._requests), seconds)

    def wait_until_sent(self, number: int, pattern: str = "", seconds: float = PATIENCE) -> bool:
        """Wait until so many bytes went out for such paths; whether they have."""
        return self._wait(
            lambda: sum(n for p, n in self._bytes_sent.items() if re.search(pattern, p)) >= number,
            seconds,
        )

    def wait_until_idle(self, seconds: float = PATIENCE) -> bool:
        """Wait until no request is being answered; whether that came."""
        return self._wait(lambda: self._busy == 0, seconds)

    def _wait(self, is_so: Callable[[], bool], seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(is_so, seconds)

    # -- the end -------------------------------------------------------------------------------

    def close(self) -> None:
        """End every connection and thread, whatever they are at; may be called twice.

        Raises:
            AssertionError: something went wrong in here that no test asked for.
        """
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.end_connections()
        self._server.server_close()
        if self._trouble:
            raise AssertionError("the test hub itself is broken") from self._trouble.pop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except AssertionError:
            if error is None:
                raise

    # -- called from the connections' threads --------------------------------------------------

    def note_request(self, request: Request) -> None:
        with self._changed:
            self._requests.append(request)
            self._busy += 1
            self._changed.notify_all()

    def note_end(self) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

    def note_sent(self, path: str, number: int) -> None:
        with self._changed:
            self._bytes_sent[path] = self._bytes_sent.get(path, 0) + number
            self._changed.notify_all()

    def note_trouble(self, error: BaseException) -> None:
        self._trouble.append(error)

    def fault_for(self, request: Request, answer: Answer) -> Fault | None:
        with self._changed:
            return next((f for f in self.faults if f.take(request, answer)), None)
