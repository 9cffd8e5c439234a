"""Before the window closes: what is typed and not saved is not thrown away unasked, and a download
that is under way is not stopped unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.services.library_row import Row
from desktop.services.peft_folder import printable
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.text import PlainLabel

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow


class Leaving(QObject):
    """Asks once, in a dialog that nothing waits for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._box: _Question | None = None
        self._sure = False
        self._after_notes = False
        window.organise.notesKept.connect(self._notes_kept)
        window.organise.notesRefused.connect(self._notes_refused)

    def may_leave(self) -> bool:
        """Whether the window may close now. False: the person is being asked, or notes that were
        just typed are kept first."""
        details = self._window.details
        if details is not None and details.commit_notes():
            self._after_notes = True
            return False
        if self._sure:
            return True
        names, downloads = self._unsaved(), self._downloads()
        if not names and not downloads:
            return True
        if self._box is None:
            self._ask(names, downloads)
        return False

    def _notes_kept(self) -> None:
        if self._after_notes:
            self._after_notes = False
            self._window.close()

    def _notes_refused(self) -> None:
        # The notice says why; the window stays, and what was typed in it.
        self._after_notes = False

    def _downloads(self) -> int:
        """How many downloads are under way or wait for their turn."""
        tasks = self._window.runner.tasks
        return sum(task.lane == "fetch" and not task.cancel_requested for task in tasks)

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

    def _ask(self, names: list[str], downloads: int) -> None:
        # Before the import dialog, where that is open: else it would go on taking clicks.
        parent = QApplication.activeModalWidget() or self._window
        self._box = _Question(_unsaved_words(names), _download_words(downloads), parent)
        self._box.finished.connect(self._answered)
        self._box.open()

    def _answered(self, result: int) -> None:
        self._box = None
        if result == QDialog.DialogCode.Accepted:
            self._sure = True
            self._window.close()
        else:
            self._show_first()


def _unsaved_words(names: list[str]) -> str:
    if not names:
        return ""
    if len(names) == 1:
        return f"“{printable(names[0], 60)}” has changes that are not saved."
    return f"{len(names):,} records have changes that are not saved."


def _download_words(count: int) -> str:
    if not count:
        return ""
    return "1 download is under way." if count == 1 else f"{count:,} downloads are under way."


class _Question(QDialog):
    """Accepted: leave all the same. Esc and closing it stay.

    unsaved: the sentence about what is not saved; downloads: that about what is being fetched; one
    of them may be "".
    """

    def __init__(self, unsaved: str, downloads: str, parent: QWidget) -> None:
        super().__init__(parent)
        said = f"{unsaved} {downloads}".strip()
        lost = "If you leave now, they are lost."
        stopped = "If you leave now, nothing of it is imported. What is complete is kept for the"
        stopped = f"{stopped} next try."
        self.setObjectName("unsavedDialog")
        self.setWindowTitle("Changes are not saved" if unsaved else "Downloads are under way")
        self.setAccessibleDescription(said)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        leave = QPushButton("&Leave without saving" if unsaved else "&Leave")
        leave.setObjectName("leaveButton")
        leave.setAccessibleName(leave.text().replace("&", ""))
        leave.setAutoDefault(False)
        leave.clicked.connect(self.accept)
        keep = QPushButton("&Keep editing" if unsaved else "&Stay")
        keep.setObjectName("keepEditingButton")
        keep.setAccessibleName(keep.text().replace("&", ""))
        keep.setProperty("primary", True)
        keep.setDefault(True)
        keep.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(keep)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(8)
        for sentence, then in ((unsaved, lost), (downloads, stopped)):
            if sentence:
                box.addWidget(PlainLabel(sentence, role=FontRole.CARD_TITLE, wrap=True))
                box.addWidget(PlainLabel(then, tone="secondary", wrap=True))
        box.addStretch(1)
        box.addSpacing(8)
        box.addLayout(buttons)
        self.setMinimumWidth(metric(420, self.font()))
        keep.setFocus()
