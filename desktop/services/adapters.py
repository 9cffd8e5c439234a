"""Adapters: list, add, change, remove, check, and the dataset split of each."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from desktop.services.adapter_checks import AdapterChecks, differences
from desktop.services.adapter_reading import AdapterDetails, no_adapter
from desktop.services.catalog import seen, store
from desktop.services.catalog.changes import Transaction
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import from_stored
from desktop.services.catalog.schema import evaluation_jobs, folders, marks, origins
from desktop.services.catalog.trash import Trash
from desktop.services.errors import ConflictError, ValidationError
from desktop.services.records import (
    ADAPTER_FIELDS,
    AdapterRecord,
    AddAdapterRequest,
    BaseModelRecord,
    Finding,
    FolderInspection,
    FolderState,
    Origin,
    Severity,
    blocks,
    errors_first,
)
from desktop.services.validation import (
    clean,
    stored_values,
    unknown_base_model,
)

__all__ = ["AdapterDetails", "Adapters", "Removal"]


@dataclass(frozen=True)
class Removal:
    """What a removal did. jobs and evaluations: how many referred to the removed adapters."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    jobs: int
    evaluations: int
    managed: int


class Adapters(AdapterChecks):
    """The adapters of one catalogue."""

    def __init__(self, catalog: Catalog, trash: Trash) -> None:
        super().__init__(catalog)
        self._trash = trash

    def add_adapter(
        self,
        request: AddAdapterRequest,
        *,
        inspection: FolderInspection | None = None,
        extra: dict[str, Any] | None = None,
        moved: tuple[str, str] | None = None,
        origin: Origin | None = None,
        job: Mapping[str, Any] | None = None,
    ) -> AdapterRecord:
        """Add an adapter whose folder is on this machine.

        inspection: what a source just read from the folder. extra: columns of ours (managed,
        files, revision). moved: (trash, store), where undo and redo move a managed folder. origin:
        the server that it was fetched from. job: columns of a training job that is recorded with
        it and linked to it, unless the request links another one.

        Raises:
            ValidationError: with every finding, if one of them blocks.
        """
        found, inspection = self.validator.check(request, inspection=inspection)
        if blocks(found):
            raise ValidationError(found)
        request = clean(request)
        adapter_id = str(uuid.uuid4())
        try:
            with self._catalog.write(f"Import “{_short(request.name)}”") as transaction:
                self._recheck(request, transaction, None)
                if job is not None and not request.fine_tuning_job_id:
                    made = _new_job(transaction, request, job)
                    request = replace(request, fine_tuning_job_id=made)
                transaction.insert(store.ADAPTERS, {"id": adapter_id, **stored_values(request)})
                self._link_job(transaction, request.fine_tuning_job_id, request.name or "")
                values = {"adapter_id": adapter_id, "added_at": time.time(), **(extra or {})}
                if inspection is not None:
                    values |= seen.inspection_values(inspection, found)
                    values |= {"state": FolderState.OK, "checked_at": time.time()}
                transaction.insert(folders, values)
                if origin is not None:
                    values = {"adapter_id": adapter_id, **store.origin_values(origin)}
                    transaction.insert(origins, values)
                if moved is not None:
                    transaction.moved(*moved)
        except IntegrityError as error:
            raise self._refusal(request, error) from error
        return self.get_adapter(adapter_id)

    def _recheck(
        self, request: AddAdapterRequest, transaction: Transaction, own_id: str | None
    ) -> None:
        # Somebody may have been faster since the rules were checked: once more, under the lock.
        found = self.validator.rules_without_files(request, transaction.connection, own_id=own_id)
        if blocks(found):
            raise ValidationError(errors_first(found))

    def _refusal(self, request: AddAdapterRequest, error: Exception) -> ValidationError:
        found = self.validate(request)
        if not blocks(found):
            raise error
        return ValidationError(found)

    def _link_job(self, transaction: Transaction, job_id: str | None, name: str) -> None:
        """A linked job that names no adapter gets this one's name, so that its figures count."""
        if not job_id or not transaction.has("fine_tuning_jobs", "adapter_name"):
            return
        job = transaction.get(store.JOBS, job_id)
        if job is not None and not (job.get("adapter_name") or "").strip():
            transaction.update(store.JOBS, job_id, {"adapter_name": name})

    def update_adapter(self, adapter_id: str, **changes: Any) -> AdapterRecord:
        """Change fields of an adapter, by the same rules as adding. Empty = not given any more.

        Raises:
            NotFoundError: no adapter has this id.
            ValidationError: with every finding, if one of them blocks.
            TypeError: a field that can't be changed (`type`) or does not exist.
        """
        unknown = sorted(set(changes) - (set(ADAPTER_FIELDS) - {"type"}))
        if unknown:
            raise TypeError(f"update_adapter can't change {', '.join(unknown)}.")
        record = self.get_adapter(adapter_id)
        before = AddAdapterRequest(**{name: getattr(record, name) for name in ADAPTER_FIELDS})
        request = clean(replace(before, **changes))
        found, inspection = self._check_change(before, request, adapter_id)
        mine = [f for f in found if f.severity != Severity.ERROR or f.field in changes]
        if blocks(mine):
            raise ValidationError(errors_first(mine))
        label = _change_label(before, request)
        with self._trash.moving() as move, self._catalog.write(label) as transaction:
            row = transaction.get(store.ADAPTERS, adapter_id)
            if row is None:
                raise no_adapter()
            again = self.validator.rules_without_files(
                request, transaction.connection, own_id=adapter_id
            )
            again = [f for f in again if f.field in changes]
            if blocks(again):
                raise ValidationError(errors_first(again))
            self._rename_job(transaction, row, request)
            values = {k: v for k, v in stored_values(request).items() if k in changes}
            transaction.update(store.ADAPTERS, adapter_id, values)
            if request.name != before.name:
                self._note_twins(transaction, [before.name or ""])
            if "fine_tuning_job_id" in changes:
                self._link_job(transaction, request.fine_tuning_job_id, request.name or "")
            moved = request.location != before.location
            if inspection is not None and (moved or inspection.files):
                if transaction.get(folders, adapter_id) is None:
                    transaction.insert(folders, {"adapter_id": adapter_id})
                fresh = seen.inspection_values(inspection, found)
                if moved:
                    fresh |= {"state": FolderState.OK, "managed": 0, "files": None}
                    if record.managed:
                        self.give_up(transaction, row.get("location"))
                transaction.update(folders, adapter_id, fresh)
            for source, target in transaction.moves:
                move(source, target)
        return self.get_adapter(adapter_id)

    def _check_change(
        self, before: AddAdapterRequest, request: AddAdapterRequest, adapter_id: str
    ) -> tuple[tuple[Finding, ...], FolderInspection | None]:
        # A folder that is away must not keep a person from renaming its row: it is looked at only
        # where folder or base model change.
        if request.location != before.location or request.model_id != before.model_id:
            return self.validator.check(request, own_id=adapter_id)
        with self._catalog.read() as connection:
            found = self.validator.rules_without_files(request, connection, own_id=adapter_id)
        return tuple(found), None

    def _rename_job(
        self, transaction: Transaction, row: dict[str, Any], request: AddAdapterRequest
    ) -> None:
        """Take the job whose figures count along with a new name, so that the answer survives."""
        old, new = row.get("name"), request.name
        if not new or old == new:
            return
        linked = row.get("fine_tuning_job_id")
        connection = transaction.connection
        job = store.matched_job(self._catalog, connection, old, linked)
        if job is None:
            return
        transaction.update(store.JOBS, job["id"], {"adapter_name": new})
        now = store.matched_job(self._catalog, connection, new, request.fine_tuning_job_id)
        if now is not None and now["id"] != job["id"] and not request.fine_tuning_job_id:
            # Another job has the new name already: the link says which of the two counts.
            transaction.update(store.ADAPTERS, row["id"], {"fine_tuning_job_id": job["id"]})

    def set_base_model(self, ids: Sequence[str], model_id: str) -> int:
        """Say which base model adapters belong to, in one step; returns how many had another one.

        Whether it fits is told by what was last seen in their folders: none of them is read, so
        that one whose drive is away can be put right, too.

        Raises:
            NotFoundError: one of the ids is not there; nothing is changed.
            ValidationError: there is no such base model.
        """
        ids = list(dict.fromkeys(ids))
        with self._catalog.read() as connection:
            row = self._catalog.row(connection, store.MODELS, model_id)
            first = self._catalog.row(connection, store.ADAPTERS, ids[0]) if ids else None
        if row is None:
            raise ValidationError([unknown_base_model()])
        if first is None:
            raise no_adapter()
        base = store.base_model_record(row)
        what = (
            f"“{_short(first.get('name') or ids[0])}”"
            if len(ids) == 1
            else f"{len(ids):,} adapters"
        )
        label = f"Set the base model of {what} to “{_short(base.title)}”"
        with self._catalog.write(label) as transaction:
            rows = transaction.get_many(store.ADAPTERS, ids)
            if len(rows) != len(ids):
                raise no_adapter()
            others = [key for key in ids if rows[key].get("model_id") != model_id]
            if not others:
                return 0
            transaction.update_many(store.ADAPTERS, {key: {"model_id": model_id} for key in others})
            fits = self._fits(transaction.get_many(folders, others), base)
            if fits:
                transaction.update_many(folders, fits)
        return len(others)

    def _fits(
        self, last: Mapping[str, Mapping[str, Any]], base: BaseModelRecord
    ) -> dict[str, dict[str, Any]]:
        """What a look at each folder would say of this base model, in the columns for it."""
        known: dict[FolderInspection, list[Finding]] = {}
        fits = {}
        for key, row in last.items():
            inspection = seen.inspection_from_json(row.get("inspection"))
            if inspection is None:
                continue
            # Checkpoints of one training differ in nothing that a base model could fit or not.
            alike = replace(
                inspection, path="", fingerprint="", content_id="", files=(), training_bytes=0
            )
            if alike not in known:
                known[alike] = self.validator.base_findings(inspection, base)
            before = seen.findings_from_json(row.get("findings"))
            now = errors_first([f for f in before if f.field != "model_id"] + known[alike])
            fits[key] = seen.findings_values(now)
        return fits

    def relocate(self, adapter_id: str, location: str, *, force: bool = False) -> AdapterRecord:
        """Point an adapter to the place where its folder is now.

        Raises:
            ConflictError: another adapter lies there; `force` takes it all the same.
            ValidationError: there is no sound adapter in that folder.
        """
        with self._catalog.read() as connection:
            last = self._catalog.row(connection, folders, adapter_id) or {}
        known = seen.inspection_from_json(last.get("inspection"))
        if known is not None and not force:
            there = self.validator.inspect(location)
            differs = differences(known, there)
            if differs and not blocks(there.findings):
                raise ConflictError(
                    f"Another adapter is in this folder: {', '.join(differs)}.",
                    "Choose the folder that holds this adapter, or take it as the new one.",
                )
        return self.update_adapter(adapter_id, location=location)

    def remove_adapter(self, adapter_id: str) -> Removal:
        """Remove an adapter from the catalogue; its files stay, except those that Lorarium made,
        which go to its trash. `history.undo()` brings it back.

        Raises:
            NotFoundError: no adapter has this id.
        """
        return self.remove_adapters([adapter_id])

    def remove_adapters(self, ids: Sequence[str]) -> Removal:
        """Remove several in one step; all or none.

        Raises:
            NotFoundError: one of the ids is not there.
        """
        ids = list(dict.fromkeys(ids))
        with self._catalog.read() as connection:
            first = self._catalog.row(connection, store.ADAPTERS, ids[0]) if ids else None
        if first is None:
            raise no_adapter()
        managed = 0
        label = f"Remove {len(ids):,} adapters"
        if len(ids) == 1:
            label = f"Remove “{_short(first.get('name') or ids[0])}”"
        with self._trash.moving() as move, self._catalog.write(label) as transaction:
            rows = transaction.get_many(store.ADAPTERS, ids)
            if len(rows) != len(ids):
                raise no_adapter()
            jobs = transaction.release(store.JOBS, "adapter_id", ids)
            evaluations = transaction.release(evaluation_jobs, "adapter_id", ids)
            last = transaction.get_many(folders, ids)
            transaction.delete_many(folders, ids)
            transaction.delete_many(origins, ids)
            transaction.delete_many(marks, ids)
            transaction.delete_many(store.ADAPTERS, ids)
            names = {key: row.get("name") or key for key, row in rows.items()}
            self._note_twins(transaction, names.values())
            for key in ids:
                if last.get(key, {}).get("managed"):
                    managed += self.give_up(transaction, rows[key].get("location"))
            # Last, so that a refusal of the database moves nothing.
            for source, target in transaction.moves:
                move(source, target)
        gone = tuple(names[key] for key in ids)
        return Removal(tuple(ids), gone, jobs, evaluations, managed)

    def _note_twins(self, transaction: Transaction, names: Iterable[str]) -> None:
        """In a studio's catalogue two adapters may have one name: undo may bring that back."""
        found = store.named_adapters(transaction.connection, set(names))
        transaction.twins += sorted({name for _, name in found})

    def give_up(self, transaction: Transaction, stored: str | None) -> bool:
        """Note that a managed folder leaves the store; not while another row is there, too."""
        move = self._trash.plan(from_stored(stored or ""))
        if move is None or store.at_location(transaction.connection, [stored or ""], None):
            return False
        transaction.moved(*move)
        return True


def _new_job(
    transaction: Transaction, request: AddAdapterRequest, columns: Mapping[str, Any]
) -> str:
    """Record the training job of an adapter that is about to be added; returns its id."""
    job_id = str(uuid.uuid4())
    there = {name: v for name, v in columns.items() if transaction.has(store.JOBS.name, name)}
    row = {**there, "id": job_id, "base_model_id": request.model_id}
    if transaction.has(store.JOBS.name, "adapter_name"):
        row["adapter_name"] = request.name
    transaction.insert(store.JOBS, row)
    return job_id


def _change_label(before: AddAdapterRequest, after: AddAdapterRequest) -> str:
    word = "Change" if before.name == after.name else "Rename"
    return f"{word} “{_short(before.name)}”"


def _short(name: str | None) -> str:
    # What a step is called stands on a line, and in the history.
    name = name or ""
    return name if len(name) <= 80 else f"{name[:79]}…"
