"""“On this machine”: the Hugging Face cache, without a word to any server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.models.result_lines import ITEM_ROLE
from desktop.services.hub.records import CachedAdapter
from desktop.views.import_pages.hugging_face.cached import CachedPane
from desktop.views.widgets.empty_state import EmptyPlace
from desktop.views.widgets.inline_message import InlineMessage
from tests.hub_server import HubServer
from tests.models.hub_lists import add_row, opened_library
from tests.services.hub.cached import put

Key = Qt.Key
SPOKEN = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(place))
    return place


@pytest.fixture
def library(qtbot: Any, tmp_path: Path, cache: Path) -> Iterator[Library]:
    with opened_library(tmp_path, qtbot) as opened:
        yield opened


class Cached:
    """The pane in a dialog, its widgets by name, and what it has said."""

    def __init__(self, library: Library, qtbot: Any) -> None:
        self.bot = qtbot
        self.library = library
        self.dialog = QDialog()
        qtbot.addWidget(self.dialog)
        self.pane = CachedPane(library)
        QVBoxLayout(self.dialog).addWidget(self.pane)
        self.dialog.resize(560, 420)
        self.tester = QAbstractItemModelTester(
            self.pane.model, QAbstractItemModelTester.FailureReportingMode.Fatal
        )
        self.highlighted: list[CachedAdapter | None] = []
        self.wanted: list[CachedAdapter] = []
        self.pane.highlighted.connect(self.highlighted.append)
        self.pane.importWanted.connect(self.wanted.append)

    def open(self) -> Cached:
        self.dialog.show()
        self.bot.waitExposed(self.dialog)
        return self.settle()

    def settle(self) -> Cached:
        self.bot.waitUntil(lambda: not self.pane.model.reading and not self.library.runner.tasks)
        return self

    def part(self, kind: Any, name: str) -> Any:
        found = self.dialog.findChild(kind, name)
        assert found is not None, name
        return found

    @property
    def filter(self) -> QLineEdit:
        return self.part(QLineEdit, "cachedFilter")

    @property
    def list(self) -> QListView:
        return self.part(QListView, "cachedAdapters")

    @property
    def place(self) -> EmptyPlace:
        return self.part(EmptyPlace, "cachedPlace")

    @property
    def message(self) -> str:
        return self.part(InlineMessage, "inlineMessage").text()

    def ids(self) -> list[str]:
        model = self.list.model()
        return [model.index(row, 0).data(ITEM_ROLE).repo_id for row in range(model.rowCount())]

    def key(self, widget: QWidget, *keys: Qt.Key) -> None:
        for key in keys:
            QTest.keyClick(widget, key)


@pytest.fixture
def pane(library: Library, qtbot: Any) -> Iterator[Cached]:
    made = Cached(library, qtbot)
    yield made
    made.dialog.close()


def fill(cache: Path, *names: str) -> list[str]:
    for n, name in enumerate(names):
        put(cache, f"models--acme--{name}", used=9_000_000.0 - n)
    return [f"acme/{name}" for name in names]


def test_it_looks_when_it_is_first_seen_and_when_it_is_asked_to(pane: Cached, cache: Path) -> None:
    ids = fill(cache, "one", "two")
    pane.open()
    assert pane.ids() == ids
    assert pane.message == "2 adapters"
    put(cache, "models--acme--three", used=1_000.0)
    pane.pane.hide()
    pane.pane.show()
    pane.settle()
    assert pane.ids() == ids
    again = pane.part(QToolButton, "cachedRefresh")
    pane.bot.mouseClick(again, Qt.MouseButton.LeftButton)
    pane.settle()
    assert pane.ids() == [*ids, "acme/three"]


def test_nothing_is_asked_of_any_server(
    pane: Cached, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HubServer() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        fill(cache, "one")
        pane.open()
        pane.key(pane.filter, Key.Key_Down, Key.Key_Return)
        pane.settle()
        assert hub.requests == []


def test_by_keyboard_from_the_filter_to_the_import(pane: Cached, cache: Path) -> None:
    ids = fill(cache, "one", "sql-two", "sql-three")
    pane.open()
    pane.filter.setFocus()
    QTest.keyClicks(pane.filter, "sql")
    assert pane.ids() == ids[1:]
    assert pane.message == "2 of 3 adapters"
    pane.key(pane.filter, Key.Key_Return)
    assert pane.list.hasFocus()
    pane.key(pane.list, Key.Key_Down)
    assert pane.highlighted == []
    pane.bot.waitUntil(lambda: bool(pane.highlighted))
    assert pane.highlighted[-1] is not None
    assert pane.highlighted[-1].repo_id == "acme/sql-three"
    assert pane.highlighted[-1].path.startswith(str(cache))
    pane.key(pane.list, Key.Key_Return)
    assert [adapter.repo_id for adapter in pane.wanted] == ["acme/sql-three"]
    assert pane.dialog.isVisible()
    pane.key(pane.list, Key.Key_Up, Key.Key_Up)
    assert pane.filter.hasFocus()


def test_the_highlighted_line_outlives_filter_and_refresh(pane: Cached, cache: Path) -> None:
    fill(cache, "one", "two", "three")
    pane.open()
    pane.list.setCurrentIndex(pane.list.model().index(1, 0))
    pane.filter.setText("two")
    assert pane.list.currentIndex().row() == 0
    pane.filter.clear()
    assert pane.list.currentIndex().row() == 1
    pane.pane.refresh()
    pane.settle()
    assert pane.pane.adapter() is not None
    assert pane.pane.adapter().repo_id == "acme/two"
    pane.filter.setText("three")
    assert pane.pane.adapter() is None
    pane.bot.waitUntil(lambda: pane.highlighted[-1:] == [None] or not pane.highlighted)


def test_a_double_click_asks_for_the_import(pane: Cached, cache: Path) -> None:
    fill(cache, "one", "two")
    pane.open()
    view = pane.list
    centre = view.visualRect(view.model().index(1, 0)).center()
    pane.bot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert pane.wanted == []
    pane.bot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert [adapter.repo_id for adapter in pane.wanted] == ["acme/two"]


def test_an_empty_cache_says_where_it_is_and_looks_again(pane: Cached, cache: Path) -> None:
    pane.open()
    assert pane.place.isVisible()
    assert pane.place.text() == (
        f"The Hugging Face cache of this machine holds no adapter. The cache is in {cache}."
    )
    ids = fill(cache, "one")
    assert pane.place.link().text() == "Look again"
    pane.bot.mouseClick(pane.place.link(), Qt.MouseButton.LeftButton)
    pane.settle()
    assert pane.ids() == ids


def test_a_filter_without_a_hit_can_be_cleared(pane: Cached, cache: Path) -> None:
    ids = fill(cache, "one")
    pane.open()
    pane.filter.setText("no such")
    assert pane.place.text() == "No adapter in the cache of this machine matches “no such”."
    pane.filter.setText("none either")
    assert "“none either”" in pane.place.text()
    pane.bot.mouseClick(pane.place.link(), Qt.MouseButton.LeftButton)
    assert pane.ids() == ids
    assert pane.filter.hasFocus()


def test_a_cache_that_can_not_be_read_is_said(pane: Cached, cache: Path) -> None:
    cache.symlink_to(cache)
    pane.open()
    assert pane.place.isVisible()
    assert pane.place.link().text() == "Try again"
    assert pane.place.text().endswith(".")
    cache.unlink()
    ids = fill(cache, "one")
    pane.bot.mouseClick(pane.place.link(), Qt.MouseButton.LeftButton)
    pane.settle()
    assert pane.ids() == ids


def test_what_is_imported_in_place_is_marked(pane: Cached, cache: Path, library: Library) -> None:
    folder = put(cache, "models--acme--one")
    pane.open()
    first = pane.list.model().index(0, 0)
    assert "in the library" not in first.data(SPOKEN)
    add_row(library.services, folder, "mine")
    pane.bot.waitUntil(lambda: "in the library" in first.data(SPOKEN))


def test_escape_clears_the_filter_and_then_leaves_the_dialog(pane: Cached, cache: Path) -> None:
    fill(cache, "one")
    pane.open()
    pane.filter.setFocus()
    pane.filter.setText("x")
    pane.key(pane.filter, Key.Key_Escape)
    assert pane.filter.text() == ""
    assert pane.dialog.isVisible()
    pane.key(pane.filter, Key.Key_Escape)
    assert not pane.dialog.isVisible()


def test_names_for_those_who_hear_the_window(pane: Cached, cache: Path) -> None:
    fill(cache, "one")
    pane.open()
    for widget, name in (
        (pane.filter, "Filter the adapters on this machine"),
        (pane.list, "Adapters on this machine"),
        (pane.part(QToolButton, "cachedRefresh"), "Look again"),
    ):
        assert widget.accessibleName() == name
    assert pane.list.model().index(0, 0).data(SPOKEN).startswith("acme/one, base model")
