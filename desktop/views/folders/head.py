"""Above the folder tree: its title, and buttons for what concerns all of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from desktop.views.folders.favourites import Favourites
from desktop.views.theme import FontRole, bind
from desktop.views.widgets.text import PlainLabel


class FoldersHead(QWidget):
    """Signals: againRequested(): read the folders again; starRequested(): make the selected ones
    favourites, or no longer; hiddenToggled(bool): show hidden folders."""

    againRequested = Signal()
    starRequested = Signal()
    hiddenToggled = Signal(bool)

    def __init__(self, favourites: Favourites, hidden: bool) -> None:
        super().__init__()
        self.setObjectName("foldersHead")
        self._favourites = favourites
        self.star = self._button("favouriteFolder", "star")
        self.star.clicked.connect(self.starRequested)
        again = self._button("readFoldersAgain", "refresh")
        again.setAccessibleName("Read the folders again")
        again.setToolTip("Read the folders again (F5)")
        again.clicked.connect(self.againRequested)
        self.hidden_action = QAction("Show &hidden folders", self)
        self.hidden_action.setObjectName("showHiddenFolders")
        self.hidden_action.setCheckable(True)
        self.hidden_action.setChecked(hidden)
        self.hidden_action.toggled.connect(self.hiddenToggled)
        menu = QMenu(self)
        menu.setObjectName("foldersMoreMenu")
        menu.addAction(self.hidden_action)
        more = self._button("foldersMore", "more")
        more.setAccessibleName("More about the folders")
        more.setToolTip("More")
        more.setMenu(menu)
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 8, 4)
        row.setSpacing(2)
        row.addWidget(PlainLabel("Folders", role=FontRole.CARD_TITLE), 1)
        for button in (self.star, again, more):
            row.addWidget(button)
        self.show_star(())

    def _button(self, name: str, icon: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bind(button, icon, "text2")
        return button

    def show_star(self, paths: Sequence[str]) -> None:
        """Whether these, the selected folders, are favourites."""
        held = self._favourites.holds(paths)
        bind(self.star, "star-filled" if held else "star", "text2")
        self.star.setEnabled(bool(paths))
        said = "No favourite any more" if held else "Make it a favourite, which stands on top"
        self.star.setToolTip(said)
        self.star.setAccessibleName(said)
