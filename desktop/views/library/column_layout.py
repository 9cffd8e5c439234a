"""Which columns are shown, how wide and in which order: by itself, until a person arranges them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView

from desktop.models.columns import COLUMN, COLUMNS
from desktop.views.library.columns_menu import ColumnsMenu
from desktop.views.library.header import LibraryHeader
from desktop.views.library.row_painter import GAP, ICON
from desktop.views.theme import metric, tabular
from desktop.views.widgets.table_header import MARGIN

if TYPE_CHECKING:
    from desktop.views.library.table_view import AdaptersTable

_NAME, _SOURCE, _BASE = COLUMN["name"], COLUMN["source"], COLUMN["base_model"]
_NAME_AT_LEAST, _NAME_WANTED, _NAME_ENOUGH = 160, 240, 340
"""What a name has to have; what it gets before Source shows its words where much is hidden
already; what it gets before a long base model gets more."""
_BASE_AT_MOST = 240
_LEAVING = tuple(sorted((c.gives_way, at) for at, c in enumerate(COLUMNS) if c.gives_way))
_KEYS = tuple(column.key for column in COLUMNS)


class ColumnLayout(QObject):
    """Automatic columns give way in the order of `LibraryColumn.gives_way`, then Source keeps its
    icon only. As soon as a person hides, moves or resizes one, that arrangement stays."""

    def __init__(self, table: AdaptersTable, header: LibraryHeader) -> None:
        super().__init__(table)
        self._table = table
        self._header = header
        self._busy = False
        self.automatic = True
        self._wanted: list[int] = []
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionsMovable(True)
        header.setHighlightSections(False)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.sectionResized.connect(self._by_hand)
        header.sectionMoved.connect(self._by_hand)
        self.menu = ColumnsMenu(table, self)
        self.measure()

    def measure(self) -> None:
        """Take the widths from the widest samples in the present font."""
        base = self._table.font()
        metrics = QFontMetrics(tabular(base))
        icon = metric(ICON, base)
        self._icon_width = icon + 2 * MARGIN
        self._header.setMinimumSectionSize(self._icon_width)
        self._wanted = []
        for column in COLUMNS:
            text = metrics.horizontalAdvance(column.sample) + 2 * MARGIN
            if column.icon is not None:
                text += icon + GAP
            self._wanted.append(max(text, self._header.width_of(column.title)))
        self._wanted[_NAME] = metric(_NAME_AT_LEAST, base)

    def fit(self) -> None:
        """Give the columns their places in the room there is."""
        room = self._table.viewport().width()
        if not self.automatic or self._busy or room <= 0:
            return
        widths = self._fitting(room)
        self._header.source_as_icon = widths[_SOURCE] == self._icon_width
        self._busy = True
        for at, width in enumerate(widths):
            self._header.setSectionHidden(at, width == 0)
            if width:
                self._header.resizeSection(at, width)
        self._busy = False
        self._table.columns_changed()

    def _fitting(self, room: int) -> list[int]:
        """The width of each column, 0 = not shown; together `room`, where that is enough."""
        base = self._table.font()
        widths = [0 if COLUMNS[at].hidden else wide for at, wide in enumerate(self._wanted)]
        left = list(_LEAVING)
        while left and sum(widths) > room:
            widths[left.pop(0)[1]] = 0
        missing = metric(_NAME_WANTED, base) - widths[_NAME]
        if not left and sum(widths) + missing > room:
            widths[_SOURCE] = self._icon_width
        spare = max(0, room - sum(widths))
        for_name = min(spare, max(0, metric(_NAME_ENOUGH, base) - widths[_NAME]))
        for_base = min(spare - for_name, max(0, metric(_BASE_AT_MOST, base) - widths[_BASE]))
        widths[_BASE] += for_base
        widths[_NAME] += spare - for_base
        return widths

    def _by_hand(self, *_: int) -> None:
        if not self._busy:
            self.automatic = False
            self._header.source_as_icon = (
                self._header.sectionSize(_SOURCE) < self._icon_width + 2 * GAP
            )
            self._table.columns_changed()

    def reset(self) -> None:
        """Back to automatic columns."""
        self._busy = True
        for at in range(len(COLUMNS)):
            self._header.moveSection(self._header.visualIndex(at), at)
        self._busy = False
        self.automatic = True
        self.fit()

    def is_shown(self, at: int) -> bool:
        """Whether a column is shown."""
        return not self._header.isSectionHidden(at)

    def show_column(self, at: int, show: bool) -> None:
        """Show or hide a column, as a person's choice. The name stays."""
        if at == _NAME:
            return
        self._busy = True
        self._header.setSectionHidden(at, not show)
        if show:
            self._header.resizeSection(at, self._wanted[at])
        self._busy = False
        self._by_hand()

    # -- what is remembered ----------------------------------------------------------------

    def save(self) -> str:
        """The layout and the sort order as JSON."""
        header = self._header
        order = [header.logicalIndex(v) for v in range(header.count())]
        state: dict[str, Any] = {"automatic": self.automatic}
        if not self.automatic:
            state["order"] = [_KEYS[at] for at in order]
            state["hidden"] = [_KEYS[at] for at in order if header.isSectionHidden(at)]
            state["widths"] = {
                _KEYS[at]: header.sectionSize(at) for at in order if not header.isSectionHidden(at)
            }
        section = header.sortIndicatorSection()
        if 0 <= section < len(COLUMNS):
            down = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            state["sort"] = [_KEYS[section], down]
        return json.dumps(state)

    def restore(self, text: str) -> None:
        """Take a saved layout; what does not fit is passed over."""
        try:
            state = json.loads(text)
            self._restore(state)
        except (ValueError, TypeError, AttributeError, RecursionError):
            self._busy = False
            self.reset()

    def _restore(self, state: dict[str, Any]) -> None:
        header = self._header
        key, down = (state.get("sort") or [None, False])[:2]
        if key in COLUMN:
            order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
            self._table.sortByColumn(COLUMN[key], order)
        if state.get("automatic", True):
            self.reset()
            return
        self._busy = True
        for place, name in enumerate(k for k in state.get("order", []) if k in COLUMN):
            header.moveSection(header.visualIndex(COLUMN[name]), place)
        hidden = set(state.get("hidden", []))
        # A layout from before there was such a column does not say that it is wanted.
        hidden |= {c.key for c in COLUMNS if c.hidden} - set(state.get("widths", {}))
        widths = state.get("widths", {})
        for at, name in enumerate(_KEYS):
            width = widths.get(name)
            fits = type(width) is int and self._icon_width <= width < 4000
            header.setSectionHidden(at, False)
            header.resizeSection(at, width if fits else self._wanted[at])
            header.setSectionHidden(at, at != _NAME and name in hidden)
        self._busy = False
        self._by_hand()
