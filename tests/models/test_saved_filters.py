"""Saved filters: kept in the settings, counted in the background, and never trusted when read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.models.filter_language import closed, parse
from desktop.models.library_table import LibraryTableModel
from desktop.models.row_query import Facets
from desktop.models.saved_filters import MOST, NAME_LIMIT, SETTING, SavedFilters, _plain, _read
from desktop.services.settings import Settings
from tests.models.library_rows import FACETS, make_row


@pytest.fixture
def model(qapp: Any, qtmodeltester: Any) -> LibraryTableModel:
    table = LibraryTableModel()
    qtmodeltester.check(table)
    table.set_rows(
        [
            make_row("1", "a", rank=8, tags="prod"),
            make_row("2", "b", rank=32, tags="prod", favourite=1),
            make_row("3", "c", rank=64),
        ]
    )
    return table


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    return Settings(tmp_path)


def counted(saved: SavedFilters) -> dict[str, int | None]:
    return {kept.name: count for kept, count in saved.all()}


def test_each_filter_is_counted_and_counted_again_when_rows_change(model, settings, qtbot):
    saved = SavedFilters(model, settings, model)
    saved.add("Production", "tag:prod", Facets())
    saved.add("Big", "rank>16", Facets())
    saved.add("Starred", "", Facets(favourite=True))
    assert counted(saved) == {"Production": None, "Big": None, "Starred": None}
    wanted = {"Production": 2, "Big": 2, "Starred": 1}
    qtbot.waitUntil(lambda: counted(saved) == wanted)
    model.upsert_rows([make_row("4", "d", rank=128, favourite=1)])
    model.remove_ids(["1"])
    wanted = {"Production": 1, "Big": 3, "Starred": 2}
    qtbot.waitUntil(lambda: counted(saved) == wanted)
    # What is on the screen is another matter.
    assert model.rowCount() == 3


def test_they_are_there_at_the_next_start(model, settings, tmp_path):
    facets = Facets(
        sources=frozenset({"huggingface"}),
        base_models=frozenset({None, "m1"}),
        types=frozenset({"LoRA"}),
        problems=frozenset({"errors"}),
        missing=True,
        added_days=30,
        duplicates=True,
    )
    SavedFilters(model, settings, model).add("  My   filter ", 'tag:prod "open', facets)
    (kept,) = SavedFilters(model, Settings(tmp_path), model).all()
    assert (kept[0].name, kept[0].text, kept[0].facets) == ("My filter", 'tag:prod "open"', facets)


def test_names(model, settings):
    saved = SavedFilters(model, settings, model)
    saved.add("One", "a", Facets())
    saved.add("Two", "b", Facets())
    assert saved.refusal("three") == ""
    assert saved.refusal("  ")
    assert saved.refusal("ONE")
    assert saved.refusal("x" * (NAME_LIMIT + 1))
    assert saved.refusal("ONE", own="One") == ""
    saved.rename("One", "Uno")
    assert [kept.name for kept, _ in saved.all()] == ["Uno", "Two"]
    for number in range(MOST - 2):
        saved.add(f"n{number}", "", Facets())
    assert saved.refusal("one more")


def test_removing_and_putting_back(model, settings):
    saved = SavedFilters(model, settings, model)
    for name in ("a", "b", "c"):
        saved.add(name, name, Facets())
    removed = saved.remove("b")
    assert removed is not None
    assert saved.get("b") is None
    saved.put_back(*removed)
    assert [kept.name for kept, _ in saved.all()] == ["a", "b", "c"]
    saved.put_back(*removed)
    assert len(saved.all()) == 3
    assert saved.remove("nobody") is None
    for name in ("a", "b", "c"):
        saved.remove(name)
    assert settings.get(SETTING) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["name", "text", "sources", "problems", "added_days", "missing"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=10,
    )
)
def test_whatever_the_settings_hold_does_no_harm(stored):
    for kept in _read(stored):
        assert kept.name
        assert _read([_plain(kept)]) == [kept]


@given(FACETS)
def test_facets_survive(facets):
    (kept,) = _read([_plain(_read([{"name": "x"}])[0]) | {"name": "x"}])
    assert kept.facets == Facets()
    from desktop.models.saved_filters import SavedFilter

    assert _read([_plain(SavedFilter("x", "", facets))])[0].facets == facets


@given(st.text(max_size=8))
def test_more_can_be_typed_behind_a_saved_text(text):
    text = " ".join(text.replace("\x01", "").split())
    longer = parse(f"{closed(text)} more")
    assert "more" in longer.words
    assert set(parse(closed(text)).terms) == set(parse(text).terms) == set(longer.terms)
