"""The list of shortcuts, and what this program is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop import __version__
from desktop.views.actions import ACTIONS, Actions
from desktop.views.places import LIBRARY_PLACES, PLACE_KEYS
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.text import PlainLabel

# Keys that belong to a widget and not to an action of the menus.
MORE = (
    ("In the table: filter", "/"),
    ("In the table: jump to a name", "Type its first letters"),
    ("In the table: details of the row", "Enter"),
    ("In the table: context menu", "Menu, Shift+F10"),
    ("In the filter: clear it, then back to the table", "Esc"),
    ("In trees: open, close", "Right, Left"),
    ("On record pages: add, edit", "Ctrl+N, Enter"),
    ("In dialogs: do it, leave", "Enter, Esc"),
)


def _typed(sequences: list[QKeySequence]) -> list[str]:
    """What can be typed on any keyboard: keys of their own ("Undo", "F14") are left out."""
    native = QKeySequence.SequenceFormat.NativeText
    rare = {"Open", "Undo", "Redo", "Copy", "Find", "Refresh", "Close", "Exit"}
    rare |= {f"F{number}" for number in range(13, 36)}
    return [text for s in sequences if (text := s.toString(native)) not in rare]


class _Sheet(QDialog):
    def __init__(self, title: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.outer = QVBoxLayout(self)
        self.outer.setContentsMargins(24, 24, 24, 16)
        self.outer.setSpacing(12)
        heading = PlainLabel(title, role=FontRole.PAGE_TITLE)
        heading.setObjectName(f"{name}Title")
        self.outer.addWidget(heading)

    def close_button(self) -> None:
        """The one way out, besides Esc."""
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        box.setObjectName(f"{self.objectName()}Buttons")
        box.rejected.connect(self.reject)
        self.outer.addWidget(box)
        button = box.button(QDialogButtonBox.StandardButton.Close)
        button.setObjectName(f"{self.objectName()}Close")
        button.setAccessibleName("Close")
        button.setFocus()


class ShortcutsDialog(_Sheet):
    """Every action that has a key, with its key."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__("Keyboard shortcuts", "shortcutsDialog", parent)
        area = QScrollArea()
        area.setObjectName("shortcutsList")
        area.setAccessibleName("Keyboard shortcuts")
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        body = QWidget()
        form = QFormLayout(body)
        form.setHorizontalSpacing(32)
        form.setVerticalSpacing(6)
        native = QKeySequence.SequenceFormat.NativeText
        names = {spec.name: spec.text.replace("&", "") for spec in ACTIONS}
        rows = [
            (names[action.objectName()], ", ".join(keys[:2]))
            for action in actions.all()
            if (keys := _typed(action.shortcuts()))
        ]
        rows += [
            (f"Go to {LIBRARY_PLACES[key].title}", QKeySequence(text).toString(native))
            for key, text in PLACE_KEYS.items()
        ]
        for what, keys_text in [*rows, *MORE]:
            form.addRow(PlainLabel(what, tone="secondary"), PlainLabel(keys_text))
        area.setWidget(body)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(body.sizeHint().width() + area.verticalScrollBar().sizeHint().width())
        self.outer.addWidget(area, 1)
        self.close_button()
        self.resize(metric(600, self.font()), metric(560, self.font()))


class AboutDialog(_Sheet):
    """Name, version, licence, and where the open library lies."""

    def __init__(self, library: str, parent: QWidget) -> None:
        super().__init__("About Lorarium", "aboutDialog", parent)
        import platform

        from PySide6 import __version__ as pyside

        for text, tone in (
            (f"Lorarium {__version__}, the desktop library for PEFT adapters.", ""),
            ("Apache License 2.0", "secondary"),
            (f"Python {platform.python_version()}, Qt for Python {pyside}", "secondary"),
            (f"This library: {library}", "secondary"),
        ):
            label = PlainLabel(text, tone=tone, wrap=True, copyable=True)
            self.outer.addWidget(label)
        self.outer.addStretch(1)
        self.close_button()
        self.resize(metric(480, self.font()), metric(240, self.font()))
