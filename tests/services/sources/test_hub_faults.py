"""Whatever a hub does: afterwards there is a verified adapter or a sentence, and nothing else."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services import transfer
from desktop.services.errors import REMOTE_CODES, Cancelled, LorariumError, RemoteError
from desktop.services.records import AddBaseModelRequest
from desktop.services.transfer import Limits
from tests.hub_server import HOSTILE_COMMITS, HOSTILE_NAMES, Fault, HubServer, Repo
from tests.hub_server.content import adapter_files
from tests.support import LLAMA

TOKEN = "hf_CANARYcanaryCANARY1234567890abcd"
QUICK = Limits(backoff=0.01, head=0.4, silence=0.4, connect=2.0, window=0.5, least_rate=1000.0)
FILES = adapter_files(weights_mb=1)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    monkeypatch.setattr(transfer, "Limits", lambda: QUICK)
    with open_services(tmp_path / "library" / "catalog.db") as opened:
        opened.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        )
        yield opened


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.add_user("alice", token=TOKEN, can_read={"acme/sql-lora"})
        yield server


@pytest.fixture
def repo(hub: HubServer) -> Repo:
    return hub.add_repo("acme/sql-lora", FILES, private=True)


def take(services: Services, hub: HubServer, progress: Any = None, **more: Any) -> Any:
    fields = {
        "huggingface_name": "acme/sql-lora",
        "endpoint": hub.url,
        "token": TOKEN,
        "name": "sql",
        "model_id": services.base_models.list_base_models()[0].id,
        **more,
    }
    return services.imports.import_adapter("huggingface", fields, progress)


def everything_below(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def check_place(services: Services, tmp_path: Path) -> None:
    """What has to hold whatever happened."""
    home = services.location
    assert not home.staging.exists() or not any(home.staging.iterdir())
    folders = {p.name for p in home.adapters.iterdir()} if home.adapters.exists() else set()
    records = services.adapters.list_adapters()
    assert {Path(r.path or "").name for r in records} == folders
    for record in records:
        folder = Path(record.path or "")
        for path in folder.iterdir():
            assert path.read_bytes() == FILES[path.name]
    # Nothing outside of the library and the settings.
    outside = {
        name
        for name in everything_below(tmp_path)
        if not name.startswith(("library/", "config/"))
    }
    assert outside == set()
    # The token is in no file, whole or in part.
    for path in (p for p in tmp_path.rglob("*") if p.is_file()):
        data = path.read_bytes()
        assert TOKEN.encode() not in data
        assert TOKEN[3:].encode() not in data


FAULTS = {
    "info 500": Fault("status", match="/api/models", status=500),
    "info 404": Fault("status", match="/api/models", status=404, error_code="RepoNotFound"),
    "info 429": Fault("status", match="/api/models", status=429, retry_after=1),
    "info page": Fault("page", match="/api/models"),
    "info cut": Fault("cut", match="/api/models", after=20),
    "info deep": Fault("deep_json", match="/api/models", size=200_000),
    "info huge": Fault("huge_json", match="/api/models", size=40 << 20),
    "bytes 403": Fault("status", match="/resolve/", status=403),
    "bytes 404": Fault("status", match="/resolve/", status=404, error_code="EntryNotFound"),
    "bytes gated": Fault("status", match="/resolve/", status=403, error_code="GatedRepo"),
    "bytes 500": Fault("status", match="adapter_model", status=500),
    "cut for ever": Fault("cut", match="adapter_model", after=1000),
    "reset for ever": Fault("reset", match="adapter_model", after=1000),
    "stall": Fault("stall", match="adapter_model", after=1000),
    "stall before headers": Fault("stall_headers", match="adapter_model"),
    "drip": Fault("drip", match="adapter_model"),
    "wrong weights": Fault("wrong_bytes", match="adapter_model"),
    "wrong config": Fault("wrong_bytes", match="adapter_config"),
    "endless": Fault("endless", match="adapter_model"),
    "too long": Fault("too_long", match="adapter_model"),
    "gzip bomb": Fault("gzip_bomb", match="adapter_model", size=50 << 20),
    "page for bytes": Fault("page", match="adapter_config"),
    "to a file": Fault("redirect_to", match="adapter_config", to="file:///etc/passwd"),
    "to the metadata address": Fault(
        "redirect_to", match="adapter_config", to="http://169.254.169.254/latest"
    ),
    "in circles": Fault("redirect_to", match="adapter_config", to=""),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_for_good_is_a_sentence(
    services: Services,
    hub: HubServer,
    repo: Repo,
    tmp_path: Path,
    name: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    hub.fault = FAULTS[name]
    with pytest.raises(LorariumError) as caught:
        take(services, hub)
    error = caught.value
    assert isinstance(error, RemoteError)
    assert error.code in REMOTE_CODES
    assert error.message.endswith(".")
    assert TOKEN not in f"{error} {error.advice}"
    assert TOKEN not in caplog.text
    assert services.adapters.list_adapters() == []
    check_place(services, tmp_path)
    # And afterwards, as if nothing had been.
    hub.fault = None
    record = take(services, hub)
    assert record.revision == repo.commit
    check_place(services, tmp_path)


@pytest.mark.parametrize(
    "name",
    ["bytes 500", "cut for ever", "reset for ever", "stall", "wrong weights", "no range", "429"],
)
def test_a_fault_that_passes_is_got_over(
    services: Services, hub: HubServer, repo: Repo, tmp_path: Path, name: str
) -> None:
    others = {
        "no range": Fault("no_range", match="adapter_model"),
        "429": Fault("status", match="adapter_model", status=429, retry_after=0),
    }
    fault = others.get(name) or FAULTS[name]
    hub.faults.append(Fault(**{**vars_of(fault), "times": 1}))
    record = take(services, hub)
    assert record.revision == repo.commit
    check_place(services, tmp_path)


def vars_of(fault: Fault) -> dict[str, Any]:
    names = ("kind", "match", "status", "after", "error_code", "retry_after")
    return {name: getattr(fault, name) for name in names}


@pytest.mark.parametrize("commit", HOSTILE_COMMITS[:-1], ids=repr)
def test_a_commit_that_is_none(
    services: Services, hub: HubServer, repo: Repo, tmp_path: Path, commit: Any
) -> None:
    repo.commit_says = commit
    with pytest.raises(RemoteError):
        take(services, hub)
    check_place(services, tmp_path)


def test_hostile_names_are_left_out_and_the_rest_comes_in(
    services: Services, hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    repo.extra_names = list(HOSTILE_NAMES)
    record = take(services, hub, all_files=True)
    there = everything_below(Path(record.path))
    assert {"adapter_config.json", "adapter_model.safetensors"} <= there
    # These two are odd, but do no harm in a folder of their own.
    assert there - set(FILES) == {"-rf", "~/x"}
    places = ("library/", "config/")
    assert all(name.startswith(places) for name in everything_below(tmp_path))


def test_the_second_try_fetches_only_what_is_not_complete(
    services: Services, hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    hub.fault = Fault("cut", match="tokenizer_config", after=3)
    with pytest.raises(RemoteError) as caught:
        take(services, hub)
    assert caught.value.code == "cut"
    hub.fault = None
    hub.reset_requests()
    take(services, hub)
    assert hub.sent("adapter_model") == 0
    assert not services.location.partial.exists()
    check_place(services, tmp_path)


@pytest.mark.parametrize("where", ["/api/models", "adapter_model"])
@pytest.mark.parametrize("kind", ["stall_headers", "stall"])
def test_cancel_acts_within_a_second(
    services: Services, hub: HubServer, repo: Repo, tmp_path: Path, where: str, kind: str
) -> None:
    hub.fault = Fault(kind, match=where, after=10)
    began: list[float] = []

    def progress(done: int, total: int, text: str) -> None:
        if hub.fault is not None and hub.fault.hits:
            began.append(time.monotonic())
            raise Cancelled

    with pytest.raises(Cancelled):
        take(services, hub, progress)
    assert time.monotonic() - began[0] < 1
    check_place(services, tmp_path)


def test_the_token_goes_to_its_server_alone(
    services: Services, hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    take(services, hub)
    bytes_host = [r for r in hub.requests if r[1].startswith("/lfs/")]
    assert bytes_host
    assert all("authorization" not in headers for _, _, headers, _ in bytes_host)
    api = [r for r in hub.requests if r[1].startswith("/api/")]
    assert all(headers["authorization"] == f"Bearer {TOKEN}" for _, _, headers, _ in api)
    check_place(services, tmp_path)


def test_what_is_on_the_machine_is_not_sent_anywhere(
    services: Services, hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.add_repo("acme/open", FILES)
    take(services, hub, huggingface_name="acme/open", token=None)
    assert all("authorization" not in headers for _, _, headers, _ in hub.requests)


def test_a_repository_that_changes_meanwhile_stays_one_commit(
    services: Services, hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    first = repo.commit
    pushed: list[str] = []

    def progress(done: int, total: int, text: str) -> None:
        if done and not pushed:
            pushed.append(repo.push({"README.md": b"# Another\n"}))

    record = take(services, hub, progress)
    assert record.revision == first
    folder = Path(record.path)
    digest = hashlib.sha256((folder / "README.md").read_bytes()).hexdigest()
    assert digest == hashlib.sha256(FILES["README.md"]).hexdigest()


def test_offline_is_said_at_once(
    services: Services, hub: HubServer, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(RemoteError) as caught:
        take(services, hub)
    assert caught.value.code == "offline"
    assert hub.requests == []
