"""Sign in at a hub: a token, typed or one that this machine has already, and where it will stay."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.services.hub.records import TokenOffer
from desktop.services.peft_folder.reading import printable
from desktop.services.records import Finding
from desktop.views.import_pages.hugging_face.account import Account
from desktop.views.import_pages.hugging_face.words import host_of
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.task_bar import TaskBar
from desktop.views.widgets.text import LinkButton, PlainLabel, restyle

_WIDTH = 440
_MAX_TOKEN = 4096


class SignInDialog(QDialog):
    """Opened by `open()`; closes by itself when somebody is signed in.

    Signals:
        pageWanted(QUrl): open this page, whose address the person has seen.
    """

    pageWanted = Signal(QUrl)

    def __init__(self, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("signInDialog")
        self.setWindowTitle("Sign in")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._account = account
        self._offers: dict[LinkButton, str] = {}
        self.heading = PlainLabel(role=FontRole.PAGE_TITLE, elide="middle")
        self.heading.setObjectName("signInTitle")
        self.token = QLineEdit()
        self.token.setObjectName("signInTokenEdit")
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setMaxLength(_MAX_TOKEN)
        self.token.setAcceptDrops(False)
        self.token.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.field = FormField("&Token", self.token)
        self.where = LinkButton("Where do I get one?", name="signInWhereLink")
        self.address = PlainLabel(role=FontRole.LABEL, tone="secondary", elide="middle")
        self.address.setObjectName("signInAddress")
        self.note = PlainLabel(role=FontRole.LABEL, tone="secondary", wrap=True)
        self.note.setObjectName("signInNote")
        self.bar = TaskBar(width=120)
        self.progress = PlainLabel(role=FontRole.LABEL, tone="secondary", elide="end")
        self.progress.setObjectName("signInProgress")
        self.leave = QPushButton("&Cancel")
        self.leave.setObjectName("signInCancel")
        self.leave.setAutoDefault(False)
        self.go = QPushButton("&Sign in")
        self.go.setObjectName("signInButton")
        self.go.setDefault(True)
        restyle(self.go, "primary", True)
        self._lay_out()
        self.token.textEdited.connect(self._edited)
        self.where.clicked.connect(self._ask_for_page)
        self.leave.clicked.connect(self.reject)
        self.go.clicked.connect(self._sign_in)
        account.changed.connect(self._show)
        account.refused.connect(self._refused)
        account.entered.connect(self._entered)

    def _lay_out(self) -> None:
        self._offer_box = QVBoxLayout()
        self._offer_box.setSpacing(6)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.where)
        where.addWidget(self.address, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.bar)
        foot.addWidget(self.progress, 1)
        foot.addWidget(self.leave)
        foot.addWidget(self.go)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 16)
        box.setSpacing(10)
        box.addWidget(self.heading)
        box.addWidget(self.field)
        box.addLayout(where)
        box.addLayout(self._offer_box)
        box.addWidget(self.note)
        box.addSpacing(4)
        box.addLayout(foot)
        self.setMinimumWidth(metric(_WIDTH, self.font()))

    def open(self) -> None:
        """Ask for a token for the hub in use."""
        self.token.clear()
        self.field.set_findings(())
        self._account.refresh()
        self._show()
        super().open()
        self.token.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- what the person does --------------------------------------------------------------

    def _edited(self, _text: str) -> None:
        self.field.set_findings(())
        self._show()

    def _sign_in(self) -> None:
        if not self._account.busy and self.token.text().strip():
            self.field.set_findings(())
            self._account.sign_in(self.token.text())

    def _offer_clicked(self) -> None:
        sender = self.sender()
        if isinstance(sender, LinkButton) and sender in self._offers and not self._account.busy:
            self.field.set_findings(())
            self._account.take_offer(self._offers[sender])

    def _ask_for_page(self) -> None:
        self.pageWanted.emit(QUrl(self._token_page()))

    def _token_page(self) -> str:
        return f"{self._account.endpoint}/settings/tokens"

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            focused = self.focusWidget()
            if isinstance(focused, QPushButton) and focused is not self.go:
                focused.click()
            else:
                self._sign_in()
            return
        super().keyPressEvent(event)

    # -- showing ---------------------------------------------------------------------------

    def _show(self) -> None:
        account = self._account
        host = host_of(account.endpoint)
        self.heading.setText(f"Sign in at {host}")
        page = self._token_page()
        self.address.setText(page)
        self.where.setAccessibleDescription(page)
        state = account.state
        self._show_offers(state.offers if state is not None else ())
        self.note.setText(
            f"It is kept in the system keyring and sent only to {host}."
            if account.keyring
            else "There is no keyring here: it is kept until Lorarium closes, and sent only to"
            f" {host}."
        )
        busy = account.busy
        self.bar.setVisible(busy)
        self.bar.set_steps(-1 if busy else 0)
        self.progress.setText(f"Asking {host} whose token it is…" if busy else "")
        self.token.setEnabled(not busy)
        self.go.setEnabled(not busy and bool(self.token.text().strip()))
        for link in self._offers:
            link.setEnabled(not busy)

    def _show_offers(self, offers: Sequence[TokenOffer]) -> None:
        if list(self._offers.values()) == [offer.kind for offer in offers]:
            return
        for link in self._offers:
            self._offer_box.removeWidget(link)
            link.hide()
            link.deleteLater()
        self._offers = {}
        for offer in offers:
            link = LinkButton(_offer_words(offer), name=f"signInOffer_{offer.kind}")
            link.clicked.connect(self._offer_clicked)
            self._offer_box.addWidget(link)
            self._offers[link] = offer.kind

    def _refused(self, findings: tuple[Finding, ...]) -> None:
        if not self.isVisible():
            return
        self.field.set_findings(findings)
        self.token.setFocus(Qt.FocusReason.OtherFocusReason)
        self.token.selectAll()

    def _entered(self) -> None:
        if self.isVisible():
            self.accept()

    def done(self, result: int) -> None:
        """Leave; a question that waits is given up, and the token is not kept on screen."""
        if self._account.busy:
            self._account.cancel()
        self.token.clear()
        super().done(result)


def _offer_words(offer: TokenOffer) -> str:
    hint = f" (…{printable(offer.hint, 8)})" if offer.hint else ""
    if offer.kind == "environment":
        return f"Use HF_TOKEN{hint}"
    return f"Use the token of hf auth login{hint}"
