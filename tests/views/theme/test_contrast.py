"""WCAG 2.2 ratios of the tokens, against every surface that a colour may stand on."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor

from desktop.views.theme.tokens import DARK, LIGHT, Tokens

SURFACES = [
    "window",
    "sidebar",
    "base",
    "raised",
    "selection",
    "selection_inactive",
    "row_hover",
    "button_hover",
    "tint",
]


def luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue, _ = color.getRgbF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def ratio(one: QColor, other: QColor) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lowest(t: Tokens, ink: str) -> float:
    return min(ratio(t.color(ink), t.color(surface)) for surface in SURFACES)


@pytest.mark.parametrize("t", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["text", "text2", "accent", "error", "warning", "note", "ok"])
def test_text_is_readable_on_every_surface(t: Tokens, ink: str) -> None:
    assert lowest(t, ink) >= 4.5


@pytest.mark.parametrize("t", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["error", "warning", "note", "ok"])
def test_a_tone_is_readable_on_its_own_fill(t: Tokens, tone: str) -> None:
    colours = t.tone(tone)
    assert ratio(colours.ink, colours.fill) >= 4.5
    assert ratio(t.text, colours.fill) >= 7
    assert ratio(t.accent, colours.fill) >= 4.5  # the links in a finding


@pytest.mark.parametrize("t", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_no_text_is_seen_too(t: Tokens) -> None:
    assert min(ratio(t.control, t.color(s)) for s in ("window", "base", "raised")) >= 3
    assert ratio(t.split_train, t.window) >= 3
    assert ratio(t.split_test, t.window) >= 3
    for fill in (t.accent, t.accent_hover, t.accent_pressed):
        assert ratio(t.on_accent, fill) >= 4.5
    for hue in t.tags:
        assert min(ratio(hue, t.color(s)) for s in ("window", "base", "raised")) >= 3
    assert len({hue.rgb() for hue in t.tags}) == 8
    # The focus ring has to differ from what is beside it.
    assert ratio(t.accent, t.window) >= 3


@pytest.mark.parametrize("t", [LIGHT, DARK], ids=["light", "dark"])
def test_the_heat_scale_goes_one_way_and_much_is_far_from_the_background(t: Tokens) -> None:
    steps = [luminance(stop) for stop in t.heat]
    assert len(steps) == 11
    assert steps == sorted(steps, reverse=not t.dark)
    assert ratio(t.heat[-1], t.window) > ratio(t.heat[0], t.window)
