from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as FailKeyring

from desktop.services.credentials import Credentials
from desktop.services.errors import LorariumError, RemoteError, ValidationError
from desktop.services.hub.records import HUB, SignIn, TokenOffer
from desktop.services.hub.tokens import MAX_TOKEN, Tokens, check_token
from tests.services.test_credentials import MemoryKeyring, RaisingKeyring

TOKEN = "hf_TokenMarker" + "x" * 20 + "1234"
OTHER = "hf_OtherMarker" + "x" * 20 + "9876"
MIRROR = "https://mirror.example/hub"


@pytest.fixture(autouse=True)
def backend() -> Iterator[MemoryKeyring]:
    before = keyring.core._keyring_backend
    own = MemoryKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.core._keyring_backend = before


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(Credentials())


# -- kept tokens ---------------------------------------------------------------------------------


def test_sign_in_and_out(tokens: Tokens, backend: MemoryKeyring) -> None:
    assert tokens.signed_in(HUB) == SignIn(HUB)
    assert tokens.token(HUB) is None
    assert tokens.keep(HUB, "alice", TOKEN) == SignIn(HUB, "alice", "keyring")
    assert tokens.token(HUB) == TOKEN
    # One entry, under the endpoint, with the name beside the token.
    ((key, entry),) = backend.entries.items()
    assert key == ("lorarium", "hub https://huggingface.co")
    assert json.loads(entry) == {"user": "alice", "token": TOKEN}
    later = Tokens(Credentials())
    assert later.signed_in(HUB) == SignIn(HUB, "alice", "keyring")
    assert later.token(HUB) == TOKEN
    assert later.forget(HUB) == SignIn(HUB)
    assert later.token(HUB) is None
    assert backend.entries == {}


def test_without_a_keyring_it_lasts_for_the_session(tokens: Tokens) -> None:
    keyring.set_keyring(FailKeyring())
    assert tokens.keep(MIRROR, "bob", TOKEN) == SignIn(MIRROR, "bob", "session")
    assert tokens.token(MIRROR) == TOKEN
    assert Tokens(Credentials()).signed_in(MIRROR) == SignIn(MIRROR)
    assert tokens.forget(MIRROR) == SignIn(MIRROR)


@pytest.mark.parametrize(
    "other",
    [
        "http://hub.example:8443/a",
        "https://hub.example/a",
        "https://hub.example:8443",
        "https://hub.example:8443/A",
        "https://hub.example:8443/a/b",
        "https://hub.example.evil:8443/a",
        "https://evil.hub.example:8443/a",
        "https://hub.example:8443/a/../b",
        "https://hub.example:8443@evil.example/a",
        "https://user@hub.example:8443/a",
        "file:///hub.example",
        "https://[",
        "nonsense",
        "",
    ],
)
def test_a_token_goes_to_its_own_endpoint_only(tokens: Tokens, other: str) -> None:
    own = "https://hub.example:8443/a"
    tokens.keep(own, "alice", TOKEN)
    assert tokens.token(own) == TOKEN
    assert tokens.token(other) is None
    assert tokens.signed_in(other).kept == ""
    tokens.forget(other)
    assert tokens.token(own) == TOKEN


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        (HUB, "https://huggingface.co/"),
        (HUB, "HTTPS://HuggingFace.co:443"),
        ("", HUB),
        (HUB, ""),
        ("http://127.0.0.1:80/x/", "http://127.0.0.1/x"),
        ("https://[::1]:8443", "https://[::1]:8443/"),
    ],
)
def test_an_endpoint_has_many_spellings(tokens: Tokens, kept: str, asked: str) -> None:
    tokens.keep(kept, "alice", TOKEN)
    assert tokens.token(asked) == TOKEN
    assert tokens.signed_in(asked) == tokens.signed_in(kept)
    assert tokens.signed_in(asked).endpoint == tokens.signed_in(kept).endpoint


