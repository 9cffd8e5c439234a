"""Every component in every state as pictures, to look at beside the design. No test.

QT_QPA_PLATFORM=offscreen [QT_SCALE_FACTOR=2] python -m tests.views.widgets.gallery FOLDER
    [--dark] [--font-scale 1.5]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QTabWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.services.records import DatasetSplit, Finding, Severity
from desktop.views.theme import FontRole, apply_theme, bind
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.card_view import CardView
from desktop.views.widgets.chip import ToggleChip
from desktop.views.widgets.empty_state import FOLDER_CARD, Card, EmptyLibrary, EmptyPlace
from desktop.views.widgets.facet_chip import FacetChip
from desktop.views.widgets.fact_list import Fact, FactList
from desktop.views.widgets.finding_row import FindingList, FindingRow, StateRow
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.section import Section
from desktop.views.widgets.segmented import SegmentedSwitch
from desktop.views.widgets.sidebar import Place, PlaceGroup, Sidebar
from desktop.views.widgets.spin_box import DoubleSpinBox, SpinBox
from desktop.views.widgets.split_bar import SplitBar, SplitLegend
from desktop.views.widgets.strip import Strip
from desktop.views.widgets.text import LinkButton, PlainLabel, restyle

PLACES = [
    PlaceGroup(
        "Library",
        [
            Place("all", "books", "All adapters", 1284, None, "Ctrl+1"),
            Place("favourites", "star", "Favourites", 17, None, "Ctrl+2"),
            Place("recent", "clock", "Recently added", 38, None, "Ctrl+3"),
            Place("problems", "warning", "Problems", 23, "error", "Ctrl+4"),
            Place("missing", "missing", "Missing", 6, "warning", "Ctrl+5"),
            Place("duplicates", "copy", "Duplicates", 41, None, "Ctrl+6"),
        ],
    ),
    PlaceGroup(
        "Source",
        [
            Place("project", "folder", "Local folder", 1032),
            Place("huggingface", "cloud", "Hugging Face", 214),
            Place("registry", "cylinder", "Registry", 38),
        ],
    ),
    PlaceGroup(
        "Base model",
        [
            Place("m1", "layers", "Llama-3.1-8B", 412),
            Place("m2", "layers", "Qwen2.5-7B-Instruct-with-a-long-name", 305),
        ],
    ),
    PlaceGroup("On disk", [Place("folders", "folder-open", "Folders")]),
    PlaceGroup(
        "Records",
        [
            Place("models", "layers", "Base models", 14),
            Place("prompts", "prompt", "Prompts", 9),
            Place("datasets", "dataset", "Datasets", 22),
            Place("jobs", "job", "Training jobs", 96),
        ],
    ),
]
FULL = DatasetSplit(0.8, 0.9, True, True, "j", "sql-context-r16-3ep")
ASSUMED = DatasetSplit()
SMALL = DatasetSplit(0.25, 0.8, True, True, "j", "job")
ERROR = Finding(
    "weights",
    "zero",
    Severity.ERROR,
    "lora_B is all zero in 224 of 224 modules.",
    "The adapter was saved before training changed it. Nothing would happen when it is loaded.",
)
WARNING = Finding(
    "weights",
    "rank",
    Severity.WARNING,
    "Weights have rank 16, the config says 8.",
    "Set r to 16 in adapter_config.json, then check again.",
)
NOTE = Finding("weights", "training", Severity.NOTE, "2.1 GB here only serves training.")


class FakeTask(QObject):
    """What the strip needs of a task."""

    progress = Signal(object, object, str)
    finished = Signal()

    def __init__(self, title: str, icon: str, state: str = "running") -> None:
        super().__init__()
        self.title, self.icon, self.state = title, icon, state
        self.cancels = 0

    def cancel(self) -> None:
        self.cancels += 1


def nothing() -> None:
    """What the links of the gallery do."""


def _button(text: str, **properties: object) -> QPushButton:
    button = QPushButton(text)
    for name, value in properties.items():
        restyle(button, name, value)
    return button


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _disabled(widget: QWidget) -> QWidget:
    widget.setEnabled(False)
    return widget


def states() -> QWidget:
    page = QWidget()
    page.resize(1120, 1010)
    grid = QGridLayout(page)
    grid.setContentsMargins(24, 20, 24, 20)
    grid.setHorizontalSpacing(32)
    left, right = QVBoxLayout(), QVBoxLayout()
    left.setSpacing(8)
    right.setSpacing(8)
    grid.addLayout(left, 0, 0)
    grid.addLayout(right, 0, 1)
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    _fill_left(left)
    _fill_right(right)
    return page


def _fill_left(left: QVBoxLayout) -> None:
    def title(text: str) -> PlainLabel:
        return PlainLabel(text, role=FontRole.CARD_TITLE)

    left.addWidget(title("Buttons"))
    busy = _button("Checking…")
    bind(busy, "refresh")
    busy.setEnabled(False)
    focus = _button("Focus", primary=True)
    focus.setObjectName("focusMe")
    left.addLayout(
        _row(
            _button("Import", primary=True),
            focus,
            _disabled(_button("Disabled", primary=True)),
            _button("Small", small=True),
        )
    )
    left.addLayout(
        _row(_button("Cancel"), _disabled(_button("Disabled")), busy, LinkButton("Link"))
    )
    tool, outlined, checked = QToolButton(), QToolButton(), QToolButton()
    for button, text, icon in (
        (tool, "Remove", "bin"),
        (outlined, "Folder…", "folder"),
        (checked, "Insight", "columns"),
    ):
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bind(button, icon)
    restyle(outlined, "outlined", True)
    checked.setCheckable(True)
    checked.setChecked(True)
    off = QToolButton()
    bind(off, "undo")
    off.setText("Undo")
    off.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    left.addLayout(_row(tool, outlined, checked, _disabled(off)))
    left.addWidget(title("Facet chips"))
    chip = FacetChip("Source")
    chosen = FacetChip("Source")
    chosen.set_values([("r", "Registry", 38), ("l", "Local folder", 1032)])
    chosen.set_selected({"r"})
    left.addLayout(
        _row(
            chip,
            chosen,
            ToggleChip("New", "212"),
            ToggleChip("New", "212", on=True),
            _disabled(FacetChip("Type")),
        )
    )
    left.addWidget(title("Badges"))
    left.addLayout(
        _row(
            Badge("LoRA"),
            Badge("Recorded", "ok"),
            Badge("Assumed"),
            Badge("Gated", "note", "padlock"),
            Badge("Away", "warning", "missing"),
            Badge("Broken", "error"),
        )
    )
    left.addWidget(title("Fields"))
    rest = QLineEdit()
    rest.setPlaceholderText("At rest, with a hint of what goes here")
    search = QAction(rest)
    bind(search, "search", "text2")
    rest.addAction(search, QLineEdit.ActionPosition.LeadingPosition)
    left.addWidget(rest)
    wrong = FormField("&Name", QLineEdit("llama3-sql-v7"))
    wrong.set_findings(
        [
            Finding(
                "name",
                "taken",
                Severity.ERROR,
                "Another adapter has this name. “llama3-sql-v8” is free.",
                suggestion="llama3-sql-v8",
            )
        ]
    )
    left.addWidget(wrong)
    combo = QComboBox()
    combo.addItems(["meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-7B"])
    fits = FormField("&Base model", combo)
    fits.set_ok("The config names this model, and its widths match.")
    left.addWidget(fits)
    away = FormField("&Folder", QLineEdit("/data/runs/x"), optional=True)
    away.set_findings(
        [
            Finding(
                "location",
                "network",
                Severity.WARNING,
                "The folder is on a network drive.",
                "Rows turn grey when it is away.",
            )
        ]
    )
    left.addWidget(away)
    locked = QLineEdit("Read-only while importing")
    left.addWidget(_disabled(locked))
    text = QPlainTextEdit("Several lines\nof description")
    text.setFixedHeight(56)
    left.addWidget(text)
    part = DoubleSpinBox()
    part.setValue(0.9)
    left.addLayout(_row(SpinBox(), part, _disabled(SpinBox())))
    on, off_box, some = QCheckBox("On"), QCheckBox("Off"), QCheckBox("Some")
    on.setChecked(True)
    some.setTristate(True)
    some.setCheckState(Qt.CheckState.PartiallyChecked)
    gone = QCheckBox("Disabled")
    gone.setChecked(True)
    keep, copy = QRadioButton("Keep in place"), QRadioButton("Copy")
    keep.setChecked(True)
    left.addLayout(_row(on, off_box, some, _disabled(gone), keep, copy))
    left.addStretch(1)


def _fill_right(right: QVBoxLayout) -> None:
    def title(text: str) -> PlainLabel:
        return PlainLabel(text, role=FontRole.CARD_TITLE)

    right.addWidget(title("Findings"))
    right.addWidget(FindingRow(ERROR, [("Show the tensors", nothing)]))
    right.addWidget(FindingRow(WARNING))
    right.addWidget(FindingRow(NOTE))
    right.addWidget(StateRow("Config and 448 tensors agree."))
    right.addWidget(title("Segmented switch"))
    right.addLayout(
        _row(
            SegmentedSwitch(
                [
                    ("project", "Local folder", "folder"),
                    ("huggingface", "Hugging Face", "cloud"),
                    ("registry", "Registry", "cylinder"),
                ]
            )
        )
    )
    right.addWidget(title("Dataset split"))
    for split in (FULL, ASSUMED, SMALL):
        bar = SplitBar()
        bar.set_split(split)
        right.addWidget(bar)
    right.addWidget(SplitLegend(FULL, 78577))
    thin = SplitBar(thin=True)
    thin.set_split(FULL)
    right.addWidget(thin)
    right.addWidget(SplitLegend(ASSUMED, compact=True))
    tabs = QTabWidget()
    tabs.addTab(PlainLabel("Body"), "Overview")
    tabs.addTab(QWidget(), "Files")
    tabs.addTab(QWidget(), "Model card")
    tabs.setFixedHeight(70)
    right.addWidget(tabs)
    progress = QProgressBar()
    progress.setTextVisible(False)
    progress.setValue(40)
    right.addWidget(progress)
    tree = QTreeWidget()
    tree.setHeaderLabels(["Folder", "State"])
    restyle(tree, "framed", True)
    top = QTreeWidgetItem(["sql-context-r16", ""])
    for name, ticked in (("checkpoint-2400", True), ("checkpoint-1600", False)):
        child = QTreeWidgetItem([name, "New"])
        child.setCheckState(0, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        top.addChild(child)
    tree.addTopLevelItem(top)
    top.setExpanded(True)
    tree.setCurrentItem(top.child(0))
    tree.setFixedHeight(130)
    tree.setColumnWidth(0, 300)
    right.addWidget(tree)
    right.addStretch(1)


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
