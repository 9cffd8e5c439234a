"""A drop-down list whose choice ends in “…” where the box is too narrow for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

_LEAST = 8  # characters for which there is room in any case


class ElidingCombo(QComboBox):
    """Fits into any row: its width does not follow what is in it. name: of the object."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LEAST)
        self.setMaxVisibleItems(12)

    def shown_text(self) -> str:
        """What of the choice, or of the placeholder, is to be seen."""
        return self._option().currentText

    def _option(self) -> QStyleOptionComboBox:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        text = self.currentText() if self.currentIndex() >= 0 else self.placeholderText()
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        icon = 0 if option.currentIcon.isNull() else self.iconSize().width() + 4
        option.currentText = self.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, max(room.width() - icon - 2, 0)
        )
        return option

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = self._option()
        if self.currentIndex() < 0 and self.placeholderText():
            option.palette.setBrush(
                option.palette.ColorRole.ButtonText, option.palette.placeholderText()
            )
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
