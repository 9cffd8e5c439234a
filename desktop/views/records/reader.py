"""The selected record, to be read: its facts, its templates or its split, and who uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.services.errors import InUseError
from desktop.services.records import Finding, Severity
from desktop.views.records.cells import title_of
from desktop.views.records.facts import extra_facts, facts_of, split_of, split_words
from desktop.views.records.kinds import RecordKind
from desktop.views.records.operations import User
from desktop.views.records.used_by import UsedBy
from desktop.views.theme import FontRole, bind, font, metric
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.fact_list import FactList
from desktop.views.widgets.finding_row import FindingList, Link
from desktop.views.widgets.section import Section
from desktop.views.widgets.split_bar import SplitBar, SplitLegend
from desktop.views.widgets.text import LinkButton, PlainLabel, visible

_TEMPLATES = (
    ("prompt_template", "Prompt template"),
    ("input_template", "Input template"),
    ("completion_template", "Completion template"),
)
_MOST_LINES = 12


class RecordReader(QWidget):
    """One record in read form.

    Signals:
        editRequested, removeRequested: of the record that is shown.
        adapterRequested(object): the adapter of this id was clicked.
        adaptersRequested: all adapters of this base model are wanted.
        recordRequested(object, object): the key of a page, and the id of a record there.
    """

    editRequested = Signal()
    removeRequested = Signal()
    adapterRequested = Signal(object)
    adaptersRequested = Signal()
    recordRequested = Signal(object, object)

    def __init__(self, kind: RecordKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{kind.prefix}Reader")
        self._kind = kind
        self._record_id = ""
        self._build()

    # -- building --------------------------------------------------------------------------

    def _build(self) -> None:
        content = QWidget()
        self._box = QVBoxLayout(content)
        self._box.setContentsMargins(16, 0, 16, 16)
        self._box.setSpacing(12)
        self.refusal = FindingList()
        self.refusal.setObjectName(f"{self._kind.prefix}Refusal")
        self.refusal.hide()
        self._box.addWidget(self.refusal)
        self.description = PlainLabel(role=FontRole.LABEL, tone="secondary", wrap=True)
        self._box.addWidget(self.description)
        if self._kind.key == "jobs":
            self._build_split()
        self.facts = FactList()
        self.facts.linkActivated.connect(self._follow)
        facts = Section(self._kind.noun.capitalize(), line_above=self._kind.key == "jobs")
        facts.add(self.facts)
        self._box.addWidget(facts)
        if self._kind.key == "prompts":
            self._build_templates()
        if self._kind.key == "jobs":
            self._build_extra()
        self.used_by = UsedBy(self._kind)
        self.used_by.userRequested.connect(self._open_user)
        self.used_by.adaptersRequested.connect(self.adaptersRequested)
        self._box.addWidget(self.used_by)
        self._box.addStretch(1)
        area = QScrollArea()
        area.setObjectName(f"{self._kind.prefix}ReaderScroll")
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area = area
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._head())
        outer.addWidget(area, 1)

    def _head(self) -> QHBoxLayout:
        self.title = PlainLabel(role=FontRole.PANEL_TITLE, elide="middle", copyable=True)
        self.title.setObjectName(f"{self._kind.prefix}Title")
        self.edit_button = self._button("Edit", "pencil", "F2")
        self.edit_button.clicked.connect(self.editRequested)
        self.remove_button = self._button("Remove", "bin", "Delete")
        self.remove_button.clicked.connect(self.removeRequested)
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 10, 8)
        head.setSpacing(4)
        head.addWidget(self.title, 1)
        head.addWidget(self.edit_button)
        head.addWidget(self.remove_button)
        return head

    def _button(self, word: str, icon: str, key: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"{self._kind.prefix}{word}Button")
        button.setAccessibleName(f"{word} this {self._kind.noun}")
        button.setToolTip(f"{word} ({key})")
        bind(button, icon)
        return button

    def _build_split(self) -> None:
        self.split_badge = Badge()
        section = Section("Dataset split", self.split_badge)
        self.split_bar = SplitBar()
        self.split_legend = SplitLegend()
        self.split_words = PlainLabel(role=FontRole.LABEL, tone="secondary", wrap=True)
        self.split_findings = FindingList()
        self.split_findings.hide()
        for widget in (self.split_findings, self.split_bar, self.split_legend, self.split_words):
            section.add(widget)
        self._box.addWidget(section)

    def _build_templates(self) -> None:
        self.templates: dict[str, tuple[Section, QPlainTextEdit]] = {}
        for key, title in _TEMPLATES:
            words = "".join(part.capitalize() for part in key.split("_"))
            edit = QPlainTextEdit()
            edit.setObjectName(f"{self._kind.prefix}{words}View")
            edit.setAccessibleName(title)
            edit.setReadOnly(True)
            edit.setTabChangesFocus(True)
            edit.setFont(font(FontRole.FIXED, QApplication.font()))
            section = Section(title, line_above=key == _TEMPLATES[0][0])
            section.add(edit)
            self.templates[key] = section, edit
            self._box.addWidget(section)

    def _build_extra(self) -> None:
        self.extra_link = LinkButton(name=f"{self._kind.prefix}Extra")
        self.extra_link.clicked.connect(self._toggle_extra)
        self.extra = FactList(label_width=110)
        self.extra.setObjectName(f"{self._kind.prefix}ExtraFacts")
        self._box.addWidget(self.extra_link)
        self._box.addWidget(self.extra)
        self.extra.hide()

    # -- showing ---------------------------------------------------------------------------

    def show_record(self, record: Any) -> None:
        """Show this record. The same one again keeps its place and its list of users."""
        if record.id != self._record_id:
            self._record_id = record.id
            self.refusal.set_findings(())
            self.refusal.hide()
            self.used_by.set_waiting()
            self._area.verticalScrollBar().setValue(0)
        self.title.setText(title_of(record))
        text = str(getattr(record, "description", None) or "")
        self.description.setText(text)
        self.description.setVisible(bool(text))
        self.facts.set_facts(facts_of(self._kind.key, record))
        if self._kind.key == "jobs":
            self._show_split(record)
            self._show_extra(record)
        elif self._kind.key == "prompts":
            self._show_templates(record)

    def set_read_only(self, why: str) -> None:
        """why: a sentence that says why nothing can be changed, "" if it can."""
        for button, words in (
            (self.edit_button, "Edit (F2)"),
            (self.remove_button, "Remove (Delete)"),
        ):
            button.setEnabled(not why)
            button.setToolTip(why or words)

    def _show_split(self, record: Any) -> None:
        split = split_of(record)
        if split.dataset_fraction_recorded and split.train_test_split_recorded:
            self.split_badge.set("Recorded", "ok")
        else:
            self.split_badge.set("Partly recorded" if split.recorded else "Assumed")
        self.split_bar.set_split(split)
        self.split_legend.set_split(split)
        self.split_words.setText(split_words(split))
        self.split_findings.set_findings(split.findings)
        self.split_findings.setVisible(bool(split.findings))

    def _show_extra(self, record: Any) -> None:
        facts = extra_facts(record)
        self.extra.set_facts(facts)
        self.extra_link.setVisible(bool(facts))
        if not facts:
            self.extra.hide()
        self._name_extra()

    def _name_extra(self) -> None:
        count = len(self.extra.facts())
        fields = "1 more field" if count == 1 else f"{count} more fields"
        self.extra_link.setText("Show fewer fields" if not self.extra.isHidden() else fields)

    def _toggle_extra(self) -> None:
        self.extra.setVisible(self.extra.isHidden())
        self._name_extra()

    def _show_templates(self, record: Any) -> None:
        for key, (section, edit) in self.templates.items():
            text = visible(str(getattr(record, key) or ""), lines=True)
            section.setVisible(bool(text))
            if text == edit.toPlainText():
                continue
            edit.setPlainText(text)
            lines = min(max(edit.blockCount(), 2), _MOST_LINES)
            edit.setFixedHeight(
                QFontMetrics(edit.font()).lineSpacing() * lines + metric(26, self.font())
            )

    # -- who uses it -----------------------------------------------------------------------

    def show_users(self, users: Sequence[User]) -> None:
        """Show what refers to this record."""
        self.used_by.set_users(users)

    def show_refusal(self, error: InUseError) -> None:
        """Say beside the record why it stays, with its users in one click."""
        finding = Finding("", "in_use", Severity.WARNING, error.message, error.advice)
        self.refusal.set_findings((finding,), self._refusal_links)
        self.refusal.show()
        self._area.verticalScrollBar().setValue(0)

    def _refusal_links(self, _: Finding) -> Sequence[Link]:
        return (("Show them", self._show_them),)

    def _show_them(self) -> None:
        if self._kind.key == "base_models" and self.used_by.has_adapters():
            self.adaptersRequested.emit()
            return
        self._area.ensureWidgetVisible(self.used_by)
        self.used_by.focus()

    def _open_user(self, user: User) -> None:
        if user.kind == "adapters":
            self.adapterRequested.emit(user.id)
        else:
            self.recordRequested.emit(user.kind, user.id)

    def _follow(self, key: str) -> None:
        kind, _, record_id = key.partition(":")
        if kind == "adapters":
            self.adapterRequested.emit(record_id)
        else:
            self.recordRequested.emit(kind, record_id)
