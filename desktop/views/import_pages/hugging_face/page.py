"""The page “Hugging Face” of the import dialog."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QTabBar, QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.services.hub.records import HubReference
from desktop.services.records import AdapterRecord, AdapterType
from desktop.views.import_pages.base import ImportPage, Verdict
from desktop.views.import_pages.hugging_face.account import Account
from desktop.views.import_pages.hugging_face.facts import HubFacts
from desktop.views.import_pages.shared.fetching import Fetches
from desktop.views.import_pages.hugging_face.sign_in import SignInDialog
from desktop.views.import_pages.hugging_face.way_by_name import ByNameWay
from desktop.views.import_pages.hugging_face.way_cached import CachedWay
from desktop.views.import_pages.hugging_face.way_find import FindWay
from desktop.views.import_pages.shared.ways import Way
from desktop.views.widgets.section import line

_EDGES = (24, 8, 20, 16)


class HubPage(ImportPage):
    """Three ways to an adapter: by name, found by a search, or from the cache of this machine.

    It is made once: what was typed stays until it was imported, or goes on in the background.
    """

    key = AdapterType.HUGGINGFACE.value
    title = "Hugging Face"
    icon = "cloud"

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sign_in_dialog: SignInDialog | None = None
        self.account = Account(library, self)
        self.by_name = ByNameWay(self.account, library, self)
        self.find = FindWay(library, self)
        self.cached = CachedWay(library, self)
        self.ways: tuple[Way, ...] = (self.by_name, self.find, self.cached)
        self.fetches = Fetches(library, self)
        self._ran: Way = self.by_name
        self.panel = HubFacts()
        self.facts = self.panel
        self._make_form()
        self._connect()
        self._turn_to(0)

    def _make_form(self) -> None:
        self.form = QWidget()
        self.form.setObjectName("hubForm")
        self.tabs = QTabBar()
        self.tabs.setObjectName("hubTabs")
        self.tabs.setAccessibleName("Ways to an adapter of the Hub")
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setDrawBase(False)
        self.tabs.setMinimumWidth(1)
        head = QVBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.tabs)
        head.addWidget(line())
        self._box = QVBoxLayout(self.form)
        self._box.setContentsMargins(*_EDGES)
        self._box.setSpacing(10)
        self._box.addLayout(head)
        for way in self.ways:
            self.tabs.addTab(way.title)
            self._box.addWidget(way.pane, 1)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._turned)
        for way in self.ways:
            way.changed.connect(self._way_changed)
            way.wanted.connect(self._import)
        self.by_name.signInWanted.connect(self.sign_in)
        self.by_name.pageWanted.connect(self.open_page)
        self.by_name.form.bar.endpointUsed.connect(self._look_again)
        self.find.picked.connect(self._picked)
        for common in (self.by_name.common, self.cached.common):
            common.notice.connect(self.notice)
        self.account.entered.connect(self._look_again)
        self.account.changed.connect(self.changed)
        self.fetches.progressed.connect(self.progressed)
        self.fetches.imported.connect(self._imported)
        self.fetches.succeeded.connect(self._succeeded)
        self.fetches.failed.connect(self._refused)
        self.fetches.stopped.connect(self._stopped)
        self.fetches.notice.connect(self.notice)

    # -- the tabs --------------------------------------------------------------------------

    @property
    def way(self) -> Way:
        """The way whose tab is on top."""
        return self.ways[max(self.tabs.currentIndex(), 0)]

    def _turned(self, index: int) -> None:
        for way in self.ways:
            way.think_again()
        self._turn_to(index)
        if self.form.isVisible():
            self.way.shown()

    def _turn_to(self, index: int) -> None:
        for at, way in enumerate(self.ways):
            way.pane.setVisible(at == index)
        self._way_changed()

    def _picked(self, reference: HubReference) -> None:
        self.by_name.look_at(reference)
        self.tabs.setCurrentIndex(0)
        self.by_name.focus_first()

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
        self.fetches.start(fields)
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

    def _succeeded(self) -> None:
        self._finish()

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
        self.changed.emit()

    # -- the account -----------------------------------------------------------------------

    def sign_in(self) -> None:
        """Ask for a token for the hub in use."""
        if self._sign_in_dialog is None:
            self._sign_in_dialog = SignInDialog(self.account, self.form.window())
            self._sign_in_dialog.pageWanted.connect(self.open_page)
        self._sign_in_dialog.open()

    def _look_again(self) -> None:
        self.by_name.look_again()
        self.find.look_again()

    def open_page(self, url: QUrl) -> None:
        """Show a page, whose address the person has seen, in the browser."""
        if url.isValid() and url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)

    # -- the dialog's life -----------------------------------------------------------------

    def shown(self) -> None:
        """The page is on screen (again)."""
        self.account.refresh()
        if not self.running:
            self.way.shown()
        self.way.focus_first()

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
