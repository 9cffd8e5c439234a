"""A small word beside a title: a plain fact, or a state with its own icon and colour."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from desktop.views.theme import FontRole, font, metric, pixmap, tokens
from desktop.views.widgets.text import set_plain_tooltip, visible

_ICONS = {"ok": "ok", "warning": "warning", "note": "note", "error": "error"}
_LONGEST = 40


class Badge(QWidget):
    """One word or two in a small box. Never clickable.

    tone: plain, ok, warning, note or error. icon: the name of an icon, "" = none, None = by tone.
    """

    def __init__(
        self,
        text: str = "",
        tone: str = "plain",
        icon: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._text = ""
        self._tone = tone
        self._icon: str | None = icon
        self._fonts()
        self.set(text, tone, icon)

    def set(self, text: str, tone: str = "plain", icon: str | None = None) -> None:
        """Show another word."""
        full = visible(text)
        self._text = full if len(full) <= _LONGEST else full[: _LONGEST - 1] + "…"
        self._tone = tone
        self._icon = _ICONS.get(tone) if icon is None else icon
        self.setAccessibleName(full)
        set_plain_tooltip(self, full if full != self._text else "")
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The word."""
        return self._text

    def tone(self) -> str:
        """The tone it was set to."""
        return self._tone

    def _fonts(self) -> None:
        base = QApplication.font()
        self._base = base
        self._font = font(FontRole.BADGE, base)

    def _pad(self) -> int:
        return metric(7, self._base)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font)
        icon = metric(12, self._base) + 4 if self._icon else 0
        width = metrics.horizontalAdvance(self._text) + 2 * self._pad() + icon
        return QSize(width, max(metric(20, self._base), metrics.height() + 4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._fonts()
            self.updateGeometry()

    def _paint_icon(self, painter: QPainter, room: QRectF) -> None:
        ink, size = tokens().tone(self._tone).ink, round(room.width())
        glyph = pixmap(self._icon or "", ink, size, self.devicePixelRatioF())
        painter.drawPixmap(room.topLeft(), glyph)

    def paintEvent(self, _: QPaintEvent) -> None:
        tone = tokens().tone(self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(tone.edge, 1))
        painter.setBrush(tone.fill)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        area = self.rect().adjusted(self._pad(), 0, -self._pad(), 0)
        if self._icon:
            size = metric(12, self._base)
            rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            x = area.right() + 1 - size if rtl else area.left() - 1
            self._paint_icon(painter, QRectF(x, (self.height() - size) / 2, size, size))
            area.adjust(0 if rtl else size + 3, 0, -(size + 3) if rtl else 0, 0)
        painter.setFont(self._font)
        painter.setPen(tone.ink)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._text)
        painter.end()
