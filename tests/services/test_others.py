"""What another window, or another machine, writes to the same catalogue is noticed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.bootstrap import Services, open_services
from desktop.services.records import AddBaseModelRequest
from tests.support import make_studio


@pytest.fixture
def other(services: Services) -> Iterator[Services]:
    """The same catalogue, opened a second time."""
    place = services.location
    with open_services(str(place.path) if place.path else place.url) as opened:
        yield opened


def add_base(services: Services, name: str) -> None:
    services.base_models.add_base_model(
        AddBaseModelRequest(type="huggingface", huggingface_name=f"acme/{name}")
    )


def test_a_foreign_write_is_noticed_once(services: Services, other: Services) -> None:
    assert not services.others.noticed()
    add_base(other, "one")
    assert services.others.noticed()
    assert not services.others.noticed()


def test_reading_is_no_write(services: Services, other: Services) -> None:
    assert not services.others.noticed()
    other.adapters.list_rows()
    services.adapters.list_rows()
    assert not services.others.noticed()


def test_a_foreign_write_before_one_of_our_own_is_not_lost(
    services: Services, other: Services
) -> None:
    assert not services.others.noticed()
    add_base(other, "one")
    add_base(services, "two")
    assert services.others.noticed()


@pytest.mark.parametrize("services", ["sqlite"], indirect=True)
def test_our_own_writes_are_not_noticed(services: Services) -> None:
    assert not services.others.noticed()
    add_base(services, "one")
    add_base(services, "two")
    services.history.undo()
    assert not services.others.noticed()


@pytest.mark.parametrize("services", ["sqlite"], indirect=True)
def test_it_goes_on_after_the_catalogue_was_opened_again(services: Services) -> None:
    assert not services.others.noticed()
    services.close()
    assert not services.others.noticed()


def test_a_studio_that_writes_is_noticed(tmp_path: Path) -> None:
    path = make_studio(tmp_path / "project")
    with open_services(path) as services:
        assert not services.others.noticed()
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("UPDATE adapters SET description = 'new'")
        connection.close()
        assert services.others.noticed()
        assert not services.others.noticed()
