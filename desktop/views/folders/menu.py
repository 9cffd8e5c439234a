"""The context menu of the folder tree: what can be done with the selected folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

if TYPE_CHECKING:
    from desktop.views.folders.page import FoldersPage


def make_menu(page: FoldersPage) -> QMenu:
    """The menu for what is selected now; it goes when it is closed."""
    items = page.selected_items()
    details = page.details
    menu = QMenu(page)
    menu.setObjectName("folderMenu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if details.import_button.isVisibleTo(page) and details.import_button.isEnabled():
        action = menu.addAction(details.import_button.text(), details.do_import)
        action.setObjectName("folderMenuImport")
    if details.show_button.isVisibleTo(page):
        action = menu.addAction("&Show in the library", details.show_button.click)
        action.setObjectName("folderMenuShow")
    many = "these folders" if len(items) > 1 else "this folder"
    action = menu.addAction(f"S&can {many}", page.scan_selected)
    action.setObjectName("folderMenuScan")
    if len(items) == 1:
        action = menu.addAction("&Open folder", details.open_button.click)
        action.setObjectName("folderMenuOpen")
    menu.addSeparator()
    starred = page.favourites.holds([item.path for item in items])
    action = menu.addAction("No &favourite" if starred else "&Favourite", page.toggle_favourite)
    action.setObjectName("folderMenuFavourite")
    menu.addSeparator()
    action = menu.addAction("Copy &path", page.copy_paths)
    action.setObjectName("folderMenuCopy")
    action = menu.addAction("&Read again", page.read_again)
    action.setObjectName("folderMenuRead")
    return menu
