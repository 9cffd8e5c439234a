"""The sockets of the test hub: its connections, what goes into them, and how they end."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from tests.hub_server.answers import Answer
from tests.hub_server.faults import apply

if TYPE_CHECKING:
    from tests.hub_server.server import HubServer

PIECE = 64 * 1024
"""Bytes that go into a socket at once."""

PATIENCE = 5.0
"""Seconds in which every connection has to have ended."""


class Request(NamedTuple):
    """One request as it came. path: with its query; headers: names in lower case; host: the Host
    header, so that the two names of this machine can be told apart."""

    method: str
    path: str
    headers: dict[str, str]
    host: str


class Gone(Exception):
    """The other side closed the connection, or the hub is being closed."""


class Sockets(ThreadingHTTPServer):
    """Listens, and knows every connection, so that all can be ended."""

    daemon_threads = True
    request_queue_size = 128
    hub: HubServer

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._lock = threading.Lock()
        self._sockets: dict[socket.socket, threading.Thread] = {}
        self._to_reset: set[socket.socket] = set()

    def server_bind(self) -> None:
        # Without the look-up of a name for this machine that http.server does.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        # What is counted as sent shall not wait in a large buffer of the system.
        request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE)
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name="hub-connection",
            daemon=True,
        )
        thread.start()
        with self._lock:
            # Those that have ended are let go here and not by themselves: nobody could wait then
            # for the last steps of their threads.
            self._sockets = {s: t for s, t in self._sockets.items() if t.is_alive()}
            self._sockets[request] = thread

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            reset = request in self._to_reset
            self._to_reset.discard(request)
        if reset:
            # An orderly end before it would look like one to the other side.
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def reset_later(self, request: socket.socket) -> None:
        """Let the connection end with a TCP reset."""
        request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        with self._lock:
            self._to_reset.add(request)

    def end_connections(self) -> None:
        """End them all, and wait for their threads."""
        with self._lock:
            held = list(self._sockets.items())
        for connection, _ in held:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        deadline = time.monotonic() + PATIENCE
        for _, thread in held:
            thread.join(max(0.0, deadline - time.monotonic()))

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.hub.note_trouble(error)


class Connection(BaseHTTPRequestHandler):
    """One connection; also the wire that a fault writes to."""

    protocol_version = "HTTP/1.1"
    server_version = "TestHub/1.0"
    disable_nagle_algorithm = True
    server: Sockets

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (Gone, OSError):
            self.close_connection = True

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        """It says nothing by itself; the hub keeps the requests."""

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(min(int(headers.get("content-length", 0)), 1 << 20))
        request = Request(self.command, self.path, headers, headers.get("host", ""))
        hub = self.server.hub
        hub.note_request(request)
        try:
            answer = hub.routes.answer(self.command, self.path, headers, body)
            fault = hub.fault_for(request, answer)
            if fault is None:
                self.send(answer)
            else:
                apply(fault, request, answer, self)
        finally:
            hub.note_end()

    # -- the wire ------------------------------------------------------------------------------

    @property
    def has_body(self) -> bool:
        return self.command != "HEAD"

    def send(self, answer: Answer) -> None:
        """The answer as it is meant to be."""
        self.head(answer.status, {**answer.headers, "Content-Length": str(len(answer.body))})
        self.write(answer.body)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Status line and headers; Content-Length as it is given."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def write(self, data: bytes | memoryview) -> None:
        """Bytes of a body, in pieces; nothing for a HEAD."""
        if not self.has_body:
            return
        path = urlsplit(self.path).path
        view = memoryview(data)
        for start in range(0, len(view), PIECE):
            if self.server.hub.closing.is_set():
                raise Gone
            piece = view[start : start + PIECE]
            # Counted before: who has read it shall find it counted.
            self.server.hub.note_sent(path, len(piece))
            try:
                self.connection.sendall(piece)
            except OSError:
                self.server.hub.note_sent(path, -len(piece))
                raise

    def write_chunk(self, data: bytes | memoryview) -> None:
        """The same in chunked transfer; no data ends it."""
        if not self.has_body:
            return
        self.connection.sendall(b"%x\r\n" % len(data))
        self.write(data)
        self.connection.sendall(b"\r\n")

    def cut(self) -> None:
        """Close the connection in good order after this answer."""
        self.close_connection = True

    def reset(self) -> None:
        """Reset the connection now."""
        self.server.reset_later(self.connection)
        raise Gone

    def wait(self, released: threading.Event, seconds: float | None = None) -> None:
        """Wait until it is set, or for so long. Raises Gone when nobody is left to wait for."""
        end = None if seconds is None else time.monotonic() + seconds
        while not released.wait(0.02 if end is None else min(0.02, seconds or 0.02)):
            if self.server.hub.closing.is_set() or self._other_side_left():
                raise Gone
            if end is not None and time.monotonic() >= end:
                return

    def _other_side_left(self) -> bool:
        try:
            seen = self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return not seen
