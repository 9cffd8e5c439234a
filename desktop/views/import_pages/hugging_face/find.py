"""“Find”: adapters on a hub by words, author and base model, page by page as one scrolls."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from desktop.models.hub_search import HubSearchModel
from desktop.models.hub_shelf import HubShelf
from desktop.models.library import Library
from desktop.services.errors import LorariumError
from desktop.services.hub.records import HubReference
from desktop.views.import_pages.hugging_face.find_filters import (
    FindFilters,
    host_of,
    no_hit_text,
)
from desktop.views.import_pages.shared.search_pane import SearchPane


class FindPane(SearchPane):
    """Of a line it tells the HubReference."""

    filters: FindFilters

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(library, FindFilters(), HubSearchModel(library), "hub", parent)
        self.setObjectName("findPane")
        self.model.setParent(self)
        self.list.setAccessibleName("Adapters on the Hub")
        self._shelf = HubShelf.of(library)
        library.recordsChanged.connect(self._records_changed)
        library.ready.connect(self._shelf_wanted)
        self._records_changed()

    def told_of(self, item: Any) -> HubReference:
        """The adapter's place on the hub."""
        return HubReference(item.repo_id)

    def where(self) -> object:
        """The hub in use."""
        return self._library.services.hub.endpoint

    def host(self) -> str:
        """The same for a sentence."""
        try:
            return host_of(self._library.services.hub.endpoint)
        except LorariumError:
            return "the Hub"

    def no_hit(self) -> tuple[str, bool]:
        """The sentence for a search without a result."""
        query = self.model.query
        asked = query.text or query.author or query.base_model
        return no_hit_text(query, self.host()), bool(asked)

    def showEvent(self, event: QShowEvent) -> None:
        self._shelf_wanted()
        super().showEvent(event)

    def _shelf_wanted(self) -> None:
        if self.isVisible():
            self._shelf.want()

    def _records_changed(self) -> None:
        self.filters.set_base_models(self._library.base_models)
