"""A page of records: the list at the left, what is selected (or typed) at the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.models.record_table import RecordTableModel
from desktop.services.errors import InUseError
from desktop.views.notices import Notice, notice_of
from desktop.views.records.cells import title_of
from desktop.views.records.drafts import NEW, Drafts
from desktop.views.records.editor import RecordEditor
from desktop.views.records.kinds import KINDS
from desktop.views.records.list_pane import ListPane
from desktop.views.records.operations import Operations, User
from desktop.views.records.reader import RecordReader
from desktop.views.theme import FontRole, bind, metric
from desktop.views.widgets.text import PlainLabel

_READING, _EDITING, _ADDING = "reading", "editing", "adding"


class RecordsPage(QWidget):
    """Base models, prompts, datasets or training jobs: read, added, changed and removed.

    Signals:
        notice(object): a Notice for the strip.
        undoRequested: the person wants the removal back.
        adapterRequested(object): show the adapter of this id.
        adaptersOfBaseModelRequested(object): show the adapters of the base model of this id.
        recordRequested(object, object): show the record with this id on the page of this key.
    """

    notice = Signal(object)
    undoRequested = Signal()
    adapterRequested = Signal(object)
    adaptersOfBaseModelRequested = Signal(object)
    recordRequested = Signal(object, object)

    def __init__(self, kind: str, library: Library, parent: QWidget | None = None) -> None:
        """kind: `base_models`, `prompts`, `datasets` or `jobs`."""
        super().__init__(parent)
        self.kind = KINDS[kind]
        prefix = self.kind.prefix
        self.setObjectName(f"{prefix}Page")
        self._library = library
        self._settings = library.services.settings
        self._operations = Operations(library.services, self.kind)
        self._drafts = Drafts()
        self._mode = _READING
        self._current: Any = None
        self._wanted = ""
        self._focus_when_there = False
        self._row = -1
        self.model = RecordTableModel(self.kind.columns, self.kind.haystack, self)
        self.list = ListPane(self.kind, self.model, self._settings)
        self.reader = RecordReader(self.kind)
        self.editor = RecordEditor(self.kind, library)
        self.detail = self._detail()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName(f"{prefix}Splitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.list)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.splitter)
        self._make_menu()
        self._connect()
        self._place_splitter()
        self._refresh()

    # -- building --------------------------------------------------------------------------

    def _detail(self) -> QStackedWidget:
        nothing = QWidget()
        box = QVBoxLayout(nothing)
        box.setContentsMargins(16, 16, 16, 16)
        sentence = f"Choose a {self.kind.noun} to read it here."
        box.addWidget(PlainLabel(sentence, role=FontRole.LABEL, tone="secondary", wrap=True))
        box.addStretch(1)
        detail = QStackedWidget()
        detail.setObjectName(f"{self.kind.prefix}Detail")
        detail.setProperty("surface", "window")
        detail.setMinimumWidth(metric(280, self.font()))
        self._nothing = nothing
        for pane in (nothing, self.reader, self.editor):
            detail.addWidget(pane)
        return detail

    def _make_menu(self) -> None:
        self._menu = QMenu(self)
        self._menu.setObjectName(f"{self.kind.prefix}Menu")
        self._edit_action = self._action("&Edit", "pencil", QKeySequence("F2"), self.edit)
        self._remove_action = self._action(
            "Re&move", "bin", QKeySequence(QKeySequence.StandardKey.Delete), self.remove
        )
        self._menu.addSeparator()
        new = QKeySequence(QKeySequence.StandardKey.New)
        self._add_action = self._action(f"&{self.kind.add}", "plus", new, self.add)

    def _action(self, text: str, name: str, keys: QKeySequence, slot: Any) -> QAction:
        # Shown with its key; the key itself is the table's and the page's (see `event`).
        action = self._menu.addAction(text)
        action.setObjectName(f"{self.kind.prefix}{text.replace('&', '').split()[0]}Action")
        bind(action, name)
        action.setShortcut(keys)
        action.triggered.connect(slot)
        return action

    def _connect(self) -> None:
        listed, reader, editor = self.list, self.reader, self.editor
        listed.addRequested.connect(self.add)
        table = listed.table
        table.editRequested.connect(self._edit_row)
        table.removeRequested.connect(self._remove_row)
        table.filterRequested.connect(self.focus_filter)
        table.menuRequested.connect(self._show_menu)
        table.selectionModel().currentRowChanged.connect(self._row_changed)
        self.model.modelReset.connect(self._find_current)
        reader.editRequested.connect(self.edit)
        reader.removeRequested.connect(self.remove)
        reader.adapterRequested.connect(self.adapterRequested)
        reader.adaptersRequested.connect(self._show_adapters)
        reader.recordRequested.connect(self.recordRequested)
        editor.saved.connect(self._saved)
        editor.cancelled.connect(self._cancelled)
        editor.leaving.connect(self._left)
        editor.notice.connect(self.notice)
        self.splitter.splitterMoved.connect(self._splitter_moved)
        for news in (self._library.ready, self._library.unavailable, self._library.recordsChanged):
            news.connect(self._refresh)
        self._library.adaptersChanged.connect(self._ask_users)

    # -- the layout ------------------------------------------------------------------------

    def _place_splitter(self) -> None:
        wide = self._settings.get(f"records.{self.kind.key}.detail", 0)
        self._detail_width = wide or metric(340, self.font())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        room = self.splitter.width() - self._detail_width
        self.splitter.setSizes([max(room, 1), self._detail_width])

    def _splitter_moved(self, *_: int) -> None:
        self._detail_width = self.splitter.sizes()[1]
        self._settings.set(f"records.{self.kind.key}.detail", self._detail_width)

    # -- what is there ---------------------------------------------------------------------

    def records(self) -> list[Any]:
        """The library's records of this kind."""
        return list(getattr(self._library, self.kind.key))

    def current(self) -> Any:
        """The record that is selected, or None."""
        return self._current

    def _refresh(self, *_: object) -> None:
        records = self.records()
        self.model.set_records(records)
        ids = {record.id for record in records}
        if self._wanted in ids:
            self.select(self._wanted)
            if self._focus_when_there:
                self._focus_when_there = False
                self.list.focus_table()
        elif self._current is not None:
            self._find_current()
        why_not = self._library.refusal
        self.list.set_state(len(records), self._library.is_ready, why_not, self._library.trouble)
        self.reader.set_read_only(why_not)
        for action in (self._edit_action, self._remove_action, self._add_action):
            action.setEnabled(not why_not)
        self._show_detail()

    def select(self, record_id: str) -> None:
        """Select a record and read it; one that is not there yet is selected when it comes."""
        if not any(record.id == record_id for record in self.records()):
            self._wanted = record_id
            return
        self._wanted = ""
        if self.model.row_of(record_id) < 0:
            self.list.filter.clear()
        self._select_row(self.model.row_of(record_id))

    def _select_row(self, row: int) -> None:
        index = self.model.index(row, 0)
        table = self.list.table
        if table.currentIndex().row() == row:
            # No news for the selection model; the record may be another one all the same.
            self._take(self.model.record_at(row), row)
        table.setCurrentIndex(index)
        table.selectRow(row)
        table.scrollTo(index)

    def _find_current(self) -> None:
        """After a reset: the same record, wherever it is now; the next one where it is gone."""
        if self._current is None or self._mode == _ADDING:
            return
        row = self.model.row_of(self._current.id)
        if row >= 0:
            self._select_row(row)
            return
        known = {record.id for record in self.records()}
        if self._current.id not in known:
            self._drafts.drop(self._current)
            if self._mode == _EDITING:
                return  # what is typed stays; saving says that the record is gone
            last = self.model.rowCount() - 1
            if last >= 0:
                self._select_row(min(max(self._row, 0), last))
            else:
                self._take(None, -1)
        # Else the filter hides it: it is still read at the right, and selected when it comes back.

    def _row_changed(self, index: Any, _before: Any) -> None:
        record = self.model.record_at(index.row()) if index.isValid() else None
        if record is not None:
            self._take(record, index.row())

    def _take(self, record: Any, row: int) -> None:
        same = record is not None and self._current is not None and record.id == self._current.id
        if same and self._mode == _EDITING:
            self._current, self._row = record, row
            return
        self._keep_draft()
        self._current, self._row = record, row
        self._mode = _READING
        if record is not None and self._drafts.opens(record):
            self._start(record, _EDITING)
        elif record is not None:
            self.reader.show_record(record)
            self._ask_users()
        self._show_detail()

    def _show_detail(self) -> None:
        if self._mode != _READING:
            self.detail.setCurrentWidget(self.editor)
        elif self._current is not None:
            self.detail.setCurrentWidget(self.reader)
        else:
            self.detail.setCurrentWidget(self._nothing)
        self.detail.setVisible(bool(self.model.total) or self._mode != _READING)
        self.list.set_adding(self._mode != _READING)

    def _ask_users(self, *_: object) -> None:
        if self._current is not None and self._mode == _READING and self._library.is_ready:
            self._library.run(self._operations.users, self._current.id, succeeded=self._show_users)

    def _show_users(self, answer: tuple[str, tuple[User, ...]]) -> None:
        record_id, users = answer
        if self._current is not None and record_id == self._current.id:
            self.reader.show_users(users)

    def _show_adapters(self) -> None:
        if self._current is not None:
            self.adaptersOfBaseModelRequested.emit(self._current.id)

    # -- adding and changing ---------------------------------------------------------------

    def add(self) -> None:
        """Open the empty form, with what was typed into it before."""
        if self._library.refusal or self._mode == _ADDING:
            self.editor.focus_first()
            return
        self._keep_draft()
        self._start(None, _ADDING)
        self.list.table.clearSelection()
        self._show_detail()
        self.editor.focus_first()

    def edit(self) -> None:
        """Open the form of the selected record."""
        if self._current is None or self._library.refusal:
            return
        if self._mode != _EDITING:
            self._keep_draft()
            self._start(self._current, _EDITING)
            self._show_detail()
        self.editor.focus_first()

    def _edit_row(self) -> None:
        if self.list.table.currentIndex().isValid():
            self.edit()

    def _remove_row(self) -> None:
        # Not what the filter hides, though it is still read at the right.
        if self.list.table.currentIndex().isValid():
            self.remove()

    def _start(self, record: Any, mode: str) -> None:
        self._mode = mode
        self.editor.start(record, self._drafts.of(record))

    def _keep_draft(self) -> None:
        if self._mode != _READING:
            self._drafts.keep(self.editor.record, self.editor.draft())

    def _forget_draft(self) -> None:
        self._drafts.drop(self.editor.record)
        self._mode = _READING

    def _left(self) -> None:
        # Esc is pressed in passing: what was typed waits behind the pencil, or behind "Add".
        record, typed = self.editor.record, self.editor.draft()
        self._drafts.keep(record, typed, aside=True)
        self._mode = _READING
        self._return_to_table()
        if typed is not None:
            again = "Edit" if record else self.kind.add.rstrip("…")
            self.notice.emit(Notice(f"What you typed is kept. “{again}” brings it back."))

    def unsaved(self) -> list[str]:
        """What has changes that are typed and not saved, by name."""
        self._keep_draft()
        titles = {NEW: f"New {self.kind.noun}", **{r.id: title_of(r) for r in self.records()}}
        return [titles[key] for key in self._drafts if key in titles]

    def show_unsaved(self) -> None:
        """Open the form of the first of them."""
        key = next(iter(self._drafts), NEW)
        if key == NEW:
            self.add()
        else:
            self.select(key)
            self.edit()

    def _saved(self, record_id: str) -> None:
        self._forget_draft()
        if self._current is None or self._current.id != record_id:
            # The new record itself comes with the refresh that follows every write.
            self._wanted, self._focus_when_there = record_id, True
        self._return_to_table()

    def _cancelled(self) -> None:
        self._forget_draft()
        self._return_to_table()

    def _return_to_table(self) -> None:
        if self._current is not None:
            self.reader.show_record(self._current)
            self._find_current()
            self._ask_users()
        self._show_detail()
        self.list.set_adding(False)
        self.list.focus_table()

    # -- removing --------------------------------------------------------------------------

    def remove(self) -> None:
        """Remove the selected record; what others need stays, and says who they are."""
        if self._current is None or self._library.refusal or self._mode != _READING:
            return
        self._library.run(
            self._operations.remove,
            self._current,
            succeeded=self._removed,
            failed=self._not_removed,
        )

    def _removed(self, answer: tuple[Any, InUseError | None]) -> None:
        record, refusal = answer
        if refusal is None:
            self.notice.emit(
                Notice(
                    f"Removed {self.kind.noun} “{title_of(record)}”.",
                    action="Undo",
                    callback=self.undoRequested.emit,
                    icon="bin",
                )
            )
        elif self._current is not None and record.id == self._current.id:
            self.reader.show_refusal(refusal)
        else:
            self.notice.emit(Notice(refusal.message, "warning"))

    def _not_removed(self, error: Exception) -> None:
        self.notice.emit(notice_of(error))

    # -- keys ------------------------------------------------------------------------------

    def focus_filter(self) -> None:
        """Put the cursor into the filter, with its text marked."""
        self.list.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.list.filter.selectAll()

    def event(self, event: QEvent) -> bool:
        # Inside the page these keys mean the page, whatever else the window uses them for.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._slot_of(event) is not None:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        slot = self._slot_of(event)
        if slot is not None:
            slot()
        else:
            super().keyPressEvent(event)

    def _slot_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        if event.matches(QKeySequence.StandardKey.Find):
            return self.focus_filter
        return self.add if event.matches(QKeySequence.StandardKey.New) else None

    def _show_menu(self, place: QPoint) -> None:
        chosen = self.list.table.currentIndex().isValid() and not self._library.refusal
        self._edit_action.setEnabled(chosen)
        self._remove_action.setEnabled(chosen)
        self._menu.popup(place)
