"""Questions to the disk, asked off the UI thread and never more than one at a time of one mount.

A network drive that does not answer holds the thread that asked it, for minutes. With one question
at a time per mount, such a drive costs one thread and nobody waits for it but those who asked about
it; after a while they are told that it is silent, and still get the answer if it ever comes.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.services import folder_watch
from desktop.services.errors import Cancelled
from desktop.services.folder_watch import mount_of, mount_points

if TYPE_CHECKING:
    from desktop.models.library import Library
    from desktop.models.task_runner import Task

log = logging.getLogger(__name__)

_TICK = 200

NO_ANSWER = "This folder does not answer now. It may be on a drive that is away."


@dataclass(frozen=True, eq=False)
class Question:
    """work(ctx, *args) is called on another thread. kind and path say what it is about: the same
    question is not asked twice while it waits. about: whatever helps who asked."""

    kind: str
    path: str
    work: Callable[..., Any]
    args: tuple[Any, ...] = ()
    about: Any = None


@dataclass
class _Mount:
    urgent: deque[Question] = field(default_factory=deque)
    later: deque[Question] = field(default_factory=deque)
    asked: Question | None = None
    task: Task | None = None
    since: float = 0.0
    silent: bool = False

    def waiting(self) -> Iterator[Question]:
        yield from self.urgent
        yield from self.later


class FolderReader(QObject):
    """Asks the questions of one part of the window.

    Signals:
        answered(object, object): a Question, and what its work returned; an Exception where it
            raised one.
        silent(object): a Question that has waited too long. It may still be answered.
    """

    answered = Signal(object, object)
    silent = Signal(object)

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._points: list[str] | None = None
        self._early: list[tuple[Question, bool]] = []
        self._mounts: dict[str, _Mount] = {}
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK)
        self._clock.timeout.connect(self._look_at_clock)

    def look_for_mounts(self) -> None:
        """Find out again what is mounted; questions asked meanwhile wait for it."""
        self._points = None
        self._library.run(
            _find_mounts, succeeded=self._take_mounts, failed=self._take_mounts, lane="free"
        )

    def _take_mounts(self, found: Any) -> None:
        self._points = found if isinstance(found, list) else []
        early, self._early = self._early, []
        for question, urgent in early:
            self.ask(question, urgent=urgent)

    def ask(self, question: Question, *, urgent: bool = True) -> None:
        """Ask, as soon as the mount of `question.path` is free; urgent ones before the others."""
        if self._points is None:
            self._early.append((question, urgent))
            if len(self._early) == 1:
                self.look_for_mounts()
            return
        mount = self._mounts.setdefault(mount_of(question.path, self._points), _Mount())
        for other in mount.waiting():
            if (other.kind, other.path) == (question.kind, question.path):
                return
        (mount.urgent if urgent else mount.later).append(question)
        if mount.silent:
            self.silent.emit(question)
        self._next(mount)

    def drop(self, kind: str) -> None:
        """Forget the waiting questions of a kind, and ask the one under way to stop."""
        self._early = [(q, urgent) for q, urgent in self._early if q.kind != kind]
        for mount in self._mounts.values():
            mount.urgent = deque(q for q in mount.urgent if q.kind != kind)
            mount.later = deque(q for q in mount.later if q.kind != kind)
            if mount.asked is not None and mount.asked.kind == kind and mount.task is not None:
                mount.task.cancel()

    def _next(self, mount: _Mount) -> None:
        if mount.asked is not None:
            return
        queue = mount.urgent or mount.later
        if not queue:
            return
        question = queue.popleft()
        mount.asked, mount.since, mount.silent = question, time.monotonic(), False
        mount.task = self._library.run(
            _answer, question, succeeded=self._answered, failed=self._fell, lane="free"
        )
        mount.task.cancelled.connect(self._stopped)
        if not self._clock.isActive():
            self._clock.start()

    def _answered(self, found: tuple[Question, Any]) -> None:
        question, answer = found
        self._free(question)
        self.answered.emit(question, answer)

    def _fell(self, error: Exception) -> None:
        # `_answer` hands over what its work raises, so this is the runner's own trouble.
        for question in self._ended():
            self.answered.emit(question, error)

    def _stopped(self) -> None:
        self._ended()

    def _ended(self) -> list[Question]:
        """The questions whose task is over without an answer; their mounts go on."""
        found = []
        for mount in list(self._mounts.values()):
            if mount.asked is not None and mount.task is not None and mount.task.done:
                found.append(mount.asked)
                self._free(mount.asked)
        return found

    def _free(self, question: Question) -> None:
        for mount in self._mounts.values():
            if mount.asked is question:
                mount.asked, mount.task, mount.silent = None, None, False
                self._next(mount)
                break
        if not any(mount.asked for mount in self._mounts.values()):
            self._clock.stop()

    def _look_at_clock(self) -> None:
        now = time.monotonic()
        for mount in list(self._mounts.values()):
            if mount.asked is None or mount.silent:
                continue
            if now - mount.since > folder_watch.MOUNT_SECONDS:
                mount.silent = True
                for question in [mount.asked, *mount.waiting()]:
                    self.silent.emit(question)


def _find_mounts(_ctx: Any) -> list[str]:
    return mount_points()


def _answer(ctx: Any, question: Question) -> tuple[Question, Any]:
    try:
        return question, question.work(ctx, *question.args)
    except Cancelled:
        raise  # the runner knows what it means
    except Exception as error:
        log.exception("A question to the disk went wrong")
        return question, error
