"""What a person can use: objectName, purpose and shortcut, read from the running window.

    python -m tools.ui_map            print the list
    python -m tools.ui_map --write    bring docs/ui-map.md up to date; purposes in it are kept

It opens the sample library off screen and walks through every page, menu and dialog, so that the
list can't say anything that is not so. tests/test_ui_map.py compares the document with it.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from desktop.views.main_window import MainWindow

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "ui-map.md"

INTRODUCTION = """\
# What is in the window

Every widget that a person can use and every action, by its `objectName`, in the parts of the
window. `…` at the end of a name stands for the id of a record. Alt and a letter is a mnemonic; the
keys of menu entries stand in the menus too.

Made by `python -m tools.ui_map --write`, which asks the running window and keeps the purposes that
are written here. `tests/test_ui_map.py` compares the two, both ways.
"""

PARTS = (
    "Menus",
    "Toolbar",
    "Sidebar",
    "The adapters",
    "The selected adapter",
    "Tasks and notices",
    "Folders",
    "Base models",
    "Prompts",
    "Datasets",
    "Training jobs",
    "Import dialog",
    "Import dialog: Hugging Face",
    "Import dialog: Registry",
    "Sign in",
    "Connect a registry",
    "Preferences",
    "Scan",
    "Tags",
    "Base model of several",
    "Save a filter",
    "Compare with the newest",
    "Find moved folders",
    "Help",
)

Wait = Callable[[Callable[[], Any]], None]
"""Lets the window work until what it is given says yes."""


@dataclass(frozen=True)
class Entry:
    """One line of the map."""

    part: str
    name: str
    purpose: str
    shortcut: str


# -- what a widget is ------------------------------------------------------------------------


def _words(text: str) -> str:
    """A text as it is read, without its mnemonic."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&").strip()


def _mnemonic(text: str) -> str:
    found = re.search(r"&([^&\s])", text.replace("&&", ""))
    return f"Alt+{found.group(1).upper()}" if found else ""


def _keys(sequence: Any) -> str:
    from PySide6.QtGui import QKeySequence

    text: str = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    return "Delete" if text == "Del" else text


def made_by_qt(widget: Any) -> bool:
    """Whether Qt made it as a part of another widget, which stands in the map itself."""
    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QComboBox, QLineEdit, QTabBar

    names = (widget.objectName(), widget.parent().objectName() if widget.parent() else "")
    if any(name.startswith(("qt_", "_q_")) for name in names):
        return True
    parent: QObject | None = widget.parent()
    if parent is not None and "ComboBoxPrivateContainer" in parent.metaObject().className():
        return True
    if isinstance(parent, QTabBar | QLineEdit):
        return True  # the arrows of tabs, the cross of a field
    return isinstance(parent, QComboBox) and not widget.objectName()


def is_used(widget: QWidget) -> bool:
    """Whether a person does something with it: presses it, types into it, or moves in it."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QScrollArea

    if isinstance(widget, QLabel) or type(widget) is QFrame:
        return False  # text that can be selected is text
    if isinstance(widget, QAbstractButton):
        return True
    if isinstance(widget, QScrollArea) and not widget.accessibleName():
        return False
    return widget.focusPolicy() != Qt.FocusPolicy.NoFocus


def purpose_of(thing: Any) -> str:
    """What the program itself says of it."""
    from PySide6.QtGui import QAccessible, QAction

    if isinstance(thing, QAction):
        text = _words(thing.text())
        for end, verb in (("ColumnAction", "Show the column"), ("SortAction", "Sort by")):
            if thing.objectName().endswith(end):
                return f"{verb} “{text}”"
        return _words(thing.toolTip()) or text
    said = thing.accessibleName() or _words(thing.toolTip())
    face = QAccessible.queryAccessibleInterface(thing)
    return said or (_words(face.text(QAccessible.Text.Name)) if face is not None else "")


def shortcut_of(thing: Any, labels: dict[int, str]) -> str:
    """Its first key. labels: text of the label that leads to a widget, by the widget's id()."""
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QAbstractButton, QToolButton

    if isinstance(thing, QToolButton) and thing.defaultAction() is not None:
        thing = thing.defaultAction()
    if isinstance(thing, QAction):
        return _keys(thing.shortcuts()[0]) if thing.shortcuts() else ""
    own = thing.text() if isinstance(thing, QAbstractButton) else ""
    return _mnemonic(own) or _mnemonic(labels.get(id(thing), ""))


