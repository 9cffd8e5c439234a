"""Names for found adapters that nobody has yet."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache

from desktop.services.peft_folder.reading import storable
from desktop.services.scan.grouping import title_of
from desktop.services.validation import NAME_LIMIT, clean_name, free_name


class Names:
    """Hands out free names, each once. taken: those that the library has."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def give(self, run: str, step: int | None) -> str:
        """A free name for an adapter: that of its run, with its step; where that is taken, with the
        folder around the run; else with a number."""
        ending = "" if step is None else f"-checkpoint-{step}"
        for start in _starts(run):
            name = f"{start[: NAME_LIMIT - len(ending)]}{ending}"
            if name not in self._taken:
                self._taken.add(name)
                return name
        return self.free(f"{_starts(run)[0][: NAME_LIMIT - len(ending)]}{ending}")

    def free(self, wanted: str) -> str:
        """`wanted`, or what comes next after it that nobody has. Taken from then on."""
        name = clean_name(wanted)[:NAME_LIMIT]
        if not name or name in self._taken:
            name = self._counted(name or "adapter")
        self._taken.add(name)
        return name

    def _counted(self, wanted: str) -> str:
        # As free_name, which would count from the start again for each of ten thousand twins.
        number = self._next.get(wanted)
        if number is None:
            first = free_name(wanted, self._taken)
            self._next[wanted] = 3 if first == f"{wanted[:240]}-2" else 0
            return first
        if number == 0:
            return free_name(wanted, self._taken)
        while f"{wanted[:240]}-{number}" in self._taken:
            number += 1
        self._next[wanted] = number + 1
        return f"{wanted[:240]}-{number}"


@lru_cache(maxsize=4096)
def _starts(run: str) -> tuple[str, ...]:
    """What the names of a run's adapters may begin with: its title, and that with the folder
    around the run."""
    title = title_of(run)
    around = os.path.basename(os.path.dirname(run.rstrip("/")))
    return tuple(map(_cleaned, (title, f"{around}-{title}") if around else (title,)))


def _cleaned(text: str) -> str:
    shown = storable(text)
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else "\ufffd" for c in shown)
    return clean_name(shown) or "adapter"
