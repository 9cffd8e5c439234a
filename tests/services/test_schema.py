"""The shared tables and messages: names, numbers, and the way between them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop.services.catalog.schema import (
    Adapter,
    BaseModel,
    FineTuningJob,
    MappedDict,
    MappedProtobuf,
)
from desktop.services.studio import AdapterMetadata, FineTuningJobMetadata, ModelMetadata


def test_field_numbers_are_the_interface() -> None:
    fields = {f.name: f.number for f in AdapterMetadata.DESCRIPTOR.fields}
    assert fields == {
        "id": 1,
        "type": 2,
        "name": 3,
        "model_id": 4,
        "location": 5,
        "huggingface_name": 6,
        "fine_tuning_job_id": 7,
        "prompt_id": 8,
        "cml_registered_model_id": 9,
        "mlflow_experiment_id": 10,
        "mlflow_run_id": 11,
        "description": 12,
    }
    assert AdapterMetadata.DESCRIPTOR.full_name == "fine_tuning_studio.AdapterMetadata"
    assert FineTuningJobMetadata.DESCRIPTOR.fields_by_name["adapter_name"].number == 26


def test_there_and_back() -> None:
    given = {"id": "1", "type": "project", "name": "n", "description": "d", "location": "/x"}
    adapter = Adapter.from_dict({**given, "prompt_id": None})
    assert isinstance(adapter, MappedDict)
    assert isinstance(adapter, MappedProtobuf)
    assert adapter.to_dict() == given
    message = adapter.to_protobuf(AdapterMetadata)
    assert message.SerializeToString()
    assert (message.name, message.description, message.prompt_id) == ("n", "d", "")
    again = Adapter.from_message(AdapterMetadata.FromString(message.SerializeToString()))
    assert again.to_dict() == given
    assert again.prompt_id is None
    with pytest.raises(ValueError, match="no column colour"):
        Adapter.from_dict({"colour": "red"})


def test_messages_of_models_and_jobs() -> None:
    model = BaseModel.from_message(ModelMetadata(id="m", huggingface_model_name="org/x"))
    assert model.to_dict() == {"id": "m", "huggingface_model_name": "org/x"}
    job = FineTuningJob(id="j", num_epochs=3, dataset_fraction=0.5, adapter_name="a")
    message = job.to_protobuf(FineTuningJobMetadata)
    assert (message.num_epochs, message.dataset_fraction, message.num_gpu) == (3, 0.5, 0)
    assert FineTuningJob.from_message(message).to_dict() == job.to_dict()


def test_the_generated_messages_are_those_of_the_proto_file(tmp_path: Path) -> None:
    from tools.make_proto import FOLDER, make

    assert make(tmp_path) == 0
    generated = (tmp_path / "fine_tuning_studio_pb2.py").read_text()
    ours = (FOLDER / "fine_tuning_studio_pb2.py").read_text()

    def serialized(text: str) -> str:
        return next(line for line in text.splitlines() if line.startswith("DESCRIPTOR"))

    assert serialized(generated) == serialized(ours)


def test_protobuf_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, desktop.services.studio; print('google.protobuf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
