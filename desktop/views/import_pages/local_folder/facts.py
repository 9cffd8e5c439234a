"""The right side of the import dialog: what is in the folder, and what the checks say of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.models.candidates import Draft
from desktop.views.adapter_facts import facts_of
from desktop.views.import_pages.shared.split_box import SplitBox
from desktop.views.theme import FontRole
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.finding_row import FindingList
from desktop.views.widgets.section import line
from desktop.views.widgets.text import PlainLabel, restyle


class FactsPanel(QWidget):
    """Facts, findings and dataset split of one draft; a sentence while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("folderFacts")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "raised")
        self.title = PlainLabel("", role=FontRole.CARD_TITLE, elide="middle")
        self.empty = PlainLabel("", role=FontRole.LABEL, tone="secondary", wrap=True)
        self.facts = FactList()
        self.findings = FindingList()
        self.split = SplitBox()
        box = self._box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 24, 16)
        box.setSpacing(8)
        self._line = line()
        box.addWidget(self._line)
        box.addWidget(self.title)
        box.addWidget(self.empty)
        box.addWidget(self.facts)
        box.addWidget(self.findings)
        box.addWidget(self.split)
        box.addStretch(1)
        self.show_draft(Draft(), looking=False)

    def set_below(self, below: bool) -> None:
        """Stand under the form, where its left edge counts, or beside it."""
        self._box.setContentsMargins(24 if below else 20, 16, 24, 16)
        self._line.setVisible(below)
        restyle(self, "surface", "window" if below else "raised")

    def show_draft(self, draft: Draft, *, looking: bool) -> None:
        """Show what is known of a draft. looking: its folder is being looked for now."""
        there = draft.inspection
        readable = there is not None and bool(there.config_text or there.weights_file)
        self.title.setText(f"What is in {draft.title}" if draft.title else "What is in the folder")
        self.facts.setVisible(readable)
        self.empty.setVisible(not readable)
        if there is not None and readable:
            self.facts.set_facts(
                [Fact(name, text, tooltip=tip) for name, text, tip in facts_of(there)]
            )
        elif looking or (draft.path and not draft.place_blocks and not draft.is_read):
            self.empty.setText("Lorarium is looking into the folder.")
        elif draft.path:
            self.empty.setText("There is no adapter to look at here.")
        else:
            self.empty.setText(
                "Choose a folder, and its type, rank, targets and size stand here at once."
            )
        self.findings.set_findings(draft.in_folder())
        self.split.show_split(draft.split if readable else None)
