"""Search results as lines: pages, repeats, questions that are over, and what strangers write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop.models.hub_search import END, MORE, STUCK, HubSearchModel, result_line
from desktop.models.hub_shelf import HubShelf
from desktop.models.library import Library
from desktop.models.result_lines import IN_LIBRARY_ROLE, ITEM_ROLE, LINE_ROLE, QUIET_ROLE
from desktop.services.errors import RemoteError
from desktop.services.hub.records import HubQuery, HubResult
from tests.hub_server import Fault, HubServer
from tests.models.hub_lists import add_row, fill, opened_library

SPOKEN = Qt.ItemDataRole.AccessibleTextRole
LIST = "^/api/models"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubServer]:
    monkeypatch.setenv("LORARIUM_CONFIG", str(tmp_path / "config"))
    with HubServer() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


@pytest.fixture
def library(qtbot: Any, tmp_path: Path, hub: HubServer) -> Iterator[Library]:
    with opened_library(tmp_path, qtbot) as opened:
        yield opened


@pytest.fixture
def model(library: Library) -> HubSearchModel:
    made = HubSearchModel(library, library)
    made.tester = QAbstractItemModelTester(
        made, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    return made


def wait(qtbot: Any, model: HubSearchModel) -> None:
    qtbot.waitUntil(lambda: not model.waiting, timeout=10_000)


def listed(model: HubSearchModel) -> list[str]:
    return [model.item_at(row).repo_id for row in range(model.count)]


def last_line(model: HubSearchModel) -> str:
    return str(model.index(model.rowCount() - 1).data(QUIET_ROLE) or "")


# -- pages -------------------------------------------------------------------------------------


def test_it_loads_page_by_page_until_that_is_all(
    hub: HubServer, model: HubSearchModel, qtbot: Any
) -> None:
    ids = fill(hub, 45)
    model.search(HubQuery())
    wait(qtbot, model)
    assert listed(model) == ids[:20]
    assert last_line(model) == MORE
    assert not model.ended
    model.more()
    model.more()  # one is on its way already
    wait(qtbot, model)
    assert listed(model) == ids[:40]
    model.more()
    wait(qtbot, model)
    assert listed(model) == ids
    assert model.ended
    assert last_line(model) == END
    model.more()
    assert not model.waiting
    assert len(hub.asked(LIST)) == 3


def test_what_moved_to_the_next_page_meanwhile_is_listed_once(
    hub: HubServer, model: HubSearchModel, qtbot: Any
) -> None:
    ids = fill(hub, 30)
    model.search(HubQuery())
    wait(qtbot, model)
    hub.add_repo("acme/newcomer", {}, downloads=99_999)
    model.more()
    wait(qtbot, model)
    assert listed(model) == ids
    assert model.ended


def test_pages_that_bring_nothing_new_end(
    hub: HubServer, model: HubSearchModel, qtbot: Any
) -> None:
    ids = fill(hub, 10)
    hub.fault = Fault("endless_pages", match=LIST)
    model.search(HubQuery())
    wait(qtbot, model)
    assert listed(model) == ids
    model.more()
    wait(qtbot, model)
    assert listed(model) == ids
    assert model.ended or isinstance(model.trouble, RemoteError)
    assert len(hub.asked(LIST)) <= 5


def test_another_search_takes_the_place_of_the_list_in_one_step(
    hub: HubServer, model: HubSearchModel, qtbot: Any
) -> None:
    fill(hub, 25)
    hub.add_repo("other/sql-thing", {})
    model.search(HubQuery())
    wait(qtbot, model)
    before = listed(model)
    model.search(HubQuery(text="sql"))
    assert listed(model) == before
    assert model.waiting
    wait(qtbot, model)
    assert listed(model) == ["other/sql-thing"]
    assert model.query == HubQuery(text="sql")
    assert last_line(model) == END


def test_author_base_model_and_order_reach_the_hub(
    hub: HubServer, model: HubSearchModel, qtbot: Any
) -> None:
    tags = ["base_model:adapter:meta-llama/Llama-2-7b-hf"]
    hub.add_repo("acme/a", {}, likes=1, downloads=9, tags=tags)
    hub.add_repo("acme/b", {}, likes=5, downloads=1, tags=tags)
    hub.add_repo("acme/c", {}, likes=9, downloads=1)
    hub.add_repo("other/d", {}, likes=9, downloads=1, tags=tags)
    model.search(HubQuery(author="acme", base_model="meta-llama/Llama-2-7b-hf", sort="likes"))
    wait(qtbot, model)
    assert listed(model) == ["acme/b", "acme/a"]
    assert model.item_at(0).base_models == ("meta-llama/Llama-2-7b-hf",)


def test_a_search_without_a_hit_is_an_empty_list_without_a_last_line(
    hub: HubServer, model: HubSearchModel, qtbot: Any
) -> None:
    fill(hub, 3)
    model.search(HubQuery(text="no such thing"))
    wait(qtbot, model)
    assert model.rowCount() == 0
    assert model.query == HubQuery(text="no such thing")
    assert model.trouble is None


# -- questions that are over, and trouble ------------------------------------------------------


def test_a_late_answer_is_dropped_and_its_question_cancelled(
    hub: HubServer, model: HubSearchModel, library: Library, qtbot: Any
) -> None:
    fill(hub, 3)
    hub.add_repo("other/sql-thing", {})
    hub.fault = Fault("stall_headers", match="search=first")
    model.search(HubQuery(text="first"))
    assert hub.wait_for_request("search=first")
    begun = time.monotonic()
    model.search(HubQuery(text="sql"))
    wait(qtbot, model)
    assert listed(model) == ["other/sql-thing"]
    qtbot.waitUntil(lambda: not library.runner.tasks)
    assert time.monotonic() - begun < 3
    assert listed(model) == ["other/sql-thing"]
    assert model.trouble is None


def test_trouble_keeps_the_list_and_again_asks_the_same_page(
    hub: HubServer, model: HubSearchModel, qtbot: Any
) -> None:
    ids = fill(hub, 25)
    model.search(HubQuery())
    wait(qtbot, model)
    hub.fault = Fault("status", match=LIST, status=404)
    model.more()
    wait(qtbot, model)
    assert isinstance(model.trouble, RemoteError)
    assert listed(model) == ids[:20]
    assert last_line(model) == STUCK
    asked = len(hub.requests)
    model.more()  # scrolling does not knock at a closed door
    assert not model.waiting
    assert len(hub.requests) == asked
    hub.fault = None
    model.again()
    assert model.trouble is None
    wait(qtbot, model)
    assert listed(model) == ids


def test_a_new_search_that_fails_lists_nothing_of_the_one_before(
    hub: HubServer, model: HubSearchModel, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(hub, 4)
    model.search(HubQuery())
    wait(qtbot, model)
    assert model.count == 4
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    begun = time.monotonic()
    model.search(HubQuery(text="sql"))
    wait(qtbot, model)
    assert time.monotonic() - begun < 1
    assert isinstance(model.trouble, RemoteError)
    assert model.trouble.code == "offline"
    assert listed(model) == []
    assert model.rowCount() == 0
    assert model.query is None
    monkeypatch.delenv("HF_HUB_OFFLINE")
    model.again()
    wait(qtbot, model)
    assert model.query == HubQuery(text="sql")
    assert model.trouble is None
    model.again()
    assert not model.waiting


def test_a_fault_of_ours_is_logged_and_told(
    model: HubSearchModel, qtbot: Any, expected_log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub_class = type(model._library.services.hub)

    def broken(*_: Any) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(hub_class, "search", broken)
    expected_log("ERROR desktop.models.paged_lines: A search on a server met a fault")
    model.search(HubQuery())
    wait(qtbot, model)
    assert isinstance(model.trouble, RuntimeError)


def test_stopping_ends_the_waiting_and_forgets_the_question(
    hub: HubServer, model: HubSearchModel, library: Library, qtbot: Any
) -> None:
    fill(hub, 3)
    hub.fault = Fault("stall_headers", match=LIST)
    model.search(HubQuery(text="x"))
    assert hub.wait_for_request(LIST)
    model.stop()
    assert not model.waiting
    assert model.asked is None
    qtbot.waitUntil(lambda: not library.runner.tasks, timeout=3000)
    assert model.rowCount() == 0


# -- in the library ----------------------------------------------------------------------------


def test_what_the_library_has_is_marked_and_follows_the_library(
    hub: HubServer, model: HubSearchModel, library: Library, qtbot: Any, tmp_path: Path
) -> None:
    fill(hub, 3)
    add_row(library.services, tmp_path / "runs" / "zero", "zero", "ACME/lora-000")
    HubShelf.of(library).want()
    model.search(HubQuery())
    wait(qtbot, model)
    qtbot.waitUntil(lambda: not library.runner.tasks)

    def marked() -> list[bool]:
        return [model.index(row).data(IN_LIBRARY_ROLE) for row in range(3)]

    assert marked() == [True, False, False]
    assert model.index(0).data(SPOKEN).endswith(", in the library")
    with qtbot.waitSignal(model.dataChanged):
        record = add_row(library.services, tmp_path / "runs" / "two", "two", "acme/lora-002")
    assert marked() == [True, False, True]
    with qtbot.waitSignal(model.dataChanged):
        library.services.adapters.remove_adapter(record.id)
    assert marked() == [True, False, False]
    with qtbot.waitSignal(model.dataChanged):
        library.services.history.undo()
    assert marked() == [True, False, True]


def test_there_is_one_shelf_for_a_library(library: Library) -> None:
    assert HubShelf.of(library) is HubShelf.of(library)


# -- lines -------------------------------------------------------------------------------------


def test_a_line_says_what_is_known() -> None:
    line = result_line(
        HubResult(
            "acme/sql-lora",
            18_204,
            96,
            1_700_000_000.0,
            gated=True,
            licence="llama3",
            base_models=("meta-llama/Meta-Llama-3-8B", "x/y"),
        )
    )
    assert (line.org, line.name, line.title) == ("acme/", "sql-lora", "acme/sql-lora")
    assert line.more == "Meta-Llama-3-8B and 1 more · llama3 · 14 Nov 2023"
    assert line.figures == (("download", "18.2 K"), ("heart", "96"))
    assert line.lock == "gated"
    assert "meta-llama/Meta-Llama-3-8B" in line.tip
    assert line.spoken == (
        "acme/sql-lora, base model Meta-Llama-3-8B and 1 more, llama3, changed 14 Nov 2023,"
        " 18,204 downloads, 96 likes, gated"
    )


def test_what_is_not_known_is_not_claimed() -> None:
    line = result_line(HubResult("legacy"))
    assert (line.org, line.name) == ("", "legacy")
    assert line.more == "no base model named"
    assert line.figures == ()
    assert line.spoken == "legacy"
    assert result_line(HubResult("a/b", private=True)).lock == "private"


@pytest.mark.parametrize(
    "text",
    ["\u202egpj.exe", "a\nb", "\x00", "\ud800", "x" * 100_000, "<b>x</b>", "\u200b", "é" * 500],
    ids=["turned", "two lines", "nul", "half a pair", "long", "markup", "zero width", "accents"],
)
def test_text_from_strangers_is_short_and_hides_nothing(text: str) -> None:
    line = result_line(
        HubResult(f"evil/{text}", 10**40, -5, 1e300, licence=text, base_models=(text, text))
    )
    for shown in (line.org, line.name, line.more, line.spoken):
        assert shown.isprintable()
        assert len(shown) < 1000
    assert all(part.isprintable() for part in line.tip.split("\n"))
    assert len(line.tip) < 1000


def test_ten_thousand_lines_and_no_read_out_of_range_raises(model: HubSearchModel) -> None:
    results = [HubResult(f"acme/lora-{n}", n, n, 1.7e9) for n in range(10_000)]
    model.set_items(results[:5_000])
    model.add_items(results[5_000:])
    model.set_last(END)
    assert model.rowCount() == 10_001
    assert model.index(9_999).data() == "acme/lora-9999"
    assert model.row_of("acme/lora-7777") == 7_777
    tail = model.index(10_000)
    assert tail.data() == tail.data(SPOKEN) == END
    assert tail.data(LINE_ROLE) is None
    assert tail.flags() == Qt.ItemFlag.NoItemFlags
    held = model.index(9_000)
    model.set_items([])
    assert model.item_at(0) is None
    for index in (held, tail, QModelIndex()):
        for role in (Qt.ItemDataRole.DisplayRole, SPOKEN, ITEM_ROLE, LINE_ROLE, QUIET_ROLE, 9_999):
            assert model.data(index, role) is None
        assert model.flags(index) == Qt.ItemFlag.NoItemFlags
    assert model.rowCount(held) == 0
