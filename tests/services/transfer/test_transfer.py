"""Files from a server: whole and verified, or a sentence that says why not and nothing else."""

from __future__ import annotations

import hashlib
import logging
import socket
import ssl
import time
from pathlib import Path

import pytest

from desktop.services.errors import RemoteError
from desktop.services.progress import silent
from desktop.services.transfer import Limits, RemoteFile, Transfer
from tests.hub_server import Fault, HubServer, http_date
from tests.services.raw_server import CERTIFICATE, RawServer, answer
from tests.services.transfer.hands import (
    CONFIG,
    DATA,
    QUICK,
    SECRET,
    WEIGHTS,
    Diary,
    Naps,
    ranges,
    remote,
    transfer,
)

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


def test_an_address_that_is_over_is_asked_for_anew(hub: HubServer, target: Path) -> None:
    """Storages sign addresses for a while; the way to the bytes begins at the hub each time."""
    hub.faults = [
        Fault("status", match="lfs", times=1, status=403),
        Fault("cut", match="lfs", times=1, after=1_000_000),
        Fault("status", match="lfs", times=1, status=400),
    ]
    transfer(hub).fetch(remote(hub, WEIGHTS), target, silent)
    assert (target / WEIGHTS).read_bytes() == DATA[WEIGHTS]
    assert len(hub.asked("resolve")) == len(ranges(hub)) == 4
    assert hub.sent("lfs") < len(DATA[WEIGHTS]) + 10_000


def test_a_range_that_is_refused_begins_anew_once(hub: HubServer, target: Path) -> None:
    hub.faults = [
        Fault("cut", match="lfs", times=1, after=1_000_000),
        Fault("status", match="lfs", times=1, status=416),
    ]
    transfer(hub).fetch(remote(hub, WEIGHTS), target, silent)
    assert (target / WEIGHTS).read_bytes() == DATA[WEIGHTS]
    first, resumed, anew = ranges(hub)
    assert (first, anew) == (None, None)
    assert resumed is not None


def test_the_first_byte_may_be_late(target: Path) -> None:
    """A server that gets the file from elsewhere first is silent for longer than others."""

    def say(to: socket.socket, head: str) -> None:
        server.closing.wait(0.9)
        to.sendall(answer(b"late"))

    limits = Limits(head=5.0, silence=0.3)
    with RawServer(say) as server:
        Transfer(server.url, limits=limits).fetch(
            [RemoteFile("x", f"{server.url}/x", 4)], target, silent
        )
    assert (target / "x").read_bytes() == b"late"
    assert len(server.heads) == 1
