"""The list of what refers to a record."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from desktop.views.records.kinds import KINDS, RecordKind
from desktop.views.records.operations import User
from desktop.views.theme import FontRole, icon, metric, notifier, row_height
from desktop.views.widgets.section import Section
from desktop.views.widgets.text import LinkButton, PlainLabel, visible

_ROWS = 8
_USER = Qt.ItemDataRole.UserRole
_ICONS = {"adapters": "cube", "evaluations": "clock"}
_WORDS = {"adapters": "Adapter", "evaluations": "Evaluation"}


class _Users(QListWidget):
    """Names; a click or Enter opens one."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("framed", True)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentItem())
        else:
            super().keyPressEvent(event)

    def _open(self, item: QListWidgetItem | None) -> None:
        user = item.data(_USER) if item is not None else None
        if isinstance(user, User) and user.kind != "evaluations":
            self.opened.emit(user)

    def fit(self) -> None:
        """As high as its rows, up to eight of them."""
        rows = min(self.count(), _ROWS)
        self.setFixedHeight(rows * max(self.sizeHintForRow(0), 1) + 2 * self.frameWidth() + 4)

    def sizeHint(self) -> QSize:
        return QSize(200, super().sizeHint().height())


class UsedBy(QWidget):
    """“Used by” and the users' names; before they are known, nothing.

    Signals:
        userRequested(object): a User was chosen.
        adaptersRequested: all adapters of the base model are wanted.
    """

    userRequested = Signal(object)
    adaptersRequested = Signal()

    def __init__(self, kind: RecordKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._users: tuple[User, ...] | None = None
        self.all_link = LinkButton("Show its adapters", name=f"{kind.prefix}ShowAdapters")
        self.all_link.clicked.connect(self.adaptersRequested)
        section = Section("Used by", line_above=True, aside=self.all_link)
        self._none = PlainLabel(role=FontRole.LABEL, tone="secondary", wrap=True)
        self.names = _Users()
        self.names.setObjectName(f"{kind.prefix}UsedBy")
        self.names.setAccessibleName("Used by")
        self.names.opened.connect(self.userRequested)
        section.add(self._none)
        section.add(self.names)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(section)
        notifier().changed.connect(self._fill)
        self.set_waiting()

    def set_waiting(self) -> None:
        """Another record is shown; its users are not known yet."""
        self._users = None
        self._fill()

    def set_users(self, users: Sequence[User]) -> None:
        """Show these. The same ones again change nothing."""
        if tuple(users) != self._users:
            self._users = tuple(users)
            self._fill()

    def has_adapters(self) -> bool:
        """Whether an adapter is among them."""
        return any(user.kind == "adapters" for user in self._users or ())

    def focus(self) -> None:
        """Go on by keyboard in the list."""
        self.names.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.names.currentRow() < 0:
            self.names.setCurrentRow(0)

    def _fill(self) -> None:
        users = self._users or ()
        size = metric(16, self.font())
        self.names.setIconSize(QSize(size, size))
        self.names.clear()
        for user in users:
            item = QListWidgetItem(visible(user.name))
            word = KINDS[user.kind].noun.capitalize() if user.kind in KINDS else _WORDS[user.kind]
            name = KINDS[user.kind].icon if user.kind in KINDS else _ICONS[user.kind]
            item.setIcon(icon(name, "text2", size))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{word} {visible(user.name)}")
            item.setData(_USER, user)
            item.setSizeHint(QSize(0, row_height(26, self.font())))
            self.names.addItem(item)
        self.names.setVisible(bool(users))
        if users:
            self.names.fit()
        self._none.setText("" if self._users is None else "Nothing refers to it.")
        self._none.setVisible(not users)
        self.all_link.setVisible(self._kind.key == "base_models" and self.has_adapters())
