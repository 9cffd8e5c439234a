"""What a SQLite file is before we let SQLAlchemy near it: ours, a studio's, new, newer, or nothing.

Looks with sqlite3 alone and never writes.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from desktop.services.catalog.migrations import HEAD, VERSION_TABLE
from desktop.services.errors import CatalogBusyError, CatalogError

APPLICATION_ID = 0x4C6F5261  # "LoRa", in the header of catalogues that we created
NEWER = (
    "This catalogue was written by a newer Lorarium. It is open for reading only; "
    "install the newer version to change it."
)
FULL = (
    "The disk that holds this catalogue is full. It is open for reading only; "
    "free some space, then open it again."
)
_ROOM = 256 << 10
LOCKED_FILE = "This catalogue can't be written here. It is open for reading only."


@dataclass(frozen=True)
class FileState:
    """kind: new, ours or foreign. version: our schema version in it. read_only: a sentence or "".
    immutable: what a read-only URI needs besides mode=ro."""

    kind: str
    version: str | None = None
    read_only: str = ""
    immutable: str = ""


def uri(path: Path) -> str:
    """The file as a SQLite URI, without parameters."""
    return f"file:{quote(os.fsencode(path))}"


def probe(path: Path, data: Path) -> FileState:
    """Look at a catalogue file without changing a byte of it. data: the folder of its files.

    Raises:
        CatalogError: a folder, not SQLite, damaged, another program's, or unreadable.
        CatalogBusyError: it stays locked.
    """
    name = f"“{path.name}”"
    try:
        if path.is_dir():
            raise CatalogError(f"{name} is a folder.", "Choose the catalogue file in it.")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            return FileState("new")
        if not path.is_file():  # a pipe would keep us waiting for ever
            raise CatalogError(f"{name} is not a file.", "Choose a catalogue's file.")
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise CatalogError(
            f"{name} can't be opened: {error.strerror or error}.",
            f"Check {path.parent} and what you may do there.",
        ) from error
    if not head:
        _refuse_vanished(path, data)
        return FileState("new")
    if head != b"SQLite format 3\x00":
        raise CatalogError(
            f"{name} is not a catalogue: it is not a SQLite file.",
            "Choose another file. This one stays as it is.",
        )
    writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    immutable = ""
    try:
        try:
            return _look(path, writable, immutable)
        except sqlite3.OperationalError as error:
            full = writable and _is_full(path)
            if "locked" in str(error) or (writable and not full):
                raise
            # A WAL database in a place without write access opens only as immutable; so does one
            # on a full disk, since SQLite wants a file beside it even for reading.
            immutable = "&immutable=1"
            state = _look(path, writable, immutable)
            return replace(state, read_only=state.read_only or FULL) if full else state
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        said = str(error).lower()
        if "locked" in said or "busy" in said:
            raise CatalogBusyError(
                f"Another program has locked {name}.", "Try again when it has finished."
            ) from error
        if "disk i/o" in said or "unable to open" in said:
            raise CatalogError(
                f"{name} can't be read: {said}.", f"Check the disk that holds {path.parent}."
            ) from error
        raise CatalogError(
            f"{name} is damaged: {_plain(error)}.",
            "Restore a copy of it. Lorarium leaves this one as it is.",
        ) from error


def _look(path: Path, writable: bool, immutable: str) -> FileState:
    connection = sqlite3.connect(f"{uri(path)}?mode=ro{immutable}", uri=True, timeout=5.0)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        master = connection.execute("SELECT type, name FROM sqlite_master").fetchall()
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = {name for kind, name in master if kind == "table"}
        if any(kind == "trigger" for kind, _ in master):
            raise CatalogError(
                f"“{path.name}” holds triggers, programs that run inside a database.",
                "Lorarium does not open such a file. Ask whoever sent it why they are there.",
            )
        if not tables - {"sqlite_sequence"}:
            return FileState("new" if writable else "ours", None, _sentence(writable), immutable)
        if "adapters" not in tables:
            raise CatalogError(
                f"“{path.name}” belongs to another program: it has no table of adapters.",
                "Choose another file. This one stays as it is.",
            )
        kind = "ours" if application == APPLICATION_ID else "foreign"
        version = None
        if VERSION_TABLE in tables:
            row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()
            version = str(row[0]) if row else None
        if version is not None and version > HEAD:
            return FileState(kind, version, NEWER, immutable)
        if version is not None and not re.fullmatch(r"\d{4}", version):
            raise CatalogError(
                f"“{path.name}” does not say which version of Lorarium wrote it.",
                "Restore a copy of it. Lorarium leaves this one as it is.",
            )
        return FileState(kind, version, _sentence(writable), immutable)
    finally:
        connection.close()


def _is_full(path: Path) -> bool:
    """Whether the disk has no room for SQLite's own files, and none of them holds rows."""
    try:
        if os.path.getsize(f"{os.fspath(path)}-wal"):
            return False  # without it the catalogue would not be whole
    except OSError:
        pass
    try:
        return shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False


def _plain(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "there are bytes in it that are no text"
    return str(error)


def _sentence(writable: bool) -> str:
    return "" if writable else LOCKED_FILE


def _refuse_vanished(path: Path, data: Path) -> None:
    # SQLite opens an emptied file as a fresh catalogue: the library would be gone without a word.
    traces = [data / "backups", data / "adapters", data / "trash"]
    if any(folder.is_dir() and any(folder.iterdir()) for folder in traces):
        raise CatalogError(
            f"“{path.name}” is empty (0 bytes), but the library beside it is not.",
            "Restore a copy of the catalogue, or move the empty file away to begin a new one.",
        )
