"""The connections of huggingface_hub: ours while Lorarium asks, its own for everybody else.

The library has one client for the whole process. A script that uses Lorarium may use the library
too, and its requests are none of our business: ours are known by the visit that they are on.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import httpx2

from desktop.services import web
from desktop.services.hub.client import TIMEOUT

# They log what a server says, at levels that are for what goes wrong with us.
_TALKATIVE = ("huggingface_hub.utils._http", "huggingface_hub.repocard_data")
_lock = threading.Lock()
_installed = False


def install() -> None:
    """Make huggingface_hub use `web.make_client` during visits. Once; later calls do nothing."""
    global _installed
    with _lock:
        if _installed:
            return
        import huggingface_hub
        from huggingface_hub import constants
        from huggingface_hub.utils import _http

        # It would ask its own endpoint, whichever one we are at, for a list of programs to look for
        # on this machine, and wait three seconds for it, deaf to a cancel.
        constants.HF_HUB_DISABLE_TELEMETRY = True
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(_is_not_ours)
        theirs: Callable[[], httpx2.Client] = _http._GLOBAL_CLIENT_FACTORY
        huggingface_hub.set_client_factory(lambda: Session(theirs))
        _installed = True


def _is_visiting() -> bool:
    try:
        web.current_visit()
    except RuntimeError:
        return False
    return True


def _is_not_ours(record: logging.LogRecord) -> bool:
    return not _is_visiting()


class _Nowhere(httpx2.BaseTransport):
    """Nothing is sent by the client that only hands on."""


class Session(httpx2.Client):
    """Hands each request to one of two clients; each is made when it is first needed."""

    def __init__(self, theirs: Callable[[], httpx2.Client]) -> None:
        super().__init__(transport=_Nowhere())
        self._make_theirs = theirs
        self._making = threading.Lock()
        self._ours: httpx2.Client | None = None
        self._theirs: httpx2.Client | None = None

    def _client(self) -> httpx2.Client:
        with self._making:
            if _is_visiting():
                if self._ours is None:
                    self._ours = web.make_client(timeout=TIMEOUT)
                return self._ours
            if self._theirs is None:
                self._theirs = self._make_theirs()
            return self._theirs

    def build_request(self, *args: Any, **options: Any) -> httpx2.Request:
        """With the headers and times of the client that will send it."""
        return self._client().build_request(*args, **options)

    def send(self, *args: Any, **options: Any) -> httpx2.Response:
        """Send it with the client of this thread's business."""
        return self._client().send(*args, **options)

    def close(self) -> None:
        """Close both."""
        for client in (self._ours, self._theirs):
            if client is not None:
                client.close()
        super().close()
