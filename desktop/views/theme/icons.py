"""The line icons: drawn from our own SVG files, coloured by token, sharp at every ratio.

A glyph is rendered once for each size and device pixel ratio and then only tinted. (A QIconEngine
in Python would be the obvious home for this; with PySide6 6.11 its ownership ends in a crash.)
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton

from desktop.views.theme.fonts import metric
from desktop.views.theme.tokens import tokens

FOLDER = Path(__file__).parent / "icons"
CONTROLS = FOLDER / "controls"
"""Ticks and arrows that the style sheet shows, in the colours of each scheme."""

_ALIASES = {
    "all": "books",
    "away": "missing",
    "base-model": "layers",
    "cancel": "close",
    "clear": "close",
    "cross": "close",
    "drop": "download",
    "duplicates": "copy",
    "favourite": "star",
    "filter": "funnel",
    "grid": "dataset",
    "huggingface": "cloud",
    "hugging_face": "cloud",
    "info": "note",
    "model_registry": "cylinder",
    "problems": "warning",
    "project": "folder",
    "recent": "clock",
    "registry": "cylinder",
    "remove": "bin",
    "rename": "pencil",
    "speech": "prompt",
}


_GAP = 3
"""Added between the icon and the words of a push button, where Qt leaves 4 pixels."""


@cache
def names() -> frozenset[str]:
    """Every name that `pixmap` and `icon` know."""
    return frozenset(path.stem for path in FOLDER.glob("*.svg")) | frozenset(_ALIASES)


@cache
def _glyph(name: str) -> bytes:
    file = FOLDER / f"{_ALIASES.get(name, name)}.svg"
    return file.read_bytes().replace(b"currentColor", b"#000000")


@cache
def _mask(name: str, size: int, dpr: float) -> QPixmap:
    drawing = QSvgRenderer(_glyph(name))
    pixels = max(1, round(size * dpr))
    mask = QPixmap(pixels, pixels)
    mask.fill(Qt.GlobalColor.transparent)
    painter = QPainter(mask)
    drawing.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return mask


@cache
def _tinted(name: str, rgba: int, size: int, dpr: float) -> QPixmap:
    result = QPixmap(_mask(name, size, dpr))
    painter = QPainter(result)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(result.rect(), QColor.fromRgba(rgba))
    painter.end()
    result.setDevicePixelRatio(dpr)
    return result


def pixmap(name: str, color: QColor | str, size: int = 16, dpr: float = 1.0) -> QPixmap:
    """The icon in one colour.

    color: a QColor or the name of a token; size: logical pixels; dpr: device pixels per logical
    pixel of where it will be painted. Cached: may be called in a paint.

    Raises:
        FileNotFoundError: there is no icon of this name.
        KeyError: there is no token of this name.
    """
    ink = tokens().color(color) if isinstance(color, str) else color
    return _tinted(name, ink.rgba(), size, dpr)


def ratios() -> tuple[float, ...]:
    """The device pixel ratios of the screens that are there, smallest first."""
    found = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    return tuple(sorted(found)) or (1.0,)


def _spaced(glyph: QPixmap, gap: int) -> QPixmap:
    """The glyph with this much room, in logical pixels, on the side where words follow."""
    if not gap:
        return glyph
    dpr = glyph.devicePixelRatio()
    room = round(gap * dpr)
    result = QPixmap(glyph.width() + room, glyph.height())
    result.fill(Qt.GlobalColor.transparent)
    result.setDevicePixelRatio(dpr)
    mirrored = QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    painter = QPainter(result)
    painter.drawPixmap(QPointF(room / dpr if mirrored else 0, 0), glyph)
    painter.end()
    return result


def icon(name: str, role: str = "text", size: int = 16, checked: str = "", gap: int = 0) -> QIcon:
    """The icon as a QIcon, coloured by the token `role`, its disabled form by the token `disabled`.

    checked: the token for the On state, "" = as `role`; gap: free room beside it, in pixels,
    before the words of a button, where styles leave too little and have no setting for it. It keeps
    the colours of the scheme that is on now; `bind` follows a change.
    """
    result = QIcon()
    for dpr in ratios():
        ways = [(role, QIcon.Mode.Normal, QIcon.State.Off)]
        ways.append(("disabled", QIcon.Mode.Disabled, QIcon.State.Off))
        if checked:
            ways.append((checked, QIcon.Mode.Normal, QIcon.State.On))
        for ink, mode, state in ways:
            result.addPixmap(_spaced(pixmap(name, ink, size, dpr), gap), mode, state)
    return result


class _Binding(QObject):
    """Keeps one icon in the colours of the scheme; lives and dies with its target."""

    def __init__(
        self, target: QAction | QAbstractButton, name: str, role: str, size: int, checked: str
    ) -> None:
        super().__init__(target)
        from desktop.views.theme.manager import notifier

        self.target = target
        self.set(name, role, size, checked)
        notifier().changed.connect(self.renew)

    def set(self, name: str, role: str, size: int, checked: str) -> None:
        self.name, self.role, self.checked = name, role, checked
        self.size = metric(size, QApplication.font())
        self.renew()

    def renew(self) -> None:
        self.target.setIcon(icon(self.name, self.role, self.size, self.checked, self._gap()))
        if isinstance(self.target, QAbstractButton):
            self.target.setIconSize(QSize(self.size + self._gap(), self.size))

    def _gap(self) -> int:
        beside_words = isinstance(self.target, QPushButton) and bool(self.target.text())
        return metric(_GAP, QApplication.font()) if beside_words else 0


def bind(
    target: QAction | QAbstractButton,
    name: str,
    role: str = "text",
    size: int = 16,
    checked: str = "",
) -> None:
    """Give an action or a button this icon, and give it again whenever the scheme changes.

    size: in pixels at the design's font size; it grows with the application's font.
    """
    for child in target.children():
        if isinstance(child, _Binding):
            child.set(name, role, size, checked)
            return
    _Binding(target, name, role, size, checked)
