"""The preferences' list of registries: add, change, test, remove."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.models.registry_links import RegistryLinks
from desktop.models.task_runner import Task
from desktop.services.errors import Cancelled
from desktop.services.peft_folder.reading import printable
from desktop.services.registry.records import KIND_TITLES, Connection, RegistryKind
from desktop.views.import_pages.shared.pane_parts import said
from desktop.views.preferences.connect_dialog import ConnectDialog
from desktop.views.theme import icon, metric, notifier
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import set_plain_tooltip

_LONGEST = 120
_NONE = "No registry is connected yet. Add the one that your adapters are registered with."


class _List(QListWidget):
    """Enter and a double click change a connection, Delete removes it."""

    def __init__(self, owner: RegistriesBox) -> None:
        super().__init__()
        self._owner = owner
        self.setObjectName("preferencesRegistries")
        self.setAccessibleName("Registries")
        self.setProperty("framed", True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setIconSize(QSize(*[metric(16, self.font())] * 2))
        self.setMinimumHeight(metric(112, self.font()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._owner.change()
        elif event.key() == Qt.Key.Key_Delete:
            self._owner.take_away()
        else:
            super().keyPressEvent(event)


class RegistriesBox(QWidget):
    """Every stored connection as a line, and what can be done with the highlighted one."""

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._links = RegistryLinks.of(library)
        self._dialog: ConnectDialog | None = None
        self._known: tuple[Connection, ...] = ()
        self._number = 0
        self._test: Task | None = None
        self.list = _List(self)
        self.add = _button("&Add…", "preferencesAddRegistry", "Connect another registry")
        self.edit = _button("&Change…", "preferencesChangeRegistry", "Change this connection")
        self.test = _button("&Test", "preferencesTestRegistry", "Test this connection")
        self.remove = _button("&Remove", "preferencesRemoveRegistry", "Remove this connection")
        self.message = InlineMessage()
        self.message.setObjectName("preferencesRegistryMessage")
        self._lay_out()
        self.list.currentRowChanged.connect(self._moved)
        self.list.itemDoubleClicked.connect(self._double_clicked)
        self.add.clicked.connect(self.connect_another)
        self.edit.clicked.connect(self.change)
        self.test.clicked.connect(self.toggle_test)
        self.remove.clicked.connect(self.take_away)
        self._links.changed.connect(self.show_links)
        self._links.removed.connect(self._removed)
        self._links.refused.connect(self._refused)
        notifier().changed.connect(self._draw)
        self.show_links()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(8)
        for button in (self.add, self.edit, self.test, self.remove):
            column.addWidget(button)
        column.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.list, 1)
        row.addLayout(column)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(row)
        box.addWidget(self.message)

    # -- the list --------------------------------------------------------------------------

    def current(self) -> Connection | None:
        """The highlighted one."""
        row = self.list.currentRow()
        return self._known[row] if 0 <= row < len(self._known) else None

    def show_links(self) -> None:
        """List what is stored now; the highlight stays where it was."""
        before = self.current()
        row = max(self.list.currentRow(), 0)
        self._known = self._links.all()
        self.list.clear()
        for connection in self._known:
            kind, title = KIND_TITLES[connection.kind], printable(connection.title, _LONGEST)
            url = printable(connection.url, 400)
            item = QListWidgetItem(f"{title} · {kind}" if connection.name else f"{url} · {kind}")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{title}, {kind}, {url}")
            self.list.addItem(item)
        self._draw()
        keys = [connection.id for connection in self._known]
        if before is not None and before.id in keys:
            row = keys.index(before.id)
        self.list.setCurrentRow(min(row, len(keys) - 1))
        if not keys:
            self.message.set_message(_NONE)
        elif self.message.text() == _NONE:
            self.message.clear()
        self._show()

    def _draw(self) -> None:
        for row, connection in enumerate(self._known):
            store = connection.kind == RegistryKind.MLFLOW_STORE
            self.list.item(row).setIcon(icon("folder" if store else "cylinder"))

    def _moved(self, _row: int) -> None:
        self.stop_test()
        if self._known:
            self.message.clear()
        current = self.current()
        set_plain_tooltip(self.list, current.url if current is not None else "")
        self._show()

    def _show(self) -> None:
        there = self.current() is not None
        for button in (self.edit, self.test, self.remove):
            button.setEnabled(there)
        testing = self._test is not None
        self.test.setText("S&top" if testing else "&Test")
        self.test.setAccessibleName("Stop the test" if testing else "Test this connection")

    # -- what the person does --------------------------------------------------------------

    def connect_another(self) -> None:
        """Ask for a registry."""
        self._ask(None)

    def change(self) -> None:
        """Change the highlighted connection."""
        current = self.current()
        if current is not None:
            self._ask(current)

    def _double_clicked(self, _item: QListWidgetItem) -> None:
        self.change()

    def _ask(self, connection: Connection | None) -> None:
        if self._dialog is None:
            self._dialog = ConnectDialog(self._library, self.window())
        self._dialog.open_for(connection)

    def take_away(self) -> None:
        """Forget the highlighted connection; nothing that came from it goes."""
        current = self.current()
        if current is not None and not self._links.busy:
            self.stop_test()
            self._links.remove(current)

    def _removed(self, connection: Connection) -> None:
        title = printable(connection.title, _LONGEST)
        self.message.set_message(f"Removed “{title}”. Adapters that came from it stay.")

    def _refused(self, error: Exception) -> None:
        if self._dialog is None or not self._dialog.isVisible():
            self.message.set_message(said(error), "error")

    # -- testing ---------------------------------------------------------------------------

    def toggle_test(self) -> None:
        """Ask the highlighted registry whether the connection works, or stop asking."""
        current = self.current()
        if self._test is not None:
            self.stop_test()
        elif current is not None:
            self._number += 1
            self.message.set_message(f"Asking “{printable(current.title, _LONGEST)}”…")
            self._test = self._library.run(
                self._do_test, self._number, current, succeeded=self._answered, lane="net"
            )
            self._show()

    def _do_test(
        self, ctx: Any, number: int, connection: Connection
    ) -> tuple[int, str | Exception]:
        try:
            return number, self._library.services.registry.test(connection, None, ctx.report)
        except Cancelled:
            raise
        except Exception as error:
            return number, error

    def _answered(self, result: tuple[int, str | Exception]) -> None:
        number, answer = result
        if number != self._number:
            return
        self._test = None
        if isinstance(answer, str):
            self.message.set_message(answer, "ok")
        else:
            self.message.set_message(said(answer), "error")
        self._show()

    def stop_test(self) -> None:
        """Nobody waits for the answer any more."""
        self._number += 1
        task, self._test = self._test, None
        if task is not None:
            task.cancel()
            self.message.set_message("Stopped. It is not known whether the connection works.")
        self._show()


def _button(text: str, name: str, spoken: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(spoken)
    button.setAutoDefault(False)
    return button
