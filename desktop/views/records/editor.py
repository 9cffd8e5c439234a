"""The form that adds a record or changes one, in the place where the record is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.services.errors import LorariumError, ValidationError
from desktop.services.records import Finding, Severity
from desktop.views.notices import notice_of
from desktop.views.records.cells import title_of
from desktop.views.records.editor_footer import EditorFooter
from desktop.views.records.inputs import (
    ChoiceInput,
    FieldInput,
    NamesInput,
    PlaceInput,
    make_input,
)
from desktop.views.records.kinds import RecordKind
from desktop.views.records.operations import Operations
from desktop.views.records.registry_lookup import RegistryLookup
from desktop.views.theme import FontRole
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.text import LinkButton, PlainLabel

_PAUSE = 150  # ms without a key before the services are asked

# Nothing that is chosen from a list can be wrong: no line is kept free under these.
_QUIET = ("switch", "options", "record")


@dataclass(frozen=True, slots=True)
class EditorDraft:
    """What was typed and not saved: field -> what stands in it, and which fields were visited."""

    typed: dict[str, Any]
    touched: frozenset[str] = field(default=frozenset())


class RecordEditor(QWidget):
    """Every field of one kind of record, checked while a person types.

    Signals:
        saved(object): the id of the record that was added or changed.
        cancelled: the person dropped what was typed.
        leaving: the person left the form by Esc; what was typed is still in it.
        notice(object): a Notice, for what has no place beside a field.
    """

    saved = Signal(object)
    cancelled = Signal()
    leaving = Signal()
    notice = Signal(object)

    def __init__(self, kind: RecordKind, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{kind.prefix}Editor")
        self._kind = kind
        self._library = library
        self._operations = Operations(library.services, kind)
        self._record: Any = None
        self._ticket = 0
        self._attempted = False
        self._busy = False
        self._filling = False
        self._touched: set[str] = set()
        self._findings: tuple[Finding, ...] = ()
        self._inputs: dict[str, FieldInput] = {}
        self._fields: dict[str, FormField] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._check)
        self._build()
        library.recordsChanged.connect(self._offer_records)

    # -- building --------------------------------------------------------------------------

    def _build(self) -> None:
        prefix = self._kind.prefix
        self.title = PlainLabel(role=FontRole.PANEL_TITLE, elide="middle")
        form = QWidget()
        self._more = LinkButton("More fields", form, name=f"{prefix}MoreFields")
        self._more.clicked.connect(self._show_more)
        box = QVBoxLayout(form)
        box.setContentsMargins(16, 6, 16, 12)
        box.setSpacing(6)
        more = False
        for spec in self._kind.fields:
            if spec.more and not more:
                more = True
                box.addWidget(self._more)
            box.addWidget(self._add_field(spec.key))
            if spec.kind in _QUIET:
                box.addSpacing(6)
        if any(spec.kind == "registry" for spec in self._kind.fields):
            self._lookup = RegistryLookup(self._library, self._inputs, self._fields, self)
        self._more.setVisible(more)
        box.addStretch(1)
        self.area = QScrollArea()
        self.area.setObjectName(f"{prefix}EditorScroll")
        self.area.setWidget(form)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head = QVBoxLayout()
        head.setContentsMargins(16, 14, 16, 8)
        head.addWidget(self.title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addWidget(self.area, 1)
        self.footer = EditorFooter(prefix)
        self.footer.cancel_button.clicked.connect(self._cancel)
        self.footer.save_button.clicked.connect(self.save)
        outer.addWidget(self.footer)

    def _add_field(self, key: str) -> FormField:
        spec = self._kind.field(key)
        words = "".join(part.capitalize() for part in key.split("_"))
        made = make_input(spec, f"{self._kind.prefix}{words}", self)
        made.changed.connect(self._changed)
        made.left.connect(self._left)
        shown = FormField(
            spec.label,
            made.widget,
            spec.optional,
            checked=spec.kind not in _QUIET,
            target=made.target,
        )
        shown.suggestionChosen.connect(self._take_suggestion)
        self._inputs[key], self._fields[key] = made, shown
        return shown

    # -- what is edited --------------------------------------------------------------------

    @property
    def record(self) -> Any:
        """The record that is changed, None while one is added."""
        return self._record

    def start(self, record: Any, draft: EditorDraft | None = None) -> None:
        """Show a record's fields, or empty ones for a new record; then what a draft has typed."""
        self._record = record
        self._ticket += 1
        self._attempted = False
        self._findings = ()
        self._touched = set(draft.touched) if draft else set()
        self._filling = True
        self._offer_records()
        for key, made in self._inputs.items():
            made.fill(getattr(record, key, None))
            if draft is not None and key in draft.typed:
                made.set_raw(draft.typed[key])
        self._filling = False
        title = self._kind.add if record is None else f"Edit “{title_of(record)}”"
        self.title.setText(title)
        self._busy = False
        self.footer.start("Add" if record is None else "Save")
        self._show_fields(more=record is not None and self._has_more(record))
        self._paint()
        self.area.verticalScrollBar().setValue(0)
        self._ask_names()
        if draft is not None:
            self._timer.start()

    def draft(self) -> EditorDraft | None:
        """What is typed and not saved, None where nothing is."""
        typed = {key: made.raw() for key, made in self._inputs.items() if made.is_changed}
        return EditorDraft(typed, frozenset(self._touched)) if typed else None

    def focus_first(self) -> None:
        """Put the cursor where typing begins."""
        for made in self._inputs.values():
            if made.spec.kind not in ("switch", "options") and not self._is_hidden(made.spec.key):
                made.target.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def _offer_records(self) -> None:
        filling, self._filling = self._filling, True
        for made in self._inputs.values():
            if isinstance(made, ChoiceInput) and made.spec.records:
                made.set_records(getattr(self._library, made.spec.records))
        self._filling = filling

    def _ask_names(self) -> None:
        if any(isinstance(made, NamesInput) for made in self._inputs.values()):
            self._library.run(self._operations.adapter_names, succeeded=self._offer_names)

    def _offer_names(self, names: list[str]) -> None:
        filling, self._filling = self._filling, True
        for made in self._inputs.values():
            if isinstance(made, NamesInput):
                made.set_names(names)
        self._filling = filling

    def _has_more(self, record: Any) -> bool:
        return any(spec.more and getattr(record, spec.key, None) for spec in self._kind.fields)

    def _type(self) -> str:
        return str(self._inputs["type"].raw()) if "type" in self._inputs else ""

    def _show_fields(self, more: bool) -> None:
        kind_of_place = self._type()
        for key, made in self._inputs.items():
            spec = made.spec
            fits = not spec.types or kind_of_place in spec.types
            # What a record has is shown, though its type would not ask for it.
            given = bool(self._record is not None and getattr(self._record, key, None))
            self._fields[key].setVisible((fits or given) and (more or not spec.more))
            if isinstance(made, PlaceInput):
                made.one_file = kind_of_place.startswith("project_")
        self._more.setVisible(not more and any(spec.more for spec in self._kind.fields))

    def _show_more(self) -> None:
        self._show_fields(more=True)

    def _is_hidden(self, key: str) -> bool:
        return self._fields[key].isHidden()

    # -- reading and checking --------------------------------------------------------------

    def values(self) -> tuple[dict[str, Any], tuple[Finding, ...]]:
        """(what the services get, what is wrong with figures as they are typed).

        For a new record every visible field; else what was changed, and with a changed kind also
        what that kind asks for.
        """
        changed_type = "type" in self._inputs and self._inputs["type"].is_changed
        values: dict[str, Any] = {}
        found: list[Finding] = []
        for key, made in self._inputs.items():
            visible = not self._is_hidden(key) or made.spec.more
            needed = self._record is None or (changed_type and not made.spec.optional)
            if not (made.is_changed if not needed else visible):
                continue
            value, wrong = made.read()
            values[key] = value
            if wrong is not None:
                found.append(wrong)
        return values, tuple(found)

    def _changed(self) -> None:
        if self._filling:
            return
        made = self.sender()
        if isinstance(made, FieldInput):
            if made.spec.key == "type":
                self._show_fields(more=not self._more.isVisible())
            elif made.raw():
                self._touched.add(made.spec.key)
        self.footer.say("")
        self._timer.start()

    def _left(self) -> None:
        made = self.sender()
        if isinstance(made, FieldInput) and made.is_changed:
            self._touched.add(made.spec.key)
            self._paint()

    def _check(self) -> None:
        self._ticket += 1
        values, wrong = self.values()
        for finding in wrong:
            values[finding.field] = None
        self._library.run(
            self._operations.validate,
            self._ticket,
            self._record,
            values,
            succeeded=self._validated,
            failed=self._not_checked,
        )
        self._paint()

    def _validated(self, answer: tuple[int, tuple[Finding, ...]]) -> None:
        ticket, found = answer
        if ticket == self._ticket and not self._busy:
            self._findings = found
            self._paint()

    def _not_checked(self, error: Exception) -> None:
        # Saving says it, too; while typing a sentence is enough.
        if isinstance(error, LorariumError):
            self.footer.say(f"{error.message} {error.advice}".strip())
        else:
            self.notice.emit(notice_of(error, "What you typed can't be checked."))

    def _paint(self) -> None:
        _, wrong = self.values()
        own = {finding.field for finding in wrong}
        found = [*wrong, *(f for f in self._findings if f.field not in own)]
        for key, shown in self._fields.items():
            told = self._attempted or key in self._touched
            shown.set_findings([f for f in found if told and f.field == key])
        beside = [f for f in found if self._attempted and self._is_unplaced(f)]
        if beside:
            self.footer.say(f"{beside[0].message} {beside[0].advice}".strip())

    def _is_unplaced(self, finding: Finding) -> bool:
        return finding.field not in self._fields or self._is_hidden(finding.field)

    def _take_suggestion(self, value: str) -> None:
        shown = self.sender()
        for key, candidate in self._fields.items():
            if candidate is shown:
                self._inputs[key].set_raw(value)
                self._inputs[key].target.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- saving ----------------------------------------------------------------------------

    def save(self) -> None:
        """Add or change the record; a refusal stays beside its field, and nothing typed is lost."""
        if self._busy:
            return
        self._timer.stop()
        values, wrong = self.values()
        self._attempted = True
        if wrong:
            self._paint()
            self._focus_error()
            return
        if self._record is not None and not values:
            self.cancelled.emit()
            return
        self._ticket += 1
        self._set_busy(True)
        self._library.run(
            self._operations.save,
            self._record,
            values,
            succeeded=self._saved,
            failed=self._refused,
        )

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.footer.set_busy(busy)

    def _saved(self, record_id: str) -> None:
        self._set_busy(False)
        self.saved.emit(record_id)

    def _refused(self, error: Exception) -> None:
        self._set_busy(False)
        if isinstance(error, ValidationError):
            self._findings = error.findings
            self._paint()
            self._focus_error()
        elif isinstance(error, LorariumError):
            self.footer.say(f"{error.message} {error.advice}".strip())
        else:
            self.notice.emit(notice_of(error, "It was not saved."))

    def _focus_error(self) -> None:
        for key, shown in self._fields.items():
            if any(f.severity == Severity.ERROR for f in shown.findings()):
                self._inputs[key].target.setFocus(Qt.FocusReason.OtherFocusReason)
                self.area.ensureWidgetVisible(shown)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._stop_checking()
            self.leaving.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            button = self.focusWidget()
            if isinstance(button, QAbstractButton):
                button.click()
            else:
                self.save()
        else:
            super().keyPressEvent(event)

    def _stop_checking(self) -> None:
        self._ticket += 1
        self._timer.stop()

    def _cancel(self) -> None:
        self._stop_checking()
        self.cancelled.emit()
