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
from desktop.services.records import FolderState, LibraryRow, Row, tags_of
from desktop.views.details.flow import FlowLayout
from desktop.views.details.scroll import PanelScroll
from desktop.views.details.sections import NarrowFacts
from desktop.views.details.words import fitted, line
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.fact_list import Fact
from desktop.views.widgets.section import Section
from desktop.views.widgets.text import PlainLabel, set_plain_tooltip

ACTIONS = (
    ("favourite", "Favourite", "favouriteSeveralButton", "Mark all selected as favourites, or not"),
    ("tags", "Tags…", "tagsSeveralButton", "Edit the tags of all selected adapters"),
    ("base_model", "Base model…", "baseModelSeveralButton", "Set the base model of all selected"),
    ("check", "Check again", "checkSeveralButton", "Check all selected adapters again"),
    ("paths", "Copy paths", "pathsSeveralButton", "Copy the paths of all selected adapters"),
    ("export", "Export…", "exportSeveralButton", "Write all selected rows into a CSV file"),
    ("remove", "Remove", "removeSeveralButton", "Remove all selected adapters from the library"),
)
"""(key, word, name, what a screen reader says) of each thing to do with all of them."""
CHANGES = ("favourite", "tags", "base_model", "remove")
"""Those that change something."""


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
    favourites: int = 0
    tags: tuple[str, ...] = ()


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
        sum(bool(row[Row.FAVOURITE]) for row in rows),
        _shared_tags(rows),
    )


def _shared_tags(rows: Sequence[LibraryRow]) -> tuple[str, ...]:
    stored = {row[Row.TAGS] for row in rows}
    spelled = {tag.casefold(): tag for text in stored for tag in tags_of(text)}
    each = [{tag.casefold() for tag in tags_of(text)} for text in stored]
    return tuple(spelled[key] for key in sorted(set.intersection(*each) if each else ()))


def _known(figures: Iterable[Any]) -> list[int]:
    # A foreign catalogue may hold words where numbers belong.
    return [round(figure) for figure in map(number_of, figures) if figure is not None]


class SeveralPage(PanelScroll):
    """The sums of a selection.

    Signals:
        asked(str): what to do with all of them: of `ACTIONS`.
    """

    asked = Signal(str)

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
        self.buttons: dict[str, QPushButton] = {}
        buttons = QWidget()
        row = FlowLayout(buttons, gap=metric(8, self.font()), line_gap=metric(8, self.font()))
        for key, text, name, said in ACTIONS:
            button = QPushButton(text)
            button.setObjectName(name)
            button.setAccessibleName(said)
            button.setAutoDefault(False)
            button.setProperty("what", key)
            button.clicked.connect(self._ask)
            row.addWidget(button)
            self.buttons[key] = button
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
        if summary.favourites:
            facts.append(Fact("Favourites", _of_all(summary.favourites, count)))
        if summary.missing:
            facts.append(Fact("Folders away", whole_text(summary.missing), tone="warning"))
        self.sums.set_facts(facts)
        shared = [_shared(*each) for each in summary.shared]
        if summary.tags:
            shared.append(fitted(Fact("Tags", line(", ".join(summary.tags)))))
        self.shared.set_facts(shared)

    def allow_changes(self, why_not: str) -> None:
        """Let the buttons that change something work, or say why they do not."""
        for key in CHANGES:
            self.buttons[key].setEnabled(not why_not)
            set_plain_tooltip(self.buttons[key], why_not)

    def _ask(self) -> None:
        button = self.sender()
        if button is not None:
            self.asked.emit(str(button.property("what")))


def _of(known: int, count: int) -> str:
    return "" if known in (0, count) else f"known of {whole_text(known)}"


def _of_all(known: int, count: int) -> str:
    return "All" if known == count else f"{whole_text(known)} of {whole_text(count)}"


def _shared(label: str, value: str | None, different: int) -> Fact:
    if different > 1:
        return Fact(label, f"{whole_text(different)} different", assumed=True)
    if label == "Source":
        return Fact(label, source_title(value) or None, icon=source_icon(value))
    return fitted(Fact(label, line(value) or None))
