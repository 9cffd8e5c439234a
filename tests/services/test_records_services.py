"""Base models, prompts, datasets and jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services
from desktop.services.errors import InUseError, NotFoundError, ValidationError
from desktop.services.records import (
    AddAdapterRequest,
    AddBaseModelRequest,
    AddDatasetRequest,
    AddJobRequest,
    AddPromptRequest,
)
from tests.support import LLAMA, make_adapter


def test_base_models_of_three_kinds(services: Services, tmp_path: Path) -> None:
    add = services.base_models.add_base_model
    hub = add(AddBaseModelRequest(type="huggingface", huggingface_name=f" {LLAMA} "))
    local = add(AddBaseModelRequest(type="project", location=str(tmp_path)))
    registry = add(AddBaseModelRequest(type="model_registry", cml_registered_model_id="abc-1"))
    assert (hub.name, hub.huggingface_name) == (LLAMA, LLAMA)
    assert local.title == tmp_path.name
    assert registry.title == "abc-1"
    find = services.base_models.find_base_model
    assert find(LLAMA.upper()) == hub
    assert find(str(tmp_path) + "/") == local
    assert find("Llama-2-7b-hf") is None
    assert find(None) is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"type": "huggingface"}, "huggingface_name"),
        ({"type": "huggingface", "huggingface_name": "../etc"}, "huggingface_name"),
        ({"type": "huggingface", "huggingface_name": "a/b/c"}, "huggingface_name"),
        ({"type": "project"}, "location"),
        ({"type": "project", "location": "/does/not/exist"}, "location"),
        ({"type": "project", "location": "x"}, "location"),
        ({"type": "project", "location": "/a\x00b"}, "location"),
        ({"type": "model_registry"}, "cml_registered_model_id"),
        ({"type": "zip"}, "type"),
    ],
)
def test_base_models_that_are_refused(
    services: Services, given: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        services.base_models.add_base_model(AddBaseModelRequest(**given))
    assert field in {f.field for f in caught.value.findings}
    assert services.base_models.list_base_models() == []


def test_a_base_model_that_is_needed_stays_and_says_who_needs_it(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = str(make_adapter(tmp_path / "run"))
    services.adapters.add_adapter(
        AddAdapterRequest(type="project", name="a", model_id=base, location=folder)
    )
    services.training.add_job(AddJobRequest(adapter_name="job", base_model_id=base))
    with pytest.raises(InUseError, match="1 adapter and 1 training job") as caught:
        services.base_models.remove_base_model(base)
    assert {(kind, name) for kind, _, name in caught.value.users} == {
        ("adapters", "a"),
        ("fine_tuning_jobs", "job"),
    }
    with pytest.raises(ValidationError):
        services.base_models.update_base_model(base, name="  ")
    assert services.base_models.update_base_model(base, name="Llama").title == "Llama"
    with pytest.raises(ValidationError):
        services.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        )
    with pytest.raises(NotFoundError):
        services.base_models.remove_base_model("gone")


def test_prompts_and_datasets(services: Services) -> None:
    t = services.training
    dataset = t.add_dataset(
        AddDatasetRequest(huggingface_name="b-mc2/sql-create-context", features=("q", "a"))
    )
    prompt = t.add_prompt(
        AddPromptRequest(name="p", dataset_id=dataset.id, input_template="  {q}\n")
    )
    assert prompt.input_template == "  {q}\n"
    assert (prompt.dataset_name, dataset.features) == ("b-mc2/sql-create-context", ("q", "a"))
    with pytest.raises(InUseError):
        t.remove_dataset(dataset.id)
    with pytest.raises(ValidationError):
        t.add_prompt(AddPromptRequest(name=" ", dataset_id="gone"))
    with pytest.raises(ValidationError):
        t.add_dataset(AddDatasetRequest(type="project_csv"))
    assert t.update_dataset(dataset.id, features=("x",)).features == ("x",)
    assert t.update_prompt(prompt.id, name="new", dataset_id="").dataset_id is None
    t.remove_dataset(dataset.id)
    t.remove_prompt(prompt.id)
    services.history.undo()
    services.history.undo()
    assert t.get_prompt(prompt.id).name == "new"
    assert t.get_dataset(dataset.id).features == ("x",)


@pytest.mark.parametrize("figure", [0, -0.1, 1.01, float("nan"), float("inf")])
def test_figures_of_a_job_are_parts_of_a_whole(services: Services, figure: float) -> None:
    for field in ("dataset_fraction", "train_test_split"):
        with pytest.raises(ValidationError) as caught:
            services.training.add_job(AddJobRequest(adapter_name="x", **{field: figure}))
        assert {f.field for f in caught.value.findings} == {field}
    job = services.training.add_job(AddJobRequest(adapter_name="x", dataset_fraction=1))
    assert job.dataset_fraction == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("num_epochs", 0),
        ("num_epochs", 1.5),
        ("num_epochs", "3"),
        ("num_epochs", True),
        ("num_epochs", 2**31),
        ("dataset_fraction", "0.5"),
        ("dataset_fraction", True),
        ("learning_rate", -1),
        ("base_model_id", "\ud800"),
        ("prompt_id", "a\x00b"),
    ],
)
def test_a_job_takes_only_what_both_databases_hold_alike(
    services: Services, field: str, value: Any
) -> None:
    with pytest.raises(ValidationError) as caught:
        services.training.add_job(AddJobRequest(**{"adapter_name": "x", field: value}))
    assert {f.field for f in caught.value.findings} == {field}
    assert services.training.list_jobs() == []


def test_features_of_a_dataset_are_words(services: Services) -> None:
    with pytest.raises(ValidationError) as caught:
        services.training.add_dataset(
            AddDatasetRequest(huggingface_name="a/b", features=("text", "x\x00", "\ud800"))
        )
    assert [(f.field, f.code) for f in caught.value.findings] == [("features", "characters")]


def test_what_a_job_is_called(services: Services) -> None:
    add = services.training.add_job
    assert add(AddJobRequest(adapter_name="a", out_dir="/x/y")).title == "a"
    assert add(AddJobRequest(out_dir="/x/run-7/")).title == "run-7"
    nameless = add(AddJobRequest())
    assert nameless.title == nameless.id
    assert services.training.update_job(nameless.id, train_test_split=0.5).train_test_split == 0.5


def test_a_figure_outside_its_range_is_shown_with_a_warning(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = str(make_adapter(tmp_path / "run"))
    adapter = services.adapters.add_adapter(
        AddAdapterRequest(type="project", name="a", model_id=base, location=folder)
    )
    job = services.training.add_job(AddJobRequest(adapter_name="a", dataset_fraction=0.5))
    from desktop.services.catalog.store import JOBS

    with services.open().write(None) as transaction:
        transaction.update(JOBS, job.id, {"dataset_fraction": 1.5})
    split = services.adapters.get_dataset_split_by_adapter(adapter.id)
    assert (split.dataset_fraction, split.drawable) == (1.5, False)
    assert [f.code for f in split.findings] == ["figure_out_of_range"]
    assert "figure_out_of_range" in {
        f.code for f in services.adapters.get_details(adapter.id).findings
    }
