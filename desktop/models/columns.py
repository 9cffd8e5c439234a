"""The columns of the library as data: what a cell says, what it sorts by, how it stands.

No widget and no index: a column is asked about one `LibraryRow` at a time. A foreign catalogue may
hold text where a figure belongs, so no function here relies on what kind of value it gets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from desktop.models.column_problems import (
    problems_icon,
    problems_more,
    problems_said,
    problems_text,
    problems_value,
)
from desktop.models.formats import (
    NO_BREAK,
    UNKNOWN,
    base_title,
    bytes_text,
    date_text,
    moment_text,
    number_of,
    one_line,
    parameters_text,
    percent_text,
    size_text,
    source_icon,
    source_title,
    split_text,
    whole_text,
)
from desktop.models.row_query import fold, fold_name
from desktop.services.kinds import FolderState
from desktop.services.library_row import LibraryRow, Row, tags_of

GONE = frozenset({FolderState.MISSING.value, FolderState.UNREACHABLE.value})
"""States in which nothing of the folder can be used: the row turns secondary."""

ASSUMED = f"No training job names this adapter, so the usual 100{NO_BREAK}% and 90/10 are shown."


@dataclass(frozen=True, slots=True)
class LibraryColumn:
    """One column of the library.

    key: stable, for settings and tests. text: what the cell says. value: what it sorts by, None =
    not known; an `itemgetter` where that is a figure as it stands in the row. accessible: what a
    screen reader says. sample: the widest text it is made for, "" = it takes what is left.
    description: what the title is short for. right: figures stand right. secondary: quieter than
    the name. elide_middle: the end of the text tells things apart. tooltip: what the cell leaves
    out, "" = nothing. icon: (name, token of its colour) before the text, ("", "") = none. assumed:
    whether the figure is the training default. mark: the same as icon, behind the text. gives_way:
    where room is short columns leave in this order, 1 first; 0 stays. hidden: only shown where a
    person wants it.
    """

    key: str
    title: str
    text: Callable[[LibraryRow], str]
    value: Callable[[LibraryRow], Any]
    accessible: Callable[[LibraryRow], str]
    sample: str = ""
    description: str = ""
    right: bool = False
    secondary: bool = False
    elide_middle: bool = False
    tooltip: Callable[[LibraryRow], str] | None = None
    icon: Callable[[LibraryRow], tuple[str, str]] | None = None
    assumed: Callable[[LibraryRow], bool] | None = None
    mark: Callable[[LibraryRow], tuple[str, str]] | None = None
    gives_way: int = 0
    hidden: bool = False


# -- name, source, base model, type ------------------------------------------------------------


def _name(row: LibraryRow) -> str:
    return one_line(row[Row.NAME])


def _name_value(row: LibraryRow) -> str | None:
    return fold_name(row) or None


def _name_said(row: LibraryRow) -> str:
    return f"{one_line(row[Row.NAME])}, favourite" if row[Row.FAVOURITE] else _name(row)


def _name_mark(row: LibraryRow) -> tuple[str, str]:
    return ("star-filled", "accent") if row[Row.FAVOURITE] else ("", "")


def _source(row: LibraryRow) -> str:
    return source_title(row[Row.TYPE]) or UNKNOWN


def _source_value(row: LibraryRow) -> str | None:
    return _source_key(row[Row.TYPE])


@lru_cache(maxsize=64)
def _source_key(kind: Any) -> str | None:
    return source_title(kind).casefold() or None


def _source_icon(row: LibraryRow) -> tuple[str, str]:
    return source_icon(row[Row.TYPE]), "text2"


def _base(row: LibraryRow) -> str:
    return base_title(row[Row.BASE_MODEL]) or UNKNOWN


def _base_value(row: LibraryRow) -> str | None:
    return _base_key(row[Row.BASE_MODEL])


@lru_cache(maxsize=4096)
def _base_key(name: Any) -> str | None:
    return base_title(name).casefold() or None


def _base_whole(row: LibraryRow) -> str:
    whole = one_line(row[Row.BASE_MODEL])
    return whole if whole != base_title(row[Row.BASE_MODEL]) else ""


def _base_said(row: LibraryRow) -> str:
    return one_line(row[Row.BASE_MODEL]) or "base model not known"


def _type(row: LibraryRow) -> str:
    return one_line(row[Row.PEFT_TYPE]) or UNKNOWN


def _type_value(row: LibraryRow) -> str | None:
    return _type_key(row[Row.PEFT_TYPE])


@lru_cache(maxsize=256)
def _type_key(variant: Any) -> str | None:
    return one_line(variant).casefold() or None


def _type_said(row: LibraryRow) -> str:
    return one_line(row[Row.PEFT_TYPE]) or "type not known"


# -- figures -----------------------------------------------------------------------------------


def _rank(row: LibraryRow) -> str:
    return whole_text(row[Row.RANK])


def _rank_said(row: LibraryRow) -> str:
    return "rank not known" if row[Row.RANK] is None else f"rank {whole_text(row[Row.RANK])}"


def _parameters(row: LibraryRow) -> str:
    return parameters_text(row[Row.PARAMETERS])


def _parameters_exact(row: LibraryRow) -> str:
    number = number_of(row[Row.PARAMETERS])
    if number is None:
        return ""
    return f"{whole_text(number)} parameter{'' if number == 1 else 's'}"


def _parameters_said(row: LibraryRow) -> str:
    return _parameters_exact(row) or "parameters not known"


def _size(row: LibraryRow) -> str:
    return size_text(row[Row.SIZE])


def _size_exact(row: LibraryRow) -> str:
    return "" if row[Row.SIZE] is None else bytes_text(row[Row.SIZE])


def _size_said(row: LibraryRow) -> str:
    return "size not known" if row[Row.SIZE] is None else size_text(row[Row.SIZE])


def _fraction(row: LibraryRow) -> str:
    return percent_text(row[Row.FRACTION])


def _fraction_assumed(row: LibraryRow) -> bool:
    return not row[Row.FRACTION_RECORDED]


def _fraction_said(row: LibraryRow) -> str:
    how = "recorded" if row[Row.FRACTION_RECORDED] else "assumed"
    return f"{percent_text(row[Row.FRACTION])} of the dataset, {how}"


def _split(row: LibraryRow) -> str:
    return split_text(row[Row.SPLIT])


def _split_assumed(row: LibraryRow) -> bool:
    return not row[Row.SPLIT_RECORDED]


def _split_said(row: LibraryRow) -> str:
    how = "recorded" if row[Row.SPLIT_RECORDED] else "assumed"
    return f"split {split_text(row[Row.SPLIT])}, {how}"


def _why_assumed(row: LibraryRow) -> str:
    # A job that records only one of the two does name the adapter.
    nothing = not row[Row.FRACTION_RECORDED] and not row[Row.SPLIT_RECORDED]
    return ASSUMED if nothing else ""


# -- added -------------------------------------------------------------------------------------


def _added(row: LibraryRow) -> str:
    return date_text(row[Row.ADDED])


def _added_exact(row: LibraryRow) -> str:
    return "" if row[Row.ADDED] is None else moment_text(row[Row.ADDED])


def _added_said(row: LibraryRow) -> str:
    return "added on an unknown day" if row[Row.ADDED] is None else f"added {_added(row)}"


# -- tags and content --------------------------------------------------------------------------


def _tags(row: LibraryRow) -> str:
    return one_line(", ".join(tags_of(row[Row.TAGS])))


def _tags_value(row: LibraryRow) -> str | None:
    return fold(row[Row.TAGS]) or None


def _tags_said(row: LibraryRow) -> str:
    tags = tags_of(row[Row.TAGS])
    return f"tags {one_line(', '.join(tags))}" if tags else "no tags"


def _content(row: LibraryRow) -> str:
    return one_line(row[Row.CONTENT])[:8] or UNKNOWN


def _content_value(row: LibraryRow) -> str | None:
    return fold(row[Row.CONTENT]) or None


def _content_said(row: LibraryRow) -> str:
    return "content not known" if row[Row.CONTENT] is None else f"content {_content(row)}"


COLUMNS: tuple[LibraryColumn, ...] = (
    LibraryColumn(
        "name", "Name", _name, _name_value, _name_said, elide_middle=True, mark=_name_mark
    ),
    LibraryColumn(
        "source",
        "Source",
        _source,
        _source_value,
        _source,
        sample="Hugging Face",
        secondary=True,
        icon=_source_icon,
    ),
    LibraryColumn(
        "base_model",
        "Base model",
        _base,
        _base_value,
        _base_said,
        sample="Mistral-7B-v0.3",
        tooltip=_base_whole,
    ),
    LibraryColumn(
        "type",
        "Type",
        _type,
        _type_value,
        _type_said,
        sample="AdaLoRA",
        secondary=True,
        gives_way=5,
    ),
    LibraryColumn(
        "rank", "Rank", _rank, itemgetter(Row.RANK), _rank_said, sample="256", right=True
    ),
    LibraryColumn(
        "parameters",
        "Params",
        _parameters,
        itemgetter(Row.PARAMETERS),
        _parameters_said,
        sample="88.8 M",
        description="Number of parameters",
        right=True,
        tooltip=_parameters_exact,
        gives_way=4,
    ),
    LibraryColumn(
        "size",
        "Size",
        _size,
        itemgetter(Row.SIZE),
        _size_said,
        sample="88.8 MB",
        description="Size of the weights",
        right=True,
        tooltip=_size_exact,
    ),
    LibraryColumn(
        "data",
        "Data",
        _fraction,
        itemgetter(Row.FRACTION),
        _fraction_said,
        sample=f"100{NO_BREAK}%",
        description="Part of the dataset that was used",
        right=True,
        tooltip=_why_assumed,
        assumed=_fraction_assumed,
        gives_way=2,
    ),
    LibraryColumn(
        "split",
        "Split",
        _split,
        itemgetter(Row.SPLIT),
        _split_said,
        sample="90/10",
        description="Percent for training and for testing",
        right=True,
        tooltip=_why_assumed,
        assumed=_split_assumed,
        gives_way=3,
    ),
    LibraryColumn(
        "problems",
        "Problems",
        problems_text,
        problems_value,
        problems_said,
        sample="Missing",
        tooltip=problems_more,
        icon=problems_icon,
    ),
    LibraryColumn(
        "added",
        "Added",
        _added,
        itemgetter(Row.ADDED),
        _added_said,
        sample="30 Nov 2025",
        secondary=True,
        tooltip=_added_exact,
        gives_way=1,
    ),
    LibraryColumn(
        "tags", "Tags", _tags, _tags_value, _tags_said, sample="production, sql", hidden=True
    ),
    LibraryColumn(
        "content",
        "Content",
        _content,
        _content_value,
        _content_said,
        sample="8d8d8d8d",
        description="The same for adapters with the same weights",
        secondary=True,
        hidden=True,
    ),
)
"""The columns in their first order; a model's column number is a position in this tuple."""

COLUMN = {column.key: at for at, column in enumerate(COLUMNS)}
"""Key of a column: its number."""
