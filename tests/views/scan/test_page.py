"""The page around the table: folders at the left, panels and room, and its place in the window."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.models.library import Library
from desktop.models.scan_columns import COLUMNS, NAME, STATE
from desktop.models.scan_rows import make_row
from desktop.services.scan.records import FoundState
from desktop.views.main_window import MainWindow
from desktop.views.scan import ScanPage
from desktop.views.scan.sources import FAVOURITES
from tests.models.scan_found import found
from tests.support import make_adapter
from tests.views.conftest import filled, library_services, open_window  # noqa: F401
from tests.views.scan.conftest import Hands


def test_favourites_home_and_folders_of_before_are_offered(hands: Hands, tmp_path: Path) -> None:
    sources = hands.page.sources
    sources._settings.set(FAVOURITES, [str(tmp_path), "relative", 7])
    sources.renew()
    assert sources._paths == [str(tmp_path), os.path.expanduser("~")]
    assert sources.ticked() == []
    sources.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert sources.ticked() == [str(tmp_path)]
    assert hands.page.head.start_button.isEnabled()


def test_dropped_folders_are_ticked(hands: Hands, runs: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(runs))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    hands.page.sources.list.dropEvent(event)
    assert hands.page.sources.ticked() == [str(runs)]
    assert hands.page.head.title.text() == f"Scan {runs}"


def test_delete_takes_a_folder_off_the_list(hands: Hands, runs: Path) -> None:
    sources = hands.page.sources
    sources.add([str(runs)])
    sources.list.setCurrentRow(0)
    QTest.keyClick(sources.list, Qt.Key.Key_Delete)
    assert sources.ticked() == []
    assert runs.is_dir()


def test_other_folders_are_another_scan(hands: Hands, runs: Path) -> None:
    hands.scan(runs / "sql")
    assert hands.page.head.start_button.text() == "&Scan again"
    hands.page.sources.add([str(runs / "chat")])
    assert hands.page.head.start_button.text() == "&Start scan"


def test_nothing_found_is_said(hands: Hands, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    hands.scan(tmp_path / "bare")
    assert hands.page.empty.text() == "No adapter was found below these folders."


def test_a_folder_that_is_not_there_is_said(hands: Hands, tmp_path: Path) -> None:
    hands.scan(tmp_path / "nope")
    said = f"There is no folder “{tmp_path / 'nope'}”."
    assert hands.page.empty.text() == said
    assert not hands.page.empty.isHidden()


def test_a_file_to_scan_is_said(hands: Hands, runs: Path) -> None:
    path = runs / "alone" / "adapter_config.json"
    hands.scan(path)
    assert hands.page.empty.text() == f"“{path}” is a file. Choose the folder around it."


def test_one_folder_among_others_that_is_not_there_is_said_above(
    hands: Hands, runs: Path, tmp_path: Path
) -> None:
    hands.scan(tmp_path / "nope", runs / "alone")
    assert hands.page.head.message.text() == f"There is no folder “{tmp_path / 'nope'}”."
    assert "alone" in hands.lines()
    hands.scan(runs / "alone")
    assert hands.page.head.message.text() == ""


def test_counts_have_thousands_marks(hands: Hands, many: Callable[[int], Path]) -> None:
    hands.scan(many(1_000))
    hands.results.take([make_row(found(f"/elsewhere/{number}")) for number in range(500)])
    assert hands.page.head.chips[FoundState.NEW].words() == "New 1,500"
    assert "1,201 folders · 1,500 adapters" in hands.page.head.said.text()


def test_all_known_is_said(hands: Hands, runs: Path) -> None:
    hands.scan(runs / "sql")
    hands.page._choose_all()
    hands.page.foot.button.click()
    hands.settle()
    assert hands.page.empty.text() == "Nothing is new. All of it is in the library."
    hands.page.empty.link().click()
    assert "checkpoint-800" in hands.lines()
    assert hands.page.head.chips[FoundState.KNOWN].isChecked()


def test_the_head_keeps_its_height_while_a_scan_runs(
    hands: Hands, many: Callable[[int], Path], qtbot: QtBot
) -> None:
    root = many(200)
    before = hands.page.head.height()
    hands.page.scan([str(root)])
    qtbot.waitUntil(lambda: hands.results.total() > 0)
    assert hands.page.head.height() == before
    hands.settle()
    assert hands.page.head.height() == before


def test_where_it_is_narrow_one_panel_stands_beside_the_results(hands: Hands, runs: Path) -> None:
    page = hands.page
    hands.scan(runs)
    assert page.sources.isVisible()
    assert page.details.isVisible()
    page.resize(960, 560)
    assert page.sources.isVisible()
    assert not page.details.isVisible()
    page.head.panel_button.click()
    assert page.details.isVisible()
    assert not page.sources.isVisible()
    page.resize(1388, 800)
    assert page.sources.isVisible()


def test_with_large_letters_the_results_keep_most_of_the_room(
    library: Library, qtbot: QtBot, many: Callable[[int], Path]
) -> None:
    usual = QApplication.font()
    large = QFont(usual)
    large.setPointSizeF(usual.pointSizeF() * 1.5)
    QApplication.setFont(large)
    try:
        page = ScanPage(library)
        qtbot.addWidget(page)
        page.show()
        hands = Hands(page, library, qtbot)
        hands.scan(many(5))
        page.resize(950, 500)
        assert page.width() == 950
        assert 220 <= page.sources.width() <= 950 * 30 // 100
        assert page.table.columnWidth(NAME) >= 160
        assert not page.table.isColumnHidden(STATE)
        wide = sum(page.table.columnWidth(at) for at in range(len(COLUMNS)))
        assert wide <= page.table.viewport().width()
        page.head.panel_button.click()
        qtbot.waitUntil(lambda: page.details.width() <= 950 * 36 // 100)
        hands.settle()
        assert page.table.columnWidth(NAME) >= 160
        page.hide()
    finally:
        QApplication.setFont(usual)


def test_a_head_s_details_are_its_run_s(hands: Hands, runs: Path) -> None:
    hands.scan(runs)
    hands.table.select_path(hands.results.path_at(0))
    assert hands.page.details.title.text() == "chat"
    assert hands.page.details.message.text().startswith("3 adapters · LoRA")


def test_the_way_there(
    open_window: Callable[[], MainWindow],  # noqa: F811
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    window = open_window()
    (link,) = [
        link for link, key in window.library_page.empty_library._links.items() if key == "scan"
    ]
    link.click()
    assert window.place() == "scan"
    window.go_to("all")
    window.actions_["scanAction"].trigger()
    assert window.place() == "scan"
    make_adapter(tmp_path / "disk" / "one")
    window.commands.scan_folders([str(tmp_path / "disk")])
    page = window.pages.currentWidget()
    qtbot.waitUntil(lambda: not page.session.is_scanning)
    assert page.session.table.total() == 1


def test_the_window_closes_while_a_scan_runs(
    open_window: Callable[[], MainWindow],  # noqa: F811
    many: Callable[[int], Path],
    qtbot: QtBot,
) -> None:
    root = many(400)
    window = open_window()
    window.commands.scan_folders([str(root)])
    page = window.pages.currentWidget()
    qtbot.waitUntil(lambda: page.session.table.total() > 0)
    assert window.close()
    qtbot.waitUntil(lambda: not page.session.is_scanning)
