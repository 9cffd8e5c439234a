"""The ring around a button that has the keyboard's focus: 2 px, 1 px away from its edge.

A style sheet can only paint inside a widget, so the ring is a widget of its own beside the button,
as QFocusFrame does it. It shows only when the focus came by keyboard or from the program.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSplitter, QWidget
from shiboken6 import isValid

from desktop.views.theme.tokens import tokens

_AWAY = 3  # how far the ring reaches beyond its widget: 1 px of air, 2 px of line
_FOLLOW = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show})


class _Ring(QWidget):
    """The painted ring. Never in the way of the mouse."""

    def __init__(self, parent: QWidget, target: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("focusRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.target = target
        radius = target.property("ringRadius")
        self._radius = 8.0 if radius is None else float(radius)
        self.follow()

    def follow(self) -> None:
        """Lie around the target; not at all when it is gone."""
        if not isValid(self.target):
            self.hide()
            return
        self.setGeometry(self.target.geometry().adjusted(-_AWAY, -_AWAY, _AWAY, _AWAY))
        self.setVisible(self.target.isVisible())
        self.raise_()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tokens().accent, 2))
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(area, self._radius, self._radius)
        painter.end()


class FocusRing(QObject):
    """Follows the focus from button to button; one for the application."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: _Ring | None = None
        self._last = 0
        app.focusChanged.connect(self._focus_changed)

    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        self._drop()
        if not isinstance(new, QAbstractButton) or new.property("noFocusRing"):
            return
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._last = 0
            return  # clicked: the pointer shows where the person is
        if old is None and self._last != id(new):
            return  # a window came to the front; nobody has moved the focus yet
        parent = new.parentWidget()
        if parent is None or isinstance(parent, QSplitter):  # a splitter would make it a pane
            return
        self._last = id(new)
        self._ring = _Ring(parent, new)
        self._ring.destroyed.connect(self._ring_gone)
        new.installEventFilter(self)

    def _ring_gone(self) -> None:
        self._ring = None

    def _drop(self) -> None:
        ring, self._ring = self._ring, None
        if ring is not None:
            ring.destroyed.disconnect(self._ring_gone)
            # A focused button that is deleted, as with the finding that its click solved, loses the
            # focus on the way: nothing can be asked of it any more.
            if isValid(ring.target):
                ring.target.removeEventFilter(self)
            ring.hide()
            ring.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._ring is not None and event.type() in _FOLLOW:
            self._ring.follow()
        return False
