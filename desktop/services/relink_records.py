"""Values of relinking: what is lost, what was found for it, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from desktop.services.errors import LorariumError
from desktop.services.scan.records import Found, Skipped


class MatchedBy(StrEnum):
    """By what a folder is known to hold an adapter; the strongest that could be asked."""

    SHA256 = "sha256"
    """Every byte of the weights is the same."""
    CONTENT = "content"
    """Tensor names, types, shapes and samples of the weights are the same."""
    FINGERPRINT = "fingerprint"
    """Config and weights have the same names, sizes and times; of this row no more is known."""
    SIZES = "sizes"
    """Config and weights have the same names and sizes: a guess, which needs more to go by."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An adapter that is looked for. location: as the catalogue has it; path: where that is, None
    where it can't be told. content_id, fingerprint: of the last look at its folder, "" = never.
    sha256: of its weights, "" where none was kept."""

    adapter_id: str
    name: str
    location: str | None = None
    path: str | None = None
    content_id: str = ""
    fingerprint: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A folder that holds the adapter. shared: how many names at the end of its path are the same
    as of the old one; taken_by: the adapter of the library that lies there already, "" = none."""

    found: Found
    by: MatchedBy
    shared: int = 0
    taken_by: str = ""

    @property
    def path(self) -> str:
        """Where it is."""
        return self.found.path

    @property
    def is_sure(self) -> bool:
        """Whether it may be taken without asking: by what is in it, or by sizes and its name."""
        return not self.taken_by and (self.by != MatchedBy.SIZES or self.shared > 0)


@dataclass(frozen=True, slots=True)
class Match:
    """An adapter and the folder that it gets. copies: every folder that holds it, best first."""

    lost: Lost
    copy: Copy
    copies: tuple[Copy, ...] = ()


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """An adapter that several folders hold, or one that is not sure: a person has to choose."""

    lost: Lost
    copies: tuple[Copy, ...]

    def choose(self, copy: Copy) -> Match:
        """The match with this folder."""
        return Match(self.lost, copy, self.copies)


@dataclass(frozen=True, slots=True)
class NotFound:
    """An adapter that was not found; reason: a full sentence."""

    lost: Lost
    reason: str


@dataclass(frozen=True, slots=True)
class RelinkPlan:
    """What a search found; nothing is changed yet.

    in_place: how many of those asked for are where they should be; away: how many lie on a drive
    that does not answer now, and stay marked. unproven: how many could not be held against a
    sha256 though that was asked for, since none was kept of them. skipped: places that could not be
    searched.
    """

    matches: tuple[Match, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    not_found: tuple[NotFound, ...] = ()
    in_place: int = 0
    away: int = 0
    unproven: int = 0
    skipped: tuple[Skipped, ...] = ()
    folders: int = 0


@dataclass(frozen=True, slots=True)
class Relinked:
    """What was done. ids: adapters that have their new place; refused: the others, with why; label:
    what the step of the history is called, "" where nothing was done."""

    ids: tuple[str, ...] = ()
    refused: tuple[tuple[Match, LorariumError], ...] = ()
    label: str = ""
