"""The one style sheet of the application, made of the tokens and the size of the system font.

States come from dynamic properties (`primary`, `link`, `state="error"`, `tone`), never from sheets
on single widgets. No rule touches a table cell: the delegates paint those. Lengths grow with the
font. A rule's order matters where two have the same weight.
"""

from __future__ import annotations

from string import Template

from PySide6.QtGui import QColor, QFont

from desktop.views.theme.fonts import metric, row_height
from desktop.views.theme.icons import CONTROLS
from desktop.views.theme.tokens import Tokens

_BUTTONS = """
QPushButton {
    background: $raised; color: $text; border: 1px solid $control; border-radius: 6px;
    padding: 0 ${pad}px; min-height: ${field}px; outline: none;
}
QPushButton:hover { background: $button_hover; }
QPushButton:pressed { background: $button_pressed; }
QPushButton:disabled { background: transparent; color: $disabled; border-color: $border; }
QPushButton[primary="true"] {
    background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
}
QPushButton[primary="true"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[primary="true"]:pressed { background: $accent_pressed; border-color: $accent_pressed; }
QPushButton[primary="true"]:disabled {
    background: $sunken; color: $disabled; border-color: $border;
}
QPushButton[small="true"] { min-height: ${small}px; padding: 0 9px; }
QPushButton[flat="true"] { background: transparent; border-color: transparent; }
QPushButton[flat="true"]:hover { background: $button_hover; }
QPushButton[link="true"] {
    background: transparent; color: $accent; border: none; border-radius: 4px; padding: 0;
    min-height: 0; font-weight: 500; text-align: left;
}
QPushButton[link="true"]:hover { color: $accent_hover; text-decoration: underline; }
QPushButton[link="true"]:disabled { color: $disabled; text-decoration: none; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton[menu="true"] { padding-right: ${menu_pad}px; }
QPushButton::menu-indicator {
    image: url($icons/down.svg); width: ${arrow}px; height: ${arrow}px;
    subcontrol-origin: padding; subcontrol-position: center right; right: 8px;
}

QToolButton {
    background: transparent; color: $text; border: 1px solid transparent; border-radius: 6px;
    padding: 0 7px; min-height: ${tool}px; outline: none;
}
QToolButton[toolButtonStyle="ToolButtonTextBesideIcon"] { padding-right: 2px; }
QToolButton:hover { background: $button_hover; }
QToolButton:pressed { background: $button_pressed; }
QToolButton:checked { background: $tint; }
QToolButton:disabled { color: $disabled; background: transparent; }
QToolButton[outlined="true"] { background: $raised; border-color: $border; }
QToolButton[outlined="true"]:hover { background: $button_hover; }
QToolButton[outlined="true"]:pressed { background: $button_pressed; }
QToolButton[outlined="true"]:disabled { background: transparent; }
QToolButton[inline="true"] { min-height: ${inline}px; padding: 0 2px; border-radius: 4px; }
QToolButton::menu-indicator { image: none; }
QLineEdit QToolButton { min-height: 0; padding: 0; border: none; background: transparent; }
QTabBar QToolButton { background: $window; border: none; min-height: 0; padding: 0; }
QMenuBar QToolButton { border: none; }
"""

