"""The base model of a found adapter whose config names none: one of the library's."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from desktop.models.formats import whole_text
from desktop.services.peft_folder.reading import printable
from desktop.services.records import BaseModelRecord
from desktop.views.theme import icon, metric, notifier
from desktop.views.widgets.text import LinkButton, set_plain_tooltip


class BaseChoice(QWidget):
    """A list to choose from, and a link that gives the same to others.

    Signals:
        picked(str): the person chose this base model (its id).
        othersWanted(str): the others that are ticked and wait shall have it, too.
    """

    picked = Signal(str)
    othersWanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.combo = QComboBox()
        self.combo.setObjectName("scanBaseModelChoice")
        self.combo.setAccessibleName("Base model")
        self.combo.setPlaceholderText("Choose a base model…")
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.combo.setSizeAdjustPolicy(policy)
        self.combo.setMinimumContentsLength(12)
        self.combo.setMaxVisibleItems(12)
        self.combo.setIconSize(QSize(*[metric(16, self.font())] * 2))
        self.others = LinkButton(name="scanBaseModelOthers")
        self._models: tuple[BaseModelRecord, ...] = ()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.combo)
        box.addWidget(self.others)
        self.setFocusProxy(self.combo)
        self.combo.activated.connect(self._activated)
        self.others.clicked.connect(self._others_clicked)
        notifier().changed.connect(self._fill)

    def show_choice(
        self, models: Sequence[BaseModelRecord], chosen: str | None, others: int
    ) -> None:
        """Offer these; chosen: the id of the one that it has; others: how many more wait."""
        if tuple(models) != self._models:
            self._models = tuple(models)
            self._fill()
        at = self.combo.findData(chosen) if chosen is not None else -1
        if at != self.combo.currentIndex():
            self.combo.setCurrentIndex(at)
        set_plain_tooltip(self.combo, self.combo.currentText())
        verb = "names" if others == 1 else "name"
        self.others.setText(f"Use it for {whole_text(others)} more that {verb} none")
        self.others.setVisible(at >= 0 and others > 0)

    def _fill(self) -> None:
        before = self.combo.currentData()
        with QSignalBlocker(self.combo):
            self.combo.clear()
            for model in self._models:
                self.combo.addItem(icon("layers"), printable(model.title, 255), model.id)
            self.combo.setCurrentIndex(self.combo.findData(before) if before else -1)

    def _activated(self, at: int) -> None:
        model_id = self.combo.itemData(at)
        if model_id:
            self.picked.emit(model_id)

    def _others_clicked(self) -> None:
        model_id = self.combo.currentData()
        if model_id:
            self.othersWanted.emit(model_id)
