"""The right side: what a repository, or a folder of the cache, holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.services.hub.records import HubPreview
from desktop.services.records import Finding
from desktop.views.import_pages.hugging_face.words import facts_before
from desktop.views.theme import FontRole
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.finding_row import FindingList
from desktop.views.widgets.section import line
from desktop.views.widgets.text import PlainLabel, restyle

BEFORE = "Before the download"


class HubFacts(QWidget):
    """Title, badge, facts and findings; a sentence while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hubFacts")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "raised")
        self.title = PlainLabel(BEFORE, role=FontRole.CARD_TITLE, elide="middle")
        self.badge = Badge()
        self.empty = PlainLabel("", role=FontRole.LABEL, tone="secondary", wrap=True)
        self.empty.setObjectName("hubFactsEmpty")
        self.facts = FactList()
        self.heading = PlainLabel("Findings", role=FontRole.FIELD_LABEL)
        self.findings = FindingList()
        self.findings.setObjectName("hubFindings")
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
        self._show_findings(findings)

    def show_preview(
        self, preview: HubPreview, findings: Sequence[Finding], *, all_files: bool = False
    ) -> None:
        """Show what is known of a repository before its files are fetched."""
        self._show_badge(preview)
        self.show_facts(BEFORE, facts_before(preview, all_files=all_files), findings)

    def show_facts(self, title: str, facts: Sequence[Fact], findings: Sequence[Finding]) -> None:
        """Show these facts."""
        self.title.setText(title)
        if title != BEFORE:
            self.badge.hide()
        self.empty.hide()
        self.facts.set_facts(facts)
        self.facts.show()
        self._show_findings(findings)

    def _show_badge(self, preview: HubPreview) -> None:
        words = []
        if preview.repo.gated:
            words.append("Gated")
        if preview.repo.private:
            words.append("Private")
        self.badge.setVisible(bool(words))
        if words:
            self.badge.set(", ".join(words), "note", "padlock")

    def _show_findings(self, findings: Sequence[Finding]) -> None:
        self.heading.setVisible(bool(findings))
        self.findings.set_findings(findings)
        self.findings.setVisible(bool(findings))
