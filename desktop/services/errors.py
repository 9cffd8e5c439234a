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


class Cancelled(Exception):
    """The person asked to stop. Not an error: nothing is shown, nothing half-done stays."""
