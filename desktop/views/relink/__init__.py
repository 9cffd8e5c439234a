"""Folders that moved, found again: the dialog with its preview, and what the window does of it."""
