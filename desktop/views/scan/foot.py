"""Below the results: how many are chosen, and the button that brings them in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.models.formats import whole_text
from desktop.models.scan_session import ScanSession
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.section import line
from desktop.views.widgets.text import PlainLabel, set_plain_tooltip


class ScanFoot(QWidget):
    """Signals: allRequested(), noneRequested(), newestRequested(): what to choose;
    importRequested(): bring in what is chosen."""

    allRequested = Signal()
    noneRequested = Signal()
    newestRequested = Signal()
    importRequested = Signal()

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
        self.said = PlainLabel("", elide="end")
        self.said.setObjectName("scanChosen")
        self.bases = PlainLabel("", role=FontRole.LABEL, tone="secondary")
        self.bases.setObjectName("scanBases")
        self.button = QPushButton()
        self.button.setObjectName("importFound")
        self.button.setProperty("primary", True)
        self.button.clicked.connect(self.importRequested)
        row = QHBoxLayout()
        row.setContentsMargins(12, 12, 12, 12)
        row.setSpacing(10)
        row.addWidget(self.select_button)
        row.addWidget(self.said, 1)
        row.addWidget(self.bases)
        row.addWidget(self.button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(line())
        box.addLayout(row)
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
        bases = table.new_bases()
        self.bases.setVisible(bases > 0)
        self.bases.setText(f"Adds {whole_text(bases)} base model{'' if bases == 1 else 's'}")
        if session.is_importing:
            text = "Importing…"
        else:
            text = f"&Import {whole_text(chosen)} adapter{'' if chosen == 1 else 's'}"
        self.button.setText(text if chosen else "&Import")
        self.button.setAccessibleName(self.button.text().replace("&", ""))
        waits = session.is_scanning and chosen > 0
        hint = self._refusal or ("The scan has to end first; Stop ends it." if waits else "")
        set_plain_tooltip(self.button, hint or "Bring what is chosen into the library, in one step")
        ready = not session.is_scanning and not session.is_importing and not self._refusal
        self.button.setEnabled(chosen > 0 and ready)
