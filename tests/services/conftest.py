"""A library on a real SQLite file, and the same on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.records import AddBaseModelRequest
from tests.support import LLAMA


@pytest.fixture(params=["sqlite", "postgresql"])
def services(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    """Open services over an empty library, on either database."""
    monkeypatch.setenv("LORARIUM_DATA", str(tmp_path / "data"))
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'data' / 'catalog.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    with open_services(url) as opened:
        yield opened


@pytest.fixture
def base(services: Services) -> str:
    """The id of a base model that fits `make_adapter`."""
    request = AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
    return services.base_models.add_base_model(request).id
