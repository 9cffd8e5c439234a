"""Where a scan begins, however that is given, and what it leaves out by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import Cancelled
from desktop.services.scan.records import FoundState
from desktop.services.scan.roots import outermost, paths_of
from tests.services.scan.support import states
from tests.support import make_adapter


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setenv("LORARIUM_DATA", str(tmp_path / "data"))
    with open_services(tmp_path / "data" / "catalog.db") as opened:
        yield opened


def test_the_root_of_the_disk_is_a_root() -> None:
    assert outermost(paths_of(["/"])) == ["/"]
    assert outermost(paths_of(["//", "/srv/runs", "/"])) == ["/"]
    assert outermost(paths_of(["/srv", "/srv/runs", "/srv-2"])) == ["/srv", "/srv-2"]


def test_the_whole_disk_is_walked(library: Services) -> None:
    folders: list[int] = []

    def stop(done: int, _total: int, _text: str) -> None:
        folders.append(done)
        if done > 100:
            raise Cancelled

    with pytest.raises(Cancelled):
        library.scan.scan(["/"], stop)
    assert folders[-1] > 100


def test_a_path_by_itself_is_one_path(library: Services, tree: Path) -> None:
    wanted = states(library.scan.scan([tree]), tree)
    assert len(wanted) == 9
    for given in (str(tree), os.fsencode(tree), tree, [os.fsencode(tree)], iter([str(tree)])):
        assert states(library.scan.scan(given), tree) == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [None, 5, [5], [None], [["/tmp"]]])
def test_what_is_no_path_is_said(library: Services, given: object) -> None:
    with pytest.raises(TypeError, match=r"path"):
        library.scan.scan(given)  # type: ignore[arg-type]


def test_half_a_character_is_in_no_name(library: Services, tree: Path) -> None:
    result = library.scan.scan(["/x\ud800", tree])
    assert [(skip.path, skip.code) for skip in result.skipped] == [("/x\ud800", "no_name")]
    assert len(result.found) == 9


def test_what_is_never_searched_is_said_once_a_kind(library: Services, tree: Path) -> None:
    for place in (".git", "a/.git", "b/c/.git", "node_modules", ".cache", ".venv"):
        make_adapter(tree / place / "adapter")
    first = library.scan.scan([tree])
    told = {Path(skip.path).name: skip.reason for skip in first.skipped}
    assert {skip.code for skip in first.skipped} == {"pruned"}
    assert set(told) == {".git", "node_modules", ".cache", ".venv"}
    assert told[".git"].startswith("3 folders with the name “.git”")
    assert len(first.found) == 9
    # So does a scan that lists nothing anew.
    for folder, _, _ in os.walk(tree):
        os.utime(folder, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    library.scan.scan([tree])
    assert library.scan.scan([tree]).skipped == first.skipped


def test_a_cache_of_the_hub_is_searched(library: Services, tmp_path: Path) -> None:
    home = tmp_path / "home"
    repo = home / ".cache" / "huggingface" / "hub" / "models--ana--sql-lora"
    made = make_adapter(repo / "snapshots" / "0123abc")
    (repo / "blobs").mkdir()
    for file in list(made.iterdir()):
        file.rename(repo / "blobs" / f"{file.name}-blob")
        file.symlink_to(Path("..", "..", "blobs", f"{file.name}-blob"))
    make_adapter(home / ".cache" / "pip" / "thing")
    result = library.scan.scan([home])
    assert [(one.path, one.state) for one in result.found] == [(str(made), FoundState.NEW)]
    assert [skip.path for skip in result.skipped] == [str(home / ".cache")]
    # home, hub, repository, snapshots, one snapshot: neither its files nor the rest of the cache
    assert result.folders == 5
