"""The state behind the import dialog: drafts, what is known of them, and the import itself.

No widget is made here. Questions go off the UI thread, each with a number; an answer with another
number than the last one asked is late and dropped, however long its disk took.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.models.candidates import Draft
from desktop.models.library import Library
from desktop.services.errors import Cancelled, LorariumError
from desktop.services.records import Finding, Severity
from desktop.views.import_pages.local_folder import asking
from desktop.views.import_pages.local_folder.paths import folder_title

log = logging.getLogger(__name__)

CHECK_DELAY = 150
"""Milliseconds after the last change until it is checked."""

_REMEMBERED = 200
"""So many folders that were left keep what was typed for them."""


def finding_of(error: Exception, field: str) -> Finding:
    """An exception as something to read beside `field`: one of ours comes with its sentence, any
    other is a fault of ours."""
    if isinstance(error, LorariumError):
        return Finding(field, "failed", Severity.ERROR, error.message, error.advice)
    return Finding(
        field,
        "fault",
        Severity.ERROR,
        "Something did not work. This is a fault of Lorarium, not yours.",
        "Nothing was lost. Try again, or look at the log.",
    )


def _told(error: Exception, field: str) -> Finding:
    """The same, for an exception that nobody has put into the log yet."""
    if not isinstance(error, LorariumError):
        log.error("The import dialog met a fault", exc_info=error)
    return finding_of(error, field)


class ImportSession(QObject):
    """One or several adapters on their way in.

    Signals:
        draftsChanged: the list of drafts is another one, or its lines read differently.
        shown: the current draft is another one, or its values were set by the program.
        known: findings, facts or the state of a question changed.
    """

    draftsChanged = Signal()
    shown = Signal()
    known = Signal()

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self.drafts: list[Draft] = [Draft()]
        self.row = 0
        self.paths: tuple[str, ...] = ()
        self.looking = False
        self._look_number = 0
        self._look_task: Any = None
        self._read_number = 0
        self._reading = False
        # What was typed for folders that were left: typing a path passes many on its way.
        self._memory: dict[str, Draft] = {}
        self._check_number = 0
        self._checking = False
        self._check_again = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_DELAY)
        self._timer.timeout.connect(self.check_now)

    # -- what there is ---------------------------------------------------------------------

    @property
    def current(self) -> Draft:
        """The draft that is shown."""
        return self.drafts[self.row]

    @property
    def chosen(self) -> list[Draft]:
        """The drafts to import; none before a folder was found to hold an adapter."""
        return [d for d in self.drafts if d.chosen and d.path and not d.place_blocks]

    @property
    def settled(self) -> bool:
        """Whether everything that is known is about what is typed now."""
        return not self.looking and all(d.is_read and d.is_checked for d in self.chosen)

    @property
    def importable(self) -> bool:
        """Whether nothing stands in the way of an import now."""
        chosen = self.chosen
        return (
            bool(chosen)
            and self.settled
            and not self._library.read_only
            and not any(d.blocking() for d in chosen)
        )

    # -- the folder ------------------------------------------------------------------------

    def await_look(self) -> None:
        """The path is being typed: what is known is about another one."""
        self.looking = True
        self._look_number += 1
        self._stop_look()
        self.known.emit()

    def look(self, paths: Sequence[str]) -> None:
        """Look for adapters at these paths, and take up what is there."""
        self._look_number += 1
        self._stop_look()
        self.paths = tuple(paths)
        if not self.paths:
            self.looking = False
            self._take_drafts([self._empty("")], 0)
            return
        self.looking = True
        self.known.emit()
        self._look_task = self._library.run(
            self._look, self._look_number, self.paths, succeeded=self._looked, lane="free"
        )

    def stop_looking(self) -> None:
        """Nobody waits for an answer any more; who wants to know looks again."""
        if self._look_task is not None:
            self._look_number += 1
            self._stop_look()
            self.looking = False

    def _stop_look(self) -> None:
        task, self._look_task = self._look_task, None
        if task is not None:
            task.cancel()

    def _look(self, ctx: Any, number: int, paths: Sequence[str]) -> tuple[int, Any]:
        try:
            return number, asking.look(self._library.services, ctx, paths)
        except Cancelled:
            raise
        except Exception as error:
            return number, error

    def _looked(self, result: tuple[int, Any]) -> None:
        number, look = result
        if number != self._look_number:
            return
        self._look_task = None
        self.looking = False
        if isinstance(look, Exception):
            self._take_nothing((_told(look, "location"),))
        elif look.found:
            self._take_found(look)
        else:
            self._take_nothing(look.refusals)

    def _take_nothing(self, refusals: tuple[Finding, ...]) -> None:
        draft = self._empty(self.paths[0])
        # Several places of which none holds an adapter: each refusal is a warning, all together
        # are in the way.
        draft.place = tuple(replace(f, severity=Severity.ERROR) for f in refusals)
        self._take_drafts([draft], 0)

    def _take_found(self, look: asking.Look) -> None:
        before = self.current
        known = {**self._memory, **{d.path: d for d in self.drafts}}
        drafts = []
        for found in look.found:
            draft = known.get(found.path)
            if draft is None or draft.place:
                draft = Draft(found.path, folder_title(found.title))
                draft.chosen = found.path in look.ticked
            draft.size, draft.newest, draft.is_read = found.size_bytes, found.newest, False
            draft.refusals = ()
            drafts.append(draft)
        ticked = next((i for i, d in enumerate(drafts) if d.chosen), 0)
        row = drafts.index(before) if before in drafts else ticked
        if before not in drafts and drafts[row].path not in known:
            drafts[row].take_over(before)
        drafts[row].place = tuple(f for f in look.refusals if f.severity != Severity.ERROR)
        self._take_drafts(drafts, row)

    def _empty(self, path: str) -> Draft:
        draft = Draft(path, folder_title(path) if path else "")
        draft.take_over(self.current)
        return draft

    def _take_drafts(self, drafts: list[Draft], row: int) -> None:
        for draft in self.drafts:
            if draft.path and not draft.place_blocks and draft not in drafts:
                self._memory.pop(draft.path, None)
                self._memory[draft.path] = draft
        for path in list(self._memory)[:-_REMEMBERED]:
            del self._memory[path]
        self.drafts, self.row = drafts, row
        # What is under way for other folders may never come back: do not wait for it.
        self._read_number += 1
        self._check_number += 1
        self._reading = self._checking = False
        self.draftsChanged.emit()
        self.shown.emit()
        self.known.emit()
        self._read_next()
        self.check_soon()

    # -- what is in the folders ------------------------------------------------------------

    def _read_next(self) -> None:
        """Look into the folder that is shown, then into the others that are ticked."""
        if self._reading:
            return
        for draft in (self.current, *self.chosen):
            if draft.path and not draft.place_blocks and not draft.is_read:
                taken = tuple(d.name for d in self.drafts if d is not draft)
                self._reading = True
                self._library.run(
                    self._read,
                    self._read_number,
                    draft.path,
                    taken,
                    succeeded=self._was_read,
                    lane="free",
                )
                return

    def _read(
        self, _ctx: Any, number: int, path: str, taken: Sequence[str]
    ) -> tuple[int, str, Any]:
        try:
            return number, path, asking.read(self._library.services, path, taken)
        except Exception as error:
            return number, path, error

    def _was_read(self, result: tuple[int, str, Any]) -> None:
        number, path, read = result
        if number != self._read_number:
            return
        self._reading = False
        draft = next((d for d in self.drafts if d.path == path), None)
        if draft is not None and isinstance(read, Exception):
            draft.place = (_told(read, "location"),)
            self.known.emit()
        elif draft is not None:
            draft.inspection, draft.is_read, draft.checked = read.inspection, True, None
            if read.inspection.size_bytes is not None:
                draft.size = read.inspection.size_bytes
            if not draft.name_typed:
                draft.name = draft.proposed = read.name
            if draft is self.current:
                self.shown.emit()
            self.known.emit()
        self._read_next()
        self.check_now()

    # -- what the person does --------------------------------------------------------------

    def select(self, row: int) -> None:
        """Show another draft."""
        if row != self.row and 0 <= row < len(self.drafts):
            self.row = row
            self.shown.emit()
            self.known.emit()
            self._read_next()
            self.check_soon()

    def ticked(self) -> None:
        """A box was ticked or cleared."""
        self._find_twins()
        self.known.emit()
        self._read_next()
        self.check_soon()

    def edit(self, **values: Any) -> None:
        """The person changed fields of the current draft."""
        draft = self.current
        for name, value in values.items():
            setattr(draft, name, value)
        draft.refusals = ()
        self._find_twins()
        self.known.emit()
        self.check_soon()

    def touch(self, *names: str) -> None:
        """The person was in these fields: that one is empty may be said from now on."""
        if not set(names) <= self.current.touched:
            self.current.touched.update(names)
            self.known.emit()

    def _find_twins(self) -> None:
        seen: set[str] = set()
        for draft in self.drafts:
            name = unicodedata.normalize("NFC", draft.name).strip()
            draft.twin = None
            if not (draft.chosen and draft.path and name):
                continue
            if name in seen:
                draft.twin = Finding(
                    "name",
                    "name_twice",
                    Severity.ERROR,
                    "Another chosen adapter has this name.",
                    "Change one of them.",
                )
            seen.add(name)

    # -- the rules -------------------------------------------------------------------------

    def check_soon(self) -> None:
        """Check what is typed when the person pauses."""
        self._timer.start()

    def recheck(self) -> None:
        """The library changed: what was said may not hold any more."""
        self._check_again = True
        self.check_soon()

    def check_now(self) -> None:
        """Ask what is to be said about the current draft and the ticked ones."""
        self._timer.stop()
        if self._checking:
            self._check_again = True
            return
        again, self._check_again = self._check_again, False
        asks = [
            asking.Ask(d.path, d.request(), d.inspection)
            for d in dict.fromkeys((self.current, *self.chosen))
            if (again or not d.is_checked) and (d.is_read or not d.path or d.place_blocks)
        ]
        if not asks:
            return
        self._checking = True
        self._library.run(
            self._check, self._check_number, asks, succeeded=self._answered, lane="free"
        )

    def _check(self, _ctx: Any, number: int, asks: Sequence[asking.Ask]) -> tuple[int, Any]:
        try:
            return number, asking.check(self._library.services, asks)
        except Exception as error:
            said = (_told(error, ""),)
            return number, [asking.Answer(ask.path, ask.request, said) for ask in asks]

    def _answered(self, result: tuple[int, Sequence[asking.Answer]]) -> None:
        number, answers = result
        if number != self._check_number:
            return
        self._checking = False
        by_path = {d.path: d for d in self.drafts}
        for answer in answers:
            draft = by_path.get(answer.path)
            if draft is None or draft.request() != answer.request:
                continue
            draft.checked = answer.request
            draft.findings, draft.split = answer.findings, answer.split
            draft.fit, draft.fits = answer.fit, answer.fits
            if answer.base is not None and not draft.model_picked and draft.model_id is None:
                draft.model_id = answer.base.id
                self._check_again = True
                if draft is self.current:
                    self.shown.emit()
        self._find_twins()
        self.known.emit()
        if self._check_again or not all(d.is_checked for d in (self.current, *self.chosen)):
            self._check_again = False
            self.check_soon()

    # -- after an import -------------------------------------------------------------------

    def take_outcome(self, imported: Sequence[Draft], refused: Sequence[Draft]) -> None:
        """Some are in: go on with those that are not, the first refused one in front."""
        for draft in imported:
            self._memory.pop(draft.path, None)
        current = self.current
        rest = [d for d in self.drafts if d not in imported]
        if refused:
            current = refused[0]
        for draft in refused:
            # The folder or the library is other than it was thought: look at both anew.
            draft.is_read, draft.checked = False, None
        row = rest.index(current) if current in rest else 0
        self._take_drafts(rest or [Draft()], row)

    def reset(self) -> None:
        """Forget everything that was typed or found."""
        self._memory.clear()
        self.drafts, self.row = [Draft()], 0
