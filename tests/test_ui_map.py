"""docs/ui-map.md and the running window say the same: names, and the keys that lead to them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.bootstrap import build_window, open_services
from desktop.services.sample import create_sample_library
from tools.ui_map import Entry, Walk, document, read_document

# Off screen, menus can't be raised and don't grab the keyboard.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

HOW = "`python -m tools.ui_map --write` brings docs/ui-map.md up to date"
PINNED = {
    "Menus": {"importFolderAction", "removeAction", "undoAction"},
    "The adapters": {"adaptersTable", "adapterFilter"},
    "Import dialog": {
        "nameEdit",
        "locationEdit",
        "baseModelCombo",
        "importButton",
        "cancelButton",
    },
}
"""Names that other programs find their way by."""


@pytest.fixture(scope="module")
def running(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """What a walk through the window over the sample library finds."""
    folder = tmp_path_factory.mktemp("map")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LORARIUM_CONFIG", str(folder / "config"))
        with open_services(folder / "catalog.db") as services:
            outside = create_sample_library(services, folder)
            window = build_window(services)

            def wait(until: Callable[[], Any]) -> None:
                # qtbot is for one test; the walk is for all of this file.
                limit = time.monotonic() + 60
                while not until():
                    assert time.monotonic() < limit, "The window did not get there."
                    QTest.qWait(5)

            window.show()
            try:
                wait(window.is_settled)
                found = Walk(window, outside, wait).go()
            finally:
                window.close()
                window.deleteLater()
                qapp.sendPostedEvents(None, 52)  # DeferredDelete
    return found


def keys(entries: list[Entry]) -> dict[tuple[str, str], str]:
    return {(entry.part, entry.name): entry.shortcut for entry in entries}


def test_everything_that_is_used_has_a_name(running: list[Entry]) -> None:
    nameless = [f"{entry.part}: {entry.purpose}" for entry in running if not entry.name]
    assert not nameless, "\n".join(nameless)


def test_the_document_names_what_is_in_the_window_and_nothing_else(running: list[Entry]) -> None:
    written, there = set(keys(read_document())), set(keys(running))
    assert not there - written, f"Not in the document: {sorted(there - written)}. {HOW}."
    assert not written - there, f"Not in the window: {sorted(written - there)}. {HOW}."


def test_the_document_has_the_keys_of_the_window(running: list[Entry]) -> None:
    written, there = keys(read_document()), keys(running)
    if sys.platform == "darwin":
        # Standard keys differ there: only whether there is one can be compared.
        written = {name: bool(key) for name, key in written.items()}  # type: ignore[misc]
        there = {name: bool(key) for name, key in there.items()}  # type: ignore[misc]
    other = {name: (key, written.get(name)) for name, key in there.items()}
    other = {name: pair for name, pair in other.items() if pair[0] != pair[1]}
    assert not other, f"{other}. {HOW}."


def test_every_line_says_what_it_is_for() -> None:
    assert not [entry.name for entry in read_document() if not entry.purpose]


def test_pinned_names_are_where_others_look_for_them(running: list[Entry]) -> None:
    for part, names in PINNED.items():
        assert names <= {entry.name for entry in running if entry.part == part}


def test_writing_keeps_the_purposes_that_are_there(tmp_path: Path) -> None:
    found = [Entry("Menus", "aAction", "A", "Ctrl+A"), Entry("Menus", "bAction", "B", "")]
    path = tmp_path / "map.md"
    path.write_text(document(found, [Entry("Menus", "aAction", "What A does", "Ctrl+X")]))
    assert read_document(path) == [
        Entry("Menus", "aAction", "What A does", "Ctrl+A"),
        Entry("Menus", "bAction", "B", ""),
    ]
