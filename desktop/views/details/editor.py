"""Edits of adapters: one draft each, checked while typing, saved through the services."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.models.library import Library
from desktop.services.errors import LorariumError, ValidationError
from desktop.services.records import (
    AdapterRecord,
    AddAdapterRequest,
    Finding,
    FolderInspection,
)
from desktop.views.details.edit_draft import EditDraft
from desktop.views.notices import Notice, notice_of

log = logging.getLogger(__name__)

CHECK_AFTER = 150
"""Milliseconds without a keystroke after which a draft is checked."""


@dataclass(frozen=True)
class _Outcome:
    """What came back from a worker, with what it is about: an answer alone would not say."""

    draft: EditDraft
    request: AddAdapterRequest
    findings: tuple[Finding, ...] = ()
    record: AdapterRecord | None = None
    error: Exception | None = None


class Editor(QObject):
    """Keeps the drafts and does their work. It knows no widget.

    Signals:
        checked(object): the findings of a draft are new; carries the EditDraft.
        saved(object): a draft is in the catalogue now; carries the EditDraft.
        refused(object, object): saving did not work; carries the EditDraft and the error.
        notice(object): something to tell, as a Notice.
    """

    checked = Signal(object)
    saved = Signal(object)
    refused = Signal(object, object)
    notice = Signal(object)

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._drafts: dict[str, EditDraft] = {}
        self._inspections: dict[str, FolderInspection] = {}
        self._saving: set[str] = set()
        self._due: EditDraft | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_AFTER)
        self._timer.timeout.connect(self._check)

    # -- drafts ----------------------------------------------------------------------------

    def draft_of(self, adapter_id: str) -> EditDraft | None:
        """The draft of an adapter, None where it is not being edited."""
        return self._drafts.get(adapter_id)

    def begin(self, record: AdapterRecord, there: FolderInspection | None) -> EditDraft:
        """The draft of an adapter; a new one where there is none. there: what is known of its
        folder, so that checking a draft does not look at the disk for each letter."""
        draft = self._drafts.get(record.id)
        if draft is None:
            draft = self._drafts[record.id] = EditDraft(record)
        self.follow(record, there)
        return draft

    def follow(self, record: AdapterRecord, there: FolderInspection | None) -> None:
        """The catalogue has a newer state of an adapter: its draft goes on from that."""
        draft = self._drafts.get(record.id)
        if draft is None:
            return
        if there is not None:
            self._inspections[record.id] = there
        if draft.record != record:
            draft.rebase(record)
            if draft.changed:
                self.touch(draft)

    def drop(self, adapter_id: str) -> None:
        """Forget a draft."""
        self._drafts.pop(adapter_id, None)
        self._inspections.pop(adapter_id, None)

    def unsaved_ids(self) -> tuple[str, ...]:
        """The adapters with changes that are not saved."""
        return tuple(key for key, draft in self._drafts.items() if draft.changed)

    # -- checking --------------------------------------------------------------------------

    def touch(self, draft: EditDraft) -> None:
        """Have a draft checked soon: at once would be once per letter."""
        self._due = draft
        self._timer.start()

    def _check(self) -> None:
        draft, self._due = self._due, None
        if draft is None or draft.is_checked or draft.record.id not in self._drafts:
            return
        if not draft.changed:
            draft.findings, draft.checked = (), draft.request()
            self.checked.emit(draft)
            return
        there = self._inspections.get(draft.record.id)
        self._library.run(
            self._validate, draft, draft.request(), there, succeeded=self._take_findings
        )

    def _validate(
        self, _ctx: Any, draft: EditDraft, request: AddAdapterRequest, there: Any
    ) -> _Outcome:
        adapters = self._library.services.adapters
        try:
            found = adapters.validate(request, own_id=draft.record.id, inspection=there)
        except LorariumError as error:
            return _Outcome(draft, request, error=error)
        return _Outcome(draft, request, found)

    def _take_findings(self, outcome: _Outcome) -> None:
        draft = outcome.draft
        if self._drafts.get(draft.record.id) is not draft or draft.request() != outcome.request:
            return  # more was typed since; that is being checked, too
        if outcome.error is not None:
            log.info("A draft was not checked: %s", outcome.error)
            return  # saving asks the same again and says so
        draft.findings, draft.checked = outcome.findings, outcome.request
        self.checked.emit(draft)

    # -- saving ----------------------------------------------------------------------------

    def is_saving(self, adapter_id: str) -> bool:
        """Whether a save of this adapter is under way."""
        return adapter_id in self._saving

    def save(self, draft: EditDraft) -> None:
        """Write the changed fields, and only those."""
        key = draft.record.id
        changes = draft.changes()
        if key in self._saving or not changes:
            return
        self._saving.add(key)
        self._library.run(self._update, draft, draft.request(), changes, succeeded=self._take_saved)

    def _update(
        self, _ctx: Any, draft: EditDraft, request: AddAdapterRequest, changes: dict[str, Any]
    ) -> _Outcome:
        try:
            record = self._library.services.adapters.update_adapter(draft.record.id, **changes)
        except Exception as error:
            return _Outcome(draft, request, error=error)
        return _Outcome(draft, request, record=record)

    def _take_saved(self, outcome: _Outcome) -> None:
        draft, error = outcome.draft, outcome.error
        self._saving.discard(draft.record.id)
        if outcome.record is not None:
            before = draft.record
            draft.rebase(outcome.record)
            for name in [n for n in draft.typed if n not in draft.changes()]:
                del draft.typed[name]
            if not draft.changed:
                self.drop(draft.record.id)
            self.saved.emit(draft)
            self.notice.emit(_saved_notice(before, outcome.record))
            return
        if isinstance(error, ValidationError):
            draft.refusals = error.findings
        elif error is not None and not isinstance(error, LorariumError):
            log.error("An edit was not saved", exc_info=error)
            self.notice.emit(notice_of(error, "The changes are not saved."))
        self.refused.emit(draft, error)


def _saved_notice(before: AdapterRecord, after: AdapterRecord) -> Notice:
    if before.name != after.name:
        return Notice(f"Renamed “{before.name}” to “{after.name}”.", "ok")
    return Notice(f"Saved “{after.name}”.", "ok")
