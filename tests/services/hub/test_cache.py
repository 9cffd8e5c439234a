from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled
from desktop.services.hub import cache
from desktop.services.hub.cache import list_cached
from desktop.services.peft_folder import inspect_folder
from tests.hub_server import HubServer
from tests.hub_server.content import adapter_files
from tests.services.hub.cached import CONFIG, NEEDED, NEW, OLD, WEIGHTS, names, put
from tests.support import LLAMA


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, made the one that counts."""
    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setenv("HF_HUB_CACHE", str(folder))
    return folder


# -- as the real client leaves it ----------------------------------------------------------------

_FETCH = """
import sys
from huggingface_hub import snapshot_download
url, *wanted = sys.argv[1:]
for one in wanted:
    repo_id, _, revision = one.partition("@")
    snapshot_download(repo_id, revision=revision or None, endpoint=url, token=False)
"""


def fetch(server: HubServer, hub: Path, *wanted: str) -> None:
    """What somebody else's program does on this machine."""
    surroundings = {**os.environ, "HF_HUB_CACHE": str(hub), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _FETCH, server.url, *wanted],
        env=surroundings, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_what_huggingface_hub_fetched(hub: Path) -> None:
    files = adapter_files(rank=8)
    with HubServer() as server:
        repo = server.add_repo("acme/sql-lora", files)
        first = repo.commit
        repo.tag("v1")
        second = repo.push(adapter_files(rank=16))
        server.add_repo("gpt2-lora", adapter_files(rank=4, base="gpt2"))
        server.add_repo("acme/no-adapter", {"config.json": b"{}", "model.safetensors": b"x" * 9})
        server.add_repo(
            "acme/many",
            {
                "README.md": b"# Two adapters",
                **{f"sql/{name}": data for name, data in files.items()},
                **{f"runs/checkpoint-10/{name}": data for name, data in files.items()},
            },
        )
        fetch(server, hub, "acme/sql-lora@v1", "acme/sql-lora", "gpt2-lora", "acme/no-adapter",
              "acme/many")  # fmt: skip
    found = list_cached()
    places = {(a.repo_id, a.commit, a.subfolder): a for a in found}
    assert set(places) >= {("acme/sql-lora", first, ""), ("acme/sql-lora", second, "")}
    assert sorted((a.repo_id, a.subfolder) for a in found) == [
        ("acme/many", "runs/checkpoint-10"),
        ("acme/many", "sql"),
        ("acme/sql-lora", ""),
        ("acme/sql-lora", ""),
        ("gpt2-lora", ""),
    ]
    old, new = places[("acme/sql-lora", first, "")], places[("acme/sql-lora", second, "")]
    assert (old.refs, new.refs) == (("v1",), ("main",))
    assert old.path == str(hub / "models--acme--sql-lora" / "snapshots" / first)
    assert (old.peft_type, old.base_model) == ("LORA", LLAMA)
    # The optimiser's state is fetched too, and is not the adapter's.
    assert "optimizer.pt" in os.listdir(old.path)
    assert old.size == sum(len(files[name]) for name in NEEDED)
    assert old.size < new.size
    # Every one of them can be imported in place, as it is.
    for adapter in found:
        seen = inspect_folder(adapter.path)
        assert [f.message for f in seen.findings if f.severity == "error"] == []
        assert (seen.peft_type, seen.rank) == (
            "LORA",
            {second: 16}.get(adapter.commit, 4 if adapter.repo_id == "gpt2-lora" else 8),
        )
        assert seen.content_id


def test_the_same_as_huggingface_hub_sees(hub: Path) -> None:
    """Its own scan, where nothing is broken: the same repositories, commits, branches, times."""
    from huggingface_hub import scan_cache_dir

    with HubServer() as server:
        for number in range(3):
            repo = server.add_repo(f"acme/lora-{number}", adapter_files(rank=4 + number))
            repo.branch("dev/next", {"README.md": b"next"})
        fetch(server, hub, *(f"acme/lora-{n}@{r}" for n in range(3) for r in ("main", "dev/next")))
    theirs = {
        (
            repo.repo_id,
            revision.commit_hash,
            tuple(sorted(revision.refs)),
            max(weights.blob_last_accessed, weights.blob_last_modified),
        )
        for repo in scan_cache_dir(hub).repos
        for revision in repo.revisions
        for weights in revision.files
        if weights.file_name == WEIGHTS
    }
    ours = {(a.repo_id, a.commit, a.refs, a.seen) for a in list_cached()}
    assert ours == theirs
    assert len(ours) == 6


def test_a_download_that_broke_hides_no_other(hub: Path) -> None:
    """huggingface_hub's scan gives the whole repository up; the older snapshot is still good."""
    from huggingface_hub import scan_cache_dir

    put(hub, commit=OLD, refs=("v1",))
    broken = put(hub, commit=NEW)
    os.remove(os.path.realpath(broken / WEIGHTS))
    (broken.parents[1] / "refs" / "gone").write_text("c" * 40)
    assert not scan_cache_dir(hub).repos
    (found,) = list_cached()
    assert (found.commit, found.refs) == (OLD, ("v1",))


# -- which, and in which order -------------------------------------------------------------------


def test_the_last_used_first(hub: Path) -> None:
    put(hub, "models--acme--b", used=2_000_000.0)
    put(hub, "models--acme--a", used=1_000_000.0)
    put(hub, "models--acme--c", used=3_000_000.0)
    found = list_cached()
    assert names(found) == ["acme/c", "acme/b", "acme/a"]
    assert [adapter.seen for adapter in found] == [3_000_000.0, 2_000_000.0, 1_000_000.0]
    # Loading reads the weights; a look at this list does not count, though it reads the config.
    os.utime(os.path.realpath(Path(found[2].path) / WEIGHTS), (4_000_000.0, 1_000_000.0))
    os.utime(os.path.realpath(Path(found[1].path) / CONFIG), (5_000_000.0, 5_000_000.0))
    assert names(list_cached()) == ["acme/a", "acme/c", "acme/b"]


