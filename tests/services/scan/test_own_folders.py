"""What Lorarium keeps for itself is nobody's find: trash, staging, what was fetched in part."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from desktop.bootstrap import Services
from desktop.services.scan.records import Found, FoundState
from desktop.services.settings import Settings
from desktop.services.watched import Watched
from tests.support import make_adapter


@pytest.fixture
def kept(services: Services, base: str, tmp_path: Path) -> Path:
    """The library's folder: one managed adapter, one that no row has, and leftovers everywhere."""
    place = services.location
    source = make_adapter(tmp_path / "source")
    given = {"name": "mine", "model_id": base, "location": str(source), "copy": True}
    assert services.imports.import_adapter("project", given).managed
    for folder in (place.adapters, place.trash, place.staging, place.partial, place.backups):
        make_adapter(folder / "leftover", rank=4)
    make_adapter(place.data / "other" / "adapter", rank=2)
    return place.data


def named(found: tuple[Found, ...], root: Path) -> dict[str, FoundState]:
    return {str(Path(one.path).relative_to(root)): one.state for one in found}


def test_only_managed_ones_are_told_and_as_known(services: Services, kept: Path) -> None:
    result = services.scan.scan([kept])
    told = named(result.found, kept)
    mine = [path for path, state in told.items() if state == FoundState.KNOWN]
    assert len(mine) == 1
    assert mine[0].startswith("adapters/mine")
    assert told == {mine[0]: FoundState.KNOWN, "other/adapter": FoundState.NEW}
    assert {(Path(s.path).relative_to(kept).as_posix(), s.code) for s in result.skipped} == {
        (name, "own") for name in ("trash", "staging", "partial", "backups", "adapters/leftover")
    }
    again = services.scan.scan([kept])
    assert named(again.found, kept) == told
    assert set(again.skipped) == set(result.skipped)


def test_by_a_link_and_from_inside_too(services: Services, kept: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(kept)
    states = set(named(services.scan.scan([link]).found, link).values())
    assert states == {FoundState.KNOWN, FoundState.NEW}
    for inside in (kept / "trash", link / "trash", kept / "partial" / "leftover"):
        result = services.scan.scan([inside])
        assert (result.found, [s.code for s in result.skipped]) == ((), ["own"])
    store = services.scan.scan([link / "adapters"])
    assert [one.state for one in store.found] == [FoundState.KNOWN]


def test_watching_tells_none_of_them(services: Services, kept: Path, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "config")
    watched = Watched(settings, lambda: services.scan, tmp_path)
    watched.add(kept)
    assert [Path(p).name for one in watched.look().news for p in one.paths] == ["adapter"]


def test_none_of_them_can_be_imported(services: Services, kept: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(kept / "trash" / "leftover", tmp_path / "elsewhere")
    (found,) = services.scan.scan([elsewhere]).found
    for folder in ("trash", "adapters", "staging"):
        place = kept / folder / "leftover"
        shutil.rmtree(place)
        shutil.copytree(elsewhere, place)  # with the times, so with the fingerprint
        done = services.scan.import_found([found._replace(path=str(place))])
        assert [r.findings[0].code for r in done.refused] == ["own_folder"]
    assert len(services.scan.import_found([found]).records) == 1
