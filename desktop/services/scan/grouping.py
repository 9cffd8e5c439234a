"""Which found adapters belong to one training, and what its last state is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache

from desktop.services.scan.records import FoundState

_STEP = re.compile(
    r"(?:checkpoint|ckpt|global_?step|step|epoch|iter(?:ation)?)[-_]?([0-9]{1,12})", re.I
)
_SNAPSHOT = re.compile(r"models--(?:[\w.-]+?--)?([\w.-]+)/snapshots/[^/]+")
_NOTHING_SAID = frozenset(
    {
        "adapter", "adapters", "adapter_model", "best", "best_model", "checkpoint", "checkpoints",
        "ckpt", "default", "final", "final_checkpoint", "final_model", "last", "latest", "lora",
        "model", "out", "output", "outputs", "peft", "result", "results", "save", "saved",
        "weights",
    }
)  # fmt: skip


def run_of(path: str) -> tuple[str, int | None]:
    """(the folder of the training that a folder belongs to, N of `checkpoint-N` or None).

    Checkpoints belong to the folder around them, as does an adapter that lies in that itself.
    """
    parent, _, name = path.rstrip("/").rpartition("/")
    match = _STEP.fullmatch(name)
    if match is None:
        return path, None
    return parent or "/", int(match.group(1))


@lru_cache(maxsize=4096)
def title_of(run: str) -> str:
    """How to call the training in this folder: by its name, by the repository's for a snapshot of
    the Hub's cache, and with the folder around it where its name says nothing."""
    snapshot = _SNAPSHOT.search(run)
    if snapshot is not None and run.endswith(snapshot.group()):
        return snapshot.group(1)
    parent, _, name = run.rstrip("/").rpartition("/")
    around = os.path.basename(parent)
    if around and (name.casefold() in _NOTHING_SAID or name.isdigit()):
        return f"{around}-{name}"
    return name or run


def newest_of(found: Iterable[tuple[str, int | None, FoundState]]) -> set[int]:
    """Which of these (run, step, state) are the last state of their run, by their position.

    That is the adapter in the run's own folder, which is saved at the end, else the checkpoint of
    the highest step. What PEFT can't load is passed over where the run has anything else.
    """
    best: dict[str, tuple[tuple[bool, bool, int], int]] = {}
    for at, (run, step, state) in enumerate(found):
        if state in (FoundState.GONE, FoundState.NOT_PEFT):
            continue
        rank = (state != FoundState.BROKEN, step is None, step or 0)
        held = best.get(run)
        if held is None or rank > held[0]:
            best[run] = (rank, at)
    return {at for _, at in best.values()}
