"""Two to four equal choices of one thing, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QWidget,
)

from desktop.views.theme import FontRole, font, metric, pixmap, row_height, tokens
from desktop.views.widgets.text import no_mnemonic

_TRACK = 3


class _Segment(QAbstractButton):
    def __init__(self, key: str, title: str, icon: str) -> None:
        super().__init__()
        self.key = key
        self._title, self._icon = title, icon
        self.setCheckable(True)
        self.setText(no_mnemonic(title))
        self.setAccessibleName(title)
        self.setObjectName(f"segment_{key}")
        self.setProperty("ringRadius", 6)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._fonts()

    def _fonts(self) -> None:
        self._base = QApplication.font()
        self._strong = font(FontRole.STRONG, self._base)

    def sizeHint(self) -> QSize:
        # As wide as the semibold form, so that choosing moves nothing.
        width = QFontMetrics(self._strong).horizontalAdvance(self._title)
        icon = metric(16, self._base) + 6 if self._icon else 0
        return QSize(width + icon + metric(24, self._base), row_height(30, self._base))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._fonts()
            self.updateGeometry()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        t = tokens()
        on = self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if on:
            painter.setPen(QPen(t.control if t.scheme == "system" else t.border, 1))
            painter.setBrush(t.raised)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        elif self.underMouse() and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.button_hover)
            painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
        ink = t.disabled if not self.isEnabled() else t.text if on else t.text2
        strong = self._strong if on else self._base
        text = QFontMetrics(strong).horizontalAdvance(self._title)
        size = metric(16, self._base)
        icon = size + 6 if self._icon else 0
        x = (self.width() - text - icon) / 2
        area = QRectF(x + icon, 0, text + 2, self.height())
        glyph_x = x
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            area.moveLeft(x)
            glyph_x = x + text + 6
        if self._icon:
            glyph = pixmap(self._icon, ink, size, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(round(glyph_x), (self.height() - size) / 2), glyph)
        painter.setFont(strong)
        painter.setPen(ink)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.end()


class SegmentedSwitch(QWidget):
    """Choices in one track. Tab goes to the chosen one, arrow keys move the choice.

    choices: (key, title, icon name or ""). `changed` says the key that was chosen by the person.
    """

    changed = Signal(str)

    def __init__(
        self, choices: Sequence[tuple[str, str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("segmentedSwitch")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(_TRACK, _TRACK, _TRACK, _TRACK)
        row.setSpacing(2)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)  # brings the arrow keys and the single tab stop
        self._segments: dict[str, _Segment] = {}
        for key, title, icon in choices:
            segment = _Segment(key, title, icon)
            self._segments[key] = segment
            self._group.addButton(segment)
            row.addWidget(segment, 1)
        if self._segments:
            next(iter(self._segments.values())).setChecked(True)
        self._last = self.current()
        self._group.buttonToggled.connect(self._toggled)

    def current(self) -> str:
        """The key of the chosen one, "" if there is none."""
        for key, segment in self._segments.items():
            if segment.isChecked():
                return key
        return ""

    def set_current(self, key: str) -> None:
        """Choose from the program; says nothing. An unknown key changes nothing."""
        if key in self._segments:
            self._last = key
            self._segments[key].setChecked(True)

    def segment(self, key: str) -> QAbstractButton:
        """The button of this choice.

        Raises:
            KeyError: there is no such choice.
        """
        return self._segments[key]

    def _toggled(self, button: QAbstractButton, on: bool) -> None:
        if on and isinstance(button, _Segment) and button.key != self._last:
            self._last = button.key
            self.changed.emit(button.key)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens().sunken)
        painter.drawRoundedRect(QRectF(self.rect()), 7, 7)
        painter.end()
