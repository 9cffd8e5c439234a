"""Work off the UI thread. The only file that knows threads.

A task is a plain function `f(ctx, *args)` (see `services.progress.TaskContext`). The runner keeps
its tasks, runs them in lanes, and tells on the UI thread how far each one is and then, exactly
once, how it ended. Threads live as long as there is work for them: an idle program has none.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.services.errors import Cancelled, LorariumError
from desktop.services.progress import TaskContext

log = logging.getLogger(__name__)

LANES = {"db": 1, "free": 4, "net": 4, "fetch": 2}
"""How many tasks of a lane run at once. Writers to the database wait for each other; what reads
folders (free) or asks a server (net) does not; of downloads (fetch) two share the line."""

_BETWEEN_REPORTS = 0.1
"""Seconds between two reports of one task on the UI thread."""


class _Work:
    """One call, and how it went. No QObject: a worker may be the last one that holds it."""

    __slots__ = ("args", "cancelled", "error", "function", "news", "progress", "result", "state")

    def __init__(self, function: Callable[..., Any] | None, args: tuple[Any, ...]) -> None:
        self.function = function
        self.args = args
        self.cancelled = threading.Event()
        self.state = "waiting"
        self.progress: tuple[int, int, str] | None = None
        self.news = False
        self.result: Any = None
        self.error: BaseException | None = None


class _Context:
    """What the function gets: the worker's side of a task."""

    def __init__(self, work: _Work, tell: Callable[[_Work], None]) -> None:
        self._work = work
        self._tell = tell

    def report(self, done: int, total: int, text: str) -> None:
        work = self._work
        if work.cancelled.is_set():
            raise Cancelled
        work.progress = (done, total, str(text))
        if not work.news:
            work.news = True
            self._tell(work)

    @property
    def cancelled(self) -> bool:
        return self._work.cancelled.is_set()


