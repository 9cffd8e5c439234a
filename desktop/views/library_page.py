"""The library: title and count, the filter with its chips, the big table, or what stands for it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.filter_language import described
from desktop.models.first_look import LAYOUT
from desktop.models.formats import base_title, source_title
from desktop.models.library import Library
from desktop.models.row_query import Facets
from desktop.services.kinds import AdapterType
from desktop.views.library.table_view import AdaptersTable
from desktop.views.places import LIBRARY_PLACES, PROBLEMS, PlaceFilter
from desktop.views.theme import FontRole, bind
from desktop.views.widgets.facet_chip import FacetChip
from desktop.views.widgets.inline_message import InlineMessage
from desktop.views.widgets.lens import Lens
from desktop.views.widgets.text import LinkButton, PlainLabel, set_plain_tooltip

if TYPE_CHECKING:
    from desktop.views.widgets.empty_state import EmptyLibrary, EmptyPlace

_CHIPS = (
    ("Source", "source"), ("Base model", "baseModel"), ("Type", "type"), ("Problems", "problems"),
)  # fmt: skip


class LibraryPage(QWidget):
    """The page of the Library, Source and Base model places."""

    selectionChanged = Signal()
    importRequested = Signal()
    hubRequested = Signal()
    registryRequested = Signal()
    sampleRequested = Signal()
    scanRequested = Signal()
    relinkRequested = Signal()
    retryRequested = Signal()
    filterAskedChanged = Signal()

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("libraryPage")
        self._library = library
        self._model = library.table
        self._place = LIBRARY_PLACES["all"]
        self._narrow = False
        self._unavailable = ""
        self._wanted: list[str] = []
        self._build()
        self._model.filterFinished.connect(self._filtered)
        self._model.countsChanged.connect(self._renew_count)
        library.adaptersChanged.connect(self._select_wanted)
        self.table.selectedIdsChanged.connect(self.selectionChanged)
        self.set_place(self._place)

    # -- building --------------------------------------------------------------------------

    def _build(self) -> None:
        self.setProperty("surface", "base")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = PlainLabel("", role=FontRole.PAGE_TITLE)
        self.title.setObjectName("pageTitle")
        self.count = PlainLabel("", tone="secondary")
        self.count.setObjectName("pageCount")
        self.moved = LinkButton("Find moved folders…", name="findMovedLink")
        self.moved.clicked.connect(self.relinkRequested)
        self.columns = QToolButton()
        self.columns.setObjectName("columnsButton")
        self.columns.setText("\N{THIN SPACE}Columns")
        self.columns.setAccessibleName("Choose columns")
        self.columns.setToolTip("Choose which columns are shown")
        bind(self.columns, "columns")
        self.columns.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.columns.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.columns.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.table = AdaptersTable(self._model, self)
        self.columns.setMenu(self.table.columns_menu())
        layout = self._library.services.settings.get(LAYOUT, "")
        if layout:
            self.table.restore_layout(layout)
        self.table.installEventFilter(self)
        self.message = InlineMessage(keep=False)
        self.message.setObjectName("libraryMessage")
        self.message.linkActivated.connect(self.retryRequested)

        head = QHBoxLayout()
        head.setContentsMargins(12, 12, 12, 0)
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self.count)
        head.addWidget(self.moved)
        head.addStretch(1)
        head.addWidget(self.columns)
        self.stack = QStackedWidget()
        self.stack.setObjectName("libraryStack")
        self.stack.addWidget(self.table)
        full = QWidget()
        box = QVBoxLayout(full)
        # Rows reach from edge to edge; what stands above them begins where their words do.
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addLayout(head)
        box.addLayout(self._filter_row())
        said = QHBoxLayout()
        said.setContentsMargins(12, 0, 12, 0)
        said.addWidget(self.message)
        box.addLayout(said)
        box.addWidget(self.stack, 1)
        self.body = QStackedWidget()
        self.body.setObjectName("libraryBody")
        self.body.addWidget(full)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.body)

    # What stands for the table is made when it is needed: the start does not wait for it.

    @cached_property
    def empty_place(self) -> EmptyPlace:
        """One sentence where no adapter answers."""
        from desktop.views.widgets.empty_state import EmptyPlace

        made = EmptyPlace()
        made.linkActivated.connect(self._link)
        self.stack.addWidget(made)
        return made

    @cached_property
    def empty_library(self) -> EmptyLibrary:
        """The first page of a library without adapters."""
        from desktop.views.widgets.empty_state import EmptyLibrary

        made = EmptyLibrary()
        made.chooseFolder.connect(self.importRequested)
        made.findOnHub.connect(self.hubRequested)
        made.connectRegistry.connect(self.registryRequested)
        made.openSample.connect(self.sampleRequested)
        made.scanDisks.connect(self.scanRequested)
        self.body.addWidget(made)
        return made

    def _filter_row(self) -> QHBoxLayout:
        self.filter = QLineEdit()
        self.filter.setObjectName("adapterFilter")
        self.filter.setAccessibleName("Filter adapters")
        self.filter.setPlaceholderText("Filter by name, base model, path, hub name or tag")
        set_plain_tooltip(self.filter, f"Words, or what you look for by its key:\n{described()}")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(160)
        Lens(self.filter)
        self.filter.textChanged.connect(self._typed)
        self.filter.installEventFilter(self)
        self.chips = tuple(FacetChip(title, name=f"{word}Chip") for title, word in _CHIPS)
        self.source_chip, self.base_chip, self.type_chip, self.problems_chip = self.chips
        for chip in self.chips:
            chip.changed.connect(self._apply_facets)
        self.filters_button = QPushButton("Filters")
        self.filters_button.setObjectName("filtersButton")
        bind(self.filters_button, "funnel")
        self.filters_button.clicked.connect(self._open_filters)
        self.filters_button.hide()
        self._popup = QFrame(self, Qt.WindowType.Popup)
        self._popup.setObjectName("filtersPopup")
        self._popup_box = QVBoxLayout(self._popup)
        self._popup_box.setContentsMargins(12, 12, 12, 12)
        self._popup_box.setSpacing(8)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(12, 0, 12, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self.filter, 1)
        for chip in self.chips:
            self._row.addWidget(chip)
        self._row.addWidget(self.filters_button)
        return self._row

    # -- what is shown ---------------------------------------------------------------------

    def set_place(self, place: PlaceFilter) -> None:
        """Show what a place of the sidebar holds."""
        self._place = place
        self.title.setText(place.title)
        set_plain_tooltip(self.title, place.text)
        self._typed(self.filter.text())
        self._apply_facets()

    def set_empty(self, empty: bool, known: bool) -> None:
        """Whether the library holds no adapter. known: False before it was read."""
        if empty and known and not self._unavailable:
            self.body.setCurrentWidget(self.empty_library)
        else:
            self.body.setCurrentIndex(0)

    def is_empty(self) -> bool:
        """Whether the page for an empty library is shown."""
        return self.body.currentIndex() > 0

    def set_dropping(self, on: bool) -> None:
        """Light up the drop zone."""
        if "empty_library" in vars(self):
            self.empty_library.set_dropping(on)

    def set_read_only(self, sentence: str) -> None:
        """Say above the table why nothing can be changed; "" takes it away."""
        if not self._unavailable:
            self.message.set_message(sentence, "warning" if sentence else "")

    def set_unavailable(self, sentence: str) -> None:
        """Say above the table why the library could not be opened; "" when it is tried again."""
        self._unavailable = sentence
        self.body.setCurrentIndex(0)
        self.message.set_message(
            sentence, "error" if sentence else "", "Try again" if sentence else ""
        )
        self._renew_count()

    def is_unavailable(self) -> bool:
        """Whether the library could not be opened."""
        return bool(self._unavailable)

    def set_narrow(self, narrow: bool) -> None:
        """Fold the chips into one button where there is little room."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for at, chip in enumerate(self.chips):
            if narrow:
                self._popup_box.addWidget(chip)
            else:
                self._row.insertWidget(1 + at, chip)
            chip.show()
        style = Qt.ToolButtonStyle
        self.columns.setToolButtonStyle(
            style.ToolButtonIconOnly if narrow else style.ToolButtonTextBesideIcon
        )
        self.filters_button.setVisible(narrow)
        self._popup.hide()

    def _open_filters(self) -> None:
        self._popup.adjustSize()
        corner = self.filters_button.mapToGlobal(self.filters_button.rect().bottomRight())
        self._popup.move(corner.x() - self._popup.width(), corner.y() + 4)
        self._popup.show()
        self.chips[0].setFocus(Qt.FocusReason.PopupFocusReason)

    def _renew_count(self) -> None:
        shown, total = self._model.rowCount(), self._model.total()
        all_shown = shown == total
        self.count.setText(f"{total:,}" if all_shown else f"{shown:,} of {total:,}")
        self.moved.setVisible(self._place.missing and shown > 0)
        if self._unavailable or self._model.is_filtering():
            hits = True
        else:
            hits = shown > 0 or total == 0
        if hits:
            self.stack.setCurrentWidget(self.table)
        else:
            self._say_nothing_fits()
            self.stack.setCurrentWidget(self.empty_place)

    def _say_nothing_fits(self) -> None:
        text = self.filter.text().strip()
        if text:
            shown = text if len(text) <= 60 else f"{text[:57]}…"
            self.empty_place.set(f"No adapter matches “{shown}”.", "Clear the filter")
        elif any(chip.selected() for chip in self.chips):
            self.empty_place.set("No adapter matches these filters.", "Clear the filters")
        else:
            self.empty_place.set(self._place.empty or "There is nothing here.", "Show all adapters")

    def _link(self) -> None:
        if self.filter.text().strip() or any(chip.selected() for chip in self.chips):
            self.clear_filters()
        else:
            self.window().go_to("all")  # type: ignore[attr-defined]

    # -- filtering -------------------------------------------------------------------------

    def focus_filter(self) -> None:
        """Go to the filter, its text selected."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def focus_first(self) -> None:
        """Go to where work begins: the table, or the first way in of an empty library."""
        place = self.empty_library.card("folder") if self.is_empty() else self.table
        place.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear_filters(self) -> None:
        """Show everything of this place."""
        self.filter.clear()
        for chip in self.chips:
            chip.set_selected(())
        self._apply_facets()

    def _typed(self, text: str) -> None:
        self._model.set_filter(f"{self._place.text} {text}" if self._place.text else text)
        self.filterAskedChanged.emit()

    def asks(self) -> bool:
        """Whether words are typed or something is ticked: there is a filter to save."""
        return bool(self.filter.text().strip()) or any(chip.selected() for chip in self.chips)

    def question(self) -> tuple[str, Facets]:
        """What is asked now, the place included: a text and what is ticked."""
        return self._model.filter_text, self._model.facets

    def _apply_facets(self) -> None:
        place = self._place
        ticked = Facets(
            sources=frozenset(str(key) for key in self.source_chip.selected()),
            base_models=frozenset(_key(key) for key in self.base_chip.selected()),
            types=frozenset(_key(key) for key in self.type_chip.selected()),
            problems=frozenset(str(key) for key in self.problems_chip.selected()),
        )
        self.source_chip.setVisible(not place.source)
        self.base_chip.setVisible(not place.base_model)
        self._model.set_facets(place.facets_with(ticked))
        self.filterAskedChanged.emit()
        active = sum(bool(chip.selected()) for chip in self.chips)
        self.filters_button.setText(f"Filters ({active})" if active else "Filters")

    def renew_facets(self) -> None:
        """Offer the values that are there now, with their counts."""
        counts = self._model.counts()
        titles = {key: base_title(title) for key, title in self._library.base_titles.items()}
        self.source_chip.set_values(
            [
                (str(kind), source_title(kind), counts.by_source[kind])
                for kind in AdapterType
                if counts.by_source.get(kind)
            ]
        )
        bases: list[tuple[Hashable, str, int]] = [
            (key, titles.get(key, "Unknown base model"), n) for key, n in counts.by_base.items()
        ]
        self.base_chip.set_values(sorted(bases, key=_most_first))
        types: list[tuple[Hashable, str, int]] = [
            (key, key, n) for key, n in counts.by_type.items()
        ]
        self.type_chip.set_values(sorted(types, key=_most_first))
        self.problems_chip.set_values(
            [
                (key, title, count)
                for key, title in PROBLEMS
                if (count := counts.by_problem.get(key))
            ]
        )

    def _filtered(self, _shown: int, _total: int) -> None:
        self._renew_count()

    # -- selection -------------------------------------------------------------------------

    def select_when_there(self, ids: Sequence[str]) -> None:
        """Select rows that are about to come; at once where they are there already."""
        self._wanted = list(ids)
        self._select_wanted(None)

    def _select_wanted(self, _ids: object) -> None:
        if self._wanted and all(self._model.holds(key) for key in self._wanted):
            wanted, self._wanted = self._wanted, []
            if any(self._model.row_of(key) < 0 for key in wanted):
                self.clear_filters()
            self.table.select_ids(wanted)
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- keys and layout -------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc in the filter clears it, then goes to the table; "/" in the table filters."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = event.key()
            if watched is self.filter:
                if key == Qt.Key.Key_Escape:
                    if self.filter.text():
                        self.filter.clear()
                    else:
                        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
                    return True
                if key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                    self.table.setFocus(Qt.FocusReason.OtherFocusReason)
                    if not self.table.selected_ids():
                        self.table.select_row(0)
                    return True
            elif watched is self.table and event.text() == "/":
                self.focus_filter()
                return True
        return super().eventFilter(watched, event)

    def save_layout(self) -> None:
        """Keep columns and sort order for the next start."""
        self._library.services.settings.set(LAYOUT, self.table.save_layout())


def _most_first(value: tuple[Hashable, str, int]) -> tuple[int, str]:
    return -value[2], value[1].casefold()


def _key(value: object) -> str | None:
    return None if value is None else str(value)
