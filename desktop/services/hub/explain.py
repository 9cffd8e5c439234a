"""What went wrong between Lorarium and a hub, told apart in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from desktop.services import web
from desktop.services.errors import LorariumError, RemoteError
from desktop.services.hub.endpoints import host_of
from desktop.services.hub.names import is_commit
from desktop.services.hub.records import MAIN, HubReference
from desktop.services.peft_folder.reading import printable

_LIMIT = re.compile(r"\"\w+\"\s*;\s*r\s*=\s*(\d{1,9})\s*;\s*t\s*=\s*(\d{1,9})")
_LONGEST_WAIT = 24 * 3600
GARBAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
"""What huggingface_hub raises on an answer that is not what it expects."""


def explain(
    error: Exception, endpoint: str, reference: HubReference | None, signed_in: bool
) -> LorariumError:
    """The error of a request to a hub, for a person.

    endpoint: who was asked. reference: what was asked for, None for a search or a sign-in.
    signed_in: whether a token was sent. Returns `error` itself where it is for a person already.
    """
    from httpx2 import DecodingError, InvalidURL
    from huggingface_hub import errors

    if isinstance(error, LorariumError):
        return error
    host = host_of(endpoint)
    name = printable(reference.repo_id, 100) if reference else ""
    # A gated repository is a kind of missing one in the client's eyes: the order matters.
    if isinstance(error, errors.GatedRepoError):
        return gated(signed_in)
    if isinstance(error, errors.RepositoryNotFoundError):
        return _not_found(name, host, signed_in)
    if isinstance(error, errors.RevisionNotFoundError):
        return _no_revision(reference, name)
    if isinstance(error, errors.EntryNotFoundError):
        return RemoteError(
            "entry",
            f"There is no such file in “{name}”.",
            "It may have been removed since; look at the repository again.",
        )
    if isinstance(error, errors.DisabledRepoError):
        return RemoteError("forbidden", f"{host} has shut “{name}”.", "Its page says why.")
    if isinstance(error, errors.OfflineModeIsEnabled):
        return RemoteError(
            "offline",
            "You are offline: HF_HUB_OFFLINE is set.",
            "Local folders work as always; unset it to ask the Hub.",
        )
    if isinstance(error, errors.HfHubHTTPError) and error.response is not None:
        return _of_status(error.response.status_code, error.response.headers, host, name, signed_in)
    if isinstance(error, (DecodingError, InvalidURL, *GARBAGE)):
        return answer(host)
    return web.explain(error, host)


def answer(host: str) -> RemoteError:
    """An answer that no hub gives."""
    return RemoteError(
        "answer",
        f"{host} gave an answer that a hub does not give.",
        "Check the address of the hub, and whether the network asks for a login first.",
    )


def gated(signed_in: bool) -> RemoteError:
    """A repository that can be seen, with files that can't."""
    return RemoteError(
        "gated",
        "You can see this repository, but its files are gated.",
        "Ask for access on its page, then try again."
        if signed_in
        else "Ask for access on its page, then sign in.",
    )


def token_refused() -> RemoteError:
    """A token that the server does not know."""
    return RemoteError(
        "token",
        "The server did not accept the token.",
        "Sign in again, or remove the token to go on without one.",
    )


def wait_of(headers: Mapping[str, str]) -> int | None:
    """How many seconds a server asks to wait (Retry-After, else RateLimit); None if it is silent.
    At most a day."""
    text = headers.get("retry-after", "").strip()
    wait: float | None = None
    if text.isascii() and text.isdigit():
        wait = float(text[:9])
    elif text:
        try:
            at = parsedate_to_datetime(text)
            wait = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            wait = None
    if wait is None:
        limit = _LIMIT.search(headers.get("ratelimit", "")[:500])
        if limit and limit.group(1) == "0":
            wait = float(limit.group(2))
    return None if wait is None else max(1, min(_LONGEST_WAIT, round(wait)))


def wait_text(seconds: int) -> str:
    """`30 s`, `5 min`, `2 h`."""
    if seconds < 120:
        return f"{seconds} s"
    return f"{-(-seconds // 60)} min" if seconds < 7200 else f"{-(-seconds // 3600)} h"


def _not_found(name: str, host: str, signed_in: bool) -> RemoteError:
    return RemoteError(
        "not_found",
        f"There is no repository “{name}” on {host}, or it is private.",
        "Check the spelling, or sign in with an account that may see it."
        if signed_in
        else "Check the spelling, or sign in to see private ones.",
    )


def _no_revision(reference: HubReference | None, name: str) -> RemoteError:
    asked = (reference.revision if reference else "") or MAIN
    if is_commit(asked):
        return RemoteError(
            "revision",
            f"Commit {asked[:7]} of “{name}” is not there, or not any more.",
            "The repository may have been changed meanwhile: look at it again.",
        )
    revision = printable(asked, 60)
    return RemoteError(
        "revision",
        f"There is no branch, tag or commit “{revision}” in “{name}”.",
        "Check the spelling, or leave the revision empty for main.",
    )


def _of_status(
    status: int, headers: Mapping[str, str], host: str, name: str, signed_in: bool
) -> RemoteError:
    if status == 401:
        if signed_in:
            return token_refused()
        if name:
            return _not_found(name, host, signed_in)
        return RemoteError(
            "token", f"{host} answers only those who are signed in.", "Sign in, then try again."
        )
    if status == 403:
        if signed_in:
            return RemoteError(
                "forbidden",
                f"Your account may not read “{name}”." if name else f"{host} does not allow this.",
                "Ask its owner for access, or check what the token is allowed to do."
                if name
                else "Check what the token is allowed to do.",
            )
        return RemoteError("forbidden", f"{host} does not allow this.", "Sign in, then try again.")
    if status in (404, 410) and name:
        return _not_found(name, host, signed_in)
    if status == 429:
        wait = wait_of(headers)
        return RemoteError(
            "rate",
            f"{host} asks to wait {wait_text(wait)}: there were too many requests."
            if wait
            else f"{host} asks to wait: there were too many requests.",
            "Try again then."
            if signed_in
            else "Try again then; who is signed in may ask more often.",
        )
    if status >= 500 or status == 408:
        return RemoteError(
            "server", f"{host} has a fault at the moment.", "Try again in a few minutes."
        )
    return answer(host)
