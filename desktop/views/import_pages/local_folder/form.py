"""The left side of the import dialog: folder, candidates, and the fields of the one shown."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.candidates import CandidatesModel
from desktop.models.formats import size_text
from desktop.models.library import Library
from desktop.services.records import Finding, Severity
from desktop.views.import_pages.local_folder.candidates import CandidateList
from desktop.views.import_pages.local_folder.location import LocationField
from desktop.views.import_pages.local_folder.session import ImportSession
from desktop.views.import_pages.shared.base_model import BaseModelField
from desktop.views.import_pages.shared.combos import fill_combo, record_combo
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.text import PlainLabel, set_plain_tooltip

LOOK_DELAY = 250
"""Milliseconds after the last keystroke until the folder is looked at."""

_FILE = "not_a_folder"
"""The code of the finding that a path leads to a file."""


class ImportForm(QWidget):
    """The fields. addBaseWanted(str): the base model of this name or folder is to be added."""

    addBaseWanted = Signal(str)

    def __init__(
        self, session: ImportSession, library: Library, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._library = library
        self._look_timer = QTimer(self)
        self._look_timer.setSingleShot(True)
        self._look_timer.setInterval(LOOK_DELAY)
        self._look_timer.timeout.connect(self._look)
        self.model = CandidatesModel(self)
        self._make_fields()
        self._make_files()
        self._lay_out()
        self._connect()
        self.fill_lists()
        self.show_draft()

    # -- making ----------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.location = LocationField()
        self.location_field = FormField(
            "&Folder", self.location, checked=False, target=self.location.edit
        )
        self.list = CandidateList(self.model)
        self.list.setProperty("framed", True)
        self.list_field = FormField("&Adapters in this folder", self.list, checked=False)
        self.list_field.hide()
        self.name = QLineEdit()
        self.name.setObjectName("nameEdit")
        self.name.setAcceptDrops(False)
        self.name_field = FormField("&Name", self.name)
        self.base = BaseModelField()
        self.prompt = record_combo("promptCombo")
        self.prompt_field = FormField("&Prompt", self.prompt, optional=True, checked=False)
        self.job = record_combo("jobCombo")
        self.job_field = FormField("&Training job", self.job, optional=True, checked=False)
        self.description = QPlainTextEdit()
        self.description.setObjectName("descriptionEdit")
        self.description.setTabChangesFocus(True)
        self.description.setAcceptDrops(False)
        self.description.viewport().setAcceptDrops(False)
        self.description.setFixedHeight(
            self.description.fontMetrics().lineSpacing() * 3 + metric(18, self.font())
        )
        self.description_field = FormField(
            "&Description", self.description, optional=True, checked=False
        )

    def _make_files(self) -> None:
        self.keep = QRadioButton("&Keep in place")
        self.keep.setObjectName("keepRadio")
        self.keep.setChecked(True)
        self.copy = QRadioButton("Cop&y into the library")
        self.copy.setObjectName("copyRadio")
        group = QButtonGroup(self)
        group.addButton(self.keep)
        group.addButton(self.copy)
        self.files_note = PlainLabel(role=FontRole.LABEL, tone="secondary", wrap=True)
        self.files = QWidget()
        box = QVBoxLayout(self.files)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(PlainLabel("Files", role=FontRole.FIELD_LABEL))
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addWidget(self.keep)
        row.addWidget(self.copy)
        row.addStretch(1)
        box.addLayout(row)
        box.addWidget(self.files_note)

    def _lay_out(self) -> None:
        pair = QHBoxLayout()
        pair.setSpacing(12)
        pair.addWidget(self.prompt_field, 1)
        pair.addWidget(self.job_field, 1)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(24, 16, 20, 16)
        self.box.setSpacing(10)
        self.box.addWidget(self.location_field)
        self.box.addWidget(self.list_field)
        self.box.addWidget(self.name_field)
        self.box.addWidget(self.base)
        self.box.addLayout(pair)
        self.box.addWidget(self.files)
        self.box.addWidget(self.description_field)
        self.box.addStretch(1)

    def set_right_margin(self, margin: int) -> None:
        """Leave this much at the right of the fields."""
        edges = self.box.contentsMargins()
        if edges.right() != margin:
            edges.setRight(margin)
            self.box.setContentsMargins(edges)

    def _connect(self) -> None:
        self.location.edited.connect(self._path_edited)
        self.location.picked.connect(self._look)
        self.location_field.linkActivated.connect(self._location_link)
        self.list.highlighted.connect(self._session.select)
        self.model.chosenChanged.connect(self._ticked)
        self.name.textChanged.connect(self._name_edited)
        self.name_field.suggestionChosen.connect(self.name.setText)
        self.base.picked.connect(self._base_picked)
        self.base.addWanted.connect(self.addBaseWanted)
        self.prompt.currentIndexChanged.connect(self._prompt_picked)
        self.job.currentIndexChanged.connect(self._job_picked)
        self.description.textChanged.connect(self._description_edited)
        self.copy.toggled.connect(self._show_files)
        self._session.draftsChanged.connect(self._show_list)
        self._session.shown.connect(self.show_draft)
        self._session.known.connect(self.show_known)
        self._library.recordsChanged.connect(self.fill_lists)

    # -- what the person does --------------------------------------------------------------

    def _path_edited(self) -> None:
        self._session.await_look()
        self._look_timer.start()

    def _look(self) -> None:
        self._look_timer.stop()
        self._session.look(self.location.paths())

    def _location_link(self, code: str) -> None:
        if code == _FILE and self.location.paths():
            self.location.set_paths([os.path.dirname(self.location.paths()[0])])

    def look_again(self) -> None:
        """The folder may have changed since it was looked at."""
        if self.location.paths():
            self._look()

    def look_now(self) -> None:
        """Do not wait for the person to stop typing."""
        if self._look_timer.isActive():
            self._look()

    def _ticked(self, _row: int) -> None:
        self._session.ticked()

    def _name_edited(self, text: str) -> None:
        self._session.current.touched.add("name")
        self._session.edit(name=text)

    def _base_picked(self, model_id: str) -> None:
        self._session.current.touched.add("model_id")
        self._session.edit(model_id=model_id, model_picked=True)

    def _prompt_picked(self, index: int) -> None:
        self._session.edit(prompt_id=self.prompt.itemData(index))
        set_plain_tooltip(self.prompt, self.prompt.currentText())

    def _job_picked(self, index: int) -> None:
        self._session.edit(job_id=self.job.itemData(index))
        set_plain_tooltip(self.job, self.job.currentText())

    def _description_edited(self) -> None:
        self._session.edit(description=self.description.toPlainText())

    # -- showing ---------------------------------------------------------------------------

    def fill_lists(self) -> None:
        """Offer what the library holds now; what is chosen stays chosen."""
        self.base.set_models(self._library.base_models)
        draft = self._session.current
        fill_combo(self.prompt, self._library.prompts, draft.prompt_id)
        fill_combo(self.job, self._library.jobs, draft.job_id)
        self._session.recheck()

    def _show_list(self) -> None:
        self.list_field.setVisible(len(self._session.drafts) > 1)
        with QSignalBlocker(self.list):
            self.model.set_drafts(self._session.drafts)
            self.list.setCurrentIndex(self.model.index(self._session.row))

    def show_draft(self) -> None:
        """Put the values of the draft that is shown into the fields."""
        draft = self._session.current
        with QSignalBlocker(self.name):
            if self.name.text() != draft.name:
                self.name.setText(draft.name)
        with QSignalBlocker(self.description):
            if self.description.toPlainText() != draft.description:
                self.description.setPlainText(draft.description)
        self.base.show_choice(draft.model_id)
        for combo, wanted in ((self.prompt, draft.prompt_id), (self.job, draft.job_id)):
            with QSignalBlocker(combo):
                combo.setCurrentIndex(max(combo.findData(wanted), 0) if wanted else 0)

    def show_known(self) -> None:
        """Say beside each field what is known of it."""
        draft = self._session.current
        looking = self._session.looking
        self.location_field.set_findings(
            () if looking else draft.of_field("location"), {_FILE: "Use that folder"}
        )
        self.name_field.set_findings(draft.of_field("name"))
        self.base.show_known(draft)
        self.prompt_field.set_findings(draft.of_field("prompt_id"))
        self.job_field.set_findings(draft.of_field("fine_tuning_job_id"))
        self.description_field.set_findings(draft.of_field("description"))
        self.model.refresh()
        chosen, count = len(self._session.chosen), len(self._session.drafts)
        self.list_field.aside.setText(f"{chosen:,} of {count:,} chosen")
        self._show_files()

    def _show_files(self, _checked: bool = False) -> None:
        sizes = [d.size for d in self._session.chosen]
        known = sum(size for size in sizes if size is not None)
        size = f" ({size_text(known)})" if known else ""
        self.copy.setText(f"Cop&y into the library{size}")
        self.files_note.setText(
            "Lorarium copies what PEFT loads, and leaves the training files where they are."
            if self.copy.isChecked()
            else "Lorarium reads the folder where it lies and never changes a file in it."
        )

    def first_error(self) -> QWidget | None:
        """The first field, from the top, that keeps the adapter from being imported."""
        fields: tuple[FormField, ...] = (
            self.location_field,
            self.name_field,
            self.base,
            self.prompt_field,
            self.job_field,
            self.description_field,
        )
        for field in fields:
            if any(f.severity == Severity.ERROR for f in field.findings()):
                return field.target
        return None

    def show_refusal(self, findings: Sequence[Finding]) -> None:
        """The base model that was to be added was refused."""
        self.base.refuse(findings)
