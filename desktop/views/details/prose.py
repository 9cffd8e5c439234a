"""Longer text from outside: prose that wraps, and templates in a fixed-width font. All plain."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QTextOption
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.views.theme import FontRole, bind, font, metric
from desktop.views.widgets.text import LinkButton, PlainLabel, visible

_BREAK = "\u200b"
_MOST_LINES = 9
_FRAME = 16  # edge and padding of a field, above and below together
_LONGEST = 20_000
"""Characters of a template that are laid out; the whole of it can be copied. One word of a
megabyte would keep the text layout busy for a minute."""


class ProseLabel(PlainLabel):
    """Text that wraps anywhere it has to and can still be marked and copied as it is."""

    def __init__(self, parent: QWidget | None = None, *, role: str = FontRole.BODY) -> None:
        super().__init__(parent=parent, role=role, wrap=True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setMinimumWidth(1)
        # Its own menu would copy the places at which long words may break along.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            marked = self.selectedText().replace(_BREAK, "")
            QGuiApplication.clipboard().setText(marked or self.text())
            return
        super().keyPressEvent(event)


class Fold(QWidget):
    """A line that opens and closes what is under it."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QToolButton(self)
        self.button.setObjectName(name)
        self.button.setProperty("inline", True)
        self.button.setProperty("ringRadius", 6)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.setText(title)
        self.button.clicked.connect(self._clicked)
        self._open = False
        self.body = QWidget(self)
        self.box = QVBoxLayout(self.body)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(metric(6, self.font()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(metric(4, self.font()))
        layout.addWidget(self.button)
        layout.addWidget(self.body)
        self.set_open(False)

    def set_title(self, title: str) -> None:
        """Call it something else; plain words of ours only."""
        self.button.setText(title)
        self._describe()

    def is_open(self) -> bool:
        """Whether what is under the line is shown."""
        return self._open

    def set_open(self, opened: bool) -> None:
        """Open or close it."""
        self._open = opened
        bind(self.button, "chevron-down" if opened else "chevron-right", "text2", 12)
        self.body.setVisible(opened)
        self._describe()

    def _clicked(self) -> None:
        self.set_open(not self._open)

    def _describe(self) -> None:
        state = "open" if self._open else "closed"
        self.button.setAccessibleName(f"{self.button.text()}, {state}")


class _FixedText(QPlainTextEdit):
    """Read-only, fixed width, as high as its text up to some lines."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFont(font(FontRole.FIXED, QApplication.font()))

    def fit(self) -> None:
        """Take the height that the lines need in this width."""
        lines = 0
        block = self.document().firstBlock()
        while block.isValid() and lines < _MOST_LINES:
            layout = block.layout()
            lines += max(layout.lineCount(), 1)
            block = block.next()
        spacing = QFontMetrics(self.font()).lineSpacing()
        around = 2 * round(self.document().documentMargin()) + _FRAME
        self.setFixedHeight(min(lines, _MOST_LINES) * spacing + around)
        policy = Qt.ScrollBarPolicy
        fits = lines < _MOST_LINES
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOff if fits else policy.ScrollBarAsNeeded
        )

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self.setFont(font(FontRole.FIXED, QApplication.font()))
            self.fit()


class TemplateBlock(QWidget):
    """One template with its title and a link that copies all of it."""

    def __init__(self, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.title = PlainLabel(title, role=FontRole.LABEL, tone="secondary")
        self.copy_link = LinkButton("Copy", name=f"{name}Copy")
        self.copy_link.setAccessibleName(f"Copy the {title.lower()}")
        self.copy_link.clicked.connect(self._copy)
        self.view = _FixedText(name, self)
        self.view.setAccessibleName(title)
        self.cut = PlainLabel(
            "The rest is not shown. Copy takes all of it.",
            role=FontRole.LABEL,
            tone="secondary",
            wrap=True,
        )
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.copy_link)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(metric(3, self.font()))
        box.addLayout(head)
        box.addWidget(self.view)
        box.addWidget(self.cut)

    def show_text(self, text: str | None) -> None:
        """Show a template; without one the block hides."""
        full = text or ""
        self.setVisible(bool(full))
        if full == self._text:
            return
        self._text = full
        start = full[:_LONGEST]
        pieces = (start[at : at + 4_000] for at in range(0, len(start), 4_000))
        self.view.setPlainText("".join(visible(piece, lines=True) for piece in pieces))
        self.cut.setVisible(len(full) > _LONGEST)
        self.view.fit()

    def text(self) -> str:
        """The whole template."""
        return self._text

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
