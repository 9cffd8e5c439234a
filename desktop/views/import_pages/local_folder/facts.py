"""The right side of the import dialog: what is in the folder, and what the checks say of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.models.candidates import Draft
from desktop.services.records import DatasetSplit
from desktop.views.adapter_facts import facts_of
from desktop.views.theme import FontRole
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.finding_row import FindingList
from desktop.views.widgets.section import line
from desktop.views.widgets.split_bar import SplitBar, SplitLegend, percent
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
        self.split_box = QWidget()
        self.split_badge = Badge()
        self.split_bar = SplitBar(thin=True)
        self.split_legend = SplitLegend(compact=True)
        self.split_note = PlainLabel("", role=FontRole.LABEL, tone="secondary", wrap=True)
        split = QVBoxLayout(self.split_box)
        split.setContentsMargins(0, 4, 0, 0)
        split.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(PlainLabel("Dataset split", role=FontRole.CARD_TITLE))
        head.addStretch(1)
        head.addWidget(self.split_badge)
        split.addLayout(head)
        split.addWidget(self.split_bar)
        split.addWidget(self.split_legend)
        split.addWidget(self.split_note)
        box = self._box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 24, 16)
        box.setSpacing(8)
        self._line = line()
        box.addWidget(self._line)
        box.addWidget(self.title)
        box.addWidget(self.empty)
        box.addWidget(self.facts)
        box.addWidget(self.findings)
        box.addWidget(self.split_box)
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
        self._show_split(draft.split if readable else None)

    def _show_split(self, split: DatasetSplit | None) -> None:
        self.split_box.setVisible(split is not None)
        if split is None:
            return
        if split.recorded:
            self.split_badge.set("Recorded", "ok")
        else:
            self.split_badge.set("Assumed")
        self.split_bar.set_split(split)
        self.split_legend.set_split(split)
        self.split_note.setText(_split_words(split))


def _split_words(split: DatasetSplit) -> str:
    if not split.drawable:
        fraction, train = percent(split.dataset_fraction), percent(split.train_test_split)
        return (
            f"The job records {fraction} of the data and a split of {train}: no parts of a whole."
        )
    if split.recorded:
        return f"By job {split.job_name}." if split.job_name else ""
    return "No training job names this adapter, so the usual figures are shown."
