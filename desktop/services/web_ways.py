"""Which way a request takes: straight or by a proxy, and whom it trusts at the other end.

What the environment says of that is read when a request needs it, and no sooner: a proxy that
nobody can use, or a file of certificates that is gone, is no trouble for what does without.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Mapping
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from operator import itemgetter
from typing import Any

import httpx2

# The rules of NO_PROXY are those of httpx2, which makes its own transports of them at once.
from httpx2._utils import URLPattern, get_environment_proxies

from desktop import __version__
from desktop.services import web
from desktop.services.errors import RemoteError
from desktop.services.web_client import Transport

_MOST_REDIRECTS = 10
_UNSET = "Set it to the address of an http proxy, like http://proxy.example:3128, or unset it."
_SYSTEM = "Check the proxy settings of this computer."


def system_trust() -> ssl.SSLContext:
    """Whom the system trusts, read now, in a context of one's own.

    Raises:
        RemoteError (`tls`): a variable names certificates that can't be used.
    """
    variable = next((n for n in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(n)), "")
    if variable == "SSL_CERT_DIR":
        if not any(os.path.isdir(p) for p in os.environ[variable].split(os.pathsep)):
            raise _no_trust(f"{variable} names a folder of certificates that is not there.")
    try:
        return httpx2.create_ssl_context()
    except ssl.SSLError:
        if not variable:
            raise
        raise _no_trust(f"There is no certificate in the file that {variable} names.") from None
    except OSError:
        if not variable:
            raise
        raise _no_trust(f"{variable} names a file of certificates that can't be read.") from None


def _no_trust(message: str) -> RemoteError:
    return RemoteError("tls", message, "Set it to certificates in PEM form, or unset it.")


@lru_cache(maxsize=4)
def _shared_trust(file: str | None, folder: str | None) -> ssl.SSLContext:
    # Reading that takes long enough to do it once. The arguments are the variables that it
    # depends on.
    return system_trust()


def _trust() -> ssl.SSLContext:
    return _shared_trust(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


def _proxy(setting: str, address: str) -> httpx2.Proxy:
    """The proxy of a setting: `http://`, `https://` or `all://`, whichever it is for.

    Raises:
        RemoteError: `address` it is none that Lorarium can use; `tls` nobody is trusted.
    """
    name = _variable(setting.removesuffix("://"))
    advice = _UNSET if name else _SYSTEM
    try:
        proxy = httpx2.Proxy(address)
        known = bool(proxy.url.host) and (proxy.url.port or 80) < 1 << 16
    except (ValueError, httpx2.InvalidURL):
        known = False
    if not known:
        # Without the address itself: there may be a password in it.
        text = f"{name or 'The proxy setting of this computer'} is no address of a proxy."
        raise RemoteError("address", text, advice) from None
    if proxy.url.scheme.startswith("socks"):
        text = f"{name or 'The proxy setting of this computer'} leads to a SOCKS proxy."
        raise RemoteError("address", f"{text} Lorarium can't use those.", advice)
    if proxy.url.scheme == "https":
        proxy.ssl_context = _trust()
    return proxy


def _variable(scheme: str) -> str:
    """The variable that holds the proxy for a scheme; "" = it is from the system's settings."""
    name = f"{scheme}_proxy"
    found = [n for n, value in os.environ.items() if n.lower() == name and value]
    return name if name in found else next(iter(found), "")


class Client(httpx2.Client):
    """`web.make_client`."""

    def __init__(
        self, *, headers: Mapping[str, str] | None, verify: ssl.SSLContext | None, timeout: float
    ) -> None:
        self._verify = verify
        self._making = threading.Lock()
        self._proxies: list[tuple[str, URLPattern, str | None]] | None = None
        self._ways: dict[tuple[str, bool], Transport] = {}
        super().__init__(
            headers={"User-Agent": f"lorarium/{__version__}", **(headers or {})},
            # For plain http alone, so it trusts nobody.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            timeout=timeout,
            trust_env=False,
            follow_redirects=True,
            max_redirects=_MOST_REDIRECTS,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        )

    def _init_transport(self, *_: Any, **options: Any) -> httpx2.BaseTransport:
        options.pop("transport", None)
        return Transport(**options)

    def _transport_for_url(self, url: httpx2.URL) -> httpx2.BaseTransport:
        secure = url.scheme == "https"
        with self._making:
            setting, address = self._proxy_for(url)
            if not address and not secure:
                return self._transport
            way = self._ways.get((address, secure))
            if way is None:
                proxy = _proxy(setting, address) if address else None
                if secure:
                    way = Transport(proxy, verify=self._verify or _trust())
                else:
                    way = Transport(proxy, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
                self._ways[address, secure] = way
            return way

    def _proxy_for(self, url: httpx2.URL) -> tuple[str, str]:
        """The setting and the address of the proxy for a URL; "" = there is none."""
        # No proxy knows the way to what runs on this machine.
        if web.host_zone(url.host) == web.LOOPBACK:
            return "", ""
        if self._proxies is None:
            found = ((URLPattern(k), k, v) for k, v in get_environment_proxies().items())
            self._proxies = [(k, p, v) for p, k, v in sorted(found, key=itemgetter(0))]
        for setting, pattern, address in self._proxies:
            if pattern.matches(url):
                return setting, address or ""
        return "", ""

    def close(self) -> None:
        """Close every connection."""
        super().close()
        self._close_ways()

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._close_ways()

    def _close_ways(self) -> None:
        for way in self._ways.values():
            way.close()
