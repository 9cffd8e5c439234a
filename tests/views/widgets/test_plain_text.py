"""Text from outside never becomes rich text, and nothing of it hides."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.views.widgets.text import (
    LinkButton,
    PlainLabel,
    breakable,
    plain_tooltip,
    set_plain_tooltip,
    visible,
)
from tests.views.widgets import gallery

EVIL = "<b>bold</b> <img src='file:///etc/passwd'> & more"


@pytest.fixture
def pages(themed: QApplication, qtbot: QtBot) -> list[QWidget]:
    made = [gallery.states(), gallery.panels(), gallery.empty(False), gallery.empty(True)]
    for page in made:
        qtbot.addWidget(page)
    return made


def test_no_label_guesses_rich_text(pages: list[QWidget]) -> None:
    labels = [label for page in pages for label in page.findChildren(QLabel)]
    assert len(labels) > 60
    guessing = [x.text() for x in labels if x.textFormat() != Qt.TextFormat.PlainText]
    assert guessing == []


def test_what_can_be_used_has_a_name(pages: list[QWidget]) -> None:
    for page in pages:
        for button in page.findChildren(QAbstractButton):
            if button.objectName().startswith("qt_") or button.isHidden():
                continue
            said = button.accessibleName() or button.text() or button.toolTip()
            assert said or isinstance(button.parent(), QLineEdit), button.objectName()


def test_a_label_shows_markup_as_it_is(themed: QApplication, qtbot: QtBot) -> None:
    label = PlainLabel(EVIL)
    qtbot.addWidget(label)
    assert label.text() == EVIL
    assert QLabel.text(label) == EVIL
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_tooltip_is_escaped_only_where_it_must_be(themed: QApplication, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    set_plain_tooltip(widget, "/data/runs/x")
    assert widget.toolTip() == "/data/runs/x"
    set_plain_tooltip(widget, EVIL)
    assert "<img" not in widget.toolTip()
    assert "&lt;img" in widget.toolTip()
    assert "<b>" not in plain_tooltip("a <b> c")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain – “quoted” é 漢字 🙂", "plain – “quoted” é 漢字 🙂"),
        ("abc\u202egnp.exe", "abc\\u202egnp.exe"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("name\udcff", "name\\xff"),
        ("\ud800", "\\ud800"),
        ("two\nlines\r\nthree\tx", "two lines three x"),
        ("nul\0", "nul\\x00"),
    ],
)
def test_nothing_in_a_name_hides(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_stay_where_they_are_wanted_and_length_is_limited() -> None:
    assert visible("a\r\nb", lines=True) == "a\nb"
    assert len(visible("x" * 100_000)) == 4_000


def test_long_words_may_break_and_short_ones_stay() -> None:
    assert breakable("a short sentence") == "a short sentence"
    broken = breakable("/data/" + "x" * 60)
    assert broken.replace("\u200b", "") == "/data/" + "x" * 60
    assert max(len(part) for part in broken.split("\u200b")) <= 10


def test_a_label_whose_words_may_break_copies_what_is_meant(
    themed: QApplication, qtbot: QtBot
) -> None:
    name = "acme/" + "x" * 90
    label = PlainLabel(name, wrap=True, copyable=True)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() < label.fontMetrics().horizontalAdvance(name) / 2
    label.resize(120, 200)
    label.show()
    label.setFocus()
    label.setSelection(0, len(QLabel.text(label)))
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == name
    label.setSelection(0, 4)
    label.copy()
    assert QGuiApplication.clipboard().text() == "acme"


def test_an_elided_label_shows_all_of_it_in_its_tooltip_and_copies_all(
    themed: QApplication, qtbot: QtBot
) -> None:
    path = "/data/runs/2026-11/sql-context-r16/checkpoint-2400"
    label = PlainLabel(path, elide="middle", copyable=True)
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    label.show()
    assert not label.is_elided()
    assert label.toolTip() == ""
    label.resize(120, 20)
    assert label.is_elided()
    shown = QLabel.text(label)
    assert shown.startswith("/da")
    assert shown.endswith("400")
    assert label.text() == label.toolTip() == label.accessibleName() == path
    label.setFocus()
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == path


def test_a_link_takes_an_ampersand_as_it_is(themed: QApplication, qtbot: QtBot) -> None:
    link = LinkButton("R&D <b>")
    qtbot.addWidget(link)
    assert link.text() == link.accessibleName() == "R&D <b>"
    assert link.shortcut().isEmpty()
    link.resize(30, 20)
    link.show()
    assert link.text() == "R&D <b>"


def test_a_name_in_hebrew_stands_where_names_stand(themed: QApplication, qtbot: QtBot) -> None:
    label = PlainLabel("שלום-עולם")
    qtbot.addWidget(label)
    label.resize(300, 24)
    label.show()
    drawn = label.grab().toImage()
    paper = drawn.pixelColor(drawn.width() - 1, 0)
    inked = [
        x
        for x in range(drawn.width())
        if any(drawn.pixelColor(x, y) != paper for y in range(drawn.height()))
    ]
    assert inked
    assert max(inked) < drawn.width() / 2
