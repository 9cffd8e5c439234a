"""The palette, the style sheet, fonts, and changing the scheme while the program runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontInfo, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.views.theme import (
    FontRole,
    apply_theme,
    font,
    metric,
    notifier,
    row_height,
    tokens,
)
from desktop.views.theme import manager as manager_module
from desktop.views.theme.icons import CONTROLS
from desktop.views.theme.style import build_style_sheet
from desktop.views.theme.tokens import DARK, LIGHT
from desktop.views.widgets.lens import Lens


def _body(pixels: int) -> QFont:
    base = QFont()
    base.setPixelSize(pixels)
    return base


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("t", [LIGHT, DARK])
def test_the_style_sheet_is_complete(t: object) -> None:
    sheet = build_style_sheet(t, _body(13))  # type: ignore[arg-type]
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")
    for url in re.findall(r"url\(([^)]+)\)", sheet):
        assert Path(url).is_file(), url


def _ink(edit: QLineEdit) -> int:
    """How far the farthest of its inner pixels is from its ground."""
    image = edit.grab().toImage()
    ground = image.pixelColor(6, image.height() // 2)
    inner = ((x, y) for x in range(8, 120) for y in range(8, image.height() - 8))
    colours = (image.pixelColor(x, y) for x, y in inner)
    return max(abs(c.green() - ground.green()) for c in colours)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_empty_field_that_is_off_does_not_look_filled(
    themed: QApplication, qtbot: QtBot, scheme: str
) -> None:
    apply_theme(themed, scheme)
    empty, filled = QLineEdit(), QLineEdit("MMMM")
    empty.setPlaceholderText("MMMM")
    for edit in (empty, filled):
        qtbot.addWidget(edit)
        edit.setEnabled(False)
        edit.resize(160, 32)
        edit.show()
    assert 0 < _ink(empty) < 0.75 * _ink(filled)


@pytest.mark.parametrize("pixels", [13, 20])
def test_the_icon_in_a_field_grows_with_the_font(
    themed: QApplication, qtbot: QtBot, pixels: int
) -> None:
    base = themed.font()
    base.setPixelSize(pixels)
    themed.setFont(base)
    apply_theme(themed, "light")
    edit = QLineEdit("words")
    qtbot.addWidget(edit)
    lens = Lens(edit)
    edit.show()
    size = metric(16, base)
    assert (lens.width(), lens.height()) == (size, size)
    assert lens.geometry().center().y() in (edit.height() // 2 - 1, edit.height() // 2)
    assert edit.cursorRect().right() > lens.geometry().right()
    before = edit.font()
    before.setPixelSize(pixels * 2)
    edit.setFont(before)
    assert lens.width() == metric(16, before)


@pytest.mark.parametrize("t", [LIGHT, DARK])
def test_ticks_and_arrows_have_the_colours_of_their_scheme(t: object) -> None:
    known = {t.on_accent.name(), t.disabled.name(), t.text2.name()}  # type: ignore[attr-defined]
    for file in (CONTROLS / t.scheme).glob("*.svg"):  # type: ignore[attr-defined]
        used = re.findall(r"#[0-9A-Fa-f]{6}", file.read_text())
        assert used, file
        assert {colour.lower() for colour in used} <= known, file


def test_schemes_change_while_the_program_runs(themed: QApplication, qtbot: QtBot) -> None:
    assert themed.palette().color(QPalette.ColorRole.Window) == LIGHT.window
    with qtbot.waitSignal(notifier().changed):
        apply_theme(themed, "dark")
    assert tokens() is DARK
    assert themed.palette().color(QPalette.ColorRole.Base) == DARK.base
    assert DARK.accent.name() in themed.styleSheet()
    assert themed.style().name() in ("fusion", "")
    themed.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert tokens() is DARK  # a wish stays


def test_system_follows_the_desktop(themed: QApplication, qtbot: QtBot) -> None:
    apply_theme(themed, "system")
    before = tokens()
    themed.styleHints().setColorScheme(Qt.ColorScheme.Dark)
    if themed.styleHints().colorScheme() == Qt.ColorScheme.Dark:
        assert tokens() is DARK
    else:  # a platform without schemes
        assert tokens() is before
    themed.styleHints().unsetColorScheme()


def test_an_unknown_scheme_is_refused(themed: QApplication) -> None:
    with pytest.raises(ValueError, match="unknown scheme"):
        apply_theme(themed, "sepia")


def test_high_contrast_keeps_the_systems_own_look(
    themed: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manager_module, "_high_contrast", lambda hints: True)
    apply_theme(themed, "light")
    assert themed.styleSheet() == ""
    t = tokens()
    assert t.scheme == "system"
    assert t.text == themed.palette().color(QPalette.ColorRole.WindowText)
    assert t.error == t.text  # the shape and the word say it


@pytest.mark.parametrize(
    ("role", "at_13", "at_26"),
    [
        (FontRole.EMPTY_TITLE, 24, 48),
        (FontRole.PAGE_TITLE, 17, 34),
        (FontRole.PANEL_TITLE, 16, 32),
        (FontRole.CARD_TITLE, 14, 28),
        (FontRole.BODY, 13, 26),
        (FontRole.LABEL, 12, 24),
        (FontRole.BADGE, 11, 22),
    ],
)
def test_fonts_grow_with_the_system(
    themed: QApplication, role: str, at_13: int, at_26: int
) -> None:
    assert QFontInfo(font(role, _body(13))).pixelSize() == at_13
    assert QFontInfo(font(role, _body(26))).pixelSize() == at_26
    assert font(role, _body(13)).family() == _body(13).family()


def test_small_text_stops_at_eleven_pixels(themed: QApplication) -> None:
    assert QFontInfo(font(FontRole.BADGE, _body(12))).pixelSize() == 11
    assert QFontInfo(font(FontRole.BADGE, _body(10))).pixelSize() == 10  # never larger than body


def test_points_stay_points(themed: QApplication) -> None:
    base = QFont()
    base.setPointSizeF(10)
    assert font(FontRole.PAGE_TITLE, base).pointSizeF() > 10


def test_lengths_never_shrink_and_make_room_for_a_line(themed: QApplication) -> None:
    assert metric(28, _body(11)) == 28
    assert metric(28, _body(26)) == 56
    assert row_height(8, _body(20)) >= 20


@pytest.mark.parametrize("pixels", [13, 20])
def test_focus_and_error_do_not_change_a_fields_height(
    themed: QApplication, qtbot: QtBot, pixels: int
) -> None:
    themed.setFont(_body(pixels))
    page = QWidget()
    qtbot.addWidget(page)
    box = QVBoxLayout(page)
    fields = [QLineEdit("a"), QLineEdit("b"), QComboBox()]
    for field in fields:
        box.addWidget(field)
    fields[1].setProperty("state", "error")
    page.show()
    qtbot.waitExposed(page)
    heights = {field.sizeHint().height() for field in fields}
    fields[0].setFocus()
    heights |= {field.sizeHint().height() for field in fields}
    assert len(heights) == 1
    assert heights.pop() >= 32


def test_the_ring_follows_the_keyboard_and_leaves_the_mouse_alone(
    themed: QApplication, qtbot: QtBot
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    box = QVBoxLayout(page)
    field, one, two = QLineEdit(), QPushButton("One"), QPushButton("Two")
    for widget in (field, one, two):
        box.addWidget(widget)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert themed.focusWidget() is one
    ring = page.findChild(QWidget, "focusRing")
    assert ring is not None
    assert ring.isVisible()
    assert ring.geometry() == one.geometry().adjusted(-3, -3, 3, 3)
    page.resize(500, 300)
    qtbot.waitUntil(lambda: ring.geometry() == one.geometry().adjusted(-3, -3, 3, 3))
    QTest.mousePress(two, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(two, Qt.MouseButton.LeftButton)
    assert not ring.isVisible()


@pytest.mark.parametrize("gone", ["button", "around"])
def test_the_ring_goes_with_a_button_that_is_deleted_while_it_has_the_focus(
    themed: QApplication, qtbot: QtBot, gone: str
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    field, around, button = QLineEdit(), QWidget(), QPushButton("Check again")
    box = QVBoxLayout(page)
    for widget in (field, around):
        box.addWidget(widget)
    QVBoxLayout(around).addWidget(button)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert page.findChild(QWidget, "focusRing") is not None
    (button if gone == "button" else around).deleteLater()
    # An exception in a slot fails the test.
    qtbot.waitUntil(lambda: page.findChild(QWidget, "focusRing") is None)
