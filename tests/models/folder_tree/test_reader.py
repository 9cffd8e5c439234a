"""Questions to the disk: one at a time per mount, and never lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.models import folder_reader
from desktop.models.folder_reader import FolderReader, Question


def test_questions_to_one_mount_are_asked_one_at_a_time(
    runs: Any, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_reader, "mount_points", lambda: ["/other", "/"])
    gate = threading.Event()
    order: list[str] = []

    def work(_ctx: Any, name: str) -> str:
        order.append(name)
        if name == "first":
            assert gate.wait(20)
        return name.upper()

    reader = FolderReader(runs)
    answers: list[Any] = []
    reader.answered.connect(lambda question, answer: answers.append((question.kind, answer)))
    reader.ask(Question("k", "/first", work, ("first",)))
    reader.ask(Question("k", "/later", work, ("later",)), urgent=False)
    reader.ask(Question("k", "/urgent", work, ("urgent",)))
    reader.ask(Question("k", "/urgent", work, ("twice",)))
    reader.ask(Question("dropped", "/x", work, ("dropped",)))
    reader.ask(Question("k", "/other/1", work, ("other",)))
    qtbot.waitUntil(lambda: ("k", "OTHER") in answers, timeout=5000)
    reader.drop("dropped")
    assert sorted(order) == ["first", "other"]
    gate.set()
    qtbot.waitUntil(lambda: len(answers) == 4, timeout=5000)
    assert order[-2:] == ["urgent", "later"]
    assert answers[1:] == [("k", "FIRST"), ("k", "URGENT"), ("k", "LATER")]


def test_work_that_goes_wrong_is_an_answer_too(
    runs: Any, qtbot: QtBot, expected_log: Callable[..., None]
) -> None:
    expected_log("went wrong")

    def work(_ctx: Any) -> None:
        raise RuntimeError("a fault of ours")

    reader = FolderReader(runs)
    with qtbot.waitSignal(reader.answered) as answered:
        reader.ask(Question("k", "/", work))
    assert isinstance(answered.args[1], RuntimeError)


def test_a_question_that_is_stopped_frees_its_mount(runs: Any, qtbot: QtBot) -> None:
    started = threading.Event()

    def endless(ctx: Any) -> None:
        started.set()
        while True:
            ctx.report(0, 0, "")

    reader = FolderReader(runs)
    reader.ask(Question("endless", "/", endless))
    qtbot.waitUntil(started.is_set, timeout=5000)
    reader.drop("endless")
    with qtbot.waitSignal(reader.answered) as answered:
        reader.ask(Question("k", "/", lambda _ctx: 7))
    assert answered.args[1] == 7
