"""Every component in every state as pictures, to look at beside the design. No test.

QT_QPA_PLATFORM=offscreen [QT_SCALE_FACTOR=2] python -m tests.views.widgets.gallery FOLDER
    [--dark] [--font-scale 1.5]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.views.theme import FontRole, apply_theme, bind
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.card_view import CardView
from desktop.views.widgets.empty_state import FOLDER_CARD, Card, EmptyLibrary, EmptyPlace
from desktop.views.widgets.facet_chip import FacetChip
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.finding_row import FindingList
from desktop.views.widgets.section import Section
from desktop.views.widgets.sidebar import Sidebar
from desktop.views.widgets.split_bar import SplitBar, SplitLegend
from desktop.views.widgets.strip import Strip
from desktop.views.widgets.text import PlainLabel
from tests.views.widgets.gallery_states import states
from tests.views.widgets.samples import FULL, NOTE, PLACES, WARNING, FakeTask


def panels() -> QWidget:
    page = QWidget()
    page.resize(1120, 760)
    outer = QVBoxLayout(page)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.setSpacing(0)
    row = QHBoxLayout()
    row.setSpacing(0)
    outer.addLayout(row, 1)
    for rail in (False, True):
        sidebar = Sidebar()
        sidebar.set_places(PLACES)
        sidebar.set_rail(rail)
        sidebar.set_current("all")
        sidebar.setFixedWidth(sidebar.minimumWidth())
        row.addWidget(sidebar)
    panel = QWidget()
    panel.setFixedWidth(324)
    box = QVBoxLayout(panel)
    box.setContentsMargins(16, 16, 16, 16)
    box.addWidget(PlainLabel("llama3-sql-v7", role=FontRole.PANEL_TITLE, elide="middle"))
    findings = FindingList()
    findings.set_findings([WARNING, NOTE, NOTE, NOTE, NOTE, NOTE])
    box.addWidget(findings)
    split = Section("Dataset split", Badge("Recorded", "ok"))
    bar = SplitBar()
    bar.set_split(FULL)
    split.add(bar)
    split.add(SplitLegend(FULL, 78577))
    box.addWidget(split)
    facts = FactList()
    facts.set_facts(
        [
            Fact("Alpha", "32 (scaling 2.0)"),
            Fact("Targets", "q k v o gate up down"),
            Fact("Rank", "16", tone="warning", icon="warning", aside="config says 8"),
            Fact("Path", "/data/runs/2026-11/sql-context-r16/checkpoint-2400", path=True),
            Fact("Prompt", "Text to SQL, v3", key="prompt", link=True),
            Fact("Split", "90/10", assumed=True),
            Fact("Task", None),
        ]
    )
    section = Section("Adapter", line_above=True)
    section.add(facts)
    box.addWidget(section)
    box.addStretch(1)
    row.addWidget(panel)
    middle = QVBoxLayout()
    row.addLayout(middle, 1)
    card = CardView()
    card.set_card(
        "---\nlicense: apache-2.0\n---\n# Text to SQL\n\nAn adapter for **Llama**, see"
        " [the page](https://example.org/x).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n"
        "<b>no html</b> ![picture](file:///etc/x.png)\n\n- one\n- two\n"
    )
    middle.addWidget(card)
    middle.addWidget(EmptyPlace("No adapter matches “sqlx”.", "Clear the filter"))
    menu = QMenu(page)
    for words, key in (("&Open folder", "Ctrl+Shift+E"), ("Rename", "F2"), ("Remove", "Del")):
        action = menu.addAction(words)
        bind(action, "folder")
        action.setShortcut(key)
    menu.addSeparator()
    ticked = menu.addAction("Sidebar")
    ticked.setCheckable(True)
    ticked.setChecked(True)
    plain = menu.addAction("Not now")
    plain.setEnabled(False)
    menu.setWindowFlags(Qt.WindowType.Widget)
    middle.addWidget(menu)
    menu.show()
    chip = FacetChip("Base model")
    chip.set_values([(n, f"Base model {n}", n * 321) for n in range(14)])
    chip.set_selected({1, 2})
    popup = chip.popup()
    popup.fill(chip.values(), chip.selected())
    popup.setWindowFlags(Qt.WindowType.Widget)
    popup.view.setFixedHeight(160)
    popup.setParent(page)
    middle.addWidget(popup)
    popup.show()
    for notice in ("info", "error"):
        outer.addWidget(strip(notice))
    return page


def strip(tone: str) -> Strip:
    bar = Strip()
    bar.tasks.show_after_ms = 0
    tasks = [FakeTask("Fetching nvidia/llama-3-sql-adapter", "cloud")]
    if tone == "error":
        tasks.append(FakeTask("Checking folders", "folder", "waiting"))
    bar.tasks_alive = tasks  # type: ignore[attr-defined]
    for task in tasks:
        bar.tasks.add_task(task)
        task.progress.emit(33_500_000, 54_500_000, "33.5 of 54.5 MB · 8.4 MB/s · 3 s left")
    if tone == "error":
        bar.notices.show_notice(
            "org/model was not imported. adapter_model.safetensors does not match its announced"
            " sha256.",
            "error",
            action="Try again",
        )
        bar.notices.show_notice("Later", "info")
    else:
        bar.notices.show_notice(
            "Removed 3 adapters. Their files stay where they are.", icon="bin", action="Undo"
        )
    return bar


def empty(several: bool) -> QWidget:
    if not several:
        page = EmptyLibrary()
    else:
        page = EmptyLibrary(
            [
                FOLDER_CARD,
                Card(
                    "hub",
                    "cloud",
                    "The Hugging Face Hub",
                    "See what a repository holds before anything is downloaded.",
                    "Find on the Hub…",
                    "Ctrl+Shift+H",
                ),
                Card(
                    "registry",
                    "cylinder",
                    "A model registry",
                    "MLflow and Cloudera, by model ID, version or alias.",
                    "Connect a registry…",
                    "Ctrl+Shift+R",
                ),
            ]
        )
    page.resize(1180, 720)
    return page


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--font-scale", type=float, default=1.0)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    base = app.font()
    base.setPixelSize(round(13 * arguments.font_scale))
    app.setFont(base)
    apply_theme(app, "dark" if arguments.dark else "light")
    scheme = "dark" if arguments.dark else "light"
    pages = {"states": states(), "panels": panels(), "empty": empty(False), "empty3": empty(True)}
    for name, page in pages.items():
        page.show()
        page.activateWindow()
        app.processEvents()
        button = page.findChild(QPushButton, "focusMe")
        if button is not None:
            page.findChildren(QLineEdit)[0].setFocus()
            button.setFocus(Qt.FocusReason.TabFocusReason)
        for _ in range(5):
            app.processEvents()
        page.grab().save(str(arguments.folder / f"{name}-{scheme}.png"))
        for view in page.findChildren(QListView):
            assert view.model() is not None
        page.close()


if __name__ == "__main__":
    main()
