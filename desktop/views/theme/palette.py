"""The Qt palette of a scheme: what Fusion paints by itself follows the tokens."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from desktop.views.theme.tokens import Tokens


def build_palette(t: Tokens) -> QPalette:
    """A palette with every role that Fusion reads, for all three colour groups."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    colours: dict[QPalette.ColorRole, QColor] = {
        role.Window: t.window,
        role.WindowText: t.text,
        role.Base: t.base,
        role.AlternateBase: t.window,
        role.Text: t.text,
        role.PlaceholderText: t.text2,
        role.Button: t.raised,
        role.ButtonText: t.text,
        role.BrightText: t.on_accent,
        role.ToolTipBase: t.raised,
        role.ToolTipText: t.text,
        role.Highlight: t.accent,
        role.HighlightedText: t.on_accent,
        role.Accent: t.accent,
        role.Link: t.accent,
        role.LinkVisited: t.accent,
        role.Light: t.raised,
        role.Midlight: t.button_hover,
        role.Mid: t.border,
        role.Dark: t.control,
        role.Shadow: t.control,
    }
    for which, colour in colours.items():
        palette.setColor(which, colour)
    # A text selection in a field without focus stays readable and quiet.
    palette.setColor(group.Inactive, role.Highlight, t.selection_inactive)
    palette.setColor(group.Inactive, role.HighlightedText, t.text)
    for which in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText, role.Link):
        palette.setColor(group.Disabled, which, t.disabled)
    palette.setColor(group.Disabled, role.Base, t.sunken)
    palette.setColor(group.Disabled, role.Button, t.window)
    palette.setColor(group.Disabled, role.Highlight, t.selection_inactive)
    palette.setColor(group.Disabled, role.HighlightedText, t.disabled)
    return palette
