"""Secrets of a person, by the place that they belong to, in the system's keyring.

Where there is no keyring that Lorarium trusts, or it does not answer, a secret stays in memory
until the program ends; it is never written to a file. A keyring may ask the person to unlock it,
and that question may hide behind another window: it is asked on a thread, with a time limit.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.services.progress import Progress, silent

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

log = logging.getLogger(__name__)

KEYRING = "keyring"
SESSION = "session"

PATIENCE = 30.0
"""Seconds that the keyring may take for one answer; a person may have to type a password."""

_REST = 300.0
"""Seconds without another question after one that went wrong: a person who closed the keyring's
window would get it again with every request."""

_STEP = 0.1  # seconds between two looks at whether somebody cancelled

_ABSENT = "There is no keyring on this system that Lorarium can use."
_SILENT = "The system’s keyring did not answer in time."
_REFUSED = "The system’s keyring did not open."


class _Unavailable(Exception):
    """No answer from the keyring. absent: there is none, so that nothing of ours is in it."""

    def __init__(self, reason: str, absent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.absent = absent


class _Held:
    """A secret in memory. Its repr is that of any object: no secret in it."""

    __slots__ = ("kept", "secret")

    def __init__(self, secret: str, kept: str) -> None:
        self.secret = secret
        self.kept = kept


class Credentials:
    """Keeps secrets by place, say an origin. Safe to use from many threads.

    In the keyring a secret has the service name that was given here and its place as user name.
    Any call may take until the keyring answers: `patience` seconds at most, and as many before
    where another call is asking it already.
    """

    def __init__(self, service: str = "lorarium", *, patience: float = PATIENCE) -> None:
        self._service = service
        self._patience = patience
        self._lock = threading.Lock()  # for what follows; never held while the keyring is asked
        self._memory: dict[str, _Held] = {}
        self._forgotten: set[str] = set()  # still in the keyring, because it did not answer
        self._reason = ""
        self._rest_until = 0.0
        self._turn = threading.Lock()  # one question at a time: one window that asks, not three
        self._hanging: threading.Thread | None = None  # the question that nobody waits for any more

    def get(self, place: str, progress: Progress | None = None) -> str | None:
        """The secret of a place; None where there is none, or the keyring does not give it.

        Raises:
            Cancelled: from `progress`, within a moment, also while the keyring waits for somebody.
        """
        with self._lock:
            if held := self._memory.get(place):
                return held.secret
            if place in self._forgotten or time.monotonic() < self._rest_until:
                return None

        def work(backend: KeyringBackend) -> None:
            secret = backend.get_password(self._service, place)
            with self._lock:
                self._rest_until = 0.0
                # Also when the answer comes too late for who asked: the next one has it.
                if secret and place not in self._memory and place not in self._forgotten:
                    self._memory[place] = _Held(secret, KEYRING)

        if self._ask(work, progress):
            with self._lock:
                self._rest_until = time.monotonic() + _REST
        with self._lock:
            held = self._memory.get(place)
            return held.secret if held else None

    def set(self, place: str, secret: str, progress: Progress | None = None) -> str:
        """Keep a secret. Returns where it is: `keyring`, or `session` (see `reason`).

        Raises:
            Cancelled: from `progress`; the secret is then kept for the session.
        """
        if not place or not secret:
            raise ValueError("a secret needs a place, and a place a secret")
        held = _Held(secret, SESSION)
        with self._lock:
            self._memory[place] = held
            self._forgotten.discard(place)

        def work(backend: KeyringBackend) -> None:
            backend.set_password(self._service, place, secret)
            with self._lock:
                self._rest_until = 0.0
                if self._memory.get(place) is held:
                    held.kept = KEYRING
                    return
            self._delete(backend, place)  # replaced or forgotten while the keyring was thinking

        self._ask(work, progress)
        with self._lock:
            return held.kept

    def forget(self, place: str, progress: Progress | None = None) -> bool:
        """Forget the secret of a place. From now on `get` gives None in any case.

        Returns whether it is out of the keyring too; False where that did not answer (`reason`),
        so that the secret would be back with the next start.

        Raises:
            Cancelled: from `progress`; the secret is then forgotten for the session only.
        """
        with self._lock:
            self._memory.pop(place, None)
            self._forgotten.add(place)

        def work(backend: KeyringBackend) -> None:
            self._delete(backend, place)
            with self._lock:
                self._forgotten.discard(place)

        trouble = self._ask(work, progress)
        if trouble and trouble.absent:  # nothing of ours can be in it
            with self._lock:
                self._forgotten.discard(place)
        return trouble is None or trouble.absent

    def where(self, place: str, progress: Progress | None = None) -> str:
        """Where the secret of a place is: `keyring`, `session`, or "" = there is none.

        Raises:
            Cancelled: from `progress`.
        """
        self.get(place, progress)
        with self._lock:
            held = self._memory.get(place)
            return held.kept if held else ""

    def has_keyring(self) -> bool:
        """Whether there is a keyring that Lorarium trusts. It may still be locked."""
        return self._ask(lambda backend: None, None) is None

    @property
    def reason(self) -> str:
        """Why the keyring was not used when it was last asked, a sentence; "" = it was."""
        with self._lock:
            return self._reason

    # -- the keyring -------------------------------------------------------------------------------

    def _ask(
        self, work: Callable[[KeyringBackend], None], progress: Progress | None
    ) -> _Unavailable | None:
        """Run `work` with the keyring, and wait for it within reason.

        Returns why it did not answer, None = it did. `work` may still end later then.
        """
        trouble: _Unavailable | None = None
        try:
            self._run_on_thread(work, progress or silent)
        except _Unavailable as error:
            trouble = error
        with self._lock:
            self._reason = trouble.reason if trouble else ""
        return trouble

    def _run_on_thread(self, work: Callable[[KeyringBackend], None], progress: Progress) -> None:
        """Raises: _Unavailable. Cancelled: from `progress`."""
        failures: list[_Unavailable] = []

        def run() -> None:
            try:
                work(_trusted_backend())
            except _Unavailable as trouble:
                failures.append(trouble)
            except Exception as error:
                # Not its text: a backend may put anything there, the secret as well.
                log.info("The keyring answered with %s.", type(error).__name__)
                failures.append(_Unavailable(_REFUSED))
            finally:
                self._turn.release()

        self._wait_for_turn(progress)
        # A daemon: a window that nobody answers must not keep the program from ending.
        thread = threading.Thread(target=run, name="keyring", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no thread to give
            self._turn.release()
            raise _Unavailable(_SILENT) from None
        end = time.monotonic() + self._patience
        try:
            while thread.is_alive():
                thread.join(max(0.0, min(_STEP, end - time.monotonic())))
                if not thread.is_alive():
                    break
                if time.monotonic() >= end:
                    raise _Unavailable(_SILENT)
                progress(0, 0, "")
        except BaseException:
            self._hanging = thread
            raise
        if failures:
            raise failures[0]

    def _wait_for_turn(self, progress: Progress) -> None:
        hanging = self._hanging
        patience = 0.0 if hanging and hanging.is_alive() else self._patience
        end = time.monotonic() + patience
        while not self._turn.acquire(timeout=max(0.0, min(_STEP, end - time.monotonic()))):
            if time.monotonic() >= end:
                raise _Unavailable(_SILENT)
            progress(0, 0, "")

    def _delete(self, backend: KeyringBackend, place: str) -> None:
        if backend.get_password(self._service, place) is not None:
            backend.delete_password(self._service, place)


def _trusted_backend() -> KeyringBackend:
    """The keyring that the keyring package chose, or the best one of a chain.

    Not taken: one of priority 0 or below (“fail”, “null”), and those of keyrings.alt, which write
    plain text files or ask for a password on a terminal that a desktop program does not have.
    """
    try:
        import keyring
        from keyring.backends.chainer import ChainerBackend
    except ImportError:
        raise _Unavailable(_ABSENT, absent=True) from None
    chosen = keyring.get_keyring()
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    for backend in candidates:
        if _is_trusted(backend):
            return backend
    raise _Unavailable(_ABSENT, absent=True)


def _is_trusted(backend: KeyringBackend) -> bool:
    modules = [kind.__module__ for kind in type(backend).__mro__]
    if any(m == "keyrings.alt" or m.startswith("keyrings.alt.") for m in modules):
        return False
    try:
        return float(backend.priority) > 0
    except Exception:  # it says in this way that it does not work here
        return False
