"""A scan of real folders, with real child processes."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import Cancelled
from desktop.services.peft_folder import inspect_folder
from desktop.services.scan import crew, look
from desktop.services.scan.records import Found, FoundState
from tests.services.scan.support import by_path, states
from tests.support import LLAMA, make_adapter


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Open services over an empty library."""
    monkeypatch.setenv("LORARIUM_DATA", str(tmp_path / "data"))
    with open_services(tmp_path / "data" / "catalog.db") as opened:
        yield opened


def test_everything_of_interest_is_found(library: Services, tree: Path) -> None:
    result = library.scan.scan([tree])
    assert states(result, tree) == {
        "sql/checkpoint-200": "new",
        "sql/checkpoint-400": "new",
        "sql/checkpoint-1000": "new",
        "triage": "new",
        "triage/checkpoint-50": "new",
        "lone/adapter": "new",
        "broken": "broken",
        "full": "not_peft",
        "flux": "not_peft",
    }
    assert result.skipped == ()
    assert result.folders == 13
    found = by_path(result, tree)
    assert found["full"].looks_like == "a full model"
    assert found["flux"].looks_like == "a Diffusers LoRA"
    one = found["sql/checkpoint-400"]
    assert (one.peft_type, one.variant, one.rank, one.parameters) == ("LORA", "LoRA", 8, 512)
    assert (one.base_model_name, one.base_model_id, one.full) == (LLAMA, None, True)
    assert [f.code for f in found["broken"].findings] == ["config_not_json", "weights_missing"]


def test_a_scan_says_what_an_inspection_says(library: Services, tree: Path) -> None:
    (tree / "triage" / "optimizer.pt").write_bytes(b"x" * 100)
    for one in library.scan.scan([tree]).found:
        if one.state == FoundState.NOT_PEFT:
            continue
        seen = inspect_folder(one.path)
        told = one.inspection
        assert told is not None
        assert told.findings == seen.findings
        assert (told.files, told.tensor_widths) == (seen.files, seen.tensor_widths)
        assert (one.content_id, one.fingerprint) == (seen.content_id, seen.fingerprint)
        assert one.size_bytes == seen.size_bytes
        assert one.errors == sum(f.severity == "error" for f in seen.findings)
        assert one.notes == sum(f.severity == "note" for f in seen.findings)


def test_a_quick_look_agrees_on_the_figures(library: Services, tree: Path) -> None:
    quick = by_path(library.scan.scan([tree], full=False), tree)
    full = by_path(library.scan.scan([tree]), tree)
    assert quick.keys() == full.keys()
    for path, one in quick.items():
        other = full[path]
        for name in ("state", "variant", "rank", "parameters", "tensor_count", "size_bytes",
                     "base_model_name", "fingerprint", "mtime", "name", "newest"):  # fmt: skip
            assert getattr(one, name) == getattr(other, name), (path, name)
        assert not one.full
        assert one.inspection is None


def test_checkpoints_of_one_training_belong_together(library: Services, tree: Path) -> None:
    found = by_path(library.scan.scan([tree]), tree)
    assert {found[f"sql/checkpoint-{n}"].run for n in (200, 400, 1000)} == {str(tree / "sql")}
    assert [n for n in (200, 400, 1000) if found[f"sql/checkpoint-{n}"].newest] == [1000]
    assert found["sql/checkpoint-1000"].step == 1000
    # What the training saved at its end is newer than its checkpoints.
    assert found["triage"].run == found["triage/checkpoint-50"].run
    assert (found["triage"].newest, found["triage/checkpoint-50"].newest) == (True, False)
    assert found["lone/adapter"].run_title == "lone-adapter"


def test_names_are_free_and_speak(library: Services, tree: Path) -> None:
    for place in ("a", "b", "c"):
        make_adapter(tree / place / "run" / "checkpoint-5")
        make_adapter(tree / place / place / "run" / "checkpoint-5")
    found = library.scan.scan([tree]).found
    names = [one.name for one in found if one.state != FoundState.NOT_PEFT]
    assert len(set(names)) == len(names)
    told = {os.path.relpath(one.path, tree): one.name for one in found}
    assert told["sql/checkpoint-400"] == "sql-checkpoint-400"
    assert told["a/a/run/checkpoint-5"] == "run-checkpoint-5"
    assert told["a/run/checkpoint-5"] == "a-run-checkpoint-5"


