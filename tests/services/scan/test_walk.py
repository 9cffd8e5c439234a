"""The walk by itself, in this process, where disks can be made to misbehave."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from desktop.services.peft_folder import files
from desktop.services.scan.walk import MAX_FILES, Walk
from tests.support import make_adapter


class Notes:
    """A sink that writes everything down."""

    def __init__(self) -> None:
        self.beats: list[str] = []
        self.adapters: list[tuple[str, list[str]]] = []
        self.skips: list[tuple[str, str]] = []
        self.mounts: list[str] = []
        self.listed: list[str] = []

    def beat(self, path: str) -> None:
        self.beats.append(path)

    def folder(self, path: str, mtime_ns: int, below: tuple[str, ...]) -> None:
        self.listed.append(path)

    def adapter(self, path: str, names: list[str], checksum: int) -> None:
        self.adapters.append((path, names))

    def same(self, path: str, mark: str) -> None:
        raise AssertionError("nothing is known")

    def mount(self, path: str) -> None:
        self.mounts.append(path)

    def store(self, path: str) -> None:
        self.listed.append(f"store {path}")

    def skip(self, path: str, code: str, reason: str) -> None:
        self.skips.append((path, code))


def test_a_million_files_in_one_folder(tmp_path: Path) -> None:
    """Names only: one listing, no look at any of them, few of them kept, and it says it lives."""
    many = tmp_path / "many"
    many.mkdir()
    here = os.open(many, os.O_RDONLY)
    (many / "0").touch()
    # Links to one file: a million entries of a folder without a million files of a disk.
    links = 0
    try:
        for number in range(1, 1_000_000):
            if links == 30_000:
                os.close(os.open(str(number), os.O_CREAT, dir_fd=here))
                source, links = str(number), 0
            elif number == 1:
                source = "0"
                os.link(source, str(number), src_dir_fd=here, dst_dir_fd=here)
            else:
                os.link(source, str(number), src_dir_fd=here, dst_dir_fd=here)
            links += 1
    finally:
        os.close(here)
    make_adapter(many)
    (many / "below").mkdir()
    make_adapter(many / "below")
    notes = Notes()
    walk = Walk(str(tmp_path), notes)
    walk.run()
    found = dict(notes.adapters)
    assert walk.folders == 3
    assert set(found) == {str(many), str(many / "below")}
    assert "adapter_config.json" in found[str(many)]
    assert len(found[str(many)]) <= MAX_FILES + 2
    assert len(notes.beats) >= 400


def test_it_keeps_as_many_names_as_an_inspection_lists() -> None:
    assert MAX_FILES == files.MAX_FILES


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_adapter(tmp_path / "open")
    (tmp_path / "shut").mkdir()
    _fail(monkeypatch, tmp_path / "shut", errno.EACCES)
    notes = Notes()
    Walk(str(tmp_path), notes).run()
    assert notes.skips == [(str(tmp_path / "shut"), "no_permission")]
    assert [path for path, _ in notes.adapters] == [str(tmp_path / "open")]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EIO, "unreachable"),
        (errno.ESTALE, "unreachable"),
        (errno.ENAMETOOLONG, "name_too_long"),
    ],
)
def test_other_trouble_is_told_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    (tmp_path / "ill").mkdir()
    _fail(monkeypatch, tmp_path / "ill", number)
    notes = Notes()
    Walk(str(tmp_path), notes).run()
    assert notes.skips == [(str(tmp_path / "ill"), code)]


def test_a_folder_that_vanishes_during_the_scan(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        make_adapter(tmp_path / name / "adapter")

    class Removing(Notes):
        def folder(self, path: str, mtime_ns: int, below: tuple[str, ...]) -> None:
            super().folder(path, mtime_ns, below)
            if path == str(tmp_path / "a"):
                shutil.rmtree(tmp_path / "b")

    notes = Removing()
    Walk(str(tmp_path), notes).run()
    assert notes.skips == [(str(tmp_path / "b"), "vanished")]
    assert [os.path.relpath(path, tmp_path) for path, _ in notes.adapters] == [
        "a/adapter",
        "c/adapter",
    ]


def test_other_file_systems_are_handed_back(tmp_path: Path) -> None:
    for name in ("here", "drive", "kernel"):
        make_adapter(tmp_path / name)
    notes = Notes()
    mounts = {str(tmp_path / "drive"): True, str(tmp_path / "kernel"): False}
    Walk(str(tmp_path), notes, {}, mounts).run()
    assert notes.mounts == [str(tmp_path / "drive")]
    assert notes.skips == [(str(tmp_path / "kernel"), "system")]
    assert [path for path, _ in notes.adapters] == [str(tmp_path / "here")]
    # A scan that begins there goes in.
    inside = Notes()
    Walk(str(tmp_path / "drive"), inside, {}, mounts).run()
    assert len(inside.adapters) == 1


def test_places_of_the_system_are_left_out_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where an ordinary file system holds them, as in a container."""
    real = os.scandir
    listed: list[str] = []

    class Few:
        def __init__(self, entries: list[Any]) -> None:
            self.entries = entries

        def __enter__(self) -> list[Any]:
            return self.entries

        def __exit__(self, *_: object) -> None:
            return None

    def scandir(path: str) -> Few:
        listed.append(path)
        with real(path) as entries:
            return Few([entry for entry in entries if path == "/" and entry.is_dir()])

    monkeypatch.setattr(os, "scandir", scandir)
    notes = Notes()
    Walk("/", notes).run()
    there = {path for path in ("/proc", "/sys", "/dev") if os.path.isdir(path)}
    assert {path for path, code in notes.skips if code == "system"} == there
    assert "/" in listed
    assert not there & set(listed)


def test_the_same_folder_by_two_ways_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a bind mount, which also can lead in a circle."""
    make_adapter(tmp_path / "one")
    (tmp_path / "two").mkdir()
    real = os.stat
    same = real(tmp_path / "one")

    def stat(path: Any, **more: Any) -> os.stat_result:
        return same if path == str(tmp_path / "two") else real(path, **more)

    monkeypatch.setattr(os, "stat", stat)
    notes = Notes()
    Walk(str(tmp_path), notes).run()
    assert notes.skips == [(str(tmp_path / "two"), "twice")]


def test_some_folders_are_never_entered(tmp_path: Path) -> None:
    for name in (".git", "node_modules", "__pycache__", ".venv", ".cache"):
        make_adapter(tmp_path / name / "adapter")
    make_adapter(tmp_path / ".hidden")
    notes = Notes()
    Walk(str(tmp_path), notes).run()
    assert [path for path, _ in notes.adapters] == [str(tmp_path / ".hidden")]
    begun = Notes()
    Walk(str(tmp_path / ".cache"), begun).run()
    assert len(begun.adapters) == 1


def test_names_that_are_no_text(tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    make_adapter(Path(odd))
    notes = Notes()
    Walk(str(tmp_path), notes).run()
    assert [path for path, _ in notes.adapters] == [odd]


def _fail(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int) -> None:
    real = os.scandir

    def scandir(path: Any) -> Any:
        if path == str(folder):
            raise OSError(number, os.strerror(number), path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
