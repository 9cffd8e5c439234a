"""Names, runs, frames, the cache and the child's side by themselves."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from desktop.services.scan import children, wire
from desktop.services.scan.cache import ScanCache, read_folders, read_inspections
from desktop.services.scan.children import Child, command
from desktop.services.scan.grouping import newest_of, run_of, title_of
from desktop.services.scan.names import Names
from desktop.services.scan.quick import header_figures
from desktop.services.scan.records import FoundState
from desktop.services.scan.wire import Row
from desktop.services.scan.worker import Worker
from desktop.services.validation import NAME_LIMIT


@pytest.mark.parametrize(
    ("path", "run", "step"),
    [
        ("/a/sql/checkpoint-200", "/a/sql", 200),
        ("/a/sql/global_step15", "/a/sql", 15),
        ("/a/sql/epoch_3", "/a/sql", 3),
        ("/a/sql/checkpoint-best", "/a/sql/checkpoint-best", None),
        ("/a/sql", "/a/sql", None),
        ("/checkpoint-1", "/", 1),
        ("/a/checkpoint-٣", "/a/checkpoint-٣", None),
    ],
)
def test_which_training_a_folder_belongs_to(path: str, run: str, step: int | None) -> None:
    assert run_of(path) == (run, step)


@pytest.mark.parametrize(
    ("run", "title"),
    [
        ("/runs/sql", "sql"),
        ("/runs/sql/final", "sql-final"),
        ("/runs/sql/3", "sql-3"),
        ("/hub/models--ana--sql-lora/snapshots/0123abc", "sql-lora"),
        ("/hub/models--gpt2/snapshots/0123abc", "gpt2"),
        ("/", "/"),
    ],
)
def test_what_a_training_is_called(run: str, title: str) -> None:
    assert title_of(run) == title


def test_the_last_state_of_a_training() -> None:
    new, broken = FoundState.NEW, FoundState.BROKEN
    rows = [
        ("/a", 100, new), ("/a", 900, new), ("/a", 1000, broken),
        ("/b", 5, new), ("/b", None, new),
        ("/c", None, broken), ("/c", 7, new),
        ("/d", None, broken),
        ("/e", None, FoundState.NOT_PEFT), ("/f", None, FoundState.GONE),
    ]  # fmt: skip
    assert newest_of(rows) == {1, 4, 6, 7}


def test_twins_get_names_one_after_the_other() -> None:
    names = Names({"run", "b-run"})
    assert [names.give("/x/b/run", None) for _ in range(3)] == ["run-2", "run-3", "run-4"]
    assert names.give("/x/c/run", None) == "c-run"
    assert names.give("/x/c/run", 200) == "run-checkpoint-200"
    assert names.free("v-v7") == "v-v7"
    assert names.free("v-v7") == "v-v8"


def test_ten_thousand_twins_take_no_time_each() -> None:
    names = Names(())
    given = {names.free("adapter") for _ in range(10_000)}
    assert len(given) == 10_000


def test_names_are_names_whatever_the_folder_is_called() -> None:
    names = Names(())
    assert names.give("/x/caf\udce9\n", None) == "caf\ufffd\ufffd"
    long = names.give(f"/x/{'n' * 255}", 12)
    assert len(long) == NAME_LIMIT
    assert long.endswith("-checkpoint-12")
    assert names.give("/x/\u200b", None) == "\ufffd"


def test_frames_come_whole_however_they_are_cut() -> None:
    sent = wire.frame(b"R", ["caf\udce9", 1]) + wire.frame(b"E", 0)
    frames = wire.Frames()
    got = [one for at in range(len(sent)) for one in frames.feed(sent[at : at + 1])]
    assert [(kind, wire.loads(body)) for kind, body in got] == [(b"R", ["caf\udce9", 1]), (b"E", 0)]
    with pytest.raises(ValueError, match="too long"):
        frames.feed(b"R\xff\xff\xff\xff")


def test_work_is_handed_out_before_it_grows_large() -> None:
    sent: list[bytes] = []
    worker = Worker(sent.append, 2)
    worker.adapter("/a", ["x"] * 10, 1)
    assert sent == []
    worker.adapter("/b", ["y" * 200] * 5_000, 2)
    (one,) = wire.Frames().feed(b"".join(sent))
    assert [work[0] for work in wire.loads(one[1])] == ["/a", "/b"]


def test_a_child_ends_with_its_pipe() -> None:
    process = subprocess.Popen(command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(wire.frame(wire.START, 2))
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_child_has_little_in_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the current folder nor the environment can put a module in its way."""
    (tmp_path / "json.py").write_text("raise SystemExit(9)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = subprocess.Popen(command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_child_that_does_not_die_is_left_and_looked_after_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    child = Child(2)
    waited = child.process.wait

    def never(timeout: float | None = None) -> int:
        raise subprocess.TimeoutExpired("child", timeout or 0)

    with monkeypatch.context() as patch:
        patch.setattr(child.process, "wait", never)
        child.end()
        assert child.process in children._stuck
    waited()
    other = Child(2)
    assert children._stuck == []
    other.end()


def _row(path: str, **given: Any) -> Row:
    return Row(path, "adapter", 2, 7, "print", findings="[]", inspection="{}", **given)


def test_the_cache_gives_back_what_it_was_given(tmp_path: Path) -> None:
    cache = ScanCache(tmp_path / "scan.cache")
    rows = [_row("/a/x", rank=8), _row("/a/caf\udce9", parameters=1 << 70), _row("/ab")]
    listed = [["/a", 5, ["x", "caf\udce9"]], ["/a/x", 6, []], ["/ab", 0, []]]
    cache.learn(listed, rows, {row.path: row for row in rows}, [])
    assert cache.rows(["/a"]).keys() == {"/a/x", "/a/caf\udce9"}
    assert cache.rows(["/a"])["/a/x"].rank == 8
    assert cache.rows(["/a"])["/a/caf\udce9"].parameters is None
    assert read_folders(str(cache.path), "/a") == {
        "/a": (5, ("x", "caf\udce9"), None, 0, 0),
        "/a/x": (6, (), "print", 2, 7),
    }
    wanted = {"/a/x": "print", "/ab": "another"}
    assert read_inspections(str(cache.path), wanted) == {"/a/x": "{}"}
    cache.learn([], [], {}, ["/a/x"])
    assert cache.rows(["/"]).keys() == {"/a/caf\udce9", "/ab"}


def test_a_cache_of_another_version_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "scan.cache"
    cache = ScanCache(path)
    cache.learn([["/a", 5, []]], [_row("/a")], {"/a": _row("/a")}, [])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    assert cache.rows(["/"]) == {}
    assert read_folders(str(path), "/") == {}
    assert read_folders(str(tmp_path / "none"), "/") == {}


def test_a_head_of_several_types_is_counted_by_its_shapes() -> None:
    raw = (
        b'{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},'
        b'"b":{"dtype":"F16","shape":[],"data_offsets":[24,26]}}'
    )
    assert header_figures(raw, 26) == (7, 2)
    assert header_figures(b"{}", 0) is None
