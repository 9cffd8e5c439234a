"""The import from a hub, against a server that others wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.errors import RemoteError
from desktop.services.hub.records import HubReference
from desktop.services.records import AddBaseModelRequest, FolderState
from tests.hub_server.content import adapter_files
from tests.olah.mirror import Mirror
from tests.support import LLAMA

NAME = "acme/tiny-lora"
TRAINING_ONLY = {"optimizer.pt", ".gitattributes"}


@dataclass(frozen=True)
class Published:
    """What the repository holds: files by revision, and the commits behind its names."""

    files: Mapping[str, Mapping[str, bytes]]
    commits: Mapping[str, str]


@pytest.fixture(scope="module")
def published(mirror: Mirror) -> Published:
    """An adapter of rank 8, tagged v1, and on main one of rank 16."""
    files = {"v1": adapter_files(rank=8), "main": adapter_files(rank=16)}
    repository = mirror.repository(NAME)
    commits = {
        "v1": repository.commit(files["v1"], tag="v1"),
        "main": repository.commit(files["main"]),
    }
    assert commits["v1"] != commits["main"]
    return Published(files, commits)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("LORARIUM_DATA", str(tmp_path / "data"))
    with open_services(tmp_path / "library") as s:
        yield s


@pytest.fixture
def base_id(services: Services) -> str:
    request = AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
    return services.base_models.add_base_model(request).id


def asked(mirror: Mirror, base_id: str, **more: Any) -> dict[str, Any]:
    """The fields of an import from the mirror."""
    return {
        "huggingface_name": NAME,
        "endpoint": mirror.url,
        "token": None,
        "name": "tiny",
        "model_id": base_id,
        **more,
    }


def on_disk(folder: str | None) -> dict[str, bytes]:
    assert folder is not None
    root = Path(folder)
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("revision", ["main", "v1"])
def test_an_adapter_arrives_whole(
    mirror: Mirror, published: Published, services: Services, base_id: str, revision: str
) -> None:
    record = services.imports.import_adapter(
        "huggingface", asked(mirror, base_id, revision=revision)
    )

    commit = published.commits[revision]
    assert record == services.adapters.get_adapter(record.id)
    assert record.type == "huggingface"
    assert record.huggingface_name == NAME
    assert record.model_id == base_id
    assert record.revision == commit
    assert record.managed
    assert record.state is FolderState.OK
    assert record.origin is not None
    assert record.origin.server == mirror.url
    assert record.origin.name == NAME
    assert record.origin.revision == revision
    assert record.origin.version == commit
    assert on_disk(record.path) == {
        name: content
        for name, content in published.files[revision].items()
        if name not in TRAINING_ONLY
    }


def test_what_it_is_is_known_before_the_weights_move(
    mirror: Mirror, published: Published, services: Services
) -> None:
    # This mirror sends whole files whatever part is asked for, and sizes in its tree alone.
    preview = services.hub.preview(HubReference(NAME, "main", endpoint=mirror.url))

    files = published.files["main"]
    assert preview.repo.commit == published.commits["main"]
    assert {file.path: file.size for file in preview.repo.files} == {
        name: len(content) for name, content in files.items()
    }
    assert preview.repo.needed_bytes == sum(
        len(content) for name, content in files.items() if name not in TRAINING_ONLY
    )
    assert not preview.locked
    assert preview.repo.licence == "apache-2.0"
    assert LLAMA in preview.repo.base_models
    inspection = preview.inspection
    assert inspection is not None
    assert inspection.peft_type == "LORA"
    assert inspection.rank == 16
    assert inspection.alpha == 32
    assert inspection.target_modules == ("q_proj", "v_proj")
    assert inspection.parameters == 4 * 16 * 16
    assert inspection.base_model_name == LLAMA
    assert inspection.size_bytes == len(files["adapter_model.safetensors"])


def test_a_newer_commit_is_seen_and_takes_the_place_of_the_old(
    mirror: Mirror, services: Services, base_id: str
) -> None:
    name = "acme/moving-lora"
    repository = mirror.repository(name)
    first = repository.commit(adapter_files(rank=4))
    record = services.imports.import_adapter(
        "huggingface", asked(mirror, base_id, huggingface_name=name)
    )
    assert record.revision == first
    assert services.updates.check().behind == ()
    assert not services.adapters.get_adapter(record.id).origin.is_behind

    newer = adapter_files(rank=32)
    second = repository.commit(newer)
    report = services.updates.check()
    assert (report.asked, report.behind, report.troubles) == (1, (record.id,), ())
    assert services.adapters.get_adapter(record.id).origin.newest == second

    updated = services.updates.update(record.id)
    assert updated.id == record.id
    assert updated.revision == second
    assert not updated.origin.is_behind
    weights = "adapter_model.safetensors"
    assert on_disk(updated.path)[weights] == newer[weights]


@pytest.mark.parametrize(
    ("name", "revision", "code"),
    [
        ("acme/no-such-lora", "main", "not_found"),
        # The same answer as for a repository: this mirror does not tell them apart.
        (NAME, "no-such-branch", "not_found"),
    ],
)
def test_what_is_not_there_is_a_sentence(
    mirror: Mirror,
    published: Published,
    services: Services,
    base_id: str,
    name: str,
    revision: str,
    code: str,
) -> None:
    with pytest.raises(RemoteError) as caught:
        services.imports.import_adapter(
            "huggingface", asked(mirror, base_id, huggingface_name=name, revision=revision)
        )
    error = caught.value
    assert error.code == code
    assert name in error.message
    assert error.message.endswith(".")
    assert error.advice.endswith(".")
    assert services.adapters.list_adapters() == []
    for place in (services.location.adapters, services.location.staging):
        assert not place.exists() or not list(place.iterdir())
