from __future__ import annotations

from typing import Any

import pytest

from desktop.services.errors import RemoteError
from desktop.services.hub.client import HubClient
from desktop.services.hub.records import HubPage, HubQuery
from desktop.services.hub.search import (
    MAX_PAGES,
    base_models_of,
    cursor_of,
    licence_of,
    page_of,
    query_of,
    seconds,
    texts,
)
from tests.hub_server import Fault, HubServer
from tests.support import LLAMA

ASKED = "https://hub.example/x/api/models?a=1"
MISTRAL = "mistralai/Mistral-7B-v0.1"


def ids(page: HubPage) -> list[str]:
    return [result.repo_id for result in page.results]


@pytest.fixture
def shelf(server: HubServer) -> HubServer:
    """Some adapters, and what is none."""
    for repo_id, base, downloads, likes, day in (
        ("acme/sql", LLAMA, 50, 1, 3),
        ("acme/chat", LLAMA, 10, 9, 2),
        ("zoo/chat-de", MISTRAL, 30, 4, 1),
    ):
        server.add_repo(
            repo_id, {"README.md": b"x"}, library="peft", downloads=downloads, likes=likes,
            last_modified=f"2026-11-0{day}T08:30:00.000Z",
            tags=["peft", f"base_model:adapter:{base}", f"base_model:{base}", "license:mit"],
        )  # fmt: skip
    server.add_repo(
        "acme/whole", {"README.md": b"x"}, library="transformers", tags=["transformers"]
    )
    return server


def test_adapters_are_found_and_nothing_else(shelf: HubServer, client: HubClient) -> None:
    page = client.search(HubQuery())
    assert ids(page) == ["acme/sql", "zoo/chat-de", "acme/chat"]
    assert page.cursor == ""
    first = page.results[0]
    assert (first.downloads, first.likes, first.licence) == (50, 1, "mit")
    assert first.base_models == (LLAMA,)
    assert first.changed == seconds("2026-11-03T08:30:00Z")
    assert not first.gated
    assert not first.private


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (HubQuery(base_model=LLAMA), ["acme/sql", "acme/chat"]),
        (HubQuery(base_model="no/such"), []),
        (HubQuery(text=" chat "), ["zoo/chat-de", "acme/chat"]),
        (HubQuery(author="zoo"), ["zoo/chat-de"]),
        (HubQuery(sort="likes"), ["acme/chat", "zoo/chat-de", "acme/sql"]),
        (HubQuery(sort="last_modified"), ["acme/sql", "acme/chat", "zoo/chat-de"]),
        (HubQuery(sort="no such order"), ["acme/sql", "zoo/chat-de", "acme/chat"]),
    ],
)
def test_questions(
    shelf: HubServer, client: HubClient, query: HubQuery, expected: list[str]
) -> None:
    assert ids(client.search(query)) == expected


def test_what_is_no_name_of_a_base_model_asks_nobody(shelf: HubServer, client: HubClient) -> None:
    assert client.search(HubQuery(base_model="../x")) == HubPage(())
    assert shelf.requests == []


def test_page_by_page(server: HubServer, client: HubClient) -> None:
    server.page_size = 4
    expected = [f"acme/a{n:02}" for n in range(10)]
    for n, repo_id in enumerate(expected):
        server.add_repo(repo_id, {"README.md": b"x"}, library="peft", downloads=100 - n)
    seen: list[str] = []
    cursor, pages = "", 0
    while True:
        page = client.search(HubQuery(), cursor)
        seen += ids(page)
        pages += 1
        cursor = page.cursor
        if not cursor:
            break
    assert seen == expected
    assert pages == 3


def test_what_is_gated_or_private_is_marked(server: HubServer, client: HubClient) -> None:
    server.add_user("alice", "hf_alice", {"acme/secret"})
    server.add_repo("acme/secret", {"README.md": b"x"}, library="peft", private=True)
    server.add_repo("acme/gated", {"README.md": b"x"}, library="peft", gated="auto")
    mine = HubClient(server.url, "hf_alice").search(HubQuery())
    assert {r.repo_id: (r.gated, r.private) for r in mine.results} == {
        "acme/secret": (False, True),
        "acme/gated": (True, False),
    }
    assert ids(client.search(HubQuery())) == ["acme/gated"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("page_loop", "/api/models"), "listing"),
        (Fault("page", "/api/models"), "answer"),
        (Fault("body", "/api/models", body=b'{"error": "x"}'), "answer"),
        (Fault("body", "/api/models", body=b"[1, {"), "answer"),
        (Fault("huge_json", "/api/models", size=40 << 20), "answer"),
        (Fault("deep_json", "/api/models", size=1 << 20), "answer"),
        (Fault("status", "/api/models", status=503), "server"),
        (Fault("status", "/api/models", status=429, retry_after=7), "rate"),
        (Fault("status", "/api/models", status=401), "token"),
        (Fault("status", "/api/models", status=404), "answer"),
        (Fault("cut", "/api/models", after=5), "cut"),
        (Fault("reset", "/api/models", after=-1), "cut"),
        (Fault("next_page_to", "/api/models", to="https://evil.example/other"), "listing"),
        (Fault("redirect_to", "/api/models", to="file:///etc/passwd"), "address"),
        (Fault("redirect_to", "/api/models", to=""), "answer"),
        (Fault("gzip_bomb", "/api/models", size=200 << 20), "answer"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else value,
)
def test_faults_have_a_name(shelf: HubServer, client: HubClient, fault: Fault, code: str) -> None:
    shelf.page_size = 1
    shelf.fault = fault
    with pytest.raises(RemoteError) as refused:
        client.search(HubQuery())
    assert refused.value.code == code
    assert fault.hits >= 1


