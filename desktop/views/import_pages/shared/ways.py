"""The ways to an adapter of a server: what each tab of the page can do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.library import Library
from desktop.services.errors import ValidationError
from desktop.views.import_pages.base import Verdict
from desktop.views.import_pages.shared.common import ALL_FIELDS, CommonFields
from desktop.views.import_pages.shared.draft import RemoteDraft
from desktop.views.import_pages.shared.facts import ServerFacts
from desktop.views.import_pages.shared.fields import FieldsSession, findings_of

AGAIN = "Try a&gain"


class Way(QObject):
    """One tab: its pane takes the place of the form, its facts stand at the right.

    Signals:
        changed: verdict, verb, facts or readiness may be others now.
        wanted(object): import with these fields (a dict for `imports`).
    """

    changed = Signal()
    wanted = Signal(object)

    title = ""
    """The word on the tab, with its mnemonic."""
    pane: QWidget

    @property
    def ready(self) -> bool:
        """Whether nothing is known to stand in the way of its verb."""
        raise NotImplementedError

    def verb(self) -> str:
        """The word on the primary button."""
        raise NotImplementedError

    def busy_verb(self) -> str:
        """The same while its import runs, "" = the button does nothing then."""
        return ""

    def verdict(self) -> Verdict:
        """What still blocks."""
        raise NotImplementedError

    def start(self) -> None:
        """Do what the verb says, or go to what is in the way."""
        raise NotImplementedError

    def refused(self, error: Exception) -> None:
        """The import that it wanted did not work."""

    def began(self) -> None:
        """The import that it wanted runs."""

    def stopped(self) -> None:
        """The import that it wanted was stopped."""

    def called(self) -> str:
        """What people call what it would import, "" = as in the page's field `named_by`."""
        return ""

    def think_again(self) -> None:
        """A start that waits is taken back."""

    def left(self) -> None:
        """The dialog is not on screen any more: whoever is being asked need not answer."""

    def shown(self) -> None:
        """It is on screen (again): what it knows may be old."""

    def focus_first(self) -> None:
        """Put the focus into the first field."""

    def library_changed(self) -> None:
        """Rows or records changed while it is on screen."""

    def reset(self) -> None:
        """Forget everything that was typed."""

    def show_facts(self, panel: ServerFacts) -> None:
        """Say at the right what is known."""
        raise NotImplementedError


class FieldsWay(Way):
    """A way that ends in an import of its own: one session, and the fields that every import
    has."""

    session: FieldsSession
    common: CommonFields

    stop_text = "Stopped. Nothing was imported; what was complete is kept for the next try."
    """What is said after a person has stopped its import."""

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._waits = False
        self._failed = False
        self._stopped = False

    @property
    def ready(self) -> bool:
        """Whether nothing is known to stand in the way of an import."""
        return self.session.importable

    def busy(self) -> bool:
        """Whether something is still being looked at."""
        return not self.session.settled

    def unseen(self) -> bool:
        """Whether a server is still being asked what is there: nothing that nobody has seen is
        fetched."""
        return False

    def anything_asked(self) -> bool:
        """Whether there is something to wait for."""
        return True

    def hurry(self) -> None:
        """Do not wait for the person to stop typing."""
        self.session.check_now()

    def start(self) -> None:
        """Import, or go to the first field with an error; while the fields are still being
        checked, import as soon as they are in order. What nobody has seen is only looked at."""
        if self.unseen():
            self._waits = False
            self.hurry()
        elif self.busy():
            self._waits = self.anything_asked()
            self.hurry()
        elif self.ready:
            self._waits = self._failed = False
            self.session.draft.refusals = ()
            self.wanted.emit(self.session.draft.import_fields())
        else:
            self.point_at_error()

    def go_on(self) -> None:
        """Something is known now that was not: a start that waits for it goes on."""
        self.changed.emit()
        if self.unseen():
            self._waits = False
        if self._waits and not self.busy():
            self._waits = False
            self.start()

    def began(self) -> None:
        """The import that it wanted runs."""
        self._stopped = False

    def stopped(self) -> None:
        """Say so, until something else is typed."""
        self._stopped = True

    def refused(self, error: Exception) -> None:
        """Say why, and keep what was typed."""
        self._failed = not isinstance(error, ValidationError)
        self.session.refuse(findings_of(error, ""))
        if isinstance(error, ValidationError):
            self.point_at_error()

    def point_at_error(self) -> None:
        """Say also what is empty, and go to the first field with an error."""
        self.session.touch(*ALL_FIELDS)
        field = self.first_error()
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def first_error(self) -> QWidget | None:
        """The first field, from the top, that keeps the adapter from being imported."""
        return self.common.first_error()

    def think_again(self) -> None:
        """What is typed after Enter is not what Enter was about."""
        self._waits = self._failed = self._stopped = False

    def library_changed(self) -> None:
        """What was said may not hold any more."""
        self.session.recheck()

    def told(self) -> Verdict | None:
        """What comes before anything about the fields: nothing can be written, or what only an
        import that was tried could know."""
        if self._library.read_only:
            return Verdict(self._library.read_only, "error")
        told = [f for f in self.session.draft.refusals if not f.field]
        if told:
            return Verdict(f"{told[0].message} {told[0].advice}".strip(), "error")
        return Verdict(self.stop_text) if self._stopped else None


def fields_verdict(draft: RemoteDraft, places: Sequence[str] | None = None) -> Verdict:
    """What the fields of an import still block.

    places: the fields for the place that are on screen, None = all that the draft has. What is
    wrong with a field that nobody sees is told here.
    """
    found = draft.blocking()
    said = [f for f in found if f.code != "required" or f.field in draft.touched]
    shown = {*ALL_FIELDS, "location", *(draft.place_fields if places is None else places)}
    astray = next((f for f in said if f.field not in shown), None)
    if astray is not None:
        return Verdict(f"{astray.message} {astray.advice}".strip(), "error")
    if said:
        count = len(said)
        word, verb = ("1 error", "keeps") if count == 1 else (f"{count:,} errors", "keep")
        return Verdict(f"{word} {verb} this from being imported.", "error")
    fields = {f.field for f in found}
    wanted = [
        word
        for name, word in (("name", "give it a name"), ("model_id", "choose a base model"))
        if name in fields
    ]
    sentence = " and ".join(wanted)
    return Verdict(f"{sentence[:1].upper()}{sentence[1:]} to go on." if sentence else "")
