"""The adapters that a search on a hub has found so far, loaded page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from desktop.models.formats import UNKNOWN, date_text, tally_text, whole_text
from desktop.models.hub_shelf import HubShelf
from desktop.models.paged_lines import END, MORE, STUCK, PagedLinesModel
from desktop.models.result_lines import ResultLine, bases_title, plain
from desktop.services.hub.records import HubResult
from desktop.services.progress import Progress

if TYPE_CHECKING:
    from desktop.models.library import Library


def result_line(result: HubResult) -> ResultLine:
    """What the line of a result says."""
    org, slash, name = plain(result.repo_id).rpartition("/")
    base = bases_title(result.base_models)
    licence = plain(result.licence, 40)
    changed = date_text(result.changed)
    lock = "private" if result.private else "gated" if result.gated else ""
    figures, spoken = [], [org + slash + name, f"base model {base}" if base else "", licence]
    if changed != UNKNOWN:
        spoken.append(f"changed {changed}")
    for icon, word, value in (
        ("download", "downloads", result.downloads),
        ("heart", "likes", result.likes),
    ):
        if value is not None:
            figures.append((icon, tally_text(value)))
            spoken.append(f"{whole_text(value)} {word}")
    tips = [plain(base) for base in result.base_models[:3]]
    if lock == "gated":
        tips.append("Gated: its files need access that has to be asked for.")
    elif lock:
        tips.append("Private: only those who were let in can see it.")
    more = (base or "no base model named", licence, "" if changed == UNKNOWN else changed)
    return ResultLine(
        org + slash,
        name,
        " · ".join(part for part in more if part),
        tuple(figures),
        lock,
        "\n".join(tips),
        ", ".join(part for part in (*spoken, lock) if part),
    )


class HubSearchModel(PagedLinesModel):
    """Results as lines; a query is a HubQuery."""

    task_title = "Searching the Hub"

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(library, parent)
        self._shelf = HubShelf.of(library)
        self._shelf.changed.connect(self.library_changed)

    def line_of(self, item: Any) -> ResultLine:
        return result_line(item)

    def key_of(self, item: Any) -> str:
        return str(item.repo_id)

    def is_in_library(self, item: Any) -> bool:
        return self._shelf.has_name(item.repo_id)

    def fetch(self, query: Any, cursor: str, progress: Progress) -> tuple[Sequence[Any], str]:
        page = self._library.services.hub.search(query, cursor, progress)
        return page.results, page.cursor


__all__ = ["END", "MORE", "STUCK", "HubSearchModel", "result_line"]
