"""What a view has to tell the person: shown in the notice bar, never in a box in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop.services.errors import LorariumError

STEPS = ("Undo", "Redo")
"""Words of buttons that take back, or bring again, whatever was done last."""


@dataclass(frozen=True)
class Notice:
    """One message. tone: info, ok, warning or error. action: the word on its one button, which
    calls `callback`. detail: more text, behind "Details". icon: its name, "" = by tone. step: the
    step of the history that an Undo or Redo is about, by its label; "" = whichever is the last."""

    text: str
    tone: str = "info"
    action: str = ""
    callback: Callable[[], None] | None = None
    detail: str = ""
    icon: str = ""
    step: str = ""

    @property
    def is_step(self) -> bool:
        """Whether its button acts on the last step of the history, and so only while that step is
        the last one."""
        return self.action in STEPS


def notice_of(error: Exception, what: str = "") -> Notice:
    """The notice for an operation that did not work. `what`: a sentence of what was tried."""
    if isinstance(error, LorariumError):
        sentence = f"{error.message} {error.advice}".strip()
        return Notice(f"{what} {sentence}".strip(), "error")
    said = what or "Something did not work."
    return Notice(
        f"{said} This is a fault of Lorarium, not yours; nothing was lost.",
        "error",
        detail=f"{type(error).__name__}: {error}",
    )
