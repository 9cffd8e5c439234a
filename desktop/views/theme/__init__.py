"""How the program looks: colours, sizes, icons, and the style sheet that is made of them."""

from desktop.views.theme.fonts import FontRole, font, italic, metric, row_height, tabular
from desktop.views.theme.icons import bind, icon, pixmap
from desktop.views.theme.manager import ThemeNotifier, apply_theme, notifier
from desktop.views.theme.tokens import Tokens, Tone, tokens

__all__ = [
    "FontRole",
    "ThemeNotifier",
    "Tokens",
    "Tone",
    "apply_theme",
    "bind",
    "font",
    "icon",
    "italic",
    "metric",
    "notifier",
    "pixmap",
    "row_height",
    "tabular",
    "tokens",
]
