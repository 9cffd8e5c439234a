"""A viewport that Python has made itself.

A widget that comes out of Qt is wrapped when Python first asks for it, and then PySide looks
through every class of widget for the one that it is. That makes all their enums and takes an eighth
of a whole bare window, before the first paint. A widget that was made here is known already.
"""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractItemView, QWidget


def give_viewport(view: QAbstractItemView) -> None:
    """Give a view that was just made a viewport like the one it has."""
    viewport = QWidget(view)
    viewport.setObjectName("qt_scrollarea_viewport")  # style sheets know it by this name
    viewport.setBackgroundRole(QPalette.ColorRole.Base)
    viewport.setAutoFillBackground(True)
    view.setViewport(viewport)
