"""Showing a folder in the file manager of the system."""

from __future__ import annotations

import logging
import os
import sys

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

log = logging.getLogger(__name__)


def folder_url(path: str) -> QUrl:
    """The file: address of a folder, byte for byte, with a slash at its end.

    A name that is not UTF-8 can't go through a text of Qt; the address carries its bytes
    percent-encoded (RFC 8089).
    """
    path = path.rstrip("/") + "/"
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        from urllib.parse import quote_from_bytes

        encoded = "file://" + quote_from_bytes(os.fsencode(path), safe="/")
        return QUrl.fromEncoded(encoded.encode("ascii"), QUrl.ParsingMode.StrictMode)
    return QUrl.fromLocalFile(path)


def open_folder(path: str) -> bool:
    """Show a folder in the system's file manager.

    path: absolute, of a folder. Returns whether the system took it; False where there is no file
    manager. Never raises, and never asks the disk, which could hang: an address that ends in a
    slash is no address of a file, so that no file is opened by the program that its name asks for.
    """
    if not path or "\0" in path or not os.path.isabs(path):
        return False
    if sys.platform == "darwin":
        # Shown in the folder around it: a folder can be a program there, and would be started.
        return bool(QProcess.startDetached("/usr/bin/open", ["-R", path])[0])
    try:
        return QDesktopServices.openUrl(folder_url(path))
    except (OSError, ValueError, RuntimeError) as error:
        log.info("The folder was not shown: %s", error)
        return False
