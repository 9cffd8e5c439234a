"""The index against plainly filtering and sorting everything, whatever happens in between."""

from __future__ import annotations

import random

import pytest

from desktop.models import scan_index
from desktop.models.filter_language import parse
from desktop.models.row_query import Facets, Known
from desktop.models.row_terms import answers
from desktop.models.scan_columns import COLUMNS, FOLDER, SIZE
from desktop.models.scan_index import SINGLE, ScanIndex
from desktop.models.scan_rows import STATES, At, ScanRow, is_able, make_row, natural, with_state
from desktop.services.records import Row
from desktop.services.scan.records import FoundState
from tests.models.scan_found import found, random_row

TEXTS = ("", "sql", "sq", "run-1", "llama", "rank>8", "base:qwen sql", "-triage", "duplicates",
         "ärzte", "size>1MB -missing", "checkpoint-1", "type:do", "nothing like it")  # fmt: skip


def lines(index: ScanIndex) -> list[str]:
    return [
        f"# {index.groups[~slot].key}" if slot < 0 else str(index.row(slot)[Row.ID])
        for slot in index.lines
    ]


def plain(
    rows: list[ScanRow],
    runs: set[str],
    text: str,
    states: frozenset[str],
    column: int,
    descending: bool,
    folded: set[str],
) -> list[str]:
    """What has to be on screen. runs: those that ever had a checkpoint."""
    value = COLUMNS[column].value

    def arranged(items: list[ScanRow]) -> list[ScanRow]:
        by_folder = sorted(items, key=lambda row: row[At.ORDER])
        if column == FOLDER:
            return by_folder[::-1] if descending else by_folder
        known = [row for row in by_folder if value(row) is not None]
        rest = [row for row in by_folder if value(row) is None]
        return sorted(known, key=value, reverse=descending) + rest

    groups: dict[str, list[ScanRow]] = {}
    for row in rows:
        run = row[At.FOUND].run
        groups.setdefault(run if run in runs else SINGLE, []).append(row)
    named = sorted(
        (key for key in groups if key != SINGLE),
        key=lambda key: (natural(groups[key][0][At.FOUND].run_title), key),
    )
    groups = {key: arranged(items) for key, items in groups.items()}
    if column == FOLDER:
        named = named[::-1] if descending else named
    else:
        with_value = [key for key in named if value(groups[key][0]) is not None]
        without = [key for key in named if value(groups[key][0]) is None]
        with_value.sort(key=lambda key: value(groups[key][0]), reverse=descending)
        named = with_value + without
    copies: dict[object, int] = {}
    for row in rows:
        copies[row[Row.CONTENT]] = copies.get(row[Row.CONTENT], 0) + 1
    question, shown = parse(text), []
    for key in [*named, *([SINGLE] if SINGLE in groups else [])]:
        passing = [
            str(row[Row.ID])
            for row in groups[key]
            if row[At.KIND] in states
            and answers(row[: Row.WIDTH], question, Facets(), Known(0, copies))
        ]
        if passing:
            shown += [f"# {key}", *([] if key in folded else passing)]
    return shown


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_it_shows_what_plain_work_shows(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_index, "_CHUNK", 7)  # so that a few rows are several slices
    chance = random.Random(seed)
    index = ScanIndex(clock=lambda: 0)
    rows: dict[str, ScanRow] = {}
    runs: set[str] = set()
    text, states, column, descending = "", frozenset(STATES), FOLDER, False
    folded: set[str] = set()
    number = 0
    for _ in range(60):
        what = chance.random()
        if what < 0.45:
            batch = [random_row(chance, number + n) for n in range(chance.randrange(1, 40))]
            number += len(batch)
            if rows:
                changed = rows[chance.choice(list(rows))]
                batch.append(with_state(changed, FoundState.KNOWN, "id"))
            gone = chance.sample(list(rows), min(len(rows), chance.randrange(3)))
            index.take(batch, gone, chance.choice([0.0, None]))
            for path in gone:
                del rows[path]
            for row in batch:
                rows[row[Row.ID]] = row
                if row[At.FOUND].step is not None:
                    runs.add(row[At.FOUND].run)
        elif what < 0.65:
            text = chance.choice(TEXTS)
            index.search(text, None, chance.choice([0.0, None]))
        elif what < 0.75:
            states = frozenset(chance.sample(STATES, chance.randrange(1, len(STATES) + 1)))
            index.search(None, states, chance.choice([0.0, None]))
        elif what < 0.9:
            column, descending = chance.randrange(len(COLUMNS)), chance.random() < 0.5
            index.sort(column, descending, chance.choice([0.0, None]))
        elif index.groups:
            group = chance.choice(index.groups)
            index.fold(group, not group.folded)
            folded ^= {group.key}
        if chance.random() < 0.7:
            expected = plain(list(rows.values()), runs, text, states, column, descending, folded)
            before = lines(index)
            # What is there before the rest was asked is a beginning of it: nothing jumps.
            assert [line for line in expected if line in set(before)] == before
            index.look_on()
            assert lines(index) == expected
            assert not index.pending
            for state in STATES:
                count = sum(row[At.KIND] == state for row in rows.values())
                assert index.counts[state] == count


