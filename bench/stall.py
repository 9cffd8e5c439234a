"""The longest stall of the event loop while a scan runs, rows come in and somebody types.

Ours is the scan page as the window shows it, over child processes. The peer is the same page over
a worker thread that walks, reads and parses by itself and hands over what it found every 50 ms. A
precise timer of five milliseconds tells how long the loop was away; both fill the same table from
the same tree with an empty cache, and a key is typed into the filter every 120 ms.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from bench.report import Line, Samples
from bench.tree import Tree, make_tree
from desktop.bootstrap import Services, open_services
from desktop.models.garbage import GarbageKeeper
from desktop.models.library import Library
from desktop.models.task_runner import TaskRunner
from desktop.services.scan.grouping import run_of, title_of
from desktop.services.scan.look import FULL, look
from desktop.services.scan.records import Found, FoundState, ScanResult
from desktop.views.scan import ScanPage
from desktop.views.theme import apply_theme

TICK_MS, KEY_MS = 5, 120
TYPED = ("s", "sq", "sql", "sql-", "sql", "sq", "s", "")
_BATCH_SECONDS = 0.05


class _Watch(QObject):
    """Types, and keeps the longest time between two ticks beyond what was asked for."""

    def __init__(self, page: ScanPage) -> None:
        super().__init__()
        self._page = page
        self._keys = 0
        self._last = time.perf_counter()
        self.longest = 0.0
        self._tick = self._timer(TICK_MS, self._ticked)
        self._key = self._timer(KEY_MS, self._typed)

    def _timer(self, every: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(every)
        timer.timeout.connect(slot)
        timer.start()
        return timer

    def _ticked(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last - TICK_MS / 1000)
        self._last = now

    def _typed(self) -> None:
        self._page.head.filter.setText(TYPED[self._keys % len(TYPED)])
        self._keys += 1

    def stop(self) -> None:
        self._tick.stop()
        self._key.stop()


class _InThread:
    """A scan that does everything in the thread that asks for it."""

    def scan_stream(
        self, paths: Sequence[str], on_found: Callable[[Sequence[Found]], None], progress: Any
    ) -> ScanResult:
        found: list[Found] = []
        batch: list[Found] = []
        folders = 0
        last = time.perf_counter()
        for root in paths:
            for folder, _, names in os.walk(root):
                folders += 1
                if "adapter_config.json" in names:
                    batch.append(_looked_at(folder, names))
                if time.perf_counter() - last > _BATCH_SECONDS:
                    found += batch
                    on_found(batch)
                    batch = []
                    progress(folders, 0, "")
                    last = time.perf_counter()
        on_found(batch)
        return ScanResult(tuple(found + batch), folders=folders)


def _looked_at(folder: str, names: list[str]) -> Found:
    row = look(folder, names, zlib.crc32("/".join(sorted(names)).encode()), FULL)
    run, step = run_of(folder)
    return Found(
        folder, FoundState.NEW, "", row.peft_type, row.variant, row.task_type, row.rank,
        row.parameters, row.tensor_count, row.size_bytes, row.base_model_name, None, run,
        title_of(run), step, False, os.path.basename(folder), None, None, row.fingerprint,
        row.content_id, row.mtime, row.errors, row.warnings, row.notes, True, row.findings,
        row.inspection,
    )  # fmt: skip


class _Threaded:
    """The services, with the scan in the thread."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.scan = _InThread()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._services, name)


def measure_stall(rounds: int, adapters: int = 10_000, files: int = 100_000) -> list[Line]:
    """The lines for a scan of so many adapters into the page that shows them."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    apply_theme(app, "light")
    ours, theirs = Samples(), Samples()
    with tempfile.TemporaryDirectory(prefix="lorarium-bench-") as place:
        folder = Path(place)
        tree = make_tree(folder / "tree", adapters, files)
        os.environ["LORARIUM_CONFIG"] = str(folder / "config")
        for number in range(rounds + 1):
            for samples, threaded in ((ours, False), (theirs, True)):
                longest = _round(app, folder / f"{number}-{threaded}", tree, threaded)
                if number:  # the first round only fills the caches
                    samples.add(longest)
    what = f"longest stall, scanning {adapters:,}, inserting, typing"
    return [
        Line(what, ours.median, "worker thread", theirs.median, True, "20 ms, 2x"),
        Line("the same, worst round", ours.worst, "worker thread", theirs.worst, True, "40 ms"),
    ]


def _round(app: QApplication, home: Path, tree: Tree, threaded: bool) -> float:
    os.environ["LORARIUM_DATA"] = str(home)
    with open_services(home / "catalog.db") as services:
        runner = TaskRunner()
        keeper = GarbageKeeper(runner)
        given: Any = _Threaded(services) if threaded else services
        library = Library(given, runner)
        library.open()
        _until(app, lambda: library.is_ready)
        page = ScanPage(library)
        page.resize(1388, 830)
        page.show()
        gc.collect()  # what the round before left is no business of this one
        _for(app, 0.2)
        page.scan([str(tree.root)])
        watch = _Watch(page)
        _until(app, lambda: not page.session.is_scanning)
        watch.stop()
        if page.session.table.total() != len(tree.adapters):
            raise SystemExit(f"{page.session.table.total()} of {len(tree.adapters)} were found")
        page.close()
        page.deleteLater()
        runner.shutdown()
        keeper.stop()
        _for(app, 0.05)
    return watch.longest


def _until(app: QApplication, ready: Callable[[], bool]) -> None:
    # Waits in the loop: one that spins would take the interpreter away from the scan.
    waits = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    heart = QTimer()
    heart.start(TICK_MS)
    while not ready():
        app.processEvents(waits)
    heart.stop()


def _for(app: QApplication, seconds: float) -> None:
    until = time.perf_counter() + seconds
    _until(app, lambda: time.perf_counter() >= until)
