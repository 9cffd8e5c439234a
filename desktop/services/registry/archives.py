"""Takes an adapter out of an archive of a stranger: tar (plain, gz, bz2, xz) or zip.

The archive is gone through twice: first to see what is in it, all of it, then to write the files of
the adapter, and no others. Links, devices, names that lead elsewhere and names that are there twice
are refused, not worked around. Archives within it are not opened.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from desktop.services.errors import RemoteError
from desktop.services.peft_folder.files import kind_for
from desktop.services.peft_folder.reading import printable, size_text
from desktop.services.progress import Progress
from desktop.services.records import FileKind
from desktop.services.registry.archive_bytes import (
    Archive,
    ArchiveLimits,
    Budget,
    Member,
    Window,
    hostile,
    packing_of,
)
from desktop.services.registry.archive_tar import BLOCK, TarArchive, is_header
from desktop.services.registry.archive_zip import EMPTY_ZIP, ZIP_START, ZipArchive
from desktop.services.registry.multipart import boundary_of, parts
from desktop.services.safe_names import Taken, is_safe_path
from desktop.services.transfer_file import (
    NOTHING,
    Landing,
    RemoteFile,
    disk_error,
    sync_folders,
)
from desktop.services.transfer_rate import Meter

__all__ = ["ArchiveLimits", "extract_adapter"]

CONFIG = "adapter_config.json"
SAFETENSORS = "adapter_model.safetensors"
PICKLE = "adapter_model.bin"
_NEEDED = (FileKind.CONFIG, FileKind.WEIGHTS, FileKind.TOKENIZER, FileKind.CARD)
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")
_MOST_FILES = 200
_SPARE = 64 << 20  # bytes that stay free on the disk


@dataclass(frozen=True, slots=True)
class _Adapter:
    """The folder of an archive that is taken. files: {name in the folder: its member}."""

    folder: str
    files: dict[str, Member]


def extract_adapter(
    archive: Path, target: Path, progress: Progress, limits: ArchiveLimits | None = None
) -> dict[str, str]:
    """Write the adapter that an archive holds into a folder that exists, synced to the disk.

    Of several adapters the one at the shallowest depth is taken: what it needs of the files
    directly in its folder. archive: may also be a multipart/form-data body that holds one.
    progress: bytes of the archive, which is gone through twice; what it raises (`Cancelled`) ends
    this within a second. After an error none of the files is left.

    Returns: {name: sha256} of every file.

    Raises:
        RemoteError: `answer` no archive, or a damaged one; `listing` names or entries that none
            should hold; `too_large`; `no_adapter`; `disk`.
    """
    limits = limits or ArchiveLimits()
    size = _size(archive)
    meter = Meter(2 * size, progress)
    meter.note = "Looking into the archive"
    meter.tell()
    with _opened(archive, limits, meter) as opened:
        found = _choose(_checked(opened.members()))
        meter.lose(meter.done)
        meter.have(size)
        meter.note = "Unpacking the adapter"
        meter.tell()
        _need_room(found, target)
        return _write(opened, found, target, meter, limits)


@contextmanager
def _opened(path: Path, limits: ArchiveLimits, meter: Meter) -> Iterator[Archive]:
    """The archive that a file is, or that is a part of it."""
    with Window(path) as window:
        head = window.read(BLOCK)
        boundary = b"" if is_header(head) else boundary_of(head)
        if not boundary:
            yield _archive(window, limits, meter) or _refuse(head)
            return
        for part in parts(window, boundary, meter.check):
            with Window(path, part.start, part.end) as inner:
                if (found := _archive(inner, limits, meter)) is not None:
                    yield found
                    return
        _refuse(b"")


def _archive(window: Window, limits: ArchiveLimits, meter: Meter) -> Archive | None:
    """The archive that a window shows; None = none, or of an unknown kind."""

    def budget() -> Budget:
        return Budget(limits, meter)

    window.at = 0
    head = window.read(BLOCK)
    if head.startswith((ZIP_START, EMPTY_ZIP)):
        return ZipArchive(window, budget)
    packing = packing_of(head)
    if packing is not None or is_header(head):
        return TarArchive(window, packing, budget)
    return None


def _refuse(head: bytes) -> Archive:
    start = head.lstrip()[:15].lower()
    what = "a web page" if start.startswith((b"<!doctype", b"<html")) else "something else"
    raise RemoteError(
        "answer",
        f"The registry sent {what} instead of an archive that Lorarium knows.",
        f"{NOTHING} Lorarium knows tar, also packed with gzip, bzip2 or xz, and zip.",
    )


# -- what is in it -------------------------------------------------------------------------------


def _checked(members: Iterable[Member]) -> dict[str, Member]:
    """The files by their path, as far as a folder may hold them.

    Raises:
        RemoteError (`listing`): a name that leads out, or that is there twice.
    """
    files: dict[str, Member] = {}
    taken = Taken()
    folders: set[str] = set()
    for member in members:
        path = member.name.removeprefix("./") if member.is_file else member.name.rstrip("/")
        if _leads_out(member.name):
            raise hostile(member.name, "which leads out of it")
        if not is_safe_path(path):
            # `.`, `.cache/…`, names of another system: of no use here, and never written.
            continue
        if not member.is_file:
            folders.add(path.removeprefix("./"))
        elif not taken.take(path):
            raise hostile(path, "which is there twice, or as a file and as a folder")
        else:
            files[path] = member
    if twins := folders & files.keys():
        raise hostile(min(twins), "which is there twice, or as a file and as a folder")
    return files


def _leads_out(name: str) -> bool:
    """Whether a name is more than a way down: absolute, with a drive, up again, in odd characters
    that some system takes for a way."""
    return (
        name.startswith(("/", "~"))
        or "\\" in name
        or "\0" in name
        or name[1:2] == ":"
        or ".." in name.split("/")
    )


def _choose(files: dict[str, Member]) -> _Adapter:
    """The adapter that is taken.

    Raises:
        RemoteError (`no_adapter`): there is none.
    """
    folders = [path[: -len(CONFIG)] for path in files if f"/{path}".endswith(f"/{CONFIG}")]
    if not folders:
        advice = "Choose a version that PEFT saved."
        if inner := next((path for path in files if path.lower().endswith(_ARCHIVES)), ""):
            shown = printable(inner, 80)
            advice = f"It holds “{shown}”; Lorarium does not open archives in archives."
        raise RemoteError("no_adapter", f"There is no {CONFIG} in the archive.", advice)
    complete = [f for f in folders if f + SAFETENSORS in files or f + PICKLE in files]
    if not complete:
        raise RemoteError(
            "no_adapter",
            f"There are no weights beside the {CONFIG} in the archive.",
            f"PEFT keeps them in {SAFETENSORS}.",
        )
    folder = min(complete, key=lambda path: (path.count("/"), path))
    inside = {
        path[len(folder) :]: member
        for path, member in files.items()
        if path.startswith(folder) and "/" not in path[len(folder) :]
    }
    needed = {name: member for name, member in inside.items() if kind_for(name) in _NEEDED}
    if SAFETENSORS in needed:
        needed.pop(PICKLE, None)
    if len(needed) > _MOST_FILES:
        raise hostile(folder, "with too many files in it")
    return _Adapter(folder, needed)


# -- writing it ----------------------------------------------------------------------------------


def _write(
    archive: Archive, adapter: _Adapter, target: Path, meter: Meter, limits: ArchiveLimits
) -> dict[str, str]:
    names = {member.name: name for name, member in adapter.files.items()}
    wanted = {member.name: member for member in adapter.files.values()}
    done: dict[str, str] = {}
    try:
        for member, pieces in archive.contents(wanted):
            name = names.pop(member.name, "")
            # The second look has to show what the first one did.
            if not name or member != wanted[member.name]:
                raise hostile(member.name, "which changed while it was read")
            done[name] = _write_file(name, member.size, pieces, target, limits)
        if names:
            raise hostile(min(names), "which changed while it was read")
        meter.note = ""
        meter.tell()
        sync_folders([target])
    except BaseException as error:
        for name in done:
            with suppress(OSError):
                (target / name).unlink()
        if isinstance(error, OSError):
            raise disk_error("The folder", error) from error
        raise
    return done


def _write_file(
    name: str, size: int, pieces: Iterable[bytes], target: Path, limits: ArchiveLimits
) -> str:
    landing = Landing(RemoteFile(name, "", size), target / name, limits.most_bytes)
    try:
        for piece in pieces:
            landing.write(piece)
        if complaint := landing.complaint():
            raise RemoteError("wrong_bytes", complaint, NOTHING)
        landing.finish()
    except BaseException:
        landing.discard()
        raise
    return landing.sha256


def _need_room(adapter: _Adapter, target: Path) -> None:
    total = sum(member.size for member in adapter.files.values())
    needed = total + min(_SPARE, total // 4 + (64 << 10))
    free = shutil.disk_usage(target).free
    if free < needed:
        raise RemoteError(
            "disk",
            f"The adapter needs {size_text(needed)}, and {size_text(free)} are free.",
            "Free some space, then try again.",
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise disk_error("The archive", error) from error
