"""A table of ratios, and the machine that they were measured on."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One result: what took how long, against what in the same run.

    ours, theirs: milliseconds (medians unless `what` says otherwise), theirs None = nothing to
    compare with; faster: whether the ratio says how much faster we are, or how much longer we
    take; goal: what the ratio or the figure should be, in words.
    """

    what: str
    ours: float
    against: str = ""
    theirs: float | None = None
    faster: bool = False
    goal: str = ""

    @property
    def ratio(self) -> str:
        if self.theirs is None:
            return ""
        one, other = (self.theirs, self.ours) if self.faster else (self.ours, self.theirs)
        ratio = one / other if other else float("inf")
        return f"{ratio:.0f}x" if ratio >= 20 else f"{ratio:.2f}x"


@dataclass
class Samples:
    """Milliseconds of several rounds."""

    values: list[float] = field(default_factory=list)

    def add(self, seconds: float) -> None:
        self.values.append(seconds * 1000)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def worst(self) -> float:
        return max(self.values)


def machine() -> str:
    """What it runs on, in one line."""
    import PySide6

    return ", ".join(
        (
            _processor(),
            f"{os.cpu_count()} cores",
            platform.system() + " " + platform.release(),
            f"Python {platform.python_version()}",
            f"PySide6 {PySide6.__version__}",
        )
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def table(lines: Sequence[Line]) -> str:
    """The lines as text in columns."""
    cells = [("", "ms", "against", "ms", "ratio", "goal")]
    for line in lines:
        theirs = "" if line.theirs is None else f"{line.theirs:,.1f}"
        cells.append((line.what, f"{line.ours:,.1f}", line.against, theirs, line.ratio, line.goal))
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    right = (1, 3, 4)
    return "\n".join(
        "  ".join(
            text.rjust(width) if at in right else text.ljust(width)
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )
