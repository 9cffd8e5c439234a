"""“On this machine”: the adapters in the Hugging Face cache, without a word to any server."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.formats import whole_text
from desktop.models.hub_cached import CachedModel
from desktop.models.hub_shelf import HubShelf
from desktop.models.library import Library
from desktop.models.result_lines import plain
from desktop.services.hub.records import CachedAdapter
from desktop.views.import_pages.shared.pane_parts import (
    MOVING_DELAY,
    SearchEdit,
    moving_bar,
    said,
)
from desktop.views.import_pages.shared.results_view import ResultList
from desktop.views.theme import FontRole, bind
from desktop.views.widgets.empty_state import EmptyPlace
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import PlainLabel, announce, set_plain_tooltip


class CachedPane(QWidget):
    """It looks through the cache when it is first seen, and when it is asked to.

    Signals:
        highlighted(object): the CachedAdapter of the highlighted line, None where there is none;
            told when a person has stopped moving.
        importWanted(object): the CachedAdapter that a person wants to import: Enter or a double
            click.
    """

    highlighted = Signal(object)
    importWanted = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cachedPane")
        self._library = library
        self._shelf = HubShelf.of(library)
        self._told: CachedAdapter | None = None
        self.model = CachedModel(library, self)
        self.model.stateChanged.connect(self._show_state)
        self.filter = SearchEdit("cachedFilter", "Filter the adapters on this machine")
        self.filter.setAccessibleName("Filter the adapters on this machine")
        self.filter.textChanged.connect(self.model.set_filter)
        self.filter.leaving.connect(self.focus_list)
        self.filter.asked.connect(self.focus_list)
        self.again = QToolButton()
        self.again.setObjectName("cachedRefresh")
        self.again.setAccessibleName("Look again")
        set_plain_tooltip(self.again, "Look through the cache again")
        bind(self.again, "refresh", "text2")
        self.again.clicked.connect(self.refresh)
        self.list = ResultList(self.model, "cachedAdapters")
        self.list.setAccessibleName("Adapters on this machine")
        self.list.moved.connect(self._moved)
        self.list.chosen.connect(self._choose)
        self.list.leaving.connect(self.focus_first)
        self.place = EmptyPlace()
        self.place.setObjectName("cachedPlace")
        self.place.linkActivated.connect(self._follow_place)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.place)
        self.bar = moving_bar("cachedBar")
        self.message = InlineMessage()
        self.message.linkActivated.connect(self.refresh)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(MOVING_DELAY)
        self._timer.timeout.connect(self._tell)
        self._lay_out()
        library.ready.connect(self._shelf_wanted)
        self._show_state()

    def _lay_out(self) -> None:
        label = PlainLabel("F&ilter", role=FontRole.FIELD_LABEL)
        label.setBuddy(self.filter)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.filter, 1)
        head.addWidget(self.again)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(label)
        box.addLayout(head)
        box.addSpacing(2)
        box.addWidget(self.bar)
        box.addWidget(self._stack, 1)
        box.addWidget(self.message)

    # -- for the page --------------------------------------------------------------------------

    def adapter(self) -> CachedAdapter | None:
        """The adapter of the highlighted line, at once."""
        found = self.list.current()
        return found if isinstance(found, CachedAdapter) else None

    def focus_first(self) -> None:
        """Put the focus into the first field."""
        self.filter.setFocus()

    def focus_list(self) -> None:
        """Go on by keyboard in the list, if there is one."""
        if self.model.count:
            self.list.enter()

    def refresh(self) -> None:
        """Look through the cache again."""
        self.model.read()

    def reset(self) -> None:
        """Forget what was typed."""
        self.filter.clear()

    # -- reading -------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._shelf_wanted()
        if not self.model.was_read and not self.model.reading:
            self.model.read()
        self._moved()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.model.stop()
        self._timer.stop()

    def _shelf_wanted(self) -> None:
        if self.isVisible():
            self._shelf.want()

    # -- what is shown -------------------------------------------------------------------------

    def _show_state(self) -> None:
        model = self.model
        self.bar.setVisible(model.reading)
        listed = model.count > 0
        self._stack.setCurrentWidget(self.list if listed else self.place)
        if listed:
            self._show_foot()
        else:
            self.message.clear()
            self._show_place()
        self._moved()

    def _show_foot(self) -> None:
        model = self.model
        if model.trouble is not None:
            self.message.set_message(said(model.trouble), "error", "Try again")
        elif model.count < model.total:
            shown, total = whole_text(model.count), whole_text(model.total)
            self.message.set_message(f"{shown} of {total} adapters")
        else:
            plural = "" if model.total == 1 else "s"
            self.message.set_message(f"{whole_text(model.total)} adapter{plural}")

    def _show_place(self) -> None:
        model = self.model
        before = self.place.text()
        if model.trouble is not None:
            self.place.set(said(model.trouble), "Try again")
        elif not model.was_read:
            self.place.set("Looking through the Hugging Face cache of this machine…")
        elif model.total:
            words = plain(self.filter.text().strip())
            self.place.set(
                f"No adapter in the cache of this machine matches “{words}”.", "Clear the filter"
            )
        else:
            self.place.set(self._nothing(), "Look again")
        if self.isVisible() and self.place.text() != before and not model.reading:
            announce(self, self.place.text())

    def _nothing(self) -> str:
        place = plain(self.model.folder, 400)
        return f"The Hugging Face cache of this machine holds no adapter. The cache is in {place}."

    def _follow_place(self) -> None:
        if self.model.total and self.model.trouble is None:
            self.filter.clear()
            self.focus_first()
        else:
            self.refresh()

    # -- the highlighted line ------------------------------------------------------------------

    def _moved(self) -> None:
        if self.adapter() != self._told:
            self._timer.start()
        else:
            self._timer.stop()

    def _tell(self) -> None:
        adapter = self.adapter()
        if adapter != self._told:
            self._told = adapter
            self.highlighted.emit(adapter)

    def _choose(self) -> None:
        adapter = self.adapter()
        if adapter is not None:
            self._timer.stop()
            self.importWanted.emit(adapter)
