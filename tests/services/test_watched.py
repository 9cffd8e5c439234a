"""Watched folders: what is new is told once, and nothing is imported."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import Cancelled, ConflictError, ValidationError
from desktop.services.watched import MOST_FOLDERS, SETTING
from tests.support import make_adapter


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    with open_services(tmp_path / "library" / "catalog.db") as opened:
        yield opened


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        make_adapter(tmp_path / "runs" / name)
    return tmp_path / "runs"


def names(services: Services) -> list[str]:
    return [Path(p).name for one in services.watched.look().news for p in one.paths]


def test_no_folder_is_watched_by_default(services: Services, runs: Path) -> None:
    assert services.watched.folders() == ()
    assert services.watched.look().count == 0


def test_new_ones_are_told_once_and_not_imported(services: Services, runs: Path) -> None:
    services.watched.add(runs)
    report = services.watched.look()
    assert [(one.folder, len(one.paths)) for one in report.news] == [(str(runs), 2)]
    assert services.watched.look().count == 0
    make_adapter(runs / "c" / "checkpoint-10")
    assert names(services) == ["checkpoint-10"]
    assert services.adapters.list_adapters() == []


def test_what_was_told_is_remembered_over_a_restart(
    services: Services, runs: Path, tmp_path: Path
) -> None:
    services.watched.add(runs)
    assert services.watched.look().count == 2
    with open_services(tmp_path / "library" / "catalog.db") as again:
        assert again.watched.folders() == (str(runs),)
        assert again.watched.look().count == 0


def test_what_is_in_the_library_is_not_new(services: Services, runs: Path) -> None:
    result = services.scan.scan([runs])
    services.scan.import_found(result.found[:1])
    services.watched.add(runs)
    assert names(services) == ["b"]


def test_one_that_is_half_written_is_told_when_it_is_whole(services: Services, runs: Path) -> None:
    services.watched.add(runs)
    assert services.watched.look().count == 2
    weights = make_adapter(runs / "c") / "adapter_model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    assert services.watched.look().count == 0
    weights.write_bytes(whole)
    assert names(services) == ["c"]
    weights.write_bytes(whole[: len(whole) // 2])  # the training saves anew
    assert services.watched.look().count == 0
    weights.write_bytes(whole)
    assert services.watched.look().count == 0


def test_a_folder_that_is_away_is_said_and_nothing_is_forgotten(
    services: Services, runs: Path
) -> None:
    services.watched.add(runs)
    assert services.watched.look().count == 2
    runs.rename(runs.with_name("away"))
    assert services.watched.look().away == (str(runs),)
    runs.with_name("away").rename(runs)
    report = services.watched.look()
    assert (report.away, report.count) == ((), 0)


def test_what_went_and_came_back_is_told_again(services: Services, runs: Path) -> None:
    services.watched.add(runs)
    assert services.watched.look().count == 2
    shutil.rmtree(runs / "a")
    assert services.watched.look().count == 0
    make_adapter(runs / "a")
    assert names(services) == ["a"]


def test_the_time_for_a_look_is_bounded(services: Services, runs: Path) -> None:
    services.watched.add(runs)
    report = services.watched.look(limit=0.0)
    assert report.unfinished
    later = services.watched.look()
    assert report.count + later.count == 2
    assert not later.unfinished


def test_a_look_can_be_cancelled(services: Services, runs: Path) -> None:
    services.watched.add(runs)

    def stop(_done: int, _total: int, _text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        services.watched.look(None, stop)


def test_folders_in_folders(services: Services, runs: Path, tmp_path: Path) -> None:
    services.watched.add(runs / "a")
    services.watched.add(tmp_path)
    assert services.watched.folders() == (str(tmp_path),)
    with pytest.raises(ConflictError, match="around it is watched already"):
        services.watched.add(runs / "b")
    with pytest.raises(ConflictError, match="This folder is watched already"):
        services.watched.add(tmp_path)
    services.watched.remove(str(tmp_path))
    assert services.watched.folders() == ()
    for n in range(MOST_FOLDERS):
        services.watched.add(f"/disk/{n}")
    with pytest.raises(ConflictError, match="are the most"):
        services.watched.add("/disk/more")


def test_odd_settings_and_files_are_no_trouble(services: Services, runs: Path) -> None:
    services.settings.set(SETTING, [3, "relative", str(runs), str(runs)])
    assert services.watched.folders() == (str(runs),)
    services.location.data.mkdir(parents=True, exist_ok=True)
    (services.location.data / "watched.json").write_text('{"version": 1, "told": [1]}')
    assert services.watched.look().count == 2
    (services.location.data / "watched.json").write_text("[" * 10)
    assert services.watched.look().count == 2


def test_the_whole_disk_can_be_watched(services: Services, runs: Path) -> None:
    services.watched.add(runs)
    services.watched.add("//")
    assert services.watched.folders() == ("/",)
    with pytest.raises(ConflictError, match="around it"):
        services.watched.add(runs)


def test_a_path_by_itself_is_looked_at(services: Services, runs: Path) -> None:
    services.watched.add(str(runs).encode())
    assert services.watched.folders() == (str(runs),)
    assert services.watched.look(str(runs)).count == 2
    services.watched.remove(runs)
    assert services.watched.folders() == ()


def test_what_is_no_path_is_not_watched(services: Services) -> None:
    odd: Any
    for odd in (None, 5, ["/tmp"]):
        with pytest.raises(TypeError, match="path"):
            services.watched.add(odd)
    for path in ("/a\x00b", "/\ud800"):
        with pytest.raises(ValidationError, match="half of another"):
            services.watched.add(path)
    assert services.watched.folders() == ()
