"""JSON over HTTP as registries speak it, within the rules of the network (`services.web`).

How to use it:

    rest = RestClient(connection, secret)
    found = rest.get("/api/things/get", {"name": "x"}, progress, "Asking", Asked("the thing “x”"))
    with rest.asking(progress, "Looking at x") as call:  # several requests over one connection
        first = call.get(path, params, asked)
        with call.stream("POST", path, params, asked) as response:  # bytes that the caller counts
            ...
    head = rest.read(path, params, 1000, progress, "Looking at x", asked)  # and no more of it
    rest.transfer(store).fetch([RemoteFile(name, rest.url(path, params), size)], target, progress)

Paths begin with a slash and follow the connection's address; their segments are quoted by the
caller (`quote(text, safe="")`), params by this. Everything that goes wrong is a RemoteError; one of
the registry's own is a `Refusal`, with its status and its word.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from desktop.services import web
from desktop.services.errors import FolderError, LorariumError, RemoteError
from desktop.services.peft_folder import safe_json
from desktop.services.progress import Progress
from desktop.services.registry.certificates import trust_with
from desktop.services.registry.records import Connection
from desktop.services.registry.rest_errors import (
    Answerer,
    Asked,
    Refusal,
    leads_elsewhere,
    odd_answer,
    of_status,
    page_instead,
)
from desktop.services.transfer import Limits, Transfer
from desktop.services.transfer_store import PartStore

if TYPE_CHECKING:
    import ssl

    import httpx2

__all__ = ["Asked", "Params", "Refusal", "RestCall", "RestClient"]

Params = Mapping[str, str] | Sequence[tuple[str, str]]

TIMEOUT = 10.0
"""Seconds without a byte after which a server is given up."""
MAX_DEPTH = 40
"""Levels of lists and objects in an answer."""
_MOST_HOPS = 5
_ROOM = 1 << 20  # beyond what is asked for, before an answer is cut off
_LOOKED_AT = 4_000  # characters of a refusal that are looked at for known words
_NOTHING = Asked()


class RestClient:
    """One registry, with what lets the person in. Made quickly; nothing is asked yet.

    connection: where it is. secret: its token or password, None = none; a connection with a user
    signs in by user and password.

    Raises:
        RemoteError: `address` no place that Lorarium goes to; `token` a secret that no header
            can hold.
    """

    def __init__(self, connection: Connection, secret: str | None) -> None:
        self.base = web.normal_endpoint(connection.url, plain_http=connection.plain_http)
        self.plain_http = connection.plain_http
        self._headers = _authorization(connection.user, secret)
        self._ca_file = connection.ca_file
        self._trust: ssl.SSLContext | None = None
        access = ("password" if connection.user else "token") if self._headers else ""
        self.who = Answerer(urlsplit(self.base).netloc, connection.kind, access)

    def __repr__(self) -> str:
        return f"RestClient({self.base!r}, access={self.who.access!r})"

    @property
    def host(self) -> str:
        """The server for a sentence."""
        return self.who.host

    def url(self, path: str, params: Params = ()) -> str:
        """The whole address of a path of this server."""
        query = urlencode(params)
        return f"{self.base}{path}{'?' if query else ''}{query}"

    def get(
        self,
        path: str,
        params: Params,
        progress: Progress,
        text: str,
        asked: Asked = _NOTHING,
        limit: int = web.ANSWER_LIMIT,
    ) -> Any:
        """The JSON at a path: one request. text: what is being done, for `progress`. limit: the
        most bytes of the answer."""
        with self.asking(progress, text, limit) as call:
            return call.get(path, params, asked)

    def post(
        self,
        path: str,
        body: object,
        progress: Progress,
        text: str,
        asked: Asked = _NOTHING,
        limit: int = web.ANSWER_LIMIT,
    ) -> Any:
        """The JSON that answers to this JSON; else as `get`."""
        with self.asking(progress, text, limit) as call:
            return call.post(path, body, asked)

    def read(
        self,
        path: str,
        params: Params,
        length: int,
        progress: Progress,
        text: str,
        asked: Asked = _NOTHING,
    ) -> bytes:
        """The first `length` bytes of a file, fewer where it is shorter. A server that knows no
        ranges is listened to that long, and no longer."""
        if length <= 0:
            return b""
        with self.asking(progress, text, length + _ROOM) as call:
            return call.read(path, params, length, asked)

    @contextmanager
    def asking(
        self, progress: Progress, text: str, limit: int | None = web.ANSWER_LIMIT
    ) -> Iterator[RestCall]:
        """Several requests over one connection. limit: the most bytes of each answer, None = the
        caller counts."""
        progress(0, 0, text)

        def check() -> None:
            progress(0, 0, text)

        with (
            web.visit(self.base, check, plain_http=self.plain_http, answer_limit=limit),
            web.make_client(headers=self._headers, verify=self.trust(), timeout=TIMEOUT) as client,
        ):
            yield RestCall(self, client)

    def transfer(
        self,
        store: PartStore | None = None,
        limits: Limits | None = None,
        wait: Callable[[float], None] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Transfer:
        """What fetches files of this server, with the same sign-in and the same trust. Its
        addresses are those of `url`. store, limits, wait: as of Transfer; headers: besides."""
        options: dict[str, Any] = {} if wait is None else {"wait": wait}
        return Transfer(
            self.base,
            headers={**(headers or {}), **self._headers},
            verify=self.trust(),
            plain_http=self.plain_http,
            store=store,
            limits=limits,
            **options,
        )

    def trust(self) -> ssl.SSLContext | None:
        """Whom to trust besides those whom the system trusts; None = nobody.

        Raises:
            RemoteError (`tls`): the file of certificates can't be used.
        """
        if self._ca_file and self._trust is None:
            self._trust = trust_with(self._ca_file)
        return self._trust


class RestCall:
    """Requests to one registry while it is visited; made by `RestClient.asking`."""

    def __init__(self, rest: RestClient, client: httpx2.Client) -> None:
        self._rest = rest
        self._client = client
        self._who = rest.who

    def get(self, path: str, params: Params = (), asked: Asked = _NOTHING) -> Any:
        """The JSON at a path.

        Raises:
            RemoteError: why not; a Refusal where the registry says no.
        """
        return self._json("GET", path, params, None, asked)

    def post(self, path: str, body: object, asked: Asked = _NOTHING) -> Any:
        """The JSON that answers to this JSON; else as `get`."""
        return self._json("POST", path, (), json.dumps(body).encode(), asked)

    def read(self, path: str, params: Params, length: int, asked: Asked = _NOTHING) -> bytes:
        """As `RestClient.read`; length is at least 1, and the visit's limit is above it."""
        headers = {"Range": f"bytes=0-{length - 1}"}
        data = bytearray()
        with self.stream("GET", path, params, asked, headers=headers, empty=416) as response:
            if response.status_code == 416:
                return b""
            if not response.headers.get("content-range", "bytes 0-").startswith("bytes 0-"):
                raise odd_answer(self._who)
            for chunk in response.iter_raw():
                data += chunk
                if len(data) >= length:
                    break
        return bytes(data[:length])

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        params: Params = (),
        asked: Asked = _NOTHING,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        empty: int = 0,
    ) -> Iterator[httpx2.Response]:
        """An answer as it comes, unpacked by nobody: it is a success, and no page that stands
        in its way. empty: a status besides that is no error."""
        sent = {"Accept-Encoding": "identity", **(headers or {})}
        with self._words(), self._sent(method, self._rest.url(path, params), content, sent) as got:
            if got.status_code != empty:
                self._refuse(got, asked)
            if got.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
                raise odd_answer(self._who)
            yield got

    # -- how it is asked -------------------------------------------------------------------------

    def _json(
        self, method: str, path: str, params: Params, content: bytes | None, asked: Asked
    ) -> Any:
        headers = {"Accept": "application/json"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        url = self._rest.url(path, params)
        with self._words(), self._sent(method, url, content, headers) as response:
            self._refuse(response, asked)
            if _is_page(response):
                raise page_instead(self._who)
            data = response.read()
        found = _parsed(data)
        if found is None:
            raise page_instead(self._who) if data.lstrip()[:1] == b"<" else odd_answer(self._who)
        return found

    @contextmanager
    def _sent(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str]
    ) -> Iterator[httpx2.Response]:
        """The answer, with redirects inside of the server followed. The registry's answers are
        believed, so they have to be the registry's own."""
        for _ in range(_MOST_HOPS):
            with self._client.stream(
                method, url, content=content, headers=dict(headers), follow_redirects=False
            ) as response:
                place = response.headers.get("location", "")
                if not 300 <= response.status_code < 400 or not place:
                    yield response
                    return
            url = self._next(method, url, place)
        raise RemoteError(
            "answer",
            f"{self._who.host} leads from one address to the next without end.",
            "Check the address of the connection.",
        )

    def _next(self, method: str, url: str, place: str) -> str:
        try:
            following = urljoin(url, place)
            same = web.origin(following) == web.origin(self._rest.base)
        except (ValueError, RemoteError):
            same = False
        if not same or method != "GET":
            raise leads_elsewhere(self._who)
        return following

    @contextmanager
    def _words(self) -> Iterator[None]:
        import httpx2

        try:
            yield
        except LorariumError:
            raise
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
            # Without its cause: that holds the request, and the request the token.
            raise web.explain(error, self._who.host) from None

    def _refuse(self, response: httpx2.Response, asked: Asked) -> None:
        if response.is_success:
            return
        data = response.read()
        text = data[:_LOOKED_AT].decode("utf-8", "replace")
        raise of_status(
            response.status_code, response.headers, _parsed(data), text, self._who, asked
        )


def _is_page(response: httpx2.Response) -> bool:
    return response.headers.get("content-type", "").lower().startswith("text/html")


def _parsed(data: bytes) -> Any:
    """The JSON in an answer; None where it is none, or more than any registry says."""
    try:
        return safe_json.parse(data, max_depth=MAX_DEPTH).value
    except FolderError:
        return None


def _authorization(user: str, secret: str | None) -> dict[str, str]:
    if not secret and not user:
        return {}
    if user:
        pair = f"{user}:{secret or ''}".encode("utf-8", "replace")
        if ":" in user or not f"{user}{secret or ''}".isprintable():
            raise RemoteError(
                "token",
                "The user name or the password holds a character that can’t be sent.",
                "Enter them again in the connection.",
            )
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    assert secret is not None
    token = secret.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise RemoteError(
            "token",
            "The token holds a character that no token has.",
            "Enter it again in the connection.",
        )
    return {"Authorization": f"Bearer {token}"}
