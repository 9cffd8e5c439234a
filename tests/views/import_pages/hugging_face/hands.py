"""What a person sees and does on the page of the Hub, by the names of its widgets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTabBar,
    QWidget,
)

from desktop.views.import_dialog import ImportDialog
from desktop.views.import_pages.hugging_face.page import HubPage
from desktop.views.widgets.fact_list import FactList
from desktop.views.widgets.finding_row import FindingRow
from desktop.views.widgets.inline_message import InlineMessage

WAIT = 20_000


class HubHands:
    """The widgets of the page, and waiting for what it finds out."""

    def __init__(self, dialog: ImportDialog, qtbot: Any) -> None:
        self.dialog = dialog
        self.bot = qtbot
        page = dialog.page_of("huggingface")
        assert isinstance(page, HubPage)
        self.page = page
        self.runner = dialog._library.runner

    def part(self, kind: Any, name: str) -> Any:
        found = self.dialog.findChild(kind, name)
        assert found is not None, name
        return found

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
    def go(self) -> QPushButton:
        return self.part(QPushButton, "importButton")

    @property
    def cancel(self) -> QPushButton:
        return self.part(QPushButton, "cancelButton")

    @property
    def progress(self) -> QProgressBar:
        return self.part(QProgressBar, "importProgress")

    @property
    def footer(self) -> str:
        return str(self.part(InlineMessage, "importMessage").text())

    @property
    def message(self) -> InlineMessage:
        return self.part(InlineMessage, "hubMessage")

    @property
    def sign_in(self) -> QDialog:
        return self.part(QDialog, "signInDialog")

    # -- doing -----------------------------------------------------------------------------

    def type(self, edit: QLineEdit, text: str) -> None:
        edit.setFocus()
        edit.selectAll()
        if text:
            self.bot.keyClicks(edit, text)
        else:
            self.bot.keyClick(edit, Qt.Key.Key_Delete)

    def paste(self, edit: QLineEdit, text: str) -> None:
        clipboard = self.application().clipboard()
        clipboard.setText(text)
        edit.setFocus()
        edit.selectAll()
        edit.paste()

    def click(self, button: QWidget) -> None:
        place = QPoint(10, button.height() // 2)
        self.bot.mouseClick(button, Qt.MouseButton.LeftButton, pos=place)

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

    def wait_for(self, sentence: str) -> None:
        self.bot.waitUntil(lambda: self.says(sentence), timeout=WAIT)

    def wait_until(self, check: Any) -> None:
        self.bot.waitUntil(check, timeout=WAIT)

    def assert_found(self) -> None:
        """The repository was found; else the failure says what was seen instead."""
        place = self.page.by_name.place
        seen = (self.message.text(), self.boxed(), place.looking, place.trouble, place.wrong)
        assert self.message.tone() == "ok", seen

    # -- seeing ----------------------------------------------------------------------------

    @staticmethod
    def application() -> Any:
        from PySide6.QtWidgets import QApplication

        return QApplication.instance()

    def said(self, within: QWidget | None = None) -> list[str]:
        """Every sentence that can be read now."""
        parent = within or self.dialog
        labels = [w.text() for w in parent.findChildren(QLabel) if w.isVisible()]
        lines = [w.text() for w in parent.findChildren(InlineMessage) if w.isVisible()]
        return [text.replace("\u200b", "") for text in (*labels, *lines) if text]

    def says(self, sentence: str, within: QWidget | None = None) -> bool:
        return any(sentence in text for text in self.said(within))

    def link(self, text: str) -> QPushButton:
        """The visible link or button with these words."""
        for button in self.dialog.findChildren(QPushButton):
            if button.isVisible() and button.text() == text:
                return button
        raise AssertionError(f"no link “{text}”")

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

    def facts(self) -> dict[str, str]:
        """The facts at the right: value and what stands after it."""
        panel = self.page.facts
        found = panel.findChild(FactList)
        assert found is not None
        if not found.isVisible():
            return {}
        return {f.label: " ".join(p for p in (f.value or "–", f.aside) if p) for f in found.facts()}

    def files(self) -> list[str]:
        """The lines of what is to be fetched, as they are spoken."""
        boxes = self.part(QWidget, "hubFiles").findChildren(QCheckBox)
        return [box.accessibleName() for box in boxes if box.isVisible()]

    def is_cut(self, widget: QWidget) -> bool:
        """Whether a widget reaches beyond the dialog at a side."""
        top = widget.mapTo(self.dialog, QPoint(0, 0))
        area = QRect(top, widget.size())
        return area.left() < 0 or area.right() > self.dialog.width()


def staged(services: Any) -> list[Path]:
    """What lies in the staging folder."""
    place = services.location.staging
    return sorted(place.iterdir()) if place.exists() else []
