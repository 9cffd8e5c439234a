"""The fields that every import has: name, base model, prompt, training job, description."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from desktop.models.candidates import Draft
from desktop.models.library import Library
from desktop.services.errors import ValidationError
from desktop.services.records import BaseModelRecord, Finding, Severity
from desktop.views.import_pages.local_folder.session import finding_of
from desktop.views.import_pages.shared.base_model import BaseModelField
from desktop.views.import_pages.shared.combos import fill_combo, record_combo
from desktop.views.import_pages.shared.draft import RemoteDraft
from desktop.views.import_pages.shared.fields import FieldsSession
from desktop.views.notices import Notice
from desktop.views.theme import metric
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.text import set_plain_tooltip

ALL_FIELDS = ("name", "model_id", "prompt_id", "fine_tuning_job_id", "description")
_NOT_HERE = "base_not_here"


class _BaseField(BaseModelField):
    """The same field, which also knows what only the server tells."""

    def _name_in(self, draft: Draft) -> str:
        if isinstance(draft, RemoteDraft):
            return next(iter(draft.bases()), "")
        return super()._name_in(draft)

    def _missing(self, draft: Draft) -> tuple[Finding, ...]:
        found = super()._missing(draft)
        sentence = draft.known_from() if isinstance(draft, RemoteDraft) else ""
        if not sentence:
            return found
        return tuple(
            Finding(f.field, f.code, f.severity, sentence) if f.code == _NOT_HERE else f
            for f in found
        )


class CommonFields(QObject):
    """The editors, in `fields`, which the page lays out as it likes.

    prefix: what their object names begin with.

    Signals:
        notice(object): a `Notice` for the person.
        typed: the person changed something.
    """

    notice = Signal(object)
    typed = Signal()

    def __init__(
        self, session: FieldsSession, library: Library, prefix: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._library = library
        self.name = QLineEdit()
        self.name.setObjectName(f"{prefix}NameEdit")
        self.name.setAcceptDrops(False)
        self.name_field = FormField("&Name", self.name)
        self.base = _BaseField()
        for widget in (self.base.combo, self.base.new_edit, self.base.new_button):
            own = widget.objectName()
            widget.setObjectName(f"{prefix}{own[:1].upper()}{own[1:]}")
        own = self.base.new_cancel.objectName()
        self.base.new_cancel.setObjectName(f"{prefix}{own[:1].upper()}{own[1:]}")
        self.prompt = record_combo(f"{prefix}PromptCombo")
        self.prompt_field = FormField("&Prompt", self.prompt, optional=True, checked=False)
        self.job = record_combo(f"{prefix}JobCombo")
        self.job_field = FormField("&Training job", self.job, optional=True, checked=False)
        self.description = QPlainTextEdit()
        self.description.setObjectName(f"{prefix}DescriptionEdit")
        self.description.setTabChangesFocus(True)
        self.description.setAcceptDrops(False)
        self.description.viewport().setAcceptDrops(False)
        self.description.setFixedHeight(
            self.description.fontMetrics().lineSpacing() * 3 + metric(18, self.description.font())
        )
        self.description_field = FormField(
            "D&escription", self.description, optional=True, checked=False
        )
        self.pair = QWidget()
        row = QHBoxLayout(self.pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.prompt_field, 1)
        row.addWidget(self.job_field, 1)
        self._connect()
        self.fill_lists()
        self.show_draft()

    def _connect(self) -> None:
        self.name.textChanged.connect(self._name_edited)
        self.name.textEdited.connect(self.typed)
        self.name_field.suggestionChosen.connect(self.name.setText)
        self.base.picked.connect(self._base_picked)
        self.base.addWanted.connect(self.add_base)
        self.prompt.currentIndexChanged.connect(self._prompt_picked)
        self.job.currentIndexChanged.connect(self._job_picked)
        self.description.textChanged.connect(self._description_edited)
        self._session.shown.connect(self.show_draft)
        self._session.known.connect(self.show_known)
        self._library.recordsChanged.connect(self.fill_lists)

    # -- what the person does --------------------------------------------------------------

    def _name_edited(self, text: str) -> None:
        self._session.draft.touched.add("name")
        self._session.edit(name=text)

    def _base_picked(self, model_id: str) -> None:
        self._session.draft.touched.add("model_id")
        self._session.edit(model_id=model_id, model_picked=True)
        self.typed.emit()

    def _prompt_picked(self, index: int) -> None:
        self._session.edit(prompt_id=self.prompt.itemData(index))
        set_plain_tooltip(self.prompt, self.prompt.currentText())
        self.typed.emit()

    def _job_picked(self, index: int) -> None:
        self._session.edit(job_id=self.job.itemData(index))
        set_plain_tooltip(self.job, self.job.currentText())
        self.typed.emit()

    def _description_edited(self) -> None:
        self._session.edit(description=self.description.toPlainText())

    # -- showing ---------------------------------------------------------------------------

    def fill_lists(self) -> None:
        """Offer what the library holds now; what is chosen stays chosen."""
        self.base.set_models(self._library.base_models)
        draft = self._session.draft
        fill_combo(self.prompt, self._library.prompts, draft.prompt_id)
        fill_combo(self.job, self._library.jobs, draft.job_id)
        self._session.recheck()

    def show_draft(self) -> None:
        """Put the values of the draft into the fields."""
        draft = self._session.draft
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
        draft = self._session.draft
        self.name_field.set_findings(draft.of_field("name"))
        self.base.show_known(draft)
        self.prompt_field.set_findings(draft.of_field("prompt_id"))
        self.job_field.set_findings(draft.of_field("fine_tuning_job_id"))
        self.description_field.set_findings(draft.of_field("description"))

    def first_error(self) -> QWidget | None:
        """The first field, from the top, that keeps the adapter from being imported."""
        fields: tuple[FormField, ...] = (
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

    # -- base models -----------------------------------------------------------------------

    def add_base(self, named: str) -> None:
        """Add the base model of this Hub name or in this folder, and choose it."""
        self.base.set_adding(True)
        self._library.run(
            self._do_add_base,
            named,
            self._session.draft,
            succeeded=self._base_added,
            failed=self._base_refused,
        )

    def _do_add_base(
        self, _ctx: Any, named: str, draft: RemoteDraft
    ) -> tuple[BaseModelRecord, bool, RemoteDraft]:
        models = self._library.services.base_models
        there = models.find_base_model(named)
        if there is not None:
            return there, False, draft
        return models.add_base_model(models.request_for(named)), True, draft

    def _base_added(self, result: tuple[BaseModelRecord, bool, RemoteDraft]) -> None:
        record, is_new, draft = result
        self.base.set_adding(False)
        if is_new:
            self.notice.emit(Notice(f"Added base model “{record.title}”.", "ok", icon="layers"))
        self.base.add_model(record)
        self.base.added()
        draft.model_id = record.id
        if draft is self._session.draft:
            self.base.show_choice(record.id)
        self._session.edit()

    def _base_refused(self, error: Exception) -> None:
        self.base.set_adding(False)
        found: Sequence[Finding] = (finding_of(error, "model_id"),)
        if isinstance(error, ValidationError):
            found = error.findings
        self.base.refuse(found)
