"""Tokens of hubs: which endpoint each belongs to, and those on this machine that could be taken.

huggingface_hub would send the token of HF_TOKEN or of `hf auth login` to whatever endpoint it is
pointed at. Here a token is only given for the endpoint that it was kept for, and what is found on
the machine is offered for the endpoint that it belongs to, and taken when the person says so.
"""

from __future__ import annotations

import json
import os
import stat

from desktop.services import web
from desktop.services.credentials import Credentials
from desktop.services.errors import LorariumError, RemoteError, ValidationError
from desktop.services.hub.records import HUB, SignIn, TokenOffer
from desktop.services.peft_folder import storable
from desktop.services.progress import Progress
from desktop.services.records import Finding, Severity

ENVIRONMENT = "environment"
LOGIN = "login"
MAX_TOKEN = 1024
"""Characters of a token; the Hub's have 37."""

_MAX_ENTRY = 8192
_MAX_USER = 200
_LEAST_HINTED = 16  # of a shorter token, four characters are too much of it


def check_token(text: str) -> tuple[Finding, ...]:
    """What is wrong with a token as somebody typed it, before it is sent anywhere.

    A token becomes part of a header, which holds printable ASCII only. The findings (field
    `token`) never quote it.
    """
    if not text.strip():
        return (_error("token_empty", "There is no token.", "Paste the token of your account."),)
    if len(text) > MAX_TOKEN:
        return (
            _error(
                "token_too_long",
                "This is too long for a token.",
                "Copy the token alone, without anything around it.",
            ),
        )
    if not all("!" <= char <= "~" for char in text):
        return (
            _error(
                "token_characters",
                "A token has no blanks, line breaks or letters with accents.",
                "Copy the token alone, without anything around it.",
            ),
        )
    return ()


class Tokens:
    """The tokens of one person, by endpoint. Every method may take as long as the keyring does."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def token(self, endpoint: str, progress: Progress | None = None) -> str | None:
        """The token that was kept for exactly this endpoint.

        Raises:
            Cancelled: from `progress`, also while the keyring waits for somebody.
        """
        return self._entry(endpoint, progress)[1]

    def signed_in(self, endpoint: str, progress: Progress | None = None) -> SignIn:
        """Who is signed in at an endpoint, and what is offered for it. No network.

        Raises:
            Cancelled: from `progress`.
        """
        endpoint = _normal(endpoint)
        user, token = self._entry(endpoint, progress)
        kept = self._credentials.where(_place(endpoint), progress) if token else ""
        offers = tuple(
            TokenOffer(kind, _hint(found)) for kind, found in _found(endpoint) if found != token
        )
        return SignIn(endpoint, user if kept else "", kept, offers)

    def keep(
        self, endpoint: str, user: str, token: str, progress: Progress | None = None
    ) -> SignIn:
        """Keep a token for an endpoint, with the account's name beside it.

        Raises:
            ValidationError: no token can look like that. Cancelled: from `progress`.
        """
        if findings := check_token(token):
            raise ValidationError(findings)
        entry = json.dumps({"user": storable(user, _MAX_USER), "token": token})
        self._credentials.set(_place(endpoint), entry, progress)
        return self.signed_in(endpoint, progress)

    def forget(self, endpoint: str, progress: Progress | None = None) -> SignIn:
        """Forget the token of an endpoint. It is not used again in any case.

        Raises:
            LorariumError: the keyring did not answer, so that it still holds the token.
            Cancelled: from `progress`.
        """
        if not self._credentials.forget(_place(endpoint), progress):
            raise LorariumError(
                "You are signed out, but the system’s keyring did not answer and still holds the "
                "token.",
                "Unlock the keyring, then sign out again.",
            )
        return self.signed_in(endpoint, progress)

    def offers(self, endpoint: str) -> tuple[TokenOffer, ...]:
        """The tokens on this machine that belong to an endpoint. Quick; no network, no keyring."""
        return tuple(TokenOffer(kind, _hint(token)) for kind, token in _found(endpoint))

    def offered_token(self, kind: str, endpoint: str) -> str:
        """The token behind an offer, read again.

        Raises:
            RemoteError (`token`): it is not there any more, or not for this endpoint.
        """
        for found, token in _found(endpoint):
            if found == kind:
                return token
        raise RemoteError(
            "token",
            "The token that was on this machine is not there any more.",
            "Sign in with another token.",
        )

    def _entry(self, endpoint: str, progress: Progress | None) -> tuple[str, str | None]:
        """(user, token); ("", None) where there is none or somebody else wrote the entry."""
        text = self._credentials.get(_place(endpoint), progress)
        if not text or len(text) > _MAX_ENTRY:
            return "", None
        try:
            entry = json.loads(text)
        except (ValueError, RecursionError):
            return "", None
        if not isinstance(entry, dict):
            return "", None
        user, token = entry.get("user"), entry.get("token")
        if not isinstance(token, str) or check_token(token):
            return "", None
        return storable(user, _MAX_USER) if isinstance(user, str) else "", token


def _normal(endpoint: str) -> str:
    """An endpoint as the key of its token, "" = the public Hub. What can't be the address of a
    server stays as it is: then it is nobody else's key."""
    if not endpoint:
        return HUB
    try:
        return web.normal_endpoint(endpoint, plain_http=True)
    except RemoteError:
        return endpoint


def _place(endpoint: str) -> str:
    return f"hub {_normal(endpoint)}"


def _found(endpoint: str) -> list[tuple[str, str]]:
    """(kind, token) of what huggingface_hub would take by itself, for its own endpoint only."""
    if _normal(endpoint) != _normal(os.environ.get("HF_ENDPOINT", "")):
        return []
    variables = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
    given = next((text for name in variables if (text := os.environ.get(name, "").strip())), "")
    both = ((ENVIRONMENT, given), (LOGIN, _login_token()))
    return [(kind, token) for kind, token in both if not check_token(token)]


def _login_token() -> str:
    """What `hf auth login` left, "" = nothing that is a token."""
    path = _login_file()
    try:
        # Looked at before it is opened: a pipe would wait for somebody who writes.
        if not stat.S_ISREG(os.stat(path).st_mode):
            return ""
        with open(path, "rb") as file:
            return file.read(MAX_TOKEN + 2).decode("ascii").strip()
    except (OSError, ValueError):
        return ""


def _login_file() -> str:
    """The file by the variables of huggingface_hub, in its order, as they are now."""
    path = os.environ.get("HF_TOKEN_PATH")
    if not path:
        home = os.environ.get("HF_HOME")
        if not home:
            cache = os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
            home = os.path.join(cache, "huggingface")
        path = os.path.join(home, "token")
    return os.path.expandvars(os.path.expanduser(path))


def _hint(token: str) -> str:
    return token[-4:] if len(token) >= _LEAST_HINTED else ""


def _error(code: str, message: str, advice: str) -> Finding:
    return Finding("token", code, Severity.ERROR, message, advice)
