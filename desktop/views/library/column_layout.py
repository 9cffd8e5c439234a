"""Which columns are shown, how wide and in which order: by itself, until a person arranges them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QHeaderView, QMenu

from desktop.models.columns import COLUMN, COLUMNS
from desktop.views.library.row_painter import GAP, ICON
from desktop.views.theme import metric, tabular
from desktop.views.widgets.table_header import FIRST_MARGIN, MARGIN, TableHeader

if TYPE_CHECKING:
    from desktop.views.library.table_view import AdaptersTable

NAME_AT_LEAST = 160
_SOURCE = COLUMN["source"]
_KEYS = tuple(column.key for column in COLUMNS)


class ColumnLayout(QObject):
    """Automatic columns give way in the order of `LibraryColumn.gives_way`, then Source keeps its
    icon only. As soon as a person hides, moves or resizes one, that arrangement stays."""

    def __init__(self, table: AdaptersTable, header: TableHeader) -> None:
        super().__init__(table)
        self._table = table
        self._header = header
        self._busy = False
        self.automatic = True
        self.source_as_icon = False
        self._wanted: list[int] = []
        self.menu = QMenu(table)
        self.menu.setObjectName("columnsMenu")
        self.menu.aboutToShow.connect(self._fill_menu)
        self.menu.triggered.connect(self._chosen)
        header.sectionResized.connect(self._by_hand)
        header.sectionMoved.connect(self._by_hand)
        self.measure()

    def measure(self) -> None:
        """Take the widths from the widest samples in the present font."""
        metrics = QFontMetrics(tabular(self._table.font()))
        self._icon_width = metric(ICON, self._table.font()) + 2 * MARGIN + GAP
        self._wanted = []
        for at, column in enumerate(COLUMNS):
            if not column.sample:
                self._wanted.append(metric(NAME_AT_LEAST, self._table.font()))
                continue
            text = metrics.horizontalAdvance(column.sample) + 2 * MARGIN + 2
            if column.icon is not None:
                text += metric(ICON, self._table.font()) + GAP
            if at == 0:
                text += FIRST_MARGIN - MARGIN
            self._wanted.append(max(text, self._header.width_of(column.title)))

    def fit(self) -> None:
        """Give the columns their places in the room there is."""
        if not self.automatic or self._busy:
            return
        room = self._table.viewport().width()
        shown = list(range(len(COLUMNS)))
        widths = list(self._wanted)
        leaving = sorted(
            (at for at in shown if COLUMNS[at].gives_way), key=lambda at: COLUMNS[at].gives_way
        )
        self.source_as_icon = False
        while sum(widths[at] for at in shown) > room:
            if leaving:
                shown.remove(leaving.pop(0))
            elif not self.source_as_icon:
                self.source_as_icon = True
                widths[_SOURCE] = self._icon_width
            else:
                break
        others = sum(widths[at] for at in shown if at)
        widths[0] = max(widths[0], room - others)
        self._busy = True
        for at in range(len(COLUMNS)):
            self._header.setSectionHidden(at, at not in shown)
            self._header.resizeSection(at, widths[at])
        self._busy = False
        self._table.columns_changed()

    def _by_hand(self, *_: int) -> None:
        if not self._busy:
            self.automatic = False
            self.source_as_icon = False
            self._table.columns_changed()

    def reset(self) -> None:
        """Back to automatic columns."""
        self._busy = True
        for at in range(len(COLUMNS)):
            self._header.moveSection(self._header.visualIndex(at), at)
        self._busy = False
        self.automatic = True
        self.fit()

    # -- the menu --------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        self.menu.clear()
        for at, column in enumerate(COLUMNS):
            action = self.menu.addAction(column.title)
            action.setObjectName(f"{column.key}ColumnAction")
            action.setCheckable(True)
            action.setChecked(not self._header.isSectionHidden(at))
            action.setEnabled(at != 0)
            action.setData(at)
        self.menu.addSeparator()
        action = self.menu.addAction("&Reset columns")
        action.setObjectName("resetColumnsAction")
        action.setEnabled(not self.automatic)

    def _chosen(self, action: QAction) -> None:
        at: Any = action.data()
        if isinstance(at, int):
            self.show_column(at, action.isChecked())
        else:
            self.reset()

    def show_column(self, at: int, show: bool) -> None:
        """Show or hide a column, as a person's choice."""
        self._header.setSectionHidden(at, not show)
        if show and self._header.sectionSize(at) < self._wanted[at]:
            self._header.resizeSection(at, self._wanted[at])
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
            return
        self._busy = True
        for place, name in enumerate(k for k in state.get("order", []) if k in COLUMN):
            header.moveSection(header.visualIndex(COLUMN[name]), place)
        hidden = set(state.get("hidden", []))
        for at, name in enumerate(_KEYS):
            header.setSectionHidden(at, at != 0 and name in hidden)
            width = state.get("widths", {}).get(name)
            header.resizeSection(
                at, width if isinstance(width, int) and 20 < width < 4000 else self._wanted[at]
            )
        self._busy = False
        self.automatic = False
        self._table.columns_changed()


def dress_header(header: QHeaderView) -> None:
    """What every header of the library has."""
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setSectionsMovable(True)
    header.setHighlightSections(False)
    header.setMinimumSectionSize(28)
    header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    header.setObjectName("adaptersHeader")
    header.setAccessibleName("Columns")
