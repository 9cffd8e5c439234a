"""Which part of a dataset an adapter was trained on, as a picture and in figures."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from desktop.services.records import DatasetSplit
from desktop.views.theme import FontRole, metric, tabular, tokens
from desktop.views.widgets.text import PlainLabel

_WORDS = ("train", "test", "not used")
_GAP = 2
_HATCH = 5  # pixels from one line of the hatching to the next


def percent(part: float) -> str:
    """A part of a whole as text: "72 %", "12.5 %", "under 0.1 %", with a no-break space."""
    locale = QLocale()
    figure = part * 100
    if 0 < figure < 0.1:
        return f"under {locale.toString(0.1, 'f', 1)}\u00a0%"
    rounded = round(figure, 1)
    text = (
        locale.toString(int(rounded))
        if rounded == int(rounded)
        else locale.toString(rounded, "f", 1)
    )
    return f"{text}\u00a0%"


def describe(split: DatasetSplit) -> str:
    """The split in one sentence, for a screen reader."""
    if not split.drawable:
        return "The recorded figures are not parts of a whole."
    said = [
        f"{percent(part)} {word}"
        for part, word in zip(split.parts, _WORDS, strict=True)
        if part > 0
    ]
    if split.recorded and split.job_name:
        source = f"recorded by job {split.job_name}"
    else:
        source = "recorded" if split.recorded else "assumed"
    return f"{', '.join(said)}; {source}."


def paint_part(painter: QPainter, area: QRectF, part: int) -> None:
    """Fill an area as train (0), test (1) or not used (2, hatched)."""
    t = tokens()
    fill: QColor = (t.split_train, t.split_test, t.split_unused)[part]
    painter.fillRect(area, fill)
    if part != 2:
        return
    painter.save()
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(t.split_hatch, 1))
    x = area.left() - area.height()
    x -= x % _HATCH
    while x < area.right():
        painter.drawLine(
            QRectF(x, area.bottom(), 0, 0).topLeft(),
            QRectF(x + area.height(), area.top(), 0, 0).topLeft(),
        )
        x += _HATCH
    painter.restore()


class SplitBar(QWidget):
    """The whole dataset as a bar: train, test, not used. Hidden while there is nothing to draw.

    thin: the form for dialogs, 14 instead of 20 high.
    """

    def __init__(self, parent: QWidget | None = None, *, thin: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("splitBar")
        self._height = 14 if thin else 20
        self._split: DatasetSplit | None = None
        self.setAccessibleName("Dataset split")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_split(None)

    def set_split(self, split: DatasetSplit | None) -> None:
        """Show this split. Figures outside 0 to 1 are not drawn: the bar hides."""
        self._split = split if split is not None and split.drawable else None
        self.setAccessibleDescription(describe(split) if split is not None else "")
        self.setVisible(self._split is not None)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, metric(self._height, self.font()))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _: QPaintEvent) -> None:
        if self._split is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(whole.width(), 0)
            painter.scale(-1, 1)
        shape = QPainterPath()
        shape.addRoundedRect(whole, 3, 3)
        painter.setClipPath(shape)
        parts = [(n, part) for n, part in enumerate(self._split.parts) if part > 1e-9]
        room = whole.width() - _GAP * max(len(parts) - 1, 0)
        left = 0.0
        for place, (number, part) in enumerate(parts):
            last = place == len(parts) - 1
            right = whole.width() if last else left + max(1, round(part * room))
            paint_part(painter, QRectF(left, 0, right - left, whole.height()), number)
            left = right + _GAP
        painter.end()


class _Swatch(QWidget):
    """The little square that says which colour a word is about."""

    def __init__(self, part: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = part
        side = metric(10, self.font())
        self.setFixedSize(side, side)

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(area, 2, 2)
        painter.setClipPath(shape)
        paint_part(painter, area, self._part)
        painter.setClipping(False)
        if self._part == 2:
            painter.setPen(QPen(tokens().control, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        painter.end()


class SplitLegend(QWidget):
    """Percent, word and, if known, rows for each part. What is 0 is left out.

    rows: how many rows the whole dataset has. compact: one line, without the rows.
    """

    def __init__(
        self,
        split: DatasetSplit | None = None,
        rows: int | None = None,
        parent: QWidget | None = None,
        *,
        compact: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("splitLegend")
        self._compact = compact
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        self._items: list[_LegendItem] = []
        for part, word in enumerate(_WORDS):
            item = _LegendItem(part, word, compact)
            self._items.append(item)
            self._row.addWidget(item)
        self._row.addStretch(1)
        self.set_split(split, rows)

    def minimumSizeHint(self) -> QSize:
        # One under the other where they do not fit side by side.
        widest = max(item.sizeHint().width() for item in self._items)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        shown = [item for item in self._items if not item.isHidden()]
        wide = sum(item.sizeHint().width() + self._row.spacing() for item in shown)
        way = QBoxLayout.Direction
        fits = wide - self._row.spacing() <= self.width()
        self._row.setDirection(way.LeftToRight if fits else way.TopToBottom)

    def set_split(self, split: DatasetSplit | None, rows: int | None = None) -> None:
        """Show the figures of this split; assumed ones are italic."""
        drawn = split if split is not None and split.drawable else None
        self.setVisible(drawn is not None)
        if drawn is None:
            return
        counts = _rows(drawn, rows)
        for item, part, count in zip(self._items, drawn.parts, counts, strict=True):
            item.set(part, count, assumed=not drawn.recorded)
        self._turn()


def _rows(split: DatasetSplit, rows: int | None) -> tuple[int | None, int | None, int | None]:
    if rows is None:
        return None, None, None
    used = round(rows * split.dataset_fraction)
    train = round(used * split.train_test_split)
    return train, used - train, rows - used


class _LegendItem(QWidget):
    def __init__(self, part: int, word: str, compact: bool) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(0)
        grid.addWidget(_Swatch(part), 0, 0, Qt.AlignmentFlag.AlignVCenter)
        line = QHBoxLayout()
        line.setSpacing(4)
        small = FontRole.LABEL
        self._percent = PlainLabel(role=small if compact else FontRole.FIELD_LABEL)
        self._percent.setFont(tabular(self._percent.font()))
        line.addWidget(self._percent)
        line.addWidget(PlainLabel(word, role=small))
        line.addStretch(1)
        grid.addLayout(line, 0, 1)
        self._rows = PlainLabel(role=FontRole.BADGE, tone="secondary")
        self._rows.setFont(tabular(self._rows.font()))
        grid.addWidget(self._rows, 1, 1)

    def set(self, part: float, rows: int | None, assumed: bool) -> None:
        self.setVisible(part > 1e-9)
        self._percent.setText(percent(part))
        slanted = self._percent.font()
        slanted.setItalic(assumed)
        self._percent.setFont(slanted)
        self._rows.setVisible(rows is not None)
        if rows is not None:
            self._rows.setText(f"{QLocale().toString(rows)} row{'' if rows == 1 else 's'}")
