"""What the page says about a model that is there, but not as one would like."""

from __future__ import annotations

import pytest

from desktop.models.task_runner import Task
from desktop.services.records import BaseModelRecord
from desktop.views.import_pages.shared.files import FilesBox
from tests.cloudera_server import AiRegistryServer, WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.cloudera_server.packing import tar_of
from tests.hub_server import Fault
from tests.hub_server.content import adapter_files
from tests.mlflow_server.store import MlflowServer
from tests.support import LLAMA
from tests.views.import_pages.registry.hands import RegistryHands


@pytest.mark.parametrize(
    ("model", "files", "footer"),
    [
        (
            "no-adapter",
            "There is no adapter in this version.",
            "Choose a version that holds an adapter to go on.",
        ),
        (
            "bucket-lora",
            "The files of this version can’t be fetched.",
            "Choose a version whose files can be fetched to go on.",
        ),
        (
            "nothing-like-it",
            "The files stand here as soon as a version is found.",
            "Name an adapter that is there to go on.",
        ),
    ],
)
def test_what_is_missing_is_said_by_its_name(
    hands: RegistryHands, mlflow_server: MlflowServer, model: str, files: str, footer: str
) -> None:
    hands.connect(mlflow_server.url, name="Team")
    hands.look_at(model)
    assert hands.part(FilesBox, "registryFiles").empty.text() == files
    assert hands.footer == footer


def test_a_base_model_that_only_a_tag_names_is_not_told_of_a_config(
    hands: RegistryHands, base: BaseModelRecord
) -> None:
    with AiRegistryServer() as server:
        model = server.registry.add_model("sql-lora")
        archive = tar_of({f"model/{name}": data for name, data in adapter_files().items()})
        tags = [{"key": "base_model", "value": LLAMA}]
        server.registry.add_version(model, archive, says={"tags": tags})
        hands.connect(server.url, TOKEN, kind="cloudera_ai_registry")
        hands.look_at("sql-lora")
        assert hands.base.currentText() == LLAMA
        assert hands.says("Named by the run.", hands.page.by_id.common.base)
        assert not hands.says("config", hands.page.by_id.common.base)


def test_the_description_of_the_model_is_taken_over_where_the_version_has_none(
    hands: RegistryHands, workbench: WorkbenchServer
) -> None:
    model = workbench.bench.add_model("sql-lora", description="Questions into SQL")
    workbench.bench.register(model, adapter_files(), "model/peft")
    hands.connect(workbench.url, TOKEN, kind="cloudera_workbench")
    hands.look_at("sql-lora")
    assert hands.description.toPlainText() == "Questions into SQL"
    assert hands.facts()["Description"] == "Questions into SQL"


def test_a_fetch_is_called_by_the_name_of_its_model(
    hands: RegistryHands, workbench: WorkbenchServer, base: BaseModelRecord
) -> None:
    model = workbench.bench.add_model("sql-lora")
    workbench.bench.register(model, adapter_files(weights_mb=2), "model/peft")
    hands.connect(workbench.url, TOKEN, kind="cloudera_workbench")
    hands.look_at(model.id)
    workbench.fault = Fault("stall", match="adapter_model", after=1 << 19)
    hands.click(hands.go)
    workbench.fault.wait()
    tasks: list[Task] = list(hands.runner.tasks)
    assert [task.title for task in tasks if task.visible] == ["Fetching sql-lora/1"]
    hands.click(hands.cancel)
    hands.wait_until(lambda: not hands.page.running)
    workbench.fault.release()
    # A registry announces no hashes, so nothing of it is kept.
    assert hands.footer == "Stopped. Nothing was imported."
