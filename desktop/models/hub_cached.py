"""The adapters in the Hugging Face cache of this machine, as lines that a few words filter."""

from __future__ import annotations

import logging
import os
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.models.formats import UNKNOWN, base_title, date_text, size_text
from desktop.models.hub_shelf import HubShelf
from desktop.models.result_lines import ResultLine, ResultLinesModel, plain
from desktop.services.errors import Cancelled, LorariumError
from desktop.services.hub.records import MAIN, CachedAdapter
from desktop.services.peft_folder.base_models import hub_cache_folder

if TYPE_CHECKING:
    from desktop.models.library import Library
    from desktop.models.task_runner import Task

log = logging.getLogger(__name__)

_Answer = tuple[int, str, Sequence[CachedAdapter] | Exception]


def _revision(adapter: CachedAdapter) -> str:
    """What tells two snapshots of one repository apart; "" for the one that everybody has."""
    if MAIN in adapter.refs:
        return ""
    if adapter.refs:
        return plain(adapter.refs[0], 40)
    return f"commit {plain(adapter.commit[:7])}" if adapter.commit else ""


def cached_line(adapter: CachedAdapter) -> ResultLine:
    """What the line of an adapter in the cache says."""
    org, slash, name = plain(adapter.repo_id).rpartition("/")
    folder = plain(adapter.subfolder)
    base = plain(base_title(plain(adapter.base_model)))
    revision = _revision(adapter)
    kind = plain(adapter.peft_type, 40)
    size, seen = size_text(adapter.size), date_text(adapter.seen)
    used = "" if seen == UNKNOWN else seen
    title = name + (f"/{folder}" if folder else "")
    more = (base or "no base model named", kind, revision)
    spoken = (
        org + slash + title,
        f"base model {base}" if base else "",
        kind,
        revision,
        size,
        f"last used {used}" if used else "",
    )
    tips = [plain(adapter.base_model), plain(adapter.path, 400)]
    return ResultLine(
        org + slash,
        title,
        " · ".join(part for part in more if part),
        (("", size), ("", used)),
        "",
        "\n".join(tip for tip in tips if tip),
        ", ".join(part for part in spoken if part),
    )


def _haystack(adapter: CachedAdapter) -> str:
    parts = (adapter.repo_id, adapter.subfolder, adapter.base_model, adapter.peft_type)
    return "\n".join(part for part in parts if part).casefold()


class CachedModel(ResultLinesModel):
    """What was used last comes first: the service puts them in order.

    Signals:
        stateChanged: reading, trouble or what is listed is other than before.
    """

    stateChanged = Signal()

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._shelf = HubShelf.of(library)
        self._shelf.changed.connect(self.library_changed)
        self._all: list[tuple[str, CachedAdapter]] = []
        self._words: tuple[str, ...] = ()
        self._number = 0
        self._task: Task | None = None
        self.folder = ""
        """Where the cache is; known when somebody has looked."""
        self.was_read = False
        """Whether the cache was looked through once."""
        self.trouble: Exception | None = None
        """Why the last look found nothing."""

    def line_of(self, item: Any) -> ResultLine:
        return cached_line(item)

    def key_of(self, item: Any) -> str:
        return str(item.path)

    def is_in_library(self, item: Any) -> bool:
        return self._shelf.has_place(item.path) or self._shelf.has_name(item.repo_id)

    @property
    def total(self) -> int:
        """How many adapters the cache holds, listed or not."""
        return len(self._all)

    @property
    def reading(self) -> bool:
        """Whether somebody is looking."""
        return self._task is not None

    # -- reading -------------------------------------------------------------------------------

    def read(self) -> None:
        """Look through the cache; what is listed stays until that is done."""
        self.stop()
        self.trouble = None
        self._task = self._library.run(
            self._read, self._number, succeeded=self._answered, lane="free"
        )
        self.stateChanged.emit()

    def stop(self) -> None:
        """Nobody waits for it any more."""
        self._number += 1
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self.stateChanged.emit()

    def _read(self, ctx: Any, number: int) -> _Answer:
        place = os.path.abspath(hub_cache_folder())
        try:
            return number, place, self._library.services.hub.cached(ctx.report)
        except Cancelled:
            raise
        except Exception as error:
            # With its number: of a look that is over nobody wants to hear.
            return number, place, error

    def _answered(self, answer: _Answer) -> None:
        number, place, found = answer
        if number != self._number:
            return
        self._task, self.folder = None, place
        if isinstance(found, Exception):
            self.trouble = found
            if not isinstance(found, LorariumError):
                log.error("The cache can't be looked through", exc_info=found)
        else:
            self.was_read = True
            self._all = [(_haystack(adapter), adapter) for adapter in found]
            self._show()
        self.stateChanged.emit()

    # -- the filter ----------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """List only adapters whose name, sub-folder, base model or type hold every word."""
        words = tuple(unicodedata.normalize("NFC", text).casefold().split())
        if words != self._words:
            self._words = words
            self._show()
            self.stateChanged.emit()

    def _show(self) -> None:
        words = self._words
        self.set_items([a for text, a in self._all if all(word in text for word in words)])
