"""A model card, shown without trusting it.

No HTML, no image (neither from the network nor from the disk: Qt would read local ones by itself),
no link that opens before its whole address was seen.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QUrl, Signal
from PySide6.QtGui import (
    QCursor,
    QGuiApplication,
    QImage,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QMenu, QTextBrowser, QWidget

from desktop.services.peft_folder.card import MAX_BYTES, make_card
from desktop.views.theme import notifier, tokens
from desktop.views.widgets.text import no_mnemonic, visible

_SCHEMES = ("http", "https")
_MOST_DRESSED = 1_500  # paragraphs; what is below keeps Qt's own look
_LARGE_HEADINGS = 2  # levels that are larger than the text; the others are bold only
_LONGEST_ADDRESS = 120  # characters in one line of the menu


class CardView(QTextBrowser):
    """Markdown from outside, read-only. `linkRequested` comes after the person saw the address and
    chose to open it; only http and https get that far."""

    linkRequested = Signal(QUrl)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modelCard")
        self.setAccessibleName("Model card")
        self.setProperty("card", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(0)
        self._markdown = ""
        self._address = QUrl()
        self._menu: QMenu | None = None
        self.anchorClicked.connect(self._ask)
        notifier().changed.connect(self._render)

    def set_card(self, text: str) -> None:
        """Show a card given as the whole text of its file, front matter and all."""
        card = make_card(text[: MAX_BYTES + 1].encode("utf-8", "replace"))
        self.set_markdown(card.markdown)

    def set_markdown(self, markdown: str) -> None:
        """Show Markdown that was made harmless to lay out already (`read_card`, `make_card`)."""
        if markdown != self._markdown:
            self._markdown = markdown
            self._render()

    def markdown(self) -> str:
        """What is shown, as Markdown."""
        return self._markdown

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Nothing is ever loaded. An image and not None: with None Qt reads the file itself."""
        return QImage()

    def setSource(self, *_: object) -> None:
        """Never leaves the card."""

    def doSetSource(self, *_: object) -> None:
        """Never leaves the card."""

    def _render(self) -> None:
        place = self.verticalScrollBar().value()
        feature = QTextDocument.MarkdownFeature
        self.document().setMarkdown(
            self._markdown, feature.MarkdownDialectGitHub | feature.MarkdownNoHTML
        )
        self._dress()
        self.verticalScrollBar().setValue(place)

    def _dress(self) -> None:
        """Headings in the sizes of the program, and air between paragraphs."""
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        block = self.document().begin()
        was_code = False
        for _ in range(_MOST_DRESSED):
            if not block.isValid():
                break
            shape = block.blockFormat()
            level = shape.headingLevel()
            cursor.setPosition(block.position())
            if level:
                look = QTextCharFormat()
                look.setProperty(
                    QTextFormat.Property.FontSizeAdjustment, 1 if level <= _LARGE_HEADINGS else 0
                )
                cursor.movePosition(
                    QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor
                )
                cursor.mergeCharFormat(look)
                cursor.setPosition(block.position())
            code = _is_code(shape)
            if cursor.currentTable() is None and block.textList() is None:
                joined = block.position() == 0 or (code and was_code)
                shape.setTopMargin(0.0 if joined else 12.0 if level else 6.0)
                shape.setBottomMargin(0.0)
                if code:
                    shape.setBackground(tokens().sunken)
                cursor.setBlockFormat(shape)
            was_code = code
            block = block.next()
        cursor.endEditBlock()

    def _ask(self, address: QUrl) -> None:
        if address.scheme().lower() not in _SCHEMES or not address.host():
            return
        self._address = address
        menu = QMenu(self)
        menu.setObjectName("cardLinkMenu")
        full = visible(address.toString(QUrl.ComponentFormattingOption.FullyEncoded))
        for start in range(0, min(len(full), 8 * _LONGEST_ADDRESS), _LONGEST_ADDRESS):
            shown = menu.addAction(no_mnemonic(full[start : start + _LONGEST_ADDRESS]))
            shown.setEnabled(False)
            shown.setObjectName("cardLinkAddress")
        menu.addSeparator()
        opening = menu.addAction("&Open in the browser")
        opening.setObjectName("openCardLinkAction")
        opening.triggered.connect(self._open)
        copying = menu.addAction("&Copy the address")
        copying.setObjectName("copyCardLinkAction")
        copying.triggered.connect(self._copy)
        if self._menu is not None:
            self._menu.deleteLater()
        self._menu = menu
        menu.popup(self._near_link())

    def _near_link(self) -> QPoint:
        area = self.viewport().rect()
        pointer = self.viewport().mapFromGlobal(QCursor.pos())
        inside = pointer if area.contains(pointer) else self.cursorRect().bottomLeft()
        return self.viewport().mapToGlobal(inside)

    def _open(self) -> None:
        self.linkRequested.emit(self._address)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(
            self._address.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        )


def _is_code(shape: QTextBlockFormat) -> bool:
    name = QTextFormat.Property
    return shape.hasProperty(name.BlockCodeLanguage) or shape.hasProperty(name.BlockCodeFence)
