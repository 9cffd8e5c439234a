"""The registries that a person has connected, and those that this machine's environment names.

What is no secret stands in the settings. A token or password is kept in the keyring for exactly
one kind, address and user: a connection that is pointed elsewhere does not take it along.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from desktop.services import web
from desktop.services.credentials import Credentials
from desktop.services.errors import NotFoundError, RemoteError, ValidationError
from desktop.services.peft_folder.reading import printable
from desktop.services.progress import Progress
from desktop.services.records import Finding, Severity
from desktop.services.registry.records import Connection, ConnectionOffer, RegistryKind
from desktop.services.settings import Settings

_SETTING = "registry/connections"
_MOST = 100
_NAME_LIMIT = 80
_SECRET_LIMIT = 8192
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
        found: list[Finding] = []
        if not connection.url.strip():
            store = connection.kind == RegistryKind.MLFLOW_STORE
            advice = (
                "Choose an mlruns folder or a file like mlflow.db."
                if store
                else "It looks like https://mlflow.example.com."
            )
            found.append(_error("url", "required", "The connection needs an address.", advice))
        elif connection.kind == RegistryKind.MLFLOW_STORE:
            found += _store_findings(connection.url)
        else:
            try:
                web.normal_endpoint(connection.url, plain_http=connection.plain_http)
            except RemoteError as error:
                found.append(_error("url", error.code, error.message, error.advice))
        if len(connection.name) > _NAME_LIMIT:
            found.append(
                _error("name", "too_long", f"A name has at most {_NAME_LIMIT} characters.")
            )
        name = connection.name.strip()
        if name and any(other.id != connection.id and other.name == name for other in self.all()):
            found.append(
                _error("name", "name_taken", "Another connection has this name.", "Choose another.")
            )
        if connection.ca_file and not os.path.isfile(connection.ca_file):
            found.append(
                _error("ca_file", "missing", "There is no such file.", "Choose a file in PEM form.")
            )
        return tuple(found)

    def save(
        self, connection: Connection, secret: str | None = None, progress: Progress | None = None
    ) -> tuple[Connection, str]:
        """Keep a connection, a new one or one that was changed.

        secret: its token or password; "" forgets it, None leaves it as it is.

        Returns: the connection as it is kept, and where its secret is: `keyring`, `session`, "".

        Raises:
            ValidationError: with every finding.
        """
        found = [*self.check(connection), *_secret_findings(secret)]
        if found:
            raise ValidationError(found)
        kept = normal(replace(connection, id=connection.id or uuid.uuid4().hex))
        before = next((c for c in self.all() if c.id == kept.id), None)
        others = [c for c in self.all() if c.id != kept.id]
        if before is not None and _place(before) != _place(kept):
            if not any(_place(other) == _place(before) for other in others):
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
        rest = [c for c in self.all() if c.id != gone.id]
        self._write(rest)
        if not any(_place(other) == _place(gone) for other in rest):
            self._credentials.forget(_place(gone), progress)

    def secret(self, connection: Connection, progress: Progress | None = None) -> str | None:
        """The token or password of a connection; None where none is kept."""
        if connection.kind == RegistryKind.MLFLOW_STORE:
            return None
        return self._credentials.get(_place(normal(connection)), progress)

    def where(self, connection: Connection, progress: Progress | None = None) -> str:
        """Where its secret is: `keyring`, `session` or ""."""
        return self._credentials.where(_place(normal(connection)), progress)

    def keyring_reason(self) -> str:
        """Why secrets are only kept for the session, "" where a keyring keeps them."""
        return "" if self._credentials.has_keyring() else self._credentials.reason

    def _write(self, connections: list[Connection]) -> None:
        stored = [{**asdict(c), "kind": str(c.kind)} for c in connections[:_MOST]]
        self._settings.set(_SETTING, stored or None)
        self._settings.save()

    # -- what the environment names --------------------------------------------------------

    def offers(self) -> tuple[ConnectionOffer, ...]:
        """Connections of the environment that are not stored yet. They are offered, not taken."""
        known = {(c.kind, c.url) for c in self.all()}
        found = [_mlflow_offer(), _workbench_offer(), *_store_offers()]
        return tuple(
            offer
            for offer in found
            if offer is not None and (offer.connection.kind, offer.connection.url) not in known
        )

    def take_offer(
        self, offer: ConnectionOffer, progress: Progress | None = None
    ) -> tuple[Connection, str]:
        """Store a connection that was offered, with its secret.

        Raises:
            ValidationError: as of `save`.
        """
        return self.save(offer.connection, _offered_secret(offer) or None, progress)


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
        raise ValidationError(
            [_error("connection", "required", "The import needs a connection.", "Choose one.")]
        )
    unknown = set(given) - {"kind", "url", "token", "user", "password", "ca_file", "plain_http"}
    kind = str(given.get("kind") or "")
    if unknown or kind not in list(RegistryKind):
        word = f"There is no field “{printable(str(min(unknown)), 40)}”." if unknown else ""
        raise ValidationError(
            [
                _error(
                    "connection",
                    "unknown_kind",
                    word or "It is not said what kind of registry this is.",
                    f"It is one of {', '.join(RegistryKind)}.",
                )
            ]
        )
    connection = Connection(
        kind=RegistryKind(kind),
        url=str(given.get("url") or ""),
        user=str(given.get("user") or ""),
        ca_file=str(given.get("ca_file") or ""),
        plain_http=given.get("plain_http") is True,
    )
    secret = str(given.get("token") or given.get("password") or "")
    found = [*connections.check(connection), *_secret_findings(secret or None)]
    if found:
        raise ValidationError([replace(f, field="connection") for f in found])
    return normal(connection), secret


def normal(connection: Connection) -> Connection:
    """The same with its address in normal form.

    Raises:
        RemoteError (`address`): there is none.
    """
    if connection.kind == RegistryKind.MLFLOW_STORE:
        url = os.path.abspath(os.path.expanduser(_store_path(connection.url)))
    else:
        url = web.normal_endpoint(connection.url, plain_http=connection.plain_http)
    return replace(connection, url=url, name=connection.name.strip(), user=connection.user.strip())


def _place(connection: Connection) -> str:
    user = f" {connection.user}" if connection.user else ""
    return f"registry {connection.kind} {connection.url}{user}"


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


def _error(field: str, code: str, message: str, advice: str = "") -> Finding:
    return Finding(field, code, Severity.ERROR, message, advice)


def _secret_findings(secret: str | None) -> list[Finding]:
    if not secret:
        return []
    if len(secret) > _SECRET_LIMIT or any(c in secret for c in "\r\n\0"):
        return [
            _error(
                "token",
                "token_characters",
                "A token or password is one line.",
                "Copy it alone, without anything around it.",
            )
        ]
    return []


def _store_path(text: str) -> str:
    """A path of a local store, also as MLflow writes it (`sqlite:///…`, `file:///…`)."""
    text = text.strip()
    for prefix in ("sqlite:///", "file://"):
        if text.startswith(prefix):
            return text[len(prefix) :]
    return text


def _store_findings(text: str) -> list[Finding]:
    path = os.path.abspath(os.path.expanduser(_store_path(text)))
    if not os.path.exists(path):
        return [_error("url", "missing", "There is no such file or folder.", "Choose another one.")]
    return []


def _mlflow_offer() -> ConnectionOffer | None:
    text = os.environ.get("MLFLOW_TRACKING_URI", "").strip()
    if not text:
        return None
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if scheme in ("http", "https"):
        parts = urlsplit(text)
        user = parts.username or os.environ.get("MLFLOW_TRACKING_USERNAME", "")
        host = parts.netloc.rpartition("@")[2]
        url = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        offer = ConnectionOffer(
            Connection(RegistryKind.MLFLOW, url, "MLflow", user=user),
            "MLFLOW_TRACKING_URI",
        )
        return replace(offer, has_secret=bool(_offered_secret(offer)))
    if scheme in ("", "file", "sqlite"):
        path = os.path.abspath(os.path.expanduser(_store_path(text)))
        if os.path.exists(path):
            store = Connection(RegistryKind.MLFLOW_STORE, path, "MLflow on this machine")
            return ConnectionOffer(store, "MLFLOW_TRACKING_URI")
    return None


def _workbench_offer() -> ConnectionOffer | None:
    text = os.environ.get("CDSW_API_URL", "").strip()
    if not text:
        return None
    parts = urlsplit(text if "://" in text else f"https://{text}")
    # The variable of older workbenches ends in /api/v1 or /api/v2; the address is what is before.
    path = parts.path.partition("/api/")[0].rstrip("/")
    host = parts.netloc.rpartition("@")[2]
    url = urlunsplit((parts.scheme, host, path, "", ""))
    offer = ConnectionOffer(
        Connection(RegistryKind.CLOUDERA_WORKBENCH, url, "This workbench"), "CDSW_API_URL"
    )
    return replace(offer, has_secret=bool(_offered_secret(offer)))


def _store_offers() -> list[ConnectionOffer]:
    """Stores where MLflow puts them by itself: in the person's home, where many scripts start."""
    home = os.path.expanduser("~")
    found = []
    for name in ("mlruns", "mlflow.db"):
        path = os.path.join(home, name)
        if os.path.exists(path):
            store = Connection(RegistryKind.MLFLOW_STORE, path, f"MLflow in ~/{name}")
            found.append(ConnectionOffer(store, ""))
    return found


def _offered_secret(offer: ConnectionOffer) -> str:
    if offer.variable == "CDSW_API_URL":
        return os.environ.get("CDSW_APIV2_KEY", "").strip()
    if offer.variable == "MLFLOW_TRACKING_URI" and offer.connection.kind == RegistryKind.MLFLOW:
        if offer.connection.user:
            given = urlsplit(os.environ.get("MLFLOW_TRACKING_URI", "")).password
            return given or os.environ.get("MLFLOW_TRACKING_PASSWORD", "")
        return os.environ.get("MLFLOW_TRACKING_TOKEN", "").strip()
    return ""
