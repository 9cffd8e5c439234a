"""Words on screen, always as plain text.

QLabel and QToolTip guess whether a text is rich, and rich text loads local images. What comes from
a folder, a hub or a shared database therefore reaches the screen through this module alone.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton, QSizePolicy, QWidget

from desktop.views.theme import FontRole, font

_LONGEST = 4_000  # characters of one text; far more than any screen shows
_LONGEST_TOOLTIP = 1_000
# Controls, zero-width and direction marks, line separators, halves of a pair: what could hide or
# turn around a part of a name. Line ends are left to the caller.
_HIDDEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)
_LONG_WORD = re.compile(r"\S{17,}")
_BREAK = "\u200b"

ELIDE = {"middle": Qt.TextElideMode.ElideMiddle, "end": Qt.TextElideMode.ElideRight}


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code == 0x09:
        return " "
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(text: str, lines: bool = False) -> str:
    """The text with everything invisible in it written out, at most 4,000 characters.

    lines: whether line ends stay; else each becomes a space.
    """
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    if not lines:
        shown = shown.replace("\r\n", " ").replace("\n", " ")
    return _HIDDEN.sub(_escape, shown.replace("\r\n", "\n"))


def breakable(text: str) -> str:
    """The text with places in its long words (paths, module names) at which a line may end."""

    def broken(match: re.Match[str]) -> str:
        word = re.sub(r"([/\\._\-:])", rf"\1{_BREAK}", match.group())
        return re.sub(r"([^\u200b]{10})(?=[^\u200b])", rf"\1{_BREAK}", word)

    return _LONG_WORD.sub(broken, text)


def no_mnemonic(text: str) -> str:
    """The text for a button, a menu or a chip, where a lone & would mark a letter."""
    return text.replace("&", "&&")


def set_plain_tooltip(widget: QWidget, text: str) -> None:
    """Show `text` as the tooltip, character for character, whatever it holds."""
    shown = visible(text[:_LONGEST_TOOLTIP], lines=True)
    widget.setToolTip(plain_tooltip(shown))


def plain_tooltip(text: str) -> str:
    """What to hand to Qt (a widget, or ToolTipRole) so that it shows just `text`.

    Only what could be taken for markup is escaped; everything else stays as it is.
    """
    if "<" not in text and "&" not in text:
        return text
    # As html.escape does; that module brings all named characters of HTML along.
    for sign, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "#x27")):
        text = text.replace(sign, f"&{name};")
    return f"<p style='white-space:pre-wrap'>{text}</p>"


def announce(widget: QWidget, text: str, urgent: bool = False) -> None:
    """Have a screen reader say `text` once."""
    if not text or not QAccessible.isActive():
        return
    event = QAccessibleAnnouncementEvent(widget, text)
    if urgent:
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    QAccessible.updateAccessibility(event)


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property that the style sheet asks for, and apply its rules."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


class PlainLabel(QLabel):
    """A label that never guesses rich text.

    role: a FontRole; tone: "", secondary, accent, error, warning, note, ok; elide: "", "middle" or
    "end", the full text is then the tooltip, only while something is left out; wrap: over several
    lines; copyable: the text can be marked and copied, in full even while it is elided.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        role: str = FontRole.BODY,
        tone: str = "",
        elide: str = "",
        wrap: bool = False,
        copyable: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._role = role
        self._full = ""
        self._elide = ELIDE.get(elide)
        self._copyable = copyable
        # A name in Hebrew stands where names stand; Qt would move it to the other side.
        rtl = QApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft
        self.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
        if role != FontRole.BODY:
            self.setFont(font(role, QApplication.font()))
        if tone:
            self.setProperty("tone", tone)
        if wrap:
            self.setWordWrap(True)
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        if copyable:
            if self._elide is None:
                self.setTextInteractionFlags(
                    Qt.TextInteractionFlag.TextSelectableByMouse
                    | Qt.TextInteractionFlag.TextSelectableByKeyboard
                )
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setText(text)

    def text(self) -> str:
        """The full text, also while a part of it is left out."""
        return self._full

    def setText(self, text: str) -> None:
        """Show this text instead."""
        self._full = visible(text, lines=self.wordWrap())
        if self._elide is not None or self._copyable:
            self.setAccessibleName(self._full)
        self._fit()
        self.updateGeometry()

    def set_tone(self, tone: str) -> None:
        """Colour the text by another tone."""
        restyle(self, "tone", tone)

    def is_elided(self) -> bool:
        """Whether a part of the text is left out."""
        return self._elide is not None and super().text() != self._full

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._elide is None:
            return hint
        margins = self.contentsMargins()
        width = QFontMetrics(self.font()).horizontalAdvance(self._full) + 2
        return QSize(width + margins.left() + margins.right(), hint.height())

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        if self._elide is None:
            return hint
        least = QFontMetrics(self.font()).horizontalAdvance("nnn…")
        return QSize(min(least, self.sizeHint().width()), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._elide is not None:
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange and self._role != FontRole.BODY:
            self.setFont(font(self._role, QApplication.font()))
        elif event.type() == QEvent.Type.FontChange and self._elide is not None:
            self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._copies_itself() and event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self._copies_itself():
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setObjectName("copyMenu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        action = menu.addAction("&Copy")
        action.setObjectName("copyTextAction")
        action.triggered.connect(self.copy)
        menu.popup(event.globalPos())

    def copy(self) -> None:
        """Put what is marked on the clipboard, else the full text."""
        marked = self.selectedText().replace(_BREAK, "")
        QGuiApplication.clipboard().setText(marked or self._full)

    def _copies_itself(self) -> bool:
        """Whether what Qt would copy is not the text: it is elided, or has places to break."""
        return self._copyable and (self._elide is not None or _BREAK in super().text())

    def _fit(self) -> None:
        if self._elide is None:
            # A long word must not make its panel wider than the window.
            super().setText(breakable(self._full) if self.wordWrap() else self._full)
            return
        room = self.contentsRect().width()
        shown = QFontMetrics(self.font()).elidedText(self._full, self._elide, max(room, 0))
        if shown != super().text():
            super().setText(shown)
        set_plain_tooltip(self, self._full if shown != self._full else "")


class LinkButton(QPushButton):
    """A link inside the program: a button that looks like one. Elides when there is no room."""

    def __init__(
        self, text: str = "", parent: QWidget | None = None, *, name: str = "linkButton"
    ) -> None:
        super().__init__(parent)
        self._full = ""
        self.setObjectName(name)
        self.setProperty("link", True)
        self.setProperty("ringRadius", 5)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def text(self) -> str:
        """The full text."""
        return self._full

    def setText(self, text: str) -> None:
        """Show this text instead; an & is just an &."""
        self._full = visible(text)
        self.setAccessibleName(self._full)
        self._fit()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._full) + 3, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        least = QFontMetrics(self.font()).horizontalAdvance("nnnnnn…")
        hint = self.sizeHint()
        return QSize(min(least, hint.width()), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics = QFontMetrics(self.font())
        shown = self._full
        if self.width() and metrics.horizontalAdvance(shown) > self.width():
            shown = metrics.elidedText(shown, Qt.TextElideMode.ElideMiddle, self.width())
        super().setText(no_mnemonic(shown))
        set_plain_tooltip(self, self._full if shown != self._full and self.isVisible() else "")
