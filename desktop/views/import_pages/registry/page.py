"""The page “Registry” of the import dialog."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt

from desktop.models.library import Library
from desktop.models.registry_links import RegistryLinks
from desktop.services.errors import LorariumError
from desktop.services.records import AdapterType
from desktop.services.registry.records import Connection, ConnectionOffer
from desktop.views.import_pages.registry.connection_bar import ConnectionBar, NoConnection
from desktop.views.import_pages.registry.way_browse import BrowseWay
from desktop.views.import_pages.registry.way_by_id import ByIdWay
from desktop.views.import_pages.shared.pane_parts import said
from desktop.views.import_pages.shared.ways_page import WaysPage
from desktop.views.preferences.connect_dialog import ConnectDialog
from desktop.views.widgets.text import LinkButton


class RegistryPage(WaysPage):
    """Two ways to an adapter of a registry: by its ID, or from the list of what is registered.

    Nothing of it can be used before a registry is connected: then it says how to.
    """

    key = AdapterType.MODEL_REGISTRY.value
    title = "Registry"
    icon = "registry"
    prefix = "registry"
    named_by = "cml_registered_model_id"
    about = "Ways to an adapter of the registry"

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, parent)
        self._dialog: ConnectDialog | None = None
        self._library = library
        self._links = RegistryLinks.of(library)
        self.none = NoConnection()
        self.bar = ConnectionBar(self._links)
        self.by_id = ByIdWay(library, self)
        self.browse = BrowseWay(library, self)
        self.set_ways((self.by_id, self.browse))
        self._box.insertWidget(0, self.none, 1)
        self._box.insertWidget(2, self.bar)
        self._connect()
        self._take_connection()

    def _connect(self) -> None:
        self.none.connectWanted.connect(self.connect_another)
        self.none.offerTaken.connect(self._take_offer)
        self.bar.connectWanted.connect(self.connect_another)
        self.bar.editWanted.connect(self.edit_connection)
        self.bar.chosen.connect(self._use)
        self.by_id.editWanted.connect(self.edit_connection)
        self.browse.picked.connect(self._picked)
        self.by_id.common.notice.connect(self.notice)
        self.panel.facts.linkActivated.connect(self._fact_clicked)
        self._links.changed.connect(self._links_changed)
        self._links.saved.connect(self._saved)
        self._links.refused.connect(self._offer_refused)

    # -- the connection --------------------------------------------------------------------

    def connect_another(self) -> None:
        """Ask for a registry."""
        self._ask(None)

    def edit_connection(self) -> None:
        """Change the connection in use."""
        self._ask(self.bar.current)

    def _ask(self, connection: Connection | None) -> None:
        if self._dialog is None:
            self._dialog = ConnectDialog(self._library, self.form.window())
        self._dialog.open_for(connection)

    def _take_offer(self, offer: ConnectionOffer) -> None:
        if not self._links.busy:
            self.none.message.set_message("")
            self._links.take_offer(offer)

    def _offer_refused(self, error: Exception) -> None:
        if self.bar.current is None and isinstance(error, LorariumError):
            self.none.message.set_message(said(error), "error")

    def _saved(self, connection: Connection) -> None:
        if self.running:
            return
        same = connection == self.by_id.place.connection
        self.bar.use(connection)
        if same:
            # Another token may show something else.
            self.by_id.place.look_again()
            self.browse.look_again()

    def _links_changed(self) -> None:
        self.bar.show_links()
        self._take_connection()

    def _use(self, _connection: Connection) -> None:
        self._take_connection()

    def _take_connection(self) -> None:
        """Ask the registry in use; without one, say how to connect one."""
        current = self.bar.current
        if current is None:
            self.none.set_offers(self._links.offers())
        if not self.running:
            for way in (self.by_id, self.browse):
                way.set_connection(current)
        self._turn_to(max(self.tabs.currentIndex(), 0))

    def _turn_to(self, index: int) -> None:
        super()._turn_to(index)
        there = self.bar.current is not None
        focused = self.none.isAncestorOf(self.form.focusWidget() or self.form)
        self.none.setVisible(not there)
        self.head.setVisible(there)
        self.bar.setVisible(there)
        if not there:
            self.way.pane.hide()
        elif focused and self.form.isVisible():
            self.way.focus_first()

    def _fact_clicked(self, key: str) -> None:
        """A link of the facts was clicked; the one that takes its place has the focus then."""
        focused = self.panel.facts.isAncestorOf(self.panel.facts.focusWidget() or self.panel)
        self.by_id.toggle(key)
        links = self.panel.facts.findChildren(LinkButton, f"fact_{key}")
        if focused and links:
            holder = links[-1].parentWidget()
            if holder is not None:
                holder.show()  # a layout shows it only with the next event
            links[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the ways --------------------------------------------------------------------------

    def _picked(self, reference: tuple[Connection, str]) -> None:
        self.by_id.place.set_model(reference[1])
        self.tabs.setCurrentIndex(0)
        self.by_id.focus_first()

    def start(self) -> None:
        """Do what the verb says, or go to what is in the way."""
        if self.bar.current is None:
            self.none.button.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().start()

    @property
    def can_import(self) -> bool:
        """Whether nothing is known to stand in the way."""
        return self.bar.current is not None and super().can_import

    def shown(self) -> None:
        """The page is on screen (again); connections may have changed meanwhile."""
        self._links_changed()
        super().shown()
        if self.bar.current is None:
            self.none.button.setFocus(Qt.FocusReason.OtherFocusReason)