_FIELDS = """
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
    background: $base; border: 1px solid $control; border-radius: 6px; padding: 1px;
    placeholder-text-color: $text2;
    selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit { padding: 0 10px; min-height: ${field}px; }
QComboBox { padding: 0 2px 0 11px; min-height: ${field}px; color: $text; }
QSpinBox, QDoubleSpinBox { padding: 0; min-height: ${field}px; max-height: ${field}px; }
QPlainTextEdit, QTextEdit { padding: 5px 7px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QComboBox:focus, QComboBox:on { border: 2px solid $accent; }
QLineEdit[state="error"], QPlainTextEdit[state="error"], QTextEdit[state="error"],
QSpinBox[state="error"], QDoubleSpinBox[state="error"], QComboBox[state="error"] {
    border: 2px solid $error;
}
QLineEdit:focus, QLineEdit[state="error"] { padding: 0 9px; min-height: ${field_in}px; }
QComboBox:focus, QComboBox:on, QComboBox[state="error"] {
    padding: 0 1px 0 10px; min-height: ${field_in}px;
}
QSpinBox:focus, QDoubleSpinBox:focus, QSpinBox[state="error"], QDoubleSpinBox[state="error"] {
    padding: 0; min-height: ${field_in}px; max-height: ${field_in}px;
}
QPlainTextEdit:focus, QTextEdit:focus, QPlainTextEdit[state="error"], QTextEdit[state="error"] {
    padding: 4px 6px;
}
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QSpinBox:disabled,
QDoubleSpinBox:disabled, QComboBox:disabled {
    background: $sunken; border-color: $border; color: $disabled;
    placeholder-text-color: $faint;
}
QComboBox QLineEdit, QSpinBox QLineEdit, QDoubleSpinBox QLineEdit, QAbstractItemView QLineEdit {
    border: none; border-radius: 0; padding: 0; min-height: 0; background: transparent;
}
QAbstractItemView QLineEdit { background: $base; padding: 0 4px; }
QAbstractItemView QLineEdit:focus { border: 2px solid $accent; border-radius: 4px; }
QTextBrowser[card="true"], QTextBrowser[card="true"]:focus {
    border: none; background: transparent; padding: 0;
}
QComboBox { combobox-popup: 0; }
QComboBox::drop-down {
    subcontrol-origin: padding; subcontrol-position: center right; border: none;
    width: ${drop}px;
}
QComboBox::down-arrow { image: url($icons/down.svg); width: ${arrow}px; height: ${arrow}px; }
QComboBox::down-arrow:disabled { image: url($icons/down-disabled.svg); }
QComboBox QAbstractItemView {
    background: $raised; border: 1px solid $border; padding: 3px; outline: none;
    selection-background-color: $selection; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: ${row}px; padding: 0 8px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected { background: $selection; color: $text; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::down-button {
    subcontrol-origin: padding; border: none; background: transparent; width: ${spin}px;
}
QSpinBox::up-button, QDoubleSpinBox::up-button {
    subcontrol-position: top right; margin: 2px 2px 0 0;
}
QSpinBox::down-button, QDoubleSpinBox::down-button {
    subcontrol-position: bottom right; margin: 0 2px 2px 0;
}
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::down-button:hover { background: $button_hover; border-radius: 3px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {
    image: url($icons/up.svg); width: 9px; height: 9px;
}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url($icons/down.svg); width: 9px; height: 9px;
}
QSpinBox::up-arrow:disabled, QDoubleSpinBox::up-arrow:disabled, QSpinBox::up-arrow:off,
QDoubleSpinBox::up-arrow:off { image: url($icons/up-disabled.svg); }
QSpinBox::down-arrow:disabled, QDoubleSpinBox::down-arrow:disabled, QSpinBox::down-arrow:off,
QDoubleSpinBox::down-arrow:off { image: url($icons/down-disabled.svg); }
"""

_TICKS = """
QCheckBox, QRadioButton { spacing: 8px; min-height: ${tick_row}px; outline: none; }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator,
QGroupBox::indicator {
    width: ${tick}px; height: ${tick}px; border: 1px solid $control; background: $base;
}
QCheckBox::indicator, QAbstractItemView::indicator, QGroupBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: ${tick_round}px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QAbstractItemView::indicator:hover {
    border-color: $accent;
}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked, QGroupBox::indicator:checked {
    image: url($icons/check.svg); background: $accent; border-color: $accent;
}
QCheckBox::indicator:indeterminate, QAbstractItemView::indicator:indeterminate {
    image: url($icons/minus.svg); background: $accent; border-color: $accent;
}
QRadioButton::indicator:checked {
    width: ${dot}px; height: ${dot}px; border: ${dot_edge}px solid $accent; background: $on_accent;
    border-radius: ${dot_round}px;
}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled,
QAbstractItemView::indicator:disabled { background: $sunken; border-color: $border; }
QCheckBox::indicator:checked:disabled, QAbstractItemView::indicator:checked:disabled {
    image: url($icons/check-disabled.svg); background: $sunken; border-color: $border;
}
QCheckBox::indicator:indeterminate:disabled, QAbstractItemView::indicator:indeterminate:disabled {
    image: url($icons/minus-disabled.svg); background: $sunken; border-color: $border;
}
QRadioButton::indicator:checked:disabled { border-color: $border; background: $disabled; }
"""

