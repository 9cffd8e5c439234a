"""The registries that a person has connected, as every view of them knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.services.errors import Cancelled
from desktop.services.registry.records import Connection, ConnectionOffer

if TYPE_CHECKING:
    from desktop.models.library import Library
    from desktop.models.task_runner import Task

_LAST = "registry/last"


@dataclass(frozen=True)
class _Outcome:
    """What came of storing or removing a connection."""

    connection: Connection
    removed: bool = False
    error: Exception | None = None


class RegistryLinks(QObject):
    """One for each library (`RegistryLinks.of`). The list is in the settings, so reading it is
    quick; the keyring, which may ask the person, is used off the UI thread.

    Signals:
        changed: other connections are stored than before.
        saved(object): this connection was stored, as it is kept.
        removed(object): this connection was forgotten.
        refused(object): storing or removing did not work; carries the exception.
    """

    changed = Signal()
    saved = Signal(object)
    removed = Signal(object)
    refused = Signal(object)

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self._library = library
        self._tasks: list[Task] = []

    @classmethod
    def of(cls, library: Library) -> RegistryLinks:
        """The connections of this library's person."""
        return library.findChild(cls) or cls(library)

    # -- what is there ---------------------------------------------------------------------

    def all(self) -> tuple[Connection, ...]:
        """The stored ones, in the order in which they were added."""
        return self._library.services.registry.connections.all()

    def offers(self) -> tuple[ConnectionOffer, ...]:
        """Those that the environment of this program names."""
        return self._library.services.registry.connections.offers()

    @property
    def last(self) -> Connection | None:
        """The one that was used last, else the first one; None where there is none."""
        known = self.all()
        key = self._library.services.settings.get(_LAST, "")
        return next((c for c in known if c.id == key), known[0] if known else None)

    def use(self, connection: Connection) -> None:
        """This one is used now."""
        self._library.services.settings.set(_LAST, connection.id)

    # -- changing it -----------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is being stored or removed."""
        return bool(self._tasks)

    def save(self, connection: Connection, secret: str | None) -> None:
        """Store a connection; secret: "" forgets it, None leaves it as it is."""
        self._run(self._save, connection, secret)

    def take_offer(self, offer: ConnectionOffer) -> None:
        """Store one that the environment names, with its secret."""
        self._run(self._take_offer, offer)

    def remove(self, connection: Connection) -> None:
        """Forget a connection and its secret; adapters that came from it stay."""
        self._run(self._remove, connection)

    def _run(self, operation: Any, *given: Any) -> None:
        task = self._library.run(operation, *given, succeeded=self._settled, lane="free")
        self._tasks.append(task)
        task.cancelled.connect(self._stopped)

    # What goes wrong is carried by hand: the log of a task that failed could show what was given.

    def _save(self, ctx: Any, connection: Connection, secret: str | None) -> _Outcome:
        connections = self._library.services.registry.connections
        return self._outcome(connection, connections.save, connection, secret, ctx.report)

    def _take_offer(self, ctx: Any, offer: ConnectionOffer) -> _Outcome:
        connections = self._library.services.registry.connections
        return self._outcome(offer.connection, connections.take_offer, offer, ctx.report)

    def _remove(self, ctx: Any, connection: Connection) -> _Outcome:
        try:
            self._library.services.registry.connections.remove(connection.id, ctx.report)
        except Cancelled:
            raise
        except Exception as error:
            return _Outcome(connection, True, error)
        return _Outcome(connection, True)

    def _outcome(self, connection: Connection, keep: Any, *given: Any) -> _Outcome:
        try:
            kept, _where = keep(*given)
        except Cancelled:
            raise
        except Exception as error:
            return _Outcome(connection, error=error)
        return _Outcome(kept)

    def _stopped(self) -> None:
        self._forget(self.sender())

    def _settled(self, outcome: _Outcome) -> None:
        self._forget(self.sender())
        if outcome.error is not None:
            self.refused.emit(outcome.error)
            return
        if not outcome.removed:
            self.use(outcome.connection)
        self.changed.emit()
        (self.removed if outcome.removed else self.saved).emit(outcome.connection)

    def _forget(self, task: object) -> None:
        self._tasks = [known for known in self._tasks if known is not task]
