"""One mirror of the Hub for all tests that talk to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.house.programs import ProgramMissingError
from tests.olah.mirror import Mirror


@pytest.fixture(scope="session")
def mirror() -> Iterator[Mirror]:
    """An olah server for this run. Fails, with the command that installs it, without it."""
    try:
        server = Mirror()
    except ProgramMissingError as error:
        pytest.fail(str(error), pytrace=False)
    yield server
    server.close()
