"""Tasks: exactly one ending each, on the UI thread, and no thread left."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject, Signal

from desktop.models.task_runner import Task, TaskRunner
from desktop.services.errors import Cancelled, LorariumError


class Listener(QObject):
    """Writes down what a task says, and on which thread."""

    heard = Signal()

    def __init__(self, task: Task | None = None) -> None:
        super().__init__()
        self.said: list[tuple[str, object]] = []
        self.threads: set[int] = set()
        if task is not None:
            self.listen(task)

    def listen(self, task: Task) -> None:
        task.began.connect(self.on_began)
        task.progress.connect(self.on_progress)
        task.succeeded.connect(self.on_succeeded)
        task.failed.connect(self.on_failed)
        task.cancelled.connect(self.on_cancelled)
        task.finished.connect(self.on_finished)

    def say(self, what: str, value: object = None) -> None:
        self.said.append((what, value))
        self.threads.add(threading.get_ident())
        self.heard.emit()

    def on_began(self) -> None:
        self.say("began")

    def on_progress(self, done: object, total: object, text: str) -> None:
        self.say("progress", (done, total, text))

    def on_succeeded(self, result: object) -> None:
        self.say("succeeded", result)

    def on_failed(self, error: object) -> None:
        self.say("failed", error)

    def on_cancelled(self) -> None:
        self.say("cancelled")

    def on_finished(self) -> None:
        self.say("finished")

    @property
    def words(self) -> list[str]:
        return [what for what, _ in self.said]

    @property
    def reports(self) -> list[object]:
        return [value for what, value in self.said if what == "progress"]


@pytest.fixture
def runner(qapp) -> Iterator[TaskRunner]:
    runner = TaskRunner()
    yield runner
    assert runner.shutdown(5)


def wait_for(qtbot, *tasks: Task) -> None:
    qtbot.waitUntil(lambda: all(task.done for task in tasks), timeout=10_000)


def double(ctx, number: int) -> int:
    return 2 * number


def test_result_arrives_on_the_ui_thread_after_run_has_returned(qtbot, runner):
    task = runner.run(double, 21, title="Doubling", icon="job")
    time.sleep(0.05)  # long done; whoever connects now still hears it
    listener = Listener(task)
    wait_for(qtbot, task)
    assert listener.said == [("began", None), ("succeeded", 42), ("finished", None)]
    assert listener.threads == {threading.get_ident()}
    assert (task.title, task.icon, task.state, task.visible) == (
        "Doubling",
        "job",
        "succeeded",
        True,
    )


def test_two_hundred_tasks_with_twenty_reports_each(qtbot, runner):
    def work(ctx, number: int) -> int:
        for step in range(20):
            ctx.report(step + 1, 20, f"step {step}")
        return number

    ended: list[object] = []
    runner.taskFinished.connect(ended.append)
    pairs = [(t, Listener(t)) for t in (runner.run(work, n) for n in range(200))]
    wait_for(qtbot, *(t for t, _ in pairs))
    for number, (task, listener) in enumerate(pairs):
        assert listener.words.count("succeeded") == 1
        assert listener.said[-2:] == [("succeeded", number), ("finished", None)]
        assert listener.reports[-1] == (20, 20, "step 19")
        assert task.last_progress == (20, 20, "step 19")
    assert len(ended) == 200
    assert runner.tasks == ()


def test_reports_come_at_most_ten_times_a_second_and_the_last_one_always(qtbot, runner):
    go_on = threading.Event()

    def work(ctx) -> None:
        for step in range(500):
            ctx.report(step, 5_000_000_000, "")
            time.sleep(0.001)
        ctx.report(500, 5_000_000_000, "waiting")
        go_on.wait(5)

    task = runner.run(work)
    listener = Listener(task)
    # The last report arrives although no other comes after it.
    qtbot.waitUntil(lambda: (500, 5_000_000_000, "waiting") in listener.reports, timeout=10_000)
    began, spent = listener.reports[0], len(listener.reports)
    assert began != (500, 5_000_000_000, "waiting")
    assert spent <= 40
    go_on.set()
    wait_for(qtbot, task)


def test_cancel_is_not_an_error(qtbot, runner):
    running = threading.Event()

    def work(ctx) -> None:
        while True:
            running.set()
            assert ctx.cancelled in (True, False)
            ctx.report(0, 0, "for ever")

    task = runner.run(work)
    listener = Listener(task)
    assert running.wait(5)
    task.cancel()
    task.cancel()
    assert task.cancel_requested
    wait_for(qtbot, task)
    assert [w for w in listener.words if w != "progress"] == ["began", "cancelled", "finished"]


def test_what_was_done_before_it_noticed_the_wish_succeeds(qtbot, runner):
    running, go_on = threading.Event(), threading.Event()

    def work(ctx) -> str:
        running.set()
        go_on.wait(5)
        return "written"

    task = runner.run(work)
    listener = Listener(task)
    assert running.wait(5)
    task.cancel()
    go_on.set()
    wait_for(qtbot, task)
    assert ("succeeded", "written") in listener.said
    assert "cancelled" not in listener.words


def test_waiting_task_is_cancelled_at_once_and_never_runs(qtbot, runner):
    go_on, ran = threading.Event(), []

    def first(ctx) -> None:
        go_on.wait(10)

    def second(ctx) -> None:
        ran.append(1)

    front = runner.run(first, lane="db")
    behind = runner.run(second, lane="db")
    listener = Listener(behind)
    behind.cancel()
    wait_for(qtbot, behind)
    assert listener.words == ["cancelled", "finished"]
    assert not front.done
    go_on.set()
    wait_for(qtbot, front)
    assert ran == []


def test_database_lane_is_one_after_the_other_in_order(qtbot, runner):
    busy, most, order = [0], [0], []

    def work(ctx, number: int) -> None:
        busy[0] += 1
        most[0] = max(most[0], busy[0])
        time.sleep(0.001)
        order.append(number)
        busy[0] -= 1

    tasks = [runner.run(work, n, lane="db") for n in range(30)]
    wait_for(qtbot, *tasks)
    assert most == [1]
    assert order == list(range(30))


def test_free_lane_runs_several_and_does_not_wait_for_the_database(qtbot, runner):
    met = threading.Barrier(3)

    def work(ctx) -> None:
        met.wait(5)

    tasks = [runner.run(work, lane=lane) for lane in ("db", "free", "free")]
    listeners = [Listener(task) for task in tasks]
    wait_for(qtbot, *tasks)
    assert all("succeeded" in listener.words for listener in listeners)


def test_unknown_lane_is_our_mistake(runner):
    with pytest.raises(KeyError):
        runner.run(double, 1, lane="quick")
    assert runner.tasks == ()


def test_error_of_the_persons_world_arrives_and_is_not_logged(qtbot, runner):
    refusal = LorariumError("The folder is away.")

    def work(ctx) -> None:
        raise refusal

    task = runner.run(work)
    listener = Listener(task)
    wait_for(qtbot, task)
    assert listener.said == [("began", None), ("failed", refusal), ("finished", None)]


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), SystemExit(3), KeyboardInterrupt()])
def test_bug_arrives_and_is_logged(qtbot, runner, expected_log, error):
    expected_log(r"ERROR .*task_runner: The task “Dividing” failed")

    def work(ctx) -> None:
        raise error

    task = runner.run(work, title="Dividing")
    listener = Listener(task)
    wait_for(qtbot, task)
    assert listener.words == ["began", "failed", "finished"]
    assert listener.said[1][1] is error


def test_cancelled_raised_by_itself_counts_as_cancelled(qtbot, runner):
    def work(ctx) -> None:
        raise Cancelled

    task = runner.run(work)
    listener = Listener(task)
    wait_for(qtbot, task)
    assert listener.words == ["began", "cancelled", "finished"]


def test_listener_that_is_gone_is_not_called(qtbot, runner):
    go_on = threading.Event()

    def work(ctx) -> int:
        go_on.wait(5)
        return 1

    task = runner.run(work)
    gone = Listener(task)
    shiboken6.delete(gone)
    other = Listener(task)
    go_on.set()
    wait_for(qtbot, task)
    assert gone.said == []
    assert "succeeded" in other.words


def test_task_nobody_holds_is_kept_and_so_is_what_it_needs(qtbot, runner):
    heard: list[object] = []

    class Needed:
        pass

    needed = Needed()
    runner.run(double, 2, keep_alive=needed).succeeded.connect(heard.append)
    gc.collect()
    qtbot.waitUntil(lambda: heard == [4], timeout=5000)
    qtbot.waitUntil(lambda: runner.tasks == ())


def test_owner_of_the_function_goes_on_the_ui_thread(qtbot, runner):
    went: list[int] = []

    class Owner:
        def work(self, ctx) -> None:
            time.sleep(0.01)

        def __del__(self) -> None:
            went.append(threading.get_ident())

    owner = Owner()
    task = runner.run(owner.work)
    del owner
    wait_for(qtbot, task)
    gc.collect()
    assert went == [threading.get_ident()]


def test_shutdown_cancels_tells_everybody_and_joins(qapp):
    runner = TaskRunner()
    started, finished = [], []
    runner.taskStarted.connect(started.append)
    runner.taskFinished.connect(finished.append)
    before = threading.active_count()

    def work(ctx) -> None:
        while True:
            ctx.report(0, 0, "")
            time.sleep(0.001)

    tasks = [runner.run(work, lane=lane) for lane in ("db", "db", "free", "free", "free")]
    listeners = [Listener(task) for task in tasks]
    assert runner.shutdown(5)
    assert threading.active_count() <= before
    assert [listener.words[-2:] for listener in listeners] == [["cancelled", "finished"]] * 5
    assert started == tasks
    assert set(finished) == set(tasks)


def test_after_shutdown_a_task_is_cancelled(qtbot, qapp):
    runner = TaskRunner()
    assert runner.shutdown(1)
    task = runner.run(double, 1)
    listener = Listener(task)
    wait_for(qtbot, task)
    assert listener.words == ["cancelled", "finished"]


def test_shutdown_does_not_wait_for_ever(qapp, expected_log):
    expected_log("“Stuck” did not stop in time")
    runner = TaskRunner()
    let_go, running = threading.Event(), threading.Event()

    def work(ctx) -> int:
        running.set()
        let_go.wait(10)
        return 1

    task = runner.run(work, title="Stuck")
    listener = Listener(task)
    assert running.wait(5)
    assert runner.shutdown(0.05) is False
    assert listener.words[-2:] == ["cancelled", "finished"]
    let_go.set()
    assert runner.shutdown(5)
    assert listener.words.count("finished") == 1


def test_idle_runner_has_no_thread(qtbot, runner):
    task = runner.run(double, 1)
    wait_for(qtbot, task)
    qtbot.waitUntil(
        lambda: not any(t.name.startswith("task-") for t in threading.enumerate()), timeout=5000
    )
