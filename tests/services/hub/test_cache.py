from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import desktop
from desktop.services.errors import Cancelled
from desktop.services.hub import cache
from desktop.services.hub.cache import list_cached
from desktop.services.hub.records import CachedAdapter
from desktop.services.peft_folder import inspect_folder
from tests.hub_server import HubServer
from tests.hub_server.content import adapter_files
from tests.support import LLAMA

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
OLD, NEW = "a" * 40, "b" * 40
NEEDED = (CONFIG, WEIGHTS, "README.md", "tokenizer_config.json")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, made the one that counts."""
    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setenv("HF_HUB_CACHE", str(folder))
    return folder


def put(
    hub: Path,
    name: str = "models--acme--lora",
    commit: str = NEW,
    files: dict[str, bytes] | None = None,
    *,
    below: str = "",
    refs: tuple[str, ...] = ("main",),
    used: float = 1_000_000.0,
) -> Path:
    """A snapshot as huggingface_hub lays it out: links to blobs. Returns its folder."""
    repo = hub / name
    snapshot = repo / "snapshots" / commit
    folder = snapshot / below
    blobs = repo / "blobs"
    for place in (folder, blobs):
        place.mkdir(parents=True, exist_ok=True)
    for file, data in (adapter_files() if files is None else files).items():
        blob = blobs / f"{commit[:8]}-{below.replace('/', '-')}-{file}"
        blob.write_bytes(data)
        os.utime(blob, (used, used))
        (folder / file).symlink_to(os.path.relpath(blob, folder))
    for ref in refs:
        (repo / "refs" / ref).parent.mkdir(parents=True, exist_ok=True)
        (repo / "refs" / ref).write_text(commit)
    os.utime(snapshot, (used, used))
    return snapshot


def names(found: list[CachedAdapter]) -> list[str]:
    return [adapter.repo_id for adapter in found]


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
        (repo.repo_id, revision.commit_hash, tuple(sorted(revision.refs)), weights.blob_last_accessed)
        for repo in scan_cache_dir(hub).repos
        for revision in repo.revisions
        for weights in revision.files
        if weights.file_name == WEIGHTS
    }  # fmt: skip
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


@pytest.mark.parametrize(
    "name",
    [
        "models--", "models----", "models--..", "models--..--..", "models--a--..", "models--a--b--c",
        "models--acme--a b", "models--acme--a\nb", "models--acme--\u202ebad", "models--acme--ä",
        "models--acme--" + "x" * 97, "models---acme--x", "models--acme--x.", "models--a..b",
        "models--acme--a\udcffb", "models--acme--a\\b",
    ],
)  # fmt: skip
def test_names_that_no_repository_has(name: str, hub: Path) -> None:
    put(hub, name)
    put(hub, "models--acme--good")
    assert names(list_cached()) == ["acme/good"]


@pytest.mark.parametrize(
    "commit", ["main", "A" * 40, "a" * 39, "a" * 41, "a" * 39 + "\n", "x" * 40]
)
def test_commits_that_are_none(commit: str, hub: Path) -> None:
    put(hub, commit=commit)
    assert list_cached() == []


def test_sub_folders_down_to_three(hub: Path) -> None:
    for below in ("one", "one/two", "one/two/three", "one/two/three/four", ".git", "odd\nname"):
        put(hub, below=below)
    (found := list_cached()).sort(key=lambda adapter: adapter.subfolder)
    assert [adapter.subfolder for adapter in found] == ["one", "one/two", "one/two/three"]
    assert inspect_folder(found[2].path).findings == inspect_folder(found[0].path).findings


# -- half written and hostile --------------------------------------------------------------------


@pytest.mark.parametrize("file", [CONFIG, WEIGHTS])
def test_what_is_missing_is_not_listed(file: str, hub: Path) -> None:
    put(hub, "models--acme--good")
    (put(hub, "models--acme--absent") / file).unlink()
    os.remove(os.path.realpath(put(hub, "models--acme--broken") / file))
    for name, target in (
        ("outside", hub.parent / "outside"),
        ("other", None),
        ("etc", "/etc/hosts"),
    ):
        link = put(hub, f"models--acme--{name}") / file
        if target is None:  # another repository's, in the same cache
            target = os.path.realpath(hub / "models--acme--good" / "snapshots" / NEW / file)
        link.unlink()
        link.symlink_to(target)
    (hub.parent / "outside").write_bytes(adapter_files()[file])
    loop = put(hub, "models--acme--loop") / file
    loop.unlink()
    loop.symlink_to(file)
    pipe = put(hub, "models--acme--pipe") / file
    pipe.unlink()
    os.mkfifo(pipe)
    folder = put(hub, "models--acme--folder") / file
    folder.unlink()
    folder.mkdir()
    assert names(list_cached()) == ["acme/good"]


@pytest.mark.parametrize(
    "config",
    [
        b"", b"{", b"[]", b"\xff\xfe", b"[" * 5000, b'{"peft_type": "LORA"' + b" " * (2 << 20) + b"}",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    ],
)  # fmt: skip
def test_a_config_that_nothing_loads_is_not_listed(config: bytes, hub: Path) -> None:
    put(hub, files={**adapter_files(), CONFIG: config})
    assert list_cached() == []


def test_a_config_that_says_little(hub: Path) -> None:
    put(hub, files={**adapter_files(), CONFIG: b'{"peft_type": 7, "base_model_name_or_path": []}'})
    (found,) = list_cached()
    assert (found.peft_type, found.base_model) == ("", "")


def test_text_of_strangers_is_fit_for_a_database(hub: Path) -> None:
    text = json.dumps({"peft_type": "LO\x00RA", "base_model_name_or_path": "a\ud800b"})
    put(hub, files={**adapter_files(), CONFIG: text.encode()})
    (found,) = list_cached()
    assert (found.peft_type, found.base_model) == ("LO\ufffdRA", "a\ufffdb")


def test_folders_that_are_links_are_not_followed(hub: Path) -> None:
    real = put(hub, "models--acme--good", below="one")
    (real / "two").symlink_to("one")
    (real.parent / OLD).symlink_to(NEW)
    (found,) = list_cached()
    assert (found.commit, found.subfolder) == (NEW, "one")


def test_a_repository_may_lie_on_another_disk(hub: Path, tmp_path: Path) -> None:
    """People move a large repository away and leave a link."""
    put(tmp_path / "big", "models--acme--lora")
    (hub / "models--acme--lora").symlink_to(tmp_path / "big" / "models--acme--lora")
    (found,) = list_cached()
    assert found.path == str(hub / "models--acme--lora" / "snapshots" / NEW)
    assert not [f for f in inspect_folder(found.path).findings if f.severity == "error"]


def test_a_pickle_only_counts_without_safetensors(hub: Path) -> None:
    files = adapter_files(extra=False)
    only = {CONFIG: files[CONFIG], "adapter_model.bin": b"x" * 500}
    put(hub, "models--acme--pickle", files=only)
    put(hub, "models--acme--both", files={**only, WEIGHTS: files[WEIGHTS]})
    sizes = {adapter.repo_id: adapter.size for adapter in list_cached()}
    config = len(files[CONFIG])
    assert sizes == {
        "acme/pickle": config + 500,
        "acme/both": config + len(files[WEIGHTS]),
    }


def test_a_snapshot_without_links(hub: Path) -> None:
    """Where the file system has no links, huggingface_hub puts the files there themselves."""
    snapshot = put(hub)
    for file in list(snapshot.iterdir()):
        data = file.read_bytes()
        file.unlink()
        file.write_bytes(data)
    shutil.rmtree(snapshot.parents[1] / "blobs")
    (found,) = list_cached()
    assert found.size == sum(len(adapter_files()[name]) for name in NEEDED)


def test_limits(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_REPOSITORIES", 2)
    monkeypatch.setattr(cache, "MAX_SNAPSHOTS", 1)
    for name in ("a", "b", "c"):
        for commit in (OLD, NEW):
            put(hub, f"models--acme--{name}", commit)
    assert sorted(names(list_cached())) == ["acme/a", "acme/b"]


_AS_NOBODY = """
import os, sys
sys.path.insert(0, sys.argv[1])
from desktop.services.hub.cache import list_cached
from desktop.services.errors import FolderError
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
for os.environ["HF_HUB_CACHE"] in sys.argv[2:]:
    try:
        print([adapter.repo_id for adapter in list_cached()])
    except FolderError as error:
        print(error.message, error.advice)
