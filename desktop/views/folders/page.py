"""The page “Folders”: the tree at the left, the selected folder at the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from desktop.models.folder_nodes import FolderItem
from desktop.models.folder_reader import NO_ANSWER, FolderReader, Question
from desktop.models.folder_tree import FolderTreeModel
from desktop.models.library import Library
from desktop.services.peft_folder.reading import printable
from desktop.views.folders import looking
from desktop.views.folders.details import FolderDetails
from desktop.views.folders.favourites import Favourites
from desktop.views.folders.head import FoldersHead
from desktop.views.folders.menu import make_menu
from desktop.views.folders.tree import FolderTree
from desktop.views.theme import bind, metric
from desktop.views.widgets.inline_message import InlineMessage

_TREE, _TREE_LEAST = 286, 220
_SOON = 150  # milliseconds in which several changes of the library count as one
_FEW = 100
_TOO_LONG = 8_000

_OPEN, _CURRENT, _SPLIT, _HIDDEN = (
    "folders.open",
    "folders.current",
    "folders.splitter",
    "folders.hidden",
)


class FoldersPage(QWidget):
    """The file system, with its adapters marked.

    Signals:
        importRequested(object): a list of paths, byte for byte.
        showRequested(str): the id of an adapter to show in the library.
        scanRequested(object): paths of folders to scan.
        openFolder(object): the path of a folder to show in the file manager.
        notice(object): a Notice for the notice bar.
    """

    importRequested = Signal(object)
    showRequested = Signal(str)
    scanRequested = Signal(object)
    openFolder = Signal(object)
    notice = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("foldersPage")
        self.setAccessibleName("Folders")
        self._library = library
        self._settings = library.services.settings
        self._shelf: looking.Shelf = {}
        self._stale: set[str] | None = None
        self._all_stale = True
        self._started = False
        self._typed = 0
        self.favourites = Favourites(self._settings, self)
        self.favourites.changed.connect(self._favourites_changed)
        self.model = FolderTreeModel(library, self)
        self._reader = FolderReader(library, self)
        self._reader.answered.connect(self._typed_answer)
        self._reader.silent.connect(self._typed_silent)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self._read_shelf)
        self._build()
        self.model.arrived.connect(self._arrived)
        self.model.refused.connect(self._refused)
        self.model.known.connect(self._something_known)
        library.adaptersChanged.connect(self._adapters_changed)
        library.ready.connect(self._library_ready)

    # -- parts -----------------------------------------------------------------------------

    def _build(self) -> None:
        self.tree = FolderTree(self.model)
        self.setFocusProxy(self.tree)
        self.details = FolderDetails(self._library)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("foldersSplitter")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._left())
        self.splitter.addWidget(self.details)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        sizes = self._settings.get(_SPLIT, [])
        if len(sizes) == 2 and all(isinstance(s, int) and 0 < s < 100_000 for s in sizes):
            self.splitter.setSizes(sizes)
        else:
            self.splitter.setSizes([metric(_TREE, self.font()), 10 * _TREE])
        self.splitter.splitterMoved.connect(self._splitter_moved)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.splitter)
        self.tree.selectionMoved.connect(self._selection_moved)
        self.tree.openChanged.connect(self._remember)
        self.tree.chosen.connect(self._enter)
        self.tree.readAgain.connect(self.read_again)
        self.tree.pathWanted.connect(self.focus_filter)
        self.tree.menuRequested.connect(self._ask_menu)
        self.details.importRequested.connect(self.importRequested)
        self.details.showRequested.connect(self.showRequested)
        self.details.openRequested.connect(self.openFolder)
        self.details.goRequested.connect(self.go_to)
        self.details.learned.connect(self.model.learn)

    def _left(self) -> QWidget:
        panel = QWidget()
        panel.setObjectName("foldersPanel")
        panel.setProperty("surface", "base")
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        panel.setMinimumWidth(metric(_TREE_LEAST, self.font()))
        self.head = FoldersHead(self.favourites, bool(self._settings.get(_HIDDEN, False)))
        self.hidden_action = self.head.hidden_action
        self.model.set_hidden(self.hidden_action.isChecked())
        self.head.hiddenToggled.connect(self._set_hidden)
        self.head.againRequested.connect(self.read_again)
        self.head.starRequested.connect(self.toggle_favourite)
        self.field = QLineEdit()
        self.field.setObjectName("goToFolder")
        self.field.setAccessibleName("Go to folder")
        self.field.setPlaceholderText("Go to folder")
        self.field.setToolTip("Type the path of a folder, then Enter")
        glass = QAction(self.field)
        bind(glass, "search", "text2")
        self.field.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self.field.returnPressed.connect(self._go)
        self.field.textEdited.connect(self._clear_message)
        self.field.installEventFilter(self)
        self.message = InlineMessage(keep=False)
        self.message.setObjectName("goToFolderMessage")
        search = QVBoxLayout()
        search.setContentsMargins(12, 0, 12, 6)
        search.setSpacing(4)
        search.addWidget(self.field)
        search.addWidget(self.message)
        box = QVBoxLayout(panel)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.head)
        box.addLayout(search)
        box.addWidget(self.tree, 1)
        return panel

    def _renew_star(self) -> None:
        self.head.show_star([item.path for item in self.selected_items()])

    # -- start -----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._started:
            self._started = True
            # Only now: until somebody comes here, no disk is asked for anything.
            self.tree.open_again(self._settings.get(_OPEN, []), self._settings.get(_CURRENT, []))
            if not self._library.is_ready:
                self._find_places()
        if self._library.is_ready:
            self._read_shelf()

    def hideEvent(self, event: QHideEvent) -> None:
        self._remember()
        self.model.counts.stop()
        super().hideEvent(event)

    def focus_filter(self) -> None:
        """Go to the field for a path, its text selected; Ctrl+L and Ctrl+F do."""
        if not self.field.text():
            items = self.selected_items()
            self.field.setText(printable(items[0].path, _TOO_LONG) if len(items) == 1 else "")
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def focus_tree(self) -> None:
        """Give the tree the keyboard."""
        self.tree.setFocus(Qt.FocusReason.OtherFocusReason)

    def _library_ready(self) -> None:
        self._all_stale = True
        if self.isVisible():
            self._read_shelf()

    def _adapters_changed(self, ids: Any) -> None:
        if ids is None or len(ids) > _FEW:
            self._all_stale = True
        else:
            self._stale = (self._stale or set()) | set(ids)
        if self.isVisible():
            self._soon.start()

    def _read_shelf(self) -> None:
        """Find out where the library's adapters lie, as far as that may have changed."""
        if not self._all_stale and not self._stale:
            return
        ids = None if self._all_stale else sorted(self._stale or ())
        self._all_stale, self._stale = False, None
        self._library.run(self._shelf_of, ids, succeeded=self._shelf_read, failed=self._no_shelf)

    def _shelf_of(self, ctx: Any, ids: Sequence[str] | None) -> Any:
        return looking.read_shelf(ctx, self._library.services.adapters, ids)

    def _shelf_read(self, answer: tuple[Any, looking.Shelf]) -> None:
        ids, found = answer
        if ids is None:
            self._shelf = dict(found)
            self._find_places()
        else:
            for key in ids:
                self._shelf.pop(key, None)
            self._shelf.update(found)
        self._library.run(
            looking.by_folder, dict(self._shelf), succeeded=self._take_known, lane="free"
        )

    def _no_shelf(self, _error: Exception) -> None:
        # The folders are worth showing without the library; its own trouble is told elsewhere.
        self._find_places()

    def _take_known(self, known: dict[str, tuple[str, ...]]) -> None:
        self.model.set_library(known)
        self.details.set_library(known)
        self._selection_moved()

    def _find_places(self) -> None:
        paths = list(self._shelf.values())
        self._library.run(
            looking.find_places,
            paths,
            self.favourites.paths(),
            succeeded=self._take_places,
            lane="free",
        )

    def _favourites_changed(self) -> None:
        self._find_places()
        self._renew_star()

    def _take_places(self, places: list[Any]) -> None:
        self.model.set_places(places)
        if not self.tree.currentIndex().isValid():
            first = self.model.index(0, 0)
            self.tree.selectionModel().setCurrentIndex(
                first, self.tree.selectionModel().SelectionFlag.NoUpdate
            )

    # -- going somewhere -------------------------------------------------------------------

    def _go(self) -> None:
        self._typed += 1
        text = self.field.text()[:_TOO_LONG]
        self.message.clear()
        self._reader.drop("typed")
        self._reader.ask(Question("typed", text, looking.typed, (text,), self._typed))

    def go_to(self, path: str) -> None:
        """Show and select a folder that is there."""
        self.tree.forget_wishes()
        self.model.go_to(path)

    def _typed_answer(self, question: Question, answer: Any) -> None:
        if question.about != self._typed:
            return
        path, refusal = answer if isinstance(answer, tuple) else ("", "This folder can’t be read.")
        if refusal:
            self.message.set_message(refusal, "error")
        else:
            self.go_to(path)

    def _typed_silent(self, question: Question) -> None:
        if question.about == self._typed:
            self.message.set_message(NO_ANSWER, "error")

    def _arrived(self, index: Any) -> None:
        self.message.clear()
        self.tree.select(index)
        if self.model.canFetchMore(index):
            self.tree.expand(index)
        self.focus_tree()

    def _refused(self, sentence: str) -> None:
        self.message.set_message(sentence, "error")

    def _clear_message(self, _: str) -> None:
        self.message.clear()

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.KeyPress:
            if isinstance(event, QKeyEvent) and event.key() in (
                Qt.Key.Key_Escape,
                Qt.Key.Key_Down,
            ):
                self.message.clear()
                self.focus_tree()
                return True
        return super().eventFilter(watched, event)

    # -- the selection ---------------------------------------------------------------------

    def selected_items(self) -> list[FolderItem]:
        """The selected folders, from top to bottom."""
        found = [self.model.item_of(index) for index in self.tree.selected()]
        return [item for item in found if item is not None]

    def _selection_moved(self) -> None:
        self.details.show_items(self.selected_items())
        self._renew_star()
        self._remember()

    def _something_known(self, paths: Any) -> None:
        items = self.selected_items()
        if any(item.path in paths for item in items):
            self.details.show_items(items)

    def _enter(self) -> None:
        if self.details.can_import():
            self.details.do_import()
            return
        index = self.tree.currentIndex()
        self.tree.setExpanded(index, not self.tree.isExpanded(index))

    def read_again(self) -> None:
        """Read the selected folder (everything, without one) again, and what it is."""
        chosen = self.tree.selected()
        for index in chosen:
            self.model.read_again(index)
        if not chosen:
            self.model.read_again()
            self._find_places()
        self.details.look_again()

    def _set_hidden(self, hidden: bool) -> None:
        self._settings.set(_HIDDEN, hidden)
        self.model.set_hidden(hidden)

    # -- the menu --------------------------------------------------------------------------

    def _ask_menu(self, place: QPoint) -> None:
        if self.selected_items():
            self.make_menu().popup(place)

    def make_menu(self) -> QMenu:
        """The context menu for what is selected now; it goes when it is closed."""
        return make_menu(self)

    def scan_selected(self) -> None:
        """Ask for a scan of the selected folders."""
        paths = [item.path for item in self.selected_items()]
        if paths:
            self.scanRequested.emit(looking.without_nested(paths))

    def toggle_favourite(self) -> None:
        """Make the selected folders favourites, or no longer."""
        self.favourites.toggle([item.path for item in self.selected_items()])

    def copy_paths(self) -> None:
        """Copy the paths of the selected folders, one a line."""
        paths = [printable(item.path, 8192) for item in self.selected_items()]
        QGuiApplication.clipboard().setText("\n".join(paths))

    # -- what is remembered ----------------------------------------------------------------

    def _remember(self) -> None:
        if not self._started or not self.model.rowCount():
            return
        self._settings.set(_OPEN, self.tree.open_ways())
        way = list(self.model.way_of(self.tree.currentIndex()))
        self._settings.set(_CURRENT, way or None)

    def _splitter_moved(self, _position: int, _handle: int) -> None:
        self._settings.set(_SPLIT, self.splitter.sizes())
