from __future__ import annotations

import logging
import threading
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import constants

from desktop.services import web
from desktop.services.errors import RemoteError
from desktop.services.hub import client as client_module
from desktop.services.hub.client import HubClient
from desktop.services.hub.records import HubQuery, HubReference
from tests.hub_server import HOSTILE_COMMITS, HOSTILE_NAMES, Fault, HubServer, Repo
from tests.hub_server.content import adapter_files
from tests.services.hub.conftest import LORA, refused

HERE = HubReference(LORA)
TOKEN = "hf_TokenMarker" + "x" * 20


# -- what a repository is ------------------------------------------------------------------------


def test_what_a_repository_is(server: HubServer, repo: Repo, client: HubClient) -> None:
    found = client.repo(HERE)
    assert found.reference == HubReference(LORA, endpoint=server.url)
    assert found.commit == repo.commit == client.commit(HERE)
    assert {f.name: f.needed for f in found.files} == {
        ".gitattributes": False,
        "README.md": True,
        "adapter_config.json": True,
        "adapter_model.safetensors": True,
        "optimizer.pt": False,
        "tokenizer_config.json": True,
    }
    for file in found.files:
        assert file.size == len(repo.files[file.name])
        assert (file.sha256 is None) != (file.git_sha1 is None)
    assert (found.downloads, found.likes, found.library) == (5, 2, "peft")
    assert found.licence == "apache-2.0"
    assert found.base_models == ("meta-llama/Llama-2-7b-hf",)
    assert (found.gated, found.private) == ("", False)
    assert found.changed is not None
    assert found.needed_bytes < found.all_bytes


def test_a_revision_is_always_said(server: HubServer, repo: Repo, client: HubClient) -> None:
    """Some mirrors answer nothing else."""
    client.repo(HERE)
    client.commit(HERE)
    assert all("/revision/main" in request.path for request in server.requests)
    assert len(server.requests) == 2


def test_branches_tags_and_commits(repo: Repo, client: HubClient) -> None:
    first = repo.commit
    repo.tag("v1")
    second = repo.push({"README.md": b"new"})
    repo.branch("feature/x", {"README.md": b"branch"})
    for revision, commit in (("", second), ("main", second), ("v1", first), (first, first)):
        reference = HubReference(LORA, revision)
        assert client.commit(reference) == commit
        assert client.repo(reference).commit == commit
    assert client.commit(HubReference(LORA, "feature/x")) not in (first, second)
    error = refused(lambda: client.repo(HubReference(LORA, "no-such")))
    assert error.code == "revision"
    assert error.message == f"There is no branch, tag or commit “no-such” in “{LORA}”."


def test_a_sub_folder(server: HubServer, client: HubClient) -> None:
    files = {f"chat/{name}": data for name, data in adapter_files().items()}
    server.add_repo(LORA, files | {"README.md": b"x"})
    found = client.repo(HubReference(LORA, "", "chat"))
    assert "adapter_config.json" in {file.name for file in found.files}
    assert {file.path for file in found.files} == set(files)
    assert client.repo(HERE).folders == ("chat",)


def test_a_renamed_repository_is_followed(server: HubServer, repo: Repo, client: HubClient) -> None:
    server.add_repo("acme/new-name", adapter_files())
    repo.renamed_to = "acme/new-name"
    found = client.repo(HERE)
    assert found.reference.repo_id == "acme/new-name"
    config = next(f for f in found.files if f.name == "adapter_config.json")
    assert "/acme/new-name/resolve/" in client.address(found, config)
    assert client.commit(HERE) == found.commit


def test_sizes_come_from_the_tree_where_the_info_has_none(
    server: HubServer, repo: Repo, client: HubClient
) -> None:
    """As with olah, a mirror that others wrote."""
    whole = client.repo(HERE)
    repo.says = {"siblings": [{"rfilename": name} for name in repo.files]}
    server.tree_page_size = 2
    server.reset_requests()
    assert client.repo(HERE) == whole
    asked = [request.path for request in server.requests if "/tree/" in request.path]
    assert len(asked) == 3
    assert all(f"/tree/{repo.commit}" in path for path in asked)


