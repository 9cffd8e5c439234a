"""Each fault of the test hub is the one that it is called, and none keeps the hub from ending."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.hub_server import Fault, HubServer, Repo, http_date
from tests.hub_server.content import adapter_files

WEIGHTS = "adapter_model.safetensors"
PLACE = f"/acme/x/resolve/main/{WEIGHTS}"
INFO = "/api/models/acme/x/revision/main"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here is encrypted: no client has to load the world's certificates for it."""


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def repo(hub: HubServer) -> Repo:
    return hub.add_repo("acme/x", adapter_files(weights_mb=1))


def get(hub: HubServer, place: str = PLACE, **given: Any) -> httpx2.Response:
    return httpx2.get(
        hub.url + place, follow_redirects=True, **{"timeout": 5, "verify": NO_TLS, **given}
    )


def head(hub: HubServer, place: str) -> httpx2.Response:
    return httpx2.head(hub.url + place, timeout=5, verify=NO_TLS)


def stream(hub: HubServer, place: str = PLACE) -> AbstractContextManager[httpx2.Response]:
    return httpx2.stream("GET", hub.url + place, follow_redirects=True, timeout=5, verify=NO_TLS)


def read(hub: HubServer, place: str = PLACE) -> tuple[bytes, Exception | None]:
    """What arrives, and how it ends."""
    held = b""
    try:
        with stream(hub, place) as answer:
            for piece in answer.iter_raw():
                held += piece
    except httpx2.HTTPError as error:
        return held, error
    return held, None


# -- the whole answer ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503, 504])
@pytest.mark.parametrize("place", [PLACE, INFO])
def test_status(hub: HubServer, repo: Repo, status: int, place: str) -> None:
    when = http_date(1_800_000_000)
    hub.fault = Fault("status", status=status, retry_after=when, error_code="X", times=2)
    for _ in range(2):
        answer = get(hub, place)
        assert (answer.status_code, answer.headers["Retry-After"]) == (status, when)
        assert answer.headers["X-Error-Code"] == "X"
        assert ("RateLimit" in answer.headers) == (status == 429)
    assert get(hub, place).status_code == 200
    assert hub.faults[0].hits == 2


def test_only_what_fits_and_not_before_its_turn(hub: HubServer, repo: Repo) -> None:
    hub.faults.append(Fault("status", match="/lfs/", skip=1, times=1))
    hub.faults.append(Fault("status", status=500, match="/tree/", method="HEAD"))
    assert get(hub, INFO).status_code == 200
    assert [get(hub).status_code for _ in range(3)] == [200, 503, 200]
    assert get(hub, "/api/models/acme/x/tree/main").status_code == 200
    assert head(hub, "/api/models/acme/x/tree/main").status_code == 500
    hub.fault = None
    assert head(hub, "/api/models/acme/x/tree/main").status_code == 200


def test_no_such_fault() -> None:
    with pytest.raises(ValueError, match="no such fault: explode"):
        Fault("explode")
    with pytest.raises(ValueError, match="drip"):
        Fault("drip", after=-1)


@pytest.mark.parametrize(
    "to", ["http://10.0.0.1/x", "file:///etc/passwd", "http://169.254.169.254/"]
)
def test_redirect(hub: HubServer, repo: Repo, to: str) -> None:
    hub.fault = Fault("redirect_to", to=to)
    answer = httpx2.get(hub.url + PLACE, verify=NO_TLS)
    assert (answer.status_code, answer.headers["Location"]) == (302, to)


def test_redirect_loop(hub: HubServer, repo: Repo) -> None:
    hub.fault = Fault("redirect_to")
    with pytest.raises(httpx2.TooManyRedirects):
        get(hub)


def test_pages_and_other_bodies(hub: HubServer, repo: Repo) -> None:
    hub.fault = Fault("page", times=1)
    answer = get(hub, INFO)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"<html>" in answer.content
    hub.fault = Fault("body", body=b'{"id": NaN', times=1)
    assert get(hub, INFO).content == b'{"id": NaN'
    hub.fault = Fault("headers", headers={"X-Repo-Commit": None, "ETag": "other"})
    answer = get(hub, "/acme/x/resolve/main/README.md")
    assert "X-Repo-Commit" not in answer.headers
    assert (answer.headers["ETag"], answer.content) == ("other", repo.files["README.md"])


