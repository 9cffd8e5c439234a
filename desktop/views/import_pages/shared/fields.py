"""What is typed for one import, and what the rules say of it while it is typed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.models.library import Library
from desktop.services.errors import LorariumError, ValidationError
from desktop.services.records import Finding, Severity
from desktop.views.import_pages.local_folder.session import CHECK_DELAY, finding_of
from desktop.views.import_pages.shared import asking
from desktop.views.import_pages.shared.draft import RemoteDraft

log = logging.getLogger(__name__)


def findings_of(error: Exception, field: str) -> tuple[Finding, ...]:
    """An exception as something to read beside `field`; a fault of ours goes into the log."""
    if isinstance(error, ValidationError):
        found = tuple(f for f in error.findings if f.severity == Severity.ERROR)
        return found or (finding_of(error, field),)
    if not isinstance(error, LorariumError):
        log.error("A page of the import met a fault", exc_info=error)
    return (finding_of(error, field),)


class FieldsSession(QObject):
    """One draft and its checks, each with a number: a late answer is dropped.

    draft: of the page's own kind.

    Signals:
        shown: the values of the draft were set by the program.
        known: findings, facts or the state of a question changed.
    """

    shown = Signal()
    known = Signal()

    def __init__(self, library: Library, draft: RemoteDraft, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self.draft = draft
        self._check_number = 0
        self._checking = False
        self._check_again = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_DELAY)
        self._timer.timeout.connect(self.check_now)

    @property
    def settled(self) -> bool:
        """Whether everything that is known is about what is typed now."""
        return not self.draft.is_there or self.draft.is_checked

    @property
    def importable(self) -> bool:
        """Whether nothing is known to stand in the way of an import now."""
        return (
            self.draft.is_there
            and self.settled
            and not self._library.read_only
            and not self.draft.blocking()
        )

    # -- what the person does --------------------------------------------------------------

    def edit(self, **values: Any) -> None:
        """The person changed fields of the draft."""
        for name, value in values.items():
            setattr(self.draft, name, value)
        self.draft.refusals = ()
        self.known.emit()
        self.check_soon()

    def touch(self, *names: str) -> None:
        """The person was in these fields: that one is empty may be said from now on."""
        if not set(names) <= self.draft.touched:
            self.draft.touched.update(names)
            self.known.emit()

    def refuse(self, findings: Sequence[Finding]) -> None:
        """An import that was tried was refused: say why, and check anew what was typed."""
        self.draft.refusals = tuple(findings)
        self.known.emit()
        self.recheck()

    # -- the rules -------------------------------------------------------------------------

    def check_soon(self) -> None:
        """Check what is typed when the person pauses."""
        self._timer.start()

    def recheck(self) -> None:
        """The library changed: what was said may not hold any more."""
        self._check_again = True
        self.check_soon()

    def check_now(self) -> None:
        """Ask what is to be said about the draft."""
        self._timer.stop()
        if self._checking:
            self._check_again = True
            return
        draft = self.draft
        again, self._check_again = self._check_again, False
        if draft.is_checked and not again:
            return
        self._checking = True
        self._check_number += 1
        ask = asking.ask_of(draft)
        self._library.run(
            self._check, self._check_number, ask, succeeded=self._answered, lane="free"
        )

    def _check(self, _ctx: Any, number: int, ask: asking.Ask) -> tuple[int, asking.Answer]:
        try:
            return number, asking.check(self._library.services, ask)
        except Exception as error:
            return number, asking.Answer(ask.request, findings_of(error, ""))

    def _answered(self, result: tuple[int, asking.Answer]) -> None:
        number, answer = result
        if number != self._check_number:
            return
        self._checking = False
        draft = self.draft
        if draft.request() == answer.request:
            draft.checked = answer.request
            draft.findings = answer.findings
            draft.fit, draft.fits = answer.fit, answer.fits
            if answer.base is not None and not draft.model_picked and draft.model_id is None:
                draft.model_id = answer.base.id
                self._check_again = True
                self.shown.emit()
        self.known.emit()
        if self._check_again or not draft.is_checked:
            self.check_soon()

    def _forget_checks(self) -> None:
        # What is under way for another place may never come back: do not wait for it.
        self._check_number += 1
        self._checking = False
