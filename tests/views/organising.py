"""What the tests of organising share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from desktop.services.records import AdapterRecord
from desktop.views.main_window import MainWindow

Open = Callable[[], MainWindow]
OFF, SOME, ON = (
    Qt.CheckState.Unchecked,
    Qt.CheckState.PartiallyChecked,
    Qt.CheckState.Checked,
)


def settled(qtbot: QtBot, window: MainWindow) -> None:
    # What was written is told by a signal of its own, which may come behind the result.
    for _ in range(2):
        qtbot.waitUntil(window.is_settled, timeout=10_000)
        QApplication.processEvents()


def select(window: MainWindow, qtbot: QtBot, ids: list[str]) -> None:
    window.library_page.table.select_ids(ids)
    settled(qtbot, window)


def trigger(window: MainWindow, qtbot: QtBot, name: str) -> None:
    action = window.actions_[name]
    assert action.isEnabled(), name
    action.trigger()
    settled(qtbot, window)


def names(window: MainWindow) -> list[str]:
    model = window.library.table
    model.finish()
    return sorted(str(model.index(row, 0).data()) for row in range(model.rowCount()))


def row(window: MainWindow, record: AdapterRecord) -> Any:
    found = window.library.table.row_by_id(record.id)
    assert found is not None
    return found


def dialog_of(window: MainWindow, kind: type) -> Any:
    found = [d for d in window.findChildren(kind) if d.isVisible()]
    assert len(found) == 1
    return found[0]


def notices(window: MainWindow) -> str:
    current = window.strip.notices.current()
    return current.text if current is not None else ""
