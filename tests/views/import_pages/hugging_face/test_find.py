"""“Find”, by mouse and keyboard, against a hub of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar

from desktop.models.hub_search import END
from desktop.models.library import Library
from desktop.models.result_lines import QUIET_ROLE
from desktop.services.hub.records import HubQuery, HubReference
from desktop.services.records import AddBaseModelRequest
from desktop.views.import_pages.hugging_face.find_filters import ANY_BASE
from tests.hub_server import Fault, HubServer
from tests.models.hub_lists import fill, opened_library
from tests.support import LLAMA
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


# -- searching ---------------------------------------------------------------------------------


def test_it_searches_as_soon_as_it_is_seen_and_not_before(find: Find, hub: HubServer) -> None:
    ids = fill(hub, 3)
    assert hub.requests == []
    find.open()
    assert find.ids() == ids
    assert find.message.text() == "3 adapters"
    assert not find.part(QProgressBar, "hubBar").isVisible()
    assert find.highlighted == []


def test_it_says_that_it_searches_while_it_does(find: Find, hub: HubServer) -> None:
    fill(hub, 1)
    hub.fault = Fault("stall_headers", match=LIST)
    find.dialog.show()
    find.bot.waitExposed(find.dialog)
    host = hub.url.removeprefix("http://")
    assert find.place.isVisible()
    assert find.place.text() == f"Searching {host}…"
    assert find.part(QProgressBar, "hubBar").isVisible()
    hub.wait_for_request(LIST)
    hub.fault.release()
    find.settle()


def test_typing_searches_once_when_it_has_paused(find: Find, hub: HubServer) -> None:
    fill(hub, 2)
    hub.add_repo("other/sql-thing", {})
    find.open()
    hub.reset_requests()
    find.text.setFocus()
    QTest.keyClicks(find.text, "sql-th")
    assert hub.requests == []
    find.settle()
    assert find.ids() == ["other/sql-thing"]
    assert len(hub.asked(LIST)) == 1
    hub.reset_requests()
    QTest.keyClicks(find.text, "x")
    find.key(find.text, Key.Key_Backspace)
    find.settle()
    assert hub.requests == []


def test_enter_does_not_wait_for_the_pause_and_is_not_the_dialogs(
    find: Find, hub: HubServer
) -> None:
    fill(hub, 1)
    hub.add_repo("other/sql-thing", {})
    find.open()
    find.text.setFocus()
    QTest.keyClicks(find.text, "sql")
    find.key(find.text, Key.Key_Return)
    assert find.pane.model.waiting
    find.settle()
    assert find.ids() == ["other/sql-thing"]
    assert find.dialog.isVisible()
    find.key(find.text, Key.Key_Return)
    assert find.list.hasFocus()
    assert find.list.currentIndex().row() == 0


def test_base_models_of_the_library_narrow_the_search(
    find: Find, hub: HubServer, library: Library
) -> None:
    fill(hub, 2)
    hub.add_repo("acme/for-llama", {}, tags=[f"base_model:adapter:{LLAMA}"])
    find.open()
    assert [find.base.itemText(n) for n in range(find.base.count())] == [ANY_BASE]
    models = library.services.base_models
    with find.bot.waitSignal(library.recordsChanged):
        models.add_base_model(AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA))
    with find.bot.waitSignal(library.recordsChanged):
        models.add_base_model(AddBaseModelRequest(type="huggingface", huggingface_name="a/b"))
    assert [find.base.itemText(n) for n in range(find.base.count())] == [ANY_BASE, "a/b", LLAMA]
    find.base.setFocus()
    find.key(find.base, Key.Key_End)
    find.settle()
    assert find.ids() == ["acme/for-llama"]
    with find.bot.waitSignal(library.recordsChanged):
        models.add_base_model(AddBaseModelRequest(type="huggingface", huggingface_name="a/c"))
    assert find.base.currentData() == LLAMA
    assert find.pane.model.asked == HubQuery(base_model=LLAMA)


def test_author_and_order(find: Find, hub: HubServer) -> None:
    hub.add_repo("acme/a", {}, downloads=9, likes=1, last_modified="2026-01-01T00:00:00.000Z")
    hub.add_repo("acme/b", {}, downloads=5, likes=5, last_modified="2026-03-01T00:00:00.000Z")
    hub.add_repo("acme/c", {}, downloads=1, likes=9, last_modified="2026-02-01T00:00:00.000Z")
    hub.add_repo("other/d", {}, downloads=99, likes=99)
    find.open()
    find.author.setFocus()
    QTest.keyClicks(find.author, "acme")
    find.settle()
    assert find.ids() == ["acme/a", "acme/b", "acme/c"]
    for row, expected in ((1, "cba"), (2, "bca"), (0, "abc")):
        find.sort.setCurrentIndex(row)
        find.settle()
        assert find.ids() == [f"acme/{name}" for name in expected]


def test_scrolling_to_the_end_loads_more_until_that_is_all(find: Find, hub: HubServer) -> None:
    ids = fill(hub, 65)
    find.open()
    assert find.ids() == ids[:20]
    assert find.message.text() == "20 adapters so far"
    for count in (40, 60, 65):
        find.list.scrollToBottom()
        find.settle()
        assert find.ids() == ids[:count]
    model = find.list.model()
    assert model.index(model.rowCount() - 1, 0).data(QUIET_ROLE) == END
    assert find.message.text() == "65 adapters"


def test_a_list_shorter_than_its_place_is_filled_at_once(find: Find, hub: HubServer) -> None:
    hub.page_size = 3
    ids = fill(hub, 7)
    find.open()
    assert find.ids() == ids


# -- the highlighted line ----------------------------------------------------------------------


def test_by_keyboard_from_the_field_through_the_list(find: Find, hub: HubServer) -> None:
    ids = fill(hub, 30)
    find.open()
    find.text.setFocus()
    find.key(find.text, Key.Key_Down)
    assert find.list.hasFocus()
    find.key(find.list, Key.Key_Down, Key.Key_Down)
    assert find.highlighted == []
    find.wait_highlighted(ids[2])
    assert find.highlighted == [HubReference(ids[2])]
    find.key(find.list, Key.Key_Return)
    assert find.picked == [HubReference(ids[2])]
    assert find.dialog.isVisible()
    find.key(find.list, Key.Key_End)
    assert find.list.currentIndex().row() == 19
    find.settle()
    find.key(find.list, Key.Key_End, Key.Key_Down)
    assert find.list.currentIndex().row() == 29
    find.key(find.list, Key.Key_PageUp)
    assert 20 < find.list.currentIndex().row() < 29
    find.key(find.list, Key.Key_Home, Key.Key_Up)
    assert find.text.hasFocus()
    find.wait_highlighted(ids[0])


def test_a_click_highlights_and_a_double_click_picks(find: Find, hub: HubServer) -> None:
    ids = fill(hub, 3)
    find.open()
    view = find.list
    centre = view.visualRect(view.model().index(1, 0)).center()
    find.bot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    find.wait_highlighted(ids[1])
    assert find.picked == []
    find.bot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert find.picked == [HubReference(ids[1])]
    last = view.visualRect(view.model().index(3, 0)).center()
    find.bot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=last)
    assert len(find.picked) == 1


def test_the_highlighted_line_stays_if_it_is_found_again(find: Find, hub: HubServer) -> None:
    fill(hub, 3)
    hub.add_repo("other/sql-thing", {}, downloads=5)
    find.open()
    find.list.setCurrentIndex(find.list.model().index(3, 0))
    find.wait_highlighted("other/sql-thing")
    QTest.keyClicks(find.text, "thing")
    find.settle()
    assert find.list.currentIndex().row() == 0
    assert find.pane.reference() == HubReference("other/sql-thing")
    find.text.clear()
    QTest.keyClicks(find.text, "lora")
    find.settle()
    assert find.pane.reference() is None
    find.wait_highlighted(None)
    assert find.highlighted == [HubReference("other/sql-thing"), None]


def test_escape_clears_the_text_and_then_leaves_the_dialog(find: Find, hub: HubServer) -> None:
    fill(hub, 2)
    find.open()
    find.text.setFocus()
    QTest.keyClicks(find.text, "sql")
    find.key(find.text, Key.Key_Escape)
    assert find.text.text() == ""
    assert find.dialog.isVisible()
    find.key(find.text, Key.Key_Escape)
    assert not find.dialog.isVisible()
