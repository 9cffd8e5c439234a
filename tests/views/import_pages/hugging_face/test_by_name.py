"""By name: what is typed is understood, looked at and explained before a byte of weights moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QLineEdit

from desktop.bootstrap import Services
from desktop.services.records import AddAdapterRequest, BaseModelRecord
from tests.hub_server import Fault, HubServer
from tests.hub_server.content import adapter_files
from tests.support import LLAMA, make_adapter
from tests.views.import_pages.hugging_face.hands import HubHands

NAME = "acme/sql-lora"


class Browser(QObject):
    """Stands in for the browser: keeps the addresses that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def browser() -> Iterator[Browser]:
    browser = Browser()
    QDesktopServices.setUrlHandler("http", browser, "show")
    yield browser
    QDesktopServices.unsetUrlHandler("http")


def test_a_repository_is_shown_before_its_weights_move(
    base: BaseModelRecord, hub: HubServer, hands: HubHands
) -> None:
    files = adapter_files(rank=16, weights_mb=2)
    tags = ["text-to-sql", "peft", "lora", f"base_model:{LLAMA}", "region:us"]
    repo = hub.add_repo(
        NAME,
        files,
        tags=tags,
        downloads=18204,
        likes=1,
        last_modified="2025-11-12T08:00:00.000Z",
    )
    assert hands.says("Type the name of a repository to begin.")
    hands.look_at(NAME)
    short = repo.commit[:7]
    assert hands.message.text() == (
        f"Found. Commit {short} of 12 Nov 2025. Nothing is downloaded yet."
    )
    hands.assert_found()
    facts = hands.facts()
    assert len(facts) == 11
    assert facts["PEFT type"] == "LoRA"
    assert facts["Rank, alpha"] == "16, 32 (scaling 2.0)"
    assert facts["Targets"] == "q, v"
    assert facts["Parameters"].endswith("in float16")
    assert facts["Size"].startswith("2.1 MB to fetch, 2.1 MB in all")
    assert facts["Base model"] == LLAMA
    assert facts["Licence"] == "apache-2.0"
    assert facts["Tags"].startswith("text-to-sql, peft, lora")
    assert "region" not in facts["Tags"]
    assert facts["Changed"] == "12 Nov 2025"
    assert facts["Popularity"] == "18,204 downloads, 1 like"
    assert hands.files() == [
        "adapter_model.safetensors, weights, 2.1 MB, always fetched",
        "adapter_config.json, config, 193 B, always fetched",
        "README.md, tokenizer_config.json, card, tokenizer, 324 B, always fetched",
        "Fetch also optimizer.pt and 1 more, not needed to load it, 556 B",
    ]
    assert hands.says("4 files, 2.1 MB")
    assert hands.says("506 B here only serves training")  # a finding of the inspection
    assert hands.name.text() == "sql-lora"
    assert hands.base.currentText() == LLAMA
    assert hands.says("Named in the config.")
    assert hands.footer == ""
    assert hands.go.isEnabled()
    assert hub.sent("adapter_model") < 200_000


def test_a_pasted_page_is_taken_apart(hub: HubServer, hands: HubHands) -> None:
    files = {f"runs/a/{name}": data for name, data in adapter_files().items()}
    repo = hub.add_repo(NAME, files)
    repo.tag("v1", "main")
    hands.type(hands.revision, "old")
    hands.paste(hands.repository, f"{hub.url}/{NAME}/tree/v1/runs/a?not=this")
    assert hands.repository.text() == NAME
    assert hands.revision.text() == "v1"
    assert hands.subfolder.text() == "runs/a"
    hands.settle()
    hands.assert_found()
    assert hands.name.text() == "sql-lora-a"
    # Another address says everything anew.
    hub.add_repo("acme/other", adapter_files())
    hands.paste(hands.repository, f"{hub.url}/acme/other")
    assert (hands.revision.text(), hands.subfolder.text()) == ("", "")
    hands.settle()
    hands.assert_found()
    assert hands.name.text() == "other"


def test_a_revision_behind_the_name_moves_when_the_field_is_left(
    hub: HubServer, hands: HubHands
) -> None:
    repo = hub.add_repo(NAME, adapter_files())
    repo.tag("v1", "main")
    hands.look_at(f"{NAME}@v1")
    assert hands.repository.text() == f"{NAME}@v1"  # somebody may still be typing
    hands.assert_found()
    hands.bot.keyClick(hands.repository, Qt.Key.Key_Tab)
    assert (hands.repository.text(), hands.revision.text()) == (NAME, "v1")


def test_what_was_typed_stays_when_the_place_changes(hub: HubServer, hands: HubHands) -> None:
    hub.add_repo(NAME, adapter_files())
    hub.add_repo("acme/other", adapter_files())
    hands.look_at(NAME)
    hands.look_at("acme/other")
    assert hands.name.text() == "other"
    hands.type(hands.name, "mine")
    hands.look_at(NAME)
    assert hands.name.text() == "mine"


