"""By ID: a registered model that was typed, pasted or picked from the list."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.library import Library
from desktop.services.errors import RemoteError
from desktop.services.registry.records import Connection
from desktop.views.import_pages.base import Verdict
from desktop.views.import_pages.registry import boxes
from desktop.views.import_pages.registry.by_id import ByIdPane
from desktop.views.import_pages.registry.session import RegistrySession
from desktop.views.import_pages.registry.words import LOGGED, facts_before
from desktop.views.import_pages.shared.facts import BEFORE, ServerFacts
from desktop.views.import_pages.shared.ways import AGAIN, FieldsWay, fields_verdict

_BEGIN = "Type a model's name or ID, and what it holds stands here before anything is fetched."
_NO_REGISTRY = "Connect a registry, and what its models hold stands here before a fetch."
_WITH_ADAPTER = "that holds an adapter"
_SHUT = ("token", "forbidden", "not_found", "revision")


class ByIdWay(FieldsWay):
    """What is typed is looked up, then fetched.

    Signals:
        editWanted: the person wants to change the connection.
    """

    editWanted = Signal()

    title = "By &ID"
    stop_text = "Stopped. Nothing was imported."  # registries announce no hashes: nothing is kept

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, parent)
        self.place = RegistrySession(library, self)
        self.session = self.place
        self._unfolded = False
        slots = {
            boxes.EDIT: (boxes.WORDS[boxes.EDIT], self._ask_to_edit),
            boxes.AGAIN: (boxes.WORDS[boxes.AGAIN], self.place.look_again),
        }
        self.form = ByIdPane(self.place, library, slots)
        self.pane = self.form
        self.common = self.form.common
        self.form.typed.connect(self.think_again)
        self.place.known.connect(self.go_on)

    # -- what the foot shows ---------------------------------------------------------------

    def verb(self) -> str:
        """Fetch, or once more."""
        return AGAIN if self._failed else "&Fetch and import"

    def busy_verb(self) -> str:
        """While a fetch runs, a click lets it go on without the dialog."""
        return "Fetch in the back&ground"

    def verdict(self) -> Verdict:
        """What still blocks."""
        place = self.place
        told = self.told()
        if told is not None:
            return told
        if place.connection is None:
            return Verdict("Connect a registry to begin.")
        if not place.text.strip():
            return Verdict("Type the name or ID of a model to begin.")
        if place.looking:
            return Verdict("Asking the registry…")
        if boxes.box_of(place) is not None:
            return Verdict("Nothing is known of this model yet.", "warning")
        if place.draft.is_there and set(place.draft.told()) & set(place.draft.of_place()):
            lack = "whose files can be fetched" if place.draft.holds_adapter else _WITH_ADAPTER
            return Verdict(f"Choose a version {lack} to go on.", "error")
        if place.wrong or place.trouble is not None or place.draft.of_place():
            return Verdict("Name an adapter that is there to go on.", "error")
        return fields_verdict(place.draft)

    def called(self) -> str:
        """The model by its name, with what was asked for of it."""
        return self.place.draft.called

    # -- what the person does --------------------------------------------------------------

    def set_connection(self, connection: Connection | None) -> None:
        """Ask this registry from now on."""
        self.place.set_connection(connection)

    def unseen(self) -> bool:
        """Whether the registry is still being asked what is there."""
        return self.place.looking

    def anything_asked(self) -> bool:
        """Whether a model is named."""
        return bool(self.place.text.strip()) and self.place.connection is not None

    def hurry(self) -> None:
        """Do not wait for the person to stop typing."""
        self.place.look_now()
        self.place.check_now()

    def first_error(self) -> QWidget | None:
        """The first field, from the top, that keeps the adapter from being imported."""
        return self.form.first_error()

    def refused(self, error: Exception) -> None:
        """Say why; where that is about what is there, ask anew."""
        super().refused(error)
        if isinstance(error, RemoteError) and error.code in _SHUT:
            self.place.look_again()

    def _ask_to_edit(self) -> None:
        self.editWanted.emit()

    def toggle(self, key: str) -> None:
        """A link of the facts was clicked: fold or unfold what the run logged."""
        if key == LOGGED:
            self._unfolded = not self._unfolded
            self.changed.emit()

    # -- its life --------------------------------------------------------------------------

    def shown(self) -> None:
        """What it knows may be old."""
        if not self.place.looking:
            self.place.look_again()
        self.place.recheck()

    def left(self) -> None:
        """Nobody waits for what the registry says."""
        self.place.stop_looking()

    def focus_first(self) -> None:
        """Begin with the model."""
        self.form.model.setFocus(Qt.FocusReason.OtherFocusReason)

    def reset(self) -> None:
        """Forget everything that was typed."""
        self.think_again()
        self._unfolded = False
        self.place.reset()

    def show_facts(self, panel: ServerFacts) -> None:
        """What is there before the download."""
        place = self.place
        draft = place.draft
        if draft.preview is not None and not place.looking:
            facts = facts_before(draft.preview, all_files=draft.all_files, unfolded=self._unfolded)
            panel.show_facts(BEFORE, facts, draft.beside())
            split = draft.logged_split()
            if split is not None and draft.records_job:
                panel.show_split(split, "By the run; recorded as a training job.")
        elif place.connection is None:
            panel.say(_NO_REGISTRY)
        elif place.looking:
            panel.say("Lorarium is asking the registry.")
        elif place.text.strip():
            panel.say("Nothing is known of it yet.")
        else:
            panel.say(_BEGIN)
