"""Files from a server: whole and verified, or a sentence that says why not and nothing else."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import socket
import ssl
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from desktop.services import web
from desktop.services.errors import REMOTE_CODES, Cancelled, RemoteError
from desktop.services.progress import silent
from desktop.services.transfer import Limits, PartStore, RemoteFile, Transfer
from desktop.services.transfer_file import Landing
from tests.hub_server import Fault, HubServer, http_date
from tests.services.raw_server import CERTIFICATE, RawServer, answer

SECRET = "Bearer hf_SECRETSECRET"
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
SIZE = 3_000_000
QUICK = Limits(backoff=0.01, silence=0.4, connect=2.0, window=0.5, least_rate=1000.0)
DATA = {
    CONFIG: b'{"r": 8}',
    WEIGHTS: bytes(range(256)) * (SIZE // 256) + b"end",
    "tokenizer/vocab.txt": b"a b c",
}


class Naps(list[float]):
    """Instead of sleeping: the seconds of each pause."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


class Told(NamedTuple):
    done: int
    total: int
    text: str


class Diary(list[Told]):
    """A progress that keeps what it was told; `stop` may raise."""

    stop: Callable[[], None] = staticmethod(lambda: None)

    def __call__(self, done: int, total: int, text: str) -> None:
        self.append(Told(done, total, text))
        self.stop()


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add_user("me", SECRET.removeprefix("Bearer "))
        server.add_repo("acme/sql", DATA)
        yield server


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "staging"
    folder.mkdir()
    return folder


def remote(hub: HubServer, *names: str, **about: Any) -> list[RemoteFile]:
    """Files of the repository as a listing announces them."""
    repo = hub.routes.repos["acme/sql"]
    files = []
    for name in names or DATA:
        data = repo.files[name]
        known: dict[str, Any] = {"size": len(data)}
        if name == WEIGHTS:
            known["sha256"] = hashlib.sha256(data).hexdigest()
        else:
            known["git_sha1"] = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        url = f"{hub.url}/acme/sql/resolve/{repo.commit}/{name}"
        files.append(RemoteFile(name, url, **{**known, **about}))
    return files


def transfer(hub: HubServer, naps: Naps | None = None, **options: Any) -> Transfer:
    given = {
        "headers": {"Authorization": SECRET},
        "limits": QUICK,
        "wait": Naps() if naps is None else naps,
    }
    return Transfer(hub.url, **{**given, **options})


def refused(code: str, errand: Transfer, files: list[RemoteFile], target: Path) -> RemoteError:
    """The error of a fetch, which has to have this code and leave nothing of the last file."""
    with pytest.raises(RemoteError) as caught:
        errand.fetch(files, target, silent)
    error = caught.value
    assert (error.code, error.code in REMOTE_CODES) == (code, True)
    for sentence in (error.message, error.advice):
        assert sentence.endswith(".")
    assert "SECRET" not in "".join(traceback.format_exception(error))
    assert not (target / files[-1].name).exists()
    return error


def ranges(hub: HubServer) -> list[str | None]:
    return [request.headers.get("range") for request in hub.asked(f"lfs.*{WEIGHTS}")]


# -- when all goes well ------------------------------------------------------------------------


def test_files_come_whole_and_verified(hub: HubServer, target: Path) -> None:
    diary = Diary()
    got = transfer(hub).fetch(remote(hub), target, diary)
    assert got == {name: hashlib.sha256(data).hexdigest() for name, data in DATA.items()}
    for name, data in DATA.items():
        assert (target / name).read_bytes() == data
    total = sum(len(data) for data in DATA.values())
    assert diary[0][:2] == (0, total)
    assert diary[-1][:2] == (total, total)
    assert [told.done for told in diary] == sorted(told.done for told in diary)
    assert diary[-1].text.startswith("3.00 of 3.00 MB")
    assert all(r.headers["accept-encoding"] == "identity" for r in hub.requests)


