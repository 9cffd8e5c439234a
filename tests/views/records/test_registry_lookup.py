"""A base model is looked up in a registry by its ID, and the form is filled with what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QLineEdit, QMenu, QPlainTextEdit, QPushButton

from desktop.bootstrap import Services
from desktop.services.registry.records import Connection, RegistryKind
from desktop.views.records import RecordsPage
from desktop.views.widgets.segmented import SegmentedSwitch
from tests.mlflow_server.fixtures import mlflow_server
from tests.mlflow_server.store import MlflowServer
from tests.views.records.conftest import Open

__all__ = ["mlflow_server"]

Settle = Callable[[], None]
ID = "cml_registered_model_id"


class Form:
    """The form for a base model of a registry."""

    def __init__(self, page: RecordsPage, bot: Any) -> None:
        self.page, self.bot = page, bot
        page.add()
        self.part(SegmentedSwitch, "TypeSwitch").segment("model_registry").click()

    def part(self, kind: type[Any], name: str) -> Any:
        found = self.page.findChild(kind, f"baseModels{name}")
        assert found is not None, name
        return found

    @property
    def id(self) -> QLineEdit:
        return self.part(QLineEdit, "CmlRegisteredModelIdEdit")

    @property
    def name(self) -> QLineEdit:
        return self.part(QLineEdit, "NameEdit")

    @property
    def button(self) -> QPushButton:
        return self.part(QPushButton, "CmlRegisteredModelIdLookUp")

    def message(self) -> str:
        return self.page.editor._fields[ID].message.text()


def connect(services: Services, url: str, name: str) -> None:
    services.registry.connections.save(Connection(RegistryKind.MLFLOW, url, name))


def test_what_the_registry_says_fills_the_form(
    qtbot: Any, open_page: Open, settle: Settle, services: Services, mlflow_server: MlflowServer
) -> None:
    connect(services, mlflow_server.url, "Team")
    form = Form(open_page("base_models"), qtbot)
    assert form.button.isVisible()
    qtbot.keyClicks(form.id, "llama-sql@champion")
    form.button.click()
    assert form.button.text() == "Stop"
    settle()
    assert form.message() == "Found “llama-sql”."
    assert form.id.text() == "llama-sql"
    assert form.name.text() == "llama-sql"
    assert form.part(QPlainTextEdit, "DescriptionEdit").toPlainText() == "Trained with rank 8."
    form.page.editor.save()
    settle()
    (kept,) = services.base_models.list_base_models()
    known = mlflow_server.registered
    assert (kept.type, kept.cml_registered_model_id) == ("model_registry", "llama-sql")
    assert kept.mlflow_run_id == known.version("llama-sql", 1).run_id
    assert kept.mlflow_experiment_id == known.experiment_id


def test_what_was_typed_stays_and_what_is_wrong_stands_beside_the_field(
    qtbot: Any, open_page: Open, settle: Settle, services: Services, mlflow_server: MlflowServer
) -> None:
    form = Form(open_page("base_models"), qtbot)
    form.button.click()
    assert form.message() == "No registry is connected. Add it in the preferences."
    connect(services, mlflow_server.url, "Team")
    form.button.click()
    assert form.message() == "Type the name or ID of the model first."
    qtbot.keyClicks(form.name, "My words")
    qtbot.keyClicks(form.id, "nothing-like-it")
    settle()
    form.button.click()
    settle()
    assert form.message().startswith("There is no model “nothing-like-it”")
    form.id.setText("plain-lora")
    settle()
    form.button.click()
    settle()
    assert form.name.text() == "My words"
    assert form.id.text() == "plain-lora"


def test_of_several_registries_one_is_chosen(
    qtbot: Any, open_page: Open, settle: Settle, services: Services, mlflow_server: MlflowServer
) -> None:
    connect(services, mlflow_server.url, "Team & friends")
    connect(services, "http://127.0.0.1:9", "Nobody")
    form = Form(open_page("base_models"), qtbot)
    qtbot.keyClicks(form.id, "plain-lora")
    settle()
    form.button.click()
    menu = form.page.findChild(QMenu, "registryLookupMenu")
    assert menu is not None
    words = [action.text() for action in menu.actions()]
    assert words == ["Team && friends", "Nobody"]
    menu.actions()[0].trigger()
    menu.close()
    settle()
    assert form.name.text() == "plain-lora"
