"""Every test runs in a home of its own, off screen, and has to leave the place as it found it."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

# -- the environment: settled before anything of Qt or of ours is imported ---------------------

_HOME = Path(tempfile.mkdtemp(prefix="lorarium-tests-"))
_KEPT = {"LORARIUM_ZOO", "QT_QPA_PLATFORM"}
_FOREIGN = ("HF_", "HUGGING", "LORARIUM_", "QT_", "PG", "MLFLOW_", "CDSW_", "XDG_")
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}

for _name in list(os.environ):
    if (_name.startswith(_FOREIGN) and _name not in _KEPT) or _name.lower() in _PROXIES:
        del os.environ[_name]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["HOME"] = str(_HOME)
# No test may reach the keyring of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
for _name in ("DATA", "CONFIG", "CACHE", "STATE"):
    os.environ[f"XDG_{_name}_HOME"] = str(_HOME / _name.lower())
os.environ["XDG_RUNTIME_DIR"] = str(_HOME / "runtime")
(_HOME / "runtime").mkdir(mode=0o700)
if sys.platform.startswith("linux"):
    # Qt warns where the locale is not UTF-8; and no test may depend on where it runs.
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ.pop("LANGUAGE", None)

import pytest  # noqa: E402

from tests.house.leftovers import LogWatch, Snapshot, ownerless_timers  # noqa: E402
from tests.house.postgres import PostgresMissingError, PostgresServer  # noqa: E402

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

_FAILED = pytest.StashKey[bool]()


def pytest_unconfigure() -> None:
    shutil.rmtree(_HOME, ignore_errors=True)


# -- nothing is left behind --------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="module", autouse=True)
def no_timer_outlives_its_window() -> Iterator[None]:
    """Fails after the last test of a file if a timer still runs that no window owns."""
    yield
    if found := ownerless_timers():
        pytest.fail("Left behind:\n" + "\n".join(found), pytrace=False)


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[LogWatch]:
    """Fails a test that leaves threads, windows, running timers or unexpected log records."""
    # The collector must not free a Qt object on a worker's thread (models/garbage.py).
    gc.disable()
    # What one test set for the person, no other may find.
    (_HOME / "config" / "lorarium" / "settings.json").unlink(missing_ok=True)
    watch = LogWatch()
    logging.getLogger().addHandler(watch)
    before = Snapshot()
    yield watch
    found = before.complaints()
    logging.getLogger().removeHandler(watch)
    if gc.get_count()[0] > 50_000:
        gc.collect()
    # The frames of a test that failed still hold its windows: one failure is enough then.
    if request.node.stash.get(_FAILED, False):
        return
    if found := [*watch.complaints(), *found]:
        pytest.fail("Left behind:\n" + "\n".join(found), pytrace=False)


@pytest.fixture
def expected_log(nothing_left_behind: LogWatch) -> LogWatch:
    """Call it with regular expressions: log records that this test provokes on purpose.

    Each has to find at least one record of WARNING or above in "LEVEL logger: message".
    """
    return nothing_left_behind


# -- what tests need ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application, with numbers and dates as in British English whatever the system says."""
    from PySide6.QtCore import QLocale

    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    return qapp


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this run. Fails, with the command that installs it, without one."""
    try:
        server = PostgresServer()
    except PostgresMissingError as error:
        pytest.fail(str(error), pytrace=False)
    yield server
    server.close()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, empty PostgreSQL database of this test's own."""
    name = postgres_server.create_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)
