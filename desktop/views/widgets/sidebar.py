"""The places of the library: words and counts when there is room, a rail of icons when not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QLocale,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QListView, QSizePolicy, QWidget

from desktop.views.theme import metric, notifier
from desktop.views.widgets.own_viewport import give_viewport
from desktop.views.widgets.sidebar_delegate import (
    COUNT,
    HEADING,
    ICON,
    RAIL,
    TONE,
    WIDE,
    SidebarDelegate,
)
from desktop.views.widgets.text import plain_tooltip, visible

_KEY = Qt.ItemDataRole.UserRole.value + 10
_BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_WORDS = {"error": "has errors", "warning": "needs a look"}


@dataclass(frozen=True, slots=True)
class Place:
    """One row. count: None shows none; tone: error or warning colours a count above 0;
    shortcut: a portable key sequence for the tooltip, the window owns the key itself; rail: whether
    it stands in the rail, where its icon alone has to tell it from its neighbours."""

    key: str
    icon: str
    title: str
    count: int | None = None
    tone: str | None = None
    shortcut: str | None = None
    rail: bool = True


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    """A heading and the places under it."""

    title: str
    places: Sequence[Place]


class Sidebar(QListView):
    """Arrow keys, Home, End and typing move; the place is chosen at once.

    Counts change in place. A place that goes takes no other with it: the current one stays.
    """

    placeChosen = Signal(str)
    """The person chose this place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        give_viewport(self)
        self.setObjectName("sidebar")
        self.setAccessibleName("Places")
        self.setProperty("surface", "sidebar")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._rail = False
        self._groups: tuple[PlaceGroup, ...] = ()
        self._items: dict[str, QStandardItem] = {}
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self._delegate = SidebarDelegate(self)
        self.setItemDelegate(self._delegate)
        self._quiet = False
        self.selectionModel().currentChanged.connect(self._current_changed)
        notifier().changed.connect(self.viewport().update)
        self._fit()

    # -- what is shown ---------------------------------------------------------------------

    def set_places(self, groups: Sequence[PlaceGroup]) -> None:
        """Show these places. If only counts and tones differ, rows are updated in place."""
        fresh = tuple(replace(group, places=tuple(group.places)) for group in groups)
        if fresh == self._groups:
            return
        same = _shape(fresh) == _shape(self._groups)
        self._groups = fresh
        if not same:
            self._rebuild()
        for group in fresh:
            for place in group.places:
                self._update(self._items[place.key], place)

    def set_count(self, key: str, count: int | None, tone: str | None = None) -> None:
        """Another count for one place; everything else stays. An unknown key is no place."""
        self._groups = tuple(
            replace(
                group,
                places=tuple(
                    replace(p, count=count, tone=tone) if p.key == key else p for p in group.places
                ),
            )
            for group in self._groups
        )
        place = self.place(key)
        if place is not None:
            self._update(self._items[key], place)

    def place(self, key: str) -> Place | None:
        """The place as it is shown now."""
        return next((p for g in self._groups for p in g.places if p.key == key), None)

    def keys(self) -> list[str]:
        """The keys of all places, from top to bottom."""
        return [place.key for group in self._groups for place in group.places]

    def _rebuild(self) -> None:
        here = self.current()
        self._quiet = True
        self._model.clear()
        self._items.clear()
        for number, group in enumerate(self._groups):
            heading = QStandardItem(visible(group.title))
            heading.setData(True, HEADING)
            heading.setData(number == 0, TONE)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self._model.appendRow(heading)
            for place in group.places:
                item = QStandardItem(visible(place.title))
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                item.setData(place.key, _KEY)
                item.setData(place.icon, ICON)
                self._items[place.key] = item
                self._model.appendRow(item)
        self._quiet = False
        if here:
            self.set_current(here)
        self._hide_rows()

    def _hide_rows(self) -> None:
        """Leave out of the rail what has no icon of its own, except where the person is."""
        here, row = self.current(), 0
        for group in self._groups:
            heading, row = row, row + 1
            shown = 0
            for place in group.places:
                hidden = self._rail and not place.rail and place.key != here
                shown += not hidden
                self.setRowHidden(row, hidden)
                row += 1
            self.setRowHidden(heading, not shown)

    def _update(self, item: QStandardItem, place: Place) -> None:
        count = "" if place.count is None else QLocale().toString(place.count)
        tone = place.tone if place.count else None
        said = f"{visible(place.title)}, {count}" if count else visible(place.title)
        if tone in _WORDS:
            said += f", {_WORDS[tone]}"
        tip = visible(place.title) + (f": {count}" if count else "")
        if place.shortcut:
            keys = QKeySequence(place.shortcut)
            tip += f" ({keys.toString(QKeySequence.SequenceFormat.NativeText)})"
        values = {
            COUNT: count,
            TONE: tone or "",
            Qt.ItemDataRole.AccessibleTextRole.value: said,
            Qt.ItemDataRole.ToolTipRole.value: plain_tooltip(tip),
        }
        for role, value in values.items():
            if item.data(role) != value:
                item.setData(value, role)

    def key_at(self, where: QPoint) -> str:
        """The key of the place at a point of the viewport, "" where there is none."""
        return str(self.indexAt(where).data(_KEY) or "")

    # -- where the person is ---------------------------------------------------------------

    def current(self) -> str:
        """The key of the current place, "" before there is one."""
        return str(self.currentIndex().data(_KEY) or "")

    def set_current(self, key: str) -> None:
        """Go to a place from the program; says nothing. An unknown key changes nothing."""
        item = self._items.get(key)
        if item is None:
            return
        self._quiet = True
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(item.index(), flag)
        self._quiet = False
        self._hide_rows()

    def _current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        key = current.data(_KEY)
        if key and not self._quiet:
            self.placeChosen.emit(str(key))

    # -- its two forms ---------------------------------------------------------------------

    def is_rail(self) -> bool:
        """Whether it shows icons only."""
        return self._rail

    def set_rail(self, rail: bool) -> None:
        """Change between words and icons. The width changes at once."""
        if rail != self._rail:
            self._rail = rail
            self._fit()

    def _fit(self) -> None:
        self._delegate.set_rail(self._rail)
        width = metric(RAIL if self._rail else WIDE, self.font())
        self.setMinimumWidth(width)
        self.setMaximumWidth(width if self._rail else metric(320, self.font()))
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAlwaysOff if self._rail else policy.ScrollBarAsNeeded
        )
        self._hide_rows()
        self.doItemsLayout()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(metric(RAIL if self._rail else WIDE, self.font()), 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(metric(RAIL if self._rail else WIDE, self.font()), 120)

    # -- keyboard --------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._delegate.by_keyboard = True
        if event.key() == Qt.Key.Key_Home and self._items:
            # Qt would stop at the heading above the first place.
            self.setCurrentIndex(next(iter(self._items.values())).index())
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() in _BY_KEYBOARD:
            self._delegate.by_keyboard = True
        elif event.reason() == Qt.FocusReason.MouseFocusReason:
            self._delegate.by_keyboard = False
        super().focusInEvent(event)
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationFontChange, QEvent.Type.FontChange):
            self._delegate.renew()
            self._fit()


def _shape(groups: Sequence[PlaceGroup]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    return [(g.title, [(p.key, p.icon, p.title) for p in g.places]) for g in groups]
