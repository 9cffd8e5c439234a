"""Rows for tests of the library table, and the plain way to filter and sort them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import strategies as st

from desktop.models.columns import COLUMN, COLUMNS
from desktop.models.filter_language import parse
from desktop.models.row_query import Facets, Known, fold
from desktop.models.row_terms import admits
from desktop.services.records import LibraryRow, Row

NOW = 1_795_000_000.0


def make_row(row_id: str, name: str = "sql", **values: Any) -> LibraryRow:
    """A row with the fields of `Row` by their names in lower case, the rest as in a quiet row."""
    row: list[Any] = [None] * Row.WIDTH
    row[Row.ID], row[Row.NAME], row[Row.TYPE] = row_id, name, "project"
    row[Row.FRACTION], row[Row.SPLIT] = 1.0, 0.9
    row[Row.FRACTION_RECORDED] = row[Row.SPLIT_RECORDED] = 0
    row[Row.STATE] = "ok"
    row[Row.ERRORS] = row[Row.WARNINGS] = row[Row.NOTES] = row[Row.FAVOURITE] = 0
    for key, value in values.items():
        row[getattr(Row, key.upper())] = value
    return tuple(row)


def plain(
    rows: dict[str, LibraryRow], text: str, facets: Facets, column: int, descending: bool
) -> list[str]:
    """Ids of the rows that answer, in order, with nothing clever about it."""
    question = parse(text)
    known = Known(NOW, Counter(row[Row.CONTENT] for row in rows.values()))
    found = [
        row
        for row in rows.values()
        if _holds(row, question.words)
        and all(admits(term, row, known) for term in question.terms)
        and facets.admits(row, known)
    ]
    found.sort(key=lambda row: (row[Row.NAME].casefold(), row[Row.ID]))
    value = COLUMNS[column].value
    known = [row for row in found if value(row) is not None]
    known.sort(key=value, reverse=descending)
    return [row[Row.ID] for row in known + [row for row in found if value(row) is None]]


def _holds(row: LibraryRow, words: tuple[str, ...]) -> bool:
    fields = [row[at] for at in (Row.NAME, Row.BASE_MODEL, Row.LOCATION, Row.HUGGINGFACE_NAME)]
    folded = [fold(field) for field in (*fields, *(row[Row.TAGS] or "").split("\n"))]
    return all(any(word in field for field in folded) for word in words)


_NAMES = st.sampled_from(
    ["", "sql", "SQL", "sql-v2", "Straße", "strasse", "café", "cafe\u0301", "chat", "a b", "zeta"]
)
_SMALL = st.one_of(st.none(), st.integers(0, 3))

ROWS = st.builds(
    make_row,
    st.sampled_from([f"id-{n}" for n in range(12)]),
    _NAMES,
    type=st.sampled_from(["project", "huggingface", "model_registry", "space"]),
    model_id=st.sampled_from([None, "m1", "m2"]),
    base_model=st.sampled_from([None, "meta-llama/Llama-3.1-8B", "gpt2", "/data/SQL-base"]),
    peft_type=st.sampled_from([None, "LoRA", "DoRA", "IA³"]),
    rank=_SMALL,
    parameters=st.one_of(st.none(), st.integers(0, 10**12)),
    size=_SMALL,
    fraction=st.sampled_from([0.25, 1.0, 1.5]),
    split=st.sampled_from([0.8, 0.9]),
    fraction_recorded=st.integers(0, 1),
    split_recorded=st.integers(0, 1),
    state=st.sampled_from(["ok", "changed", "missing", "unreachable", "unknown"]),
    errors=st.integers(0, 2),
    warnings=st.integers(0, 2),
    notes=st.integers(0, 2),
    added=st.one_of(st.none(), st.sampled_from([NOW, NOW - 86_400 * 5, NOW - 86_400 * 40])),
    location=st.sampled_from([None, "/data/runs/sql", "/data/Zeta"]),
    huggingface_name=st.sampled_from([None, "org/chat-sql"]),
    favourite=st.integers(0, 1),
    tags=st.sampled_from([None, "prod", "Prod\nSQL", "alpha\nprototype"]),
    content=st.sampled_from([None, "c1", "c2", "c3", "c4"]),
)

TERMS = st.sampled_from(
    [
        *(
            "base:llama",
            "base:ll",
            "rank>1",
            "rank>=2",
            "-rank>1",
            "tag:pro",
            "tag:prod",
            "-tag:prod",
        ),
        *(
            "missing",
            "-missing",
            "favourite",
            "-favourite",
            "problems",
            "duplicates",
            "-duplicates",
        ),
        *("added<30d", "added<7d", "added>30d", "type:dora", "source:hub", "size>0", "params>1M"),
        *("errors>0", "-sql", '"sql v"', "name:sql", "-s", "rank:2", "base:"),
    ]
)

TEXTS = st.one_of(
    st.sampled_from(
        ["", "s", "sq", "sql", "sql v", "llama", "GPT2 sql", "é", "e\u0301", "ss", "/"]
    ),
    st.text(alphabet="sqlSQ ßé2-", max_size=5),
    st.lists(TERMS, max_size=3).map(" ".join),
)

FACETS = st.builds(
    Facets,
    sources=st.frozensets(st.sampled_from(["project", "huggingface"])),
    base_models=st.frozensets(st.sampled_from([None, "m1"])),
    types=st.frozensets(st.sampled_from([None, "LoRA"])),
    problems=st.frozensets(st.sampled_from(["errors", "warnings", "notes", "none"])),
    missing=st.booleans(),
    added_days=st.sampled_from([None, None, 30, 1]),
    favourite=st.sampled_from([False, False, True]),
    duplicates=st.sampled_from([False, False, True]),
)

SORTS = st.tuples(st.sampled_from(list(COLUMN.values())), st.booleans())

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("replace"), st.lists(ROWS, max_size=12)),
        st.tuples(st.just("upsert"), st.lists(ROWS, max_size=4)),
        st.tuples(st.just("remove"), st.lists(st.sampled_from([f"id-{n}" for n in range(12)]))),
        st.tuples(st.just("filter"), TEXTS),
        st.tuples(st.just("facets"), FACETS),
        st.tuples(st.just("sort"), SORTS),
    ),
    max_size=12,
)
"""What may happen to a library, in any order."""
