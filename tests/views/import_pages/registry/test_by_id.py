"""By ID, against a real MLflow server: what is typed is found, shown and imported."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QWidget

from desktop.bootstrap import Services
from desktop.services.records import AdapterRecord, AddJobRequest, BaseModelRecord
from desktop.views.import_pages.shared.eliding_combo import ElidingCombo
from desktop.views.theme import metric
from desktop.views.widgets.text import LinkButton
from tests.mlflow_server.store import MlflowServer, Registered
from tests.support import LLAMA
from tests.views.import_pages.hands import staged
from tests.views.import_pages.registry.hands import RegistryHands


@pytest.fixture
def connected(hands: RegistryHands, mlflow_server: MlflowServer) -> RegistryHands:
    hands.connect(mlflow_server.url, name="Team")
    return hands


def test_a_version_is_shown_before_its_files_move(
    base: BaseModelRecord, connected: RegistryHands
) -> None:
    hands = connected
    assert hands.footer == "Type the name or ID of a model to begin."
    hands.look_at("llama-sql")
    assert hands.message.text() == (
        "Found “llama-sql”, version 2 of today. Nothing is fetched yet."
    )
    assert hands.versions() == ["2 · newest · candidate · Today", "1 · champion · Today"]
    assert hands.version.currentIndex() == 0
    facts = hands.facts()
    assert facts["Model"] == "llama-sql"
    assert facts["Version"] == "2 · @candidate"
    assert facts["Description"] == "Trained with rank 16."
    assert facts["Source run"] == "train"
    assert (facts["r"], facts["learning_rate"], facts["eval_loss"]) == ("16", "0.0002", "0.75")
    assert facts["PEFT type"] == "LoRA"
    assert facts["Rank"] == "16"
    assert facts["Alpha"].startswith("32")
    assert facts["Targets"] == "q, v"
    assert facts["Size"].endswith("in all")
    assert facts["Base model"] == LLAMA
    assert facts["Tags"] == "rank: 16, task: text-to-sql"
    labels = list(facts)
    assert labels.index("r") < labels.index("learning_rate") < labels.index("eval_loss")
    assert hands.name.text() == "llama-sql"
    assert hands.base.currentText() == LLAMA
    assert hands.description.toPlainText() == "Trained with rank 16."
    assert hands.go.isEnabled()
    assert hands.footer == ""


def test_the_rest_of_what_a_run_logged_unfolds(connected: RegistryHands) -> None:
    hands = connected
    hands.look_at("llama-sql")
    assert "num_train_epochs" not in hands.facts()
    more = hands.link("6 more")
    more.setFocus()
    hands.bot.keyClick(more, Qt.Key.Key_Space)
    facts = hands.facts()
    assert (facts["num_train_epochs"], facts["train_runtime"]) == ("3", "12.5")
    fold = hands.link("Fold")
    assert fold.hasFocus()  # the way back is where one came from
    fold.click()
    assert "num_train_epochs" not in hands.facts()


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("llama-sql/1", "1"),
        ("llama-sql@champion", "1"),
        ("models:/llama-sql@candidate", "2"),
        ("models:/llama-sql/2", "2"),
    ],
)
def test_versions_aliases_and_addresses_are_understood(
    connected: RegistryHands, typed: str, number: str
) -> None:
    connected.look_at(typed)
    assert connected.facts()["Version"].startswith(number)
    assert connected.version.currentText().startswith(f"{number} ·")


def test_another_version_is_picked_and_comes_in_with_its_run(
    base: BaseModelRecord,
    connected: RegistryHands,
    services: Services,
    mlflow_server: MlflowServer,
    imported: list[AdapterRecord],
) -> None:
    hands = connected
    hands.look_at("llama-sql")
    hands.pick(hands.version, 1)
    hands.settle()
    assert hands.model.text() == "llama-sql/1"
    facts = hands.facts()
    assert (facts["Rank"], facts["Version"]) == ("8", "1 · @champion newest is 2")
    assert hands.description.toPlainText() == "Trained with rank 8."
    hands.type(hands.name, "mine")
    hands.settle()
    hands.click(hands.go)
    assert not hands.page.form.isEnabled()
    hands.wait_until(lambda: not hands.dialog.isVisible())
    (record,) = imported
    known = mlflow_server.registered.version("llama-sql", 1)
    assert (record.type, record.name) == ("model_registry", "mine")
    assert record.cml_registered_model_id == "llama-sql"
    assert record.mlflow_run_id == known.run_id
    assert record.mlflow_experiment_id == mlflow_server.registered.experiment_id
    assert record.description == "Trained with rank 8."
    assert record.model_id == base.id
    assert record.origin is not None
    assert (record.origin.version, record.origin.server) == ("1", mlflow_server.url)
    kept = Path(record.path or "") / "adapter_model.safetensors"
    assert kept.read_bytes() == known.files["adapter_model.safetensors"]
    # The run's figures were recorded: the box was ticked.
    split = services.adapters.get_dataset_split_by_adapter(record.id)
    assert (split.dataset_fraction, split.train_test_split) == (0.5, 0.8)
    assert split.recorded
    assert not staged(services)
    # The next one begins with empty fields, and the same registry.
    hands.dialog.open()
    hands.settle()
    assert hands.model.text() == hands.name.text() == ""
    assert hands.connection.currentText() == "Team"


def test_an_alias_stays_one_in_the_record(
    base: BaseModelRecord, connected: RegistryHands, imported: list[AdapterRecord]
) -> None:
    connected.look_at("llama-sql@champion")
    connected.click(connected.go)
    connected.wait_until(lambda: not connected.dialog.isVisible())
    origin = imported[0].origin
    assert origin is not None
    assert (origin.revision, origin.version) == ("@champion", "1")


def test_the_figures_of_a_run_are_offered_as_a_job(
    base: BaseModelRecord,
    connected: RegistryHands,
    services: Services,
    imported: list[AdapterRecord],
) -> None:
    hands = connected
    job = services.training.add_job(AddJobRequest(adapter_name="by hand", out_dir="/runs/1"))
    hands.look_at("plain-lora")
    words = hands.record.text().replace("&", "")
    assert words == (
        "Record the run's figures as a training job (50\u00a0% of the data, split 80/20)"
    )
    assert hands.record.isChecked()
    assert hands.page.panel.split.badge.text() == "Recorded"
    assert hands.says("By the run; recorded as a training job.", hands.page.facts)
    # A job that the person chooses goes before it.
    at = hands.job.findData(job.id)
    hands.job.setCurrentIndex(at)
    assert not hands.record.isEnabled()
    assert not hands.record.isChecked()
    hands.job.setCurrentIndex(0)
    assert hands.record.isChecked()
    hands.record.click()
    assert not hands.says("By the run", hands.page.facts)
    hands.settle()
    hands.click(hands.go)
    hands.wait_until(lambda: not hands.dialog.isVisible())
    split = services.adapters.get_dataset_split_by_adapter(imported[0].id)
    assert not split.recorded


@pytest.mark.parametrize("name", ["nested-lora", "logged-lora", "address-lora", "pyfunc-lora"])
def test_an_adapter_is_found_wherever_it_lies_in_the_artifact(
    connected: RegistryHands, mlflow_server: MlflowServer, name: str
) -> None:
    connected.look_at(name)
    facts = connected.facts()
    assert facts["Rank"] == "8"
    path = mlflow_server.registered.version(name).path
    assert facts.get("Folder", "") == (f"{path}/ in its files" if path else "")


def test_what_cannot_be_had_is_told_at_the_field(connected: RegistryHands) -> None:
    hands = connected
    for typed, told in (
        ("bucket-lora", "s3://acme-models"),
        ("no-adapter", "There is no PEFT adapter in this version"),
        ("llama-sql/9", "9"),
        ("llama-sql@nobody", "nobody"),
        ("nothing-like-it", "There is no model “nothing-like-it”"),
    ):
        hands.look_at(typed)
        assert hands.message.tone() == "error", typed
        assert told in hands.message.text()
        assert not hands.go.isEnabled()
        hands.click(hands.go)
        assert hands.model.property("state") == "error"
        assert not hands.page.running


def test_what_was_typed_for_one_model_goes_on_with_the_next(connected: RegistryHands) -> None:
    hands = connected
    hands.look_at("plain-lora")
    hands.type(hands.name, "my name")
    hands.description.setPlainText("my words")
    hands.look_at("llama-sql")
    assert hands.name.text() == "my name"
    assert hands.description.toPlainText() == "my words"
    hands.look_at("")
    assert hands.facts() == {}
    assert hands.description.toPlainText() == "my words"


def test_enter_looks_at_once_and_only_then_imports(
    base: BaseModelRecord, connected: RegistryHands, imported: list[AdapterRecord]
) -> None:
    hands = connected
    hands.type(hands.model, "plain-lora")
    hands.bot.keyClick(hands.model, Qt.Key.Key_Return)
    hands.settle()
    assert hands.message.tone() == "ok"
    assert not hands.page.running  # nothing that nobody has seen is fetched
    hands.bot.keyClick(hands.model, Qt.Key.Key_Return)
    hands.wait_until(lambda: not hands.dialog.isVisible())
    assert [record.name for record in imported] == ["plain-lora"]


def test_a_base_model_that_is_not_here_is_added(
    connected: RegistryHands, services: Services
) -> None:
    hands = connected
    hands.look_at("plain-lora")
    assert hands.says("The config names one that is not here yet.")
    hands.link(f"Add {LLAMA}").click()
    hands.settle()
    assert hands.base.currentText() == LLAMA
    assert [m.title for m in services.base_models.list_base_models()] == [LLAMA]
    assert hands.go.isEnabled()


def test_a_store_of_files_works_like_a_server(
    base: BaseModelRecord,
    hands: RegistryHands,
    mlflow_database_store: tuple[Path, Registered],
    imported: list[AdapterRecord],
) -> None:
    path, _ = mlflow_database_store
    hands.connect(str(path), kind="mlflow_store", name="Here")
    hands.look_at("nested-lora")
    assert hands.facts()["Folder"] == "peft/ in its files"
    hands.click(hands.go)
    hands.wait_until(lambda: not hands.dialog.isVisible())
    origin = imported[0].origin
    assert origin is not None
    assert origin.server == str(path)


def test_everything_has_its_place_on_a_small_screen(connected: RegistryHands) -> None:
    hands = connected
    hands.look_at("llama-sql")
    mnemonics: list[str] = []
    for size in ((760, 520), (920, 632), (1500, 900)):
        hands.dialog.resize(*size)
        hands.bot.waitUntil(lambda: not hands.runner.tasks)
        for widget in hands.page.form.findChildren(QWidget):
            if widget.isVisible() and isinstance(widget, QComboBox | LinkButton):
                assert not hands.is_cut(widget), widget.objectName()
    for label in (*hands.said(hands.page.form), hands.tabs.tabText(0), hands.tabs.tabText(1)):
        place = label.find("&")
        if place >= 0:
            mnemonics.append(label[place + 1].lower())
    mnemonics += ["f", "c"]  # the foot
    assert len(mnemonics) == len(set(mnemonics)), mnemonics


def test_a_version_that_is_longer_than_its_box_ends_in_dots(connected: RegistryHands) -> None:
    hands = connected
    hands.look_at("llama-sql/1")
    box = hands.version
    assert isinstance(box, ElidingCombo)
    whole = box.currentText()
    assert whole.startswith("1 · champion")
    widths = range(box.minimumSizeHint().width(), box.sizeHint().width() + 300, 10)
    shown = []
    for width in widths:
        box.resize(width, box.height())
        shown.append(box.shown_text())
        room = box.fontMetrics().horizontalAdvance(shown[-1])
        assert room <= width - metric(20, box.font()), (width, shown[-1])  # the arrow
        box.grab()
    assert shown[0].endswith("…")
    assert shown[0].startswith("1")
    assert shown[-1] == whole


def test_who_is_asked_late_is_not_heard(connected: RegistryHands) -> None:
    hands = connected
    hands.type(hands.model, "plain-lora")
    hands.page.by_id.place.look_now()
    hands.type(hands.model, "llama-sql")
    hands.settle()
    assert hands.facts()["Model"] == "llama-sql"
    assert hands.name.text() == "llama-sql"
