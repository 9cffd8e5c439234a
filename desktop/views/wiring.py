"""What the parts of the window say to each other, apart from what the window itself answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.views.main_window import MainWindow


def wire_helpers(window: MainWindow) -> None:
    """Notices and their buttons, of everything that is done with adapters."""
    operations = window.operations
    operations.notice.connect(window.show_notice)
    for helper in (window.updates, window.organise, window.relink):
        helper.notice.connect(window.show_notice)
        helper.undoRequested.connect(operations.undo)
    window.updates.showRequested.connect(window.show_adapters)
    operations.missed.connect(window.relink.say_missing)
    operations.stepping.connect(window.strip.notices.withdraw_steps)
    window.watching.notice.connect(window.show_notice)
    window.watching.scanRequested.connect(window.commands.scan_folders)


def wire_library_page(window: MainWindow) -> None:
    """What is pressed on the page of the adapters does what the menus do."""
    page, commands = window.library_page, window.commands
    page.filterAskedChanged.connect(commands.renew_filter)
    page.importRequested.connect(commands.import_folder)
    page.hubRequested.connect(commands.import_hub)
    page.registryRequested.connect(commands.import_registry)
    page.sampleRequested.connect(commands.open_sample)
    page.scanRequested.connect(commands.scan_folders)
    page.relinkRequested.connect(commands.find_moved)
    page.table.activatedRow.connect(commands.show_details)
