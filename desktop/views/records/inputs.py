"""The editors of a form of records: one for each kind of field, filled and read in one way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QFontMetrics, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QCompleter,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from desktop.models.formats import SOURCES
from desktop.services.records import Finding
from desktop.views.records import figures
from desktop.views.records.cells import shown
from desktop.views.records.kinds import RecordField
from desktop.views.theme import FontRole, font
from desktop.views.widgets.segmented import SegmentedSwitch

_LINES = {"long": 3, "template": 6, "lines": 4}


class FieldInput(QObject):
    """One editor. widget: what stands in the form; target: the part that takes the focus.

    What is typed is `raw`; `read` makes a value of it, or says what is wrong with it.

    Signals:
        changed: what is typed is other than before.
        left: the focus went elsewhere; now a person may be told what is missing.
    """

    changed = Signal()
    left = Signal()

    def __init__(self, spec: RecordField, name: str, parent: QObject) -> None:
        """name: the objectName of the editor, without its ending."""
        super().__init__(parent)
        self.spec = spec
        self._name = name
        self._before: Any = None
        self.widget = self.target = self._build()
        self.target.setAccessibleName(spec.title)

    def _build(self) -> QWidget:
        raise NotImplementedError

    def raw(self) -> Any:
        """What is typed or chosen."""
        raise NotImplementedError

    def set_raw(self, raw: Any) -> None:
        """Type or choose this."""
        raise NotImplementedError

    def read(self) -> tuple[Any, Finding | None]:
        """(the value for the request, what is wrong with what is typed)."""
        return self.raw(), None

    def fill(self, value: Any) -> None:
        """Show a record's value, and count everything else as a change."""
        self.set_raw(self._as_raw(value))
        self._before = self.raw()

    @property
    def is_changed(self) -> bool:
        """Whether something else is typed than `fill` showed."""
        return bool(self.raw() != self._before)

    def _as_raw(self, value: Any) -> Any:
        return shown(value)

    def _changed(self, *_: object) -> None:
        self.changed.emit()

    def _left(self) -> None:
        self.left.emit()


class LineInput(FieldInput):
    """A line of text; also figures, which are typed as text."""

    def _build(self) -> QWidget:
        self._edit = QLineEdit()
        self._edit.setObjectName(f"{self._name}Edit")
        self._edit.setPlaceholderText(self.spec.hint)
        self._edit.textChanged.connect(self._changed)
        self._edit.editingFinished.connect(self._left)
        return self._edit

    def raw(self) -> str:
        return self._edit.text()

    def set_raw(self, raw: Any) -> None:
        self._edit.setText(raw)
        self._edit.setCursorPosition(0)


class FigureInput(LineInput):
    """A part in percent, a count or a rate; empty is not recorded."""

    def _as_raw(self, value: Any) -> str:
        if self.spec.kind == "part":
            return figures.percent_text(value)
        return figures.number_text(value)

    def read(self) -> tuple[Any, Finding | None]:
        readers = {
            "part": figures.read_part,
            "count": figures.read_count,
            "rate": figures.read_rate,
        }
        return readers[self.spec.kind](self.spec.key, self.raw())


class LookUpInput(LineInput):
    """An ID that a registry knows. wanted: the person wants to ask the registry, or to stop it."""

    wanted = Signal()

    def _build(self) -> QWidget:
        edit = super()._build()
        self.button = QPushButton("Look &up…")
        self.button.setObjectName(f"{self._name}LookUp")
        self.button.setAccessibleName("Look this up in a registry")
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self.wanted)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(edit, 1)
        row.addWidget(self.button)
        self._both = both
        return edit

    def __init__(self, spec: RecordField, name: str, parent: QObject) -> None:
        super().__init__(spec, name, parent)
        self.widget = self._both

    def set_busy(self, busy: bool) -> None:
        """While a registry is asked, a click stops that."""
        self.button.setText("Stop" if busy else "Look &up…")


class PlaceInput(LineInput):
    """A path, typed or browsed for. A dataset can be one file, everything else is a folder."""

    def _build(self) -> QWidget:
        self._chooser: QFileDialog | None = None
        edit = super()._build()
        self._button = QPushButton("Browse…")
        self._button.setObjectName(f"{self._name}Browse")
        self._button.setAccessibleName(f"Browse for the {self.spec.title.lower()}")
        self._button.setAutoDefault(False)
        self._button.clicked.connect(self._browse)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(edit, 1)
        row.addWidget(self._button)
        self._both = both
        return edit

    def __init__(self, spec: RecordField, name: str, parent: QObject) -> None:
        super().__init__(spec, name, parent)
        self.widget = self._both
        self.one_file = False

    def _browse(self) -> None:
        if self._chooser is None:
            self._chooser = QFileDialog(self.widget, f"Choose the {self.spec.title.lower()}")
            self._chooser.setObjectName(f"{self._name}Chooser")
            self._chooser.setWindowModality(Qt.WindowModality.WindowModal)
            self._chooser.fileSelected.connect(self._chosen)
        modes = QFileDialog.FileMode
        self._chooser.setFileMode(modes.ExistingFile if self.one_file else modes.Directory)
        self._chooser.setOption(QFileDialog.Option.ShowDirsOnly, not self.one_file)
        self._chooser.open()

    def _chosen(self, path: str) -> None:
        self._edit.setText(path)
        self.left.emit()


