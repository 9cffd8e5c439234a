"""How the page behaves while one goes about in it: focus, leaving, what it says of a fetch, and
what it knows of the library."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QListView, QWidget

from desktop.bootstrap import Services
from desktop.services.records import AdapterRecord, BaseModelRecord
from desktop.views.widgets.inline_message import InlineMessage
from tests.hub_server import Fault, HubServer
from tests.hub_server.content import adapter_files
from tests.services.hub.cached import put
from tests.views.import_pages.hugging_face.hands import HubHands

NAME = "acme/sql-lora"
FIRST = ("hubRepositoryEdit", "hubSearchEdit", "cachedFilter")
TOKEN = "hf_alice_0123456789"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "hub-cache"
    monkeypatch.setenv("HF_HUB_CACHE", str(place))
    return place


def focused(hands: HubHands) -> str:
    widget = hands.dialog.focusWidget()
    return "" if widget is None else widget.objectName()


# -- turning the tabs --------------------------------------------------------------------------


def test_a_tab_that_was_clicked_has_the_focus_in_its_first_field(
    hub: HubServer, hands: HubHands, cache: Path
) -> None:
    for index in (1, 2, 0):
        place = hands.tabs.tabRect(index).center()
        hands.bot.mouseClick(hands.tabs, Qt.MouseButton.LeftButton, pos=place)
        hands.settle()
        assert (hands.tabs.currentIndex(), focused(hands)) == (index, FIRST[index])


def test_keys_turn_the_tabs(hub: HubServer, hands: HubHands, cache: Path) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    back = control | Qt.KeyboardModifier.ShiftModifier
    hands.repository.setFocus()
    for index in (1, 2, 0):
        hands.bot.keyClick(hands.dialog.focusWidget(), Qt.Key.Key_Tab, control)
        hands.settle()
        assert (hands.tabs.currentIndex(), focused(hands)) == (index, FIRST[index])
    hands.cancel.setFocus()
    hands.bot.keyClick(hands.cancel, Qt.Key.Key_Tab, back)
    hands.settle()
    assert (hands.tabs.currentIndex(), focused(hands)) == (2, FIRST[2])
    alt = Qt.KeyboardModifier.AltModifier
    hands.bot.keyClick(hands.dialog, Qt.Key.Key_D, alt)
    hands.settle()
    assert (hands.tabs.currentIndex(), focused(hands)) == (1, FIRST[1])


def test_the_tabs_keep_the_focus_while_arrows_turn_them(
    hub: HubServer, hands: HubHands, cache: Path
) -> None:
    hands.tabs.setFocus()
    for key, index in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1)):
        hands.bot.keyClick(hands.tabs, key)
        hands.settle()
        assert (hands.tabs.currentIndex(), focused(hands)) == (index, "hubTabs")


# -- leaving -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by_key", [False, True])
def test_who_leaves_waits_for_nobody(hub: HubServer, hands: HubHands, by_key: bool) -> None:
    hub.add_repo(NAME, adapter_files())
    stalled = Fault("stall_headers", match="/api/models/acme")
    hub.fault = stalled
    hands.type(hands.repository, NAME)
    hands.wait_until(lambda: bool(hub.asked("/api/models/acme")))
    started = time.monotonic()
    if by_key:
        hands.bot.keyClick(hands.dialog, Qt.Key.Key_Escape)
    else:
        hands.dialog.close()
    hands.wait_until(lambda: not hands.runner.tasks)
    assert time.monotonic() - started < 3
    hub.fault = None
    stalled.release()
    # Who comes back is told all the same.
    hands.dialog.open()
    hands.settle()
    hands.assert_found()


def test_a_look_from_find_ends_too_and_is_taken_again(hub: HubServer, hands: HubHands) -> None:
    hub.add_repo(NAME, adapter_files(rank=16))
    hands.tabs.setCurrentIndex(1)
    hands.settle()
    stalled = Fault("stall_headers", match="/api/models/acme")
    hub.fault = stalled
    hands.bot.keyClick(hands.part(QLineEdit, FIRST[1]), Qt.Key.Key_Down)
    hands.wait_until(lambda: bool(hub.asked("/api/models/acme")))
    started = time.monotonic()
    hands.dialog.close()
    hands.wait_until(lambda: not hands.runner.tasks)
    assert time.monotonic() - started < 3
    hub.fault = None
    stalled.release()
    hands.dialog.open()
    hands.settle()
    assert hands.facts()["Rank, alpha"].startswith("16")


# -- a fetch, in words -------------------------------------------------------------------------


def test_what_is_said_follows_the_fetch(
    base: BaseModelRecord, hub: HubServer, hands: HubHands
) -> None:
    repo = hub.add_repo(NAME, adapter_files(weights_mb=2))
    hands.look_at(NAME)
    assert hands.message.text().endswith("Nothing is downloaded yet.")
    stalled = Fault("stall", match="/lfs/.*adapter_model", after=1 << 19)
    hub.fault = stalled
    hands.click(hands.go)
    stalled.wait()
    assert hands.message.text() == f"Fetching commit {repo.commit[:7]}…"
    hands.click(hands.cancel)
    hands.wait_until(lambda: not hands.page.running)
    hub.fault = None
    stalled.release()
    hands.settle()
    assert hands.footer == (
        "Stopped. Nothing was imported; what was complete is kept for the next try."
    )
    assert hands.message.text().startswith(f"Found. Commit {repo.commit[:7]}")
    assert "downloaded" not in hands.message.text()
    assert hands.go.isEnabled()
    hands.type(hands.name, "another")
    hands.settle()
    assert hands.footer == ""


# -- what was typed for another repository -----------------------------------------------------


def test_a_pasted_revision_is_not_that_of_another_repository(
    hub: HubServer, hands: HubHands
) -> None:
    repo = hub.add_repo(NAME, adapter_files())
    repo.tag("v1")
    hub.add_repo("acme/other", adapter_files())
    hands.paste(hands.repository, f"{NAME}@v1")
    hands.settle()
    hands.assert_found()
    assert (hands.repository.text(), hands.revision.text()) == (NAME, "v1")
    hands.paste(hands.repository, "acme/other")
    hands.settle()
    hands.assert_found()
    assert hands.revision.text() == ""


def test_what_was_typed_for_the_one_before_goes_and_what_was_typed_since_stays(
    hub: HubServer, hands: HubHands
) -> None:
    files = {f"chat/{name}": data for name, data in adapter_files().items()}
    hub.add_repo(NAME, files)
    hub.add_repo("acme/other", {**adapter_files(), **files}).tag("v2")
    hands.look_at(NAME)
    hands.type(hands.subfolder, "chat")
    hands.settle()
    hands.assert_found()
    hands.type(hands.repository, "acme/other")
    hands.type(hands.revision, "v2")
    hands.settle()
    hands.assert_found()
    assert (hands.revision.text(), hands.subfolder.text()) == ("v2", "")


def test_what_was_typed_beside_a_mistyped_name_stays(hub: HubServer, hands: HubHands) -> None:
    hub.add_repo(NAME, adapter_files()).tag("v1")
    hands.type(hands.repository, "acme/sql-lor")
    hands.type(hands.revision, "v1")
    hands.settle()
    assert hands.box() is not None
    hands.look_at(NAME)
    hands.assert_found()
    assert hands.revision.text() == "v1"


# -- access ------------------------------------------------------------------------------------


def test_who_is_signed_in_is_not_told_to_sign_in(
    hub: HubServer, hands: HubHands, services: Services
) -> None:
    hub.add_repo(NAME, adapter_files(), gated="manual")
    hub.add_user("alice", token=TOKEN)
    services.hub.sign_in(TOKEN)
    hands.page.account.refresh()
    hands.look_at(NAME)
    said = " ".join(hands.boxed())
    assert "“alice” has no access yet" in said
    assert f"Ask for access on {hub.url}/{NAME}; then check again." in said
    assert "sign in" not in said
    hands.click(hands.link("Sign in as somebody else…"))
    assert hands.sign_in.isVisible()
    hands.sign_in.close()


# -- the library, and the hub in use -----------------------------------------------------------


def test_that_the_library_has_it_is_said_and_shown(
    base: BaseModelRecord, hub: HubServer, hands: HubHands, services: Services
) -> None:
    hub.add_repo(NAME, adapter_files())
    wanted: list[list[str]] = []
    hands.dialog.showWanted.connect(wanted.append)
    hands.look_at(NAME)
    note: InlineMessage = hands.part(InlineMessage, "hubShelved")
    assert note.text() == ""
    hands.type(hands.name, "sql")
    hands.settle()
    came_in: list[AdapterRecord] = []
    hands.dialog.imported.connect(came_in.extend)
    hands.click(hands.go)
    hands.wait_until(lambda: not hands.dialog.isVisible())
    hands.dialog.open()
    hands.look_at(NAME)
    hands.wait_until(lambda: note.text() == "“sql” in the library is from this repository.")
    hands.click(note.link())
    assert not hands.dialog.isVisible()
    assert wanted == [[came_in[0].id]]


def test_every_tab_says_which_hub_is_asked(hub: HubServer, hands: HubHands, cache: Path) -> None:
    for index in (0, 1, 2):
        hands.tabs.setCurrentIndex(index)
        hands.settle()
        assert hands.says(hub.url.partition("//")[2], hands.page.bar)
        assert hands.says("Not signed in", hands.page.bar)


# -- several adapters in one repository --------------------------------------------------------


def test_the_newest_checkpoint_comes_first_and_is_named(hub: HubServer, hands: HubHands) -> None:
    steps = (500, 1000, 1500, 2400)
    files = {f"checkpoint-{n}/{k}": v for n in steps for k, v in adapter_files().items()}
    hub.add_repo(NAME, files)
    hands.look_at(NAME)
    listed = [hands.folders.itemText(n) for n in range(hands.folders.count())]
    assert listed == [f"checkpoint-{n}" for n in reversed(steps)]
    assert "“checkpoint-2400”, “checkpoint-1500”" in hands.message.text()
    hands.click(hands.link("Use checkpoint-2400"))
    hands.settle()
    hands.assert_found()
    assert hands.subfolder.text() == "checkpoint-2400"


# -- the cache ---------------------------------------------------------------------------------


def test_an_odd_folder_of_the_cache_is_no_error(
    base: BaseModelRecord, hub: HubServer, hands: HubHands, services: Services, cache: Path
) -> None:
    put(cache, "models--acme--sql-lora", below="<b>x<")
    hands.tabs.setCurrentIndex(2)
    adapters: QListView = hands.part(QListView, "cachedAdapters")
    hands.wait_until(lambda: adapters.model().rowCount() == 1)
    hands.bot.keyClick(hands.part(QLineEdit, "cachedFilter"), Qt.Key.Key_Down)
    hands.wait_until(lambda: bool(hands.facts()))
    hands.settle()
    assert hands.footer == ""
    hands.click(hands.go)
    hands.wait_until(lambda: not hands.dialog.isVisible())
    assert len(services.adapters.list_adapters()) == 1


# -- words that do not end ---------------------------------------------------------------------


def test_a_word_that_does_not_end_makes_nothing_wider(hub: HubServer, hands: HubHands) -> None:
    files = adapter_files()
    config = json.loads(files["adapter_config.json"])
    long = {"target_modules": ["q" * 300], "base_model_name_or_path": f"acme/{'b' * 90}"}
    files["adapter_config.json"] = json.dumps({**config, **long}).encode()
    hub.add_repo(NAME, files, tags=["t" * 300])
    hands.dialog.resize(920, 632)
    hands.look_at(NAME)
    assert hands.facts()
    panel = hands.page.facts
    assert panel.width() <= panel.parentWidget().width()
    for part in panel.findChildren(QWidget):
        if part.isVisible():
            right = part.mapTo(panel, QPoint(part.width(), 0)).x()
            assert right <= panel.parentWidget().width(), part.objectName()
