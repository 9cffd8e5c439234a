"""The tabs: what is found goes to By name, what is in the cache comes in where it lies; and the
manners of the page as a whole."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QListView, QWidget

from desktop.bootstrap import Services
from desktop.services.records import AdapterRecord, BaseModelRecord
from desktop.views.theme import apply_theme
from tests.hub_server import HubServer
from tests.hub_server.content import adapter_files
from tests.services.hub.cached import put
from tests.support import LLAMA
from tests.views.import_pages.hugging_face.hands import HubHands

NAME = "acme/sql-lora"
IN_CACHE = "models--acme--sql-lora"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "hub-cache"
    monkeypatch.setenv("HF_HUB_CACHE", str(place))
    return place


def turn_to(hands: HubHands, index: int) -> None:
    hands.tabs.setCurrentIndex(index)
    hands.settle()


def test_what_is_found_is_looked_at_by_name(hub: HubServer, hands: HubHands) -> None:
    hub.add_repo(NAME, adapter_files(rank=16), downloads=5)
    hub.add_repo("acme/other", adapter_files(), downloads=3)
    turn_to(hands, 1)
    results: QListView = hands.part(QListView, "hubResults")
    hands.wait_until(lambda: results.model().rowCount() >= 2)
    assert hands.go.text() == "&Look at it"
    hands.part(QLineEdit, "hubSearchEdit").setFocus()
    hands.bot.keyClick(hands.part(QLineEdit, "hubSearchEdit"), Qt.Key.Key_Down)
    hands.wait_until(lambda: hands.facts().get("Rank, alpha", "").startswith("16"))
    assert hands.go.isEnabled()
    hands.click(hands.go)
    assert hands.tabs.currentIndex() == 0
    assert hands.repository.text() == NAME
    assert hands.repository.hasFocus()
    hands.settle()
    hands.assert_found()
    assert hands.name.text() == "sql-lora"


def test_an_adapter_of_the_cache_comes_in_without_network(
    base: BaseModelRecord, hub: HubServer, hands: HubHands, services: Services, cache: Path
) -> None:
    put(cache, IN_CACHE)
    imported: list[AdapterRecord] = []
    hands.dialog.imported.connect(imported.extend)
    turn_to(hands, 2)
    hub.reset_requests()
    adapters: QListView = hands.part(QListView, "cachedAdapters")
    hands.wait_until(lambda: adapters.model().rowCount() == 1)
    hands.bot.keyClick(hands.part(QLineEdit, "cachedFilter"), Qt.Key.Key_Down)
    hands.wait_until(lambda: hands.facts().get("PEFT type") == "LoRA")
    hands.settle()
    name: QLineEdit = hands.part(QLineEdit, "cachedNameEdit")
    assert name.text() == "sql-lora"
    assert hands.go.text() == "Imp&ort"
    assert hands.go.isEnabled()
    hands.type(name, "from the cache")
    hands.settle()
    hands.click(hands.go)
    hands.wait_until(lambda: not hands.dialog.isVisible())
    (record,) = imported
    assert (record.type, record.name) == ("huggingface", "from the cache")
    assert record.huggingface_name == NAME
    assert record.path is not None
    assert record.path.startswith(str(cache))
    assert not record.managed
    assert record.revision is not None
    assert not hub.requests


def test_one_of_the_cache_without_a_base_model_is_held_back(
    hub: HubServer, hands: HubHands, services: Services, cache: Path
) -> None:
    put(cache, IN_CACHE)
    turn_to(hands, 2)
    adapters: QListView = hands.part(QListView, "cachedAdapters")
    hands.wait_until(lambda: adapters.model().rowCount() == 1)
    hands.bot.keyClick(hands.part(QLineEdit, "cachedFilter"), Qt.Key.Key_Down)
    hands.wait_until(lambda: bool(hands.facts()))
    hands.settle()
    hands.bot.keyClick(adapters, Qt.Key.Key_Return)
    hands.settle()
    assert hands.part(QWidget, "cachedBaseModelCombo").hasFocus()
    assert not services.adapters.list_adapters()
    hands.click(hands.link(f"Add {LLAMA}"))
    hands.settle()
    assert hands.go.isEnabled()


def test_every_tab_keeps_what_was_typed(hub: HubServer, hands: HubHands, cache: Path) -> None:
    hub.add_repo(NAME, adapter_files())
    hands.look_at(NAME)
    for index in (1, 2, 0):
        turn_to(hands, index)
    assert hands.repository.text() == NAME
    hands.assert_found()
    hands.dialog.show_source("project")
    hands.dialog.show_source("huggingface")
    hands.settle()
    assert hands.repository.text() == NAME
    hands.dialog.reset()
    hands.settle()
    assert hands.repository.text() == ""


def mnemonics(hands: HubHands) -> list[str]:
    found = []
    for widget in hands.dialog.findChildren(QWidget):
        if not widget.isVisible():
            continue
        text = ""
        if isinstance(widget, QLabel) and widget.buddy() is not None:
            text = QLabel.text(widget)
        elif isinstance(widget, QAbstractButton):
            text = QAbstractButton.text(widget)
        found += re.findall(r"&([A-Za-z])", text.replace("&&", ""))
    titles = [hands.tabs.tabText(n) for n in range(hands.tabs.count())]
    found += re.findall(r"&([A-Za-z])", " ".join(titles))
    return [letter.upper() for letter in found]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_no_letter_leads_to_two_places(
    hub: HubServer, hands: HubHands, cache: Path, index: int
) -> None:
    put(cache, IN_CACHE)
    files = {f"{place}/{name}": f for place in "ab" for name, f in adapter_files().items()}
    hub.add_repo(NAME, files)
    hands.look_at(NAME)
    hands.page.bar.open_row("http://hub.example")
    turn_to(hands, index)
    letters = mnemonics(hands)
    assert sorted(letters) == sorted(set(letters))
    assert len(letters) >= 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_into_the_smallest_dialog(
    qapp: Any, hub: HubServer, hands: HubHands, scheme: str
) -> None:
    apply_theme(qapp, scheme)
    long = f"acme/{'very-long-name-' * 5}x"
    hub.add_repo(long, adapter_files(), gated="manual", tags=["t" * 60, "u" * 60])
    hands.look_at(long)
    for size in ((920, 632), (760, 520)):
        hands.dialog.resize(*size)
        qapp.processEvents()
        shown = [w for w in hands.page.form.findChildren(QWidget) if w.isVisible()]
        shown += [w for w in hands.page.facts.findChildren(QWidget) if w.isVisible()]
        cut = [w for w in shown if hands.is_cut(w)]
        assert not cut, [(type(w).__name__, w.objectName()) for w in cut]


def test_everything_has_a_name_for_those_who_listen(
    hub: HubServer, hands: HubHands, cache: Path
) -> None:
    hub.add_repo(NAME, adapter_files())
    hands.look_at(NAME)
    for index in (0, 1, 2):
        turn_to(hands, index)
        for widget in hands.page.form.findChildren(QWidget):
            if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                spoken = widget.accessibleName() or getattr(widget, "text", str)()
                assert spoken, (type(widget).__name__, widget.objectName())
                assert widget.objectName(), (type(widget).__name__, spoken)