class _Lane:
    """A queue of work, and the threads that are busy with it. Knows no Qt."""

    def __init__(self, name: str, limit: int, tell: Callable[[_Work], None]) -> None:
        self._name = name
        self._limit = limit
        self._tell = tell
        self._lock = threading.Lock()
        self._queue: deque[_Work] = deque()
        self._threads: set[threading.Thread] = set()

    def put(self, work: _Work) -> None:
        with self._lock:
            self._queue.append(work)
            if len(self._threads) >= self._limit:
                return
            # A daemon: what hangs in a dead network mount must not keep the program from ending.
            thread = threading.Thread(target=self._run, name=f"task-{self._name}", daemon=True)
            self._threads.add(thread)
        thread.start()

    def take_back(self, work: _Work) -> bool:
        """Whether `work` was still waiting; it will not run then."""
        with self._lock:
            try:
                self._queue.remove(work)
            except ValueError:
                return False
            return True

    def join(self, deadline: float) -> bool:
        """Wait until nothing runs; False if something still does at the deadline."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    # Under the same lock as `put`: work that comes now gets a new thread.
                    self._threads.discard(threading.current_thread())
                    return
                work = self._queue.popleft()
                work.state = "running"
            self._do(work)
            self._tell(work)

    def _do(self, work: _Work) -> None:
        self._tell(work)
        function = work.function
        try:
            if function is None or work.cancelled.is_set():
                raise Cancelled
            work.result = function(_Context(work, self._tell), *work.args)
            ended = "succeeded"
        except Cancelled:
            ended = "cancelled"
        except BaseException as error:
            # Also SystemExit: a worker must not end in silence.
            work.error = error
            ended = "failed"
        work.state = ended


class Task(QObject):
    """One piece of work, as the UI thread sees it. Made by `TaskRunner.run`.

    Signals, all on the UI thread and none before `run` has returned:
        began(): it runs now.
        progress(object, object, str): done, total (0 = unknown), what it is doing; at most ten a
            second, the last one always.
        succeeded(object) | failed(object) | cancelled(): how it ended, exactly one of them.
        finished(): after that one.
    """

    began = Signal()
    progress = Signal(object, object, str)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()

    def __init__(
        self, work: _Work, lane: str, title: str, icon: str, visible: bool, keep_alive: object
    ) -> None:
        super().__init__()
        self._work = work
        self._stop: Callable[[Task], None] | None = None
        self._keep_alive = keep_alive
        self.lane = lane
        self.title = title
        self.icon = icon
        self.visible = visible
        self.last_progress: tuple[int, int, str] | None = None
        self._state = "waiting"
        self._reported_at = 0.0

    @property
    def state(self) -> str:
        """`waiting`, `running`, `succeeded`, `failed` or `cancelled`, as far as was told."""
        return self._state

    @property
    def done(self) -> bool:
        """Whether it was told how the task ended."""
        return self._state not in ("waiting", "running")

    @property
    def cancel_requested(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._work.cancelled.is_set()

    def cancel(self) -> None:
        """Ask it to stop. It says `cancelled` when it has; work that was done by then succeeds."""
        if self._stop is not None:
            self._stop(self)


class TaskRunner(QObject):
    """Runs functions off the UI thread and owns the tasks until they have ended.

    Signals:
        taskStarted(object): a task was put in its lane; it may have to wait there.
        taskFinished(object): it has ended and everybody was told how.
    """

    taskStarted = Signal(object)
    taskFinished = Signal(object)
    _mail = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: dict[_Work, Task] = {}
        self._inbox: deque[tuple[_Work, str]] = deque()
        self._lanes = {name: _Lane(name, limit, self._tell) for name, limit in LANES.items()}
        self._closed = False
        self._late: list[Task] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(_BETWEEN_REPORTS * 1000))
        self._timer.timeout.connect(self._report_late)
        # Always queued: nothing is told before `run` has returned and its caller has connected.
        self._mail.connect(self._read_mail, Qt.ConnectionType.QueuedConnection)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that have not ended, oldest first."""
        return tuple(self._tasks.values())

    def run(
        self,
        function: Callable[..., Any],
        *args: Any,
        title: str = "",
        icon: str = "",
        lane: str = "free",
        visible: bool = True,
        keep_alive: object = None,
    ) -> Task:
        """Run `function(ctx, *args)` on a thread.

        title, icon, visible: how it is shown while it runs, and whether. lane: a name in LANES.
        keep_alive: anything that must not go before the task has ended. After `shutdown` the task
        is cancelled at once.

        Raises:
            KeyError: there is no such lane.
        """
        queue = self._lanes[lane]
        work = _Work(function, args)
        task = Task(work, lane, title, icon, visible, keep_alive)
        task._stop = self._cancel
        self._tasks[work] = task
        self.taskStarted.emit(task)
        if self._closed:
            work.cancelled.set()
            work.state = "cancelled"
            self._tell(work)
        else:
            queue.put(work)
        return task

    def shutdown(self, timeout: float = 5.0) -> bool:
        """Cancel everything, wait up to `timeout` seconds, and tell every task how it ended.

        Returns False if a thread is still busy; it can't tell anything any more.
        """
        self._closed = True
        for task in self.tasks:
            self._cancel(task)
        deadline = time.monotonic() + timeout
        joined = [lane.join(deadline) for lane in self._lanes.values()]
        self._read_mail()
        self._timer.stop()
        for work, task in list(self._tasks.items()):
            log.warning("“%s” did not stop in time", task.title or work.function)
            self._end(task, "cancelled")
        return all(joined)

    # -- from the workers ------------------------------------------------------------------

    def _tell(self, work: _Work) -> None:
        self._inbox.append((work, work.state))
        try:
            self._mail.emit()
        except RuntimeError:
            # The window is gone without `shutdown`; there is nobody left to tell.
            log.debug("Nobody is there to hear how a task ended")

    # -- on the UI thread ------------------------------------------------------------------

    def _cancel(self, task: Task) -> None:
        work = task._work
        if task.done or work.cancelled.is_set():
            return
        work.cancelled.set()
        if self._lanes[task.lane].take_back(work):
            work.state = "cancelled"
            self._tell(work)

    def _read_mail(self) -> None:
        while self._inbox:
            work, state = self._inbox.popleft()
            task = self._tasks.get(work)
            if task is None:
                continue
            if state not in ("waiting", "running"):
                self._end(task, state)
            elif task._state == "waiting":
                task._state = "running"
                task.began.emit()
            else:
                self._report(task)

    def _report(self, task: Task) -> None:
        now = time.monotonic()
        if now - task._reported_at >= _BETWEEN_REPORTS:
            task._reported_at = now
            self._emit_progress(task)
        elif task not in self._late:
            self._late.append(task)
            if not self._timer.isActive():
                self._timer.start()

    def _report_late(self) -> None:
        late, self._late = self._late, []
        for task in late:
            if not task.done:
                task._reported_at = time.monotonic()
                self._emit_progress(task)

    def _emit_progress(self, task: Task) -> None:
        work = task._work
        # First the flag: a report that comes in between is told again rather than lost.
        work.news = False
        if work.progress is not None and work.progress != task.last_progress:
            task.last_progress = work.progress
            task.progress.emit(*work.progress)

    def _end(self, task: Task, state: str) -> None:
        work = task._work
        self._emit_progress(task)
        del self._tasks[work]
        task._state = state
        result, error = work.result, work.error
        # Here and not on the worker: a widget that the function belongs to may go with it.
        work.function, work.args, work.result, work.error = None, (), None, None
        if task in self._late:
            self._late.remove(task)
        if not self._late:
            self._timer.stop()
        if state == "succeeded":
            task.succeeded.emit(result)
        elif state == "failed":
            if not isinstance(error, LorariumError):
                log.error("The task “%s” failed", task.title, exc_info=error)
            task.failed.emit(error)
        else:
            task.cancelled.emit()
        task.finished.emit()
        task._keep_alive = task._stop = None
        self.taskFinished.emit(task)


__all__ = ["LANES", "Task", "TaskContext", "TaskRunner"]
