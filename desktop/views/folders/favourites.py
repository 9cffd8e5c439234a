"""Favourite folders: places of the tree that a person chose, kept in the settings."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from desktop.services.settings import Settings

KEY = "folders.favourites"
_MOST = 50


class Favourites(QObject):
    """Signals: changed(): others are favourites now."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings

    def paths(self) -> list[str]:
        """The favourites, byte for byte, the first one chosen first."""
        stored = self._settings.get(KEY, [])
        return [path for path in stored if isinstance(path, str) and os.path.isabs(path)]

    def holds(self, paths: Sequence[str]) -> bool:
        """Whether all of these are favourites."""
        return bool(paths) and set(paths) <= set(self.paths())

    def toggle(self, paths: Sequence[str]) -> None:
        """Make all of these favourites; where all of them are, none of them."""
        if not paths:
            return
        before = self.paths()
        if self.holds(paths):
            after = [path for path in before if path not in set(paths)]
        else:
            after = list(dict.fromkeys([*before, *paths]))[:_MOST]
        self._settings.set(KEY, after)
        self.changed.emit()
