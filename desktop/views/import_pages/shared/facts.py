"""The right side: what a place on a server holds, before anything of it is fetched."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.services.records import DatasetSplit, Finding
from desktop.views.import_pages.shared.split_box import SplitBox
from desktop.views.theme import FontRole
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.finding_row import FindingList
from desktop.views.widgets.section import line
from desktop.views.widgets.text import PlainLabel, restyle

BEFORE = "Before the download"


class ServerFacts(QWidget):
    """Title, badge, facts, findings and a dataset split; a sentence while there are none.

    prefix: what its object names begin with.
    """

    def __init__(self, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{prefix}Facts")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "raised")
        self.title = PlainLabel(BEFORE, role=FontRole.CARD_TITLE, elide="middle")
        self.badge = Badge()
        self.empty = PlainLabel("", role=FontRole.LABEL, tone="secondary", wrap=True)
        self.empty.setObjectName(f"{prefix}FactsEmpty")
        self.facts = FactList()
        self.heading = PlainLabel("Findings", role=FontRole.FIELD_LABEL)
        self.findings = FindingList()
        self.findings.setObjectName(f"{prefix}Findings")
        self.split = SplitBox()
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self.badge)
        box = self._box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 24, 16)
        box.setSpacing(8)
        self._line = line()
        box.addWidget(self._line)
        box.addLayout(head)
        box.addWidget(self.empty)
        box.addWidget(self.facts)
        box.addWidget(self.heading)
        box.addWidget(self.findings)
        box.addWidget(self.split)
        box.addStretch(1)
        self.say("")

    def set_below(self, below: bool) -> None:
        """Stand under the form, where its left edge counts, or beside it."""
        self._box.setContentsMargins(24 if below else 20, 16, 24, 16)
        self._line.setVisible(below)
        restyle(self, "surface", "window" if below else "raised")

    def say(self, sentence: str, findings: Sequence[Finding] = (), title: str = BEFORE) -> None:
        """Show one sentence and no facts."""
        self.title.setText(title)
        self.badge.hide()
        self.empty.setText(sentence)
        self.empty.setVisible(bool(sentence))
        self.facts.hide()
        self.split.show_split(None)
        self._show_findings(findings)

    def show_facts(
        self, title: str, facts: Sequence[Fact], findings: Sequence[Finding], badge: str = ""
    ) -> None:
        """Show these facts. badge: a word beside the title that says who may see it, "" = none."""
        self.title.setText(title)
        self.badge.setVisible(bool(badge))
        if badge:
            self.badge.set(badge, "note", "padlock")
        self.empty.hide()
        self.facts.set_facts(facts)
        self.facts.show()
        self.split.show_split(None)
        self._show_findings(findings)

    def show_split(self, split: DatasetSplit, note: str) -> None:
        """Show below the facts which part of its dataset an adapter was trained on; note: who
        says so."""
        self.split.show_split(split, note)

    def _show_findings(self, findings: Sequence[Finding]) -> None:
        self.heading.setVisible(bool(findings))
        self.findings.set_findings(findings)
        self.findings.setVisible(bool(findings))
