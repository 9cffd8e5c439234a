"""The look at the adapters' folders: mounts, states, and mounts that never answer."""

from __future__ import annotations

import errno
import io
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.services import folder_watch
from desktop.services.errors import Cancelled
from desktop.services.folder_watch import look, look_at_all, mount_of, mount_points, volumes
from desktop.services.peft_folder import fingerprint
from desktop.services.records import FolderState
from tests.support import make_adapter

MOUNTS = r"""
proc /proc proc rw 0 0
sysfs /sys sysfs rw 0 0
/dev/sda1 / ext4 rw 0 0
/dev/sda2 /boot ext4 rw 0 0
/dev/sda3 /boot/efi vfat rw 0 0
tmpfs /run/user/1000 tmpfs rw 0 0
gvfsd-fuse /run/user/1000/gvfs fuse.gvfsd-fuse rw 0 0
/dev/loop1 /snap/core/1 squashfs ro 0 0
overlay /var/lib/docker/overlay2/a/merged overlay rw 0 0
nas:/export/llm /mnt/nas\040of\040the\040team nfs4 rw 0 0
nas:/export/backslash /mnt/a\134040b nfs4 rw 0 0
/dev/sdb1 /media/me/Übung ext4 rw 0 0
/dev/sdc1 /mnt ext4 rw 0 0
me@host:/ /home/me/far fuse.sshfs rw 0 0

short
"""


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mounts above in the place of this machine's."""

    def opened(path: str, *_: Any, **__: Any) -> io.StringIO:
        assert path == "/proc/self/mounts"
        return io.StringIO(MOUNTS)

    monkeypatch.setattr(folder_watch.sys, "platform", "linux")
    monkeypatch.setattr(folder_watch, "open", opened, raising=False)


@pytest.mark.usefixtures("mounts")
def test_mount_points_are_read_with_their_escapes_longest_first() -> None:
    points = mount_points()
    assert "/mnt/nas of the team" in points
    assert "/media/me/Übung" in points
    # A backslash in a name is written \134, and what follows it is text.
    assert r"/mnt/a\040b" in points
    assert points[-1] == "/"
    assert [len(p) for p in points] == sorted((len(p) for p in points), reverse=True)


@pytest.mark.usefixtures("mounts")
def test_volumes_are_those_that_a_person_keeps_files_on() -> None:
    assert volumes() == [
        "/home/me/far",
        "/media/me/Übung",
        "/mnt",
        r"/mnt/a\040b",
        "/mnt/nas of the team",
    ]


def test_without_a_list_of_mounts_there_is_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: Any, **__: Any) -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(folder_watch, "open", closed, raising=False)
    assert mount_points() == ["/"]
    assert volumes() == []


def test_mac_volumes_are_mounts_of_their_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folder_watch.sys, "platform", "darwin")
    monkeypatch.setattr(folder_watch.os, "listdir", lambda _: ["Macintosh HD", "Disk"])
    monkeypatch.setattr(folder_watch.os.path, "islink", lambda p: p.endswith("HD"))
    assert volumes() == ["/Volumes/Disk"]
    assert mount_points() == ["/Volumes/Disk", "/"]


def test_the_mount_of_a_path_is_found_without_asking_the_disk() -> None:
    points = ["/mnt/nas/deep", "/mnt/nas", "/"]
    assert mount_of("/mnt/nas/deep/er", points) == "/mnt/nas/deep"
    assert mount_of("/mnt/nas", points) == "/mnt/nas"
    assert mount_of("/mnt/nasty", points) == "/"
    assert mount_of("relative", []) == "/"


def test_a_look_tells_the_states_apart(tmp_path: Path) -> None:
    adapter = make_adapter(tmp_path / "sql")
    known = fingerprint(adapter)
    assert look(str(adapter), known) is FolderState.OK
    assert look(str(adapter), None) is FolderState.OK
    make_adapter(adapter, rank=4)
    assert look(str(adapter), known) is FolderState.CHANGED
    shutil.rmtree(adapter)
    assert look(str(adapter), known) is FolderState.MISSING
    adapter.write_text("a file now")
    assert look(str(adapter), known) is FolderState.MISSING
    assert look(None, known) is FolderState.MISSING
    assert look("", known) is FolderState.MISSING
    assert look("/a\0b", known) is FolderState.MISSING
    assert look("/" + "x" * 5000, known) is FolderState.MISSING


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES, errno.EHOSTDOWN])
def test_a_disk_that_complains_is_not_reachable(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def complain(_: str) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(folder_watch.os, "stat", complain)
    assert look("/mnt/nas/sql", "") is FolderState.UNREACHABLE


def test_names_that_are_not_utf8_are_looked_at_byte_for_byte(tmp_path: Path) -> None:
    folder = make_adapter(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    assert look(str(folder), fingerprint(folder)) is FolderState.OK


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Folders below /hangs never answer, until the event is set."""
    answer = threading.Event()

    def slow(path: str | None, known: str | None) -> FolderState:
        if path and path.startswith("/hangs"):
            answer.wait(30)
        return FolderState.OK

    monkeypatch.setattr(folder_watch, "mount_points", lambda: ["/hangs/2", "/hangs", "/"])
    monkeypatch.setattr(folder_watch, "look", slow)
    yield answer
    answer.set()


def test_a_mount_that_hangs_costs_its_own_folders_alone(hanging: threading.Event) -> None:
    places = [("a", "/ok/1", None), ("b", "/hangs/1", None), ("c", "/hangs/x", None)]
    places += [("d", "/ok/2", None), ("e", "/hangs/2/y", None), ("f", None, None)]
    states = look_at_all(places, limit=0.05)
    away = FolderState.UNREACHABLE
    ok = FolderState.OK
    assert states == {"a": ok, "b": away, "c": away, "d": ok, "e": away, "f": ok}


def test_who_asks_to_stop_is_not_kept(hanging: threading.Event) -> None:
    def stop(_done: int, total: int, _text: str) -> None:
        assert total == 2
        raise Cancelled

    with pytest.raises(Cancelled):
        look_at_all([("a", "/hangs/1", None), ("b", "/hangs/3", None)], stop, limit=20)
    hanging.set()
    for thread in threading.enumerate():
        if thread.name == "lorarium-look":
            thread.join(3)
            assert not thread.is_alive()


def test_all_folders_are_looked_at_and_counted(tmp_path: Path) -> None:
    places = []
    for number in range(40):
        folder = make_adapter(tmp_path / str(number))
        places.append((str(number), str(folder), fingerprint(folder)))
    shutil.rmtree(tmp_path / "7")
    said: list[tuple[int, int, str]] = []

    def hear(done: int, total: int, text: str) -> None:
        said.append((done, total, text))

    states = look_at_all(places, hear)
    assert states.pop("7") is FolderState.MISSING
    assert set(states.values()) == {FolderState.OK}
    assert all(total == 40 for _, total, _ in said)
    assert look_at_all([]) == {}
