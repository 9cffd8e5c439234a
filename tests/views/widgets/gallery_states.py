"""Buttons, chips, badges, fields, findings: every component in every state, on one page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
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

from desktop.services.records import Finding, Severity
from desktop.views.theme import FontRole, bind
from desktop.views.widgets.badge import Badge
from desktop.views.widgets.chip import ToggleChip
from desktop.views.widgets.facet_chip import FacetChip
from desktop.views.widgets.finding_row import FindingRow, StateRow
from desktop.views.widgets.form_field import FormField
from desktop.views.widgets.segmented import SegmentedSwitch
from desktop.views.widgets.spin_box import DoubleSpinBox, SpinBox
from desktop.views.widgets.split_bar import SplitBar, SplitLegend
from desktop.views.widgets.text import LinkButton, PlainLabel, restyle
from tests.views.widgets.samples import ASSUMED, ERROR, FULL, NOTE, SMALL, WARNING, nothing


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
