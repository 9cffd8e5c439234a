"""What the tests of archives need."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.services.errors import RemoteError
from desktop.services.progress import silent
from desktop.services.registry.archives import ArchiveLimits, extract_adapter
from tests.services.registry.cloudera.cases import held

FORMS = ("", "gz", "bz2", "xz")
MB = 1 << 20


def extract(target: Path, data: bytes, limits: ArchiveLimits | None = None) -> dict[str, str]:
    archive = target.parent.parent / "archive"
    archive.write_bytes(data)
    return extract_adapter(archive, target, silent, limits)


def refused(target: Path, data: bytes, limits: ArchiveLimits | None = None) -> RemoteError:
    """The error of an archive that is refused; nothing of it may be anywhere."""
    before = held(target.parent.parent)
    before["archive"] = data
    with pytest.raises(RemoteError) as caught:
        extract(target, data, limits)
    assert held(target.parent.parent) == before
    assert caught.value.message.endswith(".")
    assert caught.value.advice
    return caught.value


def below(files: dict[str, bytes], *folders: str) -> dict[str, bytes]:
    return {"/".join((*folders, name)): data for name, data in files.items()}


def signed(plain: bytearray, at: int = 0) -> bytes:
    """The tar with the checksum of the header at `at` put right."""
    plain[at + 148 : at + 156] = b" " * 8
    plain[at + 148 : at + 156] = b"%06o\0 " % sum(plain[at : at + 512])
    return bytes(plain)