def entries(part: str, root: QWidget, skip: tuple[QWidget, ...] = ()) -> Iterator[Entry]:
    """What can be used in `root`; `skip`: parts of it that stand elsewhere."""
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QLabel, QMenu, QToolBar, QWidget

    labels = {
        id(buddy): label.text()
        for label in root.findChildren(QLabel)
        if (buddy := label.buddy()) is not None
    }
    inside: list[Any] = [root, *root.findChildren(QWidget)]
    for widget in inside:
        if any(_is_inside(widget, other) for other in skip):
            continue
        if isinstance(widget, QMenu):
            for action in widget.actions():
                # The address above what can be done with a link is text.
                is_text = action.objectName() == "cardLinkAddress"
                if not (is_text or action.isSeparator() or action.menu() is not None):
                    yield _entry(part, action, labels)
        elif is_used(widget) and not made_by_qt(widget):
            yield _entry(part, widget, labels)
        # Actions without a menu, but not the one that Qt gives each toolbar.
        toggle = widget.toggleViewAction() if isinstance(widget, QToolBar) else None
        for action in widget.findChildren(QAction, options=_direct()):
            if not (action is toggle or isinstance(widget, QMenu) or made_by_qt(action)):
                if action.menu() is None and not action.isSeparator() and action.text():
                    yield _entry(part, action, labels)


def _is_inside(widget: Any, root: QWidget) -> bool:
    """Whether `root` is the widget or owns it; a menu is a window, so isAncestorOf() says no."""
    while widget is not None and widget is not root:
        widget = widget.parent()
    return widget is root


def _direct() -> Any:
    from PySide6.QtCore import Qt

    return Qt.FindChildOption.FindDirectChildrenOnly


def _entry(part: str, thing: Any, labels: dict[int, str]) -> Entry:
    name = re.sub(r":.*", ":…", thing.objectName())
    return Entry(part, name, purpose_of(thing), shortcut_of(thing, labels))


# -- the walk --------------------------------------------------------------------------------


