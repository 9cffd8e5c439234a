"""A scan of 10,000 adapter folders among 100,000 files, and their import.

Each side is measured with a warm page cache. Ours is the call that the window makes, child
processes and the cache file that it leaves included; the peers are whole processes.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import Line, Samples
from bench.tree import Tree, make_tree
from desktop.bootstrap import Services, open_services
from desktop.services.scan.records import Found

# The names from the tree; then the same bytes, every config and every header, from files that hold
# nothing else, for `cat` does not stop at the end of a header.
CAT = (
    r"find {root} \( -name adapter_config.json -o -name adapter_model.safetensors \) > /dev/null; "
    "find {bytes} -type f -print0 | xargs -0 cat > /dev/null"
)
PRINTF = "find {root} -printf '%T@ %s %p\\n' > /dev/null"

SAFE_OPEN = """
import json, os, sys
from safetensors import safe_open
for folder, _, names in os.walk(sys.argv[1]):
    if "adapter_config.json" in names:
        with open(folder + "/adapter_config.json") as file:
            json.load(file)
        with safe_open(folder + "/adapter_model.safetensors", "numpy") as weights:
            for key in weights.keys():
                tensor = weights.get_slice(key)
                tensor.get_shape(), tensor.get_dtype()
"""


def measure_scan(rounds: int, adapters: int = 10_000, files: int = 100_000) -> list[Line]:
    """The lines for the scan and the import of so many adapters."""
    with tempfile.TemporaryDirectory(prefix="lorarium-bench-") as place:
        folder = Path(place)
        alike = make_tree(folder / "alike", adapters, files, alike=True)
        apart = make_tree(folder / "apart", adapters, files)
        lines = _scans(alike, apart, folder, rounds)
        lines.append(_import(alike, folder, rounds))
        return lines


def _scans(alike: Tree, apart: Tree, folder: Path, rounds: int) -> list[Line]:
    root = str(alike.root)
    cats = {
        tree.root: CAT.format(root=tree.root, bytes=_only_bytes(tree, folder / f"bytes-{name}"))
        for name, tree in (("alike", alike), ("apart", apart))
    }
    sides: dict[str, Callable[[], float]] = {
        "cat": lambda: _shell(cats[alike.root]),
        "quick": lambda: _scan(folder, alike, full=False),
        "cat apart": lambda: _shell(cats[apart.root]),
        "full": lambda: _scan(folder, apart, full=True),
        "full alike": lambda: _scan(folder, alike, full=True),
        "safe_open apart": lambda: _run([sys.executable, "-c", SAFE_OPEN, str(apart.root)]),
        "safe_open": lambda: _run([sys.executable, "-c", SAFE_OPEN, root]),
        "printf": lambda: _shell(PRINTF.format(root=root)),
        "again": lambda: _scan(folder, alike, full=True, again=True),
    }
    times = {name: Samples() for name in sides}
    for number in range(rounds + 1):
        for name, side in sides.items():
            seconds = side()
            if number:  # the first round only fills the caches
                times[name].add(seconds)
    count = f"{len(alike.adapters):,} of {alike.files:,} files"

    def line(what: str, ours: str, against: str, theirs: str, goal: str, **more: bool) -> Line:
        one, other = times[ours].median, times[theirs].median
        return Line(what, one, against, other, goal=goal, **more)

    faster = "json + safe_open"
    return [
        line(f"scan, listed: {count}", "quick", "find + cat", "cat", "1.5x"),
        line("scan, every finding", "full alike", "find + cat", "cat", "4x"),
        line("the same", "full alike", faster, "safe_open", "3x", faster=True),
        line("scan, every finding, no header twice", "full", "find + cat", "cat apart", "4x"),
        line("the same", "full", faster, "safe_open apart", "3x", faster=True),
        line("scan again, unchanged", "again", "find -printf", "printf", "1.0x"),
    ]


def _only_bytes(tree: Tree, folder: Path) -> Path:
    """A folder with each config and each header of the tree as a file of its own."""
    folder.mkdir(exist_ok=True)
    for number, adapter in enumerate(tree.adapters):
        with open(f"{adapter}/adapter_model.safetensors", "rb") as file:
            length = file.read(8)
            header = length + file.read(int.from_bytes(length, "little"))
        (folder / f"{number}.json").write_bytes(Path(adapter, "adapter_config.json").read_bytes())
        (folder / f"{number}.header").write_bytes(header)
    return folder


def _shell(command: str) -> float:
    return _run(["sh", "-c", command])


def _run(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


@contextmanager
def _library(folder: Path) -> Iterator[Services]:
    """An empty library of its own, with the scan cache of the last one."""
    home = folder / "library"
    home.mkdir(exist_ok=True)
    for name in ("catalog.db", "catalog.db-wal", "catalog.db-shm"):
        (home / name).unlink(missing_ok=True)
    os.environ["LORARIUM_DATA"] = str(home)
    with open_services(home / "catalog.db") as services:
        yield services


def _scan(folder: Path, tree: Tree, *, full: bool, again: bool = False) -> float:
    with _library(folder) as services:
        cache = Path(services.location.data) / "scan.cache"
        if not again:
            cache.unlink(missing_ok=True)
        scan = services.scan
        start = time.perf_counter()
        result = scan.scan([tree.root], full=full)
        seconds = time.perf_counter() - start
    if len(result.found) != len(tree.adapters) or result.skipped:
        raise SystemExit(f"The scan found {len(result.found)} of {len(tree.adapters)} adapters")
    return seconds


# -- import ------------------------------------------------------------------------------------


def _import(tree: Tree, folder: Path, rounds: int) -> Line:
    ours, theirs = Samples(), Samples()
    with _library(folder) as services:
        found = services.scan.scan([tree.root]).found
    for number in range(rounds + 1):
        seconds, rows = _imported(folder, found)
        peer = _raw(folder, rows)
        if number:
            ours.add(seconds)
            theirs.add(peer)
    return Line(
        f"import of {len(found):,}, one transaction, one undo",
        ours.median,
        "sqlite3 executemany",
        theirs.median,
        goal="4x",
    )


_Rows = dict[str, tuple[list[str], list[tuple[object, ...]]]]


def _imported(folder: Path, found: tuple[Found, ...]) -> tuple[float, _Rows]:
    """(seconds, the rows of all tables that it wrote)."""
    with _library(folder) as services:
        scan = services.scan
        start = time.perf_counter()
        done = scan.import_found(found)
        seconds = time.perf_counter() - start
        if len(done.records) != len(found):
            raise SystemExit(f"{len(done.refused)} adapters did not come in")
    rows: _Rows = {}
    connection = sqlite3.connect(folder / "library" / "catalog.db")
    for table in ("models", "adapters", "lorarium_adapters", "lorarium_history"):
        cursor = connection.execute(f"SELECT * FROM {table}")
        rows[table] = ([column[0] for column in cursor.description], cursor.fetchall())
    connection.close()
    return seconds, rows


def _raw(folder: Path, rows: _Rows) -> float:
    """The same rows into an empty catalogue with sqlite3 alone, same tables, same pragmas."""
    home = folder / "raw"
    shutil.rmtree(home, ignore_errors=True)
    with open_services(home / "catalog.db"):
        pass
    connection = sqlite3.connect(home / "catalog.db", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for table, (columns, values) in rows.items():
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{name}"' for name in columns)
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
    connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    connection.close()
    return seconds
