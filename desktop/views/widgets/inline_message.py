"""The line under a field: what is wrong with it, or that it is right, and one link after it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from desktop.views.theme import FontRole, font, metric, pixmap, tokens
from desktop.views.widgets.text import LinkButton, announce, breakable, visible

_ICONS = {"error": "error", "warning": "warning", "note": "note", "ok": "ok"}
_GAP = 6


class InlineMessage(QWidget):
    """Icon, sentence and a link directly after its last word.

    It is one line high while it says nothing, so that the fields below stay where they are.
    `keep=False` gives that line up.
    """

    linkActivated = Signal()

    def __init__(self, parent: QWidget | None = None, *, keep: bool = True) -> None:
        super().__init__(parent)
        self.setObjectName("inlineMessage")
        self._keep = keep
        self._text = ""
        self._tone = ""
        self._layout = QTextLayout()
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._link = LinkButton(parent=self, name="inlineMessageLink")
        self._link.hide()
        self._link.clicked.connect(self._clicked)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._fonts()

    def set_message(self, text: str, tone: str = "", link: str = "") -> None:
        """Say this. tone: error, warning, note, ok or "" (a hint without icon); link: its word.

        An error or a warning that was not there before is announced.
        """
        text = visible(text)
        if (text, tone, link) == (self._text, self._tone, self._link_text()):
            return
        news = text != self._text
        self._text, self._tone = text, tone
        self._link.setText(link)
        self._link.setVisible(bool(link and text))
        self.setAccessibleName(f"{tone.capitalize()}: {text}" if tone and text else text)
        self._layout.setText(breakable(text))
        self._arrange(self.width())
        self.updateGeometry()
        self.update()
        if news and tone in ("error", "warning"):
            announce(self, text, urgent=tone == "error")

    def clear(self) -> None:
        """Say nothing; the line stays free."""
        self.set_message("")

    def text(self) -> str:
        """The sentence."""
        return self._text

    def tone(self) -> str:
        """The tone of the sentence."""
        return self._tone

    def link(self) -> LinkButton:
        """The link, hidden while there is none."""
        return self._link

    def _link_text(self) -> str:
        return self._link.text()

    def _clicked(self) -> None:
        self.linkActivated.emit()

    def _fonts(self) -> None:
        self._base = QApplication.font()
        small = font(FontRole.FINDING, self._base)
        self.setFont(small)
        self._layout.setFont(small)
        self._link.setFont(font(FontRole.LABEL, self._base))

    def _indent(self) -> int:
        return metric(14, self._base) + _GAP if self._tone in _ICONS else 0

    def _line(self) -> int:
        return max(QFontMetrics(self.font()).height(), metric(14, self._base)) + 2

    def _arrange(self, width: int) -> tuple[int, int, int]:
        """Lay the lines out for this width. Returns height in all and where the link goes."""
        line_height = self._line()
        if not self._text:
            return (line_height if self._keep else 0), 0, 0
        indent = self._indent()
        room = max(width - indent, 40)
        self._layout.beginLayout()
        y, end = 0, 0
        while True:
            line = self._layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(room)
            line.setPosition(QPointF(indent, y + (line_height - line.height()) / 2))
            end = indent + int(line.naturalTextWidth())
            y += line_height
        self._layout.endLayout()
        link_y = y - line_height
        if self._link.text():
            if end + 10 + self._link.sizeHint().width() > width:
                end, link_y = indent - 10, y
                y += line_height
        return y, end + 10, link_y

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        height = self._arrange(width)[0]
        self._arrange(self.width())
        return height

    def sizeHint(self) -> QSize:
        wide = QFontMetrics(self.font()).horizontalAdvance(self._text) + self._indent() + 4
        return QSize(min(wide, 360), self.heightForWidth(max(self.width(), 120)))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self._line() if self._keep or self._text else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        _, x, y = self._arrange(self.width())
        hint = self._link.sizeHint()
        width = min(hint.width(), max(self.width() - x, 0))
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            x = self.width() - x - width
        self._link.setGeometry(x, y + (self._line() - hint.height()) // 2, width, hint.height())

    def updateGeometry(self) -> None:
        super().updateGeometry()
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._fonts()
            self.updateGeometry()

    def paintEvent(self, _: QPaintEvent) -> None:
        if not self._text:
            return
        t = tokens()
        ink = t.color(self._tone) if self._tone in _ICONS else t.text2
        painter = QPainter(self)
        if self._tone in _ICONS:
            size = metric(14, self._base)
            glyph = pixmap(_ICONS[self._tone], ink, size, self.devicePixelRatioF())
            rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            x = self.width() - size if rtl else 0
            painter.drawPixmap(QPointF(x, (self._line() - size) / 2), glyph)
        painter.setPen(ink)
        self._layout.draw(painter, QPointF(0, 0))
        painter.end()