class Walk:
    """Goes through the window over a sample library and notes what can be used.

    window: shown and settled. outside: a folder with adapters that is not in the library.
    """

    def __init__(self, window: MainWindow, outside: Path, wait: Wait) -> None:
        self._window = window
        self._outside = outside
        self._wait = wait
        self.found: list[Entry] = []

    def go(self) -> list[Entry]:
        """Every entry once, part by part."""
        self._library()
        self._folders()
        self._records("base_models", "Base models")
        self._records("prompts", "Prompts")
        self._records("datasets", "Datasets")
        self._records("jobs", "Training jobs")
        self._import()
        self._preferences()
        self._scan()
        self._organise()
        self._compare()
        self._relink()
        self._help()
        once: dict[tuple[str, str], Entry] = {}
        for entry in self.found:
            once.setdefault((entry.part, entry.name), entry)
        return sorted(once.values(), key=lambda entry: PARTS.index(entry.part))

    def _note(self, part: str, root: QWidget, *skip: QWidget) -> None:
        self.found += entries(part, root, skip)

    def _child(self, root: QWidget, kind: type, name: str) -> Any:
        return root.findChild(kind, name)

    def _library(self) -> None:
        from PySide6.QtWidgets import QMenu, QWidget

        window = self._window
        page = window.library_page
        by_name = {row[1]: row[0] for row in window.services.adapters.list_rows()}
        page.table.select_ids([by_name["notes-to-tasks"]])
        details = self._child(window, QWidget, "detailsPanel")
        self._wait(self._there(details, "findingLink"))
        self._menus_of_texts(details)
        page.table.select_ids([by_name["sql-context-r16"]])
        self._wait(self._settled)
        self._note(
            "Menus", window, window.toolbar, window.sidebar, window.pages, window.strip, details
        )
        self._note("Toolbar", window.toolbar)
        self._note("Sidebar", window.sidebar)
        for chip in (page.source_chip, page.base_chip, page.type_chip, page.problems_chip):
            chip.popup()
        columns = self._child(page, QMenu, "columnsMenu")
        columns.aboutToShow.emit()
        for instead in (page.empty_place, page.empty_library):
            instead.ensurePolished()  # made only where there is nothing to show
        self._note("The adapters", page)
        self._note("The selected adapter", details)
        self._note("Tasks and notices", window.strip)

    def _menus_of_texts(self, details: QWidget) -> None:
        """The small menus of a value, a link and a link of a model card."""
        from PySide6.QtCore import QPoint, QUrl
        from PySide6.QtGui import QContextMenuEvent
        from PySide6.QtWidgets import QApplication, QMenu, QTextBrowser, QWidget

        def ask(name: str) -> None:
            widget = self._child(details, QWidget, name)
            place = QPoint(2, 2)
            asked = QContextMenuEvent(
                QContextMenuEvent.Reason.Keyboard, place, widget.mapToGlobal(place)
            )
            QApplication.sendEvent(widget, asked)

        ask("detailsName")
        ask("baseModelLink")
        self._child(details, QTextBrowser, "modelCard").anchorClicked.emit(
            QUrl("https://example.org/")
        )
        self._note("The selected adapter", details)
        for name in ("copyMenu", "copyLinkMenu", "cardLinkMenu"):
            menu = self._child(details, QMenu, name)
            if menu is not None:
                menu.close()

    def _folders(self) -> None:
        from PySide6.QtWidgets import QLineEdit

        self._window.go_to("folders")
        page = self._page()
        field = self._child(page, QLineEdit, "goToFolder")
        field.setText(str(self._outside))
        field.returnPressed.emit()
        self._wait(self._there(page, "folderAdapter"))
        menu = page.make_menu()
        self._note("Folders", page)
        menu.deleteLater()

    def _records(self, key: str, title: str) -> None:
        from PySide6.QtWidgets import QMenu

        window = self._window
        window.go_to(key)
        page = self._page()
        page.select(getattr(window.library, key)[0].id)
        self._wait(self._settled)
        header = page.list.table.horizontalHeader()
        header.customContextMenuRequested.emit(header.pos())
        self._note(title, page)
        self._child(page, QMenu, "recordColumnsMenu").close()

    def _import(self) -> None:
        from PySide6.QtWidgets import QPushButton

        self._window.go_to("all")
        dialog = self._window.commands.dialog
        dialog.open()
        dialog.set_location(str(self._outside))
        button = self._child(dialog, QPushButton, "importButton")
        self._wait(button.isEnabled)
        others = [dialog.page_of(key) for key in ("huggingface", "model_registry")]
        panes = [pane for page in others for pane in (page.form, page.facts)]
        self._note("Import dialog", dialog, *panes)
        dialog.show_source("huggingface")
        for pane in panes[:2]:
            self._note("Import dialog: Hugging Face", pane)
        others[0].sign_in()
        self._dialog("signInDialog", "Sign in", dialog)
        dialog.show_source("model_registry")
        for pane in panes[2:]:
            self._note("Import dialog: Registry", pane)
        dialog.reject()
        self._wait(self._settled)

    def _dialog(self, name: str, part: str, root: QWidget | None = None) -> None:
        """Note what is in a dialog that is open, and leave it."""
        from PySide6.QtWidgets import QDialog

        dialog = self._child(root or self._window, QDialog, name)
        self._note(part, dialog)
        dialog.reject()
        self._wait(self._settled)

    def _preferences(self) -> None:
        from PySide6.QtWidgets import QDialog

        self._window.commands.show_preferences()
        dialog = self._child(self._window, QDialog, "preferencesDialog")
        dialog.registries.connect_another()
        asked = self._child(dialog, QDialog, "connectDialog")
        self._dialog("connectDialog", "Connect a registry", dialog)
        self._note("Preferences", dialog, asked)
        dialog.reject()
        self._wait(self._settled)

    def _scan(self) -> None:
        self._window.commands.scan_folders([str(self._outside)])
        page = self._page()
        # Its last rows come in after the work is over.
        self._wait(lambda: self._settled() and not page.session.is_scanning)
        self._note("Scan", page)
        self._window.go_to("all")

    def _organise(self) -> None:
        window = self._window
        window.library_page.table.select_row(0)
        window.commands.edit_tags()
        self._dialog("tagsDialog", "Tags")
        window.library_page.table.selectAll()
        window.commands.choose_base_model()
        self._dialog("baseModelDialog", "Base model of several")
        window.library_page.filter.setText("bloom")
        window.commands.save_filter()
        self._dialog("nameDialog", "Save a filter")
        window.library_page.clear_filters()
        self._wait(self._settled)
        window.library_page.table.select_row(0)

    def _compare(self) -> None:
        window = self._window
        window.updates.compare(window.library_page.table.selected_ids()[0])
        self._dialog("compareDialog", "Compare with the newest")

    def _relink(self) -> None:
        dialog = self._window.relink.find(())
        if dialog is not None:
            self._note("Find moved folders", dialog)
            dialog.reject()

    def _help(self) -> None:
        from PySide6.QtWidgets import QDialog

        commands = self._window.commands
        for show, name in (
            (commands.show_shortcuts, "shortcutsDialog"),
            (commands.show_about, "aboutDialog"),
        ):
            show()
            dialog = self._child(self._window, QDialog, name)
            self._note("Help", dialog)
            dialog.close()

    def _page(self) -> Any:
        return self._window.pages.currentWidget()

    def _settled(self) -> bool:
        return self._window.is_settled()

    def _there(self, root: QWidget, name: str) -> Callable[[], bool]:
        from PySide6.QtWidgets import QWidget

        return lambda: any(w.isVisible() for w in root.findChildren(QWidget, name))


