"""Queries: rows of the catalogue in, frozen records out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Table, func, or_, select

from desktop.services.catalog.changes import chunks
from desktop.services.catalog.engine import Catalog
from desktop.services.catalog.paths import from_stored, resolve
from desktop.services.catalog.rows_sql import library_rows
from desktop.services.catalog.schema import (
    TABLES,
    Adapter,
    BaseModel,
    Dataset,
    FineTuningJob,
    Prompt,
    evaluation_jobs,
    folders,
    marks,
    origins,
)
from desktop.services.catalog.shared_rows import CHUNK, SharedRows
from desktop.services.records import (
    TRAINING_DEFAULT_DATASET_FRACTION,
    TRAINING_DEFAULT_TRAIN_TEST_SPLIT,
    AdapterRecord,
    BaseModelRecord,
    DatasetRecord,
    DatasetSplit,
    Finding,
    FolderState,
    JobRecord,
    LibraryRow,
    Origin,
    PromptRecord,
    Severity,
    tags_of,
)

ADAPTERS: Table = Adapter.__table__  # type: ignore[assignment]
MODELS: Table = BaseModel.__table__  # type: ignore[assignment]
DATASETS: Table = Dataset.__table__  # type: ignore[assignment]
PROMPTS: Table = Prompt.__table__  # type: ignore[assignment]
JOBS: Table = FineTuningJob.__table__  # type: ignore[assignment]

REFERENCES: tuple[tuple[str, str, str], ...] = (
    # (table that is referred to, table that refers, column)
    *(
        (next(iter(column.foreign_keys)).column.table.name, table.name, column.name)
        for table in (ADAPTERS, JOBS, PROMPTS)
        for column in table.columns
        if column.foreign_keys
    ),
    ("models", evaluation_jobs.name, "base_model_id"),
    ("datasets", evaluation_jobs.name, "dataset_id"),
    ("prompts", evaluation_jobs.name, "prompt_id"),
    ("adapters", evaluation_jobs.name, "adapter_id"),
)

_JOB_FIELDS = {f.name for f in fields(JobRecord)}


def rows(
    catalog: Catalog, ids: Sequence[str] | None = None, known: Iterable[LibraryRow] = ()
) -> list[LibraryRow]:
    """Rows of the big table: all, or those of the adapters with these ids. known: rows that are
    there already; those that are still so are given again, so that they are not held twice."""
    shared = SharedRows(known)
    with catalog.read() as connection:
        binary = '"C"' if connection.dialect.name == "postgresql" else ""
        if ids is None:
            sql = library_rows(catalog.columns, binary=binary)
            found: list[LibraryRow] = []
            for some in connection.exec_driver_sql(sql).partitions(CHUNK):
                found += shared.take(some)
            return found
        found = []
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        for piece in chunks(ids):
            where = f"a.id IN ({', '.join([mark] * len(piece))})"
            sql = library_rows(catalog.columns, where=where, binary=binary)
            found += shared.take(connection.exec_driver_sql(sql, tuple(piece)))
        return found


def all_of(catalog: Catalog, connection: Connection, table: Table) -> list[dict[str, Any]]:
    """Every row of a table as a mapping; none where an older catalogue lacks the table."""
    return list(each_of(catalog, connection, table))


def each_of(
    catalog: Catalog, connection: Connection, table: Table, names: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """The same one by one, while the connection is open: tens of thousands of jobs, of thirty
    columns each, are not to be held at once. names: of the columns that are wanted, () = all."""
    columns = [c for c in catalog.columns_of(table) if not names or c.name in names]
    if columns:
        for some in connection.execute(select(*columns)).mappings().partitions(CHUNK):
            yield from map(dict, some)


def adapter_record(
    catalog: Catalog,
    row: Mapping[str, Any],
    seen: Mapping[str, Any] | None,
    base: str | None,
    origin: Mapping[str, Any] | None = None,
    marked: Mapping[str, Any] | None = None,
) -> AdapterRecord:
    """A record from a row of `adapters` and, where there are some, of our own tables."""
    seen, marked = seen or {}, marked or {}
    stored = row.get("location")
    return AdapterRecord(
        id=row["id"],
        type=row.get("type") or "",
        name=row.get("name") or "",
        description=row.get("description"),
        huggingface_name=row.get("huggingface_name"),
        model_id=row.get("model_id"),
        location=from_stored(stored) if stored else stored,
        fine_tuning_job_id=row.get("fine_tuning_job_id"),
        prompt_id=row.get("prompt_id"),
        cml_registered_model_id=row.get("cml_registered_model_id"),
        mlflow_experiment_id=row.get("mlflow_experiment_id"),
        mlflow_run_id=row.get("mlflow_run_id"),
        path=resolve(stored, catalog.location.root),
        managed=bool(seen.get("managed")),
        added_at=seen.get("added_at"),
        state=FolderState(seen.get("state") or "unknown"),
        base_model_name=base,
        revision=seen.get("revision"),
        origin=origin_record(origin) if origin else None,
        favourite=bool(marked.get("favourite")),
        tags=tags_of(marked.get("tags")),
        notes=str(marked.get("notes") or ""),
    )


def origin_record(row: Mapping[str, Any]) -> Origin:
    """A record from a row of `lorarium_origins`."""
    try:
        given = json.loads(row.get("details") or "{}")
    except (ValueError, RecursionError):
        given = {}
    details = tuple((str(k), str(v)) for k, v in given.items()) if isinstance(given, dict) else ()
    texts = {
        name: row.get(name) or "" for name in ("server", "name", "revision", "subfolder", "version")
    }
    return Origin(**texts, newest=row.get("newest"), asked_at=row.get("asked_at"), details=details)


def origin_values(origin: Origin) -> dict[str, Any]:
    """The columns of `lorarium_origins`, but for the adapter's id."""
    texts = {
        name: getattr(origin, name) or None
        for name in ("server", "name", "revision", "subfolder", "version")
    }
    details = json.dumps(dict(origin.details)) if origin.details else None
    return {**texts, "newest": origin.newest, "asked_at": origin.asked_at, "details": details}


