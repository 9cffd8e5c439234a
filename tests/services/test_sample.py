"""The sample library: made without a network, and what it promises is in it."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services import sample
from desktop.services.peft_folder import find_adapters, inspect_folder
from desktop.services.records import Severity
from desktop.services.sample import DATA, NOT_IMPORTED, SAMPLES, create_sample_library


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def refuse(*_: object) -> None:
        raise AssertionError("the sample library asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tmp_path / "demo"


@pytest.fixture
def library(folder: Path) -> Services:
    folder.mkdir()
    with open_services(folder / "catalog.db") as services:
        create_sample_library(services, folder)
    return open_services(folder / "catalog.db")


def test_it_has_adapters_of_several_types_and_two_base_models(library: Services) -> None:
    with library:
        records = library.adapters.list_adapters()
        assert sorted(r.name for r in records) == sorted(s.name for s in SAMPLES)
        inspections = [library.adapters.get_details(r.id).inspection for r in records]
        variants = {i.variant for i in inspections if i is not None}
        assert {"rsLoRA", "DoRA", "LoRA", "IA³", "AdaLoRA", "LoKr", "Prompt"} <= variants
        assert all(i is not None and i.parameters for i in inspections)
        assert {m.title for m in library.base_models.list_base_models()} == {
            sample.LLAMA,
            sample.BLOOM,
        }


def test_one_job_recorded_its_split(library: Services) -> None:
    with library:
        recorded = {}
        for record in library.adapters.list_adapters():
            split = library.adapters.get_dataset_split_by_adapter(record.id)
            if split.recorded:
                recorded[record.name] = (split.dataset_fraction, split.train_test_split)
                assert split.dataset_name == "SQL with context"
        assert recorded == {"sql-context-r16": (0.8, 0.9)}


def test_the_prompt_comes_with_its_templates(library: Services) -> None:
    with library:
        (prompt,) = library.training.list_prompts()
        assert prompt.prompt_template == f"{prompt.input_template}{prompt.completion_template}"
        users = [r.name for r in library.adapters.list_adapters() if r.prompt_id == prompt.id]
        assert sorted(users) == ["sql-context-dora", "sql-context-r16"]


def test_one_adapter_and_no_other_has_a_problem(library: Services) -> None:
    with library:
        problems = {
            record.name: [f.message for f in found]
            for record in library.adapters.list_adapters()
            if (found := library.adapters.check_adapter(record.id))
        }
    assert list(problems) == ["notes-to-tasks"]
    assert problems["notes-to-tasks"] == ["Weights have rank 8, the config says 4."]


def test_a_training_run_is_left_to_import(library: Services, folder: Path) -> None:
    run = folder / "runs" / NOT_IMPORTED
    found = {Path(adapter.path).relative_to(run).as_posix() for adapter in find_adapters(run)}
    assert found == {".", "checkpoint-10", "checkpoint-20"}
    assert not [f for f in inspect_folder(str(run)).findings if f.severity == Severity.ERROR]
    with library:
        model = library.base_models.list_base_models()[1]
        fields = {"location": str(run), "name": "support-sft", "model_id": model.id}
        library.imports.import_adapter("project", fields)


def test_everything_lies_in_the_folder_and_may_be_changed(library: Services, folder: Path) -> None:
    with library:
        for record in library.adapters.list_adapters():
            assert record.path is not None
            config = Path(record.path, "adapter_config.json")
            assert config.is_relative_to(folder)
            config.write_text(config.read_text(encoding="utf-8"), encoding="utf-8")


def test_a_second_time_is_refused_and_changes_nothing(library: Services, folder: Path) -> None:
    with library:
        before = library.adapters.list_adapters()
        with pytest.raises(FileExistsError):
            create_sample_library(library, folder)
        assert library.adapters.list_adapters() == before


def test_the_files_are_small_and_no_pickles() -> None:
    configs = sorted(DATA.rglob("adapter_config.json"))
    assert len(configs) == len(SAMPLES) + 3
    for path in configs:
        config = json.loads(path.read_text(encoding="utf-8"))
        assert config["peft_version"]
        assert config["base_model_name_or_path"] in {sample.LLAMA, sample.BLOOM}
    assert not [p for p in DATA.rglob("*") if p.suffix in {".bin", ".pt", ".pth", ".pkl"}]
    assert sum(p.stat().st_size for p in DATA.rglob("*") if p.is_file()) < 300_000
