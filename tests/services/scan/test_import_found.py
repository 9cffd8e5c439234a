"""Importing what a scan found: all at once, by the rules, on both databases and a studio's."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import Cancelled, CatalogReadOnlyError
from desktop.services.records import AddAdapterRequest, AddBaseModelRequest, FolderState, Row
from desktop.services.scan.records import Found, FoundState
from tests.support import LLAMA, make_adapter, make_studio


def found_in(services: Services, tree: Path) -> tuple[Found, ...]:
    return services.scan.scan([tree]).found


def test_everything_sound_comes_in_at_once(services: Services, tree: Path) -> None:
    found = found_in(services, tree)
    done = services.scan.import_found(found)
    assert [record.path for record in done.records] == [
        one.path for one in found if one.state == FoundState.NEW
    ]
    models = services.base_models.list_base_models()
    assert {m.huggingface_name: m.adapter_count for m in models} == {
        LLAMA: 5,
        "Qwen/Qwen2.5-7B": 1,
    }
    assert set(done.base_models) == {model.id for model in models}
    assert {(one.found.looks_like, one.findings[0].code) for one in done.refused} == {
        ("", "config_not_json"),
        ("a full model", "not_peft"),
        ("a Diffusers LoRA", "not_peft"),
    }
    for record in done.records:
        stored = services.adapters.get_adapter(record.id)
        assert stored == record
        assert stored.state == FolderState.OK


def test_a_row_is_what_a_single_import_writes(services: Services, tree: Path) -> None:
    """The same columns, but for ids, names and times."""
    found = [one for one in found_in(services, tree) if one.path.endswith("lone/adapter")]
    many = services.scan.import_found(found).records[0]
    assert many.model_id is not None
    single = services.adapters.add_adapter(
        AddAdapterRequest(
            type="project", name="single", model_id=many.model_id, location=found[0].path
        )
    )
    one, other = (services.adapters.get_details(key) for key in (many.id, single.id))
    assert one.inspection == other.inspection
    assert one.findings == tuple(f for f in other.findings if f.code != "location_known")
    row, twin = services.adapters.list_rows([many.id])[0], services.adapters.list_rows([single.id])
    same = [at for at in range(len(row)) if at not in (0, 1, 15, 17)]
    assert [row[at] for at in same] == [twin[0][at] for at in same]


def test_one_step_takes_it_all_back(services: Services, tree: Path) -> None:
    done = services.scan.import_found(found_in(services, tree))
    assert services.history.labels()[0] == "Import 6 adapters"
    step = services.history.undo()
    assert step is not None
    assert set(step.adapter_ids) == {record.id for record in done.records}
    assert services.adapters.list_adapters() == []
    assert services.base_models.list_base_models() == []
    assert services.history.labels() == (None, "Import 6 adapters")
    services.history.redo()
    assert {a.id for a in services.adapters.list_adapters()} == {r.id for r in done.records}
    details = services.adapters.get_details(done.records[0].id)
    assert details.inspection is not None


def test_one_adapter_has_a_step_with_its_name(services: Services, tree: Path) -> None:
    services.scan.import_found(found_in(services, tree / "lone"))
    assert services.history.labels()[0] == "Import “lone-adapter”"


def test_listeners_are_told_once(services: Services, tree: Path) -> None:
    told: list[frozenset[str]] = []
    services.open().listeners.append(lambda touched: told.append(touched.tables))
    services.scan.import_found(found_in(services, tree))
    assert told == [frozenset({"models", "adapters", "lorarium_adapters"})]


def test_base_models_are_matched_before_they_are_added(
    services: Services, base: str, tree: Path
) -> None:
    found = found_in(services, tree)
    assert {one.base_model_id for one in found if one.base_model_name == LLAMA} == {base}
    make_adapter(tree / "folded", base=LLAMA.upper())
    make_adapter(
        tree / "cached",
        base="/home/x/.cache/huggingface/hub/models--meta-llama--Llama-2-7b-hf/snapshots/abc",
    )
    done = services.scan.import_found(found_in(services, tree))
    assert len(done.base_models) == 1
    told = {record.name: record.model_id for record in done.records}
    assert told["folded"] == told["cached"] == told["triage"] == base


def test_a_base_model_that_is_nowhere_is_said(services: Services, base: str, tree: Path) -> None:
    make_adapter(tree / "stray", base="/mnt/gone/llama")
    make_adapter(tree / "silent", base=None)
    found = [o for o in found_in(services, tree) if o.path.endswith(("stray", "silent"))]
    done = services.scan.import_found(found)
    assert done.records == ()
    assert {(r.found.name, r.findings[0].field, r.findings[0].code) for r in done.refused} == {
        ("stray", "model_id", "unknown_base_model"),
        ("silent", "model_id", "required"),
    }
    # Somebody chooses.
    chosen = services.scan.import_found(found, base_models={"/mnt/gone/llama": base, "": base})
    assert {record.model_id for record in chosen.records} == {base}
    assert len(chosen.records) == 2
    wrong = services.scan.import_found(found[:1], base_models={"/mnt/gone/llama": "no such id"})
    assert wrong.records == ()


def test_each_that_names_no_base_model_may_bring_its_own(
    services: Services, base: str, tree: Path
) -> None:
    make_adapter(tree / "silent", base=None)
    (silent,) = [one for one in found_in(services, tree) if one.path.endswith("silent")]
    gone = services.scan.import_found([silent._replace(base_model_id="no such id")])
    assert gone.records == ()
    assert gone.refused[0].findings[0].code == "unknown_base_model"
    done = services.scan.import_found([silent._replace(base_model_id=base)])
    assert [record.model_id for record in done.records] == [base]


def test_a_base_model_that_does_not_fit_is_a_warning(
    services: Services, tree: Path, tmp_path: Path
) -> None:
    """Rule 3: by its name, and by the widths of its files where it has any here."""
    found = [one for one in found_in(services, tree) if one.path.endswith("triage")]
    folder = tmp_path / "wide"
    folder.mkdir()
    shape = {"model_type": "llama", "hidden_size": 32, "num_attention_heads": 4,
             "num_hidden_layers": 1, "intermediate_size": 64}  # fmt: skip
    (folder / "config.json").write_text(json.dumps(shape), encoding="utf-8")
    other = services.base_models.add_base_model(
        AddBaseModelRequest(type="project", location=str(folder))
    )
    done = services.scan.import_found(found, base_models={LLAMA: other.id})
    codes = [f.code for f in services.adapters.get_details(done.records[0].id).findings]
    assert codes == ["base_shape", "base_name"]
    row = services.adapters.list_rows()[0]
    assert (row[Row.ERRORS], row[Row.WARNINGS]) == (0, 2)


def test_names_are_free_whatever_happened_since(
    services: Services, base: str, tree: Path, tmp_path: Path
) -> None:
    found = [o._replace(name="taken") for o in found_in(services, tree) if o.state == "new"]
    elsewhere = make_adapter(tmp_path / "elsewhere")
    services.adapters.add_adapter(
        AddAdapterRequest(type="project", name="taken", model_id=base, location=str(elsewhere))
    )
    done = services.scan.import_found(found)
    assert [record.name for record in done.records] == [f"taken-{n}" for n in range(2, 8)]


def test_a_folder_comes_in_once(services: Services, tree: Path) -> None:
    found = found_in(services, tree)
    first = services.scan.import_found([*found, *found])
    assert len(first.records) == 6
    second = services.scan.import_found(found)
    assert second.records == ()
    known = [r for r in second.refused if r.findings[0].code == "location_known"]
    assert len(known) == 6
    assert {one.state for one in found_in(services, tree)} == {
        FoundState.KNOWN,
        FoundState.BROKEN,
        FoundState.NOT_PEFT,
    }


def test_what_was_only_listed_is_refused(services: Services, tree: Path) -> None:
    found = services.scan.scan([tree], full=False).found
    done = services.scan.import_found([one for one in found if one.state == FoundState.NEW])
    assert done.records == ()
    assert {r.findings[0].code for r in done.refused} == {"quick_look"}


def test_cancelled_means_nothing(services: Services, tree: Path) -> None:
    found = found_in(services, tree)

    def stop(done: int, total: int, text: str) -> None:
        if text == "Writing":
            raise Cancelled

    with pytest.raises(Cancelled):
        services.scan.import_found(found, stop)
    assert services.adapters.list_adapters() == []
    assert services.base_models.list_base_models() == []
    assert services.history.labels() == (None, None)


def test_a_path_that_is_no_text(services: Services, tmp_path: Path) -> None:
    place = Path(str(tmp_path / "disk" / "caf\udce9"))
    make_adapter(place)
    done = services.scan.import_found(found_in(services, tmp_path / "disk"))
    assert [record.path for record in done.records] == [str(place)]
    assert services.adapters.get_adapter(done.records[0].id).path == str(place)
    assert [o.state for o in found_in(services, tmp_path / "disk")] == [FoundState.KNOWN]


def test_into_a_catalogue_of_a_studio(tmp_path: Path, tree: Path) -> None:
    path = make_studio(tmp_path / "project")
    with open_services(path) as services:
        known = services.scan.scan([tmp_path / "project"]).found
        assert [(one.state, one.adapter_id) for one in known] == [("known", "a")]
        done = services.scan.import_found(found_in(services, tree))
        assert len(done.records) == 6
        assert len(done.base_models) == 1  # the studio has the other one
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT count(*), count(DISTINCT name) FROM adapters").fetchone()
    connection.close()
    assert rows == (7, 7)


def test_a_catalogue_that_can_not_be_written(tmp_path: Path, tree: Path) -> None:
    path = tmp_path / "own" / "catalog.db"
    with open_services(path):
        pass
    with open_services(path) as services:
        found = found_in(services, tree)
        services.open().read_only = "This catalogue is open for reading only."
        with pytest.raises(CatalogReadOnlyError):
            services.scan.import_found(found)
