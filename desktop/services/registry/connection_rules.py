"""What a connection to a registry may be, and the one form in which it is kept and compared."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from desktop.services import web
from desktop.services.errors import RemoteError, ValidationError
from desktop.services.peft_folder.reading import printable
from desktop.services.records import Finding, Severity
from desktop.services.registry.records import Connection, RegistryKind

_NAME_LIMIT = 80
_SECRET_LIMIT = 8192
_TEXTS = ("kind", "url", "token", "user", "password", "ca_file")
_FIELD = "connection"


def normal(connection: Connection) -> Connection:
    """The same with its address in normal form.

    Raises:
        RemoteError (`address`): there is none.
    """
    if connection.kind == RegistryKind.MLFLOW_STORE:
        url = store_path(connection.url)
    else:
        url = web.normal_endpoint(connection.url, plain_http=connection.plain_http)
    return replace(connection, url=url, name=connection.name.strip(), user=connection.user.strip())


def store_path(text: str) -> str:
    """The whole path of a local store, also as MLflow writes it: `sqlite:///…`, `file:///…`, whose
    path has its odd characters as %20."""
    path = text.strip()
    if path.startswith("sqlite:///"):
        path = path.removeprefix("sqlite:///")
    elif path.lower().startswith("file:"):
        path = path[len("file:") :]
        if path.startswith("//"):
            host, slash, rest = path[2:].partition("/")
            # Another host's files are not here: such a text leads nowhere.
            path = f"/{rest}" if slash and host.lower() in ("", "localhost") else path
        path = unquote(path)
    try:
        return os.path.abspath(os.path.expanduser(path))
    except ValueError:  # a NUL where the name of a person would be
        return path


def findings(connection: Connection, others: Iterable[Connection]) -> list[Finding]:
    """What is wrong with a connection, beside all others, before anybody is asked."""
    if connection.kind not in list(RegistryKind):
        return [_kind_unknown("kind")]
    found = _of_address(connection)
    found += _of_name(connection, others)
    user = connection.user.strip()
    if ":" in user or not user.isprintable():
        found.append(
            _error(
                "user",
                "characters",
                "A user name with a colon, or with what can’t be seen, can’t be sent.",
                "Type it anew without them.",
            )
        )
    if connection.ca_file and not os.path.isfile(connection.ca_file):
        found.append(
            _error("ca_file", "missing", "There is no such file.", "Choose a file in PEM form.")
        )
    return found


def _of_address(connection: Connection) -> list[Finding]:
    if not connection.url.strip():
        store = connection.kind == RegistryKind.MLFLOW_STORE
        advice = (
            "Choose an mlruns folder or a file like mlflow.db."
            if store
            else "It looks like https://mlflow.example.com."
        )
        return [_error("url", "required", "The connection needs an address.", advice)]
    if connection.kind == RegistryKind.MLFLOW_STORE:
        if os.path.exists(store_path(connection.url)):
            return []
        return [_error("url", "missing", "There is no such file or folder.", "Choose another one.")]
    try:
        web.normal_endpoint(connection.url, plain_http=connection.plain_http)
    except RemoteError as error:
        return [_error("url", error.code, error.message, error.advice)]
    return []


def _of_name(connection: Connection, others: Iterable[Connection]) -> list[Finding]:
    found = []
    name = connection.name.strip()
    if not name.isprintable():
        found.append(
            _error(
                "name",
                "characters",
                "The name holds characters that can't be shown.",
                "Type it anew without them.",
            )
        )
    if len(connection.name) > _NAME_LIMIT:
        found.append(_error("name", "too_long", f"A name has at most {_NAME_LIMIT} characters."))
    if name and any(other.id != connection.id and other.name == name for other in others):
        found.append(
            _error("name", "name_taken", "Another connection has this name.", "Choose another.")
        )
    return found


def secret_findings(secret: str | None) -> list[Finding]:
    """What is wrong with a token or password; "" and None are none."""
    if secret and (len(secret) > _SECRET_LIMIT or any(c in secret for c in "\r\n\0")):
        return [
            _error(
                "token",
                "token_characters",
                "A token or password is one line.",
                "Copy it alone, without anything around it.",
            )
        ]
    return []


def given_connection(given: Mapping[Any, Any]) -> tuple[Connection, str]:
    """(connection, secret or "") of the mapping that a script gives; what its texts mean is not
    looked at.

    Raises:
        ValidationError: with a finding on `connection`.
    """
    unknown = [str(name) for name in given if name not in (*_TEXTS, "plain_http")]
    if unknown:
        word = f"There is no field “{printable(min(unknown), 40)}”."
        raise ValidationError([_kind_unknown(_FIELD, word)])
    texts = {name: _text(name, given.get(name)) for name in _TEXTS}
    if texts["kind"] not in list(RegistryKind):
        raise ValidationError([_kind_unknown(_FIELD)])
    plain = given.get("plain_http")
    if plain is not None and not isinstance(plain, bool):
        raise ValidationError(
            [_error(_FIELD, "plain_http", "“plain_http” is either True or False.")]
        )
    connection = Connection(
        kind=RegistryKind(texts["kind"]),
        url=texts["url"],
        user=texts["user"],
        ca_file=texts["ca_file"],
        plain_http=plain is True,
    )
    return connection, texts["token"] or texts["password"]


def _text(name: str, value: object) -> str:
    if isinstance(value, os.PathLike) and name in ("url", "ca_file"):
        value = os.fspath(value)
    if value is None or isinstance(value, str):
        return value or ""
    # What was given is not told: it may be a secret.
    raise ValidationError([_error(_FIELD, "no_text", f"“{name}” of the connection is no text.")])


def _kind_unknown(field: str, word: str = "") -> Finding:
    return _error(
        field,
        "unknown_kind",
        word or "It is not said what kind of registry this is.",
        f"It is one of {', '.join(RegistryKind)}.",
    )


def _error(field: str, code: str, message: str, advice: str = "") -> Finding:
    return Finding(field, code, Severity.ERROR, message, advice)
