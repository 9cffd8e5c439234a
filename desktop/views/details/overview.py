"""The Overview tab: findings, split, base model, the adapter's facts, where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.services.records import Finding, FolderState
from desktop.views.details import words
from desktop.views.details.notes import NotesSection
from desktop.views.details.prose import ProseLabel
from desktop.views.details.scroll import PanelScroll
from desktop.views.details.sections import (
    BaseModelSection,
    JobSection,
    NarrowFacts,
    PromptSection,
    SplitSection,
)
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.finding_row import FindingList, Link
from desktop.views.widgets.section import Section
from desktop.views.widgets.text import LinkButton

if TYPE_CHECKING:
    from desktop.services.adapters import AdapterDetails

_AWAY = ("folder_away", "folder_unreachable")


class OverviewPage(PanelScroll):
    """Everything about one adapter in one column; the parts stay, their content changes.

    Signals:
        checkAsked, updateAsked, compareAsked, locateAsked, folderAsked, editAsked: the links of
            findings and sections.
        modelAsked(str), promptAsked(str), jobAsked(str): a link to that record.
    """

    checkAsked = Signal()
    updateAsked = Signal()
    compareAsked = Signal()
    locateAsked = Signal()
    folderAsked = Signal()
    editAsked = Signal()
    modelAsked = Signal(str)
    promptAsked = Signal(str)
    jobAsked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("detailsOverview", parent)
        self._details: AdapterDetails | None = None
        self.findings = FindingList()
        self.findings.setObjectName("detailsFindings")
        self.findings.setContentsMargins(0, 0, 0, metric(4, self.font()))
        self.split = SplitSection()
        self.base = BaseModelSection()
        self.about = Section("Description", line_above=True)
        self.about.setObjectName("descriptionSection")
        self.description = ProseLabel(role=FontRole.LABEL)
        self.description.setObjectName("detailsDescription")
        self.about.add(self.description)
        self.notes = NotesSection()
        self.adapter = Section("Adapter", line_above=True)
        self.adapter.setObjectName("adapterSection")
        self.adapter_facts = NarrowFacts()
        self.adapter_facts.setObjectName("adapterFacts")
        self.not_checked = ProseLabel(role=FontRole.LABEL)
        self.not_checked.set_tone("secondary")
        self.not_checked.setText("Nobody has looked into its folder yet.")
        self.check_link = LinkButton("Check it now", name="checkNowLink")
        self.check_link.clicked.connect(self._check)
        for widget in (self.adapter_facts, self.not_checked, self.check_link):
            self.adapter.add(widget)
        self.open_link = LinkButton("Open folder", name="detailsOpenFolder")
        self.open_link.clicked.connect(self._open)
        self.origin = Section("Where it comes from", line_above=True, aside=self.open_link)
        self.origin.setObjectName("originSection")
        self.origin_facts = NarrowFacts()
        self.origin_facts.setObjectName("originFacts")
        self.origin_facts.linkActivated.connect(self._fact_link)
        self.origin.add(self.origin_facts)
        self.prompt = PromptSection()
        self.job = JobSection()
        self.column.setSpacing(metric(8, self.font()))
        self.column.addWidget(self.findings)
        for section in (
            self.split,
            self.base,
            self.about,
            self.notes,
            self.adapter,
            self.origin,
            self.prompt,
            self.job,
        ):
            self.column.addWidget(section)
        self.column.addStretch(1)
        self.split.jobAsked.connect(self.jobAsked)
        self.base.modelAsked.connect(self.modelAsked)
        self.base.chooseAsked.connect(self.editAsked)
        self.prompt.promptAsked.connect(self.promptAsked)
        self.job.jobAsked.connect(self.jobAsked)

    def show_details(self, details: AdapterDetails, copies: Sequence[str] = ()) -> None:
        """Show an adapter. Of another one from the top, of the same one where it was. copies: the
        names of others with the same weights."""
        before = self._details
        self._details = details
        found = words.findings(details)
        self.findings.set_findings(found, self._links)
        self.findings.setVisible(bool(found))
        self.split.show_details(details)
        self.base.show_details(details)
        self.description.setText(details.record.description or "")
        self.about.setVisible(bool((details.record.description or "").strip()))
        there = details.inspection
        facts = words.adapter_facts(there) if there is not None else []
        self.adapter_facts.set_facts([*facts, *words.copies_fact(copies)])
        self.adapter_facts.setVisible(there is not None)
        self.not_checked.setVisible(there is None)
        self.check_link.setVisible(there is None)
        self.origin_facts.set_facts(words.origin_facts(details))
        away = details.record.state == FolderState.MISSING or not details.record.path
        self.open_link.setVisible(not away)
        self.prompt.show_prompt(details.prompt)
        self.job.show_job(details.job)
        if before is None or before.record.id != details.record.id:
            self.verticalScrollBar().setValue(0)

    def _links(self, finding: Finding) -> Sequence[Link]:
        """What can be done about a finding."""
        details = self._details
        missing = details is None or details.record.state == FolderState.MISSING
        if finding.code in _AWAY:
            return (("Locate…", self._locate), ("Check again", self._check))
        if finding.code == "newer_version":
            return (("Update", self._update), ("Compare…", self._compare))
        if finding.code == "folder_changed":
            return (("Check again", self._check),)
        if finding.field == "fine_tuning_job_id" and details is not None and self._job_id():
            return (("Show the job", self._show_job), ("Check again", self._check))
        if finding.field == "model_id":
            return (("Choose another…", self._edit), ("Check again", self._check))
        if finding.field == "location" and not missing:
            return (("Check again", self._check), ("Show the file", self._open))
        return (("Check again", self._check),)

    def _job_id(self) -> str:
        if self._details is None:
            return ""
        return self._details.split.job_id or self._details.record.fine_tuning_job_id or ""

    def _fact_link(self, key: str) -> None:
        details = self._details
        if details is None:
            return
        if key == "prompt" and details.prompt is not None:
            self.promptAsked.emit(details.prompt.id)
        elif key == "job" and details.job is not None:
            self.jobAsked.emit(details.job.id)

    def _check(self) -> None:
        self.checkAsked.emit()

    def _compare(self) -> None:
        self.compareAsked.emit()

    def _update(self) -> None:
        self.updateAsked.emit()

    def _locate(self) -> None:
        self.locateAsked.emit()

    def _open(self) -> None:
        self.folderAsked.emit()

    def _edit(self) -> None:
        self.editAsked.emit()

    def _show_job(self) -> None:
        self.jobAsked.emit(self._job_id())
