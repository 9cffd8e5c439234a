"""“Find” in a dialog, as a person sees it: its widgets by name, and what it has said."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.models.result_lines import ITEM_ROLE
from desktop.services.errors import RemoteError
from desktop.services.hub.records import HubReference
from desktop.views.import_pages.hugging_face.find import FindPane
from desktop.views.widgets.empty_state import EmptyPlace
from desktop.views.widgets.inline_message import InlineMessage

LIST = "^/api/models"
"""What a search asks for."""


class Find:
    """The pane in a dialog, its widgets by name, and what it has said."""

    def __init__(self, library: Library, qtbot: Any) -> None:
        self.bot = qtbot
        self.library = library
        self.dialog = QDialog()
        qtbot.addWidget(self.dialog)
        self.pane = FindPane(library)
        QVBoxLayout(self.dialog).addWidget(self.pane)
        self.dialog.resize(560, 480)
        self.tester = QAbstractItemModelTester(
            self.pane.model, QAbstractItemModelTester.FailureReportingMode.Fatal
        )
        self.highlighted: list[HubReference | None] = []
        self.picked: list[HubReference] = []
        self.trouble: list[RemoteError | None] = []
        self.pane.highlighted.connect(self.highlighted.append)
        self.pane.picked.connect(self.picked.append)
        self.pane.trouble.connect(self.trouble.append)

    def open(self) -> Find:
        self.dialog.show()
        self.bot.waitExposed(self.dialog)
        return self.settle()

    def settle(self) -> Find:
        self.bot.waitUntil(
            lambda: (
                not self.pane.filters.waiting
                and self.pane.list.is_settled
                and not self.pane.model.waiting
                and not self.library.runner.tasks
            ),
            timeout=10_000,
        )
        return self

    def part(self, kind: Any, name: str) -> Any:
        found = self.dialog.findChild(kind, name)
        assert found is not None, name
        return found

    @property
    def text(self) -> QLineEdit:
        return self.part(QLineEdit, "hubSearchEdit")

    @property
    def author(self) -> QLineEdit:
        return self.part(QLineEdit, "hubAuthorEdit")

    @property
    def base(self) -> QComboBox:
        return self.part(QComboBox, "hubBaseCombo")

    @property
    def sort(self) -> QComboBox:
        return self.part(QComboBox, "hubSortCombo")

    @property
    def list(self) -> QListView:
        return self.part(QListView, "hubResults")

    @property
    def place(self) -> EmptyPlace:
        return self.part(EmptyPlace, "hubPlace")

    @property
    def message(self) -> InlineMessage:
        return self.part(InlineMessage, "inlineMessage")

    def ids(self) -> list[str]:
        model = self.list.model()
        items = [model.index(row, 0).data(ITEM_ROLE) for row in range(model.rowCount())]
        return [item.repo_id for item in items if item is not None]

    def key(self, widget: QWidget, *keys: Qt.Key) -> None:
        for key in keys:
            QTest.keyClick(widget, key)

    def wait_highlighted(self, repo_id: str | None) -> None:
        wanted = None if repo_id is None else HubReference(repo_id)
        self.bot.waitUntil(lambda: bool(self.highlighted) and self.highlighted[-1] == wanted)
