"""Below the preview: which folder the highlighted adapter gets, or why there is none."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.views.details.choice_box import ChoiceBox
from desktop.views.relink.lines import Line, words_of
from desktop.views.theme import FontRole
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import PlainLabel

LEAVE = "Leave it as it is"
_CHOOSE = "choose"


class ChoiceRow(QWidget):
    """A list of the folders that hold the adapter; empty where there is nothing to choose.

    Signals:
        chosen(str): the path of a folder, or `LEAVE`.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("relinkChoiceRow")
        label = PlainLabel("New place", role=FontRole.FIELD_LABEL)
        self.box = ChoiceBox()
        self.box.setObjectName("relinkChoice")
        self.box.setAccessibleName("New place of the highlighted adapter")
        self.box.chosen.connect(self._picked)
        self.reason = InlineMessage()
        self.reason.setObjectName("relinkReason")
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 8)
        row.setSpacing(12)
        row.addWidget(label)
        row.addWidget(self.box, 3)
        row.addWidget(self.reason, 2)

    def show_line(self, line: Line | None, enabled: bool) -> None:
        """Offer what this adapter may get; None where no line is highlighted."""
        copies = () if line is None else line.copies
        choices = [(copy.path, words_of(copy)) for copy in copies]
        current = ""
        if line is not None and copies:
            if line.kind == "choose":
                choices.insert(0, (_CHOOSE, _asks(len(copies))))
            choices.append((LEAVE, LEAVE))
            current = LEAVE if line.left else line.copy.path if line.copy else _CHOOSE
        self.box.show_choices(choices, current)
        self.box.setEnabled(enabled and bool(copies))
        problem = "" if line is None else line.problem
        refused = line is not None and line.is_refused
        self.reason.set_message(problem, "error" if refused else "note" if problem else "")

    def open_list(self) -> None:
        """Go to the list and open it."""
        if self.box.isEnabled():
            self.box.setFocus(Qt.FocusReason.OtherFocusReason)
            self.box.showPopup()

    def _picked(self, path: object) -> None:
        if path and path != _CHOOSE:
            self.chosen.emit(str(path))


def _asks(count: int) -> str:
    return "Is it this one?" if count == 1 else f"Choose one of {count:,}"
