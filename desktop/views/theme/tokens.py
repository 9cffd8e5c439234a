"""The colours of the two schemes by name, and nothing else may name a colour."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette

_HEAT = [
    "#0B0405",
    "#251729",
    "#382A54",
    "#413F7E",
    "#395D9C",
    "#357BA2",
    "#3497A9",
    "#43B4AD",
    "#6FCFAE",
    "#AFE3C0",
    "#DEF5E5",
]


# green, purple, rose, amber, blue, teal, olive, brown
_TAGS_LIGHT = (
    "#2B8A55",
    "#7A5CC8",
    "#B8476E",
    "#A8650A",
    "#2F6FB5",
    "#0E8388",
    "#77771C",
    "#8A5A44",
)
_TAGS_DARK = (
    "#6CCB92",
    "#B49CF0",
    "#EE8FAE",
    "#E2AC5A",
    "#84B4EE",
    "#5FC6CB",
    "#C3C45F",
    "#CFA08A",
)


@dataclass(frozen=True, slots=True)
class Tone:
    """The three colours of one severity: text and icon, surface, the 1 px edge around it."""

    ink: QColor
    fill: QColor
    edge: QColor


@dataclass(frozen=True, slots=True)
class Tokens:
    """Every colour of one scheme. Read them, never change them: they are shared.

    `heat` runs from "little" to "much", so that much is always furthest from the background. `tags`
    are the eight hues of the dots beside tags.
    """

    scheme: str
    window: QColor
    sidebar: QColor
    base: QColor
    raised: QColor
    sunken: QColor
    hairline: QColor
    text: QColor
    text2: QColor
    disabled: QColor
    accent: QColor
    accent_hover: QColor
    accent_pressed: QColor
    on_accent: QColor
    tint: QColor
    selection: QColor
    selection_inactive: QColor
    row_hover: QColor
    button_hover: QColor
    button_pressed: QColor
    border: QColor
    control: QColor
    scroll: QColor
    error: QColor
    error_fill: QColor
    error_edge: QColor
    warning: QColor
    warning_fill: QColor
    warning_edge: QColor
    note: QColor
    note_fill: QColor
    note_edge: QColor
    ok: QColor
    ok_fill: QColor
    ok_edge: QColor
    split_train: QColor
    split_test: QColor
    split_unused: QColor
    split_hatch: QColor
    heat: tuple[QColor, ...]
    tags: tuple[QColor, ...]

    @property
    def dark(self) -> bool:
        """Whether text is lighter than its background."""
        return self.window.lightness() < self.text.lightness()

    def color(self, name: str) -> QColor:
        """The colour with this token name.

        Raises:
            KeyError: there is no such token.
        """
        value = getattr(self, name, None)
        if not isinstance(value, QColor):
            raise KeyError(name)
        return value

    def tone(self, name: str) -> Tone:
        """Ink, fill and edge of `error`, `warning`, `note` or `ok`; anything else is the plain,
        untoned surface."""
        if name in ("error", "warning", "note", "ok"):
            return Tone(self.color(name), self.color(f"{name}_fill"), self.color(f"{name}_edge"))
        return Tone(self.text2, self.raised, self.border)


def _tokens(scheme: str, heat: tuple[str, ...], tags: tuple[str, ...], **colours: str) -> Tokens:
    return Tokens(
        scheme=scheme,
        heat=tuple(QColor(stop) for stop in heat),
        tags=tuple(QColor(hue) for hue in tags),
        **{name: QColor(value) for name, value in colours.items()},
    )


LIGHT = _tokens(
    "light",
    tuple(reversed(_HEAT)),
    _TAGS_LIGHT,
    window="#F4F5F3",
    sidebar="#EBEEEC",
    base="#FFFFFF",
    raised="#FFFFFF",
    sunken="#E9ECEA",
    hairline="#E9ECEA",
    text="#1B2220",
    text2="#535E5A",
    disabled="#8F9794",
    accent="#0C6870",
    accent_hover="#09545B",
    accent_pressed="#07444A",
    on_accent="#FFFFFF",
    tint="#DDEEEE",
    selection="#CDE5E5",
    selection_inactive="#E2E8E6",
    row_hover="#EFF4F2",
    button_hover="#E8EEEB",
    button_pressed="#DAE2DE",
    border="#D9DEDB",
    control="#7D8683",
    scroll="#AEB6B3",
    error="#B0231B",
    error_fill="#FCEBE9",
    error_edge="#E9B7B2",
    warning="#855300",
    warning_fill="#FDF3DC",
    warning_edge="#E5CB92",
    note="#2F56A5",
    note_fill="#EAF0FB",
    note_edge="#BACBEA",
    ok="#23703A",
    ok_fill="#E7F4EA",
    ok_edge="#B3D8BD",
    split_train="#0C6870",
    split_test="#C2760E",
    split_unused="#E4E8E6",
    split_hatch="#A3ACA8",
)

DARK = _tokens(
    "dark",
    tuple(_HEAT),
    _TAGS_DARK,
    window="#202426",
    sidebar="#1A1D1F",
    base="#16191B",
    raised="#272C2E",
    sunken="#121516",
    hairline="#22272A",
    text="#E7EBE9",
    text2="#A6B0AD",
    disabled="#6C7577",
    accent="#62C4C8",
    accent_hover="#82D5D8",
    accent_pressed="#4FAFB3",
    on_accent="#06292B",
    tint="#1E3A3C",
    selection="#1D484B",
    selection_inactive="#2C3335",
    row_hover="#1F2426",
    button_hover="#343C3F",
    button_pressed="#2B3234",
    border="#363D40",
    control="#727C7F",
    scroll="#50595C",
    error="#FF9B91",
    error_fill="#3A2221",
    error_edge="#6B3733",
    warning="#EFBF63",
    warning_fill="#362C19",
    warning_edge="#65512A",
    note="#9DBBFA",
    note_fill="#20293B",
    note_edge="#3B4D73",
    ok="#80CF96",
    ok_fill="#1C3023",
    ok_edge="#345D41",
    split_train="#4BA3A8",
    split_test="#E5A848",
    split_unused="#31383B",
    split_hatch="#565F62",
)


def from_palette(palette: QPalette) -> Tokens:
    """Tokens made of the system's own colours alone, for high contrast: shapes and words carry
    the meaning there, so every ink is the text colour."""
    role = QPalette.ColorRole
    window, base = palette.color(role.Window), palette.color(role.Base)
    text, button = palette.color(role.WindowText), palette.color(role.Button)
    accent, on_accent = palette.color(role.Highlight), palette.color(role.HighlightedText)
    disabled = palette.color(QPalette.ColorGroup.Disabled, role.WindowText)
    inks = dict.fromkeys(
        [
            "text",
            "text2",
            "border",
            "control",
            "scroll",
            "error",
            "error_edge",
            "warning",
            "warning_edge",
            "note",
            "note_edge",
            "ok",
            "ok_edge",
            "split_test",
            "split_hatch",
        ],
        text,
    )
    surfaces = dict.fromkeys(
        [
            "window",
            "sidebar",
            "sunken",
            "hairline",
            "tint",
            "row_hover",
            "error_fill",
            "warning_fill",
            "note_fill",
            "ok_fill",
            "split_unused",
        ],
        window,
    )
    accents = dict.fromkeys(
        ["accent", "accent_hover", "accent_pressed", "split_train"],
        accent,
    )
    # The text keeps its colour on a selection, so that is no highlight here: the bar at a row's
    # left, and the ring, say which it is.
    buttons = dict.fromkeys(
        ["raised", "button_hover", "button_pressed", "selection", "selection_inactive"], button
    )
    return Tokens(
        scheme="system",
        base=base,
        disabled=disabled,
        on_accent=on_accent,
        heat=DARK.heat if window.lightness() < text.lightness() else LIGHT.heat,
        tags=(text,) * len(LIGHT.tags),  # the words tell them apart
        **inks,
        **surfaces,
        **accents,
        **buttons,
    )


_current = LIGHT


def tokens(_: object = None) -> Tokens:
    """The colours of the scheme that is on now, whichever widget asks. Cheap: may be called in
    every paint."""
    return _current


def set_tokens(value: Tokens) -> None:
    """Make `value` the current colours. Only the theme itself calls this."""
    global _current
    _current = value
