"""A tree of training runs to scan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import make_adapter, write_safetensors


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two runs with checkpoints, a lone adapter, a broken one, two folders that are no PEFT."""
    root = tmp_path / "disk"
    for step in (200, 400, 1000):
        make_adapter(root / "sql" / f"checkpoint-{step}")
    make_adapter(root / "triage")
    make_adapter(root / "triage" / "checkpoint-50", rank=4)
    make_adapter(root / "lone" / "adapter", base="Qwen/Qwen2.5-7B")
    (root / "broken").mkdir()
    (root / "broken" / "adapter_config.json").write_text("{", encoding="utf-8")
    full = root / "full"
    full.mkdir()
    (full / "config.json").write_text(json.dumps({"hidden_size": 8}), encoding="utf-8")
    write_safetensors(full / "model.safetensors", {"weight": (2, 2)})
    diffusers = root / "flux"
    diffusers.mkdir()
    write_safetensors(diffusers / "pytorch_lora_weights.safetensors", {"up": (2, 2)})
    (root / "data").mkdir()
    (root / "data" / "rows.csv").write_text("a,b\n", encoding="utf-8")
    return root
