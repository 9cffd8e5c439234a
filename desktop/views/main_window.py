"""The window: places at the left, the page in the middle, details at the right, the strip below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from desktop.models.garbage import GarbageKeeper
from desktop.models.library import Library
from desktop.models.task_runner import TaskRunner
from desktop.views.actions import Actions
from desktop.views.commands import Commands
from desktop.views.drops import FolderDrops
from desktop.views.focus import press_focused
from desktop.views.leaving import Leaving
from desktop.views.library_page import LibraryPage
from desktop.views.menus import build_menus, build_toolbar, context_menu, fit_toolbar
from desktop.views.notices import Notice
from desktop.views.operations import Operations
from desktop.views.organise import Organise
from desktop.views.pages import PageStack, make_details, make_page
from desktop.views.places import ALL, DISK_KINDS, RECORD_KINDS, groups, place_filter
from desktop.views.relink.operations import RelinkOperations
from desktop.views.saved_places import SavedPlaces
from desktop.views.theme import apply_theme, metric
from desktop.views.update_operations import UpdateOperations
from desktop.views.watched import Watching
from desktop.views.widgets.sidebar import Sidebar
from desktop.views.widgets.strip import Strip
from desktop.views.window_state import WindowState
from desktop.views.wiring import wire_helpers, wire_library_page

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from desktop.bootstrap import Services
    from desktop.views.details import DetailsPanel

MINIMUM = (1024, 640)
USUAL = (1440, 900)
WIDE = 1360
MEDIUM = 1100
LOOK_PAUSE_MS = 2000
"""Between two looks at the folders when the window is entered again and again."""


class MainWindow(QMainWindow):
    """Built over services; what is heavy is imported after the first paint."""

    def __init__(self, services: Services, app: QApplication) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setAccessibleName("Lorarium")
        self.app = app
        self.services = services
        self.select_first_when_ready = False
        self._shown = False
        self._place = ALL
        self._history: tuple[str | None, str | None] = (None, None)
        self._details: DetailsPanel | None = None
        self.state = WindowState(services.settings)
        apply_theme(app, self.state.scheme)
        self._garbage = GarbageKeeper(self)
        self.runner = TaskRunner(self)
        self.library = Library(services, self.runner, self)
        self.operations = Operations(self.library, self)
        self.updates = UpdateOperations(self.library, self)
        self.organise = Organise(self.library, self)
        self.relink = RelinkOperations(self.library, self)
        self.watching = Watching(self.library, self)
        self.commands = Commands(self)
        self.actions_ = Actions(self, self.commands)
        self._build()
        self.saved_places = SavedPlaces(self)
        self._connect()
        self._drops = FolderDrops(self)
        self._leaving = Leaving(self)
        self.setWindowTitle("Lorarium")
        self.setMinimumSize(*MINIMUM)
        self.resize(*USUAL)
        self.state.restore_window(self)
        self._first_rows = self.library.show_first_rows()
        self._renew_places()
        self.library_page.set_empty(not self.library.table.total(), self._first_rows)
        self.library_page.focus_first()
        self._renew_actions()

    # -- building --------------------------------------------------------------------------

    def _build(self) -> None:
        self.toolbar = build_toolbar(self, self.actions_)
        build_menus(self, self.actions_)
        self.sidebar = Sidebar(self)
        self.library_page = LibraryPage(self.library, self)
        self.pages = PageStack(self)
        self.pages.setObjectName("pages")
        self.pages.addWidget(self.library_page)
        self._made: dict[str, QWidget] = {}
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setObjectName("panels")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.pages)
        self.splitter.setStretchFactor(0, 1)
        self.strip = Strip(self)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.sidebar)
        middle.addWidget(self.splitter, 1)
        central = QWidget(self)
        outer = QVBoxLayout(central)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(middle, 1)
        outer.addWidget(self.strip)
        self.setCentralWidget(central)
        for name in ("renameAction", "removeAction", "copyRowsAction", "selectAllAction"):
            self.library_page.table.addAction(self.actions_[name])

    def _connect(self) -> None:
        library, page = self.library, self.library_page
        library.ready.connect(self._ready)
        library.unavailable.connect(self._unavailable)
        library.historyChanged.connect(self._history_changed)
        library.adaptersChanged.connect(self._adapters_changed)
        library.recordsChanged.connect(self._renew_places)
        library.table.countsChanged.connect(self._renew_places)
        self.runner.taskStarted.connect(self._task_started)
        wire_helpers(self)
        wire_library_page(self)
        self.saved_places.filters.changed.connect(self._renew_places)
        self.sidebar.placeChosen.connect(self.go_to)
        page.selectionChanged.connect(self._selection_changed)
        page.retryRequested.connect(self._open_again)
        page.table.menuRequested.connect(self._context_menu)
        page.table.painted.connect(self._first_paint, Qt.ConnectionType.SingleShotConnection)
        self._look_timer = QTimer(self, singleShot=True, interval=LOOK_PAUSE_MS)

    # -- after the first paint -------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Open the catalogue once something stands on the screen."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self.fit()
            # Also where the table is not painted: an empty library, or another place, is shown.
            QTimer.singleShot(0, self, self._after_show)

    def _after_show(self) -> None:
        if not self.library_page.table.isVisible():
            self._first_paint()

    def _first_paint(self) -> None:
        QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        if self._details is None:
            self.library.open()
            self.actions_.dress()
            self._make_details()

    def _make_details(self) -> None:
        self._details = make_details(self)
        self.splitter.addWidget(self._details)
        self.splitter.setStretchFactor(1, 0)
        self.fit()
        self._selection_changed()

    @property
    def details(self) -> DetailsPanel | None:
        """The details panel; made after the first paint."""
        return self._details

    def _ready(self) -> None:
        self.library_page.set_read_only(self.library.read_only)
        self.fit()
        self.library_page.set_empty(not self.library.table.total(), True)
        self._renew_places()
        self._renew_actions()
        self.operations.look_at_folders()
        if self.select_first_when_ready:
            self.library_page.table.select_row(0)

    def _unavailable(self, _error: object) -> None:
        self.library_page.set_unavailable(self.library.trouble)
        self.fit()
        self._renew_actions()

    def _open_again(self) -> None:
        self.library_page.set_unavailable("")
        self.library.open()

    def is_settled(self) -> bool:
        """Whether the library is there (or can't be) and no work is under way."""
        there = self.library.is_ready or self.library_page.is_unavailable()
        return there and not self.runner.tasks and not self.operations.busy

    # -- places ----------------------------------------------------------------------------

    def _renew_places(self) -> None:
        table = self.library.table
        kinds = RECORD_KINDS if self.library.is_ready else ()
        records = {key: len(getattr(self.library, key)) for key in kinds}
        titles, saved = self.library.base_titles, self.saved_places.filters.all()
        self.sidebar.set_places(
            groups(table.counts(), titles, records, saved=saved, all_models=self._all_models)
        )
        self.sidebar.set_current(self._place)
        self.library_page.renew_facets()

    _all_models = False

    def place(self) -> str:
        """The key of the place that is shown."""
        return self._place

    def go_to(self, key: str) -> None:
        """Show a place: of the library, the folders, or the records."""
        if key == "more-bases":
            self._all_models = True
            self._renew_places()
            return
        if key in DISK_KINDS or key in RECORD_KINDS:
            self._show_page(key)
        else:
            chosen = place_filter(key, self.library.base_titles, self.saved_places.of(key))
            if chosen is None:
                return
            self.library_page.set_place(chosen)
            self.pages.turn_to(self.library_page)
        self._place = key
        self.sidebar.set_current(key)
        self.fit()
        self._renew_actions()

    def _show_page(self, key: str) -> None:
        page = self._made.get(key)
        if page is None:
            page = make_page(self, key)
            self._made[key] = page
            self.pages.addWidget(page)
        self.pages.turn_to(page)

    def show_adapter(self, adapter_id: str) -> None:
        """Show one adapter in the table, whatever the filter hides."""
        self.show_adapters([adapter_id])

    def show_adapters(self, ids: list[str]) -> None:
        """Show several adapters in the table, selected, whatever the filter hides."""
        self.go_to(ALL)
        self.library_page.clear_filters()
        self.library_page.table.select_ids(ids)

    def show_imported(self, ids: list[str]) -> None:
        """Show what was just imported, selected, as soon as its rows are there."""
        self.go_to(ALL)
        self.library_page.select_when_there(ids)

    def show_adapters_of(self, model_id: str) -> None:
        """Show the adapters of one base model."""
        self._all_models = True
        self.library_page.clear_filters()
        self.go_to(f"base:{model_id}")

    def show_record(self, kind: str, key: str) -> None:
        """Show one record on its page."""
        self.go_to(kind)
        page: Any = self._made[kind]
        page.select(key)

    def record_pages(self) -> dict[str, Any]:
        """The pages of records that were visited, by place."""
        return {key: page for key, page in self._made.items() if key in RECORD_KINDS}

    # -- layout ----------------------------------------------------------------------------

    def _design_width(self) -> float:
        return self.width() * 13 / max(13, metric(13, self.font()))

    def automatic_rail(self) -> bool:
        """Whether the sidebar is a rail where the person has not chosen."""
        return self._design_width() < WIDE or self._place in DISK_KINDS

    def fit(self) -> None:
        """Give each part its room: the guide's table of widths, scaled with the font."""
        width = self._design_width()
        page = self.library_page
        here = self.pages.currentWidget() is page
        has_details = here and not page.is_empty() and not page.is_unavailable()
        rail = self.state.rail if self.state.rail is not None else self.automatic_rail()
        self.sidebar.set_rail(rail)
        self.actions_["sidebarAction"].setChecked(not rail)
        self.library_page.set_narrow(width < MEDIUM)
        fit_toolbar(self, self.actions_, width)
        if self._details is not None:
            self._details.setVisible(has_details and self.state.details)
            usual = 324 if width >= WIDE else 300
            self.state.restore_details(self.splitter, metric(usual, self.font()))
        self.actions_["detailsAction"].setChecked(self.state.details)
        self.actions_["detailsAction"].setEnabled(has_details)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the parts to the new size."""
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        """Look at the folders again when the person comes back to the window."""
        super().changeEvent(event)
        if (
            event.type() == QEvent.Type.ActivationChange
            and self.isActiveWindow()
            and self.library.is_ready
            and not self._look_timer.isActive()
        ):
            self._look_timer.start()
            self.library.look_for_others()
            self.operations.look_at_folders()
            self.watching.look()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_focused(self, event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout, stop the work: an import that runs leaves nothing half done. Ask first
        where that would throw away what was typed."""
        if not self._leaving.may_leave():
            event.ignore()
            return
        self.commands.close_dialog()
        self.state.save(self)
        self.library_page.save_layout()
        self.services.settings.save()
        self.watching.stop()
        self.runner.shutdown()
        self._garbage.stop()
        super().closeEvent(event)

    def show_panel(self) -> None:
        """Show the details panel."""
        self.state.details = True
        self.fit()

    def focus_filter(self) -> None:
        """Go to the filter of the page that is shown."""
        page: Any = self.pages.currentWidget()
        if hasattr(page, "focus_filter"):
            page.focus_filter()

    def place_triggered(self, action: QAction) -> None:
        """Go to a place of the Library menu."""
        if isinstance(action.data(), str):
            self.go_to(action.data())

    # -- notices ---------------------------------------------------------------------------

    def show_notice(self, notice: Notice) -> None:
        """Say something in the notice bar."""
        self.strip.notices.post(notice)
        self.strip.notices.follow(*self._history)

    # -- what can be done now --------------------------------------------------------------

    def _history_changed(self, undo: str | None, redo: str | None) -> None:
        self.commands.name_history(undo, redo)
        self._renew_actions()
        self._history = (undo, redo)
        self.strip.notices.follow(undo, redo)

    def _adapters_changed(self, _ids: object) -> None:
        self.library_page.set_empty(not self.library.table.total(), True)
        self.fit()
        self._selection_changed()

    def _selection_changed(self) -> None:
        if self._details is not None:
            self._details.show_adapters(self.library_page.table.selected_ids())
        self._renew_actions()

    def _renew_actions(self) -> None:
        self.commands.renew(self.pages.currentWidget() is self.library_page)

    def _context_menu(self, where: QPoint) -> None:
        menu = context_menu(self, self.actions_)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)

    def _task_started(self, task: Any) -> None:
        if task.visible:
            self.strip.tasks.add_task(task)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._drops.enter(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drops.drop(event)
