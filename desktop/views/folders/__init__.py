"""The file system as a place of the window: where adapters lie, and how they get in."""

from desktop.views.folders.page import FoldersPage

__all__ = ["FoldersPage"]
