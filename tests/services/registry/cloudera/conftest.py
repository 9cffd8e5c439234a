"""A workbench with an adapter in it, and somebody who is connected to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.services.registry.cloudera_workbench import WorkbenchBackend
from tests.cloudera_server import Model, Workbench, WorkbenchServer
from tests.hub_server.content import adapter_files
from tests.services.registry.cloudera.cases import (
    NAME,
    PROJECT,
    connect,
)


@pytest.fixture(scope="module")
def adapter() -> dict[str, bytes]:
    return adapter_files()


@pytest.fixture
def server() -> Iterator[WorkbenchServer]:
    with WorkbenchServer() as made:
        yield made


@pytest.fixture
def bench(server: WorkbenchServer) -> Workbench:
    return server.bench


@pytest.fixture
def model(bench: Workbench, adapter: dict[str, bytes]) -> Model:
    """Two versions of an adapter, among other models."""
    bench.add_model("another")
    made = bench.add_model(NAME, "ab12-cd34-ef56-gh78", "Questions into SQL")
    bench.register(made, {"MLmodel": b"", "peft/adapter_config.json": b"{}"}, "model", PROJECT)
    bench.register(
        made,
        adapter,
        "model/peft",
        PROJECT,
        {"base_model_name_or_path": "meta-llama/Llama-2-7b-hf", "r": "16"},
        {"eval_loss": 0.5},
        notes="The second one",
        tags={"stage": "tried"},
    )
    return made


@pytest.fixture
def backend(server: WorkbenchServer) -> WorkbenchBackend:
    return connect(server)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "out" / "target"
    folder.mkdir(parents=True)
    return folder
