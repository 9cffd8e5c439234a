"""Above the results: what is scanned and how far, the filter, and the states as chips.

Its height stays the same while a scan runs, so that no line moves away from the pointer.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.filter_language import described
from desktop.models.formats import whole_text
from desktop.models.scan_end import ScanEnd
from desktop.models.scan_rows import STATES, state_title
from desktop.models.scan_session import ScanSession
from desktop.services.peft_folder.reading import printable
from desktop.services.scan.records import FoundState
from desktop.views.theme import FontRole, bind, metric
from desktop.views.widgets.chip import ToggleChip
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import LinkButton, PlainLabel, restyle, set_plain_tooltip

_OFF = frozenset({FoundState.KNOWN, FoundState.NOT_PEFT})
"""States that are not of interest until somebody asks for them."""


class ScanHead(QWidget):
    """Title, start and stop, progress, filter and chips.

    Signals:
        startRequested(), stopRequested(), skippedRequested(): what the buttons say.
        statesChanged(object): the frozenset of states whose chips are on.
    """

    startRequested = Signal()
    stopRequested = Signal()
    skippedRequested = Signal()
    statesChanged = Signal(object)

    def __init__(self, session: ScanSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scanHead")
        self._session = session
        self._can_start = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._build()
        self.renew()

    def _build(self) -> None:
        self.title = PlainLabel("", role=FontRole.PAGE_TITLE, elide="middle")
        self.title.setObjectName("scanTitle")
        self.start_button = QPushButton("&Start scan")
        self.start_button.setObjectName("startScan")
        self.start_button.setProperty("primary", True)
        self.start_button.clicked.connect(self._pressed)
        self.panel_button = QToolButton()
        self.panel_button.setObjectName("scanDetailsButton")
        self.panel_button.setAccessibleName("Details of the selected folder")
        self.panel_button.setToolTip("Show or hide the details of the selected folder")
        self.panel_button.setCheckable(True)
        self.panel_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bind(self.panel_button, "panel-right")
        self.bar = QProgressBar()
        self.bar.setObjectName("scanProgress")
        self.bar.setAccessibleName("Scanning")
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(metric(110, self.font()), metric(6, self.font()))
        self.said = PlainLabel("", tone="secondary", elide="end")
        self.said.setObjectName("scanSaid")
        self.skipped = LinkButton(name="scanSkipped")
        self.skipped.clicked.connect(self.skippedRequested)
        self.message = InlineMessage(keep=False)
        self.message.setObjectName("scanMessage")
        self.filter = QLineEdit()
        self.filter.setObjectName("scanFilter")
        self.filter.setAccessibleName("Filter what was found")
        self.filter.setPlaceholderText("Filter")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(metric(110, self.font()))
        set_plain_tooltip(self.filter, f"Words, or what you look for by its key:\n{described()}")
        glass = QAction(self.filter)
        bind(glass, "search", "text2")
        self.filter.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self.chips: dict[FoundState, ToggleChip] = {}
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title, 1)
        top.addWidget(self.start_button)
        top.addWidget(self.panel_button)
        middle = QHBoxLayout()
        middle.setSpacing(10)
        middle.addWidget(self.bar)
        middle.addWidget(self.said, 1)
        middle.addWidget(self.skipped)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.filter, 1)
        for state in STATES:
            chip = ToggleChip(state_title(state), on=state not in _OFF)
            chip.setObjectName(f"{state}Chip")
            chip.toggled.connect(self._chips_changed)
            self.chips[state] = chip
            row.addWidget(chip)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 8, 12, 8)
        box.setSpacing(8)
        box.addLayout(top)
        box.addLayout(middle)
        box.addWidget(self.message)
        box.addLayout(row)
        least = max(self.said.sizeHint().height(), self.skipped.sizeHint().height())
        self.said.setMinimumHeight(least)

    # -- what is shown ---------------------------------------------------------------------

    def states(self) -> frozenset[FoundState]:
        """The states whose chips are on."""
        return frozenset(state for state, chip in self.chips.items() if chip.isChecked())

    def show_states(self, states: Sequence[FoundState]) -> None:
        """Turn the chips of these states on, beside those that are."""
        for state in states:
            self.chips[state].setChecked(True)

    def set_startable(self, on: bool, ticked: Sequence[str]) -> None:
        """Whether there is anything to scan; ticked: the folders."""
        self._can_start = on
        self._ticked = tuple(ticked)
        self.renew()

    _ticked: tuple[str, ...] = ()

    def renew(self) -> None:
        """Say how it stands."""
        session = self._session
        runs = session.is_scanning
        paths = session.paths or self._ticked
        self.title.setText(_title(paths, done=bool(session.paths)))
        self.bar.setVisible(runs)
        self.bar.setRange(0, 0 if runs else 1)
        again = bool(session.paths) and self._ticked == session.paths
        text = "S&top" if runs else "&Scan again" if again else "&Start scan"
        self.start_button.setText(text)
        self.start_button.setAccessibleName(text.replace("&", ""))
        restyle(self.start_button, "primary", not runs and not again)
        self.start_button.setEnabled(runs or (self._can_start and not session.is_importing))
        self.renew_said()

    def renew_said(self) -> None:
        """The figures alone: ten times a second."""
        session = self._session
        end: ScanEnd | None = session.end
        table = session.table
        adapters = table.total() - table.count(FoundState.NOT_PEFT) - table.count(FoundState.GONE)
        folders = f"{whole_text(session.folders)} folder{'' if session.folders == 1 else 's'}"
        found = f"{whole_text(adapters)} adapter{'' if adapters == 1 else 's'}"
        if session.is_scanning:
            said = f"{folders} · {found} · {whole_text(session.rate)} folders/s"
        elif end is not None:
            said = f"{folders} · {found} · {end.seconds:,.1f} s"
        elif session.paths:
            said = f"Stopped after {folders} · {found}"
        else:
            said = "Looks for adapters in every folder below, and changes nothing."
        self.said.setText(said)
        count = 0 if end is None else end.skipped_total
        self.skipped.setVisible(bool(count))
        self.skipped.setText(f"{whole_text(count)} skipped…")

    def renew_counts(self) -> None:
        """The counts on the chips; a state that nothing is in gives its room to the filter."""
        table = self._session.table
        for state, chip in self.chips.items():
            count = table.count(state)
            chip.set_count(whole_text(count) if count else "")
            usual = state in (FoundState.NEW, FoundState.KNOWN)
            chip.setVisible(bool(count) or usual or chip.hasFocus())

    def _chips_changed(self, _on: bool) -> None:
        self.statesChanged.emit(self.states())

    def _pressed(self) -> None:
        if self._session.is_scanning:
            self.stopRequested.emit()
        else:
            self.startRequested.emit()


def _title(paths: Sequence[str], *, done: bool) -> str:
    if not paths:
        return "Scan folders"
    verb = "Scan of" if done else "Scan"
    if len(paths) == 1:
        return f"{verb} {printable(paths[0], 300)}"
    return f"{verb} {whole_text(len(paths))} folders"
