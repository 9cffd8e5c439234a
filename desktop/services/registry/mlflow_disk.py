"""The files of a version in an MLflow store on this machine: where they are, and what is there."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.reading import (
    UnreadableFileError,
    is_inside,
    printable,
    resolve,
    storable,
)
from desktop.services.registry.mlflow_names import (
    Typed,
    is_plain,
    logged_model_of,
    not_handed_out,
    parse_typed,
    run_of_uri,
    split_uri,
)
from desktop.services.registry.names import Entry
from desktop.services.registry.records import ModelVersion

_LOCAL_SERVERS = ("mlartifacts", "mlruns", "artifacts")
"""Where a server over this store keeps its clients' files, beside the database."""
_MOST_STEPS = 5

Lookup = Callable[[str], str]
"""The address of a run's, or of a logged model's, files by its id; "" = not known."""


def folder_of(
    uri: str,
    home: Path,
    run_root: Lookup,
    model_root: Lookup,
    registered: Callable[[Typed], str],
) -> Path:
    """The folder that an address of files leads to.

    uri: as the store keeps it. home: the folder that the store is in; relative paths begin there.
    registered: the address of a registered version's files.

    Raises:
        RemoteError (`entry`): it is not on this machine, or not there.
    """
    text, below = uri, ""
    for _ in range(_MOST_STEPS):
        parts = split_uri(text)
        if run := run_of_uri(parts):
            text, below = run_root(run[0]), _joined(run[1], below)
        elif model_id := logged_model_of(parts):
            text = model_root(model_id)
        elif parts.scheme == "models" and not parts.host:
            text = registered(parse_typed(text)[0])
        else:
            break
        if not text:
            raise _gone(uri)
    place = _place(text, below, home)
    if place is None:
        raise not_handed_out(text, "MLflow")
    for folder in place:
        with suppress(OSError, ValueError):
            if folder.is_dir():
                return folder
    raise _gone(text)


def _place(text: str, below: str, home: Path) -> list[Path] | None:
    """The folders that may be meant, the likeliest first; None where it is another machine's."""
    parts = split_uri(text)
    path = unquote(parts.path) if parts.scheme else parts.path
    if "\0" in path or not is_plain(below):
        return None
    if parts.scheme == "mlflow-artifacts":
        inner = path.strip("/")
        if not inner or not is_plain(inner):
            return None
        return [home / kept / inner / below for kept in _LOCAL_SERVERS]
    if parts.scheme not in ("", "file") or parts.host not in ("", "localhost"):
        return None
    folder = home / path  # an absolute path stays one
    return [folder / below, *(moved / below for moved in _moved(path, home))]


def _moved(path: str, home: Path) -> Iterator[Path]:
    """Where the folder may be now if the store was moved as a whole: paths in it are absolute."""
    segments = path.split("/")
    for kept in _LOCAL_SERVERS:
        if kept in segments:
            at = len(segments) - 1 - segments[::-1].index(kept)
            rest = "/".join(segments[at + 1 :])
            if rest and is_plain(rest):
                yield home / kept / rest


def _joined(path: str, below: str) -> str:
    return "/".join(part for part in (path, below) if part)


def _gone(text: str) -> RemoteError:
    return RemoteError(
        "entry",
        f"The files of this version are not there any more: “{printable(text, 80)}”.",
        "If the store was moved, move its files to it, then try again.",
    )


def entries_in(root: str, folder: str, check: Callable[[], None]) -> Iterator[Entry]:
    """What a folder of an artifact holds. root: the artifact's own folder, after all links.

    Links to files count where they stay inside the root, links to folders never do.
    """
    place = os.path.join(root, folder) if folder else root
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                check()
                yield _entry(entry, root, place)
    except OSError as error:
        raise RemoteError(
            "entry",
            f"The folder “{printable(folder or os.path.basename(root), 80)}” can't be read: "
            f"{error.strerror or 'unknown error'}.",
            "Check its permissions, then try again.",
        ) from None


def _entry(entry: os.DirEntry[str], root: str, place: str) -> Entry:
    name = entry.name
    if storable(name) != name:
        return Entry(printable(name, 255), False, refused=True)
    if entry.is_dir(follow_symlinks=False):
        return Entry(name, True)
    try:
        info = os.stat(resolve(place, name, root))
        if stat.S_ISREG(info.st_mode):
            return Entry(name, False, info.st_size)
    except (UnreadableFileError, OSError):
        pass
    return Entry(name, False, refused=True)


def locate(root: str, path: str) -> tuple[str, str]:
    """(folder, name) of a file of an artifact. root: as of `entries_in`. No folder on the way may
    be a link that leaves the root.

    Raises:
        RemoteError (`entry`): it leaves it.
    """
    folder, _, name = path.rpartition("/")
    real = os.path.realpath(os.path.join(root, folder) if folder else root)
    if not is_inside(real, root) or not is_plain(path):
        raise RemoteError(
            "entry",
            f"“{printable(path, 80)}” leads out of the files of this version.",
            "Nothing was imported.",
        )
    return real, name


def shown(version: ModelVersion) -> str:
    """A version for a sentence."""
    return f"“{printable(version.model_name, 60)}” {version.version}"
