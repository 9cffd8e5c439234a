"""What the import dialog asks of the page of a source, and what it hears from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Verdict:
    """What stands in the foot of the dialog: a sentence, its tone ("", error, warning, note, ok)
    and the word of a link after it, "" for none."""

    text: str = ""
    tone: str = ""
    link: str = ""


class ImportPage(QObject):
    """One source in the import dialog. The dialog owns frame, scrolling and foot; the page brings
    `form` (left, stretches) and `facts` (right, 364 to 384 wide, or under the form where the dialog
    is narrow) and does the import itself.

    Signals:
        changed: verdict, verb, can_import or running may be others now.
        progressed(object, object, str): of the import that runs: bytes done, bytes in all (0 =
            unknown), a line that says how far it is.
        imported(object): the list of AdapterRecords that just came in.
        notice(object): a `Notice` for the window.
        showWanted(object): the ids of adapters that the person wants to see in the library.
        done: nothing is left to do: the dialog may close.
    """

    changed = Signal()
    progressed = Signal(object, object, str)
    imported = Signal(object)
    notice = Signal(object)
    showWanted = Signal(object)
    done = Signal()

    key = ""
    """The adapter type that the page imports; also its key in the switch."""
    title = ""
    icon = ""
    form: QWidget
    facts: QWidget

    # -- what the foot shows -------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether an import runs that belongs to the open dialog: the form is locked then."""
        raise NotImplementedError

    @property
    def can_import(self) -> bool:
        """Whether nothing is known to stand in the way."""
        raise NotImplementedError

    def verb(self) -> str:
        """The word on the primary button, with its mnemonic."""
        raise NotImplementedError

    def busy_verb(self) -> str:
        """The word on the primary button while an import runs. "" = the button does nothing then;
        else a click calls `background`."""
        return ""

    def verdict(self) -> Verdict:
        """What still blocks."""
        raise NotImplementedError

    def follow_link(self) -> None:
        """The link of the verdict was clicked."""

    # -- what the person does ------------------------------------------------------------------

    def start(self) -> None:
        """Import, or go to the first field with an error; while something is still being looked
        at, import as soon as that is known and in order."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop the import that runs."""
        raise NotImplementedError

    def background(self) -> None:
        """Let the import that runs go on without the dialog."""

    def think_again(self) -> None:
        """The person leaves: a start that waits is taken back."""

    # -- the dialog's life ---------------------------------------------------------------------

    def shown(self) -> None:
        """The page is on screen (again): what it knows may be old. Put the focus into its first
        field."""
        raise NotImplementedError

    def left(self) -> None:
        """The dialog is not on screen any more: whoever is being asked need not answer. An import
        that runs goes on."""

    def library_changed(self) -> None:
        """Rows or records changed while the page is on screen."""

    def reset(self) -> None:
        """Forget everything that was typed."""
        raise NotImplementedError

    def set_right_margin(self, margin: int) -> None:
        """Leave this much at the right of the form's fields."""
        raise NotImplementedError

    def set_facts_below(self, below: bool) -> None:
        """Facts stand under the form, where their left edge counts, or beside it."""
        raise NotImplementedError

    # -- drops ---------------------------------------------------------------------------------

    def takes(self, data: QMimeData) -> bool:
        """Whether this can be dropped here."""
        return False

    def take(self, data: QMimeData) -> None:
        """It was dropped."""


__all__: Sequence[str] = ("ImportPage", "Verdict")
