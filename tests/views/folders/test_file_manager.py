"""Showing a folder in the system's file manager."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl

from desktop.views import file_manager
from desktop.views.file_manager import folder_url, open_folder


class Desktop:
    """Stands for the system: takes every address, or none."""

    def __init__(self, takes: bool = True) -> None:
        self.takes = takes
        self.urls: list[QUrl] = []

    def openUrl(self, url: QUrl) -> bool:
        self.urls.append(url)
        return self.takes


def test_a_folder_is_handed_over_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = Desktop()
    monkeypatch.setattr(file_manager.sys, "platform", "linux")
    monkeypatch.setattr(file_manager, "QDesktopServices", desktop)
    odd = tmp_path / "a b#c?d%20ü"
    assert open_folder(str(odd))
    (url,) = desktop.urls
    assert url.isLocalFile()
    # The slash keeps a file from being opened by the program that its name asks for.
    assert url.toLocalFile() == f"{odd}/"
    assert open_folder("/")
    assert desktop.urls[-1].toLocalFile() == "/"


def test_names_that_are_not_utf8_keep_their_bytes() -> None:
    url = folder_url(os.fsdecode(b"/data/caf\xe9 1"))
    assert bytes(url.toEncoded().data()) == b"file:///data/caf%E9%201/"


@pytest.mark.parametrize("path", ["", "relative", "/a\0b", "./x"])
def test_what_is_no_whole_path_is_refused(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_manager, "QDesktopServices", Desktop())
    assert not open_folder(path)


def test_without_a_file_manager_the_answer_is_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_manager.sys, "platform", "linux")
    monkeypatch.setattr(file_manager, "QDesktopServices", Desktop(takes=False))
    assert not open_folder("/data")

    class Broken:
        def openUrl(self, _: QUrl) -> bool:
            raise RuntimeError("no platform")

    monkeypatch.setattr(file_manager, "QDesktopServices", Broken())
    assert not open_folder("/data")


def test_on_a_mac_a_folder_is_shown_and_never_started(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []

    class Process:
        @staticmethod
        def startDetached(program: str, arguments: list[str]) -> tuple[bool, int]:
            started.append((program, arguments))
            return True, 7

    monkeypatch.setattr(file_manager.sys, "platform", "darwin")
    monkeypatch.setattr(file_manager, "QProcess", Process)
    assert open_folder("/Users/me/Evil.app")
    assert started == [("/usr/bin/open", ["-R", "/Users/me/Evil.app"])]