class _PlainEdit(QPlainTextEdit):
    left = Signal()

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class TextInput(FieldInput):
    """Several lines: a description, a template in fixed width, or one value a line."""

    def _build(self) -> QWidget:
        self._edit = _PlainEdit()
        self._edit.setObjectName(f"{self._name}Edit")
        self._edit.setPlaceholderText(self.spec.hint)
        self._edit.setTabChangesFocus(True)
        if self.spec.kind == "template":
            self._edit.setFont(font(FontRole.FIXED, QApplication.font()))
        height = QFontMetrics(self._edit.font()).lineSpacing() * _LINES[self.spec.kind] + 20
        self._edit.setFixedHeight(height)
        self._edit.textChanged.connect(self._changed)
        self._edit.left.connect(self._left)
        return self._edit

    def raw(self) -> str:
        return self._edit.toPlainText()

    def set_raw(self, raw: Any) -> None:
        self._edit.setPlainText(raw)

    def _as_raw(self, value: Any) -> str:
        if self.spec.kind == "lines":
            return "\n".join(str(item) for item in value or ())
        return str(value) if value else ""

    def read(self) -> tuple[Any, Finding | None]:
        if self.spec.kind == "lines":
            return tuple(self.raw().splitlines()), None
        return self.raw(), None


class _Combo(QComboBox):
    """Scrolling past a form must not change what is chosen in it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.setSizeAdjustPolicy(policy)
        self.setMinimumContentsLength(8)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceInput(FieldInput):
    """One of the fixed options, or one of the library's records or none."""

    def _build(self) -> QWidget:
        self._combo = _Combo()
        self._combo.setObjectName(f"{self._name}Combo")
        for value, words in self.spec.options:
            self._combo.addItem(words, value)
        self._combo.currentIndexChanged.connect(self._changed)
        self._combo.activated.connect(self._left)
        return self._combo

    def _left(self, *_: object) -> None:
        self.left.emit()

    def set_records(self, records: Sequence[Any]) -> None:
        """Offer these records; what is chosen stays chosen."""
        chosen = self.raw()
        self._combo.blockSignals(True)
        self._combo.clear()
        self._combo.addItem("None", "")
        for record in records:
            self._combo.addItem(shown(record.title), record.id)
        self.set_raw(chosen)
        self._combo.blockSignals(False)

    def raw(self) -> str:
        return str(self._combo.currentData() or "")

    def set_raw(self, raw: Any) -> None:
        at = self._combo.findData(raw or "")
        if at < 0:
            # A record that is gone, or a value that only another program knows.
            self._combo.addItem(shown(raw), raw)
            at = self._combo.count() - 1
        self._combo.setCurrentIndex(at)

    def _as_raw(self, value: Any) -> str:
        return str(value) if value else ""


class NamesInput(FieldInput):
    """A text, with names to choose from: any other name will do, too."""

    def _build(self) -> QWidget:
        self._combo = _Combo()
        self._combo.setObjectName(f"{self._name}Combo")
        line = QLineEdit()
        self._combo.setLineEdit(line)
        self._combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._names = QStringListModel(self)
        self._combo.setModel(self._names)
        self._combo.setCurrentIndex(-1)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._combo.setCompleter(completer)
        line.setPlaceholderText(self.spec.hint)
        line.setObjectName(f"{self._name}Edit")
        line.setAccessibleName(self.spec.title)
        self._combo.editTextChanged.connect(self._changed)
        line.editingFinished.connect(self._left)
        return self._combo

    def set_names(self, names: Sequence[str]) -> None:
        """Offer these names; what is typed stays."""
        typed = self.raw()
        self._combo.blockSignals(True)
        self._names.setStringList([shown(name) for name in names])
        self._combo.setCurrentIndex(-1)
        self._combo.setEditText(typed)
        self._combo.blockSignals(False)

    def raw(self) -> str:
        return self._combo.currentText()

    def set_raw(self, raw: Any) -> None:
        self._combo.setEditText(raw)


class SwitchInput(FieldInput):
    """Two to four equal choices."""

    def _build(self) -> QWidget:
        choices = [(key, words, SOURCES[key][1]) for key, words in self.spec.options]
        self._switch = SegmentedSwitch(choices)
        self._switch.setObjectName(f"{self._name}Switch")
        self._switch.changed.connect(self._changed)
        return self._switch

    def raw(self) -> str:
        return self._switch.current()

    def set_raw(self, raw: Any) -> None:
        before = self._switch.current()
        self._switch.set_current(raw)
        if self._switch.current() != before:
            self.changed.emit()

    def _as_raw(self, value: Any) -> str:
        return str(value) if value else self.spec.options[0][0]


_INPUTS: dict[str, type[FieldInput]] = {
    "text": LineInput,
    "part": FigureInput,
    "count": FigureInput,
    "rate": FigureInput,
    "place": PlaceInput,
    "registry": LookUpInput,
    "long": TextInput,
    "template": TextInput,
    "lines": TextInput,
    "options": ChoiceInput,
    "record": ChoiceInput,
    "names": NamesInput,
    "switch": SwitchInput,
}


def make_input(spec: RecordField, name: str, parent: QObject) -> FieldInput:
    """The editor for a field."""
    return _INPUTS[spec.kind](spec, name, parent)
