"""The form that takes the place of the tabs while the person changes an adapter."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.services.records import AdapterType
from desktop.views.details.choice_box import ChoiceBox
from desktop.views.details.edit_draft import EDITED_FIELDS, EditDraft
from desktop.views.details.scroll import PanelScroll
from desktop.views.theme import metric
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.section import line

# Letters that the menu bar needs (F E V L T H) are left to it.
_LABELS = {
    "name": "&Name",
    "description": "&Description",
    "model_id": "&Base model",
    "prompt_id": "&Prompt",
    "fine_tuning_job_id": "Training &job",
    "huggingface_name": "H&ub name",
    "cml_registered_model_id": "&Registry ID",
    "mlflow_experiment_id": "MLflow e&xperiment ID",
    "mlflow_run_id": "&MLflow run ID",
}
_OBJECT_NAMES = {
    "name": "editNameField",
    "description": "editDescriptionField",
    "model_id": "editBaseModelField",
    "prompt_id": "editPromptField",
    "fine_tuning_job_id": "editJobField",
    "huggingface_name": "editHubNameField",
    "cml_registered_model_id": "editRegistryIdField",
    "mlflow_experiment_id": "editExperimentField",
    "mlflow_run_id": "editRunField",
}
_NEEDED_BY_TYPE = {
    "huggingface_name": AdapterType.HUGGINGFACE,
    "cml_registered_model_id": AdapterType.MODEL_REGISTRY,
}
_LINES = 4


class _Prose(QPlainTextEdit):
    """A few lines of plain text; Tab leaves it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(QFontMetrics(self.font()).lineSpacing() * _LINES + 22)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()


