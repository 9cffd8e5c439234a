"""The shape that all chips share, and the chip that is on or off."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from desktop.views.theme import FontRole, font, metric, pixmap, row_height, tokens
from desktop.views.widgets.text import no_mnemonic, visible


class Chip(QAbstractButton):
    """A pill with a word and an icon before or after it. Set, it is tinted with an accent edge."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self._set = False
        self.icon_before = ""
        self.icon_after = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setProperty("ringRadius", 16)
        self._fonts()
        self.show_words(text, False)

    def show_words(self, text: str, is_set: bool) -> None:
        """Show these words, plain or as set."""
        self._words = visible(text)
        self._set = is_set
        self.setText(no_mnemonic(self._words))
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """The words that are shown."""
        return self._words

    def is_set(self) -> bool:
        """Whether it is shown as set."""
        return self._set

    def cross_area(self) -> QRectF:
        """Where the icon after the words can be hit: at least 24 wide."""
        width = max(24, self._glyph() + self._pad() + 4)
        left = (
            0 if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else self.width() - width
        )
        return QRectF(left, 0, width, self.height())

    def _fonts(self) -> None:
        self._base = QApplication.font()
        self._font = font(FontRole.LABEL, self._base)
        self._font_set = font(FontRole.HEADER, self._base)

    def _pad(self) -> int:
        return metric(13, self._base)

    def _glyph(self) -> int:
        return metric(12, self._base)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font_set)
        icons = sum(1 for name in (self.icon_before, self.icon_after) if name)
        width = metrics.horizontalAdvance(self._words) + 2 * self._pad()
        return QSize(width + icons * (self._glyph() + 3), row_height(28, self._base))

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
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, ink = (t.tint, t.text) if self._set else (t.raised, t.text)
        if not self.isEnabled():
            fill, ink = t.window, t.disabled
        elif self.isDown():
            fill = t.button_pressed
        elif self.underMouse():
            fill = t.button_hover
        painter.setPen(QPen(t.accent if self._set and self.isEnabled() else t.border, 1))
        painter.setBrush(fill)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        glyph, pad = self._glyph(), self._pad()
        text = QRectF(pad, 0, self.width() - 2 * pad, self.height())
        for name, at_left in ((self.icon_before, not rtl), (self.icon_after, rtl)):
            if not name:
                continue
            x = text.left() - 2 if at_left else text.right() - glyph + 2
            picture = pixmap(name, ink, glyph, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(round(x), (self.height() - glyph) / 2), picture)
            text.adjust(glyph + 3 if at_left else 0, 0, 0 if at_left else -(glyph + 3), 0)
        painter.setFont(self._font_set if self._set else self._font)
        painter.setPen(ink)
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, self._words)
        painter.end()


class ToggleChip(Chip):
    """A chip that is on (tick, tint) or off. `toggled(bool)` is Qt's own signal."""

    def __init__(
        self, title: str, count: str = "", parent: QWidget | None = None, *, on: bool = False
    ) -> None:
        super().__init__(title, parent)
        self.setObjectName("toggleChip")
        self._title, self._count = title, count
        self.setCheckable(True)
        self.toggled.connect(self._renew)
        self.setChecked(on)
        self._renew()

    def set_count(self, count: str) -> None:
        """Show another count after the title; the state stays."""
        self._count = count
        self._renew()

    def _renew(self, _: bool = False) -> None:
        on = self.isChecked()
        self.icon_before = "check" if on else ""
        self.show_words(f"{self._title} {self._count}".strip(), on)
        self.setAccessibleName(self.words())
