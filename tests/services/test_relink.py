"""Folders that moved are found again by content, and get their places in one step."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import Cancelled, ConflictError, FolderError, NotFoundError
from desktop.services.records import AdapterRecord, AddAdapterRequest, FolderState
from desktop.services.relink import MatchedBy
from desktop.services.relink_matching import shared_end, sizes_of
from tests.support import make_adapter, make_studio


def real_adapter(folder: Path, salt: int, **given: Any) -> Path:
    """An adapter whose weights are its own."""
    make_adapter(folder, **given)
    weights = folder / "adapter_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-64:] = salt.to_bytes(4, "big") * 16
    weights.write_bytes(bytes(data))
    return folder


def add(services: Services, base: str, folder: Path, name: str) -> AdapterRecord:
    return services.adapters.add_adapter(
        AddAdapterRequest(type="project", name=name, model_id=base, location=str(folder))
    )


def library(services: Services, base: str, root: Path, count: int = 3) -> list[AdapterRecord]:
    """Adapters in root/run-0, run-1, …"""
    return [
        add(services, base, real_adapter(root / f"run-{n}", n + 1), f"run {n}")
        for n in range(count)
    ]


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


def test_a_renamed_folder_is_found_and_a_namesake_is_not(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    os.makedirs(tmp_path / "new")
    shutil.move(tmp_path / "old" / "run-0", tmp_path / "new" / "called-otherwise")
    real_adapter(tmp_path / "new" / "run-0", 99)

    plan = services.relink.find([record.id], [tmp_path / "new"])

    assert [m.copy.path for m in plan.matches] == [str(tmp_path / "new" / "called-otherwise")]


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


def test_a_store_that_moved_stays_the_librarys_own(
    services: Services, base: str, tmp_path: Path
) -> None:
    source = real_adapter(tmp_path / "source", 1)
    record = services.imports.import_adapter(
        "project", {"name": "kept", "model_id": base, "location": str(source), "copy": True}
    )
    shutil.rmtree(source)
    assert record.path is not None
    place = Path(record.path)
    place.rename(place.with_name("kept-00000000"))
    plan = services.relink.find(None, [services.location.data], exact=True)
    assert [m.copy.by for m in plan.matches] == [MatchedBy.SHA256]
    services.relink.apply(plan.matches)
    now = services.adapters.get_adapter(record.id)
    assert now.managed
    assert now.path == str(place.with_name("kept-00000000"))


def test_figures_that_no_database_holds_are_left_out(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    shutil.move(tmp_path / "old", tmp_path / "new")
    config = tmp_path / "new" / "run-0" / "adapter_config.json"
    config.write_text(config.read_text().replace('"r": 8', f'"r": {10**30}'))
    plan = services.relink.find(None, [tmp_path / "new"])
    assert services.relink.apply(plan.matches).ids == (record.id,)


def test_of_equal_copies_the_path_decides_or_a_person(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    new = tmp_path / "new"
    shutil.copytree(tmp_path / "old" / "run-0", new / "a" / "run-0")
    shutil.copytree(tmp_path / "old" / "run-0", new / "b" / "last")
    shutil.rmtree(tmp_path / "old")
    plan = services.relink.find(None, [new])
    (match,) = plan.matches
    assert match.copy.path == str(new / "a" / "run-0")
    assert len(match.copies) == 2

    shutil.move(new / "a" / "run-0", new / "a" / "first")
    plan = services.relink.find(None, [new])
    (open_,) = plan.ambiguous
    assert [c.path for c in open_.copies] == [str(new / "a" / "first"), str(new / "b" / "last")]
    services.relink.apply([open_.choose(open_.copies[1])])
    assert services.adapters.get_adapter(record.id).path == str(new / "b" / "last")


def test_a_run_and_its_last_checkpoint_keep_apart(
    services: Services, base: str, tmp_path: Path
) -> None:
    """Both hold the same weights, as trainers leave them, and the run has another name now."""
    run = real_adapter(tmp_path / "old" / "run", 1)
    shutil.copytree(run, run / "checkpoint-20")
    final = add(services, base, run, "final")
    last = add(services, base, run / "checkpoint-20", "last")
    os.makedirs(tmp_path / "new")
    shutil.move(run, tmp_path / "new" / "renamed")
    plan = services.relink.find(None, [tmp_path / "new"])
    assert {m.lost.adapter_id: m.copy.path for m in plan.matches} == {
        final.id: str(tmp_path / "new" / "renamed"),
        last.id: str(tmp_path / "new" / "renamed" / "checkpoint-20"),
    }


def test_two_rivals_for_one_folder_are_a_persons_choice(
    services: Services, base: str, tmp_path: Path
) -> None:
    one = real_adapter(tmp_path / "old" / "one", 1)
    two = tmp_path / "old" / "two"
    shutil.copytree(one, two)
    add(services, base, one, "one")
    add(services, base, two, "two")
    os.makedirs(tmp_path / "new")
    shutil.move(one, tmp_path / "new" / "three")
    shutil.rmtree(two)
    plan = services.relink.find(None, [tmp_path / "new"])
    assert not plan.matches
    assert len(plan.ambiguous) == 2


def test_a_folder_of_another_row_is_not_taken_unasked(
    services: Services, base: str, tmp_path: Path
) -> None:
    one = real_adapter(tmp_path / "runs" / "one", 1)
    copy = tmp_path / "runs" / "copy"
    shutil.copytree(one, copy)
    add(services, base, one, "one")
    add(services, base, copy, "copy")
    shutil.rmtree(copy)
    plan = services.relink.find(None, [tmp_path / "runs"])
    assert not plan.matches
    assert [c.taken_by for c in plan.ambiguous[0].copies] == ["one"]


def test_without_content_names_sizes_and_times_tell(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    forget_content(services, record.id)
    os.makedirs(tmp_path / "new")
    shutil.move(tmp_path / "old" / "run-0", tmp_path / "new" / "other-name")
    real_adapter(tmp_path / "new" / "run-0", 7)  # the same name and sizes
    plan = services.relink.find(None, [tmp_path / "new"])
    (match,) = plan.matches
    assert (match.copy.by, match.copy.path) == (
        MatchedBy.FINGERPRINT,
        str(tmp_path / "new" / "other-name"),
    )


def test_sizes_alone_are_not_enough(services: Services, base: str, tmp_path: Path) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    forget_content(services, record.id)
    folder = tmp_path / "new" / "other-name"
    shutil.copytree(tmp_path / "old" / "run-0", folder)
    shutil.rmtree(tmp_path / "old")
    os.utime(folder / "adapter_config.json", (1, 1))
    plan = services.relink.find(None, [tmp_path / "new"])
    assert [c.by for c in plan.ambiguous[0].copies] == [MatchedBy.SIZES]
    folder.rename(tmp_path / "new" / "run-0")
    plan = services.relink.find(None, [tmp_path / "new"])
    assert [m.copy.by for m in plan.matches] == [MatchedBy.SIZES]
    services.relink.apply(plan.matches)
    details = services.adapters.get_details(record.id)
    assert details.inspection is not None
    assert details.inspection.content_id


def forget_content(services: Services, adapter_id: str) -> None:
    """As an early Lorarium left a row."""
    from desktop.services.catalog.schema import folders

    with services.open().write(None) as transaction:
        values = {"content_id": None, "inspection": None}
        transaction.update(folders, adapter_id, values)


def test_exact_reads_the_weights_of_what_lorarium_copied(
    services: Services, base: str, tmp_path: Path
) -> None:
    source = real_adapter(tmp_path / "source", 1)
    make_big(source, 1)
    # The samples are alike: only the whole tells these two apart.
    near = tmp_path / "new" / "near"
    shutil.copytree(source, near)
    flip_early_byte(near)
    record = services.imports.import_adapter(
        "project",
        {"name": "kept", "model_id": base, "location": str(source), "copy": True},
    )
    assert record.managed
    assert record.path is not None
    other = add(services, base, real_adapter(tmp_path / "old" / "plain", 5), "plain")
    shutil.move(record.path, tmp_path / "new" / "moved")
    shutil.move(str(other.path), tmp_path / "new" / "plain")
    plan = services.relink.find(None, [tmp_path / "new"], exact=True)
    by_name = {m.lost.name: m for m in plan.matches}
    assert by_name["kept"].copy.by == MatchedBy.SHA256
    assert by_name["kept"].copy.path == str(tmp_path / "new" / "moved")
    assert by_name["plain"].copy.by == MatchedBy.CONTENT
    assert plan.unproven == 1
    assert services.relink.find(None, [tmp_path / "new"]).ambiguous
    services.relink.apply(plan.matches)
    # It lies elsewhere now, so its files are the person's.
    assert not services.adapters.get_adapter(record.id).managed
    services.history.undo()
    assert services.adapters.get_adapter(record.id).managed


def make_big(folder: Path, salt: int) -> None:
    """Weights of which the samples are a part only."""
    from tests.support import write_safetensors

    tensors = {
        f"base_model.model.model.layers.{n}.self_attn.q_proj.lora_{ab}.weight": shape
        for n in range(16)
        for ab, shape in (("A", (8, 512)), ("B", (512, 8)))
    }
    weights = folder / "adapter_model.safetensors"
    write_safetensors(weights, tensors)
    data = bytearray(weights.read_bytes())
    data[-4:] = salt.to_bytes(4, "big")
    weights.write_bytes(bytes(data))


def flip_early_byte(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[len(data) // 4] ^= 1
    weights.write_bytes(bytes(data))


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


def test_paths_are_compared_from_their_end() -> None:
    assert shared_end("/a/b/c", "/x/b/c") == 2
    assert shared_end("/a/b/c", "/a/b/d") == 0
    assert shared_end(None, "/a") == 0
    assert sizes_of("adapter_config.json:12:99|adapter_model.bin:5:7") == (
        "adapter_config.json:12|adapter_model.bin:5"
    )
