"""The test hub speaks the Hub's protocol: the Hub's own client cannot tell the difference."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi, close_session, constants, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from tqdm import tqdm

from tests.hub_server import HOSTILE_NAMES, Fault, HubServer, Repo
from tests.hub_server.content import adapter_files, big_adapter_files
from tests.support import LLAMA

WEIGHTS = "adapter_model.safetensors"
COMMIT_DIGITS = 40


@pytest.fixture(autouse=True)
def plain_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Xet is not what is served here, and progress bars would leave a thread that watches them.
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(tqdm, "monitor_interval", 0)
    yield
    close_session()


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def repo(hub: HubServer) -> Repo:
    return hub.add_repo("acme/sql-lora", adapter_files(), downloads=120, likes=7)


def api(hub: HubServer, token: str | bool = False) -> HfApi:
    return HfApi(endpoint=hub.url, token=token)


def files_in(folder: str | Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in Path(folder).rglob("*")
        if path.is_file() and ".cache" not in path.relative_to(folder).parts
    }


# -- asking --------------------------------------------------------------------------------------


@pytest.mark.parametrize("revision", [None, "main", "v1", "feature/x", "commit"])
def test_info(hub: HubServer, repo: Repo, revision: str | None) -> None:
    repo.tag("v1")
    repo.branch("feature/x")
    given = repo.commit if revision == "commit" else revision
    info = api(hub).model_info("acme/sql-lora", revision=given, files_metadata=True)
    assert (info.id, info.sha, info.author) == ("acme/sql-lora", repo.commit, "acme")
    assert (info.downloads, info.likes, info.private, info.gated) == (120, 7, False, False)
    assert info.card_data is not None
    assert info.card_data.base_model == LLAMA
    assert {"peft", "lora", f"base_model:adapter:{LLAMA}", "license:apache-2.0"} <= set(info.tags)
    assert {s.rfilename: s.size for s in info.siblings} == {
        name: len(data) for name, data in repo.files.items()
    }
    in_lfs = {s.rfilename: s.lfs.sha256 for s in info.siblings if s.lfs}
    assert in_lfs == {
        name: hashlib.sha256(repo.files[name]).hexdigest() for name in (WEIGHTS, "optimizer.pt")
    }


def test_info_of_chosen_properties(hub: HubServer, repo: Repo) -> None:
    info = api(hub).model_info("acme/sql-lora", revision="main", expand=["sha", "gated", "tags"])
    assert (info.sha, info.gated) == (repo.commit, False)
    assert (info.siblings, info.downloads, info.card_data) == (None, None, None)


def test_git_hashes_are_those_of_git(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    info = api(hub).model_info("acme/sql-lora", revision="main", files_metadata=True)
    said = {s.rfilename: s.blob_id for s in info.siblings}
    (tmp_path / "file").write_bytes(repo.files["README.md"])
    run = subprocess.run(
        ["git", "hash-object", "file"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert said["README.md"] == run.stdout.strip()


def test_tree_in_pages_and_by_folder(hub: HubServer) -> None:
    files = {"README.md": b"x", "a/one.json": b"1", "a/b/two.bin": b"2", "c/three.json": b"3"}
    hub.add_repo("acme/deep", files)
    hub.tree_page_size = 2
    asked = api(hub)
    found = list(asked.list_repo_tree("acme/deep", recursive=True))
    assert {entry.path for entry in found} == {*files, "a", "a/b", "c"}
    assert len(hub.asked("/tree/")) == 4
    assert {e.path for e in asked.list_repo_tree("acme/deep", "a")} == {"a/one.json", "a/b"}
    assert asked.list_repo_files("acme/deep") == sorted(files)
    with pytest.raises(RemoteEntryNotFoundError):
        list(asked.list_repo_tree("acme/deep", "nowhere"))
    (info,) = asked.get_paths_info("acme/deep", ["a/b/two.bin"])
    assert info.lfs.sha256 == hashlib.sha256(b"2").hexdigest()


def test_search(hub: HubServer) -> None:
    for n in range(45):
        hub.add_repo(f"acme/sql-{n:02}", {"adapter_config.json": b"{}"}, downloads=n, likes=45 - n)
    hub.add_repo("other/sql", adapter_files(), last_modified="2026-11-20T00:00:00.000Z")
    hub.add_repo("other/no-adapter", {}, library="transformers", gated="auto")
    asked = api(hub)
    found = list(asked.list_models(filter="peft", sort="downloads"))
    assert len(found) == 46
    assert [row.downloads for row in found[:3]] == [44, 43, 42]
    assert len(hub.asked("/api/models")) == 3
    assert [row.id for row in asked.list_models(sort="likes", limit=2)] == [
        "acme/sql-00",
        "acme/sql-01",
    ]
    assert next(iter(asked.list_models(sort="last_modified"))).id == "other/sql"
    by_base = asked.list_models(filter=["peft", f"base_model:adapter:{LLAMA}"])
    assert [row.id for row in by_base] == ["other/sql"]
    assert [row.id for row in asked.list_models(search="SQL-3", author="acme", limit=99)] == [
        f"acme/sql-3{n}" for n in range(10)
    ]
    assert [row.id for row in asked.list_models(gated=True)] == ["other/no-adapter"]
    row = next(iter(asked.list_models(author="other", search="sql", expand=["sha", "siblings"])))
    assert (row.sha, len(row.siblings)) == (hub.routes.repos["other/sql"].commit, 6)
    plain = next(iter(asked.list_models(author="other", search="sql")))
    assert (plain.sha, plain.siblings, plain.gated) == (None, None, None)
    full = next(iter(asked.list_models(author="other", search="sql", full=True, cardData=True)))
    assert (full.gated, full.card_data.base_model) == (False, LLAMA)


def test_refs_and_history(hub: HubServer, repo: Repo) -> None:
    first = repo.tag("v1")
    second = repo.push({"README.md": b"# New"})
    dev = repo.branch("dev", {"adapter_config.json": b"{}", "optimizer.pt": None})
    refs = api(hub).list_repo_refs("acme/sql-lora")
    assert {ref.name: ref.target_commit for ref in refs.branches} == {"main": second, "dev": dev}
    assert {ref.name: ref.target_commit for ref in refs.tags} == {"v1": first}
    assert len({first, second, dev}) == 3
    assert all(len(commit) == COMMIT_DIGITS for commit in (first, second, dev))
    commits = api(hub).list_repo_commits("acme/sql-lora")
    assert [commit.commit_id for commit in commits] == [second, first]
    old = api(hub).model_info("acme/sql-lora", revision=first, files_metadata=True)
    assert {s.rfilename: s.size for s in old.siblings}["README.md"] > len(b"# New")


def test_the_same_content_is_the_same_commit(hub: HubServer) -> None:
    one = hub.add_repo("acme/one", {"a": b"1"}).commit
    assert hub.add_repo("acme/one", {"a": b"1"}).commit == one
    assert hub.add_repo("acme/one", {"a": b"2"}).commit != one


def test_a_mirror_below_a_path(tmp_path: Path) -> None:
    with HubServer(prefix="/mirror") as hub:
        hub.resolve_cache = True
        hub.page_size = 1
        repo = hub.add_repo("acme/old", adapter_files())
        hub.add_repo("acme/other", adapter_files())
        repo.renamed_to = "acme/new"
        assert hub.url.endswith("/mirror")
        folder = snapshot_download(
            "acme/old", endpoint=hub.url, token=False, local_dir=tmp_path / "copy"
        )
        assert files_in(folder) == repo.files
        assert len(list(api(hub).list_models())) == 2
        assert all(r.path.startswith(("/mirror/", "/lfs/")) for r in hub.requests)
        root = hub.url.removesuffix("/mirror")
        assert httpx2.get(f"{root}/api/models").status_code == 404


# -- who may -------------------------------------------------------------------------------------


def test_who_am_i(hub: HubServer) -> None:
    hub.add_user("alice", token="hf_alice")
    assert api(hub, "hf_alice").whoami()["name"] == "alice"
    with pytest.raises(HfHubHTTPError) as caught:
        api(hub, "hf_wrong").whoami()
    assert caught.value.response.status_code == 401


def test_a_bad_token_is_one_even_where_none_is_needed(hub: HubServer, repo: Repo) -> None:
    with pytest.raises(HfHubHTTPError) as caught:
        api(hub, "hf_wrong").model_info("acme/sql-lora", revision="main")
    assert not isinstance(caught.value, RepositoryNotFoundError)
    assert caught.value.response.headers["X-Error-Message"] == (
        "Invalid credentials in Authorization header"
    )


def test_private(hub: HubServer) -> None:
    repo = hub.add_repo("acme/secret", adapter_files(), private=True)
    hub.add_user("alice", token="hf_alice", can_read={"acme/secret"})
    hub.add_user("bob", token="hf_bob")
    hub.add_user("acme", token="hf_acme")
    for token, status in ((False, 401), ("hf_bob", 404)):
        with pytest.raises(RepositoryNotFoundError) as caught:
            api(hub, token).model_info("acme/secret", revision="main")
        assert caught.value.response.status_code == status
        assert list(api(hub, token).list_models()) == []
    for token in ("hf_alice", "hf_acme"):
        assert api(hub, token).model_info("acme/secret", revision="main").sha == repo.commit
        assert [row.id for row in api(hub, token).list_models()] == ["acme/secret"]


def test_gated(hub: HubServer, tmp_path: Path) -> None:
    hub.add_repo("acme/gated", adapter_files(), gated="manual")
    hub.add_user("alice", token="hf_alice", can_read={"acme/gated"})
    hub.add_user("bob", token="hf_bob")
    for token, status in ((False, 401), ("hf_bob", 403)):
        asked = api(hub, token)
        assert asked.model_info("acme/gated", revision="main").gated == "manual"
        assert WEIGHTS in asked.list_repo_files("acme/gated")
        with pytest.raises(GatedRepoError) as caught:
            asked.auth_check("acme/gated")
        assert caught.value.response.status_code == status
        with pytest.raises(GatedRepoError):
            asked.hf_hub_download("acme/gated", WEIGHTS, local_dir=tmp_path)
    asked = api(hub, "hf_alice")
    asked.auth_check("acme/gated")
    hub.reset_requests()
    path = asked.hf_hub_download("acme/gated", WEIGHTS, local_dir=tmp_path)
    assert Path(path).stat().st_size == len(adapter_files()[WEIGHTS])
    elsewhere = hub.asked("^/lfs/")
    assert [request.host for request in elsewhere] == [hub.lfs_host.removeprefix("http://")]
    assert not any("authorization" in request.headers for request in elsewhere)
    assert all("authorization" in request.headers for request in hub.asked("/resolve/"))


def test_an_address_of_lfs_works_only_signed(hub: HubServer, repo: Repo) -> None:
    head = httpx2.head(f"{hub.url}/acme/sql-lora/resolve/main/{WEIGHTS}")
    assert head.status_code == 302
    place = head.headers["Location"]
    assert httpx2.get(place).content == repo.files[WEIGHTS]
    assert httpx2.get(place.split("?")[0]).status_code == 403


def test_what_is_not_there(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    asked = api(hub)
    with pytest.raises(RepositoryNotFoundError):
        asked.model_info("acme/nothing", revision="main")
    with pytest.raises(RevisionNotFoundError):
        asked.model_info("acme/sql-lora", revision="v9")
    with pytest.raises(RemoteEntryNotFoundError):
        asked.hf_hub_download("acme/sql-lora", "nothing.json", local_dir=tmp_path)
    assert asked.repo_exists("acme/sql-lora")
    assert not asked.repo_exists("acme/nothing")
    assert asked.file_exists("acme/sql-lora", WEIGHTS)
    assert not asked.file_exists("acme/sql-lora", "nothing.json")
    repo.disabled = True
    with pytest.raises(DisabledRepoError):
        asked.model_info("acme/sql-lora", revision="main")


def test_renamed(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    repo.renamed_to = "acme/text-to-sql"
    info = api(hub).model_info("acme/sql-lora", revision="main", files_metadata=True)
    assert (info.id, info.sha) == ("acme/text-to-sql", repo.commit)
    moved = httpx2.get(f"{hub.url}/api/models/acme/sql-lora?blobs=true")
    assert (moved.status_code, moved.headers["Location"]) == (
        307,
        "/api/models/acme/text-to-sql?blobs=true",
    )
    for name in ("acme/sql-lora", "acme/text-to-sql"):
        path = api(hub).hf_hub_download(name, "README.md", local_dir=tmp_path / name)
        assert Path(path).read_bytes() == repo.files["README.md"]


# -- bytes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("resolve_cache", [False, True])
def test_snapshot(hub: HubServer, tmp_path: Path, resolve_cache: bool) -> None:
    hub.resolve_cache = resolve_cache
    files = {**adapter_files(weights_mb=3), "checkpoint-1/adapter_config.json": b"{}"}
    repo = hub.add_repo("acme/sql-lora", files)
    folder = snapshot_download(
        "acme/sql-lora", endpoint=hub.url, token=False, local_dir=tmp_path / "copy"
    )
    assert files_in(folder) == files
    assert bool(hub.asked("/api/resolve-cache/")) == resolve_cache
    assert hub.sent(WEIGHTS) == len(files[WEIGHTS])
    report = api(hub).verify_repo_checksums("acme/sql-lora", revision=repo.commit, local_dir=folder)
    assert (report.mismatches, report.missing_paths) == ([], [])
    assert report.checked_count == len(files)


def test_snapshot_of_an_older_commit_in_the_cache(
    hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    before, first = repo.files, repo.commit
    second = repo.push({"README.md": b"# New", WEIGHTS: b"other weights"})
    for commit, files in ((first, before), (second, repo.files)):
        folder = snapshot_download(
            "acme/sql-lora", revision=commit, endpoint=hub.url, token=False, cache_dir=tmp_path
        )
        assert Path(folder).name == commit
        assert files_in(folder) == files


def test_a_folder_as_a_repository_with_one_name(hub: HubServer, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "ä b.json").write_bytes(b"{}")
    hub.add_repo("gpt2-lora", folder=folder)
    path = hf_hub_download(
        "gpt2-lora", "sub/ä b.json", endpoint=hub.url, token=False, local_dir=tmp_path / "copy"
    )
    assert Path(path).read_bytes() == b"{}"
    assert api(hub).model_info("gpt2-lora", revision="main").id == "gpt2-lora"


@pytest.mark.parametrize("name", [WEIGHTS, "README.md"])
def test_ranges(hub: HubServer, repo: Repo, name: str) -> None:
    data = repo.files[name]
    place = f"{hub.url}/acme/sql-lora/resolve/main/{name}"

    def get(asked: str, **headers: str) -> httpx2.Response:
        return httpx2.get(place, headers={"Range": asked, **headers}, follow_redirects=True)

    part = get("bytes=10-19")
    assert (part.status_code, part.content) == (206, data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(data)}"
    assert get("bytes=100-").content == data[100:]
    assert get("bytes=-7").content == data[-7:]
    assert get(f"bytes=5-{10 * len(data)}").content == data[5:]
    beyond = get(f"bytes={len(data)}-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(data)}")
    etag = part.headers["ETag"]
    assert get("bytes=1-", **{"If-Range": etag}).status_code == 206
    whole = get("bytes=1-", **{"If-Range": '"older"'})
    assert (whole.status_code, whole.content) == (200, data)


def test_the_head_of_the_weights_alone(hub: HubServer) -> None:
    hub.add_repo("acme/big", big_adapter_files(8))
    found = api(hub).parse_safetensors_file_metadata("acme/big", WEIGHTS)
    assert len(found.tensors) == 4
    assert sum(t.data_offsets[1] - t.data_offsets[0] for t in found.tensors.values()) >= 8 << 20
    assert hub.sent(WEIGHTS) < 200_000


def test_too_many_requests(hub: HubServer, repo: Repo) -> None:
    hub.fault = Fault("status", match="/revision/", status=429, retry_after=3)
    with pytest.raises(HfHubHTTPError, match="Retry after 3 seconds") as caught:
        api(hub).model_info("acme/sql-lora", revision="main")
    assert caught.value.response.headers["Retry-After"] == "3"


def test_hostile_names_are_listed_as_they_are(hub: HubServer, repo: Repo) -> None:
    repo.extra_names = [*HOSTILE_NAMES]
    asked = api(hub)
    said = [s.rfilename for s in asked.model_info("acme/sql-lora", revision="main").siblings]
    listed = [entry.path for entry in asked.list_repo_tree("acme/sql-lora", recursive=True)]
    assert set(HOSTILE_NAMES) <= set(said)
    assert set(HOSTILE_NAMES) <= set(listed)


def test_what_a_repository_claims(hub: HubServer, repo: Repo) -> None:
    repo.commit_says, repo.etag_says = "../../x", '"../../etag"'
    repo.size_says, repo.sha256_says = {"README.md": 1}, {WEIGHTS: "0" * 64}
    repo.says = {"gated": "surprise", "downloads": None}
    info = api(hub).model_info("acme/sql-lora", revision="main", files_metadata=True)
    assert (info.sha, info.gated, info.downloads) == ("../../x", "surprise", None)
    said = {s.rfilename: s for s in info.siblings}
    assert (said["README.md"].size, said[WEIGHTS].lfs.sha256) == (1, "0" * 64)
    head = httpx2.head(f"{hub.url}/acme/sql-lora/resolve/..%2F..%2Fx/README.md")
    assert (head.headers["X-Repo-Commit"], head.headers["ETag"]) == ("../../x", '"../../etag"')
    head = httpx2.head(f"{hub.url}/acme/sql-lora/resolve/main/{WEIGHTS}")
    assert head.headers["X-Linked-Etag"] == '"../../etag"'


def test_xet_is_offered_where_it_is_on(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    hub.xet = True
    head = httpx2.head(f"{hub.url}/acme/sql-lora/resolve/main/{WEIGHTS}")
    assert len(head.headers["X-Xet-Hash"]) == 64
    assert "xet-auth" in head.links
    path = api(hub).hf_hub_download("acme/sql-lora", WEIGHTS, local_dir=tmp_path)
    assert Path(path).read_bytes() == repo.files[WEIGHTS]


def test_the_command_line_client(hub: HubServer, repo: Repo, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "HF_ENDPOINT": hub.url,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    hf = Path(sys.executable).with_name("hf")
    command = [hf, "download", "acme/sql-lora", "--local-dir", tmp_path / "copy"]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    assert files_in(tmp_path / "copy") == repo.files
