"""By name: a place on a hub that was typed, pasted or found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtWidgets import QWidget

from desktop.models.library import Library
from desktop.services.errors import RemoteError
from desktop.services.hub.records import HubReference
from desktop.views.import_pages.base import Verdict
from desktop.views.import_pages.hugging_face import boxes
from desktop.views.import_pages.hugging_face.account import Account
from desktop.views.import_pages.hugging_face.by_name import ByNamePane
from desktop.views.import_pages.hugging_face.facts import show_preview
from desktop.views.import_pages.hugging_face.session import HubSession
from desktop.views.import_pages.hugging_face.words import page_of
from desktop.views.import_pages.shared.facts import ServerFacts
from desktop.views.import_pages.shared.ways import AGAIN, FieldsWay, fields_verdict

_BEGIN = "Type the name of a repository, and what it holds stands here before anything is fetched."
_SHUT = ("gated", "token", "forbidden", "not_found")


class ByNameWay(FieldsWay):
    """What is typed is looked at, then fetched.

    Signals:
        signInWanted: the person wants to sign in.
        pageWanted(QUrl): open this page, whose address the person has seen.
        consentWanted(str): the person wants to use the hub at this address, which needs a word.
        showWanted(object): the ids of adapters that the person wants to see in the library.
    """

    signInWanted = Signal()
    pageWanted = Signal(QUrl)
    consentWanted = Signal(str)
    showWanted = Signal(object)

    title = "B&y name"

    def __init__(self, account: Account, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, parent)
        self._account = account
        self.place = HubSession(library, self)
        self.session = self.place
        slots: Mapping[str, Callable[[], object]] = {
            boxes.ACCESS: self._open_access_page,
            boxes.SIGN_IN: self._ask_to_sign_in,
            boxes.ANOTHER: self._ask_to_sign_in,
            boxes.SIGN_OUT: account.sign_out,
            boxes.AGAIN: self.place.look_again,
            boxes.USE_HUB: self._use_foreign,
        }
        links = {key: (boxes.WORDS[key], slot) for key, slot in slots.items()}
        self.form = ByNamePane(self.place, account, library, links)
        self.pane = self.form
        self.common = self.form.common
        self.form.typed.connect(self.think_again)
        self.form.showWanted.connect(self.showWanted)
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
        if not place.repository.strip():
            return Verdict("Type the name of a repository to begin.")
        if place.looking:
            return Verdict("Looking at the repository…")
        box = boxes.box_of(place, self._account)
        if box is not None and place.draft.preview is not None:
            return self._shut(place.draft.preview.locked)
        if box is not None:
            return Verdict("Nothing is known of this repository yet.", "warning")
        if place.wrong or place.trouble is not None:
            return Verdict("Name an adapter that is there to go on.", "error")
        return fields_verdict(place.draft)

    def _shut(self, code: str) -> Verdict:
        words = ["Ask for access" if code == "gated" else "Get access"]
        if any(f.field == "model_id" for f in self.place.draft.blocking()):
            words.append("choose a base model")
        return Verdict(f"{' and '.join(words)} to go on.", "warning")

    # -- what the person does --------------------------------------------------------------

    def look_at(self, reference: HubReference) -> None:
        """Look at this place, as if it had been typed."""
        self.place.set_place(reference)

    def unseen(self) -> bool:
        """Whether the hub is still being asked what is there."""
        return self.place.looking

    def anything_asked(self) -> bool:
        """Whether a repository is named."""
        return bool(self.place.repository.strip())

    def hurry(self) -> None:
        """Do not wait for the person to stop typing."""
        self.place.look_now()
        self.place.check_now()

    def first_error(self) -> QWidget | None:
        """The first field, from the top, that keeps the adapter from being imported."""
        return self.form.first_error()

    def began(self) -> None:
        """What was found is being fetched."""
        super().began()
        self.place.show_fetch(running=True)

    def stopped(self) -> None:
        """It is not any more."""
        super().stopped()
        self.place.show_fetch(running=False, stopped=True)

    def refused(self, error: Exception) -> None:
        """Say why; where that is no access, ask anew who may see it."""
        self.place.show_fetch(running=False, stopped=True)
        super().refused(error)
        if isinstance(error, RemoteError) and error.code in _SHUT:
            self.place.look_again()

    def look_again(self) -> None:
        """Another hub or another account may show something else."""
        self.place.look_again()

    def _use_foreign(self) -> None:
        foreign = self.place.foreign
        try:
            self._account.use(foreign)
        except RemoteError:
            # Plain http: the line for the address says why, and asks.
            self.consentWanted.emit(foreign)
            return
        self.place.look()

    def _ask_to_sign_in(self) -> None:
        self.signInWanted.emit()

    def _open_access_page(self) -> None:
        reference = self.place.draft.reference
        page = page_of(reference.endpoint or self._account.endpoint, reference.repo_id)
        self.pageWanted.emit(QUrl(page))

    # -- its life --------------------------------------------------------------------------

    def shown(self) -> None:
        """What it knows may be old."""
        if not self.place.looking:
            self.place.look_again()
        self.place.recheck()

    def focus_first(self) -> None:
        """Begin with the repository."""
        self.form.repository.setFocus(Qt.FocusReason.OtherFocusReason)

    def left(self) -> None:
        """Nobody waits for what the hub says."""
        self.place.stop_looking()

    def reset(self) -> None:
        """Forget everything that was typed."""
        self.think_again()
        self.place.reset()

    def show_facts(self, panel: ServerFacts) -> None:
        """What is there before the download."""
        place = self.place
        draft = place.draft
        if draft.preview is not None and (draft.preview.locked or draft.inspection is not None):
            show_preview(panel, draft.preview, draft.beside(), all_files=draft.all_files)
        elif place.looking:
            panel.say("Lorarium is looking into the repository.")
        elif draft.preview is not None:
            panel.say("There is no adapter at this place.", draft.beside())
        elif place.repository.strip():
            panel.say("Nothing is known of it yet.")
        else:
            panel.say(_BEGIN)
