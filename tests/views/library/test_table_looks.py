"""How the table of adapters looks: rows, ring, tooltips, and anything thrown at its painter."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest

from bench.synthetic import make_rows
from desktop.models.columns import COLUMN, COLUMNS
from desktop.models.row_query import Facets
from desktop.services.records import Row
from desktop.views.library.table_view import AdaptersTable
from desktop.views.theme import apply_theme, tokens
from tests.models.library_rows import NOW, make_row
from tests.views.library.conftest import ids

Key, Mod = Qt.Key, Qt.KeyboardModifier

# -- looks -------------------------------------------------------------------------------------


def grabbed(table: AdaptersTable) -> QImage:
    return table.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def colour(table: AdaptersTable, x: int, row: int, dy: int = 5) -> QColor:
    return grabbed(table).pixelColor(x, table.rowViewportPosition(row) + dy)


def has(table: AdaptersTable, row: int, token: QColor, at: int = -1) -> bool:
    image = grabbed(table)
    top, height = table.rowViewportPosition(row), table.rowHeight(row)
    header = table.horizontalHeader()
    left = 0 if at < 0 else header.sectionViewportPosition(at)
    right = image.width() if at < 0 else left + header.sectionSize(at)
    return any(
        image.pixelColor(x, y) == token
        for y in range(top, top + height)
        for x in range(left, min(right, image.width()))
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_rows_say_how_they_are(table, model, qapp, scheme):
    apply_theme(qapp, scheme)
    t = tokens()
    model.upsert_rows(
        [
            make_row("id01", "bad", errors=2, added=NOW - 86_400),
            make_row("id02", "gone", state="missing", added=NOW - 2 * 86_400),
        ]
    )
    table.select_ids(ids(0))
    table.viewport().setFocus()
    width = table.viewport().width()
    assert colour(table, width // 2, 0) == t.selection
    assert colour(table, 1, 0) == t.accent
    assert colour(table, width // 2, 5) == t.base
    problems = COLUMN["problems"]
    assert has(table, 1, t.error, problems)
    assert has(table, 2, t.warning, problems)
    assert has(table, 5, t.hairline)
    assert has(table, 4, t.text, 0)
    assert not has(table, 2, t.text)
    move = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        QPointF(50, table.rowViewportPosition(4) + 5),
        QPointF(50, table.rowViewportPosition(4) + 5),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Mod.NoModifier,
    )
    table.mouseMoveEvent(move)
    assert colour(table, width // 2, 4) == t.row_hover
    table.clearFocus()
    assert colour(table, width // 2, 0) == t.selection_inactive


def test_ring_only_for_the_keyboard(table):
    place = table.visualRect(table.model().index(2, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    accent = tokens().accent
    assert colour(table, 300, 2, 0) != accent
    QTest.keyClick(table, Key.Key_Down)
    assert colour(table, 300, 3, 0) == accent
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert colour(table, 300, 2, 0) != accent


def test_tooltips_say_what_the_cell_leaves_out(table, model):
    name = "<b>a name</b> that is so long that no column of any window holds all of it " * 3
    model.upsert_rows(
        [make_row("long", name, size=83_886_080, base_model="org/base", added=NOW + 9)]
    )
    cell = {c.key: model.index(0, at) for at, c in enumerate(COLUMNS)}
    assert table.tip(cell["name"]) == name
    assert table.tip(cell["size"]) == "83,886,080 bytes"
    assert table.tip(cell["base_model"]) == "org/base"
    assert table.tip(cell["source"]) == ""
    assert table.tip(cell["rank"]) == ""
    assert "No training job names this adapter" in table.tip(cell["split"])
    assert table.tip(model.index(1, 0)) == ""
    table.setColumnWidth(COLUMN["source"], 28)
    assert table.tip(cell["source"]) == "Local folder"


def test_a_column_can_take_the_width_of_its_texts(table, model):
    model.upsert_rows([make_row("long", "x" * 80, added=NOW + 9)])
    table.resizeColumnToContents(0)
    assert table.tip(model.index(0, 0)) == ""
    assert table.columnWidth(0) > 300


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("mirrored", [False, True])
def test_paints_everything_without_a_complaint(table, model, mirrored, ratio):
    if mirrored:
        table.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    model.set_rows(make_rows(200))
    table.horizontalHeader().moveSection(3, 0)
    table.setColumnWidth(COLUMN["type"], 28)
    table.select_row(2)
    image = QImage(table.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    table.render(image)
    font = table.font()
    font.setPointSizeF(font.pointSizeF() * 1.5)
    table.setFont(font)
    table.grab()
    model.set_facets(Facets(missing=True))
    model.set_rows([])
    table.grab()


def test_junk_is_painted_too(table, model):
    junk = ["\u202eevil\nname", b"\xff", 3, 2.5, None, "", "x" * 100_000]
    rows = []
    for number, value in enumerate(junk):
        row = [value] * Row.WIDTH
        row[Row.ID] = f"junk{number}"
        rows.append(tuple(row))
    model.set_rows(rows)
    table.grab()
    for at in range(len(COLUMNS)):
        table.sortByColumn(at, Qt.SortOrder.AscendingOrder)
        for row in range(len(junk)):
            table.tip(model.index(row, at))
    table.grab()
