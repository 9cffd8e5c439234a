"""The base model of an adapter: a list to choose from, and a line to add one that is not there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.models.candidates import Draft
from desktop.services.peft_folder import printable
from desktop.services.records import BaseModelRecord, Finding, Severity
from desktop.views.theme import icon, metric, notifier
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.text import LinkButton, set_plain_tooltip

_LINK_LENGTH = 48
_ADD = "Add a base model…"
_NOT_HERE = "base_not_here"


class _AddEdit(QLineEdit):
    """A line whose Enter adds and whose Esc closes the line, not the dialog."""

    entered = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class BaseModelField(FormField):
    """Choose a base model, or add one.

    Signals:
        picked(object): the person chose this base model (its id).
        addWanted(str): add the base model of this Hub name or in this folder, and choose it.
    """

    picked = Signal(object)
    addWanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.combo = QComboBox()
        self.combo.setObjectName("baseModelCombo")
        self.combo.setAccessibleName("Base model")
        self.combo.setPlaceholderText("Choose a base model…")
        self.combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.combo.setMinimumContentsLength(12)
        self.combo.setMaxVisibleItems(12)
        self.combo.setIconSize(QSize(*[metric(16, self.combo.font())] * 2))
        self.new_edit = _AddEdit()
        self.new_edit.setObjectName("newBaseModelEdit")
        self.new_edit.setAccessibleName("Hub name or folder of the base model to add")
        self.new_edit.setPlaceholderText("Hub name like org/model, or a folder")
        self.new_edit.setMaxLength(4096)
        self.new_edit.setAcceptDrops(False)
        self.new_button = QPushButton("Add")
        self.new_button.setObjectName("addBaseModelButton")
        self.new_button.setAccessibleName("Add this base model")
        self.new_button.setAutoDefault(False)
        self.new_cancel = LinkButton("Never mind", name="leaveAddBaseModelLink")
        self._add_row = QWidget()
        row = QHBoxLayout(self._add_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.new_edit, 1)
        row.addWidget(self.new_button)
        row.addWidget(self.new_cancel)
        self._add_row.hide()
        editor = QWidget()
        box = QVBoxLayout(editor)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.combo)
        box.addWidget(self._add_row)
        super().__init__("&Base model", editor, target=self.combo, parent=parent)
        self._records: list[BaseModelRecord] = []
        self._extra: dict[str, BaseModelRecord] = {}
        self._wanted: str | None = None
        self._named = ""
        self._refusals: tuple[Finding, ...] = ()
        self.combo.currentIndexChanged.connect(self._chosen)
        self.new_edit.entered.connect(self._add)
        self.new_edit.left.connect(self.close_add_row)
        self.new_edit.textEdited.connect(self._forget_refusals)
        self.new_button.clicked.connect(self._add)
        self.new_cancel.clicked.connect(self.close_add_row)
        self.linkActivated.connect(self._link)
        self.suggestionChosen.connect(self._use_named)
        notifier().changed.connect(self._fill)

    # -- the list --------------------------------------------------------------------------

    def set_models(self, records: Sequence[BaseModelRecord]) -> None:
        """Offer these; the choice stays."""
        self._records = list(records)
        for record in records:
            self._extra.pop(record.id, None)
        self._fill()

    def add_model(self, record: BaseModelRecord) -> None:
        """Offer one more, which the library does not list yet."""
        if all(record.id != known.id for known in self._records):
            self._extra[record.id] = record
            self._fill()

    def show_choice(self, model_id: str | None) -> None:
        """Show this base model as chosen."""
        self._wanted = model_id
        with QSignalBlocker(self.combo):
            self.combo.setCurrentIndex(self.combo.findData(model_id) if model_id else -1)
        self._explain()

    def _fill(self) -> None:
        with QSignalBlocker(self.combo):
            self.combo.clear()
            glyph = icon("layers")
            for record in (*self._records, *self._extra.values()):
                self.combo.addItem(glyph, printable(record.title, 255), record.id)
            if self.combo.count():
                self.combo.insertSeparator(self.combo.count())
            self.combo.addItem(icon("plus"), _ADD, None)
            found = self.combo.findData(self._wanted) if self._wanted else -1
            self.combo.setCurrentIndex(found)
        self._explain()

    def _explain(self) -> None:
        set_plain_tooltip(self.combo, self.combo.currentText())

    def _chosen(self, index: int) -> None:
        chosen = self.combo.itemData(index) if index >= 0 else None
        if chosen is None:
            self.show_choice(self._wanted)
            if index >= 0:
                self.open_add_row()
            return
        self._wanted = chosen
        self._explain()
        self.close_add_row()
        self.picked.emit(chosen)

    # -- adding ----------------------------------------------------------------------------

    def open_add_row(self) -> None:
        """Show the line in which a base model is named."""
        self._add_row.show()
        self.new_edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_add_row(self) -> None:
        """Put the line away; its text stays for the next time."""
        if self._add_row.isHidden():
            return
        had_focus = self._add_row.isAncestorOf(self.focusWidget() or self)
        self._forget_refusals()
        self._add_row.hide()
        if had_focus:
            self.combo.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self) -> None:
        text = self.new_edit.text().strip()
        if text:
            self.addWanted.emit(text)

    def added(self) -> None:
        """The base model is in the library now."""
        self.new_edit.clear()
        self.close_add_row()

    def refuse(self, findings: Sequence[Finding]) -> None:
        """The base model was not added: say why, beside the line."""
        self._refusals = tuple(findings)
        self.set_findings(self._refusals)

    def _forget_refusals(self) -> None:
        if self._refusals:
            self._refusals = ()
            self.set_findings(())

    def set_adding(self, busy: bool) -> None:
        """While one is added, another click does nothing."""
        self.new_button.setEnabled(not busy)
        self.new_button.setText("Adding…" if busy else "Add")

    # -- what is said of the choice --------------------------------------------------------

    def show_known(self, draft: Draft) -> None:
        """Say what is known of the chosen base model, or which one the config names."""
        if self._refusals:
            return
        there = draft.inspection
        self._named = self._name_in(draft)
        found = draft.of_field("model_id")
        if draft.model_id is None and there is not None and draft.is_read:
            found = (*found, *self._missing(draft))
        if found:
            self.set_findings(found, {_NOT_HERE: f"Add {printable(self._named, _LINK_LENGTH)}"})
        elif draft.fits and draft.fit and draft.is_checked:
            self.set_ok(draft.fit)
        elif draft.is_checked or draft.model_id is None:
            self.set_findings(())

    def _name_in(self, draft: Draft) -> str:
        """The base model that an adapter names, "" = none."""
        there = draft.inspection
        return (there.base_model_name or "") if there is not None else ""

    def _missing(self, draft: Draft) -> tuple[Finding, ...]:
        if not self._named:
            sentence = "The config does not name a base model."
            advice = "Choose the one that the adapter was trained on."
            return (Finding("model_id", "base_not_named", Severity.WARNING, sentence, advice),)
        if not draft.is_checked:
            return ()  # it may be in the library: that is being asked
        sentence = "The config names one that is not here yet."
        return (Finding("model_id", _NOT_HERE, Severity.WARNING, sentence),)

    def _link(self, code: str) -> None:
        if code == _NOT_HERE:
            self._use_named()

    def _use_named(self, _title: str = "") -> None:
        if self._named:
            self.addWanted.emit(self._named)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and not self.isEnabled():
            self.close_add_row()