def test_slices_find_the_first_rows_first() -> None:
    rows = [make_row(found(f"/d/r{n:05d}/checkpoint-1")) for n in range(5_000)]
    index = ScanIndex()
    index.take(rows)
    index.search("r0", None, 0.0)
    assert index.pending
    first = lines(index)
    assert first[1] == "/d/r00000/checkpoint-1"
    index.look_on()
    assert lines(index)[: len(first)] == first
    assert index.shown_count() == 5_000


def test_a_run_takes_in_the_adapter_of_its_own_folder() -> None:
    index = ScanIndex()
    index.take([make_row(found("/d/run"))])
    assert lines(index) == [f"# {SINGLE}", "/d/run"]
    index.take([make_row(found("/d/run/checkpoint-10")), make_row(found("/d/run/checkpoint-9"))])
    assert lines(index) == ["# /d/run", "/d/run", "/d/run/checkpoint-10", "/d/run/checkpoint-9"]


def test_what_is_unknown_comes_last_both_ways() -> None:
    index = ScanIndex()
    sizes = {"a": 5, "b": None, "c": 7}
    index.take([make_row(found(f"/d/{k}", size_bytes=size)) for k, size in sizes.items()])
    index.sort(SIZE, False)
    assert lines(index)[1:] == ["/d/a", "/d/c", "/d/b"]
    index.sort(SIZE, True)
    assert lines(index)[1:] == ["/d/c", "/d/a", "/d/b"]


class TestChoosing:
    def make(self) -> ScanIndex:
        index = ScanIndex()
        rows = [make_row(found(f"/d/run/checkpoint-{n}", newest=n == 3)) for n in (1, 2, 3)]
        rows += [make_row(found("/d/known", FoundState.KNOWN, adapter_id="x", newest=True))]
        rows += [make_row(found("/d/one", newest=True))]
        index.take(rows)
        return index

    def paths(self, index: ScanIndex) -> set[str]:
        return {str(row[Row.ID]) for row in index.chosen_rows()}

    def test_only_what_can_be_imported_is_chosen(self) -> None:
        index = self.make()
        index.choose(index.shown(), True)
        assert len(index.chosen) == 4
        assert "/d/known" not in self.paths(index)

    def test_the_newest_of_each_run(self) -> None:
        index = self.make()
        index.choose(index.shown(), True)
        index.choose_newest()
        assert self.paths(index) == {"/d/run/checkpoint-3", "/d/one"}

    def test_only_what_is_shown_is_chosen(self) -> None:
        index = self.make()
        index.search("checkpoint")
        index.choose(index.shown(), True)
        index.search("")
        assert self.paths(index) == {f"/d/run/checkpoint-{n}" for n in (1, 2, 3)}
        group = index.group_of(index.lines[1])
        assert index.tally(group) == (3, 3)

    def test_what_is_in_the_library_now_is_chosen_no_longer(self) -> None:
        index = self.make()
        index.choose(index.shown(), True)
        row = index.get("/d/one")
        assert row is not None
        index.take([with_state(row, FoundState.KNOWN, "y")])
        assert "/d/one" not in self.paths(index)
        assert not is_able(index.get("/d/one") or ())
