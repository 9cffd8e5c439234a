"""The registered models of a registry, loaded page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from desktop.models.formats import UNKNOWN, date_text
from desktop.models.paged_lines import PagedLinesModel
from desktop.models.registry_shelf import RegistryShelf
from desktop.models.result_lines import ResultLine, plain
from desktop.services.progress import Progress
from desktop.services.registry.records import Connection, RegisteredModel

if TYPE_CHECKING:
    from desktop.models.library import Library

_MOST_ALIASES = 4


@dataclass(frozen=True)
class ModelsQuery:
    """Which registered models are asked for: those of a registry whose names hold `text`."""

    connection: Connection
    text: str = ""


def model_line(model: RegisteredModel) -> ResultLine:
    """What the line of a registered model says."""
    name = plain(model.name or model.id)
    aliases = [f"@{plain(alias, 40)} {plain(number, 12)}" for alias, number in model.aliases]
    shown = aliases[:_MOST_ALIASES]
    if len(aliases) > _MOST_ALIASES:
        shown.append(f"{len(aliases) - _MOST_ALIASES} more aliases")
    description = plain(" ".join(model.description[:400].split()))
    changed = date_text(model.changed)
    version = f"version {plain(model.newest, 12)}" if model.newest else "no version"
    figures = (("", version if model.newest else ""), ("", "" if changed == UNKNOWN else changed))
    more = " · ".join(part for part in (*shown, description) if part)
    tips = [plain(f"{key}: {value}") for key, value in model.tags[:10]]
    if model.id != model.name:
        tips.insert(0, plain(model.id))
    spoken = (name, version, *shown, description, "" if changed == UNKNOWN else changed)
    return ResultLine(
        "",
        name,
        more or "no description",
        figures,
        "",
        "\n".join(tips),
        ", ".join(part for part in spoken if part),
    )


class RegistryModelsModel(PagedLinesModel):
    """Registered models as lines; a query is a ModelsQuery."""

    task_title = "Asking the registry"

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, parent)
        self._shelf = RegistryShelf.of(library)
        self._shelf.changed.connect(self.library_changed)

    def line_of(self, item: Any) -> ResultLine:
        return model_line(item)

    def key_of(self, item: Any) -> str:
        return str(item.id)

    def is_in_library(self, item: Any) -> bool:
        return self.query is not None and self._shelf.has(self.query.connection.url, item.id)

    def fetch(self, query: Any, cursor: str, progress: Progress) -> tuple[Sequence[Any], str]:
        registry = self._library.services.registry
        page = registry.models(query.connection, query.text, cursor, progress)
        return page.models, page.cursor


__all__ = ["ModelsQuery", "RegistryModelsModel", "model_line"]
