"""Adapters of the Hugging Face cache as lines: read off the UI thread, filtered by words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop.models.hub_cached import CachedModel, cached_line
from desktop.models.hub_shelf import HubShelf
from desktop.models.library import Library
from desktop.models.result_lines import IN_LIBRARY_ROLE, LINE_ROLE
from desktop.services.errors import LorariumError
from desktop.services.hub.records import CachedAdapter
from tests.models.hub_lists import add_row, opened_library
from tests.services.hub.cached import NEW, OLD, put

SPOKEN = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(place))
    return place


@pytest.fixture
def library(qtbot: Any, tmp_path: Path, cache: Path) -> Iterator[Library]:
    with opened_library(tmp_path, qtbot) as opened:
        yield opened


@pytest.fixture
def model(library: Library) -> CachedModel:
    made = CachedModel(library, library)
    made.tester = QAbstractItemModelTester(
        made, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    return made


def read(qtbot: Any, model: CachedModel) -> list[str]:
    model.read()
    qtbot.waitUntil(lambda: not model.reading)
    return listed(model)


def listed(model: CachedModel) -> list[str]:
    return [model.item_at(row).repo_id for row in range(model.rowCount())]


def test_what_was_used_last_comes_first(model: CachedModel, cache: Path, qtbot: Any) -> None:
    put(cache, "models--acme--old", used=1_000.0)
    put(cache, "models--acme--new", used=2_000_000.0)
    assert read(qtbot, model) == ["acme/new", "acme/old"]
    assert model.was_read
    assert model.folder == str(cache)
    assert model.trouble is None


def test_no_cache_is_an_empty_list(model: CachedModel, cache: Path, qtbot: Any) -> None:
    assert read(qtbot, model) == []
    assert model.was_read
    assert model.total == 0
    assert model.folder == str(cache)


def test_words_filter_name_folder_base_and_type(
    model: CachedModel, cache: Path, qtbot: Any
) -> None:
    put(cache, "models--acme--sql", used=3_000_000.0)
    put(cache, "models--acme--many", below="chat/deep", used=2_000_000.0)
    assert read(qtbot, model) == ["acme/sql", "acme/many"]
    for words, found in (
        ("SQL", ["acme/sql"]),
        ("deep many", ["acme/many"]),
        ("llama lora", ["acme/sql", "acme/many"]),
        ("nothing", []),
        ("  ", ["acme/sql", "acme/many"]),
    ):
        model.set_filter(words)
        assert listed(model) == found, words
    assert model.total == 2
    model.set_filter("deep")
    assert read(qtbot, model) == ["acme/many"]


def test_what_the_library_has_is_marked_by_place_or_name(
    model: CachedModel, library: Library, cache: Path, qtbot: Any, tmp_path: Path
) -> None:
    used = put(cache, "models--acme--used", used=3_000_000.0)
    put(cache, "models--acme--named", used=2_000_000.0)
    put(cache, "models--acme--other", used=1_000_000.0)
    add_row(library.services, used, "in place")
    add_row(library.services, tmp_path / "copy", "fetched", "acme/named")
    HubShelf.of(library).want()
    assert read(qtbot, model) == ["acme/used", "acme/named", "acme/other"]
    qtbot.waitUntil(lambda: not library.runner.tasks)
    marked = [model.index(row).data(IN_LIBRARY_ROLE) for row in range(3)]
    assert marked == [True, True, False]
    assert "in the library" in model.index(0).data(SPOKEN)
    assert "in the library" not in model.index(2).data(SPOKEN)


def test_a_cache_that_can_not_be_read_is_told_and_the_list_stays(
    model: CachedModel, cache: Path, qtbot: Any
) -> None:
    put(cache, "models--acme--sql")
    assert read(qtbot, model) == ["acme/sql"]
    elsewhere = cache.with_name("aside")
    cache.rename(elsewhere)
    cache.symlink_to(cache)
    read(qtbot, model)
    assert isinstance(model.trouble, LorariumError)
    assert listed(model) == ["acme/sql"]
    cache.unlink()
    elsewhere.rename(cache)
    assert read(qtbot, model) == ["acme/sql"]
    assert model.trouble is None


def test_a_second_look_takes_the_place_of_the_first(
    model: CachedModel, cache: Path, qtbot: Any, library: Library
) -> None:
    put(cache, "models--acme--one")
    model.read()
    model.read()
    qtbot.waitUntil(lambda: not model.reading)
    assert listed(model) == ["acme/one"]
    model.read()
    model.stop()
    assert not model.reading
    qtbot.waitUntil(lambda: not library.runner.tasks)
    assert listed(model) == ["acme/one"]


def test_a_line_says_what_is_known() -> None:
    line = cached_line(
        CachedAdapter(
            "acme/sql",
            "/cache/x",
            NEW,
            "chat",
            ("main", "v1"),
            83_900_000,
            1_700_000_000.0,
            "LoRA",
            "meta-llama/Llama-2-7b-hf",
        )
    )
    assert (line.org, line.name) == ("acme/", "sql/chat")
    assert line.more == "Llama-2-7b-hf · LoRA"
    assert line.figures == (("", "83.9 MB"), ("", "14 Nov 2023"))
    assert line.tip == "meta-llama/Llama-2-7b-hf\n/cache/x"
    assert line.spoken == (
        "acme/sql/chat, base model Llama-2-7b-hf, LoRA, 83.9 MB, last used 14 Nov 2023"
    )


def test_snapshots_of_one_repository_are_told_apart(
    model: CachedModel, cache: Path, qtbot: Any
) -> None:
    put(cache, commit=OLD, refs=(), used=1_000_000.0)
    put(cache, commit=NEW, refs=("v2",), used=2_000_000.0)
    assert read(qtbot, model) == ["acme/lora", "acme/lora"]
    more = [model.index(row).data(LINE_ROLE).more for row in range(2)]
    assert more[0].endswith(" · v2")
    assert more[1].endswith(f" · commit {OLD[:7]}")


def test_text_from_strangers_hides_nothing() -> None:
    evil = "\u202ex\n\x00" + "y" * 9_000
    line = cached_line(CachedAdapter(evil, evil, evil, evil, (evil,), -1, 1e300, evil, evil))
    for shown in (line.org, line.name, line.more, line.spoken, *line.tip.split("\n")):
        assert shown.isprintable()
        assert len(shown) < 1_500
