"""Connecting a registry from the page: what the environment offers, the dialog, wrong tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QPushButton

from desktop.bootstrap import Services
from desktop.services.records import AdapterRecord, BaseModelRecord
from desktop.services.registry.records import RegistryKind
from desktop.views.import_dialog import ImportDialog
from desktop.views.widgets.text import LinkButton
from tests.cloudera_server import AiRegistryServer, WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.cloudera_server.packing import tar_of
from tests.hub_server import Fault
from tests.hub_server.content import adapter_files
from tests.mlflow_server.store import MlflowServer
from tests.views.import_pages.registry.hands import RegistryHands


def test_without_a_registry_one_sentence_says_how_to_connect(hands: RegistryHands) -> None:
    assert hands.says("Connect a registry once")
    assert hands.footer == "Connect a registry to begin."
    assert hands.connect_button.hasFocus()
    assert not hands.tabs.isVisible()
    assert not hands.model.isVisible()
    assert not hands.go.isEnabled()
    assert not [b for b in hands.page.none.findChildren(LinkButton) if b.isVisible()]


def test_what_the_environment_names_is_offered_and_taken(
    qtbot: Any, registry_library: Any, mlflow_server: MlflowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server.url)
    dialog = ImportDialog(registry_library)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.show_source("model_registry")
    hands = RegistryHands(dialog, qtbot)
    hands.settle()
    assert hands.says(f"MLFLOW_TRACKING_URI names {mlflow_server.url}")
    hands.part(QPushButton, "registryOffer_0").click()
    hands.settle()
    assert hands.connection.currentText() == "MLflow"
    assert hands.tabs.isVisible()
    assert not hands.connect_button.isVisible()
    hands.look_at("plain-lora")
    assert hands.facts()["Rank"] == "8"
    dialog.close()


def test_a_registry_is_connected_tested_and_used(
    hands: RegistryHands, mlflow_server: MlflowServer, services: Services
) -> None:
    hands.bot.keyClick(hands.dialog, Qt.Key.Key_Return)  # the button has the focus
    dialog = hands.connecting
    assert dialog.isVisible()
    fields = dialog.fields
    hands.wait_until(lambda: fields.kind.hasFocus())
    hands.bot.keyClicks(fields.url, mlflow_server.url)
    hands.bot.keyClicks(fields.name, "Team")
    hands.click(dialog.test)
    assert dialog.test.text() == "S&top the test"
    hands.settle()
    host = mlflow_server.url.removeprefix("http://")
    assert dialog.answer.tone() == "ok"
    assert dialog.answer.text().endswith(f"answers at {host}.")
    hands.click(dialog.go)
    hands.wait_until(lambda: not dialog.isVisible())
    hands.settle()
    (kept,) = services.registry.connections.all()
    assert (kept.kind, kept.url, kept.name) == (RegistryKind.MLFLOW, mlflow_server.url, "Team")
    assert hands.connection.currentText() == "Team"
    assert hands.dialog.focusWidget() is hands.model
    hands.look_at("llama-sql")
    assert hands.facts()["Rank"] == "16"


def test_a_wrong_token_is_told_in_the_dialog_and_on_the_page(
    hands: RegistryHands, workbench: WorkbenchServer, services: Services
) -> None:
    model = workbench.bench.add_model("sql-lora")
    workbench.bench.register(model, adapter_files(), "model/peft")
    hands.click(hands.connect_button)
    dialog = hands.connecting
    fields = dialog.fields
    fields.kind.setCurrentIndex(fields.kind.findData(RegistryKind.CLOUDERA_WORKBENCH))
    assert not fields.way.isVisible()  # a workbench takes a key, and nothing else
    hands.bot.keyClicks(fields.url, workbench.url)
    hands.bot.keyClicks(fields.secret_edit, "wrong-token")
    hands.click(dialog.test)
    hands.settle()
    assert dialog.answer.tone() == "error"
    assert "wrong-token" not in " ".join(hands.said())
    hands.wait_until(lambda: fields.secret_edit.hasFocus())
    assert fields.secret_edit.property("state") == "error"
    # It can be kept all the same; then the page says so, with the way to change it.
    hands.click(dialog.go)
    hands.wait_until(lambda: not dialog.isVisible())
    assert fields.secret_edit.text() == ""
    hands.look_at("sql-lora")
    assert hands.footer == "Nothing is known of this model yet."
    hands.link("Change the connection…").click()
    assert dialog.isVisible()
    assert fields.url.text() == workbench.url
    hands.settle()
    assert fields.secret_edit.placeholderText().startswith("The token is kept")
    hands.bot.keyClicks(fields.secret_edit, TOKEN)
    hands.click(dialog.go)
    hands.wait_until(lambda: not dialog.isVisible())
    hands.settle()
    assert hands.message.tone() == "ok", hands.message.text()
    (kept,) = services.registry.connections.all()
    assert services.registry.connections.secret(kept) == TOKEN


def test_a_version_of_a_workbench_comes_in(
    hands: RegistryHands,
    workbench: WorkbenchServer,
    base: BaseModelRecord,
    imported: list[AdapterRecord],
) -> None:
    bench = workbench.bench
    model = bench.add_model("sql-lora")
    files = adapter_files()
    bench.register(model, files, "model/peft", notes="Questions into SQL")
    hands.connect(workbench.url, TOKEN, kind="cloudera_workbench")
    hands.look_at(model.id)
    assert hands.facts()["Model"] == "sql-lora"
    hands.click(hands.go)
    hands.wait_until(lambda: not hands.dialog.isVisible())
    (record,) = imported
    assert record.cml_registered_model_id == model.id
    weights = Path(record.path or "") / "adapter_model.safetensors"
    assert weights.read_bytes() == files["adapter_model.safetensors"]


def test_a_registry_of_whole_archives_says_what_is_known_after_the_fetch(
    hands: RegistryHands, base: BaseModelRecord, imported: list[AdapterRecord]
) -> None:
    files = adapter_files()
    with AiRegistryServer() as server:
        model = server.registry.add_model("sql-lora")
        archive = tar_of({f"model/{name}": data for name, data in files.items()})
        server.registry.add_version(model, archive)
        hands.connect(server.url, TOKEN, kind="cloudera_ai_registry")
        hands.look_at("sql-lora")
        assert hands.message.tone() == "ok", hands.message.text()
        facts = hands.facts()
        assert facts["Rank"] == facts["Size"] == "known after the fetch"
        assert hands.says("This registry hands out whole archives", hands.page.facts)
        assert hands.footer == "Choose a base model to go on."
        hands.base.setCurrentIndex(0)
        hands.settle()
        hands.click(hands.go)
        hands.wait_until(lambda: not hands.dialog.isVisible())
    (record,) = imported
    assert record.model_id == base.id


@pytest.mark.parametrize("by_key", [False, True])
def test_a_fetch_can_be_stopped_and_tried_again(
    hands: RegistryHands,
    workbench: WorkbenchServer,
    base: BaseModelRecord,
    services: Services,
    imported: list[AdapterRecord],
    by_key: bool,
) -> None:
    model = workbench.bench.add_model("sql-lora")
    workbench.bench.register(model, adapter_files(weights_mb=2), "model/peft")
    hands.connect(workbench.url, TOKEN, kind="cloudera_workbench")
    hands.look_at("sql-lora")
    workbench.fault = Fault("stall", match="adapter_model", after=1 << 19)
    hands.click(hands.go)
    assert hands.go.text() == "Fetch in the back&ground"
    workbench.fault.wait()
    hands.wait_until(lambda: hands.progress.value() > 100)
    if by_key:
        hands.bot.keyClick(hands.dialog, Qt.Key.Key_Escape)
    else:
        hands.click(hands.cancel)
    hands.wait_until(lambda: not hands.page.running)
    assert hands.dialog.isVisible()
    assert hands.model.text() == "sql-lora"
    assert hands.model.isEnabled()
    assert not list(services.location.adapters.glob("*"))
    workbench.fault.release()
    workbench.fault = None
    hands.settle()
    hands.click(hands.go)
    hands.wait_until(lambda: not hands.dialog.isVisible())
    assert len(imported) == 1


def test_what_is_wrong_with_a_connection_stands_beside_its_fields(hands: RegistryHands) -> None:
    hands.click(hands.connect_button)
    dialog = hands.connecting
    fields = dialog.fields
    hands.settle()
    assert not hands.says("The connection needs an address.")  # it is no news yet
    hands.click(dialog.go)
    assert hands.says("The connection needs an address.", dialog)
    hands.wait_until(lambda: fields.url.hasFocus())
    consent = hands.part(QCheckBox, "connectPlainHttpBox")
    assert not consent.isVisible()
    hands.bot.keyClicks(fields.url, "http://mlflow.example.com")
    hands.wait_until(lambda: consent.isVisible())
    assert fields.url_field.findings()
    consent.click()
    hands.wait_until(lambda: not fields.url_field.findings())
    # What was agreed to was agreed for this address.
    hands.bot.keyClicks(fields.url, "x")
    hands.wait_until(lambda: bool(fields.url_field.findings()))
    assert not consent.isChecked()
    fields.kind.setCurrentIndex(fields.kind.findData(RegistryKind.MLFLOW_STORE))
    assert fields.folder.isVisible()
    assert not fields.ca_file.isVisible()
    hands.bot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert hands.dialog.isVisible()


def test_a_test_of_a_silent_server_can_be_stopped(
    hands: RegistryHands, workbench: WorkbenchServer
) -> None:
    workbench.fault = Fault("stall_headers")
    hands.click(hands.connect_button)
    dialog = hands.connecting
    fields = dialog.fields
    fields.kind.setCurrentIndex(fields.kind.findData(RegistryKind.CLOUDERA_WORKBENCH))
    hands.bot.keyClicks(fields.url, workbench.url)
    hands.bot.keyClicks(fields.secret_edit, TOKEN)
    hands.click(dialog.test)
    workbench.fault.wait()
    hands.click(dialog.test)
    assert dialog.answer.text().startswith("Stopped.")
    assert dialog.test.text() == "&Test connection"
    hands.settle()
    dialog.reject()


def test_a_connection_that_is_removed_leads_back_to_the_beginning(
    hands: RegistryHands, mlflow_server: MlflowServer, services: Services
) -> None:
    hands.connect(mlflow_server.url, name="Team")
    hands.look_at("llama-sql")
    hands.part(LinkButton, "registryEditLink").click()
    dialog = hands.connecting
    hands.settle()
    hands.click(dialog.remove)
    hands.wait_until(lambda: not dialog.isVisible())
    assert services.registry.connections.all() == ()
    hands.settle()
    assert hands.says("Connect a registry once")
    assert not hands.tabs.isVisible()
    assert hands.facts() == {}


def test_several_registries_are_chosen_between(
    hands: RegistryHands, mlflow_server: MlflowServer, workbench: WorkbenchServer
) -> None:
    hands.connect(mlflow_server.url, name="Team")
    hands.connect(workbench.url, TOKEN, kind="cloudera_workbench", name="Bench")
    lines = [hands.connection.itemText(row) for row in range(hands.connection.count())]
    assert [line for line in lines if line] == ["Team", "Bench", "Connect another…"]
    assert hands.connection.currentText() == "Bench"
    hands.look_at("llama-sql")
    assert hands.message.tone() == "error"
    hands.connection.setFocus()
    hands.bot.keyClick(hands.connection, Qt.Key.Key_Home)
    hands.settle()
    assert hands.connection.currentText() == "Team"
    assert hands.facts()["Rank"] == "16"
    hands.bot.keyClick(hands.connection, Qt.Key.Key_End)
    assert hands.connecting.isVisible()
    hands.connecting.reject()
    assert hands.connection.currentText() == "Team"
