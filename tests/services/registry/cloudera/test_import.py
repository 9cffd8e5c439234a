"""From a script: an adapter in one of Cloudera's registries becomes a row with its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.bootstrap import Services
from desktop.services.errors import RemoteError
from desktop.services.records import AdapterRecord
from tests.cloudera_server import AiRegistryServer, WorkbenchServer
from tests.cloudera_server.common import TOKEN
from tests.cloudera_server.packing import tar_of
from tests.services.registry.cloudera.cases import held, needed

NAME = "sql-lora"


@pytest.fixture
def workbench() -> Iterator[WorkbenchServer]:
    with WorkbenchServer() as made:
        yield made


@pytest.fixture
def registry() -> Iterator[AiRegistryServer]:
    with AiRegistryServer() as made:
        yield made


def bring_in(services: Services, base: str, kind: str, url: str, what: str) -> AdapterRecord:
    return services.imports.import_adapter(
        "model_registry",
        {
            "connection": {"kind": kind, "url": url, "token": TOKEN},
            "cml_registered_model_id": what,
            "name": "mine",
            "model_id": base,
        },
    )


def test_a_version_of_a_workbench(
    services: Services, base: str, workbench: WorkbenchServer, adapter: dict[str, bytes]
) -> None:
    bench = workbench.bench
    model = bench.add_model(NAME)
    version = bench.register(model, adapter, "model/peft", notes="Questions into SQL")
    row = bring_in(services, base, "cloudera_workbench", workbench.url, f"{NAME}/1")
    assert held(Path(row.location or "")) == needed(adapter)
    assert row.cml_registered_model_id == model.id
    assert row.mlflow_experiment_id == version.experiment_id
    assert row.mlflow_run_id == version.run_id
    assert row.description == "Questions into SQL"
    assert row.origin is not None
    assert (row.origin.server, row.origin.version) == (workbench.url, "1")


def test_a_version_of_an_ai_registry(
    services: Services, base: str, registry: AiRegistryServer, adapter: dict[str, bytes]
) -> None:
    model = registry.registry.add_model(NAME)
    archive = tar_of({f"model/{name}": data for name, data in adapter.items()})
    registry.registry.add_version(model, archive)
    row = bring_in(services, base, "cloudera_ai_registry", registry.url, model.id)
    assert held(Path(row.location or "")) == needed(adapter)
    assert row.cml_registered_model_id == model.id
    assert row.origin is not None
    assert row.origin.version == "1"


def test_a_hostile_archive_leaves_nothing(
    services: Services,
    base: str,
    registry: AiRegistryServer,
    adapter: dict[str, bytes],
    tmp_path: Path,
) -> None:
    model = registry.registry.add_model(NAME)
    registry.registry.add_version(model, tar_of({**adapter, "../../x": b"out"}))
    with pytest.raises(RemoteError) as caught:
        bring_in(services, base, "cloudera_ai_registry", registry.url, NAME)
    assert caught.value.code == "listing"
    left = [p for p in tmp_path.rglob("*") if p.is_file() and not p.name.startswith("catalog.db")]
    assert left == []
