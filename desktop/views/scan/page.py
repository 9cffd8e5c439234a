"""The page “Scan”: folders at the left, what was found in the middle, details at the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.models.scan_pairs import of_refused, of_skipped
from desktop.models.scan_session import ScanSession
from desktop.services.scan.records import FoundState, ImportedMany, Refused
from desktop.views.notices import Notice, notice_of
from desktop.views.scan.current import CurrentLine
from desktop.views.scan.details import ScanDetails
from desktop.views.scan.foot import ScanFoot
from desktop.views.scan.head import ScanHead
from desktop.views.scan.lists import PlacesDialog
from desktop.views.scan.sources import ScanSources
from desktop.views.scan.table import ScanTable
from desktop.views.theme import metric
from desktop.views.widgets.empty_state import EmptyPlace

_SPLIT = "scan.splitter"
_SOURCES, _DETAILS = 286, 312
_BOTH_FROM = 1150
"""Below this width of the page there is room for one panel beside the results."""


class ScanPage(QWidget):
    """Choose folders, scan them, import what matters.

    Signals:
        showRequested(object): ids of adapters to show in the library.
        checkRequested(object): ids of adapters whose folders are to be looked at again.
        importRequested(object): a list with the path of a folder to import by itself.
        openFolder(object): the path of a folder to show in the file manager.
        undoRequested(): take the last step back.
        notice(object): a Notice for the notice bar.
    """

    showRequested = Signal(object)
    checkRequested = Signal(object)
    importRequested = Signal(object)
    openFolder = Signal(object)
    undoRequested = Signal()
    notice = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scanPage")
        self.setAccessibleName("Scan")
        self._library = library
        self._settings = library.services.settings
        self.session = ScanSession(library, self)
        self._refused: tuple[Refused, ...] = ()
        self._chose = False
        self._wants_details = {True: True, False: False}  # by whether there is room for all
        self.setAcceptDrops(True)
        self._build()
        self._connect()
        self.head.renew_counts()
        self.session.table.set_states(self.head.states())
        self._sources_changed()
        self._renew()

    # -- parts -----------------------------------------------------------------------------

    def _build(self) -> None:
        self.sources = ScanSources(self._settings)
        self.head = ScanHead(self.session)
        self.table = ScanTable(self.session.table)
        self.empty = EmptyPlace()
        self.stack = QStackedWidget()
        self.stack.setObjectName("scanStack")
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.foot = ScanFoot(self.session)
        self.foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        middle = QWidget()
        middle.setObjectName("scanResults")
        middle.setProperty("surface", "base")
        middle.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.stack, 1)
        column.addWidget(self.foot)
        self.details = ScanDetails(self._library)
        self.current = CurrentLine(self.session, self.table, self.details, self)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("scanSplitter")
        self.splitter.setChildrenCollapsible(False)
        for widget in (self.sources, middle, self.details):
            self.splitter.addWidget(widget)
        self.splitter.setStretchFactor(1, 1)
        sizes = self._settings.get(_SPLIT, [])
        if len(sizes) != 3 or not all(isinstance(s, int) and 0 < s < 100_000 for s in sizes):
            font = self.font()
            sizes = [metric(_SOURCES, font), 10 * _SOURCES, metric(_DETAILS, font)]
        self.splitter.setSizes(sizes)
        self.details.setMinimumWidth(metric(240, self.font()))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.splitter)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        session, head, foot, table = self.session, self.head, self.foot, self.session.table
        session.held = self.table.is_editing
        session.began.connect(self._renew)
        session.progressed.connect(head.renew_said)
        session.ended.connect(self._ended)
        session.failed.connect(self._failed)
        session.imported.connect(self._imported)
        session.importFailed.connect(self._not_imported)
        session.importEnded.connect(self._renew)
        table.countsChanged.connect(self._counts_changed)
        table.chosenChanged.connect(foot.renew)
        table.filterFinished.connect(self._renew_stack)
        head.startRequested.connect(self.start)
        head.stopRequested.connect(session.stop)
        head.skippedRequested.connect(self.show_skipped)
        head.statesChanged.connect(table.set_states)
        head.message.linkActivated.connect(self.show_refused)
        head.filter.textChanged.connect(table.set_filter)
        head.filter.installEventFilter(self)
        head.panel_button.toggled.connect(self._panel_toggled)
        foot.allRequested.connect(self._choose_all)
        foot.noneRequested.connect(self._choose_none)
        foot.newestRequested.connect(self._choose_newest)
        foot.importRequested.connect(self._import)
        self.sources.changed.connect(self._sources_changed)
        self.table.currentPathChanged.connect(self.current.show)
        self.table.menuRequested.connect(self.current.ask_menu)
        self.empty.linkActivated.connect(self._empty_link)
        self.details.renamed.connect(table.rename)
        self.current.showRequested.connect(self.showRequested)
        self.current.checkRequested.connect(self.checkRequested)
        self.current.importRequested.connect(self.importRequested)
        self.current.openFolder.connect(self.openFolder)
        self.current.chose.connect(self._chose_by_hand)
        self.splitter.splitterMoved.connect(self._splitter_moved)
        self._library.ready.connect(self._renew)

    # -- room ------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.session.is_scanning:
            self.sources.renew()
            self._sources_changed()
        self._renew()

    def _fit(self) -> None:
        """Where there is room for one panel alone, the details take the place of the folders."""
        wide = self.width() >= metric(_BOTH_FROM, self.font())
        wanted = self._wants_details[wide]
        if self.head.panel_button.isChecked() != wanted:
            blocked = self.head.panel_button.blockSignals(True)
            self.head.panel_button.setChecked(wanted)
            self.head.panel_button.blockSignals(blocked)
        self.details.setVisible(wanted)
        self.sources.setVisible(wide or not wanted)
        if wanted:
            self.current.show(self.table.current_path())

    def _panel_toggled(self, on: bool) -> None:
        self._wants_details[self.width() >= metric(_BOTH_FROM, self.font())] = on
        self._fit()

    def _splitter_moved(self, _position: int, _handle: int) -> None:
        if self.details.isVisible() and self.sources.isVisible():
            self._settings.set(_SPLIT, self.splitter.sizes())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and not self.session.is_scanning:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Folders that are dropped anywhere on the page are folders to scan."""
        self.sources.list.dropEvent(event)

    # -- scanning --------------------------------------------------------------------------

    def scan(self, paths: Sequence[str]) -> None:
        """Scan just these folders, now."""
        if self.session.is_scanning or not paths:
            return
        self.sources.choose(paths)
        self.start()

    def start(self) -> None:
        """Scan what is ticked."""
        paths = self.sources.ticked()
        if not paths or not self._library.is_ready or self.session.is_scanning:
            return
        self.sources.remember()
        self._chose = False
        self._refused = ()
        self.head.message.clear()
        self.table.forget_place()
        self.details.show_nothing()
        self.session.start(paths)
        self._fit()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ended(self) -> None:
        table = self.session.table
        if not self._chose and not table.chosen_count():
            table.choose_newest()
        self._renew()
        if not self.table.current_path() and table.rowCount():
            self.table.select_path(table.path_at(1))

    def _failed(self, error: Exception) -> None:
        said = notice_of(error, "The scan ended early.")
        self.head.message.set_message(said.text, "error")

    def _sources_changed(self) -> None:
        ticked = self.sources.ticked()
        ready = self._library.is_ready and bool(ticked)
        self.head.set_startable(ready, ticked)
        self._renew_stack()

    def _renew(self) -> None:
        self.head.set_startable(
            self._library.is_ready and bool(self.sources.ticked()), self.sources.ticked()
        )
        self.sources.setEnabled(not self.session.is_scanning)
        self.foot.set_refusal(self._library.refusal)
        self._renew_stack()

    def _counts_changed(self) -> None:
        self.head.renew_counts()
        self.head.renew_said()
        path = self.table.current_path()
        row = self.session.table.row_of(path)
        if row is not None and self.details.isVisible():
            self.details.show_row(row)

    def _renew_stack(self) -> None:
        table, session = self.session.table, self.session
        if table.rowCount() or (session.is_scanning and not table.total()):
            self.stack.setCurrentWidget(self.table)
            return
        if table.is_filtering():
            return
        if table.total():
            self._say_nothing_fits()
        elif session.paths:
            self.empty.set("No adapter was found below these folders.", "Add a folder")
        elif self.sources.ticked():
            self.empty.set("Ready. The scan changes nothing on disk.", "Start scan")
        else:
            self.empty.set("Choose the folders that hold your training runs.", "Add a folder")
        self.stack.setCurrentWidget(self.empty)

    def _say_nothing_fits(self) -> None:
        text = self.head.filter.text().strip()
        if text:
            shown = text if len(text) <= 60 else f"{text[:57]}…"
            self.empty.set(f"Nothing that was found matches “{shown}”.", "Clear the filter")
        elif self.session.table.count(FoundState.KNOWN):
            self.empty.set("Nothing is new. All of it is in the library.", "Show all")
        else:
            self.empty.set("All that was found is hidden by the chips above.", "Show all")

    def _empty_link(self) -> None:
        if self.session.table.total():
            self.head.filter.clear()
            if not self.session.table.rowCount():
                self.head.show_states(tuple(self.head.chips))
        elif self.sources.ticked() and not self.session.paths:
            self.start()
        else:
            self.sources.ask()

    # -- choosing and importing ------------------------------------------------------------

    def _chose_by_hand(self) -> None:
        self._chose = True

    def _choose_all(self) -> None:
        self._chose = True
        self.session.table.choose_shown()

    def _choose_none(self) -> None:
        self._chose = True
        self.session.table.choose_none()

    def _choose_newest(self) -> None:
        self._chose = True
        self.session.table.choose_newest()

    def _import(self) -> None:
        self.head.message.clear()
        self.session.import_chosen()
        self._renew()

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
            self.head.message.set_message(f"{what} could not be imported.", "warning", link)

    def _not_imported(self, error: Exception) -> None:
        self.notice.emit(notice_of(error, "Nothing was imported."))

    # -- lists -----------------------------------------------------------------------------

    def show_skipped(self) -> None:
        """List the places that were left out, with the reasons."""
        end = self.session.end
        if end is None:
            return
        said = f"{end.skipped_total:,} places were left out."
        if end.skipped_total == 1:
            said = "One place was left out."
        if len(end.skipped) < end.skipped_total:
            said += f" These are the first {len(end.skipped):,}."
        PlacesDialog("Skipped", said, of_skipped(end.skipped), self).open()

    def show_refused(self) -> None:
        """List what the last import left out, with the reasons."""
        count = len(self._refused)
        said = f"{count:,} adapters were not imported." if count != 1 else "One was not imported."
        PlacesDialog("Not imported", said, of_refused(self._refused), self).open()

    # -- keys ------------------------------------------------------------------------------

    def focus_filter(self) -> None:
        """Go to the filter, its text selected."""
        self.head.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.head.filter.selectAll()

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if watched is self.head.filter and event.type() == QEvent.Type.KeyPress:
            if isinstance(event, QKeyEvent) and event.key() in (
                Qt.Key.Key_Escape,
                Qt.Key.Key_Down,
            ):
                if event.key() == Qt.Key.Key_Escape and self.head.filter.text():
                    self.head.filter.clear()
                else:
                    self.table.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return super().eventFilter(watched, event)
