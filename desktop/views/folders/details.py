"""The right side of the folders page: what is in the selected folder, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.models.folder_nodes import FolderItem, key_of
from desktop.models.folder_reader import NO_ANSWER, FolderReader, Question
from desktop.models.formats import whole_text
from desktop.models.library import Library
from desktop.services.peft_folder import FoundAdapter, Mark
from desktop.services.peft_folder.reading import printable
from desktop.views.adapter_facts import facts_of
from desktop.views.folders.looking import (
    Looked,
    look_into,
    search,
    without_nested,
)
from desktop.views.folders.parts import AdapterRows, FileRows
from desktop.views.folders.words import NOTHING, READING, plain_words, several_words
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.finding_row import FindingList
from desktop.views.widgets.section import Section, line
from desktop.views.widgets.text import PlainLabel, restyle, set_plain_tooltip

_PATIENCE = 150  # milliseconds in which what was shown before may stay
_MOST_SEARCHED = 50
_WIDEST = 640
_TONES = {"In library": "ok", "New": "note", "Broken": "error", "Not PEFT": "plain"}


class FolderDetails(QWidget):
    """Facts, findings and files of an adapter folder; how many adapters a plain one holds.

    Signals:
        importRequested(object): a list of paths, byte for byte.
        showRequested(str): the id of an adapter of the library.
        openRequested(object): the path of a folder to show in the file manager.
        goRequested(object): the path of a folder to go to in the tree.
        learned(object, object): a path, and the FolderMark that a close look gave it.
    """

    importRequested = Signal(object)
    showRequested = Signal(str)
    openRequested = Signal(object)
    goRequested = Signal(object)
    learned = Signal(object, object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("folderDetails")
        self.setAccessibleName("The selected folder")
        self.setProperty("surface", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._items: tuple[FolderItem, ...] = ()
        self._looked: Looked | None = None
        self._found: dict[str, tuple[FoundAdapter, ...]] | None = None
        self._known: dict[str, tuple[str, ...]] = {}
        self._reader = FolderReader(library, self)
        self._reader.answered.connect(self._answered)
        self._reader.silent.connect(self._silent)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_PATIENCE)
        self._late.timeout.connect(self._say_reading)
        self._build()
        self.show_items(())

    # -- parts -----------------------------------------------------------------------------

    def _build(self) -> None:
        self.title = PlainLabel("", role=FontRole.PANEL_TITLE, elide="middle")
        self.title.setObjectName("folderTitle")
        self.path = PlainLabel(
            "", role=FontRole.LABEL, tone="secondary", elide="middle", copyable=True
        )
        self.path.setObjectName("folderPath")
        self.kind, self.rank, self.state = Badge(), Badge(), Badge()
        self.message = PlainLabel("", tone="secondary", wrap=True)
        self.message.setObjectName("folderMessage")
        self.findings = FindingList()
        self.facts = FactList()
        self.files = FileRows()
        self.adapters = AdapterRows()
        self.adapters.chosen.connect(self.goRequested)
        self._adapter_part = Section("Adapter", line_above=True)
        self._adapter_part.add(self.facts)
        self._files_part = Section("Files", line_above=True)
        self._files_part.add(self.files)
        self._adapters_part = Section("Adapters in it", line_above=True)
        self._adapters_part.add(self.adapters)

        content = QWidget()
        content.setObjectName("folderContent")
        content.setMaximumWidth(metric(_WIDEST, self.font()))
        box = QVBoxLayout(content)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(8)
        badges = QHBoxLayout()
        badges.setSpacing(6)
        for badge in (self.kind, self.rank, self.state):
            badges.addWidget(badge)
        badges.addStretch(1)
        box.addWidget(self.title)
        box.addWidget(self.path)
        box.addLayout(badges)
        box.addSpacing(4)
        parts = (self.message, self.findings, self._adapter_part, self._files_part)
        for part in (*parts, self._adapters_part):
            box.addWidget(part)
        box.addStretch(1)

        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(content, 1)
        row.addStretch(0)
        self.area = QScrollArea()
        self.area.setObjectName("folderScroll")
        self.area.setAccessibleName("What is in the folder")
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(holder)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.area, 1)
        outer.addWidget(self._footer())

    def _footer(self) -> QWidget:
        bar = QWidget()
        bar.setObjectName("folderFooter")
        bar.setProperty("surface", "sidebar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.open_button = _button("openFolder", "&Open folder", "Show it in the file manager")
        self.show_button = _button(
            "showFolderInLibrary", "&Show in the library", "Show its row in the table"
        )
        self.import_button = _button(
            "importFromFolder", "&Import…", "Import the selected folders into the library"
        )
        self.open_button.clicked.connect(self._open)
        self.show_button.clicked.connect(self._show)
        self.import_button.clicked.connect(self.do_import)
        self.hint = PlainLabel("", role=FontRole.LABEL, tone="secondary", elide="end")
        self.hint.setObjectName("folderHint")
        row = QHBoxLayout()
        row.setContentsMargins(20, 12, 16, 12)
        row.setSpacing(8)
        row.addWidget(self.open_button)
        row.addWidget(self.hint, 1)
        row.addWidget(self.show_button)
        row.addWidget(self.import_button)
        box = QVBoxLayout(bar)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(line())
        box.addLayout(row)
        self.footer = bar
        return bar

    # -- what is shown ---------------------------------------------------------------------

    def show_items(self, items: Sequence[FolderItem]) -> None:
        """Show these folders; the same ones again only refresh what is said of their state."""
        same = [item.path for item in items] == [item.path for item in self._items]
        self._items = tuple(items)
        if same and items:
            self._renew()
            return
        self._ask_again()

    def look_again(self) -> None:
        """Look into the selected folder once more."""
        self._ask_again(keep=True)

    def set_library(self, known: dict[str, tuple[str, ...]]) -> None:
        """Which folders hold adapters of the library, by `key_of(path)`."""
        self._known = known
        self._renew()

    def _ask_again(self, *, keep: bool = False) -> None:
        self._reader.drop("look into")
        self._reader.drop("search")
        if not keep:
            self._looked = self._found = None
        if len(self._items) == 1:
            path = self._items[0].path
            self._late.start()
            # Only the frame now: what is below changes when the answer is there, or is late.
            self._renew_head()
            self._reader.ask(Question("look into", path, look_into, (path,)))
        else:
            self._late.stop()
            self._looked = None
            self._renew()
        searched = tuple(i.path for i in self._items[:_MOST_SEARCHED] if not _is_adapter(i))
        if len(self._items) == 1:
            searched = (self._items[0].path,)
        if searched:
            question = Question("search", searched[0], search, (searched,), self._paths())
            self._reader.ask(question, urgent=False)

    def _paths(self) -> tuple[str, ...]:
        return tuple(item.path for item in self._items)

    def _is_about(self, question: Question) -> bool:
        if question.kind == "search":
            return bool(question.about == self._paths())
        return len(self._items) == 1 and self._items[0].path == question.path

    def _answered(self, question: Question, answer: Any) -> None:
        if not self._is_about(question):
            return
        if question.kind == "look into" and isinstance(answer, Looked):
            self._late.stop()
            self._looked = answer
            self.learned.emit(answer.path, answer.mark)
        elif question.kind == "search":
            self._found = answer if isinstance(answer, dict) else {}
        self._renew()

    def _silent(self, question: Question) -> None:
        if self._is_about(question) and self._looked is None:
            self._late.stop()
            self._clear(NO_ANSWER)

    def _say_reading(self) -> None:
        if self._looked is None:
            self._clear(READING)

    def _clear(self, message: str) -> None:
        for part in (self._adapter_part, self._files_part, self._adapters_part):
            part.hide()
        self.findings.set_findings(())
        self.findings.hide()
        self.message.setText(message)
        self.message.show()

    def _renew(self) -> None:
        self._renew_head()
        self._renew_body()

    def _renew_head(self) -> None:
        one = self._items[0] if len(self._items) == 1 else None
        self.title.setVisible(bool(self._items))
        self.path.setVisible(one is not None)
        self.footer.setVisible(bool(self._items))
        if one is not None:
            self.title.setText(one.title)
            self.path.setText(printable(one.path, 4096))
        else:
            self.title.setText(f"{whole_text(len(self._items))} folders")
        self._renew_badges(one)
        self._renew_buttons(one)

    def _renew_badges(self, one: FolderItem | None) -> None:
        inspection = self._looked.inspection if self._looked is not None else None
        variant = inspection.variant if inspection is not None else None
        rank = inspection.rank if inspection is not None else None
        self.kind.setVisible(bool(one and variant))
        self.kind.set(variant or "")
        self.rank.setVisible(bool(one and rank is not None))
        self.rank.set(f"rank {whole_text(rank)}")
        word = one.status if one is not None else ""
        self.state.setVisible(bool(word))
        self.state.set(word, _TONES.get(word, "plain"))

    def _renew_buttons(self, one: FolderItem | None) -> None:
        paths, verb = self._to_import()
        known = bool(one and one.ids)
        broken = bool(one and self._looked and self._looked.inspection and not paths and not known)
        self.open_button.setVisible(one is not None)
        self.show_button.setVisible(known)
        restyle(self.show_button, "primary", not paths)
        self.import_button.setVisible(bool(paths) or broken)
        self.import_button.setEnabled(bool(paths))
        restyle(self.import_button, "primary", True)
        self.import_button.setText(verb)
        self.import_button.setAccessibleName(verb.replace("&", ""))
        hint = "What is wrong with it keeps it from being imported." if broken else ""
        set_plain_tooltip(self.import_button, hint or "Import into the library")
        self.hint.setText(hint)

    def _to_import(self) -> tuple[list[str], str]:
        """The paths that “Import” is for now, and what the button says."""
        if len(self._items) > 1:
            new = [item.path for item in self._items if item.importable]
            around = [path for path in self._found or () if self._new_below(path)]
            if around:
                wanted = set(new) | set(around)
                ordered = (item.path for item in self._items if item.path in wanted)
                return without_nested(ordered), "&Import the adapters in them…"
            count = whole_text(len(new))
            return new, f"&Import {count} adapter{'' if len(new) == 1 else 's'}…"
        if not self._items:
            return [], "&Import…"
        one = self._items[0]
        if _is_adapter(one) or (self._looked and self._looked.inspection):
            good = self._looked.importable if self._looked is not None else one.importable
            return ([one.path] if good and not one.ids else []), "&Import…"
        if self._new_below(one.path):
            return [one.path], "&Import the adapters in it…"
        return [], "&Import…"

    def _renew_body(self) -> None:
        if not self._items:
            self._clear(NOTHING)
            return
        if len(self._items) > 1:
            self._clear(several_words(self._items))
            return
        looked = self._looked
        if looked is None:
            return  # an answer is on its way, or “Reading” says that it is late
        there = looked.inspection
        self.findings.set_findings(
            there.findings if there else (looked.refusal,) if looked.refusal else ()
        )
        self.findings.setVisible(bool(self.findings.findings()))
        self._adapter_part.setVisible(there is not None and bool(there.config_text))
        self._files_part.setVisible(there is not None and bool(there.files))
        if there is not None:
            self.facts.set_facts([Fact(label, v, tooltip=tip) for label, v, tip in facts_of(there)])
            self.files.set_files(there.files)
        found = (self._found or {}).get(looked.path, ())
        self._adapters_part.setVisible(bool(found))
        self.adapters.set_adapters([(a, bool(self._ids(a.path))) for a in found])
        words = plain_words(looked, None if self._found is None else found)
        self.message.setText(words)
        self.message.setVisible(bool(words))

    def _new_below(self, path: str) -> bool:
        found = (self._found or {}).get(path, ())
        return any(not self._ids(adapter.path) for adapter in found)

    def _ids(self, path: str) -> tuple[str, ...]:
        return self._known.get(key_of(path), ())

    # -- what the buttons do ---------------------------------------------------------------

    def can_import(self) -> bool:
        """Whether the selection is something that Enter imports: adapters, not a plain folder."""
        one = len(self._items) == 1
        return bool(self._to_import()[0]) and (not one or _is_adapter(self._items[0]))

    def do_import(self) -> None:
        """Ask for the import of what is selected."""
        paths = self._to_import()[0]
        if paths:
            self.importRequested.emit(paths)

    def _show(self) -> None:
        if self._items and self._items[0].ids:
            self.showRequested.emit(self._items[0].ids[0])

    def _open(self) -> None:
        if self._items:
            self.openRequested.emit(self._items[0].path)


def _is_adapter(item: FolderItem) -> bool:
    return item.mark in (Mark.ADAPTER, Mark.BROKEN)


def _button(name: str, text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text.replace("&", ""))
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