def test_endless_pages_end(shelf: HubServer, client: HubClient) -> None:
    shelf.fault = Fault("endless_pages", "/api/models")
    page = client.search(HubQuery())
    assert page.cursor
    number, query = query_of(page.cursor)
    assert number == 2
    with pytest.raises(RemoteError) as refused:
        client.search(HubQuery(), f"{MAX_PAGES}?{query}")
    assert refused.value.code == "listing"


def test_a_next_page_elsewhere_is_asked_here(shelf: HubServer, client: HubClient) -> None:
    """A mirror that passes on the links of the Hub; or one that wants to lead us away."""
    shelf.page_size = 1
    shelf.fault = Fault(
        "next_page_to", "/api/models", to="https://evil.example/api/models?sort=likes"
    )
    page = client.search(HubQuery())
    shelf.fault = None
    shelf.reset_requests()
    assert page.cursor == "2?sort=likes"
    client.search(HubQuery(), page.cursor)
    assert [request.path for request in shelf.requests] == ["/api/models?sort=likes"]


def test_the_token_goes_along(shelf: HubServer) -> None:
    shelf.add_user("alice", "hf_alice")
    HubClient(shelf.url, "hf_alice").search(HubQuery())
    assert shelf.requests[0].headers["authorization"] == "Bearer hf_alice"


# -- cursors -------------------------------------------------------------------------------------


def test_a_cursor_goes_there_and_back() -> None:
    cursor = cursor_of("/x/api/models?cursor=abc%3D&limit=30", ASKED, 1)
    assert query_of(cursor) == (2, "cursor=abc%3D&limit=30")
    assert cursor_of("", ASKED, 1) == ""


@pytest.mark.parametrize(
    "link",
    [
        ASKED, "?a=1", "/api/models", "https://hub.example/other?b=1", "https://[::1/api/models?b=1",
        f"/x/api/models?{'b' * 5000}", "/x/api/models?b=\u00e9",
    ],
)  # fmt: skip
def test_links_that_lead_nowhere(link: str) -> None:
    with pytest.raises(RemoteError) as refused:
        cursor_of(link, ASKED, 1)
    assert refused.value.code == "listing"


@pytest.mark.parametrize(
    "cursor",
    ["x", "2", "2?", "?a=1", "2?a b", "2?a\r\nHost: x", "99999?a=1", "2?a#b", f"2?{'a' * 9000}"],
)
def test_a_cursor_that_is_not_ours(shelf: HubServer, client: HubClient, cursor: str) -> None:
    with pytest.raises(RemoteError) as refused:
        client.search(HubQuery(), cursor)
    assert refused.value.code == "listing"
    assert shelf.requests == []


# -- lines ---------------------------------------------------------------------------------------


def test_lines_of_a_stranger() -> None:
    rows: list[Any] = [
        {"id": "../../etc"}, {"id": 7}, {}, "x", None, {"id": "a/b/c"}, {"id": "a" * 200},
        {"id": "ok/one", "downloads": "9", "likes": True, "lastModified": "yesterday", "gated": "x",
         "private": "no",
         "tags": ["a\u202eb", 5, "", "license:mit", "base_model:adapter:../x", "t" * 999]},
        {"id": "ok/two", "tags": "license:mit"},
        {"id": "ok/three", "tags": {"license:mit": 1}, "downloads": -5, "likes": 1 << 80},
    ]  # fmt: skip
    page = page_of(rows, "")
    assert ids(page) == ["ok/one", "ok/two", "ok/three"]
    first = page.results[0]
    assert (first.downloads, first.likes, first.changed) == (None, None, None)
    assert (first.gated, first.private, first.licence) == (True, False, "mit")
    assert first.base_models == ()
    assert all(tag.isprintable() and len(tag) <= 201 for tag in first.tags)
    assert (page.results[2].downloads, page.results[2].likes) == (None, None)


def test_a_page_is_a_list() -> None:
    for other in ({}, None, "x", 5):
        with pytest.raises(TypeError):
            page_of(other, "")


def test_words_in_tags() -> None:
    assert licence_of(("peft", "license:", "license:apache-2.0")) == "apache-2.0"
    assert licence_of(()) == ""
    tags = (f"base_model:{LLAMA}", f"base_model:adapter:{LLAMA.upper()}", "base_model:adapter:x y")
    assert base_models_of(tags, MISTRAL, "/local/path") == (LLAMA, MISTRAL)
    assert texts(["a"] * 300) == ("a",) * 100
    assert texts(None) == texts(5) == ()


def test_times() -> None:
    assert seconds("1970-01-02T00:00:00.000Z") == 86400.0
    for other in (None, 5, "", "x", "2026-11-12", "2026-11-12T00:00:00", "9" * 60):
        assert seconds(other) is None
