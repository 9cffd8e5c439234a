"""A tag: a word with a dot, one of eight fixed hues. The word carries the meaning."""

from __future__ import annotations

import zlib
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from desktop.views.theme import metric, tokens
from desktop.views.widgets.badge import Badge

_DOT = 8
_SHIFT = 14
"""Bits of the checksum that are passed over: with these, the usual tags get different hues."""


def tag_colour(tag: str) -> QColor:
    """The hue of a tag: the same for the same word, whatever its case, on every machine."""
    hues = tokens().tags
    number = zlib.crc32(tag.casefold().encode("utf-8", "replace"))
    return hues[(number >> _SHIFT) % len(hues)]


def tag_icon(tag: str, base: QFont) -> QIcon:
    """The dot of a tag as an icon for lists."""
    return QIcon(_dot(tag_colour(tag).rgba(), metric(16, base), metric(_DOT, base)))


@lru_cache(maxsize=64)
def _dot(rgba: int, size: int, dot: int) -> QPixmap:
    # Twice as large as it is shown, so that it is sharp at 200 %.
    drawn = QPixmap(2 * size, 2 * size)
    drawn.setDevicePixelRatio(2)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromRgba(rgba))
    painter.drawEllipse(QPointF(size / 2, size / 2), dot / 2, dot / 2)
    painter.end()
    return drawn


class TagBadge(Badge):
    """A badge that shows a tag."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("tagBadge")
        self._tag = ""

    def set_tag(self, tag: str) -> None:
        """Show this tag."""
        self._tag = tag
        # The place of an icon is kept for the dot.
        self.set(tag, "plain", "tag")
        self.setAccessibleName(f"Tag {self.accessibleName()}")

    def _paint_icon(self, painter: QPainter, room: QRectF) -> None:
        dot = metric(_DOT, self._base) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tag_colour(self._tag))
        painter.drawEllipse(room.center(), dot, dot)
