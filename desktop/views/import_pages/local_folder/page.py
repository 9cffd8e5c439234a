"""Import from folders of this machine, as a page of the import dialog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QMimeData, QObject, Qt

from desktop.models.candidates import Draft
from desktop.models.library import Library
from desktop.services.errors import ValidationError
from desktop.services.peft_folder import printable
from desktop.services.records import AdapterType, BaseModelRecord, Finding
from desktop.views.import_pages.base import ImportPage, Verdict
from desktop.views.import_pages.local_folder.facts import FactsPanel
from desktop.views.import_pages.local_folder.form import ImportForm
from desktop.views.import_pages.local_folder.location import dropped_paths
from desktop.views.import_pages.local_folder.running import ImportRun, Outcome
from desktop.views.import_pages.local_folder.session import ImportSession, finding_of
from desktop.views.notices import Notice

_ALL_FIELDS = ("location", "name", "model_id", "prompt_id", "fine_tuning_job_id", "description")


class LocalFolderPage(ImportPage):
    """Choose folders, see what is in them, and bring the adapters into the library."""

    key = AdapterType.PROJECT.value
    title = "Local folder"
    icon = "folder"

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._wanted = False
        self.session = ImportSession(library, self)
        self._run = ImportRun(library, self)
        self.form: ImportForm = ImportForm(self.session, library)
        self.facts: FactsPanel = FactsPanel()
        self.session.known.connect(self._show_known)
        self.form.addBaseWanted.connect(self._add_base)
        self.form.name.textEdited.connect(self.think_again)
        self.form.location.edit.textEdited.connect(self.think_again)
        self._run.progressed.connect(self.progressed)
        self._run.ended.connect(self._ended)
        library.ready.connect(self._show_known)

    # -- what the foot shows -------------------------------------------------------------------

    @property
    def running(self) -> bool:
        return self._run.running

    @property
    def can_import(self) -> bool:
        return self.session.importable

    def verb(self) -> str:
        count = len(self.session.chosen)
        return "&Import" if count < 2 else f"&Import {count:,} adapters"

    def verdict(self) -> Verdict:
        session = self.session
        draft, chosen = session.current, session.chosen
        if self._library.read_only:
            return Verdict(self._library.read_only, "error")
        told = [f for f in draft.refusals if not f.field]
        if told:
            return Verdict(f"{told[0].message} {told[0].advice}".strip(), "error")
        if session.looking:
            return Verdict("Looking into the folder…")
        if not session.paths:
            return Verdict("Choose a folder to begin.")
        if not chosen and not draft.place_blocks:
            return Verdict("Tick an adapter to import it.")
        blocked = [d for d in (chosen or [draft]) if d.blocking()]
        if not blocked:
            waiting = [d for d in chosen if not d.is_read]
            return Verdict("Looking into the folder…" if waiting else "")
        first = draft if draft in blocked else blocked[0]
        return Verdict(*_blocks(first, shown=first is draft), "" if first is draft else "Show it")

    def follow_link(self) -> None:
        for row, draft in enumerate(self.session.drafts):
            if draft.chosen and draft.blocking():
                self.form.list.setCurrentIndex(self.form.model.index(row))
                self._point_at_error()
                return

    def _show_known(self) -> None:
        self.facts.show_draft(self.session.current, looking=self.session.looking)
        if self._run.running:
            return
        self.changed.emit()
        if self._wanted and not self.session.looking and self.session.settled:
            self._wanted = False
            self._import()

    # -- what the person does ------------------------------------------------------------------

    def start(self) -> None:
        if self.session.looking or not self.session.settled:
            # Asked while the last keystrokes are being checked: import when they are in order.
            self._wanted = bool(self.session.paths) or self.session.looking
            self.form.look_now()
            self.session.check_now()
        else:
            self._import()

    def _import(self) -> None:
        if self._run.running:
            return
        if not self.session.importable:
            self._point_at_error()
            return
        for draft in self.session.chosen:
            draft.refusals = ()
        self.form.setEnabled(False)
        self._run.start(self.session.chosen, copy=self.form.copy.isChecked())
        self.changed.emit()

    def _point_at_error(self) -> None:
        """The person asked to import: say also what is empty, and go to the first of it."""
        self.session.touch(*_ALL_FIELDS)
        field = self.form.first_error()
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ended(self, outcome: Outcome) -> None:
        self.form.setEnabled(True)
        if outcome.records:
            self.imported.emit(list(outcome.records))
        if not outcome.refused and not outcome.cancelled:
            self.reset()
            self.changed.emit()
            self.done.emit()
            return
        self.session.take_outcome(outcome.imported, outcome.refused)
        self.changed.emit()
        if outcome.refused:
            self._point_at_error()

    def cancel(self) -> None:
        self._run.cancel()

    def think_again(self, _text: str = "") -> None:
        # What is typed after Enter is not what Enter was about.
        self._wanted = False

    # -- the dialog's life ---------------------------------------------------------------------

    def shown(self) -> None:
        self.form.look_again()
        self.session.recheck()
        self.form.location.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def left(self) -> None:
        self.session.stop_looking()

    def library_changed(self) -> None:
        if not self._run.running:
            self.session.recheck()

    def reset(self) -> None:
        self.session.reset()
        self.form.location.set_paths([])
        self.form.keep.setChecked(True)

    def set_right_margin(self, margin: int) -> None:
        self.form.set_right_margin(margin)

    def set_facts_below(self, below: bool) -> None:
        self.facts.set_below(below)

    # -- folders from outside ------------------------------------------------------------------

    def set_locations(self, paths: Sequence[str]) -> None:
        """Offer every adapter in these folders; byte for byte as `os` functions give them."""
        if not self._run.running:
            self.form.location.set_paths(paths)

    def takes(self, data: QMimeData) -> bool:
        return not self._run.running and bool(dropped_paths(data))

    def take(self, data: QMimeData) -> None:
        self.set_locations(dropped_paths(data))

    # -- base models ---------------------------------------------------------------------------

    def _add_base(self, named: str) -> None:
        self.form.base.set_adding(True)
        self._library.run(
            self._do_add_base,
            named,
            self.session.current,
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
        self.form.base.set_adding(False)
        if is_new:
            self.notice.emit(Notice(f"Added base model “{record.title}”.", "ok", icon="layers"))
        self.form.base.add_model(record)
        self.form.base.added()
        draft.model_id = record.id
        if draft is self.session.current:
            self.form.base.show_choice(record.id)
        self.session.edit()

    def _base_refused(self, error: Exception) -> None:
        self.form.base.set_adding(False)
        found: Sequence[Finding] = (finding_of(error, "model_id"),)
        if isinstance(error, ValidationError):
            found = error.findings
        self.form.show_refusal(found)


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
