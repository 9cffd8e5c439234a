"""Rows that share what they have in common are still the same rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.services.catalog.shared_rows import SharedRows
from desktop.services.records import LibraryRow, Row

_VALUES = st.sampled_from(["", "a", "b", None, 0, 1, True, 0.0, 1.0, 0.9, b"a"])
_ROWS = st.lists(st.tuples(st.sampled_from("xyz"), *[_VALUES] * (Row.WIDTH - 1)), max_size=6)


def exact(rows: list[LibraryRow]) -> list[list[tuple[type, object]]]:
    return [[(type(value), value) for value in row] for row in rows]


@given(_ROWS, _ROWS)
def test_the_rows_are_the_same_in_value_and_type(
    before: list[LibraryRow], rows: list[LibraryRow]
) -> None:
    assert exact(SharedRows(before).take(rows)) == exact(rows)


def _row(key: str, **values: object) -> LibraryRow:
    cells: list[object] = [None] * Row.WIDTH
    cells[Row.ID] = key
    for name, value in values.items():
        cells[getattr(Row, name)] = value
    return tuple(cells)


def _text(*parts: str) -> str:
    return "".join(parts)  # made anew, as a cursor does


def test_texts_are_kept_once_also_from_one_chunk_to_the_next() -> None:
    shared = SharedRows()
    (one,) = shared.take([_row("1", BASE_MODEL=_text("org/", "model"))])
    (other,) = shared.take([_row("2", BASE_MODEL=_text("org/", "model"))])
    assert one[Row.BASE_MODEL] is other[Row.BASE_MODEL]


def test_a_row_that_is_there_already_is_given_again() -> None:
    known = [_row("1", NAME="sql", RANK=8), _row("2", NAME="chat", RANK=8)]
    again = [_row("1", NAME=_text("s", "ql"), RANK=8), _row("2", NAME=_text("ch", "at"), RANK=16)]
    same, changed = SharedRows(known).take(again)
    assert same is known[0]
    assert changed == again[1]
    assert changed[Row.NAME] is known[1][Row.NAME]
