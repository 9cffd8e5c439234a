"""The dialog that imports adapters: a frame around one page per source."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QHideEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.models.library import Library
from desktop.services.records import AdapterType
from desktop.views.focus import press_focused
from desktop.views.import_pages.base import ImportPage
from desktop.views.import_pages.hugging_face.page import HubPage
from desktop.views.import_pages.local_folder.page import LocalFolderPage
from desktop.views.import_pages.registry.page import RegistryPage
from desktop.views.theme import FontRole, metric
from desktop.views.widgets.dialog_footer import Footer
from desktop.views.widgets.section import line
from desktop.views.widgets.segmented import SegmentedSwitch
from desktop.views.widgets.text import PlainLabel

_SIZE = QSize(920, 632)
_LEAST = QSize(760, 520)
_NARROW = 820
_RIGHT = 20
_FACTS = (364, 384)
_SETTING = "import_dialog/size"


class ImportDialog(QDialog):
    """Choose a source, see what is there, and bring it into the library.

    It is made once and opened by `open()`: what was typed on each page stays until it was imported.

    Signals:
        imported(object): the list of AdapterRecords that just came in.
        showWanted(object): the ids of adapters to show in the library; the dialog has closed.
        notice(object): a `Notice` for the person. That something was imported is for the window
            to say, which can also take it back.
    """

    imported = Signal(object)
    notice = Signal(object)
    showWanted = Signal(object)

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("importDialog")
        self.setWindowTitle("Import an adapter")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAcceptDrops(True)
        self._library = library
        self._narrow: bool | None = None
        self._was_running = False
        self._footer = Footer()
        pages: tuple[ImportPage, ...] = (
            LocalFolderPage(library, self),
            HubPage(library, self),
            RegistryPage(library, self),
        )
        self._pages = {page.key: page for page in pages}
        self._switch = SegmentedSwitch([(p.key, p.title, p.icon) for p in pages])
        self._switch.setObjectName("sourceSwitch")
        self._switch.setAccessibleName("Source")
        self._lay_out()
        for page in pages:
            page.changed.connect(self._show_page_state)
            page.progressed.connect(self._page_progressed)
            page.imported.connect(self.imported)
            page.notice.connect(self.notice)
            page.showWanted.connect(self._show_in_library)
            page.done.connect(self._page_done)
        self._switch.changed.connect(self._switched)
        self._footer.go.clicked.connect(self._go)
        self._footer.cancel.clicked.connect(self.reject)
        self._footer.linkActivated.connect(self._follow_link)
        library.adaptersChanged.connect(self._library_changed)
        self._footer.set_busy("")
        self._take_size()
        self._turn_to(pages[0].key)

    @property
    def page(self) -> ImportPage:
        """The page on screen."""
        return self._pages[self._switch.current()]

    def page_of(self, key: str) -> ImportPage:
        """The page of an adapter type.

        Raises:
            KeyError: there is none.
        """
        return self._pages[key]

    @property
    def folder_page(self) -> LocalFolderPage:
        """The page of local folders."""
        page = self._pages[AdapterType.PROJECT.value]
        assert isinstance(page, LocalFolderPage)
        return page

    # -- the frame -------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(24, 12, 24, 12)
        row.addWidget(PlainLabel("Import an adapter", role=FontRole.PAGE_TITLE))
        row.addStretch(1)
        row.addWidget(self._switch)
        head.setMinimumHeight(metric(66, self.font()))
        self._lefts = QStackedWidget()
        self._rights = QStackedWidget()
        self._columns: dict[str, QVBoxLayout] = {}
        self._scrolls: dict[str, QScrollArea] = {}
        self._facts_scrolls: dict[str, QScrollArea] = {}
        for key, page in self._pages.items():
            self._add_page(key, page)
        self._divider = line(vertical=True)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._lefts, 1)
        body.addWidget(self._divider)
        body.addWidget(self._rights)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(line())
        box.addLayout(body, 1)
        box.addWidget(line())
        box.addWidget(self._footer)
        self._leave_room()
        self._arrange()

    def _add_page(self, key: str, page: ImportPage) -> None:
        scroll = _scroller(f"{key}FormScroll")
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(page.form)
        scroll.setWidget(left)
        self._columns[key] = column
        self._scrolls[key] = scroll
        self._facts_scrolls[key] = _scroller(f"{key}FactsScroll")
        self._lefts.addWidget(scroll)
        self._rights.addWidget(self._facts_scrolls[key])
        # The fields keep their width when the scroll bar comes and goes.
        scroll.verticalScrollBar().rangeChanged.connect(self._leave_room)

    def _leave_room(self, _least: int = 0, _most: int = 0) -> None:
        for key, page in self._pages.items():
            bar = self._scrolls[key].verticalScrollBar()
            width = bar.sizeHint().width() if bar.maximum() > bar.minimum() else 0
            page.set_right_margin(_RIGHT - width)

    def _arrange(self) -> None:
        """Facts beside the form, or under it where the dialog is narrow."""
        narrow = self.width() < metric(_NARROW, self.font())
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for key, page in self._pages.items():
            if narrow:
                self._facts_scrolls[key].takeWidget()
                self._columns[key].addWidget(page.facts)
            else:
                self._columns[key].removeWidget(page.facts)
                self._facts_scrolls[key].setWidget(page.facts)
            page.set_facts_below(narrow)
            page.facts.show()
        self._rights.setVisible(not narrow)
        self._divider.setVisible(not narrow)

    def _take_size(self) -> None:
        self.setMinimumSize(_LEAST)
        wanted = QSize(*(metric(n, self.font()) for n in (_SIZE.width(), _SIZE.height())))
        kept = self._library.services.settings.get(_SETTING, [])
        if len(kept) == 2 and all(isinstance(n, int) and 0 < n < 20_000 for n in kept):
            wanted = QSize(*kept)
        room = self.screen().availableSize()
        self.resize(wanted.boundedTo(room).expandedTo(_LEAST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        least, most = (metric(n, self.font()) for n in _FACTS)
        share = round(self.width() * 0.417)
        self._rights.setFixedWidth(max(least, min(most, share)))
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_narrow"):
            self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self.page.shown()
            self._show_page_state()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            for page in self._pages.values():
                page.left()
            size = [self.width(), self.height()]
            self._library.services.settings.set(_SETTING, size)

    # -- pages -----------------------------------------------------------------------------

    def show_source(self, key: str) -> None:
        """Turn to the page of this adapter type; not while an import runs."""
        if key in self._pages and not self.page.running:
            self._switch.set_current(key)
            self._turn_to(key)

    def _switched(self, key: str) -> None:
        self._turn_to(key)

    def _turn_to(self, key: str) -> None:
        at = list(self._pages).index(key)
        for page in self._pages.values():
            page.think_again()
        self._lefts.setCurrentIndex(at)
        self._rights.setCurrentIndex(at)
        if self.isVisible():
            switch_has_focus = self._switch.isAncestorOf(self.focusWidget() or self)
            self.page.shown()
            if switch_has_focus:
                # Arrow keys go on choosing; Tab leads into the page.
                self._switch.segment(key).setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_page_state()

    def set_location(self, path: str) -> None:
        """Look into this folder. path: as `os` functions give it, byte for byte."""
        self.set_locations([path])

    def set_locations(self, paths: Sequence[str]) -> None:
        """Offer every adapter in these folders."""
        if not self.page.running:
            self.show_source(AdapterType.PROJECT.value)
            self.folder_page.set_locations(paths)

    def reset(self) -> None:
        """Forget everything that was typed."""
        for page in self._pages.values():
            page.reset()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.page.takes(event.mimeData()) or self._folders_take(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        page = self.page if self.page.takes(event.mimeData()) else None
        if page is None and self._folders_take(event):
            page = self.folder_page
            self.show_source(page.key)
        if page is not None:
            event.acceptProposedAction()
            page.take(event.mimeData())

    def _folders_take(self, event: QDropEvent) -> bool:
        return not self.page.running and self.folder_page.takes(event.mimeData())

    # -- the foot --------------------------------------------------------------------------

    def _library_changed(self, _ids: object) -> None:
        if self.isVisible():
            self.page.library_changed()

    def _show_page_state(self) -> None:
        page = self.page
        running = page.running
        if self._was_running and not running and self.isVisible():
            self._footer.go.setFocus(Qt.FocusReason.OtherFocusReason)
        self._was_running = running
        self._switch.setEnabled(not running)
        self._footer.set_busy((page.busy_verb() or "Importing…") if running else "")
        if running:
            self._footer.go.setEnabled(bool(page.busy_verb()))
            return
        self._footer.set_verb(page.verb())
        self._footer.go.setEnabled(page.can_import)
        verdict = page.verdict()
        self._footer.say(verdict.text, verdict.tone, verdict.link)

    def _page_progressed(self, done: object, total: object, text: str) -> None:
        if self.sender() is self.page and isinstance(done, int) and isinstance(total, int):
            self._footer.show_progress(done, total, text)

    def _page_done(self) -> None:
        if self.sender() is self.page:
            self.accept()

    def _follow_link(self) -> None:
        self.page.follow_link()

    def _show_in_library(self, ids: object) -> None:
        self.reject()
        self.showWanted.emit(ids)

    def _go(self) -> None:
        page = self.page
        if page.running:
            page.background()
            return
        page.start()
        self._show_focus()

    def _show_focus(self) -> None:
        """Where the page went to the first field with an error, scroll there."""
        focus = QApplication.focusWidget()
        scroll = self._scrolls[self.page.key]
        if focus is not None and scroll.isAncestorOf(focus):
            scroll.ensureWidgetVisible(focus)

    # -- keys ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            # Enter presses the button or link that has the focus; anywhere else it imports.
            on_button = isinstance(self.focusWidget(), QPushButton | QToolButton)
            if not (on_button and press_focused(self, event)) and not self.page.running:
                self._go()
            return
        super().keyPressEvent(event)

    def reject(self) -> None:
        """Leave, keeping what was typed; while an import runs, stop that first."""
        if self.page.running:
            self.page.cancel()
            return
        for page in self._pages.values():
            page.think_again()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.page.running:
            self.page.cancel()
            event.ignore()
            return
        super().closeEvent(event)


def _scroller(name: str) -> QScrollArea:
    area = QScrollArea()
    area.setObjectName(name)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    return area
