"""Whether weights that were found are the same to the last byte, where a hash of them was kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence

from desktop.services.errors import FolderError
from desktop.services.peft_folder.reading import open_file
from desktop.services.progress import Progress
from desktop.services.relink_records import Copy, Lost, MatchedBy

_CHUNK = 1 << 20
_WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")


class Exact:
    """Copies whose weights are the same to the last byte, where that can be told."""

    def __init__(
        self,
        copies_of: Callable[[Lost], tuple[Copy, ...]],
        lost: Sequence[Lost],
        report: Progress,
    ) -> None:
        self._copies_of = copies_of
        self._report = report
        self._digests: dict[str, str] = {}
        asked = [copy for one in lost if one.sha256 for copy in copies_of(one)]
        sizes = {copy.path: copy.found.size_bytes or 0 for copy in asked}
        self._total, self._done = sum(sizes.values()), 0

    def copies_of(self, lost: Lost) -> tuple[Copy, ...]:
        """As `Candidates.copies_of`, without those that differ."""
        copies = self._copies_of(lost)
        if not lost.sha256:
            return copies
        return tuple(
            Copy(copy.found, MatchedBy.SHA256, copy.shared, copy.taken_by)
            for copy in copies
            if self._digest(copy.path) == lost.sha256
        )

    def _digest(self, path: str) -> str:
        """The sha256 of the weights in a folder, "" where they can't be read."""
        if path not in self._digests:
            self._digests[path] = self._read(path)
        return self._digests[path]

    def _read(self, path: str) -> str:
        for name in _WEIGHTS:
            try:
                opened = open_file(path, name)
            except FolderError:
                continue
            digest = hashlib.sha256()
            try:
                with open(opened.fd, "rb") as reader:
                    while chunk := reader.read(_CHUNK):
                        digest.update(chunk)
                        self._done += len(chunk)
                        self._report(self._done, max(self._total, self._done), "Comparing weights")
            except OSError:
                return ""
            return digest.hexdigest()
        return ""


def kept_hash(files: object) -> str:
    """The sha256 of the weights, of the files that a managed folder was made from."""
    try:
        known = json.loads(files) if isinstance(files, str) else {}
    except (ValueError, RecursionError):
        return ""
    if not isinstance(known, dict):
        return ""
    return next((str(known[name]) for name in _WEIGHTS if known.get(name)), "")
