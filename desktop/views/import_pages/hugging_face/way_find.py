"""Find: a search on the hub, and a look at what is highlighted."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from desktop.models.library import Library
from desktop.services.progress import Progress
from desktop.views.import_pages.hugging_face.facts import show_preview
from desktop.views.import_pages.hugging_face.find import FindPane
from desktop.views.import_pages.shared.facts import ServerFacts
from desktop.views.import_pages.shared.way_search import SearchWay


class FindWay(SearchWay):
    """What is highlighted is shown at the right, what is picked (HubReference) goes to By name."""

    title = "Fin&d"
    looking = "Lorarium is looking into the repository."

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, FindPane(library), parent)

    def look(self, reference: Any, progress: Progress) -> Any:
        """Ask the hub about one."""
        return self._library.services.hub.preview(reference, progress)

    def show_found(self, panel: ServerFacts, found: Any) -> None:
        """Say at the right what a repository holds."""
        show_preview(panel, found, found.findings)
