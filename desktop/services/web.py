"""The one way out to the network: where a request may go, what of it is read, how it is stopped."""

from __future__ import annotations

import ipaddress
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from desktop.services.errors import RemoteError
from desktop.services.web_errors import explain

if TYPE_CHECKING:
    import ssl

    import httpx2

__all__ = [
    "ANSWER_LIMIT",
    "Visit",
    "current_visit",
    "explain",
    "host_zone",
    "is_loopback",
    "make_client",
    "normal_endpoint",
    "origin",
    "visit",
    "zone",
]

ANSWER_LIMIT = 32 << 20
"""The most bytes of one answer that is no download, after unpacking."""

POLL = 0.2
"""The longest time between two looks at whether to stop, in seconds."""

HEAD_TIME = 30.0
"""The longest time for the head of an answer, in seconds, however much of it drips in."""

ANSWER_TIME = 90.0
"""The longest time for a whole answer that is no download, in seconds."""

PUBLIC, PRIVATE, LOOPBACK, OTHER = "public", "private", "loopback", "other"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?\.?")
_PORTS = {"http": 80, "https": 443}
_PRIVATE = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_EXAMPLE = "It looks like https://host or https://host:8443/path."


# -- addresses -----------------------------------------------------------------------------------


def zone(address: str) -> str:
    """Which part of the network an IP address is in: PUBLIC, PRIVATE, LOOPBACK or OTHER
    (link-local, multicast, reserved: nothing that an adapter comes from)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        # An IPv4 address in disguise is where it leads to.
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    if ip.is_loopback:
        return LOOPBACK
    if any(ip.version == net.version and ip in net for net in _PRIVATE):
        return PRIVATE
    if ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified):
        return PUBLIC
    return OTHER


def host_zone(host: str) -> str | None:
    """The zone of a host that is an IP address or `localhost`; None for any other name."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return LOOPBACK
    try:
        return zone(host)
    except ValueError:
        return None


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine, as far as that can be seen without asking."""
    return host_zone(_split(url).hostname or "") == LOOPBACK


def origin(url: str) -> str:
    """`scheme://host[:port]` of an address: what a token belongs to.

    Raises:
        RemoteError (`address`): no http or https address.
    """
    parts = _split(url)
    if parts.scheme not in _PORTS:
        raise _no_address(url, "It has to start with https://.")
    return f"{parts.scheme}://{_netloc(parts, url)}"


def normal_endpoint(text: str, *, plain_http: bool = False) -> str:
    """The address of a server as a person wrote it, in the form that is kept and compared.

    Blanks and slashes at the ends go, https:// is added where no scheme is said, the host is in
    lower case, a usual port goes; a path stays. plain_http: the person agreed to plain http.

    Raises:
        RemoteError (`address`): no address of a server, or plain http without consent.
    """
    text = text.strip()
    if not text:
        raise RemoteError("address", "The address of the server is empty.", _EXAMPLE)
    if not text.isprintable() or re.search(r"[\s\\<>\"]", text):
        raise _no_address(text, _EXAMPLE)
    parts = _split(text if _SCHEME.match(text) else f"https://{text}")
    if parts.scheme not in _PORTS:
        raise _no_address(text, "It has to start with https://.")
    if "@" in parts.netloc:
        raise RemoteError(
            "address",
            "There is a user name or a password in the address.",
            "Leave it out, and sign in with a token.",
        )
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise _no_address(text, "Leave out what follows the ? or #.")
    if ".." in parts.path.split("/"):
        raise _no_address(text, _EXAMPLE)
    if (parts.hostname or "").endswith(".") and host_zone(parts.hostname or ""):
        # It looks like an address, and no resolver knows it.
        raise _no_address(text, "Leave out the dot at the end of the host.")
    endpoint = f"{parts.scheme}://{_netloc(parts, text)}{parts.path.rstrip('/')}"
    if parts.scheme == "http" and not plain_http and not is_loopback(endpoint):
        raise RemoteError(
            "address",
            "This address is plain http: what is fetched, and the token, travel unprotected.",
            "Use https, or agree to plain http for this server.",
        )
    return endpoint


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _no_address(url, _EXAMPLE) from None
    return parts


def _netloc(parts: SplitResult, text: str) -> str:
    host = (parts.hostname or "").lower()
    if ":" in host:
        try:
            host = f"[{ipaddress.IPv6Address(host)}]"
        except ValueError:
            raise _no_address(text, _EXAMPLE) from None
    else:
        try:
            host = host if host.isascii() else host.encode("idna").decode()
        except UnicodeError:
            host = ""
        if not _HOST.fullmatch(host) or ".." in host:
            raise _no_address(text, _EXAMPLE)
    port = parts.port
    return host if port is None or port == _PORTS[parts.scheme] else f"{host}:{port}"


def _no_address(text: str, advice: str) -> RemoteError:
    shown = text if len(text) <= 80 else f"{text[:79]}…"
    if "@" in text or not shown.isprintable():
        return RemoteError("address", "This is no address of a server.", advice)
    return RemoteError("address", f"“{shown}” is no address of a server.", advice)


# -- visits --------------------------------------------------------------------------------------


class Visit:
    """What the requests of one thread are held to while it deals with one server.

    home: the server's endpoint. zones: where the home is, None until somebody had to know.
    plain: whether the request at hand is unprotected. deadline: when its answer has to be there
    (of time.monotonic). The last three are kept by the client.
    """

    def __init__(
        self,
        home: str,
        check: Callable[[], None] | None,
        plain_http: bool,
        limit: int | None,
        head_time: float | None,
    ) -> None:
        self.home = normal_endpoint(home, plain_http=plain_http)
        self.origin = origin(self.home)
        parts = urlsplit(self.home)
        self.host = parts.hostname or ""
        self.port = parts.port or _PORTS[parts.scheme]
        self.server = parts.netloc
        self.protected = parts.scheme == "https"
        self.answer_limit = limit
        self.head_time = head_time
        # What is called a name of this machine was taken for it, whatever the resolver says.
        here = host_zone(self.host) == LOOPBACK
        self.zones: frozenset[str] | None = frozenset((LOOPBACK,)) if here else None
        self.plain = False
        self.deadline: float | None = None
        self._check = check
        self._checked = 0.0

    def poll(self) -> None:
        """Ask whether to go on, unless that was asked just now. Raises what `check` raises."""
        now = time.monotonic()
        if self._check is not None and now - self._checked >= POLL / 2:
            self._checked = now
            self._check()
        if self.deadline is not None and now > self.deadline:
            raise RemoteError(
                "slow", f"{self.server} takes too long to answer.", "Try again later."
            )

    def refusal(self, host: str, where: str) -> RemoteError | None:
        """Why the request at hand may not go to a host in this zone; None if it may.

        `zones` has to be known.
        """
        zones = self.zones or frozenset()
        if self.plain and where not in zones:
            return self._refused(host, "by plain http")
        if where != PUBLIC and where not in zones:
            return self._refused(host, "inside your own network")
        return None

    def refuse_url(self, scheme: str, host: str, userinfo: bool, after_https: bool) -> None:
        """Raises RemoteError (`address`) where the address alone says that nobody goes there."""
        if scheme not in _PORTS:
            raise self._refused("", "that is neither http nor https")
        if userinfo:
            raise self._refused(host, "with a user name in it")
        if scheme == "http" and (self.protected or after_https):
            raise self._refused(host, "by plain http")

    def _refused(self, host: str, how: str) -> RemoteError:
        name = f" ({host})" if _HOST.fullmatch(host.lower()) and len(host) <= 100 else ""
        return RemoteError(
            "address",
            f"{self.server} leads to an address {how}{name}. Lorarium does not go there.",
            "Check the address of the server, or ask whoever runs it.",
        )


_local = threading.local()


@contextmanager
def visit(
    home: str,
    check: Callable[[], None] | None = None,
    *,
    plain_http: bool = False,
    answer_limit: int | None = ANSWER_LIMIT,
    head_time: float | None = None,
) -> Iterator[None]:
    """Deal with one server: in this thread, every client of `make_client` keeps to its rules.

    home: the server's endpoint; a token goes nowhere else. check: called at least every 0.2 s
    while something is waited for; what it raises (`Cancelled`) ends the request. plain_http: the
    person agreed to plain http for this server. answer_limit: the most bytes of an answer after
    unpacking, None = the caller counts (downloads). head_time: seconds in which the head of a
    download has to be there, however silent the server is before it; None = HEAD_TIME, and no
    silence.

    Requests and each of at most 10 redirects go to http and https only; by plain http only to
    where home is, if home is plain http itself; to addresses that are not public only where home
    is in the same part of the network. Names are resolved once, and the address that was checked
    is the one that is used. Behind a proxy of the environment the proxy resolves them.

    Raises:
        RemoteError (`address`): home itself is no place to go.
    """
    before = getattr(_local, "visit", None)
    _local.visit = Visit(home, check, plain_http, answer_limit, head_time)
    try:
        yield
    finally:
        _local.visit = before


def current_visit() -> Visit:
    """The visit that this thread is on. Without one, no request leaves the house."""
    found: Visit | None = getattr(_local, "visit", None)
    if found is None:
        raise RuntimeError("A request outside web.visit()")
    return found


def make_client(
    *,
    headers: Mapping[str, str] | None = None,
    verify: ssl.SSLContext | None = None,
    timeout: float = 10.0,
) -> httpx2.Client:
    """A client that keeps to the visit of the thread that uses it; threads may share it.

    headers: sent with every request, but `Authorization` only to the home of the visit. verify:
    whom to trust, None = whom the system trusts. timeout: seconds for connecting and for silence.
    Redirects are followed. It keeps no cookies. Close it at the end.

    Proxies and certificates of the environment are read when a request needs them; what can't be
    used of them is a RemoteError (`address`, `tls`) of that request.
    """
    from desktop.services.web_ways import Client

    return Client(headers=headers, verify=verify, timeout=timeout)
