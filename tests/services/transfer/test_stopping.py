"""Stopping a transfer, and what the next try finds."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

import pytest

from desktop.services import web
from desktop.services.errors import Cancelled
from desktop.services.progress import silent
from desktop.services.transfer import Limits, PartStore
from tests.hub_server import Fault, HubServer
from tests.services.transfer.hands import (
    CONFIG,
    DATA,
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


def test_a_visit_ends_with_the_fetch(hub: HubServer, target: Path) -> None:
    transfer(hub).fetch(remote(hub, CONFIG), target, silent)
    with pytest.raises(RuntimeError):
        web.current_visit()
