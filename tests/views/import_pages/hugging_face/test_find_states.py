"""“Find” where there is nothing or trouble, and how it looks and speaks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from desktop.models.hub_search import END
from desktop.models.library import Library
from desktop.services.hub.records import HubQuery, HubResult
from desktop.views.import_pages.hugging_face.find_filters import host_of, no_hit_text
from desktop.views.theme import apply_theme
from tests.hub_server import Fault, HubServer
from tests.models.hub_lists import add_row, fill, opened_library
from tests.views.import_pages.hugging_face.find_hands import LIST, Find

Key = Qt.Key


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubServer]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


@pytest.fixture
def library(qtbot: Any, tmp_path: Path, hub: HubServer) -> Iterator[Library]:
    with opened_library(tmp_path, qtbot) as opened:
        yield opened


@pytest.fixture
def find(library: Library, qtbot: Any) -> Iterator[Find]:
    made = Find(library, qtbot)
    yield made
    made.dialog.close()


# -- nothing there, and trouble ----------------------------------------------------------------


def test_no_hit_is_a_sentence_with_a_way_back(find: Find, hub: HubServer) -> None:
    ids = fill(hub, 2)
    find.open()
    find.author.setText("acme")
    find.text.setText("<b>x</b>")
    find.settle()
    assert find.place.isVisible()
    host = hub.url.removeprefix("http://")
    assert find.place.text() == f"No adapter on {host} matches “<b>x</b>” and is by “acme”."
    assert find.place.link().text() == "Clear the search"
    find.bot.mouseClick(find.place.link(), Qt.MouseButton.LeftButton)
    find.settle()
    assert find.ids() == ids
    assert find.author.text() == ""
    assert find.text.hasFocus()


def test_an_empty_hub_offers_nothing_to_clear(find: Find, hub: HubServer) -> None:
    find.open()
    assert find.place.text() == f"There is no adapter on {hub.url.removeprefix('http://')}."
    assert not find.place.link().isVisible()


def test_trouble_before_the_first_answer(find: Find, hub: HubServer) -> None:
    ids = fill(hub, 2)
    hub.fault = Fault("status", match=LIST, status=404)
    find.open()
    assert [error.code for error in find.trouble if error] == [find.pane.model.trouble.code]
    assert find.place.isVisible()
    assert find.pane.model.trouble.message in find.place.text()
    assert find.place.link().text() == "Try again"
    hub.fault = None
    find.bot.mouseClick(find.place.link(), Qt.MouseButton.LeftButton)
    find.settle()
    assert find.ids() == ids
    assert find.trouble[-1] is None


def test_trouble_keeps_the_list_that_is_there(find: Find, hub: HubServer) -> None:
    ids = fill(hub, 30)
    find.open()
    hub.fault = Fault("status", match=LIST, status=404)
    find.list.scrollToBottom()
    find.settle()
    assert find.ids() == ids[:20]
    assert find.list.isVisible()
    assert find.message.tone() == "warning"
    assert find.message.link().text() == "Try again"
    hub.fault = None
    find.bot.mouseClick(find.message.link(), Qt.MouseButton.LeftButton)
    find.settle()
    assert find.ids() == ids
    assert find.message.text() == "30 adapters"


def test_another_search_that_fails_leaves_nothing_of_the_one_before(
    find: Find, hub: HubServer
) -> None:
    fill(hub, 3)
    find.open()
    find.list.setFocus()
    find.wait_highlighted("acme/lora-000")
    hub.fault = Fault("status", match=LIST, status=404)
    QTest.keyClicks(find.text, "lora")
    find.settle()
    assert find.ids() == []
    assert not find.list.isVisible()
    assert find.place.isVisible()
    assert find.message.text() == ""
    find.wait_highlighted(None)
    assert find.pane.reference() is None
    hub.fault = None
    find.bot.mouseClick(find.part(QPushButton, "emptyPlaceLink"), Qt.MouseButton.LeftButton)
    find.settle()
    assert len(find.ids()) == 3


def test_keys_bring_the_highlighted_line_back_into_sight(find: Find, hub: HubServer) -> None:
    fill(hub, 20)
    find.open()
    first = find.list.model().index(0, 0)

    def in_sight() -> bool:
        seen = find.list.viewport().rect()
        return bool(seen.contains(find.list.visualRect(first).center()))

    find.list.scrollToBottom()
    assert not in_sight()
    find.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert find.list.currentIndex() == first
    assert in_sight()
    find.list.scrollToBottom()
    assert not in_sight()
    find.key(find.list, Qt.Key.Key_Home)
    assert in_sight()


def test_offline_is_said_at_once_and_over_when_the_pane_is_seen_again(
    find: Find, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = fill(hub, 2)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    begun = time.monotonic()
    find.open()
    assert time.monotonic() - begun < 1.5
    assert find.trouble[-1] is not None
    assert find.trouble[-1].code == "offline"
    assert "offline" in find.place.text()
    assert hub.requests == []
    monkeypatch.delenv("HF_HUB_OFFLINE")
    find.pane.hide()
    find.pane.show()
    find.settle()
    assert find.ids() == ids
    assert find.trouble[-1] is None


def test_leaving_stops_a_search_and_coming_back_begins_it_again(find: Find, hub: HubServer) -> None:
    ids = fill(hub, 2)
    hub.fault = Fault("stall_headers", match=LIST)
    find.dialog.show()
    assert hub.wait_for_request(LIST)
    find.dialog.hide()
    find.settle()
    hub.fault = None
    find.open()
    assert find.ids() == ids


def test_another_hub_is_searched_as_soon_as_it_is_the_one(
    find: Find, hub: HubServer, library: Library
) -> None:
    fill(hub, 2)
    find.open()
    with HubServer() as other:
        elsewhere = fill(other, 1, org="mirror")
        find.pane.hide()
        library.services.hub.set_endpoint(other.url)
        find.pane.show()
        find.settle()
        assert find.ids() == elsewhere
        other.add_repo("mirror/new", {}, downloads=99_999)
        find.pane.refresh()
        find.settle()
        assert find.ids() == ["mirror/new", *elsewhere]


# -- how it looks and speaks -------------------------------------------------------------------


def test_what_the_library_has_is_said_and_painted(
    find: Find, hub: HubServer, library: Library, tmp_path: Path
) -> None:
    fill(hub, 2)
    find.open()
    first = find.list.model().index(0, 0)
    spoken = Qt.ItemDataRole.AccessibleTextRole
    assert "in the library" not in first.data(spoken)
    rect = find.list.visualRect(first)
    before = find.list.viewport().grab(rect).toImage()
    add_row(library.services, tmp_path / "run", "mine", "acme/lora-000")
    find.bot.waitUntil(lambda: "in the library" in first.data(spoken))
    assert find.list.viewport().grab(rect).toImage() != before


def test_names_for_those_who_hear_the_window(find: Find, hub: HubServer) -> None:
    fill(hub, 1)
    find.open()
    for widget, name in (
        (find.text, "Search"),
        (find.author, "Author"),
        (find.base, "Base model"),
        (find.sort, "Sort by"),
        (find.list, "Adapters on the Hub"),
    ):
        assert widget.accessibleName() == name
    labels = [label.text() for label in find.pane.filters.findChildren(QLabel)]
    marks = [text[text.index("&") + 1].lower() for text in labels]
    assert len(marks) == len(set(marks)) == 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("direction", ["LeftToRight", "RightToLeft"])
@pytest.mark.parametrize("width", [90, 560])
def test_every_kind_of_line_is_painted_in_both_schemes_and_directions(
    find: Find, hub: HubServer, qapp: Any, scheme: str, direction: str, width: int
) -> None:
    apply_theme(qapp, scheme)
    find.open()
    view = find.pane.list
    view.setLayoutDirection(Qt.LayoutDirection[direction])
    find.pane.model.set_items(
        [
            HubResult("acme/" + "very-long-name-" * 20, 10**12, 3, 1.7e9, gated=True),
            HubResult("x" * 90, private=True, base_models=("a/b",), licence="mit"),
            HubResult("evil/\u202e\ud800<b>"),
        ]
    )
    find.pane.model.set_last(END)
    view.resize(width, 300)
    assert not view.grab().isNull()
    first = view.model().index(0, 0)
    delegate = view.itemDelegate()
    room = view.visualRect(first)
    assert "very-long-name-very" in delegate.tip(first, room)
    assert "Gated" in delegate.tip(first, room)
    assert delegate.tip(view.model().index(3, 0), room) == ""
    assert view.indexAt(QPoint(20, 5)) == first


def test_a_badge_without_its_words_says_them_to_the_pointer(
    find: Find, hub: HubServer, library: Library, tmp_path: Path
) -> None:
    fill(hub, 1)
    add_row(library.services, tmp_path / "run", "mine", "acme/lora-000")
    find.open()
    first = find.list.model().index(0, 0)
    tip = find.pane.list.itemDelegate().tip
    assert "In library." not in tip(first, QRect(0, 0, 900, 44))
    assert "In library." in tip(first, QRect(0, 0, 240, 44))


def test_larger_type_makes_larger_lines(find: Find, hub: HubServer) -> None:
    fill(hub, 2)
    find.open()
    height = find.list.sizeHintForRow(0)
    assert height >= 44
    larger = find.list.font()
    larger.setPixelSize(26)
    find.list.setFont(larger)
    assert find.list.sizeHintForRow(0) >= 1.6 * height


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (HubQuery(), "There is no adapter on hub.example."),
        (HubQuery("x"), "No adapter on hub.example matches “x”."),
        (HubQuery("", "me"), "No adapter on hub.example is by “me”."),
        (
            HubQuery("x", "me", "a/b"),
            "No adapter on hub.example matches “x”, is by “me” and is made for “a/b”.",
        ),
    ],
)
def test_the_sentence_without_a_hit_says_what_was_asked(query: HubQuery, sentence: str) -> None:
    assert no_hit_text(query, "hub.example") == sentence


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("https://huggingface.co", "huggingface.co"),
        ("http://me:secret@mirror.example:8080/hub", "mirror.example:8080"),
        ("nonsense", "the Hub"),
    ],
)
def test_the_name_of_a_hub(endpoint: str, host: str) -> None:
    assert host_of(endpoint) == host