def test_it_streams_and_tells_how_far_it_is(library: Services, tree: Path) -> None:
    batches: list[Found] = []
    told: list[tuple[int, int, str]] = []

    def progress(done: int, total: int, text: str) -> None:
        told.append((done, total, text))

    result = library.scan.scan_stream([tree], batches.extend, progress)
    assert {one.path for one in batches} == {one.path for one in result.found}
    assert told[-1][0] == result.folders
    assert told[-1][2].startswith("13 folders, 7 adapters, ")


@pytest.mark.parametrize("after", [0, 1])
def test_it_ends_at_once_when_told_to(library: Services, tree: Path, after: int) -> None:
    calls: list[int] = []
    children: list[crew.Child] = []

    def stop(done: int, total: int, text: str) -> None:
        calls.append(done)
        if len(calls) > after:
            raise Cancelled

    kept = crew.Child

    class Watched(kept):
        def __init__(self, level: int, *, gentle: bool = False) -> None:
            super().__init__(level, gentle=gentle)
            children.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crew, "Child", Watched)
        with pytest.raises(Cancelled):
            library.scan.scan([tree], stop)
    assert children
    assert all(child.process.poll() is not None for child in children)


def test_a_second_scan_opens_nothing_again(
    library: Services, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = library.scan.scan([tree])
    looks: list[bytes] = []
    asked = crew.Crew._ask

    def watch(self: crew.Crew, child: crew.Child, kind: bytes, value: object) -> None:
        looks.append(kind)
        asked(self, child, kind, value)

    monkeypatch.setattr(crew.Crew, "_ask", watch)
    second = library.scan.scan([tree])
    assert looks == [b"W"]
    assert second.folders == first.folders
    for one, other in zip(first.found, second.found, strict=True):
        assert one[:-2] == other[:-2]
        assert one.inspection == other.inspection
    # A quick scan is content with what the full one knows, a full one not with a quick one's.
    assert library.scan.scan([tree], full=False).found == second.found
    assert looks == [b"W", b"W"]


def test_an_old_tree_is_not_even_listed_again(library: Services, tree: Path) -> None:
    for folder, _, _ in os.walk(tree):
        os.utime(folder, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    first = library.scan.scan([tree])
    listed = tree / "data" / "new-run"
    make_adapter(listed)
    os.utime(tree / "data", ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    second = library.scan.scan([tree])
    # Who sets a folder's clock back hides what came into it: that it was not listed is the proof.
    assert [one.path for one in second.found] == [one.path for one in first.found]
    os.utime(tree / "data")
    third = library.scan.scan([tree])
    assert str(listed) in {one.path for one in third.found}


def test_what_changed_and_what_is_gone_is_told(library: Services, tree: Path) -> None:
    library.scan.import_found(library.scan.scan([tree]).found)
    make_adapter(tree / "sql" / "checkpoint-200", rank=16)
    shutil.rmtree(tree / "sql" / "checkpoint-400")
    (tree / "triage" / "adapter_config.json").unlink()
    make_adapter(tree / "fresh")
    result = library.scan.scan([tree])
    assert states(result, tree) == {
        "sql/checkpoint-200": "changed",
        "sql/checkpoint-1000": "known",
        "triage/checkpoint-50": "known",
        "lone/adapter": "known",
        "fresh": "new",
        "broken": "broken",
        "full": "not_peft",
        "flux": "not_peft",
        "sql/checkpoint-400": "gone",
        "triage": "broken",
    } | {"triage": states(result, tree)["triage"]}
    found = by_path(result, tree)
    assert found["triage"].state == FoundState.CHANGED
    assert found["triage"].errors
    assert found["sql/checkpoint-400"].adapter_name == "sql-checkpoint-400"
    assert found["sql/checkpoint-200"].rank == 16


def test_an_adapter_is_known_by_way_of_a_link_too(
    library: Services, tree: Path, tmp_path: Path
) -> None:
    library.scan.import_found(library.scan.scan([tree]).found)
    link = tmp_path / "link"
    link.symlink_to(tree)
    result = library.scan.scan([link])
    assert states(result, link)["triage"] == "known"
    assert FoundState.GONE not in {one.state for one in result.found}


def test_the_cache_may_go_or_be_damaged(library: Services, tree: Path) -> None:
    first = library.scan.scan([tree])
    cache = library.location.data / "scan.cache"
    cache.write_bytes(b"no database at all" * 500)
    assert [one.path for one in library.scan.scan([tree]).found] == [o.path for o in first.found]
    second = library.scan.scan([tree])
    cache.unlink()
    one = second.found[-1]
    assert one.state == FoundState.NEW
    assert one.inspection is None  # nobody has it any more
    done = library.scan.import_found([one])
    assert library.adapters.get_details(done.records[0].id).inspection is not None


def test_two_roots_in_each_other_are_one(library: Services, tree: Path) -> None:
    result = library.scan.scan([tree / "sql", tree, tree])
    assert len(result.found) == 9
    assert result.folders == 13


def test_odd_things_are_skipped_by_name(library: Services, tree: Path) -> None:
    (tree / "sql" / "loop").symlink_to(tree)
    (tree / "sql" / "circle").symlink_to("circle")
    (tree / "elsewhere").symlink_to(tree / "lone")
    os.mkfifo(tree / "data" / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        there = os.getcwd()
        os.chdir(tree / "data")
        try:
            server.bind("socket")
        finally:
            os.chdir(there)
        result = library.scan.scan([tree, tree / "nowhere", tree.parent / "nowhere"])
    told = {(os.path.relpath(skip.path, tree), skip.code) for skip in result.skipped}
    assert told == {
        ("sql/loop", "link_loop"),
        ("sql/circle", "link_loop"),
        ("elsewhere", "link"),
        ("data/pipe", "special"),
        ("data/socket", "special"),
        ("../nowhere", "vanished"),
    }
    assert all(skip.reason.endswith(".") for skip in result.skipped)
    assert len(result.found) == 9
    again = library.scan.scan([tree, tree / "nowhere", tree.parent / "nowhere"])
    assert {(s.path, s.code) for s in again.skipped} == {(s.path, s.code) for s in result.skipped}


def test_three_hundred_levels(library: Services, tmp_path: Path) -> None:
    deep = tmp_path / "deep"
    make_adapter(deep / "/".join(["d"] * 300))
    result = library.scan.scan([deep])
    assert [one.state for one in result.found] == [FoundState.NEW]
    assert result.folders == 301


def test_a_look_that_fails_leaves_the_rest(
    library: Services, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that dies on one folder is one line among the skipped."""
    monkeypatch.setattr(
        crew.Crew, "_ask", _poisoned(crew.Crew._ask, str(tree / "sql" / "checkpoint-400"))
    )
    result = library.scan.scan([tree])
    assert [(os.path.relpath(s.path, tree), s.code) for s in result.skipped] == [
        ("sql/checkpoint-400", "look_died")
    ]
    assert len(result.found) == 8


def _poisoned(ask: object, path: str) -> object:
    def wrapped(self: crew.Crew, child: crew.Child, kind: bytes, value: Sequence[object]) -> None:
        if kind == b"L" and any(work[0] == path for work in value):
            # No list of work: the child ends with a traceback, as one that was killed would.
            ask(self, child, kind, 5)
        else:
            ask(self, child, kind, value)

    return wrapped


def test_a_child_that_is_killed_is_replaced(
    library: Services, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    asked = crew.Crew._ask

    def kill_once(self: crew.Crew, child: crew.Child, kind: bytes, value: object) -> None:
        asked(self, child, kind, value)
        if kind == b"W" and not killed:
            killed.append(child.process.pid)
            child.process.kill()

    monkeypatch.setattr(crew.Crew, "_ask", kill_once)
    result = library.scan.scan([tree])
    assert killed
    assert len(result.found) == 9
    assert result.skipped == ()


def test_a_disk_that_hangs_is_left_alone(
    library: Services, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    make_adapter(other / "fine")
    monkeypatch.setattr(crew, "SILENT_SECONDS", 0.5)
    asked = crew.Crew._ask

    def hang(self: crew.Crew, child: crew.Child, kind: bytes, value: list[object]) -> None:
        if kind == b"W" and value[0] == str(tree):
            os.kill(child.process.pid, 19)  # SIGSTOP: as a process that waits for a dead server
        asked(self, child, kind, value)

    library.scan.scan([tree])
    monkeypatch.setattr(crew.Crew, "_ask", hang)
    library.scan.import_found(library.scan.scan([other]).found)
    result = library.scan.scan([tree, other])
    assert [(s.path, s.code) for s in result.skipped] == [(str(tree), "unreachable")]
    assert [one.path for one in result.found] == [str(other / "fine")]


def test_levels_of_a_look_stand_for_what_they_are() -> None:
    assert (look.QUICK, look.FULL) == (1, 2)
