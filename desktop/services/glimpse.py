"""A look at an adapter that is still on a server: the same eyes that look at a folder on disk.

The small files and the head of the weights are put into a folder of their own, where the weights
have their announced size and nothing in it (a sparse file); so what is found is found alike.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from desktop.services.errors import RemoteError
from desktop.services.peft_folder import inspect_folder
from desktop.services.peft_folder.reading import size_text
from desktop.services.records import FolderInspection

MAX_SPARSE = 1 << 40
"""Weights above this are refused: no adapter has a terabyte."""
_NO_DIRECTORY = b"PK\x05\x06" + bytes(18)
_PREFIX = "preview-"
_STALE = 24 * 3600.0


@contextmanager
def scratch_folder(scratch: str) -> Iterator[Path]:
    """A folder of its own below `scratch`; both are gone at the end, unless others use it.

    Raises:
        RemoteError (`disk`): the disk said no, now or in the `with` block.
    """
    try:
        folder = _made(scratch)
    except OSError:
        # A library that can't be written can be looked from all the same.
        scratch = os.path.join(tempfile.gettempdir(), f"lorarium-{os.getpid()}")
        try:
            folder = _made(scratch)
        except OSError as error:
            raise _disk(error) from None
    try:
        yield folder
    except OSError as error:
        raise _disk(error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            os.rmdir(scratch)


def _made(scratch: str) -> Path:
    for _ in range(10):
        Path(scratch).mkdir(parents=True, exist_ok=True)
        # Another preview that ends just now may take the empty folder away.
        with suppress(FileNotFoundError):
            _tidy(scratch)
            return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=scratch))
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=scratch))


def _tidy(scratch: str) -> None:
    """Remove what a killed run left: it is known by its name, and a day old."""
    for entry in os.scandir(scratch):
        with suppress(OSError):
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > _STALE:
                    shutil.rmtree(entry.path, ignore_errors=True)


def lay(folder: Path, name: str, data: bytes, size: int) -> None:
    """Put a file there: these bytes, and after them nothing up to the announced size.

    Raises:
        RemoteError (`too_large`): it is announced with more than MAX_SPARSE.
    """
    if size > MAX_SPARSE:
        raise RemoteError(
            "too_large",
            f"{name} is announced with {size_text(size)}.",
            "No adapter is that large.",
        )
    with (folder / name).open("xb") as target:
        target.write(data[:size])
        target.truncate(size)


def close_archive(folder: Path, name: str) -> None:
    """Give a pickled archive, of which only the beginning is known, an end that lists nothing: one
    without its end would be taken for cut, and nothing may be claimed of what is in it."""
    with (folder / name).open("r+b") as target:
        size = target.seek(0, os.SEEK_END)
        target.seek(max(size - len(_NO_DIRECTORY), 0))
        target.write(_NO_DIRECTORY[:size])


def look(folder: Path, *, training_bytes: int = 0) -> FolderInspection:
    """What is in the folder, without what only the whole files could tell.

    training_bytes: of the files that only serve training, on the server.
    """
    found = inspect_folder(folder)
    return replace(
        found,
        path="",
        fingerprint="",
        content_id="",  # made of the weights, which are not here
        training_bytes=training_bytes,
    )


def _disk(error: OSError) -> RemoteError:
    return RemoteError(
        "disk",
        f"The look at this adapter can't be written down: {error.strerror or 'no reason given'}.",
        "Free some space, then try again."
        if error.errno in (errno.ENOSPC, errno.EDQUOT)
        else "Check who may write to the folder for temporary files.",
    )
