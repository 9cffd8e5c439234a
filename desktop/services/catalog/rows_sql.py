"""The one query behind the big table, as text: sqlite3 runs it before SQLAlchemy is even imported.

Its columns stand in the order of `records.Row`. The dataset split follows the rule of the design:
the job whose adapter_name is the adapter's name; of several the one that the adapter is linked to,
else the first by id; no job or an empty field: the training default, marked as assumed.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from desktop.services.kinds import (
    TRAINING_DEFAULT_DATASET_FRACTION,
    TRAINING_DEFAULT_TRAIN_TEST_SPLIT,
)

FOLDERS = "lorarium_adapters"
ORIGINS = "lorarium_origins"
MARKS = "lorarium_marks"


def base_title(models: Set[str]) -> str:
    """What a base model `m` is called; models: the columns of their table."""
    title = [
        f"nullif(m.{name}, '')"
        for name in ("name", "huggingface_model_name", "location", "cml_registered_model_id")
        if name in models
    ]
    return f"coalesce({', '.join([*title, 'm.id'])})" if models else "NULL"


def library_rows(
    columns: Mapping[str, Set[str]], *, where: str = "", jobs_where: str = "", binary: str = ""
) -> str:
    """The query for catalogues that have these tables and columns.

    columns: {table: its columns}; what an older catalogue lacks is read as NULL. where: a
    condition on `a` (adapters). jobs_where: a condition that all jobs of those adapters meet:
    the others need not be grouped. binary: a collation that orders ids by code point ("" on
    SQLite).
    """
    adapters = columns.get("adapters", frozenset())
    jobs = columns.get("fine_tuning_jobs", frozenset())
    models = columns.get("models", frozenset())
    seen = columns.get(FOLDERS, frozenset())

    def a(name: str) -> str:
        return f"a.{name}" if name in adapters else "NULL"

    def f(name: str, default: str = "NULL") -> str:
        if name not in seen:
            return default
        return f"f.{name}" if default == "NULL" else f"coalesce(f.{name}, {default})"

    base = base_title(models)
    # A newer version on the server is a note like any other.
    newer = "CASE WHEN o.newest <> o.version THEN 1 ELSE 0 END" if ORIGINS in columns else "0"
    named = "adapter_name" in jobs and "name" in adapters

    def figure(name: str, default: float) -> tuple[str, str]:
        if not named or name not in jobs:
            return f"{default!r}", "0"
        linked, first = f"jl.{name}", f"jf.{name}"
        value = f"CASE WHEN jl.id IS NOT NULL THEN {linked} ELSE {first} END"
        return f"coalesce({value}, {default!r})", f"CASE WHEN ({value}) IS NULL THEN 0 ELSE 1 END"

    fraction, fraction_recorded = figure("dataset_fraction", TRAINING_DEFAULT_DATASET_FRACTION)
    split, split_recorded = figure("train_test_split", TRAINING_DEFAULT_TRAIN_TEST_SPLIT)
    collate = f" COLLATE {binary}" if binary else ""
    joins = []
    if models:
        joins.append(f"LEFT JOIN models m ON m.id = {a('model_id')}")
    if seen:
        joins.append(f"LEFT JOIN {FOLDERS} f ON f.adapter_id = a.id")
    if ORIGINS in columns:
        joins.append(f"LEFT JOIN {ORIGINS} o ON o.adapter_id = a.id")
    if MARKS in columns:
        joins.append(f"LEFT JOIN {MARKS} k ON k.adapter_id = a.id")
    if named:
        also = f" AND {jobs_where}" if jobs_where else ""
        joins.append(
            f"LEFT JOIN fine_tuning_jobs jl ON jl.id = {a('fine_tuning_job_id')}"
            " AND jl.adapter_name = a.name"
            f" LEFT JOIN (SELECT adapter_name, min(id{collate}) AS id FROM fine_tuning_jobs"
            f" WHERE adapter_name <> ''{also} GROUP BY adapter_name) first_job"
            " ON first_job.adapter_name = a.name"
            " LEFT JOIN fine_tuning_jobs jf ON jf.id = first_job.id"
        )
    # The order is that of `Row`.
    fields = [
        "a.id",
        f"coalesce({a('name')}, '')",
        f"coalesce({a('type')}, '')",
        a("model_id"),
        base,
        f("variant"),
        f("rank"),
        f("parameters"),
        f("size_bytes"),
        fraction,
        split,
        fraction_recorded,
        split_recorded,
        f("state", "'unknown'"),
        f("errors", "0"),
        f("warnings", "0"),
        f"{f('notes', '0')} + {newer}",
        f("added_at"),
        a("location"),
        a("huggingface_name"),
        "coalesce(k.favourite, 0)" if MARKS in columns else "0",
        "k.tags" if MARKS in columns else "NULL",
        # Half of the hash tells a million adapters apart, and keeps the rows small.
        f"substr({f('content_id')}, 1, 32)" if "content_id" in seen else "NULL",
    ]
    condition = f" WHERE {where}" if where else ""
    return f"SELECT {', '.join(fields)} FROM adapters a {' '.join(joins)}{condition}"
