"""What can go wrong between a hub and its client, on purpose."""

from __future__ import annotations

import gzip
import re
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

from tests.hub_server.answers import Answer, cursor, refusal

if TYPE_CHECKING:
    from tests.hub_server.wire import Connection, Request

HOSTILE_NAMES = (
    "../x",
    "/etc/x",
    "a\\b",
    "C:x",
    ".git/hooks/post-commit",
    "x%2e%2e/y",
    "nul\0byte",
    "n" * 300,
    "ADAPTER_CONFIG.JSON",
    "con",
    "a/../../x",
    "./x",
    "a//b",
    "trailing ",
    "trailing.",
    "line\nbreak",
    "\x1b[31mred",
    "\u202etxt.exe",
    "lone\ud800surrogate",
    "",
    "~/x",
    "\\\\server\\share",
    "-rf",
)
"""Names that no folder should be asked to hold, for `Repo.extra_names`."""

HOSTILE_COMMITS = ("../../x", "main", "", "a" * 41, "A" * 40, "0" * 39 + "/", "a" * 5000, 7, None)
"""What is no commit, for `Repo.commit_says` (None: say nothing, through `Repo.says`)."""

MEGABYTE = 1 << 20


def http_date(seconds: float) -> str:
    """A date as headers write it. seconds: since 1970."""
    return formatdate(seconds, usegmt=True)


