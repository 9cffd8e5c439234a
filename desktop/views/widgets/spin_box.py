"""Number fields whose figure keeps the same distance from the edge as in every other field."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

_PAD = 10


def _pad(box: QAbstractSpinBox) -> None:
    # A style sheet's padding at the left of a spin box is not heeded by Qt 6.
    box.lineEdit().setTextMargins(_PAD, 0, 0, 0)


class SpinBox(QSpinBox):
    """A field for a whole number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _pad(self)


class DoubleSpinBox(QDoubleSpinBox):
    """A field for a number with decimals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _pad(self)
