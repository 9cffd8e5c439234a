"""Whether what is to be imported is what a scan finds, and still there. Programs make things up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from desktop.services.findings import Finding
from desktop.services.folder_watch import look_at_all
from desktop.services.peft_folder.reading import storable
from desktop.services.progress import Progress
from desktop.services.records import FolderState
from desktop.services.scan.own import OwnFolders
from desktop.services.scan.records import Found, FoundState, ScanResult
from desktop.services.validation import error

_TEXTS = (
    "path", "looks_like", "name", "fingerprint", "content_id", "findings_text", "inspection_text",
    "cache",
)  # fmt: skip
_MAYBE_TEXTS = ("peft_type", "variant", "base_model_name", "base_model_id")
_COUNTS = ("errors", "warnings", "notes")
_FIGURES = ("rank", "parameters", "tensor_count", "size_bytes")
_LARGEST = (1 << 63) - 1
_STATES = frozenset(FoundState)


def as_found(found: object) -> list[Found]:
    """What is to be imported: of a scan's result, or of a list of what was found.

    Raises:
        TypeError: it is nothing that a scan found.
    """
    if isinstance(found, ScanResult):
        return list(found.found)
    if isinstance(found, Found | str) or not isinstance(found, Iterable):
        raise TypeError(f"Give a list of what a scan found, not {type(found).__name__}.")
    listed = list(found)
    for one in listed:
        if not isinstance(one, Found):
            raise TypeError(f"{type(one).__name__} is nothing that a scan found.")
    return listed


def as_chosen(chosen: Mapping[str, str]) -> Mapping[str, str]:
    """The base models that somebody chose: {name in the configs: id}.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(chosen, Mapping):
        raise TypeError(f"base_models maps names to ids, it is no {type(chosen).__name__}.")
    for name, key in chosen.items():
        if not isinstance(name, str) or not isinstance(key, str):
            raise TypeError("base_models maps names to ids, each of them a text.")
    return chosen


def odd_values(one: Found) -> list[Finding]:
    """What no scan would say of a folder; nothing where every value makes sense."""
    odd = [name for name in _TEXTS if not isinstance(getattr(one, name), str)]
    odd += [n for n in _MAYBE_TEXTS if not isinstance(getattr(one, n), str | None)]
    odd += [n for n in _FIGURES if not isinstance(getattr(one, n), int | None)]
    for name in _COUNTS:
        value = getattr(one, name)
        if not isinstance(value, int) or not 0 <= value <= _LARGEST:
            odd.append(name)
    if not isinstance(one.state, str) or one.state not in _STATES:
        odd.append("state")
    if not odd and not os.path.isabs(one.path):
        odd.append("path")
    if not odd and one.findings_text not in ("", "[]") and not one.findings:
        odd.append("findings_text")
    return [
        error(
            "location",
            "odd_value",
            f"What is given as “{name}” is nothing that a scan finds.",
            "Scan the folder again, and import what that finds.",
        )
        for name in odd
    ]


def stored_text(text: str | None) -> str | None:
    """A text as both databases hold it."""
    return None if text is None else storable(text)


def stored_figure(figure: int | None) -> int | None:
    """A figure of a hostile folder, None where no database could hold it."""
    return figure if figure is not None and abs(figure) <= _LARGEST else None


class Places:
    """Where the folders really are, and what is with them now: asked once, before the lock."""

    def __init__(self, found: Sequence[Found], own: OwnFolders, report: Progress) -> None:
        self._own = own
        self._states = look_at_all(
            [(f"{one.path}\n{one.fingerprint}", one.path, one.fingerprint) for one in found],
            lambda done, total, _text: report(done, total, "Looking"),
        )
        self._reals: dict[str, str] = {}
        for one in found:
            if self._state(one) == FolderState.OK:  # a disk that hangs is asked no more
                self._reals[one.path] = os.path.realpath(one.path)

    def real(self, one: Found) -> str:
        """The folder after all links; as it is spelled where it is not there."""
        return self._reals.get(one.path) or os.path.normpath(one.path)

    def is_there(self, one: Found) -> bool:
        """Whether the folder is as it was; its disk answers then."""
        return one.path in self._reals

    def refusal(self, one: Found) -> list[Finding]:
        """Why a folder that is not in the library can't come in now; nothing if it can."""
        state = self._state(one)
        if state == FolderState.MISSING:
            return [error("location", "folder_missing", "This folder is not there any more.")]
        if state == FolderState.UNREACHABLE:
            return [
                error(
                    "location",
                    "unreachable",
                    "The drive with this folder does not answer now.",
                    "Try again when it is back.",
                )
            ]
        if state == FolderState.CHANGED:
            return [
                error(
                    "location",
                    "changed_since",
                    "This folder was changed since it was scanned.",
                    "Scan it again.",
                )
            ]
        if self._own.holds(self.real(one)):
            return [
                error(
                    "location",
                    "own_folder",
                    "This folder is one that Lorarium keeps for itself.",
                    "Import the adapter from where it came from.",
                )
            ]
        return []

    def _state(self, one: Found) -> FolderState:
        return self._states.get(f"{one.path}\n{one.fingerprint}", FolderState.MISSING)
