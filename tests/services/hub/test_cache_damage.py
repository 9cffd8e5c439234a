from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import desktop
from desktop.services.hub import cache
from desktop.services.hub.cache import list_cached
from desktop.services.peft_folder import inspect_folder
from tests.hub_server.content import adapter_files
from tests.services.hub.cached import CONFIG, NEEDED, NEW, OLD, WEIGHTS, names, put


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, made the one that counts."""
    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setenv("HF_HUB_CACHE", str(folder))
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "models--", "models----", "models--..", "models--..--..", "models--a--..",
        "models--a--b--c", "models--acme--a b", "models--acme--a\nb", "models--acme--\u202ebad",
        "models--acme--ä",
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
        b"", b"{", b"[]", b"\xff\xfe", b"[" * 5000,
        b'{"peft_type": "LORA"' + b" " * (2 << 20) + b"}",
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


def test_weights_in_the_store_that_repositories_share(hub: Path) -> None:
    """What comes over Xet lies there; the real huggingface_hub moves it."""
    from huggingface_hub.utils._shared_blobs import publish_blob_to_shared_store

    snapshot = put(hub)
    blob = Path(os.path.realpath(snapshot / WEIGHTS))
    size = blob.stat().st_size
    content = "ab" + "0" * 62
    assert publish_blob_to_shared_store(
        blob_path=str(blob), xet_hash=content, cache_dir=hub, expected_size=size
    )
    assert os.path.realpath(snapshot / WEIGHTS) == str(hub / "blobs" / "ab" / content)
    (found,) = list_cached()
    assert found.size == sum(len(adapter_files()[name]) for name in NEEDED)
    assert not [f for f in inspect_folder(found.path).findings if f.severity == "error"]
    # Nothing else there is let in: other names, a store without its mark, links out of it.
    blob.unlink()
    blob.symlink_to("../../blobs/.huggingface-shared-blobs")
    assert list_cached() == []
    (hub / "blobs" / "cd").mkdir()
    shutil.copy(hub / "blobs" / "ab" / content, hub / "blobs" / "cd" / content)
    blob.unlink()
    blob.symlink_to(f"../../blobs/cd/{content}")
    assert list_cached() == []
    blob.unlink()
    blob.symlink_to(f"../../blobs/ab/{content}")
    assert len(list_cached()) == 1
    (hub / "blobs" / ".huggingface-shared-blobs").unlink()
    assert list_cached() == []


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
        for name, file in (("config", CONFIG), ("weights", WEIGHTS)):
            Path(os.path.realpath(put(hub, f"models--acme--{name}") / file)).chmod(0)
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
        "['acme/good', 'acme/refs', 'acme/weights']",
    ]
