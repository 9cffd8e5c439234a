"""Several adapters at once: what they add up to, what they share, what can be done with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.models.formats import (
    UNKNOWN,
    bytes_text,
    number_of,
    size_text,
    source_icon,
    source_title,
    whole_text,
)
from desktop.services.records import FolderState, LibraryRow, Row
from desktop.views.details.flow import FlowLayout
from desktop.views.details.scroll import PanelScroll
from desktop.views.details.sections import NarrowFacts
from desktop.views.details.words import fitted, line
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.fact_list import Fact
from desktop.views.widgets.section import Section
from desktop.views.widgets.text import PlainLabel


@dataclass(frozen=True, slots=True)
class Summary:
    """What several rows add up to. Sums are over the rows where the figure is known; `…_known`
    says over how many. shared: (label, the value all have or None, how many different ones)."""

    ids: tuple[str, ...]
    size: int
    size_known: int
    parameters: int
    parameters_known: int
    shared: tuple[tuple[str, str | None, int], ...]
    errors: int
    warnings: int
    missing: int


def summarise(rows: Sequence[LibraryRow]) -> Summary:
    """Add rows of the big table up. Takes and gives plain values: may run on any thread."""
    sizes = _known(row[Row.SIZE] for row in rows)
    parameters = _known(row[Row.PARAMETERS] for row in rows)
    shared = []
    for label, at in (
        ("Base model", Row.BASE_MODEL),
        ("Type", Row.PEFT_TYPE),
        ("Source", Row.TYPE),
    ):
        values = {row[at] for row in rows}
        one = next(iter(values)) if len(values) == 1 else None
        shared.append((label, one, len(values)))
    return Summary(
        tuple(row[Row.ID] for row in rows),
        sum(sizes),
        len(sizes),
        sum(parameters),
        len(parameters),
        tuple(shared),
        sum(_known(row[Row.ERRORS] for row in rows)),
        sum(_known(row[Row.WARNINGS] for row in rows)),
        sum(row[Row.STATE] == FolderState.MISSING for row in rows),
    )


def _known(figures: Iterable[Any]) -> list[int]:
    # A foreign catalogue may hold words where numbers belong.
    return [round(figure) for figure in map(number_of, figures) if figure is not None]


class SeveralPage(PanelScroll):
    """The sums of a selection.

    Signals:
        checkAsked, removeAsked: the two things to do with all of them.
    """

    checkAsked = Signal()
    removeAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("detailsSeveral", parent)
        self.title = PlainLabel(role=FontRole.PANEL_TITLE)
        self.title.setObjectName("severalTitle")
        together = Section("Together")
        self.sums = NarrowFacts()
        self.sums.setObjectName("severalSums")
        together.add(self.sums)
        alike = Section("What they share", line_above=True)
        self.shared = NarrowFacts()
        self.shared.setObjectName("severalShared")
        alike.add(self.shared)
        self.check_button = QPushButton("Check again")
        self.check_button.setObjectName("checkSeveralButton")
        self.check_button.setAccessibleName("Check all selected adapters again")
        self.check_button.clicked.connect(self._check)
        self.remove_button = QPushButton("Remove")
        self.remove_button.setObjectName("removeSeveralButton")
        self.remove_button.setAccessibleName("Remove all selected adapters from the library")
        self.remove_button.clicked.connect(self._remove)
        buttons = QWidget()
        row = FlowLayout(buttons, gap=metric(8, self.font()), line_gap=metric(8, self.font()))
        for button in (self.check_button, self.remove_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        margins = self.column.contentsMargins()
        margins.setTop(metric(14, self.font()))
        self.column.setContentsMargins(margins)
        self.column.setSpacing(metric(10, self.font()))
        self.column.addWidget(self.title)
        self.column.addWidget(together)
        self.column.addWidget(alike)
        self.column.addSpacing(metric(4, self.font()))
        self.column.addWidget(buttons)
        self.column.addStretch(1)

    def show_summary(self, summary: Summary) -> None:
        """Show these sums."""
        count = len(summary.ids)
        self.title.setText(f"{whole_text(count)} adapters")
        problems = [
            f"{whole_text(figure)} {word}{'' if figure == 1 else 's'}"
            for figure, word in ((summary.errors, "error"), (summary.warnings, "warning"))
            if figure
        ]
        facts = [
            Fact(
                "Total size",
                size_text(summary.size) if summary.size_known else UNKNOWN,
                aside=_of(summary.size_known, count),
                tooltip=bytes_text(summary.size) if summary.size_known else "",
            ),
            Fact(
                "Parameters",
                whole_text(summary.parameters) if summary.parameters_known else UNKNOWN,
                aside=_of(summary.parameters_known, count),
            ),
            Fact("Problems", ", ".join(problems) or "None"),
        ]
        if summary.missing:
            facts.append(Fact("Folders away", whole_text(summary.missing), tone="warning"))
        self.sums.set_facts(facts)
        self.shared.set_facts([_shared(*each) for each in summary.shared])

    def _check(self) -> None:
        self.checkAsked.emit()

    def _remove(self) -> None:
        self.removeAsked.emit()


def _of(known: int, count: int) -> str:
    return "" if known in (0, count) else f"known of {whole_text(known)}"


def _shared(label: str, value: str | None, different: int) -> Fact:
    if different > 1:
        return Fact(label, f"{whole_text(different)} different", assumed=True)
    if label == "Source":
        return Fact(label, source_title(value) or None, icon=source_icon(value))
    return fitted(Fact(label, line(value) or None))
