"""“Browse”: the registered models of a registry, page by page as one scrolls."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.models.library import Library
from desktop.models.registry_models import ModelsQuery, RegistryModelsModel
from desktop.models.registry_shelf import RegistryShelf
from desktop.models.result_lines import plain
from desktop.services.registry.records import Connection
from desktop.views.import_pages.registry.words import connection_text
from desktop.views.import_pages.shared.search_filters import SearchFilters
from desktop.views.import_pages.shared.search_pane import SearchPane
from desktop.views.theme import FontRole
from desktop.views.widgets.text import PlainLabel


class BrowseFilters(SearchFilters):
    """A part of the name. connection: the registry that is asked, None = there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.connection: Connection | None = None
        self.text = self.make_edit("registrySearchEdit", "A part of the name", lens=True)
        label = PlainLabel("&Search", role=FontRole.FIELD_LABEL)
        label.setBuddy(self.text)
        self.text.setAccessibleName("Search registered models")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(label)
        box.addWidget(self.text)

    def query(self) -> ModelsQuery | None:
        """What the field says now; None without a registry."""
        if self.connection is None:
            return None
        return ModelsQuery(self.connection, super().query())


class BrowsePane(SearchPane):
    """Of a line it tells (connection, id of the registered model)."""

    filters: BrowseFilters
    noun = "model"

    def __init__(self, library: Library, parent: QWidget | None = None) -> None:
        super().__init__(library, BrowseFilters(), RegistryModelsModel(library), "registry", parent)
        self.setObjectName("registryBrowse")
        self.model.setParent(self)
        self.list.setAccessibleName("Registered models")
        self._shelf = RegistryShelf.of(library)
        library.ready.connect(self._shelf_wanted)

    def set_connection(self, connection: Connection | None) -> None:
        """List what this registry has."""
        if connection == self.filters.connection:
            return
        self.filters.connection = connection
        self.model.stop()
        self.model.set_items([])
        self.refresh()

    def told_of(self, item: Any) -> tuple[Connection | None, str]:
        """The registered model, and the registry that lists it."""
        query = self.model.query
        return (query.connection if query is not None else None), str(item.id)

    def where(self) -> object:
        """The registry in use."""
        return self.filters.connection

    def host(self) -> str:
        """The same for a sentence."""
        connection = self.filters.connection
        return f"“{connection_text(connection)}”" if connection is not None else "the registry"

    def no_hit(self) -> tuple[str, bool]:
        """The sentence for a search without a result."""
        text = plain(self.model.query.text)
        if text:
            return f"No registered model on {self.host()} has “{text}” in its name.", True
        return f"There is no registered model on {self.host()}.", False

    def refresh(self) -> None:
        """List again, if there is a registry."""
        if self.filters.connection is not None:
            super().refresh()

    def showEvent(self, event: QShowEvent) -> None:
        self._shelf_wanted()
        super().showEvent(event)

    def _shelf_wanted(self) -> None:
        if self.isVisible():
            self._shelf.want()
