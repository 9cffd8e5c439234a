"""What is going to be fetched: a few lines with boxes; only the last one can be changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.models.formats import bytes_text, size_text
from desktop.views.import_pages.shared.file_words import (
    FileLine,
    FileToFetch,
    file_lines,
    files_text,
)
from desktop.views.theme import FontRole, metric, row_height, tabular, tokens
from desktop.views.widgets.text import PlainLabel, set_plain_tooltip

_ROWS = 4


class _Line(QWidget):
    """Box, name, what it is there for, size. A click anywhere ticks one that can be changed."""

    def __init__(self, line: FileLine, ticked: bool, prefix: str) -> None:
        super().__init__()
        self.line = line
        tone = "" if line.needed else "secondary"
        self.box = QCheckBox()
        self.box.setChecked(line.needed or ticked)
        spoken = f"{line.title}, {line.kind}, {size_text(line.size)}"
        if line.needed:
            # Not disabled: that would look as if it did not come.
            self.box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.box.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self.box.setObjectName(f"{prefix}FileBox")
            self.box.setAccessibleName(f"{spoken}, always fetched")
        else:
            self.box.setObjectName(f"{prefix}AllFilesBox")
            self.box.setAccessibleName(f"Fetch also {spoken}")
        name = PlainLabel(line.title, role=FontRole.LABEL, tone=tone, elide="middle")
        name.setObjectName(f"{prefix}FileName")
        kind = PlainLabel(line.kind, role=FontRole.LABEL, tone="secondary", elide="end")
        size = PlainLabel(size_text(line.size), role=FontRole.LABEL, tone="secondary")
        size.setFont(tabular(size.font()))
        size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        set_plain_tooltip(size, bytes_text(line.size))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.box)
        row.addWidget(name, 7)
        row.addWidget(kind, 5)
        row.addWidget(size, 2)
        name.setMinimumWidth(1)
        kind.setMinimumWidth(1)
        for label in (name, kind):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setFixedHeight(row_height(23, self.font()))
        if len(line.names) > 1:
            set_plain_tooltip(self, "\n".join(line.names[:40]))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if inside and not self.line.needed and event.button() == Qt.MouseButton.LeftButton:
            self.box.click()
        super().mouseReleaseEvent(event)


class _Frame(QWidget):
    def paintEvent(self, _: QPaintEvent) -> None:
        t = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(t.border, 1))
        painter.setBrush(t.base)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()


class FilesBox(QWidget):
    """The files of a place on a server. prefix: what its object names begin with.
    allFilesToggled(bool): those that nothing needs are wanted too."""

    allFilesToggled = Signal(bool)

    def __init__(self, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prefix = prefix
        self.setObjectName(f"{prefix}Files")
        self._shown: tuple[FileLine, ...] = ()
        self._lines: list[_Line] = []
        self.title = PlainLabel("Files to fetch", role=FontRole.FIELD_LABEL)
        self.sum = PlainLabel("", role=FontRole.LABEL, tone="secondary")
        self.sum.setObjectName(f"{prefix}FilesSum")
        self.sum.setFont(tabular(self.sum.font()))
        self.empty = PlainLabel("", role=FontRole.LABEL, tone="secondary", wrap=True)
        self._frame = _Frame()
        self._box = QVBoxLayout(self._frame)
        self._box.setContentsMargins(0, 4, 0, 4)
        self._box.setSpacing(0)
        self.empty.setContentsMargins(12, 4, 12, 4)
        self._box.addWidget(self.empty)
        self._box.addStretch(1)
        # Room for what usually stands here, so that what follows stays where it is.
        self._frame.setMinimumHeight(_ROWS * row_height(23, self.font()) + 8)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.sum)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, metric(4, self.font()))
        box.setSpacing(4)
        box.addLayout(head)
        box.addWidget(self._frame)
        self.show_files((), all_files=False, sentence="")

    def show_files(self, files: Sequence[FileToFetch], *, all_files: bool, sentence: str) -> None:
        """Show these files; sentence: what stands here where there are none."""
        lines = tuple(file_lines(files))
        self.sum.setText(files_text(files, all_files=all_files))
        self.empty.setText(sentence)
        self.empty.setVisible(not lines)
        if lines != self._shown:
            self._shown = lines
            self._build(all_files)
        for line in self._lines:
            if not line.line.needed and line.box.isChecked() != all_files:
                line.box.setChecked(all_files)

    def _build(self, all_files: bool) -> None:
        for line in self._lines:
            self._box.removeWidget(line)
            line.hide()
            line.deleteLater()
        self._lines = [_Line(line, all_files, self._prefix) for line in self._shown]
        for place, line in enumerate(self._lines):
            self._box.insertWidget(place, line)
            line.show()  # a layout shows it only with the next event
            if not line.line.needed:
                line.box.toggled.connect(self.allFilesToggled)
