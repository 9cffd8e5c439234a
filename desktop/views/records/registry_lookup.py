"""Look a base model up in a registry by its ID, and fill the form with what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop.models.library import Library
from desktop.models.registry_links import RegistryLinks
from desktop.models.task_runner import Task
from desktop.services.errors import Cancelled, LorariumError
from desktop.services.peft_folder.reading import printable
from desktop.services.records import AddBaseModelRequest, Finding, Severity
from desktop.services.registry.records import Connection
from desktop.views.records.inputs import FieldInput, LookUpInput
from desktop.views.widgets.form_field import FormField

FIELD = "cml_registered_model_id"
_OURS = ("name", "description")
"""What a person may have typed already: it is only filled where it is empty."""
_THEIRS = (FIELD, "mlflow_experiment_id", "mlflow_run_id")
_LONGEST = 80


class RegistryLookup(QObject):
    """Behind the button of the field for a registry ID. An answer to what was asked before is
    dropped.

    inputs, fields: those of the form, by the request's fields.
    """

    def __init__(
        self,
        library: Library,
        inputs: Mapping[str, FieldInput],
        fields: Mapping[str, FormField],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._links = RegistryLinks.of(library)
        self._inputs, self._fields = inputs, fields
        self._number = 0
        self._task: Task | None = None
        self._menu: QMenu | None = None
        found = inputs[FIELD]
        assert isinstance(found, LookUpInput)
        self._input = found
        found.wanted.connect(self.ask)
        found.changed.connect(self._forget)

    # -- asking ----------------------------------------------------------------------------

    def ask(self) -> None:
        """Ask the registry; where several are connected, ask the person which one first."""
        if self._task is not None:
            self.stop()
            return
        known = self._links.all()
        if not known:
            self._say("no_connection", "No registry is connected.", "Add it in the preferences.")
        elif not self._input.raw().strip():
            self._say("required", "Type the name or ID of the model first.")
        elif len(known) == 1:
            self._ask(known[0])
        else:
            self._choose(known)

    def _choose(self, known: tuple[Connection, ...]) -> None:
        if self._menu is not None:
            self._menu.deleteLater()
        button = self._input.button
        menu = self._menu = QMenu(button)
        menu.setObjectName("registryLookupMenu")
        for connection in known:
            words = printable(connection.title, _LONGEST).replace("&", "&&")
            menu.addAction(words).setData(connection.id)
        menu.triggered.connect(self._chosen)
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    def _chosen(self, action: QAction) -> None:
        for connection in self._links.all():
            if connection.id == action.data():
                self._ask(connection)

    def _ask(self, connection: Connection) -> None:
        self._number += 1
        self._input.set_busy(True)
        self._fields[FIELD].set_findings(())
        self._fields[FIELD].set_hint(f"Asking “{printable(connection.title, _LONGEST)}”…")
        self._task = self._library.run(
            self._look,
            self._number,
            connection,
            self._input.raw().strip(),
            succeeded=self._answered,
            lane="net",
        )

    def _look(self, ctx: Any, number: int, connection: Connection, text: str) -> tuple[int, Any]:
        try:
            registry = self._library.services.registry
            return number, registry.base_model_request(connection, text, ctx.report)
        except Cancelled:
            raise
        except LorariumError as error:
            return number, error

    def stop(self) -> None:
        """Nobody waits for an answer any more."""
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self._input.set_busy(False)
            self._fields[FIELD].set_hint("")

    # -- what came of it -------------------------------------------------------------------

    def _forget(self) -> None:
        """Another ID is typed: what was said was about the one before."""
        self.stop()
        self._fields[FIELD].set_hint("")

    def _answered(self, result: tuple[int, AddBaseModelRequest | LorariumError]) -> None:
        number, found = result
        if number != self._number:
            return
        self._task = None
        self._input.set_busy(False)
        self._fields[FIELD].set_hint("")
        if isinstance(found, LorariumError):
            self._say("failed", found.message, found.advice)
            return
        for name in _THEIRS:
            self._fill(name, getattr(found, name))
        for name in _OURS:
            if not self._inputs[name].raw().strip():
                self._fill(name, getattr(found, name))
        self._fields[FIELD].set_hint(f"Found “{printable(found.name or '', _LONGEST)}”.")

    def _fill(self, name: str, value: str | None) -> None:
        if value and self._inputs[name].raw() != value:
            self._inputs[name].set_raw(value)

    def _say(self, code: str, message: str, advice: str = "") -> None:
        told = Finding(FIELD, code, Severity.ERROR, message, advice)
        self._fields[FIELD].set_findings((told,))
