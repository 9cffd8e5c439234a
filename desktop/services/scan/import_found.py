"""Bringing what a scan found into the catalogue: one transaction, one step of undo.

The rules are those of docs/architecture.md, "The rules of an import". What they say of a folder the
scan has said already; what they say of names, base models and places is checked here under the
write lock, so that it holds whatever another window does meanwhile.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from desktop.services.base_models import BaseModels
from desktop.services.catalog import store
from desktop.services.catalog.changes import Transaction
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import to_stored
from desktop.services.catalog.schema import folders
from desktop.services.catalog.seen import (
    findings_values,
    inspection_from_json,
    inspection_json,
)
from desktop.services.errors import ConflictError
from desktop.services.peft_folder import cached_base_dir, inspect_folder, printable
from desktop.services.progress import Progress
from desktop.services.records import (
    AdapterRecord,
    AdapterType,
    BaseModelRecord,
    Finding,
    FolderInspection,
    FolderState,
    blocks,
    errors_first,
)
from desktop.services.scan.cache import read_inspections
from desktop.services.scan.import_checks import (
    Places,
    as_chosen,
    as_found,
    odd_values,
    stored_figure,
    stored_text,
)
from desktop.services.scan.known import BaseMatches, KnownAdapters
from desktop.services.scan.names import Names
from desktop.services.scan.own import own_folders
from desktop.services.scan.records import Found, FoundState, ImportedMany, Refused, ScanResult
from desktop.services.validation import (
    NAME_LIMIT,
    Validator,
    base_fit_of,
    clean_name,
    error,
    text_findings,
    warning,
)

_BETWEEN_REPORTS = 500


def import_found(
    catalog: Catalog,
    base_models: BaseModels,
    given: ScanResult | Sequence[Found],
    progress: Progress,
    chosen: Mapping[str, str],
) -> ImportedMany:
    """See `Scan.import_found`."""
    found = as_found(given)
    work = _Import(catalog, base_models, progress, as_chosen(chosen))
    progress(0, len(found), "")
    work.look_ahead(found)
    try:
        with catalog.write(None) as transaction:
            work.work(transaction, found)
    except IntegrityError as failure:
        raise ConflictError(
            "Somebody else changed the library at the same moment.",
            "Nothing was imported. Try again.",
        ) from failure
    return ImportedMany(tuple(work.records), tuple(work.refused), tuple(work.models))


class _Import:
    """One import while it is put together."""

    def __init__(
        self,
        catalog: Catalog,
        base_models: BaseModels,
        progress: Progress,
        chosen: Mapping[str, str],
    ) -> None:
        self.records: list[AdapterRecord] = []
        self.refused: list[Refused] = []
        self.models: list[str] = []
        self._catalog = catalog
        self._base_models = base_models
        self._progress = progress
        self._chosen = chosen
        self._validator = Validator(catalog)
        self._prepared: dict[str, tuple[dict[str, Any], tuple[Finding, ...]]] = {}
        self._has_files: dict[str, bool] = {}
        self._fits: dict[tuple[object, ...], tuple[Finding, ...]] = {}
        self._adapters: dict[str, dict[str, Any]] = {}
        self._folders: dict[str, dict[str, Any]] = {}

    def look_ahead(self, given: Sequence[Found]) -> None:
        """Before the lock: what the disk has to say of the folders, and of base models once for
        each name."""
        self._odd = {id(one): odd for one in given if (odd := odd_values(one))}
        found = [one for one in given if id(one) not in self._odd]
        able = [one for one in found if _may_come_in(one)]
        able = [one for one in able if not blocks(self._validator.location_rule(one.path))]
        self._places = Places(able, own_folders(self._catalog.location), self._progress)
        with self._catalog.read() as connection:
            matches = BaseMatches(self._known_models(connection))
            library = KnownAdapters(self._catalog, connection)
        # Those that the library has by another path. That asks disks, so not under the lock.
        self._linked = {
            id(one): library.at(one.path, one.fingerprint)
            for one in able
            if self._places.is_there(one)
        }
        self._inspections = _inspections(found)
        for one in found:
            named = one.base_model_name
            if not named or named in self._prepared or named in self._chosen:
                continue
            if matches.id_of(named) is None:
                self._prepared[named] = self._base_models.prepared(named)

    def work(self, transaction: Transaction, found: Sequence[Found]) -> None:
        """Under the lock: every rule once more, then the rows."""
        connection = transaction.connection
        self._transaction = transaction
        self._library = KnownAdapters(self._catalog, connection)
        self._names = Names(self._library.names)
        self._bases = {model.id: model for model in self._known_models(connection)}
        self._matches = BaseMatches(list(self._bases.values()))
        self._paths: set[str] = set()
        now = time.time()
        for number, one in enumerate(found):
            if not number % _BETWEEN_REPORTS:
                self._progress(number, len(found), "Checking")
            findings = self._refusal(one)
            base = None if findings else self._base_of(one)
            if base is None:
                findings = findings or self._no_base(one)
                self.refused.append(Refused(one, tuple(findings)))
                continue
            self._paths.add(self._places.real(one))
            self._add(one, base, now)
        self._progress(len(found), len(found), "Writing")
        if self._adapters:
            transaction.insert_many(store.ADAPTERS, self._adapters)
            transaction.insert_many(folders, self._folders)
            count = len(self._adapters)
            only = self.records[0].name
            short = only if len(only) <= 60 else f"{only[:59]}…"
            transaction.record(f"Import “{short}”" if count == 1 else f"Import {count:,} adapters")

    def _known_models(self, connection: Connection) -> list[BaseModelRecord]:
        rows = store.all_of(self._catalog, connection, store.MODELS)
        models = [store.base_model_record(row) for row in rows]
        return sorted(models, key=lambda model: (model.title.casefold(), model.id))

    # -- rules -----------------------------------------------------------------------------

    def _refusal(self, one: Found) -> list[Finding]:
        """Why this folder can't come in, whatever its base model; nothing if it can."""
        odd = self._odd.get(id(one))
        if odd:
            return odd
        real = self._places.real(one)
        known = self._library.at(one.path, "", real) or self._linked.get(id(one))
        if known is not None and known.id not in self._library.ids:
            known = None  # removed at this moment
        if known is not None or real in self._paths:
            called = "" if known is None else f", as “{printable(known.name)}”"
            return [
                warning(
                    "location", "location_known", f"This folder is in the library already{called}."
                )
            ]
        if one.state == FoundState.GONE:
            return [error("location", "folder_missing", "This folder is not there any more.")]
        if one.state == FoundState.NOT_PEFT:
            what = one.looks_like or "something else"
            return [
                error("location", "not_peft", f"This looks like {what}, which PEFT does not load.")
            ]
        if not one.full:
            return [
                error(
                    "location",
                    "quick_look",
                    "This folder was only listed.",
                    "Scan it with every finding, then import it.",
                )
            ]
        if one.errors:
            said = "A scan saw errors in this folder."
            return list(one.findings) or [error("location", "broken", said, "Scan it again.")]
        found = self._validator.location_rule(one.path) or self._places.refusal(one)
        if not one.name.isprintable() or len(one.name) > NAME_LIMIT:
            found += text_findings("name", clean_name(one.name))
        return found if blocks(found) else []

    def _base_of(self, one: Found) -> BaseModelRecord | None:
        """The base model of a found adapter, added where it is new; None where there is none."""
        named = one.base_model_name or ""
        if named in self._chosen:
            return self._bases.get(self._chosen[named])
        if not named and one.base_model_id:  # the config names none, and somebody chose one
            return self._bases.get(one.base_model_id)
        key = self._matches.id_of(named)
        if key is None:
            values, findings = self._prepared.get(named, ({}, ()))
            if not values or blocks(findings):
                return None
            key = str(uuid.uuid4())
            self._transaction.insert(store.MODELS, {"id": key, **values})
            self.models.append(key)
            self._bases[key] = store.base_model_record({"id": key, **values})
            self._matches = BaseMatches(list(self._bases.values()))
        return self._bases.get(key)

    def _no_base(self, one: Found) -> list[Finding]:
        named = one.base_model_name or ""
        if named in self._chosen or (not named and one.base_model_id):
            return [
                error(
                    "model_id",
                    "unknown_base_model",
                    "This base model is not in the library.",
                    "Choose another one, or add it first.",
                )
            ]
        if not named:
            return [
                error(
                    "model_id",
                    "required",
                    "The config names no base model.",
                    "Choose one, then import it.",
                )
            ]
        return [
            error(
                "model_id",
                "unknown_base_model",
                f"The base model that the config names, “{printable(named, 80)}”, is not here.",
                "Add it first, or choose another one.",
            )
        ]

    def _said(self, one: Found, base: BaseModelRecord) -> dict[str, Any]:
        """The columns for the findings: those of the scan, and what rule 3 says of the base."""
        more = self._fit(one, base)
        if more:
            return findings_values(errors_first((*one.findings, *more)))
        return {
            "errors": one.errors,
            "warnings": one.warnings,
            "notes": one.notes,
            "findings": stored_text(one.findings_text),
        }

    def _fit(self, one: Found, base: BaseModelRecord) -> tuple[Finding, ...]:
        """Whether the base model fits, worked out once for adapters that are alike in it."""
        if one.tensor_count is None:
            return ()
        if base.id not in self._has_files:
            hub_name = base.huggingface_name
            self._has_files[base.id] = bool(
                base.location or (hub_name and cached_base_dir(hub_name))
            )
        inspection = FolderInspection(one.path, base_model_name=one.base_model_name)
        if self._has_files[base.id]:  # then the shapes count too
            inspection = inspection_from_json(self._inspection(one)) or inspection
        key = (base.id, one.base_model_name, inspection.tensor_widths, inspection.layer_count)
        if key not in self._fits:
            self._fits[key] = base_fit_of(inspection, base).findings
        return self._fits[key]

    def _inspection(self, one: Found) -> str:
        return one.inspection_text or self._inspections.get(one.path, "")

    # -- rows ------------------------------------------------------------------------------

    def _add(self, one: Found, base: BaseModelRecord, now: float) -> None:
        key = str(uuid.uuid4())
        name = self._names.free(one.name)
        self._adapters[key] = {
            "id": key,
            "type": AdapterType.PROJECT.value,
            "name": name,
            "model_id": base.id,
            "location": to_stored(one.path),
        }
        self._folders[key] = {
            "adapter_id": key,
            "added_at": now,
            "fingerprint": stored_text(one.fingerprint),
            "peft_type": stored_text(one.peft_type),
            "variant": stored_text(one.variant),
            "rank": stored_figure(one.rank),
            "parameters": stored_figure(one.parameters),
            "tensor_count": stored_figure(one.tensor_count),
            "size_bytes": stored_figure(one.size_bytes),
            "content_id": stored_text(one.content_id) or None,
            **self._said(one, base),
            "inspection": stored_text(self._inspection(one)),
            "state": FolderState.OK.value,
            "checked_at": now,
        }
        self.records.append(
            AdapterRecord(
                key,
                AdapterType.PROJECT.value,
                name,
                model_id=base.id,
                location=one.path,
                path=one.path,
                added_at=now,
                state=FolderState.OK,
                base_model_name=base.title,
            )
        )


def _may_come_in(one: Found) -> bool:
    """Whether it is worth looking at the folder: the others are refused for what the scan said."""
    listed = one.state in (FoundState.GONE, FoundState.NOT_PEFT)
    return one.full and not one.errors and not listed


def _inspections(found: Sequence[Found]) -> dict[str, str]:
    """{folder: inspection} of those that have it in the scan's cache, all in one go."""
    wanted: dict[str, dict[str, str]] = {}
    for one in found:
        if one.full and one.cache and not one.inspection_text:
            wanted.setdefault(one.cache, {})[one.path] = one.fingerprint
    texts: dict[str, str] = {}
    for cache, folders_ in wanted.items():
        texts |= read_inspections(cache, folders_)
        for path in folders_.keys() - texts.keys():  # somebody deleted the cache meanwhile
            texts[path] = inspection_json(inspect_folder(path))
    return texts
