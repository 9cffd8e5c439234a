"""Favourites, tags and notes: kept by id, in one step for any number, and back with undo."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.catalog.first_rows import read_first_rows
from desktop.services.errors import ConflictError, NotFoundError, ValidationError
from desktop.services.records import AddAdapterRequest, AddBaseModelRequest, Row
from desktop.services.tag_rules import (
    NOTES_LIMIT,
    TAG_LIMIT,
    TAGS_LIMIT,
    clean_tag,
    tag_findings,
    with_tags,
    without_tags,
)
from tests.support import make_adapter, make_studio


@pytest.fixture
def ids(services: Services, base: str, tmp_path: Path) -> list[str]:
    """Three adapters: a, b and c; a and c have the same weights."""
    made = []
    for name, rank in (("a", 8), ("b", 4), ("c", 8)):
        folder = make_adapter(tmp_path / "runs" / name, rank=rank)
        request = AddAdapterRequest(type="project", name=name, model_id=base, location=str(folder))
        made.append(services.adapters.add_adapter(request).id)
    return made


def marked(services: Services, adapter_id: str) -> tuple[bool, tuple[str, ...], str]:
    record = services.adapters.get_adapter(adapter_id)
    return record.favourite, record.tags, record.notes


def row(services: Services, adapter_id: str) -> Any:
    (found,) = services.adapters.list_rows([adapter_id])
    return found


def test_favourites_tags_and_notes_stand_in_record_row_and_list(services, ids):
    marks = services.marks
    assert marked(services, ids[0]) == (False, (), "")
    assert marks.set_favourite(ids[:2]) == 2
    assert marks.add_tags(ids, ["prod", "SQL"]) == 3
    assert marks.set_notes(ids[0], "  good on long tables\r\nretrain  ")
    assert marked(services, ids[0]) == (
        True,
        ("prod", "SQL"),
        "good on long tables\nretrain",
    )
    assert row(services, ids[0])[Row.FAVOURITE] == 1
    assert row(services, ids[2])[Row.FAVOURITE] == 0
    assert row(services, ids[1])[Row.TAGS] == "prod\nSQL"
    by_id = {record.id: record for record in services.adapters.list_adapters()}
    assert by_id[ids[1]].tags == ("prod", "SQL")
    assert marks.all_tags() == {"prod": 3, "SQL": 3}


def test_each_is_one_step_that_says_what_it_did(services, ids):
    marks, labels = services.marks, services.history.labels
    marks.set_favourite(ids)
    assert labels()[0] == "Mark 3 adapters as favourites"
    marks.set_favourite(ids[:1], on=False)
    assert labels()[0] == "Remove “a” from the favourites"
    marks.add_tags(ids, ["prod"])
    assert labels()[0] == "Tag 3 adapters “prod”"
    marks.add_tags(ids[:1], ["{x}", "sql"])
    assert labels()[0] == "Tag “a” “{x}”, “sql”"
    marks.remove_tags(ids, ["prod"])
    assert labels()[0] == "Remove tag “prod” from 3 adapters"
    marks.change_tags(ids, add=["new"], remove=["old"])
    assert labels()[0] == "Change the tags of 3 adapters"
    marks.set_notes(ids[1], "x")
    assert labels()[0] == "Change the notes of “b”"
    for _ in range(7):
        services.history.undo()
    assert all(marked(services, key) == (False, (), "") for key in ids)
    for _ in range(7):
        services.history.redo()
    assert marked(services, ids[0]) == (False, ("new", "sql", "{x}"), "")
    assert marked(services, ids[1]) == (True, ("new",), "x")


def test_what_changes_nothing_is_no_step(services, ids):
    marks = services.marks
    marks.add_tags(ids[:1], ["prod"])
    before = services.history.labels()
    assert marks.add_tags(ids[:1], ["PROD"]) == 0
    assert marks.remove_tags(ids, ["other"]) == 0
    assert marks.set_favourite(ids, on=False) == 0
    assert not marks.set_notes(ids[1], "   ")
    assert marks.set_favourite([]) == 0
    assert services.history.labels() == before
    assert marked(services, ids[0])[1] == ("prod",)


def test_removing_an_adapter_takes_its_marks_along_and_undo_brings_them_back(services, ids):
    services.marks.set_favourite(ids[:2])
    services.marks.add_tags(ids[:2], ["prod"])
    services.marks.set_notes(ids[0], "keep")
    services.adapters.remove_adapters(ids[:2])
    assert services.marks.all_tags() == {}
    with services.open().read() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM lorarium_marks").scalar()
    assert left == 0
    services.history.undo()
    assert marked(services, ids[0]) == (True, ("prod",), "keep")
    assert row(services, ids[1])[Row.TAGS] == "prod"


def test_the_rows_that_changed_are_announced(services, ids):
    told = []
    services.open().listeners.append(told.append)
    services.marks.add_tags(ids[:2], ["prod"])
    step = services.history.undo()
    assert [set(touched.adapter_ids) for touched in told] == [set(ids[:2])] * 2
    assert set(step.adapter_ids) == set(ids[:2])


def test_undo_refuses_where_somebody_changed_the_tags_since(services, ids):
    services.marks.add_tags(ids, ["prod"])
    with services.open().write(None) as transaction:
        from desktop.services.catalog.schema import marks

        transaction.update(marks, ids[1], {"tags": "other"})
    with pytest.raises(ConflictError):
        services.history.undo()
    assert marked(services, ids[0])[1] == ("prod",)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("", "blank"),
        (" \u200b ", "blank"),
        ("x" * (TAG_LIMIT + 1), "too_long"),
        ("a,b", "characters"),
        ("a\x00b", "characters"),
        ("a\u202eb", "characters"),
        ("\ud800", "blank"),
    ],
)
def test_a_tag_that_can_not_be_stored_is_refused_and_nothing_changes(services, ids, tag, code):
    with pytest.raises(ValidationError) as refused:
        services.marks.add_tags(ids, ["fine", tag])
    assert [(f.field, f.code) for f in refused.value.findings] == [("tags", code)]
    assert services.marks.all_tags() == {}


def test_more_tags_than_an_adapter_may_have_are_refused(services, ids):
    services.marks.add_tags(ids[:1], [f"t{n}" for n in range(TAGS_LIMIT)])
    with pytest.raises(ValidationError) as refused:
        services.marks.add_tags(ids, ["one more"])
    assert refused.value.findings[0].code == "too_many"
    assert marked(services, ids[1])[1] == ()


def test_notes_have_a_limit_too(services, ids):
    for text, code in (("x" * (NOTES_LIMIT + 1), "too_long"), ("a\x00", "characters")):
        with pytest.raises(ValidationError) as refused:
            services.marks.set_notes(ids[0], text)
        assert refused.value.findings[0].code == code


def test_an_id_that_is_not_there_changes_nothing(services, ids):
    for wrong in ("nobody", "a\x00", "\ud800"):
        for order in ([*ids, wrong], [wrong, *ids]):
            with pytest.raises(NotFoundError):
                services.marks.set_favourite(order)
    assert not any(marked(services, key)[0] for key in ids)


def test_thousands_in_one_step(services, ids, base):
    from desktop.services.catalog import store

    many = {f"n{n:05d}": {"id": f"n{n:05d}", "name": f"n{n}"} for n in range(3000)}
    with services.open().write(None) as transaction:
        transaction.insert_many(store.ADAPTERS, many)
    services.marks.add_tags(ids, ["old"])
    keys = [*many, *ids]
    assert services.marks.add_tags(keys, ["prod"]) == 3003
    assert services.marks.all_tags() == {"old": 3, "prod": 3003}
    services.history.undo()
    assert services.marks.all_tags() == {"old": 3}


def test_tags_are_told_apart_without_regard_to_case():
    assert clean_tag("  a \t b ") == "a b"
    assert clean_tag("e\u0301") == "é"
    assert with_tags(("Prod",), ["prod", "alpha", "ALPHA"]) == ("alpha", "Prod")
    assert without_tags(("Prod", "x"), ["PROD"]) == ("x",)
    assert tag_findings(["fine", "höher", "日本", "a-b"]) == ()


def test_the_same_weights_have_the_same_content(services, ids):
    content = {key: row(services, key)[Row.CONTENT] for key in ids}
    assert content[ids[0]] == content[ids[2]] != content[ids[1]]
    assert len(content[ids[0]]) == 32


def test_setting_the_base_model_of_several_is_one_step(services, ids, base):
    other = services.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name="Qwen/Qwen2.5-7B")
    ).id
    assert services.adapters.set_base_model(ids, other) == 3
    assert services.history.labels()[0] == "Set the base model of 3 adapters to “Qwen/Qwen2.5-7B”"
    for key in ids:
        assert row(services, key)[Row.MODEL_ID] == other
        assert row(services, key)[Row.WARNINGS] == 1
        # The same as a look at the folder says.
        kept = services.adapters.get_details(key).findings
        assert kept == services.adapters.check_adapter(key)
    assert services.adapters.set_base_model(ids, other) == 0
    services.history.undo()
    for key in ids:
        assert row(services, key)[Row.MODEL_ID] == base
        assert row(services, key)[Row.WARNINGS] == 0
    with pytest.raises(ValidationError):
        services.adapters.set_base_model(ids, "nobody")
    with pytest.raises(NotFoundError):
        services.adapters.set_base_model([*ids, "nobody"], other)


def test_a_catalogue_of_the_version_before_is_brought_up_to_date(tmp_path):
    path = tmp_path / "catalog.db"
    with open_services(path) as services:
        base = services.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name="gpt2")
        ).id
        folder = make_adapter(tmp_path / "run")
        made = services.adapters.add_adapter(
            AddAdapterRequest(type="project", name="a", model_id=base, location=str(folder))
        )
        content = row(services, made.id)[Row.CONTENT]
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE lorarium_marks; ALTER TABLE lorarium_adapters DROP COLUMN content_id;"
        "UPDATE lorarium_version SET version_num = '0002';"
    )
    connection.close()
    assert read_first_rows(path)[0][Row.FAVOURITE :] == (0, None, None)
    with open_services(path) as services:
        assert row(services, made.id)[Row.FAVOURITE :] == (0, None, content)
        assert services.marks.set_favourite([made.id]) == 1
    assert read_first_rows(path)[0][Row.FAVOURITE :] == (1, None, content)
    assert list((services.location.backups).iterdir())


def test_a_studios_catalogue_gets_the_tables_with_the_first_change(tmp_path):
    path = make_studio(tmp_path / "project")
    with open_services(path) as services:
        assert services.marks.all_tags() == {}
        assert marked(services, "a") == (False, (), "")
        services.marks.add_tags(["a"], ["prod"])
        assert row(services, "a")[Row.TAGS] == "prod"
    # As an older Lorarium left it.
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE lorarium_marks; ALTER TABLE lorarium_adapters DROP COLUMN content_id;"
        "UPDATE lorarium_version SET version_num = '0002';"
    )
    connection.close()
    before = shutil.copy(path, tmp_path / "copy.db")
    with open_services(path) as services:
        assert row(services, "a")[Row.FAVOURITE :] == (0, None, None)
        assert path.read_bytes() == Path(before).read_bytes()
        services.adapters.check_adapter("a")
        assert row(services, "a")[Row.CONTENT]
        services.marks.set_favourite(["a"])
        assert row(services, "a")[Row.FAVOURITE] == 1


def test_what_is_no_tag_and_no_note_is_said(services: Services, ids: list[str]) -> None:
    marks: Any = services.marks
    for odd in (None, 5, b"x", ["a"]):
        for change in (marks.add_tags, marks.remove_tags):
            with pytest.raises(ValidationError) as refused:
                change(ids, ["fine", odd])
            assert [(f.field, f.code) for f in refused.value.findings] == [("tags", "no_text")]
        if odd is not None:
            with pytest.raises(ValidationError, match="Notes are a text"):
                marks.set_notes(ids[0], odd)
    assert marked(services, ids[0]) == (False, (), "")


def test_no_notes_are_none(services: Services, ids: list[str]) -> None:
    assert services.marks.set_notes(ids[0], "something")
    assert services.marks.set_notes(ids[0], None)
    assert not services.marks.set_notes(ids[0], None)
    assert marked(services, ids[0])[2] == ""


def test_one_id_and_one_tag_by_themselves(services: Services, ids: list[str]) -> None:
    assert services.marks.set_favourite(ids[0]) == 1
    assert services.marks.add_tags(ids[0], "prod") == 1
    assert marked(services, ids[0]) == (True, ("prod",), "")


def test_what_is_no_list_of_ids_is_said(services: Services, ids: list[str]) -> None:
    marks: Any = services.marks
    for odd in (None, 5):
        with pytest.raises(TypeError, match="list of ids"):
            marks.set_favourite(odd, True)
        with pytest.raises(TypeError, match="list of tags"):
            marks.add_tags(ids, odd)
    for unknown in (None, [], 5, "\ud800"):
        with pytest.raises(NotFoundError):
            marks.set_favourite([ids[0], unknown])
