"""What is typed: checked while it is typed, and never lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QScrollArea

from desktop.bootstrap import Services
from desktop.models.library import Library
from desktop.services.records import (
    AddAdapterRequest,
    AddDatasetRequest,
    AddJobRequest,
    AddPromptRequest,
    BaseModelRecord,
)
from desktop.views.import_dialog import ImportDialog
from tests.support import make_adapter
from tests.views.import_dialog.hands import Hands


@pytest.fixture
def hands(dialog: ImportDialog, qtbot: Any) -> Hands:
    return Hands(dialog, qtbot)


@pytest.fixture
def dup(services: Services, base: BaseModelRecord, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "first")
    services.adapters.add_adapter(
        AddAdapterRequest(type="project", name="dup", model_id=base.id, location=str(folder))
    )


@pytest.mark.parametrize("typed", ["dup", " dup "])
def test_a_name_that_is_taken_is_said_beside_it(
    dup: None, hands: Hands, tmp_path: Path, typed: str
) -> None:
    hands.choose(make_adapter(tmp_path / "second"))
    assert hands.go.isEnabled()
    hands.type(hands.name, typed)
    assert not hands.go.isEnabled(), "nothing is enabled by what was said of another text"
    hands.settle()
    assert hands.says("Another adapter has this name. “dup-2” is free.")
    assert hands.name.property("state") == "error"
    assert hands.footer == "1 error keeps this from being imported."
    assert not hands.go.isEnabled()
    hands.click(hands.link("Use it"))
    hands.settle()
    assert hands.name.text() == "dup-2"
    assert hands.go.isEnabled()


def test_a_taken_name_is_said_before_a_folder_is_chosen(dup: None, hands: Hands) -> None:
    hands.type(hands.name, "dup")
    hands.settle()
    assert hands.says("Another adapter has this name.")
    assert hands.footer == "Choose a folder to begin."


def test_a_blank_name_is_said_once_it_was_touched(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    hands.choose(make_adapter(tmp_path / "sql"))
    hands.type(hands.name, "   ")
    hands.settle()
    assert hands.says("The adapter needs a name.")
    assert not hands.go.isEnabled()


def test_what_was_typed_first_is_not_overwritten(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    hands.type(hands.name, "mine")
    hands.description.setPlainText("trained\nat night")
    hands.choose(make_adapter(tmp_path / "sql"))
    assert hands.name.text() == "mine"
    assert hands.description.toPlainText() == "trained\nat night"
    hands.choose(make_adapter(tmp_path / "other"))
    assert hands.name.text() == "mine"


def test_a_proposal_follows_the_folder_until_a_name_is_typed(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    one, two = make_adapter(tmp_path / "one"), make_adapter(tmp_path / "two")
    hands.choose(one)
    assert hands.name.text() == "one"
    hands.choose(two)
    assert hands.name.text() == "two"
    hands.type(hands.name, "mine")
    hands.choose(one)
    hands.choose(two)
    assert hands.name.text() == "mine", "what was typed for a folder waits for it"


def test_esc_leaves_and_what_was_typed_returns(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "sql")
    hands.choose(folder)
    hands.type(hands.name, "mine")
    hands.bot.keyClick(hands.name, Qt.Key.Key_Escape)
    assert not hands.dialog.isVisible()
    hands.dialog.open()
    hands.settle()
    assert hands.name.text() == "mine"
    assert hands.location.text() == str(folder)
    assert hands.go.isEnabled()


def test_a_folder_is_looked_at_again_on_reopening(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "sql", rank=8)
    hands.choose(folder)
    hands.dialog.reject()
    (folder / "adapter_config.json").unlink()
    hands.dialog.open()
    hands.settle()
    assert hands.says("There is no adapter_config.json in this folder.")
    assert not hands.go.isEnabled()


def test_enter_imports_only_what_is_in_order(
    dup: None, hands: Hands, services: Services, tmp_path: Path
) -> None:
    hands.choose(make_adapter(tmp_path / "sql"))
    hands.type(hands.name, "dup")
    hands.bot.keyClick(hands.name, Qt.Key.Key_Return)
    hands.settle()
    assert hands.dialog.isVisible()
    assert len(services.adapters.list_adapters()) == 1
    hands.type(hands.name, "fresh")
    # At once, while the name is still being checked.
    hands.bot.keyClick(hands.name, Qt.Key.Key_Return)
    hands.bot.waitUntil(lambda: not hands.dialog.isVisible())
    assert {a.name for a in services.adapters.list_adapters()} == {"dup", "fresh"}


def test_asking_to_import_shows_what_is_empty_and_goes_there(hands: Hands, tmp_path: Path) -> None:
    hands.choose(make_adapter(tmp_path / "sql"))
    assert hands.base.property("state") != "error"
    hands.bot.keyClick(hands.name, Qt.Key.Key_Return)
    hands.settle()
    assert hands.base.property("state") == "error"
    assert hands.says("The adapter needs a base model.")
    assert hands.dialog.focusWidget() is hands.base


def test_prompt_and_job_are_kept_with_the_adapter(
    base: BaseModelRecord, hands: Hands, services: Services, tmp_path: Path
) -> None:
    dataset = services.training.add_dataset(AddDatasetRequest(name="d", huggingface_name="o/d"))
    prompt = services.training.add_prompt(
        AddPromptRequest(name="Text to SQL", dataset_id=dataset.id, prompt_template="{q}")
    )
    job = services.training.add_job(
        AddJobRequest(base_model_id=base.id, out_dir="/runs/r7", dataset_fraction=0.5)
    )
    hands.choose(make_adapter(tmp_path / "sql"))
    prompts, jobs = hands.part(QComboBox, "promptCombo"), hands.part(QComboBox, "jobCombo")
    hands.bot.waitUntil(lambda: prompts.count() == 2 and jobs.count() == 2)
    assert prompts.itemText(0) == "None"
    prompts.setCurrentIndex(1)
    jobs.setCurrentIndex(1)
    hands.description.setPlainText("mine")
    hands.settle()
    assert hands.says("50\u00a0%") or hands.says("45\u00a0%")
    hands.click(hands.go)
    hands.bot.waitUntil(lambda: not hands.dialog.isVisible())
    (record,) = services.adapters.list_adapters()
    assert (record.prompt_id, record.fine_tuning_job_id) == (prompt.id, job.id)
    assert record.description == "mine"


def test_a_library_that_can_only_be_read_says_so(
    base: BaseModelRecord, hands: Hands, library: Library, tmp_path: Path
) -> None:
    library.read_only = "This library can only be read."
    hands.choose(make_adapter(tmp_path / "sql"))
    assert hands.footer == "This library can only be read."
    assert not hands.go.isEnabled()


def test_facts_stand_under_the_form_where_it_is_narrow(
    base: BaseModelRecord, hands: Hands, tmp_path: Path
) -> None:
    hands.choose(make_adapter(tmp_path / "sql"))
    side = hands.part(QScrollArea, "projectFactsScroll")
    form = hands.part(QScrollArea, "projectFormScroll")
    hands.dialog.resize(920, 632)
    assert side.isVisible()
    hands.dialog.resize(760, 520)
    assert not side.isVisible()
    assert hands.says("What is in sql")
    assert form.widget().sizeHint().width() <= form.viewport().width()
    hands.dialog.resize(920, 632)
    assert side.isVisible()
    assert hands.says("What is in sql")


def test_its_size_is_remembered(hands: Hands, library: Library, qtbot: Any) -> None:
    hands.dialog.resize(777, 555)
    hands.dialog.reject()
    again = ImportDialog(library)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (777, 555)
