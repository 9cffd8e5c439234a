"""Where a catalogue is, and where the files that belong to it lie. Imports nothing slow."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from desktop.services.errors import CatalogError

DATABASE_VARIABLE = "LORARIUM_DATABASE"
DATA_VARIABLE = "LORARIUM_DATA"
CATALOG_NAME = "catalog.db"


@dataclass(frozen=True)
class CatalogLocation:
    """A catalogue's address.

    url: a SQLAlchemy URL. path: the SQLite file, None for a server or memory. root: what a relative
    `location` in it is relative to (a studio's project root), None where there is no such thing.
    data: the folder for managed adapters, staging, trash and backups. It belongs to this catalogue
    alone and holds nothing else: what is in it and in no row is tidied away.
    """

    url: str
    path: Path | None
    root: Path | None
    data: Path

    @property
    def adapters(self) -> Path:
        """The managed store: adapters that Lorarium copied or fetched."""
        return self.data / "adapters"

    @property
    def staging(self) -> Path:
        """Where a copy or a fetch is put together; on the same file system as the store."""
        return self.data / "staging"

    @property
    def partial(self) -> Path:
        """What an import that did not end well had fetched whole: kept for the next try."""
        return self.data / "partial"

    @property
    def trash(self) -> Path:
        """Managed adapters that were removed and can come back by undo."""
        return self.data / "trash"

    @property
    def backups(self) -> Path:
        """Copies of the catalogue, made before it is migrated."""
        return self.data / "backups"

    @property
    def title(self) -> str:
        """How to call the catalogue on screen; never shows a password."""
        if self.path is not None:
            return str(self.path)
        return re.sub(r"//([^/@:]*):[^/@]*@", r"//\1:***@", self.url)


def data_folder() -> Path:
    """The person's data folder for Lorarium: LORARIUM_DATA, else what the platform says."""
    given = os.environ.get(DATA_VARIABLE)
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("lorarium", appauthor=False))


def locate(database: str | os.PathLike[str] | None = None) -> CatalogLocation:
    """The catalogue that a path or a SQLAlchemy URL names.

    None or "": LORARIUM_DATABASE, else `catalog.db` in the data folder.

    Raises:
        CatalogError: it is neither a path, a SQLite nor a PostgreSQL URL.
    """
    text = os.fspath(database or "") or os.environ.get(DATABASE_VARIABLE, "")
    if not text:
        return _file(data_folder() / CATALOG_NAME)
    scheme, colon, rest = text.partition("://")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*(\+[A-Za-z0-9_]+)?", scheme):
        return _file(Path(text).expanduser())
    kind = scheme.lower().partition("+")[0]
    if kind == "sqlite":
        name = rest.partition("?")[0]
        if name in ("", "/", "/:memory:"):
            return CatalogLocation("sqlite://", None, None, _memory_folder())
        return _file(Path(name[1:] if name.startswith("/") else name))
    if kind in ("postgresql", "postgres"):
        # psycopg is the driver that the extra installs; plain addresses mean it too.
        driver = scheme if "+" in scheme else "postgresql+psycopg"
        url = f"{driver}://{rest}"
        return CatalogLocation(url, None, None, data_folder() / "servers" / _server_key(rest))
    raise CatalogError(
        f"Lorarium keeps its catalogue in SQLite or PostgreSQL, not in {kind}.",
        "Give the path of a file, or an address that starts with postgresql://.",
    )


def _file(path: Path) -> CatalogLocation:
    # A folder means the catalogue in it: a studio's project, or a library.
    path = Path(os.path.abspath(path))
    if "\x00" in str(path):
        raise CatalogError("A path can't hold a NUL character.", "Give another one.")
    try:
        if path.is_dir():
            studio = path / ".app" / "state.db"
            path = studio if studio.exists() else path / CATALOG_NAME
    except OSError as error:
        raise CatalogError(
            f"The catalogue can't be opened: {error.strerror or error}.", "Check its path."
        ) from error
    if path.parent.name == ".app":
        root, data = path.parent.parent, path.parent / "lorarium"
    elif path == Path(os.path.abspath(data_folder() / CATALOG_NAME)):
        root, data = None, path.parent
    else:
        # A folder of its own: beside the file lie things of the person's, maybe under these names.
        root, data = None, path.with_name(f"{path.name}-files")
    return CatalogLocation(f"sqlite:///{path}", path, root, data)


def _memory_folder() -> Path:
    """A folder for what a catalogue in memory copies: nobody else's, gone when the system says."""
    import tempfile
    import uuid

    return Path(tempfile.gettempdir()) / f"lorarium-{uuid.uuid4().hex}"


def _server_key(rest: str) -> str:
    """A folder's name for one database of a server, the same whoever logs in. rest: of the URL."""
    import hashlib

    server, slash, path = rest.partition("/")
    path, _, query = path.partition("?")
    sockets = re.findall(r"(?:^|&)(?:host|port)=([^&]*)", query)
    place = "/".join([server.rpartition("@")[2] + slash + path, *sockets])
    name = re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-").lower()[:40]
    return f"{name or 'database'}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"
