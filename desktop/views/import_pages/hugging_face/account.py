"""Which hub is in use, and who is signed in there, as the page knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.models.library import Library
from desktop.services.errors import Cancelled, LorariumError
from desktop.services.hub.records import SignIn
from desktop.services.records import Finding
from desktop.views.import_pages.shared.fields import findings_of


@dataclass(frozen=True)
class _News:
    """What came of a question: the state, or why it is not known. keyring: whether there is one."""

    state: SignIn | None = None
    keyring: bool = True
    error: Exception | None = None


class Account(QObject):
    """The account at the endpoint in use. Questions go off the UI thread; late answers are
    dropped.

    state: None while it is not known. keyring: whether there is a keyring to keep a token in.
    busy: whether a server or the keyring is being asked to sign in or out.

    Signals:
        changed: state, endpoint or busy are others now.
        entered: somebody signed in, or out: what a hub shows may be another now.
        refused(object): signing in or out did not work; carries a tuple of findings.
    """

    changed = Signal()
    entered = Signal()
    refused = Signal(object)

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._number = 0
        self._task: Any = None
        self.state: SignIn | None = None
        self.keyring = True
        self.busy = False

    @property
    def endpoint(self) -> str:
        """The endpoint in use."""
        return self._library.services.hub.endpoint

    @property
    def user(self) -> str:
        """The account's name, "" = nobody is signed in."""
        if self.state is None or not self.state.kept:
            return ""
        return self.state.user or "somebody"

    # -- asking ----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask who is signed in."""
        if not self.busy:
            self._run(self._ask, self._told)

    def use(self, address: str, *, plain_http: bool = False) -> None:
        """Use another endpoint from now on.

        Raises:
            RemoteError: it is no address that Lorarium goes to.
        """
        self._library.services.hub.set_endpoint(address, plain_http=plain_http)
        self.cancel()
        self.state = None
        self.changed.emit()
        self.refresh()

    def sign_in(self, token: str) -> None:
        """Ask the endpoint who has this token, and keep it."""
        self._begin(self._sign_in, token)

    def take_offer(self, kind: str) -> None:
        """The same with a token that is on this machine already."""
        self._begin(self._take_offer, kind)

    def sign_out(self) -> None:
        """Forget the token of the endpoint in use."""
        self._begin(self._sign_out)

    def cancel(self) -> None:
        """Nobody waits for the answer any more."""
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        if self.busy:
            self.busy = False
            self.changed.emit()

    def _begin(self, question: Any, *args: Any) -> None:
        self.cancel()
        self.busy = True
        self.changed.emit()
        self._run(question, self._settled, *args)

    def _run(self, question: Any, answered: Any, *args: Any) -> None:
        self._number += 1
        self._task = self._library.run(
            question, self._number, self.endpoint, *args, succeeded=answered, lane="net"
        )

    # -- off the UI thread -----------------------------------------------------------------

    def _ask(self, _ctx: Any, number: int, endpoint: str) -> tuple[int, _News]:
        services = self._library.services
        try:
            state = services.hub.signed_in(endpoint)
            return number, _News(state, services.credentials.has_keyring())
        except LorariumError as error:
            return number, _News(error=error)

    def _sign_in(self, ctx: Any, number: int, endpoint: str, token: str) -> tuple[int, _News]:
        hub = self._library.services.hub
        return self._entered(number, hub.sign_in, token, endpoint, ctx.report)

    def _take_offer(self, ctx: Any, number: int, endpoint: str, kind: str) -> tuple[int, _News]:
        hub = self._library.services.hub
        return self._entered(number, hub.take_offer, kind, endpoint, ctx.report)

    def _sign_out(self, _ctx: Any, number: int, endpoint: str) -> tuple[int, _News]:
        return self._entered(number, self._library.services.hub.sign_out, endpoint)

    def _entered(self, number: int, ask: Any, *args: Any) -> tuple[int, _News]:
        try:
            return number, _News(ask(*args), self.keyring)
        except Cancelled:
            raise
        except Exception as error:
            # Carried by hand: the log of a task that failed could show what it was given.
            return number, _News(error=error)

    # -- back on it ------------------------------------------------------------------------

    def _told(self, result: tuple[int, _News]) -> None:
        number, news = result
        if number != self._number:
            return
        self._task = None
        if news.state is not None:
            self.state, self.keyring = news.state, news.keyring
            self.changed.emit()

    def _settled(self, result: tuple[int, _News]) -> None:
        number, news = result
        if number != self._number:
            return
        self._task = None
        self.busy = False
        if news.state is not None:
            self.state = news.state
        self.changed.emit()
        if news.error is not None:
            found: tuple[Finding, ...] = findings_of(news.error, "token")
            self.refused.emit(found)
        elif news.state is not None:
            self.entered.emit()
