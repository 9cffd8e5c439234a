"""The state of By name: the place that is asked for, and what is there.

Questions go off the UI thread, each with a number; an answer with another number than the last one
asked is late and dropped, however long its server took.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.errors import Cancelled, RemoteError, ValidationError
from desktop.services.hub.records import MAIN, HubPreview, HubReference
from desktop.services.records import Finding, Severity
from desktop.views.import_pages.hugging_face import asking
from desktop.views.import_pages.hugging_face.draft import HubDraft
from desktop.views.import_pages.shared.fields import FieldsSession, findings_of

LOOK_DELAY = 400
"""Milliseconds after the last keystroke until the hub is asked."""

_ADDRESS = "://"
_WITHIN = ("revision", "subfolder")


class HubSession(FieldsSession):
    """One place on a hub on its way in.

    repository, revision, subfolder: as they stand in the fields. trouble: why it is not known what
    is there, None = it is, or nobody asked. wrong: what is wrong with the fields themselves.
    foreign: the address of another hub that a pasted page is on. fetching, stopped: whether what is
    there is being fetched, or its fetch was stopped.

    Signals:
        placed: the three fields were set by the program.
    """

    placed = Signal()

    draft: HubDraft

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, HubDraft(), parent)
        self.repository = ""
        self.revision = ""
        self.subfolder = ""
        self.looking = False
        self.trouble: RemoteError | None = None
        self.wrong: tuple[Finding, ...] = ()
        self.foreign = ""
        self.asked: HubReference | None = None
        self.fetching = False
        self.stopped = False
        # Of revision and sub-folder: the repository that they were given for.
        self._given_for: dict[str, str] = {}
        self._number = 0
        self._task: Task | None = None
        self._look_timer = QTimer(self)
        self._look_timer.setSingleShot(True)
        self._look_timer.setInterval(LOOK_DELAY)
        self._look_timer.timeout.connect(self.look)

    @property
    def settled(self) -> bool:
        """Whether everything that is known is about what is typed now."""
        return not self.looking and super().settled

    @property
    def importable(self) -> bool:
        """Whether nothing is known to stand in the way of a fetch now."""
        there = self.draft.preview
        return not self.looking and there is not None and not there.locked and super().importable

    @property
    def folders(self) -> tuple[str, ...]:
        """The other places in the repository that hold an adapter."""
        there = self.draft.preview
        return there.repo.folders if there is not None else ()

    def told(self, field: str) -> tuple[Finding, ...]:
        """Why it is not known what is there, as something to read beside `field`."""
        error = self.trouble
        if error is None:
            return ()
        return (Finding(field, error.code, Severity.ERROR, error.message, error.advice),)

    # -- the place -------------------------------------------------------------------------

    def type_place(self, *, pasted: bool = False, **texts: str) -> None:
        """The person typed into `repository`, `revision` or `subfolder`.

        pasted: more than a letter came at once, so an address can be taken apart at once.
        """
        for name, text in texts.items():
            setattr(self, name, text)
            self._given_for.pop(name, None)
        if "repository" in texts:
            self.foreign = ""
        self.draft.refusals = ()
        self.stopped = False
        self._stop()
        self.trouble, self.wrong = None, ()
        self.looking = bool(self.repository.strip())
        if pasted:
            self.take_apart()
        if self.looking:
            self._look_timer.start()
        else:
            self._look_timer.stop()
            self._take_nothing()
        self.known.emit()

    def take_apart(self) -> None:
        """Put the parts of a pasted address into the three fields."""
        try:
            found = self._library.services.hub.parse(self.repository)
        except ValidationError:
            return
        if found.repo_id == self.repository.strip():
            return
        self._note_foreign(found)
        # A whole address says everything: what stood there was about another place.
        whole = _ADDRESS in self.repository or self.repository.count("/") > 1
        self.repository = found.repo_id
        for name, said in (("revision", found.revision), ("subfolder", found.subfolder)):
            if said or whole:
                setattr(self, name, said)
                self._given_for[name] = found.repo_id
        self.placed.emit()

    def _note_foreign(self, found: HubReference) -> None:
        if found.endpoint:
            used = self._library.services.hub.endpoint
            self.foreign = found.endpoint if found.endpoint != used else ""

    def _drop_what_was_for_another(self, repo_id: str) -> None:
        """A revision or sub-folder that was given for another repository says nothing here."""
        for name, given_for in list(self._given_for.items()):
            if given_for.casefold() != repo_id.casefold():
                del self._given_for[name]
                if getattr(self, name):
                    setattr(self, name, "")
                    self.placed.emit()

    def set_place(self, reference: HubReference) -> None:
        """Look at this place, as if it had been typed."""
        self.repository, self.revision = reference.repo_id, reference.revision
        self.subfolder = reference.subfolder
        self._given_for = dict.fromkeys(_WITHIN, reference.repo_id)
        self.foreign = ""
        self.placed.emit()
        self.look()

    def set_subfolder(self, subfolder: str) -> None:
        """Look at another folder of the same repository."""
        self.subfolder = subfolder
        self.placed.emit()
        self.look()

    # -- asking ----------------------------------------------------------------------------

    def look_now(self) -> None:
        """Do not wait for the person to stop typing."""
        if self._look_timer.isActive():
            self.look()

    def look_again(self) -> None:
        """What is there may be another now, or be seen by others."""
        if self.repository.strip() and not self._look_timer.isActive():
            self.look()

    def look(self) -> None:
        """Ask the hub what is at the place that is typed."""
        self._stop()
        self.trouble, self.wrong = None, ()
        if not self.repository.strip():
            self.looking = False
            self._take_nothing()
            self.known.emit()
            return
        reference = self._reference()
        if self.foreign == self._library.services.hub.endpoint:
            self.foreign = ""  # agreed to
        if reference is None or self.foreign:
            self.looking = False
            self._forget_what_was_there(HubReference(self.repository.strip()))
            self.known.emit()
            return
        self.asked = reference
        self.looking, self.stopped = True, False
        self.known.emit()
        self._task = self._library.run(
            self._look, self._number, reference, succeeded=self._looked, lane="net"
        )

    def _reference(self) -> HubReference | None:
        try:
            found = self._library.services.hub.parse(self.repository)
        except ValidationError as error:
            self.wrong = error.findings
            return None
        self._note_foreign(found)
        self._drop_what_was_for_another(found.repo_id)
        return replace(
            found,
            revision=self.revision.strip() or found.revision or MAIN,
            subfolder=self.subfolder.strip().strip("/") or found.subfolder,
            endpoint=found.endpoint or self._library.services.hub.endpoint,
        )

    def stop_looking(self) -> None:
        """Nobody waits for an answer any more."""
        if self.looking:
            self._stop()
            self.looking = False
            self.known.emit()

    def show_fetch(self, *, running: bool, stopped: bool = False) -> None:
        """What was found is being fetched, or is not any more."""
        self.fetching, self.stopped = running, stopped
        self.known.emit()

    def _stop(self) -> None:
        self._look_timer.stop()
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _look(self, ctx: Any, number: int, reference: HubReference) -> tuple[int, Any]:
        try:
            return number, asking.look(self._library.services, ctx, reference)
        except Cancelled:
            raise
        except Exception as error:
            return number, error

    def _looked(self, result: tuple[int, Any]) -> None:
        number, found = result
        if number != self._number:
            return
        self._task = None
        self.looking = False
        if getattr(found, "code", "") != "not_found" and self.asked is not None:
            # One that is not there may have been mistyped: what was typed beside it still holds.
            self._given_for = dict.fromkeys(_WITHIN, self.asked.repo_id)
        if isinstance(found, asking.Look):
            self._take_up(found.reference, found.preview, found.name)
        else:
            self._take_trouble(found)
        self.known.emit()
        self.check_now()

    # -- what came of it -------------------------------------------------------------------

    def _take_up(self, reference: HubReference, preview: HubPreview, name: str) -> None:
        if self._is_elsewhere(reference):
            self._start_anew(reference)
        self.draft.take_preview(reference, preview, name)
        self._forget_checks()
        self.shown.emit()

    def _take_trouble(self, error: Exception) -> None:
        self._forget_what_was_there(self.asked or HubReference(""))
        if isinstance(error, RemoteError):
            self.trouble = error
        else:
            self.wrong = findings_of(error, "huggingface_name")

    def _forget_what_was_there(self, reference: HubReference) -> None:
        if self._is_elsewhere(reference):
            self._start_anew(reference)
        else:
            self.draft.forget_place(reference)
        self._forget_checks()
        self.shown.emit()

    def _take_nothing(self) -> None:
        if self.draft.reference.repo_id:
            self._forget_what_was_there(HubReference(""))

    def _is_elsewhere(self, reference: HubReference) -> bool:
        before = self.draft.reference
        return (before.repo_id, before.subfolder) != (reference.repo_id, reference.subfolder)

    def _start_anew(self, reference: HubReference) -> None:
        """Another place: what was typed for the one before goes on, what was proposed does not."""
        draft = HubDraft(reference=reference)
        draft.take_over(self.draft)
        self.draft = draft

    def reset(self) -> None:
        """Forget everything that was typed or found."""
        self._stop()
        self._timer.stop()
        self.repository = self.revision = self.subfolder = self.foreign = ""
        self._given_for.clear()
        self.looking = self.fetching = self.stopped = False
        self.trouble, self.wrong, self.asked = None, (), None
        self.draft = HubDraft()
        self._forget_checks()
        self.placed.emit()
        self.shown.emit()
        self.known.emit()
