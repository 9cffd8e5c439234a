"""The registry in use, and what stands in its place while there is none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.models.registry_links import RegistryLinks
from desktop.services.registry.records import KIND_TITLES, Connection, ConnectionOffer
from desktop.views.import_pages.registry.words import connection_text, kind_icon, offer_text
from desktop.views.theme import FontRole, icon, metric, notifier
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import LinkButton, PlainLabel, restyle, set_plain_tooltip

_ANOTHER = "Connect another…"
_WHY = (
    "Connect a registry once: an MLflow server, an MLflow store on this machine, Cloudera AI"
    " Workbench or Cloudera AI Registry. Then its adapters are imported by name, version or alias."
)


class OfferRow(QWidget):
    """`MLFLOW_TRACKING_URI names http://… · Use it`. taken: the person wants it."""

    taken = Signal(object)

    def __init__(self, offer: ConnectionOffer, at: int) -> None:
        super().__init__()
        self._offer = offer
        words = offer_text(offer)
        label = PlainLabel(words, role=FontRole.LABEL, tone="secondary", elide="middle")
        label.setObjectName("registryOfferText")
        self.link = LinkButton("Use it", name=f"registryOffer_{at}")
        self.link.setAccessibleName(f"{words}. Use it")
        self.link.clicked.connect(self._use)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.link)
        row.addStretch(1)

    def _use(self) -> None:
        self.taken.emit(self._offer)


class NoConnection(QWidget):
    """How to connect a registry, and what the environment of this program offers.

    Signals:
        connectWanted: the person wants to connect one.
        offerTaken(object): the person wants this ConnectionOffer.
    """

    connectWanted = Signal()
    offerTaken = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("registryNoConnection")
        self.words = PlainLabel(_WHY, wrap=True)
        self.words.setObjectName("registryHowTo")
        self.button = QPushButton("Connect a registr&y…")
        self.button.setObjectName("registryConnectButton")
        self.button.setAccessibleName("Connect a registry")
        self.button.setAutoDefault(False)
        restyle(self.button, "primary", True)
        self.button.clicked.connect(self.connectWanted)
        self.message = InlineMessage()
        self.message.setObjectName("registryOfferMessage")
        self._rows: list[OfferRow] = []
        self._offers: tuple[ConnectionOffer, ...] = ()
        self._offer_box = QVBoxLayout()
        self._offer_box.setSpacing(6)
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 12, 0, 0)
        box.setSpacing(12)
        box.addWidget(self.words)
        box.addLayout(row)
        box.addLayout(self._offer_box)
        box.addWidget(self.message)
        box.addStretch(1)

    def set_offers(self, offers: tuple[ConnectionOffer, ...]) -> None:
        """Offer these."""
        if offers == self._offers:
            return
        self._offers = offers
        for row in self._rows:
            self._offer_box.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [OfferRow(offer, at) for at, offer in enumerate(offers)]
        for row in self._rows:
            row.taken.connect(self.offerTaken)
            self._offer_box.addWidget(row)
            row.show()  # a layout shows it only with the next event


class ConnectionBar(QWidget):
    """Which registry is asked, with the way to another one and to its settings.

    Signals:
        chosen(object): this Connection is asked from now on.
        connectWanted: the person wants to connect another one.
        editWanted: the person wants to change the one in use.
    """

    chosen = Signal(object)
    connectWanted = Signal()
    editWanted = Signal()

    def __init__(self, links: RegistryLinks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("registryConnectionBar")
        self._links = links
        self._current: Connection | None = None
        self.combo = QComboBox()
        self.combo.setObjectName("registryConnectionCombo")
        self.combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.combo.setMinimumContentsLength(12)
        self.combo.setMaxVisibleItems(12)
        self.combo.setIconSize(QSize(*[metric(16, self.combo.font())] * 2))
        self.edit = LinkButton("Change…", name="registryEditLink")
        self.edit.setAccessibleName("Change this connection")
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.combo, 1)
        row.addWidget(self.edit)
        field = FormField("C&onnection", holder, checked=False, target=self.combo)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(field)
        self.combo.activated.connect(self._activated)
        self.edit.clicked.connect(self.editWanted)
        notifier().changed.connect(self.show_links)
        self.show_links()

    @property
    def current(self) -> Connection | None:
        """The registry in use, None while there is none."""
        return self._current

    def show_links(self) -> None:
        """Offer what is stored now; the choice stays as long as it is there."""
        known = self._links.all()
        key = self._current.id if self._current is not None else ""
        kept = next((c for c in known if c.id == key), None)
        self._current = kept if kept is not None else self._links.last
        with QSignalBlocker(self.combo):
            self.combo.clear()
            for connection in known:
                self.combo.addItem(
                    icon(kind_icon(connection)), connection_text(connection), connection.id
                )
                tip = f"{KIND_TITLES[connection.kind]}, {connection_text(connection)}"
                self.combo.setItemData(
                    self.combo.count() - 1, tip, Qt.ItemDataRole.AccessibleTextRole
                )
            if known:
                self.combo.insertSeparator(self.combo.count())
            self.combo.addItem(icon("plus"), _ANOTHER, None)
        self._show_current()

    def use(self, connection: Connection) -> None:
        """Ask this one from now on."""
        self._current = connection
        self._links.use(connection)
        self._show_current()
        self.chosen.emit(connection)

    def _show_current(self) -> None:
        current = self._current
        with QSignalBlocker(self.combo):
            self.combo.setCurrentIndex(
                self.combo.findData(current.id) if current is not None else -1
            )
        set_plain_tooltip(
            self.combo,
            f"{KIND_TITLES[current.kind]}\n{connection_text(current)}\n{current.url}"
            if current is not None
            else "",
        )

    def _activated(self, index: int) -> None:
        key = self.combo.itemData(index)
        found = next((c for c in self._links.all() if c.id == key), None)
        if found is None:
            self._show_current()
            self.connectWanted.emit()
        elif found != self._current:
            self.use(found)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self.combo.setIconSize(QSize(*[metric(16, self.combo.font())] * 2))
