"""Newer versions on a hub: which there are, and how one takes the place of what is here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import Cancelled, ConflictError, RemoteError, ValidationError
from tests.hub_server import Fault, HubServer, Repo
from tests.hub_server.content import adapter_files
from tests.support import make_adapter


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def repo(hub: HubServer) -> Repo:
    return hub.add_repo("acme/sql-lora", adapter_files(rank=8))


def imported(services: Services, hub: HubServer, base: str, **more: Any) -> Any:
    fields = {
        "huggingface_name": "acme/sql-lora",
        "endpoint": hub.url,
        "name": "sql",
        "model_id": base,
        **more,
    }
    return services.imports.import_adapter("huggingface", fields)


def tree(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def newer(repo: Repo) -> str:
    files = adapter_files(rank=16)
    wanted = ("adapter_config.json", "adapter_model.safetensors")
    return str(repo.push({name: files[name] for name in wanted}))


def test_where_it_came_from_is_kept_and_undone(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    record = imported(services, hub, base)
    assert record.huggingface_name == "acme/sql-lora"
    assert record.revision == repo.commit
    origin = record.origin
    assert (origin.server, origin.name, origin.revision) == (hub.url, "acme/sql-lora", "main")
    assert (origin.version, origin.newest, origin.is_behind) == (repo.commit, None, False)
    services.adapters.remove_adapter(record.id)
    services.history.undo()
    assert services.adapters.get_adapter(record.id).origin == origin


def test_checking_tells_who_is_behind_and_asks_once_for_each_place(
    services: Services, base: str, hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    one = imported(services, hub, base)
    two = imported(services, hub, base, name="sql again")
    pinned = imported(services, hub, base, name="pinned", revision=repo.commit)
    folder = make_adapter(tmp_path / "own")
    local = services.imports.import_adapter(
        "project", {"location": str(folder), "name": "own", "model_id": base}
    )
    assert services.updates.check().behind == ()
    commit = newer(repo)
    hub.reset_requests()
    report = services.updates.check()
    assert report.asked == 3
    assert set(report.behind) == {one.id, two.id}
    assert report.troubles == ()
    assert len(hub.asked("/api/models/acme/sql-lora")) == 1
    found = {f.code for f in services.adapters.get_details(one.id).findings}
    assert "newer_version" in found
    assert services.adapters.get_adapter(one.id).origin.newest == commit  # type: ignore[union-attr]
    rows = {row[0]: row[16] for row in services.adapters.list_rows()}
    assert rows[one.id] == rows[pinned.id] + 1
    assert rows[local.id] == rows[pinned.id]
    # Looking is no step that could be undone.
    assert services.history.labels()[0] == "Import “own”"
    # Asking about one leaves the others out.
    assert services.updates.check([pinned.id]).asked == 1


def test_undo_and_redo_do_not_bring_old_answers_back(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    record = imported(services, hub, base)
    newer(repo)
    services.updates.check()
    services.updates.update(record.id)
    for turn in (services.history.undo, services.history.redo):
        turn()
        turn()
    again = services.adapters.get_adapter(record.id)
    assert again.origin is not None
    assert again.revision == again.origin.version == repo.commit
    assert not again.origin.is_behind


def test_a_renamed_repository_is_followed_and_its_old_name_is_not(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    repo.renamed_to = "acme/better"
    hub.add_repo("acme/better", adapter_files(rank=8))
    record = imported(services, hub, base)
    assert record.huggingface_name == record.origin.name == "acme/better"
    # Somebody else takes the name that is free now.
    hub.remove_repo("acme/sql-lora")
    hub.add_repo("acme/sql-lora", adapter_files(rank=64))
    assert services.updates.check().behind == ()
    assert services.updates.update(record.id).revision == record.revision


def test_an_update_fetches_what_the_import_fetched(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    record = imported(services, hub, base, all_files=True)
    before = {path.name for path in Path(record.path).iterdir()}
    assert "optimizer.pt" in before
    newer(repo)
    updated = services.updates.update(record.id)
    assert {path.name for path in Path(updated.path or "").iterdir()} == before


def test_one_repository_in_trouble_hides_no_other(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    imported(services, hub, base)
    second = hub.add_repo("acme/other", adapter_files())
    other = imported(services, hub, base, name="other", huggingface_name="acme/other")
    newer(repo)
    newer(second)
    hub.fault = Fault("status", match="/api/models/acme/sql-lora", status=500)
    report = services.updates.check()
    assert report.behind == (other.id,)
    assert [name for name, _ in report.troubles] == ["sql"]
    assert report.unknown == 1


def test_a_branch_that_is_gone_is_said_for_what_it_is(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    repo.tag("v1")
    imported(services, hub, base, revision="v1")
    hub.fault = Fault(
        "status", match="/api/models/acme", status=404, error_code="RevisionNotFound"
    )
    ((_, sentence),) = services.updates.check().troubles
    assert "has no “v1” any more" in sentence
    assert "main" not in sentence


def test_update_keeps_the_old_one_until_the_new_one_is_whole_and_undo_brings_it_back(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    record = imported(services, hub, base, description="Mine")
    old = Path(record.path)
    before = tree(old)
    commit = newer(repo)
    hub.fault = Fault("status", match="adapter_model", status=404, error_code="EntryNotFound")
    with pytest.raises(RemoteError):
        services.updates.update(record.id)
    assert services.adapters.get_adapter(record.id) == record
    assert tree(old) == before
    assert [p.name for p in services.location.adapters.iterdir()] == [old.name]
    hub.fault = None

    updated = services.updates.update(record.id)
    assert (updated.id, updated.name, updated.description) == (record.id, "sql", "Mine")
    assert (updated.revision, updated.origin.version) == (commit, commit)  # type: ignore[union-attr]
    assert not updated.origin.is_behind  # type: ignore[union-attr]
    details = services.adapters.get_details(record.id)
    assert details.inspection is not None
    assert details.inspection.rank == 16
    new = Path(updated.path or "")
    assert new != old
    assert not old.exists()
    assert services.history.labels()[0] == "Update “sql”"

    after = tree(new)
    services.history.undo()
    assert services.adapters.get_adapter(record.id) == record
    assert tree(old) == before
    assert not new.exists()
    services.history.redo()
    assert services.adapters.get_adapter(record.id) == updated
    assert tree(new) == after
    assert not old.exists()


def test_cancelling_an_update_changes_nothing(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    record = imported(services, hub, base)
    newer(repo)

    def cancel(done: int, total: int, text: str) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        services.updates.update(record.id, cancel)
    assert services.adapters.get_adapter(record.id) == record
    assert not services.location.staging.exists()


def test_a_new_version_that_is_no_adapter_is_refused(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    record = imported(services, hub, base)
    repo.push({"adapter_model.safetensors": b"no weights at all"})
    with pytest.raises(ValidationError):
        services.updates.update(record.id)
    assert services.adapters.get_adapter(record.id) == record
    assert Path(record.path).is_dir()


def test_an_adapter_that_was_moved_meanwhile_is_left_alone(
    services: Services, base: str, hub: HubServer, repo: Repo, tmp_path: Path
) -> None:
    record = imported(services, hub, base)
    newer(repo)
    elsewhere = make_adapter(tmp_path / "elsewhere")
    moved = False

    def move(done: int, total: int, text: str) -> None:
        nonlocal moved
        if text == "Checking" and not moved:
            moved = True
            services.adapters.update_adapter(record.id, location=str(elsewhere))

    with pytest.raises(ConflictError, match="was changed while"):
        services.updates.update(record.id, move)
    assert services.adapters.get_adapter(record.id).path == str(elsewhere)
    assert not services.location.staging.exists()


def test_what_came_from_nowhere_can_not_be_updated(
    services: Services, base: str, tmp_path: Path
) -> None:
    folder = make_adapter(tmp_path / "own")
    record = services.imports.import_adapter(
        "project", {"location": str(folder), "name": "own", "model_id": base}
    )
    with pytest.raises(ValidationError, match="not known where"):
        services.updates.update(record.id)
    with pytest.raises(ValidationError, match="not known where"):
        services.updates.compare(record.id)
    assert services.updates.check().asked == 0


def test_troubles_are_told_once_for_each_server(
    services: Services, base: str, hub: HubServer, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(services, hub, base)
    hub.add_repo("acme/other", adapter_files())
    imported(services, hub, base, name="other", huggingface_name="acme/other")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    report = services.updates.check()
    assert report.behind == ()
    (trouble,) = report.troubles
    assert "offline" in trouble[1]
    monkeypatch.delenv("HF_HUB_OFFLINE")
    repo.private = True
    report = services.updates.check()
    assert len(report.troubles) == 1
    assert report.troubles[0][0] == "sql"


def test_comparing_shows_both_before_a_byte_of_the_weights_moves(
    services: Services, base: str, hub: HubServer, repo: Repo
) -> None:
    record = imported(services, hub, base)
    assert services.updates.compare(record.id).is_same
    commit = newer(repo)
    found = services.updates.compare(record.id)
    assert not found.is_same
    assert found.ahead.version == commit
    assert found.inspection is not None
    assert found.ahead.inspection is not None
    assert (found.inspection.rank, found.ahead.inspection.rank) == (8, 16)
    assert services.adapters.get_adapter(record.id).origin.is_behind  # type: ignore[union-attr]


def test_a_catalogue_of_the_first_version_gets_the_table_of_origins(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "catalog.db"
    with open_services(path):
        pass
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE lorarium_origins; UPDATE lorarium_version SET version_num = '0001';"
    )
    connection.close()
    with open_services(path) as services:
        assert services.open().has("lorarium_origins", "newest")
    (backup,) = (tmp_path / "catalog.db-files" / "backups").iterdir()
    assert backup.stat().st_size
