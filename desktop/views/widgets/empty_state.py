"""What stands where nothing is yet: the first page of an empty library, and one quiet sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.views.theme import FontRole, metric, pixmap, tokens
from desktop.views.widgets.finding_row import IconLabel
from desktop.views.widgets.text import LinkButton, PlainLabel, restyle

_WIDTH = 932  # of the whole block
_STACK_BELOW = 980


@dataclass(frozen=True, slots=True)
class Card:
    """One way in. key: what `cardChosen` says; shortcut: a portable key sequence, shown only."""

    key: str
    icon: str
    title: str
    text: str
    button: str
    shortcut: str = ""


FOLDER_CARD = Card(
    "folder",
    "folder",
    "A folder on this machine",
    "A training run, a checkpoint or a single adapter. Files stay where they are.",
    "Choose a folder…",
    "Ctrl+O",
)


HUB_CARD = Card(
    "hub",
    "cloud",
    "The Hugging Face Hub",
    "See what a repository holds before anything is downloaded.",
    "Find on the Hub…",
    "Ctrl+Shift+H",
)


REGISTRY_CARD = Card(
    "registry",
    "registry",
    "A model registry",
    "MLflow and Cloudera, by model ID, version or alias.",
    "Connect a registry…",
    "Ctrl+Shift+R",
)


LINKS = (("scan", "Scan disks for adapters…"), ("sample", "Look at the sample library"))


class _Tile(QWidget):
    """The icon of a card on its tinted square."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self._icon = icon
        side = metric(48, self.font())
        self.setFixedSize(side, side)

    def paintEvent(self, _: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.tint)
        painter.drawRoundedRect(QRectF(self.rect()), 10, 10)
        size = metric(24, self.font())
        at = (self.width() - size) / 2
        glyph = pixmap(self._icon, t.accent, size, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(at, at), glyph)
        painter.end()


