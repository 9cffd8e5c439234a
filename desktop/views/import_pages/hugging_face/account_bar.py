"""The quiet line above the fields: the hub in use and the account there; both can be changed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.services.errors import RemoteError
from desktop.services.hub.records import HUB
from desktop.services.peft_folder.reading import printable
from desktop.services.records import Finding, Severity
from desktop.services.web import normal_endpoint
from desktop.views.import_pages.hugging_face.account import Account
from desktop.views.import_pages.hugging_face.words import host_of
from desktop.views.theme import FontRole
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.text import LinkButton, PlainLabel, set_plain_tooltip

_PLAIN = "http://"


class _AddressEdit(QLineEdit):
    """A line whose Enter uses the address and whose Esc closes the line, not the dialog."""

    def __init__(self, row: EndpointRow) -> None:
        super().__init__()
        self._row = row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._row.use()
        elif event.key() == Qt.Key.Key_Escape:
            self._row.left.emit()
        else:
            super().keyPressEvent(event)


class EndpointRow(QWidget):
    """The address of another hub: a mirror, or that of a company.

    Signals:
        used: another endpoint is in use from now on.
        left: the person thought better of it.
    """

    used = Signal()
    left = Signal()

    def __init__(self, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._account = account
        self.edit = _AddressEdit(self)
        self.edit.setObjectName("hubEndpointEdit")
        self.edit.setPlaceholderText(HUB)
        self.edit.setMaxLength(2048)
        self.edit.setAcceptDrops(False)
        self.button = QPushButton("&Use it")
        self.button.setObjectName("hubEndpointButton")
        self.button.setAccessibleName("Use this hub")
        self.button.setAutoDefault(False)
        self.leave = LinkButton("Never mind", name="hubEndpointLeave")
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.edit, 1)
        row.addWidget(self.button)
        row.addWidget(self.leave)
        self.field = FormField("&Hub address", line, checked=False, target=self.edit)
        self.field.set_hint("A mirror or your company's hub. Empty means huggingface.co.")
        self.consent = QCheckBox("Send files and token &without protection")
        self.consent.setObjectName("hubPlainHttpBox")
        self.consent.setAccessibleDescription("http has no encryption: others on the way can read.")
        self.consent.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 4)
        box.setSpacing(6)
        box.addWidget(self.field)
        agree = QHBoxLayout()
        agree.setContentsMargins(4, 0, 0, 0)  # room for the ring
        agree.addWidget(self.consent)
        agree.addStretch(1)
        box.addLayout(agree)
        self.edit.textEdited.connect(self._edited)
        self.button.clicked.connect(self.use)
        self.leave.clicked.connect(self.left)

    def open_with(self, address: str) -> None:
        """Show the line with this address in it."""
        self.edit.setText(address)
        self.edit.selectAll()
        self.field.set_findings(())
        self._show_consent()
        self.show()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def use(self) -> None:
        """Use the address that is typed, or say why not."""
        agreed = self.consent.isChecked() and not self.consent.isHidden()
        try:
            self._account.use(self.edit.text().strip(), plain_http=agreed)
        except RemoteError as error:
            told = Finding("endpoint", error.code, Severity.ERROR, error.message, error.advice)
            self.field.set_findings((told,))
            self._show_consent()
            if not self.consent.isHidden():
                self.consent.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.used.emit()

    def _edited(self, _text: str) -> None:
        self.field.set_findings(())
        # What was agreed to was agreed for another address.
        self.consent.setChecked(False)
        self._show_consent()

    def _show_consent(self) -> None:
        self.consent.setVisible(_needs_consent(self.edit.text().strip()))


def _needs_consent(address: str) -> bool:
    """Whether it goes by plain http to another machine."""
    if not address.lower().startswith(_PLAIN):
        return False
    try:
        normal_endpoint(address)
    except RemoteError:
        return True
    return False


class AccountBar(QWidget):
    """`huggingface.co · Change…` at the left, `Signed in as alice · Sign out` at the right.

    Signals:
        signInWanted: the person wants to sign in.
        endpointUsed: another hub is in use from now on.
    """

    signInWanted = Signal()
    endpointUsed = Signal()

    def __init__(self, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hubAccountBar")
        self._account = account
        self.host = PlainLabel(role=FontRole.LABEL, tone="secondary", elide="middle")
        self.host.setObjectName("hubHost")
        self.change = LinkButton("Change…", name="hubChangeLink")
        self.user = PlainLabel(role=FontRole.LABEL, tone="secondary", elide="end")
        self.user.setObjectName("hubUser")
        self.sign = LinkButton("Sign in…", name="hubSignLink")
        self.row = EndpointRow(account)
        self.row.hide()
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.host)
        line.addWidget(self.change)
        line.addStretch(1)
        line.addWidget(self.user)
        line.addWidget(self.sign)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(line)
        box.addWidget(self.row)
        self._small()
        self.change.clicked.connect(self.open_row)
        self.sign.clicked.connect(self._sign)
        self.row.left.connect(self.close_row)
        self.row.used.connect(self._used)
        account.changed.connect(self.show_account)
        self.show_account()

    def open_row(self, address: str | bool = "") -> None:
        """Show the line for another address."""
        self.row.open_with(address if isinstance(address, str) and address else self._shown())

    def _shown(self) -> str:
        return "" if self._account.endpoint == HUB else self._account.endpoint

    def close_row(self) -> None:
        """Put the line for another address away."""
        if self.row.isHidden():
            return
        had_focus = self.row.isAncestorOf(self.focusWidget() or self)
        self.row.hide()
        if had_focus:
            self.change.setFocus(Qt.FocusReason.OtherFocusReason)

    def _used(self) -> None:
        self.close_row()
        self.endpointUsed.emit()

    def _sign(self) -> None:
        if self._account.user:
            self._account.sign_out()
        else:
            self.signInWanted.emit()

    def show_account(self) -> None:
        """Say which hub is in use, and who is signed in."""
        account = self._account
        self.host.setText(host_of(account.endpoint))
        set_plain_tooltip(self, account.endpoint)
        self.change.setAccessibleName(f"The hub is {host_of(account.endpoint)}. Change…")
        user = account.user
        if account.state is None:
            self.user.setText("")
        else:
            shown = printable(user, 40)
            self.user.setText(f"Signed in as {shown}" if user else "Not signed in")
        self.sign.setText("Sign out" if user else "Sign in…")
        self.sign.setEnabled(not account.busy)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._small()

    def _small(self) -> None:
        for link in (self.change, self.sign):
            link.setFont(self.host.font())
