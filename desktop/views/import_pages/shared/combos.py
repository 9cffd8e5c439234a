"""Boxes to choose a prompt or a training job from, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox

from desktop.services.peft_folder import printable


def record_combo(name: str) -> QComboBox:
    """A box for records, as narrow as need be."""
    combo = QComboBox()
    combo.setObjectName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    combo.setMaxVisibleItems(12)
    return combo


def fill_combo(combo: QComboBox, records: Sequence[Any], wanted: str | None) -> None:
    """Offer these records and "None"; the one of the id `wanted` is chosen, and nothing said."""
    with QSignalBlocker(combo):
        combo.clear()
        combo.addItem("None", None)
        for record in records:
            combo.addItem(printable(record.title, 255), record.id)
        combo.setCurrentIndex(max(combo.findData(wanted), 0) if wanted else 0)
