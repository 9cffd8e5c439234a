"""Ways to look at what a scan found."""

from __future__ import annotations

import os
from pathlib import Path

from desktop.services.scan.records import Found, ScanResult


def by_path(result: ScanResult, root: Path) -> dict[str, Found]:
    """What was found, by its path below `root`."""
    return {os.path.relpath(one.path, root): one for one in result.found}


def states(result: ScanResult, root: Path) -> dict[str, str]:
    """The states, by path below `root`."""
    return {path: one.state.value for path, one in by_path(result, root).items()}
