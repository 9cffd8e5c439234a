"""What tells one adapter's weights from another's, wherever they lie."""

from __future__ import annotations

import os
from collections.abc import Sequence

from desktop.services.errors import FolderError
from desktop.services.peft_folder.reading import open_file, read_at
from desktop.services.records import TensorInfo

_SAMPLE = 64 << 10


def content_id(
    folder: str, name: str | None, tensors: Sequence[TensorInfo] | None, root: str | None = None
) -> str:
    """A sha256 over the tensors' names, types and shapes and over samples of the weights.

    The samples are the last 64 KiB and 64 KiB from the middle: the start is the header, whose order
    may differ between two saves. "" where the weights can't be read or hold no tensor.
    """
    if not tensors or name is None:
        return ""
    import hashlib  # costs as much as the rest of this package

    digest = hashlib.sha256()
    for tensor in sorted(tensors, key=lambda t: t.name):
        digest.update(f"{tensor.name}\0{tensor.dtype}\0{tensor.shape}\n".encode(errors="replace"))
    try:
        file = open_file(folder, name, root)
    except FolderError:
        return ""
    try:
        for start in (file.size // 2, max(0, file.size - _SAMPLE)):
            length = min(_SAMPLE, file.size - start)
            digest.update(read_at(file.fd, length, start, name))
    except FolderError:
        return ""
    finally:
        os.close(file.fd)
    return digest.hexdigest()
