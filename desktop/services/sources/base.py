"""What every import source is: one file here that knows how to bring an adapter's files in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from desktop.services.progress import Progress
from desktop.services.records import AdapterRecord, Finding, FolderInspection, Origin

DESCRIBED = "described"
"""The detail of an Origin with the `trace_of` the description that its server gave."""


def trace_of(text: str | None) -> str:
    """What tells a text from any other one, however its lines are broken. None counts as ""."""
    return hashlib.sha256(" ".join((text or "").split()).encode()).hexdigest()


@dataclass(frozen=True)
class SourceField:
    """One field of a source's dialog page: the request's field name, its label, a placeholder."""

    name: str
    label: str
    hint: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Ahead:
    """What the newest version of an adapter is, before its files move.

    version: in the words of `Origin.version`. inspection: None where it can't be known before the
    fetch. more: (name, value) of what else the server says of it.
    """

    version: str
    inspection: FolderInspection | None = None
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fetched:
    """Files that a source put into staging.

    files: {name: sha256} of every file. revision: the commit or version they are of.
    values: fields of the request that the source knows and the person did not give. origin: the
    server that they are from. job: columns of a training job to record with the adapter. keep: puts
    the files, which are in the folder that it is given, where the next fetch finds them; None where
    there is no such place.
    """

    files: Mapping[str, str]
    revision: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = None
    job: Mapping[str, Any] | None = None
    keep: Callable[[Path], None] | None = field(default=None, repr=False, compare=False)


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

    def understood(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields as they are meant: a pasted address taken apart, for example.

        Raises:
            ValidationError: they can't be understood.
        """

    def check(self, fields: Mapping[str, Any]) -> list[Finding]:
        """What is wrong with the source's own fields; no file is read, no byte fetched."""

    def keeps_in_place(self, fields: Mapping[str, Any]) -> bool:
        """Whether the adapter stays where it is: nothing is fetched then."""

    def kept(self, fields: Mapping[str, Any]) -> Fetched:
        """What is to be noted of an adapter that stays where it is: revision and origin."""

    def fetch(self, fields: Mapping[str, Any], staging: Path, progress: Progress) -> Fetched:
        """Put the adapter's files into `staging`, verified and synced to disk.

        Raises:
            LorariumError: in a sentence, why not. Cancelled: the person asked to stop.
        """

    def newest(self, record: AdapterRecord, progress: Progress) -> str | None:
        """The newest version of an adapter that came from here, in the words of its
        `Origin.version`; None where that can't change or nobody can be asked.

        Raises:
            LorariumError: the server could not be asked. Cancelled: the person asked to stop.
        """

    def ahead(self, record: AdapterRecord, progress: Progress) -> Ahead | None:
        """A look at the newest version; None where there are no versions.

        Raises:
            LorariumError: the server could not be asked. Cancelled: the person asked to stop.
        """

    def again(self, record: AdapterRecord) -> Mapping[str, Any]:
        """The source's own fields with which the newest version of an adapter is fetched."""
