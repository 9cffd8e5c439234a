"""What a search on a server has found so far, loaded page by page."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.models.result_lines import ResultLinesModel
from desktop.services.errors import Cancelled, LorariumError
from desktop.services.progress import Progress

if TYPE_CHECKING:
    from desktop.models.library import Library
    from desktop.models.task_runner import Task

log = logging.getLogger(__name__)

MORE = "Loading more…"
END = "That is all."
STUCK = "More could not be loaded."

_BARREN = 3
"""So many pages in a row without anything new are the end, whatever the server says."""

_Answer = tuple[int, Any, str, tuple[Sequence[Any], str] | Exception]
"""Of a question: its number, what was asked, from which cursor, and what came of it."""


class PagedLinesModel(ResultLinesModel):
    """Results as lines. What is listed stays until there is something else to list, or until it
    is known that there is no answer to another question.

    A subclass asks its server for a page (`fetch`); a query is whatever it understands.

    Signals:
        stateChanged: waiting, trouble, query or what is listed is other than before.
    """

    stateChanged = Signal()

    task_title = "Searching"
    """What a question is called."""

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._number = 0
        self._task: Task | None = None
        self._asked: Any = None
        self._asked_cursor = ""
        self._cursor = ""
        self._cursors: set[str] = set()
        self._ids: set[str] = set()
        self._barren = 0
        self.query: Any = None
        """The search whose results are listed; None before the first answer."""
        self.trouble: Exception | None = None
        """Why the last question has no answer."""

    def fetch(self, query: Any, cursor: str, progress: Progress) -> tuple[Sequence[Any], str]:
        """A page of what a query finds, and the cursor for the next one, "" = no more. Runs off
        the UI thread.

        Raises:
            LorariumError: why there is none. Cancelled: nobody waits for it any more.
        """
        raise NotImplementedError

    @property
    def waiting(self) -> bool:
        """Whether an answer is on its way."""
        return self._task is not None

    @property
    def asked(self) -> Any:
        """The search that was asked for last; None where none was, or it was stopped."""
        return self._asked

    @property
    def ended(self) -> bool:
        """Whether all that the server has is listed."""
        return not self._cursor

    # -- asking --------------------------------------------------------------------------------

    def search(self, query: Any) -> None:
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

    def _ask(self, query: Any, cursor: str) -> None:
        self._drop_task()
        self.trouble = None
        self._asked_cursor = cursor
        self._task = self._library.run(
            self._search,
            self._number,
            query,
            cursor,
            succeeded=self._answered,
            lane="net",
            title=self.task_title,
        )
        self._tell()

    def _drop_task(self) -> None:
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _search(self, ctx: Any, number: int, query: Any, cursor: str) -> _Answer:
        try:
            return number, query, cursor, self.fetch(query, cursor, ctx.report)
        except Cancelled:
            raise
        except Exception as error:
            # With its number: of a question that is over nobody wants to hear.
            return number, query, cursor, error

    # -- answers -------------------------------------------------------------------------------

    def _answered(self, answer: _Answer) -> None:
        number, query, cursor, page = answer
        if number != self._number:
            return
        self._task = None
        if isinstance(page, Exception):
            self.trouble = page
            if not cursor:
                # What is listed is of another question, or of another server.
                self._cursor, self.query = "", None
                self.set_items([])
            if not isinstance(page, LorariumError):
                log.error("A search on a server met a fault", exc_info=page)
        else:
            self._take(query, *page, first=not cursor)
            if self._barren and self._cursor:
                # Nothing came that one could scroll to.
                self._ask(query, self._cursor)
                return
        self._tell()

    def _take(self, query: Any, results: Sequence[Any], following: str, *, first: bool) -> None:
        if first:
            self.query = query
            self._ids.clear()
            self._cursors.clear()
            self._barren = 0
        fresh = self._fresh(results)
        self._barren = 0 if fresh else self._barren + 1
        in_circles = following in self._cursors or self._barren >= _BARREN
        self._cursor = "" if in_circles else following
        self._cursors.add(following)
        if first:
            self.set_last("")
            self.set_items(fresh)
        else:
            self.add_items(fresh)

    def _fresh(self, results: Iterable[Any]) -> list[Any]:
        # Between two pages an adapter may have moved down the order, and comes again.
        fresh = []
        for result in results:
            key = self.key_of(result).casefold()
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
