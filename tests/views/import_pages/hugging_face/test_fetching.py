"""The fetch: to its end, stopped, tried again, and without the dialog."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from desktop.bootstrap import Services
from desktop.services.records import AdapterRecord, BaseModelRecord
from desktop.views.notices import Notice
from tests.hub_server import Fault, HubServer
from tests.hub_server.content import adapter_files
from tests.views.import_pages.hugging_face.hands import HubHands, staged

NAME = "acme/sql-lora"
MB = 1 << 20


@pytest.fixture
def imported(hands: HubHands) -> list[AdapterRecord]:
    """What the dialog said came in."""
    found: list[AdapterRecord] = []
    hands.dialog.imported.connect(found.extend)
    return found


@pytest.fixture
def notices(hands: HubHands) -> list[Notice]:
    found: list[Notice] = []
    hands.dialog.notice.connect(found.append)
    return found


def stall(hub: HubServer, after: int = MB // 2, match: str = "/lfs/.*adapter_model") -> Fault:
    """Bytes come, then no more."""
    hub.fault = Fault("stall", match=match, after=after)
    return hub.fault


def closed(hands: HubHands) -> None:
    hands.wait_until(lambda: not hands.dialog.isVisible())


def progress_text(hands: HubHands) -> Callable[[], str]:
    labels = hands.progress.parentWidget().findChildren(QLabel)
    return lambda: " ".join(label.text() for label in labels)


def test_an_adapter_comes_in(
    base: BaseModelRecord,
    hub: HubServer,
    hands: HubHands,
    services: Services,
    imported: list[AdapterRecord],
) -> None:
    files = adapter_files(weights_mb=1)
    repo = hub.add_repo(NAME, files)
    hands.look_at(NAME)
    hands.type(hands.name, "mine")
    hands.settle()
    hands.click(hands.go)
    assert not hands.repository.isEnabled()
    closed(hands)
    (record,) = imported
    assert (record.type, record.name, record.huggingface_name) == ("huggingface", "mine", NAME)
    assert record.model_id == base.id
    assert record.revision == repo.commit
    assert record.managed
    there = services.location.adapters
    (folder,) = there.iterdir()
    kept = {path.name for path in folder.iterdir()}
    assert "adapter_model.safetensors" in kept
    assert "optimizer.pt" not in kept
    assert (folder / "adapter_model.safetensors").read_bytes() == files["adapter_model.safetensors"]
    assert not staged(services)
    # The next one begins with empty fields.
    hands.dialog.open()
    hands.settle()
    assert hands.repository.text() == hands.name.text() == ""
    assert hands.facts() == {}


def test_with_all_files_the_rest_comes_too(
    base: BaseModelRecord, hub: HubServer, hands: HubHands, services: Services
) -> None:
    hub.add_repo(NAME, adapter_files())
    hands.look_at(NAME)
    hands.all_files.click()
    hands.click(hands.go)
    closed(hands)
    (folder,) = services.location.adapters.iterdir()
    assert (folder / "optimizer.pt").exists()


def test_what_was_looked_at_is_what_is_fetched(
    base: BaseModelRecord, hub: HubServer, hands: HubHands, imported: list[AdapterRecord]
) -> None:
    repo = hub.add_repo(NAME, adapter_files(rank=8))
    hands.look_at(NAME)
    seen = repo.commit
    repo.push(adapter_files(rank=16))
    assert repo.commit != seen
    hands.click(hands.go)
    closed(hands)
    assert imported[0].revision == seen


@pytest.mark.parametrize("by_key", [False, True])
def test_a_fetch_can_be_stopped_in_the_middle_and_tried_again(
    base: BaseModelRecord,
    hub: HubServer,
    hands: HubHands,
    services: Services,
    imported: list[AdapterRecord],
    by_key: bool,
) -> None:
    hub.add_repo(NAME, adapter_files(weights_mb=2))
    hands.look_at(NAME)
    hands.type(hands.name, "mine")
    hands.settle()
    stalled = stall(hub)
    text = progress_text(hands)
    hands.click(hands.go)
    assert hands.go.text() == "Fetch in the back&ground"
    hands.wait_until(lambda: " of 2.10 MB" in text() and hands.progress.value() > 100)
    started = time.monotonic()
    if by_key:
        hands.bot.keyClick(hands.dialog, Qt.Key.Key_Escape)
    else:
        hands.click(hands.cancel)
    hands.wait_until(lambda: not hands.page.running)
    assert time.monotonic() - started < 2
    assert hands.dialog.isVisible()
    assert (hands.repository.text(), hands.name.text()) == (NAME, "mine")
    assert hands.repository.isEnabled()
    assert not imported
    assert not staged(services)
    assert not services.adapters.list_adapters()
    hub.fault = None
    stalled.release()
    hands.settle()
    hands.click(hands.go)
    closed(hands)
    assert [record.name for record in imported] == ["mine"]


def test_wrong_bytes_are_told_and_can_be_tried_again(
    base: BaseModelRecord,
    hub: HubServer,
    hands: HubHands,
    services: Services,
    imported: list[AdapterRecord],
) -> None:
    hub.add_repo(NAME, adapter_files(weights_mb=1))
    hands.look_at(NAME)
    hub.fault = Fault("wrong_bytes", match="/lfs/.*adapter_model")
    hands.click(hands.go)
    hands.wait_for("adapter_model.safetensors does not match its announced sha256.")
    hands.settle()
    assert hands.footer.endswith("Nothing was imported.")
    assert hands.go.text() == "Try a&gain"
    assert hands.go.isEnabled()
    assert hands.go.hasFocus()
    assert hands.name.text() == "sql-lora"
    assert not staged(services)
    hub.fault = None
    hands.click(hands.go)
    closed(hands)
    assert len(imported) == 1


def test_access_that_was_lost_is_looked_at_anew(
    base: BaseModelRecord, hub: HubServer, hands: HubHands
) -> None:
    repo = hub.add_repo(NAME, adapter_files())
    hands.look_at(NAME)
    repo.gated = "manual"
    hands.click(hands.go)
    hands.wait_until(lambda: not hands.page.running)
    hands.settle()
    assert "its files are gated" in " ".join(hands.boxed())
    assert not hands.go.isEnabled()


def test_a_fetch_goes_on_in_the_background(
    base: BaseModelRecord,
    hub: HubServer,
    hands: HubHands,
    imported: list[AdapterRecord],
    notices: list[Notice],
) -> None:
    hub.add_repo(NAME, adapter_files(weights_mb=2))
    hub.add_repo("acme/other", adapter_files())
    hands.look_at(NAME)
    stalled = stall(hub)
    hands.click(hands.go)
    stalled.wait()
    hands.click(hands.go)
    assert not hands.dialog.isVisible()
    (task,) = [task for task in hands.runner.tasks if task.visible]
    assert (task.title, task.icon, task.lane) == (f"Fetching {NAME}", "cloud", "fetch")
    # Meanwhile another one is brought in.
    hands.dialog.open()
    assert hands.repository.text() == ""
    hands.type(hands.repository, "acme/other")
    hands.wait_until(hands.go.isEnabled)
    hands.click(hands.go)
    closed(hands)
    assert [record.name for record in imported] == ["other"]
    hub.fault = None
    stalled.release()
    hands.settle()
    assert [record.name for record in imported] == ["other", "sql-lora"]
    assert not notices


def test_what_fails_in_the_background_can_be_tried_again(
    base: BaseModelRecord,
    hub: HubServer,
    hands: HubHands,
    imported: list[AdapterRecord],
    notices: list[Notice],
) -> None:
    hub.add_repo(NAME, adapter_files(weights_mb=1))
    hands.look_at(NAME)
    hub.faults.append(Fault("stall", match="/resolve/|/lfs/", after=0, times=1))
    hub.faults.append(Fault("wrong_bytes", match="/lfs/.*adapter_model"))
    hands.click(hands.go)
    hub.faults[0].wait()
    hands.click(hands.go)
    hub.faults[0].release()
    hands.wait_until(lambda: len(notices) == 1)
    (notice,) = notices
    assert notice.tone == "error"
    assert notice.text.startswith(f"“{NAME}” was not imported.")
    assert "does not match its announced sha256" in notice.text
    assert notice.action == "Try again"
    hub.faults.clear()
    assert notice.callback is not None
    notice.callback()
    hands.settle()
    assert [record.name for record in imported] == ["sql-lora"]


def test_one_in_the_background_can_be_stopped_without_a_word(
    base: BaseModelRecord,
    hub: HubServer,
    hands: HubHands,
    services: Services,
    imported: list[AdapterRecord],
    notices: list[Notice],
) -> None:
    hub.add_repo(NAME, adapter_files(weights_mb=1))
    hands.look_at(NAME)
    stalled = stall(hub, after=1000)
    hands.click(hands.go)
    stalled.wait()
    hands.click(hands.go)
    for task in hands.runner.tasks:
        if task.visible:
            task.cancel()
    hands.settle()
    assert not imported
    assert not notices
    assert not staged(services)


def test_enter_fetches_nothing_that_nobody_has_seen(
    base: BaseModelRecord, hub: HubServer, hands: HubHands, imported: list[AdapterRecord]
) -> None:
    hub.add_repo(NAME, adapter_files())
    hands.type(hands.repository, NAME)
    hands.bot.keyClick(hands.repository, Qt.Key.Key_Return)
    assert not hands.page.by_name.place._look_timer.isActive()
    hands.bot.keyClick(hands.repository, Qt.Key.Key_Return)
    hands.settle()
    hands.assert_found()
    assert hands.facts()["PEFT type"] == "LoRA"
    assert hands.dialog.isVisible()
    assert not imported
    assert not hub.asked("/lfs/.*adapter_model.*", "POST")
    hands.bot.keyClick(hands.repository, Qt.Key.Key_Return)
    closed(hands)
    hands.settle()
    assert [record.huggingface_name for record in imported] == [NAME]


def test_enter_goes_to_what_is_missing(hub: HubServer, hands: HubHands) -> None:
    hub.add_repo(NAME, adapter_files())
    hands.look_at(NAME)
    hands.bot.keyClick(hands.repository, Qt.Key.Key_Return)
    assert hands.base.hasFocus()
    assert hands.dialog.isVisible()
    hands.look_at("acme/nothing")
    hands.bot.keyClick(hands.name, Qt.Key.Key_Return)
    assert hands.repository.hasFocus()


def test_a_name_that_was_taken_meanwhile_is_told_at_its_field(
    base: BaseModelRecord, hub: HubServer, hands: HubHands, services: Services, tmp_path: Any
) -> None:
    from tests.support import make_adapter

    hub.add_repo(NAME, adapter_files(weights_mb=1))
    hands.look_at(NAME)
    stalled = stall(hub, after=1000)
    hands.click(hands.go)
    stalled.wait()
    folder = make_adapter(tmp_path / "fast")
    services.imports.import_adapter(
        "project", {"name": "sql-lora", "model_id": base.id, "location": str(folder)}
    )
    hub.fault = None
    stalled.release()
    hands.wait_for("Another adapter has this name.")
    assert hands.dialog.isVisible()
    assert hands.name.hasFocus()
    assert not staged(services)