def adapters(catalog: Catalog) -> list[AdapterRecord]:
    """Every adapter, by name."""
    with catalog.read() as connection:
        seen = {r["adapter_id"]: r for r in all_of(catalog, connection, folders)}
        from_where = {r["adapter_id"]: r for r in all_of(catalog, connection, origins)}
        marked = {r["adapter_id"]: r for r in all_of(catalog, connection, marks)}
        titles = {r["id"]: base_model_record(r).title for r in all_of(catalog, connection, MODELS)}
        records = [
            adapter_record(
                catalog,
                r,
                seen.get(r["id"]),
                titles.get(r.get("model_id") or ""),
                from_where.get(r["id"]),
                marked.get(r["id"]),
            )
            for r in all_of(catalog, connection, ADAPTERS)
        ]
    return sorted(records, key=lambda record: (record.name.casefold(), record.id))


def base_model_record(row: Mapping[str, Any], adapter_count: int = 0) -> BaseModelRecord:
    """A record from a row of `models`."""
    stored = row.get("location")
    return BaseModelRecord(
        id=row["id"],
        type=row.get("type"),
        framework=row.get("framework"),
        name=row.get("name"),
        description=row.get("description"),
        huggingface_name=row.get("huggingface_model_name"),
        location=from_stored(stored) if stored else stored,
        cml_registered_model_id=row.get("cml_registered_model_id"),
        mlflow_experiment_id=row.get("mlflow_experiment_id"),
        mlflow_run_id=row.get("mlflow_run_id"),
        adapter_count=adapter_count,
    )


def base_models(catalog: Catalog) -> list[BaseModelRecord]:
    """Every base model with the count of its adapters, by title."""
    with catalog.read() as connection:
        counts: dict[str, int] = {}
        if catalog.has("adapters", "model_id"):
            column = ADAPTERS.c.model_id
            query = select(column, func.count()).group_by(column)
            counts = {key: count for key, count in connection.execute(query) if key}
        records = [
            base_model_record(row, counts.get(row["id"], 0))
            for row in all_of(catalog, connection, MODELS)
        ]
    return sorted(records, key=lambda record: (record.title.casefold(), record.id))


def dataset_record(row: Mapping[str, Any]) -> DatasetRecord:
    """A record from a row of `datasets`; features that are no list of words are left out."""
    try:
        listed = json.loads(row.get("features") or "[]")
    except (ValueError, RecursionError):
        listed = []
    names = tuple(str(n) for n in listed[:500]) if isinstance(listed, list) else ()
    return DatasetRecord(
        id=row["id"],
        type=row.get("type"),
        name=row.get("name"),
        description=row.get("description"),
        huggingface_name=row.get("huggingface_name"),
        location=row.get("location"),
        features=names,
    )


def prompt_record(row: Mapping[str, Any], dataset: str | None) -> PromptRecord:
    """A record from a row of `prompts`."""
    names = ("type", "name", "description", "dataset_id", "prompt_template", "input_template")
    given = {name: row.get(name) for name in (*names, "completion_template")}
    return PromptRecord(id=row["id"], dataset_name=dataset, **given)


def job_record(row: Mapping[str, Any], titles: Mapping[str, str]) -> JobRecord:
    """A record from a row of `fine_tuning_jobs`. titles: of models, datasets and prompts by id."""
    known = {k: v for k, v in row.items() if k in _JOB_FIELDS}
    extra = tuple(
        (key, str(value))
        for key, value in row.items()
        if key not in _JOB_FIELDS and value not in (None, "")
    )
    return JobRecord(
        **known,
        base_model_name=titles.get(row.get("base_model_id") or ""),
        dataset_name=titles.get(row.get("dataset_id") or ""),
        prompt_name=titles.get(row.get("prompt_id") or ""),
        extra=extra,
    )


def titles(catalog: Catalog, connection: Connection) -> dict[str, str]:
    """{id: title} of every base model, dataset and prompt."""
    named = {r["id"]: base_model_record(r).title for r in all_of(catalog, connection, MODELS)}
    named |= {r["id"]: dataset_record(r).title for r in all_of(catalog, connection, DATASETS)}
    named |= {r["id"]: r.get("name") or r["id"] for r in all_of(catalog, connection, PROMPTS)}
    return named


