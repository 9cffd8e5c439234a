"""The page “Hugging Face” of the import dialog."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from desktop.models.library import Library
from desktop.services.hub.records import HubReference
from desktop.services.records import AdapterType
from desktop.views.import_pages.hugging_face.account import Account
from desktop.views.import_pages.hugging_face.account_bar import AccountBar
from desktop.views.import_pages.hugging_face.sign_in import SignInDialog
from desktop.views.import_pages.hugging_face.way_by_name import ByNameWay
from desktop.views.import_pages.hugging_face.way_cached import CachedWay
from desktop.views.import_pages.hugging_face.way_find import FindWay
from desktop.views.import_pages.shared.ways_page import WaysPage


class HubPage(WaysPage):
    """Three ways to an adapter: by name, found by a search, or from the cache of this machine."""

    key = AdapterType.HUGGINGFACE.value
    title = "Hugging Face"
    icon = "cloud"
    prefix = "hub"
    named_by = "huggingface_name"
    about = "Ways to an adapter of the Hub"

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, parent)
        self._sign_in_dialog: SignInDialog | None = None
        self.account = Account(library, self)
        self.bar = AccountBar(self.account)
        self.by_name = ByNameWay(self.account, library, self)
        self.find = FindWay(library, self)
        self.cached = CachedWay(library, self)
        self._connect()
        self.set_ways((self.by_name, self.find, self.cached))
        self._box.insertWidget(1, self.bar)

    def _connect(self) -> None:
        self.by_name.signInWanted.connect(self.sign_in)
        self.by_name.pageWanted.connect(self.open_page)
        self.by_name.consentWanted.connect(self._ask_for_consent)
        self.by_name.showWanted.connect(self.showWanted)
        self.bar.signInWanted.connect(self.sign_in)
        self.bar.endpointUsed.connect(self._look_again)
        self.find.picked.connect(self._picked)
        for common in (self.by_name.common, self.cached.common):
            common.notice.connect(self.notice)
        self.account.entered.connect(self._look_again)
        self.account.changed.connect(self.changed)

    def _picked(self, reference: HubReference) -> None:
        self.by_name.look_at(reference)
        self.tabs.setCurrentIndex(0)
        self.by_name.focus_first()

    # -- the account -----------------------------------------------------------------------

    def sign_in(self) -> None:
        """Ask for a token for the hub in use."""
        if self._sign_in_dialog is None:
            self._sign_in_dialog = SignInDialog(self.account, self.form.window())
            self._sign_in_dialog.pageWanted.connect(self.open_page)
        self._sign_in_dialog.open()

    def _ask_for_consent(self, address: str) -> None:
        self.bar.open_row(address)
        self.bar.row.use()

    def _look_again(self) -> None:
        self.by_name.look_again()
        self.find.look_again()

    def open_page(self, url: QUrl) -> None:
        """Show a page, whose address the person has seen, in the browser."""
        if url.isValid() and url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)

    def shown(self) -> None:
        """The page is on screen (again)."""
        self.account.refresh()
        super().shown()

    def reset(self) -> None:
        """Forget everything that was typed."""
        self.bar.close_row()
        super().reset()