def test_stalled_before_the_headers(hub: HubServer, repo: Repo) -> None:
    fault = hub.fault = Fault("stall_headers", match="/revision/")
    with pytest.raises(httpx2.ReadTimeout):
        get(hub, INFO, timeout=0.2)
    assert hub.wait_until_idle()
    fault.release()
    assert get(hub, INFO).json()["sha"] == repo.commit


# -- its bytes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 1, 100_000])
def test_cut(hub: HubServer, repo: Repo, after: int) -> None:
    hub.fault = Fault("cut", match=WEIGHTS, after=after, times=1)
    held, error = read(hub)
    assert held == repo.files[WEIGHTS][:after]
    assert isinstance(error, httpx2.RemoteProtocolError)
    assert hub.sent("^/lfs/") == after
    assert read(hub) == (repo.files[WEIGHTS], None)


@pytest.mark.parametrize("kind", ["cut", "reset"])
def test_ended_before_the_first_header(hub: HubServer, repo: Repo, kind: str) -> None:
    hub.fault = Fault(kind, after=-1, times=1)
    expected = httpx2.RemoteProtocolError if kind == "cut" else httpx2.ReadError
    with pytest.raises(expected):
        get(hub, INFO)
    assert get(hub, INFO).status_code == 200


def test_reset(hub: HubServer, repo: Repo) -> None:
    hub.fault = Fault("reset", match=WEIGHTS, after=1000)
    held, error = read(hub)
    assert isinstance(error, httpx2.ReadError)
    assert isinstance(error.__cause__.__cause__, ConnectionResetError)
    assert len(held) <= 1000


def test_stalled_and_let_go(hub: HubServer, repo: Repo) -> None:
    fault = hub.fault = Fault("stall", match=WEIGHTS, after=5000)
    found: list[tuple[bytes, Exception | None]] = []
    reader = threading.Thread(target=lambda: found.append(read(hub)))
    reader.start()
    assert fault.wait()
    assert hub.sent("^/lfs/") == 5000
    fault.release()
    reader.join(5)
    assert found == [(repo.files[WEIGHTS], None)]


def test_drip(hub: HubServer, repo: Repo) -> None:
    fault = hub.fault = Fault("drip", match=WEIGHTS, after=10, size=2, interval=0.02)
    with stream(hub) as answer:
        held = b""
        for piece in answer.iter_raw():
            held += piece
            if len(held) >= 20:
                break
        assert len(held) < 200
        assert held == repo.files[WEIGHTS][: len(held)]
    assert hub.wait_until_idle()
    assert fault.hits == 1


@pytest.mark.parametrize("offset", [-1, 0, 70_000])
def test_wrong_bytes(hub: HubServer, repo: Repo, offset: int) -> None:
    hub.fault = Fault("wrong_bytes", match=WEIGHTS, offset=offset)
    true = repo.files[WEIGHTS]
    held = get(hub).content
    place = offset % len(true)
    assert [n for n in range(len(true)) if held[n] != true[n]] == [place]
    part = get(hub, headers={"Range": f"bytes={place}-{place}"}).content
    assert part == held[place : place + 1]
    other = (place + 5) % len(true)
    part = get(hub, headers={"Range": f"bytes={other}-{other}"}).content
    assert part == true[other : other + 1]


def test_endless(hub: HubServer, repo: Repo) -> None:
    hub.fault = Fault("endless", match=WEIGHTS)
    true = repo.files[WEIGHTS]
    with stream(hub) as answer:
        assert "Content-Length" not in answer.headers
        held = 0
        for piece in answer.iter_raw():
            assert held >= len(true) or true[held:].startswith(piece[: len(true) - held])
            held += len(piece)
            if held > 3 * len(true):
                break
    assert hub.wait_until_idle()


def test_too_long_and_without_length(hub: HubServer, repo: Repo) -> None:
    true = repo.files[WEIGHTS]
    hub.fault = Fault("too_long", match=WEIGHTS, size=500)
    answer = get(hub)
    assert int(answer.headers["Content-Length"]) == len(true) + 500
    assert answer.content == true + bytes(500)
    hub.fault = Fault("chunked", match=WEIGHTS)
    answer = get(hub)
    assert "Content-Length" not in answer.headers
    assert answer.content == true