def test_two_endpoints_have_a_token_each(tokens: Tokens) -> None:
    tokens.keep(HUB, "alice", TOKEN)
    tokens.keep(MIRROR, "bob", OTHER)
    tokens.keep(HUB, "carol", TOKEN + "5")
    assert (tokens.token(HUB), tokens.token(MIRROR)) == (TOKEN + "5", OTHER)
    assert tokens.signed_in(HUB).user == "carol"
    tokens.forget(HUB)
    assert (tokens.token(HUB), tokens.token(MIRROR)) == (None, OTHER)


@pytest.mark.parametrize(
    "entry",
    [
        "hf_plain",
        "[]",
        "{}",
        '{"user": "x"}',
        '{"token": 7}',
        '{"token": ""}',
        '{"token": "a\\nb"}',
        '{"token": "' + "x" * 9000 + '"}',
        "[" * 8000,
        "\x00",
    ],
)
def test_what_somebody_else_wrote_into_the_keyring_is_no_token(
    entry: str, tokens: Tokens, backend: MemoryKeyring
) -> None:
    backend.entries[("lorarium", f"hub {HUB}")] = entry
    assert tokens.token(HUB) is None
    assert tokens.signed_in(HUB) == SignIn(HUB)
    assert tokens.keep(HUB, "alice", TOKEN).kept == "keyring"
    assert tokens.token(HUB) == TOKEN


def test_a_name_is_for_showing_only(tokens: Tokens, backend: MemoryKeyring) -> None:
    long = "a\x00\udc80" + "b" * 1000
    assert tokens.keep(HUB, long, TOKEN).user == "a��" + "b" * 197
    backend.entries[("lorarium", f"hub {MIRROR}")] = json.dumps({"user": 5, "token": TOKEN})
    assert tokens.signed_in(MIRROR) == SignIn(MIRROR, "", "keyring")


def test_a_sign_out_that_the_keyring_did_not_hear_is_told(tokens: Tokens) -> None:
    tokens.keep(HUB, "alice", TOKEN)
    keyring.set_keyring(RaisingKeyring(RuntimeError))
    with pytest.raises(LorariumError) as caught:
        tokens.forget(HUB)
    assert caught.value.message == (
        "You are signed out, but the system’s keyring did not answer and still holds the token."
    )
    assert caught.value.advice == "Unlock the keyring, then sign out again."
    assert tokens.token(HUB) is None


# -- what a token can be -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "token_empty"),
        ("  \n", "token_empty"),
        ("hf_a b", "token_characters"),
        ("hf_a\r\nX-Evil: 1", "token_characters"),
        ("hf_abc\n", "token_characters"),
        ("hf_ä", "token_characters"),
        ("hf_\x00", "token_characters"),
        ("hf_\x7f", "token_characters"),
        ("hf_\ud800", "token_characters"),
        ("x" * (MAX_TOKEN + 1), "token_too_long"),
    ],
)
def test_no_token(text: str, code: str, tokens: Tokens, backend: MemoryKeyring) -> None:
    (finding,) = check_token(text)
    assert (finding.field, finding.code) == ("token", code)
    assert finding.message.endswith(".")
    assert finding.advice.endswith(".")
    assert "hf_" not in finding.message + finding.advice
    with pytest.raises(ValidationError):
        tokens.keep(HUB, "alice", text)
    assert backend.entries == {}


@pytest.mark.parametrize("text", [TOKEN, "x", "a.b-c_d~e+f/g==", "x" * MAX_TOKEN])
def test_a_token(text: str) -> None:
    assert check_token(text) == ()


# -- what is on the machine already --------------------------------------------------------------


def test_nothing_is_offered_where_there_is_nothing(tokens: Tokens) -> None:
    assert tokens.offers(HUB) == ()
    with pytest.raises(RemoteError) as caught:
        tokens.offered_token("login", HUB)
    assert caught.value.code == "token"


