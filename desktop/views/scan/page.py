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
from desktop.models.scan_session import ScanSession
from desktop.services.scan.records import FoundState
from desktop.views.scan.current import CurrentLine
from desktop.views.scan.details import ScanDetails
from desktop.views.scan.foot import ScanFoot
from desktop.views.scan.head import ScanHead
from desktop.views.scan.sources import ScanSources
from desktop.views.scan.table import ScanTable
from desktop.views.scan.told import Told
from desktop.views.theme import metric
from desktop.views.widgets.empty_state import EmptyPlace

_SPLIT = "scan.splitter"
_SOURCES, _DETAILS = 286, 312
_LEAST_SOURCES, _LEAST_DETAILS = 220, 240
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
        self._chose = False
        self._was_wide = False
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
        self.told = Told(self.session, self.head.message, self)
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
        self.splitter.setSizes(self._sizes())
        self.details.hide()  # until it is known whether there is room: `_fit` shows them
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.splitter)
        self.setFocusProxy(self.table)

    def _sizes(self) -> list[int]:
        sizes = self._settings.get(_SPLIT, [])
        if len(sizes) == 3 and all(isinstance(s, int) and 0 < s < 100_000 for s in sizes):
            return list(sizes)
        font = self.font()
        return [metric(_SOURCES, font), 10 * _SOURCES, metric(_DETAILS, font)]

    def _connect(self) -> None:
        session, head, foot, table = self.session, self.head, self.foot, self.session.table
        session.held = self.table.is_editing
        session.began.connect(self._renew)
        session.progressed.connect(head.renew_said)
        session.ended.connect(self._ended)
        session.importEnded.connect(self._renew)
        table.countsChanged.connect(self._counts_changed)
        table.chosenChanged.connect(self._chosen_changed)
        table.filterFinished.connect(self._renew_stack)
        head.startRequested.connect(self.start)
        head.stopRequested.connect(session.stop)
        head.skippedRequested.connect(self.told.show_skipped)
        head.statesChanged.connect(table.set_states)
        head.filter.textChanged.connect(table.set_filter)
        head.filter.installEventFilter(self)
        head.panel_button.toggled.connect(self._panel_toggled)
        foot.allRequested.connect(self._choose_all)
        foot.noneRequested.connect(self._choose_none)
        foot.newestRequested.connect(self._choose_newest)
        foot.importRequested.connect(self._import)
        foot.baseRequested.connect(self._ask_base)
        self.sources.changed.connect(self._sources_changed)
        self.table.currentPathChanged.connect(self.current.show)
        self.table.menuRequested.connect(self.current.ask_menu)
        self.empty.linkActivated.connect(self._empty_link)
        self.details.waiting = table.nameless
        self.details.renamed.connect(table.rename)
        self.details.baseChosen.connect(self._base_chosen)
        self.current.showRequested.connect(self.showRequested)
        self.current.checkRequested.connect(self.checkRequested)
        self.current.importRequested.connect(self.importRequested)
        self.current.openFolder.connect(self.openFolder)
        self.told.undoRequested.connect(self.undoRequested)
        self.told.notice.connect(self.notice)
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
        self._share_room(wide)
        if wanted:
            self.current.show(self.table.current_path())

    def _share_room(self, wide: bool) -> None:
        """With large letters in a small window, panels leave the results more than they ask for."""
        room = self.width()
        sizes = self._sizes()
        for at, panel, least, share in (
            (0, self.sources, _LEAST_SOURCES, 30),
            (2, self.details, _LEAST_DETAILS, 36),
        ):
            scaled, most = metric(least, self.font()), max(least, room * share // 100)
            panel.setMinimumWidth(scaled if wide else min(scaled, most))
            sizes[at] = sizes[at] if wide else min(sizes[at], most)
        if not wide:
            sizes[1] = room
        if not wide or not self._was_wide:
            self.splitter.setSizes(sizes)
        self._was_wide = wide

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
        elif self.told.absent():
            self.empty.set(self.told.absent(), "Add a folder")
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

    def _chosen_changed(self) -> None:
        self.foot.renew()
        # How many others wait for a base model is said in the details.
        row = self.session.table.row_of(self.table.current_path())
        if row is not None and self.details.isVisible():
            self.details.show_row(row)

    def _ask_base(self) -> None:
        """Go to the first of those that are ticked and wait for a base model."""
        path = next(iter(self.session.table.nameless()), "")
        if not path:
            return
        if not self.details.isVisible():
            self.head.panel_button.setChecked(True)
        if self.session.table.line_of(path) < 0:
            self.head.filter.clear()
            self.session.table.unfold(path)
        self.table.select_path(path)
        self.current.show(path)
        self.details.focus_base()

    def _base_chosen(self, paths: Sequence[str], model_id: str) -> None:
        self._chose = True
        table = self.session.table
        title = self._library.base_titles.get(model_id, "")
        table.choose_base(paths, model_id, title)
        table.choose_paths(paths)

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
