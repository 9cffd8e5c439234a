"""Which scheme is on, and how a program changes into it while it runs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette, QScreen, QStyleHints
from PySide6.QtWidgets import QApplication, QStyleFactory, QToolTip

from desktop.views.theme.focus_ring import FocusRing
from desktop.views.theme.palette import build_palette
from desktop.views.theme.style import build_style_sheet
from desktop.views.theme.tokens import DARK, LIGHT, from_palette, set_tokens, tokens

SCHEMES = ("system", "light", "dark")


class ThemeNotifier(QObject):
    """Says that colours, or the ratios of the screens, are others now."""

    changed = Signal()


class _Holder:
    notifier: ThemeNotifier | None = None


def notifier() -> ThemeNotifier:
    """The one notifier. It may be asked for before the theme is applied."""
    if _Holder.notifier is None:
        _Holder.notifier = ThemeNotifier()
    return _Holder.notifier


def _high_contrast(hints: QStyleHints) -> bool:
    if not hasattr(hints, "accessibility"):  # Qt 6.10
        return False
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


class _Theme(QObject):
    """Holds the wish (system, light, dark) and follows the system; a child of the application."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName("theme")
        self._app = app
        self._scheme = "system"
        self._busy = False
        self._ring = FocusRing(app)
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        if hasattr(hints, "accessibility"):  # Qt 6.10
            hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)
        app.screenAdded.connect(self._screen_added)
        app.fontChanged.connect(self._font_changed)
        for screen in QGuiApplication.screens():
            screen.physicalDotsPerInchChanged.connect(self._ratio_changed)

    def wish(self, scheme: str) -> None:
        self._scheme = scheme
        self._apply(force=True)

    def _system_changed(self, _: object = None) -> None:
        self._apply(force=False)

    def _screen_added(self, screen: QScreen) -> None:
        screen.physicalDotsPerInchChanged.connect(self._ratio_changed)
        notifier().changed.emit()

    def _ratio_changed(self, _: object = None) -> None:
        notifier().changed.emit()

    def _font_changed(self, _: object = None) -> None:
        if not self._busy and tokens().scheme != "system":
            self._app.setStyleSheet(build_style_sheet(tokens(), self._app.font()))

    def _apply(self, force: bool) -> None:
        if self._busy:  # setColorScheme below tells us of our own change
            return
        self._busy = True
        try:
            hints = self._app.styleHints()
            wanted = {
                "light": Qt.ColorScheme.Light,
                "dark": Qt.ColorScheme.Dark,
            }.get(self._scheme, Qt.ColorScheme.Unknown)
            if force:
                # System dialogs and title bars follow this, too.
                if wanted == Qt.ColorScheme.Unknown:
                    hints.unsetColorScheme()
                else:
                    hints.setColorScheme(wanted)
            if _high_contrast(hints):
                self._app.setStyleSheet("")
                self._app.setPalette(QPalette())
                set_tokens(from_palette(self._app.palette()))
            else:
                scheme = hints.colorScheme() if wanted == Qt.ColorScheme.Unknown else wanted
                t = DARK if scheme == Qt.ColorScheme.Dark else LIGHT
                if t is tokens() and not force:
                    return
                set_tokens(t)
                palette = build_palette(t)
                self._app.setPalette(palette)
                QToolTip.setPalette(palette)
                self._app.setStyleSheet(build_style_sheet(t, self._app.font()))
        finally:
            self._busy = False
        notifier().changed.emit()


def apply_theme(app: QApplication, scheme: str = "system") -> ThemeNotifier:
    """Dress the application: Fusion, the palette, one style sheet; may be called again to change.

    scheme: "system" follows the desktop while it runs, "light" and "dark" stay. When the system
    asks for high contrast, its own palette is kept and no style sheet is set.

    Raises:
        ValueError: the scheme is none of the three.
    """
    if scheme not in SCHEMES:
        raise ValueError(f"unknown scheme {scheme!r}")
    theme = app.findChild(_Theme, "theme")
    if theme is None:
        app.setStyle(QStyleFactory.create("Fusion"))
        theme = _Theme(app)
    theme.wish(scheme)
    return notifier()


def is_palette_event(event: QEvent) -> bool:
    """Whether a `changeEvent` means that colours are to be read again."""
    return event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)
