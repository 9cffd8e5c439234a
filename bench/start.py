"""From the command to the first painted row, against a window with nothing in it; and what memory
a large library takes.

Both processes leave at the end of that paint, so that neither counts how it shuts down. Both find
their modules compiled, as whoever installed them does.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import Line, Samples
from bench.synthetic import write_catalog

BARE = """
import os, sys
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        os._exit(0)
app = QApplication(sys.argv)
window = Window()
window.resize(1440, 900)
window.show()
app.exec()
"""

# Until the library is read whole, its folders are looked at, the words to look for are prepared,
# and it was filtered once.
OPEN = """
import os, resource, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from desktop.bootstrap import build_window, open_services
app = QApplication(sys.argv[:1])
window = build_window(open_services())
table = window.library.table
steps = iter(("llama", "", None))
def look():
    if window.is_settled() and not table.is_filtering():
        text = next(steps)
        if text is None:
            held = Path("/proc/self/statm")
            if held.exists():
                pages = int(held.read_text().split()[1]) * resource.getpagesize() // 1024
            else:
                pages = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            Path(os.environ["LORARIUM_CONFIG"], "held").write_text(str(pages))
            os._exit(0)
        table.set_filter(text)
timer = QTimer(interval=700)
timer.timeout.connect(look)
timer.start()
window.show()
app.exec()
"""

# A process counts as its own what its parent held when it began: so it is begun by a small one.
LAUNCH = """
import json, os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=sys.stderr)
_, status, usage = os.wait4(process.pid, 0)
seconds = time.perf_counter() - start
process.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps([process.returncode, seconds, usage.ru_maxrss]))
"""


def measure_start(count: int, rounds: int) -> list[Line]:
    """Time and memory to the first paint with a library of `count` adapters."""
    with _library(count) as environment:
        app, bare = [sys.executable, "-m", "desktop.main"], [sys.executable, "-c", BARE]
        times = {"app": Samples(), "bare": Samples()}
        memory = {"app": Samples(), "bare": Samples()}
        for number in range(rounds + 1):
            for name, command in (("bare", bare), ("app", app)):
                seconds, peak = _run(command, environment)
                if number:  # the first round only fills the caches
                    times[name].add(seconds)
                    memory[name].values.append(peak)
    return [
        Line(
            f"start to first paint, {count:,} adapters",
            times["app"].median,
            "bare window",
            times["bare"].median,
            goal="1.5x",
        ),
        Line(
            "peak memory at that moment, MiB",
            memory["app"].median,
            "bare window",
            memory["bare"].median,
            goal="1.5x",
        ),
    ]


def measure_memory(count: int, rounds: int) -> list[Line]:
    """Memory of a library of `count` adapters that was opened, read and filtered."""
    peaks = {"open": Samples(), "bare": Samples()}
    held = Samples()
    with _library(count) as environment:
        _as_left(Path(environment["LORARIUM_DATABASE"]))
        for _ in range(rounds):
            for name, words in (("bare", BARE), ("open", OPEN)):
                _, peak = _run([sys.executable, "-c", words], environment)
                peaks[name].values.append(peak)
            found = Path(environment["LORARIUM_CONFIG"], "held").read_text(encoding="ascii")
            held.values.append(int(found) / 1024)
    bare = peaks["bare"].median
    goal = f"{bare + 200:.0f} (200 above)"
    return [
        Line(f"memory with {count:,} rows open, MiB", held.median, "bare window", bare, goal=goal),
        Line("its peak on the way there, MiB", peaks["open"].median, "bare window", bare),
    ]


def _as_left(path: Path) -> None:
    """The rows as the program left them: their folders are not on this machine."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE lorarium_adapters SET state = 'missing'")
    connection.close()


@contextmanager
def _library(count: int) -> Iterator[dict[str, str]]:
    """The environment of a process that opens a library of so many adapters."""
    with tempfile.TemporaryDirectory(prefix="lorarium-bench-") as folder:
        path = Path(folder) / "catalog.db"
        write_catalog(path, count)
        environment = {
            **os.environ,
            "LORARIUM_EXIT_AFTER_PAINT": "1",
            "LORARIUM_CONFIG": folder,
            "LORARIUM_DATABASE": str(path),
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        yield environment


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """(seconds until the process has left, its peak of memory in MiB)."""
    launch = [sys.executable, "-S", "-c", LAUNCH, *command]
    done = subprocess.run(launch, check=False, env=environment, capture_output=True, text=True)
    code, seconds, peak = json.loads(done.stdout or "[-1, 0, 0]")
    if code:
        sys.exit(f"It did not start: {done.stderr[-2000:]}")
    return seconds, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
