"""Every action of the window as data: made once, shared by menus, toolbar and context menus."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop.views.theme import bind

Key = QKeySequence.StandardKey


@dataclass(frozen=True)
class ActionSpec:
    """name: the objectName and the attribute; slot: a method of `Commands`. keys: shortcuts, the
    first is shown. place: the menu that it stands in; a "-" before the name draws a line above.
    local: the shortcut acts only while the table has the focus."""

    name: str
    text: str
    slot: str
    keys: tuple[Any, ...] = ()
    icon: str = ""
    place: str = ""
    tip: str = ""
    checkable: bool = False
    local: bool = False
    line: bool = False


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "importFolderAction",
        "Import from a &folder…",
        "import_folder",
        (Key.Open,),
        "folder",
        "File",
        "Import an adapter from a folder on this machine",
    ),
    ActionSpec(
        "importHubAction",
        "Import from the &Hub…",
        "import_hub",
        ("Ctrl+Shift+H",),
        "cloud",
        "File",
        "Import an adapter from the Hugging Face Hub",
    ),
    ActionSpec(
        "importRegistryAction",
        "Import from a &registry…",
        "import_registry",
        ("Ctrl+Shift+R",),
        "registry",
        "File",
        "Import an adapter from MLflow or Cloudera, by its registered name or ID",
    ),
    ActionSpec(
        "scanAction",
        "&Scan folders…",
        "scan_folders",
        ("Ctrl+Shift+O",),
        "scan",
        "File",
        "Look for adapters in whole folders and disks, and import many in one go",
        line=True,
    ),
    ActionSpec(
        "exportAction",
        "&Export as CSV…",
        "export_csv",
        ("Ctrl+Shift+X",),
        "file",
        "File",
        "Write the selected rows into a file; without a selection every row that is shown",
        line=True,
    ),
    ActionSpec("quitAction", "&Quit", "quit", (Key.Quit, "Ctrl+Q"), "", "File", line=True),
    ActionSpec("undoAction", "&Undo", "undo", (Key.Undo,), "undo", "Edit"),
    ActionSpec("redoAction", "&Redo", "redo", ("Ctrl+Shift+Z", "Ctrl+Y", Key.Redo), "redo", "Edit"),
    ActionSpec(
        "renameAction", "Re&name", "rename", ("F2",), "pencil", "Edit", line=True, local=True
    ),
    ActionSpec(
        "favouriteAction",
        "Fa&vourite",
        "toggle_favourite",
        ("Ctrl+D",),
        "star",
        "Edit",
        "Mark the selected adapters as favourites, or take the mark away",
    ),
    ActionSpec(
        "tagsAction",
        "&Tags…",
        "edit_tags",
        ("Ctrl+T",),
        "tag",
        "Edit",
        "Give the selected adapters tags, or take tags from them",
    ),
    ActionSpec(
        "baseModelAction",
        "Set &base model…",
        "choose_base_model",
        (),
        "layers",
        "Edit",
        "Say which base model the selected adapters belong to",
    ),
    ActionSpec(
        "removeAction",
        "Re&move",
        "remove_selected",
        # Not QKeySequence.Delete: on X11 that is Ctrl+D, too, which nobody presses to remove.
        ("Del", "Ctrl+Backspace") if sys.platform == "darwin" else ("Del",),
        "bin",
        "Edit",
        "Take the selected adapters out of the library; files stay where they are",
        local=True,
    ),
    ActionSpec(
        "copyRowsAction",
        "&Copy rows",
        "copy_rows",
        (Key.Copy,),
        "copy",
        "Edit",
        line=True,
        local=True,
    ),
    ActionSpec("copyPathAction", "Copy &path", "copy_paths", ("Ctrl+Shift+C",), "", "Edit"),
    ActionSpec("copyIdAction", "Copy &ID", "copy_ids", (), "", "Edit"),
    ActionSpec(
        "copySnippetAction",
        "Copy &loading snippet",
        "copy_snippet",
        ("Ctrl+Shift+L",),
        "",
        "Edit",
        "Python that loads the selected adapter with PEFT",
    ),
    ActionSpec(
        "selectAllAction",
        "Select &all",
        "select_all",
        (Key.SelectAll,),
        "",
        "Edit",
        line=True,
        local=True,
    ),
    ActionSpec("selectNoneAction", "Select n&one", "select_none", ("Ctrl+Shift+A",), "", "Edit"),
    ActionSpec("findAction", "&Filter", "focus_filter", (Key.Find,), "search", "Edit", line=True),
    ActionSpec(
        "preferencesAction",
        "Pr&eferences…",
        "show_preferences",
        (Key.Preferences, "Ctrl+,"),
        "gear",
        "Edit",
        "Registries, the hub in use, and how Lorarium looks",
        line=True,
    ),
    ActionSpec(
        "sidebarAction",
        "&Sidebar",
        "toggle_sidebar",
        ("Ctrl+B",),
        "panel-left",
        "View",
        "Show the sidebar with words, or as icons",
        checkable=True,
    ),
    ActionSpec(
        "detailsAction",
        "&Details",
        "toggle_details",
        ("Ctrl+I", "Alt+Return"),
        "panel-right",
        "View",
        "Show or hide the details of the selected adapter",
        checkable=True,
    ),
    ActionSpec("nextPanelAction", "Ne&xt panel", "next_panel", ("F6",), "", "View", line=True),
    ActionSpec(
        "previousPanelAction", "Pre&vious panel", "previous_panel", ("Shift+F6",), "", "View"
    ),
    ActionSpec(
        "saveFilterAction",
        "Save &filter…",
        "save_filter",
        ("Ctrl+S",),
        "funnel",
        "Library",
        "Keep what is typed and ticked as a place of its own",
    ),
    ActionSpec(
        "renameFilterAction",
        "Rename this f&ilter…",
        "rename_filter",
        (),
        "pencil",
        "Library",
        "Call the saved filter that is shown something else",
    ),
    ActionSpec(
        "removeFilterAction",
        "Remove t&his filter",
        "remove_filter",
        (),
        "",
        "Library",
        "Forget the saved filter that is shown; the adapters stay",
    ),
    ActionSpec(
        "checkAction",
        "&Check again",
        "check_selected",
        (Key.Refresh,),
        "refresh",
        "Library",
        "Look at the selected adapters' folders again; without a selection at all of them",
        line=True,
    ),
    ActionSpec(
        "checkUpdatesAction",
        "Check for &updates",
        "check_for_updates",
        (),
        "cloud",
        "Library",
        "Ask the servers for newer versions of the selected adapters; without a selection of all",
    ),
    ActionSpec(
        "compareNewestAction",
        "Compare with the &newest…",
        "compare_selected",
        (),
        "",
        "Library",
        "Show the selected adapter beside its newest version, before anything is fetched",
    ),
    ActionSpec(
        "updateAction",
        "U&pdate",
        "update_selected",
        (),
        "download",
        "Library",
        "Fetch the newest version of the selected adapters; the one here stays until it is whole",
    ),
    ActionSpec("locateAction", "&Locate…", "locate_selected", (), "folder-open", "Library"),
    ActionSpec(
        "relinkAction",
        "Find mo&ved folders…",
        "find_moved",
        (),
        "missing",
        "Library",
        "Find adapters again whose folders have moved, all that are missing or the selected ones",
    ),
    ActionSpec(
        "openFolderAction",
        "Show in file &manager",
        "open_selected_folder",
        ("Ctrl+Shift+E",),
        "folder-open",
        "Library",
    ),
    ActionSpec(
        "cancelTaskAction",
        "Cancel the front &task",
        "cancel_front_task",
        ("Ctrl+.",),
        "",
        "Library",
        line=True,
    ),
    ActionSpec(
        "shortcutsAction", "&Keyboard shortcuts", "show_shortcuts", ("?",), "keyboard", "Help"
    ),
    ActionSpec("aboutAction", "&About Lorarium", "show_about", (), "info", "Help"),
)

MENUS = ("&File", "&Edit", "&View", "&Library", "&Help")


class Actions:
    """The window's actions, by name: `actions["undoAction"]`."""

    def __init__(self, window: QWidget, commands: QObject) -> None:
        self._made: dict[str, QAction] = {}
        self._undressed: dict[str, str] = {}
        for spec in ACTIONS:
            self._made[spec.name] = self._make(spec, window, commands)
            if spec.icon:
                self._undressed[spec.name] = spec.icon

    def _make(self, spec: ActionSpec, window: QWidget, commands: QObject) -> QAction:
        action = QAction(spec.text, window)
        action.setObjectName(spec.name)
        sequences: list[QKeySequence] = []
        for key in spec.keys:
            found = QKeySequence.keyBindings(key) if isinstance(key, Key) else [QKeySequence(key)]
            sequences += [k for k in found if k not in sequences and not k.isEmpty()]
        action.setShortcuts(sequences)
        if spec.local:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        if spec.tip:
            action.setToolTip(spec.tip)
            action.setStatusTip(spec.tip)
        action.setIconText("\N{THIN SPACE}" + spec.text.replace("&", ""))
        action.setCheckable(spec.checkable)
        action.triggered.connect(getattr(commands, spec.slot))
        return action

    def dress(self, name: str = "") -> None:
        """Draw the icon of one action, or of all that have none yet: those in menus that nobody has
        opened need not be there for the first paint."""
        for key in [name] if name else list(self._undressed):
            icon = self._undressed.pop(key, "")
            if icon:
                bind(self._made[key], icon)

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def all(self) -> list[QAction]:
        """Every action, in the order of the menus."""
        return list(self._made.values())