def test_packed(hub: HubServer, repo: Repo) -> None:
    hub.fault = Fault("gzip", match="README")
    readme = repo.files["README.md"]
    assert get(hub, "/acme/x/resolve/main/README.md").content == readme
    assert gzip.decompress(read(hub, "/acme/x/resolve/main/README.md")[0]) == readme
    hub.fault = Fault("gzip_bomb", match="README", size=20 << 20)
    packed, error = read(hub, "/acme/x/resolve/main/README.md")
    assert error is None
    assert len(packed) < 100_000
    assert len(get(hub, "/acme/x/resolve/main/README.md").content) == 20 << 20


def test_ranges_that_are_not_kept(hub: HubServer, repo: Repo) -> None:
    true = repo.files[WEIGHTS]
    hub.fault = Fault("no_range", match=WEIGHTS)
    answer = get(hub, headers={"Range": "bytes=100-"})
    assert (answer.status_code, answer.content) == (200, true)
    assert "Content-Range" not in answer.headers
    hub.fault = Fault("wrong_range", match=WEIGHTS)
    answer = get(hub, headers={"Range": "bytes=100-"})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes 0-{len(true) - 101}/{len(true)}"
    assert answer.content == true[: len(true) - 100]
    assert get(hub).content == true


# -- lists ---------------------------------------------------------------------------------------


def test_lists_that_never_end(hub: HubServer, repo: Repo) -> None:
    place = "/api/models?filter=peft"
    hub.fault = Fault("page_loop", match="^/api/models")
    assert get(hub, place).links["next"]["url"] == hub.url + place
    hub.fault = Fault("endless_pages", match="^/api/models")
    seen = {hub.url + place}
    for _ in range(5):
        answer = get(hub, place)
        assert [row["id"] for row in answer.json()] == ["acme/x"]
        following = answer.links["next"]["url"]
        assert following.startswith(f"{hub.url}/api/models?filter=peft&cursor=")
        assert following not in seen
        seen.add(following)
        place = following.removeprefix(hub.url)
    hub.fault = Fault("next_page_to", match="/tree/", to="http://10.0.0.1/next")
    answer = get(hub, "/api/models/acme/x/tree/main?recursive=true")
    assert answer.links["next"]["url"] == "http://10.0.0.1/next"


def test_json_that_is_too_much(hub: HubServer, repo: Repo) -> None:
    hub.fault = Fault("huge_json", size=3 << 20)
    answer = get(hub, "/api/models")
    assert len(answer.content) > 3 << 20
    assert answer.json()[-1]["id"].startswith("acme/")
    hub.fault = Fault("deep_json", size=50_000)
    assert get(hub, INFO).content == b"[" * 50_000 + b"]" * 50_000


# -- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["stall", "stall_headers", "drip", "endless", "idle"])
def test_it_ends_at_once_whatever_it_is_at(kind: str) -> None:
    hub = HubServer()
    hub.add_repo("acme/x", adapter_files(weights_mb=1))
    if kind != "idle":
        hub.fault = Fault(kind, match="README")
    with ExitStack() as others:
        for _ in range(5):
            other = socket.create_connection(("127.0.0.1", urlsplit(hub.url).port))
            others.enter_context(other)
            other.sendall(b"GET /acme/x/resolve/main/README.md HTTP/1.1\r\nHost: x\r\n\r\n")
        assert hub.wait_for_request("README")
        start = time.monotonic()
        hub.close()
        assert time.monotonic() - start < 1.0
        assert not [t for t in threading.enumerate() if t.name.startswith("hub-")]
        hub.close()


def test_a_mistake_in_the_hub_itself_is_not_lost(
    monkeypatch: pytest.MonkeyPatch, repo: Repo, hub: HubServer
) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(hub.routes, "answer", broken)
    with pytest.raises(httpx2.RemoteProtocolError):
        get(hub)
    with pytest.raises(AssertionError, match="itself is broken"):
        hub.close()
