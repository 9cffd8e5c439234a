"""The bytes of one file, from the server to the landing, in as many requests as it takes."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NoReturn

from desktop.services import web
from desktop.services.errors import RemoteError
from desktop.services.transfer_file import NOTHING, Landing
from desktop.services.transfer_rate import Meter, time_text

if TYPE_CHECKING:
    import httpx2

ON_THE_WAY = ("cut", "slow")
"""What is always worth another try."""

AFTER_CUT = (*ON_THE_WAY, "unreachable", "offline")
"""What is worth another try, once the server has sent something."""

TRY_AGAIN = "Try again fetches only the files that are not complete."

_EXPIRED = (400, 401, 403)
"""How storages refuse an address that is no longer good."""

_NO_HEAD = 3
"""What a try costs that waited in vain for an answer to begin: there is one more, of five."""

_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(?:(\d{1,19})|\*)")
_RESET = re.compile(r"\bt=(\d{1,9})\b")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a transfer puts up with.

    most_bytes: of a file that announces no size. tries: for one file, until it moves on; silence
    and dripping count as two. backoff: seconds before the second try, doubled for each further
    one, most_backoff at the longest. most_wait: the longest that a server may ask to wait.
    connect: seconds for connecting. head: seconds until an answer begins, which a server that
    fetches the file from elsewhere takes its time for. silence: seconds without a byte after that.
    least_rate: bytes per second, over `window` seconds. spare: bytes that stay free on the disk.
    """

    most_bytes: int = 20 * 10**9
    tries: int = 5
    backoff: float = 1.0
    most_backoff: float = 30.0
    most_wait: float = 300.0
    connect: float = 10.0
    head: float = 120.0
    silence: float = 20.0
    least_rate: float = 1000.0
    window: float = 20.0
    spare: int = 64 << 20


class Again(Exception):
    """This try is over; another one may do better. wait: what the server asks for, seconds."""

    def __init__(self, error: RemoteError, wait: float | None = None, cost: int = 1) -> None:
        super().__init__(error.code)
        self.error = error
        self.wait = wait
        self.cost = cost


