"""Adapters: list, add, change, remove, check, and the dataset split of each."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from desktop.services.catalog import seen, store
from desktop.services.catalog.changes import Transaction
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import resolve
from desktop.services.catalog.schema import evaluation_jobs, folders
from desktop.services.catalog.trash import Trash
from desktop.services.errors import ConflictError, NotFoundError, ValidationError
from desktop.services.peft_folder import BaseFit
from desktop.services.progress import Progress, silent
from desktop.services.records import (
    ADAPTER_FIELDS,
    AdapterRecord,
    AddAdapterRequest,
    BaseModelRecord,
    DatasetSplit,
    Finding,
    FolderInspection,
    FolderState,
    JobRecord,
    LibraryRow,
    PromptRecord,
    Severity,
    blocks,
    errors_first,
)
from desktop.services.validation import (
    Validator,
    base_fit_of,
    clean,
    clean_name,
    free_name,
    name_stem,
    stored_values,
)


@dataclass(frozen=True)
class AdapterDetails:
    """Everything that is shown of one adapter. inspection: of the last look at its folder."""

    record: AdapterRecord
    split: DatasetSplit
    inspection: FolderInspection | None
    findings: tuple[Finding, ...]
    base_model: BaseModelRecord | None
    fit: BaseFit | None
    prompt: PromptRecord | None
    job: JobRecord | None
    checked_at: float | None


@dataclass(frozen=True)
class Removal:
    """What a removal did. jobs and evaluations: how many referred to the removed adapters."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    jobs: int
    evaluations: int
    managed: int


