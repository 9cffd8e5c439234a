"""“Find”: adapters on a hub by words, author and base model, page by page as one scrolls."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.models.formats import whole_text
from desktop.models.hub_search import HubSearchModel
from desktop.models.hub_shelf import HubShelf
from desktop.models.library import Library
from desktop.services.errors import LorariumError, RemoteError
from desktop.services.hub.records import HubReference
from desktop.views.import_pages.hugging_face.find_filters import (
    FindFilters,
    host_of,
    no_hit_text,
)
from desktop.views.import_pages.shared.pane_parts import MOVING_DELAY, moving_bar, said
from desktop.views.import_pages.shared.results_view import ResultList
from desktop.views.widgets.empty_state import EmptyPlace
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import announce


class FindPane(QWidget):
    """It searches as soon as it is seen.

    Signals:
        highlighted(object): the HubReference of the highlighted line, None where there is none;
            told when a person has stopped moving.
        picked(object): the HubReference that a person wants to look at: Enter or a double click.
        trouble(object): the RemoteError that is in the way, None as soon as it is not any more.
    """

    highlighted = Signal(object)
    picked = Signal(object)
    trouble = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findPane")
        self._library = library
        self._shelf = HubShelf.of(library)
        self._told: HubReference | None = None
        self._trouble: RemoteError | None = None
        self._endpoint = ""
        self.filters = FindFilters()
        self.filters.changed.connect(self._search)
        self.filters.leaving.connect(self.focus_list)
        self.model = HubSearchModel(library, self)
        self.model.stateChanged.connect(self._show_state)
        self.list = ResultList(self.model, "hubResults")
        self.list.setAccessibleName("Adapters on the Hub")
        self.list.moved.connect(self._moved)
        self.list.chosen.connect(self._pick)
        self.list.leaving.connect(self.focus_first)
        self.list.endSeen.connect(self.model.more)
        self.place = EmptyPlace()
        self.place.setObjectName("hubPlace")
        self.place.linkActivated.connect(self._follow_place)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.place)
        self.bar = moving_bar("hubBar")
        self.message = InlineMessage()
        self.message.linkActivated.connect(self.model.again)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MOVING_DELAY)
        self._timer.timeout.connect(self._tell)
        self._lay_out()
        library.recordsChanged.connect(self._records_changed)
        library.ready.connect(self._shelf_wanted)
        self._records_changed()
        self._show_state()

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.filters)
        box.addSpacing(2)
        box.addWidget(self.bar)
        box.addWidget(self._stack, 1)
        box.addWidget(self.message)

    # -- for the page --------------------------------------------------------------------------

    def reference(self) -> HubReference | None:
        """The adapter of the highlighted line, at once."""
        result = self.list.current()
        return None if result is None else HubReference(result.repo_id)

    def focus_first(self) -> None:
        """Put the focus into the first field."""
        self.filters.text.setFocus()

    def focus_list(self) -> None:
        """Go on by keyboard in the list, if there is one."""
        if self.model.count:
            self.list.enter()

    def refresh(self) -> None:
        """Search again: another account or another hub may see other adapters."""
        if self.isVisible():
            self._ask()
        else:
            self._endpoint = ""

    def reset(self) -> None:
        """Forget what was typed."""
        self.filters.clear()

    # -- searching -----------------------------------------------------------------------------

    def _search(self) -> None:
        """Ask for what the fields say, unless that is what was asked."""
        if not self.isVisible():
            return
        query, endpoint = self.filters.query(), self._library.services.hub.endpoint
        if query != self.model.asked or endpoint != self._endpoint:
            self._ask()

    def _ask(self) -> None:
        self.filters.stop()
        self._endpoint = self._library.services.hub.endpoint
        self.model.search(self.filters.query())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._shelf_wanted()
        self._search()
        # What was in the way may have gone.
        self.model.again()
        self._moved()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.filters.stop()
        self.model.stop()
        self._timer.stop()

    def _shelf_wanted(self) -> None:
        if self.isVisible():
            self._shelf.want()

    def _records_changed(self) -> None:
        self.filters.set_base_models(self._library.base_models)

    # -- what is shown -------------------------------------------------------------------------

    def _show_state(self) -> None:
        model = self.model
        self.bar.setVisible(model.waiting)
        listed = model.count > 0
        self._stack.setCurrentWidget(self.list if listed else self.place)
        if listed:
            self._show_foot()
        else:
            self.message.clear()
            self._show_place()
        self._moved()
        error = model.trouble
        remote = error if isinstance(error, RemoteError) else None
        if remote is not self._trouble:
            self._trouble = remote
            self.trouble.emit(remote)

    def _show_foot(self) -> None:
        model = self.model
        if model.trouble is not None:
            tone = "error" if not isinstance(model.trouble, RemoteError) else "warning"
            self.message.set_message(said(model.trouble), tone, "Try again")
        else:
            some = f"{whole_text(model.count)} adapter{'' if model.count == 1 else 's'}"
            self.message.set_message(some if model.ended else f"{some} so far")
        if model.waiting and model.asked != model.query:
            self.message.set_message("Searching…")

    def _show_place(self) -> None:
        model = self.model
        host = self._host()
        before = self.place.text()
        if model.trouble is not None:
            self.place.set(said(model.trouble), "Try again")
        elif model.query is None or model.waiting:
            self.place.set(f"Searching {host}…")
        else:
            query = model.query
            asked = query.text or query.author or query.base_model
            self.place.set(no_hit_text(query, host), "Clear the search" if asked else "")
        if self.isVisible() and self.place.text() != before and not model.waiting:
            announce(self, self.place.text())

    def _host(self) -> str:
        try:
            return host_of(self._library.services.hub.endpoint)
        except LorariumError:
            return "the Hub"

    def _follow_place(self) -> None:
        if self.model.trouble is not None:
            self.model.again()
        else:
            self.filters.clear()
            self.focus_first()

    # -- the highlighted line ------------------------------------------------------------------

    def _moved(self) -> None:
        if self.reference() != self._told:
            self._timer.start()
        else:
            self._timer.stop()

    def _tell(self) -> None:
        reference = self.reference()
        if reference != self._told:
            self._told = reference
            self.highlighted.emit(reference)

    def _pick(self) -> None:
        reference = self.reference()
        if reference is not None:
            self._timer.stop()
            self.picked.emit(reference)
