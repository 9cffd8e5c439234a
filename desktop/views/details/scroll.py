"""The scrolling part of a narrow panel."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QScrollBar, QVBoxLayout, QWidget

from desktop.views.theme import metric


class _Column(QWidget):
    """The content: as wide as the panel, as high as its parts are at that width.

    What a layout calls the least height of wrapped text is that of a column one word wide; taken
    for the content, it would leave a page of nothing below the last line.
    """

    def minimumSizeHint(self) -> QSize:
        return QSize(1, 1)


class PanelScroll(QScrollArea):
    """A column that scrolls up and down, never sideways, and is as wide with its scroll bar as
    without: the bar takes the place of the margin. `column` is where the content goes."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._side = metric(16, self.font())
        self.content = _Column()
        self.content.setObjectName(f"{name}Content")
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(self._side, metric(12, self.font()), self._side, self._side)
        self.column.setSpacing(metric(8, self.font()))
        self.setWidget(self.content)
        self.verticalScrollBar().rangeChanged.connect(self._fit)

    def _fit(self, _least: int = 0, most: int = 0) -> None:
        bar: QScrollBar = self.verticalScrollBar()
        right = max(self._side - bar.sizeHint().width(), 0) if most > 0 else self._side
        margins = self.column.contentsMargins()
        if margins.right() != right:
            margins.setRight(right)
            self.column.setContentsMargins(margins)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit(0, self.verticalScrollBar().maximum())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Arrows belong to what has the focus; the pages scroll from anywhere in the column.
        if event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.turn_page(event.key() == Qt.Key.Key_PageDown)
        else:
            super().keyPressEvent(event)

    def turn_page(self, down: bool) -> None:
        """Scroll by what is visible."""
        step = QScrollBar.SliderAction
        self.verticalScrollBar().triggerAction(
            step.SliderPageStepAdd if down else step.SliderPageStepSub
        )
