"""Opening catalogues: ours, a studio's, newer ones, and what is none."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from pathlib import Path

import pytest

from desktop.bootstrap import open_services
from desktop.services.catalog import sqlite_file, store
from desktop.services.catalog.location import locate
from desktop.services.errors import (
    CatalogBusyError,
    CatalogError,
    CatalogReadOnlyError,
    ConflictError,
    ValidationError,
)
from desktop.services.records import AddAdapterRequest, AddBaseModelRequest, AddJobRequest
from tests.support import make_adapter, make_studio


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hub(name: str = "org/base") -> AddBaseModelRequest:
    return AddBaseModelRequest(type="huggingface", huggingface_name=name)


def test_a_new_catalogue_has_the_shared_tables_and_ours(tmp_path: Path) -> None:
    path = tmp_path / "new" / "catalog.db"
    with open_services(path):
        pass
    connection = sqlite3.connect(path)
    tables = {r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    shared = {"models", "datasets", "prompts", "configs", "adapters", "fine_tuning_jobs"}
    assert shared <= tables
    assert "evaluation_jobs" not in tables
    assert "alembic_version" not in tables
    columns = [r[1] for r in connection.execute("PRAGMA table_info(fine_tuning_jobs)")]
    assert "adapter_name" in columns
    assert len(columns) == 29
    assert connection.execute("PRAGMA application_id").fetchone()[0] == sqlite_file.APPLICATION_ID
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    with pytest.raises(sqlite3.IntegrityError):
        connection.executescript(
            "INSERT INTO adapters (id, name) VALUES ('1', 'x');"
            "INSERT INTO adapters (id, name) VALUES ('2', 'x');"
        )
    connection.close()


def test_looking_at_a_studio_catalogue_changes_no_byte_of_it(tmp_path: Path) -> None:
    path = make_studio(tmp_path / "project")
    before = digest(path)
    with open_services(path) as s:
        (adapter,) = s.adapters.list_adapters()
        assert adapter.path == str(tmp_path / "project" / "data/adapters/llama-2-sql")
        split = s.adapters.get_dataset_split_by_adapter("a")
        assert (split.dataset_fraction, split.train_test_split) == (0.5, 0.8)
        assert s.history.labels() == (None, None)
        assert s.first_rows() == s.adapters.list_rows()
    assert digest(path) == before


def test_a_studio_catalogue_stays_usable_there(tmp_path: Path) -> None:
    path = make_studio(tmp_path / "project")
    with open_services(tmp_path / "project") as s:
        assert s.location.path == path
        s.adapters.check_adapter("a")
        s.adapters.update_adapter("a", description="edited here")
        second = s.adapters.add_adapter(
            AddAdapterRequest(
                type="project",
                name="second",
                model_id="m",
                location=str(make_adapter(tmp_path / "second")),
            )
        )
        with pytest.raises(ValidationError):
            s.adapters.update_adapter(second.id, name="llama-2-sql")
        removal = s.adapters.remove_adapter("a")
        assert (removal.jobs, removal.evaluations) == (1, 1)
    connection = sqlite3.connect(path)
    read = connection.execute
    assert read("SELECT adapter_id FROM evaluation_jobs").fetchone() == (None,)
    assert read("SELECT adapter_id FROM fine_tuning_jobs").fetchone() == (None,)
    assert read("PRAGMA application_id").fetchone()[0] == 0
    assert read("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert read("SELECT * FROM alembic_version").fetchall() == [("aa11bb22cc33",)]
    assert not read(
        "SELECT 1 FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
        " AND name NOT LIKE 'lorarium_history%'"
    ).fetchall()
    connection.close()
    with open_services(path) as s:
        s.history.undo()
        assert s.adapters.get_adapter("a").description == "edited here"
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT adapter_id FROM evaluation_jobs").fetchone() == ("a",)
    assert connection.execute("SELECT adapter_id FROM fine_tuning_jobs").fetchone() == ("a",)
    connection.close()


def shared_rows(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    lines = sorted(line for line in connection.iterdump() if "lorarium" not in line)
    connection.close()
    return [line for line in lines if "sqlite_sequence" not in line]


def test_twins_that_are_in_a_studio_catalogue_already_are_findings(tmp_path: Path) -> None:
    path = make_studio(tmp_path / "project")
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO adapters (id, type, name, model_id, location)"
        " VALUES ('b', 'project', 'llama-2-sql', 'm', 'data/adapters/llama-2-sql')"
    )
    connection.commit()
    connection.close()
    with open_services(path) as s:
        assert "name_taken" in {f.code for f in s.adapters.check_adapter("a")}
        assert s.adapters.update_adapter("b", description="still editable").id == "b"
        s.history.forget()
        before = shared_rows(path)
        for ids in (["a"], ["a", "b"]):
            s.adapters.remove_adapters(ids)
            s.history.undo()
            assert shared_rows(path) == before
        assert s.adapters.update_adapter("b", name="free").name == "free"
        s.history.undo()
        assert shared_rows(path) == before
        # A name that somebody took since is something else.
        s.adapters.update_adapter("b", name="free")
        s.adapters.remove_adapter("b")
        with s.open().write(None) as transaction:
            transaction.update(store.ADAPTERS, "a", {"name": "free"})
        with pytest.raises(ConflictError, match="has the name “free” now"):
            s.history.undo()


def test_an_old_studio_catalogue_without_adapter_name(tmp_path: Path) -> None:
    path = make_studio(tmp_path / "project", old=True)
    with open_services(path) as s:
        assert s.first_rows() == s.adapters.list_rows()
        assert not s.adapters.get_dataset_split_by_adapter("a").recorded
        (job,) = s.training.list_jobs()
        assert job.title == "run-7"
        assert s.adapters.update_adapter("a", name="renamed").name == "renamed"
        with pytest.raises(CatalogError, match="adapter_name"):
            s.training.add_job(AddJobRequest(adapter_name="x", dataset_fraction=0.5))
        s.adapters.remove_adapter("a")
        s.history.undo()
        assert s.adapters.get_adapter("a").name == "renamed"
    connection = sqlite3.connect(path)
    columns = [r[1] for r in connection.execute("PRAGMA table_info(fine_tuning_jobs)")]
    assert "adapter_name" not in columns
    connection.close()


def test_a_newer_catalogue_is_read_and_left_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with open_services(path) as s:
        s.base_models.add_base_model(hub())
    connection = sqlite3.connect(path)
    connection.execute("UPDATE lorarium_version SET version_num = '9999'")
    connection.commit()
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    before = digest(path)
    with open_services(path) as s:
        assert "newer Lorarium" in s.read_only
        assert len(s.base_models.list_base_models()) == 1
        with pytest.raises(CatalogReadOnlyError):
            s.base_models.add_base_model(hub("org/other"))
        with pytest.raises(CatalogReadOnlyError):
            s.imports.import_adapter("project", {})
    assert digest(path) == before


def test_a_catalogue_that_is_behind_is_backed_up_and_migrated(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with open_services(path) as s:
        s.base_models.add_base_model(hub())
    connection = sqlite3.connect(path)
    connection.executescript("DROP TABLE lorarium_version; DROP TABLE lorarium_history;")
    connection.close()
    with open_services(path) as s:
        assert len(s.base_models.list_base_models()) == 1
        s.base_models.add_base_model(hub("org/other"))
        assert s.history.labels()[0] == "Add base model “org/other”"
    (backup,) = (tmp_path / "catalog.db-files" / "backups").iterdir()
    kept = sqlite3.connect(backup)
    assert kept.execute("SELECT count(*) FROM models").fetchone() == (1,)
    kept.close()


def test_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert locate(f"sqlite:///{tmp_path}/a.db").path == tmp_path / "a.db"
    assert locate(tmp_path).path == tmp_path / "catalog.db"
    assert locate("sqlite://").path is None
    assert locate("postgresql://u:secret@h/db").url == "postgresql+psycopg://u:secret@h/db"
    assert "secret" not in locate("postgresql://u:secret@h/db").title
    monkeypatch.setenv("LORARIUM_DATABASE", str(tmp_path / "env.db"))
    assert locate().path == tmp_path / "env.db"
    with pytest.raises(CatalogError, match="mysql"):
        locate("mysql://h/db")


def test_catalogues_share_no_folder_with_each_other_or_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORARIUM_DATA", str(tmp_path / "data"))
    assert locate().data == tmp_path / "data"
    assert locate(tmp_path / "data" / "catalog.db").data == tmp_path / "data"
    others = [
        locate(place).data
        for place in (
            tmp_path / "catalog.db",
            tmp_path / "other.db",
            tmp_path / "data" / "other.db",
            "sqlite://",
            "sqlite://",
            "postgresql://h/db",
            "postgresql://h/db2",
            "postgresql:///db?host=/run/a",
            "postgresql:///db?host=/run/b",
        )
    ]
    assert len({tmp_path / "data", tmp_path, *others}) == len(others) + 2
    assert locate("postgresql+psycopg://me:secret@h/db").data == locate("postgres://h/db").data


def test_what_the_person_keeps_beside_a_catalogue_stays(tmp_path: Path) -> None:
    mine = [tmp_path / part / "old" for part in ("adapters", "trash", "staging", "backups")]
    with open_services(tmp_path / "catalog.db") as s:
        home = s.location
    mine += [folder / "run-7" for folder in (home.adapters, home.trash, home.staging)]
    for folder in mine:
        folder.mkdir(parents=True)
        (folder / "weights").write_bytes(b"x")
        os.utime(folder, (1e9, 1e9))
    for _ in range(2):
        with open_services(tmp_path / "catalog.db"):
            pass
        assert all((folder / "weights").exists() for folder in mine)


def test_a_library_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LORARIUM_DATA", str(tmp_path))
    with open_services("sqlite://") as s:
        base = s.base_models.add_base_model(hub())
        assert [m.id for m in s.base_models.list_base_models()] == [base.id]


def test_a_locked_catalogue_ends_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.services.catalog.engine.BUSY_SECONDS", 0.05)
    path = tmp_path / "catalog.db"
    with open_services(path) as s:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CatalogBusyError, match="Another program is writing"):
            s.base_models.add_base_model(hub())
        assert s.base_models.list_base_models() == []
        other.execute("ROLLBACK")
        model = s.base_models.add_base_model(hub("org/b"))
        folder = make_adapter(tmp_path / "run")
        adapter = s.adapters.add_adapter(
            AddAdapterRequest(type="project", name="a", model_id=model.id, location=str(folder))
        )
        (folder / "adapter_config.json").unlink()
        other.execute("BEGIN IMMEDIATE")
        assert [f.code for f in s.adapters.check_adapter(adapter.id)] == ["config_missing"]
        other.execute("ROLLBACK")
        other.close()
        s.base_models.add_base_model(hub())


def test_a_file_that_was_replaced_is_noticed_before_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    with open_services(path) as s:
        path.rename(tmp_path / "moved.db")
        with pytest.raises(CatalogError, match="no longer there"):
            s.base_models.add_base_model(hub())
        path.write_bytes((tmp_path / "moved.db").read_bytes())
        with pytest.raises(CatalogError, match="took the place"):
            s.base_models.add_base_model(hub())


def test_a_read_only_catalogue_opens_for_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "catalog.db"
    with open_services(path) as s:
        s.base_models.add_base_model(hub())
    real = os.access
    monkeypatch.setattr(os, "access", lambda p, mode: mode != os.W_OK and real(p, mode))
    before = digest(path)
    with open_services(path) as s:
        assert "reading only" in s.read_only
        assert len(s.base_models.list_base_models()) == 1
        with pytest.raises(CatalogReadOnlyError):
            s.base_models.add_base_model(hub("org/other"))
    assert digest(path) == before


def test_writers_of_one_library_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    failures: list[BaseException] = []
    with open_services(path) as one, open_services(path) as two:

        def work(s: object, letter: str) -> None:
            try:
                for i in range(15):
                    s.base_models.add_base_model(hub(f"org/{letter}{i}"))  # type: ignore[attr-defined]
            except BaseException as error:
                failures.append(error)

        threads = [
            threading.Thread(target=work, args=(s, letter))
            for s, letter in ((one, "a"), (one, "b"), (two, "c"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert len(two.base_models.list_base_models()) == 45
