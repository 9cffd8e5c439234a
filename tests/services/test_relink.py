"""Folders that moved are found again by content, and get their places in one step."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import Cancelled, ConflictError, FolderError, NotFoundError
from desktop.services.records import FolderState
from desktop.services.relink import MatchedBy
from tests.services.relinking import (
    library,
    real_adapter,
)
from tests.support import make_studio


def test_a_tree_that_moved_is_relinked_in_one_step(
    services: Services, base: str, tmp_path: Path
) -> None:
    records = library(services, base, tmp_path / "old")
    os.makedirs(tmp_path / "disk")
    shutil.move(tmp_path / "old", tmp_path / "disk" / "runs")

    plan = services.relink.find(None, [tmp_path / "disk"])

    assert {m.lost.adapter_id: m.copy.path for m in plan.matches} == {
        record.id: str(tmp_path / "disk" / "runs" / f"run-{n}") for n, record in enumerate(records)
    }
    assert {m.copy.by for m in plan.matches} == {MatchedBy.CONTENT}
    assert not plan.ambiguous
    assert not plan.not_found
    before = services.history.labels()
    done = services.relink.apply(plan.matches)
    assert set(done.ids) == {record.id for record in records}
    assert not done.refused
    assert services.history.labels()[0] == "Relink 3 adapters"
    for record in records:
        now = services.adapters.get_adapter(record.id)
        assert now.path is not None
        assert os.path.isdir(now.path)
        assert now.state == FolderState.OK
    states = {state for _, _, _, state in services.adapters.fingerprints()}
    assert states == {"ok"}
    services.history.undo()
    assert services.history.labels()[0] == before[0]
    assert services.adapters.get_adapter(records[0].id).path == records[0].path
    services.history.redo()
    assert services.adapters.get_adapter(records[0].id).path == plan.matches[0].copy.path


def test_what_is_not_there_is_said_and_nothing_is_changed(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    shutil.rmtree(tmp_path / "old")
    real_adapter(tmp_path / "new" / "run-0", 99)
    plan = services.relink.find(None, [tmp_path / "new"])
    assert [one.lost.adapter_id for one in plan.not_found] == [record.id]
    assert "same weights" in plan.not_found[0].reason
    assert services.relink.apply(plan.matches).ids == ()
    assert services.history.labels()[0] == "Import “run 0”"


def test_adapters_in_place_are_not_looked_for(
    services: Services, base: str, tmp_path: Path
) -> None:
    records = library(services, base, tmp_path / "old", 2)
    shutil.copytree(tmp_path / "old", tmp_path / "copy")
    shutil.rmtree(tmp_path / "old" / "run-1")
    every = services.relink.find([r.id for r in records], [tmp_path / "copy"])
    assert (every.in_place, [m.lost.name for m in every.matches]) == (1, ["run 1"])
    missing = services.relink.find(None, [tmp_path / "copy"])
    assert (missing.in_place, [m.lost.name for m in missing.matches]) == (1, ["run 1"])


def test_an_emptied_folder_counts_as_missing(services: Services, base: str, tmp_path: Path) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    shutil.move(tmp_path / "old" / "run-0", tmp_path / "new" / "run-0")
    os.makedirs(tmp_path / "old" / "run-0")
    plan = services.relink.find(None, [tmp_path / "new"])
    assert [m.lost.adapter_id for m in plan.matches] == [record.id]


def test_one_whose_place_was_taken_is_found_when_asked_for(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    shutil.move(tmp_path / "old" / "run-0", tmp_path / "new" / "run-0")
    real_adapter(tmp_path / "old" / "run-0", 99, rank=16)  # the next training, at the same place
    assert services.relink.find(None, [tmp_path]).in_place == 1
    plan = services.relink.find([record.id], [tmp_path])
    assert [m.copy.path for m in plan.matches] == [str(tmp_path / "new" / "run-0")]
    services.relink.apply(plan.matches)
    assert services.adapters.get_adapter(record.id).state == FolderState.OK
    assert services.relink.find([record.id], [tmp_path]).in_place == 1


def test_figures_that_no_database_holds_are_left_out(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    shutil.move(tmp_path / "old", tmp_path / "new")
    config = tmp_path / "new" / "run-0" / "adapter_config.json"
    config.write_text(config.read_text().replace('"r": 8', f'"r": {10**30}'))
    plan = services.relink.find(None, [tmp_path / "new"])
    assert services.relink.apply(plan.matches).ids == (record.id,)


def test_what_changed_since_is_refused_and_the_others_go_on(
    services: Services, base: str, tmp_path: Path
) -> None:
    records = library(services, base, tmp_path / "old", 5)
    shutil.move(tmp_path / "old", tmp_path / "new")
    plan = services.relink.find(None, [tmp_path / "new"])
    by_id = {m.lost.adapter_id: m for m in plan.matches}
    removed, moved, changed, gone, good = records
    services.adapters.remove_adapter(removed.id)
    shutil.copytree(tmp_path / "new" / "run-1", tmp_path / "elsewhere")
    services.adapters.update_adapter(moved.id, location=str(tmp_path / "elsewhere"))
    os.utime(tmp_path / "new" / "run-2" / "adapter_config.json", (1, 1))
    shutil.rmtree(tmp_path / "new" / "run-3")

    done = services.relink.apply([by_id[r.id] for r in records])

    assert done.ids == (good.id,)
    refused = {match.lost.adapter_id: type(error) for match, error in done.refused}
    assert refused == {
        removed.id: NotFoundError,
        moved.id: ConflictError,
        changed.id: ConflictError,
        gone.id: FolderError,
    }
    assert services.history.labels()[0] == "Relink “run 4”"
    assert services.adapters.get_adapter(moved.id).path == str(tmp_path / "elsewhere")


def test_a_drive_that_is_away_leaves_rows_marked(
    services: Services, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = library(services, base, tmp_path / "old", 2)
    shutil.rmtree(tmp_path / "old" / "run-1")
    real = os.stat

    def stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
        if str(path).endswith("run-0"):
            raise OSError(5, "Input/output error")
        return real(path, *args, **kwargs)

    monkeypatch.setattr("desktop.services.folder_watch.os.stat", stat)
    plan = services.relink.find(None, [tmp_path])
    assert plan.away == 1
    assert [one.lost.adapter_id for one in plan.not_found] == [records[1].id]


def test_a_folder_to_search_that_is_not_there_is_said(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    shutil.rmtree(tmp_path / "old")
    plan = services.relink.find(None, [tmp_path / "nowhere"])
    assert [one.lost.adapter_id for one in plan.not_found] == [record.id]
    assert [skip.path for skip in plan.skipped] == [str(tmp_path / "nowhere")]


def test_the_trash_is_not_searched(services: Services, base: str, tmp_path: Path) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    services.location.trash.mkdir(parents=True)
    shutil.move(tmp_path / "old" / "run-0", services.location.trash / "run-0")
    plan = services.relink.find(None, [services.location.data])
    assert [one.lost.adapter_id for one in plan.not_found] == [record.id]


def test_it_can_be_cancelled(services: Services, base: str, tmp_path: Path) -> None:
    library(services, base, tmp_path / "old", 1)
    shutil.rmtree(tmp_path / "old")
    os.makedirs(tmp_path / "new")

    def stop(_done: int, _total: int, text: str) -> None:
        if text:
            raise Cancelled

    with pytest.raises(Cancelled):
        services.relink.find(None, [tmp_path / "new"], stop)


def test_a_path_that_is_no_text_is_stored_as_elsewhere(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    target = os.fsdecode(os.fsencode(tmp_path) + b"/new-\xff")
    os.rename(tmp_path / "old", target)
    plan = services.relink.find(None, [target])
    services.relink.apply(plan.matches)
    now = services.adapters.get_adapter(record.id)
    assert now.path == os.path.join(target, "run-0")


def test_a_studios_catalogue(tmp_path: Path) -> None:
    path = make_studio(tmp_path / "project")
    with open_services(path) as services:
        services.adapters.check_adapter("a")
        os.makedirs(tmp_path / "new")
        shutil.move(
            tmp_path / "project" / "data" / "adapters" / "llama-2-sql", tmp_path / "new" / "sql"
        )
        plan = services.relink.find(None, [tmp_path / "new"])
        assert services.relink.apply(plan.matches).ids == ("a",)
        assert services.adapters.get_adapter("a").path == str(tmp_path / "new" / "sql")
        services.history.undo()
        assert services.adapters.get_adapter("a").location == "data/adapters/llama-2-sql"


def test_a_row_that_was_never_looked_at_says_so(tmp_path: Path) -> None:
    path = make_studio(tmp_path / "project")
    with open_services(path) as services:
        shutil.rmtree(tmp_path / "project" / "data" / "adapters")
        os.makedirs(tmp_path / "new")
        plan = services.relink.find(None, [tmp_path / "new"])
        assert "never looked at" in plan.not_found[0].reason


def test_a_root_and_an_id_by_themselves(services: Services, base: str, tmp_path: Path) -> None:
    records = library(services, base, tmp_path / "old", 2)
    shutil.move(tmp_path / "old", tmp_path / "new")
    for root in (str(tmp_path / "new"), os.fsencode(tmp_path / "new")):
        assert len(services.relink.find(None, root).matches) == 2
    (match,) = services.relink.find(records[0].id, [tmp_path]).matches
    assert match.lost.adapter_id == records[0].id
    with pytest.raises(TypeError, match="path"):
        services.relink.find(None, [None])  # type: ignore[list-item]


def test_the_whole_disk_is_searched(services: Services, base: str, tmp_path: Path) -> None:
    library(services, base, tmp_path / "old", 1)
    shutil.rmtree(tmp_path / "old")

    def stop(done: int, _total: int, text: str) -> None:
        if "folders" in text and done > 100:
            raise Cancelled

    with pytest.raises(Cancelled):
        services.relink.find(None, ["/"], stop)


def test_what_is_no_match_is_said(services: Services, base: str, tmp_path: Path) -> None:
    library(services, base, tmp_path / "old", 1)
    shutil.move(tmp_path / "old", tmp_path / "new")
    (match,) = services.relink.find(None, [tmp_path / "new"]).matches
    odd: Any
    for odd in (None, "x", match.lost, replace(match, copy=None), replace(match, lost=None)):
        with pytest.raises(TypeError, match="matches that a search found"):
            services.relink.apply([match, odd])
    assert services.relink.apply([match]).ids


def test_one_that_came_back_into_the_store_is_found_there(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    services.location.adapters.mkdir(parents=True, exist_ok=True)
    shutil.move(tmp_path / "old" / "run-0", services.location.adapters / "run-0")
    plan = services.relink.find(None, [services.location.data])
    assert [m.lost.adapter_id for m in plan.matches] == [record.id]
