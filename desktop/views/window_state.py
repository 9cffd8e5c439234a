"""What the window remembers from one start to the next."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter

from desktop.services.settings import Settings

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow

SCHEMES = ("system", "light", "dark")
DENSITIES = ("compact", "normal", "roomy")


class WindowState:
    """rail: True or False as the person chose it, None = by the window's width. details: whether
    the details panel is wanted. scheme and density: words of SCHEMES and DENSITIES."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        rail = settings.get("window.rail")
        self.rail: bool | None = rail if isinstance(rail, bool) else None
        self.details = bool(settings.get("window.details", True))
        scheme = settings.get("window.scheme", "system")
        self.scheme = scheme if scheme in SCHEMES else "system"
        density = settings.get("window.density", "normal")
        self.density = density if density in DENSITIES else "normal"
        self._details_width = settings.get("window.details_width", 0)
        self._placed = 0

    def restore_window(self, window: MainWindow) -> None:
        """Size and place of last time; Qt moves it onto a screen that is there."""
        text = self._settings.get("window.geometry", "")
        try:
            geometry = base64.b64decode(text, validate=True)
        except (ValueError, binascii.Error):
            return
        if geometry:
            window.restoreGeometry(QByteArray(geometry))

    def restore_details(self, splitter: QSplitter, usual: int) -> None:
        """Give the details their width: the person's, else the usual one for this window."""
        if splitter.count() < 2 or self._placed == usual:
            return
        self._placed = usual
        wanted = self._details_width or usual
        whole = max(splitter.width(), wanted + 200)
        splitter.setSizes([whole - wanted, wanted])

    def save(self, window: MainWindow) -> None:
        """Put everything into the settings."""
        sizes = window.splitter.sizes()
        if len(sizes) == 2 and sizes[1] and sizes[1] != self._placed:
            self._details_width = sizes[1]
        geometry = base64.b64encode(window.saveGeometry().data()).decode("ascii")
        for name, value in (
            ("geometry", geometry),
            ("rail", self.rail),
            ("details", self.details),
            ("details_width", self._details_width or None),
            ("scheme", self.scheme),
            ("density", self.density),
        ):
            self._settings.set(f"window.{name}", value)