class EditForm(QWidget):
    """The fields of one draft, what is to be said beside each, Cancel and Save.

    It shows a draft and writes into it; it runs nothing itself.

    Signals:
        typed: something in the draft is other now, so it wants to be checked.
        saveAsked, cancelAsked: the buttons, and Enter in a field.
        leaveAsked: Esc; what was typed is to be kept.
    """

    typed = Signal()
    saveAsked = Signal()
    cancelAsked = Signal()
    leaveAsked = Signal()

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("editForm")
        self.setAccessibleName("Change the adapter")
        self._library = library
        self._draft: EditDraft | None = None
        self._filling = False
        self._busy = False
        self.fields: dict[str, FormField] = {}
        self._editors: dict[str, QWidget] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._build_fields(), 1)
        outer.addWidget(line(parent=self))
        outer.addLayout(self._build_footer())
        library.recordsChanged.connect(self._show_choices)
        self._order()

    # -- building --------------------------------------------------------------------------

    def _build_fields(self) -> PanelScroll:
        area = PanelScroll("editScroll", self)
        inside, box = area.content, area.column
        box.setSpacing(metric(6, self.font()))
        for name in EDITED_FIELDS:
            editor = self._editor(name)
            editor.setObjectName(_OBJECT_NAMES[name])
            self._editors[name] = editor
            # A line is kept free only where a check often has something to say.
            often = name in ("name", "model_id", "fine_tuning_job_id")
            field = FormField(_LABELS[name], editor, checked=often, parent=inside)
            self.fields[name] = field
            box.addWidget(field)
            if not often:
                box.addSpacing(metric(6, self.font()))
        self.fields["name"].suggestionChosen.connect(self._take_name)
        box.addStretch(1)
        self.area = area
        return area

    def _editor(self, name: str) -> QWidget:
        if name == "description":
            prose = _Prose(self)
            prose.textChanged.connect(self._read)
            return prose
        if name in ("model_id", "prompt_id", "fine_tuning_job_id"):
            none = {"prompt_id": "No prompt", "fine_tuning_job_id": "No training job"}
            box = ChoiceBox(none.get(name, ""), self)
            box.chosen.connect(self._chosen)
            return box
        edit = QLineEdit(self)
        edit.textChanged.connect(self._changed)
        edit.returnPressed.connect(self._enter)
        return edit

    def _build_footer(self) -> QVBoxLayout:
        box = QVBoxLayout()
        side = metric(16, self.font())
        box.setContentsMargins(side, metric(8, self.font()), side, metric(12, self.font()))
        box.setSpacing(metric(8, self.font()))
        self.state = InlineMessage(self, keep=True)
        self.state.setObjectName("editState")
        box.addWidget(self.state)
        self.cancel_button = QPushButton("&Cancel", self)
        self.cancel_button.setObjectName("cancelEditButton")
        self.cancel_button.setAccessibleName("Drop the changes")
        self.cancel_button.setAutoDefault(False)
        self.cancel_button.clicked.connect(self._cancel)
        self.save_button = QPushButton("&Save", self)
        self.save_button.setObjectName("saveButton")
        self.save_button.setAccessibleName("Save the changes")
        self.save_button.setProperty("primary", True)
        self.save_button.setAutoDefault(False)
        self.save_button.clicked.connect(self._enter)
        row = QHBoxLayout()
        row.setSpacing(metric(8, self.font()))
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.save_button)
        box.addLayout(row)
        return box

    def _order(self) -> None:
        chain = [*self._editors.values(), self.cancel_button, self.save_button]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    # -- showing ---------------------------------------------------------------------------

    def show_draft(self, draft: EditDraft) -> None:
        """Put a draft into the fields. Text that stands there already keeps its cursor."""
        self._draft = draft
        self._filling = True
        try:
            for name, editor in self._editors.items():
                text = draft.text(name)
                if isinstance(editor, QLineEdit):
                    if editor.text() != text:
                        editor.setText(text)
                        editor.setCursorPosition(0)
                elif isinstance(editor, QPlainTextEdit) and editor.toPlainText() != text:
                    editor.setPlainText(text)
            for name, field in self.fields.items():
                needed = name in ("name", "model_id") or (
                    _NEEDED_BY_TYPE.get(name) == draft.record.type
                )
                field.aside.setText("" if needed else "optional")
            self._show_choices()
        finally:
            self._filling = False
        self.show_findings()

    def _show_choices(self) -> None:
        if self._draft is None:
            return
        library = self._library
        lists = {
            "model_id": library.base_models,
            "prompt_id": library.prompts,
            "fine_tuning_job_id": library.jobs,
        }
        for name, records in lists.items():
            editor = self._editors[name]
            if isinstance(editor, ChoiceBox):
                choices = [(record.id, record.title) for record in records]  # type: ignore[attr-defined]
                editor.show_choices(choices, self._draft.text(name))

    def show_findings(self) -> None:
        """Paint what is known about the draft beside its fields, and what Save would do."""
        draft = self._draft
        if draft is None:
            return
        for name, field in self.fields.items():
            field.set_findings(draft.of_field(name))
        errors = len(draft.errors())
        elsewhere = draft.unplaced()
        if elsewhere:
            said = f"{elsewhere[0].message} {elsewhere[0].advice}".strip()
            self.state.set_message(said, str(elsewhere[0].severity))
        elif errors:
            verb = "error keeps" if errors == 1 else "errors keep"
            self.state.set_message(f"{errors} {verb} this from being saved.", "error")
        else:
            self.state.set_message("Unsaved changes." if draft.changed else "Nothing is changed.")
        self.save_button.setEnabled(draft.changed and not errors)

    def say(self, text: str, tone: str = "error") -> None:
        """Say above the buttons what stands in the way, until something is typed."""
        self.state.set_message(text, tone)

    def set_busy(self, busy: bool) -> None:
        """While saving, the button keeps its width and a second click does nothing."""
        self._busy = busy
        self.save_button.setMinimumWidth(self.save_button.width() if busy else 0)
        self.save_button.setText("Saving…" if busy else "&Save")

    def focus_name(self) -> None:
        """Put the cursor into the name, all of it marked."""
        name = self._editors["name"]
        if isinstance(name, QLineEdit):
            name.setFocus(Qt.FocusReason.ShortcutFocusReason)
            name.selectAll()
            self.area.ensureWidgetVisible(self.fields["name"])

    def focus_error(self) -> None:
        """Go to the first field that keeps the draft from being saved."""
        for field in self.fields.values():
            if any(f.severity == "error" for f in field.findings()):
                field.target.setFocus(Qt.FocusReason.OtherFocusReason)
                self.area.ensureWidgetVisible(field)
                return

    # -- what the person does ----------------------------------------------------------------

    def _changed(self, _text: str) -> None:
        self._read()

    def _chosen(self, _key: object) -> None:
        self._read()

    def _read(self) -> None:
        draft = self._draft
        if draft is None or self._filling:
            return
        news = False
        for name, editor in self._editors.items():
            if isinstance(editor, QLineEdit):
                text = editor.text()
            elif isinstance(editor, QPlainTextEdit):
                text = editor.toPlainText()
            else:
                text = editor.chosen_id() if isinstance(editor, ChoiceBox) else ""
            if text != draft.text(name) and _shown_as(draft.text(name)) != _shown_as(text):
                news = draft.set_text(name, text) or news
        if news:
            self.show_findings()
            self.typed.emit()

    def _take_name(self, name: str) -> None:
        editor = self._editors["name"]
        if isinstance(editor, QLineEdit):
            editor.setText(name)
            editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _enter(self) -> None:
        if self._busy:
            return
        if self.save_button.isEnabled():
            self.saveAsked.emit()
        elif self._draft is not None and not self._draft.changed:
            self.cancelAsked.emit()
        else:
            self.focus_error()

    def _cancel(self) -> None:
        if not self._busy:
            self.cancelAsked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._busy:
            self.leaveAsked.emit()
            return
        save = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if save and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._enter()
            return
        super().keyPressEvent(event)


def _shown_as(text: str) -> str:
    """How a field gives a text back: without halves of pairs, line ends as one character. What a
    field can't hold must not look like a change."""
    kept = text.encode("utf-16", "ignore").decode("utf-16")
    return kept.replace("\r\n", "\n").replace("\r", "\n").replace("\u2029", "\n")
