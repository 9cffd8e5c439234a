"""Connect a registry: where it is, how to sign in there, and whether it answers."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.models.registry_links import RegistryLinks
from desktop.models.task_runner import Task
from desktop.services.errors import Cancelled, LorariumError, RemoteError, ValidationError
from desktop.services.registry.records import Connection, RegistryKind
from desktop.views.preferences.connect_fields import ConnectFields
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.section import line
from desktop.views.widgets.task_bar import TaskBar
from desktop.views.widgets.text import PlainLabel, restyle

log = logging.getLogger(__name__)

_WIDTH = 520
_PAUSE = 150
_FAULT = "Something did not work. This is a fault of Lorarium, not yours."


class ConnectDialog(QDialog):
    """Opened by `open_for`; closes by itself when the connection is kept.

    What is typed is checked while it is typed. “Test connection” asks the registry with exactly
    what stands in the fields, kept or not.
    """

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("connectDialog")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._library = library
        self._links = RegistryLinks.of(library)
        self._edited: Connection | None = None
        self._attempted = False
        self._saving = False
        self._number = 0
        self._test: Task | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._check)
        self.heading = PlainLabel(role=FontRole.PAGE_TITLE, elide="middle")
        self.heading.setObjectName("connectTitle")
        self.fields = ConnectFields()
        self.answer = InlineMessage(keep=False)
        self.answer.setObjectName("connectAnswer")
        self.bar = TaskBar(width=120)
        self.progress = PlainLabel(role=FontRole.LABEL, tone="secondary", elide="end")
        self.progress.setObjectName("connectProgress")
        self.test = _button("&Test connection", "connectTestButton")
        self.remove = _button("&Remove", "connectRemoveButton")
        self.remove.setToolTip("Forget this connection; adapters that came from it stay")
        self.leave = _button("&Cancel", "connectCancelButton")
        self.go = _button("&Save", "connectSaveButton")
        self.go.setDefault(True)
        restyle(self.go, "primary", True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        asking = QHBoxLayout()
        asking.setSpacing(8)
        asking.addWidget(self.bar)
        asking.addWidget(self.progress, 1)
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(24, 20, 24, 8)
        inner.setSpacing(10)
        inner.addWidget(self.heading)
        inner.addWidget(self.fields)
        inner.addStretch(1)
        self.area = QScrollArea()
        self.area.setObjectName("connectScroll")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.viewport().setAutoFillBackground(False)
        self.area.setWidget(body)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.test)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.go)
        # Below what scrolls: the test and its answer are in sight whatever the fields need.
        foot = QVBoxLayout()
        foot.setContentsMargins(24, 12, 24, 12)
        foot.setSpacing(8)
        foot.addLayout(asking)
        foot.addWidget(self.answer)
        foot.addLayout(buttons)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.area, 1)
        box.addWidget(line())
        box.addLayout(foot)
        self.setMinimumWidth(metric(_WIDTH, self.font()))
        self.resize(metric(_WIDTH, self.font()), metric(600, self.font()))

    def _connect(self) -> None:
        self.fields.changed.connect(self._changed)
        self.test.clicked.connect(self._toggle_test)
        self.remove.clicked.connect(self._remove)
        self.leave.clicked.connect(self.reject)
        self.go.clicked.connect(self._save)
        self._links.saved.connect(self._kept)
        self._links.removed.connect(self._removed)
        self._links.refused.connect(self._refused)

    # -- opening ---------------------------------------------------------------------------

    def open_for(self, connection: Connection | None = None) -> None:
        """Ask for a new connection, or change a stored one."""
        self._edited = connection
        self._attempted = self._saving = False
        self.heading.setText("Connect a registry" if connection is None else "Change a connection")
        self.setWindowTitle(self.heading.text())
        self.fields.fill(connection or Connection(RegistryKind.MLFLOW, ""))
        self.remove.setVisible(connection is not None)
        self.answer.clear()
        self._show()
        self.open()
        self.fields.focus_first()
        self._library.run(self._ask_keyring, connection, succeeded=self._keyring_told, lane="free")

    def _ask_keyring(self, ctx: Any, connection: Connection | None) -> tuple[Any, str, str]:
        connections = self._library.services.registry.connections
        try:
            where = connections.where(connection, ctx.report) if connection is not None else ""
            return connection, connections.keyring_reason(), where
        except LorariumError as error:
            return connection, error.message, ""

    def _keyring_told(self, told: tuple[Any, str, str]) -> None:
        connection, reason, where = told
        if connection == self._edited:
            self.fields.set_keeping(keyring=not reason, kept=bool(where))

    # -- what is typed ---------------------------------------------------------------------

    def connection(self) -> Connection:
        """What stands in the fields."""
        typed = self.fields.connection()
        return replace(typed, id=self._edited.id if self._edited is not None else "")

    def _changed(self) -> None:
        self._stop_test()
        self.answer.clear()
        self._timer.start()
        self._show()

    def _check(self) -> None:
        """Say beside the fields what is wrong; that one is empty is no news before it was tried."""
        self._timer.stop()
        connections = self._library.services.registry.connections
        typed = self.connection()
        refused = connections.check(replace(typed, plain_http=False))
        agreed = connections.check(replace(typed, plain_http=True))
        self.fields.ask_consent(len(agreed) < len(refused))
        found = connections.check(self.connection())
        self.fields.show_findings([f for f in found if self._attempted or f.code != "required"])

    def _is_sound(self) -> bool:
        self._attempted = True
        self._check()
        field = self.fields.first_error()
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.area.ensureWidgetVisible(field)
        return field is None

    # -- testing ---------------------------------------------------------------------------

    def _toggle_test(self) -> None:
        if self._test is not None:
            self._stop_test()
            self.answer.set_message("Stopped. It is not known whether the connection works.")
            self._show()
        elif self._is_sound():
            self.answer.clear()
            self._number += 1
            self._test = self._library.run(
                self._ask,
                self._number,
                self.connection(),
                self.fields.secret(),
                succeeded=self._answered,
                lane="net",
            )
            self._test.progress.connect(self._progressed)
            self._show()

    def _ask(
        self, ctx: Any, number: int, connection: Connection, secret: str | None
    ) -> tuple[int, str | Exception]:
        try:
            return number, self._library.services.registry.test(connection, secret, ctx.report)
        except Cancelled:
            raise
        except Exception as error:
            # Carried by hand: the log of a task that failed could show what it was given.
            return number, error

    def _answered(self, result: tuple[int, str | Exception]) -> None:
        number, said = result
        if number != self._number:
            return
        self._test = None
        if isinstance(said, str):
            self.answer.set_message(said, "ok")
        else:
            self._say(said)
        self._show()

    def _say(self, error: Exception) -> None:
        if not isinstance(error, LorariumError):
            log.error("A connection was not tested or kept", exc_info=error)
            self.answer.set_message(f"{_FAULT} Look at the log.", "error")
            return
        self.answer.set_message(f"{error.message} {error.advice}".strip(), "error")
        if isinstance(error, RemoteError) and error.code in ("token", "forbidden"):
            self.fields.mark_secret()

    def _progressed(self, _done: int, _total: int, text: str) -> None:
        if self._test is not None and self.sender() is self._test and text:
            self.progress.setText(f"{text}…".replace("……", "…"))

    def _stop_test(self) -> None:
        self._number += 1
        task, self._test = self._test, None
        if task is not None:
            task.cancel()

    # -- keeping ---------------------------------------------------------------------------

    def _save(self) -> None:
        if self._saving or not self._is_sound():
            return
        self._stop_test()
        self._saving = True
        self._links.save(self.connection(), self.fields.secret())
        self._show()

    def _remove(self) -> None:
        if self._edited is not None and not self._saving:
            self._stop_test()
            self._saving = True
            self._links.remove(self._edited)
            self._show()

    def _kept(self, _connection: Connection) -> None:
        if self._saving:
            self._saving = False
            self.accept()

    def _removed(self, _connection: Connection) -> None:
        self._kept(_connection)

    def _refused(self, error: Exception) -> None:
        if not self._saving:
            return
        self._saving = False
        if isinstance(error, ValidationError):
            self._attempted = True
            self.fields.show_findings(error.findings)
        else:
            self._say(error)
        self._show()

    # -- showing ---------------------------------------------------------------------------

    def _show(self) -> None:
        testing = self._test is not None
        self.test.setText("S&top the test" if testing else "&Test connection")
        self.test.setAccessibleName("Stop the test" if testing else "Test connection")
        self.bar.setVisible(testing)
        self.progress.setVisible(testing)
        self.bar.set_steps(-1 if testing else 0)
        if not testing:
            self.progress.setText("")
        self.go.setText("Saving…" if self._saving else "&Save")
        for button in (self.test, self.remove):
            button.setEnabled(not self._saving)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            focused = self.focusWidget()
            if isinstance(focused, QPushButton) and focused is not self.go:
                focused.click()
            else:
                self._save()
            return
        super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """Leave; a question that waits is given up, and the secret is not kept on screen."""
        self._stop_test()
        self._timer.stop()
        self._saving = False
        self.fields.forget_secret()
        super().done(result)


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text.replace("&", ""))
    button.setAutoDefault(False)
    return button