@pytest.mark.parametrize("variable", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_the_environment_is_offered_and_never_taken(
    variable: str, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f" {TOKEN}\n")
    offer = TokenOffer("environment", "1234")
    assert tokens.offers(HUB) == (offer,)
    assert tokens.signed_in(HUB) == SignIn(HUB, offers=(offer,))
    assert tokens.token(HUB) is None
    assert tokens.offers(MIRROR) == ()
    assert tokens.signed_in(MIRROR) == SignIn(MIRROR)
    assert tokens.offered_token("environment", HUB) == TOKEN
    for kind, endpoint in (("environment", MIRROR), ("login", HUB), ("", HUB)):
        with pytest.raises(RemoteError):
            tokens.offered_token(kind, endpoint)
    # Taken by the person, it is no offer any more; another one still is.
    assert tokens.keep(HUB, "alice", TOKEN).offers == ()
    monkeypatch.setenv(variable, OTHER)
    assert tokens.signed_in(HUB).offers == (TokenOffer("environment", "9876"),)


def test_what_is_found_belongs_to_the_endpoint_of_the_environment(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", MIRROR + "/")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert tokens.offers(HUB) == ()
    assert [offer.kind for offer in tokens.offers(MIRROR)] == ["environment"]


def test_an_hf_login_is_offered(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The real huggingface_hub logs in, each time with other variables; the same file is found."""
    code = (
        "from huggingface_hub import constants as c; from pathlib import Path; import sys;"
        "Path(c.HF_TOKEN_PATH).parent.mkdir(parents=True, exist_ok=True);"
        "Path(c.HF_TOKEN_PATH).write_text(sys.argv[1])"
    )
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BELOW", "below")
    for number, variables in enumerate(
        (
            {"XDG_CACHE_HOME": ""},
            {"XDG_CACHE_HOME": str(tmp_path / "cache")},
            {"HF_HOME": "~/hf/$BELOW"},
            {"HF_TOKEN_PATH": str(tmp_path / "$BELOW/my-token")},
        )
    ):
        for name, value in variables.items():
            if value:
                monkeypatch.setenv(name, value)
            else:
                monkeypatch.delenv(name)
        assert tokens.offers(HUB) == ()
        token = f"{TOKEN}{number}"
        subprocess.run([sys.executable, "-c", code, token], check=True, timeout=60)
        assert tokens.offers(HUB) == (TokenOffer("login", token[-4:]),)
        assert tokens.offered_token("login", HUB) == token
        assert tokens.token(HUB) is None


def test_environment_and_login_are_two_offers(
    tokens: Tokens, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    path.write_text(OTHER + "\n", encoding="ascii")
    monkeypatch.setenv("HF_TOKEN_PATH", str(path))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert [offer.kind for offer in tokens.offers(HUB)] == ["environment", "login"]
    assert tokens.offered_token("login", HUB) == OTHER
    assert tokens.keep(HUB, "alice", OTHER).offers == (TokenOffer("environment", "1234"),)


@pytest.mark.parametrize("kind", ["pipe", "folder", "huge", "bytes", "empty", "lines", "missing"])
def test_a_login_file_that_is_none(
    kind: str, tokens: Tokens, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    monkeypatch.setenv("HF_TOKEN_PATH", str(path))
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        with path.open("wb") as file:
            file.write(b"x" * 4096)
            file.truncate(1 << 40)
    elif kind != "missing":
        path.write_bytes({"bytes": b"hf_\xff\xfe", "empty": b" \n", "lines": b"hf_a\nhf_b"}[kind])
    assert tokens.offers(HUB) == ()
    assert tokens.signed_in(HUB) == SignIn(HUB)


def test_a_short_token_is_not_hinted_at(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    assert tokens.offers(HUB) == (TokenOffer("environment", ""),)


def test_no_repr_holds_a_token(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", OTHER)
    signed_in = tokens.keep(HUB, "alice", TOKEN)
    for thing in (tokens, *vars(tokens).values(), signed_in, tokens.offers(HUB)):
        assert "Marker" not in repr(thing)
