"""The first screen of a large library is what all of its rows would show."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from bench.synthetic import NOW, make_rows, write_catalog
from desktop.bootstrap import Services, open_services
from desktop.models import first_look
from desktop.models.columns import COLUMN, COLUMNS
from desktop.models.first_look import first_screen
from desktop.models.library import Library
from desktop.models.library_table import LibraryTableModel
from desktop.models.row_index import RowIndex
from desktop.models.task_runner import TaskRunner
from desktop.services.catalog.first_screen import FIRST, SMALL

DOWN = Qt.SortOrder.DescendingOrder
TOTAL = SMALL + 188
ADDED = COLUMN["added"]
# Ties, words where a figure belongs, names that fold alike, and what others leave behind.
TROUBLE = """
UPDATE lorarium_adapters SET added_at = 1794000000 WHERE rowid % 3 = 0;
UPDATE lorarium_adapters SET added_at = NULL WHERE rowid % 11 = 0;
UPDATE lorarium_adapters SET added_at = 9e999 WHERE rowid % 67 = 0;
UPDATE lorarium_adapters SET size_bytes = 'much' WHERE rowid % 7 = 0;
UPDATE lorarium_adapters SET content_id = 'same' || (rowid % 5) WHERE rowid % 9 < 2;
UPDATE lorarium_adapters SET content_id = '' WHERE rowid % 9 = 3;
UPDATE lorarium_adapters SET variant = NULL, state = 'changed' WHERE rowid % 13 = 0;
UPDATE adapters SET name = upper(name) WHERE rowid % 4 = 0;
UPDATE adapters SET model_id = NULL WHERE rowid % 17 = 0;
DELETE FROM lorarium_adapters WHERE rowid % 29 = 0;
DELETE FROM models WHERE rowid = 2;
INSERT INTO lorarium_origins (adapter_id, version, newest)
    SELECT id, 'a', CASE WHEN rowid % 2 THEN 'a' ELSE 'b' END FROM adapters WHERE rowid % 6 = 0;
INSERT INTO lorarium_origins (adapter_id, version, newest) VALUES ('nobody', 'a', 'b');
INSERT INTO lorarium_marks (adapter_id, favourite) VALUES ('nobody', 1);
"""


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("first")
    paths = {"plain": folder / "plain.db", "troubled": folder / "troubled.db"}
    for path in paths.values():
        write_catalog(path, TOTAL)
    connection = sqlite3.connect(paths["troubled"])
    connection.executescript(f"PRAGMA foreign_keys = OFF; {TROUBLE}")
    connection.close()
    return paths


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_look.time, "time", lambda: NOW)


@pytest.mark.parametrize("which", ["plain", "troubled"])
@pytest.mark.parametrize("key", ["added", "name", "rank", "parameters", "size"])
@pytest.mark.parametrize("descending", [True, False])
def test_the_first_rows_and_the_numbers_are_those_of_all_rows(
    catalogues: dict[str, Path], clock: None, which: str, key: str, descending: bool
) -> None:
    services = open_services(catalogues[which])
    everything = RowIndex([column.value for column in COLUMNS], lambda: NOW)
    everything.replace(services.first_rows() or [])
    everything.sort(COLUMN[key], descending)
    found = first_screen(services, key, descending)
    assert found is not None
    rows, counts = found
    assert rows == [everything.row(slot) for slot in everything.shown[:FIRST]]
    assert counts == everything.counts()


def test_what_can_not_be_said_from_a_part_is_left_to_all_rows(
    catalogues: dict[str, Path], tmp_path: Path
) -> None:
    services = open_services(catalogues["plain"])
    assert first_screen(services, "base_model", False) is None  # sorted by what is made of several
    small = tmp_path / "small.db"
    write_catalog(small, 3)
    assert first_screen(open_services(small), "added", True) is None
    assert first_screen(open_services(tmp_path / "none.db"), "added", True) is None
    stray = tmp_path / "stray.db"
    write_catalog(stray, TOTAL)
    connection = sqlite3.connect(stray)
    connection.executescript("PRAGMA foreign_keys = OFF; DELETE FROM adapters WHERE rowid = 5;")
    connection.close()
    assert first_screen(open_services(stray), "added", True) is None
    connection = sqlite3.connect(stray)
    connection.executescript(
        "UPDATE lorarium_adapters SET rank = NULL; DROP TABLE fine_tuning_jobs"
    )
    connection.close()
    assert first_screen(open_services(stray), "rank", True) is None
    stray.write_bytes(b"no catalogue" * 100)
    assert first_screen(open_services(stray), "added", True) is None


@pytest.fixture
def library(
    catalogues: dict[str, Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Library]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path))
    services: Services = open_services(catalogues["plain"])
    runner = TaskRunner()
    library = Library(services, runner)
    library.table.sort(ADDED, DOWN)
    yield library
    runner.shutdown()
    services.close()


def test_the_rest_comes_behind_the_first_screen_and_nothing_jumps(
    library: Library, qtbot: QtBot
) -> None:
    table = library.table
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(table, mode)
    finished: list[tuple[int, int]] = []
    table.filterFinished.connect(lambda shown, total: finished.append((shown, total)))
    assert library.show_first_rows()
    assert table.rowCount() == table.total() == table.counts().total == TOTAL
    assert finished == [(TOTAL, TOTAL)]
    assert table.is_filtering()
    first, counts, titles = table.ids(), table.counts(), library.base_titles
    assert len(first) == FIRST
    assert table.row_at(FIRST) is None
    assert table.data(table.index(TOTAL - 1, 0)) is None
    with qtbot.waitSignal(library.ready, timeout=10_000):
        library.open()
    assert not table.is_filtering()
    assert table.rowCount() == table.total() == TOTAL
    assert len(table.ids()) == TOTAL
    assert table.ids()[:FIRST] == first
    assert table.counts().by_base == counts.by_base
    assert set(titles.items()) <= set(library.base_titles.items())
    assert tester.model() is table


def test_a_filter_typed_before_the_rest_is_there_finds_the_rest(
    library: Library, qtbot: QtBot
) -> None:
    table = library.table
    library.show_first_rows()
    finished: list[tuple[int, int]] = []
    table.filterFinished.connect(lambda shown, total: finished.append((shown, total)))
    table.set_filter("sql")
    early = table.rowCount()
    assert 0 < early < FIRST
    assert finished == []  # how many answer is not known yet
    with qtbot.waitSignal(library.ready, timeout=10_000):
        library.open()
    table.finish()
    assert table.rowCount() > early
    assert finished[-1] == (table.rowCount(), TOTAL)
    table.set_filter("")
    assert table.rowCount() == TOTAL


def test_a_library_that_can_not_be_opened_shows_the_rows_that_were_read(qapp: object) -> None:
    table = LibraryTableModel(clock=lambda: NOW)
    rows = make_rows(3)
    table.set_rows(rows)
    counts = table.counts()
    table = LibraryTableModel(clock=lambda: NOW)
    table.set_first_screen(rows[:2], counts)
    assert table.rowCount() == 3
    table.no_more_rows()
    assert table.rowCount() == table.total() == 2
    assert not table.is_filtering()
