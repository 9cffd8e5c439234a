"""What every source has to keep, whatever it is: whole or not at all, refused in words, undone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services
from desktop.services.errors import Cancelled, CatalogReadOnlyError, LorariumError, ValidationError
from desktop.services.records import FolderState
from tests.services.sources.cases import KINDS, Case, make_case


@pytest.fixture(params=KINDS)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    made = make_case(request.param, tmp_path)
    yield made
    made.close()


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def left(services: Services) -> list[str]:
    home = services.location
    parents = (home.staging, home.adapters)
    return [entry.name for p in parents if p.exists() for entry in p.iterdir()]


def imported(services: Services, case: Case, base: str, **more: Any) -> Any:
    fields = {**case.sound(), "name": "sql", "model_id": base, **more}
    return services.imports.import_adapter(case.source, fields)


def test_a_sound_adapter_comes_in_whole(services: Services, base: str, case: Case) -> None:
    record = imported(services, case, base, description="Text to SQL")
    assert record == services.adapters.get_adapter(record.id)
    assert (record.type, record.name, record.model_id) == (case.source, "sql", base)
    assert record.description == "Text to SQL"
    assert record.managed is case.fetches
    assert record.state == FolderState.OK
    folder = Path(record.path or "")
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == case.contents()
    assert not any(f.severity == "error" for f in services.adapters.check_adapter(record.id))
    assert not services.location.staging.exists()
    assert not services.location.partial.exists()
    if case.fetches:
        assert folder.parent == services.location.adapters
        with services.open().read() as connection:
            text = connection.exec_driver_sql("SELECT files FROM lorarium_adapters").scalar()
        assert json.loads(str(text)) == digests(folder)


def test_removing_undoing_and_redoing_bring_everything_back(
    services: Services, base: str, case: Case
) -> None:
    record = imported(services, case, base)
    folder = Path(record.path or "")
    before = digests(folder)
    services.adapters.remove_adapter(record.id)
    assert folder.exists() is not case.fetches
    services.history.undo()
    assert services.adapters.get_adapter(record.id) == record
    assert digests(folder) == before
    services.history.redo()
    services.history.undo()
    services.history.undo()
    assert services.adapters.list_adapters() == []
    assert folder.exists() is not case.fetches
    services.history.redo()
    assert services.adapters.get_adapter(record.id) == record
    assert digests(folder) == before


def test_the_rules_refuse_before_anything_moves(
    services: Services, base: str, case: Case
) -> None:
    imported(services, case, base)
    kept = left(services)
    for wrong, field in (
        ({"name": " "}, "name"),
        ({"name": "sql"}, "name"),
        ({"model_id": "no"}, "model_id"),
        ({"model_id": None}, "model_id"),
        ({"prompt_id": "no"}, "prompt_id"),
        ({"fine_tuning_job_id": "no"}, "fine_tuning_job_id"),
        ({"colour": "red"}, "colour"),
    ):
        fields = {**case.sound(), "name": "other", "model_id": base, **wrong}
        told: list[tuple[int, int, str]] = []
        with pytest.raises(ValidationError) as caught:
            services.imports.import_adapter(
                case.source, fields, progress=lambda *now, told=told: told.append(now)
            )
        assert field in {f.field for f in caught.value.findings if f.severity == "error"}
        assert not any(done for done, _, _ in told)
    assert left(services) == kept
    assert len(services.adapters.list_adapters()) == 1


def test_all_findings_come_at_once_and_checking_says_them_too(
    services: Services, base: str, case: Case
) -> None:
    imported(services, case, base)
    fields = {**case.sound(), "name": "sql", "model_id": "no", "prompt_id": "no"}
    with pytest.raises(ValidationError) as caught:
        services.imports.import_adapter(case.source, fields)
    wanted = {"name", "model_id", "prompt_id"}
    assert wanted <= {f.field for f in caught.value.findings}
    assert wanted <= {f.field for f in services.imports.check(case.source, fields)}
    taken = next(f for f in caught.value.findings if f.field == "name")
    assert taken.suggestion == "sql-2"


def test_what_is_no_adapter_is_refused_in_a_sentence(
    services: Services, base: str, case: Case
) -> None:
    fields = {**case.unsound(), "name": "sql", "model_id": base}
    with pytest.raises(LorariumError) as caught:
        services.imports.import_adapter(case.source, fields)
    assert "adapter_config.json" in str(caught.value)
    assert left(services) == []
    assert services.adapters.list_adapters() == []
    assert services.history.labels()[0] == f"Add base model “{'meta-llama/Llama-2-7b-hf'}”"


def test_cancelling_at_any_report_leaves_nothing(
    services: Services, base: str, case: Case
) -> None:
    fields = {**case.sound(), "name": "sql", "model_id": base}
    for allowed in range(200):
        reports = 0

        def progress(done: int, total: int, text: str, allowed: int = allowed) -> None:
            nonlocal reports
            reports += 1
            if reports > allowed:
                raise Cancelled

        try:
            record = services.imports.import_adapter(case.source, fields, progress=progress)
        except Cancelled:
            assert left(services) == []
            assert services.adapters.list_adapters() == []
            continue
        assert reports <= allowed
        services.adapters.remove_adapter(record.id)
        break
    assert 0 < allowed < 200


def test_a_catalogue_that_is_read_only_gets_nothing(
    services: Services, base: str, case: Case
) -> None:
    services.open().read_only = "This catalogue is open for reading only."
    with pytest.raises(CatalogReadOnlyError):
        imported(services, case, base)
    assert left(services) == []


def test_a_source_says_what_its_fields_are(services: Services, case: Case) -> None:
    source = services.imports.source(case.source)
    assert source.title
    assert source.icon
    names = [field.name for field in source.fields]
    assert len(names) == len(set(names))
    assert all(field.label for field in source.fields)
    assert set(case.sound()) <= set(names)
