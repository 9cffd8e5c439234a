"""The left of a page of records: title, count, filter, the table, and what stands in its place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.models.record_table import RecordTableModel
from desktop.services.settings import Settings
from desktop.views.records.kinds import RecordKind
from desktop.views.records.table import RecordTable
from desktop.views.theme import FontRole, bind, metric
from desktop.views.widgets.empty_state import EmptyPlace
from desktop.views.widgets.text import PlainLabel, restyle, set_plain_tooltip


class FilterEdit(QLineEdit):
    """The filter: Esc clears it, and leaves it when it is empty; Down and Enter leave it.

    Signals:
        leaving: the table should have the focus now.
    """

    leaving = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.leaving.emit()
        else:
            super().keyPressEvent(event)


class ListPane(QWidget):
    """The records of one kind as a list.

    Signals:
        addRequested: the button or the link that adds was clicked.
    """

    addRequested = Signal()

    def __init__(
        self,
        kind: RecordKind,
        model: RecordTableModel,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind = kind
        self._model = model
        self._total = 0
        self._ready = False
        self._adding = False
        prefix = kind.prefix
        self.setObjectName(f"{prefix}List")
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(metric(300, self.font()))
        self.count = PlainLabel(role=FontRole.LABEL, tone="secondary")
        self.count.setObjectName(f"{prefix}Count")
        self.add_button = QPushButton(f"{kind.add}…")
        self.add_button.setObjectName(f"{prefix}AddButton")
        self.add_button.setAccessibleName(kind.add)
        self.add_button.setShortcut(QKeySequence(QKeySequence.StandardKey.New))
        self.add_button.clicked.connect(self.addRequested)
        self.filter = FilterEdit()
        self.filter.setObjectName(f"{prefix}Filter")
        self.filter.setAccessibleName(f"Filter {kind.title.lower()}")
        self.filter.setPlaceholderText(f"Filter {kind.title.lower()}")
        self.filter.setClearButtonEnabled(True)
        self._lens = QAction(self.filter)
        bind(self._lens, "search", "text2")
        self.filter.addAction(self._lens, QLineEdit.ActionPosition.LeadingPosition)
        self.filter.textChanged.connect(self._filtered)
        self.filter.leaving.connect(self.focus_table)
        self.table = RecordTable(model, settings, kind.key)
        self.table.setObjectName(f"{prefix}Table")
        self.table.setAccessibleName(kind.title)
        self.empty = EmptyPlace(kind.empty, f"{kind.add}…")
        self.empty.setObjectName(f"{prefix}Empty")
        self.empty.linkActivated.connect(self.addRequested)
        self.no_hits = EmptyPlace("", "Clear the filter")
        self.no_hits.setObjectName(f"{prefix}NoHits")
        self.no_hits.linkActivated.connect(self._clear_filter)
        self._waiting = QWidget()
        self._stack = QStackedWidget()
        for place in (self._waiting, self.table, self.empty, self.no_hits):
            self._stack.addWidget(place)
        model.countsChanged.connect(self._counted)
        self._lay_out()
        self._show()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(PlainLabel(self._kind.title, role=FontRole.PAGE_TITLE))
        head.addWidget(self.count)
        head.addStretch(1)
        head.addWidget(self.add_button)
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 8)
        top.setSpacing(8)
        top.addLayout(head)
        top.addWidget(self.filter)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(top)
        box.addWidget(self._stack, 1)

    # -- what is shown ---------------------------------------------------------------------

    def set_state(self, total: int, ready: bool, refusal: str, trouble: str = "") -> None:
        """total: records in the library; ready: whether they were read already; refusal: why
        nothing can be added, "" if it can; trouble: why they can't be read."""
        self._total, self._ready = total, ready or bool(trouble)
        self.add_button.setEnabled(not refusal)
        set_plain_tooltip(self.add_button, refusal)
        self.empty.set(trouble or self._kind.empty, "" if refusal else f"{self._kind.add}…")
        self._show()

    def set_adding(self, adding: bool) -> None:
        """While a form is open its own button is the primary one."""
        self._adding = adding
        self._show()

    def _counted(self, shown: int, total: int) -> None:
        self.count.setText(f"{shown:,} of {total:,}" if shown != total else f"{total:,}")
        self._total = total
        self._show()

    def _show(self) -> None:
        if self._model.rowCount():
            place: QWidget = self.table
        elif self._total:
            place = self.no_hits
            words = self.filter.text().strip()
            self.no_hits.set(f"No {self._kind.noun} matches “{words}”.", "Clear the filter")
        else:
            place = self.empty if self._ready else self._waiting
        self._stack.setCurrentWidget(place)
        self.filter.setVisible(bool(self._total))
        self.count.setVisible(bool(self._total))
        can_add = self.add_button.isEnabled()
        first = self._ready and can_add and not self._total and not self._adding
        restyle(self.add_button, "primary", first)
        self.add_button.updateGeometry()  # its words are wider then

    # -- the filter ------------------------------------------------------------------------

    def _filtered(self, text: str) -> None:
        self._model.set_filter(text)
        self._show()

    def _clear_filter(self) -> None:
        self.filter.clear()
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_table(self) -> None:
        """Go on by keyboard in the table, or where a person can go on if it has no row."""
        if not self._model.rowCount():
            place = self.filter if self._total else self.add_button
            place.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.table.currentIndex().isValid():
            self.table.selectRow(0)