def test_the_token_goes_to_its_home_only(
    hub: HubServer, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    errand = transfer(hub)
    files = remote(hub)
    errand.fetch(files, target, silent)
    home, other = hub.url.partition("//")[2], hub.lfs_host.partition("//")[2]
    for request in hub.requests:
        assert request.headers.get("authorization") == {home: SECRET, other: None}[request.host]
    assert {request.host for request in hub.requests} == {home, other}
    assert "SECRET" not in f"{errand!r} {files!r} {caplog.text}"
    assert "Signature" not in caplog.text


def test_an_empty_file_and_unknown_sizes(hub: HubServer, target: Path) -> None:
    hub.routes.repos["acme/sql"].push({"empty.txt": b""})
    files = remote(hub, "empty.txt") + remote(hub, CONFIG, size=None)
    diary = Diary()
    transfer(hub).fetch(files, target, diary)
    assert (target / "empty.txt").read_bytes() == b""
    assert (target / CONFIG).read_bytes() == DATA[CONFIG]
    assert {told.total for told in diary} == {0}
    assert diary[-1].text.startswith("8 B")


def test_a_certificate_has_to_be_trusted(target: Path) -> None:
    with RawServer(lambda to, _: to.sendall(answer(b"secure")), secure=True) as server:
        files = [RemoteFile("x", f"{server.url}/x", 6)]
        with pytest.raises(RemoteError) as caught:
            Transfer(server.url, limits=QUICK).fetch(files, target, silent)
        assert caught.value.code == "tls"
        trust = ssl.create_default_context(cafile=CERTIFICATE)
        Transfer(server.url, limits=QUICK, verify=trust).fetch(files, target, silent)
    assert (target / "x").read_bytes() == b"secure"


# -- another try -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cut", "reset", "stall"])
def test_it_goes_on_where_the_connection_broke(hub: HubServer, target: Path, kind: str) -> None:
    hub.fault = Fault(kind, match="lfs", times=2, after=1_000_000)
    transfer(hub).fetch(remote(hub), target, silent)
    assert (target / WEIGHTS).read_bytes() == DATA[WEIGHTS]
    starts = [0 if not r else int(r.removeprefix("bytes=").rstrip("-")) for r in ranges(hub)]
    assert len(starts) == 3
    assert starts[0] == 0 < starts[1] < starts[2]
    if kind != "reset":  # which may take what was on the way with it
        assert hub.sent("lfs") == len(DATA[WEIGHTS])


@pytest.mark.parametrize("kind", ["no_range", "wrong_range"])
def test_a_server_without_ranges_starts_anew(hub: HubServer, target: Path, kind: str) -> None:
    hub.faults = [Fault("cut", match="lfs", times=1, after=1_000_000), Fault(kind, match="lfs")]
    diary = Diary()
    transfer(hub).fetch(remote(hub), target, diary)
    assert (target / WEIGHTS).read_bytes() == DATA[WEIGHTS]
    assert diary[-1].done == diary[-1].total


def test_without_a_digest_a_range_needs_the_same_version(target: Path) -> None:
    body = bytes(range(256)) * 40

    def say(to: socket.socket, head: str) -> None:
        head = head.lower()
        tag = {} if "/untagged" in head else {"ETag": '"v1"'}
        if "range: bytes=" in head:
            start = int(head.split("range: bytes=")[1].split("-")[0])
            span = f"bytes {start}-{len(body) - 1}/{len(body)}"
            to.sendall(answer(body[start:], "206 Partial Content", Content_Range=span, **tag))
        elif sum(h.split()[1] == head.split()[1] for h in server.heads) > 1:
            to.sendall(answer(body, **tag))
        else:
            to.sendall(answer(body, **tag)[:-5000])
            to.shutdown(socket.SHUT_RDWR)

    with RawServer(say) as server:
        files = [RemoteFile(n, f"{server.url}/{n}", len(body)) for n in ("tagged", "untagged")]
        Transfer(server.url, limits=QUICK, wait=Naps()).fetch(files, target, silent)
    for file in files:
        assert (target / file.name).read_bytes() == body
    assert 'if-range: "v1"' in server.heads[1].lower()
    assert "range:" not in server.heads[3].lower()


def test_the_end_of_a_connection_is_no_end_of_a_file(target: Path) -> None:
    """HTTP/1.0 style: nothing but the end of the connection says where the body ends."""

    def say(to: socket.socket, head: str) -> None:
        to.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + (b"half" if len(server.heads) < 3 else b"halfway"))
        to.shutdown(socket.SHUT_RDWR)

    with RawServer(say) as server:
        file = RemoteFile("x", f"{server.url}/x", 7)
        Transfer(server.url, limits=QUICK, wait=Naps()).fetch([file], target, silent)
    assert (target / "x").read_bytes() == b"halfway"
    assert len(server.heads) == 3


