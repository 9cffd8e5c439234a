"""What a person sees and does on a page of a server, whichever one it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from desktop.views.import_dialog import ImportDialog
from desktop.views.widgets.fact_list import FactList
from desktop.views.widgets.inline_message import InlineMessage

WAIT = 20_000


class PageHands:
    """The widgets of the dialog, and waiting for what a page finds out."""

    page: Any

    def __init__(self, dialog: ImportDialog, qtbot: Any) -> None:
        self.dialog = dialog
        self.bot = qtbot
        self.runner = dialog._library.runner

    def part(self, kind: Any, name: str) -> Any:
        found = self.dialog.findChild(kind, name)
        assert found is not None, name
        return found

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

    def wait_for(self, sentence: str) -> None:
        self.bot.waitUntil(lambda: self.says(sentence), timeout=WAIT)

    def wait_until(self, check: Any) -> None:
        self.bot.waitUntil(check, timeout=WAIT)

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

    def facts(self) -> dict[str, str]:
        """The facts at the right: value and what stands after it."""
        panel = self.page.facts
        found = panel.findChild(FactList)
        assert found is not None
        if not found.isVisible():
            return {}
        return {f.label: " ".join(p for p in (f.value or "–", f.aside) if p) for f in found.facts()}

    def is_cut(self, widget: QWidget) -> bool:
        """Whether a widget reaches beyond the dialog at a side."""
        top = widget.mapTo(self.dialog, QPoint(0, 0))
        area = QRect(top, widget.size())
        return area.left() < 0 or area.right() > self.dialog.width()


def staged(services: Any) -> list[Path]:
    """What lies in the staging folder."""
    place = services.location.staging
    return sorted(place.iterdir()) if place.exists() else []
