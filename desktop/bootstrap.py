"""The composition root: puts the services together, and the window around them."""

from __future__ import annotations

import os
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from desktop.services.catalog.location import CatalogLocation, locate
from desktop.services.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.services.adapters import Adapters
    from desktop.services.base_models import BaseModels
    from desktop.services.catalog.engine import Catalog
    from desktop.services.catalog.first_screen import FirstScreen
    from desktop.services.catalog.others import OtherWriters
    from desktop.services.catalog.trash import Trash
    from desktop.services.credentials import Credentials
    from desktop.services.history import History
    from desktop.services.hub.hub import Hub
    from desktop.services.importing import Imports
    from desktop.services.marks import Marks
    from desktop.services.records import LibraryRow
    from desktop.services.registry.registry import Registry
    from desktop.services.relink import Relink
    from desktop.services.scan.scan import Scan
    from desktop.services.training import Training
    from desktop.services.updates import Updates
    from desktop.services.watched import Watched
    from desktop.views.main_window import MainWindow


class Services:
    """Everything a script (or the window) can do with one catalogue.

    Made by `open_services`; a context manager. The parts are built, and what they need is imported,
    on first use: the window's first paint does not wait for SQLAlchemy.
    """

    def __init__(self, location: CatalogLocation) -> None:
        self.location = location
        self._lock = threading.RLock()
        self._catalog: Catalog | None = None

    # -- the catalogue ---------------------------------------------------------------------

    def open(self) -> Catalog:
        """The open catalogue; opened (created, migrated, tidied up after a killed run) if needed.

        Raises:
            CatalogError: it can't be opened; the file is left as it is.
        """
        with self._lock:
            if self._catalog is None:
                from desktop.services.catalog.engine import Catalog
                from desktop.services.history import sweep
                from desktop.services.staging import sweep_staging

                catalog = Catalog(self.location)
                self._catalog = catalog
                if not catalog.read_only and sweep_staging(self.location.staging):
                    sweep(catalog, self._trash)
            return self._catalog

    @cached_property
    def _trash(self) -> Trash:
        from desktop.services.catalog.trash import Trash

        return Trash(self.location)

    def first_screen(
        self, by: int, descending: bool, fold: Callable[[Any], str], since: float
    ) -> FirstScreen | None:
        """What the first screen shows of a large library, see `read_first_screen`; None where all
        rows are to be read instead."""
        from desktop.services.catalog.first_screen import read_first_screen

        return read_first_screen(self.location.path, by, descending, fold, since)

    def first_rows(self) -> list[LibraryRow] | None:
        """All rows, read with sqlite3 alone; None if that is not possible."""
        from desktop.services.catalog.first_rows import read_first_rows

        return read_first_rows(self.location.path)

    @property
    def read_only(self) -> str:
        """A sentence that says why nothing can be changed, "" if it can."""
        return self.open().read_only

    def close(self) -> None:
        """Give the catalogue back. A later use opens it again."""
        with self._lock:
            if self._catalog is not None:
                self._catalog.close()
                self._catalog = None
            for name in (
                "adapters",
                "marks",
                "base_models",
                "training",
                "history",
                "imports",
                "scan",
                "updates",
                "relink",
                "watched",
                "others",
            ):
                self.__dict__.pop(name, None)

    def __enter__(self) -> Services:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the parts -------------------------------------------------------------------------

    @cached_property
    def adapters(self) -> Adapters:
        """Adapters: list, add, change, remove, check, dataset split."""
        from desktop.services.adapters import Adapters

        return Adapters(self.open(), self._trash)

    @cached_property
    def base_models(self) -> BaseModels:
        """The models that adapters belong to."""
        from desktop.services.base_models import BaseModels

        return BaseModels(self.open())

    @cached_property
    def training(self) -> Training:
        """Prompts, datasets and fine-tuning jobs."""
        from desktop.services.training import Training

        return Training(self.open())

    @cached_property
    def marks(self) -> Marks:
        """Favourites, tags and notes."""
        from desktop.services.marks import Marks

        return Marks(self.open())

    @cached_property
    def credentials(self) -> Credentials:
        """Tokens and passwords, each for one server."""
        from desktop.services.credentials import Credentials

        return Credentials()

    @cached_property
    def hub(self) -> Hub:
        """The Hugging Face Hub and what speaks its protocol."""
        from desktop.services.hub.hub import Hub

        return Hub(self.credentials, self.settings, str(self.location.staging))

    @cached_property
    def registry(self) -> Registry:
        """Model registries, and the connections to them."""
        from desktop.services.registry.registry import Registry

        return Registry(self.settings, self.credentials, str(self.location.staging))

    @cached_property
    def imports(self) -> Imports:
        """One way in for every source."""
        from desktop.services.importing import LOCAL_SOURCES, Imports
        from desktop.services.sources.hugging_face import HuggingFace
        from desktop.services.sources.model_registry import ModelRegistry

        hub = HuggingFace(self.hub, self.location.partial)
        registry = ModelRegistry(self.registry, self.location.partial)
        return Imports(self.open(), self.adapters, (*LOCAL_SOURCES, hub, registry))

    @cached_property
    def scan(self) -> Scan:
        """Looking for adapters on disks, and importing many at once."""
        from desktop.services.scan.scan import Scan

        return Scan(self.open(), self.base_models)

    @cached_property
    def relink(self) -> Relink:
        """Finding folders that moved."""
        from desktop.services.relink import Relink

        return Relink(self.open(), self.scan)

    @cached_property
    def watched(self) -> Watched:
        """Folders that are watched for new adapters."""
        from desktop.services.watched import Watched

        return Watched(self.settings, self._give_scan, self.location.data)

    def _give_scan(self) -> Scan:
        return self.scan

    @cached_property
    def others(self) -> OtherWriters:
        """Whether somebody else wrote to the catalogue."""
        from desktop.services.catalog.others import OtherWriters

        return OtherWriters(self.open())

    @cached_property
    def updates(self) -> Updates:
        """Newer versions of what was fetched from a server."""
        from desktop.services.updates import Updates

        return Updates(self.open(), self.adapters, self.imports, self._trash)

    @cached_property
    def history(self) -> History:
        """Undo and redo."""
        from desktop.services.history import History

        return History(self.open(), self._trash)

    @cached_property
    def settings(self) -> Settings:
        """What the person set: window, columns, appearance."""
        return Settings()


def open_services(database: str | os.PathLike[str] | None = None) -> Services:
    """The services of a catalogue.

    database: a path (a file, a library's folder or a studio's project) or a SQLAlchemy URL of
    SQLite or PostgreSQL; without it LORARIUM_DATABASE, else the person's own library. It is opened
    by `with`, or on first use.

    Raises:
        CatalogError: the address is of no kind that Lorarium keeps catalogues in.
    """
    return Services(locate(database))


def build_window(services: Services) -> MainWindow:
    """The main window over these services, with its style and palette applied."""
    from PySide6.QtWidgets import QApplication

    from desktop.views.main_window import MainWindow

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("Make a QApplication first: a window needs one.")
    return MainWindow(services, app)