def test_a_fault_of_the_server_passes(hub: HubServer, target: Path) -> None:
    hub.faults = [Fault("status", match=WEIGHTS, times=2, status=503)]
    naps = Naps()
    limits = Limits(backoff=0.5)
    transfer(hub, naps, limits=limits).fetch(remote(hub, WEIGHTS), target, silent)
    assert (target / WEIGHTS).read_bytes() == DATA[WEIGHTS]
    assert sum(naps) == pytest.approx(0.5 + 1.0)
    assert max(naps) <= 0.2


@pytest.mark.parametrize("how", ["seconds", "date", "window", "for ever"])
def test_it_waits_as_long_as_the_server_asks(hub: HubServer, target: Path, how: str) -> None:
    asked = {
        "seconds": 30,
        "date": http_date(time.time() + 30),
        "window": None,  # only the RateLimit header, which says 60
        "for ever": 10**9,
    }[how]
    hub.fault = Fault("status", match="lfs", times=1, status=429, retry_after=asked)
    naps, diary = Naps(), Diary()
    transfer(hub, naps).fetch(remote(hub), target, diary)
    expected = {"window": 60, "for ever": QUICK.most_wait}.get(how, 30)
    assert sum(naps) == pytest.approx(expected, abs=2)
    assert any(told.text.startswith("The server asks to wait ") for told in diary)
    if how == "seconds":
        assert any(told.text == "The server asks to wait 30 s" for told in diary)


def test_a_wrong_byte_is_fetched_once_more(hub: HubServer, target: Path) -> None:
    hub.fault = Fault("wrong_bytes", match="lfs", times=1)
    transfer(hub).fetch(remote(hub), target, silent)
    assert (target / WEIGHTS).read_bytes() == DATA[WEIGHTS]
    assert ranges(hub) == [None, None]


# -- when it can't be had ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cut", "reset"])
def test_a_connection_that_always_breaks(hub: HubServer, target: Path, kind: str) -> None:
    hub.faults = [
        Fault("cut", match="lfs", times=1, after=2_000_000),
        Fault(kind, match="lfs", after=-1),
    ]
    naps = Naps()
    error = refused("cut", transfer(hub, naps), remote(hub), target)
    assert error.message == "The connection broke after 2.00 of 3.00 MB."
    assert error.advice == "Try again fetches only the files that are not complete."
    assert len(ranges(hub)) == QUICK.tries
    assert len(naps) == QUICK.tries - 1


def test_a_connection_that_breaks_before_the_first_byte(hub: HubServer, target: Path) -> None:
    hub.fault = Fault("reset", after=-1)
    error = refused("cut", transfer(hub), remote(hub, WEIGHTS), target)
    assert "127.0.0.1" in error.message
    assert len(hub.requests) == QUICK.tries


