"""The adapters that a search on a hub has found so far, loaded page by page."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.models.formats import UNKNOWN, date_text, parameters_text, whole_text
from desktop.models.hub_shelf import HubShelf
from desktop.models.result_lines import ResultLine, ResultLinesModel, bases_title, plain
from desktop.services.errors import Cancelled, LorariumError
from desktop.services.hub.records import HubPage, HubQuery, HubResult

if TYPE_CHECKING:
    from desktop.models.library import Library
    from desktop.models.task_runner import Task

log = logging.getLogger(__name__)

MORE = "Loading more…"
END = "That is all."
STUCK = "More could not be loaded."

_BARREN = 3
"""So many pages in a row without anything new are the end, whatever the server says."""


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
            figures.append((icon, parameters_text(value)))
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


class HubSearchModel(ResultLinesModel):
    """Results as lines. What is listed stays until there is something else to list.

    Signals:
        stateChanged: waiting, trouble, query or what is listed is other than before.
    """

    stateChanged = Signal()

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._shelf = HubShelf.of(library)
        self._shelf.changed.connect(self.library_changed)
        self._number = 0
        self._task: Task | None = None
        self._asked: HubQuery | None = None
        self._asked_cursor = ""
        self._cursor = ""
        self._cursors: set[str] = set()
        self._ids: set[str] = set()
        self._barren = 0
        self.query: HubQuery | None = None
        """The search whose results are listed; None before the first answer."""
        self.trouble: Exception | None = None
        """Why the last question has no answer."""

    def line_of(self, item: Any) -> ResultLine:
        return result_line(item)

    def key_of(self, item: Any) -> str:
        return str(item.repo_id)

    def is_in_library(self, item: Any) -> bool:
        return self._shelf.has_name(item.repo_id)

    @property
    def waiting(self) -> bool:
        """Whether an answer is on its way."""
        return self._task is not None

    @property
    def asked(self) -> HubQuery | None:
        """The search that was asked for last; None where none was, or it was stopped."""
        return self._asked

    @property
    def ended(self) -> bool:
        """Whether all that the hub has is listed."""
        return not self._cursor

    # -- asking --------------------------------------------------------------------------------

    def search(self, query: HubQuery) -> None:
        """Look for this from the beginning. Whatever else was on its way is stopped."""
        self._asked = query
        self._ask(query, "")

    def more(self) -> None:
        """Load the next page, if there is one and nothing is on its way or in the way."""
        if self._cursor and not self.waiting and self.trouble is None and self.query is not None:
            self._ask(self.query, self._cursor)

    def again(self) -> None:
        """Ask once more what had no answer."""
        if self.trouble is not None and self._asked is not None:
            self._ask(self._asked, self._asked_cursor)

    def stop(self) -> None:
        """Nobody waits for an answer any more."""
        if self.waiting:
            self._drop_task()
            self._asked = self.query
            self._tell()

    def _ask(self, query: HubQuery, cursor: str) -> None:
        self._drop_task()
        self.trouble = None
        self._asked_cursor = cursor
        self._task = self._library.run(
            self._search,
            self._number,
            self._library.services.hub,
            query,
            cursor,
            succeeded=self._answered,
            lane="net",
            title="Searching the Hub",
        )
        self._tell()

    def _drop_task(self) -> None:
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _search(
        self, ctx: Any, number: int, hub: Any, query: HubQuery, cursor: str
    ) -> tuple[int, HubQuery, str, HubPage | Exception]:
        try:
            return number, query, cursor, hub.search(query, cursor, ctx.report)
        except Cancelled:
            raise
        except Exception as error:
            # With its number: of a question that is over nobody wants to hear.
            return number, query, cursor, error

    # -- answers -------------------------------------------------------------------------------

    def _answered(self, answer: tuple[int, HubQuery, str, HubPage | Exception]) -> None:
        number, query, cursor, page = answer
        if number != self._number:
            return
        self._task = None
        if isinstance(page, Exception):
            self.trouble = page
            if not isinstance(page, LorariumError):
                log.error("A search on a hub met a fault", exc_info=page)
        else:
            self._take(query, page, first=not cursor)
            if self._barren and self._cursor:
                # Nothing came that one could scroll to.
                self._ask(query, self._cursor)
                return
        self._tell()

    def _take(self, query: HubQuery, page: HubPage, first: bool) -> None:
        if first:
            self.query = query
            self._ids.clear()
            self._cursors.clear()
            self._barren = 0
        fresh = self._fresh(page.results)
        self._barren = 0 if fresh else self._barren + 1
        in_circles = page.cursor in self._cursors or self._barren >= _BARREN
        self._cursor = "" if in_circles else page.cursor
        self._cursors.add(page.cursor)
        if first:
            self.set_last("")
            self.set_items(fresh)
        else:
            self.add_items(fresh)

    def _fresh(self, results: Iterable[HubResult]) -> list[HubResult]:
        # Between two pages an adapter may have moved down the order, and comes again.
        fresh = []
        for result in results:
            key = result.repo_id.casefold()
            if key not in self._ids:
                self._ids.add(key)
                fresh.append(result)
        return fresh

    def _tell(self) -> None:
        if not self.count:
            self.set_last("")
        elif not self._cursor:
            self.set_last(END)
        else:
            self.set_last(MORE if self.trouble is None else STUCK)
        self.stateChanged.emit()


__all__ = ["END", "MORE", "STUCK", "HubSearchModel", "result_line"]
