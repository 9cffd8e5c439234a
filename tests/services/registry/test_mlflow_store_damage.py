"""Stores that are none of MLflow's, damaged, locked, or made to lead elsewhere."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from desktop.services.errors import Cancelled, RemoteError
from desktop.services.progress import silent
from desktop.services.registry.mlflow_store import MlflowStoreBackend
from desktop.services.registry.mlflow_tables import MlflowTables
from desktop.services.registry.records import (
    Artifact,
    ArtifactFile,
    Connection,
    ModelVersion,
    RegistryKind,
)
from tests.mlflow_server.store import Registered
from tests.services.registry.false_mlflow import error_of

Store = tuple[Path, Registered]


@pytest.fixture
def database(mlflow_database_store: Store, tmp_path: Path) -> Path:
    """A database of one's own, with its artifacts where they were."""
    return Path(shutil.copy(mlflow_database_store[0], tmp_path / "mlflow.db"))


@pytest.fixture
def folder(mlflow_folder_store: Store, tmp_path: Path) -> Path:
    """A store of files of one's own; its artifacts are in it."""
    copied = tmp_path / "store" / "mlruns"
    shutil.copytree(mlflow_folder_store[0], copied)
    for meta in copied.rglob("meta.yaml"):
        meta.write_text(meta.read_text().replace(str(mlflow_folder_store[0]), str(copied)))
    return copied


@pytest.fixture
def artifacts(folder: Path) -> Iterator[Path]:
    """Where the files of `plain-lora` are in it."""
    (meta,) = (folder / "models" / "plain-lora").rglob("version-1/meta.yaml")
    run_id = meta.read_text().partition("run_id: ")[2].split("\n")[0]
    (found,) = folder.glob(f"*/{run_id}/artifacts/adapter")
    return found


def opened(path: Path) -> MlflowStoreBackend:
    return MlflowStoreBackend(Connection(RegistryKind.MLFLOW_STORE, str(path)))


def change(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as sql, sql:
        for statement in statements:
            sql.execute(statement)


def plain(path: Path) -> tuple[MlflowStoreBackend, ModelVersion]:
    backend = opened(path)
    return backend, backend.resolve("plain-lora", silent)


def listed(path: Path) -> Artifact:
    backend, version = plain(path)
    found = backend.artifact(version, silent)
    assert found is not None
    return found


def beside(database: Path) -> set[str]:
    return {path.name for path in database.parent.iterdir() if path.name.startswith("mlflow.db")}


# -- what is no store --------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"text", b"SQLite format 3", b"\0" * 5000])
def test_a_file_that_is_no_database(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "notes.db").write_bytes(data)
    error = error_of("answer", opened(tmp_path / "notes.db").test, silent)
    assert "is not a SQLite file" in error.message


def test_what_is_not_there_and_what_is_no_file(tmp_path: Path) -> None:
    error_of("unreachable", opened(tmp_path / "missing.db").test, silent)
    os.mkfifo(tmp_path / "pipe.db")
    assert "not a file" in error_of("answer", opened(tmp_path / "pipe.db").test, silent).message
    error_of("answer", opened(tmp_path).test, silent)


def test_a_database_of_another_program(tmp_path: Path) -> None:
    change(tmp_path / "other.db", "CREATE TABLE adapters (id TEXT)")
    error = error_of("answer", opened(tmp_path / "other.db").test, silent)
    assert "is no store of MLflow: it has no table registered_models" in error.message


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE model_versions RENAME COLUMN source TO place",
        "ALTER TABLE runs DROP COLUMN artifact_uri",
    ],
)
def test_a_database_of_an_mlflow_that_is_not_known(database: Path, statement: str) -> None:
    change(database, statement)
    error = error_of("answer", opened(database).test, silent)
    assert "was written by an MLflow that Lorarium does not know" in error.message


@pytest.mark.parametrize(
    "statements",
    [
        (
            "DROP TABLE params",
            "CREATE VIEW params AS SELECT '' AS key, '' AS value, '' AS run_uuid",
        ),
        ("DROP TABLE params", "CREATE VIRTUAL TABLE params USING fts5(key, value, run_uuid)"),
    ],
)
def test_a_view_is_no_table(database: Path, statements: tuple[str, ...]) -> None:
    change(database, *statements)
    assert "no table params" in error_of("answer", opened(database).test, silent).message


def test_triggers_do_nothing(database: Path) -> None:
    change(
        database,
        "CREATE TRIGGER t BEFORE UPDATE ON runs BEGIN DELETE FROM registered_models; END",
    )
    before = database.read_bytes()
    backend, version = plain(database)
    assert backend.run(version, silent) is not None
    assert database.read_bytes() == before


def test_older_databases_have_fewer_tables(database: Path) -> None:
    change(
        database,
        *(f"DROP TABLE {table}" for table in ("registered_model_aliases", "logged_models",
                                              "inputs", "datasets")),
    )  # fmt: skip
    backend, version = plain(database)
    assert version.aliases == ()
    assert backend.run(version, silent) is not None
    assert backend.artifact(version, silent) is not None


