"""Adding and changing records in the form, with refusals beside their fields."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from desktop.bootstrap import Services
from desktop.views.records import RecordsPage
from desktop.views.widgets.segmented import SegmentedSwitch
from tests.views.records.conftest import Filled, Open

Settle = Callable[[], None]


def field(page: RecordsPage, name: str, kind: type[Any] = QLineEdit) -> Any:
    found = page.findChild(kind, name)
    assert found is not None, name
    return found


def message(page: RecordsPage, key: str) -> str:
    return page.editor._fields[key].message.text()


def press(qtbot: Any, widget: QWidget, key: Qt.Key) -> None:
    qtbot.keyClick(widget, key)


def test_add_a_base_model_by_its_hub_name(
    qtbot: Any, open_page: Open, settle: Settle, services: Services
) -> None:
    page = open_page("base_models")
    qtbot.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    edit = field(page, "baseModelsHuggingfaceNameEdit")
    assert edit.hasFocus()
    qtbot.keyClicks(edit, "org/model")
    press(qtbot, edit, Qt.Key.Key_Return)
    settle()
    assert [m.huggingface_name for m in services.base_models.list_base_models()] == ["org/model"]
    assert page.reader.isVisible()
    assert page.current().title == "org/model"
    assert page.list.table.hasFocus()


def test_add_a_base_model_by_folder_and_by_registry_id(
    qtbot: Any, open_page: Open, settle: Settle, services: Services, tmp_path: Path
) -> None:
    page = open_page("base_models")
    page.add()
    switch = field(page, "baseModelsTypeSwitch", SegmentedSwitch)
    switch.segment("project").click()
    assert not field(page, "baseModelsHuggingfaceNameEdit").isVisible()
    place = field(page, "baseModelsLocationEdit")
    qtbot.keyClicks(place, str(tmp_path / "none"))
    page.editor.save()
    settle()
    assert message(page, "location") == "There is no folder here. Check the path."
    place.setText(str(tmp_path))
    page.editor.save()
    settle()
    page.add()
    switch.segment("model_registry").click()
    qtbot.keyClicks(field(page, "baseModelsCmlRegisteredModelIdEdit"), "reg-1")
    qtbot.keyClicks(field(page, "baseModelsNameEdit"), "From the registry")
    page.editor.save()
    settle()
    found = services.base_models.list_base_models()
    assert {(m.type, m.location or m.cml_registered_model_id) for m in found} == {
        ("project", str(tmp_path)),
        ("model_registry", "reg-1"),
    }


def test_a_duplicate_is_refused_beside_its_field_while_typing(
    qtbot: Any, filled: Filled, open_page: Open, settle: Settle
) -> None:
    page = open_page("base_models")
    page.add()
    edit = field(page, "baseModelsHuggingfaceNameEdit")
    qtbot.keyClicks(edit, "gpt2")
    qtbot.waitUntil(lambda: "in the library already" in message(page, "huggingface_name"))
    assert edit.property("state") == "error"
    page.editor.save()
    settle()
    assert page.editor.isVisible()
    assert edit.text() == "gpt2"
    assert len(page.records()) == 2


def test_an_empty_form_says_what_it_needs_only_when_asked(open_page: Open, settle: Settle) -> None:
    page = open_page("base_models")
    page.add()
    settle()
    assert message(page, "huggingface_name") == ""
    page.editor.save()
    settle()
    assert message(page, "huggingface_name") == "A base model from the Hub needs its Hub name."
    assert field(page, "baseModelsHuggingfaceNameEdit").hasFocus()


def test_rename_and_undo(
    qtbot: Any, filled: Filled, open_page: Open, settle: Settle, services: Services
) -> None:
    page = open_page("base_models")
    page.select(filled.llama.id)
    page.list.table.setFocus()
    press(qtbot, page.list.table, Qt.Key.Key_F2)
    name = field(page, "baseModelsNameEdit")
    name.setText("  Llama  ")
    page.editor.save()
    settle()
    assert page.current().name == "Llama"
    assert page.reader.title.text() == "Llama"
    services.history.undo()
    settle()
    assert page.reader.title.text() == "meta-llama/Llama-3.1-8B"


def test_saving_nothing_closes_and_writes_nothing(
    filled: Filled, open_page: Open, settle: Settle, services: Services
) -> None:
    page = open_page("prompts")
    before = services.history.labels()
    page.select(filled.prompt.id)
    page.edit()
    page.editor.save()
    settle()
    assert page.reader.isVisible()
    assert services.history.labels() == before


def test_a_blank_name_is_refused(filled: Filled, open_page: Open, settle: Settle) -> None:
    page = open_page("prompts")
    page.select(filled.prompt.id)
    page.edit()
    field(page, "promptsNameEdit").setText("   ")
    page.editor.save()
    settle()
    assert message(page, "name") == "The prompt needs a name."
    assert page.records()[0].name == "Text to SQL"


def test_add_a_prompt_with_its_templates(
    filled: Filled, open_page: Open, settle: Settle, services: Services
) -> None:
    page = open_page("prompts")
    page.add()
    field(page, "promptsNameEdit").setText("New")
    chosen = field(page, "promptsDatasetIdCombo", QComboBox)
    chosen.setCurrentIndex(chosen.findData(filled.dataset.id))
    template = field(page, "promptsPromptTemplateEdit", QPlainTextEdit)
    template.setPlainText("  Q: {q}\n\n")
    page.editor.save()
    settle()
    made = services.training.get_prompt(page.current().id)
    assert (made.name, made.dataset_id) == ("New", filled.dataset.id)
    assert made.prompt_template == "  Q: {q}\n\n"


def test_add_a_dataset_and_change_its_columns(
    open_page: Open, settle: Settle, services: Services
) -> None:
    page = open_page("datasets")
    page.add()
    kind = field(page, "datasetsTypeCombo", QComboBox)
    kind.setCurrentIndex(kind.findData("project_jsonl"))
    field(page, "datasetsLocationEdit").setText("/data/x.jsonl")
    field(page, "datasetsFeaturesEdit", QPlainTextEdit).setPlainText("question\n\n answer ")
    page.editor.save()
    settle()
    made = services.training.list_datasets()[0]
    assert (made.type, made.location) == ("project_jsonl", "/data/x.jsonl")
    assert made.features == ("question", "answer")
    page.edit()
    field(page, "datasetsFeaturesEdit", QPlainTextEdit).setPlainText("")
    page.editor.save()
    settle()
    assert services.training.list_datasets()[0].features == ()


def test_another_kind_of_dataset_needs_its_place(
    filled: Filled, open_page: Open, settle: Settle, services: Services
) -> None:
    page = open_page("datasets")
    page.select(filled.dataset.id)
    page.edit()
    kind = field(page, "datasetsTypeCombo", QComboBox)
    kind.setCurrentIndex(kind.findData("project_csv"))
    page.editor.save()
    settle()
    assert message(page, "location") == "This dataset needs its file or folder."
    assert services.training.list_datasets()[0].type == "huggingface"


def test_add_a_job_that_records_how_an_adapter_was_trained(
    qtbot: Any, filled: Filled, open_page: Open, settle: Settle, services: Services
) -> None:
    services.training.update_job(filled.job.id, adapter_name="other")
    page = open_page("jobs")
    page.add()
    settle()
    adapter = field(page, "jobsAdapterNameCombo", QComboBox)
    assert [adapter.itemText(at) for at in range(adapter.count())] == ["sql"]
    adapter.setCurrentIndex(0)
    model = field(page, "jobsBaseModelIdCombo", QComboBox)
    model.setCurrentIndex(model.findData(filled.llama.id))
    field(page, "jobsDatasetFractionEdit").setText("50 %")
    field(page, "jobsTrainTestSplitEdit").setText("95/5")
    field(page, "jobsNumEpochsEdit").setText("2")
    field(page, "jobsLearningRateEdit").setText("2e-4")
    field(page, "jobsOutDirEdit").setText("/runs/sql")
    page.editor.save()
    settle()
    made = services.training.get_job(page.current().id)
    assert (made.dataset_fraction, made.train_test_split) == (0.5, 0.95)
    assert (made.num_epochs, made.learning_rate, made.out_dir) == (2, 2e-4, "/runs/sql")
    split = services.adapters.get_dataset_split_by_adapter(filled.adapter.id)
    assert (split.dataset_fraction, split.dataset_fraction_recorded) == (0.5, True)


def test_figures_are_asked_back_and_one_click_settles_them(
    qtbot: Any, open_page: Open, settle: Settle, services: Services
) -> None:
    page = open_page("jobs")
    page.add()
    figure = field(page, "jobsDatasetFractionEdit")
    qtbot.keyClicks(figure, "0.8")
    qtbot.waitUntil(lambda: "could mean" in message(page, "dataset_fraction"))
    page.editor.save()
    settle()
    assert services.training.list_jobs() == []
    page.editor._fields["dataset_fraction"].message.link().click()
    assert figure.text() == "80\u00a0%"
    page.editor.save()
    settle()
    assert services.training.list_jobs()[0].dataset_fraction == 0.8


def test_an_odd_figure_does_not_keep_the_rest_from_being_mended(
    filled: Filled, open_page: Open, settle: Settle, services: Services
) -> None:
    filled.sql("UPDATE fine_tuning_jobs SET dataset_fraction = 1.5")
    page = open_page("jobs")
    page.select(filled.job.id)
    page.edit()
    field(page, "jobsNumEpochsEdit").setText("5")
    page.editor.save()
    settle()
    job = services.training.list_jobs()[0]
    assert (job.num_epochs, job.dataset_fraction) == (5, 1.5)
    page.edit()
    field(page, "jobsDatasetFractionEdit").setText("")
    page.editor.save()
    settle()
    assert services.training.list_jobs()[0].dataset_fraction is None


def test_a_draft_waits_until_it_is_cancelled(
    qtbot: Any, filled: Filled, open_page: Open, settle: Settle
) -> None:
    page = open_page("base_models")
    page.select(filled.llama.id)
    page.edit()
    field(page, "baseModelsNameEdit").setText("half typed")
    page.select(filled.gpt2.id)
    assert page.reader.isVisible()
    page.add()
    field(page, "baseModelsHuggingfaceNameEdit").setText("org/new")
    page.select(filled.llama.id)
    assert page.editor.isVisible()
    assert field(page, "baseModelsNameEdit").text() == "half typed"
    page.add()
    assert field(page, "baseModelsHuggingfaceNameEdit").text() == "org/new"
    page.editor.footer.cancel_button.click()
    page.add()
    assert field(page, "baseModelsHuggingfaceNameEdit").text() == ""
    page.select(filled.llama.id)
    page.editor.footer.cancel_button.click()
    page.edit()
    assert field(page, "baseModelsNameEdit").text() == "meta-llama/Llama-3.1-8B"


def test_escape_puts_what_is_typed_aside(
    qtbot: Any, filled: Filled, open_page: Open, settle: Settle
) -> None:
    page = open_page("base_models")
    said: list[Any] = []
    page.notice.connect(said.append)
    page.select(filled.llama.id)
    page.edit()
    press(qtbot, field(page, "baseModelsNameEdit"), Qt.Key.Key_Escape)
    assert not said
    assert page.unsaved() == []
    page.edit()
    field(page, "baseModelsNameEdit").setText("half typed")
    press(qtbot, field(page, "baseModelsNameEdit"), Qt.Key.Key_Escape)
    assert page.reader.isVisible()
    assert said[-1].text == "What you typed is kept. “Edit” brings it back."
    page.select(filled.gpt2.id)
    page.select(filled.llama.id)
    assert page.reader.isVisible()
    assert page.unsaved() == ["meta-llama/Llama-3.1-8B"]
    page.show_unsaved()
    assert field(page, "baseModelsNameEdit").text() == "half typed"
    page.editor.footer.cancel_button.click()
    page.add()
    field(page, "baseModelsHuggingfaceNameEdit").setText("org/new")
    press(qtbot, field(page, "baseModelsHuggingfaceNameEdit"), Qt.Key.Key_Escape)
    assert said[-1].text == "What you typed is kept. “Add base model” brings it back."
    assert page.unsaved() == ["New base model"]
    page.add()
    assert field(page, "baseModelsHuggingfaceNameEdit").text() == "org/new"
    page.editor.footer.cancel_button.click()
    assert page.unsaved() == []


def test_a_refresh_leaves_what_is_typed_alone(
    filled: Filled, open_page: Open, settle: Settle, services: Services
) -> None:
    page = open_page("prompts")
    page.select(filled.prompt.id)
    page.edit()
    field(page, "promptsNameEdit").setText("half typed")
    services.training.update_dataset(filled.dataset.id, name="Another name")
    settle()
    assert page.editor.isVisible()
    assert field(page, "promptsNameEdit").text() == "half typed"
    combo = field(page, "promptsDatasetIdCombo", QComboBox)
    assert combo.currentText() == "Another name"


@pytest.mark.parametrize("kind", ["base_models", "prompts"])
def test_a_record_that_went_meanwhile_is_said_beside_the_button(
    filled: Filled, open_page: Open, settle: Settle, services: Services, kind: str
) -> None:
    page = open_page(kind)
    record = filled.gpt2 if kind == "base_models" else services.training.list_prompts()[0]
    page.select(record.id)
    page.edit()
    field(page, f"{page.kind.prefix}NameEdit").setText("typed")
    table = {"base_models": "models", "prompts": "prompts"}[kind]
    filled.sql(f"DELETE FROM {table} WHERE id = ?", record.id)
    page.editor.save()
    settle()
    assert page.editor.isVisible()
    assert "It may have been removed meanwhile." in page.editor.footer.message.text()
    assert field(page, f"{page.kind.prefix}NameEdit").text() == "typed"