def test_a_server_that_is_not_there_is_told_at_once(target: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    naps = Naps()
    errand = Transfer(url, limits=QUICK, wait=naps)
    error = refused("unreachable", errand, [RemoteFile("x", f"{url}/x")], target)
    assert "refuses the connection" in error.message
    assert naps == []


@pytest.mark.parametrize("kind", ["stall", "stall_headers", "drip"])
def test_silence_and_drips_end(hub: HubServer, target: Path, kind: str) -> None:
    hub.fault = Fault(kind, match="lfs", after=0 if kind == "stall_headers" else 100_000)
    begun = time.monotonic()
    error = refused("slow", transfer(hub), remote(hub), target)
    assert time.monotonic() - begun < 4
    assert "127.0.0.1" in error.message


@pytest.mark.parametrize(
    ("status", "code", "tries"),
    [
        (401, "token", 1), (403, "forbidden", 1), (404, "entry", 1), (410, "entry", 1),
        (416, "answer", 1), (400, "answer", 1), (204, "answer", 1), (304, "answer", 1),
        (429, "rate", 5), (500, "server", 5), (503, "server", 5), (504, "server", 5),
    ],
)  # fmt: skip
def test_a_server_that_refuses(
    hub: HubServer, target: Path, status: int, code: str, tries: int
) -> None:
    hub.fault = Fault("status", match=WEIGHTS, status=status, retry_after=0)
    refused(code, transfer(hub), remote(hub, WEIGHTS), target)
    assert len(hub.requests) == tries


def test_wrong_bytes_are_refused_by_name(hub: HubServer, target: Path) -> None:
    hub.fault = Fault("wrong_bytes", match="lfs")
    error = refused("wrong_bytes", transfer(hub), remote(hub), target)
    assert error.message == "adapter_model.safetensors does not match its announced sha256."
    assert error.advice == "Nothing was imported."
    assert len(ranges(hub)) == 2
    hub.fault = Fault("wrong_bytes", match=CONFIG)
    for size in (len(DATA[CONFIG]), None):
        clean = target / str(size)
        clean.mkdir()
        error = refused("wrong_bytes", transfer(hub), remote(hub, CONFIG, size=size), clean)
        assert error.message == "adapter_config.json does not match its announced git SHA-1."


def test_a_file_that_is_too_short(hub: HubServer, target: Path) -> None:
    files = remote(hub, CONFIG, size=12)
    error = refused("wrong_bytes", transfer(hub), files, target)
    assert error.message == "adapter_config.json has 8 B instead of the announced 12 B."


@pytest.mark.parametrize("kind", ["too_long", "endless"])
def test_the_announced_size_is_a_limit(
    hub: HubServer, target: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    most: list[int] = []
    discard = Landing.discard

    def look(landing: Landing) -> None:
        most.append(landing.path.stat().st_size)
        discard(landing)

    monkeypatch.setattr(Landing, "discard", look)
    hub.fault = Fault(kind, match="lfs", size=1000)
    error = refused("too_large", transfer(hub), remote(hub), target)
    assert error.message == "adapter_model.safetensors is larger than the announced 3 MB."
    assert max(most) <= len(DATA[WEIGHTS])
    assert len(ranges(hub)) == 1


def test_a_file_of_unknown_size_has_a_limit(hub: HubServer, target: Path) -> None:
    hub.fault = Fault("endless", match="lfs")
    limits = Limits(most_bytes=4_000_000)
    files = remote(hub, WEIGHTS, size=None)
    error = refused("too_large", transfer(hub, limits=limits), files, target)
    assert "4 MB, the most that Lorarium fetches" in error.message
    assert hub.sent("lfs") < 40_000_000


@pytest.mark.parametrize("kind", ["gzip", "gzip_bomb"])
def test_packed_bytes_are_no_file(hub: HubServer, target: Path, kind: str) -> None:
    hub.fault = Fault(kind, match="lfs", size=1 << 20)
    refused("answer", transfer(hub), remote(hub), target)


def test_a_web_page_is_no_file(hub: HubServer, target: Path) -> None:
    hub.fault = Fault("page", match=WEIGHTS)
    error = refused("answer", transfer(hub), remote(hub), target)
    assert "sends a web page instead of adapter_model.safetensors" in error.message


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("file:///etc/passwd", "address"),
        ("http://10.0.0.1/x", "address"),
        ("https://169.254.169.254/x", "address"),
        ("", "answer"),
    ],
)
def test_redirects_that_nobody_follows(hub: HubServer, target: Path, place: str, code: str) -> None:
    hub.fault = Fault("redirect_to", match=WEIGHTS, to=place)
    refused(code, transfer(hub), remote(hub), target)


def test_ranges_that_nobody_asked_for(target: Path) -> None:
    with RawServer(
        lambda to, _: to.sendall(answer(b"x", "206 Partial Content", Content_Range="bytes 5-5/9"))
    ) as server:
        errand = Transfer(server.url, limits=QUICK, wait=Naps())
        refused("answer", errand, [RemoteFile("x", f"{server.url}/x", 9)], target)
    assert len(server.heads) == 2


@pytest.mark.parametrize(
    "name",
    ["", "/etc/x", "../x", "a/../../x", "a//b", "./a", "a\\b", "C:x", "nul\0", "a/...", "x\ny"],
)
def test_names_that_lead_elsewhere(hub: HubServer, target: Path, name: str) -> None:
    with pytest.raises(RemoteError) as caught:
        transfer(hub).fetch([RemoteFile(name, f"{hub.url}/x", 1)], target, silent)
    assert caught.value.code == "listing"
    assert caught.value.message.isprintable()
    assert list(target.parent.rglob("*")) == [target]
    assert not hub.requests