# -- the document ----------------------------------------------------------------------------


def read_document(path: Path = DOCUMENT) -> list[Entry]:
    """The map as it is written down."""
    found: list[Entry] = []
    part = ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        if line.startswith("## "):
            part = line[3:]
        elif line.startswith("| `"):
            name, purpose, shortcut = (cell.strip() for cell in line.strip("|").split("|"))
            found.append(Entry(part, name.strip("`"), purpose, shortcut))
    return found


def document(found: list[Entry], written: list[Entry]) -> str:
    """The document for what was found; a purpose that was `written` stays."""
    purposes = {(entry.part, entry.name): entry.purpose for entry in written}
    text = INTRODUCTION
    part = ""
    for entry in found:
        if entry.part != part:
            part = entry.part
            text += f"\n## {part}\n\n| objectName | purpose | shortcut |\n|---|---|---|\n"
        purpose = purposes.get((part, entry.name)) or entry.purpose
        text += f"| `{entry.name}` | {purpose} | {entry.shortcut} |\n"
    return text


def main() -> int:
    """Walk through the sample library; print the map, or write it."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    folder = Path(tempfile.mkdtemp(prefix="lorarium-map-"))
    os.environ["LORARIUM_CONFIG"] = str(folder / "config")
    from PySide6.QtWidgets import QApplication

    from desktop.bootstrap import build_window, open_services
    from desktop.services.sample import create_sample_library

    app = QApplication([])

    def wait(until: Callable[[], Any]) -> None:
        limit = time.monotonic() + 20
        while not until():
            if time.monotonic() > limit:
                raise TimeoutError("The window did not get there.")
            app.processEvents()
            time.sleep(0.005)

    with open_services(folder / "catalog.db") as services:
        outside = create_sample_library(services, folder)
        window = build_window(services)
        window.show()
        wait(window.is_settled)
        found = Walk(window, outside, wait).go()
        window.close()
    text = document(found, read_document())
    if "--write" in sys.argv[1:]:
        DOCUMENT.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
