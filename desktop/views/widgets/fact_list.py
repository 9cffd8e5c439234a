"""Facts in two columns: what, and how much. Values can be marked and copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QToolButton, QWidget

from desktop.views.theme import FontRole, bind, italic, metric, tabular
from desktop.views.widgets.finding_row import IconLabel
from desktop.views.widgets.text import LinkButton, PlainLabel, set_plain_tooltip


@dataclass(frozen=True, slots=True)
class Fact:
    """One row.

    value: as text, "" and None both show an en dash; link: the value is a link, `linkActivated`
    says `key`; path: one line, elided in the middle, with a button that copies all of it; tone and
    icon colour and mark the value; aside: quiet words after it; assumed: italic and secondary;
    tooltip: more about the value.
    """

    label: str
    value: str | None
    key: str = ""
    link: bool = False
    path: bool = False
    tone: str = ""
    icon: str = ""
    aside: str = ""
    assumed: bool = False
    tooltip: str = ""


class FactList(QWidget):
    """Label and value rows. The same facts again change nothing, so nothing jumps."""

    linkActivated = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, label_width: int = 92) -> None:
        super().__init__(parent)
        self.setObjectName("factList")
        self._facts: tuple[Fact, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, metric(label_width, self.font()))
        self._keys: dict[LinkButton, str] = {}
        self._copies: dict[QToolButton, PlainLabel] = {}

    def set_facts(self, facts: Sequence[Fact | tuple[str, str]]) -> None:
        """Show these. A plain (label, value) will do for most."""
        fresh = tuple(f if isinstance(f, Fact) else Fact(*f[:2]) for f in facts)
        if fresh == self._facts:
            return
        self._facts = fresh
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._keys.clear()
        self._copies.clear()
        top = Qt.AlignmentFlag.AlignTop
        for row, fact in enumerate(fresh):
            label = PlainLabel(fact.label, role=FontRole.LABEL, tone="secondary")
            # Lines that may wrap start level with their label; a button is higher than its line.
            place = Qt.AlignmentFlag.AlignVCenter if fact.path or fact.link else top
            self._grid.addWidget(label, row, 0, place)
            self._grid.addWidget(self._value(fact), row, 1, place)

    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._facts

    def _value(self, fact: Fact) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        text = fact.value or "–"
        if fact.icon:
            size = metric(14, self.font())
            row.addWidget(IconLabel(fact.icon, fact.tone or "text2", size), 0)
        if fact.link and fact.value:
            link = LinkButton(text, name=f"fact_{fact.key or fact.label.replace(' ', '')}")
            self._keys[link] = fact.key or fact.label
            link.clicked.connect(self._link_clicked)
            row.addWidget(link, 1, Qt.AlignmentFlag.AlignLeft)
            widget: QWidget = link
        else:
            label = PlainLabel(
                text,
                role=FontRole.LABEL,
                tone="secondary" if fact.assumed or not fact.value else fact.tone,
                elide="middle" if fact.path else "",
                wrap=not fact.path and not fact.aside,
                copyable=bool(fact.value),
            )
            label.setFont(tabular(label.font()))
            if fact.assumed:
                label.setFont(italic(label.font()))
            label.setObjectName("factValue")
            if fact.value:
                label.setAccessibleName(f"{fact.label}: {text}")
            row.addWidget(label, 0 if fact.aside else 1)
            widget = label
            if fact.path and fact.value:
                row.addWidget(self._copy_button(fact, label))
        if fact.aside:
            row.addWidget(
                PlainLabel(fact.aside, role=FontRole.LABEL, tone="secondary", elide="end"), 1
            )
        if fact.tooltip:
            set_plain_tooltip(widget, fact.tooltip)
        return holder

    def _copy_button(self, fact: Fact, label: PlainLabel) -> QToolButton:
        button = QToolButton()
        button.setObjectName("factCopy")
        button.setProperty("inline", True)
        button.setAccessibleName(f"Copy {fact.label.lower()}")
        button.setToolTip("Copy")
        bind(button, "copy", "text2", 14)
        self._copies[button] = label
        button.clicked.connect(self._copy_clicked)
        return button

    def _link_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, LinkButton) and sender in self._keys:
            self.linkActivated.emit(self._keys[sender])

    def _copy_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, QToolButton) and sender in self._copies:
            self._copies[sender].copy()
