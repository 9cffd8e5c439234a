"""What went wrong on the way to a server, in a sentence."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

from desktop.services.errors import RemoteError

_NO_NETWORK = (errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)
_UNTRUSTED = (
    "If it is a server of your own, add its certificate to those that this computer trusts."
)
_LATER = "Try again later."


def explain(error: BaseException, server: str) -> RemoteError:
    """The error of a client of `web.make_client` (or of a socket) as one for a person.

    server: what the server is called in the sentence. A RemoteError stays as it is.
    """
    import httpx2

    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, RemoteError):
            return link
    for link in chain:
        if found := _of_socket(link, server):
            return found
    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return _silent(server)
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return RemoteError("slow", f"{server} stopped sending.", _LATER)
    if isinstance(error, httpx2.ProxyError):
        return RemoteError(
            "unreachable",
            f"The proxy on the way to {server} refuses.",
            "Check the proxy settings of this computer.",
        )
    if isinstance(error, httpx2.ConnectError):
        return _silent(server)
    if isinstance(error, httpx2.TooManyRedirects):
        return RemoteError(
            "answer", f"{server} leads from one address to the next without end.", _LATER
        )
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.InvalidURL):
        return RemoteError(
            "address",
            f"{server} leads to an address that is neither http nor https.",
            "Check the address of the server, or ask whoever runs it.",
        )
    if isinstance(error, httpx2.RemoteProtocolError) and not _is_cut(str(error)):
        return _odd(server)
    if isinstance(error, httpx2.NetworkError | httpx2.RemoteProtocolError | OSError):
        return RemoteError("cut", f"The connection to {server} broke.", "Try again.")
    return _odd(server)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _of_socket(error: BaseException, server: str) -> RemoteError | None:
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        # Some of OpenSSL's reasons are sentences, most are none.
        why = (error.verify_message or "unknown").rstrip(". ")
        return RemoteError("tls", f"The certificate of {server} is not trusted: {why}.", _UNTRUSTED)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
        return RemoteError("cut", f"The connection to {server} broke.", "Try again.")
    if isinstance(error, ssl.SSLError):
        return RemoteError(
            "tls",
            f"{server} offers no protected connection that Lorarium can use.",
            "Check the address and the port of the server.",
        )
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_AGAIN:
            return RemoteError(
                "offline", "There is no network.", "Check the connection, then try again."
            )
        return RemoteError(
            "unreachable",
            f"There is no server called {server}.",
            "Check the address, and whether this computer is connected.",
        )
    if isinstance(error, ConnectionRefusedError):
        return RemoteError(
            "unreachable",
            f"{server} refuses the connection.",
            "Check the address, and whether the server is running.",
        )
    if isinstance(error, OSError) and error.errno in _NO_NETWORK:
        return RemoteError(
            "offline", "There is no network.", "Check the connection, then try again."
        )
    if isinstance(error, OSError) and error.errno in (errno.EHOSTUNREACH, errno.EHOSTDOWN):
        return _silent(server)
    return None


def _is_cut(text: str) -> bool:
    # What h11 and httpcore2 say where the server closed before it was through.
    return "disconnected" in text or "without sending complete" in text or "closed" in text


def _silent(server: str) -> RemoteError:
    return RemoteError(
        "unreachable",
        f"{server} does not answer.",
        "Check the address, and whether the server is running.",
    )


def _odd(server: str) -> RemoteError:
    return RemoteError(
        "answer",
        f"{server} answers in a way that Lorarium does not understand.",
        "Check the address of the server.",
    )
