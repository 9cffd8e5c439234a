"""The dialog that imports adapters."""

from desktop.views.import_dialog.dialog import ImportDialog

__all__ = ["ImportDialog"]
