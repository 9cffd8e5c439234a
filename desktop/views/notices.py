"""What a view has to tell the person: shown in the notice bar, never in a box in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop.services.errors import LorariumError


@dataclass(frozen=True)
class Notice:
    """One message. tone: info, ok, warning or error. action: the word on its one button, which
    calls `callback`. detail: more text, behind "Details". icon: its name, "" = by tone."""

    text: str
    tone: str = "info"
    action: str = ""
    callback: Callable[[], None] | None = None
    detail: str = ""
    icon: str = ""


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
