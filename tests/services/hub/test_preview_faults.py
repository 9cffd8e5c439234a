from __future__ import annotations

import os
import tempfile
import threading
import time
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled, RemoteError
from desktop.services.hub import preview as preview_module
from desktop.services.hub.client import HubClient
from desktop.services.hub.preview import preview
from desktop.services.hub.records import HubReference
from tests.hub_server import Fault, HubServer, Repo
from tests.hub_server.content import big_adapter_files
from tests.services.hub.conftest import LORA, inspected, look, look_refused
from tests.support import make_adapter

HERE = HubReference(LORA)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("page", "adapter_config"), "answer"),
        (Fault("wrong_bytes", "adapter_config"), "wrong_bytes"),
        (Fault("wrong_bytes", "README"), "wrong_bytes"),
        (Fault("body", "adapter_config", body=b"{}"), "wrong_bytes"),
        (Fault("gzip", "adapter_config"), "answer"),
        (Fault("gzip_bomb", "adapter_config", size=200 << 20), "answer"),
        (Fault("status", "adapter_config", status=404, error_code="EntryNotFound"), "entry"),
        (Fault("status", "adapter_config", status=503), "server"),
        (Fault("status", "adapter_config", status=429, retry_after=5), "rate"),
        (Fault("cut", "adapter_config", after=10), "cut"),
        (Fault("reset", "adapter_model", after=10), "cut"),
        (Fault("redirect_to", "adapter_config", to="http://10.0.0.1/x"), "address"),
        (Fault("redirect_to", "adapter_config", to=""), "answer"),
        (Fault("redirect_to", "adapter_config", to="file:///etc/passwd"), "address"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else value,
)
def test_faults_of_files(
    server: HubServer, repo: Repo, client: HubClient, scratch: Path, fault: Fault, code: str
) -> None:
    server.fault = fault
    assert look_refused(client, scratch).code == code
    assert fault.hits
    server.fault = None
    assert inspected(look(client, scratch)).rank == 8


def test_another_part_than_was_asked_for(
    server: HubServer, client: HubClient, scratch: Path
) -> None:
    server.add_repo(LORA, big_adapter_files(1))
    server.fault = Fault("wrong_range", "adapter_model")
    error = look_refused(client, scratch)
    assert error.code == "answer"
    assert error.message.endswith("sent another part of the file than Lorarium asked for.")


@pytest.mark.parametrize("kind", ["no_range", "endless", "too_long", "chunked"])
def test_no_more_is_read_than_needed(
    server: HubServer, client: HubClient, scratch: Path, kind: str
) -> None:
    server.add_repo(LORA, big_adapter_files(20))
    server.fault = Fault(kind, "adapter_model", size=5 << 20)
    found = look(client, scratch)
    assert inspected(found).rank == 16
    server.wait_until_idle()
    assert server.sent("adapter_model") < 12 << 20


def test_a_config_without_end(
    server: HubServer, repo: Repo, client: HubClient, scratch: Path
) -> None:
    server.fault = Fault("endless", "adapter_config")
    assert look_refused(client, scratch).code == "wrong_bytes"
    server.wait_until_idle()
    assert server.sent("adapter_config") < 8 << 20


def test_sizes_that_lie(server: HubServer, repo: Repo, client: HubClient, scratch: Path) -> None:
    repo.size_says = {"adapter_model.safetensors": 3 << 40}
    assert look_refused(client, scratch).code == "too_large"
    # The announced one is shown, and the transfer will see that it is none.
    repo.size_says = {"adapter_model.safetensors": 900 << 30, "optimizer.pt": 1 << 49}
    found = inspected(look(client, scratch))
    assert found.size_bytes == 900 << 30
    assert found.training_bytes == 1 << 49


def test_a_library_that_can_not_be_written_is_looked_from_all_the_same(
    repo: Repo, client: HubClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    found = preview(client, HERE, str(blocked / "scratch"))
    assert found.inspection is not None
    assert list(elsewhere.iterdir()) == []
    monkeypatch.setattr(tempfile, "tempdir", str(blocked))
    with pytest.raises(RemoteError) as error:
        preview(client, HERE, str(blocked / "scratch"))
    assert error.value.code == "disk"
    assert "space" not in error.value.advice


def test_what_a_killed_run_left_goes_after_a_day(
    repo: Repo, client: HubClient, scratch: Path
) -> None:
    for name in ("preview-old", "preview-new", "other"):
        (scratch / name).mkdir(parents=True)
        (scratch / name / "x").write_text("x")
    long_ago = time.time() - 3 * 86400
    for name in ("preview-old", "other"):
        os.utime(scratch / name, (long_ago, long_ago))
    preview(client, HERE, str(scratch))
    assert sorted(os.listdir(scratch)) == ["other", "preview-new"]


@pytest.mark.parametrize(
    ("kind", "match"),
    [("stall", "adapter_config"), ("stall", "adapter_model"), ("stall_headers", "README")],
)
def test_cancel_acts_within_a_second(
    server: HubServer, repo: Repo, client: HubClient, scratch: Path, kind: str, match: str
) -> None:
    server.fault = fault = Fault(kind, match)
    cancelled = threading.Event()
    at: list[float] = []

    def cancel() -> None:
        fault.wait()
        at.append(time.monotonic())
        cancelled.set()

    def report(done: int, total: int, text: str) -> None:
        if cancelled.is_set():
            raise Cancelled

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Cancelled):
        preview(client, HERE, str(scratch), report)
    thread.join()
    assert time.monotonic() - at[0] < 1
    assert not scratch.exists()


def test_several_at_once(repo: Repo, client: HubClient, scratch: Path) -> None:
    ranks: list[int | None] = []

    def ask() -> None:
        ranks.extend(inspected(preview(client, HERE, str(scratch))).rank for _ in range(8))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ranks == [8] * 32
    assert not scratch.exists()


def test_many_files_are_no_burden(
    server: HubServer, client: HubClient, scratch: Path, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "x")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    server.add_repo(LORA, files | {f"notes-{n}.txt": b"" for n in range(1_500)})
    found = look(client, scratch)
    assert len(found.repo.files) == 1_502
    assert len(inspected(found).files) == preview_module._MOST_STAND_INS + 2
