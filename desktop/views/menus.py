"""The menu bar, the toolbar and the context menu, made of the window's actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from desktop.views.actions import ACTIONS, MENUS, Actions
from desktop.views.places import LIBRARY_PLACES, PLACE_KEYS
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.text import PlainLabel
from desktop.views.window_state import DENSITIES, SCHEMES

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow

CONTEXT = (
    "openFolderAction",
    "copyPathAction",
    "copyIdAction",
    "copySnippetAction",
    "-",
    "renameAction",
    "favouriteAction",
    "tagsAction",
    "baseModelAction",
    "-",
    "checkAction",
    "compareNewestAction",
    "updateAction",
    "locateAction",
    "relinkAction",
    "-",
    "removeAction",
)
WORDS_FROM = 1100
"""Below this width the right-hand buttons of the toolbar lose their words."""


def build_menus(window: MainWindow, actions: Actions) -> None:
    """Fill the menu bar."""
    bar = window.menuBar()
    bar.setObjectName("menuBar")
    for title in MENUS:
        menu = bar.addMenu(title)
        name = title.replace("&", "")
        menu.setObjectName(f"{name.lower()}Menu")
        menu.setToolTipsVisible(False)
        if name == "View":
            _view_extras(window, menu)
        if name == "Library":
            _places(window, menu)
        for spec in ACTIONS:
            if spec.place == name:
                if spec.line and not menu.isEmpty():
                    menu.addSeparator()
                menu.addAction(actions[spec.name])


def _places(window: MainWindow, menu: QMenu) -> None:
    for key, place in LIBRARY_PLACES.items():
        action = menu.addAction(place.title)
        action.setObjectName(f"{key}PlaceAction")
        action.setShortcut(QKeySequence(PLACE_KEYS[key]))
        action.setData(key)
    menu.addSeparator()
    menu.triggered.connect(window.place_triggered)


def _view_extras(window: MainWindow, menu: QMenu) -> None:
    def choices(
        title: str, words: tuple[str, ...], current: str, chosen: Callable[[QAction], None]
    ) -> None:
        sub = menu.addMenu(title)
        sub.setObjectName(f"{title.replace('&', '').lower()}Menu")
        group = QActionGroup(sub)
        for word in words:
            action = sub.addAction(word.capitalize())
            action.setObjectName(f"{word}Action")
            action.setCheckable(True)
            action.setChecked(word == current)
            action.setData(word)
            group.addAction(action)
        group.triggered.connect(chosen)

    choices("&Appearance", SCHEMES, window.state.scheme, window.commands.choose_scheme)
    choices("&Row height", DENSITIES, window.state.density, window.commands.choose_density)


def build_toolbar(window: MainWindow, actions: Actions) -> QToolBar:
    """The toolbar: import at the left, what concerns the selection at the right."""

    def button(name: str, *, words: bool) -> QToolButton:
        actions.dress(name)
        return _button(bar, actions[name], words=words)

    bar = QToolBar("Toolbar", window)
    bar.setObjectName("toolbar")
    bar.setMovable(False)
    bar.setFloatable(False)
    bar.setIconSize(QSize(16, 16))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    button("sidebarAction", words=False)
    label = PlainLabel("Import from", role=FontRole.LABEL, tone="secondary")
    label.setObjectName("importFromLabel")
    label.setContentsMargins(4, 0, 4, 0)
    bar.addWidget(label)
    # A text given to the button alone would be gone as soon as the action changes.
    for name, word in (
        ("importFolderAction", "Folder…"),
        ("importHubAction", "Hub…"),
        ("importRegistryAction", "Registry…"),
    ):
        actions[name].setIconText(f"\N{THIN SPACE}{word}")
        button(name, words=True).setProperty("outlined", True)
    bar.addSeparator()
    button("scanAction", words=True)
    room = QWidget()
    room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    room.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    bar.addWidget(room)
    for name in ("undoAction", "removeAction"):
        button(name, words=True)
    bar.addSeparator()
    button("detailsAction", words=False)
    window.addToolBar(bar)
    return bar


def _button(bar: QToolBar, action: QAction, *, words: bool) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setObjectName(action.objectName().replace("Action", "Button"))
    button.setAccessibleName(action.text().replace("&", ""))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    style = Qt.ToolButtonStyle
    button.setToolButtonStyle(style.ToolButtonTextBesideIcon if words else style.ToolButtonIconOnly)
    button.setProperty("words", words)
    bar.addWidget(button)
    return button


def fit_toolbar(window: MainWindow, actions: Actions, width: float) -> None:
    """Take the words off the right-hand buttons when it gets narrow."""
    style = Qt.ToolButtonStyle
    wide = width >= WORDS_FROM
    for name in ("undoButton", "removeButton"):
        button = window.toolbar.findChild(QToolButton, name)
        if isinstance(button, QToolButton):
            button.setToolButtonStyle(
                style.ToolButtonTextBesideIcon if wide else style.ToolButtonIconOnly
            )
    label = window.toolbar.findChild(PlainLabel, "importFromLabel")
    if isinstance(label, PlainLabel):
        label.setMaximumWidth(16777215 if wide else 0)
    window.toolbar.setMinimumHeight(metric(44, window.font()))
    window.toolbar.setIconSize(QSize(*[metric(16, window.font())] * 2))


def context_menu(window: MainWindow, actions: Actions) -> QMenu:
    """What can be done with the selected adapters."""
    menu = QMenu(window)
    menu.setObjectName("adapterMenu")
    for name in CONTEXT:
        if name == "-":
            menu.addSeparator()
        else:
            menu.addAction(actions[name])
    return menu
