"""A drop-down list of records that fits into a narrow panel."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from desktop.services.peft_folder.reading import printable

_MOST_VISIBLE = 14
_LONGEST = 200


class ChoiceBox(QComboBox):
    """One record of a list, or none, by its id.

    none: the words of the entry for "nothing chosen", "" where there is no such entry. The wheel
    scrolls the panel around it, unless the box has the focus: nobody changes a record in passing.

    Signals:
        chosen(object): the person picked an entry; its id, "" for none.
    """

    chosen = Signal(object)

    def __init__(self, none: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._none = none
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setMaxVisibleItems(_MOST_VISIBLE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.activated.connect(self._picked)

    def show_choices(self, choices: Sequence[tuple[str, str]], current: str) -> None:
        """Offer these (id, title) and show `current`; an id that is not among them stays, as it is
        written, since the catalogue has it."""
        wanted = [("", self._none)] if self._none else []
        wanted += [(key, printable(title, _LONGEST)) for key, title in choices]
        if current and all(key != current for key, _ in wanted):
            wanted.append((current, f"{printable(current, _LONGEST)} (not in the library)"))
        if not current and not self._none:
            wanted.insert(0, ("", "–"))
        present = [(self.itemData(at), self.itemText(at)) for at in range(self.count())]
        if wanted != present:
            self.clear()
            for key, title in wanted:
                self.addItem(title, key)
        self.setCurrentIndex(max(self.findData(current), 0))

    def chosen_id(self) -> str:
        """The id that is shown, "" for none."""
        return str(self.currentData() or "")

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _picked(self, _index: int) -> None:
        self.chosen.emit(self.chosen_id())