def test_no_request_goes_to_another_hub_before_it_was_agreed_to(
    hub: HubServer, hands: HubHands
) -> None:
    with HubServer() as other:
        other.add_repo(NAME, adapter_files())
        other.reset_requests()
        hands.paste(hands.repository, f"{other.url}/{NAME}")
        hands.settle()
        there, here = other.url.partition("//")[2], hub.url.partition("//")[2]
        assert f"This page is on {there}, not on {here}." in hands.boxed()
        assert not other.requests
        assert not hands.go.isEnabled()
        hands.click(hands.link("Use this hub"))
        hands.settle()
        hands.assert_found()
        assert hands.says(there)
        assert hands.box() is None


def test_a_hub_without_protection_is_asked_about_first(
    hub: HubServer, hands: HubHands, services: Services
) -> None:
    hands.paste(hands.repository, f"http://hub.example/{NAME}")
    hands.settle()
    assert "others on the way can read" in " ".join(hands.boxed())
    hands.click(hands.link("Use this hub"))
    edit = hands.part(QLineEdit, "hubEndpointEdit")
    assert edit.text() == "http://hub.example"
    assert hands.part(QCheckBox, "hubPlainHttpBox").hasFocus()
    assert hands.says("plain http")
    assert services.hub.endpoint == hub.url


def test_sub_folders_are_offered(base: BaseModelRecord, hub: HubServer, hands: HubHands) -> None:
    files = adapter_files()
    places = ("run/a", "run/b")
    hub.add_repo(NAME, {f"{place}/{name}": f for place in places for name, f in files.items()})
    hands.look_at(NAME)
    assert hands.message.tone() == "error"
    assert "no adapter" in hands.message.text()
    assert hands.files() == []
    assert hands.folders.isVisible()
    assert hands.folders.currentIndex() == -1
    assert not hands.go.isEnabled()
    hands.folders.setFocus()
    hands.bot.keyClick(hands.folders, Qt.Key.Key_Down)
    hands.bot.keyClick(hands.folders, Qt.Key.Key_Down)
    hands.settle()
    assert hands.subfolder.text() == "run/b"
    hands.assert_found()
    assert hands.name.text() == "sql-lora-b"
    assert hands.go.isEnabled()


def test_a_suggestion_is_taken_by_a_click(hub: HubServer, hands: HubHands) -> None:
    files = {f"inside/{name}": data for name, data in adapter_files().items()}
    hub.add_repo(NAME, files)
    hands.look_at(NAME)
    hands.click(hands.message.link())
    hands.settle()
    assert hands.subfolder.text() == "inside"
    hands.assert_found()
    hands.type(hands.subfolder, "")
    hands.look_at(f"{NAME}.git")
    assert "does not end in" in hands.message.text()
    hands.click(hands.message.link())
    hands.settle()
    assert hands.repository.text() == NAME
    assert hands.says("There is no adapter")


def test_words_that_can_be_no_name_are_told_without_asking(hub: HubServer, hands: HubHands) -> None:
    hub.reset_requests()
    hands.look_at("two words/x")
    assert hands.message.tone() == "error"
    assert "can't be the name of a repository" in hands.message.text()
    assert hands.repository.property("state") == "error"
    assert hands.repository.accessibleDescription() == hands.message.text()
    assert not hub.requests
    hands.look_at("")
    assert hands.message.text() == ""
    assert hands.repository.property("state") == ""
    assert hands.footer == "Type the name of a repository to begin."


def test_a_missing_repository_may_be_private(hub: HubServer, hands: HubHands) -> None:
    hands.look_at("acme/nothing")
    said = " ".join(hands.boxed())
    assert "There is no repository “acme/nothing”" in said
    assert "or it is private" in said
    assert hands.link("Sign in…").isVisible()
    hub.add_repo("acme/nothing", adapter_files())
    hands.click(hands.link("Check again"))
    hands.settle()
    assert hands.box() is None
    hands.assert_found()


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("revision", "v9", "There is no branch, tag or commit “v9”"),
        ("subfolder", "no/such", "no/such"),
        ("revision", "a b", "a b"),
    ],
)
def test_a_wrong_revision_or_folder_stands_at_its_field(
    hub: HubServer, hands: HubHands, field: str, text: str, sentence: str
) -> None:
    hub.add_repo(NAME, adapter_files())
    hands.look_at(NAME)
    edit = getattr(hands, field)
    hands.type(edit, text)
    hands.settle()
    assert hands.message.tone() == "error"
    assert sentence in hands.message.text()
    assert hands.box() is None
    assert not hands.go.isEnabled()
    hands.type(edit, "")
    hands.settle()
    hands.assert_found()
    assert edit.property("state") == ""


