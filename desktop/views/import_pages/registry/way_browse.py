"""Browse: what is registered, and a look at what is highlighted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from desktop.models.library import Library
from desktop.services.progress import Progress
from desktop.services.registry.records import Connection
from desktop.views.import_pages.registry.browse import BrowsePane
from desktop.views.import_pages.registry.words import facts_before
from desktop.views.import_pages.shared.facts import BEFORE, ServerFacts
from desktop.views.import_pages.shared.way_search import SearchWay


class BrowseWay(SearchWay):
    """What is highlighted is shown at the right, what is picked, (connection, id of a model), goes
    to By ID."""

    title = "Bro&wse"
    begin = "Highlight a model, and what its newest version holds stands here."
    looking = "Lorarium is asking the registry."
    find: BrowsePane

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, BrowsePane(library), parent)

    def set_connection(self, connection: Connection | None) -> None:
        """List what this registry has."""
        self.find.set_connection(connection)

    def look(self, reference: Any, progress: Progress) -> Any:
        """Ask about the newest version of a model."""
        connection, model_id = reference
        return self._library.services.registry.preview(connection, model_id, "", progress)

    def show_found(self, panel: ServerFacts, found: Any) -> None:
        """Say at the right what the version holds."""
        panel.show_facts(BEFORE, facts_before(found), found.findings)
