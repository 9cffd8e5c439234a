"""A search on a server: fields, and a list that grows as one scrolls."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.models.formats import whole_text
from desktop.models.library import Library
from desktop.models.paged_lines import PagedLinesModel
from desktop.services.errors import RemoteError
from desktop.views.import_pages.shared.pane_parts import MOVING_DELAY, moving_bar, said
from desktop.views.import_pages.shared.results_view import ResultList
from desktop.views.import_pages.shared.search_filters import SearchFilters
from desktop.views.widgets.empty_state import EmptyPlace
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import announce


class SearchPane(QWidget):
    """It searches as soon as it is seen.

    A subclass says what of a line is told (`told_of`), where it is searched (`where`, another
    value of which means other results) and what stands in the list's place (`host`, `no_hit`).

    Signals:
        highlighted(object): what is told of the highlighted line, None where there is none; when a
            person has stopped moving.
        picked(object): the same of the line that a person wants to look at: Enter or a double
            click.
        trouble(object): the RemoteError that is in the way, None as soon as it is not any more.
    """

    highlighted = Signal(object)
    picked = Signal(object)
    trouble = Signal(object)

    noun = "adapter"
    """What one line is."""

    def __init__(
        self,
        library: Library,
        filters: SearchFilters,
        model: PagedLinesModel,
        prefix: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._told: Any = None
        self._trouble: RemoteError | None = None
        self._asked_where: object = None
        self.filters = filters
        self.filters.changed.connect(self._search)
        self.filters.leaving.connect(self.focus_list)
        self.model = model
        self.model.stateChanged.connect(self._show_state)
        self.list = ResultList(self.model, f"{prefix}Results")
        self.list.moved.connect(self._moved)
        self.list.chosen.connect(self._pick)
        self.list.leaving.connect(self.focus_first)
        self.list.endSeen.connect(self.model.more)
        self.place = EmptyPlace()
        self.place.setObjectName(f"{prefix}Place")
        self.place.linkActivated.connect(self._follow_place)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.place)
        self.bar = moving_bar(f"{prefix}Bar")
        self.message = InlineMessage()
        self.message.linkActivated.connect(self.model.again)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MOVING_DELAY)
        self._timer.timeout.connect(self._tell)
        self._lay_out()
        self._show_state()

    # -- what a subclass knows -----------------------------------------------------------------

    def told_of(self, item: Any) -> Any:
        """What others hear of a line."""
        return item

    def where(self) -> object:
        """Where it is searched now; None = nowhere."""
        raise NotImplementedError

    def host(self) -> str:
        """The same for a sentence."""
        raise NotImplementedError

    def no_hit(self) -> tuple[str, bool]:
        """The sentence for a search without a result, and whether it asked for less than all."""
        raise NotImplementedError

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

    def reference(self) -> Any:
        """What is told of the highlighted line, at once; None where there is none."""
        result = self.list.current()
        return None if result is None else self.told_of(result)

    def focus_first(self) -> None:
        """Put the focus into the first field."""
        self.filters.text.setFocus()

    def focus_list(self) -> None:
        """Go on by keyboard in the list, if there is one."""
        if self.model.count:
            self.list.enter()

    def refresh(self) -> None:
        """Search again: another account or another server may see other adapters."""
        if self.isVisible():
            self._ask()
        else:
            self._asked_where = None

    def reset(self) -> None:
        """Forget what was typed."""
        self.filters.clear()

    # -- searching -----------------------------------------------------------------------------

    def _search(self) -> None:
        """Ask for what the fields say, unless that is what was asked."""
        if not self.isVisible():
            return
        query, where = self.filters.query(), self.where()
        if where is not None and (query != self.model.asked or where != self._asked_where):
            self._ask()

    def _ask(self) -> None:
        self.filters.stop()
        self._asked_where = self.where()
        self.model.search(self.filters.query())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._search()
        # What was in the way may have gone.
        self.model.again()
        self._moved()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.filters.stop()
        self.model.stop()
        self._timer.stop()

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
            some = f"{whole_text(model.count)} {self.noun}{'' if model.count == 1 else 's'}"
            self.message.set_message(some if model.ended else f"{some} so far")
        if model.waiting and model.asked != model.query:
            self.message.set_message("Searching…")

    def _show_place(self) -> None:
        model = self.model
        before = self.place.text()
        if model.trouble is not None:
            self.place.set(said(model.trouble), "Try again")
        elif model.query is None or model.waiting:
            self.place.set(f"Searching {self.host()}…")
        else:
            sentence, narrowed = self.no_hit()
            self.place.set(sentence, "Clear the search" if narrowed else "")
        if self.isVisible() and self.place.text() != before and not model.waiting:
            announce(self, self.place.text())

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
