"""Adding, changing and removing adapters, by the rules, on both databases."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services
from desktop.services.errors import ConflictError, NotFoundError, ValidationError
from desktop.services.records import AddAdapterRequest, AddJobRequest, AddPromptRequest, Row
from tests.support import make_adapter


def request(folder: Path, base: str, name: str = "sql", **given: str) -> AddAdapterRequest:
    return AddAdapterRequest(
        type="project", name=name, model_id=base, location=str(folder), **given
    )


def codes(error: ValidationError) -> set[tuple[str, str]]:
    return {(f.field, f.code) for f in error.findings if f.severity == "error"}


def test_what_was_added_is_listed_with_every_field(
    services: Services, base: str, tmp_path: Path
) -> None:
    prompt = services.training.add_prompt(AddPromptRequest(name="Text to SQL"))
    folder = make_adapter(tmp_path / "run")
    added = services.adapters.add_adapter(
        request(
            folder,
            f" {base} ",
            "  Cafe\u0301  ",
            description=" two\nlines ",
            prompt_id=prompt.id,
            mlflow_run_id="r1",
            mlflow_experiment_id="7",
            cml_registered_model_id="c",
            huggingface_name="org/x",
        )
    )
    assert added.name == "Caf\u00e9"
    assert added.model_id == base
    assert added.description == "two\nlines"
    assert (added.mlflow_run_id, added.mlflow_experiment_id) == ("r1", "7")
    assert (added.cml_registered_model_id, added.huggingface_name) == ("c", "org/x")
    assert added.location == added.path == str(folder)
    assert services.adapters.list_adapters() == [added]
    (row,) = services.adapters.list_rows()
    assert len(row) == Row.WIDTH
    assert (row[Row.NAME], row[Row.PEFT_TYPE], row[Row.RANK]) == ("Caf\u00e9", "LoRA", 8)
    assert (row[Row.PARAMETERS], row[Row.STATE]) == (512, "ok")
    assert row[Row.BASE_MODEL] == "meta-llama/Llama-2-7b-hf"
    if services.location.path is not None:
        assert services.first_rows() == [row]


def test_every_finding_is_in_the_one_error(services: Services, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValidationError) as caught:
        services.adapters.add_adapter(
            AddAdapterRequest(
                type="project",
                name="  ",
                location=str(tmp_path / "empty"),
                fine_tuning_job_id="no",
                prompt_id="no",
            )
        )
    fields = {f.field for f in caught.value.findings}
    assert {"name", "model_id", "location", "fine_tuning_job_id", "prompt_id"} <= fields
    assert services.adapters.list_adapters() == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "other"}, ("type", "unknown_type")),
        ({"type": None}, ("type", "unknown_type")),
        ({"type": "huggingface"}, ("huggingface_name", "required")),
        ({"type": "model_registry"}, ("cml_registered_model_id", "required")),
        ({"name": "\u200b"}, ("name", "required")),
        ({"name": "a\nb"}, ("name", "characters")),
        ({"name": "a\x00b"}, ("name", "characters")),
        ({"name": "a\udc80"}, ("name", "characters")),
        ({"name": "x" * 256}, ("name", "too_long")),
        ({"model_id": "gone"}, ("model_id", "unknown_base_model")),
        ({"model_id": "a\x00"}, ("model_id", "characters")),
        ({"location": "   "}, ("location", "required")),
        ({"location": "relative/path"}, ("location", "relative")),
        ({"location": "/a\x00b"}, ("location", "characters")),
        ({"location": "/a\ud800b"}, ("location", "characters")),
        ({"location": "/" + "x" * 5000}, ("location", "too_long")),
        ({"prompt_id": "gone"}, ("prompt_id", "unknown_prompt")),
        ({"fine_tuning_job_id": "gone"}, ("fine_tuning_job_id", "unknown_job")),
    ],
)
def test_refusals(
    services: Services,
    base: str,
    tmp_path: Path,
    given: dict[str, str],
    expected: tuple[str, str],
) -> None:
    folder = make_adapter(tmp_path / "run")
    values = {"type": "project", "name": "n", "model_id": base, "location": str(folder)} | given
    with pytest.raises(ValidationError) as caught:
        services.adapters.add_adapter(AddAdapterRequest(**values))
    assert expected in codes(caught.value)
    assert services.adapters.list_adapters() == []


@pytest.mark.parametrize("key", ["", "gone", "a\x00b", "\ud800", "x" * 10_000, None, 5])
def test_an_id_that_nobody_has(services: Services, base: str, key: Any) -> None:
    for ask in (
        services.adapters.get_adapter,
        services.adapters.remove_adapter,
        services.adapters.check_adapter,
        services.adapters.get_dataset_split_by_adapter,
        services.adapters.get_details,
        services.base_models.get_base_model,
        services.base_models.remove_base_model,
        services.training.get_job,
        services.training.remove_prompt,
    ):
        with pytest.raises(NotFoundError):
            ask(key)
    with pytest.raises(NotFoundError):
        services.adapters.update_adapter(key, name="x")


def test_a_name_is_free_or_refused_however_it_is_spaced(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run")
    services.adapters.add_adapter(request(folder, base, "sql-v7"))
    with pytest.raises(ValidationError) as caught:
        services.adapters.add_adapter(request(folder, base, " sql-v7 "))
    (finding,) = [f for f in caught.value.findings if f.field == "name"]
    assert (finding.code, finding.suggestion) == ("name_taken", "sql-v8")
    assert finding.message == "Another adapter has this name."
    assert services.adapters.free_name("sql-v7") == "sql-v8"
    assert services.adapters.free_name("new") == "new"


def test_a_folder_can_be_in_twice_with_a_warning(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run")
    services.adapters.add_adapter(request(folder, base, "one"))
    found = services.adapters.validate(request(tmp_path / "run" / ".", base, "two"))
    assert [(f.severity, f.code) for f in found if f.field == "location"] == [
        ("warning", "location_known")
    ]
    assert "“one”" in found[0].message
    services.adapters.add_adapter(request(folder, base, "two"))


def test_bytes_of_a_path_that_is_not_utf8_survive(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 %41")))
    added = services.adapters.add_adapter(request(folder, base))
    assert added.location == str(folder)
    assert services.adapters.get_adapter(added.id).path == str(folder)
    assert services.adapters.check_adapter(added.id) == ()


def test_split_recorded_assumed_and_half_recorded(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run")
    adapter = services.adapters.add_adapter(request(folder, base, "a"))
    split = services.adapters.get_dataset_split_by_adapter(adapter.id)
    assert (split.dataset_fraction, split.train_test_split, split.recorded) == (1.0, 0.9, False)
    job = services.training.add_job(AddJobRequest(adapter_name="a", dataset_fraction=0.8))
    split = services.adapters.get_dataset_split_by_adapter(adapter.id)
    assert (split.dataset_fraction, split.train_test_split) == (0.8, 0.9)
    assert (split.dataset_fraction_source, split.train_test_split_source) == (
        "recorded",
        "assumed",
    )
    assert split.job_id == job.id
    (row,) = services.adapters.list_rows()
    assert row[Row.FRACTION : Row.STATE] == (0.8, 0.9, 1, 0)
    with pytest.raises(NotFoundError):
        services.adapters.get_dataset_split_by_adapter("gone")


def test_of_several_jobs_the_linked_one_counts_else_the_first_by_id(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run")
    jobs = [
        services.training.add_job(AddJobRequest(adapter_name="a", dataset_fraction=f))
        for f in (0.1, 0.2, 0.3)
    ]
    first = min(jobs, key=lambda job: job.id)
    last = max(jobs, key=lambda job: job.id)
    adapter = services.adapters.add_adapter(request(folder, base, "a"))
    read = services.adapters.get_dataset_split_by_adapter
    assert read(adapter.id).dataset_fraction == first.dataset_fraction
    services.adapters.update_adapter(adapter.id, fine_tuning_job_id=last.id)
    assert read(adapter.id).dataset_fraction == last.dataset_fraction
    (row,) = services.adapters.list_rows()
    assert row[Row.FRACTION] == last.dataset_fraction


def test_a_rename_takes_the_job_along_and_undo_brings_both_back(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run")
    job = services.training.add_job(AddJobRequest(adapter_name="a", dataset_fraction=0.4))
    other = services.training.add_job(AddJobRequest(adapter_name="b", dataset_fraction=0.7))
    adapter = services.adapters.add_adapter(request(folder, base, "a"))
    services.adapters.update_adapter(adapter.id, name="b")
    read = services.adapters.get_dataset_split_by_adapter
    assert read(adapter.id).dataset_fraction == 0.4
    assert services.training.get_job(job.id).adapter_name == "b"
    services.history.undo()
    assert services.training.get_job(job.id).adapter_name == "a"
    assert services.training.get_job(other.id).adapter_name == "b"
    assert services.adapters.get_adapter(adapter.id) == adapter


def test_linking_a_job_without_a_name_gives_it_one(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run")
    job = services.training.add_job(AddJobRequest(out_dir="/out/x", train_test_split=0.5))
    adapter = services.adapters.add_adapter(request(folder, base, "a", fine_tuning_job_id=job.id))
    assert services.training.get_job(job.id).adapter_name == "a"
    assert services.adapters.get_dataset_split_by_adapter(adapter.id).train_test_split == 0.5
    services.history.undo()
    assert services.training.get_job(job.id).adapter_name is None


def test_a_job_of_another_adapter_is_a_warning_and_does_not_count(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run")
    job = services.training.add_job(AddJobRequest(adapter_name="other", dataset_fraction=0.5))
    wanted = request(folder, base, "a", fine_tuning_job_id=job.id)
    assert "job_names_another" in {f.code for f in services.adapters.validate(wanted)}
    adapter = services.adapters.add_adapter(wanted)
    assert not services.adapters.get_dataset_split_by_adapter(adapter.id).recorded
    assert services.training.get_job(job.id).adapter_name == "other"


def test_update_by_the_same_rules(services: Services, base: str, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "run")
    services.adapters.add_adapter(request(folder, base, "taken"))
    adapter = services.adapters.add_adapter(request(folder, base, "mine"))
    update = services.adapters.update_adapter
    for bad in ({"name": " taken "}, {"name": ""}, {"model_id": "gone"}, {"location": "/gone"}):
        with pytest.raises(ValidationError) as caught:
            update(adapter.id, **bad)
        assert {f.field for f in caught.value.findings if f.severity == "error"} == set(bad)
    assert services.adapters.get_adapter(adapter.id) == adapter
    changed = update(adapter.id, name=" new ", description=" d ", mlflow_run_id="")
    assert (changed.name, changed.description, changed.mlflow_run_id) == ("new", "d", None)
    with pytest.raises(TypeError):
        update(adapter.id, type="huggingface")
    with pytest.raises(NotFoundError):
        update("gone", name="x")


def test_a_folder_that_is_away_does_not_keep_its_row_from_being_renamed(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run")
    adapter = services.adapters.add_adapter(request(folder, base))
    folder.rename(tmp_path / "elsewhere")
    assert services.adapters.update_adapter(adapter.id, name="renamed").name == "renamed"
    assert services.adapters.check_adapter(adapter.id)[0].severity == "error"
    (row,) = services.adapters.list_rows()
    assert (row[Row.STATE], row[Row.RANK]) == ("missing", 8)
    found = services.adapters.relocate(adapter.id, str(tmp_path / "elsewhere"))
    assert (found.path, found.state) == (str(tmp_path / "elsewhere"), "ok")


def test_locate_checks_that_it_is_the_same_adapter(
    services: Services, base: str, tmp_path: Path
) -> None:
    adapter = services.adapters.add_adapter(request(make_adapter(tmp_path / "run"), base))
    other = make_adapter(tmp_path / "other", rank=4)
    with pytest.raises(ConflictError):
        services.adapters.relocate(adapter.id, str(other))
    with pytest.raises(ValidationError):
        services.adapters.relocate(adapter.id, str(tmp_path / "nowhere"))
    assert services.adapters.get_adapter(adapter.id).location == str(tmp_path / "run")
    moved = services.adapters.relocate(adapter.id, str(other), force=True)
    assert moved.location == str(other)


def test_removing_many_is_one_step_that_comes_back_with_all_links(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run")
    job = services.training.add_job(AddJobRequest(adapter_name="a", dataset_fraction=0.4))
    adapters = [
        services.adapters.add_adapter(request(folder, base, "a", fine_tuning_job_id=job.id)),
        services.adapters.add_adapter(request(folder, base, "b", description="d")),
    ]
    with services.open().write(None) as transaction:
        from desktop.services.catalog.store import JOBS

        transaction.update(JOBS, job.id, {"adapter_id": adapters[0].id})
    before = services.adapters.list_rows()
    removal = services.adapters.remove_adapters([a.id for a in adapters])
    assert (removal.names, removal.jobs) == (("a", "b"), 1)
    assert services.adapters.list_adapters() == []
    assert services.training.get_job(job.id).adapter_id is None
    assert (folder / "adapter_config.json").exists()
    assert services.history.labels() == ("Remove 2 adapters", None)
    services.history.undo()
    assert services.adapters.list_adapters() == adapters
    assert sorted(services.adapters.list_rows()) == sorted(before)
    assert services.training.get_job(job.id).adapter_id == adapters[0].id
    services.history.redo()
    assert services.adapters.list_adapters() == []
    with pytest.raises(NotFoundError):
        services.adapters.remove_adapter(adapters[0].id)


def test_undo_says_what_is_in_its_way(services: Services, base: str, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "run")
    adapter = services.adapters.add_adapter(request(folder, base, "a"))
    services.adapters.remove_adapter(adapter.id)
    with services.open().write(None) as transaction:
        from desktop.services.catalog.store import ADAPTERS

        transaction.insert(ADAPTERS, {"id": "theirs", "name": "a", "type": "project"})
    with pytest.raises(ConflictError, match="another adapter has the name “a” now"):
        services.history.undo()
    assert [a.id for a in services.adapters.list_adapters()] == ["theirs"]


def test_another_base_model_than_the_config_names_is_a_warning(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "run", base="mistralai/Mistral-7B-v0.3")
    adapter = services.adapters.add_adapter(request(folder, base))
    found = services.adapters.check_adapter(adapter.id)
    assert [(f.field, f.code, f.severity) for f in found] == [("model_id", "base_name", "warning")]
    (row,) = services.adapters.list_rows()
    assert row[Row.WARNINGS] == 1


def test_many_threads_read_one_library(services: Services, base: str, tmp_path: Path) -> None:
    import threading

    folder = make_adapter(tmp_path / "run")
    services.adapters.add_adapter(request(folder, base))
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(20):
                assert len(services.adapters.list_rows()) == 1
                services.adapters.free_name("sql")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
