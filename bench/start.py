"""From the command to the first painted row, against a window with nothing in it.

Both processes leave at the end of that paint, so that neither counts how it shuts down.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
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


def measure_start(count: int, rounds: int) -> list[Line]:
    """Time and memory to the first paint with a library of `count` adapters."""
    with tempfile.TemporaryDirectory(prefix="lorarium-bench-") as folder:
        path = Path(folder) / "catalog.db"
        write_catalog(path, count)
        app = [sys.executable, "-m", "desktop.main", "--database", str(path)]
        bare = [sys.executable, "-c", BARE]
        environment = {
            **os.environ,
            "LORARIUM_EXIT_AFTER_PAINT": "1",
            "LORARIUM_CONFIG": folder,
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        }
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
            goal="1.4x",
        ),
        Line(
            "memory at that moment, MiB",
            memory["app"].median,
            "bare window",
            memory["bare"].median,
            goal="1.35x",
        ),
    ]


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """(seconds until the process has left, its peak of memory in MiB)."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        # wait4 knows the memory of this one child.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"It did not start: {said.read().decode(errors='replace')[-2000:]}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return seconds, usage.ru_maxrss / unit