class Adapters:
    """The adapters of one catalogue."""

    def __init__(self, catalog: Catalog, trash: Trash) -> None:
        self._catalog = catalog
        self._trash = trash
        self.validator = Validator(catalog)

    # -- reading ---------------------------------------------------------------------------

    def list_adapters(self) -> list[AdapterRecord]:
        """Every adapter, by name."""
        return store.adapters(self._catalog)

    def list_rows(self, ids: Sequence[str] | None = None) -> list[LibraryRow]:
        """Rows of the big table (positions: `records.Row`): all, or those with these ids."""
        return store.rows(self._catalog, ids)

    def get_adapter(self, adapter_id: str) -> AdapterRecord:
        """One adapter.

        Raises:
            NotFoundError: no adapter has this id.
        """
        with self._catalog.read() as connection:
            row = self._catalog.row(connection, store.ADAPTERS, adapter_id)
            if row is None:
                raise _no_adapter()
            seen_row = self._catalog.row(connection, folders, adapter_id)
            base = store.title_of(self._catalog, connection, store.MODELS, row.get("model_id"))
            return store.adapter_record(self._catalog, row, seen_row, base)

    def get_dataset_split_by_adapter(self, adapter_id: str) -> DatasetSplit:
        """Which part of the dataset the adapter was trained on, and where each figure comes from.

        Raises:
            NotFoundError: no adapter has this id.
        """
        with self._catalog.read() as connection:
            row = self._catalog.row(connection, store.ADAPTERS, adapter_id)
            if row is None:
                raise _no_adapter()
            return store.split(self._catalog, connection, row)

    def get_split_by_name(self, name: str, job_id: str | None) -> DatasetSplit:
        """The split that an adapter of this name, linked to this job, would have."""
        row: dict[str, Any] = {"name": clean_name(name), "fine_tuning_job_id": job_id}
        with self._catalog.read() as connection:
            job = self._catalog.row(connection, store.JOBS, job_id) if job_id else None
            if job is not None and not job.get("adapter_name"):
                row["name"] = None  # linking will write the name into the job: show its figures
                return store.split_of_job(self._catalog, connection, job)
            return store.split(self._catalog, connection, row)

    def get_details(self, adapter_id: str) -> AdapterDetails:
        """Everything that is known of one adapter, from the catalogue alone.

        Raises:
            NotFoundError: no adapter has this id.
        """
        record = self.get_adapter(adapter_id)
        with self._catalog.read() as connection:
            read = self._catalog.row
            row = read(connection, store.ADAPTERS, adapter_id) or {}
            last = read(connection, folders, adapter_id) or {}
            model = read(connection, store.MODELS, record.model_id or "")
            base = store.base_model_record(model) if model else None
            prompt = read(connection, store.PROMPTS, record.prompt_id or "")
            job = read(connection, store.JOBS, record.fine_tuning_job_id or "")
            titles = store.titles(self._catalog, connection)
            split = store.split(self._catalog, connection, row)
        inspection = seen.inspection_from_json(last.get("inspection"))
        found = seen.findings_from_json(last.get("findings"))
        return AdapterDetails(
            record,
            split,
            inspection,
            errors_first((*found, *split.findings)),
            base,
            base_fit_of(inspection, base) if inspection is not None and base else None,
            store.prompt_record(prompt, titles.get(prompt.get("dataset_id") or ""))
            if prompt
            else None,
            store.job_record(job, titles) if job else None,
            last.get("checked_at"),
        )

    def free_name(self, wanted: str) -> str:
        """`wanted` if no adapter has it, else the nearest name that is free."""
        wanted = clean_name(wanted) or "adapter"
        with self._catalog.read() as connection:
            return free_name(wanted, store.names_like(connection, name_stem(wanted)))

    # -- checking --------------------------------------------------------------------------

    def validate(
        self,
        request: AddAdapterRequest,
        *,
        own_id: str | None = None,
        inspection: FolderInspection | None = None,
    ) -> tuple[Finding, ...]:
        """What adding (or changing `own_id` into) this would say; errors first. Changes nothing."""
        return self.validator.check(request, own_id=own_id, inspection=inspection)[0]

    def check_adapter(self, adapter_id: str) -> tuple[Finding, ...]:
        """Look at an adapter that is in: its folder, base model and links; errors first.

        The result is kept with the row (where the catalogue can be written), so that the table
        shows it without looking again.

        Raises:
            NotFoundError: no adapter has this id.
        """
        record = self.get_adapter(adapter_id)
        request = AddAdapterRequest(**{name: getattr(record, name) for name in ADAPTER_FIELDS})
        found, inspection = self.validator.check(request, own_id=adapter_id)
        split = self.get_dataset_split_by_adapter(adapter_id)
        # That another row has this folder was said when it was added; it is nothing to mend.
        found = tuple(f for f in found if f.code != "location_known")
        if inspection is not None and not self._catalog.read_only:
            state = FolderState.OK
            if not inspection.files and not os.path.isdir(inspection.path):
                state = FolderState.MISSING
            self._keep(adapter_id, inspection, (*found, *split.findings), state)
        return errors_first((*found, *split.findings))

    def check_adapters(self, ids: Sequence[str], progress: Progress | None = None) -> int:
        """Check several; returns how many have an error. One that is gone is passed over."""
        report = progress or silent
        broken = 0
        for done, adapter_id in enumerate(ids):
            report(done, len(ids), "")
            try:
                broken += blocks(self.check_adapter(adapter_id))
            except NotFoundError:
                continue
        report(len(ids), len(ids), "")
        return broken

    def _keep(
        self,
        adapter_id: str,
        inspection: FolderInspection,
        found: Sequence[Finding],
        state: FolderState,
    ) -> None:
        # A look is no change of the person's: it is not in the history.
        if state == FolderState.MISSING:
            values: dict[str, Any] = {"state": state}
        else:
            values = seen.inspection_values(inspection, found) | {"state": state}
        values["checked_at"] = time.time()
        with self._catalog.write(None) as transaction:
            if transaction.get(folders, adapter_id) is None:
                transaction.insert(folders, {"adapter_id": adapter_id})
            transaction.update(folders, adapter_id, values)

    def set_states(self, states: dict[str, FolderState]) -> list[str]:
        """Mark what a look at the folders saw; returns the ids whose mark changed."""
        changed = []
        with self._catalog.write(None) as transaction:
            for adapter_id, state in states.items():
                row = transaction.get(folders, adapter_id)
                if row is not None and row.get("state") == state:
                    continue
                if transaction.get(store.ADAPTERS, adapter_id) is None:
                    continue
                if row is None:
                    transaction.insert(folders, {"adapter_id": adapter_id})
                transaction.update(folders, adapter_id, {"state": state})
                changed.append(adapter_id)
        return changed

    def fingerprints(self) -> list[tuple[str, str | None, str | None, str]]:
        """(id, path, fingerprint of the last check, state) of every adapter."""
        root = self._catalog.location.root
        with self._catalog.read() as connection:
            last = {
                r["adapter_id"]: r
                for r in store.all_of(self._catalog, connection, folders)
            }
            return [
                (
                    row["id"],
                    resolve(row.get("location"), root),
                    (last.get(row["id"]) or {}).get("fingerprint"),
                    (last.get(row["id"]) or {}).get("state") or "unknown",
                )
                for row in store.all_of(self._catalog, connection, store.ADAPTERS)
            ]

    # -- changing --------------------------------------------------------------------------

    def add_adapter(
        self,
        request: AddAdapterRequest,
        *,
        inspection: FolderInspection | None = None,
        extra: dict[str, Any] | None = None,
        moved: tuple[str, str] | None = None,
    ) -> AdapterRecord:
        """Add an adapter whose folder is on this machine.

        inspection: what a source just read from the folder. extra: columns of ours (managed,
        files, revision). moved: (trash, store), where undo and redo move a managed folder.

        Raises:
            ValidationError: with every finding, if one of them blocks.
        """
        found, inspection = self.validator.check(request, inspection=inspection)
        if blocks(found):
            raise ValidationError(found)
        request = clean(request)
        adapter_id = str(uuid.uuid4())
        try:
            with self._catalog.write(f"Import “{request.name}”") as transaction:
                self._recheck(request, transaction, None)
                transaction.insert(
                    store.ADAPTERS, {"id": adapter_id, **stored_values(request)}
                )
                self._link_job(transaction, request.fine_tuning_job_id, request.name or "")
                values = {"adapter_id": adapter_id, "added_at": time.time(), **(extra or {})}
                if inspection is not None:
                    values |= seen.inspection_values(inspection, found)
                    values |= {"state": FolderState.OK, "checked_at": time.time()}
                transaction.insert(folders, values)
                if moved is not None:
                    transaction.moved(*moved)
        except IntegrityError as error:
            raise self._refusal(request, error) from error
        return self.get_adapter(adapter_id)

    def _recheck(
        self, request: AddAdapterRequest, transaction: Transaction, own_id: str | None
    ) -> None:
        # Somebody may have been faster since the rules were checked: once more, under the lock.
        found = self.validator.rules_without_files(
            request, transaction.connection, own_id=own_id
        )
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
        with self._catalog.write(_change_label(before, request)) as transaction:
            row = transaction.get(store.ADAPTERS, adapter_id)
            if row is None:
                raise _no_adapter()
            again = self.validator.rules_without_files(
                request, transaction.connection, own_id=adapter_id
            )
            again = [f for f in again if f.field in changes]
            if blocks(again):
                raise ValidationError(errors_first(again))
            self._rename_job(transaction, row, request)
            values = {k: v for k, v in stored_values(request).items() if k in changes}
            transaction.update(store.ADAPTERS, adapter_id, values)
            if "fine_tuning_job_id" in changes:
                self._link_job(transaction, request.fine_tuning_job_id, request.name or "")
            moved = request.location != before.location
            if inspection is not None and (moved or inspection.files):
                if transaction.get(folders, adapter_id) is None:
                    transaction.insert(folders, {"adapter_id": adapter_id})
                fresh = seen.inspection_values(inspection, found)
                if moved:
                    fresh |= {"state": FolderState.OK, "managed": 0, "files": None}
                transaction.update(folders, adapter_id, fresh)
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
        names: list[str] = []
        moves: list[tuple[str, str]] = []
        jobs = evaluations = 0
        with self._catalog.read() as connection:
            rows = [self._catalog.row(connection, store.ADAPTERS, i) for i in ids]
        if not ids or any(row is None for row in rows):
            raise _no_adapter()
        first = (rows[0] or {}).get("name") or ids[0]
        label = f"Remove “{first}”" if len(ids) == 1 else f"Remove {len(ids):,} adapters"
        with self._catalog.write(label) as transaction:
            for adapter_id in ids:
                row = transaction.get(store.ADAPTERS, adapter_id)
                if row is None:
                    raise _no_adapter()
                names.append(row.get("name") or adapter_id)
                jobs += self._release(transaction, store.JOBS, adapter_id)
                evaluations += self._release(transaction, evaluation_jobs, adapter_id)
                last = transaction.get(folders, adapter_id) or {}
                if last.get("managed"):
                    move = self._trash.plan(row.get("location") or "")
                    if move is not None:
                        transaction.moved(*move)
                        moves.append(move)
                transaction.delete(folders, adapter_id)
                transaction.delete(store.ADAPTERS, adapter_id)
        for source, target in moves:
            self._trash.move(source, target)
        return Removal(tuple(ids), tuple(names), jobs, evaluations, len(moves))

    def _release(self, transaction: Transaction, table: Any, adapter_id: str) -> int:
        if not transaction.has(table.name, "adapter_id"):
            return 0
        query = select(table.c.id).where(table.c.adapter_id == adapter_id)
        referring = [str(i) for i in transaction.connection.execute(query).scalars()]
        for key in referring:
            transaction.update(table, key, {"adapter_id": None})
        return len(referring)


def differences(known: FolderInspection, there: FolderInspection) -> list[str]:
    """In what two folders hold different adapters, in words; empty if they look the same."""
    pairs = (
        ("the type", known.peft_type, there.peft_type),
        ("the rank", known.rank, there.rank),
        ("the count of parameters", known.parameters, there.parameters),
        ("the count of tensors", known.tensor_count, there.tensor_count),
        ("the size of the weights", known.size_bytes, there.size_bytes),
        ("the contents of the weights", known.content_id or None, there.content_id or None),
        ("the base model", known.base_model_name, there.base_model_name),
    )
    return [f"{word} differs" for word, a, b in pairs if a is not None and a != b]


def _change_label(before: AddAdapterRequest, after: AddAdapterRequest) -> str:
    if before.name != after.name:
        return f"Rename “{before.name}”"
    return f"Change “{before.name}”"


def _no_adapter() -> NotFoundError:
    return NotFoundError(
        "There is no such adapter in the library.", "It may have been removed meanwhile."
    )
