"""What a registry's refusal means, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from desktop.services.errors import RemoteError
from desktop.services.registry.records import RegistryKind
from desktop.services.transfer_rate import time_text

SERVICES = {
    RegistryKind.MLFLOW: "an MLflow server",
    RegistryKind.MLFLOW_STORE: "an MLflow store",
    RegistryKind.CLOUDERA_WORKBENCH: "a Cloudera AI Workbench",
    RegistryKind.CLOUDERA_AI_REGISTRY: "a Cloudera AI Registry",
}
"""What a connection of each kind should lead to, for a sentence."""

_REASON = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,60}")
_LONGEST_WAIT = 24 * 3600.0


class Refusal(RemoteError):
    """A registry answered with an error of its own.

    status: of the answer. reason: the registry's own word for it (MLflow's `error_code`, Cloudera's
    `error`), "" where it has none; letters, digits and _ only.
    """

    def __init__(
        self, code: str, message: str, advice: str = "", status: int = 0, reason: str = ""
    ) -> None:
        super().__init__(code, message, advice)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request is for, so that its refusal can be told in words.

    what: with its article and printable, “the model “x””, "" = nothing in particular. missing: the
    code of its absence: `not_found`, `revision` or `entry`.
    """

    what: str = ""
    missing: str = "not_found"


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers. host: for a sentence. kind: what it should be. access: what lets the person in:
    "" = nothing, "token", or "password"."""

    host: str
    kind: RegistryKind
    access: str = ""

    @property
    def service(self) -> str:
        """What it should be, with its article."""
        return SERVICES[self.kind]


def of_status(
    status: int, headers: Mapping[str, str], body: Any, text: str, who: Answerer, asked: Asked
) -> Refusal:
    """The error of an answer that is no success.

    body: its JSON, None = it is none. text: its first characters, which are looked at for known
    words and never shown.
    """
    reason = reason_of(body)
    code, message, advice = _words(status, headers, body, text, reason, who, asked)
    return Refusal(code, message, advice, status, reason)


def reason_of(body: Any) -> str:
    """The registry's word for its refusal, "" where it has none."""
    if isinstance(body, Mapping):
        for name in ("error_code", "error", "code"):
            found = body.get(name)
            if isinstance(found, str) and _REASON.fullmatch(found):
                return found
    return ""


def page_instead(who: Answerer) -> RemoteError:
    """A web page where JSON was asked for."""
    return RemoteError(
        "answer",
        f"This is not {who.service}: it answered with a web page.",
        "Check the address, and whether the network asks for a login first.",
    )


def odd_answer(who: Answerer) -> RemoteError:
    """An answer that such a registry does not give."""
    return RemoteError(
        "answer",
        f"{who.host} gave an answer that {who.service} does not give.",
        "Check the address of the connection.",
    )


def leads_elsewhere(who: Answerer) -> RemoteError:
    """A redirect to another server."""
    return RemoteError(
        "address",
        f"{who.host} leads to another address. Lorarium does not go there by itself.",
        "If the registry has moved, change the address of the connection.",
    )


def endless(who: Answerer) -> RemoteError:
    """Pages that lead to themselves, or more of them than anybody has."""
    return RemoteError(
        "listing",
        f"The list that {who.host} gives does not come to an end.",
        "Type the name of the model instead.",
    )


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait (Retry-After), at most a day; None if it does not say."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        wait = float(text[:9])
    else:
        try:
            moment = parsedate_to_datetime(text)
            wait = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return max(1.0, min(_LONGEST_WAIT, wait))


def _words(
    status: int,
    headers: Mapping[str, str],
    body: Any,
    text: str,
    reason: str,
    who: Answerer,
    asked: Asked,
) -> tuple[str, str, str]:
    host = who.host
    if status == 401:
        return _unknown_person(who)
    if status == 403:
        return _not_allowed(text, who, asked)
    if status == 404 or reason == "RESOURCE_DOES_NOT_EXIST":
        if not isinstance(body, Mapping):
            # A registry says so in JSON; a page comes from what stands in its place.
            return (
                "answer",
                f"{host} does not know this request: it is not {who.service}, or a very old one.",
                "Check the address of the connection.",
            )
        if asked.what:
            return (
                asked.missing,
                f"There is no {_bare(asked.what)} on {host}.",
                "Check the spelling, or whether you are allowed to see it.",
            )
    if status == 429:
        wait = wait_of(headers)
        return (
            "rate",
            f"{host} asks to wait {time_text(wait)}: there were too many requests."
            if wait
            else f"{host} asks to wait: there were too many requests.",
            "Try again then.",
        )
    if status >= 500 or status == 408:
        return "server", f"{host} has a fault at the moment.", "Try again in a few minutes."
    if reason:
        return (
            "answer",
            f"{host} does not take the request for {asked.what or 'this'} ({reason}).",
            "Check what was typed.",
        )
    return (
        "answer",
        f"{host} gave an answer that {who.service} does not give.",
        "Check the address of the connection.",
    )


def _unknown_person(who: Answerer) -> tuple[str, str, str]:
    if who.access == "password":
        return (
            "token",
            f"{who.host} did not accept the user name and the password.",
            "Enter them again in the connection.",
        )
    if who.access:
        return (
            "token",
            f"{who.host} did not accept the token.",
            "It may have expired: enter a new one in the connection.",
        )
    return (
        "token",
        f"{who.host} answers only those who are signed in.",
        "Add a token, or a user name and a password, to the connection.",
    )


def _not_allowed(text: str, who: Answerer, asked: Asked) -> tuple[str, str, str]:
    if "DNS rebinding" in text:
        return (
            "forbidden",
            f"The MLflow server at {who.host} does not answer to this name.",
            "Whoever runs it has to allow the name (mlflow server --allowed-hosts).",
        )
    if asked.what:
        return (
            "forbidden",
            f"You may not read {asked.what} on {who.host}.",
            "Ask its owner for access, or check what the token is allowed to do."
            if who.access
            else "Add a token, or a user name and a password, to the connection.",
        )
    return (
        "forbidden",
        f"{who.host} does not allow this.",
        "Check what the token is allowed to do."
        if who.access
        else "Add a token, or a user name and a password, to the connection.",
    )


def _bare(what: str) -> str:
    return what.removeprefix("the ")
