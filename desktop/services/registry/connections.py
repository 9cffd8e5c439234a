"""The registries that a person has connected, and those that this machine's environment names.

What is no secret stands in the settings. A token or password is kept in the keyring for exactly
one connection with its kind, address and user: one that is pointed elsewhere does not take it
along, and two at one address do not share it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from desktop.services.credentials import Credentials
from desktop.services.errors import NotFoundError, RemoteError, ValidationError
from desktop.services.peft_folder.reading import printable
from desktop.services.progress import Progress
from desktop.services.records import Finding, Severity
from desktop.services.registry.connection_offers import named_offers, secret_of
from desktop.services.registry.connection_rules import (
    findings,
    given_connection,
    normal,
    secret_findings,
)
from desktop.services.registry.records import Connection, ConnectionOffer, RegistryKind
from desktop.services.settings import Settings

__all__ = ["Connections", "connection_of", "normal"]

_SETTING = "registry/connections"
_MOST = 100
_FIELDS = ("kind", "url", "name", "id", "user", "ca_file", "plain_http")


class Connections:
    """Stored connections, each with its secret. Reading the list is quick; secrets may take as
    long as the keyring does."""

    def __init__(self, settings: Settings, credentials: Credentials) -> None:
        self._settings = settings
        self._credentials = credentials

    # -- the list --------------------------------------------------------------------------

    def all(self) -> tuple[Connection, ...]:
        """All of them, in the order in which they were added."""
        stored = self._settings.get(_SETTING, [])
        found = [_read(entry) for entry in stored[:_MOST]]
        return tuple(connection for connection in found if connection is not None)

    def get(self, name: str) -> Connection:
        """One by its id, else by its name or address.

        Raises:
            NotFoundError: there is none.
        """
        known = self.all()
        for attribute in ("id", "name", "url"):
            for connection in known:
                if name and getattr(connection, attribute) == name:
                    return connection
        raise NotFoundError(
            f"There is no connection “{printable(name, 60)}”.", "Add it in the preferences."
        )

    def check(self, connection: Connection) -> tuple[Finding, ...]:
        """What is wrong with a connection before anybody is asked."""
        return tuple(findings(connection, self.all()))

    def save(
        self, connection: Connection, secret: str | None = None, progress: Progress | None = None
    ) -> tuple[Connection, str]:
        """Keep a connection, a new one or one that was changed.

        secret: its token or password; "" forgets it, None leaves it as it is.

        Returns: the connection as it is kept, and where its secret is: `keyring`, `session`, "".

        Raises:
            ValidationError: with every finding.
        """
        found = [*self.check(connection), *secret_findings(secret)]
        if found:
            raise ValidationError(found)
        kept = normal(replace(connection, id=connection.id or uuid.uuid4().hex))
        before = next((c for c in self.all() if c.id == kept.id), None)
        others = [c for c in self.all() if c.id != kept.id]
        if before is not None and _place(before) != _place(kept):
            self._credentials.forget(_place(before), progress)
        at = [c.id for c in self.all()].index(kept.id) if before else len(others)
        self._write([*others[:at], kept, *others[at:]])
        if secret:
            return kept, self._credentials.set(_place(kept), secret, progress)
        if secret == "":
            self._credentials.forget(_place(kept), progress)
        return kept, self._credentials.where(_place(kept), progress)

    def remove(self, connection_id: str, progress: Progress | None = None) -> None:
        """Forget a connection and its secret. Adapters that came from it stay.

        Raises:
            NotFoundError: there is none.
        """
        gone = self.get(connection_id)
        self._write([c for c in self.all() if c.id != gone.id])
        self._credentials.forget(_place(gone), progress)

    def secret(self, connection: Connection, progress: Progress | None = None) -> str | None:
        """The token or password of a connection; None where none is kept."""
        place = _place_of(connection)
        return self._credentials.get(place, progress) if place else None

    def where(self, connection: Connection, progress: Progress | None = None) -> str:
        """Where its secret is: `keyring`, `session` or ""."""
        place = _place_of(connection)
        return self._credentials.where(place, progress) if place else ""

    def keyring_reason(self) -> str:
        """Why secrets are only kept for the session, "" where a keyring keeps them."""
        return "" if self._credentials.has_keyring() else self._credentials.reason

    def _write(self, connections: list[Connection]) -> None:
        stored = [{**asdict(c), "kind": str(c.kind)} for c in connections[:_MOST]]
        self._settings.set(_SETTING, stored or None)
        self._settings.save()

    # -- what the environment names --------------------------------------------------------

    def offers(self) -> tuple[ConnectionOffer, ...]:
        """Connections of the environment that are not stored yet, and could be as they are. They
        are offered, not taken."""
        stored = self.all()
        known = {(c.kind, c.url) for c in stored}
        names = {c.name for c in stored}
        found = []
        for offer in named_offers():
            offered = replace(offer.connection, name=_free(offer.connection.name, names))
            if self.check(offered) or secret_findings(secret_of(offer)):
                continue
            offered = normal(offered)
            if (offered.kind, offered.url) not in known:
                found.append(replace(offer, connection=offered))
        return tuple(found)

    def take_offer(
        self, offer: ConnectionOffer, progress: Progress | None = None
    ) -> tuple[Connection, str]:
        """Store a connection that was offered, with its secret.

        Raises:
            ValidationError: as of `save`.
        """
        return self.save(offer.connection, secret_of(offer) or None, progress)


def connection_of(given: object, connections: Connections) -> tuple[Connection, str | None]:
    """(connection, secret or None) of what a script gives: the name of a stored connection, or a
    mapping with kind, url and, as needed, token, user, password, ca_file, plain_http.

    Raises:
        ValidationError: with findings on `connection`. NotFoundError: no such stored connection.
    """
    if isinstance(given, Connection):
        return normal(given), None
    if isinstance(given, str) and given.strip():
        return connections.get(given.strip()), None
    if not isinstance(given, Mapping):
        wanted = Finding(
            "connection",
            "required",
            Severity.ERROR,
            "The import needs a connection.",
            "Choose one.",
        )
        raise ValidationError([wanted])
    connection, secret = given_connection(given)
    found = [*connections.check(connection), *secret_findings(secret)]
    if found:
        raise ValidationError([replace(f, field="connection") for f in found])
    return normal(connection), secret


def _place(connection: Connection) -> str:
    """Where the secret of a stored connection is kept. With the id, as several may be at one
    address; with the rest, so that none goes along to another one."""
    user = f" {connection.user}" if connection.user else ""
    return f"registry {connection.kind} {connection.url}{user} {connection.id}"


def _place_of(connection: Connection) -> str:
    """The same of one that may not be stored, or was damaged in the settings; "" = it has none."""
    if connection.kind == RegistryKind.MLFLOW_STORE or not connection.id:
        return ""
    try:
        return _place(normal(connection))
    except RemoteError:
        return ""


def _free(name: str, taken: set[str]) -> str:
    """The name, or with the first number that makes it one that no other connection has."""
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _read(entry: object) -> Connection | None:
    """A connection as it stands in the settings; None for what is none."""
    if not isinstance(entry, dict) or entry.get("kind") not in list(RegistryKind):
        return None
    texts = {name: entry.get(name) for name in _FIELDS[1:-1]}
    if not all(isinstance(text, str) for text in texts.values()):
        return None
    given: dict[str, Any] = dict(texts)
    return Connection(
        kind=RegistryKind(entry["kind"]), plain_http=entry.get("plain_http") is True, **given
    )
