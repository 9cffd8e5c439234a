"""The adapter that is here beside its newest version, before anything is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMargins, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.errors import LorariumError
from desktop.services.peft_folder.reading import printable
from desktop.services.records import AdapterType, FolderInspection
from desktop.views.adapter_facts import facts_of
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.section import line
from desktop.views.widgets.task_bar import TaskBar
from desktop.views.widgets.text import PlainLabel, restyle, set_plain_tooltip

if TYPE_CHECKING:
    from desktop.services.updates import Comparison

_LONGEST = 200
_MOST_LOGGED = 40
_UNKNOWN_YET = "known after the fetch"
Row = tuple[str, str, str, bool]
"""(label, here, newest, whether they differ)."""


def rows_of(comparison: Comparison) -> list[Row]:
    """Every fact of both sides; where one is not known nothing is said to differ."""
    here, there = _facts(comparison.inspection), _facts(comparison.ahead.inspection)
    known = comparison.ahead.inspection is not None
    rows = []
    for label in dict.fromkeys((*here, *there)):
        left = here.get(label, "–")
        right = there.get(label, "–") if known else _UNKNOWN_YET
        rows.append((label, left, right, known and left != right))
    for name, value in comparison.ahead.more[:_MOST_LOGGED]:
        rows.append((printable(name, 60), "", printable(value, _LONGEST), False))
    return rows


def _facts(inspection: FolderInspection | None) -> dict[str, str]:
    return {} if inspection is None else {name: text for name, text, _ in facts_of(inspection)}


class CompareDialog(QDialog):
    """Asks the server, then shows both sides; what differs is marked.

    Signals:
        updateWanted(str): the id of the adapter whose newest version is wanted.
    """

    updateWanted = Signal(str)

    def __init__(
        self, library: Library, adapter_id: str, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("compareDialog")
        self.setWindowTitle("Compare with the newest version")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._library = library
        self._adapter_id = adapter_id
        self._task: Task | None = None
        self._build(name)
        self._ask()

    def _build(self, name: str) -> None:
        head = QWidget()
        title = QVBoxLayout(head)
        title.setContentsMargins(24, 16, 24, 16)
        title.setSpacing(2)
        heading = PlainLabel(name, role=FontRole.PAGE_TITLE, elide="middle")
        heading.setObjectName("compareTitle")
        title.addWidget(heading)
        self.lead = PlainLabel("", tone="secondary", wrap=True)
        self.lead.setObjectName("compareLead")
        title.addWidget(self.lead)
        self._body = QWidget()
        self._body.setProperty("surface", "raised")
        self._body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(QMargins(24, 16, 24, 16))
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, metric(110, self.font()))
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 1)
        area = QScrollArea()
        area.setObjectName("compareList")
        area.setAccessibleName("Both versions")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._body)
        foot = QWidget()
        foot.setProperty("surface", "sidebar")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(foot)
        row.setContentsMargins(24, 12, 24, 12)
        row.setSpacing(8)
        self.bar = TaskBar()
        row.addWidget(self.bar)
        self.message = InlineMessage(keep=False)
        self.message.setObjectName("compareMessage")
        self.message.linkActivated.connect(self._ask)
        row.addWidget(self.message, 1)
        self.close_button = QPushButton("&Close")
        self.close_button.setObjectName("compareClose")
        self.close_button.setAccessibleName("Close")
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.reject)
        row.addWidget(self.close_button)
        self.update_button = QPushButton("&Update")
        self.update_button.setObjectName("compareUpdate")
        self.update_button.setAccessibleName("Update")
        self.update_button.setDefault(True)
        restyle(self.update_button, "primary", True)
        self.update_button.setEnabled(False)
        self.update_button.clicked.connect(self._update)
        row.addWidget(self.update_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for widget in (head, line()):
            box.addWidget(widget)
        box.addWidget(area, 1)
        for widget in (line(), foot):
            box.addWidget(widget)
        self.resize(metric(720, self.font()), metric(410, self.font()))

    # -- asking ----------------------------------------------------------------------------

    def _ask(self) -> None:
        self.message.set_message("Asking the server…")
        self.bar.show()
        self.bar.set_steps(-1)
        self._task = self._library.run(
            self._compare,
            succeeded=self._show,
            failed=self._not_known,
            title="Comparing with the newest version",
            icon="cloud",
            lane="net",
        )

    def _compare(self, ctx: Any) -> Comparison:
        return self._library.services.updates.compare(self._adapter_id, ctx.report)

    def _show(self, comparison: Comparison) -> None:
        self._task = None
        self.bar.hide()
        origin = comparison.record.origin
        hub = comparison.record.type == AdapterType.HUGGINGFACE
        word, cut = ("commit", 7) if hub else ("version", 40)
        here = printable((origin.version if origin else "")[:cut], cut)
        newest = printable(comparison.ahead.version[:cut], cut)
        if comparison.is_same:
            self.lead.setText(f"This is the newest one: {word} {here}.")
        else:
            self.lead.setText(f"Here is {word} {here}; the newest is {newest}.")
        rows = rows_of(comparison)
        differing = sum(differs for *_, differs in rows)
        self.message.set_message(_summary(comparison, differing))
        self.update_button.setEnabled(
            not comparison.is_same and not self._library.read_only
        )
        self._fill(rows, f"Here ({here})", f"Newest ({newest})")

    def _fill(self, rows: list[Row], here: str, newest: str) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for column, text in enumerate(("", here, newest)):
            label = PlainLabel(text, role=FontRole.FIELD_LABEL, elide="end")
            self._grid.addWidget(label, 0, column)
        for number, (name, left, right, differs) in enumerate(rows, start=1):
            role = FontRole.FIELD_LABEL if differs else FontRole.LABEL
            quiet = PlainLabel(name, role=FontRole.LABEL, tone="secondary", wrap=True)
            self._grid.addWidget(quiet, number, 0, Qt.AlignmentFlag.AlignTop)
            for column, text in ((1, left), (2, right)):
                tone = "secondary" if text in ("–", "", _UNKNOWN_YET) else ""
                label = PlainLabel(text, role=role, tone=tone, wrap=True, copyable=bool(text))
                label.setAccessibleName(f"{name}: {text}{', differs' if differs else ''}")
                set_plain_tooltip(label, "This differs." if differs else "")
                self._grid.addWidget(label, number, column, Qt.AlignmentFlag.AlignTop)
        self._grid.setRowStretch(len(rows) + 1, 1)

    def _not_known(self, error: Exception) -> None:
        self._task = None
        self.bar.hide()
        sentence = "It is not known what the newest version is."
        if isinstance(error, LorariumError):
            sentence = f"{error.message} {error.advice}".strip()
        self.message.set_message(sentence, "error", "Try again")

    def _update(self) -> None:
        self.updateWanted.emit(self._adapter_id)
        self.accept()

    def done(self, result: int) -> None:
        """Stop asking when the person leaves."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        super().done(result)


def _summary(comparison: Comparison, differing: int) -> str:
    if comparison.ahead.inspection is None:
        return "What is in the newest version is known after the fetch."
    if comparison.is_same:
        return "There is nothing to update."
    if not differing:
        return "Config and shapes are the same; the weights may differ."
    return f"{differing:,} {'fact differs' if differing == 1 else 'facts differ'}."
