"""Browse, against a real MLflow server: what is registered, page by page."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from desktop.services.records import AdapterRecord, BaseModelRecord
from desktop.views.widgets.empty_state import EmptyPlace
from tests.cloudera_server import WorkbenchServer
from tests.mlflow_server.store import MlflowServer
from tests.views.import_pages.registry.hands import RegistryHands


@pytest.fixture
def connected(hands: RegistryHands, mlflow_server: MlflowServer) -> RegistryHands:
    hands.connect(mlflow_server.url, name="Team")
    return hands


def test_models_are_listed_page_by_page(
    connected: RegistryHands, mlflow_server: MlflowServer
) -> None:
    hands = connected
    hands.browse()
    assert hands.says("50 models so far")
    first = hands.models()
    assert first[:3] == ["address-lora", "bucket-lora", "llama-sql"]
    known = {*mlflow_server.registered.versions, *mlflow_server.registered.many}
    for _ in range(4):
        hands.list.scrollToBottom()
        hands.settle()
    assert sorted(hands.models()) == sorted(known)
    assert hands.says(f"{len(known)} models")


def test_what_is_highlighted_is_shown_and_enter_takes_it_to_by_id(
    connected: RegistryHands,
) -> None:
    hands = connected
    hands.browse()
    hands.type(hands.search, "LLAMA")
    hands.settle()
    assert hands.models() == ["llama-sql"]
    assert not hands.go.isEnabled()
    hands.bot.keyClick(hands.search, Qt.Key.Key_Down)
    hands.settle()
    facts = hands.facts()
    assert (facts["Rank"], facts["Version"]) == ("16", "2 · @candidate")
    assert hands.go.text() == "&Look at it"
    hands.bot.keyClick(hands.list, Qt.Key.Key_Return)
    hands.settle()
    assert hands.tabs.currentIndex() == 0
    assert hands.model.text() == "llama-sql"
    assert hands.model.hasFocus()
    assert hands.version.currentText().startswith("2 ·")


def test_a_line_says_aliases_version_and_description(connected: RegistryHands) -> None:
    hands = connected
    hands.browse()
    hands.type(hands.search, "llama-sql")
    hands.settle()
    model = hands.list.model()
    spoken = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == (
        "llama-sql, version 2, @candidate 2, @champion 1, What llama-sql is for., Today"
    )


def test_what_the_library_has_is_marked(
    base: BaseModelRecord, connected: RegistryHands, imported: list[AdapterRecord]
) -> None:
    hands = connected
    hands.browse()
    assert hands.in_library() == []
    hands.tabs.setCurrentIndex(0)
    hands.look_at("plain-lora")
    hands.click(hands.go)
    hands.wait_until(lambda: not hands.dialog.isVisible())
    hands.dialog.open()
    hands.browse()
    hands.type(hands.search, "lora")
    hands.settle()
    assert hands.in_library() == ["plain-lora"]


def test_no_hit_is_one_sentence_with_the_way_back(connected: RegistryHands) -> None:
    hands = connected
    hands.browse()
    hands.type(hands.search, "nothing-like-it")
    hands.settle()
    place = hands.part(EmptyPlace, "registryPlace")
    assert place.text() == "No registered model on “Team” has “nothing-like-it” in its name."
    hands.link("Clear the search").click()
    hands.settle()
    assert hands.search.text() == ""
    assert len(hands.models()) == 50


def test_a_registry_that_does_not_let_one_in_says_so(
    hands: RegistryHands, workbench: WorkbenchServer
) -> None:
    hands.connect(workbench.url, "wrong", kind="cloudera_workbench", name="Bench")
    hands.browse()
    place = hands.part(EmptyPlace, "registryPlace")
    assert "token" in place.text() or "key" in place.text()
    assert hands.link("Try again").isVisible()
    assert hands.models() == []


def test_another_registry_shows_other_models(
    connected: RegistryHands, workbench: WorkbenchServer
) -> None:
    from tests.cloudera_server.common import TOKEN

    hands = connected
    hands.browse()
    workbench.bench.add_model("only-here")
    hands.connect(workbench.url, TOKEN, kind="cloudera_workbench", name="Bench")
    assert hands.models() == ["only-here"]
