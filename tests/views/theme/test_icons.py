"""Every icon is drawn, in the colour that was asked for, sharp at every ratio."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QColor, QIcon
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop.views.theme import apply_theme, bind, icon, pixmap, tokens
from desktop.views.theme.icons import FOLDER, names

NEEDED = [
    "books",
    "folder",
    "folder-open",
    "cloud",
    "cylinder",
    "layers",
    "prompt",
    "dataset",
    "job",
    "star",
    "clock",
    "warning",
    "error",
    "note",
    "ok",
    "missing",
    "copy",
    "funnel",
    "search",
    "padlock",
    "cube",
    "undo",
    "redo",
    "bin",
    "pencil",
    "more",
    "columns",
    "panel-left",
    "panel-right",
    "close",
    "plus",
    "download",
    "drop",
    "chevron-down",
    "chevron-right",
    "check",
    "refresh",
    "file",
    "gear",
    "info",
    "keyboard",
    "link",
    "project",
    "huggingface",
    "model_registry",
]


def test_every_needed_icon_is_there() -> None:
    assert set(NEEDED) <= names()


@pytest.mark.parametrize("name", sorted(names()))
def test_icons_are_drawn_whole(themed: QApplication, name: str) -> None:
    for dpr in (1.0, 1.5, 2.0):
        drawn = pixmap(name, QColor("#ff0000"), 16, dpr)
        assert drawn.size() == QSize(round(16 * dpr), round(16 * dpr))
        assert drawn.devicePixelRatio() == dpr
        image = drawn.toImage()
        spots = [
            image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())
        ]
        assert max(colour.alpha() for colour in spots) > 180
        assert all(c.red() > 200 and c.green() < 60 for c in spots if c.alpha() > 60)
        edge = [image.pixelColor(x, 0).alpha() for x in range(image.width())]
        edge += [image.pixelColor(0, y).alpha() for y in range(image.height())]
        assert max(edge) < 160  # nothing is cut off at the border


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.svg")), ids=lambda path: path.stem)
def test_icons_share_one_hand(path: object) -> None:
    text = path.read_text()  # type: ignore[attr-defined]
    assert 'viewBox="0 0 16 16"' in text
    assert 'stroke-width="1.5"' in text
    assert 'stroke-linecap="round"' in text
    assert "#" not in text


def test_the_same_picture_is_made_once(themed: QApplication) -> None:
    first = pixmap("star", "accent", 16, 2.0)
    assert pixmap("star", tokens().accent, 16, 2.0).cacheKey() == first.cacheKey()


def test_unknown_names_are_errors(themed: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        pixmap("unicorn", "text")
    with pytest.raises(KeyError):
        pixmap("star", "unicorn")


def _ink(given: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> str:
    image = given.pixmap(QSize(16, 16), 1.0, mode).toImage()
    spots = [image.pixelColor(x, y) for x in range(16) for y in range(16)]
    return max(spots, key=lambda colour: colour.alpha()).name()


def test_icons_of_buttons_and_actions_follow_the_scheme(themed: QApplication, qtbot: QtBot) -> None:
    button, action = QPushButton(), QAction(themed)
    qtbot.addWidget(button)
    bind(button, "plus")
    bind(action, "plus", "accent")
    assert _ink(button.icon()) == tokens().text.name()
    apply_theme(themed, "dark")
    assert _ink(button.icon()) == tokens().text.name()
    assert _ink(action.icon()) == tokens().accent.name()
    assert _ink(button.icon(), QIcon.Mode.Disabled) == tokens().disabled.name()
    bind(button, "minus", "error")
    assert len([c for c in button.children() if type(c).__name__ == "_Binding"]) == 1
    assert _ink(button.icon()) == tokens().error.name()
    action.deleteLater()


def test_a_checked_state_has_its_own_colour(themed: QApplication) -> None:
    both = icon("star", "text", checked="accent")
    image = both.pixmap(QSize(16, 16), 1.0, QIcon.Mode.Normal, QIcon.State.On).toImage()
    spots = [image.pixelColor(x, y) for x in range(16) for y in range(16)]
    assert max(spots, key=lambda c: c.alpha()).name() == tokens().accent.name()
