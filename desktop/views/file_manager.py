"""Showing a folder in the file manager of the system."""

from __future__ import annotations

import logging
import os

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

log = logging.getLogger(__name__)


def folder_url(path: str) -> QUrl:
    """The file: address of a path, byte for byte.

    A name that is not UTF-8 can't go through a text of Qt; the address carries its bytes
    percent-encoded (RFC 8089).
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        from urllib.parse import quote_from_bytes

        encoded = "file://" + quote_from_bytes(os.fsencode(path), safe="/")
        return QUrl.fromEncoded(encoded.encode("ascii"), QUrl.ParsingMode.StrictMode)
    return QUrl.fromLocalFile(path)


def open_folder(path: str) -> bool:
    """Show a folder in the system's file manager.

    path: absolute, of a folder; anything else is refused, since a *file* would be opened by the
    program that its name asks for. Returns whether the system took it; False where there is no file
    manager, or the folder is gone. Never raises.
    """
    if not path or "\0" in path or not os.path.isabs(path):
        return False
    try:
        if not os.path.isdir(path):
            return False
        return QDesktopServices.openUrl(folder_url(path))
    except (OSError, ValueError, RuntimeError) as error:
        log.info("The folder was not shown: %s", error)
        return False
