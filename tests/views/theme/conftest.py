"""The application in the light scheme at the size that the design was drawn at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from desktop.views.theme import apply_theme


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.font()
    base = qapp.font()
    base.setPixelSize(13)
    qapp.setFont(base)
    apply_theme(qapp, "light")
    yield qapp
    qapp.setFont(before)
    apply_theme(qapp, "light")
