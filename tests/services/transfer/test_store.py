"""Whole and verified files wait for the next try, and nothing else does."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled
from desktop.services.transfer_store import PartStore

DATA = b"weights" * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()
GIT = hashlib.sha1(b"blob %d\0" % len(DATA) + DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> PartStore:
    return PartStore(tmp_path / "parts")


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "whole"
    path.write_bytes(DATA)
    return path


@pytest.mark.parametrize("digest", [SHA256, GIT])
def test_a_file_comes_back_by_its_digest(
    store: PartStore, whole: Path, tmp_path: Path, digest: str
) -> None:
    assert store.keep(whole, digest)
    assert not whole.exists()
    assert store.take(digest, len(DATA), tmp_path / "again") == SHA256
    assert (tmp_path / "again").read_bytes() == DATA
    assert store.take(digest, len(DATA), tmp_path / "thrice") == ""
    store.tidy()
    assert not store.folder.exists()


@pytest.mark.parametrize("wrong", [DATA[:-1] + b"X", DATA[:-1], b""])
def test_what_is_wrong_is_deleted(store: PartStore, tmp_path: Path, wrong: bytes) -> None:
    store.folder.mkdir()
    (store.folder / SHA256).write_bytes(wrong)
    assert store.take(SHA256, len(DATA), tmp_path / "again") == ""
    assert not (tmp_path / "again").exists()
    assert not (store.folder / SHA256).exists()


def test_no_link_is_followed(store: PartStore, whole: Path, tmp_path: Path) -> None:
    store.folder.mkdir()
    for digest, link in ((SHA256, os.symlink), (GIT, os.link)):
        link(whole, store.folder / digest)
        assert store.take(digest, len(DATA), tmp_path / "again") == ""
        assert not os.path.lexists(tmp_path / "again")
    (tmp_path / "link").symlink_to(whole)
    assert not store.keep(tmp_path / "link", SHA256)
    assert whole.read_bytes() == DATA


@pytest.mark.parametrize("digest", ["", "../whole", SHA256.upper(), f"{SHA256}.tmp", "x" * 64])
def test_only_a_digest_is_a_name(store: PartStore, whole: Path, digest: str) -> None:
    assert not store.keep(whole, digest)
    assert store.take(digest, len(DATA), whole.with_name("again")) == ""
    assert whole.read_bytes() == DATA


def test_nothing_is_overwritten(store: PartStore, whole: Path, tmp_path: Path) -> None:
    store.keep(whole, SHA256)
    (tmp_path / "mine").write_bytes(b"mine")
    assert store.take(SHA256, len(DATA), tmp_path / "mine") == ""
    assert (tmp_path / "mine").read_bytes() == b"mine"
    assert (store.folder / SHA256).read_bytes() == DATA


def test_a_cancel_puts_it_back(store: PartStore, whole: Path, tmp_path: Path) -> None:
    store.keep(whole, SHA256)

    def stop(count: int) -> None:
        assert count == len(DATA)
        raise Cancelled

    with pytest.raises(Cancelled):
        store.take(SHA256, len(DATA), tmp_path / "again", stop)
    assert not (tmp_path / "again").exists()
    assert store.take(SHA256, len(DATA), tmp_path / "again") == SHA256


def test_another_disk_gets_a_whole_copy(
    store: PartStore, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def other_disk(path: Path, target: Path) -> Path:
        if path.suffix != ".tmp":
            raise OSError(18, "Invalid cross-device link")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", other_disk)
    assert store.keep(whole, SHA256)
    assert [path.name for path in store.folder.iterdir()] == [SHA256]
    assert store.take(SHA256, len(DATA), tmp_path / "again") == SHA256
    assert not any(store.folder.iterdir())


def test_tidy_keeps_what_is_young_and_not_too_much(tmp_path: Path) -> None:
    store = PartStore(tmp_path / "parts", most_bytes=250, days=7)
    store.folder.mkdir()
    now, day = time.time(), 86400
    ages = {"a": 0, "b": 1, "c": 2, "d": 8, "e": -30}
    for letter, days in ages.items():
        path = store.folder / (letter * 64)
        path.write_bytes(bytes(100))
        os.utime(path, (now - days * day, now - days * day))
    for name in ("README", "a" * 63, f"{'f' * 32}.tmp"):
        (store.folder / name).write_bytes(bytes(1000))
    old = now - 30 * day
    os.utime(store.folder / f"{'f' * 32}.tmp", (old, old))
    outside = tmp_path / "outside"
    outside.write_bytes(bytes(1000))
    (store.folder / ("9" * 64)).symlink_to(outside)
    store.tidy()
    assert {path.name for path in store.folder.iterdir()} == {
        "a" * 64,
        "b" * 64,
        "9" * 64,
        "README",
        "a" * 63,
    }
    assert outside.stat().st_size == 1000


def test_of_two_at_once_one_gets_it(store: PartStore, whole: Path, tmp_path: Path) -> None:
    for _ in range(20):
        whole.write_bytes(DATA)
        store.keep(whole, SHA256)
        barrier = threading.Barrier(4)
        got: list[str] = []

        def take(number: int, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            got.append(store.take(SHA256, len(DATA), tmp_path / f"again{number}"))  # noqa: B023

        threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(got) == ["", "", "", SHA256]
        for path in tmp_path.glob("again*"):
            assert path.read_bytes() == DATA
            path.unlink()