def test_a_damaged_database(database: Path) -> None:
    data = bytearray(database.read_bytes())
    for at in range(4096, len(data), 512):
        data[at : at + 40] = b"\xff" * 40
    database.write_bytes(data)
    error_of("answer", opened(database).models, "", "", silent)
    database.write_bytes(data[: len(data) // 3])
    error_of("answer", opened(database).models, "", "", silent)


# -- others who use it -------------------------------------------------------------------------


def test_a_locked_database(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        error = error_of("unreachable", opened(database).test, silent)
        other.execute("ROLLBACK")
    assert "has locked “mlflow.db”" in error.message
    assert opened(database).test(silent)


def test_beside_one_that_writes(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("INSERT INTO registered_models (name) VALUES ('fresh')")
        assert opened(database).models("fresh", "", silent).models
        assert beside(database) == {"mlflow.db", "mlflow.db-wal", "mlflow.db-shm"}


def test_no_files_come_beside_a_database_that_was_closed(database: Path) -> None:
    change(database, "PRAGMA journal_mode = WAL")
    assert beside(database) == {"mlflow.db"}
    before = database.read_bytes()
    assert opened(database).test(silent)
    assert beside(database) == {"mlflow.db"}
    assert database.read_bytes() == before


def test_a_database_that_was_not_closed(database: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn"
    torn.mkdir()
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("INSERT INTO registered_models (name) VALUES ('fresh')")
        for name in ("mlflow.db", "mlflow.db-wal"):
            shutil.copy(database.with_name(name), torn / name)
    error = error_of("unreachable", opened(torn / "mlflow.db").test, silent)
    assert "was not closed" in error.message
    assert beside(torn / "mlflow.db") == {"mlflow.db", "mlflow.db-wal"}


def test_a_database_in_the_middle_of_a_change(database: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn"
    torn.mkdir()
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("PRAGMA cache_size = 1")
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE params SET value = value || hex(zeroblob(2000))")
        for name in ("mlflow.db", "mlflow.db-journal"):
            shutil.copy(database.with_name(name), torn / name)
        other.execute("ROLLBACK")
    before = {path.name: path.read_bytes() for path in torn.iterdir()}
    error = error_of("unreachable", opened(torn / "mlflow.db").test, silent)
    assert "in the middle of a change" in error.message
    assert {path.name: path.read_bytes() for path in torn.iterdir()} == before


def test_a_long_query_can_be_stopped(database: Path) -> None:
    change(
        database,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) "
        "INSERT INTO registered_models (name) SELECT 'model-' || i FROM n",
    )
    calls = []

    def check() -> None:
        calls.append(1)
        raise Cancelled

    with closing(MlflowTables(database, check)) as tables, pytest.raises(Cancelled):
        tables.count()
    assert calls


# -- what leads elsewhere ----------------------------------------------------------------------


def test_links_out_of_the_artifact_are_refused(folder: Path, artifacts: Path) -> None:
    secret = folder.parent / "secret.txt"
    secret.write_text("secret")
    (folder.parent / "private").mkdir()
    (folder.parent / "private" / "key").write_text("secret")
    (artifacts / "out.txt").symlink_to(secret)
    (artifacts / "private").symlink_to(folder.parent / "private")
    (artifacts / "loop").symlink_to(artifacts)
    (artifacts / "broken").symlink_to("nowhere")
    (artifacts / "in.txt").symlink_to("adapter_config.json")
    os.mkfifo(artifacts / "pipe")
    os.symlink("/dev/zero", artifacts / "zero")
    found = listed(folder)
    assert [file.path for file in found.files] == [
        "README.md", "adapter_config.json", "adapter_model.safetensors", "in.txt",
    ]  # fmt: skip
    assert set(found.skipped) == {"out.txt", "private", "loop", "broken", "pipe", "zero"}


@pytest.mark.parametrize(
    "path", ["out.txt", "private/key", "../../../x", "a/../../x", "/etc/passwd"]
)
def test_nothing_outside_of_the_artifact_is_read_or_copied(
    folder: Path, artifacts: Path, tmp_path: Path, path: str
) -> None:
    (folder.parent / "secret.txt").write_text("secret")
    (folder.parent / "private").mkdir()
    (folder.parent / "private" / "key").write_text("secret")
    (artifacts / "out.txt").symlink_to(folder.parent / "secret.txt")
    (artifacts / "private").symlink_to(folder.parent / "private")
    backend, version = plain(folder)
    file = ArtifactFile(path, 6)
    target = tmp_path / "target"
    target.mkdir()
    error_of("entry", backend.read, version, file, 100, silent)
    wanted = [(file, "a.txt")]
    with pytest.raises(RemoteError, match=r"leads out of|a link to a file outside"):
        backend.fetch(version, wanted, target, None, silent)
    assert list(target.iterdir()) == []


def test_a_file_that_changed_meanwhile(folder: Path, artifacts: Path, tmp_path: Path) -> None:
    backend, version = plain(folder)
    found = listed(folder)
    (artifacts / "README.md").write_text("longer than it was" * 100)
    target = tmp_path / "target"
    target.mkdir()
    files = [(file, file.path) for file in found.files]
    error = error_of("disk", backend.fetch, version, files, target, None, silent)
    assert "README.md changed while it was copied" in error.message


def test_names_that_are_no_text_are_skipped(folder: Path, artifacts: Path) -> None:
    with open(os.path.join(os.fsencode(artifacts), b"\xff.txt"), "wb"):
        pass
    (artifacts / "line\nbreak").write_text("")
    assert set(listed(folder).skipped) == {"\\xff.txt", "line\\x0abreak"}


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("file://other-host/data/x", "“file://other-host/data/x”"),
        ("file:///nowhere/at/all", "not there any more"),
        ("/nowhere", "not there any more"),
        ("nowhere/./at/all", "not there any more"),
        ("mlflow-artifacts:/../../etc", "mlflow-artifacts:/…"),
        ("mlflow-artifacts:/1/none", "not there any more"),
        ("runs:/0000/x", "not there any more"),
        ("runs:/../x", "runs:/…"),
        ("models:/m-" + "0" * 32, "not there any more"),
        ("models:/plain-lora/1", "models:/…"),
        ("models:/nobody/1", "There is no model “nobody”"),
        ("s3://bucket/x", "s3://bucket/…"),
        ("/a\0b", "“/a\\x00b”"),
    ],
)
def test_where_a_source_may_lead(database: Path, uri: str, words: str) -> None:
    with closing(sqlite3.connect(database)) as sql, sql:
        sql.execute(
            "UPDATE model_versions SET source = ?, storage_location = ? WHERE name = 'plain-lora'",
            (uri, uri),
        )
    backend, version = plain(database)
    with pytest.raises(RemoteError) as caught:
        backend.artifact(version, silent)
    assert words in caught.value.message
    assert caught.value.code in ("entry", "not_found")


def test_a_value_of_another_type_than_mlflow_writes(database: Path) -> None:
    change(
        database,
        "UPDATE params SET value = x'ff00' WHERE key = 'r'",
        "UPDATE registered_models SET description = x'07', last_updated_time = 'x'",
        "UPDATE model_versions SET source = x'00', creation_time = 'never', user_id = 5",
        "UPDATE latest_metrics SET value = 'much', is_nan = 0",
        "UPDATE runs SET name = x'c3'",
    )
    backend, version = plain(database)
    run = backend.run(version, silent)
    assert run is not None
    assert dict(run.metrics)["eval_loss"] == "much"
    assert version.created is None
    assert backend.models("plain", "", silent).models[0].description == ""


# -- a store of files --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name: other\n",
        "- a\n",
        "name: &a plain-lora\nx: *a\n",
        "name: !!python/object/apply:os.system ['true']\n",
        "x: " + "[" * 50_000,
        "name: plain-lora\n" + "#" * (1 << 20),
    ],
)
def test_a_description_that_is_none(folder: Path, text: str) -> None:
    (folder / "models" / "plain-lora" / "meta.yaml").write_text(text)
    error_of("not_found", opened(folder).resolve, "plain-lora", silent)
    assert opened(folder).resolve("llama-sql", silent).version == "2"


def test_links_are_no_models_no_versions_and_no_values(folder: Path, artifacts: Path) -> None:
    (folder / "models" / "linked").symlink_to(folder / "models" / "plain-lora")
    error_of("not_found", opened(folder).resolve, "linked", silent)
    params = artifacts.parent.parent / "params"
    shutil.rmtree(params)
    private = folder.parent / "private"
    private.mkdir()
    (private / "key").write_text("secret")
    params.symlink_to(private)
    (artifacts.parent.parent / "tags" / "key").symlink_to(private / "key")
    backend, version = plain(folder)
    run = backend.run(version, silent)
    assert run is not None
    assert run.params == ()
    assert dict(run.tags)["key"] == ""


def test_versions_are_numbers(folder: Path) -> None:
    model = folder / "models" / "plain-lora"
    for number in ("10", "9", "x", "-1", "²"):
        shutil.copytree(model / "version-1", model / f"version-{number}")
    page = opened(folder).versions("plain-lora", "", silent)
    assert [version.version for version in page.versions] == ["10", "9", "1"]
    assert opened(folder).models("plain", "", silent).models[0].newest == "10"


def test_metrics_with_lines_that_are_none(folder: Path, artifacts: Path) -> None:
    metrics = artifacts.parent.parent / "metrics"
    (metrics / "eval_loss").write_text("1 0.5 9\nnonsense\n3 0.25 10\n2 0.1 10\n\n5 x 11\n")
    (metrics / "deep").mkdir()
    (metrics / "deep" / "er").write_text("1 nan 0\n")
    (metrics / "empty").write_text("")
    backend, version = plain(folder)
    run = backend.run(version, silent)
    assert run is not None
    found = dict(run.metrics)
    assert (found["eval_loss"], found["deep/er"], found["empty"]) == ("0.25", "NaN", "")


def test_a_deleted_run_is_none(folder: Path, artifacts: Path) -> None:
    run = artifacts.parent.parent
    backend, version = plain(folder)
    run.rename(folder / ".trash" / run.name)
    assert backend.run(version, silent) is None
    error_of("entry", backend.artifact, version, silent)
