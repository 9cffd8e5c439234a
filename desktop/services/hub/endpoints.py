"""Which hub is meant, and whether anybody may be asked at all. Quick, no network."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from desktop.services import web
from desktop.services.errors import RemoteError
from desktop.services.hub.records import HUB
from desktop.services.peft_folder.reading import printable
from desktop.services.settings import Settings

ENDPOINT_KEY = "hub/endpoint"
PLAIN_HTTP_KEY = "hub/plain_http"
ENDPOINT_VARIABLE = "HF_ENDPOINT"
OFFLINE_VARIABLES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_SECONDS = ("HF_HUB_ETAG_TIMEOUT", "HF_HUB_DOWNLOAD_TIMEOUT")
_WHO = "HF_HUB_USER_AGENT_ORIGIN"
_TRUE = frozenset({"1", "ON", "YES", "TRUE"})


def configured_endpoint(settings: Settings) -> str:
    """The endpoint that the person has set, else HF_ENDPOINT, else the public Hub.

    In normal form where it has one. An address that has none is returned as it is: who goes there
    is told why not, instead of ending up at another server.
    """
    given = settings.get(ENDPOINT_KEY, "") or os.environ.get(ENDPOINT_VARIABLE, "").strip()
    if not given:
        return HUB
    try:
        return web.normal_endpoint(given, plain_http=True)
    except RemoteError:
        return given


def set_endpoint(settings: Settings, address: str, plain_http: bool) -> str:
    """Keep an endpoint ("" = the public Hub) and the consent for it; returns it in normal form.

    Raises:
        RemoteError (`address`): no http(s) address, or plain http without consent.
    """
    endpoint = web.normal_endpoint(address, plain_http=plain_http) if address.strip() else HUB
    # Also where it is the public Hub: HF_ENDPOINT would be in its place otherwise.
    settings.set(ENDPOINT_KEY, endpoint)
    settings.set(PLAIN_HTTP_KEY, (plain_http and endpoint.startswith("http:")) or None)
    settings.save()
    return endpoint


def usable(settings: Settings, endpoint: str) -> str:
    """The endpoint that is meant, in normal form; "" = the configured one.

    Raises:
        RemoteError (`address`): no http(s) address, or plain http without consent.
    """
    place = endpoint or configured_endpoint(settings)
    loose = web.normal_endpoint(place, plain_http=True)
    return web.normal_endpoint(place, plain_http=allows_plain_http(settings, loose))


def allows_plain_http(settings: Settings, endpoint: str) -> bool:
    """Whether the person agreed to plain http to this endpoint. Loopback needs no consent."""
    agreed: bool = settings.get(PLAIN_HTTP_KEY, False)
    return agreed and endpoint == settings.get(ENDPOINT_KEY, "")


def host_of(endpoint: str) -> str:
    """An endpoint for a sentence: its host, with its port where it has one."""
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or endpoint
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return printable(endpoint, 60)
    return printable(host, 60) + port


def offline_reason() -> str:
    """The variable that says to stay offline, "" where none does. Read now, not at the start."""
    for name in OFFLINE_VARIABLES:
        if os.environ.get(name, "").upper() in _TRUE:
            return name
    # A script may have told the library itself. It is asked only where it is there already.
    constants = sys.modules.get("huggingface_hub.constants")
    return OFFLINE_VARIABLES[0] if getattr(constants, "HF_HUB_OFFLINE", False) else ""


def refuse_offline() -> None:
    """Raises RemoteError (`offline`) where somebody told the program to stay offline."""
    reason = offline_reason()
    if reason:
        raise RemoteError(
            "offline",
            f"You are offline: {reason} is set.",
            "Local folders work as always; unset it to ask the Hub.",
        )


def refuse_settings() -> None:
    """Look at what huggingface_hub reads of the environment without a look of its own.

    Raises:
        RemoteError (`address`): a variable with which it can't be used, or can't ask anybody.
    """
    # It reads them once, when it is imported, and what it has by then is what counts.
    constants = sys.modules.get("huggingface_hub.constants")
    for name in _SECONDS:
        given = os.environ.get(name)
        if constants is None and given is not None:
            try:
                int(given)
            except ValueError:
                raise RemoteError(
                    "address",
                    f"{name} is set to something that is no number of seconds.",
                    "Set it to a whole number, or unset it, then start Lorarium again.",
                ) from None
    who = getattr(constants, _WHO, None) if constants else os.environ.get(_WHO)
    if who and not (who.isascii() and who.isprintable()):
        raise RemoteError(
            "address",
            f"{_WHO} is set to something that can't be sent to a server.",
            "Set it to a plain name, or unset it, then start Lorarium again.",
        )
