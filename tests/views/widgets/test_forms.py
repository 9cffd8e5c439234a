"""Findings, messages, fields, badges, facts: what stands beside what it is about."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.services.records import Finding, Severity
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.finding_row import FindingList, FindingRow
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.section import Section
from desktop.views.widgets.text import LinkButton, PlainLabel

TAKEN = Finding(
    "name",
    "taken",
    Severity.ERROR,
    "Another adapter has this name.",
    "“b” is free.",
    suggestion="b",
)
NETWORK = Finding("name", "network", Severity.WARNING, "The folder is on a network drive.")


def note(number: int) -> Finding:
    return Finding("files", f"n{number}", Severity.NOTE, f"Note {number}.")


def test_a_field_shows_the_worst_first_and_offers_what_settles_it(
    themed: QApplication, qtbot: QtBot
) -> None:
    editor = QLineEdit()
    field = FormField("&Name", editor)
    qtbot.addWidget(field)
    field.resize(420, 100)
    field.show()
    height = field.sizeHint().height()
    assert editor.accessibleName() == "Name"
    assert field.label.buddy() is editor
    field.set_findings([NETWORK, TAKEN])
    assert field.message.text() == "Another adapter has this name. “b” is free."
    assert editor.property("state") == "error"
    assert "network drive" in editor.accessibleDescription()
    with qtbot.waitSignal(field.suggestionChosen) as caught:
        field.message.link().click()
    assert caught.args == ["b"]
    field.set_findings([])
    assert editor.property("state") == ""
    assert field.message.text() == ""
    assert field.sizeHint().height() == height


def test_one_finding_moves_nothing(themed: QApplication, qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    box = QVBoxLayout(page)
    first, second = FormField("&A", QLineEdit()), FormField("&B", QLineEdit())
    box.addWidget(first)
    box.addWidget(second)
    box.addStretch(1)
    page.resize(500, 300)
    page.show()
    qtbot.waitExposed(page)
    place = second.geometry()
    first.set_findings([TAKEN])
    box.activate()
    assert second.geometry() == place
    first.set_ok("The config names this model.")
    box.activate()
    assert second.geometry() == place


def test_a_warning_leaves_the_edge_alone_and_has_its_link(
    themed: QApplication, qtbot: QtBot
) -> None:
    field = FormField("&Folder", QLineEdit(), optional=True)
    qtbot.addWidget(field)
    field.set_findings([NETWORK], links={"network": "Why"})
    assert not field.target.property("state")
    assert field.aside.text() == "optional"
    with qtbot.waitSignal(field.linkActivated) as caught:
        field.message.link().click()
    assert caught.args == ["network"]


def test_a_hint_gives_way_to_a_finding_and_comes_back(themed: QApplication, qtbot: QtBot) -> None:
    field = FormField("&Files", QLineEdit())
    qtbot.addWidget(field)
    field.set_hint("Lorarium never changes a file in it.")
    field.set_findings([NETWORK])
    assert field.message.tone() == "warning"
    field.set_findings([])
    assert field.message.text() == "Lorarium never changes a file in it."


def test_a_long_message_wraps_and_its_link_stays_inside(themed: QApplication, qtbot: QtBot) -> None:
    message = InlineMessage()
    qtbot.addWidget(message)
    one_line = message.heightForWidth(300)
    message.set_message("A rather long sentence about this field, " * 4, "error", "Use it")
    assert message.heightForWidth(300) > 2 * one_line
    message.resize(300, message.heightForWidth(300))
    message.show()
    assert message.rect().contains(message.link().geometry())
    assert message.accessibleName().startswith("Error: A rather")


def test_findings_fold_above_four(themed: QApplication, qtbot: QtBot) -> None:
    findings = FindingList()
    qtbot.addWidget(findings)
    findings.set_findings([note(1), NETWORK, *map(note, range(2, 5)), TAKEN])
    assert [row.finding.severity for row in findings.rows()][:2] == ["error", "warning"]
    assert len(findings.rows()) == 4
    more = findings.findChild(LinkButton, "moreFindings")
    assert more is not None
    assert more.text() == "2 more notes"
    more.click()
    assert len(findings.rows()) == 6
    assert more.text() == "Show fewer"
    before = findings.rows()
    findings.set_findings([note(1), NETWORK, *map(note, range(2, 5)), TAKEN])
    assert findings.rows() == before  # the same again is no news


def test_a_findings_links_work_and_it_says_what_it_is(themed: QApplication, qtbot: QtBot) -> None:
    calls: list[str] = []

    def check() -> None:
        calls.append("check")

    row = FindingRow(NETWORK, [("Check again", check)])
    qtbot.addWidget(row)
    assert row.accessibleName() == "Warning: The folder is on a network drive."
    link = row.findChild(LinkButton, "findingLink")
    assert link is not None
    link.click()
    assert calls == ["check"]


def test_a_finding_has_room_for_all_its_lines_in_a_narrow_panel(
    themed: QApplication, qtbot: QtBot
) -> None:
    large = themed.font()
    large.setPixelSize(20)
    themed.setFont(large)
    area = QScrollArea()
    qtbot.addWidget(area)
    area.setWidgetResizable(True)
    inner = QWidget()
    box = QVBoxLayout(inner)
    findings = FindingList()
    findings.set_findings(
        [
            Finding(
                "weights",
                "rank",
                Severity.WARNING,
                "Weights have rank 16, the config says 8, in /data/" + "x" * 90,
                "Set r to 16 in adapter_config.json, then check again. " * 3,
            )
        ]
    )
    box.addWidget(findings)
    area.setWidget(inner)
    area.resize(300, 200)
    area.show()
    qtbot.waitExposed(area)
    assert inner.width() <= area.viewport().width()
    for label in findings.findChildren(PlainLabel):
        assert label.height() >= label.heightForWidth(label.width())


def test_a_badge_is_read_and_a_long_one_is_cut(themed: QApplication, qtbot: QtBot) -> None:
    badge = Badge("Recorded", "ok")
    qtbot.addWidget(badge)
    assert badge.accessibleName() == "Recorded"
    assert badge.sizeHint().height() >= 20
    wide = badge.sizeHint().width()
    badge.set("x" * 200, "error")
    assert badge.sizeHint().width() < 10 * wide
    assert badge.toolTip() == "x" * 200
    badge.show()
    badge.grab()


def test_facts_are_selectable_and_unknown_is_a_dash(themed: QApplication, qtbot: QtBot) -> None:
    facts = FactList()
    qtbot.addWidget(facts)
    facts.set_facts(
        [
            ("Alpha", "<b>32</b>"),
            Fact("Task", None),
            Fact("Prompt", "Text to SQL", key="p1", link=True),
            Fact("Path", "/data/a/very/long/path/to/some/folder", path=True),
            Fact("Split", "90/10", assumed=True),
        ]
    )
    facts.resize(260, 200)
    facts.show()
    values = [x for x in facts.findChildren(PlainLabel) if x.objectName() == "factValue"]
    assert [x.text() for x in values][:2] == ["<b>32</b>", "–"]
    assert values[0].textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert values[-1].font().italic()
    with qtbot.waitSignal(facts.linkActivated) as caught:
        facts.findChild(LinkButton).click()  # type: ignore[union-attr]
    assert caught.args == ["p1"]
    facts.findChild(QToolButton, "factCopy").click()  # type: ignore[union-attr]
    assert QGuiApplication.clipboard().text() == "/data/a/very/long/path/to/some/folder"
    children = facts.children()
    facts.set_facts(list(facts.facts()))
    assert facts.children() == children


def test_a_section_has_its_title_badge_and_body(themed: QApplication, qtbot: QtBot) -> None:
    badge = Badge("Fits", "ok")
    section = Section("Base model", badge, line_above=True)
    qtbot.addWidget(section)
    section.add(PlainLabel("meta-llama/Llama-3.1-8B"))
    assert section.accessibleName() == "Base model"
    assert section.isAncestorOf(badge)