class Body:
    """The bytes of one file, in as many requests as it takes."""

    def __init__(
        self,
        client: httpx2.Client,
        landing: Landing,
        meter: Meter,
        limits: Limits,
        server: str,
    ) -> None:
        self._client = client
        self._landing = landing
        self._meter = meter
        self._limits = limits
        self._server = server
        self._etag = ""
        self._whole_only = False
        self._refused_at = -1

    def read(self) -> None:
        """Read on from where the file is, to its end.

        Raises:
            Again: the connection or the server broke off. RemoteError: it can't be had.
        """
        import httpx2

        limits = self._limits
        begun = False
        try:
            with self._client.stream(
                self._landing.file.method,
                self._landing.file.url,
                content=self._landing.file.content,
                headers=self._headers(),
                timeout=httpx2.Timeout(limits.silence, connect=limits.connect),
            ) as response:
                begun = True
                self._look_at(response)
                self._copy(response)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            found = web.explain(error, self._server)
            # A server that was never there is told at once; one that was may come back.
            if found.code in ON_THE_WAY or (found.code in AFTER_CUT and self._meter.fetched):
                raise Again(found, cost=_cost(found)) from None
            raise found from None
        except RemoteError as error:
            if error.code not in ON_THE_WAY:
                raise
            raise Again(error, cost=_cost(error) if begun else _NO_HEAD) from None

    def _headers(self) -> dict[str, str]:
        landing = self._landing
        if not landing.got:
            return {}
        if landing.file.method != "GET":
            # What a range of the answer to anything else would be, is nowhere said.
            self._restart()
            return {}
        if landing.file.digest and not self._whole_only:
            # Bytes of something else would not get past the digest.
            return {"Range": f"bytes={landing.got}-"}
        if self._etag and not self._whole_only:
            return {"Range": f"bytes={landing.got}-", "If-Range": self._etag}
        self._restart()
        return {}

    def _restart(self) -> None:
        self._meter.lose(self._landing.got)
        self._landing.restart()

    def _look_at(self, response: httpx2.Response) -> None:
        """Go on only with the bytes that were asked for."""
        landing, status = self._landing, response.status_code
        if status not in (200, 206):
            self._refuse(response)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise self._odd("in a packed form")
        etag = response.headers.get("etag", "")
        self._etag = etag if etag.startswith('"') and len(etag) < 200 and etag.isascii() else ""
        length = _number(response.headers.get("content-length"))
        if status == 206:
            found = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
            size = landing.file.size
            fits = (
                found is not None
                and int(found[1]) == landing.got > 0
                and (size is None or found[3] is None or int(found[3]) == size)
            )
            if not fits:
                self._without_ranges(self._odd("in pieces that nobody asked for"))
        elif landing.got:
            self._restart()
        if status == 200 and self._is_page(response, length):
            raise RemoteError(
                "answer",
                f"{self._server} sends a web page instead of {landing.file.shown}.",
                f"{NOTHING} A proxy or a sign-in page may be in the way.",
            )
        if length is not None:
            landing.expect(length)

    def _without_ranges(self, error: RemoteError) -> NoReturn:
        """Some servers do not know ranges well: then the file begins anew, once."""
        if self._whole_only:
            raise error
        self._whole_only = True
        raise Again(error)

    def _is_page(self, response: httpx2.Response, length: int | None) -> bool:
        file = self._landing.file
        html = response.headers.get("content-type", "").lower().startswith("text/html")
        fits = file.size is not None and length in (None, file.size)
        return html and not fits and not file.name.endswith((".html", ".htm"))

    def _copy(self, response: httpx2.Response) -> None:
        landing, meter, limits = self._landing, self._meter, self._limits
        start, counted = time.monotonic(), meter.fetched
        for chunk in response.iter_raw():
            landing.write(chunk)
            meter.add(len(chunk))
            now = time.monotonic()
            meter.check(now)
            if now - start >= limits.window:
                if meter.fetched - counted < limits.least_rate * limits.window:
                    slow = RemoteError("slow", f"{self._server} hardly sends anything.", TRY_AGAIN)
                    raise Again(slow, cost=_cost(slow))
                start, counted = now, meter.fetched
        size = landing.file.size
        framed = "content-length" in response.headers or "transfer-encoding" in response.headers
        if size is not None and landing.got < size and not framed:
            # Nothing but the end of the connection told the end of the file.
            raise Again(RemoteError("cut", f"The connection to {self._server} broke.", TRY_AGAIN))

    def _refuse(self, response: httpx2.Response) -> NoReturn:
        status, name, server = response.status_code, self._landing.file.shown, self._server
        if status == 429:
            wait = _asked_wait(response.headers)
            later = f"Try again in {time_text(wait)}." if wait else "Try again in a few minutes."
            raise Again(RemoteError("rate", f"{server} has too many requests.", later), wait)
        if status >= 500 or status == 408:
            raise Again(
                RemoteError("server", f"{server} has a fault of its own.", "Try again later."),
                _asked_wait(response.headers),
            )
        if status in _EXPIRED and web.origin(str(response.url)) != web.current_visit().origin:
            self._refuse_elsewhere(response)
        if status == 416 and self._landing.got:
            self._without_ranges(self._odd("in a way that Lorarium does not understand"))
        if status == 401:
            raise RemoteError(
                "token",
                f"The server did not accept the token for {name}.",
                "Sign in again, then try again.",
            )
        if status == 403:
            raise RemoteError(
                "forbidden", f"You may not fetch {name} from {server}.", "Ask whoever owns it."
            )
        if status in (404, 410):
            raise RemoteError("entry", f"There is no {name} on {server} any more.", NOTHING)
        raise self._odd("in a way that Lorarium does not understand")

    def _refuse_elsewhere(self, response: httpx2.Response) -> NoReturn:
        """The storage that the server led to says no. An address that was signed for a while may
        be over: then the server is asked for another, once for whatever came since."""
        error = RemoteError(
            "server",
            f"{self._server} leads to a storage that refuses {self._landing.file.shown}.",
            "Try again later. If it stays so, something on the way may not let it through.",
        )
        if response.history and self._refused_at != self._landing.got:
            self._refused_at = self._landing.got
            raise Again(error)
        raise error

    def _odd(self, how: str) -> RemoteError:
        return RemoteError(
            "answer", f"{self._server} sends {self._landing.file.shown} {how}.", NOTHING
        )


def _cost(error: RemoteError) -> int:
    # Each takes as long as the person's patience with silence.
    return 2 if error.code == "slow" else 1


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 20 else None


def _asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, None = it does not say."""
    text = headers.get("retry-after", "").strip()
    if text:
        if (seconds := _number(text)) is not None:
            return float(seconds)
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, OverflowError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    found = _RESET.search(headers.get("ratelimit", ""))
    return float(found[1]) if found else None
