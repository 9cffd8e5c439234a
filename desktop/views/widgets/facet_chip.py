"""A chip that narrows a list to some values of one property, chosen from a list with counts."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from PySide6.QtCore import (
    QEvent,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QCloseEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.views.theme import FontRole, font, metric, row_height, tabular, tokens
from desktop.views.widgets.chip import Chip
from desktop.views.widgets.text import plain_tooltip, visible

Value = tuple[Hashable, str, int]
"""(key, title, how many)"""

_KEY = Qt.ItemDataRole.UserRole.value + 1
_COUNT = Qt.ItemDataRole.UserRole.value + 2
_FILTER_ABOVE = 12
_MOST_ROWS = 14
_Index = QModelIndex | QPersistentModelIndex


class _CountDelegate(QStyledItemDelegate):
    """The list's own painting, and the count at the right in tabular figures."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._base = QApplication.font()
        self._font = tabular(font(FontRole.LABEL, self._base))
        self._metrics = QFontMetrics(self._font)

    def _room(self, index: _Index) -> int:
        return self._metrics.horizontalAdvance(str(index.data(_COUNT))) + metric(16, self._base)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + self._room(index), row_height(28, self._base))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        room = self._room(index)
        option = QStyleOptionViewItem(option)
        option.textElideMode = Qt.TextElideMode.ElideMiddle
        super().paint(painter, option, index)
        area: QRect = option.rect
        rtl = option.direction == Qt.LayoutDirection.RightToLeft
        side = Qt.AlignmentFlag.AlignLeft if rtl else Qt.AlignmentFlag.AlignRight
        place = QRect(area.left() + 8, area.top(), room, area.height())
        if not rtl:
            place.moveRight(area.right() - 8)
        painter.save()
        painter.setFont(self._font)
        painter.setPen(tokens().text2)
        painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, str(index.data(_COUNT)))
        painter.restore()


