"""Reading adapters: the list, the rows of the big table, one in full, the dataset split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.services.catalog import seen, store
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.schema import folders, marks, origins
from desktop.services.errors import NotFoundError
from desktop.services.peft_folder import BaseFit
from desktop.services.records import (
    AdapterRecord,
    AdapterType,
    BaseModelRecord,
    DatasetSplit,
    Finding,
    FolderInspection,
    JobRecord,
    LibraryRow,
    PromptRecord,
    Severity,
    errors_first,
)
from desktop.services.validation import (
    Validator,
    base_fit_of,
    clean_name,
    free_name,
    name_stem,
)

NEWER_VERSION = "newer_version"
"""The code of the finding that the server has a newer version."""


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


class AdapterReader:
    """What can be asked about the adapters of one catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.validator = Validator(catalog)

    # -- reading ---------------------------------------------------------------------------

    def list_adapters(self) -> list[AdapterRecord]:
        """Every adapter, by name."""
        return store.adapters(self._catalog)

    def list_rows(
        self, ids: Sequence[str] | None = None, known: Iterable[LibraryRow] = ()
    ) -> list[LibraryRow]:
        """Rows of the big table (positions: `records.Row`): all, or those with these ids.
        known: rows that are there already; those that are still so are given again."""
        return store.rows(self._catalog, ids, known)

    def get_adapter(self, adapter_id: str) -> AdapterRecord:
        """One adapter.

        Raises:
            NotFoundError: no adapter has this id.
        """
        with self._catalog.read() as connection:
            row = self._catalog.row(connection, store.ADAPTERS, adapter_id)
            if row is None:
                raise no_adapter()
            seen_row = self._catalog.row(connection, folders, adapter_id)
            origin = self._catalog.row(connection, origins, adapter_id)
            base = store.title_of(self._catalog, connection, store.MODELS, row.get("model_id"))
            marked = self._catalog.row(connection, marks, adapter_id)
            return store.adapter_record(self._catalog, row, seen_row, base, origin, marked)

    def get_dataset_split_by_adapter(self, adapter_id: str) -> DatasetSplit:
        """Which part of the dataset the adapter was trained on, and where each figure comes from.

        Raises:
            NotFoundError: no adapter has this id.
        """
        with self._catalog.read() as connection:
            row = self._catalog.row(connection, store.ADAPTERS, adapter_id)
            if row is None:
                raise no_adapter()
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
        stored = seen.findings_from_json(last.get("findings"))
        # What a check said of the split may be mended by now; the split itself says it anew.
        found = [finding for finding in stored if finding.code != "figure_out_of_range"]
        return AdapterDetails(
            record,
            split,
            inspection,
            errors_first((*found, *split.findings, *origin_findings(record))),
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


def origin_findings(record: AdapterRecord) -> tuple[Finding, ...]:
    """What is to be said of where an adapter was fetched from."""
    origin = record.origin
    if origin is None or not origin.is_behind:
        return ()
    what = f"Version {origin.newest}"
    if record.type == AdapterType.HUGGINGFACE:
        what = f"Commit {(origin.newest or '')[:7]}"
    return (
        Finding(
            "huggingface_name"
            if record.type == AdapterType.HUGGINGFACE
            else "cml_registered_model_id",
            NEWER_VERSION,
            Severity.NOTE,
            f"There is a newer version. {what} is the newest now.",
            "Update fetches it, and keeps this one until the new one is whole.",
        ),
    )


def no_adapter() -> NotFoundError:
    """The refusal of an id that no adapter has."""
    return NotFoundError(
        "There is no such adapter in the library.", "It may have been removed meanwhile."
    )
