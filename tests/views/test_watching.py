"""Watched folders in the window, and what other windows write: noticed when one comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services, open_services
from desktop.services.records import AdapterRecord, Row
from desktop.views.main_window import MainWindow
from desktop.views.watched_folders import WatchedFoldersPane
from tests.support import make_adapter


def said(window: MainWindow) -> str:
    notice = window.strip.notices.current()
    return "" if notice is None else notice.text


def test_what_is_new_is_offered_once_at_the_start(
    qtbot: QtBot,
    library_services: Services,
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    make_adapter(tmp_path / "runs" / "a")
    make_adapter(tmp_path / "runs" / "b")
    library_services.watched.add(tmp_path / "runs")
    window = open_window()
    assert said(window) == f"2 new adapters in “{tmp_path / 'runs'}”."
    assert window.library.table.total() == 0
    asked: list[object] = []
    window.watching.scanRequested.disconnect()
    window.watching.scanRequested.connect(asked.append)
    window.strip.notices.trigger()
    assert asked == [[str(tmp_path / "runs")]]
    window.close()
    again = open_window()
    assert "new adapter" not in said(again)


def test_look_at_them_scans_the_folder(
    qtbot: QtBot,
    library_services: Services,
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    make_adapter(tmp_path / "runs" / "a")
    library_services.watched.add(tmp_path / "runs")
    window = open_window()
    window.strip.notices.trigger()
    assert window.place() == "scan"
    qtbot.waitUntil(window.is_settled, timeout=20_000)


def test_it_rests_between_two_looks(
    qtbot: QtBot,
    library_services: Services,
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "more").mkdir()
    library_services.watched.add(tmp_path / "runs")
    window = open_window()
    looks: list[object] = []
    window.watching.looked.connect(looks.append)
    window.watching.look()
    assert window.is_settled()
    assert not looks
    library_services.watched.add(tmp_path / "more")
    with qtbot.waitSignal(window.watching.looked, timeout=10_000):
        window.watching.look()
    library_services.watched.remove(str(tmp_path / "runs"))
    library_services.watched.remove(str(tmp_path / "more"))
    window.watching.look()
    assert window.is_settled()
    assert len(looks) == 1


def test_closing_during_a_look_leaves_nothing(
    qtbot: QtBot,
    library_services: Services,
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    window = open_window()
    make_adapter(tmp_path / "runs" / "a")
    library_services.watched.add(tmp_path / "runs")
    window.watching.look()
    assert not window.is_settled()
    window.close()
    assert not window.runner.tasks


def test_no_watched_folder_no_look(
    qtbot: QtBot, library_services: Services, open_window: Callable[[], MainWindow]
) -> None:
    window = open_window()
    window.watching.look()
    assert window.is_settled()
    assert library_services.watched.last is None


def test_the_pane_adds_and_removes(
    qtbot: QtBot,
    library_services: Services,
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    window = open_window()
    pane = WatchedFoldersPane(window.library)
    qtbot.addWidget(pane)
    pane.show()
    assert pane.message.text() == "No folder is watched."
    (tmp_path / "runs").mkdir()
    qtbot.mouseClick(pane.folders.add_button, Qt.MouseButton.LeftButton)
    chooser = pane.findChild(QFileDialog)
    assert chooser is not None
    with qtbot.waitSignal(pane.changed, timeout=5_000):
        chooser.fileSelected.emit(str(tmp_path / "runs"))
    chooser.close()
    assert pane.folders.folders() == [str(tmp_path / "runs")]
    assert library_services.watched.folders() == (str(tmp_path / "runs"),)
    pane.add(str(tmp_path / "runs" / "inside"))
    qtbot.waitUntil(lambda: pane.message.tone() == "error", timeout=5_000)
    assert "watched already" in pane.message.text()
    with qtbot.waitSignal(pane.changed, timeout=5_000):
        qtbot.mouseClick(pane.folders.remove_button, Qt.MouseButton.LeftButton)
    assert library_services.watched.folders() == ()
    pane.close()


def test_a_watched_folder_that_is_away_is_marked(
    qtbot: QtBot,
    library_services: Services,
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    library_services.watched.add(tmp_path / "away")
    window = open_window()
    assert library_services.watched.last is not None
    pane = WatchedFoldersPane(window.library)
    qtbot.addWidget(pane)
    pane.show()
    item = pane.folders.list.item(0)
    assert item is not None
    assert item.text().endswith("not there now")
    pane.close()


def test_what_another_window_wrote_is_there_when_one_comes_back(
    qtbot: QtBot,
    library_services: Services,
    filled: list[AdapterRecord],
    open_window: Callable[[], MainWindow],
    tmp_path: Path,
) -> None:
    window = open_window()
    page = window.library_page
    page.table.select_ids([filled[1].id])
    with open_services(tmp_path / "library" / "catalog.db") as other:
        other.adapters.update_adapter(filled[0].id, name="renamed elsewhere")
        other.adapters.remove_adapter(filled[2].id)
    window.library.look_for_others()
    qtbot.waitUntil(window.is_settled, timeout=10_000)
    rows = [window.library.table.row_by_id(key) for key in window.library.table.ids()]
    assert {row[Row.NAME] for row in rows if row is not None} == {"renamed elsewhere", "beta"}
    assert page.table.selected_ids() == [filled[1].id]


def test_without_foreign_writes_nothing_is_read_again(
    qtbot: QtBot,
    filled: list[AdapterRecord],
    open_window: Callable[[], MainWindow],
) -> None:
    window = open_window()
    window.operations.remove([filled[0].id])
    qtbot.waitUntil(window.is_settled, timeout=10_000)
    resets: list[object] = []
    window.library.adaptersChanged.connect(resets.append)
    window.library.look_for_others()
    qtbot.waitUntil(window.is_settled, timeout=10_000)
    assert resets == []