class _Popup(QFrame):
    """The list under the chip: Space or a click ticks, Enter and Escape close."""

    picked = Signal()

    def __init__(self, owner: QWidget, title: str) -> None:
        super().__init__(owner, Qt.WindowType.Popup)
        self.setObjectName("facetPopup")
        self.setAccessibleName(title)
        self.setProperty("surface", "card")
        box = QVBoxLayout(self)
        box.setContentsMargins(5, 5, 5, 5)
        box.setSpacing(4)
        self.search = QLineEdit()
        self.search.setObjectName("facetSearch")
        self.search.setPlaceholderText("Filter")
        self.search.setAccessibleName(f"Filter the values of {title}")
        self.search.textChanged.connect(self._filter)
        box.addWidget(self.search)
        self.view = QListView()
        self.view.setObjectName("facetValues")
        self.view.setAccessibleName(title)
        self.view.setProperty("surface", "raised")
        self.view.setMouseTracking(True)
        self.view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.view.setUniformItemSizes(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.model = QStandardItemModel(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(_CountDelegate(self.view))
        self.view.clicked.connect(self._clicked)
        self._filling = False
        self._pressed_state: tuple[int, Qt.CheckState] | None = None
        self.view.pressed.connect(self._pressed)
        self.model.itemChanged.connect(self._changed)
        box.addWidget(self.view)
        self.search.installEventFilter(self)
        self.view.installEventFilter(self)

    def fill(self, values: Sequence[Value], chosen: set[Hashable]) -> None:
        """Show these values, ticked where chosen. Unchanged rows stay where they are."""
        self._filling = True
        self.model.clear()
        for key, title, count in values:
            item = QStandardItem(visible(title))
            item.setEditable(False)
            item.setCheckable(True)
            ticked = key in chosen
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            item.setData(key, _KEY)
            item.setData(QLocale().toString(count), _COUNT)
            item.setData(f"{visible(title)}, {count}", Qt.ItemDataRole.AccessibleTextRole)
            item.setToolTip(plain_tooltip(visible(title)) if len(title) > 40 else "")
            self.model.appendRow(item)
        self._filling = False
        self.search.setVisible(len(values) > _FILTER_ABOVE)

    def chosen(self) -> set[Hashable]:
        """The keys that are ticked."""
        items = (self.model.item(row) for row in range(self.model.rowCount()))
        return {i.data(_KEY) for i in items if i.checkState() == Qt.CheckState.Checked}

    def open_below(self, chip: QWidget) -> None:
        """Show under the chip, within its screen."""
        self.search.clear()
        base = self.font()
        rows = min(max(self.model.rowCount(), 1), _MOST_ROWS)
        width = min(max(self.view.sizeHintForColumn(0) + 40, metric(200, base)), metric(380, base))
        self.view.setFixedHeight(rows * row_height(28, base) + 2)
        self.setFixedWidth(max(width, chip.width()))
        self.adjustSize()
        corner = chip.mapToGlobal(QPoint(0, chip.height() + 4))
        space = chip.screen().availableGeometry()
        if corner.y() + self.height() > space.bottom():
            corner.setY(chip.mapToGlobal(QPoint(0, -4)).y() - self.height())
        corner.setX(max(space.left(), min(corner.x(), space.right() - self.width())))
        self.move(corner)
        self.show()
        if self.model.rowCount():
            self.view.setCurrentIndex(self.model.index(0, 0))
        (self.search if self.search.isVisible() else self.view).setFocus()

    def _filter(self, text: str) -> None:
        wanted = text.strip().casefold()
        for row in range(self.model.rowCount()):
            self.view.setRowHidden(row, wanted not in self.model.item(row).text().casefold())

    def _pressed(self, index: QModelIndex) -> None:
        self._pressed_state = (index.row(), self.model.itemFromIndex(index).checkState())

    def _clicked(self, index: QModelIndex) -> None:
        # A click on the box itself has turned it already; the whole row is the target.
        item = self.model.itemFromIndex(index)
        if self._pressed_state == (index.row(), item.checkState()):
            self._turn(item)

    def _turn(self, item: QStandardItem) -> None:
        on = item.checkState() == Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Unchecked if on else Qt.CheckState.Checked)

    def _changed(self, _: QStandardItem) -> None:
        if not self._filling:
            self.picked.emit()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.close()
                return True
            if watched is self.search and key == Qt.Key.Key_Down:
                self.view.setFocus()
                return True
        return False

    def closeEvent(self, event: QCloseEvent) -> None:
        self._pressed_state = None
        super().closeEvent(event)


class FacetChip(Chip):
    """“Source ⌄”; set: “Source: Registry ×”. A click, Space or Down opens the list of values; the
    cross, Delete and Backspace clear it."""

    changed = Signal()
    """The person chose other values."""

    def __init__(self, title: str, parent: QWidget | None = None, *, name: str = "") -> None:
        super().__init__(title, parent)
        self._title = title
        self._values: tuple[Value, ...] = ()
        self._chosen: set[Hashable] = set()
        self._popup: _Popup | None = None
        self.setObjectName(name or f"facet_{title.replace(' ', '')}")
        self.clicked.connect(self._open)
        self._renew()

    def set_values(self, values: Iterable[Value]) -> None:
        """Offer these values. What was chosen stays chosen, also while it has no rows."""
        fresh = tuple(values)
        if fresh == self._values:
            return
        self._values = fresh
        if self._popup is not None and not self._popup.isVisible():
            self._popup.fill(self._values, self._chosen)
        self._renew()

    def values(self) -> tuple[Value, ...]:
        """The values that are offered."""
        return self._values

    def selected(self) -> set[Hashable]:
        """The keys that were chosen; empty = everything."""
        return set(self._chosen)

    def set_selected(self, keys: Iterable[Hashable]) -> None:
        """Choose from the program; says nothing."""
        self._chosen = set(keys)
        self._renew()

    def clear(self) -> None:
        """Choose nothing; says so if something was chosen."""
        if self._chosen:
            self._chosen = set()
            self._renew()
            self.changed.emit()

    def popup(self) -> _Popup:
        """The list, made on first use."""
        if self._popup is None:
            self._popup = _Popup(self, self._title)
            self._popup.picked.connect(self._picked)
        return self._popup

    def _open(self) -> None:
        popup = self.popup()
        popup.fill(self._values, self._chosen)
        popup.open_below(self)

    def _picked(self) -> None:
        # What has no rows just now is not in the list, and stays chosen.
        offered = {key for key, _, _ in self._values}
        self._chosen = self.popup().chosen() | (self._chosen - offered)
        self._renew()
        self.changed.emit()

    def _renew(self) -> None:
        titles = [title for key, title, _ in self._values if key in self._chosen]
        more = len(self._chosen) - 1
        if not self._chosen:
            words = self._title
        elif titles:
            first = titles[0] if len(titles[0]) <= 32 else titles[0][:31] + "…"
            words = f"{self._title}: {first}" + (f" +{more}" if more else "")
        else:
            words = f"{self._title}: {len(self._chosen)}"
        self.icon_after = "close" if self._chosen else "chevron-down"
        self.show_words(words, bool(self._chosen))
        said = ", ".join(titles) if titles else "all"
        self.setAccessibleName(f"{self._title}: {said}")
        self.setAccessibleDescription("Opens a list of values. Delete clears it.")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        on_cross = self._chosen and self.cross_area().contains(event.position())
        if on_cross and event.button() == Qt.MouseButton.LeftButton:
            self.clear()
            event.accept()
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)