@dataclass(eq=False)
class Fault:
    """One thing that goes wrong.

    kind, about the whole answer:
      status: `status` (503) instead, with retry_after, error_code and message as given.
      redirect_to: 302 (or `status`) to `to`; "" = to itself.
      stall_headers: nothing, until released. page: a web page with 200. body: `body` with 200.
      headers: the true answer with `headers` put over its own (None takes one away).
    about its bytes, only on answers that have some (200, 206; not for HEAD):
      cut, reset, stall: that, after `after` bytes of the body (-1: before the first header, and
      then for any answer). drip: `size` (1) bytes every `interval` seconds, from `after` on.
      wrong_bytes: the byte at `offset` of the file (-1 the last) is another one.
      endless: chunked, the true bytes and then more for ever. too_long: `size` bytes more than
      there are. chunked: no length. gzip: packed. gzip_bomb: `size` bytes of blanks, packed.
      no_range: 200 with everything for a range; wrong_range: 206 with bytes from elsewhere.
    about lists: page_loop: next is the same page. endless_pages: there is always a next one.
      next_page_to: next is at `to`. huge_json: `size` bytes of rows. deep_json: `size` brackets.

    match: a regular expression that has to find something in path and query. method: "" = any.
    times: how often it happens, None = always. skip: so many fitting requests go well before.
    hits counts; `wait` waits for the first; `release` lets what is stalled go on.
    """

    kind: str
    match: str = ""
    times: int | None = None
    after: int = 0
    status: int | None = None
    retry_after: int | str | None = None
    error_code: str = ""
    message: str = "Something is wrong here"
    to: str = ""
    interval: float = 0.05
    size: int | None = None
    offset: int = -1
    body: bytes = b"{"
    content_type: str = "application/json"
    headers: Mapping[str, str | None] = field(default_factory=dict)
    method: str = ""
    skip: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"no such fault: {self.kind}")
        if self.after < 0 and self.kind not in {"cut", "reset", "stall"}:
            raise ValueError(f"{self.kind} is about the bytes: nothing comes before them")
        self._happened = threading.Event()
        self._released = threading.Event()

    def wait(self, seconds: float = 5.0) -> bool:
        """Wait until it has happened (for a stall: until everything before it is sent)."""
        return self._happened.wait(seconds)

    def release(self) -> None:
        """Let those that are stalled have the rest, and later ones all of it."""
        self._released.set()

    def take(self, request: Request, answer: Answer) -> bool:
        """Whether it happens to this request; counts. The hub calls it."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.method not in ("", request.method) or not re.search(self.match, request.path):
            return False
        if self.kind in _ON_BYTES and self.after >= 0:
            has_bytes = answer.status in (200, 206) and len(answer.body) > 0
            if request.method == "HEAD" or not has_bytes:
                return False
        if self.kind in _ON_RANGES and "range" not in request.headers:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.hits += 1
        return True


def apply(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    """Answer with this fault. wire: the connection."""
    if fault.kind not in _WAITING:
        fault._happened.set()
    _KINDS[fault.kind](fault, request, answer, wire)


# -- the whole answer --------------------------------------------------------------------------


def _status(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    status = fault.status or 503
    other = refusal(status, fault.message, fault.error_code)
    if fault.retry_after is not None:
        other.headers["Retry-After"] = str(fault.retry_after)
    if status == 429:
        seconds = fault.retry_after if isinstance(fault.retry_after, int) else 60
        other.headers["RateLimit"] = f'"api";r=0;t={seconds}'
        other.headers["RateLimit-Policy"] = '"fixed window";"api";q=500;w=300'
    wire.send(other)


def _redirect_to(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    place = fault.to or request.path
    wire.send(Answer(fault.status or 302, {"Location": place}, b"Elsewhere."))


def _stall_headers(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    fault._happened.set()
    wire.wait(fault._released)
    wire.send(answer)


def _page(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    text = b"<!doctype html><html><head><title>Sign in to the network</title></head></html>"
    wire.send(Answer(200, {"Content-Type": "text/html; charset=utf-8"}, text))


def _body(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    wire.send(Answer(200, {"Content-Type": fault.content_type}, fault.body))


def _headers(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    said: dict[str, str | None] = {**answer.headers, "Content-Length": str(len(answer.body))}
    said |= fault.headers
    wire.head(answer.status, {name: value for name, value in said.items() if value is not None})
    wire.write(answer.body)
    wire.cut()


# -- its bytes ---------------------------------------------------------------------------------


def _begin(fault: Fault, answer: Answer, wire: Connection) -> None:
    """Headers with the true length, and the bytes before the fault."""
    wire.head(answer.status, {**answer.headers, "Content-Length": str(len(answer.body))})
    wire.write(answer.body[: fault.after])


def _cut(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    if fault.after >= 0:
        _begin(fault, answer, wire)
    wire.cut()


def _reset(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    if fault.after >= 0:
        _begin(fault, answer, wire)
    wire.reset()


def _stall(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    if fault.after >= 0:
        _begin(fault, answer, wire)
    fault._happened.set()
    wire.wait(fault._released)
    if fault.after < 0:
        wire.send(answer)
    else:
        wire.write(answer.body[fault.after :])


def _drip(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    _begin(fault, answer, wire)
    size = fault.size or 1
    at = fault.after
    while at < len(answer.body) and not fault._released.is_set():
        wire.wait(fault._released, fault.interval)
        wire.write(answer.body[at : at + size])
        at += size
    wire.write(answer.body[at:])


def _wrong_bytes(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    whole = answer.whole or bytes(answer.body)
    place = fault.offset % len(whole) - answer.start
    body = bytearray(answer.body)
    if 0 <= place < len(body):
        body[place] ^= 1
    wire.send(Answer(answer.status, answer.headers, bytes(body)))


def _endless(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    wire.head(answer.status, {**answer.headers, "Transfer-Encoding": "chunked"})
    wire.write_chunk(answer.body)
    while True:
        wire.write_chunk(bytes(64 * 1024))


def _too_long(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    more = fault.size or MEGABYTE
    length = len(answer.body) + more
    wire.head(answer.status, {**answer.headers, "Content-Length": str(length)})
    wire.write(answer.body)
    wire.write(bytes(more))


def _chunked(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    wire.head(answer.status, {**answer.headers, "Transfer-Encoding": "chunked"})
    wire.write_chunk(answer.body)
    wire.write_chunk(b"")


def _gzip_bomb(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    packer = zlib.compressobj(9, wbits=31)
    blanks = b" " * MEGABYTE
    packed = [packer.compress(blanks) for _ in range((fault.size or 256 * MEGABYTE) // MEGABYTE)]
    body = b"".join([*packed, packer.flush()])
    wire.send(Answer(answer.status, {**answer.headers, "Content-Encoding": "gzip"}, body))


def _gzip(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    body = gzip.compress(answer.body)
    wire.send(Answer(answer.status, {**answer.headers, "Content-Encoding": "gzip"}, body))


def _no_range(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    said = {k: v for k, v in answer.headers.items() if k not in ("Content-Range", "Accept-Ranges")}
    wire.send(Answer(200, said, answer.whole))


def _wrong_range(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    total, length = len(answer.whole), len(answer.body)
    start = 0 if answer.start else max(0, min(1, total - length))
    said = {**answer.headers, "Content-Range": f"bytes {start}-{start + length - 1}/{total}"}
    wire.send(Answer(206, said, answer.whole[start : start + length]))


# -- lists -------------------------------------------------------------------------------------


def _next_page(answer: Answer, place: str, wire: Connection) -> None:
    answer.headers["Link"] = f'<{place}>; rel="next"'
    wire.send(answer)


def _page_loop(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    _next_page(answer, f"http://{request.host}{request.path}", wire)


def _endless_pages(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    path = re.sub(r"[?&]cursor=[^&]*", "", request.path)
    mark = "&" if "?" in path else "?"
    place = f"http://{request.host}{path}{mark}cursor={cursor(0, fault.hits)}"
    _next_page(answer, place, wire)


def _next_page_to(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    _next_page(answer, fault.to, wire)


def _huge_json(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    wire.head(200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
    row = b'{"id":"acme/%s","type":"file","path":"x","size":1,"oid":"0"}' % (b"x" * 60)
    rows = b",".join([row] * 500)
    wire.write_chunk(b"[" + row)
    sent = 0
    while sent < (fault.size or 64 * MEGABYTE):
        wire.write_chunk(b"," + rows)
        sent += len(rows) + 1
    wire.write_chunk(b"]")
    wire.write_chunk(b"")


def _deep_json(fault: Fault, request: Request, answer: Answer, wire: Connection) -> None:
    depth = fault.size or 100_000
    body = b"[" * depth + b"]" * depth
    wire.send(Answer(200, {"Content-Type": "application/json"}, body))


_KINDS = {
    "status": _status,
    "redirect_to": _redirect_to,
    "stall_headers": _stall_headers,
    "page": _page,
    "body": _body,
    "headers": _headers,
    "cut": _cut,
    "reset": _reset,
    "stall": _stall,
    "drip": _drip,
    "wrong_bytes": _wrong_bytes,
    "endless": _endless,
    "too_long": _too_long,
    "chunked": _chunked,
    "gzip_bomb": _gzip_bomb,
    "gzip": _gzip,
    "no_range": _no_range,
    "wrong_range": _wrong_range,
    "page_loop": _page_loop,
    "endless_pages": _endless_pages,
    "next_page_to": _next_page_to,
    "huge_json": _huge_json,
    "deep_json": _deep_json,
}
_ON_ALL = {"status", "redirect_to", "stall_headers", "page", "body", "headers"}
_ON_RANGES = {"no_range", "wrong_range"}
_WAITING = {"stall", "stall_headers"}
_ON_BYTES = set(_KINDS) - _ON_ALL - {"huge_json", "deep_json"}
