"""The Model card tab: what the folder's README.md says, read when the tab is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from desktop.views.details.prose import Fold, ProseLabel
from desktop.views.details.sections import NarrowFacts
from desktop.views.details.words import fitted, line
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.card_view import CardView
from desktop.views.widgets.fact_list import Fact

if TYPE_CHECKING:
    from desktop.services.peft_folder.card import ModelCard

_MOST_ENTRIES = 40
_OPEN_UP_TO = 4


class CardPage(QWidget):
    """The table at the card's head as facts, then the card itself, without anything that it wants
    to load.

    Signals:
        linkOpened(QUrl): the person saw the whole address and chose to open it.
    """

    linkOpened = Signal(QUrl)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detailsCardPage")
        self.sentence = ProseLabel(role=FontRole.LABEL)
        self.sentence.setObjectName("detailsCardSentence")
        self.sentence.set_tone("secondary")
        self.fold = Fold("At its head", "cardHeadFold")
        self.facts = NarrowFacts()
        self.facts.setObjectName("cardFacts")
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, metric(12, self.font()), 0)
        inside.addWidget(self.facts)
        inside.addStretch(1)
        self._area = QScrollArea()
        self._area.setObjectName("cardHeadScroll")
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder.setMinimumWidth(1)
        self._area.setWidget(holder)
        self._head = holder
        self.fold.box.addWidget(self._area)
        self.view = CardView(self)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.linkRequested.connect(self.linkOpened)
        self._layout = QVBoxLayout(self)
        side = metric(16, self.font())
        self._layout.setContentsMargins(side, metric(12, self.font()), 4, metric(8, self.font()))
        self._layout.setSpacing(metric(8, self.font()))
        self._layout.addWidget(self.sentence)
        self._layout.addWidget(self.fold)
        self._layout.addWidget(self.view, 1)
        self._layout.addStretch(0)
        self.say("")

    def say(self, sentence: str) -> None:
        """Show one sentence and no card."""
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        self.fold.hide()
        self.view.hide()
        self._layout.setStretchFactor(self.sentence, 0)
        self._layout.setStretch(self._layout.count() - 1, 1)

    def show_card(self, card: ModelCard) -> None:
        """Show a card that `read_card` made harmless."""
        if card.problem:
            self.say(card.problem)
            return
        if not card.markdown and not card.front_matter:
            self.say("There is no model card in this folder.")
            return
        entries = card.front_matter[:_MOST_ENTRIES]
        self.facts.set_facts([fitted(Fact(line(key), line(text))) for key, text in entries])
        count = len(card.front_matter)
        self.fold.set_title(f"At its head ({count} entr{'y' if count == 1 else 'ies'})")
        self.fold.set_open(0 < count <= _OPEN_UP_TO)
        self.fold.setVisible(bool(entries))
        self._fit_head()
        self.view.set_markdown(card.markdown)
        self.view.verticalScrollBar().setValue(0)
        self.view.setVisible(bool(card.markdown))
        self._layout.setStretch(self._layout.count() - 1, 0 if card.markdown else 1)
        self.sentence.setText("Only the beginning is shown." if card.truncated else "")
        self.sentence.setVisible(card.truncated)

    def _fit_head(self) -> None:
        # The card itself is what one came for: its head takes a third of the room at most.
        room = max(self._area.width(), 1)
        wanted = max(self._head.heightForWidth(room), self._head.sizeHint().height()) + 4
        self._area.setFixedHeight(min(wanted, max(self.height() // 3, metric(90, self.font()))))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit_head()
