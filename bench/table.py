"""Filter and sort of the big table, from the key or click to the end of the paint that shows it,
against QSortFilterProxyModel over the same rows in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTableView

from bench.peer import PlainTable
from bench.report import Line, Samples
from bench.synthetic import make_rows
from desktop.models.columns import COLUMN
from desktop.models.library_table import LibraryTableModel
from desktop.services.records import LibraryRow
from desktop.views.library.table_view import AdaptersTable
from desktop.views.theme import apply_theme

TYPED = "llama-3.1"
UNPAINTED, PAUSE = 0.2, 0.15
WIDTH, HEIGHT = 1100, 840
UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


class OurTable(AdaptersTable):
    """The program's own table, counting its paints."""

    def __init__(self, rows: list[LibraryRow]) -> None:
        self.rows = LibraryTableModel()
        super().__init__(self.rows)
        self.paints = 0
        self.painted_at = 0.0
        self.painted.connect(self._count)
        self.rows.set_rows(rows)

    def _count(self) -> None:
        self.paints += 1
        self.painted_at = self.painted_at or time.perf_counter()

    def type_filter(self, text: str) -> None:
        self.rows.set_filter(text)

    def sort(self, column: int, order: Qt.SortOrder) -> None:
        self.sortByColumn(column, order)


def _app() -> QApplication:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    apply_theme(app, "light")
    return app


def _settle(app: QApplication) -> None:
    # Until nothing is left to do: what a person's pause between two clicks is.
    end = time.perf_counter() + PAUSE
    while time.perf_counter() < end:
        app.processEvents()


def _until_painted(
    app: QApplication, table: OurTable | PlainTable, change: Callable[..., None], *args: Any
) -> float:
    """Seconds from `change(*args)` to the end of the paint that shows it.

    Where the rows in sight stay the same, Qt may see nothing to paint: then to the end of the
    change.
    """
    before, table.painted_at = table.paints, 0.0
    start = time.perf_counter()
    change(*args)
    changed = time.perf_counter()
    while table.paints == before:
        app.processEvents()
        if time.perf_counter() - changed > UNPAINTED:
            return changed - start
    # Not until now: one round of events may go on with what was put off until after the paint.
    return table.painted_at - start


def _repaint(table: QTableView) -> float:
    start = time.perf_counter()
    table.viewport().repaint()
    return time.perf_counter() - start


def measure_table(count: int, rounds: int) -> list[Line]:
    """The lines for a table of `count` rows."""
    app = _app()
    rows = make_rows(count)
    sides = ("ours", "theirs")
    keys = {side: Samples() for side in sides}
    complete = Samples()
    first, again, theirs = Samples(), Samples(), Samples()
    repaint = Samples()
    params, size = COLUMN["parameters"], COLUMN["size"]
    peer = PlainTable(rows)
    for _ in range(rounds):
        # Ours is made anew in each round: only so is there a first sort.
        ours = OurTable(rows)
        tables: dict[str, OurTable | PlainTable] = {"ours": ours, "theirs": peer}
        for side in sides:
            table = tables[side]
            table.resize(WIDTH, HEIGHT)
            table.show()
            _settle(app)
            texts = [TYPED[:end] for end in range(1, len(TYPED) + 1)]
            for text in (*texts, *reversed(texts[:-1]), ""):
                start = time.perf_counter()
                keys[side].add(_until_painted(app, table, table.type_filter, text))
                if table is ours:
                    while ours.rows.is_filtering():
                        app.processEvents()
                    complete.add(time.perf_counter() - start)
                _settle(app)
        repaint.add(_repaint(ours))
        first.add(_until_painted(app, ours, ours.sort, params, DOWN))
        _settle(app)
        theirs.add(_until_painted(app, peer, peer.sort, params, DOWN))
        _until_painted(app, ours, ours.sort, size, UP)
        _until_painted(app, peer, peer.sort, -1, UP)
        _settle(app)
        again.add(_until_painted(app, ours, ours.sort, params, DOWN))
        ours.close()
        ours.deleteLater()
        peer.hide()
    peer.close()
    return _lines(count, keys["ours"], keys["theirs"], complete, repaint, (first, again, theirs))


def _lines(
    count: int,
    ours: Samples,
    theirs: Samples,
    complete: Samples,
    repaint: Samples,
    sorts: tuple[Samples, Samples, Samples],
) -> list[Line]:
    peer = "QSortFilterProxyModel"
    rows = f"{count:,} rows"
    first, again, plain = sorts
    huge = count >= 100_000
    return [
        Line(
            f"{rows}: key to paint, median",
            ours.median,
            peer,
            theirs.median,
            faster=True,
            goal="30x" if huge else "",
        ),
        Line(
            f"{rows}: key to paint, worst of {len(ours.values)}",
            ours.worst,
            peer,
            theirs.worst,
            faster=True,
            goal="16 ms" if huge else "",
        ),
        Line(
            f"{rows}: key to paint, median",
            ours.median,
            "one repaint of the table",
            repaint.median,
            goal="2x" if huge else "",
        ),
        Line(f"{rows}: key to the whole count, median", complete.median),
        Line(
            f"{rows}: first sort by a column",
            first.median,
            peer,
            plain.median,
            faster=True,
            goal="50x" if huge else "",
        ),
        Line(
            f"{rows}: the same sort again",
            again.median,
            peer,
            plain.median,
            faster=True,
            goal="300x" if huge else "",
        ),
    ]
