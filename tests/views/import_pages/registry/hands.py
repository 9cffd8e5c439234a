"""What a person sees and does on the page of the registries, by the names of its widgets."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
)

from desktop.models.result_lines import IN_LIBRARY_ROLE, LINE_ROLE
from desktop.services.registry.records import Connection, RegistryKind
from desktop.views.import_dialog import ImportDialog
from desktop.views.import_pages.registry.page import RegistryPage
from desktop.views.preferences.connect_dialog import ConnectDialog
from desktop.views.widgets.inline_message import InlineMessage
from tests.views.import_pages.hands import WAIT, PageHands


class RegistryHands(PageHands):
    """The widgets of the page, and waiting for what it finds out."""

    page: RegistryPage

    def __init__(self, dialog: ImportDialog, qtbot: Any) -> None:
        super().__init__(dialog, qtbot)
        page = dialog.page_of("model_registry")
        assert isinstance(page, RegistryPage)
        self.page = page

    @property
    def model(self) -> QLineEdit:
        return self.part(QLineEdit, "registryModelEdit")

    @property
    def version(self) -> QComboBox:
        return self.part(QComboBox, "registryVersionCombo")

    @property
    def connection(self) -> QComboBox:
        return self.part(QComboBox, "registryConnectionCombo")

    @property
    def name(self) -> QLineEdit:
        return self.part(QLineEdit, "registryNameEdit")

    @property
    def base(self) -> QComboBox:
        return self.part(QComboBox, "registryBaseModelCombo")

    @property
    def job(self) -> QComboBox:
        return self.part(QComboBox, "registryJobCombo")

    @property
    def description(self) -> QPlainTextEdit:
        return self.part(QPlainTextEdit, "registryDescriptionEdit")

    @property
    def record(self) -> QCheckBox:
        return self.part(QCheckBox, "registryRecordJobBox")

    @property
    def tabs(self) -> QTabBar:
        return self.part(QTabBar, "registryTabs")

    @property
    def message(self) -> InlineMessage:
        return self.part(InlineMessage, "registryMessage")

    @property
    def list(self) -> QListView:
        return self.part(QListView, "registryResults")

    @property
    def search(self) -> QLineEdit:
        return self.part(QLineEdit, "registrySearchEdit")

    @property
    def connect_button(self) -> QPushButton:
        return self.part(QPushButton, "registryConnectButton")

    @property
    def connecting(self) -> ConnectDialog:
        return self.part(ConnectDialog, "connectDialog")

    # -- doing -----------------------------------------------------------------------------

    def connect(self, url: str, token: str = "", **more: Any) -> Connection:
        """Store a connection, as the preferences do, and use it."""
        kind = RegistryKind(more.pop("kind", "mlflow"))
        links = self.page._links
        with self.bot.waitSignal(links.saved, timeout=WAIT) as kept:
            links.save(Connection(kind, url, **more), token)
        self.settle()
        connection: Connection = kept.args[0]
        return connection

    def look_at(self, text: str) -> None:
        """Type a model and wait for what is found."""
        self.type(self.model, text)
        self.settle()

    def pick(self, combo: QComboBox, row: int) -> None:
        """Choose a line of a list by keyboard."""
        combo.setFocus()
        self.bot.keyClick(combo, Qt.Key.Key_Home)
        for _ in range(row):
            self.bot.keyClick(combo, Qt.Key.Key_Down)

    def browse(self) -> None:
        """Turn to the list of models and wait for its first page."""
        self.tabs.setCurrentIndex(1)
        self.settle()

    def settle(self) -> None:
        """Wait until everything that was asked has been answered."""
        place, find = self.page.by_id.place, self.page.browse.find
        timers = (place._look_timer, place._timer, find._timer)
        self.bot.waitUntil(
            lambda: (
                not self.runner.tasks
                and not any(timer.isActive() for timer in timers)
                and not find.filters.waiting
                and find.list.is_settled
            ),
            timeout=WAIT,
        )

    # -- seeing ----------------------------------------------------------------------------

    def versions(self) -> list[str]:
        """The lines of the list of versions."""
        return [self.version.itemText(row) for row in range(self.version.count())]

    def models(self) -> list[str]:
        """The names of the registered models that are listed."""
        model = self.list.model()
        lines = (model.index(row, 0).data(LINE_ROLE) for row in range(model.rowCount()))
        return [line.title for line in lines if line is not None]

    def in_library(self) -> list[str]:
        """Those of them that bear the badge."""
        model = self.list.model()
        rows = (model.index(row, 0) for row in range(model.rowCount()))
        return [row.data(LINE_ROLE).title for row in rows if row.data(IN_LIBRARY_ROLE)]
