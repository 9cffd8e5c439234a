"""What a person sees and does on the page of the Hub, by the names of its widgets."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QTabBar,
    QWidget,
)

from desktop.views.import_dialog import ImportDialog
from desktop.views.import_pages.hugging_face.page import HubPage
from desktop.views.widgets.finding_row import FindingRow
from desktop.views.widgets.inline_message import InlineMessage
from tests.views.import_pages.hands import WAIT, PageHands, staged

__all__ = ["WAIT", "HubHands", "staged"]


class HubHands(PageHands):
    """The widgets of the page, and waiting for what it finds out."""

    def __init__(self, dialog: ImportDialog, qtbot: Any) -> None:
        super().__init__(dialog, qtbot)
        page = dialog.page_of("huggingface")
        assert isinstance(page, HubPage)
        self.page = page

    @property
    def repository(self) -> QLineEdit:
        return self.part(QLineEdit, "hubRepositoryEdit")

    @property
    def revision(self) -> QLineEdit:
        return self.part(QLineEdit, "hubRevisionEdit")

    @property
    def subfolder(self) -> QLineEdit:
        return self.part(QLineEdit, "hubSubfolderEdit")

    @property
    def name(self) -> QLineEdit:
        return self.part(QLineEdit, "hubNameEdit")

    @property
    def base(self) -> QComboBox:
        return self.part(QComboBox, "hubBaseModelCombo")

    @property
    def all_files(self) -> QCheckBox:
        return self.part(QCheckBox, "hubAllFilesBox")

    @property
    def folders(self) -> QComboBox:
        return self.part(QComboBox, "hubFolderCombo")

    @property
    def tabs(self) -> QTabBar:
        return self.part(QTabBar, "hubTabs")

    @property
    def message(self) -> InlineMessage:
        return self.part(InlineMessage, "hubMessage")

    @property
    def sign_in(self) -> QDialog:
        return self.part(QDialog, "signInDialog")

    # -- doing -----------------------------------------------------------------------------

    def look_at(self, text: str) -> None:
        """Type a repository and wait for what is found."""
        self.type(self.repository, text)
        self.settle()

    def settle(self) -> None:
        """Wait until everything that was asked has been answered."""
        place, folder = self.page.by_name.place, self.page.cached.folder
        timers = (place._look_timer, place._timer, folder._timer)
        self.bot.waitUntil(
            lambda: not self.runner.tasks and not any(timer.isActive() for timer in timers),
            timeout=WAIT,
        )

    def assert_found(self) -> None:
        """The repository was found; else the failure says what was seen instead."""
        place = self.page.by_name.place
        seen = (self.message.text(), self.boxed(), place.looking, place.trouble, place.wrong)
        assert self.message.tone() == "ok", seen

    # -- seeing ----------------------------------------------------------------------------

    def box(self) -> FindingRow | None:
        """The box under the place."""
        for row in self.dialog.findChildren(FindingRow, "hubBox"):
            if row.isVisible():
                return row
        return None

    def boxed(self) -> list[str]:
        """What the box says."""
        row = self.box()
        return [] if row is None else self.said(row)

    def files(self) -> list[str]:
        """The lines of what is to be fetched, as they are spoken."""
        boxes = self.part(QWidget, "hubFiles").findChildren(QCheckBox)
        return [box.accessibleName() for box in boxes if box.isVisible()]
