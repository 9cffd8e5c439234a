"""Which folder is whose: by content, by names, sizes and times, by the path among copies."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from desktop.bootstrap import Services
from desktop.services.relink import MatchedBy
from desktop.services.relink_matching import shared_end, sizes_of
from tests.services.relinking import (
    add,
    flip_early_byte,
    forget_content,
    library,
    make_big,
    real_adapter,
)


def test_a_renamed_folder_is_found_and_a_namesake_is_not(
    services: Services, base: str, tmp_path: Path
) -> None:
    (record,) = library(services, base, tmp_path / "old", 1)
    os.makedirs(tmp_path / "new")
    shutil.move(tmp_path / "old" / "run-0", tmp_path / "new" / "called-otherwise")
    real_adapter(tmp_path / "new" / "run-0", 99)

    plan = services.relink.find([record.id], [tmp_path / "new"])

    assert [m.copy.path for m in plan.matches] == [str(tmp_path / "new" / "called-otherwise")]


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


def test_paths_are_compared_from_their_end() -> None:
    assert shared_end("/a/b/c", "/x/b/c") == 2
    assert shared_end("/a/b/c", "/a/b/d") == 0
    assert shared_end(None, "/a") == 0
    assert sizes_of("adapter_config.json:12:99|adapter_model.bin:5:7") == (
        "adapter_config.json:12|adapter_model.bin:5"
    )
