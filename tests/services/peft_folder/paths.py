"""Where the adapters for the tests are, and small folders made to measure."""

from __future__ import annotations

import json
import os
import shutil
import struct
from pathlib import Path
from typing import Any

ADAPTERS = Path(__file__).parents[2] / "fixtures" / "adapters"


def zoos() -> list[Path]:
    """The committed adapters, and a larger collection where one is named."""
    named = os.environ.get("LORARIUM_ZOO")
    return [ADAPTERS, *([Path(named)] if named else [])]


def expectations() -> list[tuple[Path, dict[str, Any]]]:
    """(folder, what zoo.json says of it) of all adapters."""
    found = []
    for zoo in zoos():
        told = json.loads((zoo / "zoo.json").read_text("utf-8"))["adapters"]
        found += [(zoo / name, facts) for name, facts in sorted(told.items())]
    return found


def header_bytes(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    """A safetensors file: header as an object or as raw bytes, and its data."""
    raw = header if isinstance(header, bytes) else _json(header)
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def _json(header: object) -> bytes:
    return json.dumps(header, separators=(",", ":")).encode()  # as the real writers do


def tensors_file(
    shapes: dict[str, tuple[int, ...]], metadata: dict[str, str] | None = None
) -> bytes:
    """A sound safetensors file of zeros, one float32 tensor for each name and shape."""
    header: dict[str, Any] = {} if metadata is None else {"__metadata__": metadata}
    at = 0
    for name, shape in shapes.items():
        size = 4
        for side in shape:
            size *= side
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    return header_bytes(header, bytes(at))


def lora_shapes(
    rank: int = 8, layers: int = 2, modules: tuple[str, ...] = ("q_proj", "v_proj"), width: int = 32
) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a LoRA on the attention of a small Llama."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(layers):
        for module in modules:
            path = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            shapes[f"{path}.lora_A.weight"] = (rank, width)
            shapes[f"{path}.lora_B.weight"] = (width, rank)
    return shapes


LORA_CONFIG: dict[str, Any] = {
    "peft_type": "LORA",
    "task_type": "CAUSAL_LM",
    "base_model_name_or_path": "meta-llama/Llama-2-7b-hf",
    "r": 8,
    "lora_alpha": 16,
    "target_modules": ["v_proj", "q_proj"],
}


def make_adapter(
    folder: Path,
    config: dict[str, Any] | bytes | None = None,
    weights: dict[str, tuple[int, ...]] | bytes | None = None,
    **changes: Any,
) -> Path:
    """Write an adapter folder: a sound LoRA, but for config, weights or single settings given."""
    folder.mkdir(parents=True, exist_ok=True)
    if config is None:
        config = {**LORA_CONFIG, **changes}
    raw = config if isinstance(config, bytes) else json.dumps(config).encode()
    (folder / "adapter_config.json").write_bytes(raw)
    if weights is None:
        weights = lora_shapes()
    data = weights if isinstance(weights, bytes) else tensors_file(weights)
    (folder / "adapter_model.safetensors").write_bytes(data)
    return folder


def copy_adapter(name: str, target: Path) -> Path:
    """A copy of a committed adapter that a test may spoil."""
    shutil.copytree(ADAPTERS / name, target)
    return target
