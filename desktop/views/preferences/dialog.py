"""The preferences: registries, the hub in use, watched folders, and how the window looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.views.focus import press_focused
from desktop.views.import_pages.hugging_face.account import Account
from desktop.views.import_pages.hugging_face.account_bar import AccountBar
from desktop.views.import_pages.hugging_face.sign_in import SignInDialog
from desktop.views.preferences.registries import RegistriesBox
from desktop.views.theme import FontRole, metric
from desktop.views.watched_folders import WatchedFoldersPane
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.section import line
from desktop.views.widgets.segmented import SegmentedSwitch
from desktop.views.widgets.text import PlainLabel
from desktop.views.window_state import DENSITIES, SCHEMES

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow

_SIZE = (580, 600)


class PreferencesDialog(QDialog):
    """Made once; `open` shows it beside the window, which stays usable. What is changed counts at
    once, so there is nothing to confirm."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setObjectName("preferencesDialog")
        self.setWindowTitle("Preferences")
        self._window = window
        self._sign_in: SignInDialog | None = None
        self.registries = RegistriesBox(window.library)
        self.account = Account(window.library, self)
        self.hub = AccountBar(self.account)
        self.watched = WatchedFoldersPane(window.library)
        self.scheme = _switch("preferencesScheme", "Appearance", SCHEMES)
        self.density = _switch("preferencesDensity", "Row height", DENSITIES)
        self.leave = QPushButton("Clos&e")
        self.leave.setObjectName("preferencesClose")
        self.leave.setAutoDefault(False)
        self._lay_out()
        self.hub.signInWanted.connect(self.sign_in)
        self.scheme.changed.connect(self._trigger)
        self.density.changed.connect(self._trigger)
        self.leave.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(24, 20, 24, 16)
        inner.setSpacing(10)
        inner.addWidget(PlainLabel("Registries", role=FontRole.CARD_TITLE))
        inner.addWidget(self.registries)
        inner.addWidget(line())
        inner.addWidget(PlainLabel("Hugging Face", role=FontRole.CARD_TITLE))
        inner.addWidget(self.hub)
        inner.addWidget(line())
        inner.addWidget(PlainLabel("Watched folders", role=FontRole.CARD_TITLE))
        inner.addWidget(self.watched)
        inner.addWidget(line())
        inner.addWidget(PlainLabel("Appearance", role=FontRole.CARD_TITLE))
        for label, switch in (("Colours", self.scheme), ("Row height", self.density)):
            inner.addWidget(FormField(label, switch, checked=False))
        inner.addStretch(1)
        area = QScrollArea()
        area.setObjectName("preferencesScroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        area.setWidget(body)
        foot = QHBoxLayout()
        foot.setContentsMargins(24, 12, 24, 12)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(area, 1)
        box.addWidget(line())
        box.addLayout(foot)
        self.setMinimumWidth(metric(_SIZE[0] - 100, self.font()))
        self.resize(*(metric(n, self.font()) for n in _SIZE))

    def open(self) -> None:
        """Show it as things are now; the window stays usable."""
        self._line_up()
        self.registries.show_links()
        self.account.refresh()
        self.scheme.set_current(self._window.state.scheme)
        self.density.set_current(self._window.state.density)
        self.show()
        self.raise_()
        self.activateWindow()
        self.registries.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _line_up(self) -> None:
        """Make the buttons beside both lists as wide as the widest, so that their edges meet."""
        box, folders = self.registries, self.watched.folders
        buttons = (box.add, box.edit, box.test, box.remove, folders.add_button)
        for button in (*buttons, folders.remove_button):
            button.ensurePolished()
        wide = max(button.sizeHint().width() for button in buttons)
        for button in (*buttons, folders.remove_button):
            button.setMinimumWidth(wide)

    def sign_in(self) -> None:
        """Ask for a token for the hub in use."""
        if self._sign_in is None:
            self._sign_in = SignInDialog(self.account, self)
            self._sign_in.pageWanted.connect(self._open_page)
        self._sign_in.open()

    def _open_page(self, url: QUrl) -> None:
        if url.isValid() and url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)

    def _trigger(self, word: str) -> None:
        """Do what the entry of the View menu does, so that both say the same."""
        action = self._window.findChild(QAction, f"{word}Action")
        if action is not None:
            action.trigger()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter presses the button that has the focus; nothing else is to be confirmed.
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not press_focused(self, event) and not enter:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave; questions that wait are given up."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.registries.stop_test()
            self.account.cancel()


def _switch(name: str, spoken: str, words: tuple[str, ...]) -> SegmentedSwitch:
    switch = SegmentedSwitch([(word, word.capitalize(), "") for word in words])
    switch.setObjectName(name)
    switch.setAccessibleName(spoken)
    return switch
