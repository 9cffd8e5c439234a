"""The real window over a real library in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.bootstrap import Services, build_window, open_services
from desktop.services.records import AdapterRecord, AddAdapterRequest, AddBaseModelRequest
from desktop.views.main_window import MainWindow
from tests.support import LLAMA, make_adapter


@pytest.fixture
def library_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services over an empty library."""
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    services = open_services(tmp_path / "library" / "catalog.db")
    yield services
    services.close()


@pytest.fixture
def filled(library_services: Services, tmp_path: Path) -> list[AdapterRecord]:
    """Three adapters of one base model: alpha, beta (with a rank that does not match), gamma."""
    s = library_services
    base = s.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
    )
    made = []
    for name, rank, said in (("alpha", 8, 8), ("beta", 8, 4), ("gamma", 16, 16)):
        folder = make_adapter(tmp_path / "runs" / name, rank=rank, config_rank=said)
        request = AddAdapterRequest(
            type="project", name=name, model_id=base.id, location=str(folder)
        )
        made.append(s.adapters.add_adapter(request))
    return made


@pytest.fixture
def open_window(
    qapp: QApplication, qtbot: QtBot, library_services: Services
) -> Iterator[Callable[[], MainWindow]]:
    """Opens windows over the library, settled, one after another like restarts."""
    opened: list[MainWindow] = []

    def start() -> MainWindow:
        window = build_window(library_services)
        opened.append(window)
        window.show()
        qtbot.waitUntil(window.is_settled, timeout=10_000)
        return window

    yield start
    for window in opened:
        window.close()
        window.deleteLater()
    qapp.sendPostedEvents(None, 52)  # DeferredDelete
