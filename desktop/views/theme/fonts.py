"""Sizes and weights of text by its role, always relative to the system's own font."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetrics

DESIGN_SIZE = 13
"""The system font size in pixels that every figure of the design was drawn at."""

_SMALLEST = 11
"""No text is smaller than this, in pixels."""


class FontRole(StrEnum):
    """What a piece of text is there for."""

    EMPTY_TITLE = "empty title"
    PAGE_TITLE = "page title"
    PANEL_TITLE = "panel title"
    CARD_TITLE = "card title"
    BODY = "body"
    NAME = "name"
    STRONG = "strong"
    LABEL = "label"
    FIELD_LABEL = "field label"
    FINDING = "finding"
    FINDING_TITLE = "finding title"
    HEADER = "header"
    BADGE = "badge"
    HEADING = "heading"
    FIXED = "fixed"


# Pixels to add at the design size, and the weight.
_ROLES: dict[str, tuple[int, QFont.Weight]] = {
    FontRole.EMPTY_TITLE: (11, QFont.Weight.DemiBold),
    FontRole.PAGE_TITLE: (4, QFont.Weight.DemiBold),
    FontRole.PANEL_TITLE: (3, QFont.Weight.DemiBold),
    FontRole.CARD_TITLE: (1, QFont.Weight.DemiBold),
    FontRole.BODY: (0, QFont.Weight.Normal),
    FontRole.NAME: (0, QFont.Weight.Medium),
    FontRole.STRONG: (0, QFont.Weight.DemiBold),
    FontRole.LABEL: (-1, QFont.Weight.Normal),
    FontRole.FIELD_LABEL: (-1, QFont.Weight.DemiBold),
    FontRole.FINDING: (-1, QFont.Weight.Normal),
    FontRole.FINDING_TITLE: (0, QFont.Weight.DemiBold),
    FontRole.HEADER: (-1, QFont.Weight.Medium),
    FontRole.BADGE: (-2, QFont.Weight.Medium),
    FontRole.HEADING: (-2, QFont.Weight.DemiBold),
    FontRole.FIXED: (-1, QFont.Weight.Normal),
}


def font(role: str, base: QFont) -> QFont:
    """The font for text of this role. base: the body font, whose family is kept.

    Steps are scaled with the base size, so that they hold at any system font; nothing comes out
    below 11 px. Make it once and keep it, never inside a paint.
    """
    step, weight = _ROLES[role]
    result = QFont(base)
    if role == FontRole.FIXED:
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        result.setFamilies(fixed.families())
        result.setFixedPitch(True)
    result.setWeight(weight)
    if step:
        pixels = pixel_size(base)
        wanted = max(pixels * (DESIGN_SIZE + step) / DESIGN_SIZE, min(_SMALLEST, pixels))
        if base.pointSizeF() > 0:
            result.setPointSizeF(base.pointSizeF() * wanted / pixels)
        else:
            result.setPixelSize(round(wanted))
    return result


def tabular(base: QFont) -> QFont:
    """The same font with figures of one width, so that columns of figures align."""
    result = QFont(base)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def italic(base: QFont) -> QFont:
    """The same font slanted: how an assumed figure is written."""
    result = QFont(base)
    result.setItalic(True)
    return result


def pixel_size(base: QFont) -> int:
    """The font's size in logical pixels, at least 1."""
    return max(1, QFontInfo(base).pixelSize())


def metric(pixels: int, base: QFont) -> int:
    """A length of the design (in pixels at a 13 px font) for this body font; it never shrinks."""
    return max(pixels, round(pixels * pixel_size(base) / DESIGN_SIZE))


def row_height(pixels: int, base: QFont) -> int:
    """A height of the design as a minimum: room for one line of a tall family is kept."""
    return max(metric(pixels, base), QFontMetrics(base).height() + 6)
