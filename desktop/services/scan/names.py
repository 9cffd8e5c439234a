"""Names for found adapters that nobody has yet."""

from __future__ import annotations

import os
from collections.abc import Iterable

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
        title = title_of(run)
        ending = "" if step is None else f"-checkpoint-{step}"
        around = os.path.basename(os.path.dirname(run.rstrip("/")))
        for start in (title, f"{around}-{title}") if around else (title,):
            name = _cleaned(start, ending)
            if name not in self._taken:
                self._taken.add(name)
                return name
        return self.free(_cleaned(title, ending))

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


def _cleaned(start: str, ending: str) -> str:
    shown = storable(start)
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else "\ufffd" for c in shown)
    return (clean_name(shown) or "adapter")[: NAME_LIMIT - len(ending)] + ending
