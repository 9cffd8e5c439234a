"""A second scan, and what other pages do to what was found."""

from __future__ import annotations

import shutil
from pathlib import Path

from pytestqt.qtbot import QtBot

from desktop.services.records import Row
from desktop.services.scan.records import FoundState
from tests.support import make_adapter
from tests.views.scan.conftest import Hands


def test_a_second_scan_shows_what_is_new_changed_or_gone(hands: Hands, runs: Path) -> None:
    hands.scan(runs)
    hands.page._choose_all()
    hands.page.foot.button.click()
    hands.settle()
    make_adapter(runs / "fresh")
    make_adapter(runs / "alone", rank=32)
    shutil.rmtree(runs / "sql" / "checkpoint-800")
    hands.page.head.start_button.click()
    hands.settle()
    states = hands.states()
    assert (states["fresh"], states["alone"], states["checkpoint-800"]) == (
        "new", "changed", "gone",
    )  # fmt: skip
    assert hands.lines() == ["# sql", "checkpoint-800", "# Single folders", "alone", "broken",
                             "fresh"]  # fmt: skip
    hands.page.head.chips[FoundState.KNOWN].click()
    assert "checkpoint-2400" in hands.lines()


def test_a_changed_one_is_known_again_once_it_was_checked(hands: Hands, runs: Path) -> None:
    hands.scan(runs / "alone")
    hands.page.foot.button.click()
    hands.settle()
    make_adapter(runs / "alone", rank=32)
    adapters = hands.library.services.adapters
    hands.page.checkRequested.connect(adapters.check_adapters)
    hands.scan(runs / "alone")
    assert hands.states() == {"alone": "changed"}
    hands.table.select_path(str(runs / "alone"))
    assert hands.page.details.check_link.isVisibleTo(hands.page)
    hands.page.details.check_link.click()
    hands.qtbot.waitUntil(lambda: hands.states() == {"alone": "known"})
    hands.settle()


def test_one_without_a_base_model_can_come_in_by_itself(
    hands: Hands, runs: Path, qtbot: QtBot
) -> None:
    folder = make_adapter(runs / "nameless", base=None)
    hands.scan(folder)
    hands.table.select_path(str(folder))
    with qtbot.waitSignal(hands.page.importRequested) as asked:
        hands.page.details.alone_link.click()
    assert asked.args[0] == [str(folder)]


def test_known_ones_can_be_shown_in_the_library(hands: Hands, runs: Path, qtbot: QtBot) -> None:
    hands.scan(runs)
    hands.page.foot.button.click()
    hands.settle()
    hands.page.head.chips[FoundState.KNOWN].click()
    hands.table.select_path(str(runs / "alone"))
    with qtbot.waitSignal(hands.page.showRequested) as asked:
        hands.page.details.show_link.click()
    row = hands.results.row_of(str(runs / "alone"))
    assert row is not None
    assert asked.args[0] == [row[Row.WIDTH].adapter_id]
    menu = hands.page.current.make_menu()
    assert "scanMenuShow" in [action.objectName() for action in menu.actions()]
    menu.deleteLater()


def test_an_adapter_that_is_removed_elsewhere_is_new_again(hands: Hands, runs: Path) -> None:
    hands.scan(runs)
    hands.page.foot.button.click()
    hands.settle()
    (alone,) = [r[0] for r in hands.library.services.adapters.list_rows() if r[1] == "alone"]
    hands.library.services.adapters.remove_adapters([alone])
    hands.qtbot.waitUntil(lambda: hands.states()["alone"] == "new")
    hands.settle()
    assert hands.states()["chat"] == "known"
