"""What the menus do that brings adapters in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QProcess

from desktop.services.kinds import AdapterType
from desktop.views.notices import Notice

if TYPE_CHECKING:
    from desktop.views.import_dialog import ImportDialog
    from desktop.views.main_window import MainWindow


class ImportCommands(QObject):
    """The slots that open the import dialog and the scan page, and what follows an import."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: ImportDialog | None = None

    @property
    def dialog(self) -> ImportDialog:
        """The one import dialog; it keeps what was typed until something was imported."""
        if self._dialog is None:
            from desktop.views.import_dialog import ImportDialog

            self._dialog = ImportDialog(self._window.library, self._window)
            self._dialog.imported.connect(self._imported)
            self._dialog.notice.connect(self._window.show_notice)
            self._dialog.showWanted.connect(self._window.show_adapters)
        return self._dialog

    def close_dialog(self) -> None:
        """Close the import dialog with the window; its size is kept, what it does is stopped."""
        if self._dialog is not None:
            self._dialog.hide()

    def import_folder(self) -> None:
        """Open the dialog that imports from a folder."""
        if self._refused():
            return
        self.dialog.show_source(AdapterType.PROJECT)
        self.dialog.open()

    def import_hub(self) -> None:
        """Open the dialog that imports from the Hub."""
        if self._refused():
            return
        self.dialog.show_source(AdapterType.HUGGINGFACE)
        self.dialog.open()

    def import_registry(self) -> None:
        """Open the dialog that imports from a model registry."""
        if self._refused():
            return
        self.dialog.show_source(AdapterType.MODEL_REGISTRY)
        self.dialog.open()

    def import_folders(self, paths: Sequence[str]) -> None:
        """Open the dialog with folders that were dropped or chosen elsewhere."""
        if paths and not self._refused():
            self.dialog.set_locations(list(paths))
            self.dialog.open()

    def scan_folders(self, paths: Sequence[str] | bool = False) -> None:
        """Go to the page that scans folders; with paths, scan just these now."""
        self._window.go_to("scan")
        page: Any = self._window.pages.currentWidget()
        if paths and not isinstance(paths, bool):
            page.scan(paths)

    def _refused(self) -> bool:
        sentence = self._window.library.refusal
        if sentence:
            self._window.show_notice(Notice(sentence, "warning"))
        return bool(sentence)

    def _imported(self, records: Sequence[Any]) -> None:
        if not records:
            return
        many = len(records)
        said = f"Imported “{records[0].name}”." if many == 1 else f"Imported {many:,} adapters."
        undo = self._window.operations.undo
        action = "Undo" if many == 1 else ""
        self._window.show_notice(Notice(said, "ok", action, undo if action else None))
        self._window.show_imported([record.id for record in records])

    def open_sample(self) -> None:
        """Open the sample library in a window of its own, beside this one."""
        import sys


        QProcess.startDetached(sys.executable, ["-m", "desktop.main", "--demo"])
