"""One way in for every source: check, fetch into staging, verify, add. Whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from desktop.services.adapters import Adapters
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import resolve
from desktop.services.errors import CatalogReadOnlyError, FolderError, ValidationError
from desktop.services.progress import Progress, silent
from desktop.services.records import (
    ADAPTER_FIELDS,
    AdapterRecord,
    AddAdapterRequest,
    blocks,
    errors_first,
)
from desktop.services.sources.base import Fetched, Source
from desktop.services.sources.local_folder import LocalFolder
from desktop.services.validation import clean, error, with_location

_KEY = re.compile(r"[0-9a-f]{32}")
"""What a staging folder is called; others are not ours to remove."""

SOURCES: tuple[Source, ...] = (LocalFolder(),)


class Imports:
    """Brings adapters into one catalogue."""

    def __init__(
        self, catalog: Catalog, adapters: Adapters, sources: Sequence[Source] = SOURCES
    ) -> None:
        self._catalog = catalog
        self._adapters = adapters
        self._sources = {source.type: source for source in sources}

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source that can be imported from."""
        return tuple(self._sources.values())

    def import_adapter(
        self, source: str, fields: Mapping[str, Any], progress: Progress | None = None
    ) -> AdapterRecord:
        """Import one adapter.

        source: an adapter type. fields: those of AddAdapterRequest and the source's own.
        progress: called as `progress(done, total, text)`; raising `Cancelled` from it cancels.

        Raises:
            ValidationError: with every finding, if one blocks; nothing was fetched or changed.
            LorariumError: the fetch did not work; nothing of it stays.
            Cancelled: the person asked to stop; nothing of it stays.
        """
        report = progress or silent
        if self._catalog.read_only:
            raise CatalogReadOnlyError(self._catalog.read_only)
        chosen = self._sources.get(source)
        if chosen is None:
            raise ValidationError(
                [
                    error(
                        "type",
                        "unknown_type",
                        "This source is not known.",
                        f"It is one of {', '.join(self._sources)}.",
                    )
                ]
            )
        request = self._request(chosen, fields)
        path = resolve(request.location, self._catalog.location.root)
        given = {**fields, "location": path or request.location}
        report(0, 0, "")
        if chosen.keeps_in_place(fields):
            self._refuse(chosen.check(given), request, needs_files=False)
            return self._adapters.add_adapter(request)
        self._check_before(chosen, request, given)
        return self._fetch(chosen, request, given, report)

    def _request(self, source: Source, fields: Mapping[str, Any]) -> AddAdapterRequest:
        own = {field.name for field in source.fields}
        unknown = sorted(set(fields) - set(ADAPTER_FIELDS) - own)
        if unknown:
            raise ValidationError(
                [error(name, "unknown_field", f"There is no field “{name}”.") for name in unknown]
            )
        given = {name: fields[name] for name in ADAPTER_FIELDS if name in fields}
        return clean(AddAdapterRequest(**{**given, "type": source.type}))

    def _refuse(self, found: list[Any], request: AddAdapterRequest, needs_files: bool) -> None:
        if blocks(found):
            rest = self._adapters.validate(request) if not needs_files else ()
            raise ValidationError(errors_first((*found, *rest)))

    def _check_before(
        self, source: Source, request: AddAdapterRequest, fields: Mapping[str, Any]
    ) -> None:
        """Every rule that needs no fetched files, before a byte moves."""
        found = source.check(fields)
        if any(field.name == "location" for field in source.fields):
            found += self._adapters.validate(request)
        else:
            with self._catalog.read() as connection:
                found += self._adapters.validator.rules_without_files(
                    request, connection, needs_location=False
                )
        if blocks(found):
            raise ValidationError(errors_first(found))

    def _fetch(
        self,
        source: Source,
        request: AddAdapterRequest,
        fields: Mapping[str, Any],
        progress: Progress,
    ) -> AdapterRecord:
        key = uuid.uuid4().hex
        home = self._catalog.location
        with Staging(home.staging, key) as staging:
            fetched = source.fetch(fields, staging.folder, progress)
            for name, value in fetched.values.items():
                if getattr(request, name) is None:
                    request = replace(request, **{name: value})
            progress(0, 0, "Checking")
            inspection = self._adapters.validator.inspect(str(staging.folder))
            if blocks(inspection.findings):
                raise ValidationError(inspection.findings)
            target = home.adapters / f"{slug(request.name or '')}-{key[:8]}"
            staging.keep_as(target)
            try:
                return self._adapters.add_adapter(
                    with_location(request, str(target)),
                    inspection=replace(
                        inspection,
                        path=str(target),
                        fingerprint=self._adapters.validator.inspect(str(target)).fingerprint,
                    ),
                    extra=_extra(fetched),
                    moved=(str(home.trash / target.name), str(target)),
                )
            except BaseException:
                # The copy is ours and no row points to it.
                shutil.rmtree(target, ignore_errors=True)
                raise


def _extra(fetched: Fetched) -> dict[str, Any]:
    return {
        "managed": 1,
        "files": json.dumps(dict(fetched.files)),
        "revision": fetched.revision,
    }


def slug(name: str) -> str:
    """A name as a part of a folder's name: ASCII letters, digits and dashes, 40 at most."""
    text = re.sub(r"[^A-Za-z0-9]+", "-", name.encode("ascii", "ignore").decode()).strip("-")
    return text[:40].strip("-").lower() or "adapter"


class Staging:
    """A folder for one import, on the file system of the store; nothing of it stays at the end.

    A lock beside it tells a live import from what a killed run left, so that a second window
    that starts meanwhile does not sweep it away.
    """

    def __init__(self, parent: Path, key: str) -> None:
        self._parent = parent
        self.folder = parent / key
        self._lock_path = parent / f"{key}.lock"

    def __enter__(self) -> Staging:
        from filelock import FileLock

        try:
            self._parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._lock_path)
            self._lock.acquire(timeout=10)
            self.folder.mkdir()
        except OSError as failure:
            raise FolderError(
                f"The library can't be written: {failure.strerror or failure}.",
                f"Check {self._parent.parent} and the space on its disk.",
            ) from failure
        return self

    def keep_as(self, target: Path) -> None:
        """Sync the folder and give it its place in the store in one step.

        Raises:
            FolderError: the disk said no.
        """
        try:
            _sync_folder(self.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            self.folder.rename(target)
            _sync_folder(target.parent)
        except OSError as failure:
            raise FolderError(
                f"The library can't be written: {failure.strerror or failure}.",
                "Nothing was imported.",
            ) from failure

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()
        with suppress(OSError):
            self._lock_path.unlink()
        with suppress(OSError):
            self._parent.rmdir()


def sweep_staging(parent: Path) -> bool:
    """Remove what a killed run left in staging; returns False if an import is at work there."""
    from filelock import FileLock, Timeout

    quiet = True
    try:
        entries = sorted(parent.iterdir())
    except OSError:
        return True
    for entry in entries:
        if not _KEY.fullmatch(entry.name) or entry.is_symlink():
            continue
        lock_path = parent / f"{entry.name}.lock"
        lock = FileLock(lock_path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            quiet = False
            continue
        shutil.rmtree(entry, ignore_errors=True)
        lock.release()
        with suppress(OSError):
            lock_path.unlink()
    for entry in parent.glob("*.lock"):
        if not _KEY.fullmatch(entry.stem):
            continue
        lock = FileLock(entry)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            quiet = False
            continue
        lock.release()
        with suppress(OSError):
            entry.unlink()
    with suppress(OSError):
        parent.rmdir()
    return quiet


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
