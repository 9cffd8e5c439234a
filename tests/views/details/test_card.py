"""The model card of the selected adapter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import (
    QApplication,
)
from pytestqt.qtbot import QtBot

from desktop.views.details import DetailsPanel
from tests.support import make_adapter
from tests.views.details.conftest import Show, World, facts

Settle = Callable[[], None]
_FILES, _CARD = 1, 2


def test_the_card_is_read_when_its_tab_is_opened(
    panel: DetailsPanel, world: World, show: Show, settle: Settle
) -> None:
    folder = make_adapter(world.folder / "one")
    (folder / "README.md").write_text(
        "---\nlicense: mit\ntags: [lora, sql]\n---\n# Hello\n\nSome words.\n", encoding="utf-8"
    )
    show(world.add("one", folder))
    page = panel.one.card
    assert page.view.markdown() == ""
    panel.one.tabs.setCurrentIndex(_CARD)
    settle()
    assert page.view.isVisible()
    assert page.view.toPlainText().startswith("Hello")
    assert facts(page.facts) == {"license": "mit", "tags": "lora, sql"}
    # Looked at again only when the folder is looked at again.
    (folder / "README.md").write_text("# Other\n", encoding="utf-8")
    panel.one.tabs.setCurrentIndex(0)
    panel.one.tabs.setCurrentIndex(_CARD)
    settle()
    assert page.view.toPlainText().startswith("Hello")
    world.services.adapters.check_adapter(panel.shown_ids()[0])
    settle()
    assert page.view.toPlainText().startswith("Other")
    assert not page.fold.isVisible()


def test_a_folder_without_a_card_says_so(
    panel: DetailsPanel, world: World, show: Show, settle: Settle
) -> None:
    show(world.add("one"))
    panel.one.tabs.setCurrentIndex(_CARD)
    settle()
    assert panel.one.card.sentence.text() == "There is no model card in this folder."
    assert not panel.one.card.view.isVisible()


def test_the_card_of_another_adapter_is_dropped(
    panel: DetailsPanel, world: World, show: Show, settle: Settle
) -> None:
    for name in ("one", "two"):
        folder = make_adapter(world.folder / name)
        (folder / "README.md").write_text(f"# Card of {name}\n", encoding="utf-8")
    one = world.add("one", world.folder / "one")
    two = world.add("two", world.folder / "two")
    show(one)
    panel.one.tabs.setCurrentIndex(_CARD)
    first_key = panel.one._card_key
    show(two)
    from desktop.services.peft_folder.card import ModelCard

    panel.one._take_card((first_key, ModelCard(markdown="# Late")))
    assert panel.one.card.view.toPlainText().startswith("Card of two")


# Said by the offscreen platform whenever a popup opens; means nothing.
@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)", extend=True)
def test_a_card_shows_nothing_local_and_opens_nothing_by_itself(
    panel: DetailsPanel, world: World, show: Show, settle: Settle, tmp_path: Path, qtbot: QtBot
) -> None:
    secret = tmp_path / "secret.png"
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(0xFFFF00FF)
    assert image.save(str(secret))
    folder = make_adapter(world.folder / "one")
    (folder / "README.md").write_text(
        f"# Card\n\n![x](file://{secret})\n\n![y]({secret})\n\n"
        f"<img src='file://{secret}'>\n\n[go](https://example.org/a?b=c) [bad](file:///etc/passwd)\n",
        encoding="utf-8",
    )
    show(world.add("one", folder))
    panel.one.tabs.setCurrentIndex(_CARD)
    settle()
    view = panel.one.card.view
    picture = view.grab().toImage()
    colours = {
        picture.pixel(x, y) & 0xFFFFFF
        for x in range(0, picture.width(), 3)
        for y in range(0, picture.height(), 3)
    }
    assert 0xFF00FF not in colours
    resource = view.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl(str(secret)))
    assert isinstance(resource, QImage)
    assert resource.isNull()
    opened: list[QUrl] = []
    panel.linkOpened.connect(opened.append)
    view.anchorClicked.emit(QUrl("file:///etc/passwd"))
    assert QApplication.activePopupWidget() is None
    view.anchorClicked.emit(QUrl("https://example.org/a?b=c"))
    menu = QApplication.activePopupWidget()
    assert menu is not None
    assert opened == []
    actions = {action.objectName(): action for action in menu.actions()}
    assert actions["cardLinkAddress"].text() == "https://example.org/a?b=c"
    actions["openCardLinkAction"].trigger()
    menu.close()
    assert opened == [QUrl("https://example.org/a?b=c")]


# -- everywhere ------------------------------------------------------------------------------
