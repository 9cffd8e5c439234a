"""What every kind of registry has to answer: one file here per kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from desktop.services.progress import Progress
from desktop.services.registry.records import (
    Artifact,
    ArtifactFile,
    ModelPage,
    ModelVersion,
    RunInfo,
    VersionPage,
)
from desktop.services.transfer_store import PartStore


class Backend(Protocol):
    """One registry, with what lets the person in.

    Every method may take seconds; `progress` is called several times a second meanwhile, and stops
    it by raising `Cancelled`, within a second also where the server is silent. What else stands in
    the way is a RemoteError in a sentence. Lists end: pages, entries and bytes are capped.
    """

    def test(self, progress: Progress) -> str:
        """Ask something cheap that needs the token; returns a sentence about what answered."""

    def models(self, text: str, cursor: str, progress: Progress) -> ModelPage:
        """A page of registered models whose name holds `text` ("" = all)."""

    def versions(self, model_id: str, cursor: str, progress: Progress) -> VersionPage:
        """A page of the versions of a model, newest first."""

    def resolve(self, text: str, progress: Progress) -> ModelVersion:
        """The version that a typed text means: a model's id or name (its newest version), `name/3`,
        `name@alias`, a `models:/…` address, whatever of these the registry knows.

        Raises:
            RemoteError: `not_found` no such model; `revision` no such version or alias.
        """

    def run(self, version: ModelVersion, progress: Progress) -> RunInfo | None:
        """What the run that made a version logged; None where it has none, or may not be read."""

    def artifact(self, version: ModelVersion, progress: Progress) -> Artifact | None:
        """The files of a version; None where only a whole archive can be fetched.

        Raises:
            RemoteError: `entry` where the files lie somewhere that this registry does not hand
                out (s3://…), which is said by name.
        """

    def read(
        self, version: ModelVersion, file: ArtifactFile, limit: int, progress: Progress
    ) -> bytes:
        """The first `limit` bytes of a file, fewer where it is shorter."""

    def fetch(
        self,
        version: ModelVersion,
        files: Sequence[tuple[ArtifactFile, str]],
        target: Path,
        store: PartStore | None,
        progress: Progress,
    ) -> Mapping[str, str]:
        """Put these files into `target` under the names beside them; returns {name: sha256}. Of a
        registry whose `artifact` is None: the adapter in its archive, whatever `files` are."""
