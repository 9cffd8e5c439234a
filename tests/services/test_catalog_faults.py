"""What is no catalogue, damaged, or on a full disk: refused in words and left alone."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import pytest

from desktop.bootstrap import open_services
from desktop.services.catalog import sqlite_file
from desktop.services.catalog.engine import Catalog
from desktop.services.errors import (
    CatalogError,
    CatalogReadOnlyError,
)
from desktop.services.records import AddBaseModelRequest


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hub(name: str = "org/base") -> AddBaseModelRequest:
    return AddBaseModelRequest(type="huggingface", huggingface_name=name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not a database at all, just some text", "not a SQLite file"),
        (b"SQLite format 3\x00" + b"\xff" * 5000, "damaged"),
    ],
)
def test_what_is_no_catalogue_is_refused_and_left_alone(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(CatalogError, match=said), open_services(path):
        pass
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["x" * 300 + ".db", "a\x00b.db"])
def test_a_path_that_no_file_can_have_is_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(CatalogError), open_services(f"{tmp_path}/{name}"):
        pass


def test_on_a_full_disk_the_library_opens_for_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "catalog.db"
    with open_services(path) as s:
        s.base_models.add_base_model(hub())
    look = sqlite_file._look

    def no_room(path: Path, writable: bool, immutable: str) -> sqlite_file.FileState:
        if not immutable:
            raise sqlite3.OperationalError("disk I/O error")
        return look(path, writable, immutable)

    monkeypatch.setattr(sqlite_file, "_look", no_room)
    with pytest.raises(CatalogError, match="can't be read: disk i/o error"), open_services(path):
        pass
    monkeypatch.setattr(sqlite_file, "_ROOM", 1 << 60)
    with open_services(path) as s:
        assert len(s.base_models.list_base_models()) == 1
        assert s.read_only.startswith("The disk that holds this catalogue is full.")
        with pytest.raises(CatalogReadOnlyError, match="full"):
            s.base_models.add_base_model(hub("org/b"))
    path.with_name("catalog.db-wal").write_bytes(b"rows that are nowhere else")
    with pytest.raises(CatalogError), open_services(path):
        pass


def test_a_catalogue_that_can_not_be_made_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Catalog) -> None:
        with self.engine.connect():
            raise CatalogError("The disk is full.")

    monkeypatch.setattr(Catalog, "_create", full)
    with pytest.raises(CatalogError, match="full"), open_services(tmp_path / "a.db"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "catalog.db")
    with pytest.raises(CatalogError, match="not a file"), open_services(tmp_path / "catalog.db"):
        pass


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE models SET name = CAST(x'ff' AS TEXT)",
        "UPDATE lorarium_version SET version_num = ''",
        "UPDATE lorarium_version SET version_num = '00 1'",
    ],
)
def test_damage_is_called_damage(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "catalog.db"
    with open_services(path) as s:
        s.base_models.add_base_model(hub())
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    before = digest(path)
    with pytest.raises(CatalogError, match=r"is damaged|does not say"), open_services(path) as s:
        s.base_models.list_base_models()
    assert digest(path) == before


def test_another_programs_database_and_triggers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE places (id)")
    connection.commit()
    before = digest(path)
    with pytest.raises(CatalogError, match="another program"), open_services(path):
        pass
    assert digest(path) == before
    connection.executescript(
        "CREATE TABLE adapters (id); CREATE TRIGGER t AFTER INSERT ON adapters BEGIN SELECT 1; END;"
    )
    connection.close()
    with pytest.raises(CatalogError, match="triggers"), open_services(path):
        pass


def test_an_emptied_catalogue_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    path.touch()
    with open_services(path) as s:
        assert s.adapters.list_adapters() == []
    path.write_bytes(b"")
    (tmp_path / "catalog.db-files" / "adapters" / "kept-12345678").mkdir(parents=True)
    with pytest.raises(CatalogError, match="empty"), open_services(path):
        pass
