"""The table of the preview: a table of records whose two paths share the room."""

from __future__ import annotations

from desktop.models.record_table import RecordTableModel
from desktop.services.settings import Settings
from desktop.views.records.table import RecordTable

_PARTS = (0.24, 0.29, 0.29)


class RelinkTable(RecordTable):
    """Adapter, old place, new place; how it is known keeps the width of its words."""

    def __init__(self, model: RecordTableModel, settings: Settings) -> None:
        super().__init__(model, settings, "relink")
        self.setObjectName("relinkTable")
        self.setAccessibleName("What was found")

    def arrange(self) -> None:
        """Share the width while the arrangement is still the program's own."""
        if not self._automatic or self._arranging:
            return
        room = self.viewport().width()
        last = self._wanted[-1]
        rest = max(room - last, 3 * 120)
        widths = [round(rest * part / sum(_PARTS)) for part in _PARTS]
        widths[0] += rest - sum(widths)
        self._arranging = True
        for at, width in enumerate([*widths, last]):
            self.setColumnHidden(at, False)
            self.setColumnWidth(at, width)
        self._arranging = False
