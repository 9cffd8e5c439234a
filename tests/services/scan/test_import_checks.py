"""Importing what was made up, what is gone since, and one folder by two paths."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services
from desktop.services.records import FolderState
from desktop.services.scan.records import Found
from tests.support import make_adapter


@pytest.fixture
def one(services: Services, tmp_path: Path) -> Found:
    """A sound adapter as a scan finds it."""
    make_adapter(tmp_path / "disk" / "one")
    (found,) = services.scan.scan([tmp_path / "disk"]).found
    return found


def test_what_is_gone_since_is_refused(services: Services, tree: Path) -> None:
    result = services.scan.scan([tree])
    shutil.rmtree(tree / "sql" / "checkpoint-200")
    (tree / "sql" / "checkpoint-400" / "adapter_config.json").unlink()
    make_adapter(tree / "triage", rank=16)
    done = services.scan.import_found(result)
    codes = {r.found.path[len(str(tree)) + 1 :]: r.findings[0].code for r in done.refused}
    assert codes["sql/checkpoint-200"] == "folder_missing"
    assert codes["sql/checkpoint-400"] == codes["triage"] == "changed_since"
    assert len(done.records) == 3
    assert all(Path(record.path or "").is_dir() for record in done.records)


def test_a_drive_that_does_not_answer_is_said(
    services: Services, one: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "desktop.services.folder_watch.look", lambda _path, _known: FolderState.UNREACHABLE
    )
    done = services.scan.import_found([one])
    assert [r.findings[0].code for r in done.refused] == ["unreachable"]


def test_one_folder_by_two_paths_comes_in_once(
    services: Services, one: Found, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    (linked,) = services.scan.scan([tmp_path / "link"]).found
    done = services.scan.import_found([linked, one])
    assert [record.path for record in done.records] == [linked.path]
    assert [r.findings[0].code for r in done.refused] == ["location_known"]
    # What was found before, whichever path is in the library.
    later = services.scan.import_found([one])
    assert [r.findings[0].code for r in later.refused] == ["location_known"]
    assert later.records == ()


@pytest.mark.parametrize("given", [None, 5, "/tmp", [None], ["/tmp"], {"a": 1}])
def test_what_no_scan_found_is_no_list_of_it(services: Services, given: Any) -> None:
    with pytest.raises(TypeError, match="scan found"):
        services.scan.import_found(given)


@pytest.mark.parametrize("chosen", [5, "x", {"a": None}, {5: "a"}, {"a": []}])
def test_chosen_base_models_are_ids(services: Services, one: Found, chosen: Any) -> None:
    with pytest.raises(TypeError, match="base_models"):
        services.scan.import_found([one], base_models=chosen)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("path", None),
        ("path", ""),
        ("path", "relative"),
        ("path", b"/tmp"),
        ("state", "odd"),
        ("state", []),
        ("name", None),
        ("base_model_name", 5),
        ("peft_type", ["LORA"]),
        ("rank", "16"),
        ("size_bytes", 1.5),
        ("errors", -1),
        ("errors", 2**70),
        ("warnings", None),
        ("content_id", 7),
        ("findings_text", None),
        ("findings_text", "{"),
        ("findings_text", "5"),
        ("findings_text", '[{"no": "finding"}]'),
        ("findings_text", '[{"severity": "odd"}]'),
        ("inspection_text", 5),
    ],
)
def test_values_that_no_scan_finds_are_refused(
    services: Services, one: Found, name: str, value: Any
) -> None:
    done = services.scan.import_found([one._replace(**{name: value}), one])
    assert [(r.findings[0].field, r.findings[0].code) for r in done.refused] == [
        ("location", "odd_value")
    ]
    assert f"“{name}”" in done.refused[0].findings[0].message
    assert len(done.records) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"rank": 2**70, "parameters": -(2**70), "size_bytes": 10**30},
        {"inspection_text": "no JSON"},
        {"inspection_text": "\ud800\x00"},
        {"peft_type": "L\x00RA\ud800", "variant": "\udfff", "content_id": "\x00"},
    ],
)
def test_what_no_database_holds_is_left_out(
    services: Services, one: Found, values: dict[str, Any]
) -> None:
    done = services.scan.import_found([one._replace(**values)])
    assert len(done.records) == 1
    assert services.adapters.get_details(done.records[0].id).record.name == "one"
    assert len(services.adapters.list_rows()) == 1


def test_errors_without_a_word_are_still_errors(services: Services, one: Found) -> None:
    done = services.scan.import_found([one._replace(errors=1, findings_text="")])
    assert [r.findings[0].code for r in done.refused] == ["broken"]
    assert done.records == ()
