"""Scanning disks: which folders, what is in them, and the import of what was chosen."""

from desktop.views.scan.page import ScanPage

__all__ = ["ScanPage"]
