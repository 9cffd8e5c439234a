"""Things that a scan may have found, made up by chance or by hand."""

from __future__ import annotations

import random

from desktop.models.scan_rows import ScanRow, make_row
from desktop.services.scan.grouping import run_of, title_of
from desktop.services.scan.records import Found, FoundState

BASES = ("meta-llama/Llama-3.1-8B", "Qwen/Qwen2.5-7B", "mistralai/Mistral-7B-v0.3", None)


def found(path: str, state: FoundState = FoundState.NEW, **more: object) -> Found:
    """One folder as a scan tells it, grouped as a scan groups it."""
    run, step = run_of(path)
    values: dict[str, object] = {
        "peft_type": "LORA",
        "variant": "LoRA",
        "rank": 16,
        "size_bytes": 83_886_080,
        "base_model_name": BASES[0],
        "name": path.rpartition("/")[2],
        "fingerprint": "1",
        "full": True,
        **more,
    }
    return Found(path, state, run=run, run_title=title_of(run), step=step, **values)  # type: ignore[arg-type]


def random_row(chance: random.Random, number: int) -> ScanRow:
    """A row of one of thirty runs, of a run's own folder, or of a folder by itself."""
    run = f"/data/week-{chance.randrange(3)}/run-{chance.randrange(10)}"
    kind = chance.random()
    if kind < 0.6:
        path = f"{run}/checkpoint-{chance.randrange(1, 40) * 100}"
    elif kind < 0.75:
        path = run
    else:
        path = f"/data/single/thing-{number}"
    return make_row(
        found(
            path,
            chance.choice(list(FoundState)),
            variant=chance.choice(["LoRA", "DoRA", None]),
            rank=chance.choice([8, 16, 64, None]),
            size_bytes=chance.choice([None, 1_000, 5_000_000, 5_000_000, 80_000_000]),
            base_model_name=chance.choice(BASES),
            name=f"{chance.choice(['sql', 'Triage', 'legal', 'Ärzte'])}-{number}",
            errors=chance.choice([0, 0, 1]),
            warnings=chance.choice([0, 0, 2]),
            newest=chance.random() < 0.2,
            content_id=chance.choice(["", "a", f"c{number}"]),
        )
    )