def title_of(catalog: Catalog, connection: Connection, table: Table, key: str | None) -> str | None:
    """The title of one base model, dataset, prompt, job or adapter; None if it is not there."""
    row = catalog.row(connection, table, key) if key else None
    if row is None:
        return None
    if table is MODELS:
        return base_model_record(row).title
    if table is DATASETS:
        return dataset_record(row).title
    if table is JOBS:
        return job_record(row, {}).title
    return str(row.get("name") or row["id"])


def matched_job(
    catalog: Catalog, connection: Connection, name: str | None, linked: str | None
) -> dict[str, Any] | None:
    """The job whose figures count for the adapter of this name: of several jobs that name it, the
    linked one, else the first by id (by code point, on every database)."""
    if not name or not catalog.has("fine_tuning_jobs", "adapter_name"):
        return None
    columns = catalog.columns_of(JOBS)
    found = connection.execute(select(*columns).where(JOBS.c.adapter_name == name)).mappings()
    jobs = [dict(row) for row in found]
    if not jobs:
        return None
    return next((j for j in jobs if j["id"] == linked), min(jobs, key=lambda j: str(j["id"])))


def split(catalog: Catalog, connection: Connection, row: Mapping[str, Any]) -> DatasetSplit:
    """The dataset split of a row of `adapters`."""
    job = matched_job(catalog, connection, row.get("name"), row.get("fine_tuning_job_id"))
    return DatasetSplit() if job is None else split_of_job(catalog, connection, job)


def _figure(value: Any) -> float | None:
    """A recorded figure; None where a foreign catalogue holds something that is no number."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def split_of_job(catalog: Catalog, connection: Connection, job: Mapping[str, Any]) -> DatasetSplit:
    """The split that a row of `fine_tuning_jobs` records, defaults for its empty fields."""
    fraction, part = _figure(job.get("dataset_fraction")), _figure(job.get("train_test_split"))
    found = [
        Finding(
            "fine_tuning_job_id",
            "figure_out_of_range",
            Severity.WARNING,
            f"The training job records a {word} of {figure:g}, outside 0 to 1.",
            "It is shown as it is and not drawn. Correct it in the job.",
        )
        for word, figure in (("dataset fraction", fraction), ("train/test split", part))
        if figure is not None and not 0 <= figure <= 1
    ]
    return DatasetSplit(
        TRAINING_DEFAULT_DATASET_FRACTION if fraction is None else fraction,
        TRAINING_DEFAULT_TRAIN_TEST_SPLIT if part is None else part,
        fraction is not None,
        part is not None,
        job["id"],
        job_record(job, {}).title,
        title_of(catalog, connection, DATASETS, job.get("dataset_id")),
        tuple(found),
    )


def users(
    catalog: Catalog, connection: Connection, table: str, key: str
) -> list[tuple[str, str, str]]:
    """What refers to a record: (kind, id, name), kind one of the tables' names."""
    found = []
    for target, referring, column in REFERENCES:
        if target != table or not catalog.has(referring, column):
            continue
        other = TABLES[referring]
        rows_ = connection.execute(
            select(*catalog.columns_of(other)).where(other.c[column] == key)
        ).mappings()
        for row in rows_:
            name = (
                job_record(dict(row), {}).title if other is JOBS else row.get("name") or row["id"]
            )
            found.append((referring, str(row["id"]), str(name)))
    return list(dict.fromkeys(found))


def named_adapter(connection: Connection, name: str, except_id: str | None) -> str | None:
    """The id of another adapter of this name."""
    query = select(ADAPTERS.c.id).where(ADAPTERS.c.name == name)
    if except_id is not None:
        query = query.where(ADAPTERS.c.id != except_id)
    found = connection.execute(query.limit(1)).scalar()
    return None if found is None else str(found)


def named_adapters(connection: Connection, names: Iterable[str]) -> list[tuple[str, str]]:
    """(id, name) of every adapter that has one of these names."""
    found: list[tuple[str, str]] = []
    for piece in chunks(names):
        query = select(ADAPTERS.c.id, ADAPTERS.c.name).where(ADAPTERS.c.name.in_(piece))
        found += [(str(key), str(name)) for key, name in connection.execute(query)]
    return found


def names_like(connection: Connection, stem: str) -> set[str]:
    """Names that begin with `stem`: what a free name must avoid."""
    query = select(ADAPTERS.c.name).where(ADAPTERS.c.name.startswith(stem, autoescape=True))
    return {str(name) for name in connection.execute(query).scalars() if name}


def at_location(connection: Connection, stored: Sequence[str], except_id: str | None) -> str | None:
    """The name of an adapter that is at one of these stored locations already."""
    query = select(ADAPTERS.c.name, ADAPTERS.c.id).where(
        or_(*(ADAPTERS.c.location == text for text in stored))
    )
    if except_id is not None:
        query = query.where(ADAPTERS.c.id != except_id)
    found = connection.execute(query.limit(1)).first()
    return None if found is None else str(found[0] or found[1])
