"""A page of the import dialog that has several ways to an adapter, each behind a tab."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QTabBar, QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.services.records import AdapterRecord, AdapterType
from desktop.views.import_pages.base import ImportPage, Verdict
from desktop.views.import_pages.shared.facts import ServerFacts
from desktop.views.import_pages.shared.fetching import Fetches
from desktop.views.import_pages.shared.ways import Way
from desktop.views.widgets.section import line

_EDGES = (24, 8, 20, 16)
_NEXT = QKeySequence("Ctrl+Tab")
_PREVIOUS = QKeySequence("Ctrl+Shift+Tab")


class WaysTabs(QTabBar):
    """by_arrow: whether keys that the bar itself understands turn it just now."""

    by_arrow = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.by_arrow = True
        super().keyPressEvent(event)
        self.by_arrow = False


class WaysPage(ImportPage):
    """The tabs, what their ways want, and the fetch that comes of it.

    It is made once: what was typed stays until it was imported, or goes on in the background.
    A subclass calls `set_ways` once, when its ways are made.

    prefix: what its object names begin with. named_by: the field of an import whose value people
    call an adapter by. about: what the tabs are, to be heard.
    """

    prefix = ""
    named_by = ""
    about = ""

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fetches = Fetches(library, AdapterType(self.key), self.named_by, self.icon, self)
        self.panel = ServerFacts(self.prefix)
        self.facts = self.panel

    def set_ways(self, ways: Sequence[Way]) -> None:
        """Show these, each under its tab, the first on top."""
        self.ways = tuple(ways)
        self._ran = self.ways[0]
        self._make_form()
        self.tabs.currentChanged.connect(self._turned)
        for way in self.ways:
            way.changed.connect(self._way_changed)
            way.wanted.connect(self._import)
        self.fetches.progressed.connect(self.progressed)
        self.fetches.imported.connect(self._imported)
        self.fetches.succeeded.connect(self._finish)
        self.fetches.failed.connect(self._refused)
        self.fetches.stopped.connect(self._stopped)
        self.fetches.notice.connect(self.notice)
        self._turn_to(0)

    def _make_form(self) -> None:
        self.form = QWidget()
        self.form.setObjectName(f"{self.prefix}Form")
        self.tabs = WaysTabs()
        self.tabs.setObjectName(f"{self.prefix}Tabs")
        self.tabs.setAccessibleName(self.about)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setDrawBase(False)
        self.tabs.setMinimumWidth(1)
        self.head = QWidget()
        head = QVBoxLayout(self.head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(0)
        head.addWidget(self.tabs)
        head.addWidget(line())
        self._box = QVBoxLayout(self.form)
        self._box.setContentsMargins(*_EDGES)
        self._box.setSpacing(10)
        self._box.addWidget(self.head)
        for way in self.ways:
            self.tabs.addTab(way.title)
            self._box.addWidget(way.pane, 1)
        # Alive only while the form can be seen and used.
        QShortcut(_NEXT, self.form).activated.connect(self._go_right)
        QShortcut(_PREVIOUS, self.form).activated.connect(self._go_left)

    # -- the tabs --------------------------------------------------------------------------

    @property
    def way(self) -> Way:
        """The way whose tab is on top."""
        return self.ways[max(self.tabs.currentIndex(), 0)]

    def _turned(self, index: int) -> None:
        for way in self.ways:
            way.think_again()
        visible = self.form.isVisible()
        if visible:
            # Not in a pane that goes: its focus would go on to whatever comes next.
            self.tabs.setFocus(Qt.FocusReason.OtherFocusReason)
        self._turn_to(index)
        if visible:
            self.way.shown()
            if not self.tabs.by_arrow:
                self.way.focus_first()

    def _go_right(self) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % self.tabs.count())

    def _go_left(self) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() - 1) % self.tabs.count())

    def _turn_to(self, index: int) -> None:
        for at, way in enumerate(self.ways):
            way.pane.setVisible(at == index)
        self._way_changed()

    def _way_changed(self) -> None:
        self.way.show_facts(self.panel)
        self.changed.emit()

    # -- what the foot shows ---------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether an import runs that belongs to the open dialog."""
        return self.fetches.running

    @property
    def can_import(self) -> bool:
        """Whether nothing is known to stand in the way."""
        return self.way.ready

    def verb(self) -> str:
        """The word on the primary button."""
        return self.way.verb()

    def busy_verb(self) -> str:
        """While a fetch runs, a click lets it go on without the dialog."""
        return self._ran.busy_verb()

    def verdict(self) -> Verdict:
        """What still blocks."""
        return self.way.verdict()

    # -- what the person does --------------------------------------------------------------

    def start(self) -> None:
        """Do what the verb says, or go to what is in the way."""
        if not self.running:
            self.way.start()

    def _import(self, fields: dict[str, object]) -> None:
        if self.running:
            return
        self._ran = self.way
        self.fetches.start(fields, self._ran.called())
        self._ran.began()
        self.form.setEnabled(False)
        self.changed.emit()

    def cancel(self) -> None:
        """Stop the fetch that runs."""
        self.fetches.cancel()

    def background(self) -> None:
        """Let the fetch that runs go on without the dialog."""
        if self.running and self.busy_verb():
            self.fetches.let_go()
            self._finish()

    def think_again(self) -> None:
        """A start that waits is taken back."""
        self.way.think_again()

    # -- how an import ends ----------------------------------------------------------------

    def _imported(self, record: AdapterRecord) -> None:
        self.imported.emit([record])

    def _finish(self) -> None:
        self.form.setEnabled(True)
        self._ran.reset()
        self.changed.emit()
        self.done.emit()

    def _refused(self, error: Exception) -> None:
        self.form.setEnabled(True)
        self._ran.refused(error)
        self.changed.emit()

    def _stopped(self) -> None:
        self.form.setEnabled(True)
        self._ran.stopped()
        self.changed.emit()

    # -- the dialog's life -----------------------------------------------------------------

    def shown(self) -> None:
        """The page is on screen (again)."""
        if not self.running:
            self.way.shown()
        self.way.focus_first()

    def left(self) -> None:
        """The dialog is not on screen any more."""
        for way in self.ways:
            way.think_again()
            way.left()

    def library_changed(self) -> None:
        """Rows or records changed while the page is on screen."""
        if not self.running:
            self.way.library_changed()

    def reset(self) -> None:
        """Forget everything that was typed."""
        for way in self.ways:
            way.reset()

    def set_right_margin(self, margin: int) -> None:
        """Leave this much at the right of the fields."""
        edges = self._box.contentsMargins()
        if edges.right() != margin:
            edges.setRight(margin)
            self._box.setContentsMargins(edges)

    def set_facts_below(self, below: bool) -> None:
        """Facts stand under the form, or beside it."""
        self.panel.set_below(below)
