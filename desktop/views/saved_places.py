"""Saved filters as places of the sidebar: made from what is asked now, renamed, removed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.saved_filters import NAME_LIMIT, SavedFilter, SavedFilters
from desktop.views.notices import Notice
from desktop.views.places import ALL, SAVED
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.text import PlainLabel, restyle

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow


class SavedPlaces(QObject):
    """The window's saved filters, and what a person does with them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.filters = SavedFilters(window.library.table, window.services.settings, self)
        window.sidebar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        window.sidebar.customContextMenuRequested.connect(self._menu)

    def of(self, place: str) -> SavedFilter | None:
        """The filter that a place shows, None where it is no saved filter."""
        kind, _, name = place.partition(":")
        return self.filters.get(name) if kind == SAVED else None

    def is_one(self, place: str) -> bool:
        """Whether a place is a saved filter."""
        return self.of(place) is not None

    def ask_to_save(self) -> None:
        """Ask for a name, then keep what is asked now."""
        page = self._window.library_page
        if page.asks():
            dialog = NameDialog("Save filter", "&Save", "", self.filters.refusal, self._window)
            dialog.named.connect(self._save)
            dialog.open()

    def _save(self, name: str) -> None:
        page = self._window.library_page
        kept = self.filters.add(name, *page.question())
        page.clear_filters()
        self._window.go_to(f"{SAVED}:{kept.name}")

    def ask_to_rename(self, place: str) -> None:
        """Ask for another name of a saved filter."""
        kept = self.of(place)
        if kept is not None:
            refusal = partial(self.filters.refusal, own=kept.name)
            dialog = NameDialog("Rename filter", "&Rename", kept.name, refusal, self._window)
            dialog.setProperty("filter", kept.name)
            dialog.named.connect(self._rename)
            dialog.open()

    def _rename(self, name: str) -> None:
        dialog = self.sender()
        old = str(dialog.property("filter")) if dialog is not None else ""
        here = self._window.place() == f"{SAVED}:{old}"
        self.filters.rename(old, name)
        if here:
            self._window.go_to(f"{SAVED}:{' '.join(name.split())}")

    def remove(self, place: str) -> None:
        """Forget a saved filter; the notice brings it back."""
        kept = self.of(place)
        removed = self.filters.remove(kept.name) if kept is not None else None
        if removed is not None:
            if self._window.place() == place:
                self._window.go_to(ALL)
            back = partial(self.filters.put_back, *removed)
            said = f"Removed the filter “{removed[1].name}”. The adapters stay."
            self._window.show_notice(Notice(said, "info", "Bring back", back, icon="funnel"))

    def _menu(self, where: QPoint) -> None:
        sidebar = self._window.sidebar
        place = sidebar.key_at(where)
        if not self.is_one(place):
            return
        menu = QMenu(sidebar)
        menu.setObjectName("savedFilterMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, text, slot in (
            ("renameSavedAction", "&Rename…", self.ask_to_rename),
            ("removeSavedAction", "Re&move", self.remove),
        ):
            action = menu.addAction(text)
            action.setObjectName(name)
            action.triggered.connect(partial(_call, slot, place))
        menu.popup(sidebar.viewport().mapToGlobal(where))


def _call(slot: Callable[[str], None], place: str, _checked: bool = False) -> None:
    slot(place)


class NameDialog(QDialog):
    """Asks for a name; what stands against one is said beside it while it is typed.

    Signals:
        named(str): the name, against which nothing stands.
    """

    named = Signal(str)

    def __init__(
        self,
        title: str,
        verb: str,
        name: str,
        refusal: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        """refusal: what stands against a name, "" for nothing."""
        super().__init__(parent)
        self.setObjectName("nameDialog")
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._refusal = refusal
        label = PlainLabel("Name", role=FontRole.FIELD_LABEL)
        self.field = QLineEdit(name)
        self.field.setObjectName("filterName")
        self.field.setAccessibleName("Name of the filter")
        self.field.setMaxLength(4 * NAME_LIMIT)
        self.field.selectAll()
        label.setBuddy(self.field)
        self.message = InlineMessage()
        self.message.setObjectName("filterNameMessage")
        cancel = QPushButton("Cancel")
        cancel.setObjectName("filterNameCancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.button = QPushButton(verb)
        self.button.setObjectName("filterNameSave")
        self.button.setAccessibleName(verb.replace("&", ""))
        self.button.setDefault(True)
        restyle(self.button, "primary", True)
        self.button.clicked.connect(self._done)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.button)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 20)
        box.setSpacing(4)
        for widget in (label, self.field, self.message):
            box.addWidget(widget)
        box.addStretch(1)
        box.addLayout(buttons)
        self.setMinimumWidth(metric(380, self.font()))
        self.field.textChanged.connect(self._check)
        self.button.setEnabled(not refusal(name))
        self.field.setFocus()

    def _check(self, name: str) -> None:
        said = self._refusal(name)
        self.button.setEnabled(not said)
        # That an empty field is empty needs no saying.
        self.message.set_message(said if name.strip() else "", "error" if said else "")

    def _done(self) -> None:
        if not self._refusal(self.field.text()):
            self.named.emit(self.field.text())
            self.accept()
