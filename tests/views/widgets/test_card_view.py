"""A model card loads nothing, runs nothing, opens nothing by itself, and does not stall."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desktop.views.theme import apply_theme, tokens
from desktop.views.widgets.card_view import CardView

# Said by the offscreen platform whenever a popup opens; means nothing.
pytestmark = pytest.mark.qt_log_ignore(
    r"This plugin does not support (raise\(\)|grabbing the keyboard)", extend=True
)


@pytest.fixture
def card(themed: QApplication, qtbot: QtBot) -> CardView:
    view = CardView()
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show()
    return view


def test_markdown_is_laid_out_and_html_is_text(card: CardView) -> None:
    card.set_card("---\nlicense: x\n---\n# Title\n\nSome **bold** <b>html</b> <script>x</script>\n")
    text = card.toPlainText()
    assert "license" not in text
    assert "Title" in text
    assert "<b>html</b>" in text
    assert "<script>" in text


def test_no_local_picture_is_read(card: CardView, tmp_path: Path) -> None:
    picture = QImage(60, 60, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff00ff"))
    file = tmp_path / "secret.png"
    assert picture.save(str(file))
    card.set_card(f"![a]({file.as_uri()})\n\n![b]({file})\n\n![c](secret.png)\n")
    shown = card.grab().toImage()
    colours = {
        shown.pixelColor(x, y).name() for x in range(shown.width()) for y in range(shown.height())
    }
    assert "#ff00ff" not in colours
    kind = QTextDocument.ResourceType.ImageResource.value
    assert isinstance(card.loadResource(kind, QUrl(file.as_uri())), QImage)


def test_a_link_shows_its_address_before_anything_opens(card: CardView, qtbot: QtBot) -> None:
    asked: list[QUrl] = []
    card.linkRequested.connect(asked.append)
    card.anchorClicked.emit(QUrl("https://example.org/a?b=c&d=<x>"))
    menu = card.findChild(QMenu, "cardLinkMenu")
    assert menu is not None
    assert menu.isVisible()
    address, opening, copying = [a for a in menu.actions() if not a.isSeparator()]
    assert address.text() == "https://example.org/a?b=c&&d=%3Cx%3E"
    assert not address.isEnabled()
    assert asked == []
    opening.trigger()
    assert [url.host() for url in asked] == ["example.org"]
    copying.trigger()
    assert QApplication.clipboard().text() == "https://example.org/a?b=c&d=%3Cx%3E"
    menu.close()


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "smb://host/share",
        "README.md",
        "#part",
        "https:",
        "data:text/html,x",
    ],
)
def test_every_other_address_does_nothing(card: CardView, address: str) -> None:
    card.set_card("text that stays")
    card.anchorClicked.emit(QUrl(address))
    card.setSource(QUrl(address))
    assert card.findChild(QMenu, "cardLinkMenu") is None
    assert card.toPlainText().strip() == "text that stays"


def test_a_click_in_the_page_asks_first(card: CardView, qtbot: QtBot) -> None:
    card.set_card("[page](https://example.org/x)")
    qtbot.waitExposed(card)
    link = next(
        QPoint(x, y) for y in range(2, 30) for x in range(2, 40) if card.anchorAt(QPoint(x, y))
    )
    qtbot.mouseClick(card.viewport(), Qt.MouseButton.LeftButton, pos=link)
    menu = card.findChild(QMenu, "cardLinkMenu")
    assert menu is not None
    menu.close()


def test_huge_and_hostile_cards_are_laid_out(card: CardView) -> None:
    card.set_card("word" * 200_000)
    card.grab()
    card.set_card("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 20_000)
    card.grab()
    card.set_card("<table>" * 30 + "x")
    card.grab()
    assert "<table>" in card.toPlainText()


def test_the_card_follows_the_scheme(card: CardView, themed: QApplication) -> None:
    card.set_card("# T\n\n```\ncode\n```\n")
    apply_theme(themed, "dark")
    backgrounds = set()
    block = card.document().begin()
    while block.isValid():
        backgrounds.add(block.blockFormat().background().color().name())
        block = block.next()
    assert tokens().sunken.name() in backgrounds