class _Card(QFrame):
    chosen = Signal(str)

    def __init__(self, card: Card, primary: bool) -> None:
        super().__init__()
        self._card = card
        self.setObjectName(f"card_{card.key}")
        self.setProperty("surface", "card")
        self.setProperty("big", True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setMinimumWidth(metric(240, self.font()))
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 20, 20, 20)
        box.setSpacing(6)
        box.addWidget(_Tile(card.icon))
        box.addSpacing(8)
        box.addWidget(PlainLabel(card.title, role=FontRole.CARD_TITLE, wrap=True))
        box.addWidget(PlainLabel(card.text, role=FontRole.LABEL, tone="secondary", wrap=True))
        box.addSpacing(14)
        box.addStretch(1)
        row = QHBoxLayout()
        self.button = QPushButton(card.button.replace("&", "&&"))
        self.button.setObjectName(f"{card.key}CardButton")
        self.button.setAccessibleName(f"{card.title}: {card.button}")
        restyle(self.button, "primary", primary)
        self.button.clicked.connect(self._clicked)
        row.addWidget(self.button)
        row.addStretch(1)
        keys = QKeySequence(card.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        row.addWidget(PlainLabel(keys, role=FontRole.LABEL, tone="secondary"))
        box.addLayout(row)

    def _clicked(self) -> None:
        self.chosen.emit(self._card.key)


class _DropZone(QWidget):
    """Says where to drop; the window itself takes the drop."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dropZone")
        self._hot = False
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 22, 20, 22)
        row.setSpacing(14)
        row.addStretch(1)
        row.addWidget(IconLabel("download", "text2", metric(20, self.font())))
        words = QVBoxLayout()
        words.setSpacing(2)
        title = "Or drop adapter folders anywhere in this window"
        more = "Several at once is fine. Nothing is copied unless you ask for it."
        words.addWidget(PlainLabel(title, role=FontRole.STRONG, elide="end"))
        words.addWidget(PlainLabel(more, role=FontRole.LABEL, tone="secondary", elide="end"))
        row.addLayout(words)
        row.addStretch(1)
        self.setAccessibleName(title)

    def set_hot(self, hot: bool) -> None:
        """Light up while something droppable is over the window."""
        self._hot = hot
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(t.accent if self._hot else t.control, 1.5)
        pen.setDashPattern([5, 3])
        painter.setPen(pen)
        painter.setBrush(t.tint if self._hot else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        painter.end()


class EmptyLibrary(QScrollArea):
    """The first page: what to do, in cards; cards stack when there is little room.

    cards: the ways in, the first is the primary one; links: (key, words) under the drop zone.
    """

    chooseFolder = Signal()
    findOnHub = Signal()
    connectRegistry = Signal()
    openSample = Signal()
    scanDisks = Signal()
    cardChosen = Signal(str)
    """The key of a card or link, also of those that have a signal of their own."""

    def __init__(
        self,
        cards: Sequence[Card] = (FOLDER_CARD, HUB_CARD, REGISTRY_CARD),
        links: Sequence[tuple[str, str]] = LINKS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("emptyLibrary")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        page.setObjectName("emptyLibraryPage")
        page.setProperty("surface", "base")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(page)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.setSpacing(0)
        outer.addStretch(3)
        title = PlainLabel("Your library is empty", role=FontRole.EMPTY_TITLE, wrap=True)
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        outer.addWidget(title)
        outer.addSpacing(6)
        lead = PlainLabel(
            "Bring in the first adapter. Lorarium reads its config and weights and tells you what"
            " it is, which base model it belongs to and what part of the data it was trained on.",
            tone="secondary",
            wrap=True,
        )
        lead.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        lead.setMaximumWidth(metric(600, self.font()))
        _centred(outer, lead, metric(600, self.font()))
        outer.addSpacing(24)
        block = QWidget()
        column = QVBoxLayout(block)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(16)
        self._cards = [_Card(card, primary=n == 0) for n, card in enumerate(cards)]
        for card in self._cards:
            card.chosen.connect(self._chosen)
            self._row.addWidget(card, 1)
        column.addLayout(self._row)
        self.drop_zone = _DropZone()
        column.addWidget(self.drop_zone)
        width = _WIDTH if len(cards) > 2 else 616
        _centred(outer, block, metric(width, self.font()))
        outer.addSpacing(16)
        self._links: dict[LinkButton, str] = {}
        outer.addLayout(self._link_row(links))
        outer.addStretch(4)
        self.setWidget(page)

    def card(self, key: str) -> QPushButton:
        """The button of a card.

        Raises:
            KeyError: there is no such card.
        """
        for card in self._cards:
            if card.objectName() == f"card_{key}":
                return card.button
        raise KeyError(key)

    def set_dropping(self, on: bool) -> None:
        """Light up the drop zone while folders hang over the window."""
        self.drop_zone.set_hot(on)

    def _link_row(self, links: Sequence[tuple[str, str]]) -> QLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for place, (key, words) in enumerate(links):
            if place:
                row.addWidget(PlainLabel("·", tone="secondary"))
            link = LinkButton(words, name=f"{key}Link")
            link.clicked.connect(self._link_clicked)
            self._links[link] = key
            row.addWidget(link)
        row.addStretch(1)
        return row

    def _link_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, LinkButton) and sender in self._links:
            self._chosen(self._links[sender])

    def _chosen(self, key: str) -> None:
        self.cardChosen.emit(key)
        if key == "folder":
            self.chooseFolder.emit()
        elif key == "hub":
            self.findOnHub.emit()
        elif key == "registry":
            self.connectRegistry.emit()
        elif key == "sample":
            self.openSample.emit()
        elif key == "scan":
            self.scanDisks.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = len(self._cards) > 1 and self.width() < metric(_STACK_BELOW, self.font())
        way = QBoxLayout.Direction
        self._row.setDirection(way.TopToBottom if narrow else way.LeftToRight)

    def sizeHint(self) -> QSize:
        return QSize(600, 480)


def _centred(outer: QVBoxLayout, widget: QWidget, width: int) -> None:
    widget.setMaximumWidth(width)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(widget, 1000)
    row.addStretch(1)
    outer.addLayout(row)


class EmptyPlace(QWidget):
    """One sentence and at most one link, in the middle of a place that has nothing to show."""

    linkActivated = Signal()

    def __init__(self, sentence: str = "", link: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emptyPlace")
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 24, 24, 24)
        box.setSpacing(6)
        box.addStretch(2)
        self._sentence = PlainLabel(tone="secondary", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(self._sentence)
        self._link = LinkButton(name="emptyPlaceLink")
        self._link.clicked.connect(self._clicked)
        box.addWidget(self._link, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(3)
        self.set(sentence, link)

    def set(self, sentence: str, link: str = "") -> None:
        """Say this instead."""
        self._sentence.setText(sentence)
        self.setAccessibleName(self._sentence.text())
        self._link.setText(link)
        self._link.setVisible(bool(link))

    def text(self) -> str:
        """The sentence."""
        return self._sentence.text()

    def link(self) -> LinkButton:
        """The link, hidden while there is none."""
        return self._link

    def _clicked(self) -> None:
        self.linkActivated.emit()
