"""What a person sees and does in the dialog, by the names of its widgets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)

from desktop.views.import_dialog import ImportDialog
from desktop.views.widgets.inline_message import InlineMessage


class Hands:
    """The dialog's widgets, and waiting for what it finds out."""

    def __init__(self, dialog: ImportDialog, qtbot: Any) -> None:
        self.dialog = dialog
        self.bot = qtbot

    def part(self, kind: Any, name: str) -> Any:
        found = self.dialog.findChild(kind, name)
        assert found is not None, name
        return found

    @property
    def location(self) -> QLineEdit:
        return self.part(QLineEdit, "locationEdit")

    @property
    def name(self) -> QLineEdit:
        return self.part(QLineEdit, "nameEdit")

    @property
    def base(self) -> QComboBox:
        return self.part(QComboBox, "baseModelCombo")

    @property
    def description(self) -> QPlainTextEdit:
        return self.part(QPlainTextEdit, "descriptionEdit")

    @property
    def list(self) -> QListView:
        return self.part(QListView, "candidateList")

    @property
    def copy(self) -> QRadioButton:
        return self.part(QRadioButton, "copyRadio")

    @property
    def go(self) -> QPushButton:
        return self.part(QPushButton, "importButton")

    @property
    def cancel(self) -> QPushButton:
        return self.part(QPushButton, "cancelButton")

    @property
    def footer(self) -> str:
        return str(self.part(InlineMessage, "importMessage").text())

    def type(self, edit: QLineEdit, text: str) -> None:
        edit.setFocus()
        edit.selectAll()
        if text:
            self.bot.keyClicks(edit, text)
        else:
            self.bot.keyClick(edit, Qt.Key.Key_Delete)

    def click(self, button: QWidget) -> None:
        self.bot.mouseClick(button, Qt.MouseButton.LeftButton)

    def settle(self) -> None:
        """Wait until everything that was asked has been answered."""
        page = self.dialog.folder_page
        session = page.session
        self.bot.waitUntil(
            lambda: (
                not page.form._look_timer.isActive()
                and not session.looking
                and not session._timer.isActive()
                and not self.dialog._library.runner.tasks
            )
        )

    def choose(self, path: Path | str) -> None:
        """Give a folder as a drop or the chooser does, and wait."""
        self.dialog.set_location(str(path))
        self.settle()

    def said(self, within: QWidget | None = None) -> list[str]:
        """Every sentence that can be read now."""
        parent = within or self.dialog
        labels = [w.text() for w in parent.findChildren(QLabel) if w.isVisible()]
        lines = [w.text() for w in parent.findChildren(InlineMessage) if w.isVisible()]
        return [text.replace("\u200b", "") for text in (*labels, *lines) if text]

    def says(self, sentence: str) -> bool:
        return any(sentence in text for text in self.said())

    def link(self, text: str) -> QPushButton:
        """The visible link or button with these words."""
        for button in self.dialog.findChildren(QPushButton):
            if button.isVisible() and button.text() == text:
                return button
        raise AssertionError(f"no link “{text}”")
