"""Every error that a person is told about, in a full sentence; anything else is our bug."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.services.records import Finding


class LorariumError(Exception):
    """Something in the person's world, not in our code, stands in the way.

    `str(error)` is a sentence that can be shown as it is; `advice` says what to do next.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class ValidationError(LorariumError):
    """The rules of an import refuse a request. `findings` holds all of them, errors first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        errors = [f.message for f in self.findings if f.severity == "error"]
        super().__init__(" ".join(errors) or "The request was refused.")


class NotFoundError(LorariumError):
    """No record has this id."""


class InUseError(LorariumError):
    """A record stays because others need it. `users` names them: (kind, id, name)."""

    def __init__(
        self, message: str, advice: str = "", users: Sequence[tuple[str, str, str]] = ()
    ) -> None:
        super().__init__(message, advice)
        self.users = tuple(users)


class CatalogError(LorariumError):
    """The catalogue can't be opened or written."""


class CatalogBusyError(CatalogError):
    """Another program holds the catalogue's write lock."""


class CatalogReadOnlyError(CatalogError):
    """The catalogue is open for reading only."""


class ConflictError(LorariumError):
    """Somebody changed the record since, so undo, redo or an edit would overwrite that."""


class FolderError(LorariumError):
    """A folder or one of its files can't be read, copied or moved."""


class RemoteError(LorariumError):
    """A server, or the way to it, stands in the way of an import.

    `code` is stable, for programs and tests; one of REMOTE_CODES.
    """

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        super().__init__(message, advice)
        self.code = code


REMOTE_CODES = (
    "offline",  # told to stay offline, or there is no network
    "address",  # no address that Lorarium goes to: scheme, private network, plain http
    "unreachable",  # no such host, refused, no answer
    "tls",  # the certificate is not trusted
    "not_found",  # no such repository or model; a private one looks the same without a token
    "gated",  # visible, but its files need access that has to be asked for
    "forbidden",  # signed in, but not allowed
    "token",  # the token was not accepted
    "revision",  # no such branch, tag, commit or version
    "entry",  # no such file or folder in it
    "no_adapter",  # nothing in it that PEFT loads
    "renamed",  # it has another name now
    "rate",  # too many requests
    "server",  # the server has a fault (5xx)
    "answer",  # an answer that is not what was asked for
    "listing",  # a listing that does not end, or names files that no disk should hold
    "cut",  # the connection broke, too often
    "slow",  # stalled, or dripping below the least rate
    "too_large",  # more bytes than were announced, or than Lorarium fetches
    "wrong_bytes",  # not what was announced, by its hash
    "disk",  # no room, or the disk said no
)


class Cancelled(Exception):
    """The person asked to stop. Not an error: nothing is shown, nothing half-done stays."""
