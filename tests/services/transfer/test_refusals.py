"""What a server sends that no file should be made of, and a disk that says no."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

import pytest

from desktop.services.errors import RemoteError
from desktop.services.progress import silent
from desktop.services.transfer import Limits, RemoteFile, Transfer
from desktop.services.transfer_file import Landing
from tests.hub_server import Fault, HubServer
from tests.services.raw_server import RawServer, answer
from tests.services.transfer.hands import (
    CONFIG,
    DATA,
    QUICK,
    WEIGHTS,
    Naps,
    ranges,
    refused,
    remote,
    transfer,
)

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


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_storage_that_refuses_for_good(hub: HubServer, target: Path, status: int) -> None:
    hub.fault = Fault("status", match="lfs", status=status)
    naps = Naps()
    error = refused("server", transfer(hub, naps), remote(hub, WEIGHTS), target)
    assert error.message.endswith(" leads to a storage that refuses adapter_model.safetensors.")
    assert len(ranges(hub)) == 2
    assert len(naps) == 1


def test_a_range_that_is_refused_and_then_the_whole(hub: HubServer, target: Path) -> None:
    hub.faults = [
        Fault("cut", match="lfs", times=1, after=1_000_000),
        Fault("status", match="lfs", status=416),
    ]
    refused("answer", transfer(hub), remote(hub, WEIGHTS), target)
    assert len(ranges(hub)) == 3


def test_an_answer_that_does_not_begin_has_two_tries(hub: HubServer, target: Path) -> None:
    hub.fault = Fault("stall_headers", match="lfs")
    limits = Limits(backoff=0.01, head=0.3, silence=30)
    error = refused("slow", transfer(hub, limits=limits), remote(hub, WEIGHTS), target)
    assert "takes too long to answer" in error.message
    assert len(ranges(hub)) == 2


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