def test_of_two_snapshots_with_the_same_weights_the_newer_one_is_first(hub: Path) -> None:
    old = put(hub, commit=NEW, refs=())
    new = put(hub, commit=OLD)
    os.utime(old, (1_000_000.0, 1_000_000.0))
    os.utime(new, (2_000_000.0, 2_000_000.0))
    assert [(a.commit, a.refs) for a in list_cached()] == [(OLD, ("main",)), (NEW, ())]


def test_branches_lie_deeper_and_are_checked(hub: Path) -> None:
    snapshot = put(hub, refs=("main", "v1", "refs/pr/3", "user/topic"))
    refs = snapshot.parents[1] / "refs"
    (refs / "other").write_text(OLD)
    (refs / "no-commit").write_text("../../../../etc")
    (refs / "binary").write_bytes(b"\xff" * 40)
    (refs / "long").write_text(NEW + "0" * 500)
    (refs / "empty").write_text("")
    (refs / "a\nb").write_text(NEW)
    (refs / "\u202eevil").write_text(NEW)
    os.mkfifo(refs / "pipe")
    (refs / "outside").symlink_to(hub.parent / "somewhere")
    (hub.parent / "somewhere").write_text(NEW)
    (refs / "loop").symlink_to("loop")
    (refs / "up").symlink_to("..")
    (found,) = list_cached()
    assert found.refs == ("main", "refs/pr/3", "user/topic", "v1")


def test_without_refs(hub: Path) -> None:
    put(hub, refs=())
    (found,) = list_cached()
    assert found.refs == ()
    put(hub, "models--acme--file", refs=())
    (hub / "models--acme--file" / "refs").write_text("no folder")
    assert sorted(names(list_cached())) == ["acme/file", "acme/lora"]


def test_only_models(hub: Path) -> None:
    for name in ("datasets--acme--lora", "spaces--acme--lora", ".locks", "blobs", "acme--lora"):
        put(hub, name)
    (hub / "version.txt").write_text("1")
    (hub / "models--acme--file").write_text("no folder")
    (hub / "models--acme--empty").mkdir()
    (hub / "models--acme--half" / "snapshots").mkdir(parents=True)
    (hub / "models--acme--hollow" / "snapshots" / NEW).mkdir(parents=True)
    assert list_cached() == []


def test_sub_folders_down_to_three(hub: Path) -> None:
    for below in ("one", "one/two", "one/two/three", "one/two/three/four", ".git", "odd\nname"):
        put(hub, below=below)
    (found := list_cached()).sort(key=lambda adapter: adapter.subfolder)
    assert [adapter.subfolder for adapter in found] == ["one", "one/two", "one/two/three"]
    assert inspect_folder(found[2].path).findings == inspect_folder(found[0].path).findings


# -- where it is, and how far it is --------------------------------------------------------------


def test_no_cache(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.rmdir()
    assert list_cached() == []
    hub.write_text("a file")
    assert list_cached() == []
    monkeypatch.setenv("HF_HUB_CACHE", str(hub / "below" / "a file"))
    assert list_cached() == []
    monkeypatch.setenv("HF_HUB_CACHE", "x" * 5000)
    with pytest.raises(cache.UnreadableFileError):
        list_cached()


def test_the_variables_are_read_when_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In huggingface_hub's order, which says itself where the cache is."""
    code = "from huggingface_hub import constants as c; print(c.HF_HUB_CACHE)"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BELOW", "below")
    for number, (variable, value) in enumerate(
        (
            ("XDG_CACHE_HOME", None),
            ("XDG_CACHE_HOME", str(tmp_path / "cache")),
            ("HF_HOME", "~/hf/$BELOW"),
            ("HUGGINGFACE_HUB_CACHE", str(tmp_path / "older")),
            ("HF_HUB_CACHE", "~/$BELOW/newer"),
        )
    ):
        if value is None:
            monkeypatch.delenv(variable)
        else:
            monkeypatch.setenv(variable, value)
        assert list_cached() == []
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        )
        put(Path(done.stdout.strip()), f"models--acme--lora-{number}")
        assert names(list_cached()) == [f"acme/lora-{number}"]


def test_a_relative_folder_gives_whole_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_CACHE", "hub")
    snapshot = put(tmp_path / "hub")
    (found,) = list_cached()
    assert found.path == str(snapshot)


def test_progress_and_cancel(hub: Path) -> None:
    for number in range(4):
        put(hub, f"models--acme--lora-{number}")
    told: list[tuple[int, int, str]] = []
    assert len(list_cached(lambda *step: told.append(step))) == 4
    assert told == [(n, 4, f"acme/lora-{n}") for n in range(4)] + [(4, 4, "")]

    def stop(done: int, total: int, text: str) -> None:
        told.append((done, total, text))
        if done == 2:
            raise Cancelled

    told.clear()
    with pytest.raises(Cancelled):
        list_cached(stop)
    assert len(told) == 3


def test_nothing_in_the_cache_changes(hub: Path) -> None:
    put(hub, commit=OLD)
    os.remove(os.path.realpath(put(hub, commit=NEW) / WEIGHTS))

    def state() -> Iterator[tuple[str, int, float]]:
        for folder, _, files in os.walk(hub):
            for path in (folder, *(os.path.join(folder, name) for name in files)):
                yield path, os.lstat(path).st_size, os.lstat(path).st_mtime

    before = sorted(state())
    list_cached()
    assert sorted(state()) == before
