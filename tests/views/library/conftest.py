"""A table of adapters in a window, and how to ask it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.models.library_table import LibraryTableModel
from desktop.services.records import Row
from desktop.views.library.table_view import AdaptersTable
from desktop.views.theme import apply_theme
from tests.models.library_rows import NOW, make_row

Key, Mod = Qt.Key, Qt.KeyboardModifier
ROWS = [
    make_row(
        f"id{n:02d}",
        f"{'beta' if n % 2 else 'alpha'}-{n:02d}",
        base_model="meta-llama/Llama-3.1-8B",
        peft_type="LoRA",
        rank=n,
        parameters=n * 1_000_000,
        size=n * 2_000_000,
        added=NOW - n * 86_400,
    )
    for n in range(60)
]


@pytest.fixture
def model(qapp: QApplication) -> LibraryTableModel:
    model = LibraryTableModel(clock=lambda: NOW)
    model.set_rows(ROWS)
    return model


@pytest.fixture
def table(qtbot, qapp, model) -> AdaptersTable:
    apply_theme(qapp, "light")
    table = AdaptersTable(model)
    qtbot.addWidget(table)
    table.resize(1000, 400)
    table.show()
    qtbot.waitExposed(table)
    table.setFocus()
    return table


def ids(*numbers: int) -> list[str]:
    return [f"id{n:02d}" for n in numbers]


def top_id(table: AdaptersTable) -> str:
    return table.row_at(table.rowAt(0))[Row.ID]
