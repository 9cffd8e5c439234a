"""Caches of huggingface_hub, laid out by hand."""

from __future__ import annotations

import os
from pathlib import Path

from desktop.services.hub.records import CachedAdapter
from tests.hub_server.content import adapter_files

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
OLD, NEW = "a" * 40, "b" * 40
NEEDED = (CONFIG, WEIGHTS, "README.md", "tokenizer_config.json")


def put(
    hub: Path,
    name: str = "models--acme--lora",
    commit: str = NEW,
    files: dict[str, bytes] | None = None,
    *,
    below: str = "",
    refs: tuple[str, ...] = ("main",),
    used: float = 1_000_000.0,
) -> Path:
    """A snapshot as huggingface_hub lays it out: links to blobs. Returns its folder."""
    repo = hub / name
    snapshot = repo / "snapshots" / commit
    folder = snapshot / below
    blobs = repo / "blobs"
    for place in (folder, blobs):
        place.mkdir(parents=True, exist_ok=True)
    for file, data in (adapter_files() if files is None else files).items():
        blob = blobs / f"{commit[:8]}-{below.replace('/', '-')}-{file}"
        blob.write_bytes(data)
        os.utime(blob, (used, used))
        (folder / file).symlink_to(os.path.relpath(blob, folder))
    for ref in refs:
        (repo / "refs" / ref).parent.mkdir(parents=True, exist_ok=True)
        (repo / "refs" / ref).write_text(commit)
    os.utime(snapshot, (used, used))
    return snapshot


def names(found: list[CachedAdapter]) -> list[str]:
    return [adapter.repo_id for adapter in found]