def test_a_link_in_the_folder_leads_nowhere(hub: HubServer, target: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (target / "tokenizer").symlink_to(outside)
    with pytest.raises(RemoteError) as caught:
        transfer(hub).fetch(remote(hub), target, silent)
    assert caught.value.code == "listing"
    (target / CONFIG).symlink_to(outside / "new")
    with pytest.raises(RemoteError) as caught:
        transfer(hub).fetch(remote(hub, CONFIG), target, silent)
    assert caught.value.code == "disk"
    assert list(outside.iterdir()) == []


# -- the disk ----------------------------------------------------------------------------------


def test_room_is_asked_for_before(
    hub: HubServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(target)._replace(free=1_200_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    error = refused("disk", transfer(hub), remote(hub), target)
    assert error.message == "The download needs 3.82 MB, and 1.2 MB are free."
    assert not hub.requests
    transfer(hub).fetch(remote(hub, CONFIG), target, silent)


def test_a_disk_that_is_full_in_the_middle(
    hub: HubServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Landing._begin

    def on_a_full_disk(landing: Landing) -> None:
        begin(landing)
        landing._writer.close()
        landing._writer = open("/dev/full", "wb", buffering=0)  # noqa: SIM115

    monkeypatch.setattr(Landing, "_begin", on_a_full_disk)
    error = refused("disk", transfer(hub), remote(hub, WEIGHTS), target)
    assert error.message == "The disk is full."


def test_what_is_there_is_not_overwritten(hub: HubServer, target: Path) -> None:
    (target / CONFIG).write_bytes(b"mine")
    with pytest.raises(RemoteError) as caught:
        transfer(hub).fetch(remote(hub, CONFIG), target, silent)
    assert caught.value.code == "disk"
    assert (target / CONFIG).read_bytes() == b"mine"


# -- stopping, and the next try ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["stall_headers", "stall", "drip", "status"])
def test_cancel_acts_within_a_second(hub: HubServer, target: Path, kind: str) -> None:
    hub.fault = Fault(kind, match="lfs", retry_after=60)
    patient = Limits(silence=30, window=30)
    diary = Diary()

    def stop() -> None:
        if time.monotonic() - begun > 0.5:
            raise Cancelled

    diary.stop = stop  # type: ignore[method-assign]
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        transfer(hub, limits=patient, wait=time.sleep).fetch(remote(hub), target, diary)
    assert time.monotonic() - begun < 1.5
    assert not (target / WEIGHTS).exists()


def test_the_next_try_fetches_what_is_missing(hub: HubServer, target: Path, tmp_path: Path) -> None:
    store = PartStore(tmp_path / "parts")
    files = remote(hub, CONFIG, WEIGHTS, "tokenizer/vocab.txt")
    hub.fault = Fault("status", match="vocab", status=404)
    refused("entry", transfer(hub, store=store), files, target)
    assert len(list(store.folder.iterdir())) == 2
    shutil.rmtree(target)
    target.mkdir()
    hub.fault = None
    hub.reset_requests()
    diary = Diary()
    got = transfer(hub, store=store).fetch(files, target, diary)
    assert got == {name: hashlib.sha256(data).hexdigest() for name, data in DATA.items()}
    for name, data in DATA.items():
        assert (target / name).read_bytes() == data
    assert [request.path.rpartition("/")[2] for request in hub.requests] == ["vocab.txt"]
    assert diary[-1].done == diary[-1].total
    assert not store.folder.exists()


def test_what_was_verified_before_a_cancel_is_kept(
    hub: HubServer, target: Path, tmp_path: Path
) -> None:
    store = PartStore(tmp_path / "parts")
    hub.fault = Fault("stall", match="vocab")
    diary = Diary()

    def stop() -> None:
        if hub.asked("vocab"):
            raise Cancelled

    diary.stop = stop  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        transfer(hub, store=store, wait=time.sleep).fetch(remote(hub), target, diary)
    assert {path.stat().st_size for path in store.folder.iterdir()} == {
        len(DATA[CONFIG]),
        len(DATA[WEIGHTS]),
    }
    assert not [path for path in target.rglob("*") if path.is_file()]


def test_a_part_that_went_bad_is_fetched_again(
    hub: HubServer, target: Path, tmp_path: Path
) -> None:
    store = PartStore(tmp_path / "parts")
    store.folder.mkdir()
    bad = store.folder / hashlib.sha256(DATA[WEIGHTS]).hexdigest()
    bad.write_bytes(DATA[WEIGHTS][:-1] + b"X")
    transfer(hub, store=store).fetch(remote(hub), target, silent)
    assert (target / WEIGHTS).read_bytes() == DATA[WEIGHTS]
    assert not os.path.lexists(bad)


def test_a_visit_ends_with_the_fetch(hub: HubServer, target: Path) -> None:
    transfer(hub).fetch(remote(hub, CONFIG), target, silent)
    with pytest.raises(RuntimeError):
        web.current_visit()
