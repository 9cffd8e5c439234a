"""Stopping a transfer, and what the next try finds."""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import time
from pathlib import Path

import pytest

from desktop.services import transfer_rate, web
from desktop.services.errors import Cancelled
from desktop.services.progress import silent
from desktop.services.transfer import Limits, PartStore
from tests.hub_server import Fault, HubServer
from tests.services.transfer.hands import (
    CONFIG,
    DATA,
    SIZE,
    WEIGHTS,
    Diary,
    refused,
    remote,
    transfer,
)

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


def test_looking_at_what_was_kept_is_told_and_is_no_rate(
    hub: HubServer, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PartStore(tmp_path / "parts")
    store.folder.mkdir()
    (store.folder / hashlib.sha256(DATA[WEIGHTS]).hexdigest()).write_bytes(DATA[WEIGHTS])
    clock = itertools.count()
    # As slow a disk as one likes: each look at the clock is a second later.
    monkeypatch.setattr(transfer_rate.time, "monotonic", lambda: float(next(clock)))
    diary = Diary()
    transfer(hub, store=store, limits=Limits(head=1e6, silence=1e6, connect=1e6)).fetch(
        remote(hub, CONFIG, WEIGHTS), target, diary
    )
    looks = [told for told in diary if told.text == "Checking what was fetched before"]
    assert [told.done for told in looks] == [1 << 20, 2 << 20, SIZE + 3 - SIZE % 256]
    rest = diary[diary.index(looks[-1]) + 1 :]
    assert rest
    assert all(told.done >= looks[-1].done for told in rest)
    assert not any("/s" in told.text for told in rest[:1])


def test_what_was_fetched_goes_back_when_the_rest_goes_wrong(
    hub: HubServer, target: Path, tmp_path: Path
) -> None:
    store = PartStore(tmp_path / "parts")
    errand, files = transfer(hub, store=store), remote(hub)
    errand.fetch(files, target, silent)
    assert not store.folder.exists()
    errand.keep(files, target)
    assert {path.stat().st_size for path in store.folder.iterdir()} == {
        len(data) for data in DATA.values()
    }
    assert not [path for path in target.rglob("*") if path.is_file()]
    hub.reset_requests()
    errand.fetch(files, target, silent)
    assert not hub.requests
    transfer(hub).keep(files, target)
    assert (target / WEIGHTS).read_bytes() == DATA[WEIGHTS]


def test_a_visit_ends_with_the_fetch(hub: HubServer, target: Path) -> None:
    transfer(hub).fetch(remote(hub, CONFIG), target, silent)
    with pytest.raises(RuntimeError):
        web.current_visit()
