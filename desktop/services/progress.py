"""How a long piece of work tells how far it is, and learns that it should stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Progress = Callable[[int, int, str], None]
"""`progress(done, total, text)`: bytes or items; total 0 = unknown. Raising `Cancelled` cancels."""


class TaskContext(Protocol):
    """What a task function `f(ctx, …)` gets from the runner."""

    def report(self, done: int, total: int, text: str) -> None:
        """Tell how far the work is. Raises `Cancelled` when the person asked to stop."""

    @property
    def cancelled(self) -> bool:
        """Whether the person asked to stop."""


def silent(done: int, total: int, text: str) -> None:
    """A progress that nobody watches."""
