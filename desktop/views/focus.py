"""Where the keyboard goes when a panel or a page is entered."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QWidget


def press_focused(window: QWidget, event: QKeyEvent) -> bool:
    """Let Enter press the button that has the focus, as it does in dialogs; whether it did."""
    button = window.focusWidget()
    enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat()
    if not enter or not isinstance(button, QAbstractButton) or not button.isEnabled():
        return False
    button.click()
    return True


def main_focus(panel: QWidget) -> QWidget | None:
    """What a panel is there for: what it hands the focus to, its list, table or tree, else the
    first that Tab would reach."""
    proxy = panel.focusProxy()
    wanted = [proxy] if proxy is not None else []
    for widget in [*wanted, *panel.findChildren(QAbstractItemView)]:
        if _takes(widget):
            return widget
    return first_focus(panel)


def _takes(widget: QWidget) -> bool:
    by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return by_tab and widget.isVisible() and widget.isEnabled()


def first_focus(panel: QWidget) -> QWidget | None:
    """The first widget of a panel that takes the focus by Tab."""
    return next((w for w in [panel, *panel.findChildren(QWidget)] if _takes(w)), None)
