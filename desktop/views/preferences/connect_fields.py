"""The fields of a connection: kind, name, address, how to sign in, whom to trust."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.services.peft_folder.reading import printable
from desktop.services.records import Finding, Severity
from desktop.services.registry.records import KIND_TITLES, Connection, RegistryKind
from desktop.views.theme import FontRole, icon, metric, notifier
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.segmented import SegmentedSwitch
from desktop.views.widgets.text import PlainLabel, restyle

NOTHING, TOKEN, PASSWORD = "nothing", "token", "password"
_MAX_TEXT = 2048
_MAX_SECRET = 8192
_HINTS = {
    RegistryKind.MLFLOW: "https://mlflow.example.com",
    RegistryKind.MLFLOW_STORE: "A folder mlruns, or a file like mlflow.db",
    RegistryKind.CLOUDERA_WORKBENCH: "https://ml-1234.example.cloudera.site",
    RegistryKind.CLOUDERA_AI_REGISTRY: "https://modelregistry.example.cloudera.site",
}
_CLOUDERA = (RegistryKind.CLOUDERA_WORKBENCH, RegistryKind.CLOUDERA_AI_REGISTRY)
_SECRETS = {
    RegistryKind.CLOUDERA_WORKBENCH: "Make an API key in User Settings, API Keys.",
    RegistryKind.CLOUDERA_AI_REGISTRY: "A CDP token for the registry's environment.",
}


class ConnectFields(QWidget):
    """What a person says of one registry.

    changed: something was typed or chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filling = False
        self._kept = False
        self._keyring = True
        self._chose_way = False
        self._start = Connection(RegistryKind.MLFLOW, "")
        self._chooser: QFileDialog | None = None
        self._make_place()
        self._make_sign_in()
        self._make_trust()
        self._into = self.url
        self._lay_out()
        self._connect()
        self._draw_kinds()
        self._show()

    def _make_place(self) -> None:
        self.kind = QComboBox()
        self.kind.setObjectName("connectKindCombo")
        self.kind.setIconSize(QSize(*[metric(16, self.kind.font())] * 2))
        for kind, title in KIND_TITLES.items():
            self.kind.addItem(title, kind)
        self.kind_field = FormField("&Kind", self.kind, checked=False)
        self.url = _edit("connectUrlEdit", _MAX_TEXT)
        self.folder = _button("Fol&der…", "connectFolderButton", "Choose the folder of a store")
        self.file = _button("Fi&le…", "connectFileButton", "Choose the database file of a store")
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.url, 1)
        row.addWidget(self.folder)
        row.addWidget(self.file)
        self.url_field = FormField("&Address", place, target=self.url)
        self.consent = QCheckBox("Send files and token wit&hout protection")
        self.consent.setObjectName("connectPlainHttpBox")
        self.consent.setAccessibleDescription("http has no encryption: others on the way can read.")
        self.consent.hide()
        self.name = _edit("connectNameEdit", 200)
        self.name.setPlaceholderText("As its address")
        self.name_field = FormField("&Name", self.name, optional=True)

    def _make_sign_in(self) -> None:
        self.way = SegmentedSwitch(
            [(NOTHING, "Nothing", ""), (TOKEN, "Token", ""), (PASSWORD, "User and password", "")]
        )
        self.way.setObjectName("connectWaySwitch")
        self.way_field = FormField("Sign in with", self.way, checked=False)
        self.way_field.target.setAccessibleName("Sign in with")
        self.user = _edit("connectUserEdit", _MAX_TEXT)
        self.user_field = FormField("&User", self.user, checked=False)
        self.secret_edit = _edit("connectTokenEdit", _MAX_SECRET)
        self.secret_edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.secret_edit.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.secret_field = FormField("T&oken", self.secret_edit, checked=False)
        self.note = PlainLabel(role=FontRole.LABEL, tone="secondary", wrap=True)
        self.note.setObjectName("connectKeptNote")

    def _make_trust(self) -> None:
        self.ca_file = _edit("connectCaFileEdit", 4096)
        self.ca_file.setPlaceholderText("Those of the system")
        self.browse = _button("&Browse…", "connectCaFileButton", "Choose a file of certificates")
        trust = QWidget()
        row = QHBoxLayout(trust)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.ca_file, 1)
        row.addWidget(self.browse)
        self.ca_field = FormField(
            "C&ertificates to trust", trust, optional=True, checked=False, target=self.ca_file
        )

    def _lay_out(self) -> None:
        agree = QHBoxLayout()
        agree.setContentsMargins(4, 0, 0, 0)  # room for the ring
        agree.addWidget(self.consent)
        agree.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.kind_field)
        box.addWidget(self.url_field)
        box.addLayout(agree)
        rest: tuple[QWidget, ...] = (
            self.name_field,
            self.way_field,
            self.user_field,
            self.secret_field,
            self.note,
            self.ca_field,
        )
        for widget in rest:
            box.addWidget(widget)

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._kind_chosen)
        self.way.changed.connect(self._way_chosen)
        for edit in (self.url, self.name, self.user, self.secret_edit, self.ca_file):
            edit.textChanged.connect(self._typed)
        self.consent.toggled.connect(self._typed)
        self.url.textEdited.connect(self._address_edited)
        self.folder.clicked.connect(self._choose_folder)
        self.file.clicked.connect(self._choose_file)
        self.browse.clicked.connect(self._choose_certificates)
        notifier().changed.connect(self._draw_kinds)

    # -- values ----------------------------------------------------------------------------

    def fill(self, connection: Connection) -> None:
        """Show this connection; whether a secret of it is kept is told later (`set_keeping`)."""
        self._filling = True
        self._start = connection
        self._kept = self._chose_way = False
        self.kind.setCurrentIndex(self.kind.findData(connection.kind))
        self.url.setText(connection.url)
        self.name.setText(connection.name)
        self.user.setText(connection.user)
        self.secret_edit.clear()
        self.ca_file.setText(connection.ca_file)
        self.consent.setChecked(connection.plain_http)
        self.consent.setVisible(connection.plain_http)
        self.way.set_current(PASSWORD if connection.user else NOTHING)
        self._filling = False
        self.show_findings(())
        self._show()

    def set_keeping(self, *, keyring: bool, kept: bool) -> None:
        """keyring: whether there is one to keep secrets in; kept: whether a secret of this
        connection is kept."""
        self._keyring, self._kept = keyring, kept
        if kept and not self._chose_way and not self._start.user:
            self.way.set_current(TOKEN)
        self._show()

    def connection(self) -> Connection:
        """What stands in the fields."""
        kind = self._kind()
        return Connection(
            kind=kind,
            url=self.url.text().strip(),
            name=self.name.text().strip(),
            user=self.user.text().strip() if self._way() == PASSWORD else "",
            ca_file=self.ca_file.text().strip() if kind != RegistryKind.MLFLOW_STORE else "",
            plain_http=self.consent.isChecked() and not self.consent.isHidden(),
        )

    def secret(self) -> str | None:
        """The token or password: "" = none, None = the one that is kept."""
        if self._way() == NOTHING:
            return ""
        return self.secret_edit.text() or (None if self._keeps() else "")

    def forget_secret(self) -> None:
        """Take it off the screen."""
        self._filling = True
        self.secret_edit.clear()
        self._filling = False

    def _kind(self) -> RegistryKind:
        return RegistryKind(self.kind.currentData())

    def _way(self) -> str:
        kind = self._kind()
        if kind == RegistryKind.MLFLOW_STORE:
            return NOTHING
        return TOKEN if kind in _CLOUDERA else self.way.current()

    def _keeps(self) -> bool:
        """Whether the kept secret is that of what stands in the fields."""
        start, now = self._start, self.connection()
        return self._kept and (start.kind, start.url, start.user) == (now.kind, now.url, now.user)

    # -- what the person does --------------------------------------------------------------

    def _typed(self) -> None:
        if not self._filling:
            self._show()
            self.changed.emit()

    def _address_edited(self, _text: str) -> None:
        # What was agreed to was agreed for another address.
        self.consent.setChecked(False)

    def _kind_chosen(self, _index: int) -> None:
        self._typed()

    def _way_chosen(self, _way: str) -> None:
        self._chose_way = True
        self._typed()

    def _choose_folder(self) -> None:
        self._choose("Choose the mlruns folder of a store", QFileDialog.FileMode.Directory)
        self._into = self.url

    def _choose_file(self) -> None:
        self._choose("Choose the database of a store", QFileDialog.FileMode.ExistingFile)
        self._into = self.url

    def _choose_certificates(self) -> None:
        self._choose("Choose a file of certificates", QFileDialog.FileMode.ExistingFile)
        self._into = self.ca_file

    def _choose(self, title: str, mode: QFileDialog.FileMode) -> None:
        if self._chooser is None:
            self._chooser = QFileDialog(self)
            self._chooser.setObjectName("connectChooser")
            self._chooser.setWindowModality(Qt.WindowModality.WindowModal)
            self._chooser.fileSelected.connect(self._chosen)
        self._chooser.setWindowTitle(title)
        self._chooser.setFileMode(mode)
        self._chooser.open()

    def _chosen(self, path: str) -> None:
        if path:
            self._into.setText(path)

    # -- showing ---------------------------------------------------------------------------

    def focus_first(self) -> None:
        """Begin where typing begins."""
        first = self.kind if not self.url.text() else self.url
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Say beside the fields what is wrong with them."""
        fields = {
            "url": self.url_field,
            "name": self.name_field,
            "token": self.secret_field,
            "ca_file": self.ca_field,
        }
        for name, field in fields.items():
            field.set_findings([f for f in findings if f.field == name])

    def ask_consent(self, needed: bool) -> None:
        """Whether the address is reached without protection, which a person has to agree to."""
        self.consent.setVisible(needed)

    def mark_secret(self) -> None:
        """The registry did not take it: go there."""
        if not self.secret_field.isHidden():
            restyle(self.secret_edit, "state", "error")
            self.secret_edit.setFocus(Qt.FocusReason.OtherFocusReason)
            self.secret_edit.selectAll()

    def first_error(self) -> QWidget | None:
        """The first field, from the top, with an error."""
        for field in (self.url_field, self.name_field, self.secret_field, self.ca_field):
            if any(f.severity == Severity.ERROR for f in field.findings()):
                return field.target
        return None

    def _draw_kinds(self) -> None:
        for row in range(self.kind.count()):
            store = self.kind.itemData(row) == RegistryKind.MLFLOW_STORE
            self.kind.setItemIcon(row, icon("folder" if store else "cylinder"))

    def _show(self) -> None:
        kind, way = self._kind(), self._way()
        store = kind == RegistryKind.MLFLOW_STORE
        self.url.setPlaceholderText(_HINTS[kind])
        self.folder.setVisible(store)
        self.file.setVisible(store)
        self.way_field.setVisible(kind == RegistryKind.MLFLOW)
        self.user_field.setVisible(way == PASSWORD)
        self.secret_field.setVisible(way != NOTHING)
        self.ca_field.setVisible(not store)
        self.secret_field.label.setText("&Password" if way == PASSWORD else "T&oken")
        self.secret_edit.setAccessibleName("Password" if way == PASSWORD else "Token")
        word = "password" if way == PASSWORD else "token"
        self.secret_edit.setPlaceholderText(
            f"The {word} is kept; type another to change it" if self._keeps() else ""
        )
        restyle(self.secret_edit, "state", "")
        self.note.setVisible(way != NOTHING)
        self.note.setText(self._kept_where(kind))

    def _kept_where(self, kind: RegistryKind) -> str:
        host = printable(self.url.text().strip().partition("://")[2].partition("/")[0], 80)
        to = f"sent only to {host.rpartition('@')[2] or 'this address'}"
        where = (
            f"It is kept in the system keyring and {to}."
            if self._keyring
            else f"There is no keyring here: it is kept until Lorarium closes, and {to}."
        )
        return f"{_SECRETS.get(kind, '')} {where}".strip()


def _edit(name: str, limit: int) -> QLineEdit:
    edit = QLineEdit()
    edit.setObjectName(name)
    edit.setMaxLength(limit)
    edit.setAcceptDrops(False)
    return edit


def _button(text: str, name: str, spoken: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(spoken)
    button.setAutoDefault(False)
    return button
