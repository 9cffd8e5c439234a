"""Below the results: how many are chosen, and the button that brings them in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.models.formats import whole_text
from desktop.models.scan_session import ScanSession
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.section import line
from desktop.views.widgets.text import PlainLabel, set_plain_tooltip


class ScanFoot(QWidget):
    """Signals: allRequested(), noneRequested(), newestRequested(): what to choose;
    importRequested(): bring in what is chosen; baseRequested(): choose a base model for those
    that wait for one."""

    allRequested = Signal()
    noneRequested = Signal()
    newestRequested = Signal()
    importRequested = Signal()
    baseRequested = Signal()

    def __init__(self, session: ScanSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scanFoot")
        self.setProperty("surface", "sidebar")
        self._session = session
        self._refusal = ""
        self.menu = QMenu(self)
        self.menu.setObjectName("scanSelectMenu")
        for text, name, signal in (
            ("&All that are shown\tCtrl+A", "selectAllFound", self.allRequested),
            ("The &newest of each run", "selectNewestFound", self.newestRequested),
            ("&None\tCtrl+Shift+A", "selectNoneFound", self.noneRequested),
        ):
            action = self.menu.addAction(text)
            action.setObjectName(name)
            action.triggered.connect(signal)
        self.select_button = QPushButton("S&elect")
        self.select_button.setObjectName("scanSelect")
        self.select_button.setAccessibleName("Select")
        self.select_button.setToolTip("Choose several at once")
        self.select_button.setMenu(self.menu)
        self.select_button.setProperty("menu", True)
        self.said = PlainLabel("", elide="end")
        self.said.setObjectName("scanChosen")
        self.bases = PlainLabel("", role=FontRole.LABEL, tone="secondary")
        self.bases.setObjectName("scanBases")
        self.nameless = InlineMessage(keep=False)
        self.nameless.setObjectName("scanNameless")
        self.nameless.linkActivated.connect(self.baseRequested)
        self.button = QPushButton()
        self.button.setObjectName("importFound")
        self.button.setProperty("primary", True)
        self.button.clicked.connect(self.importRequested)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.select_button)
        row.addWidget(self.said, 1)
        row.addWidget(self.bases)
        row.addWidget(self.button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(line())
        inner = QVBoxLayout()
        inner.setContentsMargins(12, 12, 12, 12)
        inner.setSpacing(8)
        inner.addWidget(self.nameless)
        inner.addLayout(row)
        box.addLayout(inner)
        self.setMinimumHeight(metric(56, self.font()))
        self.renew()

    def set_refusal(self, sentence: str) -> None:
        """Why nothing can be imported here, "" if it can."""
        self._refusal = sentence
        self.renew()

    def renew(self) -> None:
        """Say how many are chosen."""
        table, session = self._session.table, self._session
        chosen, able = table.chosen_count(), table.count("new")
        self.select_button.setEnabled(able > 0)
        what = f"{whole_text(chosen)} of {whole_text(able)} chosen" if able else "Nothing to import"
        self.said.setText(what if table.total() else "")
        nameless = len(table.nameless())
        verb = "name" if nameless > 1 else "names"
        waits_for = f"{whole_text(nameless)} of them {verb} no base model."
        if chosen == nameless:
            waits_for = "It names no base model." if chosen == 1 else "They name no base model."
        if nameless:
            self.nameless.set_message(waits_for, "warning", "Choose one")
        else:
            self.nameless.clear()
        bases = table.new_bases()
        self.bases.setVisible(bases > 0)
        self.bases.setText(f"Adds {whole_text(bases)} base model{'' if bases == 1 else 's'}")
        ready = chosen - nameless
        if session.is_importing:
            text = "Importing…"
        else:
            text = f"&Import {whole_text(ready)} adapter{'' if ready == 1 else 's'}"
        self.button.setText(text if ready else "&Import")
        self.button.setAccessibleName(self.button.text().replace("&", ""))
        waits = session.is_scanning and ready > 0
        hint = self._refusal or ("The scan has to end first; Stop ends it." if waits else "")
        set_plain_tooltip(self.button, hint or "Bring what is chosen into the library, in one step")
        free = not session.is_scanning and not session.is_importing and not self._refusal
        self.button.setEnabled(ready > 0 and free)
