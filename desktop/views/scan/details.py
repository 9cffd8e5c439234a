"""The right side of the scan page: the folder that is the current one."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.models.formats import moment_text, whole_text
from desktop.models.library import Library
from desktop.models.scan_columns import state_look
from desktop.models.scan_rows import At, ScanRow, is_able, state_title
from desktop.models.scan_table import Head
from desktop.services.peft_folder.reading import printable
from desktop.services.records import FolderInspection, Row
from desktop.services.scan.records import Found, FoundState
from desktop.views.adapter_facts import facts_of
from desktop.views.scan.base_choice import BaseChoice
from desktop.views.theme import FontRole
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.finding_row import FindingList
from desktop.views.widgets.section import Section
from desktop.views.widgets.text import LinkButton, PlainLabel

_SOON = 120  # milliseconds: who runs down the list with the arrow keys reads nothing in between
_TONES = {"accent": "note", "text2": "plain"}
_NOTHING = "Choose a folder in the list to see what is in it."
_SAID = {
    FoundState.KNOWN: "It is in the library.",
    FoundState.CHANGED: "It is in the library, and was changed since it was looked at.",
    FoundState.GONE: "It is in the library, but its folder is not there any more.",
    FoundState.BROKEN: "What is wrong with it keeps it from being imported.",
}


class ScanDetails(QWidget):
    """Findings, name, base model, facts and place of one found folder.

    Signals:
        renamed(str, str): a path, and the name that was typed for it.
        baseChosen(object, str): a list of paths, and the id of the base model for them.
        showRequested(str): the id of an adapter of the library.
        checkRequested(str): the id of an adapter whose folder is to be looked at again.
        openRequested(object): the path of a folder to show in the file manager.
        importRequested(object): a list with the path of a folder to import by itself.
    """

    renamed = Signal(str, str)
    baseChosen = Signal(object, str)
    showRequested = Signal(str)
    checkRequested = Signal(str)
    openRequested = Signal(object)
    importRequested = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scanDetails")
        self.setAccessibleName("The selected folder")
        self.setProperty("surface", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._library = library
        self.waiting: Callable[[], list[str]] = list
        """Asked for the ticked folders that wait for a base model."""
        self._row: ScanRow | None = None
        self._inspection: FolderInspection | None = None
        self._asked = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self._read)
        self._build()
        self.show_nothing()

    def _build(self) -> None:
        self.title = PlainLabel("", role=FontRole.PANEL_TITLE, elide="middle")
        self.title.setObjectName("scanDetailsTitle")
        self.kind, self.rank, self.state = Badge(), Badge(), Badge()
        self.message = PlainLabel("", tone="secondary", wrap=True)
        self.message.setObjectName("scanDetailsMessage")
        self.findings = FindingList()
        self.name_label = PlainLabel("Name in the library", role=FontRole.FIELD_LABEL)
        self.name = QLineEdit()
        self.name.setObjectName("scanName")
        self.name.setAccessibleName("Name in the library")
        self.name.editingFinished.connect(self._named)
        self.base = Section("Base model", line_above=True)
        self.base_name = PlainLabel("", role=FontRole.NAME, elide="middle", copyable=True)
        self.base_name.setObjectName("scanBaseModel")
        self.base_said = PlainLabel("", role=FontRole.LABEL, tone="secondary", wrap=True)
        self.alone_link = LinkButton("Import it by itself…", name="importScanAlone")
        self.alone_link.clicked.connect(self._import_alone)
        self.base_choice = BaseChoice()
        self.base_choice.picked.connect(self._base_picked)
        self.base_choice.othersWanted.connect(self._base_for_others)
        self.base.add(self.base_name)
        self.base.add(self.base_choice)
        self.base.add(self.base_said)
        self.base.add(self.alone_link)
        self.adapter = Section("Adapter", line_above=True)
        self.facts = FactList()
        self.adapter.add(self.facts)
        self.place = Section("Run", line_above=True)
        self.run = FactList(label_width=72)
        self.place.add(self.run)
        self.show_link = LinkButton("Show in library", name="showScanInLibrary")
        self.show_link.clicked.connect(self._show)
        self.check_link = LinkButton("Check again", name="checkScanAgain")
        self.check_link.clicked.connect(self._check)
        self.open_button = QPushButton("&Open folder")
        self.open_button.setObjectName("openScanFolder")
        self.open_button.setAccessibleName("Open folder")
        self.open_button.setAutoDefault(False)
        self.open_button.setProperty("small", True)
        self.open_button.clicked.connect(self._open)
        badges = QHBoxLayout()
        badges.setSpacing(6)
        for badge in (self.kind, self.rank, self.state):
            badges.addWidget(badge)
        badges.addStretch(1)
        links = QHBoxLayout()
        links.setSpacing(16)
        links.addWidget(self.show_link)
        links.addWidget(self.check_link)
        links.addStretch(1)
        content = QWidget()
        content.setObjectName("scanDetailsContent")
        box = QVBoxLayout(content)
        box.setContentsMargins(16, 16, 16, 16)
        box.setSpacing(8)
        box.addWidget(self.title)
        box.addLayout(badges)
        box.addSpacing(4)
        box.addWidget(self.message)
        box.addLayout(links)
        box.addWidget(self.findings)
        box.addSpacing(4)
        box.addWidget(self.name_label)
        box.addWidget(self.name)
        for part in (self.base, self.adapter, self.place):
            box.addWidget(part)
        box.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        box.addStretch(1)
        area = QScrollArea()
        area.setObjectName("scanDetailsScroll")
        area.setAccessibleName("What is in the folder")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    # -- what is shown ---------------------------------------------------------------------

    def show_nothing(self, said: str = _NOTHING) -> None:
        """Nothing is the current line."""
        self._row, self._inspection = None, None
        self._soon.stop()
        self.title.hide()
        self._hide_parts()
        self.message.setText(said)
        self.message.setVisible(bool(said))

    def show_head(self, head: Head) -> None:
        """A run is the current line."""
        self.show_nothing(f"{head.words}.")
        self.title.setText(head.title)
        self.title.show()

    def show_row(self, row: ScanRow) -> None:
        """A found folder is the current line."""
        before = self._row
        self._row = row
        if before is None or before[Row.ID] != row[Row.ID]:
            self._inspection = None
        found: Found = row[At.FOUND]
        self.title.setText(row[At.FOLDER])
        self.title.show()
        self._badges(row)
        self._words(row)
        self._renew_name(row)
        self._renew_base(row)
        self._renew_facts()
        self._renew_place(found)
        same = before is not None and before[Row.ID] == row[Row.ID]
        if before is None or not same or before[At.FOUND] != found:
            # Findings are parsed and folders' texts are read elsewhere; the frame stands at once.
            if before is None or before[At.FOUND].findings_text != found.findings_text:
                self.findings.set_findings(())
                self.findings.hide()
            self._soon.start()

    def _hide_parts(self) -> None:
        for part in (
            self.kind, self.rank, self.state, self.show_link, self.check_link, self.findings,
            self.name_label, self.name, self.base, self.adapter, self.place, self.open_button,
        ):  # fmt: skip
            part.hide()

    def _badges(self, row: ScanRow) -> None:
        self.kind.set(str(row[Row.PEFT_TYPE] or ""))
        self.kind.setVisible(bool(row[Row.PEFT_TYPE]))
        self.rank.set(f"rank {whole_text(row[Row.RANK])}")
        self.rank.setVisible(row[Row.RANK] is not None)
        name, tone = state_look(row[At.KIND])
        self.state.set(state_title(row[At.KIND]), _TONES.get(tone, tone), name)
        self.state.show()

    def _words(self, row: ScanRow) -> None:
        looks = row[At.FOUND].looks_like
        said = f"This looks like {looks}, which PEFT does not load." if looks else ""
        said = said or _SAID.get(row[At.KIND], "")
        self.message.setText(said)
        self.message.setVisible(bool(said))
        held = row[At.FOUND].adapter_id is not None
        self.show_link.setVisible(held)
        self.check_link.setVisible(held and row[At.KIND] == FoundState.CHANGED)

    def _renew_name(self, row: ScanRow) -> None:
        able = is_able(row)
        self.name_label.setVisible(able)
        self.name.setVisible(able)
        if not self.name.hasFocus() or not self.name.isModified():
            self.name.setText(row[Row.NAME])
            self.name.setCursorPosition(0)

    def _renew_base(self, row: ScanRow) -> None:
        named = row[Row.BASE_MODEL]
        self.base.setVisible(row[At.KIND] in (FoundState.NEW, FoundState.CHANGED, FoundState.KNOWN))
        self.base_name.setVisible(bool(named))
        self.base_name.setText(str(named or ""))
        able = not named and is_able(row)
        models = self._library.base_models if able else []
        self.base_choice.setVisible(bool(models))
        if able:
            others = [path for path in self.waiting() if path != row[Row.ID]]
            self.base_choice.show_choice(models, row[Row.MODEL_ID], len(others))
        if not named:
            said = "The config names none."
            if able and row[Row.MODEL_ID] is None:
                said += " Choose the one that the adapter was trained on."
        elif row[Row.MODEL_ID] is None:
            said = "Named in the config. The import adds it to the library."
        else:
            said = "In the library. Named in the config."
        self.base_said.setText(said)
        self.alone_link.setVisible(able and row[Row.MODEL_ID] is None)

    def _renew_facts(self) -> None:
        there = self._inspection
        self.adapter.setVisible(there is not None)
        if there is not None:
            facts = [Fact(n, v, tooltip=tip) for n, v, tip in facts_of(there) if n != "Base model"]
            self.facts.set_facts(facts)

    def _renew_place(self, found: Found) -> None:
        facts = [Fact("Folder", printable(found.path, 4096), path=True)]
        if found.step is not None:
            said = whole_text(found.step)
            facts.append(Fact("Step", f"{said}, the newest" if found.newest else said))
        if found.mtime is not None:
            facts.append(Fact("Changed", moment_text(found.mtime)))
        self.run.set_facts(facts)
        self.place.show()
        self.open_button.setVisible(found.state != FoundState.GONE)

    # -- reading ---------------------------------------------------------------------------

    def _read(self) -> None:
        if self._row is not None:
            self._asked += 1
            found = self._row[At.FOUND]
            self._library.run(self._look, self._asked, found, succeeded=self._looked, lane="free")

    def _look(self, _ctx: Any, number: int, found: Found) -> tuple[int, Found, Any, Any]:
        # A text out of the scan's file, and what it says: no business of the UI thread.
        return number, found, found.findings, found.inspection

    def _looked(self, answer: tuple[int, Found, Any, Any]) -> None:
        number, found, findings, inspection = answer
        if number != self._asked or self._row is None or self._row[Row.ID] != found.path:
            return
        self._inspection = inspection
        self.findings.set_findings(findings)
        self.findings.setVisible(bool(findings))
        self._renew_facts()

    # -- what is done ----------------------------------------------------------------------

    def _named(self) -> None:
        row = self._row
        typed = " ".join(self.name.text().split())
        self.name.setModified(False)
        if row is None or typed == row[Row.NAME]:
            return
        if typed:
            self.renamed.emit(row[Row.ID], typed)
        else:
            self.name.setText(row[Row.NAME])

    def focus_base(self) -> None:
        """Go to the choice of a base model, or to what stands in its place."""
        there = self.base_choice if not self.base_choice.isHidden() else self.alone_link
        there.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _base_picked(self, model_id: str) -> None:
        if self._row is not None:
            self.baseChosen.emit([self._row[Row.ID]], model_id)

    def _base_for_others(self, model_id: str) -> None:
        self.baseChosen.emit(self.waiting(), model_id)

    def _import_alone(self) -> None:
        if self._row is not None:
            self.importRequested.emit([self._row[At.FOUND].path])

    def _show(self) -> None:
        if self._row is not None and self._row[At.FOUND].adapter_id is not None:
            self.showRequested.emit(self._row[At.FOUND].adapter_id)

    def _check(self) -> None:
        if self._row is not None and self._row[At.FOUND].adapter_id is not None:
            self.checkRequested.emit(self._row[At.FOUND].adapter_id)

    def _open(self) -> None:
        if self._row is not None:
            self.openRequested.emit(os.fspath(self._row[At.FOUND].path))
