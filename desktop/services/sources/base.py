"""What every import source is: one file here that knows how to bring an adapter's files in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from desktop.services.progress import Progress
from desktop.services.records import Finding


@dataclass(frozen=True)
class SourceField:
    """One field of a source's dialog page: the request's field name, its label, a placeholder."""

    name: str
    label: str
    hint: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Fetched:
    """Files that a source put into staging.

    files: {name: sha256} of every file. revision: the commit or version they are of.
    values: fields of the request that the source knows better than the person.
    """

    files: Mapping[str, str]
    revision: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """One place where adapters come from."""

    @property
    def type(self) -> str:
        """The adapter type of what it brings in."""

    @property
    def title(self) -> str:
        """Its name on screen."""

    @property
    def icon(self) -> str:
        """Its icon."""

    @property
    def fields(self) -> tuple[SourceField, ...]:
        """Its own fields, besides those of every request."""

    def check(self, fields: Mapping[str, Any]) -> list[Finding]:
        """What is wrong with the source's own fields; no file is read, no byte fetched."""

    def keeps_in_place(self, fields: Mapping[str, Any]) -> bool:
        """Whether the adapter stays where it is: nothing is fetched then."""

    def fetch(self, fields: Mapping[str, Any], staging: Path, progress: Progress) -> Fetched:
        """Put the adapter's files into `staging`, verified and synced to disk.

        Raises:
            LorariumError: in a sentence, why not. Cancelled: the person asked to stop.
        """
