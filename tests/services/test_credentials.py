from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import new_class

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.compat.properties import classproperty
from keyring.errors import InitError, KeyringLocked, PasswordDeleteError

from desktop.services.credentials import Credentials
from desktop.services.errors import Cancelled

PLACE = "hub https://hub.example"
SECRET = "hf_SecretMarker1234567890"
OTHER = "hf_AnotherMarker987654321"


class MemoryKeyring(KeyringBackend):
    """A keyring as the real ones are, but that it lasts as long as the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.calls: list[str] = []

    def get_password(self, service: str, username: str) -> str | None:
        self.calls.append("get")
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.calls.append("set")
        self.entries[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        self.calls.append("delete")
        if (service, username) not in self.entries:
            raise PasswordDeleteError("No such password!")
        del self.entries[(service, username)]


class HangingKeyring(MemoryKeyring):
    """One whose window waits behind another, until somebody answers it."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()
        self.asked = threading.Event()

    def _wait(self) -> None:
        self.asked.set()
        assert self.answered.wait(30)

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        super().set_password(service, username, password)


class RaisingKeyring(MemoryKeyring):
    """One that says no, with more words than it should."""

    def __init__(self, error: Callable[[str], Exception]) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        self.calls.append("get")
        raise self.error(f"{username}: {SECRET}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error(f"{username}: {password}")

    def delete_password(self, service: str, username: str) -> None:
        raise self.error(f"{username}: {SECRET}")


@pytest.fixture(autouse=True)
def own_keyring() -> Iterator[MemoryKeyring]:
    """No test here ever sees the keyring of whoever runs it."""
    before = keyring.core._keyring_backend
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.core._keyring_backend = before


@pytest.fixture
def hanging() -> Iterator[HangingKeyring]:
    backend = HangingKeyring()
    keyring.set_keyring(backend)
    yield backend
    backend.answered.set()
    _join()


def _join() -> None:
    for thread in threading.enumerate():
        if thread.name == "keyring":
            thread.join(10)
            assert not thread.is_alive()


# -- with a keyring ------------------------------------------------------------------------------


def test_a_secret_lives_in_the_keyring(own_keyring: MemoryKeyring) -> None:
    credentials = Credentials()
    assert credentials.has_keyring()
    assert credentials.get(PLACE) is None
    assert credentials.where(PLACE) == ""
    assert credentials.set(PLACE, SECRET) == "keyring"
    assert own_keyring.entries == {("lorarium", PLACE): SECRET}
    assert credentials.get(PLACE) == SECRET
    assert credentials.where(PLACE) == "keyring"
    assert credentials.reason == ""
    # The next start of the program finds it; another place and another program do not.
    assert Credentials().get(PLACE) == SECRET
    assert Credentials().where(PLACE) == "keyring"
    assert Credentials().get(PLACE + ":8443") is None
    assert Credentials("other").get(PLACE) is None


def test_a_secret_is_replaced_and_forgotten(own_keyring: MemoryKeyring) -> None:
    credentials = Credentials()
    credentials.set(PLACE, SECRET)
    credentials.set("mlflow https://m.example", "kept")
    credentials.set(PLACE, OTHER)
    assert credentials.get(PLACE) == OTHER
    assert credentials.forget(PLACE)
    assert credentials.get(PLACE) is None
    assert credentials.where(PLACE) == ""
    assert own_keyring.entries == {("lorarium", "mlflow https://m.example"): "kept"}
    assert credentials.forget(PLACE)  # there is nothing, which is what was asked for
    assert Credentials().forget("never seen")


def test_what_was_read_once_is_not_asked_for_again(own_keyring: MemoryKeyring) -> None:
    own_keyring.entries[("lorarium", PLACE)] = SECRET
    credentials = Credentials()
    assert [credentials.get(PLACE) for _ in range(3)] == [SECRET] * 3
    assert own_keyring.calls == ["get"]


@pytest.mark.parametrize(("place", "secret"), [("", SECRET), (PLACE, "")])
def test_there_is_no_secret_without_a_place(place: str, secret: str) -> None:
    with pytest.raises(ValueError, match="needs a place") as caught:
        Credentials().set(place, secret)
    assert SECRET not in str(caught.value)


# -- without one ---------------------------------------------------------------------------------


class AltLikeKeyring(MemoryKeyring):
    """What keyrings.alt brings: a plain text file that takes part in the choice."""

    priority = 9


AltLikeKeyring.__module__ = "keyrings.alt.file"


def _below_alt() -> KeyringBackend:
    kind = new_class("MyKeyring", (AltLikeKeyring,))
    kind.__module__ = "somebodys.own"
    KeyringBackend._classes.discard(kind)
    return kind()  # type: ignore[no-any-return]


class BrokenPriorityKeyring(MemoryKeyring):
    @classproperty
    def priority(cls) -> float:  # type: ignore[override]
        raise RuntimeError("needs a session bus")


@pytest.fixture(autouse=True, scope="module")
def unknown_to_the_chooser() -> None:
    """keyring notes every class of a backend; no other test may be given one of these."""
    for kind in [kind for kind in KeyringBackend._classes if issubclass(kind, MemoryKeyring)]:
        KeyringBackend._classes.discard(kind)


@pytest.mark.parametrize(
    "backend", [FailKeyring, NullKeyring, AltLikeKeyring, _below_alt, BrokenPriorityKeyring]
)
def test_without_a_trusted_keyring_a_secret_lasts_for_the_session(
    backend: Callable[[], KeyringBackend],
) -> None:
    chosen = backend()
    keyring.set_keyring(chosen)
    credentials = Credentials()
    assert not credentials.has_keyring()
    assert credentials.reason == "There is no keyring on this system that Lorarium can use."
    assert credentials.set(PLACE, SECRET) == "session"
    assert credentials.get(PLACE) == SECRET
    assert credentials.where(PLACE) == "session"
    assert Credentials().get(PLACE) is None
    assert credentials.forget(PLACE)  # no keyring, so none that still holds it
    assert credentials.get(PLACE) is None
    assert credentials.where(PLACE) == ""
    assert getattr(chosen, "entries", {}) == {}


def test_of_a_chain_the_first_trusted_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, real = AltLikeKeyring(), MemoryKeyring()
    monkeypatch.setattr(ChainerBackend, "backends", [plain, real])
    keyring.set_keyring(ChainerBackend())
    credentials = Credentials()
    assert credentials.set(PLACE, SECRET) == "keyring"
    assert (plain.entries, real.entries) == ({}, {("lorarium", PLACE): SECRET})
    monkeypatch.setattr(ChainerBackend, "backends", [plain])
    assert not credentials.has_keyring()


@pytest.mark.parametrize("error", [KeyringLocked, InitError, RuntimeError, OSError])
def test_a_keyring_that_says_no(error: type[Exception], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    backend = RaisingKeyring(error)
    keyring.set_keyring(backend)
    credentials = Credentials()
    assert credentials.get(PLACE) is None
    assert credentials.reason == "The system’s keyring did not open."
    # The person closed its window: not again with every request.
    assert credentials.get(PLACE) is None
    assert credentials.where("hub https://other.example") == ""
    assert backend.calls == ["get"]
    assert credentials.set(PLACE, SECRET) == "session"
    assert credentials.get(PLACE) == SECRET
    assert not credentials.forget(PLACE)
    assert credentials.get(PLACE) is None
    assert error.__name__ in caplog.text
    for text in (caplog.text, credentials.reason, repr(credentials)):
        assert SECRET not in text


def test_a_keyring_that_opens_later_is_asked_again(own_keyring: MemoryKeyring) -> None:
    own_keyring.entries[("lorarium", PLACE)] = SECRET
    keyring.set_keyring(RaisingKeyring(KeyringLocked))
    credentials = Credentials()
    assert credentials.get(PLACE) is None
    keyring.set_keyring(own_keyring)
    assert credentials.get(PLACE) is None  # it has its rest
    assert credentials.set("another", OTHER) == "keyring"
    assert credentials.reason == ""
    assert credentials.get(PLACE) == SECRET


# -- one that hangs ------------------------------------------------------------------------------


def test_a_keyring_that_hangs_does_not_hold_the_program(hanging: HangingKeyring) -> None:
    credentials = Credentials(patience=0.2)
    begin = time.monotonic()
    assert credentials.set(PLACE, SECRET) == "session"
    assert credentials.reason == "The system’s keyring did not answer in time."
    assert credentials.get(PLACE) == SECRET
    assert credentials.where(PLACE) == "session"
    # While it still hangs nobody waits for it again.
    quick = time.monotonic()
    for number in range(20):
        assert credentials.get(f"place {number}") is None
        assert credentials.set(f"own {number}", OTHER) == "session"
    assert time.monotonic() - quick < 2  # forty times the patience would be eight seconds
    assert time.monotonic() - begin < 5
    assert sum(thread.name == "keyring" for thread in threading.enumerate()) == 1
    # Somebody answers its window at last: what it was asked to keep is kept.
    hanging.answered.set()
    _join()
    assert credentials.where(PLACE) == "keyring"
    assert hanging.entries == {("lorarium", PLACE): SECRET}


def test_a_late_answer_is_there_for_the_next_who_asks(hanging: HangingKeyring) -> None:
    hanging.entries[("lorarium", PLACE)] = SECRET
    credentials = Credentials(patience=0.1)
    assert credentials.get(PLACE) is None
    hanging.answered.set()
    _join()
    assert credentials.get(PLACE) == SECRET
    assert credentials.where(PLACE) == "keyring"
    hanging.entries[("lorarium", "another")] = OTHER
    assert credentials.get("another") == OTHER  # and its rest is over


def test_a_secret_that_was_forgotten_does_not_come_back_late(hanging: HangingKeyring) -> None:
    credentials = Credentials(patience=0.1)
    credentials.set(PLACE, SECRET)
    assert not credentials.forget(PLACE)
    hanging.answered.set()
    _join()
    assert hanging.entries == {}
    assert credentials.get(PLACE) is None
    assert credentials.forget(PLACE)


def test_a_late_answer_does_not_undo_a_sign_out(hanging: HangingKeyring) -> None:
    hanging.entries[("lorarium", PLACE)] = SECRET
    credentials = Credentials(patience=0.1)
    assert credentials.get(PLACE) is None
    assert not credentials.forget(PLACE)
    assert credentials.reason == "The system’s keyring did not answer in time."
    hanging.answered.set()
    _join()
    assert credentials.get(PLACE) is None
    assert credentials.where(PLACE) == ""
    assert credentials.forget(PLACE)
    assert hanging.entries == {}


def test_waiting_can_be_cancelled(hanging: HangingKeyring) -> None:
    credentials = Credentials(patience=30)

    def progress(done: int, total: int, text: str) -> None:
        if hanging.asked.is_set():
            raise Cancelled

    begin = time.monotonic()
    with pytest.raises(Cancelled):
        credentials.get(PLACE, progress)
    assert credentials.where(PLACE) == ""  # nor does who comes next wait
    assert credentials.set(PLACE, SECRET) == "session"
    assert time.monotonic() - begin < 5


# -- many threads, no traces ---------------------------------------------------------------------


def test_many_threads_at_once(own_keyring: MemoryKeyring) -> None:
    credentials = Credentials()
    failures: list[str] = []

    def work(number: int) -> None:
        place, secret = f"place {number}", f"secret {number}"
        for _ in range(10):
            if credentials.set(place, secret) != "keyring" or credentials.get(place) != secret:
                failures.append(place)
        if number % 2 and not credentials.forget(place):
            failures.append(place)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert own_keyring.entries == {
        ("lorarium", f"place {number}"): f"secret {number}" for number in (0, 2, 4, 6)
    }


def test_no_repr_holds_a_secret() -> None:
    credentials = Credentials()
    credentials.set(PLACE, SECRET)
    parts = [credentials, *vars(credentials).values()]
    assert not [part for part in parts if SECRET in repr(part)]


def test_the_keyring_package_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys; from desktop.services.credentials import Credentials;"
        "import desktop.services.hub.tokens; Credentials();"
        "print(sorted({'keyring', 'huggingface_hub', 'httpx2'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