def test_gated_files_are_explained_and_what_is_known_is_shown(
    base: BaseModelRecord, hub: HubServer, hands: HubHands, browser: Browser
) -> None:
    hub.add_repo(NAME, adapter_files(), gated="manual", tags=["peft", "lora"])
    hub.add_user("alice", token="hf_alice_0123456789", can_read={NAME})
    hands.look_at(NAME)
    said = " ".join(hands.boxed())
    assert "You can see this repository, but its files are gated." in said
    assert f"{hub.url}/{NAME}" in said  # the address, before anything opens it
    facts = hands.facts()
    assert facts["PEFT type"] == "LoRA says the model card"
    assert facts["Rank, alpha"] == facts["Targets"] == "known after access"
    assert facts["Base model"] == LLAMA
    badge = hands.page.panel.badge
    assert (badge.isVisible(), badge.text()) == (True, "Gated")
    hands.assert_found()
    assert hands.base.currentText() == LLAMA
    assert hands.footer == "Ask for access to go on."
    assert not hands.go.isEnabled()
    link = hands.link("Open the access page")
    row = hands.box()
    assert row is not None
    assert row.toolTip() == link.accessibleDescription() == f"{hub.url}/{NAME}"
    hands.click(link)
    assert browser.opened == [f"{hub.url}/{NAME}"]
    hands.click(hands.link("Sign in…"))
    assert hands.sign_in.isVisible()
    hands.sign_in.close()


def test_the_card_names_a_base_model_that_can_be_added(hub: HubServer, hands: HubHands) -> None:
    hub.add_repo(NAME, adapter_files(), gated="auto")
    hands.look_at(NAME)
    assert hands.says("The model card names one that is not here yet.")
    assert hands.footer == "Ask for access and choose a base model to go on."
    hands.click(hands.link(f"Add {LLAMA}"))
    hands.settle()
    assert hands.base.currentText() == LLAMA
    assert hands.footer == "Ask for access to go on."


def test_offline_is_said_at_once(
    hub: HubServer, hands: HubHands, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add_repo(NAME, adapter_files())
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hands.look_at(NAME)
    said = " ".join(hands.boxed())
    assert "You are offline" in said
    assert "Local folders work as always" in said
    monkeypatch.delenv("HF_HUB_OFFLINE")
    hands.click(hands.link("Check again"))
    hands.settle()
    hands.assert_found()


@pytest.mark.parametrize(
    ("status", "sentence"), [(429, "too many requests"), (500, "has a fault"), (403, "not allow")]
)
def test_a_server_that_says_no_is_explained(
    hub: HubServer, hands: HubHands, status: int, sentence: str
) -> None:
    hub.add_repo(NAME, adapter_files())
    hub.fault = Fault("status", match="/api/models", status=status)
    hands.look_at(NAME)
    assert sentence in " ".join(hands.boxed())
    hub.fault = None
    hands.click(hands.link("Check again"))
    hands.settle()
    hands.assert_found()


def test_an_answer_that_comes_late_is_dropped(hub: HubServer, hands: HubHands) -> None:
    hub.add_repo("acme/slow", adapter_files())
    hub.add_repo(NAME, adapter_files())
    stall = Fault("stall_headers", match="acme/slow")
    hub.fault = stall
    hands.type(hands.repository, "acme/slow")
    hands.wait_for("Looking at acme/slow…")
    hands.wait_until(lambda: bool(hub.asked("acme/slow")))
    assert not hands.go.isEnabled()
    hands.type(hands.repository, NAME)
    hands.wait_until(lambda: hands.message.tone() == "ok")
    stall.release()
    hands.settle()
    assert hands.name.text() == "sql-lora"
    assert hands.message.text().startswith("Found.")


def test_all_files_count_when_they_are_wanted(
    base: BaseModelRecord, hub: HubServer, hands: HubHands
) -> None:
    hub.add_repo(NAME, adapter_files(weights_mb=1))
    hands.look_at(NAME)
    before = hands.facts()["Size"]
    hands.all_files.setFocus()
    hands.bot.keyClick(hands.all_files, Qt.Key.Key_Space)
    assert hands.says("6 files, ")
    assert hands.page.by_name.place.draft.import_fields()["all_files"] is True
    hands.all_files.click()
    assert hands.says("4 files, ")
    assert hands.facts()["Size"] == before


def test_a_taken_name_is_told_while_typing(
    base: BaseModelRecord, hub: HubServer, services: Services, hands: HubHands, tmp_path: Any
) -> None:
    folder = make_adapter(tmp_path / "sql")
    services.adapters.add_adapter(
        AddAdapterRequest(type="project", name="taken", model_id=base.id, location=str(folder))
    )
    hub.add_repo("acme/taken", adapter_files())
    hands.look_at("acme/taken")
    assert hands.name.text() == "taken-2"
    hands.type(hands.name, "taken")
    hands.settle()
    assert hands.says("Another adapter has this name.")
    assert not hands.go.isEnabled()
    assert hands.footer == "1 error keeps this from being imported."
    hands.click(hands.link("Use it"))
    hands.settle()
    assert hands.go.isEnabled()


def test_hostile_words_of_a_repository_stay_words(hub: HubServer, hands: HubHands) -> None:
    repo = hub.add_repo(NAME, adapter_files(), tags=["<b>bold</b>", "a\u202eb", "x" * 300])
    repo.extra_names = ["../../outside", "<img src=x>.txt"]
    hands.look_at(NAME)
    facts = hands.facts()
    assert "<b>bold</b>" in facts["Tags"]
    assert "\u202e" not in "".join(hands.said())
    for label in hands.page.facts.findChildren(type(hands.page.panel.title)):
        assert label.textFormat() == Qt.TextFormat.PlainText
