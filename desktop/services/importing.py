"""One way in for every source: check, fetch into staging, verify, add. Whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop.services.adapters import Adapters
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import resolve
from desktop.services.errors import CatalogReadOnlyError, ValidationError
from desktop.services.progress import Progress, silent
from desktop.services.records import (
    ADAPTER_FIELDS,
    AdapterRecord,
    AddAdapterRequest,
    Finding,
    FolderInspection,
    blocks,
    errors_first,
)
from desktop.services.sources.base import Fetched, Source
from desktop.services.sources.local_folder import LocalFolder
from desktop.services.staging import Staging
from desktop.services.validation import clean, error, with_location

LOCAL_SOURCES: tuple[Source, ...] = (LocalFolder(),)
"""The sources that need nothing but this machine."""


@dataclass(frozen=True)
class Arrival:
    """Files that were fetched, verified and found sound, in the store; no row points to them yet.

    path: their folder. moved: (trash, store), where undo and redo move it. extra: columns of ours.
    """

    path: str
    inspection: FolderInspection
    fetched: Fetched
    moved: tuple[str, str]
    extra: Mapping[str, Any]


class Imports:
    """Brings adapters into one catalogue."""

    def __init__(
        self, catalog: Catalog, adapters: Adapters, sources: Sequence[Source] = LOCAL_SOURCES
    ) -> None:
        self._catalog = catalog
        self._adapters = adapters
        self._sources = {source.type: source for source in sources}

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source that can be imported from."""
        return tuple(self._sources.values())

    def source(self, kind: str) -> Source:
        """The source of an adapter type.

        Raises:
            ValidationError: there is none.
        """
        chosen = self._sources.get(kind)
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
        return chosen

    def check(
        self,
        source: str,
        fields: Mapping[str, Any],
        inspection: FolderInspection | None = None,
    ) -> tuple[Finding, ...]:
        """What is to be said of an import before a byte of it moves; errors first.

        inspection: what is known of the files, as a preview shows them. Changes nothing.
        """
        chosen = self.source(source)
        request = self._request(chosen, fields)
        found = [*chosen.check(fields)]
        with self._catalog.read() as connection:
            found += self._adapters.validator.rules_without_files(
                request, connection, needs_location=chosen.keeps_in_place(fields)
            )
        if inspection is not None:
            found += self._adapters.validator.fit_findings(inspection, request.model_id)
        return errors_first(dict.fromkeys(found))

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
        self._writable()
        chosen = self.source(source)
        fields = chosen.understood(fields)
        request = self._request(chosen, fields)
        path = resolve(request.location, self._catalog.location.root)
        given = {**fields, "location": path or request.location}
        report(0, 0, "")
        if chosen.keeps_in_place(fields):
            found = chosen.check(given)
            if blocks(found):
                raise ValidationError(errors_first((*found, *self._adapters.validate(request))))
            kept = chosen.kept(given)
            extra = {"revision": kept.revision} if kept.revision else None
            return self._adapters.add_adapter(request, extra=extra, origin=kept.origin)
        self._check_before(chosen, request, given)
        with self.fetching(chosen, given, request.name or "", report) as arrival:
            request = _completed(request, arrival.fetched)
            return self._adapters.add_adapter(
                with_location(request, arrival.path),
                inspection=arrival.inspection,
                extra=dict(arrival.extra),
                moved=arrival.moved,
                origin=arrival.fetched.origin,
                job=arrival.fetched.job,
            )

    def _writable(self) -> None:
        if self._catalog.read_only:
            raise CatalogReadOnlyError(self._catalog.read_only)

    def _request(self, source: Source, fields: Mapping[str, Any]) -> AddAdapterRequest:
        own = {field.name for field in source.fields}
        unknown = sorted(set(fields) - set(ADAPTER_FIELDS) - own)
        if unknown:
            raise ValidationError(
                [error(name, "unknown_field", f"There is no field “{name}”.") for name in unknown]
            )
        given = {name: fields[name] for name in ADAPTER_FIELDS if name in fields}
        return clean(AddAdapterRequest(**{**given, "type": source.type}))

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

    @contextmanager
    def fetching(
        self, source: Source, fields: Mapping[str, Any], name: str, progress: Progress
    ) -> Iterator[Arrival]:
        """Fetch into staging, verify, and give the files their place in the store.

        They stay there only if the `with` block ends well: in it the row is written, last. If it
        does not, sound ones go to where the source's next fetch finds them.

        Raises:
            ValidationError: what was fetched is no sound adapter.
            LorariumError, Cancelled: as of `Source.fetch`. Nothing of it stays in the store,
                whatever happened.
        """
        self._writable()
        key = uuid.uuid4().hex
        home = self._catalog.location
        with Staging(home.staging, key) as staging:
            target = home.adapters / f"{slug(name)}-{key[:8]}"
            fetched = source.fetch(fields, staging.folder, progress)
            sound = True
            try:
                progress(0, 0, "Checking")
                inspection = self._adapters.validator.inspect(str(staging.folder))
                sound = not blocks(inspection.findings)
                if not sound:
                    raise ValidationError(inspection.findings)
                staging.keep_as(target)
                yield _arrival(target, home.trash, inspection, fetched)
            except BaseException:
                if sound and fetched.keep is not None:
                    fetched.keep(target if target.is_dir() else staging.folder)
                # The copy is ours and no row points to it.
                shutil.rmtree(target, ignore_errors=True)
                raise


_IDENTITIES = ("huggingface_name", "cml_registered_model_id")
"""Fields that may be typed in other words than the server's own, which are what is stored."""


def _completed(request: AddAdapterRequest, fetched: Fetched) -> AddAdapterRequest:
    """With what the source found out: its own names, and what the person left empty."""
    given = {
        name: value
        for name, value in fetched.values.items()
        if value and (name in _IDENTITIES or getattr(request, name) is None)
    }
    return clean(replace(request, **given))


def _arrival(target: Path, trash: Path, inspection: FolderInspection, fetched: Fetched) -> Arrival:
    from desktop.services.peft_folder import fingerprint

    where = str(target)
    return Arrival(
        path=where,
        inspection=replace(inspection, path=where, fingerprint=fingerprint(where)),
        fetched=fetched,
        moved=(str(trash / target.name), where),
        extra={
            "managed": 1,
            "files": json.dumps(dict(fetched.files)),
            "revision": fetched.revision,
        },
    )


def slug(name: str) -> str:
    """A name as a part of a folder's name: ASCII letters, digits and dashes, 40 at most."""
    text = re.sub(r"[^A-Za-z0-9]+", "-", name.encode("ascii", "ignore").decode()).strip("-")
    return text[:40].strip("-").lower() or "adapter"
