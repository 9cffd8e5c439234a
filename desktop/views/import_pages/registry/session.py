"""The state of By ID: the model that is asked for, and what the registry has under it.

Questions go off the UI thread, each with a number; an answer with another number than the last one
asked is late and dropped, however long its server took.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.models.library import Library
from desktop.models.task_runner import Task
from desktop.services.errors import Cancelled, RemoteError
from desktop.services.records import Finding, Severity
from desktop.services.registry.records import Connection, ModelVersion
from desktop.views.import_pages.registry import asking
from desktop.views.import_pages.registry.draft import MODEL, RegistryDraft
from desktop.views.import_pages.shared.fields import FieldsSession, findings_of

LOOK_DELAY = 400
"""Milliseconds after the last keystroke until the registry is asked."""


class RegistrySession(FieldsSession):
    """One version of a registered model on its way in.

    connection: the registry in use, None = there is none. text: the model as it stands in its
    field. subfolder: the folder of the artifact that was chosen. versions: those that can be
    chosen, newest first. trouble: why it is not known what is there, None = it is, or nobody
    asked. wrong: what is wrong with the field itself.

    Signals:
        placed: the field was set by the program.
    """

    placed = Signal()

    draft: RegistryDraft

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, RegistryDraft(), parent)
        self.connection: Connection | None = None
        self.text = ""
        self.subfolder = ""
        self.versions: tuple[ModelVersion, ...] = ()
        self.looking = False
        self.trouble: RemoteError | None = None
        self.wrong: tuple[Finding, ...] = ()
        self._picked: ModelVersion | None = None
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
        return not self.looking and super().importable

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of the artifact that hold an adapter, where there are several."""
        there = self.draft.preview
        found = there.artifact.adapters if there is not None and there.artifact is not None else ()
        return found if len(found) > 1 else ()

    def told(self) -> tuple[Finding, ...]:
        """Why it is not known what is there, as something to read beside the field."""
        error = self.trouble
        if error is None:
            return ()
        return (Finding(MODEL, error.code, Severity.ERROR, error.message, error.advice),)

    # -- what is asked for -----------------------------------------------------------------

    def type_model(self, text: str) -> None:
        """The person typed the name, ID or address of a model."""
        self.text, self.subfolder, self._picked = text, "", None
        self.draft.refusals = ()
        self._stop()
        self.trouble, self.wrong = None, ()
        self.looking = bool(text.strip()) and self.connection is not None
        if self.looking:
            self._look_timer.start()
        else:
            self._forget_what_was_there()
        self.known.emit()

    def set_model(self, text: str) -> None:
        """Look at this model, as if it had been typed."""
        self.text, self.subfolder, self._picked = text, "", None
        self.placed.emit()
        self.look()

    def set_connection(self, connection: Connection | None) -> None:
        """Ask this registry from now on."""
        if connection == self.connection:
            return
        before, self.connection = self.connection, connection
        same = before is not None and connection is not None and before.id == connection.id
        if not same:
            self.subfolder, self._picked = "", None
            self.versions = ()
        self.look()

    def pick_version(self, version: ModelVersion) -> None:
        """Look at this version of the same model."""
        self.text = f"{version.model_id}/{version.version}"
        self.subfolder, self._picked = "", version
        self.placed.emit()
        self.look()

    def pick_folder(self, folder: str) -> None:
        """Look at another folder of the same artifact."""
        self.subfolder = folder
        self.look()

    # -- asking ----------------------------------------------------------------------------

    def look_now(self) -> None:
        """Do not wait for the person to stop typing."""
        if self._look_timer.isActive():
            self.look()

    def look_again(self) -> None:
        """What is there may be another now, or be seen by others."""
        if not self._look_timer.isActive():
            self.look()

    def look(self) -> None:
        """Ask the registry what it has under what is typed."""
        self._stop()
        self.trouble, self.wrong = None, ()
        connection, text = self.connection, self.text.strip()
        if connection is None or not text:
            self.looking = False
            self._forget_what_was_there()
            self.known.emit()
            return
        self.looking = True
        self.known.emit()
        self._task = self._library.run(
            self._look,
            self._number,
            connection,
            self._picked or text,
            self.subfolder,
            succeeded=self._looked,
            lane="net",
        )

    def stop_looking(self) -> None:
        """Nobody waits for an answer any more."""
        if self.looking:
            self._stop()
            self.looking = False
            self.known.emit()

    def _stop(self) -> None:
        self._look_timer.stop()
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _look(
        self, ctx: Any, number: int, connection: Connection, what: str | ModelVersion, folder: str
    ) -> tuple[int, Any]:
        try:
            return number, asking.look(self._library.services, ctx, connection, what, folder)
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
        if isinstance(found, asking.Look):
            self._take_up(found)
        else:
            self._take_trouble(found)
        self.known.emit()
        self.check_now()

    # -- what came of it -------------------------------------------------------------------

    def _take_up(self, found: asking.Look) -> None:
        self.versions = found.versions
        there = self.draft.preview
        if there is not None and there.version.model_id != found.preview.version.model_id:
            self._start_anew()
        self.draft.subfolder = self.subfolder
        self.draft.take_preview(found.connection, found.model, found.preview, found.name)
        self._forget_checks()
        self.shown.emit()

    def _take_trouble(self, error: Exception) -> None:
        self._forget_what_was_there()
        if isinstance(error, RemoteError):
            self.trouble = error
        else:
            self.wrong = findings_of(error, MODEL)

    def _forget_what_was_there(self) -> None:
        self.versions = ()
        self.draft.forget_place()
        self._forget_checks()
        self.shown.emit()

    def _start_anew(self) -> None:
        """Another model: what was typed for the one before goes on, what was proposed does not."""
        draft = RegistryDraft(record_job=self.draft.record_job)
        draft.take_over(self.draft)
        draft.described = self.draft.described
        self.draft = draft

    def reset(self) -> None:
        """Forget everything that was typed or found; the registry in use stays."""
        self._stop()
        self._timer.stop()
        self.text = self.subfolder = ""
        self._picked = None
        self.looking = False
        self.trouble, self.wrong, self.versions = None, (), ()
        self.draft = RegistryDraft()
        self._forget_checks()
        self.placed.emit()
        self.shown.emit()
        self.known.emit()
