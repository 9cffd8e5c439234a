"""What there is to say once a scan or an import is over, above the results and in lists."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.formats import whole_text
from desktop.models.scan_end import Absent
from desktop.models.scan_pairs import of_refused, of_skipped
from desktop.models.scan_session import ScanSession
from desktop.services.peft_folder.reading import printable
from desktop.services.scan.records import ImportedMany, Refused
from desktop.views.notices import Notice, notice_of
from desktop.views.scan.lists import PlacesDialog
from desktop.views.widgets.inline_message import InlineMessage

_LONGEST = 300


class Told(QObject):
    """Signals: undoRequested(), notice(object) as of `ScanPage`."""

    undoRequested = Signal()
    notice = Signal(object)

    def __init__(self, session: ScanSession, message: InlineMessage, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._message, self._page = session, message, page
        self._refused: tuple[Refused, ...] = ()
        session.began.connect(self.clear)
        session.failed.connect(self._failed)
        session.ended.connect(self._ended)
        session.imported.connect(self._imported)
        session.importFailed.connect(self._not_imported)
        session.takenBack.connect(self.clear)
        message.linkActivated.connect(self.show_refused)

    def clear(self) -> None:
        """What was said holds no longer."""
        self._refused = ()
        self._message.clear()

    def absent(self) -> str:
        """Which of the folders to scan are none, in a sentence; "" where all of them are."""
        end = self._session.end
        return "" if end is None else absent_sentence(end.absent)

    def _failed(self, error: Exception) -> None:
        said = notice_of(error, "The scan ended early.")
        self._message.set_message(said.text, "error")

    def _ended(self) -> None:
        # Where nothing else was found, the sentence stands in the middle of the page.
        if self._session.table.total() and self.absent():
            self._message.set_message(self.absent(), "warning")

    def _imported(self, done: ImportedMany) -> None:
        count, refused = len(done.records), len(done.refused)
        self._refused = done.refused
        what = f"“{done.records[0].name}”" if count == 1 else f"{count:,} adapters"
        if count:
            said = f"Imported {what}."
            if refused:
                said += f" {refused:,} could not come in."
            notice = Notice(said, "ok", "Undo", self.undoRequested.emit)
            self.notice.emit(notice)
        if refused:
            what = "1 adapter" if refused == 1 else f"{refused:,} adapters"
            link = "Show it" if refused == 1 else "Show them"
            self._message.set_message(f"{what} could not be imported.", "warning", link)

    def _not_imported(self, error: Exception) -> None:
        self.notice.emit(notice_of(error, "Nothing was imported."))

    def show_skipped(self) -> None:
        """List the places that were left out, with the reasons."""
        end = self._session.end
        if end is None:
            return
        said = f"{end.skipped_total:,} places were left out."
        if end.skipped_total == 1:
            said = "One place was left out."
        if len(end.skipped) < end.skipped_total:
            said += f" These are the first {len(end.skipped):,}."
        PlacesDialog("Skipped", said, of_skipped(end.skipped), self._page).open()

    def show_refused(self) -> None:
        """List what the last import left out, with the reasons."""
        count = len(self._refused)
        said = f"{count:,} adapters were not imported." if count != 1 else "One was not imported."
        PlacesDialog("Not imported", said, of_refused(self._refused), self._page).open()


def absent_sentence(absent: Sequence[Absent]) -> str:
    """What to say of folders to scan that are none."""
    if not absent:
        return ""
    name = f"“{printable(absent[0].path, _LONGEST)}”"
    if len(absent) > 1:
        return f"{name} and {whole_text(len(absent) - 1)} more of these are no folders."
    if absent[0].is_file:
        return f"{name} is a file. Choose the folder around it."
    return f"There is no folder {name}."
