"""The connections behind `web.make_client`. It imports httpx2, so it is imported when needed."""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import queue
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore2
import httpx2

from desktop.services import web
from desktop.services.errors import RemoteError
from desktop.services.web import Visit, current_visit

_REFUSAL_LIMIT = 1 << 20  # the most bytes of an answer that is no success
_DOWNLOAD_READ = 1 << 20
_FIRST_TRY = 3.0  # seconds for an address while there are others
_BUSY = {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY, getattr(errno, "WSAEWOULDBLOCK", 0)}
_Selector: type[selectors.BaseSelector] = getattr(
    selectors, "PollSelector", selectors.SelectSelector
)

# They log whole addresses, and those that storage servers sign are as good as a token.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class PollingStream(httpcore2.NetworkStream):
    """A connection that asks the visit of the thread that waits, five times a second, whether to
    go on. zone: where it leads, None = to a proxy."""

    def __init__(self, sock: socket.socket, zone: str | None, host: str) -> None:
        # Set once: to set it anew for each read is a system call each time.
        sock.settimeout(web.POLL)
        self._sock = sock
        self._zone = zone
        self._host = host

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        visit = current_visit()
        if visit.answer_limit is None:
            # A download: fewer, larger pieces. The protocol layer takes any size.
            max_bytes = max(max_bytes, _DOWNLOAD_READ)
        if visit.head_time is not None and visit.deadline is not None:
            # The head of a download: its deadline says how long.
            timeout = None
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            visit.poll()
            try:
                return self._sock.recv(max_bytes)
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                if end is not None and time.monotonic() >= end:
                    raise httpcore2.ReadTimeout("no byte arrived") from None
            except OSError as error:
                raise httpcore2.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        visit = current_visit()
        if self._zone is not None:
            # The connection may be one that another visit has left behind.
            _refuse(visit, self._host, self._zone)
        end = None if timeout is None else time.monotonic() + timeout
        view = memoryview(buffer)
        while view:
            visit.poll()
            try:
                view = view[self._sock.send(view) :]
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                if end is not None and time.monotonic() >= end:
                    raise httpcore2.WriteTimeout("no byte was taken") from None
            except OSError as error:
                raise httpcore2.WriteError(str(error)) from error

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        if isinstance(self._sock, ssl.SSLSocket):
            self.close()
            raise httpcore2.ProxyError("TLS inside of TLS")
        visit = current_visit()
        end = None if timeout is None else time.monotonic() + timeout
        try:
            # From here on the plain socket is detached, and the other one has the connection.
            self._sock = sock = ssl_context.wrap_socket(
                self._sock, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            sock.settimeout(web.POLL)
            while True:
                visit.poll()
                try:
                    sock.do_handshake()
                    break
                except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    if end is not None and time.monotonic() >= end:
                        raise httpcore2.ConnectTimeout("no handshake") from None
        except BaseException as error:
            self.close()
            if isinstance(error, OSError | ValueError):
                raise httpcore2.ConnectError(str(error)) from error
            raise
        return PollingStream(sock, self._zone, self._host)

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._sock if isinstance(self._sock, ssl.SSLSocket) else None
        if info == "client_addr":
            return self._sock.getsockname()
        if info == "server_addr":
            return self._sock.getpeername()
        if info == "socket":
            return self._sock
        if info == "is_readable":
            return self._sock.fileno() < 0 or _wait(self._sock, selectors.EVENT_READ, 0)
        return None


class PollingBackend(httpcore2.NetworkBackend):
    """Connects to addresses that the visit of the thread may go to. proxied: to a proxy, which
    the person has chosen and which knows the way from there."""

    def __init__(self, proxied: bool) -> None:
        self._proxied = proxied

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        visit = current_visit()
        end = time.monotonic() + (30.0 if timeout is None else timeout)
        places = _lookup(visit, host, port, end)
        if not self._proxied:
            zones = {web.zone(place[4][0]) for place in places}
            if visit.zones is None and host == visit.host:
                visit.zones = _zones_of_home(zones)
            good = [place for place in places if _refusal(visit, host, place) is None]
            if not good:
                raise _refusal(visit, host, places[0]) or RuntimeError("no address")
            places = good
        last: OSError | None = None
        for at, (family, kind, protocol, _, address) in enumerate(places):
            rest = end if at + 1 == len(places) else min(end, time.monotonic() + _FIRST_TRY)
            sock: socket.socket | None = None
            try:
                sock = socket.socket(family, kind, protocol)
                _connect(visit, sock, address, rest)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for option in socket_options or ():
                    sock.setsockopt(*option)
            except BaseException as error:
                if sock is not None:
                    sock.close()
                if not isinstance(error, OSError):
                    raise
                last = error
                continue
            where = None if self._proxied else web.zone(address[0])
            return PollingStream(sock, where, host)
        raise _unconnected(last or TimeoutError())


def _lookup(visit: Visit, host: str, port: int, end: float) -> list[Any]:
    """What `getaddrinfo` finds, asked in a thread of its own: it can't be stopped."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
    if _is_address(host):
        return list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    thread = threading.Thread(target=ask, name="lookup", daemon=True)
    thread.start()
    while True:
        visit.poll()
        try:
            found = answers.get(timeout=web.POLL)
            break
        except queue.Empty:
            if time.monotonic() >= end:
                raise httpcore2.ConnectTimeout("the name is not resolved") from None
    thread.join()
    if isinstance(found, Exception):
        raise _unconnected(found)
    return list(found)


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _unconnected(error: Exception) -> Exception:
    kind = httpcore2.ConnectTimeout if isinstance(error, TimeoutError) else httpcore2.ConnectError
    failure = kind(str(error))
    # The pool drops the cause of what it passes on, but not the context: `web.explain` reads it.
    failure.__context__ = error
    return failure


def _zones_of_home(zones: set[str]) -> frozenset[str]:
    # One that is public too is no server of the own network.
    return frozenset((web.PUBLIC,)) if web.PUBLIC in zones else frozenset(zones)


def _know_home(visit: Visit) -> None:
    if visit.zones is not None:
        return
    try:
        places = _lookup(visit, visit.host, visit.port, time.monotonic() + 10.0)
    except (httpcore2.NetworkError, httpcore2.TimeoutException):
        # It can't be found from here: then it is not in here.
        visit.zones = frozenset((web.PUBLIC,))
    else:
        visit.zones = _zones_of_home({web.zone(place[4][0]) for place in places})


def _refusal(visit: Visit, host: str, place: Any) -> RemoteError | None:
    where = web.zone(place[4][0])
    if visit.plain or where != web.PUBLIC:
        _know_home(visit)
    return visit.refusal(host, where)


def _refuse(visit: Visit, host: str, where: str) -> None:
    if visit.plain or where != web.PUBLIC:
        _know_home(visit)
    if refusal := visit.refusal(host, where):
        raise refusal


def _connect(visit: Visit, sock: socket.socket, address: Any, end: float) -> None:
    sock.setblocking(False)
    code = sock.connect_ex(address)
    if code in _BUSY:
        while True:
            visit.poll()
            if _wait(sock, selectors.EVENT_WRITE, web.POLL):
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                break
            if time.monotonic() >= end:
                raise TimeoutError
    if code:
        raise OSError(code, os.strerror(code))


def _wait(sock: socket.socket, event: int, seconds: float) -> bool:
    with _Selector() as selector:
        selector.register(sock, event)
        return bool(selector.select(seconds))


class Transport(httpx2.HTTPTransport):
    """Holds each request, and each answer, to the visit of the thread that sends it."""

    def __init__(self, proxy: httpx2.Proxy | None = None, **options: Any) -> None:
        super().__init__(proxy=proxy, **options)
        # The pool of httpx2 takes no backend, that of httpcore2 below it does.
        self._pool._network_backend = PollingBackend(proxied=proxy is not None)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        visit = current_visit()
        url = request.url
        visit.refuse_url(
            url.scheme, url.host, bool(url.userinfo), bool(request.extensions.get("after_https"))
        )
        visit.plain = url.scheme == "http"
        if not visit.plain:
            # A redirect inherits it, so that no hop after this one is unprotected.
            request.extensions["after_https"] = True
        if where := web.host_zone(url.host):
            # Also for a proxy, which would go there.
            _refuse(visit, url.host, where)
        if "authorization" in request.headers and web.origin(str(url)) != visit.origin:
            del request.headers["authorization"]
        start = time.monotonic()
        visit.deadline = start + (visit.head_time or web.HEAD_TIME)
        try:
            response = super().handle_request(request)
        except BaseException:
            visit.deadline = None
            raise
        limit = visit.answer_limit
        visit.deadline = None if limit is None else start + web.ANSWER_TIME
        if not response.is_success:
            limit = min(limit or _REFUSAL_LIMIT, _REFUSAL_LIMIT)
        if limit is None:
            return response
        assert isinstance(response.stream, httpx2.SyncByteStream)
        return Answer(
            status_code=response.status_code,
            headers=response.headers,
            stream=_Counted(response.stream, limit, visit.server),
            extensions=response.extensions,
            limit=(limit, visit.server),
        )


class Answer(httpx2.Response):
    """An answer that ends at a limit, however much it unpacks to."""

    def __init__(self, *args: Any, limit: tuple[int, str], **options: Any) -> None:
        self._most = limit
        super().__init__(*args, **options)

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield from _count(super().iter_bytes(chunk_size), *self._most)


class _Counted(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, limit: int, server: str) -> None:
        self._stream = stream
        self._most = (limit, server)

    def __iter__(self) -> Iterator[bytes]:
        yield from _count(self._stream, *self._most)

    def close(self) -> None:
        self._stream.close()


def _count(chunks: Iterable[bytes], limit: int, server: str) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > limit:
            raise RemoteError(
                "answer",
                f"{server} answers with more than {limit / 1e6:.3g} MB.",
                "That is no answer that Lorarium asked for. Check the address of the server.",
            )
        yield chunk
