"""Which hub is in use, and who is signed in there."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton

from desktop.bootstrap import Services
from tests.hub_server import Fault, HubServer
from tests.hub_server.content import adapter_files
from tests.views.import_pages.hugging_face.hands import HubHands

TOKEN = "hf_alice_0123456789"
NAME = "acme/private"


def dialog_part(hands: HubHands, kind: Any, name: str) -> Any:
    found = hands.sign_in.findChild(kind, name)
    assert found is not None, name
    return found


@pytest.fixture
def hidden(hub: HubServer) -> HubServer:
    """A hub with a repository that only alice may see."""
    hub.add_repo(NAME, adapter_files(), private=True)
    hub.add_user("alice", token=TOKEN, can_read={NAME})
    return hub


def open_sign_in(hands: HubHands) -> QLineEdit:
    hands.click(hands.link("Sign in…"))
    hands.settle()
    edit: QLineEdit = dialog_part(hands, QLineEdit, "signInTokenEdit")
    assert edit.hasFocus()
    return edit


def test_signing_in_opens_what_is_private(
    hidden: HubServer, hands: HubHands, services: Services
) -> None:
    hands.look_at(NAME)
    assert hands.says("Not signed in")
    host = hidden.url.partition("//")[2]
    edit = open_sign_in(hands)
    assert edit.echoMode() == QLineEdit.EchoMode.Password
    assert hands.says(f"Sign in at {host}", hands.sign_in)
    assert hands.says(f"{hidden.url}/settings/tokens", hands.sign_in)
    assert hands.says("There is no keyring here: it is kept until Lorarium closes", hands.sign_in)
    go = dialog_part(hands, QPushButton, "signInButton")
    assert not go.isEnabled()
    hands.bot.keyClicks(edit, TOKEN)
    hands.bot.keyClick(edit, Qt.Key.Key_Return)
    hands.wait_until(lambda: not hands.sign_in.isVisible())
    hands.settle()
    assert hands.says("Signed in as alice")
    assert edit.text() == ""
    assert hands.box() is None
    hands.assert_found()
    assert hands.facts()["PEFT type"] == "LoRA"
    assert hands.page.panel.badge.text() == "Private"
    assert services.hub.signed_in().user == "alice"
    assert TOKEN not in "".join(hands.said())


def test_signing_out_shuts_it_again(hidden: HubServer, hands: HubHands, services: Services) -> None:
    services.hub.sign_in(TOKEN)
    hands.page.account.refresh()
    hands.look_at(NAME)
    hands.assert_found()
    hands.click(hands.link("Sign out"))
    hands.settle()
    assert hands.says("Not signed in")
    assert "or it is private" in " ".join(hands.boxed())
    assert services.hub.signed_in().kept == ""


def test_a_token_that_is_not_accepted_is_told_and_stays_to_be_mended(
    hidden: HubServer, hands: HubHands
) -> None:
    edit = open_sign_in(hands)
    hands.bot.keyClicks(edit, "hf_wrong")
    hands.click(dialog_part(hands, QPushButton, "signInButton"))
    hands.settle()
    assert hands.sign_in.isVisible()
    assert hands.says("The server did not accept this token. Copy it again", hands.sign_in)
    assert edit.text() == "hf_wrong"
    assert edit.isEnabled()
    hands.type(edit, "has blanks")
    hands.click(dialog_part(hands, QPushButton, "signInButton"))
    hands.settle()
    assert hands.says("A token has no blanks", hands.sign_in)
    hands.sign_in.close()
    assert edit.text() == ""


def test_a_server_that_does_not_answer_can_be_left(hidden: HubServer, hands: HubHands) -> None:
    stall = Fault("stall_headers", match="whoami")
    hidden.fault = stall
    edit = open_sign_in(hands)
    hands.bot.keyClicks(edit, TOKEN)
    hands.click(dialog_part(hands, QPushButton, "signInButton"))
    hidden.wait_for_request("whoami")
    assert "whose token it is" in dialog_part(hands, QLabel, "signInProgress").text()
    assert not edit.isEnabled()
    hands.bot.keyClick(hands.sign_in, Qt.Key.Key_Escape)
    assert not hands.sign_in.isVisible()
    hands.settle()
    stall.release()
    assert hands.says("Not signed in")
    assert hands.link("Sign in…").isEnabled()


def test_a_token_of_this_machine_is_offered_and_not_taken(
    hidden: HubServer, hands: HubHands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hands.look_at(NAME)
    assert "or it is private" in " ".join(hands.boxed())
    open_sign_in(hands)
    offer = dialog_part(hands, QPushButton, "signInOffer_environment")
    assert offer.text() == "Use HF_TOKEN (…6789)"
    hands.click(offer)
    hands.wait_until(lambda: not hands.sign_in.isVisible())
    hands.settle()
    assert hands.says("Signed in as alice")
    hands.assert_found()


# -- another hub -------------------------------------------------------------------------------


def open_endpoint(hands: HubHands) -> QLineEdit:
    hands.click(hands.link("Change…"))
    edit: QLineEdit = hands.part(QLineEdit, "hubEndpointEdit")
    assert edit.hasFocus()
    return edit


def test_another_hub_is_used_from_now_on(
    hub: HubServer, hands: HubHands, services: Services
) -> None:
    with HubServer() as other:
        other.add_repo("acme/x", adapter_files())
        hands.look_at("acme/x")
        assert hands.box() is not None
        edit = open_endpoint(hands)
        hands.type(edit, f"{other.url}/")
        hands.bot.keyClick(edit, Qt.Key.Key_Return)
        assert not edit.isVisible()
        hands.settle()
        assert services.hub.endpoint == other.url
        assert hands.says(other.url.partition("//")[2])
        hands.assert_found()
        assert hands.dialog.isVisible()


def test_plain_http_needs_a_word(hub: HubServer, hands: HubHands, services: Services) -> None:
    edit = open_endpoint(hands)
    consent: QCheckBox = hands.part(QCheckBox, "hubPlainHttpBox")
    # What stays on this machine needs none.
    assert edit.text().startswith("http://127.0.0.1")
    assert not consent.isVisible()
    hands.type(edit, "http://hub.example")
    hands.click(hands.part(QPushButton, "hubEndpointButton"))
    assert hands.says("plain http")
    assert edit.property("state") == "error"
    assert consent.hasFocus()
    assert services.hub.endpoint == hub.url
    hands.bot.keyClick(consent, Qt.Key.Key_Space)
    hands.click(hands.part(QPushButton, "hubEndpointButton"))
    assert services.hub.endpoint == "http://hub.example"
    hands.settle()
    # What was agreed to for one address is not agreed to for another.
    edit = open_endpoint(hands)
    hands.type(edit, "http://other.example")
    assert not consent.isChecked()
    hands.bot.keyClick(edit, Qt.Key.Key_Escape)
    assert not edit.isVisible()
    assert hands.dialog.isVisible()
    assert services.hub.endpoint == "http://hub.example"


def test_what_is_no_address_is_told(hub: HubServer, hands: HubHands, services: Services) -> None:
    edit = open_endpoint(hands)
    hands.type(edit, "ftp://hub.example")
    hands.bot.keyClick(edit, Qt.Key.Key_Return)
    assert edit.property("state") == "error"
    assert edit.isVisible()
    assert services.hub.endpoint == hub.url
    hands.bot.keyClicks(edit, "x")
    assert edit.property("state") == ""