"""


def test_no_permission() -> None:
    """Root may read everything, so a child gives its rights away first."""
    with tempfile.TemporaryDirectory(prefix="lorarium-") as name:  # tmp_path is closed to others
        top = Path(name)
        top.chmod(0o755)
        closed = top / "closed"
        closed.mkdir()
        closed.chmod(0)
        hub = top / "hub"
        put(hub, "models--acme--good")
        put(hub, "models--acme--refs").parents[1].joinpath("refs").chmod(0)
        places = [
            hub / "models--acme--repo",
            hub / "models--acme--snapshots" / "snapshots",
            hub / "models--acme--snapshot" / "snapshots" / NEW,
            hub / "models--acme--blobs" / "blobs",
            hub / "models--acme--refs" / "refs",
        ]
        for place in places[:-1]:
            put(hub, place.relative_to(hub).parts[0])
            place.chmod(0)
        for file in (CONFIG, WEIGHTS):
            Path(os.path.realpath(put(hub, f"models--acme--{file[:9]}") / file)).chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, str(Path(desktop.__file__).parents[1]),
             str(closed), str(hub)],
            capture_output=True, text=True, cwd="/", timeout=60,
        )  # fmt: skip
        for place in [closed, *places]:
            place.chmod(0o755)
    assert done.returncode == 0, done.stderr
    # Weights that may be seen and not be read are there: the import then says what is wrong.
    assert done.stdout.splitlines() == [
        "You have no permission to read the Hugging Face cache. Change its permissions, then check "
        "again.",
        "['acme/good', 'acme/refs']",
    ]


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
