"""The page “Hugging Face” of the import dialog."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QTabBar, QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.services.errors import RemoteError, ValidationError
from desktop.services.records import AdapterRecord, AdapterType
from desktop.views.import_pages.base import ImportPage, Verdict
from desktop.views.import_pages.hugging_face.account import Account
from desktop.views.import_pages.hugging_face.boxes import (
    ACCESS,
    AGAIN,
    SIGN_IN,
    SIGN_OUT,
    USE_HUB,
    box_of,
)
from desktop.views.import_pages.hugging_face.by_name import ByNamePane
from desktop.views.import_pages.hugging_face.common import ALL_FIELDS
from desktop.views.import_pages.hugging_face.draft import HubDraft
from desktop.views.import_pages.hugging_face.facts import HubFacts
from desktop.views.import_pages.hugging_face.fetching import Fetches
from desktop.views.import_pages.hugging_face.fields import findings_of
from desktop.views.import_pages.hugging_face.session import HubSession
from desktop.views.import_pages.hugging_face.sign_in import SignInDialog
from desktop.views.import_pages.hugging_face.words import page_of
from desktop.views.widgets.section import line

_EDGE = 24
_BEGIN = "Type the name of a repository, and what it holds stands here before anything is fetched."


class HubPage(ImportPage):
    """By name, found by a search, or from the cache of this machine.

    It is made once: what was typed stays until it was imported, or goes on in the background.
    """

    key = AdapterType.HUGGINGFACE.value
    title = "Hugging Face"
    icon = "cloud"

    def __init__(self, library: Library, parent: Any = None) -> None:
        super().__init__(parent)
        self._library = library
        self._wanted = False
        self._failed = False
        self._sign_in_dialog: SignInDialog | None = None
        self.account = Account(library, self)
        self.session = HubSession(library, self)
        self.fetches = Fetches(library, self)
        slots = {
            ACCESS: self.open_access_page,
            SIGN_IN: self.sign_in,
            SIGN_OUT: self.account.sign_out,
            AGAIN: self.session.look_again,
            USE_HUB: self._use_foreign,
        }
        self.by_name = ByNamePane(self.session, self.account, library, slots)
        self._make_form()
        self.panel = HubFacts()
        self.facts = self.panel
        self._connect()
        self._show_known()

    def _make_form(self) -> None:
        self.form = QWidget()
        self.form.setObjectName("hubForm")
        self.tabs = QTabBar()
        self.tabs.setObjectName("hubTabs")
        self.tabs.setAccessibleName("Ways to an adapter of the Hub")
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setDrawBase(False)
        self.tabs.setMinimumWidth(1)
        self.tabs.addTab("By na&me")
        self._panes: list[QWidget] = [self.by_name]
        head = QVBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.tabs)
        head.addWidget(line())
        self._box = QVBoxLayout(self.form)
        self._box.setContentsMargins(_EDGE, 8, 20, 16)
        self._box.setSpacing(10)
        self._box.addLayout(head)
        for pane in self._panes:
            self._box.addWidget(pane, 1)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._turn_to)
        self.by_name.bar.signInWanted.connect(self.sign_in)
        self.by_name.bar.endpointUsed.connect(self.session.look_again)
        self.by_name.typed.connect(self.think_again)
        self.by_name.common.notice.connect(self.notice)
        self.session.known.connect(self._show_known)
        self.account.entered.connect(self._account_entered)
        self.account.changed.connect(self.changed)
        self.fetches.progressed.connect(self.progressed)
        self.fetches.imported.connect(self._imported)
        self.fetches.succeeded.connect(self._succeeded)
        self.fetches.failed.connect(self._refused)
        self.fetches.stopped.connect(self._stopped)
        self.fetches.notice.connect(self.notice)

    # -- the tabs --------------------------------------------------------------------------

    def _turn_to(self, index: int) -> None:
        for at, pane in enumerate(self._panes):
            pane.setVisible(at == index)
        self._show_known()

    # -- what the foot shows ---------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether a fetch runs that belongs to the open dialog."""
        return self.fetches.running

    @property
    def can_import(self) -> bool:
        """Whether nothing is known to stand in the way."""
        return self.session.importable

    def verb(self) -> str:
        """The word on the primary button."""
        return "Tr&y again" if self._failed else "&Fetch and import"

    def busy_verb(self) -> str:
        """While a fetch runs, a click lets it go on without the dialog."""
        return "Fetch in the back&ground"

    def verdict(self) -> Verdict:
        """What still blocks."""
        session = self.session
        draft = session.draft
        if self._library.read_only:
            return Verdict(self._library.read_only, "error")
        told = [f for f in draft.refusals if not f.field]
        if told:
            return Verdict(f"{told[0].message} {told[0].advice}".strip(), "error")
        if not session.repository.strip():
            return Verdict("Type the name of a repository to begin.")
        if session.looking:
            return Verdict("Looking at the repository…")
        return _blocked(session, draft, self.account.endpoint)

    # -- what the person does --------------------------------------------------------------

    def start(self) -> None:
        """Fetch, or go to the first field with an error; while something is still being looked
        at, fetch as soon as that is known and in order."""
        if self.running:
            return
        session = self.session
        if session.looking or not session.settled:
            self._wanted = bool(session.repository.strip())
            session.look_now()
            session.check_now()
        elif session.importable:
            self._fetch()
        else:
            self._point_at_error()

    def _fetch(self) -> None:
        self._wanted = self._failed = False
        self.session.draft.refusals = ()
        self.fetches.start(self.session.draft.import_fields())
        self.form.setEnabled(False)
        self.changed.emit()

    def _point_at_error(self) -> None:
        self.session.touch(*ALL_FIELDS)
        field = self.by_name.first_error()
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def cancel(self) -> None:
        """Stop the fetch that runs."""
        self.fetches.cancel()

    def background(self) -> None:
        """Let the fetch that runs go on without the dialog."""
        if self.running:
            self.fetches.let_go()
            self.form.setEnabled(True)
            self.reset()
            self.done.emit()

    def think_again(self) -> None:
        """What is typed after Enter is not what Enter was about."""
        self._wanted = False
        self._failed = False

    # -- how a fetch ends ------------------------------------------------------------------

    def _imported(self, record: AdapterRecord) -> None:
        self.imported.emit([record])

    def _succeeded(self) -> None:
        self.form.setEnabled(True)
        self.reset()
        self.done.emit()

    def _refused(self, error: Exception) -> None:
        self.form.setEnabled(True)
        self._failed = not isinstance(error, ValidationError)
        self.session.refuse(findings_of(error, ""))
        if isinstance(error, RemoteError) and error.code in ("gated", "token", "forbidden"):
            self.session.look_again()
        self.changed.emit()
        if isinstance(error, ValidationError):
            self._point_at_error()

    def _stopped(self) -> None:
        self.form.setEnabled(True)
        self.changed.emit()

    # -- the account -----------------------------------------------------------------------

    def sign_in(self) -> None:
        """Ask for a token for the hub in use."""
        if self._sign_in_dialog is None:
            self._sign_in_dialog = SignInDialog(self.account, self.form.window())
            self._sign_in_dialog.pageWanted.connect(self._open)
        self._sign_in_dialog.open()

    def sign_in_dialog(self) -> QDialog | None:
        """The dialog for a token, once it was opened."""
        return self._sign_in_dialog

    def _account_entered(self) -> None:
        self.session.look_again()

    def _use_foreign(self) -> None:
        foreign = self.session.foreign
        try:
            self.account.use(foreign)
        except RemoteError:
            # Plain http: the line for the address says why, and asks.
            self.by_name.bar.open_row(foreign)
            return
        self.session.foreign = ""
        self.session.look()

    def open_access_page(self) -> None:
        """Show the page on which access is asked for; its address stands beside the link."""
        reference = self.session.draft.reference
        self._open(QUrl(page_of(reference.endpoint or self.account.endpoint, reference.repo_id)))

    def _open(self, url: QUrl) -> None:
        if url.isValid() and url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)

    # -- showing ---------------------------------------------------------------------------

    def _show_known(self) -> None:
        session = self.session
        draft = session.draft
        if draft.preview is not None:
            self.panel.show_preview(draft.preview, draft.beside(), all_files=draft.all_files)
        elif session.looking:
            self.panel.say("Lorarium is looking into the repository.")
        elif session.repository.strip():
            self.panel.say("Nothing is known of it yet.")
        else:
            self.panel.say(_BEGIN)
        self.changed.emit()
        if self._wanted and not self.running and not session.looking and session.settled:
            self._wanted = False
            self.start()

    # -- the dialog's life -----------------------------------------------------------------

    def shown(self) -> None:
        """The page is on screen (again)."""
        self.account.refresh()
        if not self.running:
            self.session.look_again()
            self.session.recheck()
        self.by_name.repository.setFocus(Qt.FocusReason.OtherFocusReason)

    def library_changed(self) -> None:
        """Rows or records changed while the page is on screen."""
        if not self.running:
            self.session.recheck()

    def reset(self) -> None:
        """Forget everything that was typed."""
        self._wanted = self._failed = False
        self.session.reset()

    def set_right_margin(self, margin: int) -> None:
        """Leave this much at the right of the fields."""
        edges = self._box.contentsMargins()
        if edges.right() != margin:
            edges.setRight(margin)
            self._box.setContentsMargins(edges)

    def set_facts_below(self, below: bool) -> None:
        """Facts stand under the form, or beside it."""
        self.panel.set_below(below)


def _blocked(session: HubSession, draft: HubDraft, endpoint: str) -> Verdict:
    box = box_of(session, endpoint)
    found = draft.blocking()
    if box is not None and draft.preview is not None:
        words = ["Ask for access" if draft.preview.locked == "gated" else "Get access"]
        if any(f.field == "model_id" for f in found):
            words.append("choose a base model")
        return Verdict(f"{' and '.join(words)} to go on.", "warning")
    if box is not None:
        return Verdict("Nothing is known of this repository yet.", "warning")
    if session.wrong or session.trouble is not None:
        return Verdict("Name an adapter that is there to go on.", "error")
    said = [f for f in found if f.code != "required" or f.field in draft.touched]
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