def test_a_listing_has_an_end(
    server: HubServer, repo: Repo, client: HubClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.says = {"siblings": None}
    for kind in ("page_loop", "endless_pages"):
        monkeypatch.setattr(client_module, "MAX_TREE_PAGES", 10)
        server.fault = Fault(kind, "/tree/")
        assert refused(lambda: client.repo(HERE)).code == "listing"
        assert server.fault.hits <= 10
    server.fault = None
    monkeypatch.setattr(client_module.listing, "MAX_ENTRIES", 3)
    assert refused(lambda: client.repo(HERE)).code == "listing"
    repo.says = {}
    assert refused(lambda: client.repo(HERE)).code == "listing"


def test_hostile_names_are_left_out(repo: Repo, client: HubClient) -> None:
    repo.extra_names = [*HOSTILE_NAMES]
    found = client.repo(HERE)
    names = {file.name for file in found.files}
    assert names & {*HOSTILE_NAMES} == {"~/x", "-rf"}
    assert len(found.skipped) == len(HOSTILE_NAMES) - 2
    assert all(name.isprintable() for name in found.skipped)


@pytest.mark.parametrize("commit", HOSTILE_COMMITS, ids=lambda c: repr(c)[:20])
def test_a_commit_that_is_none(repo: Repo, client: HubClient, commit: Any) -> None:
    repo.says = {"sha": commit}
    assert refused(lambda: client.repo(HERE)).code == "answer"
    assert refused(lambda: client.commit(HERE)).code == "answer"


def test_another_commit_than_the_one_asked_for(repo: Repo, client: HubClient) -> None:
    first = repo.commit
    second = repo.push({"README.md": b"new"})
    repo.says = {"sha": second}
    assert refused(lambda: client.repo(HubReference(LORA, first))).code == "answer"


@pytest.mark.parametrize(
    "says",
    [
        {"id": "../../x"}, {"id": 7}, {"id": None}, {"siblings": 7}, {"siblings": [7]},
        {"siblings": [{"rfilename": 5, "size": 1}]}, {"lastModified": "yesterday"},
        {"cardData": {"self": 1}}, {"siblings": [{"rfilename": "a", "size": "many"}]},
        {"siblings": [{"rfilename": "a", "size": 1, "blobId": "../x"}]},
        {"siblings": [{"rfilename": "a", "size": 1, "lfs": {"sha256": "x"}}]},
        {"siblings": [{"rfilename": "a", "size": 1 << 60}]},
    ],
    ids=str,
)  # fmt: skip
def test_garbage_in_an_info(repo: Repo, client: HubClient, says: dict[str, Any]) -> None:
    repo.says = says
    assert refused(lambda: client.repo(HERE)).code == "answer"


@pytest.mark.parametrize(
    "says",
    [
        {"tags": None}, {"tags": 7}, {"tags": {"a": 1}}, {"tags": [None, 5, "\x1b[31m"]},
        {"downloads": "many", "likes": -1}, {"gated": 7}, {"private": "x"}, {"library_name": 5},
        {"cardData": ["x"]}, {"cardData": "x"}, {"cardData": {"license": 5}},
        {"cardData": {"base_model": {"a": 1}}},
        {"cardData": {"license": ["mit", "x\u202ey"], "base_model": ["../..", 5]}},
        {"lastModified": None}, {"cardData": {"model-index": [{"name": 5}]}},
    ],
    ids=str,
)  # fmt: skip
def test_odd_words_in_an_info_do_no_harm(
    repo: Repo, client: HubClient, says: dict[str, Any]
) -> None:
    repo.says = says
    found = client.repo(HERE)
    assert found.licence.isprintable()
    assert all(tag.isprintable() for tag in found.tags)
    assert found.gated in ("", "auto", "manual")


# -- who may see it ------------------------------------------------------------------------------


def test_what_is_not_there_and_what_is_private_look_the_same(
    server: HubServer, client: HubClient
) -> None:
    server.add_repo("acme/secret", adapter_files(), private=True)
    host = server.url.removeprefix("http://")
    for name in ("acme/secret", "acme/no-such"):
        error = refused(lambda name=name: client.repo(HubReference(name)))
        assert error.code == "not_found"
        assert error.message == f"There is no repository “{name}” on {host}, or it is private."
        assert error.advice == "Check the spelling, or sign in to see private ones."


def test_a_private_repository_and_its_reader(server: HubServer) -> None:
    server.add_user("alice", TOKEN, {"acme/secret"})
    server.add_user("bob", "hf_bob")
    server.add_repo("acme/secret", adapter_files(), private=True)
    where = HubReference("acme/secret")
    assert HubClient(server.url, TOKEN).repo(where).private
    error = refused(lambda: HubClient(server.url, "hf_bob").repo(where))
    assert error.code == "not_found"
    assert error.advice == "Check the spelling, or sign in with an account that may see it."


def test_a_token_that_is_not_accepted(server: HubServer, repo: Repo) -> None:
    stranger = HubClient(server.url, TOKEN)
    for call in (
        lambda: stranger.repo(HERE),
        lambda: stranger.commit(HERE),
        lambda: stranger.search(HubQuery()),
        stranger.user,
    ):
        error = refused(call)
        assert error.code == "token"
        assert error.message == "The server did not accept the token."


def test_who_somebody_is(server: HubServer, client: HubClient) -> None:
    server.add_user("alice", TOKEN)
    assert HubClient(server.url, TOKEN).user() == "alice"
    assert refused(client.user).code == "token"
    for body in (b'{"name": 5}', b"{}", b"[]", b'{"name": " "}', b"<html>"):
        server.fault = Fault("body", "whoami", body=body)
        assert refused(HubClient(server.url, TOKEN).user).code == "answer"


def test_a_gated_repository_can_be_seen(server: HubServer, client: HubClient) -> None:
    repo = server.add_repo("acme/gated", adapter_files(), gated="manual")
    found = client.repo(HubReference("acme/gated"))
    assert (found.gated, found.commit) == ("manual", repo.commit)
    transfer = RemoteError("forbidden", "The server refuses.")
    error = refused(lambda: client.explain_refusal(found, transfer))
    assert error.code == "gated"
    assert error.message == "You can see this repository, but its files are gated."
    assert error.advice == "Ask for access on its page, then sign in."
    server.add_user("bob", "hf_bob")
    bob = HubClient(server.url, "hf_bob")
    assert refused(lambda: bob.explain_refusal(found, transfer)).advice == (
        "Ask for access on its page, then try again."
    )
    server.add_user("alice", TOKEN, {"acme/gated"})
    HubClient(server.url, TOKEN).explain_refusal(found, transfer)


def test_a_repository_that_was_shut(repo: Repo, client: HubClient) -> None:
    repo.disabled = True
    assert refused(lambda: client.repo(HERE)).code == "forbidden"


def test_no_token_that_lies_about_is_taken(
    server: HubServer, repo: Repo, client: HubClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    client.repo(HERE)
    client.search(HubQuery())
    assert server.requests
    assert not any("authorization" in request.headers for request in server.requests)
    assert refused(client.user).code == "token"


def test_a_token_shows_nowhere(
    server: HubServer, repo: Repo, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    owner = HubClient(server.url, TOKEN)
    server.add_user("alice", TOKEN)
    owner.repo(HERE)
    assert server.requests[-1].headers["authorization"] == f"Bearer {TOKEN}"
    server.fault = Fault("status", status=500)
    error = refused(lambda: owner.repo(HERE))
    shown = f"{owner!r} {error!r} {error.__context__!r} {caplog.text}"
    assert TOKEN not in shown


def test_what_a_server_wants_to_be_logged_is_not(
    server: HubServer, repo: Repo, client: HubClient
) -> None:
    server.fault = Fault("headers", headers={"X-HF-Warning": "topic; Send your token here"})
    assert client.repo(HERE).commit == repo.commit
    assert server.fault.hits


# -- the library that is shared ------------------------------------------------------------------


def test_the_library_goes_on_as_before_for_others(
    server: HubServer, repo: Repo, client: HubClient
) -> None:
    """A script that uses Lorarium may use huggingface_hub too."""
    client.repo(HERE)
    server.reset_requests()
    api = huggingface_hub.HfApi(server.url, token=False)
    assert api.model_info(LORA).sha == repo.commit
    assert "x-amzn-trace-id" in server.requests[0].headers  # of its own client
    client.repo(HERE)
    assert "x-amzn-trace-id" not in server.requests[-1].headers
    assert server.requests[-1].headers["user-agent"].startswith("lorarium/")


def test_nothing_else_is_asked(server: HubServer, repo: Repo, client: HubClient) -> None:
    """The library would look for a list of programs on the machine, at its own endpoint."""
    client.repo(HERE)
    assert constants.HF_HUB_DISABLE_TELEMETRY
    assert [request.path for request in server.requests] == [
        f"/api/models/{LORA}/revision/main?blobs=true"
    ]


def test_several_threads_share_the_connections(
    server: HubServer, repo: Repo, client: HubClient
) -> None:
    other = server.add_repo("acme/other", adapter_files(rank=4))
    found: list[bool] = []

    def ask(name: str, commit: str) -> None:
        found.extend(client.repo(HubReference(name)).commit == commit for _ in range(10))

    threads = [
        threading.Thread(target=ask, args=pair)
        for pair in [(LORA, repo.commit), ("acme/other", other.commit)] * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 40


def test_outside_a_visit_nothing_of_ours_is_sent(client: HubClient) -> None:
    with client.asking("x", None):
        web.current_visit()
    with pytest.raises(RuntimeError):
        web.current_visit()
