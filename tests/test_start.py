"""Starting: what is imported before the first paint, the command line, and no display."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from bench.synthetic import write_catalog
from desktop.bootstrap import open_services
from desktop.services.catalog.first_screen import SMALL
from desktop.services.records import AddAdapterRequest, AddBaseModelRequest
from tests.support import LLAMA, make_adapter

HEAVY = {
    "sqlalchemy", "alembic", "huggingface_hub", "httpx2", "httpx", "google.protobuf", "keyring",
    "numpy", "pyqtgraph", "safetensors", "filelock", "yaml",
    "desktop.views.import_dialog", "desktop.views.details", "desktop.views.records",
    "desktop.views.folders", "desktop.views.scan.page", "desktop.views.preferences.dialog",
    "desktop.views.relink.dialog", "desktop.views.widgets.empty_state",
    "desktop.services.records", "desktop.services.hub.hub", "desktop.services.registry.registry",
    "desktop.services.web", "desktop.services.transfer", "desktop.services.scan.scan",
    "desktop.services.relink", "desktop.services.watched", "desktop.services.credentials",
    "PySide6.QtNetwork", "asyncio", "html.entities", "urllib.request",
}  # fmt: skip

FIRST_PAINT = """
import enum, json, os, sys
made, make = [], enum.EnumType._create_
def noted(cls, name, *args, **kwargs):
    made.append(str(name))
    return make(cls, name, *args, **kwargs)
enum.EnumType._create_ = noted
from PySide6.QtWidgets import QApplication
app = QApplication([])
from desktop.bootstrap import build_window, open_services
window = build_window(open_services(sys.argv[1]))
def painted():
    rows = window.library_page.table.model().rowCount()
    print(json.dumps({"rows": rows, "modules": sorted(sys.modules), "enums": made}), flush=True)
    os._exit(0)
window.library_page.table.painted.connect(painted)
window.show()
app.exec()
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library" / "catalog.db"
    with open_services(path) as s:
        base = s.base_models.add_base_model(
            AddBaseModelRequest(type="huggingface", huggingface_name=LLAMA)
        )
        folder = str(make_adapter(tmp_path / "run"))
        s.adapters.add_adapter(
            AddAdapterRequest(type="project", name="one", model_id=base.id, location=folder)
        )
    return path


def test_a_large_library_paints_its_first_screen_first(tmp_path: Path) -> None:
    path = tmp_path / "large.db"
    write_catalog(path, SMALL + 1)
    seen = json.loads(run("-c", FIRST_PAINT, str(path)).stdout)
    assert seen["rows"] == SMALL + 1
    assert "desktop.services.catalog.first_screen" in seen["modules"]
    assert sorted(HEAVY & set(seen["modules"])) == []


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, **environment}
    for name in [name for name, value in given.items() if not value]:
        del given[name]
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env=given, timeout=60
    )


def size_of(picture: Path) -> tuple[int, int]:
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    return int(width), int(height)


def test_the_first_paint_has_rows_and_nothing_heavy(library: Path) -> None:
    done = run("-c", FIRST_PAINT, str(library))
    seen = json.loads(done.stdout)
    assert seen["rows"] == 1
    assert sorted(HEAVY & set(seen["modules"])) == []


def test_the_first_paint_does_not_wake_every_class_of_widgets(library: Path) -> None:
    # That of QTabWidget, of which the first screen has none; see views/widgets/own_viewport.py.
    enums = json.loads(run("-c", FIRST_PAINT, str(library)).stdout)["enums"]
    assert "FocusPolicy" in enums
    assert "TabPosition" not in enums


def test_version_and_help() -> None:
    assert run("-m", "desktop.main", "--version").stdout.startswith("Lorarium ")
    told = run("-m", "desktop.main", "--help").stdout
    for option in ("--database", "--screenshot", "--version", "--demo"):
        assert option in told


def test_without_a_display_a_picture_of_the_library_is_drawn(library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "desktop.main", "--database", str(library)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
        env={
            **{
                k: v
                for k, v in os.environ.items()
                if k not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
            },
            "PYTHONPATH": str(Path(__file__).parent.parent),
        },
    )
    assert done.returncode == 0, done.stderr
    assert "There is no display here" in done.stdout
    picture = folder / "lorarium-window.png"
    assert str(picture) in done.stdout
    assert size_of(picture) == (1440, 900)


def test_a_display_that_is_not_there_is_none(library: Path, tmp_path: Path) -> None:
    picture = tmp_path / "p.png"
    words = ("-m", "desktop.main", "--database", str(library), "--screenshot", str(picture))
    done = run(*words, QT_QPA_PLATFORM="", DISPLAY=":4711", WAYLAND_DISPLAY="")
    assert done.returncode == 0, done.stderr
    assert size_of(picture) == (1440, 900)


def test_screenshot_of_the_sample_library(tmp_path: Path) -> None:
    picture = tmp_path / "deep" / "demo.png"
    done = run("-m", "desktop.main", "--demo", "--screenshot", str(picture))
    assert done.returncode == 0, done.stderr
    assert size_of(picture) == (1440, 900)


def test_what_can_not_be_opened_is_a_sentence(tmp_path: Path) -> None:
    done = run("-m", "desktop.main", "--database", "mysql://host/db")
    assert done.returncode == 2
    assert done.stderr.startswith("Lorarium keeps its catalogue in SQLite or PostgreSQL")
    assert "Traceback" not in done.stderr


STOPPED = """
import os, signal, sys
from PySide6.QtCore import QTimer
from desktop import bootstrap, main
# Whoever runs the tests in the background may have some of them ignored.
signal.signal(getattr(signal, sys.argv[1]), signal.SIG_DFL)
build = bootstrap.build_window
def built(services):
    window = build(services)
    QTimer.singleShot(0, lambda: os.kill(os.getpid(), getattr(signal, sys.argv[1])))
    return window
bootstrap.build_window = built
sys.exit(main.main(["--demo"]))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_program_that_is_stopped_closes_its_window_and_takes_the_sample_along(
    tmp_path: Path, name: str
) -> None:
    done = run("-c", STOPPED, name, TMPDIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert f"{tmp_path}/lorarium-sample-" in done.stdout
    assert "/runs/support-sft" in done.stdout
    assert not list(tmp_path.iterdir())
