"""Before the window closes: what is typed and not saved is not thrown away unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QMessageBox

from desktop.services.peft_folder import printable
from desktop.services.records import Row

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow


class Leaving(QObject):
    """Asks once, in a dialog that nothing waits for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._box: QMessageBox | None = None
        self._leave: QAbstractButton | None = None
        self._sure = False

    def may_leave(self) -> bool:
        """Whether the window may close now. False: the person is being asked."""
        names = [] if self._sure else self._unsaved()
        if not names:
            return True
        if self._box is None:
            self._ask(names)
        return False

    def _unsaved_ids(self) -> tuple[str, ...]:
        details = self._window.details
        return () if details is None else details.unsaved_ids()

    def _unsaved(self) -> list[str]:
        """What has changes that are typed and not saved, by name."""
        table = self._window.library.table
        rows = [table.row_at(table.row_of(key)) for key in self._unsaved_ids()]
        found = [str(row[Row.NAME]) if row is not None else "An adapter" for row in rows]
        pages = self._window.record_pages().values()
        return found + [name for page in pages for name in page.unsaved()]

    def _show_first(self) -> None:
        ids = self._unsaved_ids()
        if ids:
            self._window.show_adapter(ids[0])
            self._window.commands.rename()
            return
        for key, page in self._window.record_pages().items():
            if page.unsaved():
                self._window.go_to(key)
                page.show_unsaved()
                return

    def _ask(self, names: list[str]) -> None:
        if len(names) == 1:
            said = f"“{printable(names[0], 60)}” has changes that are not saved."
        else:
            said = f"{len(names):,} records have changes that are not saved."
        box = QMessageBox(self._window)
        box.setObjectName("unsavedDialog")
        box.setWindowTitle("Changes are not saved")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(said)
        box.setInformativeText("If you leave now, they are lost.")
        box.setWindowModality(Qt.WindowModality.WindowModal)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._leave = box.addButton("&Leave without saving", QMessageBox.ButtonRole.DestructiveRole)
        self._leave.setObjectName("leaveButton")
        keep = box.addButton("&Keep editing", QMessageBox.ButtonRole.RejectRole)
        keep.setObjectName("keepEditingButton")
        keep.setProperty("primary", True)
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        box.buttonClicked.connect(self._answered)
        box.finished.connect(self._closed)
        self._box = box
        box.open()

    def _answered(self, button: QAbstractButton) -> None:
        self._sure = button is self._leave

    def _closed(self, _result: int) -> None:
        self._box = self._leave = None
        if self._sure:
            self._window.close()
        else:
            self._show_first()
