"""The imports of one scan, so that what was ticked is ticked again where one is undone. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass
class _Step:
    ids: tuple[str, ...]
    paths: tuple[str, ...]
    there: bool = False  # whether the library has shown any of it since it came in, or came back


class ImportSteps:
    """wanted: folders to tick again as soon as they can be imported."""

    def __init__(self) -> None:
        self._steps: list[_Step] = []
        self.wanted: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._steps)

    def clear(self) -> None:
        """Another scan begins."""
        self._steps.clear()
        self.wanted.clear()

    def add(self, ids: Iterable[str], paths: Iterable[str], holds: Callable[[str], bool]) -> None:
        """An import brought these adapters in. paths: all folders that were ticked for it; holds:
        says whether the window's library shows an adapter, which it may do now or soon."""
        step = _Step(tuple(ids), tuple(paths))
        if step.ids:
            step.there = any(map(holds, step.ids))
            self._steps.append(step)

    def look(self, holds: Callable[[str], bool]) -> bool:
        """Whether any import is out of the library altogether since the last look."""
        gone = False
        for step in self._steps:
            there = any(map(holds, step.ids))
            if step.there and not there:
                gone = True
                self.wanted.update(step.paths)
            step.there = there
        return gone

    def to_choose(self, paths: Iterable[str]) -> list[str]:
        """Those among these folders that are to be ticked again; each is told once."""
        found = [path for path in paths if path in self.wanted]
        self.wanted.difference_update(found)
        return found