_FRAMES = """
QMainWindow::separator { background: $border; width: 1px; height: 1px; }
QToolBar {
    background: $window; border: none; border-bottom: 1px solid $border; spacing: 4px;
    padding: 0 8px;
}
QToolBar::separator { background: $border; width: 1px; height: 1px; margin: 6px 8px; }
QMenuBar { background: $window; border: none; padding: 2px 8px; }
QMenuBar::item { background: transparent; padding: 4px 10px; border-radius: 6px; }
QMenuBar::item:selected { background: $button_hover; }
QMenuBar::item:pressed { background: $button_pressed; }
QMenu { background: $raised; border: 1px solid $border; padding: 4px; }
QMenu::item {
    background: transparent; color: $text; padding: 0 24px 0 10px; margin: 0;
    min-height: ${menu}px; height: ${menu}px; border-radius: 4px;
}
QMenu::item:selected { background: $selection; }
QMenu::item:disabled { color: $disabled; background: transparent; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::right-arrow { image: url($icons/right.svg); width: ${arrow}px; height: ${arrow}px; }
QMenu::right-arrow:disabled { image: url($icons/right-disabled.svg); }
QMenu::indicator {
    width: ${tick}px; height: ${tick}px; margin-left: 8px; border: 1px solid $control;
    border-radius: 4px; background: $base;
}
QMenu::indicator:exclusive { border-radius: ${tick_round}px; }
QMenu::indicator:checked {
    image: url($icons/check.svg); background: $accent; border-color: $accent;
}
QToolTip { background: $raised; color: $text; border: 1px solid $border; padding: 4px 7px; }
QSplitter::handle { background: $border; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $control; }
QScrollArea { background: transparent; border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: $scroll; border-radius: 3px; }
QScrollBar::handle:vertical { margin: 3px; min-height: 30px; }
QScrollBar::handle:horizontal { margin: 3px; min-width: 30px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $control; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QTabWidget::pane { border: none; border-top: 1px solid $border; top: -1px; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab {
    background: transparent; color: $text2; border: none; border-bottom: 2px solid transparent;
    padding: 0 1px; margin: 0 18px 0 0; min-height: ${tab}px;
}
QTabBar::tab:hover { color: $text; border-bottom-color: $border; }
QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom-color: $accent; }
QTabBar::tab:disabled { color: $disabled; }
QTabBar:focus { outline: none; }
QTabBar::tab:focus { color: $accent; }
QGroupBox { border: none; margin-top: ${head}px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; subcontrol-position: top left; padding: 0; }
QProgressBar {
    background: $track; border: none; border-radius: 3px; min-height: 6px; max-height: 6px;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QStatusBar { background: $sidebar; border-top: 1px solid $border; }
QStatusBar::item { border: none; }
"""

_VIEWS = """
QAbstractItemView { outline: none; }
QTableView, QTreeView, QListView {
    background: $base; border: none; selection-background-color: $selection;
    selection-color: $text; gridline-color: $hairline;
}
QTreeView, QListView { show-decoration-selected: 1; }
QTreeView[framed="true"], QListView[framed="true"], QTableView[framed="true"] {
    border: 1px solid $border; border-radius: 6px; padding: 1px;
}
QListView::item { min-height: ${row}px; padding: 0 6px; color: $text; }
QTreeView::item { min-height: ${tree}px; color: $text; }
QListView::item:hover, QTreeView::item:hover, QTreeView::branch:hover { background: $row_hover; }
QListView::item:selected, QTreeView::item:selected, QTreeView::branch:selected {
    background: $selection_inactive; color: $text;
}
QListView::item:selected:active, QTreeView::item:selected:active,
QTreeView::branch:selected:active { background: $selection; color: $text; }
QListView::item:disabled, QTreeView::item:disabled { color: $disabled; }
QTreeView::branch:has-children:closed { image: url($icons/right.svg); padding: 5px; }
QTreeView::branch:has-children:open { image: url($icons/down.svg); padding: 5px; }
QHeaderView { background: $base; border: none; }
QHeaderView::section {
    background: $base; color: $text2; border: none; border-bottom: 1px solid $border;
    padding: 0 6px; min-height: ${header}px;
}
QHeaderView::section:hover { color: $text; background: $row_hover; }
QHeaderView::section:disabled { color: $disabled; }
QHeaderView::up-arrow { image: url($icons/up.svg); width: ${arrow}px; height: ${arrow}px; }
QHeaderView::down-arrow { image: url($icons/down.svg); width: ${arrow}px; height: ${arrow}px; }
"""

_OWN = """
QLabel { background: transparent; }
QLabel[tone="secondary"] { color: $text2; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="error"] { color: $error; }
QLabel[tone="warning"] { color: $warning; }
QLabel[tone="note"], QLabel[tone="info"] { color: $note; }
QLabel[tone="ok"] { color: $ok; }
QLabel:disabled { color: $disabled; }
QWidget[surface="base"] { background: $base; }
QWidget[surface="window"] { background: $window; }
QWidget[surface="sidebar"] { background: $sidebar; }
QWidget[surface="raised"] { background: $raised; }
QWidget[surface="card"] {
    background: $raised; border: 1px solid $border; border-radius: 8px;
}
QWidget[surface="card"][big="true"] { border-radius: 10px; }
QFrame[line="true"] { background: $border; border: none; }
"""


def _between(one: QColor, other: QColor) -> QColor:
    return QColor(
        (one.red() + other.red()) // 2,
        (one.green() + other.green()) // 2,
        (one.blue() + other.blue()) // 2,
    )


def build_style_sheet(t: Tokens, base: QFont) -> str:
    """The sheet for these colours and this application font.

    Content heights are what remains of a design height after its edges, so that a field is as high
    at rest (1 px edge) as with focus (2 px).
    """
    field = row_height(32, base)
    tick = metric(16, base) - 2
    dot = max(4, round((tick + 2) * 0.36))
    dot_edge = (tick + 2 - dot) // 2
    lengths = {
        "field": field - 2,
        "field_in": field - 4,
        "small": row_height(26, base) - 2,
        "inline": metric(20, base),
        "tool": row_height(28, base) - 2,
        "row": row_height(28, base),
        "tree": row_height(26, base),
        "header": row_height(30, base) - 1,
        "menu": row_height(28, base),
        "tab": row_height(34, base) - 2,
        "head": row_height(24, base),
        "tick": tick,
        "tick_row": row_height(24, base),
        "tick_round": (tick + 2) // 2,
        "dot": tick + 2 - 2 * dot_edge,
        "dot_edge": dot_edge,
        "dot_round": (tick + 2) // 2,
        "arrow": metric(12, base),
        "menu_pad": metric(16, base),
        "drop": metric(26, base),
        "spin": metric(18, base),
        "pad": 12,
    }
    values: dict[str, str] = {name: str(value) for name, value in lengths.items()}
    for name in Tokens.__dataclass_fields__:
        value = getattr(t, name)
        if isinstance(value, QColor):
            values[name] = value.name()
    values["track"] = (t.border if t.dark else t.split_unused).name()
    # What stands in a field that is off and empty must not look like a value in it.
    values["faint"] = _between(t.disabled, t.sunken).name()
    values["icons"] = (CONTROLS / ("dark" if t.dark else "light")).as_posix()
    sheet = "\n".join((_FRAMES, _VIEWS, _OWN, _BUTTONS, _FIELDS, _TICKS))
    return Template(sheet).substitute(values)
