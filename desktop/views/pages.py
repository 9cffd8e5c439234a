"""The parts of the window that are made on first use, and how they are wired to it.

Their modules are imported here and not at the start: the first paint does not need them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.views.focus import main_focus
from desktop.views.menus import context_menu

if TYPE_CHECKING:
    from desktop.views.details import DetailsPanel
    from desktop.views.main_window import MainWindow


class PageStack(QStackedWidget):
    """The page in the middle of the window. It needs the room of the page that is shown: Qt's own
    stack would go on asking for that of the widest page that was ever visited."""

    def turn_to(self, page: QWidget) -> None:
        """Show a page. A keyboard that was in the one before goes on where work begins in this one,
        and not at the first button there is."""
        focus = self.window().focusWidget()
        inside = focus is not None and self.isAncestorOf(focus)
        self.setCurrentWidget(page)
        target = main_focus(page) if inside else None
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()


def make_details(window: MainWindow) -> DetailsPanel:
    """The panel at the right."""
    from desktop.views.details import DetailsPanel

    panel = DetailsPanel(window.library, window)
    panel.set_menu(context_menu(window, window.actions_))
    panel.notice.connect(window.show_notice)
    panel.checkRequested.connect(window.operations.check)
    panel.compareRequested.connect(window.updates.compare)
    panel.updateRequested.connect(window.updates.update)
    panel.removeRequested.connect(window.operations.remove)
    panel.favouriteRequested.connect(window.organise.toggle_favourite)
    panel.tagsRequested.connect(window.organise.edit_tags)
    panel.baseModelOfRequested.connect(window.organise.choose_base_model)
    panel.exportRequested.connect(window.organise.export)
    panel.pathsRequested.connect(window.commands.copy_paths)
    panel.notesChanged.connect(window.organise.set_notes)
    window.organise.notesRefused.connect(panel.one.overview.notes.refused)
    panel.locateRequested.connect(window.operations.locate)
    panel.openFolder.connect(window.operations.open_folder)
    panel.linkOpened.connect(window.operations.open_link)
    panel.baseModelRequested.connect(window.commands.show_base_model)
    panel.promptRequested.connect(window.commands.show_prompt)
    panel.jobRequested.connect(window.commands.show_job)
    return panel


def make_page(window: MainWindow, key: str) -> QWidget:
    """The page of a place: the folders, the scan, or one kind of records."""
    if key == "folders":
        from desktop.views.folders import FoldersPage

        folders = FoldersPage(window.library, window)
        folders.importRequested.connect(window.commands.import_folders)
        folders.showRequested.connect(window.show_adapter)
        folders.scanRequested.connect(window.commands.scan_folders)
        folders.openFolder.connect(window.operations.open_folder)
        folders.notice.connect(window.show_notice)
        return folders
    if key == "scan":
        from desktop.views.scan import ScanPage

        scan = ScanPage(window.library, window)
        scan.showRequested.connect(window.show_adapters)
        scan.checkRequested.connect(window.operations.check)
        scan.importRequested.connect(window.commands.import_folders)
        scan.openFolder.connect(window.operations.open_folder)
        scan.undoRequested.connect(window.operations.undo)
        scan.notice.connect(window.show_notice)
        return scan
    from desktop.views.records import RecordsPage

    page = RecordsPage(key, window.library, window)
    page.notice.connect(window.show_notice)
    page.undoRequested.connect(window.operations.undo)
    page.adapterRequested.connect(window.show_adapter)
    page.adaptersOfBaseModelRequested.connect(window.show_adapters_of)
    page.recordRequested.connect(window.show_record)
    return page
