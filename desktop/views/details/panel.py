"""The right-hand panel: everything about the selected adapter, or what several add up to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.errors import LorariumError, NotFoundError
from desktop.views.details.adapter_page import AdapterPage
from desktop.views.details.several_page import SeveralPage, Summary, summarise
from desktop.views.widgets.empty_state import EmptyPlace

if TYPE_CHECKING:
    from desktop.services.adapters import AdapterDetails

log = logging.getLogger(__name__)

NOTHING = "Select an adapter to see what it is."
GONE = "This adapter is not in the library any more."


class DetailsPanel(QWidget):
    """Shows adapters by id; loads off the UI thread; what is shown stays until the new is there.

    Signals:
        checkRequested(object): ids to look at again.
        updateRequested(object): ids whose newest version is wanted.
        compareRequested(str): the id of an adapter to show beside its newest version.
        removeRequested(object): ids to remove.
        favouriteRequested(object): ids to mark as favourites, or no longer.
        tagsRequested(object): ids whose tags are to be edited.
        baseModelOfRequested(object): ids whose base model is to be set.
        exportRequested(object): ids whose rows are wanted as a file.
        pathsRequested: the paths of the selected adapters are wanted on the clipboard.
        notesChanged(str, str): the id of an adapter, and what it notes now.
        locateRequested(str): the id of an adapter whose folder moved.
        openFolder(object): the path of a folder to show in the file manager, byte for byte.
        baseModelRequested(str), promptRequested(str), jobRequested(str): go to that record.
        linkOpened(QUrl): an address that the person has seen and wants to open.
        notice(object): a Notice for the notice bar.
        shown(object): what is shown is complete; carries the tuple of ids.
    """

    checkRequested = Signal(object)
    updateRequested = Signal(object)
    compareRequested = Signal(str)
    removeRequested = Signal(object)
    favouriteRequested = Signal(object)
    tagsRequested = Signal(object)
    baseModelOfRequested = Signal(object)
    exportRequested = Signal(object)
    pathsRequested = Signal()
    notesChanged = Signal(str, str)
    locateRequested = Signal(str)
    # A path that is not UTF-8 would not survive as a text of Qt.
    openFolder = Signal(object)
    baseModelRequested = Signal(str)
    promptRequested = Signal(str)
    jobRequested = Signal(str)
    linkOpened = Signal(QUrl)
    notice = Signal(object)
    shown = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detailsPanel")
        self.setAccessibleName("Details of the selected adapter")
        self._library = library
        self._ids: tuple[str, ...] = ()
        self._details: AdapterDetails | None = None
        self._task: Task | None = None
        self._want_name = False
        self.one = AdapterPage(library, self)
        self.several = SeveralPage(self)
        self.empty = EmptyPlace(NOTHING, parent=self)
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("detailsStack")
        for widget in (self.empty, self.one, self.several):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.setFocusProxy(self.one.tabs)
        self._connect()

    def _connect(self) -> None:
        self._library.adaptersChanged.connect(self._adapters_changed)
        self._library.ready.connect(self._became_ready)
        self.empty.linkActivated.connect(self._load_again)
        page = self.one
        page.overview.checkAsked.connect(self._ask_check)
        page.overview.updateAsked.connect(self._ask_update)
        page.overview.compareAsked.connect(self._ask_compare)
        page.overview.locateAsked.connect(self._ask_locate)
        page.overview.folderAsked.connect(self._ask_folder)
        page.overview.modelAsked.connect(self.baseModelRequested)
        page.overview.promptAsked.connect(self.promptRequested)
        page.overview.jobAsked.connect(self.jobRequested)
        page.files.folderAsked.connect(self._ask_folder)
        page.card.linkOpened.connect(self.linkOpened)
        page.notice.connect(self.notice)
        page.saved.connect(self._load_again)
        page.overview.notes.changed.connect(self.notesChanged)
        page.header.favouriteAsked.connect(self._ask_favourite)
        page.header.tagsAsked.connect(self._ask_tags)
        self.several.asked.connect(self._ask_of_several)

    # -- what is asked of it ---------------------------------------------------------------

    def show_adapters(self, ids: Sequence[str]) -> None:
        """Show what is selected: nothing, one adapter, or the sums of several."""
        wanted = tuple(ids)
        if wanted == self._ids:
            return
        self._ids = wanted
        self._want_name = False
        self._load_again()

    def shown_ids(self) -> tuple[str, ...]:
        """The ids it was asked to show."""
        return self._ids

    def set_menu(self, menu: QMenu | None) -> None:
        """The menu of the three dots beside the name."""
        self.one.header.set_menu(menu)

    def edit_name(self) -> None:
        """Change the adapter that is shown, beginning with its name, all of it marked."""
        if self._current() is None:
            self._want_name = len(self._ids) == 1  # as soon as it is there
        else:
            self.one.edit()

    def unsaved_ids(self) -> tuple[str, ...]:
        """The adapters with changes that are typed and not saved."""
        return self.one.unsaved_ids()

    def _current(self) -> AdapterDetails | None:
        """What is shown, if it is the one adapter that was asked for."""
        details = self._details
        return details if details is not None and self._ids == (details.record.id,) else None

    # -- loading ---------------------------------------------------------------------------

    def _adapters_changed(self, ids: object) -> None:
        if not self._ids:
            return
        if not isinstance(ids, tuple) or not set(self._ids).isdisjoint(ids):
            self._load_again()

    def _became_ready(self) -> None:
        self.one.allow_edit()
        self.several.allow_changes(self._library.read_only)

    def _load_again(self) -> None:
        if self._task is not None:
            # Held arrow keys ask for many: only the last one is worth reading.
            self._task.cancel()
            self._task = None
        if not self._ids:
            self._show_sentence(NOTHING)
            return
        load = self._load if len(self._ids) == 1 else self._load_several
        self._task = self._library.run(
            load, self._ids, succeeded=self._take, failed=self._not_loaded
        )

    def _load(self, _ctx: Any, ids: tuple[str, ...]) -> tuple[tuple[str, ...], Any]:
        try:
            return ids, self._library.services.adapters.get_details(ids[0])
        except LorariumError as error:
            return ids, error

    def _load_several(self, _ctx: Any, ids: tuple[str, ...]) -> tuple[tuple[str, ...], Any]:
        try:
            return ids, summarise(self._library.services.adapters.list_rows(ids))
        except LorariumError as error:
            return ids, error

    def _take(self, answer: tuple[tuple[str, ...], Any]) -> None:
        ids, found = answer
        if ids != self._ids:
            return  # something else was selected meanwhile
        self._task = None
        if isinstance(found, NotFoundError):
            self._show_sentence(GONE)
        elif isinstance(found, LorariumError):
            self._show_sentence(f"{found.message} {found.advice}".strip(), "Try again")
        elif isinstance(found, Summary):
            self._details = None
            self.several.show_summary(found)
            self._turn_to(self.several)
        else:
            self._details = found
            self.one.show_details(found)
            self._turn_to(self.one)
            if self._want_name:
                self._want_name = False
                self.one.edit()
        self.shown.emit(ids)

    def _not_loaded(self, error: Exception) -> None:
        # What is no LorariumError is a fault of ours; the runner has written it to the log.
        self._task = None
        log.debug("The details were not read: %s", type(error).__name__)
        self._show_sentence("The details can’t be read.", "Try again")

    def _show_sentence(self, sentence: str, link: str = "") -> None:
        self._details = None
        self.empty.set(sentence, link)
        self._turn_to(self.empty)

    def _turn_to(self, page: QWidget) -> None:
        if page is self._stack.currentWidget():
            return
        focus = self.focusWidget()
        had_focus = focus is not None and focus.hasFocus()
        self._stack.setCurrentWidget(page)
        if had_focus:
            # Else Qt hands the focus to the first button there is, which nobody asked for.
            page.setFocus()

    # -- links -----------------------------------------------------------------------------

    def _ask_check(self) -> None:
        self.checkRequested.emit(self._ids)

    def _ask_update(self) -> None:
        self.updateRequested.emit(self._ids)

    def _ask_compare(self) -> None:
        details = self._current()
        if details is not None:
            self.compareRequested.emit(details.record.id)

    def _ask_favourite(self) -> None:
        self.favouriteRequested.emit(self._ids)

    def _ask_tags(self) -> None:
        self.tagsRequested.emit(self._ids)

    def _ask_of_several(self, what: str) -> None:
        if what == "paths":
            self.pathsRequested.emit()
            return
        wanted = {
            "favourite": self.favouriteRequested,
            "tags": self.tagsRequested,
            "base_model": self.baseModelOfRequested,
            "check": self.checkRequested,
            "export": self.exportRequested,
            "remove": self.removeRequested,
        }
        wanted[what].emit(self._ids)

    def commit_notes(self) -> bool:
        """Send notes that are being typed to be kept; returns whether there were some."""
        return self.one.overview.notes.commit()

    def _ask_locate(self) -> None:
        details = self._current()
        if details is not None:
            self.locateRequested.emit(details.record.id)

    def _ask_folder(self) -> None:
        details = self._current()
        if details is not None and details.record.path:
            self.openFolder.emit(details.record.path)
