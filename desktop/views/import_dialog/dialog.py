"""The dialog that imports adapters from folders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.models.candidates import Draft
from desktop.models.library import Library
from desktop.services.errors import ValidationError
from desktop.services.peft_folder import printable
from desktop.services.records import BaseModelRecord, Finding
from desktop.views.import_dialog.facts import FactsPanel
from desktop.views.import_dialog.footer import Footer
from desktop.views.import_dialog.form import ImportForm
from desktop.views.import_dialog.location import dropped_paths
from desktop.views.import_dialog.running import ImportRun, Outcome
from desktop.views.import_dialog.session import ImportSession, finding_of
from desktop.views.notices import Notice
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.section import line
from desktop.views.widgets.text import PlainLabel

_SIZE = QSize(920, 632)
_LEAST = QSize(760, 520)
_NARROW = 820
_RIGHT = 20
_FACTS = (364, 384)
_SETTING = "import_dialog/size"
_ALL_FIELDS = ("location", "name", "model_id", "prompt_id", "fine_tuning_job_id", "description")


class ImportDialog(QDialog):
    """Choose folders, see what is in them, and bring the adapters into the library.

    It is made once and opened by `open()`: what was typed stays until it was imported.

    Signals:
        imported(object): the list of AdapterRecords that just came in.
        notice(object): a `Notice` for the person. That something was imported is for the window
            to say, which can also take it back.
    """

    imported = Signal(object)
    notice = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("importDialog")
        self.setWindowTitle("Import an adapter")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAcceptDrops(True)
        self._library = library
        self._wanted = False
        self._narrow: bool | None = None
        self._session = ImportSession(library, self)
        self._run = ImportRun(library, self)
        self._form = ImportForm(self._session, library)
        self._facts = FactsPanel()
        self._footer = Footer()
        self._lay_out()
        self._session.known.connect(self._show_known)
        self._form.addBaseWanted.connect(self._add_base)
        self._form.name.textEdited.connect(self._think_again)
        self._form.location.edit.textEdited.connect(self._think_again)
        self._run.progressed.connect(self._footer.show_progress)
        self._run.ended.connect(self._ended)
        self._footer.go.clicked.connect(self._import)
        self._footer.cancel.clicked.connect(self.reject)
        self._footer.linkActivated.connect(self._show_blocked)
        library.adaptersChanged.connect(self._library_changed)
        library.ready.connect(self._show_known)
        self._footer.set_busy(False)
        self._take_size()
        self._show_known()

    # -- the frame -------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(24, 16, 24, 16)
        row.addWidget(PlainLabel("Import an adapter", role=FontRole.PAGE_TITLE))
        row.addStretch(1)
        head.setMinimumHeight(metric(66, self.font()))
        self._form_scroll = _scroller("importFormScroll")
        self._left = QWidget()
        self._column = QVBoxLayout(self._left)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._form)
        self._form_scroll.setWidget(self._left)
        self._facts_scroll = _scroller("importFactsScroll")
        self._divider = line(vertical=True)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._form_scroll, 1)
        body.addWidget(self._divider)
        body.addWidget(self._facts_scroll)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(line())
        box.addLayout(body, 1)
        box.addWidget(line())
        box.addWidget(self._footer)
        # The fields keep their width when the scroll bar comes and goes.
        self._form_scroll.verticalScrollBar().rangeChanged.connect(self._leave_room)
        self._leave_room(0, 0)
        self._arrange()

    def _leave_room(self, least: int, most: int) -> None:
        bar = self._form_scroll.verticalScrollBar().sizeHint().width()
        self._form.set_right_margin(_RIGHT - (bar if most > least else 0))

    def _arrange(self) -> None:
        """Facts beside the form, or under it where the dialog is narrow."""
        narrow = self.width() < metric(_NARROW, self.font())
        if narrow == self._narrow:
            return
        self._narrow = narrow
        if narrow:
            self._facts_scroll.takeWidget()
            self._column.addWidget(self._facts)
        else:
            self._column.removeWidget(self._facts)
            self._facts_scroll.setWidget(self._facts)
        self._facts.set_below(narrow)
        self._facts.show()
        self._facts_scroll.setVisible(not narrow)
        self._divider.setVisible(not narrow)

    def _take_size(self) -> None:
        self.setMinimumSize(_LEAST)
        wanted = QSize(*(metric(n, self.font()) for n in (_SIZE.width(), _SIZE.height())))
        kept = self._library.services.settings.get(_SETTING, [])
        if len(kept) == 2 and all(isinstance(n, int) and 0 < n < 20_000 for n in kept):
            wanted = QSize(*kept)
        room = self.screen().availableSize()
        self.resize(wanted.boundedTo(room).expandedTo(_LEAST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        least, most = (metric(n, self.font()) for n in _FACTS)
        share = round(self.width() * 0.417)
        self._facts_scroll.setFixedWidth(max(least, min(most, share)))
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_narrow"):
            self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._form.look_again()
            self._session.recheck()
            self._form.location.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            size = [self.width(), self.height()]
            self._library.services.settings.set(_SETTING, size)

    # -- folders from outside --------------------------------------------------------------

    def set_location(self, path: str) -> None:
        """Look into this folder. path: as `os` functions give it, byte for byte."""
        self.set_locations([path])

    def set_locations(self, paths: Sequence[str]) -> None:
        """Offer every adapter in these folders."""
        if not self._run.running:
            self._form.location.set_paths(paths)

    def reset(self) -> None:
        """Forget everything that was typed."""
        self._session.reset()
        self._form.location.set_paths([])
        self._form.keep.setChecked(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._run.running and dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_paths(event.mimeData())
        if paths and not self._run.running:
            event.acceptProposedAction()
            self.set_locations(paths)

    # -- what is known ---------------------------------------------------------------------

    def _library_changed(self, _ids: object) -> None:
        if not self._run.running and self.isVisible():
            self._session.recheck()

    def _show_known(self) -> None:
        session = self._session
        self._facts.show_draft(session.current, looking=session.looking)
        if self._run.running:
            return
        self._footer.set_verb(len(session.chosen))
        self._footer.go.setEnabled(session.importable)
        self._footer.say(*self._verdict())
        if self._wanted and not session.looking and session.settled:
            self._wanted = False
            self._import()

    def _verdict(self) -> tuple[str, str, str]:
        """What still blocks: a sentence, its tone, and a link."""
        session = self._session
        draft, chosen = session.current, session.chosen
        if self._library.read_only:
            return self._library.read_only, "error", ""
        told = [f for f in draft.refusals if not f.field]
        if told:
            return f"{told[0].message} {told[0].advice}".strip(), "error", ""
        if session.looking:
            return "Looking into the folder…", "", ""
        if not session.paths:
            return "Choose a folder to begin.", "", ""
        if not chosen and not draft.place_blocks:
            return "Tick an adapter to import it.", "", ""
        blocked = [d for d in (chosen or [draft]) if d.blocking()]
        if not blocked:
            waiting = [d for d in chosen if not d.is_read]
            return ("Looking into the folder…" if waiting else ""), "", ""
        first = draft if draft in blocked else blocked[0]
        return (*_blocks(first, shown=first is draft), "" if first is draft else "Show it")

    def _show_blocked(self) -> None:
        for row, draft in enumerate(self._session.drafts):
            if draft.chosen and draft.blocking():
                self._form.list.setCurrentIndex(self._form.model.index(row))
                self._point_at_error()
                return

    # -- base models -----------------------------------------------------------------------

    def _add_base(self, named: str) -> None:
        self._form.base.set_adding(True)
        self._library.run(
            self._do_add_base,
            named,
            self._session.current,
            succeeded=self._base_added,
            failed=self._base_refused,
        )

    def _do_add_base(
        self, _ctx: Any, named: str, draft: Draft
    ) -> tuple[BaseModelRecord, bool, Draft]:
        models = self._library.services.base_models
        there = models.find_base_model(named)
        if there is not None:
            return there, False, draft
        return models.add_base_model(models.request_for(named)), True, draft

    def _base_added(self, result: tuple[BaseModelRecord, bool, Draft]) -> None:
        record, is_new, draft = result
        self._form.base.set_adding(False)
        if is_new:
            self.notice.emit(Notice(f"Added base model “{record.title}”.", "ok", icon="layers"))
        self._form.base.add_model(record)
        self._form.base.added()
        draft.model_id = record.id
        if draft is self._session.current:
            self._form.base.show_choice(record.id)
        self._session.edit()

    def _base_refused(self, error: Exception) -> None:
        self._form.base.set_adding(False)
        found: Sequence[Finding] = (finding_of(error, "model_id"),)
        if isinstance(error, ValidationError):
            found = error.findings
        self._form.show_refusal(found)

    # -- importing -------------------------------------------------------------------------

    def _import(self) -> None:
        if self._run.running:
            return
        if not self._session.importable:
            self._point_at_error()
            return
        for draft in self._session.chosen:
            draft.refusals = ()
        self._form.setEnabled(False)
        self._footer.set_busy(True)
        self._run.start(self._session.chosen, copy=self._form.copy.isChecked())

    def _point_at_error(self) -> None:
        """The person asked to import: say also what is empty, and go to the first of it."""
        self._session.touch(*_ALL_FIELDS)
        field = self._form.first_error()
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            self._form_scroll.ensureWidgetVisible(field)

    def _ended(self, outcome: Outcome) -> None:
        self._form.setEnabled(True)
        self._footer.set_busy(False)
        if outcome.records:
            self.imported.emit(list(outcome.records))
        if not outcome.refused and not outcome.cancelled:
            self.reset()
            self.accept()
            return
        self._session.take_outcome(outcome.imported, outcome.refused)
        if outcome.refused:
            self._point_at_error()
        self._footer.go.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- keys ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            self._enter()
            return
        super().keyPressEvent(event)

    def _enter(self) -> None:
        if self._session.looking or not self._session.settled:
            # Asked while the last keystrokes are being checked: import when they are in order.
            self._wanted = bool(self._session.paths) or self._session.looking
            self._form.look_now()
            self._session.check_now()
        else:
            self._import()

    def _think_again(self, _text: str) -> None:
        # What is typed after Enter is not what Enter was about.
        self._wanted = False

    def reject(self) -> None:
        """Leave, keeping what was typed; while an import runs, stop that first."""
        if self._run.running:
            self._run.cancel()
            return
        self._wanted = False
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._run.running:
            self._run.cancel()
            event.ignore()
            return
        super().closeEvent(event)


def _blocks(draft: Draft, *, shown: bool) -> tuple[str, str]:
    found = draft.blocking()
    said = [f for f in found if f.code != "required" or f.field in draft.touched]
    of = "" if shown else f" in “{printable(draft.title, 60)}”"
    if said:
        count = len(said)
        word = "1 error" if count == 1 else f"{count:,} errors"
        verb = "keeps" if count == 1 else "keep"
        return f"{word}{of} {verb} this from being imported.", "error"
    fields = {f.field for f in found}
    wanted = [
        word
        for name, word in (("name", "Give it a name"), ("model_id", "choose a base model"))
        if name in fields
    ]
    sentence = " and ".join(wanted)
    return f"{sentence[:1].upper()}{sentence[1:]}{of} to go on.", ""


def _scroller(name: str) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName(name)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    return area
